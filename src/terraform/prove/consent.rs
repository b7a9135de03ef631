//! The user's answer to the question which checks may run in a folder. `validate` and `plan` execute code of the folder, so the
//! interactive application asks once per folder. The answer is in a private file of the state folder.
//!
//! Stores and reads answers. Decides nothing and runs no check.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files::{ReadError, create_private_dir, explained, is_private_dir, read_regular, replace_file};
use crate::terraform::prove::level::CheckLevel;
use crate::terraform::read::file::Digest;

/// The largest answer that is read, in bytes.
const LIMIT: u64 = 64 * 1024;

/// Why an answer cannot be read or stored.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    /// Another user can change the answers.
    #[error(
        "{} is not used, because it is not a folder that only you can change: delete it, and egress-doctor creates it again",
        .0.display()
    )]
    NotPrivate(PathBuf),
    /// The file cannot be read.
    #[error("cannot read which checks may run in this folder from {}: {source}; delete the file to answer again", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ReadError,
    },
    /// The file is not an answer for this folder.
    #[error("{} does not contain which checks may run in this folder; delete the file to answer again", .0.display())]
    Malformed(PathBuf),
    /// The file cannot be written.
    #[error("cannot store which checks may run in this folder in {}: {source}", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The file of one answer.
#[derive(Serialize, Deserialize)]
struct Answer {
    /// The canonical path of the root module.
    root: PathBuf,
    /// The highest check that may run.
    check: CheckLevel,
}

/// The highest check that the user allowed in a folder; `None` without an answer. The root is a canonical path.
///
/// # Errors
/// The answer cannot be read, or another user can change it.
pub fn read_consent(state: &Path, root: &Path) -> Result<Option<CheckLevel>, ConsentError> {
    let path = file(state, root);
    match folder(state).symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        _ => ensure_private(state)?,
    }
    let bytes = match read_regular(&path, LIMIT) {
        Ok(bytes) => bytes,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(source) => return Err(ConsentError::Unreadable { path, source }),
    };
    match serde_json::from_slice::<Answer>(&bytes) {
        Ok(answer) if answer.root == root => Ok(Some(answer.check)),
        _ => Err(ConsentError::Malformed(path)),
    }
}

/// Stores the highest check that the user allowed in a folder. The root is a canonical path.
///
/// # Errors
/// The answer cannot be written, or another user can change the folder of the answers.
pub fn save_consent(state: &Path, root: &Path, check: CheckLevel) -> Result<(), ConsentError> {
    let path = file(state, root);
    let unwritable = |error| ConsentError::Unwritable { path: path.clone(), source: explained(error) };
    create_private_dir(&folder(state)).map_err(unwritable)?;
    ensure_private(state)?;
    let answer = Answer { root: root.to_owned(), check };
    let bytes = serde_json::to_vec_pretty(&answer).map_err(|error| unwritable(io::Error::other(error)))?;
    replace_file(&path, &bytes, None).map_err(unwritable)
}

fn ensure_private(state: &Path) -> Result<(), ConsentError> {
    let folder = folder(state);
    if is_private_dir(&folder) { Ok(()) } else { Err(ConsentError::NotPrivate(folder)) }
}

fn folder(state: &Path) -> PathBuf {
    state.join("checks")
}

fn file(state: &Path, root: &Path) -> PathBuf {
    let key = Digest::of(root.as_os_str().as_encoded_bytes());
    folder(state).join(format!("{}.json", key.as_str()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use super::*;
    use std::fs;

    #[test]
    fn an_answer_is_stored_for_one_folder_and_can_be_changed() {
        let home = tempfile::tempdir().unwrap();
        let (state, root) = (home.path().join("state/egress-doctor"), Path::new("/infra"));
        assert_eq!(read_consent(&state, root).unwrap(), None);
        assert!(!state.exists(), "reading creates nothing");
        for answer in [CheckLevel::Plan, CheckLevel::None] {
            save_consent(&state, root, answer).unwrap();
            assert_eq!(read_consent(&state, root).unwrap(), Some(answer));
        }
        assert_eq!(read_consent(&state, Path::new("/infra/other")).unwrap(), None);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_and_change_an_answer() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let (state, root) = (home.path().join("state"), Path::new("/infra"));
        save_consent(&state, root, CheckLevel::Plan).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!([mode(&state), mode(&folder(&state)), mode(&file(&state, root))], [0o700, 0o700, 0o600]);

        fs::set_permissions(folder(&state), fs::Permissions::from_mode(0o777)).unwrap();
        let is_not_private = |error| matches!(error, ConsentError::NotPrivate(_));
        assert!(read_consent(&state, root).is_err_and(is_not_private), "another user may have written it");
        assert!(save_consent(&state, root, CheckLevel::Plan).is_err_and(is_not_private));
    }

    #[test]
    fn an_answer_for_another_folder_or_a_broken_file_is_an_error_that_names_the_file() {
        let home = tempfile::tempdir().unwrap();
        let (state, root) = (home.path(), Path::new("/infra"));
        save_consent(state, Path::new("/other"), CheckLevel::Plan).unwrap();
        for bytes in [fs::read(file(state, Path::new("/other"))).unwrap(), b"{\"check\": \"pl".to_vec()] {
            fs::write(file(state, root), bytes).unwrap();
            let error = read_consent(state, root).unwrap_err().to_string();
            assert_eq!(
                error,
                format!(
                    "{} does not contain which checks may run in this folder; delete the file to answer again",
                    file(state, root).display()
                )
            );
        }
    }
}
