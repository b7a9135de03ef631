//! The checks before a write, in root modules with an unusual state file or data directory.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{doctor, terraform};
use egress_doctor::scenario::Scenario;
use egress_doctor::terraform::{ChangeSet, Digest, EditEffect, FileChange, Runner};
use egress_doctor::terraform::{CheckLevel, Outcome, RequestedChecks, verify};
use serde_json::{Value, json};

/// An edit that adds one file, `new.tf`.
fn new_file(root: &Path, text: &str) -> ChangeSet {
    ChangeSet {
        root: root.to_owned(),
        data: root.join(".terraform"),
        run: Runner::default(),
        repository: None,
        files: vec![FileChange { path: PathBuf::from("new.tf"), before: None, after: text.to_owned() }],
        read: Vec::new(),
        adds: Vec::new(),
        changes: Vec::new(),
        destroys: Vec::new(),
        imports: Vec::new(),
        more_instances: 0,
        notes: Vec::new(),
        by_hand: Vec::new(),
        effect: EditEffect::default(),
    }
}

#[test]
fn a_syntax_error_of_the_edit_is_a_failed_check_and_one_of_the_code_is_no_check() {
    let test = "a_syntax_error_of_the_edit_is_a_failed_check_and_one_of_the_code_is_no_check";
    if !terraform::is_available(test) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let fmt = |text: &str| {
        let proof = verify(&new_file(home.path(), text), &RequestedChecks::up_to(CheckLevel::Fmt));
        proof.checks.into_iter().find(|check| check.name == "fmt").unwrap().outcome
    };
    assert_eq!(fmt("locals {\n  a = 1\n}\n"), Outcome::Passed);
    let broken = "locals {\n  a = { b = 1    c = 2 }\n}\n";
    let error = "terraform fmt reports a syntax error in the edited new.tf".to_owned();
    assert_eq!(fmt(broken), Outcome::Failed(error));
    fs::write(home.path().join("old.tf"), broken).unwrap();
    let same = "terraform fmt reports a syntax error also without the edit".to_owned();
    assert_eq!(fmt("locals {}\n"), Outcome::NotRun(same));
}

#[test]
fn the_plan_uses_a_state_file_outside_the_root() {
    let test = "the_plan_uses_a_state_file_outside_the_root";
    if !terraform::is_available(test) || terraform::runs_in_own_process(&format!("terraform_checks::{test}"))
    {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let home = fs::canonicalize(home.path()).unwrap();
    let root = home.join("infra");
    fs::create_dir_all(&root).unwrap();
    fs::create_dir_all(home.join("state")).unwrap();
    let code = "terraform {\n  backend \"local\" {\n    path = \"../state/app.tfstate\"\n  }\n}\n\nresource \"terraform_data\" \"old\" {}\n";
    fs::write(root.join("main.tf"), code).unwrap();
    terraform::output_of(&root, &["init", "-input=false", "-no-color"], &[]);
    terraform::output_of(&root, &["apply", "-auto-approve", "-input=false", "-no-color"], &[]);
    let state = fs::read(home.join("state/app.tfstate")).unwrap();

    let new = "resource \"terraform_data\" \"new\" {}\n";
    let edit = |adds: &str| {
        let read = vec![(PathBuf::from("main.tf"), Digest::of(code.as_bytes()))];
        ChangeSet { read, adds: vec![adds.parse().unwrap()], ..new_file(&root, new) }
    };
    let plan = |edit: &ChangeSet| {
        let proof = verify(edit, &RequestedChecks::up_to(CheckLevel::Plan));
        let check = proof.checks.into_iter().find(|check| check.name == "plan").unwrap();
        (check.outcome, check.notes)
    };
    let tally = "Plan: 1 to add, 0 to change, 0 to destroy.".to_owned();
    assert_eq!(plan(&edit("terraform_data.new")), (Outcome::Passed, vec![tally.clone()]));
    let (outcome, notes) = plan(&edit("terraform_data.other"));
    let why = "the plan does not change terraform_data.other, but this edit should".to_owned();
    let beside = "The plan also adds terraform_data.new, which is not part of this edit.".to_owned();
    assert_eq!((outcome, notes), (Outcome::Failed(why), vec![tally, beside]));
    assert_eq!(fs::read(home.join("state/app.tfstate")).unwrap(), state, "the state is as before");
    assert!(!root.join("new.tf").exists());
}

#[test]
fn a_root_with_tf_data_dir_is_validated() {
    if !terraform::is_available("a_root_with_tf_data_dir_is_validated") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("infra");
    fs::create_dir_all(&root).unwrap();
    Scenario::named("isolated").unwrap().copy_terraform(&root).unwrap();
    let elsewhere = [("TF_DATA_DIR".to_owned(), ".data/tf".to_owned())];
    terraform::output_of(&root, &["init", "-input=false", "-no-color"], &elsewhere);
    let validated = |data: Option<&str>| -> Value {
        let mut fix = doctor(home.path());
        fix.envs(terraform::environment());
        fix.args(["fix", "--scenario", "isolated", "--remedy", "s3-gateway", "--write", "--format", "json"]);
        fix.args(["--to", "s3.us-west-2.amazonaws.com"]);
        fix.arg("--terraform").arg(&root);
        fix.env_remove("TF_DATA_DIR").envs(data.map(|data| ("TF_DATA_DIR", data)));
        let (_, text) = crate::support::run(&mut fix);
        let fix: Value = serde_json::from_str(&text).unwrap();
        let mut undo = doctor(home.path());
        undo.arg("undo").arg("--terraform").arg(&root);
        crate::support::run(&mut undo);
        fix["checks"][1].clone()
    };
    assert_eq!(
        validated(Some(".data/tf")),
        json!({ "name": "validate", "outcome": "passed", "why": null, "notes": [] })
    );
    let why = validated(None)["why"].as_str().unwrap().to_owned();
    assert!(why.starts_with("this folder is not initialised"), "{why}");
}
