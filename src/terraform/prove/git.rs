//! Whether files of an edit have changes that are not committed: an edit on top of them is harder to tell from them.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::terraform::changeset::ChangeSet;

/// Those of the files that differ from the last commit. Empty where there is no git or no repository.
pub(in crate::terraform) fn uncommitted(changes: &ChangeSet) -> Vec<PathBuf> {
    let known = changes.files.iter().filter(|file| file.before.is_some());
    known.filter(|file| differs(changes, &file.path)).map(|file| file.path.clone()).collect()
}

fn differs(changes: &ChangeSet, path: &std::path::Path) -> bool {
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
