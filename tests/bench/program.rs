//! The program in a terminal: time to the first frame, bytes of a moved selection, idling, and memory.
//!
//! `cargo bench --no-default-features --bench program` prints each figure beside its target. Linux only: it reads `/proc`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_imports,
    clippy::disallowed_methods,
    reason = "a benchmark measures time, prints its result, and stops at the first unexpected one"
)]

#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use support::screen::Screen;

/// The runs of each start; the fastest one counts.
const RUNS: usize = 15;
const IDLE: Duration = Duration::from_secs(10);

fn main() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let version = fastest(|| {
        let output = support::doctor(home.path()).arg("--version").output().unwrap();
        assert!(output.status.success());
    });
    let frame = fastest(|| {
        let mut screen = Screen::start(&["demo", "isolated"], &[], home.path(), (80, 24));
        screen.wait_for("App Runner services");
        screen.press("ctrl-c");
    });
    let limit = version * 2.0 + 15.0;
    support::say(&format!(
        "first frame of demo isolated: {frame:.1} ms (target {limit:.1} ms = 2 x --version, {version:.1} ms, + 15 ms)"
    ));

    let mut screen = Screen::start(&["demo", "isolated"], &[], home.path(), (80, 24));
    screen.wait_for("4 of 4");
    idle(&mut screen, "Pick");
    screen.press_for("enter", "NO_ROUTE");
    idle(&mut screen, "Trace");
    moves(&mut screen, "Trace");
    screen.press_for("enter", "Recommended");
    screen.quiet(Duration::from_secs(1));
    moves(&mut screen, "Choose");
    screen.press_for("enter", "to add");
    screen.press_for("w", "Write this edit?");
    screen.press_for("y", "Rollback");
    screen.press_for("enter", "simulated");
    screen.quiet(Duration::from_secs(1));
    let status = fs::read_to_string(process(&screen).join("status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: f64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    support::say(&format!(
        "peak memory of the demo from Pick to Done: {:.1} MB (target 20 MB)",
        kilobytes / 1024.0
    ));
    screen.press("ctrl-c");
}

/// Milliseconds of the fastest run.
fn fastest(mut run: impl FnMut()) -> f64 {
    let time = |run: &mut dyn FnMut()| {
        let begin = Instant::now();
        run();
        begin.elapsed().as_secs_f64() * 1000.0
    };
    (0..RUNS).map(|_| time(&mut run)).fold(f64::INFINITY, f64::min)
}

fn process(screen: &Screen) -> std::path::PathBuf {
    Path::new("/proc").join(screen.process_id().to_string())
}

/// The ticks of processor time so far.
fn ticks(screen: &Screen) -> u64 {
    let stat = fs::read_to_string(process(screen).join("stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

fn idle(screen: &mut Screen, step: &str) {
    screen.quiet(Duration::from_secs(1));
    let before = (screen.raw().len(), ticks(screen));
    screen.quiet(IDLE);
    let (bytes, used) = (screen.raw().len() - before.0, ticks(screen) - before.1);
    support::say(&format!(
        "idle on {step} for {} s: {bytes} bytes, {used} ticks of processor time (target 0 and 0)",
        IDLE.as_secs()
    ));
}

/// The bytes of one moved selection.
fn moves(screen: &mut Screen, step: &str) {
    let mut counts = Vec::new();
    for key in ["j", "j", "k", "k"] {
        let before = screen.raw().len();
        screen.press(key);
        screen.quiet(Duration::from_millis(300));
        counts.push(screen.raw().len() - before);
    }
    support::say(&format!("bytes of one moved selection on {step} at 80x24: {counts:?} (target 300)"));
}
