//! The program from diagnosis to applied fix, on an account whose resources Terraform created.

use std::path::Path;

use crate::support::lab::{self, AppliedAccount, Lab};
use crate::support::terraform::{self, Root};
use crate::support::{repository, run};
use serde_json::{Value, json};

const S3: &str = "bond-bedrock-files-eea42686090e4a1ebcb82b36abf98c40.s3.us-west-2.amazonaws.com";
const BEDROCK: &str = "bedrock-runtime.us-west-2.amazonaws.com";
const SECRETS: &str = "secretsmanager.us-west-2.amazonaws.com";
const OKTA: &str = "bond.okta.com";

/// Whether the lab and Terraform are available.
fn is_possible(test: &str) -> bool {
    lab::is_available(test) && terraform::is_available(test)
}

/// Exit code and JSON of `diagnose` with the application's log.
fn diagnose(account: &AppliedAccount) -> (i32, Value) {
    let log = repository("assets/scenarios/isolated/application.log");
    let (code, text) = run(account.doctor().args(["diagnose", "--format", "json", "--log"]).arg(log));
    (code, serde_json::from_str(&text).unwrap())
}

/// Asserts that `fmt`, `validate` and `plan` passed before the edit was written.
fn assert_checked(remedy: &str, fix: &Value) {
    assert_passed(remedy, fix, &["fmt", "validate", "plan"]);
}

fn assert_passed(remedy: &str, fix: &Value, checks: &[&str]) {
    for (place, check) in checks.iter().enumerate() {
        let one = &fix["checks"][place];
        assert_eq!((&one["name"], &one["outcome"]), (&json!(check), &json!("passed")), "{remedy}: {one:#}");
    }
}

/// Verdict by host, for the calls of the application.
fn verdicts(diagnosis: &Value) -> Value {
    let own =
        diagnosis["destinations"].as_array().unwrap().iter().filter(|one| one["caller"] == "application");
    own.map(|one| (one["host"].as_str().unwrap().to_owned(), one["verdict"].clone())).collect()
}

#[test]
fn each_fix_repairs_the_announced_destinations_and_can_be_undone() {
    if !is_possible("each_fix_repairs_the_announced_destinations_and_can_be_undone") {
        return;
    }
    let account = AppliedAccount::apply();
    let original = account.app.code();

    // All three subnets are blocked, each by its own route table.
    let (code, diagnosis) = diagnose(&account);
    assert_eq!(code, 1);
    let all_blocked = json!({ S3: "blocked", BEDROCK: "blocked", SECRETS: "blocked", OKTA: "blocked" });
    assert_eq!(verdicts(&diagnosis), all_blocked);
    let s3 = diagnosis["destinations"].as_array().unwrap().iter().find(|one| one["host"] == S3).unwrap();
    let (private, main) =
        (account.network.output("private_route_table_id"), account.network.output("main_route_table_id"));
    let mut stopped: Vec<Value> = s3["subnets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|subnet| {
            let blockers = subnet["blockers"].as_array().unwrap().iter();
            let blockers: Vec<Value> = blockers.map(|one| json!([one["code"], one["component"]])).collect();
            json!([subnet["az"], subnet["verdict"], blockers])
        })
        .collect();
    stopped.sort_by_key(ToString::to_string);
    assert_eq!(
        stopped,
        [
            json!(["us-west-2a", "blocked", [["NO_ROUTE_TO_DESTINATION", private]]]),
            json!(["us-west-2b", "blocked", [["NO_ROUTE_TO_DESTINATION", private]]]),
            json!(["us-west-2c", "blocked", [["NO_ROUTE_TO_DESTINATION", main]]]),
        ]
    );
    let recommended =
        diagnosis["proposals"].as_array().unwrap().iter().find(|one| one["recommended"] == true);
    assert_eq!(recommended.unwrap()["id"], "s3-gateway");

    let fixes: [(&str, &str, Value); 4] = [
        (
            "s3-gateway",
            "1 added, 0 changed, 0 destroyed",
            json!({ S3: "reachable", BEDROCK: "blocked", SECRETS: "blocked", OKTA: "blocked" }),
        ),
        (
            "interface-endpoints",
            "3 added, 0 changed, 0 destroyed",
            json!({ S3: "blocked", BEDROCK: "reachable", SECRETS: "reachable", OKTA: "blocked" }),
        ),
        (
            "nat",
            "4 added, 0 changed, 0 destroyed",
            json!({ S3: "reachable", BEDROCK: "reachable", SECRETS: "reachable", OKTA: "reachable" }),
        ),
        (
            "default-egress",
            "0 added, 1 changed, 0 destroyed",
            json!({ S3: "reachable", BEDROCK: "reachable", SECRETS: "reachable", OKTA: "reachable" }),
        ),
    ];
    for (remedy, applied, expected) in fixes {
        let log = repository("assets/scenarios/isolated/application.log");
        let mut fix = account.doctor();
        fix.args(["fix", "--remedy", remedy, "--write", "--format", "json", "--log"]).arg(log);
        let (code, text) = run(fix.arg("--terraform").arg(&account.app.folder));
        assert_eq!(code, 0, "{remedy}");
        let fix: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(fix["written"], true);
        assert_checked(remedy, &fix);
        account.app.terraform(&["fmt", "-check", "-no-color"]);
        account.app.terraform(&["validate", "-no-color"]);
        let output = account.app.apply();
        assert!(output.contains(applied), "{remedy}: {output}");

        let (code, diagnosis) = diagnose(&account);
        assert_eq!(verdicts(&diagnosis), expected, "{remedy}");
        assert_eq!(
            code,
            i32::from(expected.as_object().unwrap().values().any(|verdict| verdict == "blocked"))
        );
        let cured: Vec<&str> = expected
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, verdict)| *verdict == "reachable")
            .map(|(host, _)| host.as_str())
            .collect();
        let mut promised: Vec<&str> =
            fix["proposal"]["cures"].as_array().unwrap().iter().map(|host| host.as_str().unwrap()).collect();
        promised.sort_unstable();
        assert_eq!(promised, cured, "{remedy} promised what it then did");
        if remedy == "s3-gateway" {
            let (code, _) = run(account.doctor().args(["diagnose", "--to", "s3.us-west-2.amazonaws.com"]));
            assert_eq!(code, 0);
        }
        account.app.assert_no_changes();

        run(account.doctor().arg("undo").arg("--terraform").arg(&account.app.folder));
        assert_eq!(account.app.code(), original, "{remedy} undone byte for byte");
        account.app.apply();
        account.app.assert_no_changes();
        assert_eq!(verdicts(&diagnose(&account).1), all_blocked, "{remedy} rolled back");
    }
}

/// A service of `tests/lab/faults`, the host that it cannot reach, and the remedy.
const FAULTS: [(&str, &str, &str); 11] = [
    ("acl-app", BUCKET, "nacl"),
    ("dynamodb-app", "dynamodb.us-west-2.amazonaws.com", "dynamodb-gateway"),
    ("dns-app", BUCKET, "vpc-dns"),
    ("egress-app", BUCKET, "security-group-egress"),
    ("endpoint-group-app", SECRETS, "endpoint-ingress"),
    ("missed-table-app", BUCKET, "gateway-route-tables"),
    ("moved-app", OKTA, "move-connector"),
    ("nat-nowhere-app", OKTA, "nat-repair"),
    // Adds a route to the existing gateway.
    ("no-nat-route-app", OKTA, "nat"),
    // Turns on private DNS of the existing endpoint.
    ("private-dns-app", SECRETS, "interface-endpoints"),
    ("zones-app", OKTA, "nat-per-zone"),
];
const BUCKET: &str = "bond-ai-dev-files.s3.us-west-2.amazonaws.com";

#[test]
fn each_remedy_is_written_applied_and_repairs_its_fault() {
    if !is_possible("each_remedy_is_written_applied_and_repairs_its_fault") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let lab = Lab::start();
    let root = Root::copy(&repository("tests/lab/faults"), home.path().join("faults"), lab.environment());
    assert_catalogue(home.path(), &lab, &root, Written::Checked);
    assert_imported(home.path(), &lab, &root);
}

#[test]
fn each_remedy_is_written_into_the_module_with_the_code() {
    if !is_possible("each_remedy_is_written_into_the_module_with_the_code") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let lab = Lab::start();
    // The same code as a module, called by a root that has only the provider.
    let source = home.path().join("source");
    let provider = "provider \"aws\" {\n  region = \"us-west-2\"\n}\n";
    for entry in std::fs::read_dir(repository("tests/lab/faults")).unwrap() {
        let path = entry.unwrap().path();
        let to = source.join("modules/faults").join(path.file_name().unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, std::fs::read_to_string(path).unwrap().replace(provider, "")).unwrap();
    }
    std::fs::create_dir_all(source.join("live")).unwrap();
    let call = "module \"faults\" {\n  source = \"../modules/faults\"\n}\n";
    std::fs::write(source.join("live/main.tf"), format!("{provider}\n{call}")).unwrap();
    let root = Root::copy_below(&source, home.path().join("infra"), "live", lab.environment());
    let live = root.code().into_iter().find(|(name, _)| name == "live/main.tf").unwrap();
    assert_catalogue(home.path(), &lab, &root, Written::ByPatch);
    assert!(root.code().contains(&live));
}

/// How a fix gets into the code.
#[derive(Clone, Copy)]
enum Written {
    /// The program writes it and checks it, every fourth with a plan: a plan of this root takes 20 s, and the plan at the end
    /// checks all fixes together.
    Checked,
    /// `git apply` with the patch that the program saves. One plan checks all fixes together.
    ByPatch,
}

/// Asserts that each remedy fixes its fault with the announced changes, and that the old code has the faults
/// again.
fn assert_catalogue(home: &Path, lab: &Lab, root: &Root, how: Written) {
    root.apply();
    root.assert_no_changes();
    let original = root.code();
    let verdict = |service: &str, host: &str| -> Value {
        let mut diagnose = lab.doctor(home);
        let arguments = ["diagnose", "--format", "json", "--service", service, "--to", host];
        let diagnosis: Value = serde_json::from_str(&run(diagnose.args(arguments)).1).unwrap();
        assert_eq!(diagnosis["destinations"][0]["host"], host);
        diagnosis["destinations"][0]["verdict"].clone()
    };
    let verdicts = || FAULTS.map(|(service, host, _)| (service, verdict(service, host)));
    let broken = FAULTS.map(|(service, ..)| {
        (service, json!(if service == "missed-table-app" { "intermittent" } else { "blocked" }))
    });
    assert_eq!(verdicts(), broken);

    let mut announced: Vec<String> = Vec::new();
    for (number, (service, host, remedy)) in FAULTS.into_iter().enumerate() {
        let level = if number % 4 == 0 { "plan" } else { "validate" };
        let mut fix = lab.doctor(home);
        fix.args(["fix", "--service", service, "--to", host, "--remedy", remedy, "--format", "json"]);
        let patch = home.join("fix.patch");
        match how {
            Written::Checked => fix.args(["--write", "--check", level]),
            Written::ByPatch => fix.arg("--patch").arg(&patch),
        };
        let (code, text) = run(fix.arg("--terraform").arg(&root.folder));
        assert_eq!(code, 0, "{remedy}");
        let fix: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(fix["proposal"]["cures"], json!([host]), "{remedy}");
        match how {
            Written::Checked if level == "plan" => assert_checked(remedy, &fix),
            Written::Checked => assert_passed(remedy, &fix, &["fmt", "validate"]),
            Written::ByPatch => root.apply_patch(&patch),
        }
        for (list, action) in [("adds", "create"), ("changes", "update")] {
            let addresses = fix[list].as_array().unwrap().iter();
            announced.extend(addresses.map(|address| format!("{action} {}", address.as_str().unwrap())));
        }
    }
    root.terraform(&["fmt", "-check", "-recursive", "-no-color", ".."]);
    let planned = root.planned();
    announced.sort();
    assert_eq!(planned, announced, "what Terraform does is what was announced, and nothing is destroyed");
    root.apply();
    assert_eq!(verdicts(), FAULTS.map(|(service, ..)| (service, json!("reachable"))));
    root.assert_no_changes();

    root.restore(&original);
    root.apply();
    root.assert_no_changes();
    assert_eq!(verdicts(), broken);
}

/// A service of `tests/lab/paths`, the destination that it cannot reach, the remedy, and the verdict after it.
const PATHS: [(&str, &str, &str, &str); 8] = [
    ("closed-app", OKTA, "internet-gateway,nat", "reachable"),
    ("database-app", "10.42.8.50:5432", "destination-ingress", "reachable"),
    ("gateway-app", OKTA, "internet-gateway", "reachable"),
    // Whether the software of the instance forwards packets stays unknown.
    ("instance-app", OKTA, "nat-instance", "unknown"),
    ("ipv6-app", "[2606:4700::1111]:443", "ipv6-egress", "reachable"),
    // Adds the routes of both VPCs.
    ("peering-app", "10.46.1.50:5432", "peering-route", "reachable"),
    ("public-app", OKTA, "private-subnets", "reachable"),
    ("unused-nat-app", OKTA, "nat-route", "reachable"),
];

#[test]
fn each_path_is_repaired_by_its_fix_and_broken_again_without_it() {
    if !is_possible("each_path_is_repaired_by_its_fix_and_broken_again_without_it") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let lab = Lab::start();
    let root = Root::copy(&repository("tests/lab/paths"), home.path().join("paths"), lab.environment());
    root.apply();
    let original = root.code();
    let verdict = |service: &str, host: &str| -> String {
        let mut diagnose = lab.doctor(home.path());
        let arguments = ["diagnose", "--format", "json", "--service", service, "--to", host];
        let diagnosis: Value = serde_json::from_str(&run(diagnose.args(arguments)).1).unwrap();
        diagnosis["destinations"][0]["verdict"].as_str().unwrap().to_owned()
    };
    // For the program, the network interfaces are attached. Terraform waits until a new one is `available`.
    let attached = json!([{
        "operation": "DescribeNetworkInterfaces", "kind": "replace", "old": "<status>available</status>",
        "new": "<status>in-use</status>",
    }]);
    let attach = || lab.post("/lab/faults", &attached.to_string());
    let detach = || lab.post("/lab/faults", "[]");
    let verdicts = || {
        attach();
        let all = PATHS.map(|(service, host, ..)| (service, verdict(service, host)));
        detach();
        all
    };
    let broken = PATHS.map(|(service, ..)| (service, "blocked".to_owned()));
    assert_eq!(verdicts(), broken);
    let mut announced: Vec<String> = Vec::new();
    for (service, host, remedy, after) in PATHS {
        let mut fix = lab.doctor(home.path());
        fix.args(["fix", "--service", service, "--to", host, "--remedy", remedy, "--format", "json"]);
        fix.args(["--write", "--check", "validate", "--terraform"]);
        attach();
        let (code, text) = run(fix.arg(&root.folder));
        detach();
        assert_eq!(code, 0, "{remedy}");
        let fix: Value = serde_json::from_str(&text).unwrap();
        let name = host.trim_end_matches(":5432").trim_start_matches('[').trim_end_matches("]:443");
        let cures = if after == "reachable" { json!([name]) } else { json!([]) };
        assert_eq!(fix["proposal"]["cures"], cures, "{remedy}");
        assert_passed(remedy, &fix, &["fmt", "validate"]);
        for (list, action) in [("adds", "create"), ("changes", "update")] {
            let addresses = fix[list].as_array().unwrap().iter();
            announced.extend(addresses.map(|address| format!("{action} {}", address.as_str().unwrap())));
        }
    }
    root.terraform(&["fmt", "-check", "-recursive", "-no-color"]);
    let mut planned = root.planned();
    // One block creates a subnet in each AZ.
    for address in &mut planned {
        *address = address.split("[\"us-west-2").next().unwrap().to_owned();
    }
    planned.dedup();
    announced.sort();
    assert_eq!(planned, announced, "what Terraform does is what was announced, and nothing is destroyed");
    root.apply();
    assert_eq!(verdicts(), PATHS.map(|(service, _, _, after)| (service, after.to_owned())));
    root.assert_no_changes();
    root.restore(&original);
    root.apply();
    root.assert_no_changes();
    assert_eq!(verdicts(), broken);
}

/// Imports an endpoint that exists in AWS but not in the code, and turns on its private DNS in the same
/// step.
fn assert_imported(home: &Path, lab: &Lab, root: &Root) {
    let made = "aws_vpc_endpoint.private_dns";
    root.terraform(&["state", "rm", "-no-color", made]);
    let file = root.folder.join("private_dns.tf");
    let text = std::fs::read_to_string(&file).unwrap();
    let start = text.find("resource \"aws_vpc_endpoint\"").unwrap();
    let end = start + text[start..].find("\n}\n\n").unwrap() + 4;
    std::fs::write(&file, format!("{}{}", &text[..start], &text[end..])).unwrap();
    let mut diagnose = lab.doctor(home);
    diagnose.args(["diagnose", "--format", "json", "--service", "private-dns-app", "--to", SECRETS]);
    let before: Value = serde_json::from_str(&run(&mut diagnose).1).unwrap();
    let fix = |answer: &str| {
        let mut fix = lab.doctor(home);
        fix.args(["fix", "--service", "private-dns-app", "--to", SECRETS, "--remedy", "interface-endpoints"]);
        fix.args(["--write", "--format", "json", "--made-by", answer, "--terraform"]);
        run(fix.arg(&root.folder))
    };
    let endpoint = before["proposals"].to_string();
    let at = endpoint.find("vpce-").expect("the proposal names the endpoint");
    let endpoint: String =
        endpoint[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let (code, text) = fix(&format!("{endpoint}=import"));
    assert_eq!(code, 0);
    let fix: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(fix["imports"], json!(["aws_vpc_endpoint.secretsmanager"]));
    assert_checked("import", &fix);
    let applied = root.apply();
    assert!(applied.contains("1 imported, 0 added, 1 changed, 0 destroyed"), "{applied}");
    let after: Value = serde_json::from_str(&run(&mut diagnose).1).unwrap();
    assert_eq!(after["destinations"][0]["verdict"], "reachable");
    root.assert_no_changes();
}

#[test]
fn a_configuration_of_modules_is_edited_in_its_modules() {
    if !is_possible("a_configuration_of_modules_is_edited_in_its_modules") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let lab = Lab::start();
    let source = repository("tests/lab/modules");
    let root = Root::copy_below(&source, home.path().join("infra"), "envs/dev", lab.environment());
    root.apply();
    let original = root.code();
    let hosts = [BUCKET, SECRETS, OKTA];
    let verdicts = || {
        let mut diagnose = lab.doctor(home.path());
        diagnose.args(["diagnose", "--format", "json"]).args(hosts.iter().flat_map(|host| ["--to", host]));
        let diagnosis: Value = serde_json::from_str(&run(&mut diagnose).1).unwrap();
        hosts.map(|host| {
            let all = diagnosis["destinations"].as_array().unwrap();
            all.iter().find(|one| one["host"] == host).unwrap()["verdict"].as_str().unwrap().to_owned()
        })
    };
    assert_eq!(verdicts(), ["blocked"; 3]);
    // Each fix is added to the code of the previous fix. New blocks are added to the module that
    // creates the VPC.
    let mut files: Vec<String> = Vec::new();
    for (remedy, expected) in [
        ("s3-gateway", ["reachable", "blocked", "blocked"]),
        ("interface-endpoints", ["reachable", "reachable", "blocked"]),
        ("nat", ["reachable"; 3]),
    ] {
        let mut fix = lab.doctor(home.path());
        fix.args(["fix", "--remedy", remedy, "--write", "--format", "json"]);
        fix.args(hosts.iter().flat_map(|host| ["--to", host]));
        let (_, text) = run(fix.arg("--terraform").arg(&root.folder));
        let fix: Value = serde_json::from_str(&text).unwrap();
        assert_checked(remedy, &fix);
        let written = fix["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap());
        files.extend(written.map(|path| format!("{remedy}: {path}")));
        root.terraform(&["fmt", "-check", "-recursive", "-no-color", "../.."]);
        root.apply();
        assert_eq!(verdicts(), expected, "{remedy}");
        root.assert_no_changes();
    }
    assert_eq!(
        files,
        [
            "s3-gateway: ../../modules/network/data-sources.tf",
            "s3-gateway: ../../modules/network/vpc-endpoints.tf",
            "interface-endpoints: ../../modules/network/vpc-endpoints.tf",
            "nat: ../../modules/network/nat-gateway.tf",
        ]
    );
    let before_the_last = root.code();
    run(lab.doctor(home.path()).arg("undo").arg("--terraform").arg(&root.folder));
    assert_eq!(root.code().len(), before_the_last.len() - 1, "the last write is taken back");
    root.restore(&original);
    root.apply();
    root.assert_no_changes();
    assert_eq!(verdicts(), ["blocked"; 3]);
}
