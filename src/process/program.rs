//! Finds a program in `PATH`. Runs nothing.

#![allow(clippy::disallowed_methods, reason = "I/O boundary: reads PATH")]

use std::env;
use std::path::{Path, PathBuf};

/// The path of a program. Only absolute entries of `PATH` count: an entry such as `.` would run a program of the folder that is
/// analysed.
#[must_use]
pub fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&file))
        .find(|path| is_program(path))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}
