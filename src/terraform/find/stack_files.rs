//! YAML files of the repository that give the variables of one environment their values, as those of Atmos or of a pipeline.

use std::path::Path;

use crate::files::read_regular_text;
use crate::terraform::read::callers::{ENTRIES, walk};
use crate::terraform::read::config::Config;
use crate::terraform::read::file::CODE_LIMIT;

/// Limit of the places that are named.
const PLACES: usize = 4;

/// Where the environment of a service gets a value, `stacks/prod.yaml:8: nat_enabled: false`: in the files that give the variable of the
/// environment a part of the service's name. Without that value, the line of this part.
pub(super) fn places_of_environment(
    config: &Config,
    (environment, name): (&str, &str),
    service: &str,
) -> Vec<String> {
    let top = config.boundary.top();
    let files = walk(top).take(ENTRIES).filter_map(Result::ok).filter(|entry| {
        let is_yaml = entry.path().extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
        is_yaml && entry.path().is_file()
    });
    let place = |path: &Path| {
        let text = read_regular_text(path, CODE_LIMIT).ok()?;
        let (line, own) = value_of(&text, environment)?;
        service.split(['-', '_', '.']).any(|part| part == own).then_some(())?;
        let (line, what) = match value_of(&text, name) {
            Some((line, now)) => (line, format!("{name}: {now}")),
            None => (line, format!("{environment}: {own}")),
        };
        Some(format!("{}:{line}: {what}", path.strip_prefix(top).unwrap_or(path).display()))
    };
    let mut found: Vec<String> = files.filter_map(|entry| place(entry.path())).take(PLACES).collect();
    found.sort();
    found
}

/// The line and the value of the first key with a name.
fn value_of<'t>(text: &'t str, name: &str) -> Option<(usize, &'t str)> {
    text.lines().enumerate().find_map(|(at, line)| {
        let (key, value) = line.trim().split_once(':')?;
        let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        (key.trim_matches(['"', '\'']) == name && !value.is_empty()).then_some((at + 1, value))
    })
}
