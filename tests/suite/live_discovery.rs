//! Live discovery on an account on the loopback address, with faults that occur in real accounts.

use std::process::Command;

use crate::support::lab::{Account, Lab};
use crate::support::{repository, run};
use egress_doctor::model::{Call, GapKind, ServiceStatus, Snapshot};
use serde_json::json;

/// The snapshot without its time.
fn without_time(snapshot: &Snapshot) -> serde_json::Value {
    let mut value = serde_json::to_value(snapshot).unwrap();
    for key in ["taken_at", "calls"] {
        value.as_object_mut().unwrap().remove(key);
    }
    value
}

#[test]
fn all_pages_are_read_with_read_only_calls() {
    let Some(account) = Account::new("all_pages_are_read_with_read_only_calls") else { return };
    account.lab.post("/lab/reset", "");
    let whole = account.snapshot();
    assert_eq!(whole.gaps, []);
    assert_eq!(whole.workloads.len(), 25, "App Runner lists 20 services a page");
    assert_eq!(whole.network.subnets.len(), 3);
    assert_eq!(whole.network.route_tables.len(), 2);
    let stats = account.lab.stats();
    for operation in stats["operations"].as_object().unwrap().keys() {
        let name = operation.split(':').nth(1).unwrap();
        assert!(Call::ALL.iter().any(|call| call.name() == name), "{operation} is not in the table of calls");
    }
    account.faults(&json!([
        { "operation": "DescribeVpcEndpointServices", "kind": "page", "size": 100 },
        { "operation": "Describe(?!VpcAttribute|DhcpOptions).*", "kind": "page", "size": 1 },
    ]));
    account.lab.post("/lab/reset", "");
    let paged = account.snapshot();
    assert_eq!(paged.gaps, []);
    let (paged, whole) = (without_time(&paged), without_time(&whole));
    for (key, value) in whole.as_object().unwrap() {
        assert_eq!(&paged[key], value, "page by page it is the same account: {key}");
    }
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&paged), keys(&whole));
    let paged = account.lab.stats();
    assert_eq!(paged["operations"]["ec2:DescribeRouteTables"], 2, "{paged}");
}

#[test]
fn values_of_variables_are_not_kept() {
    let Some(account) = Account::new("values_of_variables_are_not_kept") else { return };
    let snapshot = account.snapshot();
    let text = snapshot.to_json().unwrap();
    assert!(!text.contains("p4ssw0rd") && !text.contains("t0p-s3cr3t"), "{text}");
    let service = snapshot.workloads.iter().next().unwrap();
    let variables: Vec<(&str, Vec<&str>)> = service
        .environment
        .variables
        .iter()
        .map(|variable| (variable.name.as_str(), variable.hosts.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(
        variables,
        [
            ("API_TOKEN", vec![]),
            ("DATABASE_URL", vec!["db.example.com:5432"]),
            ("SECRETS_ENDPOINT_URL", vec!["secretsmanager.us-west-2.amazonaws.com"]),
        ]
    );
}

#[test]
fn a_name_in_a_private_hosted_zone_is_not_public() {
    let Some(account) = Account::new("a_name_in_a_private_hosted_zone_is_not_public") else {
        return;
    };
    let zones = |snapshot: &Snapshot| snapshot.network.vpcs.iter().next().unwrap().private_zones.clone();
    assert_eq!(zones(&account.snapshot()), Some(vec!["corp.example.net".to_owned()]));
    let (_, text) = account.diagnose("api.corp.example.net");
    assert!(text.contains("private hosted zone corp.example.net resolves this name in the VPC"), "{text}");
    account.faults(&json!([{ "operation": "ListHostedZonesByVPC", "kind": "denied" }]));
    let denied = account.snapshot();
    assert_eq!(zones(&denied), None);
    assert_eq!(
        denied.gaps.iter().map(|gap| (gap.call, gap.kind)).collect::<Vec<_>>(),
        [(Call::ListHostedZonesByVPC, GapKind::Denied)]
    );
}

#[test]
fn a_failed_call_is_a_gap_and_the_other_calls_continue() {
    let Some(account) = Account::new("a_failed_call_is_a_gap_and_the_other_calls_continue") else {
        return;
    };
    let gaps = |faults: serde_json::Value| {
        account.faults(&faults);
        let snapshot = account.snapshot();
        assert_eq!(snapshot.workloads.len(), 25, "the other calls continue");
        snapshot.gaps.into_iter().map(|gap| (gap.call, gap.kind)).collect::<Vec<_>>()
    };
    assert_eq!(
        gaps(json!([
            { "operation": "DescribeRouteTables", "kind": "denied" },
            { "operation": "ListVpcConnectors", "kind": "denied" },
        ])),
        [(Call::ListVpcConnectors, GapKind::Denied)],
        "without connectors no VPC is known to be read"
    );
    assert_eq!(
        gaps(json!([{ "operation": "DescribeRouteTables", "kind": "denied" }])),
        [(Call::DescribeRouteTables, GapKind::Denied)]
    );
    // The login page of a proxy is a gap, not an empty account.
    assert_eq!(
        gaps(json!([{ "operation": "DescribeSecurityGroups", "kind": "garbage" }])),
        [(Call::DescribeSecurityGroups, GapKind::Failed)]
    );
    // Two throttled calls are retried; permanent throttling is reported.
    assert_eq!(gaps(json!([{ "operation": "DescribeVpcs", "kind": "throttled", "count": 2 }])), []);
    assert_eq!(
        gaps(json!([{ "operation": "DescribeVpcs", "kind": "throttled" }])),
        [(Call::DescribeVpcs, GapKind::Throttled)]
    );
    assert_eq!(gaps(json!([{ "operation": "DescribeNatGateways", "kind": "reset", "count": 1 }])), []);
}

#[test]
fn a_denied_call_makes_the_verdict_unknown_and_names_the_permission() {
    let Some(account) = Account::new("a_denied_call_makes_the_verdict_unknown_and_names_the_permission")
    else {
        return;
    };
    let (code, text) = account.diagnose("s3.us-west-2.amazonaws.com");
    assert_eq!(code, 1, "{text}");
    account.faults(&json!([{ "operation": "DescribeRouteTables", "kind": "denied" }]));
    let (code, text) = account.diagnose("s3.us-west-2.amazonaws.com");
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("[needs ec2:DescribeRouteTables]"), "{text}");
    assert!(text.contains("Not read: ec2:DescribeRouteTables denied: UnauthorizedOperation: the credentials do not allow this call"), "{text}");
}

#[test]
fn unknown_values_of_aws_are_kept() {
    let Some(account) = Account::new("unknown_values_of_aws_are_kept") else { return };
    account.faults(&json!([{ "operation": "DescribeService", "kind": "replace", "old": "\"RUNNING\"", "new": "\"HIBERNATING\"" }]));
    let snapshot = account.snapshot();
    assert!(
        snapshot
            .workloads
            .iter()
            .all(|workload| workload.status == ServiceStatus::Other("HIBERNATING".to_owned()))
    );
    account.faults(
        &json!([{ "operation": "DescribeService", "kind": "replace", "old": "\"VPC\"", "new": "\"MESH\"" }]),
    );
    let (code, text) = account.diagnose("s3.us-west-2.amazonaws.com");
    assert_eq!(code, 3, "an egress mode that is not known proves nothing: {text}");
    assert!(text.contains("unsupported egress type MESH"), "{text}");
}

#[test]
fn missing_credentials_are_explained() {
    let home = tempfile::tempdir().unwrap();
    let mut command = crate::support::doctor(home.path());
    command.env("AWS_REGION", "us-west-2").env("AWS_EC2_METADATA_DISABLED", "true").arg("diagnose");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.contains("set AWS_PROFILE or --profile, or log in again with `aws sso login`"),
        "{message}"
    );
}

/// The log of the service `bond-07`, and the permissions of its role.
fn with_log(account: &Account) {
    use std::io::Write as _;
    use std::process::Stdio;

    let python = Lab::python();
    let mut command = Command::new(python);
    command.arg(repository("tests/lab/log.py")).args([&account.lab.endpoint, "bond-07"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let lines = "INFO starting\n\
         Traceback (most recent call last):\n  File \"/app/main.py\", line 7, in call\n    client.get_object()\n\
         botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: \"https://sns.us-west-2.amazonaws.com/\"\n\
         INFO password=hunter2.example.com accepted\n";
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "the log was not written");
}

#[test]
fn destinations_come_from_the_log_group_and_the_instance_role() {
    let Some(account) = Account::new("destinations_come_from_the_log_group_and_the_instance_role") else {
        return;
    };
    with_log(&account);
    let home = account.home.path();
    let ask =
        |more: &[&str]| run(account.lab.doctor(home).args(["diagnose", "--service", "bond-07"]).args(more));
    let (code, text) = ask(&[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("sns.us-west-2.amazonaws.com  blocked  (1 connect timeout, line 5)"), "{text}");
    assert!(text.contains("(the instance role allows sqs:SendMessage)"), "{text}");
    assert!(text.contains("(the instance role allows kms:Decrypt)"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    // `--since 0s` skips the log, `--no-infer` skips the settings of the service.
    let (_, silent) = ask(&["--since", "0s"]);
    assert!(!silent.contains("sns.us-west-2"), "{silent}");
    let (_, narrow) = ask(&["--no-infer"]);
    assert!(narrow.contains("sns.us-west-2") && !narrow.contains("sqs.us-west-2"), "{narrow}");
    // A denied call is a gap that names the action; the other calls continue.
    account.faults(&json!([
        { "operation": "FilterLogEvents", "kind": "denied" }, { "operation": "GetRolePolicy", "kind": "denied" }
    ]));
    let (_, denied) = ask(&[]);
    assert!(denied.contains("Not read: logs:FilterLogEvents denied"), "{denied}");
    assert!(denied.contains("Not read: iam:GetRolePolicy denied"), "{denied}");
    assert!(!denied.contains("instance role allows"), "{denied}");
}

#[test]
fn current_prices_are_read_and_a_missing_price_is_not_zero() {
    let Some(account) = Account::new("current_prices_are_read_and_a_missing_price_is_not_zero") else {
        return;
    };
    let nat = |account: &Account| {
        let mut command = account.lab.doctor(account.home.path());
        let (_, text) = run(command.args([
            "diagnose",
            "--format",
            "json",
            "--service",
            "bond-07",
            "--to",
            "secretsmanager.us-west-2.amazonaws.com",
            "--refresh",
        ]));
        let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
        let made = answer["proposals"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["id"] == "interface-endpoints")
            .cloned();
        let estimate = made.unwrap()["estimate"].clone();
        let gaps = answer["gaps"].as_array().unwrap().iter();
        let gaps: Vec<String> =
            gaps.filter(|gap| gap["call"] == "GetProducts").map(|gap| gap["kind"].to_string()).collect();
        (estimate["fixed_per_month_usd"].clone(), estimate["source"].as_str().unwrap().to_owned(), gaps)
    };
    let (sum, source, gaps) = nat(&account);
    assert_eq!((sum, gaps.len()), (json!("21.90"), 0));
    assert!(source.starts_with("AWS Price List; "), "{source}");
    let dearer = json!([{ "operation": "GetProducts", "kind": "replace", "old": "0.0100000000", "new": "0.0200000000" }]);
    account.faults(&dearer);
    assert_eq!(nat(&account).0, json!("43.80"));
    account.faults(&json!([{ "operation": "GetProducts", "kind": "denied" }]));
    let (sum, source, gaps) = nat(&account);
    assert_eq!((sum, gaps), (json!("21.90"), vec!["\"denied\"".to_owned()]));
    assert!(source.starts_with("public on-demand list prices"), "{source}");
}
