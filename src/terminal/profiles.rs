//! The names of the AWS profiles, from the config files of AWS. Nothing else of these files is kept.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>

#![allow(clippy::disallowed_methods, reason = "I/O boundary: reads the variables that name the files")]

use std::env;
use std::path::PathBuf;

use crate::files::read_regular_text;

/// The greatest file that is read, in bytes.
const LIMIT: u64 = 8 * 1024 * 1024;

/// Reads the names, in alphabetical order, `default` first.
///
/// # Errors
/// A file exists but cannot be read. The reason names the file.
pub(super) fn read_profiles() -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for (variable, name, is_config) in
        [("AWS_CONFIG_FILE", "config", true), ("AWS_SHARED_CREDENTIALS_FILE", "credentials", false)]
    {
        let path = env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
        let Some(path) = path.or_else(|| Some(etcetera::home_dir().ok()?.join(".aws").join(name))) else {
            continue;
        };
        match read_regular_text(&path, LIMIT) {
            Ok(text) => names.extend(profile_names(&text, is_config)),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
        }
    }
    names.sort_by_key(|name| (name != "default", name.clone()));
    names.dedup();
    Ok(names)
}

/// The names of the sections that are profiles. In the config file, all but `default` start with `profile`.
fn profile_names(text: &str, is_config: bool) -> Vec<String> {
    let sections = text.lines().filter_map(|line| {
        let line = line.trim_start();
        let (section, _) = line.strip_prefix('[')?.split_once(']')?;
        let section = section.trim();
        match section.split_once(char::is_whitespace) {
            Some(("profile", name)) if is_config => Some(name.trim()),
            None if !is_config || section == "default" => Some(section),
            Some(_) if !is_config => Some(section),
            _ => None,
        }
    });
    sections
        .map(|name| name.trim_matches('"').trim_matches('\'').to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_of_profiles_are_read() {
        let config = "[default]\nregion = us-east-1\n[profile prod]\nsso_session = corp\n  [profile \"with space\"]\n\
                      [sso-session corp]\n[services local]\n# [profile commented]\n[profile  broken\n";
        assert_eq!(profile_names(config, true), ["default", "prod", "with space"]);
        let credentials = "[default]\naws_access_key_id = AKIAEXAMPLE\n[ci]\naws_secret_access_key = x\n";
        assert_eq!(profile_names(credentials, false), ["default", "ci"]);
    }
}
