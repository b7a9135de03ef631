//! The files of AWS settings on this machine: their paths, and whether they can be read without waiting.
//!
//! The AWS SDK opens these files itself, and it would wait for the writer of a named pipe. Must not keep what the files contain.

#![allow(clippy::disallowed_methods, reason = "I/O boundary: reads the variables that name the files")]

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

#[cfg(any(feature = "live", test))]
use crate::discover::error::DiscoverError;
#[cfg(any(feature = "live", test))]
use crate::files::{ReadError, read_regular};

/// The greatest file that is read, in bytes.
pub const AWS_FILE_LIMIT: u64 = 8 * 1024 * 1024;

/// A file of AWS settings.
pub struct AwsFile {
    /// Its path.
    pub path: PathBuf,
    /// Whether it is the config file. The other one with profiles is the credentials file.
    pub is_config: bool,
    /// The variable that names it; `None` for the default path.
    pub variable: Option<&'static str>,
}

/// The config file and the credentials file of the profiles. They need not exist.
#[must_use]
pub fn aws_files() -> Vec<AwsFile> {
    files_with(&|name| env::var_os(name), etcetera::home_dir().ok().as_deref())
}

fn files_with(variable: &dyn Fn(&str) -> Option<OsString>, home: Option<&Path>) -> Vec<AwsFile> {
    let of = |name: &'static str, default: &str, is_config: bool| {
        let path = variable(name).filter(|path| !path.is_empty()).map(PathBuf::from);
        let named = path.map(|path| AwsFile { path, is_config, variable: Some(name) });
        let default = || Some(AwsFile { path: home?.join(".aws").join(default), is_config, variable: None });
        named.or_else(default)
    };
    [of("AWS_CONFIG_FILE", "config", true), of("AWS_SHARED_CREDENTIALS_FILE", "credentials", false)]
        .into_iter()
        .flatten()
        .collect()
}

/// Checks, before the AWS SDK opens them, that the files are regular files or do not exist. `/dev/null` is an empty file.
///
/// # Errors
/// A file is a named pipe, a device, a folder, or larger than the limit. The message names it.
#[cfg(any(feature = "live", test))]
pub(super) fn ensure_regular(files: &[AwsFile]) -> Result<(), DiscoverError> {
    for file in files.iter().filter(|file| file.path != Path::new("/dev/null")) {
        match read_regular(&file.path, AWS_FILE_LIMIT) {
            // The SDK has its own message for a file that it cannot open.
            Ok(_) | Err(ReadError::Io(_)) => {}
            Err(reason) => {
                let next_step = match file.variable {
                    Some(name) => format!("set {name} to a regular file, or unset it"),
                    None => "replace it by a regular file".to_owned(),
                };
                let (path, reason) = (file.path.clone(), reason.to_string());
                return Err(DiscoverError::SettingsFile { path, reason, next_step });
            }
        }
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use super::*;
    use std::fs;

    #[test]
    fn a_named_pipe_or_a_device_as_an_aws_file_is_an_error_that_names_it() {
        let home = tempfile::tempdir().unwrap();
        let aws = home.path().join(".aws");
        fs::create_dir(&aws).unwrap();
        fs::write(aws.join("config"), "[default]\n").unwrap();
        let pipe = aws.join("credentials");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let check = |variables: &[(&str, &str)]| {
            let variable = |name: &str| {
                let found = variables.iter().find(|(own, _)| *own == name);
                found.map(|(_, value)| OsString::from(value))
            };
            ensure_regular(&files_with(&variable, Some(home.path()))).map_err(|error| error.to_string())
        };
        let shown = pipe.display();
        assert_eq!(
            check(&[]).unwrap_err(),
            format!(
                "cannot use the AWS settings in {shown}: it is a named pipe, not a regular file; replace it by a regular file"
            )
        );
        assert_eq!(
            check(&[("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"), ("AWS_CONFIG_FILE", "/dev/zero")])
                .unwrap_err(),
            "cannot use the AWS settings in /dev/zero: it is a device, not a regular file; set AWS_CONFIG_FILE to a regular file, \
             or unset it"
        );
        for credentials in ["/dev/null", "/nonexistent"] {
            assert_eq!(
                check(&[("AWS_SHARED_CREDENTIALS_FILE", credentials), ("AWS_CONFIG_FILE", "")]),
                Ok(())
            );
        }
    }
}
