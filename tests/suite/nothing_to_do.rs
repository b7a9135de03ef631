//! Diagnoses without a fix: nothing was asked, everything is reachable, no fix is known, or the verdict is
//! unknown. Each command, each format and the screen name the case and the next step.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use crate::support::screen::Screen;
use crate::support::{doctor, home_with_code, run};
use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, read_log};
use egress_doctor::model::Snapshot;
use egress_doctor::remedy::RemedyId;
use egress_doctor::scenario::{SCENARIOS, Scenario};
use serde_json::{Value, json};
use strum::VariantArray as _;

fn command(home: &Path, arguments: &[&str]) -> Command {
    let mut command = doctor(home);
    command.current_dir(home).args(arguments);
    command
}

/// Exit code, standard output and standard error.
fn all_of(command: &mut Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// The snapshot of the scenario `isolated` without environment variables: App Runner itself fetches secrets and
/// writes logs, and no destination of the application is known.
fn without_destinations(home: &Path) {
    let mut snapshot: Value = serde_json::from_str(Scenario::named("isolated").unwrap().snapshot).unwrap();
    snapshot["workloads"][0]["environment"]["variables"] = json!([]);
    fs::write(home.join("s.json"), snapshot.to_string()).unwrap();
}

/// The case that the demo shows.
fn demo(scenario: &Scenario) -> Case {
    let snapshot = Arc::new(Snapshot::from_json(scenario.snapshot).unwrap());
    let workload = snapshot.workloads.iter().next().unwrap().clone();
    Case::open(snapshot, workload, &Query::with_log(read_log(scenario.log.as_bytes()).unwrap().findings))
}

#[test]
fn the_commands_give_the_same_answer_for_a_scenario_as_the_demo() {
    let home = home_with_code();
    for scenario in SCENARIOS {
        let case = demo(scenario);
        let (_, text) =
            run(&mut command(home.path(), &["diagnose", "--format", "json", "--scenario", scenario.name]));
        let diagnosis: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(diagnosis["headline"], json!(case.diagnosis.headline), "{}", scenario.name);
        let shown: Vec<(String, String)> = diagnosis["destinations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                (one["host"].as_str().unwrap().to_owned(), one["verdict"].as_str().unwrap().to_owned())
            })
            .collect();
        let expected: Vec<(String, String)> = case
            .diagnosis
            .findings
            .iter()
            .map(|finding| (finding.need.destination.host.clone(), finding.verdict().word().to_owned()))
            .collect();
        assert_eq!(shown, expected, "{}", scenario.name);
        let proposals: Vec<&str> = diagnosis["proposals"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap())
            .collect();
        let expected: Vec<String> = case.proposals.iter().map(egress_doctor::remedy::Proposal::id).collect();
        assert_eq!(proposals, expected, "{}", scenario.name);
    }
    // The log of the user replaces the log of the scenario.
    fs::write(home.path().join("own.log"), "Connection to api.stripe.com timed out.\n").unwrap();
    let arguments =
        ["diagnose", "--format", "json", "--scenario", "isolated", "--no-infer", "--log", "own.log"];
    let (_, text) = run(&mut command(home.path(), &arguments));
    let diagnosis: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(diagnosis["destinations"].as_array().unwrap().len(), 1);
    assert_eq!(diagnosis["destinations"][0]["host"], "api.stripe.com");
}

/// `fix` in each format: exit code, text, and the JSON of `nothing_to_do`.
fn fix(home: &Path, source: &[&str]) -> (i32, String, String, Value) {
    let base = [&["fix", "--terraform", "infra"], source].concat();
    let (code, text, _) = all_of(&mut command(home, &base));
    let (same, markdown, _) = all_of(command(home, &base).args(["--format", "markdown"]));
    let (also, answer, _) = all_of(command(home, &base).args(["--format", "json"]));
    assert_eq!((code, code), (same, also));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["schema"], "egress-doctor/fix/v1");
    assert_eq!(answer["proposal"], Value::Null);
    (code, text, markdown, answer["nothing_to_do"].clone())
}

#[test]
fn fix_says_what_to_supply_when_nothing_was_asked() {
    let home = home_with_code();
    without_destinations(home.path());
    let (code, text, markdown, answer) = fix(home.path(), &["--from", "s.json"]);
    assert_eq!(code, 4);
    assert_eq!(
        text,
        "Nothing to do: No destination of bond-ai-dev-backend is known.\n  Next step: Give one with --to HOST:PORT, or --log \
         FILE with the lines of the connection errors.\n"
    );
    assert!(markdown.contains("No destination of bond-ai-dev-backend is known."), "{markdown}");
    assert_eq!(answer["reason"], "nothing-asked");
    // `diagnose` prints what it checked, and fails: a script must not take this for "all are reachable".
    let (code, text, error) = all_of(&mut command(home.path(), &["diagnose", "--from", "s.json"]));
    assert_eq!(code, 2);
    assert!(text.contains("Nothing to do: No destination of bond-ai-dev-backend is known."), "{text}");
    assert_eq!(
        error,
        "egress-doctor: no destination of bond-ai-dev-backend is known. Give one with --to HOST:PORT, or --log FILE with the \
         lines of the connection errors.\n"
    );
    let (code, text, _) = all_of(&mut command(
        home.path(),
        &["diagnose", "--from", "s.json", "--format", "json", "--no-infer"],
    ));
    assert_eq!(code, 2);
    let diagnosis: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(diagnosis["nothing_to_do"]["reason"], "nothing-asked");
    assert_eq!(diagnosis["destinations"], json!([]));
}

#[test]
fn fix_has_nothing_to_do_when_everything_is_reachable() {
    let home = home_with_code();
    let (code, text, markdown, answer) = fix(home.path(), &["--scenario", "healthy"]);
    let step = "If calls still fail, give their log: --log FILE, or paste it on the screen. egress-doctor reads the configuration \
                only; it sends no packets to the destinations.";
    assert_eq!(
        (code, text),
        (4, format!("Nothing to do: All 3 destinations are reachable.\n  Next step: {step}\n"))
    );
    assert_eq!(
        markdown,
        format!("## Nothing to do\n\nAll 3 destinations are reachable.\n\n- Next step: {step}\n")
    );
    assert_eq!(
        answer,
        json!({ "reason": "all-reachable", "message": "All 3 destinations are reachable.", "next_steps": [step] })
    );
    let (code, text) = run(&mut command(home.path(), &["diagnose", "--scenario", "healthy"]));
    assert_eq!(code, 0);
    // The headline is the same sentence.
    assert!(text.contains("\nNothing to do\n  Next step: "), "{text}");
    assert_eq!(text.matches("All 3 destinations are reachable.").count(), 1, "{text}");
}

#[test]
fn a_blocked_destination_without_a_fix_has_a_manual_step() {
    let home = home_with_code();
    let (code, text, markdown, answer) = fix(home.path(), &["--scenario", "private-database"]);
    assert_eq!(code, 1);
    let message = "1 of 4 destinations is blocked, and no automatic fix for this cause is known.";
    assert!(text.starts_with(&format!("No fix: {message}\n  Next step: Use a VPC connector")), "{text}");
    assert!(text.contains("aws apprunner create-vpc-connector"), "{text}");
    assert!(markdown.contains(message) && markdown.contains("- Next step: "), "{markdown}");
    assert_eq!(answer["reason"], "no-fix-known");
    let (code, text) = run(&mut command(home.path(), &["diagnose", "--scenario", "private-database"]));
    assert_eq!(code, 1);
    assert!(text.contains(&format!("\nNo fix: {message}\n")), "{text}");
}

#[test]
fn an_unknown_result_without_a_fix_names_the_permission() {
    let home = home_with_code();
    let (code, text, _, answer) = fix(home.path(), &["--scenario", "denied"]);
    assert_eq!(code, 1);
    assert_eq!(
        text,
        "No fix: 4 of 4 destinations are unknown, so no fix can be proposed.\n  Next step: Allow ec2:DescribeRouteTables, then \
         read the account again.\n"
    );
    assert_eq!(answer["reason"], "unknown");
    let (code, _) = run(&mut command(home.path(), &["diagnose", "--scenario", "denied"]));
    assert_eq!(code, 3);
}

#[test]
fn a_named_fix_without_a_destination_is_planned_for_what_it_serves() {
    let home = home_with_code();
    without_destinations(home.path());
    let fix = |remedy: &str| {
        let arguments =
            ["fix", "--from", "s.json", "--terraform", "infra", "--format", "json", "--remedy", remedy];
        all_of(&mut command(home.path(), &arguments))
    };
    let (code, answer, note) = fix("s3-gateway");
    assert_eq!(code, 0, "{note}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["proposal"]["cures"], json!(["s3.us-west-2.amazonaws.com"]));
    assert!(
        note.contains(
            "no destination of bond-ai-dev-backend is known: the fix is planned for s3.us-west-2.amazonaws.com; --to HOST:PORT \
             names others"
        ),
        "{note}"
    );
    let (code, answer, note) = fix("nat");
    assert_eq!(code, 0, "{note}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["proposal"]["cures"], json!(["example.com"]));
    assert!(note.contains("example.com (it stands for every host on the internet)"), "{note}");
    let (code, _, error) = fix("interface-endpoints");
    assert_eq!(code, 2);
    assert_eq!(
        error,
        "egress-doctor: no destination of bond-ai-dev-backend is known, and interface-endpoints depends on it: give --to \
         HOST:PORT\n"
    );
    // Every fix either is planned, or says what is missing.
    for remedy in RemedyId::VARIANTS {
        let (code, answer, error) = fix(&remedy.to_string());
        match code {
            0 => assert!(answer.contains("\"patch\""), "{remedy}"),
            2 => assert!(
                ["give --to", "does not apply", "requirement not met", "depends on it", "by hand"]
                    .iter()
                    .any(|text| error.contains(text)),
                "{remedy}: {error}"
            ),
            other => panic!("{remedy}: exit code {other}\n{answer}{error}"),
        }
    }
}

#[test]
fn the_screen_names_the_case_and_the_next_step() {
    for (scenario, caption, step) in [
        (
            "healthy",
            "All 3 destinations are reachable. Press esc to go back.",
            "All 3 destinations are reachable.",
        ),
        (
            "private-database",
            "no automatic fix for this cause is known. Press enter for the next step",
            "no automatic fix for this cause is known. Use a VPC connector",
        ),
        (
            "denied",
            "so no fix can be proposed. Press enter for the next step",
            "so no fix can be proposed. Allow ec2:DescribeRouteTables, then read the account again.",
        ),
    ] {
        let home = home_with_code();
        let mut screen = Screen::start(&["demo", scenario], &[], home.path(), (240, 50));
        screen.wait_for("Press enter to open the service.");
        screen.press_for("enter", caption);
        screen.press_for("enter", step);
        screen.press("q");
        screen.end();
    }
}
