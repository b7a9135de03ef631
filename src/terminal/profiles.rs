//! The names of the AWS profiles, from the config files of AWS. Nothing else of these files is kept.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>

use crate::discover::{AWS_FILE_LIMIT, AwsFile, aws_files};
use crate::files::read_regular_text;

/// Reads the names, in alphabetical order, `default` first.
///
/// # Errors
/// A file exists but cannot be read. The reason names the file.
pub(super) fn read_profiles() -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for AwsFile { path, is_config, .. } in aws_files() {
        match read_regular_text(&path, AWS_FILE_LIMIT) {
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
