//! Large accounts: every list is read page by page, and what is read is linear in what is asked about.

use crate::support::lab::{Account, Lab, is_available};
use egress_doctor::model::Snapshot;
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
