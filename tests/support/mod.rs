//! Code that several tests use: the program as a child process, the account on the loopback address,
//! Terraform, a terminal, and networks.

#![allow(
    dead_code,
    clippy::disallowed_methods,
    reason = "each test binary uses a part, and tests read the clock and the environment"
)]

pub mod expressions;
pub mod lab;
pub mod network;
pub mod random;
pub mod reference_evaluator;
pub mod screen;
pub mod svg;
pub mod terraform;
pub mod world;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use egress_doctor::scenario::Scenario;

/// A file or folder of this repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A file or folder of Cargo's target directory, where the tests install their tools.
pub fn target(path: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name(path)
}

/// The program under test, in an environment without the machine's AWS settings.
pub fn doctor(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_egress-doctor"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    command
        .env("HOME", home)
        .env("XDG_STATE_HOME", home.join("state"))
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("TMPDIR", home)
        // No test reads the backtrace of an error. With debug information it takes two seconds.
        .env("RUST_LIB_BACKTRACE", "0");
    command.stdin(Stdio::null());
    command
}

/// Writes the S3 gateway endpoint into the folder `infra` of the home folder.
pub const WRITE: &[&str] = &[
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

/// `strace`, also for a command with an empty PATH.
pub fn strace() -> Command {
    let path = std::env::var_os("PATH").unwrap();
    let file = std::env::split_paths(&path).map(|folder| folder.join("strace")).find(|file| file.exists());
    Command::new(file.unwrap())
}

/// Gives the environment of a command to another one.
pub fn copy_environment(from: &Command, to: &mut Command) {
    for (name, value) in from.get_envs() {
        match value {
            Some(value) => to.env(name, value),
            None => to.env_remove(name),
        };
    }
}

/// Undoes [`WRITE`].
pub const UNDO: &[&str] = &["undo", "--terraform", "infra"];

/// A home folder with the Terraform code of the scenario `isolated` in `infra`.
pub fn home_with_code() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let infra = home.path().join("infra");
    fs::create_dir(&infra).unwrap();
    Scenario::named("isolated").unwrap().copy_terraform(&infra).unwrap();
    home
}

/// Exit code and standard output.
pub fn run(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    let code = output.status.code().unwrap_or(-1);
    assert!(code != 2 && code != -1, "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    (code, String::from_utf8(output.stdout).unwrap())
}

/// Copies a folder with everything below it. A symbolic link stays a symbolic link.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for path in fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()) {
        let to = to.join(path.file_name().unwrap());
        #[cfg(unix)]
        if path.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&path).unwrap(), &to).unwrap();
            continue;
        }
        if path.is_dir() {
            copy_folder(&path, &to);
        } else {
            fs::copy(&path, to).unwrap();
        }
    }
}

/// Prints that a test is skipped, and the reason. If `EGRESS_DOCTOR_TEST_ALL` is set, the test fails
/// instead.
pub fn skip(test: &str, why: &str) {
    assert!(std::env::var_os("EGRESS_DOCTOR_TEST_ALL").is_none(), "{test} cannot run: {why}");
    say(&format!("!!! SKIPPED {test}: {why} !!!"));
}

/// The tools and code that the tests do not install, also not in `.ci/run`.
const MAY_BE_MISSING: [&str; 4] =
    ["OpenTofu", "Terragrunt", "version 6 of the AWS provider", "registry modules"];

/// Prints that a test leaves out a part, because the tests do not install a tool. `.ci/run` permits it for these tools only.
pub fn skip_unavailable(test: &str, part: &str, tool: &str) {
    assert!(MAY_BE_MISSING.contains(&tool), "{test} must not leave out {part}: {tool} is required");
    say(&format!("!!! SKIPPED {test}, {part}: the tests do not install {tool} !!!"));
}

/// Prints a line although the test harness captures the output of tests.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "\n{text}\n");
}
