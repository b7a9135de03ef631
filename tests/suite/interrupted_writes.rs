//! Writes and undos that are killed, or refused by the system, at any of their system calls: nothing is lost in any.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{doctor, run, say};
use egress_doctor::scenario::Scenario;

/// Calls that change something, or stand between two that do.
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

    /// What Terraform loads of them.
    fn loaded(&self) -> Files {
        self.files()
            .into_iter()
            .filter(|(name, _)| name.ends_with(".tf") || name.ends_with(".tfvars"))
            .collect()
    }

    fn doctor(&self, arguments: &[&str]) -> Command {
        let mut command = doctor(self.home.path());
        // Without Terraform: its own calls are not ours.
        command.current_dir(self.home.path()).args(arguments).env("PATH", "");
        command
    }

    /// The calls of a run that a fault can hit: each by its name, and the how-manieth of that name it is, which is how `strace`
    /// counts.
    fn calls(&self, arguments: &[&str]) -> Vec<(String, usize)> {
        let list = self.home.path().join("calls.txt");
        let mut command = self.traced(&list);
        command.arg(format!("trace={CALLS}"));
        self.append(&mut command, arguments);
        assert!(command.status().unwrap().success());
        let told = fs::read_to_string(list).unwrap();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut calls = Vec::new();
        for line in told.lines() {
            let Some((_, call)) = line.split_once(' ') else { continue };
            let Some((name, _)) = call.trim_start().split_once('(') else { continue };
            let count = seen.entry(name.to_owned()).or_default();
            *count += 1;
            calls.push((name.to_owned(), *count));
        }
        calls
    }

    /// Runs the binary with a fault at one of its calls; its exit code, `None` where it was killed.
    fn with_fault(&self, arguments: &[&str], fault: &str, (call, n): &(String, usize)) -> Option<i32> {
        let mut command = self.traced(Path::new("/dev/null"));
        command.arg(format!("inject={call}:{fault}:when={n}"));
        self.append(&mut command, arguments);
        command.status().unwrap().code()
    }

    /// The folders that a run syncs to disk after its last rename or removal of a file in the tree, if it has any.
    fn synced_folders(&self, arguments: &[&str]) -> BTreeSet<PathBuf> {
        let list = self.home.path().join("calls.txt");
        let mut command = self.traced(&list);
        // `-y` shows the path of a file descriptor: `fsync(5</home/infra>)`.
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

    /// `strace`, ready for what it is to do.
    fn traced(&self, list: &Path) -> Command {
        // The binary behind it gets another search path, so that this one is found before.
        let path = std::env::var_os("PATH").unwrap();
        let strace = std::env::split_paths(&path).map(|dir| dir.join("strace")).find(|file| file.exists());
        let mut command = Command::new(strace.unwrap());
        command.args(["-f", "-qq", "-o"]).arg(list).arg("-e").current_dir(self.home.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// The binary behind it, in its own environment.
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

/// A tree whose root calls a local module, into which the edit goes.
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

/// Whether processes can be traced here.
fn can_trace(test: &str) -> bool {
    match Command::new("strace").args(["-o", "/dev/null", "true"]).stderr(Stdio::null()).status() {
        Err(_) => {
            crate::support::skip(test, "strace is not installed");
            false
        }
        Ok(status) if !status.success() => {
            say(&format!("!!! SKIPPED {test}: processes may not be traced here !!!"));
            false
        }
        Ok(_) => true,
    }
}

/// The old tree and the new one.
fn both() -> (Files, Files) {
    let tree = Tree::new();
    let old = tree.files();
    run(&mut tree.doctor(WRITE));
    (old, tree.files())
}

/// Brings a tree back to where it was; what a broken write left is said and taken back.
fn recover(tree: &Tree, old: &Files, told: &str) {
    let output = tree.doctor(UNDO).output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() || words.contains("no write of egress-doctor to undo"),
        "{told}: {words}"
    );
    assert_eq!(tree.files().keys().collect::<Vec<_>>(), old.keys().collect::<Vec<_>>(), "{told}: {words}");
    assert!(tree.files() == *old, "{told}: not as before");
}

fn home_is_clean(path: &Path) -> bool {
    fs::read_dir(path).unwrap().all(|entry| !entry.unwrap().file_name().to_string_lossy().ends_with(".tmp"))
}

#[test]
fn a_write_that_is_killed_anywhere_leaves_the_old_tree_or_a_way_back_to_it() {
    if !can_trace("a_write_that_is_killed_anywhere_leaves_the_old_tree_or_a_way_back_to_it") {
        return;
    }
    let (old, new) = both();
    let (mut kills, mut finished) = (0, 0);
    for n in &Tree::new().calls(WRITE) {
        let tree = Tree::new();
        assert_eq!(tree.with_fault(WRITE, "signal=KILL", n), None, "{n:?}");
        kills += 1;
        // Where the record of it was made, it can be finished instead.
        let copy = Tree::new();
        assert_eq!(copy.with_fault(WRITE, "signal=KILL", n), None, "{n:?} is the same call each time");
        let output = copy.doctor(FINISH).output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() {
            assert!(copy.files() == new, "killed at {n:?}: not as previewed");
            finished += 1;
        } else {
            assert!(words.contains("no write of egress-doctor to undo"), "killed at {n:?}: {words}");
            assert!(copy.loaded() == old || copy.loaded() == new, "killed at {n:?}: neither old nor new");
        }
        // Each file is the old one or the new one, never half of one.
        recover(&tree, &old, &format!("killed at {n:?}"));
        assert!(home_is_clean(&tree.home.path().join("infra")), "{n:?} left something");
        run(&mut tree.doctor(WRITE));
    }
    assert!(kills > 100 && finished > 10, "{kills} calls, {finished} finished");
}

#[test]
fn a_write_that_the_system_refuses_anywhere_is_all_or_nothing() {
    if !can_trace("a_write_that_the_system_refuses_anywhere_is_all_or_nothing") {
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
fn an_undo_that_is_killed_anywhere_can_be_done_again() {
    if !can_trace("an_undo_that_is_killed_anywhere_can_be_done_again") {
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
    // The write is killed before it syncs its last file; all files are in place.
    let calls = tree.calls(WRITE);
    run(&mut tree.doctor(UNDO));
    let last_sync = calls.iter().rfind(|(name, _)| name == "fsync").unwrap();
    assert_eq!(tree.with_fault(WRITE, "signal=KILL", last_sync), None);
    assert_eq!(tree.synced_folders(FINISH), BTreeSet::from([module]));
}
