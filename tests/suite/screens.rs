//! What a person sees, whole screens at once, and that no size of the terminal breaks it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use egress_doctor::app::{App, Effect, Key, Message, Origin, Run, Start, Step, Unplanned};
use egress_doctor::discover::{LiveRequest, Progress};
use egress_doctor::evidence::{Query, read_log};
use egress_doctor::model::{Call, Gap, GapKind, Snapshot};
use egress_doctor::scenario::Scenario;
use egress_doctor::terraform::write::Receipt;
use egress_doctor::terraform::{ChangeSet, Config, Environment, plan_edit};
use egress_doctor::terraform::{Check, Outcome, Verification};
use egress_doctor::ui::{Theme, draw};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// The application as a user drives it, with the edge played by the test: paths and times are fixed.
struct Player {
    app: App,
    now: Instant,
    /// A file that stands beside the demo's Terraform.
    beside: Option<(&'static str, &'static str)>,
}

impl Player {
    fn demo() -> Self {
        let scenario = Scenario::named("isolated").unwrap();
        let start = Start {
            origin: Origin::Scenario(scenario.name),
            snapshot: Some(Snapshot::from_json(scenario.snapshot).unwrap()),
            query: Query::with_log(read_log(scenario.log.as_bytes()).unwrap().findings),
            terraform: Some(PathBuf::from("/infra")),
            interrupted: Vec::new(),
        };
        Self::start(start)
    }

    fn start(start: Start) -> Self {
        let now = Instant::now();
        let (app, effects) = App::start(start, now);
        let mut player = Self { app, now, beside: None };
        player.carry_out(effects);
        player
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let answer = match effect {
                Effect::Plan(run, _, case, proposal, answers) => {
                    let folder = tempfile::tempdir().unwrap();
                    Scenario::named("isolated").unwrap().copy_terraform(folder.path()).unwrap();
                    if let Some((name, text)) = self.beside {
                        std::fs::write(folder.path().join(name), text).unwrap();
                    }
                    let config = Config::read(folder.path(), &Environment::default()).unwrap();
                    let changes = plan_edit(&config, (&case.snapshot, &case.workload), &proposal, &answers);
                    let placed = |changes| ChangeSet { root: PathBuf::from("/infra"), ..changes };
                    Message::Planned(run, changes.map(placed).map_err(Unplanned::from))
                }
                Effect::Check(run, _) => {
                    let checks = [("fmt", Outcome::Passed), ("validate", Outcome::Passed)];
                    let plan = ("plan", Outcome::NotRun("it reads your state".to_owned()));
                    let checks = checks.into_iter().chain([plan]).map(|(name, outcome)| Check {
                        name,
                        outcome,
                        notes: Vec::new(),
                    });
                    Message::Checked(run, Verification { checks: checks.collect(), warnings: Vec::new() })
                }
                Effect::Write(changes) => Message::Written(Ok(Receipt {
                    files: changes.files.iter().map(|file| file.path.clone()).collect(),
                    backup: PathBuf::from("/state/writes/1"),
                })),
                _ => continue,
            };
            self.send(answer);
        }
    }

    fn send(&mut self, message: Message) {
        let effects = self.app.update(message, self.now);
        self.carry_out(effects);
    }

    fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            let code = match key {
                "enter" => KeyCode::Enter,
                "esc" => KeyCode::Esc,
                "tab" => KeyCode::Tab,
                "down" => KeyCode::Down,
                "right" => KeyCode::Right,
                "space" => KeyCode::Char(' '),
                other => KeyCode::Char(other.chars().next().unwrap()),
            };
            self.send(Message::Key(Key::from(KeyEvent::new(code, KeyModifiers::NONE))));
        }
        self
    }

    fn screen(&self, width: u16, height: u16, theme: &Theme) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(&self.app, theme, self.now, frame)).unwrap();
        terminal.backend().to_string()
    }
}

/// The five screens, by the keys that lead there from the one before.
const STEPS: [(&str, &str); 5] = [
    ("pick", ""),
    ("trace", "enter"),
    ("choose", "enter"),
    ("preview", "enter"),
    ("done", "w right enter r"),
];

#[test]
fn the_five_steps_at_80_by_24_and_120_by_36() {
    let mut player = Player::demo();
    for (name, keys) in STEPS {
        player.press(keys);
        for (width, height) in [(80, 24), (120, 36)] {
            insta::assert_snapshot!(
                format!("{name}-{width}x{height}"),
                player.screen(width, height, &Theme::ansi())
            );
        }
    }
}

#[test]
fn a_combined_fix_is_proved_together() {
    let mut player = Player::demo();
    player.press("enter enter space down down down space");
    insta::assert_snapshot!("combined", player.screen(100, 30, &Theme::mono().in_ascii()));
}

#[test]
fn the_tour_ends_with_the_proof() {
    let mut player = Player::demo();
    for step in 0.. {
        if player.app.tour_pause(step).is_none() {
            break;
        }
        let key = player.app.tour_key(step).expect("every step of the tour is a key there");
        player.send(Message::Key(key));
    }
    assert_eq!(player.app.step(), Step::Done);
    assert!(player.app.done.as_ref().unwrap().after.is_some());
}

#[test]
fn checks_that_come_after_the_write_leave_nothing_running() {
    let mut player = Player::demo();
    player.press("enter enter enter w right enter r");
    assert!(!player.app.is_busy());
}

#[test]
fn a_write_that_was_cut_short_is_said_first_and_finished_or_taken_back() {
    let begin = || {
        let scenario = Scenario::named("isolated").unwrap();
        let start = Start {
            origin: Origin::Scenario(scenario.name),
            snapshot: Some(Snapshot::from_json(scenario.snapshot).unwrap()),
            query: Query::default(),
            terraform: Some(PathBuf::from("/infra")),
            interrupted: vec![PathBuf::from("vpc-endpoints.tf")],
        };
        App::start(start, Instant::now()).0
    };
    let key = |code| Key { code, ctrl: false };
    let mut app = begin();
    let screen = Player { app: begin(), now: Instant::now(), beside: None };
    let shown = screen.screen(80, 24, &Theme::ansi());
    assert!(
        shown.contains("An earlier write in /infra was cut short:") && shown.contains("vpc-endpoints.tf"),
        "{shown}"
    );
    app.update(Message::Key(key(KeyCode::Tab)), Instant::now());
    let effects = app.update(Message::Key(key(KeyCode::Enter)), Instant::now());
    assert!(
        matches!(effects.as_slice(), [Effect::Finish(root)] if root == Path::new("/infra")),
        "{effects:?}"
    );
    let effects = begin().update(Message::Key(key(KeyCode::Enter)), Instant::now());
    assert!(matches!(effects.as_slice(), [Effect::RollBack(_)]), "{effects:?}");
    let effects = begin().update(Message::Key(key(KeyCode::Esc)), Instant::now());
    assert!(effects.is_empty(), "{effects:?}");
}

#[test]
fn what_the_code_does_not_tell_is_asked_and_the_answer_is_planned_with() {
    let mut player = Player::demo();
    let twin = "variable \"twin\" {}\n\nresource \"aws_apprunner_service\" \"twin\" {\n  service_name = \"${var.project_name}-${var.environment}-backend\"\n}\n\nresource \"aws_apprunner_service\" \"other\" {\n  service_name = var.twin\n}\n";
    player.beside = Some(("twins.tf", twin));
    player.press("enter enter enter");
    insta::assert_snapshot!("asked", player.screen(80, 24, &Theme::ansi()));
    insta::assert_snapshot!(
        "asked-small",
        player.press("down down down").screen(60, 20, &Theme::mono().in_ascii())
    );
    // Nothing is said, and why there is no edit stays on the screen.
    player.press("esc");
    assert!(player.app.dialog.is_none() && player.app.ready().is_none());
    assert!(player.screen(80, 24, &Theme::ansi()).contains("may be made by"));
    player.press("esc enter enter");
    assert!(player.app.ready().is_some(), "the first one is taken");
    assert!(
        player
            .app
            .ready()
            .unwrap()
            .changes
            .files
            .iter()
            .any(|file| file.path == Path::new("vpc-endpoints.tf"))
    );
}

#[test]
fn help_comes_from_the_keymap() {
    let mut player = Player::demo();
    insta::assert_snapshot!("help", player.press("?").screen(80, 44, &Theme::ansi()));
}

#[test]
fn discovery_streams_and_a_denied_call_is_named() {
    let origin = Origin::Live(LiveRequest::default());
    let mut player = Player::start(Start {
        origin,
        snapshot: None,
        query: Query::default(),
        terraform: None,
        interrupted: Vec::new(),
    });
    let run = Run(1);
    let started = |call| Progress::Started { call, scope: String::new() };
    player.send(Message::Progress(run, started(Call::ListServices)));
    player.send(Message::Progress(run, started(Call::DescribeRouteTables)));
    let gap =
        Gap { call: Call::DescribeRouteTables, kind: GapKind::Denied, message: "not authorised".to_owned() };
    let elapsed = Duration::from_millis(80);
    player.send(Message::Progress(run, Progress::Failed { gap, scope: String::new(), elapsed }));
    player.now += Duration::from_secs(3);
    let screen = player.screen(80, 24, &Theme::ansi());
    assert!(
        screen.contains("0 of 2 calls done, 1 failed (L tells why), 3 s, waiting for ListServices"),
        "{screen}"
    );
    let calls = player.press("L").screen(80, 24, &Theme::ansi());
    assert!(
        calls.contains("x DescribeRouteTables  ec2:DescribeRouteTables denied: not authorised"),
        "{calls}"
    );

    // A reply to an earlier run is late and changes nothing.
    player.send(Message::Discovered(Run(0), Err("too late".to_owned())));
    assert!(player.app.reading.is_running());
}

#[test]
fn nothing_is_lost_on_the_way_back() {
    let mut player = Player::demo();
    player.press("enter down right enter down enter esc esc");
    assert_eq!(player.app.step(), Step::Trace);
    let view = player.app.trace.as_ref().unwrap();
    assert_eq!((view.row, view.column), (1, 1));
    assert_eq!(player.app.choose.as_ref().unwrap().selected, 1);
}

#[test]
fn a_wrong_destination_is_refused_with_words_and_stays_editable() {
    let mut player = Player::demo();
    player.press("enter a 1 : x enter");
    let screen = player.screen(80, 24, &Theme::ansi());
    assert!(screen.contains("is no TCP port"), "{screen}");
    assert!(player.app.dialog.is_some(), "what was typed is still there");
}

#[test]
fn text_from_outside_cannot_steer_the_terminal() {
    let scenario = Scenario::named("isolated").unwrap();
    let hostile = scenario.snapshot.replace("bond-ai-dev-backend", "evil\\u001b[2Jname\\u202e");
    let start = Start {
        origin: Origin::Scenario(scenario.name),
        snapshot: Some(Snapshot::from_json(&hostile).unwrap()),
        query: Query::default(),
        terraform: None,
        interrupted: Vec::new(),
    };
    let mut player = Player::start(start);
    for (_, keys) in STEPS {
        let screen = player.press(keys).screen(120, 36, &Theme::ansi());
        assert!(!screen.contains(['\u{1b}', '\u{202e}']), "{screen}");
    }
}

#[test]
fn no_size_breaks_any_screen() {
    let mut player = Player::demo();
    let sizes = |player: &Player| {
        for width in (1..140).step_by(6) {
            for height in (1..50).step_by(3) {
                player.screen(width, height, &Theme::ansi());
            }
        }
        player.screen(500, 200, &Theme::ansi());
    };
    for (_, keys) in STEPS {
        sizes(player.press(keys));
        for dialog in ["?", "a"] {
            sizes(player.press(dialog));
            player.press("esc");
        }
    }
}
