//! Finds files with uncommitted changes, because git cannot separate those changes from the edit afterwards.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::terraform::changeset::ChangeSet;

/// The files of the edit that differ from the last commit. Empty without git or outside a repository.
pub(in crate::terraform) fn uncommitted(changes: &ChangeSet) -> Vec<PathBuf> {
    let existing = changes.files.iter().filter(|file| file.before.is_some());
    existing.filter(|file| differs(changes, &file.path)).map(|file| file.path.clone()).collect()
}

fn differs(changes: &ChangeSet, path: &Path) -> bool {
    let mut command = Command::new("git");
    command.args([
        "-c",
        "core.fsmonitor=false",
        "status",
        "--porcelain=v2",
        "-z",
        "--untracked-files=all",
        "--",
    ]);
    command.arg(path).current_dir(&changes.root).env("GIT_OPTIONAL_LOCKS", "0");
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output();
    output.is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
}
