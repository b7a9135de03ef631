//! Speed of one key: `update` and the frame after it, with 200 destinations and 12 subnets at 200x60. The target is 2 ms.
//!
//! `cargo bench --no-default-features --bench screen`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_imports,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and stops at the first unexpected result"
)]

#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::Instant;

use egress_doctor::app::{App, Badge, Effect, Key, Message, Opening, Origin, Preferences, Start, Step};
use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::ui::{Theme, draw};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use support::network::twelve_subnets;

fn main() {
    divan::main();
}

/// The application on a step, with 200 destinations.
fn on(step: Step) -> App {
    let hosts = (0..196).map(|number| destination(&format!("host{number:03}.example.com")).unwrap());
    let start = Start {
        origin: Origin::File("account.json".into()),
        snapshot: Some(twelve_subnets(true)),
        query: Query { requested: hosts.collect(), ..Query::default() },
        terraform: None,
        own_copy: false,
        check: None,
        interrupted: Vec::new(),
        preferences: Preferences::default(),
        log: None,
        opening: Opening::default(),
    };
    let (mut app, effects) = App::start(start, Instant::now());
    reply(&mut app, effects);
    while app.step() != step {
        let effects = app.update(Message::Key("enter".parse().unwrap()), Instant::now());
        reply(&mut app, effects);
    }
    app
}

/// Carries out the diagnoses.
fn reply(app: &mut App, effects: Vec<Effect>) {
    for effect in effects {
        match effect {
            Effect::DiagnoseAll(run, snapshot, query, _) => {
                for workload in snapshot.workloads.iter() {
                    let badge = Badge::of(&snapshot, workload, &query);
                    app.update(Message::Badge(run, workload.id.clone(), badge), Instant::now());
                }
                app.update(Message::BadgesDone(run, Ok(())), Instant::now());
            }
            Effect::Diagnose(run, snapshot, workload, query) => {
                let case = Arc::new(Case::open(snapshot, *workload, &query));
                app.update(Message::Diagnosed(run, Ok(case)), Instant::now());
            }
            _ => {}
        }
    }
}

/// One moved selection: the state change, the frame and the comparison with the previous frame.
#[divan::bench(args = [Step::Trace, Step::Choose])]
fn one_key_with_200_destinations_and_12_subnets_at_200x60(bencher: divan::Bencher<'_, '_>, step: Step) {
    let mut app = on(step);
    let mut terminal = Terminal::new(TestBackend::new(200, 60)).unwrap();
    let keys: [Key; 2] = ["down".parse().unwrap(), "up".parse().unwrap()];
    let mut number = 0;
    let (theme, now) = (Theme::ansi(), Instant::now());
    bencher.bench_local(|| {
        number += 1;
        divan::black_box(app.update(Message::Key(keys[number % 2]), now));
        terminal.draw(|frame| draw(&app, &theme, now, frame)).unwrap();
    });
}

/// The first frame of a step, which computes what later frames use again.
#[divan::bench(args = [Step::Trace, Step::Choose], sample_count = 20, sample_size = 1)]
fn first_frame_with_200_destinations_and_12_subnets_at_200x60(bencher: divan::Bencher<'_, '_>, step: Step) {
    let (theme, now) = (Theme::ansi(), Instant::now());
    let app = || (on(step), Terminal::new(TestBackend::new(200, 60)).unwrap());
    bencher.with_inputs(app).bench_local_refs(|(app, terminal)| {
        terminal.draw(|frame| draw(app, &theme, now, frame)).unwrap();
    });
}
