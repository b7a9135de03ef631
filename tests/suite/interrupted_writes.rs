//! Writes and undos that are killed at any of their system calls, or whose system call fails: no file is
//! lost.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{doctor, run, say};
use egress_doctor::scenario::Scenario;

/// System calls that change files, and the calls between them.
const CALLS: &str =
    "openat,write,fsync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,rmdir,chmod,fchmod";

struct Tree {
    home: tempfile::TempDir,
}

type Files = BTreeMap<String, Vec<u8>>;

impl Tree {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("infra")).unwrap();
        Scenario::named("isolated").unwrap().copy_terraform(&home.path().join("infra")).unwrap();
        Self { home }
    }

    fn files(&self) -> Files {
        let entries = fs::read_dir(self.home.path().join("infra")).unwrap();
        entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
            .collect()
    }

    /// The files that Terraform loads.
    fn loaded(&self) -> Files {
        self.files()
            .into_iter()
            .filter(|(name, _)| name.ends_with(".tf") || name.ends_with(".tfvars"))
            .collect()
    }

    fn doctor(&self, arguments: &[&str]) -> Command {
        let mut command = doctor(self.home.path());
        // With an empty PATH, Terraform does not run: its system calls are not under test.
        command.current_dir(self.home.path()).args(arguments).env("PATH", "");
        command
    }

    /// The system calls of a run that a fault can hit: name, and number among the calls of that name, as
    /// `strace` counts.
    fn calls(&self, arguments: &[&str]) -> Vec<(String, usize)> {
        let list = self.home.path().join("calls.txt");
        let mut command = self.traced(&list);
        command.arg(format!("trace={CALLS}"));
        self.append(&mut command, arguments);
        assert!(command.status().unwrap().success());
        let trace = fs::read_to_string(list).unwrap();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut calls = Vec::new();
        for line in trace.lines() {
            let Some((_, call)) = line.split_once(' ') else { continue };
            let Some((name, _)) = call.trim_start().split_once('(') else { continue };
            let count = seen.entry(name.to_owned()).or_default();
            *count += 1;
            calls.push((name.to_owned(), *count));
        }
        calls
    }

    /// Runs the program with a fault at one system call; its exit code, `None` if it was killed.
    fn with_fault(&self, arguments: &[&str], fault: &str, (call, n): &(String, usize)) -> Option<i32> {
        let mut command = self.traced(Path::new("/dev/null"));
        command.arg(format!("inject={call}:{fault}:when={n}"));
        self.append(&mut command, arguments);
        command.status().unwrap().code()
    }

    /// The folders that a run syncs to disk after its last rename or removal of a file in the tree, if it
    /// has any.
    fn synced_folders(&self, arguments: &[&str]) -> BTreeSet<PathBuf> {
        let list = self.home.path().join("calls.txt");
        let mut command = self.traced(&list);
        // `-y` shows the path of a file descriptor: `fsync(5<PATH>)`.
        command.args(["trace=fsync,rename,renameat,renameat2,link,linkat,unlink,unlinkat", "-y"]);
        self.append(&mut command, arguments);
        assert!(command.status().unwrap().success());
        let infra = fs::canonicalize(self.home.path().join("infra")).unwrap();
        let calls = fs::read_to_string(list).unwrap();
        let changes_tree = |line: &str| !line.contains("fsync(") && line.contains(infra.to_str().unwrap());
        let lines: Vec<&str> = calls.lines().collect();
        let start = lines.iter().rposition(|line| changes_tree(line)).unwrap_or_default();
        lines[start..]
            .iter()
            .filter_map(|line| line.split_once("fsync(")?.1.split_once('<')?.1.split_once('>'))
            .map(|(path, _)| PathBuf::from(path))
            .filter(|path| path.starts_with(&infra))
            .collect()
    }

    /// The start of a `strace` command.
    fn traced(&self, list: &Path) -> Command {
        // The traced program gets an empty PATH, so `strace` is found first.
        let path = std::env::var_os("PATH").unwrap();
        let strace = std::env::split_paths(&path).map(|dir| dir.join("strace")).find(|file| file.exists());
        let mut command = Command::new(strace.unwrap());
        command.args(["-f", "-qq", "-o"]).arg(list).arg("-e").current_dir(self.home.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Appends the program, with its own environment.
    fn append(&self, command: &mut Command, arguments: &[&str]) {
        let plain = self.doctor(arguments);
        command.arg(plain.get_program()).args(plain.get_args());
        for (name, value) in plain.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
    }
}

const WRITE: &[&str] = &[
    "fix",
    "--scenario",
    "isolated",
    "--to",
    "s3.us-west-2.amazonaws.com",
    "--remedy",
    "s3-gateway",
    "--terraform",
    "infra",
    "--write",
];
const FINISH: &[&str] = &["undo", "--finish", "--terraform", "infra"];
const UNDO: &[&str] = &["undo", "--terraform", "infra"];

/// A configuration whose root calls a local module, which is edited.
fn tree_with_a_module() -> Tree {
    let tree = Tree::new();
    let infra = tree.home.path().join("infra");
    fs::create_dir(infra.join("backend")).unwrap();
    for name in tree.files().keys().filter(|name| name.ends_with(".tf")) {
        fs::rename(infra.join(name), infra.join("backend").join(name)).unwrap();
    }
    let root = r#"variable "vpc_id" {
  type = string
}

variable "secret_arn" {
  type = string
}

module "backend" {
  source          = "./backend"
  existing_vpc_id = var.vpc_id
  okta_secret_arn = var.secret_arn
}
"#;
    fs::write(infra.join("main.tf"), root).unwrap();
    tree
}

/// Whether this machine permits tracing of processes.
pub fn can_trace(test: &str) -> bool {
    match Command::new("strace").args(["-o", "/dev/null", "true"]).stderr(Stdio::null()).status() {
        Err(_) => {
            crate::support::skip(test, "strace is not installed");
            false
        }
        Ok(status) if !status.success() => {
            say(&format!("!!! SKIPPED {test}: this machine does not permit to trace processes !!!"));
            false
        }
        Ok(_) => true,
    }
}

/// The files before and after the write.
fn both() -> (Files, Files) {
    let tree = Tree::new();
    let old = tree.files();
    run(&mut tree.doctor(WRITE));
    (old, tree.files())
}

/// Undoes an interrupted write: all files are as before.
fn recover(tree: &Tree, old: &Files, context: &str) {
    let output = tree.doctor(UNDO).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() || message.contains("no write of egress-doctor to undo"),
        "{context}: {message}"
    );
    assert_eq!(
        tree.files().keys().collect::<Vec<_>>(),
        old.keys().collect::<Vec<_>>(),
        "{context}: {message}"
    );
    assert!(tree.files() == *old, "{context}: not as before");
}

fn home_is_clean(path: &Path) -> bool {
    fs::read_dir(path).unwrap().all(|entry| !entry.unwrap().file_name().to_string_lossy().ends_with(".tmp"))
}

#[test]
fn a_killed_write_leaves_the_old_files_or_can_be_undone() {
    if !can_trace("a_killed_write_leaves_the_old_files_or_can_be_undone") {
        return;
    }
    let (old, new) = both();
    let (mut kills, mut finished) = (0, 0);
    for n in &Tree::new().calls(WRITE) {
        let tree = Tree::new();
        assert_eq!(tree.with_fault(WRITE, "signal=KILL", n), None, "{n:?}");
        kills += 1;
        // If the journal was written, the write can be finished instead.
        let copy = Tree::new();
        assert_eq!(copy.with_fault(WRITE, "signal=KILL", n), None, "{n:?} is the same call each time");
        let output = copy.doctor(FINISH).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() {
            assert!(copy.files() == new, "killed at {n:?}: not as previewed");
            finished += 1;
        } else {
            assert!(message.contains("no write of egress-doctor to undo"), "killed at {n:?}: {message}");
            assert!(copy.loaded() == old || copy.loaded() == new, "killed at {n:?}: neither old nor new");
        }
        // Each file is completely old or completely new.
        recover(&tree, &old, &format!("killed at {n:?}"));
        assert!(home_is_clean(&tree.home.path().join("infra")), "{n:?} left something");
        run(&mut tree.doctor(WRITE));
    }
    assert!(kills > 100 && finished > 10, "{kills} calls, {finished} finished");
}

#[test]
fn a_failing_system_call_leaves_all_files_old_or_all_new() {
    if !can_trace("a_failing_system_call_leaves_all_files_old_or_all_new") {
        return;
    }
    let (old, new) = both();
    let calls = Tree::new().calls(WRITE);
    assert!(calls.len() > 100, "{calls:?}");
    for n in &calls {
        let tree = Tree::new();
        let code = tree.with_fault(WRITE, "error=ENOSPC", n);
        let now = tree.loaded();
        assert!(now == old || now == new, "{n:?}, exit code {code:?}: neither old nor new");
        recover(&tree, &old, &format!("refused at {n:?}"));
    }
}

#[test]
fn a_killed_undo_can_be_repeated() {
    if !can_trace("a_killed_undo_can_be_repeated") {
        return;
    }
    let (old, _) = both();
    let first = Tree::new();
    run(&mut first.doctor(WRITE));
    for n in &first.calls(UNDO) {
        let tree = Tree::new();
        run(&mut tree.doctor(WRITE));
        assert_eq!(tree.with_fault(UNDO, "signal=KILL", n), None, "{n:?}");
        recover(&tree, &old, &format!("undo killed at {n:?}"));
    }
}

#[test]
fn the_folder_of_a_changed_module_is_synced_to_disk() {
    if !can_trace("the_folder_of_a_changed_module_is_synced_to_disk") {
        return;
    }
    let tree = tree_with_a_module();
    let module = fs::canonicalize(tree.home.path().join("infra/backend")).unwrap();
    assert_eq!(tree.synced_folders(WRITE), BTreeSet::from([module.clone()]));
    assert!(module.join("vpc-endpoints.tf").exists());
    assert_eq!(tree.synced_folders(UNDO), BTreeSet::from([module.clone()]));
    assert!(!module.join("vpc-endpoints.tf").exists());
    // The write is killed before it replaces its journal by the finished one; all files are in place.
    let calls = tree.calls(WRITE);
    run(&mut tree.doctor(UNDO));
    let last_rename = calls.iter().rfind(|(name, _)| name.starts_with("rename")).unwrap();
    assert_eq!(tree.with_fault(WRITE, "signal=KILL", last_rename), None);
    assert_eq!(tree.synced_folders(FINISH), BTreeSet::from([module]));
}
