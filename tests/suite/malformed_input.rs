//! Malformed input: each log and each snapshot gives a result or an error, never a panic.

use std::sync::Arc;
use std::time::Instant;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use egress_doctor::app::{App, Key, Message, Opening, Origin, Preferences, Start};
use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination, read_log};
use egress_doctor::model::Snapshot;
use egress_doctor::report;
use egress_doctor::scenario::SCENARIOS;
use egress_doctor::ui::{Theme, draw};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::{Value, json};

use super::screens::diagnose;

/// JSON pointers to all values of a document.
fn places(value: &Value, here: &str, out: &mut Vec<String>) {
    out.push(here.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| places(item, &format!("{here}/{n}"), out));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, item)| places(item, &format!("{here}/{name}"), out));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Another value. It often has the type of the old value, so that the reader accepts it.
fn other(old: &Value, choice: u8, text: &str) -> Value {
    match (choice % 8, old) {
        (1, Value::String(_)) => json!("subnet-01f3a5c7e9b2d4f60"),
        (2, Value::String(_)) => json!("0.0.0.0/0"),
        (3, Value::String(_)) => json!("rtb-0d4e5f6a7b8c90123"),
        (0..=3, Value::Number(_)) => json!(65_535),
        (0..=3, Value::Bool(truth)) => json!(!truth),
        (0..=4, Value::Array(items)) => json!(items.iter().rev().take(items.len() / 2).collect::<Vec<_>>()),
        (5, Value::Array(items)) => json!(items.iter().chain(items).collect::<Vec<_>>()),
        (6, _) => Value::Null,
        _ => json!(text),
    }
}

/// All processing of a snapshot: diagnosis, reports and screens.
fn use_it(snapshot: Snapshot) {
    let snapshot = Arc::new(snapshot);
    for workload in snapshot.workloads.iter() {
        let case = Case::open(snapshot.clone(), workload.clone(), &Query::default());
        for text in [report::diagnosis_text(&case), report::diagnosis_markdown(&case)] {
            assert!(!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{text:?}");
        }
        assert!(report::diagnosis_json(&case).is_object());
    }
    let start = Start {
        origin: Origin::Scenario("isolated"),
        snapshot: Some(Snapshot::clone(&snapshot)),
        query: Query::default(),
        terraform: None,
        own_copy: true,
        check: None,
        interrupted: Vec::new(),
        preferences: Preferences::default(),
        log: None,
        opening: Opening::default(),
    };
    let now = Instant::now();
    let (mut app, mut effects) = App::start(start, now);
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    for _ in 0..3 {
        terminal.draw(|frame| draw(&app, &Theme::ansi(), now, frame)).unwrap();
        for message in effects.into_iter().flat_map(diagnose) {
            app.update(message, now);
        }
        terminal.draw(|frame| draw(&app, &Theme::ansi(), now, frame)).unwrap();
        let enter = Key::from(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE));
        effects = app.update(Message::Key(enter), now);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_snapshot_is_rejected_or_shown(
        scenario in 0..SCENARIOS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), "\\PC{0,8}|[\\x00-\\x20\u{202e}]{1,4}"), 1..4),
    ) {
        let mut value: Value = serde_json::from_str(SCENARIOS[scenario].snapshot).unwrap();
        for (place, choice, text) in changes {
            let mut all = Vec::new();
            places(&value, "", &mut all);
            let old = value.pointer_mut(&all[place.index(all.len())]).unwrap();
            *old = other(old, choice, &text);
        }
        if let Ok(snapshot) = Snapshot::from_json(&value.to_string()) {
            use_it(snapshot);
        }
    }

    #[test]
    fn a_log_may_contain_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        read_log(bytes.as_slice()).unwrap();
    }

    #[test]
    fn any_text_is_a_destination_or_an_error(text in "\\PC{0,40}") {
        if let Ok(found) = destination(&text) {
            // The text of a parsed destination parses to the same destination.
            prop_assert_eq!(destination(&format!("{}:{}", found.host, found.port)).unwrap(), found);
        }
    }
}
