//! Finds files with uncommitted changes, because git cannot separate those changes from the edit afterwards.
//!
//! A repository may define programs that git runs: filters, hooks, a file system monitor, a pager, an external diff, a transport.
//! This file runs none of them. It reads the committed bytes and compares them itself, because `git status` runs filters.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::files;
use crate::process::{Batch, Limits, Output, program};
use crate::terraform::changeset::{ChangeSet, FileChange};
use crate::terraform::read::file::joined;

const LIMITS: Limits = Limits {
    time: Duration::from_secs(10),
    #[allow(clippy::cast_possible_truncation, reason = "the limit of a file is below 4 GiB")]
    stdout: files::LIMIT as usize,
    stderr: 64 * 1024,
};

/// Settings that override those of the repository.
const SETTINGS: &[&str] = &[
    "safe.bareRepository=explicit",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.pager=cat",
    "diff.external=",
    "credential.helper=",
    "protocol.allow=never",
    "gc.auto=0",
    "maintenance.auto=false",
];

/// The attributes with which the bytes of a file differ from its committed bytes.
const CONVERSIONS: &[&str] = &["filter", "ident", "working-tree-encoding"];

/// A file compared with the last commit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Same,
    Different,
    /// git would have to run a program, or to read from another machine.
    Unknown,
}

/// A warning for each kind of file of the edit with uncommitted changes. Empty without git or outside a repository.
pub(in crate::terraform) fn warnings(changes: &ChangeSet) -> Vec<String> {
    let Some(git) = Git::open(changes) else { return Vec::new() };
    let compared: Vec<(String, Comparison)> =
        changes.files.iter().map(|file| (file.path.display().to_string(), git.compare(file))).collect();
    let with = |wanted: Comparison| {
        let names = compared.iter().filter(|(_, comparison)| *comparison == wanted);
        names.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (different, unknown) = (with(Comparison::Different), with(Comparison::Unknown));
    let mut warnings = Vec::new();
    if !different.is_empty() {
        warnings.push(format!(
            "Uncommitted changes in {different}: the edit keeps them, and undo restores them."
        ));
    }
    if !unknown.is_empty() {
        warnings.push(format!(
            "Uncommitted changes in {unknown} are unknown: git would run a filter to compare the file. Look at git status."
        ));
    }
    warnings
}

struct Git<'c> {
    program: PathBuf,
    /// The top directory of the repository. git runs in it.
    top: &'c Path,
    root: &'c Path,
    batch: Batch,
}

impl<'c> Git<'c> {
    fn open(changes: &'c ChangeSet) -> Option<Self> {
        let top = changes.repository.as_deref()?;
        Some(Self { program: program("git")?, top, root: &changes.root, batch: Batch::begin() })
    }

    fn compare(&self, file: &FileChange) -> Comparison {
        let Some(before) = &file.before else { return Comparison::Same };
        let path = joined(self.root, &file.path);
        let Ok(path) = path.strip_prefix(self.top) else { return Comparison::Same };
        self.compare_bytes(path, before.as_bytes()).unwrap_or(Comparison::Same)
    }

    /// `None` if git does not work here.
    fn compare_bytes(&self, path: &Path, bytes: &[u8]) -> Option<Comparison> {
        let mut name = OsString::from("HEAD:");
        name.push(path);
        let found = self.run(&["rev-parse", "--quiet", "--verify", "--end-of-options"], &name)?;
        let id = match found.status.code()? {
            0 => String::from_utf8(found.stdout).ok()?,
            // The file is not in the last commit, or there is no commit.
            1 => return self.compare_untracked(path),
            _ => return None,
        };
        let committed = self.run(&["cat-file", "blob"], OsStr::new(id.trim()))?;
        if !committed.status.success() {
            return Some(Comparison::Unknown);
        }
        // git may convert the ends of lines.
        let lines = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        if committed.stdout == bytes || lines(&committed.stdout) == lines(bytes) {
            return Some(Comparison::Same);
        }
        let attributes = [&["check-attr", "-z"], CONVERSIONS, &["--"]].concat();
        let attributes = self.run(&attributes, relative(path).as_os_str())?;
        // PATH NUL ATTRIBUTE NUL VALUE NUL
        let mut values = attributes.stdout.split(|byte| *byte == 0).skip(2).step_by(3);
        let is_converted = values.any(|value| value != b"unspecified" && value != b"unset");
        Some(if is_converted { Comparison::Unknown } else { Comparison::Different })
    }

    /// An ignored file is never committed.
    fn compare_untracked(&self, path: &Path) -> Option<Comparison> {
        let ignored = self.run(&["check-ignore", "--quiet", "--"], relative(path).as_os_str())?;
        match ignored.status.code()? {
            0 => Some(Comparison::Same),
            1 => Some(Comparison::Different),
            _ => None,
        }
    }

    fn run(&self, arguments: &[&str], last: &OsStr) -> Option<Output> {
        let mut command = Command::new(&self.program);
        for (name, _) in env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"GIT_")) {
            command.env_remove(name);
        }
        command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0");
        // The repository is the one in `top`, not one above it.
        command.env("GIT_CEILING_DIRECTORIES", self.top.parent().unwrap_or(self.top));
        command.arg("--no-pager").arg("--no-replace-objects");
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.args(arguments).arg(last).current_dir(self.top);
        self.batch.run(&mut command, LIMITS).ok()
    }
}

/// `./PATH`, so that git does not take the path for a pattern.
fn relative(path: &Path) -> PathBuf {
    Path::new(".").join(path)
}
