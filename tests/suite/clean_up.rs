//! Temporary files and child processes: private while the program runs, and gone when it ends.
//!
//! A shell script takes the place of Terraform. `EGRESS_DOCTOR_ENDINGS` is the number of random endings of each kind.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::screen::{Screen, assert_restored};
use crate::support::{WRITE, copy_environment, doctor, run, say, skip};
use egress_doctor::scenario::Scenario;

/// Answers `version`. Any other command writes a secret and hangs, and so does its own child, which ignores interrupts.
const HANGS: &str = r#"
case "$*" in version*) exit 0;; esac
umask 022
echo secret > "$TMPDIR/secret"
(trap '' INT TERM; exec sleep 600) &
echo $! >> "$HOME/pids"
echo $$ >> "$HOME/pids"
touch "$HOME/hangs"
sleep 600
"#;

/// [`WRITE`] with JSON output.
fn fix() -> Vec<&'static str> {
    [WRITE, &["--format", "json"]].concat()
}

/// A Terraform configuration, a script as `terraform`, and an own folder for temporary files.
struct Machine {
    home: tempfile::TempDir,
}

impl Machine {
    fn new(terraform: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        // Other users may enter the folder, so only the program's own modes protect its files.
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for folder in ["infra", "bin", "tmp"] {
            fs::create_dir(home.path().join(folder)).unwrap();
        }
        fs::set_permissions(home.path().join("tmp"), fs::Permissions::from_mode(0o1777)).unwrap();
        Scenario::named("isolated").unwrap().copy_terraform(&home.path().join("infra")).unwrap();
        for entry in fs::read_dir(home.path().join("infra")).unwrap() {
            fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(0o644)).unwrap();
        }
        let machine = Self { home };
        machine.install("terraform", terraform);
        machine
    }

    fn at(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    fn install(&self, name: &str, script: &str) {
        let path = self.at("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn path(&self) -> String {
        format!("{}:{}", self.at("bin").display(), std::env::var("PATH").unwrap_or_default())
    }

    fn doctor(&self, arguments: &[&str]) -> Command {
        let mut command = doctor(self.home.path());
        command.current_dir(self.home.path()).args(arguments);
        command.env("PATH", self.path()).env("TMPDIR", self.at("tmp"));
        command
    }

    fn start(&self) -> Child {
        self.doctor(&fix()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn screen(&self) -> Screen {
        let environment =
            [("PATH".to_owned(), self.path()), ("TMPDIR".to_owned(), self.at("tmp").display().to_string())];
        Screen::start(&["demo", "isolated"], &environment, self.home.path(), (120, 36))
    }

    fn wait_until_it_hangs(&self) {
        wait_for("terraform to hang", || self.at("hangs").exists());
    }

    /// The files and folders in the folder for temporary files.
    fn temporary(&self) -> Vec<PathBuf> {
        below(&self.at("tmp"))
    }

    fn running_children(&self) -> Vec<String> {
        let pids = fs::read_to_string(self.at("pids")).unwrap_or_default();
        pids.lines().filter(|pid| is_running(pid)).map(str::to_owned).collect()
    }

    fn tree(&self) -> Vec<(PathBuf, Vec<u8>)> {
        below(&self.at("infra")).into_iter().map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
    }

    fn assert_clean(&self, context: &str) {
        assert_eq!(self.temporary(), Vec::<PathBuf>::new(), "{context}");
        assert_eq!(self.running_children(), Vec::<String>::new(), "{context}");
    }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() && !path.is_symlink() {
            found.extend(below(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

fn is_running(pid: &str) -> bool {
    let status = fs::read_to_string(Path::new("/proc").join(pid).join("stat")).unwrap_or_default();
    // A zombie has ended.
    !status.is_empty() && !status.contains(") Z ")
}

fn wait_for(what: &str, mut is_done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !is_done() {
        assert!(Instant::now() < deadline, "waited a minute for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn send(signal: &str, pid: u32) {
    // The process may have ended.
    let _ = Command::new("kill").args([signal, &pid.to_string()]).stderr(Stdio::null()).status();
}

/// Waits for the end of a process; it must come soon.
fn end_of(mut child: Child) -> ExitStatus {
    let mut status = None;
    wait_for("the program to end", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    status.unwrap()
}

fn endings() -> u64 {
    std::env::var("EGRESS_DOCTOR_ENDINGS").map_or(6, |count| count.parse().unwrap())
}

/// A number below the limit that differs from case to case and is the same in each run.
fn pick(case: u64, limit: u64) -> u64 {
    let mixed = (case + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) % limit
}

/// Whether this process ignores the signal: then the program does, too.
fn is_ignored(number: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    u64::from_str_radix(mask.trim(), 16).unwrap() >> (number - 1) & 1 == 1
}

#[test]
fn nothing_remains_after_a_signal_at_a_random_time() {
    for (signal, number) in [("-INT", 2), ("-TERM", 15), ("-HUP", 1), ("-QUIT", 3)] {
        if number == 1 && is_ignored(number) {
            say("the test process ignores SIGHUP, so the program does, too");
            continue;
        }
        let mut hung = 0;
        for case in 0..endings() {
            let machine = Machine::new(HANGS);
            let tree = machine.tree();
            let child = machine.start();
            if case % 3 == 0 {
                machine.wait_until_it_hangs();
            }
            std::thread::sleep(Duration::from_millis(pick(case, 150)));
            hung += usize::from(machine.at("hangs").exists());
            send(signal, child.id());
            let status = end_of(child);
            let context = format!("{signal}, case {case}: {status}");
            assert_eq!(status.signal(), Some(number), "{context}");
            machine.assert_clean(&context);
            assert_eq!(machine.tree(), tree, "{context}");
        }
        assert!(hung > 0, "{signal}: no signal arrived while terraform ran");
    }
}

#[test]
fn nothing_remains_when_the_demo_ends_at_a_random_time() {
    for (ending, code) in [("q", 0), ("ctrl-c", 0), ("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        for case in 0..endings() {
            let machine = Machine::new(HANGS);
            let mut screen = machine.screen();
            screen.wait_for("x 4 of 4 destinations blocked");
            if case % 2 == 0 {
                screen.press_for("enter", "NO_ROUTE_TO_DESTINATION");
                screen.press_for("enter", "Recommended: 1. S3");
                screen.press_for("enter", "1 file new, 1 changed; 1 to add, 0 to change, 0 to destroy");
            } else {
                for _ in 0..pick(case, 3) {
                    screen.press("enter");
                }
            }
            std::thread::sleep(Duration::from_millis(pick(case, 200)));
            let context = format!("{ending}, case {case}");
            assert_ne!(machine.temporary(), Vec::<PathBuf>::new(), "{context}: the demo's folder");
            match ending {
                // The diff of the preview is not written: the program asks.
                "q" if case % 2 == 0 => {
                    screen.press_for("q", "Quit?");
                    screen.press("right");
                    screen.press("enter");
                }
                "ctrl-c" if case % 2 == 0 => {
                    screen.press_for("ctrl-c", "Quit?");
                    screen.press("ctrl-c");
                }
                "q" | "ctrl-c" => screen.press(ending),
                signal => send(signal, screen.process_id()),
            }
            let (actual, raw) = screen.end();
            assert_eq!(actual, code, "{context}");
            assert_restored(&raw);
            machine.assert_clean(&context);
        }
    }
}

#[test]
fn the_next_start_removes_the_folder_of_a_killed_run_and_no_other() {
    let machine = Machine::new(HANGS);
    let child = machine.start();
    machine.wait_until_it_hangs();
    send("-KILL", child.id());
    assert_eq!(end_of(child).signal(), Some(9));
    for pid in machine.running_children() {
        send("-KILL", pid.parse().unwrap());
    }
    let dead = machine.temporary();
    assert!(dead.iter().any(|path| path.ends_with("secret")), "{dead:?}");
    // Another run, a folder of the user with such a name, and a folder that everybody can write to.
    fs::remove_file(machine.at("hangs")).unwrap();
    let alive = machine.start();
    machine.wait_until_it_hangs();
    let of_alive: BTreeSet<PathBuf> = machine.temporary().into_iter().collect();
    assert!(dead.iter().all(|path| !of_alive.contains(path)), "the second run removed the first folder");
    let own = machine.at("tmp/egress-doctor-checkout");
    fs::create_dir(&own).unwrap();
    fs::set_permissions(&own, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(own.join("main.tf"), "").unwrap();
    let shared = machine.at("tmp/egress-doctor-12345678");
    fs::create_dir(&shared).unwrap();
    fs::write(shared.join(".egress-doctor-run"), "").unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o777)).unwrap();
    let before = machine.temporary();
    run(&mut machine.doctor(&["diagnose", "--scenario", "healthy"]));
    assert_eq!(machine.temporary(), before);
    send("-TERM", alive.id());
    end_of(alive);
    fs::remove_dir_all(own).unwrap();
    fs::remove_dir_all(shared).unwrap();
    machine.assert_clean("after both runs");
}

#[test]
fn another_user_can_read_nothing_while_the_checks_run() {
    let test = "another_user_can_read_nothing_while_the_checks_run";
    let other = |program: &[&str], path: &Path| {
        let user = ["--reuid=65534", "--regid=65534", "--clear-groups"];
        Command::new("setpriv").args(user).args(program).arg(path).stderr(Stdio::null()).status()
    };
    if !other(&["ls"], Path::new("/")).is_ok_and(|status| status.success()) {
        return skip(test, "this user cannot become another user");
    }
    let machine = Machine::new(HANGS);
    let child = machine.start();
    machine.wait_until_it_hangs();
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) =
        machine.temporary().into_iter().filter(|path| !path.is_symlink()).partition(|path| path.is_dir());
    assert!(files.iter().any(|path| path.ends_with("terraform.tfvars")), "{files:?}");
    for (program, paths) in [("ls", &folders), ("cat", &files)] {
        for path in paths {
            assert!(!other(&[program], path).unwrap().success(), "another user reads {}", path.display());
        }
    }
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert!(folders.iter().all(|path| mode(path) == 0o700));
    assert!(files.iter().filter(|path| !path.ends_with("secret")).all(|path| mode(path) == 0o600));
    send("-TERM", child.id());
    end_of(child);
}

/// The checks in the JSON of a fix that is written although no check runs.
fn reasons(machine: &Machine, command: &mut Command) -> Vec<(String, String)> {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let fix: Value = serde_json::from_slice(&output.stdout).unwrap();
    machine.assert_clean("after the fix");
    let checks = fix["checks"].as_array().unwrap().iter();
    checks
        .map(|check| {
            assert_eq!(check["outcome"], json!("not run"));
            (check["name"].as_str().unwrap().to_owned(), check["why"].as_str().unwrap().to_owned())
        })
        .collect()
}

fn for_each_check(why: &str) -> Vec<(String, String)> {
    ["fmt", "validate", "plan"].map(|name| (name.to_owned(), why.to_owned())).into()
}

#[test]
fn a_hanging_or_failing_version_is_named_as_such() {
    let hanging = Machine::new("exec sleep 600");
    let program = hanging.at("bin/terraform");
    let why =
        format!("{} version gives no answer within 10 seconds; run it to see the reason", program.display());
    assert_eq!(reasons(&hanging, &mut hanging.doctor(&fix())), for_each_check(&why));
    let failing = Machine::new("exit 7");
    let program = failing.at("bin/terraform");
    let why = format!("{} version fails: exit status: 7; run it to see the reason", program.display());
    assert_eq!(reasons(&failing, &mut failing.doctor(&fix())), for_each_check(&why));
}

#[test]
fn a_program_is_found_only_in_absolute_entries_of_the_search_path() {
    let machine = Machine::new("touch \"$HOME/executed\"");
    fs::create_dir(machine.at("infra/.git")).unwrap();
    machine.install("git", "touch \"$HOME/executed\"");
    machine.install("tofu", "touch \"$HOME/executed\"");
    let infra = machine.at("infra").display().to_string();
    let fix: Vec<&str> =
        fix().into_iter().map(|word| if word == "infra" { infra.as_str() } else { word }).collect();
    for path in [".", "", "../bin", ":../bin:."] {
        let mut fix = machine.doctor(&fix);
        fix.current_dir(machine.at("bin")).env("PATH", path);
        let why = "neither terraform nor tofu is in PATH";
        assert_eq!(reasons(&machine, &mut fix), for_each_check(why), "PATH={path}");
        assert!(!machine.at("executed").exists(), "PATH={path}");
        run(machine.doctor(&["undo", "--terraform", "infra"]).env("PATH", path));
    }
}

#[test]
fn more_output_than_the_limit_stops_the_check_in_bounded_memory() {
    let machine = Machine::new("case \"$*\" in version*) exit 0;; esac\nexec head -c 2000000000 /dev/zero");
    let plain = machine.doctor(&fix());
    let mut limited = machine.doctor(&[]);
    // 700 MB of addresses, in KiB.
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "ulimit -v 700000; exec \"$@\"", "sh"]).arg(plain.get_program()).args(plain.get_args());
    shell.current_dir(machine.home.path()).stdin(Stdio::null());
    copy_environment(limited.stdin(Stdio::null()), &mut shell);
    let checks = reasons(&machine, &mut shell);
    assert_eq!(checks[0], ("fmt".to_owned(), "terraform fmt: output larger than 64 MiB".to_owned()));
}

/// A file or folder that a run creates: its path and its mode.
fn created(trace: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut others = BTreeSet::new();
    for (number, line) in trace.lines().enumerate() {
        let Some((pid, call)) = line.split_once(char::is_whitespace) else { continue };
        let call = call.trim_start();
        if call.starts_with("execve(") && number > 0 {
            // A child process: what it creates is in a private folder.
            others.insert(pid);
        }
        let is_creation = call.starts_with("mkdir") || call.contains("O_CREAT") || call.contains("O_TMPFILE");
        if others.contains(pid) || !is_creation || call.contains(") = -1") {
            continue;
        }
        let path = call.split('"').nth(1).unwrap().to_owned();
        let arguments = call.split(')').next().unwrap();
        found.push((path, arguments.rsplit(", ").next().unwrap().to_owned()));
    }
    found
}

#[test]
fn everything_that_a_run_creates_is_private_without_a_umask() {
    let test = "everything_that_a_run_creates_is_private_without_a_umask";
    if !Command::new("strace").args(["-o", "/dev/null", "true"]).status().is_ok_and(|status| status.success())
    {
        return skip(test, "strace does not work here");
    }
    let machine = Machine::new("exit 0");
    let list = machine.at("calls.txt");
    let script = "umask 000; list=$1; shift; exec strace -f -qq -o \"$list\" -e trace=execve,open,openat,creat,mkdir,mkdirat \"$@\"";
    let traced = |arguments: &[&str]| {
        let plain = machine.doctor(arguments);
        let mut command = machine.doctor(&[]);
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", script, "sh"]).arg(&list).arg(plain.get_program()).args(plain.get_args());
        copy_environment(command.stdin(Stdio::null()), &mut shell);
        shell.current_dir(machine.home.path()).stdin(Stdio::null()).stdout(Stdio::null());
        assert!(shell.status().unwrap().success(), "{arguments:?}");
        created(&fs::read_to_string(&list).unwrap())
    };
    let patch: Vec<&str> = fix().into_iter().chain(["--patch", "fix.patch"]).collect();
    let mut all = traced(&patch);
    all.extend(traced(&["undo", "--terraform", "infra"]));
    let count = all.len();
    let (tree, record) = (machine.at("infra"), machine.at("state"));
    let open: Vec<_> = all
        .into_iter()
        // A file in the user's tree gets the mode of the file that it replaces; a new one that of any new file.
        .filter(|(path, _)| !Path::new(path).starts_with(&tree) && !path.starts_with("/dev/"))
        .filter(|(path, _)| !Path::new(path).starts_with(&record))
        .filter(|(_, mode)| mode != "0600" && mode != "0700")
        .collect();
    assert!(count > 10, "{count} files and folders");
    assert_eq!(open, Vec::new());
}

#[test]
fn the_file_of_a_plan_is_private() {
    let machine = Machine::new(
        r#"
case "$1" in -chdir=*) cd "${1#-chdir=}";; esac
case "$*" in
    *validate*) echo '{"valid": true, "diagnostics": []}';;
    *plan*) umask 000; : > egress-doctor.tfplan; stat -c %a egress-doctor.tfplan > "$HOME/mode";;
esac
"#,
    );
    fs::create_dir(machine.at("infra/.terraform")).unwrap();
    // The check fails, because the script prints no plan.
    let _ = machine.doctor(&fix()).output().unwrap();
    assert_eq!(fs::read_to_string(machine.at("mode")).unwrap(), "600\n");
}

#[test]
fn the_folder_of_the_demo_is_private() {
    let machine = Machine::new("exit 0");
    let mut screen = machine.screen();
    screen.wait_for("x 4 of 4 destinations blocked");
    let all = machine.temporary();
    assert!(all.iter().any(|path| path.ends_with("terraform/terraform.tfvars")), "{all:?}");
    for path in all {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
    }
    screen.press("q");
    screen.end();
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]);
    command.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").args(arguments);
    assert!(command.output().unwrap().status.success(), "git {arguments:?}");
}

#[test]
fn git_runs_no_program_of_the_repository() {
    let machine = Machine::new("exit 7");
    let (infra, executed) = (machine.at("infra"), machine.at("executed"));
    git(&infra, &["init", "--quiet"]);
    git(&infra, &["add", "."]);
    git(&infra, &["commit", "--quiet", "--message", "first"]);
    let warnings = |fix: &mut Command| {
        let output = fix.output().unwrap();
        run(&mut machine.doctor(&["undo", "--terraform", "infra"]));
        let text = String::from_utf8(output.stderr).unwrap();
        text.lines().filter(|line| line.contains("ncommitted")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(warnings(&mut machine.doctor(&fix())), Vec::<String>::new(), "everything is committed");
    let main = fs::read_to_string(infra.join("main.tf")).unwrap();
    for name in fs::read_dir(&infra).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file())
    {
        let text = fs::read_to_string(&name).unwrap();
        fs::write(&name, format!("{text}\n# not committed\n")).unwrap();
    }
    let changed = warnings(&mut machine.doctor(&fix()));
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert!(changed[0].starts_with("egress-doctor: Uncommitted changes in "), "{changed:?}");
    assert!(changed[0].ends_with(": the edit keeps them, and undo restores them."), "{changed:?}");

    // Programs in every place where git looks for one.
    machine.install("hostile", &format!("touch {}; cat", executed.display()));
    let hostile = machine.at("bin/hostile").display().to_string();
    for key in
        ["filter.x.clean", "filter.x.smudge", "core.fsmonitor", "diff.external", "core.pager", "core.editor"]
    {
        git(&infra, &["config", key, &hostile]);
    }
    git(&infra, &["config", "filter.x.required", "true"]);
    fs::write(infra.join(".git/info/attributes"), "* filter=x diff=x\n").unwrap();
    for hook in ["post-index-change", "fsmonitor-watchman", "pre-auto-gc"] {
        fs::copy(machine.at("bin/hostile"), infra.join(".git/hooks").join(hook)).unwrap();
    }
    let filtered = warnings(machine.doctor(&fix()).env("GIT_EXTERNAL_DIFF", &hostile));
    assert!(!executed.exists(), "a program of the repository was executed");
    assert_eq!(filtered.len(), 1, "{filtered:?}");
    assert!(
        filtered[0].contains(" are unknown: git would run a filter to compare the file."),
        "{filtered:?}"
    );

    // A bare repository in the tree, whose folder contains the root module.
    let outer = machine.at("outer");
    fs::create_dir_all(outer.join("evil/infra")).unwrap();
    git(&outer, &["init", "--quiet"]);
    fs::rename(infra.join(".git"), machine.at("bare")).unwrap();
    for entry in fs::read_dir(machine.at("bare")).unwrap().map(|entry| entry.unwrap().path()) {
        fs::rename(&entry, outer.join("evil").join(entry.file_name().unwrap())).unwrap();
    }
    git(&outer.join("evil"), &["config", "core.bare", "false"]);
    git(&outer.join("evil"), &["config", "core.worktree", "infra"]);
    for path in fs::read_dir(&infra).unwrap().map(|entry| entry.unwrap().path()) {
        fs::copy(&path, outer.join("evil/infra").join(path.file_name().unwrap())).unwrap();
    }
    fs::write(outer.join("evil/infra/main.tf"), main).unwrap();
    let place: Vec<&str> =
        fix().into_iter().map(|word| if word == "infra" { "outer/evil/infra" } else { word }).collect();
    machine.doctor(&place).output().unwrap();
    assert!(!executed.exists(), "a program of the embedded repository was executed");
}
