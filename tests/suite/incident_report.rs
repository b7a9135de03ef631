//! The incident report of `diagnose --report FILE` and of the key `e`: one Markdown file, and the path map as SVG beside it.

use std::fs;
use std::sync::Arc;

use egress_doctor::app::Effect;
use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, read_log};
use egress_doctor::model::Snapshot;
use egress_doctor::report::incident;
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
    assert!(markdown.contains("Compared with"), "{markdown}");
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
        let report = incident(&case(scenario), None, Some("map.svg"));
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
    let [Effect::Export(name, case, Some(planned))] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(name, "egress-doctor-bond-ai-dev-backend.md");
    let report = incident(case, Some((&planned.0, &planned.1)), Some("x.svg"));
    assert!(report.markdown.contains("```diff\ndiff --git"), "{}", report.markdown);
    assert!(report.markdown.contains("+resource \"aws_vpc_endpoint\" \"s3\""), "{}", report.markdown);
}
