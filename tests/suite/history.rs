//! When it broke: the last changes of what blocks, from AWS CloudTrail, on demand.

use egress_doctor::app::{Effect, Message, Notice, RunId};
use egress_doctor::case::Case;
use egress_doctor::discover::{ReadHistory, redact};
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::*;
use egress_doctor::report::{IncidentProgress, diagnosis_json, diagnosis_markdown, diagnosis_text, incident};
use egress_doctor::scenario::Scenario;
use egress_doctor::ui::Theme;
use serde_json::json;

use super::screens::{Player, live_account};
use crate::support::network::{OKTA, TestNetwork, tcp};

fn isolated() -> Snapshot {
    Snapshot::from_json(Scenario::named("isolated").unwrap().snapshot).unwrap()
}

/// A change of a component, and a component without one.
fn read_history(changed: &str, unchanged: &str) -> Vec<ComponentHistory> {
    let read_at = "2026-11-20T10:00:00Z".parse().unwrap();
    let change = RecordedChange {
        at: "2026-11-18T09:12:04Z".parse().unwrap(),
        operation: "DeleteRoute".to_owned(),
        by: Some("role Deploy".to_owned()),
    };
    let of = |id: &str, changes| ComponentHistory {
        component: ResourceId::from(id),
        read_at,
        changes,
        is_cut: false,
    };
    vec![of(changed, vec![change]), of(unchanged, Vec::new())]
}

const CHANGED: &str = "2026-11-18 09:12 UTC: DeleteRoute of rtb-0d4e5f6a7b8c90123 by role Deploy.";
const UNCHANGED: &str = "No change of rtb-0a9b8c7d6e5f40312 in the 90 days before 2026-11-20.";

#[test]
fn reports_and_saved_snapshots_contain_the_last_changes() {
    let history = read_history("rtb-0d4e5f6a7b8c90123", "rtb-0a9b8c7d6e5f40312");
    let snapshot = isolated().with_history(&history, &[]);
    let saved = Snapshot::from_json(&snapshot.to_json().unwrap()).unwrap();
    assert_eq!(saved, snapshot);
    let workload = saved.workloads.iter().next().unwrap().clone();
    let case =
        Case::open(saved.into(), workload, &Query::for_destinations([destination("bond.okta.com").unwrap()]));
    let incident = incident(&case, &IncidentProgress::default(), None).markdown;
    for text in [diagnosis_text(&case), diagnosis_markdown(&case), incident] {
        assert!(text.contains(&format!("Last change: {CHANGED}")), "{text}");
        assert!(text.contains(&format!("Last change: {UNCHANGED}")), "{text}");
    }
    let causes = diagnosis_json(&case)["causes"].clone();
    let change = json!({ "at": "2026-11-18T09:12:04Z", "operation": "DeleteRoute", "by": "role Deploy" });
    let of_private =
        causes.as_array().unwrap().iter().find(|cause| cause["component"] == "rtb-0d4e5f6a7b8c90123");
    assert_eq!(of_private.unwrap()["history"][0]["changes"], json!([change]));
}

#[test]
fn a_redacted_snapshot_keeps_the_changes_without_names() {
    let snapshot = isolated().with_history(&read_history("rtb-0d4e5f6a7b8c90123", "orders"), &[]);
    let text = redact(&snapshot).0.to_json().unwrap();
    assert!(text.contains("DeleteRoute"), "{text}");
    for secret in ["Deploy", "orders", "rtb-0d4e5f6a7b8c90123"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

/// The security groups decide, so their changes are read, not those of the network interface.
#[test]
fn the_changes_of_the_deciding_security_group_are_read() {
    let network = TestNetwork::new().database(vec![tcp(3306, "10.40.0.0/16")]);
    let workload = network.0.workloads.iter().next().unwrap().clone();
    let hosts = ["10.40.16.7:5432", OKTA].map(|host| destination(host).unwrap());
    let case = Case::open(network.0.into(), workload, &Query::for_destinations(hosts));
    let components = case.changed_components(&case.diagnosis.causes);
    let components: Vec<&str> = components.iter().map(ResourceId::as_str).collect();
    assert_eq!(components, ["sg-db", "rtb-private", "rtb-main"]);
}

#[test]
fn a_key_reads_the_last_changes_of_the_selected_cause() {
    let mut player = Player::start(live_account());
    player.send(Message::Discovered(RunId(1), Ok(Box::new(isolated()))));
    let okta = Message::Paste(
        "requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='bond.okta.com', port=443)".to_owned(),
    );
    player.press("enter");
    player.send(okta);
    let effects = player.app.update(
        Message::Key(crossterm::event::KeyEvent::from(crossterm::event::KeyCode::Char('H')).into()),
        player.now,
    );
    let [Effect::ReadHistory(run, _, components)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(components.len(), 1);
    let changed = components[0].to_string();
    let history = read_history(&changed, "rtb-other");
    player.send(Message::HistoryRead(*run, Ok(ReadHistory { history, gaps: Vec::new() })));
    let line = format!("2026-11-18 09:12 UTC: DeleteRoute of {changed} by role Deploy.");
    assert_eq!(player.app.notice, Some(Notice::Info(line)));
    let screen = player.screen(120, 60, &Theme::ansi());
    assert!(screen.contains("Last change"), "{screen}");
    // The report of the case contains it too.
    let case = player.app.case().unwrap();
    assert!(diagnosis_text(case).contains("DeleteRoute"));
    // A denied call is a gap.
    let gap = Gap { call: Call::LookupEvents, kind: GapKind::Denied, message: "no".to_owned(), place: None };
    let effects = player.app.update(
        Message::Key(crossterm::event::KeyEvent::from(crossterm::event::KeyCode::Char('H')).into()),
        player.now,
    );
    let [Effect::ReadHistory(run, ..)] = effects.as_slice() else { panic!("{effects:?}") };
    player.send(Message::HistoryRead(*run, Ok(ReadHistory { history: Vec::new(), gaps: vec![gap] })));
    let text = "The last changes could not be read: cloudtrail:LookupEvents denied: no";
    assert_eq!(player.app.notice, Some(Notice::Info(text.to_owned())));
    assert!(diagnosis_text(player.app.case().unwrap()).contains("Not read: cloudtrail:LookupEvents denied"));
    // A saved snapshot has no account to read.
    let mut demo = Player::demo();
    demo.press("enter H");
    let text = "AWS CloudTrail is read only of a live account";
    assert_eq!(demo.app.notice, Some(Notice::Info(text.to_owned())));
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>: two calls per second.
#[cfg(feature = "live")]
#[test]
fn the_command_reads_cloudtrail_slowly_and_only_on_demand() {
    use crate::support::lab::Account;
    use crate::support::run;

    let Some(account) = Account::with_services("the_command_reads_cloudtrail_slowly_and_only_on_demand", 1)
    else {
        return;
    };
    let diagnose = |more: &[&str]| {
        account.lab.post("/lab/reset", "");
        let mut command = account.doctor();
        command.args(["diagnose", "--timeout", "10m", "--to", OKTA]).args(more);
        let (_, text) = run(&mut command);
        let stats = account.lab.stats();
        (text, stats["operations"]["cloudtrail:LookupEvents"].as_u64().unwrap_or(0))
    };
    let (text, calls) = diagnose(&[]);
    assert_eq!(calls, 0, "{text}");
    let started = std::time::Instant::now();
    let (text, calls) = diagnose(&["--history"]);
    // Two pages of each component.
    assert!(calls >= 2 && calls.is_multiple_of(2), "{calls} calls: {text}");
    assert!(started.elapsed().as_millis() >= u128::from(calls - 1) * 500, "{calls} calls");
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("Last change")).collect();
    assert_eq!(lines.len() as u64, calls, "{text}");
    assert!(lines[0].contains("2025-11-20 08:58 UTC: ModifyLabResource of rtb-"), "{text}");
    assert!(lines[1].contains("2025-11-19 09:00 UTC: CreateTags of rtb-"), "{text}");
    assert!(lines.iter().all(|line| line.ends_with(" by role Deploy.")), "{text}");
    for secret in ["ASIALABKEY", "alice", "203.0.113.9", "DescribeTags", "DeleteTags"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    account.faults(&json!([{ "operation": "LookupEvents", "kind": "denied" }]));
    let (text, calls) = diagnose(&["--history"]);
    assert_eq!(calls, 1, "{text}");
    assert!(text.contains("Not read: cloudtrail:LookupEvents denied"), "{text}");
    assert!(!text.contains("Last change"), "{text}");
}
