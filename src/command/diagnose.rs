//! `egress-doctor diagnose`: which destinations are not reachable, from which subnets, and why.
//!
//! Exit codes: 0 all destinations are reachable; 1 at least one is blocked or intermittent; 3 none is
//! blocked or intermittent, but at least one is unknown; 2 error, or no destination of the application is known.

use std::path::Path;

use color_eyre::eyre::{Result, WrapErr as _, bail};

use super::emit::{emit, note};
use super::exit::Exit;
use super::{source, workload};
use crate::case::Case;
use crate::cli::{DiagnosisOptions, Format};
use crate::diagnose::{Diagnosis, FindingVerdict};
use crate::files::{is_stdout, write_output};
use crate::remedy::NoFixReason;
use crate::report::{self, IncidentProgress};

/// Prints the diagnosis in the requested format.
pub(super) fn run(
    options: &DiagnosisOptions,
    report: Option<&Path>,
    history: bool,
    format: Format,
) -> Result<Exit> {
    if let Some(path) = report.filter(|path| path.extension().is_some_and(|ending| ending == "svg")) {
        bail!(
            "{} is the name of the path map: --report writes Markdown, for example report.md",
            path.display()
        );
    }
    let mut case = workload::open(options)?;
    if history && !case.diagnosis.causes.is_empty() {
        let components = case.changed_components(&case.diagnosis.causes);
        let read = source::history(&options.live, &components)?;
        case = case.with_history(&read.history, &read.gaps);
    }
    let is_printed = report.is_some_and(is_stdout);
    if let Some(path) = report.filter(|_| !is_printed) {
        save_report(&case, path)?;
    }
    let nothing = case.nothing_to_do().filter(|nothing| nothing.reason == NoFixReason::NothingAsked);
    if let Some(nothing) = &nothing
        && case.diagnosis.findings.is_empty()
        && format == Format::Text
    {
        return Err(workload::nothing_asked(&case, nothing));
    }
    emit(&match format {
        _ if is_printed => report::incident(&case, &IncidentProgress::default(), None).markdown,
        Format::Text => report::diagnosis_text(&case),
        Format::Json => report::json_text(&report::diagnosis_json(&case)),
        Format::Markdown => report::diagnosis_markdown(&case),
    })?;
    match nothing {
        Some(nothing) => Err(workload::nothing_asked(&case, &nothing)),
        None => Ok(exit(&case.diagnosis)),
    }
}

/// Writes the incident report and, beside it, the path map. A pipe or a device gets the report without the map.
fn save_report(case: &Case, path: &Path) -> Result<()> {
    let save = |path: &Path, text: &str| {
        write_output(path, text.as_bytes()).wrap_err_with(|| format!("cannot write {}", path.display()))
    };
    if path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        save(path, &report::incident(case, &IncidentProgress::default(), None).markdown)?;
        note(&format!("wrote {} without the path map: it is not a regular file", path.display()));
        return Ok(());
    }
    let map = path.with_extension("svg");
    let name = map.file_name().map(|name| name.to_string_lossy().into_owned());
    let incident = report::incident(case, &IncidentProgress::default(), name.as_deref());
    save(path, &incident.markdown)?;
    save(&map, &incident.svg)?;
    note(&format!("wrote {} and {}", path.display(), map.display()));
    Ok(())
}

/// A blocked or intermittent destination takes precedence over an unknown destination.
fn exit(diagnosis: &Diagnosis) -> Exit {
    if diagnosis.count(FindingVerdict::Blocked) + diagnosis.count(FindingVerdict::Intermittent) > 0 {
        Exit::Blocked
    } else if diagnosis.count(FindingVerdict::Unknown) > 0 {
        Exit::Unknown
    } else {
        Exit::Done
    }
}
