//! Large accounts: every list is read page by page, and what is read is linear in what is asked about.

use crate::support::lab::{Account, Lab, is_available};
use crate::support::run;
use crate::support::screen::Screen;
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
    assert_eq!(
        count(&calls, "ec2:DescribeNetworkInterfaces"),
        4,
        "2 groups of VPCs, pages of 1,000: {calls}"
    );
    account.lab.post("/lab/reset", "");
    let one = account.snapshot_with(&["--service", "bond-007"]);
    assert_eq!((one.gaps.as_slice(), sizes(&one)), (&[][..], [1, 1, 15, 4, 150]));
    let calls = account.lab.stats();
    assert_eq!(count(&calls, "apprunner:DescribeService"), 1, "{calls}");
    assert_eq!(count(&calls, "ec2:DescribeNetworkInterfaces"), 1, "{calls}");
}

/// The results on the screen, as ranges of the numbers of services.
fn with_result(screen: &Screen, result: &str) -> Vec<usize> {
    let text = screen.text();
    let rows = text.lines().filter(|line| line.contains(result));
    rows.filter_map(|line| line.split_once("bond-")?.1.get(..3)?.parse().ok()).collect()
}

/// Each service `bond-NNN` uses VPC NNN. The calls of one VPC are slow, then those of its group of VPCs.
#[test]
fn a_slow_vpc_delays_only_the_verdicts_of_its_own_services() {
    let size =
        json!({ "services": 20, "vpcs": 20, "subnets": 60, "groups": 20, "interfaces": 60, "tables": 20 });
    let Some(account) = account("a_slow_vpc_delays_only_the_verdicts_of_its_own_services", &size) else {
        return;
    };
    let slow = |operations: &str| {
        let vpc = format!("vpc-{:017x}", 3);
        account.lab.post(
            "/lab/faults",
            &json!([{ "operation": operations, "kind": "hang", "names": vpc }]).to_string(),
        );
        let mut screen =
            Screen::start(&["--timeout", "10m"], &account.lab.environment(), account.home.path(), (110, 40));
        screen.wait_for("bond-019");
        screen
    };
    let shows = |screen: &mut Screen, result: &str, services: std::ops::Range<usize>| {
        screen.wait_until(|screen| with_result(screen, result).into_iter().eq(services.clone()));
    };
    let mut screen = slow("DescribeVpcAttribute|ListHostedZonesByVPC");
    screen.wait_until(|screen| with_result(screen, "blocked").len() == 19);
    shows(&mut screen, "reading its network", 3..4);

    let mut screen = slow("Describe.*|List.*");
    shows(&mut screen, "blocked", 8..20);
    shows(&mut screen, "reading its network", 0..8);
    // A service without a network has no verdict, also if the discovery is stopped.
    screen.press("enter");
    screen.wait_until(|screen| {
        ["TRACE", "has not been read yet"].iter().all(|text| screen.text().contains(text))
    });
    screen.press("esc");
    screen.wait_until(|screen| {
        ["reading its network", "Stopped reading the log"].iter().any(|text| screen.text().contains(text))
    });
    if !screen.text().contains("reading its network") {
        screen.press("esc");
        screen.wait_for("reading its network");
    }
    screen.press("esc");
    screen.wait_for("Stopped after");
    shows(&mut screen, "not diagnosed", 0..8);
    shows(&mut screen, "blocked", 8..20);
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
