//! A panic of the application in a real terminal: the terminal is restored and the report is readable.
//!
//! The product has no switch that panics. This test binary starts itself in the terminal, and runs the event loop of the library with a
//! function of the test that panics.

use std::path::Path;
use std::time::{Duration, Instant};

use egress_doctor::app::{App, Effect, Message, Preferences, Start, Step};
use egress_doctor::files::TemporaryFolder;
use egress_doctor::process::{Run, Sweep};
use egress_doctor::scenario::Scenario;
use egress_doctor::terminal::{Functions, SessionOptions, open_scenario, run_with};
use egress_doctor::terraform::GivenFiles;
use egress_doctor::ui::{Theme, draw};
use ratatui::Frame;

use crate::support::screen::{Screen, assert_restored};

/// Selects the function in the process that the tests start.
const VARIABLE: &str = "EGRESS_DOCTOR_TEST_PANIC";
const SIZE: (u16, u16) = (100, 30);
/// The work that runs when the application panics takes longer than any test.
const LONG: Duration = Duration::from_mins(10);

fn draw_and_panic(app: &App, theme: &Theme, now: Instant, frame: &mut Frame<'_>) {
    draw(app, theme, now, frame);
    assert!(app.step() != Step::Trace, "panic while drawing");
}

/// Whether the message is the key that triggers the panic.
fn is_trigger(message: &Message) -> bool {
    matches!(message, Message::Key(key) if key.name() == "Z")
}

fn update_and_panic(app: &mut App, message: Message, now: Instant) -> Vec<Effect> {
    assert!(!is_trigger(&message), "panic in update");
    app.update(message, now)
}

fn panic_while_work_runs(app: &mut App, message: Message, now: Instant) -> Vec<Effect> {
    if is_trigger(&message) {
        tokio::task::spawn_blocking(|| std::thread::sleep(LONG));
    }
    update_and_panic(app, message, now)
}

fn panic_in_the_background(app: &mut App, message: Message, now: Instant) -> Vec<Effect> {
    if is_trigger(&message) {
        tokio::task::spawn_blocking(|| panic!("panic in the background"));
        let thread = std::thread::spawn(|| panic!("panic in the background"));
        assert!(thread.join().is_err());
    }
    app.update(message, now)
}

/// The application as `demo isolated` runs it, with functions of the test. Does nothing unless a test of this file starts it.
#[test]
fn application() {
    let Ok(functions) = std::env::var(VARIABLE) else { return };
    let functions = match functions.as_str() {
        "draw" => Functions { draw: draw_and_panic, ..Functions::PRODUCT },
        "update" => Functions { update: update_and_panic, ..Functions::PRODUCT },
        "work" => Functions { update: panic_while_work_runs, ..Functions::PRODUCT },
        "background" => Functions { update: panic_in_the_background, ..Functions::PRODUCT },
        other => panic!("{other}"),
    };
    color_eyre::config::HookBuilder::default().display_env_section(false).install().unwrap();
    let _run = Run::begin(Sweep::Meanwhile).unwrap();
    let folder = TemporaryFolder::new("demo-").unwrap();
    let opened = open_scenario(Scenario::named("isolated").unwrap(), folder.path()).unwrap();
    let options = SessionOptions {
        state: folder.path().join("state"),
        files: GivenFiles::default(),
        demo: Some(folder.path().to_owned()),
        mouse: true,
    };
    run_with(Start::scenario(opened, Preferences::default()), &Theme::ansi(), options, functions).unwrap();
}

fn start(functions: &str, home: &Path) -> Screen {
    std::fs::create_dir(home.join("tmp")).unwrap();
    let variables = [
        (VARIABLE, functions.to_owned()),
        ("TMPDIR", home.join("tmp").display().to_string()),
        ("RUST_BACKTRACE", "0".to_owned()),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value));
    let arguments = ["--exact", "panics::application", "--nocapture", "--test-threads=1"];
    let program = std::env::current_exe().unwrap();
    let mut screen = Screen::start_program(&program, &arguments, &variables, home, SIZE);
    screen.wait_for("x 4 of 4 destinations blocked");
    screen
}

/// The text on the normal screen after the end.
fn left_on_the_screen(raw: &str) -> String {
    let mut parser = vt100::Parser::new(SIZE.1, SIZE.0, 0);
    parser.process(raw.as_bytes());
    parser.screen().contents()
}

#[test]
fn a_panic_restores_the_terminal_and_its_report_is_readable() {
    for (functions, key, message) in [
        ("draw", "enter", "panic while drawing"),
        ("update", "Z", "panic in update"),
        ("work", "Z", "panic in update"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let mut screen = start(functions, home.path());
        let begin = Instant::now();
        screen.press(key);
        let (code, raw) = screen.end();
        assert!(begin.elapsed() < LONG / 10, "{functions}: the end does not wait for work that runs");
        assert_eq!(code, 101, "{functions}");
        assert_restored(&raw);
        let text = left_on_the_screen(&raw);
        let lines: Vec<&str> = text.lines().collect();
        let at = lines.iter().position(|line| line.ends_with("The application panicked (crashed)."));
        let report = &lines[at.unwrap_or_else(|| panic!("{functions}: no report in\n{text}"))..];
        assert_eq!(report[1], format!("Message:  {message}"), "{functions}");
        assert!(report[2].starts_with("Location: tests/suite/panics.rs:"), "{functions}: {text}");
        // Nothing of the application is left on this screen.
        assert!(!text.contains("bond-ai-dev-backend"), "{functions}: {text}");
        assert_eq!(std::fs::read_dir(home.path().join("tmp")).unwrap().count(), 0, "{functions}");
    }
}

/// The report of a panic on another thread would destroy the screen. The application answers the next keys.
#[test]
fn a_panic_in_the_background_leaves_the_screen_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let mut screen = start("background", home.path());
    screen.press("Z");
    screen.press_for("enter", "NO_ROUTE_TO_DESTINATION");
    screen.press_for("enter", "Recommended: 1. S3");
    screen.press("q");
    let (code, raw) = screen.end();
    assert_eq!(code, 0);
    assert_restored(&raw);
    assert!(!raw.contains("panic in the background"), "{raw}");
    assert_eq!(std::fs::read_dir(home.path().join("tmp")).unwrap().count(), 0);
}
