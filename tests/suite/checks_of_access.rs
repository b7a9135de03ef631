//! `egress-doctor check`: credentials, permissions and Terraform, and what will be unknown.

use std::fs;
#[cfg(unix)]
use std::path::Path;
use std::process::Command;

use crate::support::doctor;
use egress_doctor::scenario::Scenario;
use serde_json::Value;

fn output(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// A program named `terraform` that only answers `version`.
#[cfg(unix)]
fn install_terraform(home: &Path) {
    use std::os::unix::fs::PermissionsExt as _;

    let path = home.join("bin/terraform");
    fs::create_dir_all(home.join("bin")).unwrap();
    fs::write(&path, "#!/bin/sh\n[ \"$1\" = version ] && echo 'Terraform v1.11.4' && exit 0\nexit 1\n")
        .unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Without usable credentials, Terraform is checked all the same.
#[cfg(unix)]
#[test]
fn the_terraform_folder_is_checked_without_an_account() {
    let home = tempfile::tempdir().unwrap();
    install_terraform(home.path());
    let folder = home.path().join("infra");
    fs::create_dir(&folder).unwrap();
    Scenario::named("isolated").unwrap().copy_terraform(&folder).unwrap();
    fs::write(folder.join(".terraform.lock.hcl"), "").unwrap();
    let check = |arguments: &[&str]| {
        let mut command = doctor(home.path());
        command
            .args(["check", "--endpoint-url", "http://127.0.0.1:9", "--terraform", "infra"])
            .args(arguments);
        command.env("PATH", home.path().join("bin")).env("AWS_REGION", "us-west-2");
        command.env("AWS_ACCESS_KEY_ID", "AKIA-ID").env("AWS_SECRET_ACCESS_KEY", "s3cr3t");
        output(command.current_dir(home.path()))
    };
    let (code, text) = check(&[]);
    assert_eq!(code, 3, "{text}");
    for line in [
        "Credentials  environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\n",
        "Terraform    Terraform v1.11.4, ",
        "             not initialised, lock file, backend local, workspace default, ",
        "Everything in AWS is unknown: ",
        "validate and plan of an edit cannot run in infra: run terraform init there first.",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(!text.contains("s3cr3t") && !text.contains("AKIA-ID"), "{text}");

    fs::write(folder.join("broken.tf"), "resource {").unwrap();
    let (code, text) = check(&["--format", "json"]);
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &answer["schema"]), (3, &"egress-doctor/check/v1".into()));
    assert_eq!(answer["terraform"]["version"], "Terraform v1.11.4");
    assert_eq!(answer["terraform"]["initialised"], false);
    assert!(answer["terraform"]["error"].as_str().unwrap().contains("broken.tf"), "{text}");
    assert!(answer["credentials"]["error"].is_string(), "{text}");
}

/// One permission is missing, and one call does not answer.
#[cfg(all(feature = "live", unix))]
#[test]
fn a_missing_permission_is_named_with_what_will_be_unknown() {
    use crate::support::lab::Account;
    use egress_doctor::model::Call;
    use serde_json::json;

    let Some(account) = Account::with_services("a_missing_permission_is_named_with_what_will_be_unknown", 1)
    else {
        return;
    };
    install_terraform(account.home.path());
    fs::create_dir_all(account.home.path().join("infra/.terraform")).unwrap();
    Scenario::named("isolated").unwrap().copy_terraform(&account.home.path().join("infra")).unwrap();
    let check = |arguments: &[&str]| {
        let mut command = account.doctor();
        command.args(["check", "--terraform", "infra"]).args(arguments);
        command.env("PATH", account.home.path().join("bin"));
        output(command.current_dir(account.home.path()))
    };
    let (code, text) = check(&[]);
    let is_needed = |call: &&Call| call.iam_action().is_some();
    let all = Call::ALL.iter().filter(is_needed).count();
    assert!(code == 0 && text.contains(&format!("Permissions  {all} of {all} present\n")), "{text}");
    assert!(text.contains("Account      123456789012\nRegion       us-west-2 (AWS_REGION)\n"), "{text}");
    account.faults(&json!([
        { "operation": "DescribeRouteTables", "kind": "denied" },
        { "operation": "ListRolePolicies", "kind": "hang" },
        { "operation": ".*", "kind": "latency", "seconds": 0.1 },
    ]));
    account.lab.post("/lab/reset", "");
    let (code, text) = check(&["--format", "json"]);
    let answer: Value = serde_json::from_str(&text).unwrap();
    let of = |status: &str| {
        let permissions = answer["permissions"].as_array().unwrap().iter();
        let found =
            permissions.filter(|one| one["status"] == status).map(|one| one["iam_action"].as_str().unwrap());
        found.collect::<Vec<_>>()
    };
    assert_eq!(
        (code, of("missing"), of("unknown")),
        (3, vec!["ec2:DescribeRouteTables"], vec!["iam:ListRolePolicies"])
    );
    assert_eq!(
        answer["unknown"],
        json!([
            "Unknown without ec2:DescribeRouteTables: the routes of each subnet.",
            "ListRolePolicies could not be checked: the inline policies of the instance role.",
        ])
    );
    let stats = account.lab.stats();
    assert_eq!(
        (&stats["rounds"], &stats["operations"]["sts:GetCallerIdentity"]),
        (&json!(1), &json!(1)),
        "{stats}"
    );
}
