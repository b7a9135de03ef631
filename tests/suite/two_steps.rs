//! A scenario by Enter alone: the recommended first step, then the fixes for the rest, until all destinations are reachable or a
//! sentence says why not.

use egress_doctor::app::{Notice, Plan, Step};
use egress_doctor::diagnose::FindingVerdict;
use egress_doctor::evidence::Caller;
use egress_doctor::scenario::SCENARIOS;
use egress_doctor::ui::Theme;

use super::screens::{Player, scenario};

/// How a scenario ends when the user presses Enter again and again.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// All destinations are reachable after this number of written fixes.
    Green(usize),
    /// The sentence on the screen that says why not.
    Sentence(String),
}

fn by_enter_alone(name: &str) -> End {
    let mut player = Player::start(scenario(name));
    let mut writes = 0;
    for _ in 0..40 {
        let (step, notice) = (player.app.step(), player.app.notice.clone());
        let had_result = player.app.done.as_ref().is_some_and(|done| done.after.is_some());
        player.press("enter");
        if player.app.step() == Step::Done && step != Step::Done {
            writes += 1;
        }
        if let Some(preview) = player.app.preview.as_ref().filter(|_| player.app.step() == Step::Preview)
            && let Plan::Failed(reason) = &preview.plan
        {
            assert!(player.screen(120, 36, &Theme::ansi()).contains("cannot be"), "{name}");
            return End::Sentence(reason.clone());
        }
        if let Some(done) = player.app.done.as_ref().filter(|_| player.app.step() == Step::Done)
            && done.after.is_some()
            && done.not_fixed().is_empty()
        {
            let screen = player.screen(120, 36, &Theme::ansi());
            assert!(screen.contains(" fixed. Press u to undo, q to quit."), "{name}\n{screen}");
            assert!(screen.contains("+ All destinations are reachable."), "{name}\n{screen}");
            let cells = player.cells(120, 36, &Theme::ansi());
            let is_green = |(x, y): &(u16, u16)| {
                cells[(*x, *y)].symbol() == "+" && cells[(*x, *y)].fg == Theme::ansi().good.fg.unwrap()
            };
            let places = (24..33).flat_map(|y| (10..120).map(move |x| (x, y)));
            assert!(
                places.filter(is_green).count() > 0,
                "{name}: a destination that the fix changed is green\n{screen}"
            );
            return End::Green(writes);
        }
        let shows_result = player.app.done.as_ref().is_some_and(|done| done.after.is_some());
        if shows_result == had_result
            && player.app.step() == step
            && player.app.notice == notice
            && player.app.dialog.is_none()
        {
            return match &player.app.notice {
                Some(Notice::Info(text) | Notice::Error(text)) => End::Sentence(text.clone()),
                None => panic!("{name} stops on {step:?}\n{}", player.screen(120, 36, &Theme::ansi())),
            };
        }
    }
    panic!("{name} does not end\n{}", player.screen(120, 36, &Theme::ansi()));
}

#[test]
fn every_scenario_ends_green_or_with_the_reason_by_enter_alone() {
    let ends: Vec<String> = SCENARIOS
        .iter()
        .map(|scenario| format!("{}: {:?}\n", scenario.name, by_enter_alone(scenario.name)))
        .collect();
    insta::assert_snapshot!("by-enter-alone", ends.concat());
}

#[test]
fn choose_names_both_steps_and_done_names_the_rest() {
    let mut player = Player::start(scenario("isolated"));
    player.press("enter enter");
    let screen = player.screen(120, 36, &Theme::ansi());
    assert!(
        screen.contains(
            "Recommended 1. S3 gateway endpoint, $0.00/mo: fixes 1 of 4; 2. NAT gateway, $36.50/mo + $0.045/GB: fixes the other 3."
        ),
        "{screen}"
    );
    // A fix that changes the service is the second step only if no other fixes the rest.
    let mut mixed = Player::start(scenario("mixed-subnets"));
    mixed.press("enter enter");
    let line = "Recommended 1. S3 gateway endpoint, $0.00/mo: fixes 1 of 3; 2. Move the connector to";
    assert!(
        mixed.screen(120, 36, &Theme::ansi()).contains(line),
        "{}",
        mixed.screen(120, 36, &Theme::ansi())
    );
    player.press("enter enter enter enter");
    let screen = player.screen(80, 24, &Theme::ansi());
    assert!(screen.contains("Not fixed: Bedrock (runtime), Okta, Secrets Manager. Press enter"), "{screen}");
    assert!(screen.contains("enter fix the other 3"), "{screen}");
    player.press("enter");
    assert_eq!(player.app.step(), Step::Choose);
    let case = player.app.case().unwrap().clone();
    let s3 = &case.diagnosis.findings[0];
    assert_eq!((s3.need.caller, s3.verdict()), (Caller::Application, FindingVerdict::Reachable));
    assert!(s3.need.evidence.is_empty(), "the line of the log is older than the fix: {:?}", s3.need.evidence);
    // Going back shows the same network, not the one before the fix.
    player.press("esc");
    assert_eq!(player.app.step(), Step::Trace);
    assert_eq!(player.app.case().unwrap().diagnosis, case.diagnosis);
    // Undo restores the files and the network.
    player.press("u y");
    assert_eq!(player.app.case().unwrap().diagnosis.findings[0].verdict(), FindingVerdict::Blocked);
    assert_eq!(player.app.case().unwrap().diagnosis.findings[0].need.evidence.len(), 1);
}

/// Outside the demo, Enter never writes: the confirmation selects Cancel.
#[test]
fn enter_alone_writes_only_in_the_demo() {
    let mut player = Player::start(egress_doctor::app::Start { own_copy: false, ..scenario("isolated") });
    player.press("enter enter enter enter enter");
    assert!(player.written.is_empty());
    assert_eq!(player.app.step(), Step::Preview);
}
