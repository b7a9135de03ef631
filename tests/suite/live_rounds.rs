//! The rounds of calls: a round is one step of the longest chain of calls that wait for each other, as the gateway of the lab
//! counts it. What an answer does not need must not delay it.

use crate::support::lab::Account;
use crate::support::run;
use crate::support::screen::Screen;
use serde_json::{Value, json};

/// The calls of a round overlap.
fn in_rounds() -> Value {
    json!({ "operation": ".*", "kind": "round", "seconds": 0.5 })
}

fn count(stats: &Value, operation: &str) -> u64 {
    stats["operations"][operation].as_u64().unwrap_or_default()
}

#[test]
fn a_verdict_needs_three_rounds_of_calls() {
    let Some(account) = Account::with_services("a_verdict_needs_three_rounds_of_calls", 3) else { return };
    // The first call of each kind takes seconds in the lab.
    account.snapshot();
    account.faults(&json!([in_rounds()]));
    let stats = |ask: &dyn Fn()| {
        account.lab.post("/lab/reset", "");
        ask();
        let stats = account.lab.stats();
        assert!(stats["rounds"].as_u64().unwrap() <= 3, "{stats}");
        assert!(stats["most_at_once"].as_u64().unwrap() <= 16, "{stats}");
        stats
    };
    let all = stats(&|| assert_eq!(account.snapshot().gaps, []));
    assert_eq!(count(&all, "apprunner:DescribeService"), 3, "{all}");
    assert_eq!(count(&all, "pricing:GetProducts"), 0, "a snapshot prices no fix: {all}");

    let diagnose = |more: &[&str]| {
        let destination = ["--format", "json", "--to", "secretsmanager.us-west-2.amazonaws.com"];
        let mut command = account.doctor();
        let (code, text) =
            run(command.args(["diagnose", "--service", "bond-01"]).args(destination).args(more));
        assert_eq!(code, 1, "{text}");
        text
    };
    let one = stats(&|| {
        let _ = std::fs::remove_dir_all(account.home.path().join("cache"));
        assert!(diagnose(&[]).contains("bond-01"));
    });
    assert_eq!(count(&one, "apprunner:DescribeService"), 1, "only the service in question: {one}");
    assert_eq!(count(&one, "pricing:GetProducts"), 3, "in parallel: {one}");
    // The prices are kept for a day, unless they are renewed.
    let again = stats(&|| assert!(diagnose(&[]).contains("AWS Price List")));
    assert_eq!(count(&again, "pricing:GetProducts"), 0, "{again}");
    let renewed = stats(&|| assert!(diagnose(&["--refresh"]).contains("AWS Price List")));
    assert_eq!(count(&renewed, "pricing:GetProducts"), 3, "{renewed}");
}

#[test]
fn a_service_that_is_named_by_its_arn_is_not_searched() {
    let Some(account) = Account::with_services("a_service_that_is_named_by_its_arn_is_not_searched", 2)
    else {
        return;
    };
    let whole = account.snapshot();
    let arn = whole.workloads.iter().next().unwrap().id.clone();
    account.lab.post("/lab/reset", "");
    let one = account.snapshot_with(&["--service", arn.as_str()]);
    let names: Vec<&str> = one.workloads.iter().map(|workload| workload.name.as_str()).collect();
    assert_eq!(names, ["bond-00"]);
    assert_eq!(one.network, whole.network);
    let stats = account.lab.stats();
    assert_eq!(count(&stats, "apprunner:ListServices"), 0, "{stats}");
}

#[test]
fn a_verdict_does_not_wait_for_facts_that_only_refine_it() {
    let Some(account) = Account::with_services("a_verdict_does_not_wait_for_facts_that_only_refine_it", 1)
    else {
        return;
    };
    account.faults(&json!([
        { "operation": "GetProducts|FilterLogEvents|DescribeVpcEndpointServices|List.*RolePolicies", "kind": "hang" }
    ]));
    let mut screen = Screen::start(&[], &account.lab.environment(), account.home.path(), (100, 30));
    // The badge appears although a call has no answer.
    screen.wait_for("destinations blocked");
    screen.wait_for("waiting for DescribeVpcEndpointServices");
    screen.press("enter");
    screen.wait_for("TRACE");
}

#[test]
fn services_are_shown_as_soon_as_they_are_listed() {
    let Some(account) = Account::with_services("services_are_shown_as_soon_as_they_are_listed", 2) else {
        return;
    };
    account.faults(&json!([{ "operation": "DescribeService|DescribeSubnets", "kind": "hang" }]));
    let mut screen = Screen::start(&[], &account.lab.environment(), account.home.path(), (100, 30));
    screen.wait_for("bond-01");
    screen.wait_for("reading its network");
    screen.wait_for("given up after 10 s");
    screen.press("esc");
    screen.wait_for("Stopped after");

    // A verdict does not wait for the descriptions of other services.
    account.faults(&json!([{ "operation": "DescribeService", "kind": "hang", "skip": 1 }]));
    let mut screen = Screen::start(&[], &account.lab.environment(), account.home.path(), (100, 30));
    screen.wait_for("destinations blocked");
    screen.wait_for("reading its settings");
}

#[test]
fn subnets_are_in_the_order_of_their_azs() {
    let Some(account) = Account::with_services("subnets_are_in_the_order_of_their_azs", 1) else { return };
    let snapshot = account.snapshot();
    let (_, text) = run(account.doctor().args([
        "diagnose",
        "--format",
        "json",
        "--to",
        "secretsmanager.us-west-2.amazonaws.com",
    ]));
    let answer: Value = serde_json::from_str(&text).unwrap();
    let traces = answer["destinations"][0]["subnets"].as_array().unwrap();
    let azs: Vec<String> = traces
        .iter()
        .map(|trace| trace["subnet"].as_str().unwrap())
        .map(|id| snapshot.network.subnets.get(&id.into()).unwrap().zone.to_string())
        .collect();
    assert_eq!(azs, ["us-west-2a", "us-west-2b", "us-west-2c"]);
}
