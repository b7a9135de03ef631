//! Writes and undos that are killed at any of their system calls, or whose system call fails: no file is
//! lost.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{UNDO, WRITE, copy_environment, doctor, home_with_code, run, say, strace};

/// System calls that change files, and the calls between them.
const CALLS: &str =
    "openat,write,fsync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,rmdir,chmod,fchmod";

struct Tree {
    home: tempfile::TempDir,
}

type Files = BTreeMap<String, Vec<u8>>;

impl Tree {
    fn new() -> Self {
        Self { home: home_with_code() }
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

    /// Runs the program with errors at some system calls; its exit code. `when` is a number, or a number with `+` for this call and
    /// all later ones.
    fn with_errors(&self, arguments: &[&str], errors: &[(&str, &str, String)]) -> Option<i32> {
        let mut command = self.traced(Path::new("/dev/null"));
        command.arg(format!("trace={CALLS}"));
        for (error, call, when) in errors {
            command.arg("-e").arg(format!("inject={call}:error={error}:when={when}"));
        }
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
        let mut command = strace();
        command.args(["-f", "-qq", "-o"]).arg(list).arg("-e").current_dir(self.home.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Appends the program, with its own environment.
    fn append(&self, command: &mut Command, arguments: &[&str]) {
        let plain = self.doctor(arguments);
        command.arg(plain.get_program()).args(plain.get_args());
        copy_environment(&plain, command);
    }
}

const FINISH: &[&str] = &["undo", "--finish", "--terraform", "infra"];

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
    assert!(kills > 80 && finished > 10, "{kills} calls, {finished} finished");
}

/// The errors of a full disk, a broken disk and missing permissions.
const ERRORS: [&str; 3] = ["ENOSPC", "EIO", "EACCES"];

/// The faults to try, from the environment variable `EGRESS_DOCTOR_FAULTS=NUMBER` or `NUMBER:SEED`: the number of pairs of failing
/// system calls of each command, and the seed that chooses them. If it is set, every call fails with each error; otherwise each call
/// fails with one of them.
fn faults() -> Option<(usize, usize)> {
    let value = std::env::var("EGRESS_DOCTOR_FAULTS").ok()?;
    let (number, seed) = value.split_once(':').unwrap_or((&value, "7"));
    let parse = |text: &str| text.parse().expect("EGRESS_DOCTOR_FAULTS is NUMBER or NUMBER:SEED");
    Some((parse(number), parse(seed)))
}

/// A tree in which a command can run: `undo` needs a write.
fn ready_for(command: &[&str]) -> Tree {
    let tree = Tree::new();
    if command == UNDO {
        run(&mut tree.doctor(WRITE));
    }
    tree
}

/// Runs a write or an undo with errors. Afterwards all files are old or new, or `undo` restores the old ones from the record.
fn fail_and_recover(command: &[&str], errors: &[(&str, &str, String)], (old, new): &(Files, Files)) {
    let tree = ready_for(command);
    let code = tree.with_errors(command, errors);
    let context = format!("{} with {errors:?}, exit code {code:?}", command.join(" "));
    let now = tree.loaded();
    if let [(.., when)] = errors
        && !when.ends_with('+')
    {
        assert!(now == *old || now == *new, "{context}: neither old nor new");
    }
    recover(&tree, old, &context);
}

#[test]
fn a_failing_system_call_leaves_all_files_old_or_all_new() {
    if !can_trace("a_failing_system_call_leaves_all_files_old_or_all_new") {
        return;
    }
    let both = both();
    for command in [WRITE, UNDO] {
        let calls = ready_for(command).calls(command);
        assert!(calls.len() > 40, "{calls:?}");
        for (number, (call, n)) in calls.iter().enumerate() {
            let rotated = &ERRORS[number % 3..=number % 3];
            for error in if faults().is_some() { &ERRORS[..] } else { rotated } {
                fail_and_recover(command, &[(error, call, n.to_string())], &both);
            }
        }
    }
}

#[test]
fn several_failing_system_calls_lose_no_file() {
    if !can_trace("several_failing_system_calls_lose_no_file") {
        return;
    }
    let both = both();
    let (pairs, seed) = faults().unwrap_or((25, 7));
    for command in [WRITE, UNDO] {
        let calls = ready_for(command).calls(command);
        let mut random = seed;
        let mut pick = |below: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % below
        };
        for _ in 0..pairs {
            let ((one, n), (other, m)) = (&calls[pick(calls.len())], &calls[pick(calls.len())]);
            let (error, next) = (ERRORS[pick(3)], ERRORS[pick(3)]);
            // strace accepts one rule for each system call.
            if one == other {
                fail_and_recover(command, &[(error, one, format!("{}+", n.min(m)))], &both);
            } else {
                fail_and_recover(
                    command,
                    &[(error, one, n.to_string()), (next, other, m.to_string())],
                    &both,
                );
            }
        }
    }
}

#[test]
fn a_failed_write_names_the_file_the_cause_and_the_next_step() {
    if !can_trace("a_failed_write_names_the_file_the_cause_and_the_next_step") {
        return;
    }
    let causes = [
        ("ENOSPC", "the disk is full; free space on it and try again"),
        ("EDQUOT", "your disk quota is used up; delete files or get a larger quota, and try again"),
        (
            "EROFS",
            "its file system is read-only; use a path on another file system, or mount this one with write access",
        ),
        (
            "EACCES",
            "access is not permitted; change the permissions of the file or of its folder, or use another path",
        ),
        ("EIO", "the disk reports an input/output error; check the disk, or use a path on another disk"),
    ];
    let patch = [&WRITE[..WRITE.len() - 1], &["--patch", "saved.patch"]].concat();
    let report: &[&str] = &["diagnose", "--scenario", "isolated", "--report", "report.md"];
    for (number, (error, cause)) in causes.into_iter().enumerate() {
        let (arguments, file, end) = match number % 3 {
            0 => (WRITE, "HOME/state/egress-doctor/writes/KEY.next", ". All files are as before"),
            1 => (&*patch, "saved.patch", ""),
            _ => (report, "report.md", ""),
        };
        let tree = Tree::new();
        let mut command = tree.traced(Path::new("/dev/null"));
        command.arg(format!("inject=fsync:error={error}:when=1"));
        tree.append(&mut command, arguments);
        let output = command.stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        let home = fs::canonicalize(tree.home.path()).unwrap();
        let text = String::from_utf8(output.stderr).unwrap().replace(home.to_str().unwrap(), "HOME");
        let message = text.lines().last().unwrap();
        let message = match message
            .split_once("writes/")
            .and_then(|(start, rest)| Some((start, rest.split_once('.')?.1)))
        {
            Some((start, rest)) => format!("{start}writes/KEY.{rest}"),
            None => message.to_owned(),
        };
        assert_eq!(message, format!("egress-doctor: cannot write {file}: {cause}{end}"), "{text}");
        assert!(home_is_clean(&home), "{error}");
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
