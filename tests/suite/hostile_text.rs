//! Hostile names, tags, ids, paths and log lines: no output has an unsafe character or a line that they start, and each output
//! keeps its structure.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use egress_doctor::app::{App, Key, Message, Opening, Origin, Preferences, Start};
use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, read_log};
use egress_doctor::model::{Call, Gap, GapKind, Snapshot};
use egress_doctor::report;
use egress_doctor::scenario::Scenario;
use egress_doctor::terraform::{ChangeSet, EditEffect, FileChange, Runner, diff};
use egress_doctor::text::is_unsafe;
use egress_doctor::ui::{Theme, draw};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::Value;

use super::screens::diagnose;

/// Parts of hostile names.
const PARTS: &[&str] = &[
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\u{1b}[2J",
    "\u{9b}31m",
    "\u{7f}",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{200d}",
    "\u{feff}",
    "\u{ad}",
    "\u{e0041}",
    "\u{180e}",
    "[a](/b)",
    "![a](b)",
    "<script>",
    "&lt;",
    "`",
    "```",
    "|",
    "\\",
    "\\|",
    "@team",
    "# x",
    "- x",
    "1. x",
    "*b*",
    "__c__",
    "~~d~~",
    "> e",
    "-->",
    "'",
    "\"",
    "$(x)",
    "name",
    " ",
];

/// The scenario `isolated`, with this text at the end of each name, tag and route table id.
fn snapshot(suffix: &str) -> Snapshot {
    fn add(value: &mut Value, suffix: &str) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| add(item, suffix)),
            Value::Object(fields) => {
                for (name, field) in fields {
                    match field {
                        Value::String(text)
                            if ["name", "Name", "health_path"].contains(&name.as_str())
                                && !text.starts_with("com.") =>
                        {
                            text.push_str(suffix);
                        }
                        field => add(field, suffix),
                    }
                }
            }
            Value::String(text) if text.starts_with("rtb-") => text.push_str(suffix),
            _ => {}
        }
    }
    let mut value: Value = serde_json::from_str(Scenario::named("isolated").unwrap().snapshot).unwrap();
    add(&mut value, suffix);
    let mut snapshot = Snapshot::from_json(&value.to_string()).unwrap();
    let message = format!("not authorized{suffix}");
    snapshot.gaps.push(Gap::new(Call::DescribeNetworkInterfaces, GapKind::Denied, message));
    snapshot
}

fn case(suffix: &str) -> Case {
    let snapshot = Arc::new(snapshot(suffix));
    let line = suffix.replace(['\n', '\r'], " ");
    let log = format!(
        "ERROR {line} ConnectTimeoutError: Connect timeout on endpoint URL: \"https://bedrock-runtime.us-west-2.amazonaws.com/\" {line}\n"
    );
    let query = Query::with_log(read_log(log.as_bytes()).unwrap().findings);
    let workload = snapshot.workloads.iter().next().unwrap().clone();
    Case::open(snapshot, workload, &query)
}

/// An edit of a file with this text in its path, its content and the notes.
fn edit(suffix: &str) -> ChangeSet {
    let content = suffix.replace(['\n', '\r'], " ");
    ChangeSet {
        root: PathBuf::from(format!("/infra{suffix}")),
        data: PathBuf::new(),
        run: Runner::default(),
        repository: None,
        files: vec![FileChange {
            path: PathBuf::from(format!("main{suffix}.tf")),
            before: Some(format!("# {content}\n")),
            after: format!("# {content}\na = 1\n"),
        }],
        read: Vec::new(),
        adds: Vec::new(),
        changes: Vec::new(),
        imports: Vec::new(),
        destroys: Vec::new(),
        more_instances: 0,
        notes: vec![format!("note {suffix}")],
        by_hand: Vec::new(),
        effect: EditEffect::default(),
    }
}

/// All reports: name and text.
fn reports(suffix: &str) -> Vec<(&'static str, String)> {
    let (case, edit) = (case(suffix), edit(suffix));
    let best = case.proposals.first().unwrap();
    vec![
        ("diagnosis text", report::diagnosis_text(&case)),
        ("diagnosis markdown", report::diagnosis_markdown(&case)),
        ("diagnosis json", report::json_text(&report::diagnosis_json(&case))),
        ("finding", report::finding_text(case.diagnosis.findings.first().unwrap())),
        ("proposals", case.proposals.iter().map(report::proposal_text).collect()),
        ("fix text", report::fix_text(&case, best, &edit)),
        ("fix markdown", report::fix_markdown(&case, best, &edit)),
        ("fix json", report::json_text(&report::fix_json(&case, best, &edit, None, false))),
        ("snapshot", case.snapshot.to_json().unwrap()),
    ]
}

/// The structure of a Markdown document without its text.
fn structure(markdown: &str) -> Vec<String> {
    let mut in_code = false;
    let mut events = Vec::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Text(_) => {}
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            _ if in_code => {}
            Event::Start(tag) => events.push(format!("{tag:?}").split('(').next().unwrap().to_owned()),
            other => events.push(format!("{other:?}")),
        }
    }
    events
}

/// The unsafe characters of a report. Code in a diff keeps its tabs.
fn unsafe_characters(text: &str) -> Vec<char> {
    text.chars().filter(|c| !['\n', '\t'].contains(c) && is_unsafe(*c)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_names_change_the_structure_of_no_report(parts in prop::collection::vec(0..PARTS.len(), 1..8)) {
        let suffix: String = parts.iter().map(|at| PARTS[*at]).collect();
        // The space is quoted in commands, like every hostile name.
        for ((name, plain), (_, hostile)) in reports(" plain").into_iter().zip(reports(&suffix)) {
            prop_assert_eq!(unsafe_characters(&hostile), Vec::<char>::new(), "{} for {:?}", name, suffix);
            prop_assert_eq!(hostile.lines().count(), plain.lines().count(), "{} for {:?}:\n{}", name, suffix, hostile);
            if name.ends_with("markdown") {
                prop_assert_eq!(structure(&hostile), structure(&plain), "{} for {:?}:\n{}", name, suffix, hostile);
            }
        }
        let (case, changes) = (case(&suffix), edit(&suffix));
        let diagnosis = report::diagnosis_json(&case);
        let read: Value = serde_json::from_str(&report::json_text(&diagnosis)).unwrap();
        prop_assert_eq!(read, diagnosis);
        prop_assert_eq!(&Snapshot::from_json(&case.snapshot.to_json().unwrap()).unwrap(), &*case.snapshot);
        // The patch for `git apply` keeps the bytes of the file.
        let patch = diff::patch(&changes);
        let kept = format!(" {}", changes.files[0].before.clone().unwrap());
        prop_assert!(patch.contains(&kept), "{}", patch);
    }

    #[test]
    fn no_screen_shows_an_unsafe_character(parts in prop::collection::vec(0..PARTS.len(), 1..8)) {
        let suffix: String = parts.iter().map(|at| PARTS[*at]).collect();
        let start = Start {
            origin: Origin::File(PathBuf::from(format!("/saved{suffix}.json"))),
            snapshot: Some(snapshot(&suffix)),
            query: Query::default(),
            terraform: Some(PathBuf::from(format!("/infra{suffix}"))),
            own_copy: false,
            check: None,
            interrupted: vec![PathBuf::from(format!("main{suffix}.tf"))],
            preferences: Preferences::default(),
            log: None,
            opening: Opening::default(),
        };
        let now = Instant::now();
        let (mut app, mut effects) = App::start(start, now);
        let mut terminal = Terminal::new(TestBackend::new(120, 40)).unwrap();
        for key in [KeyCode::Esc, KeyCode::Enter, KeyCode::Enter, KeyCode::Enter, KeyCode::Char('L')] {
            for message in effects.into_iter().flat_map(diagnose) {
                app.update(message, now);
            }
            terminal.draw(|frame| draw(&app, &Theme::ansi(), now, frame)).unwrap();
            let shown: String = terminal.backend().buffer().content.iter().map(ratatui::buffer::Cell::symbol).collect();
            prop_assert_eq!(unsafe_characters(&shown), Vec::<char>::new());
            prop_assert!(!shown.contains('\n'));
            effects = app.update(Message::Key(Key::from(KeyEvent::new(key, KeyModifiers::NONE))), now);
        }
    }
}
