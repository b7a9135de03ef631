//! Databases, caches and load balancers that a service names, read from live AWS.

use std::process::Command;

use crate::support::lab::{Account, Lab};
use crate::support::{repository, run};
use serde_json::{Value, json};

/// The calls that describe resources with host names, with their counts.
fn named_calls(stats: &Value) -> Vec<String> {
    let services = ["rds:", "elasticache:", "elasticloadbalancing:"];
    let operations = stats["operations"].as_object().unwrap().iter();
    let mut calls: Vec<String> = operations
        .filter(|(name, _)| services.iter().any(|service| name.starts_with(service)))
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    calls.sort();
    calls
}

/// The verdict of each destination of the application, with the code of what blocks it or the IAM action that it needs.
fn verdicts(answer: &Value) -> Vec<String> {
    let destinations = answer["destinations"].as_array().unwrap().iter();
    destinations
        .filter(|one| one["caller"] == "application")
        .map(|one| {
            let subnet = &one["subnets"][0];
            let of_unknown = &subnet["unknowns"][0]["missing_action"];
            let decides =
                if one["verdict"] == "unknown" { of_unknown } else { &subnet["blockers"][0]["code"] };
            let decides = decides.as_str().map_or(String::new(), |text| format!(" {text}"));
            let host = one["host"].as_str().unwrap();
            let host = host.split('.').find(|label| *label != "master").unwrap();
            format!("{host}:{} {}{}", one["port"], one["verdict"].as_str().unwrap(), decides)
        })
        .collect()
}

/// In the lab, the network interfaces that a test creates are not attached.
fn attached() -> Value {
    json!({
        "operation": "DescribeNetworkInterfaces", "kind": "replace", "old": "<status>available</status>",
        "new": "<status>in-use</status>",
    })
}

/// RDS: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html>,
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusters.html>; `ElastiCache`:
/// <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeReplicationGroups.html>; load balancers:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html>.
#[test]
fn the_databases_of_a_service_are_read_in_the_third_round_and_only_if_it_needs_them() {
    let test = "the_databases_of_a_service_are_read_in_the_third_round_and_only_if_it_needs_them";
    let Some(account) = Account::with_services(test, 1) else { return };
    let mut databases = Command::new(Lab::python());
    let made =
        databases.arg(repository("tests/lab/databases.py")).arg(&account.lab.endpoint).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let hosts: Value = serde_json::from_slice(&made.stdout).unwrap();
    // The first call of each kind takes seconds in the lab.
    account.snapshot();
    let in_rounds = json!({ "operation": ".*", "kind": "round", "seconds": 0.5 });
    let ask = |fault: &Value, arguments: &[&str]| {
        account.faults(&json!([attached(), fault]));
        account.lab.post("/lab/reset", "");
        let mut command = account.doctor();
        let (_, printed) =
            run(command.args(["diagnose", "--timeout", "10m", "--format", "json"]).args(arguments));
        assert!(!printed.contains("p4ssw0rd") && !printed.contains("hunter2"), "{printed}");
        (serde_json::from_str::<Value>(&printed).unwrap(), account.lab.stats())
    };

    // A service without such a name makes none of these calls.
    let (_, before) = ask(&in_rounds, &["--service", "bond-00"]);
    assert_eq!(named_calls(&before), [""; 0], "{before}");
    let (answer, stats) = ask(&in_rounds, &["--service", "shop"]);
    let expected = [
        "elasticache:DescribeCacheClusters 1",
        "elasticache:DescribeCacheSubnetGroups 1",
        "elasticache:DescribeReplicationGroups 1",
        "elasticloadbalancing:DescribeLoadBalancers 1",
        "rds:DescribeDBClusters 1",
        "rds:DescribeDBInstances 1",
    ];
    assert_eq!(named_calls(&stats), expected, "{stats}");
    let number = |stats: &Value, key: &str| stats[key].as_u64().unwrap();
    // Prices are kept for a day.
    let calls = |stats: &Value| {
        number(stats, "calls") - stats["operations"]["pricing:GetProducts"].as_u64().unwrap_or_default()
    };
    assert_eq!(calls(&stats), calls(&before) + 6, "{before} {stats}");
    assert!(number(&stats, "most_at_once") <= 16, "{stats}");
    // The new service has not written a log line.
    let gaps = |answer: &Value| -> Vec<String> {
        let gaps = answer["gaps"].as_array().unwrap().iter();
        let actions = gaps.map(|gap| gap["iam_action"].as_str().unwrap().to_owned());
        actions.filter(|action| action != "logs:FilterLogEvents").collect()
    };
    assert_eq!(gaps(&answer), [""; 0]);
    assert_eq!(
        verdicts(&answer),
        [
            "api-1:80 reachable",
            "orders:5432 blocked TARGET_SG_RULES_MISMATCH",
            "sessions:6379 reachable",
            "ledger:5432 reachable",
        ]
    );
    let ledger =
        answer["destinations"].as_array().unwrap().iter().find(|one| one["host"] == hosts["ledger"]).unwrap();
    assert_eq!(
        ledger["evidence"],
        json!([
            "environment variable LEDGER_CLUSTER_ARN contains the ARN of ledger (DB cluster, aurora-postgresql)",
            "environment variable LEDGER_PASSWORD contains the ARN of the secret of ledger (DB cluster, aurora-postgresql)",
        ])
    );

    // A denied call makes only the names in its answer unknown.
    let denied = json!({ "operation": "DescribeDB.*|DescribeReplicationGroups", "kind": "denied" });
    let (answer, _) = ask(&denied, &["--service", "shop"]);
    assert_eq!(
        gaps(&answer),
        ["rds:DescribeDBInstances", "rds:DescribeDBClusters", "elasticache:DescribeReplicationGroups"]
    );
    assert_eq!(
        verdicts(&answer),
        ["api-1:80 reachable", "orders:5432 unknown rds:DescribeDBInstances", "sessions:6379 reachable",]
    );
    unread_references_are_remarks(&answer);

    // A requested name needs only the calls of its own kind.
    let (answer, stats) = ask(&in_rounds, &["--service", "shop", "--to", hosts["ledger"].as_str().unwrap()]);
    assert!(number(&stats, "rounds") <= 3, "{stats}");
    assert_eq!(named_calls(&stats), ["rds:DescribeDBClusters 1", "rds:DescribeDBInstances 1"], "{stats}");
    assert_eq!(verdicts(&answer), ["ledger:5432 reachable"]);

    the_answers_of_a_later_permission_are_added(&account, &denied);
}

/// An ARN whose host name was not read is a remark with the command that shows it.
fn unread_references_are_remarks(answer: &Value) {
    let remarks = answer["remarks"].to_string();
    assert!(
        remarks.contains(
            "Environment variable LEDGER_CLUSTER_ARN contains the ARN of ledger (DB cluster). It is unknown whether it is \
             reachable, because its host name was not read. Allow rds:DescribeDBClusters, then read the account again. Or give it \
             with --to HOST:PORT; aws rds describe-db-clusters --db-cluster-identifier ledger shows it."
        ),
        "{remarks}"
    );
    assert!(
        remarks.contains(
            "Environment variable KAFKA_CLUSTER_ARN contains the ARN of events (MSK cluster). It is unknown whether it is \
             reachable, because its host name was not read. Give it with --to HOST:PORT; aws kafka get-bootstrap-brokers \
             --cluster-arn arn:aws:kafka:us-west-2:123456789012:cluster/events/0a1b2c3d-4 shows it."
        ),
        "{remarks}"
    );
}

/// The permission is given later: only the failed answers are read again.
fn the_answers_of_a_later_permission_are_added(account: &Account, denied: &Value) {
    let path = account.home.path().join("denied.json");
    account.faults(&json!([attached(), denied]));
    run(account.doctor().args(["snapshot", "--timeout", "10m", "--service", "shop", "-o"]).arg(&path));
    account.faults(&json!([attached()]));
    account.lab.post("/lab/reset", "");
    run(account.doctor().args(["snapshot", "--timeout", "10m", "-o"]).arg(&path).arg("--refresh").arg(&path));
    let again = account.lab.stats();
    let diagnose = ["diagnose", "--format", "json", "--service", "shop", "--from"];
    let (_, answer) = run(account.doctor().args(diagnose).arg(&path));
    assert_eq!(
        verdicts(&serde_json::from_str(&answer).unwrap())[1],
        "orders:5432 blocked TARGET_SG_RULES_MISMATCH"
    );
    assert_eq!(named_calls(&again).len(), 5, "{again}");
}
