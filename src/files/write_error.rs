//! The causes of failed writes in words, each with the next step.

use std::io;

/// A write error of the operating system as a sentence part: the cause and the next step. Any other error stays as it is. The kind
/// of the error does not change.
#[must_use]
pub fn explained(error: io::Error) -> io::Error {
    match text(&error) {
        Some(text) => io::Error::new(error.kind(), text),
        None => error,
    }
}

/// The same as text.
#[must_use]
pub fn cause(error: &io::Error) -> String {
    text(error).map_or_else(|| error.to_string(), str::to_owned)
}

#[cfg(unix)]
fn text(error: &io::Error) -> Option<&'static str> {
    use rustix::io::Errno;
    // An error that has its text already has no number of the operating system.
    match Errno::from_raw_os_error(error.raw_os_error()?) {
        Errno::NOSPC => Some("the disk is full; free space on it and try again"),
        Errno::DQUOT => Some("your disk quota is used up; delete files or get a larger quota, and try again"),
        Errno::ROFS => Some(
            "its file system is read-only; use a path on another file system, or mount this one with write access",
        ),
        Errno::ACCESS | Errno::PERM => Some(
            "access is not permitted; change the permissions of the file or of its folder, or use another path",
        ),
        Errno::IO => {
            Some("the disk reports an input/output error; check the disk, or use a path on another disk")
        }
        _ => None,
    }
}

#[cfg(not(unix))]
fn text(error: &io::Error) -> Option<&'static str> {
    error.raw_os_error()?;
    match error.kind() {
        io::ErrorKind::StorageFull => Some("the disk is full; free space on it and try again"),
        io::ErrorKind::PermissionDenied => Some(
            "access is not permitted; change the permissions of the file or of its folder, or use another path",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_its_text_once_and_keeps_its_kind() {
        let error = explained(explained(io::Error::from_raw_os_error(28)));
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(error.to_string(), "the disk is full; free space on it and try again");
        let other = explained(io::Error::from(io::ErrorKind::NotFound));
        assert_eq!(other.to_string(), io::Error::from(io::ErrorKind::NotFound).to_string());
    }
}
