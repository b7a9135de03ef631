//! Large accounts: every list is read page by page, and what is read is linear in what is asked about.

use crate::support::lab::{Account, Lab, is_available};
use crate::support::run;
use egress_doctor::model::{ServiceStatus, Snapshot};
use serde_json::{Value, json};

/// An account whose answers `tests/lab/large.py` computes.
fn account(test: &str, size: &Value) -> Option<Account> {
    if !is_available(test) {
        return None;
    }
    let account = Account { lab: Lab::start(), home: tempfile::tempdir().unwrap() };
    account.lab.post("/lab/large", &size.to_string());
    Some(account)
}

fn sizes(snapshot: &Snapshot) -> [usize; 5] {
    let network = &snapshot.network;
    [
        snapshot.workloads.len(),
        network.vpcs.len(),
        network.subnets.len(),
        network.security_groups.len(),
        network.network_interfaces.len(),
    ]
}

#[test]
fn the_whole_of_a_large_account_is_read_and_one_service_reads_only_its_vpc() {
    let size =
        json!({ "services": 50, "vpcs": 16, "subnets": 240, "groups": 64, "interfaces": 2400, "tables": 48 });
    let Some(account) = account("the_whole_of_a_large_account_is_read", &size) else { return };
    account.lab.post("/lab/reset", "");
    let whole = account.snapshot();
    assert_eq!(whole.gaps, [], "the connectors have more subnets than EC2 allows filter values");
    assert_eq!(sizes(&whole), [50, 16, 240, 64, 2400]);
    let calls = account.lab.stats();
    let count = |calls: &Value, operation: &str| calls["operations"][operation].as_u64().unwrap_or_default();
    assert_eq!(count(&calls, "ec2:DescribeNetworkInterfaces"), 3, "pages of 1,000: {calls}");
    account.lab.post("/lab/reset", "");
    let one = account.snapshot_with(&["--service", "bond-007"]);
    assert_eq!((one.gaps.as_slice(), sizes(&one)), (&[][..], [1, 1, 15, 4, 150]));
    let calls = account.lab.stats();
    assert_eq!(count(&calls, "apprunner:DescribeService"), 1, "{calls}");
    assert_eq!(count(&calls, "ec2:DescribeNetworkInterfaces"), 1, "{calls}");
}

/// A team saves all services for a bug report. The account has services in two VPCs.
#[test]
fn all_services_with_all_their_networks_are_saved_for_a_bug_report() {
    let size = json!({ "services": 3, "vpcs": 2, "subnets": 6, "groups": 4, "interfaces": 12, "tables": 4 });
    let Some(account) = account("all_services_with_all_their_networks_are_saved_for_a_bug_report", &size)
    else {
        return;
    };
    let all = account.snapshot_with(&["--all-services"]);
    assert_eq!((all.gaps.as_slice(), sizes(&all)), (&[][..], [3, 2, 6, 4, 12]));
    let names: Vec<&str> = all.workloads.iter().map(|workload| workload.name.as_str()).collect();
    assert_eq!(names, ["bond-000", "bond-001", "bond-002"]);
    assert!(all.workloads.iter().all(|workload| workload.status == ServiceStatus::Running));
    assert_eq!(all.network, account.snapshot().network, "it is the default without --service");

    let path = account.home.path().join("report.json");
    let file = path.to_str().unwrap();
    let refused = |arguments: &[&str]| {
        let output = account.doctor().arg("snapshot").args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for other in [["--service", "bond-001"], ["--refresh", file]] {
        let (code, text) = refused(&[&["--all-services", "-o", file], &other[..]].concat());
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains("'--all-services' cannot be used with"), "{text}");
    }
    // Redacted, it names neither a service nor the account.
    let (code, text) = run(account.doctor().args(["snapshot", "--all-services", "--redact", "-o", file]));
    assert_eq!((code, text), (0, format!("Saved 3 services of us-west-2 with their network to {file}\n")));
    let saved = std::fs::read_to_string(&path).unwrap();
    assert!(!saved.contains("bond-00") && !saved.contains("123456789012"), "{saved}");
}
