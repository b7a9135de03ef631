//! The incident report of `diagnose --report FILE` and of the key `e`: one Markdown file, and the path map as SVG beside it.

use std::fs;
use std::sync::Arc;

use egress_doctor::app::Effect;
use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, read_log};
use egress_doctor::model::Snapshot;
use egress_doctor::report::{IncidentProgress, incident};
use egress_doctor::scenario::{SCENARIOS, Scenario};
use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::support::{doctor, run};

fn case(scenario: &Scenario) -> Case {
    let snapshot = Arc::new(Snapshot::from_json(scenario.snapshot).unwrap());
    let workload = snapshot.workloads.iter().next().unwrap().clone();
    Case::open(snapshot, workload, &Query::with_log(read_log(scenario.log.as_bytes()).unwrap().findings))
}

#[test]
fn the_report_has_every_section_and_the_map_beside_it() {
    let home = tempfile::tempdir().unwrap();
    let diagnose = |report: &str| {
        let mut command = doctor(home.path());
        command.current_dir(home.path()).args(["diagnose", "--scenario", "isolated", "--report", report]);
        command
    };
    let (code, printed) = run(&mut diagnose("night shift.md"));
    assert_eq!(code, 1, "{printed}");
    let markdown = fs::read_to_string(home.path().join("night shift.md")).unwrap();
    let svg = fs::read_to_string(home.path().join("night shift.svg")).unwrap();
    let headings: Vec<&str> = markdown.lines().filter(|line| line.starts_with("## ")).collect();
    for section in [
        "Destinations",
        "Causes",
        "Fixes",
        "Path map",
        "Paths",
        "Cost",
        "Fix: S3 gateway endpoint",
        "Test",
        "Expect",
        "Rollback",
    ] {
        assert!(headings.iter().any(|heading| heading[3..].starts_with(section)), "{section}: {headings:?}");
    }
    assert!(markdown.contains("![Path map](<night shift.svg>)"), "{markdown}");
    assert!(markdown.contains("rtb-0d4e5f6a7b8c90123 ----------x no route: S3"), "{markdown}");
    assert!(markdown.contains("Alternative: NAT gateway costs"), "{markdown}");
    assert!(svg.starts_with("<svg") && svg.contains(">After S3 gateway endpoint, simulated</text>"), "{svg}");
    // Standard output has only the report, without a picture.
    let (code, printed) = run(&mut diagnose("-"));
    assert_eq!(code, 1);
    assert!(printed.starts_with("# bond-ai-dev-backend") && !printed.contains("!["), "{printed}");
    // The name of the picture is refused before anything is read or written.
    let refused = diagnose("map.svg").output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(!home.path().join("map.svg").exists());
}

#[test]
fn every_scenario_has_a_report_with_valid_images_and_no_broken_tables() {
    for scenario in SCENARIOS {
        let report = incident(&case(scenario), &IncidentProgress::default(), Some("map.svg"));
        let events = Parser::new_ext(&report.markdown, Options::ENABLE_TABLES);
        let images = events.filter(|event| {
            matches!(event, Event::Start(Tag::Image { dest_url, .. }) if dest_url.as_ref() == "map.svg")
        });
        assert_eq!(images.count(), 1, "{}", scenario.name);
        assert!(report.svg.ends_with("</svg>\n"), "{}", scenario.name);
    }
}

#[test]
fn the_key_e_saves_the_planned_edit_with_the_report() {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    use egress_doctor::app::{Key, Message};
    let mut player = super::screens::Player::demo();
    player.press("enter enter enter");
    let key = Key::from(KeyEvent::new(KeyCode::Char('e'), KeyModifiers::NONE));
    let effects = player.app.update(Message::Key(key), player.now);
    let [Effect::Export(name, case, progress)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(name, "egress-doctor-bond-ai-dev-backend.md");
    let report = incident(case, progress, Some("x.svg"));
    assert!(report.markdown.contains("```diff\ndiff --git"), "{}", report.markdown);
    assert!(report.markdown.contains("+resource \"aws_vpc_endpoint\" \"s3\""), "{}", report.markdown);
    assert!(!report.markdown.contains("## Result"), "{}", report.markdown);
}

/// A report after a write says what was written, and whether its result was read from AWS or simulated.
#[test]
fn a_report_after_a_write_says_that_its_result_is_simulated() {
    use egress_doctor::app::Message;
    let mut player = super::screens::Player::demo();
    let report = |player: &mut super::screens::Player| {
        let effects = player.app.update(Message::Key("e".parse().unwrap()), player.now);
        let [Effect::Export(_, case, progress)] = effects.as_slice() else { panic!("{effects:?}") };
        incident(case, progress, Some("x.svg")).markdown
    };
    let result = |markdown: &str| {
        let (_, rest) = markdown.split_once("## Result\n\n").unwrap_or_else(|| panic!("{markdown}"));
        rest.split_once("\n## ").unwrap().0.to_owned()
    };
    player.press("enter enter enter w y");
    assert_eq!(
        result(&report(&mut player)),
        "The fix S3 gateway endpoint is written in /infra. This report is about the network before terraform apply.\n"
    );
    player.press("enter");
    let simulated = report(&mut player);
    assert_eq!(
        result(&simulated),
        "The fix S3 gateway endpoint is written in /infra. The result is simulated on a copy of the snapshot: AWS was not changed \
         and not read again.\n\n\
         | Destination | Before | After the fix, simulated |\n|---|---|---|\n\
         | bond-bedrock-files-eea42686090e4a1ebcb82b36abf98c40.s3.us-west-2.amazonaws.com | blocked | reachable |\n\
         | bedrock-runtime.us-west-2.amazonaws.com | blocked | blocked |\n\
         | bond.okta.com | blocked | blocked |\n\
         | secretsmanager.us-west-2.amazonaws.com | blocked | blocked |\n"
    );
    assert!(simulated.contains("```diff\ndiff --git"), "the written diff: {simulated}");
    // The second pass starts from a simulated network, which has the date of the snapshot.
    player.press("enter");
    let sentence = "This network is simulated: a copy of the snapshot with the changes of S3 gateway endpoint. In AWS nothing was changed.";
    let second = report(&mut player);
    assert!(second.contains(sentence) && !second.contains("## Result"), "{second}");
    player.press("enter w y enter");
    let end = report(&mut player);
    assert!(end.contains(sentence) && result(&end).contains("The fix NAT gateway is written"), "{end}");
    player.press("u");
    assert!(result(&report(&mut player)).starts_with("The fix NAT gateway was written in /infra and undone"));
    player.press("u");
    let undone = report(&mut player);
    assert!(!undone.contains("simulated:"), "{undone}");
}
