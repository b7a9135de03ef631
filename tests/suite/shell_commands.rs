//! Commands that the user copies work for a folder with any name, and are one line each.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::screens::{Player, isolated};
use crate::support::{doctor, skip};
use egress_doctor::app::Start;
use egress_doctor::scenario::Scenario;

/// A folder name with a line break, both quotes, a space and a character that output replaces.
const NAME: &str = "it's \"infra\"\nrm -r \u{202e}x";

/// Whether this machine has bash, which reads `$'…'`.
fn has_bash(test: &str) -> bool {
    let works = Command::new("bash").args(["-c", "true"]).status().is_ok_and(|status| status.success());
    if !works {
        skip(test, "bash is not installed");
    }
    works
}

/// The words of a command, as bash reads them.
fn words(command: &str) -> Vec<String> {
    let output = Command::new("bash").arg("-c").arg(format!("printf '%s\\0' {command}")).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.trim_end_matches('\0').split('\0').map(str::to_owned).collect()
}

#[test]
fn the_next_commands_after_a_write_are_one_line_each_and_quoted() {
    if !has_bash("the_next_commands_after_a_write_are_one_line_each_and_quoted") {
        return;
    }
    let root = PathBuf::from("/srv").join(NAME);
    let mut player = Player::start(Start { terraform: Some(root.clone()), ..isolated() });
    player.press("enter enter enter w y");
    let commands = player.app.done.as_ref().unwrap().next_commands();
    for (line, verb) in commands.iter().zip(["plan", "apply"]) {
        assert_eq!(line.lines().count(), 1, "{line}");
        assert_eq!(words(line), ["terraform", &format!("-chdir={}", root.display()), verb], "{line}");
    }
}

#[test]
fn the_undo_command_after_a_write_works_for_a_folder_with_any_name() {
    if !has_bash("the_undo_command_after_a_write_works_for_a_folder_with_any_name") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join(NAME);
    fs::create_dir(&root).unwrap();
    Scenario::named("isolated").unwrap().copy_terraform(&root).unwrap();
    let before = fs::read(root.join("main.tf")).unwrap();
    let mut fix = doctor(home.path());
    fix.args([
        "fix",
        "--scenario",
        "isolated",
        "--remedy",
        "s3-gateway",
        "--check",
        "fmt",
        "--write",
        "--terraform",
    ]);
    let output = fix.arg(&root).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{error}");
    assert!(root.join("vpc-endpoints.tf").exists(), "{error}");
    let (_, command) = error.split_once("to undo: egress-doctor ").unwrap();
    let arguments = words(command.lines().next().unwrap());
    let undone = doctor(home.path()).args(&arguments).output().unwrap();
    assert_eq!(undone.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&undone.stderr));
    assert!(!root.join("vpc-endpoints.tf").exists());
    assert_eq!(fs::read(root.join("main.tf")).unwrap(), before);
}
