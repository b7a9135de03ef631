//! The report of the screen as files in the current directory: Markdown, and the path map as SVG beside it.
//!
//! Owns their names and creates them. Does not decide what a report contains, and never replaces a file.

use std::io::{self, ErrorKind, Write as _};
use std::path::PathBuf;

use crate::case::Case;
use crate::files::{cause, create_private_file};
use crate::report::{Incident, IncidentProgress, incident};

/// Saves the report of a case, and returns its path.
pub(super) fn save_report(name: &str, case: &Case, progress: &IncidentProgress) -> Result<PathBuf, String> {
    let path = export(name, |svg| incident(case, progress, Some(svg)));
    path.map_err(|error| format!("cannot save {name}: {}", cause(&error)))
}

/// Saves a report in the current directory, and its SVG file beside it, in files that only their owner can read. If one of them exists, adds a
/// number to the names, from 2 to 99. `report` makes the report for the name of the SVG file.
fn export(name: &str, report: impl Fn(&str) -> Incident) -> io::Result<PathBuf> {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "md"));
    for number in 1..100 {
        let stem = if number == 1 { stem.to_owned() } else { format!("{stem}-{number}") };
        let (path, svg) = (PathBuf::from(format!("{stem}.{ending}")), PathBuf::from(format!("{stem}.svg")));
        if svg.exists() {
            continue;
        }
        match create_private_file(&path) {
            Ok(mut file) => {
                let svg_name =
                    svg.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let Incident { markdown, svg: picture } = report(&svg_name);
                file.write_all(markdown.as_bytes())?;
                create_private_file(&svg)?.write_all(picture.as_bytes())?;
                return Ok(path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(ErrorKind::AlreadyExists, "99 reports with this name exist"))
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_report_is_saved_in_a_private_file_with_a_new_name() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("report.md").display().to_string();
        let report = |text: &'static str| {
            move |svg: &str| Incident { markdown: format!("{text} {svg}"), svg: text.to_owned() }
        };
        let paths = [export(&name, report("one")).unwrap(), export(&name, report("two")).unwrap()];
        let expected = [("report.md", "one report.svg"), ("report-2.md", "two report-2.svg")];
        for (path, (file, text)) in paths.iter().zip(expected) {
            assert!(path.with_extension("svg").is_file());
            assert_eq!(path, &folder.path().join(file));
            assert_eq!(std::fs::read_to_string(path).unwrap(), text);
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
