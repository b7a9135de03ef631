//! `snapshot --refresh`: reads a part of an account again, and merges it into a saved snapshot.

use egress_doctor::discover::load_snapshot;
use egress_doctor::model::{Call, ServiceStatus, Snapshot};
use serde_json::{Value, json};

use crate::support::lab::Account;
use crate::support::run;

/// Both have the same facts and gaps.
fn same_facts(snapshot: &Snapshot, expected: &Snapshot) {
    let parts = |snapshot: &Snapshot| {
        let value = serde_json::to_value(snapshot).unwrap();
        let network = value["network"].as_object().unwrap().clone();
        let rest = ["workloads", "gaps", "prices", "account"].map(|key| (key.to_owned(), value[key].clone()));
        network.into_iter().chain(rest).collect::<Vec<(String, Value)>>()
    };
    for (one, other) in parts(snapshot).into_iter().zip(parts(expected)) {
        assert_eq!(one, other);
    }
}

/// Two calls are denied when the account is saved. Then the administrator allows them.
#[test]
fn a_snapshot_is_completed_by_its_failed_calls_and_one_service_is_read_again() {
    let Some(account) = Account::with_services(
        "a_snapshot_is_completed_by_its_failed_calls_and_one_service_is_read_again",
        3,
    ) else {
        return;
    };
    // A new service is in progress for a moment.
    let is_ready = |snapshot: &Snapshot| {
        snapshot.workloads.iter().all(|workload| workload.status == ServiceStatus::Running)
    };
    let mut whole = account.snapshot();
    while !is_ready(&whole) {
        whole = account.snapshot();
    }
    account.lab.post("/lab/reset", "");
    account.faults(&json!([
        { "operation": "DescribeRouteTables", "kind": "denied" },
        { "operation": "DescribeService", "kind": "denied", "count": 1 },
    ]));
    let denied = account.snapshot();
    let sent = account.lab.stats()["calls"].as_u64().unwrap();
    assert_eq!(denied.calls.len() as u64, sent, "each call is recorded once: {:?}", denied.calls);
    let failed: Vec<Call> =
        denied.calls.iter().filter(|record| record.failure.is_some()).map(|record| record.call).collect();
    assert_eq!(
        denied.gaps.iter().map(|gap| gap.call).collect::<Vec<_>>(),
        [Call::DescribeService, Call::DescribeRouteTables]
    );
    assert_eq!(failed.len(), 2);

    let file = account.home.path().join("snapshot.json");
    let refresh = |options: &[&str]| {
        account.lab.post("/lab/reset", "");
        run(account.doctor().args(["snapshot", "--timeout", "10m", "--refresh"]).arg(&file).args(options));
        let stats = account.lab.stats();
        (load_snapshot(&file).unwrap(), stats["operations"].clone())
    };
    account.faults(&json!([]));
    let (complete, calls) = refresh(&[]);
    assert_eq!(
        calls,
        json!({ "apprunner:DescribeService": 1, "ec2:DescribeRouteTables": 1, "sts:GetCallerIdentity": 1 })
    );
    same_facts(&complete, &whole);
    assert!(complete.calls.iter().all(|record| record.failure.is_none()));
    assert_eq!(complete.calls.len(), denied.calls.len());
    assert_eq!(complete.taken_at, denied.taken_at);

    let (again, calls) = refresh(&["--service", "bond-01"]);
    same_facts(&again, &whole);
    assert_eq!(calls["apprunner:DescribeService"], 1, "{calls}");
    // Nothing is left to read.
    let (_, calls) = refresh(&[]);
    assert_eq!(calls, json!({}));
}
