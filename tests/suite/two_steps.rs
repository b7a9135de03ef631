//! A scenario by Enter alone: the recommended first step, then the fixes for the rest, until all destinations are reachable or a
//! sentence says why not.

use egress_doctor::app::{Badge, Message, Notice, Plan, Step};
use egress_doctor::diagnose::FindingVerdict;
use egress_doctor::evidence::Caller;
use egress_doctor::scenario::{SCENARIOS, SEPARATOR};
use egress_doctor::terraform::{ChangeSet, ResourceAddress};
use egress_doctor::ui::Theme;

use super::readme::is_updating;
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
    played(name).0
}

/// The end, and the Terraform of each written fix.
fn played(name: &str) -> (End, Vec<String>) {
    let mut terraform = Vec::new();
    let mut player = Player::start(scenario(name));
    let mut writes = 0;
    for _ in 0..40 {
        let (step, notice) = (player.app.step(), player.app.notice.clone());
        let had_result = player.app.done.as_ref().is_some_and(|done| done.after.is_some());
        player.press("enter");
        if player.app.step() == Step::Done && step != Step::Done {
            writes += 1;
            terraform.push(resources(&player.app.done.as_ref().unwrap().changes));
        }
        if let Some(preview) = player.app.preview.as_ref().filter(|_| player.app.step() == Step::Preview)
            && let Plan::Failed(reason) = &preview.plan
        {
            assert!(player.screen(120, 36, &Theme::ansi()).contains("cannot be"), "{name}");
            return (End::Sentence(reason.clone()), terraform);
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
            return (End::Green(writes), terraform);
        }
        let shows_result = player.app.done.as_ref().is_some_and(|done| done.after.is_some());
        if shows_result == had_result
            && player.app.step() == step
            && player.app.notice == notice
            && player.app.dialog.is_none()
        {
            return match &player.app.notice {
                Some(Notice::Info(text) | Notice::Error(text)) => (End::Sentence(text.clone()), terraform),
                None => panic!("{name} stops on {step:?}\n{}", player.screen(120, 36, &Theme::ansi())),
            };
        }
    }
    panic!("{name} does not end\n{}", player.screen(120, 36, &Theme::ansi()));
}

/// `adds aws_eip, 2 aws_route; changes aws_security_group`
fn resources(changes: &ChangeSet) -> String {
    let kinds = |addresses: &[ResourceAddress]| {
        let mut kinds: Vec<(String, usize)> = Vec::new();
        for address in addresses {
            let address = address.to_string();
            let kind = address.split('.').find(|part| part.starts_with("aws_")).unwrap_or(&address);
            match kinds.iter_mut().find(|(known, _)| known == kind) {
                Some((_, count)) => *count += 1,
                None => kinds.push((kind.to_owned(), 1)),
            }
        }
        let word = |(kind, count): (String, usize)| if count == 1 { kind } else { format!("{count} {kind}") };
        kinds.into_iter().map(word).collect::<Vec<_>>().join(", ")
    };
    let verbs = [("adds", &changes.adds), ("changes", &changes.changes), ("destroys", &changes.destroys)];
    let parts = verbs.into_iter().filter(|(_, addresses)| !addresses.is_empty());
    parts.map(|(verb, addresses)| format!("{verb} {}", kinds(addresses))).collect::<Vec<_>>().join("; ")
}

/// The verdict, and the Terraform that Enter alone writes.
fn result(name: &str) -> String {
    let player = Player::start(scenario(name));
    let badge = player.app.pick.rows.first().and_then(|row| row.badge).unwrap();
    let verdict = match badge {
        Badge { blocked, all, .. } if blocked > 0 => format!("x {blocked}/{all} blocked"),
        Badge { intermittent, all, .. } if intermittent > 0 => format!("~ {intermittent}/{all} interm."),
        Badge { unknown, all, .. } if unknown > 0 => format!("? {unknown}/{all} unknown"),
        Badge { all, .. } => format!("+ {all}/{all} reachable"),
    };
    let (end, mut terraform) = played(name);
    let is_blocked = player.app.pick.rows.iter().any(|row| row.badge.is_some_and(|badge| badge.blocked > 0));
    match end {
        End::Green(_) => {}
        End::Sentence(_) if is_blocked => terraform.push("a step by hand".to_owned()),
        End::Sentence(_) => terraform.push("nothing to write".to_owned()),
    }
    let terraform = terraform.join("; then ");
    let mut letters = terraform.chars();
    let first = letters.next().unwrap().to_uppercase();
    [name, &verdict, &format!("{first}{}", letters.as_str())].join(SEPARATOR)
}

/// The list of scenarios shows the verdict and the Terraform of each, and where to begin. The application gives the same results.
#[test]
fn the_list_of_scenarios_shows_their_results() {
    let path = crate::support::repository("assets/scenarios/results.txt");
    let results: String = SCENARIOS.iter().map(|scenario| format!("{}\n", result(scenario.name))).collect();
    if is_updating() {
        std::fs::write(&path, &results).unwrap();
        return;
    }
    let stored = std::fs::read_to_string(&path).unwrap();
    assert_eq!(stored, results, "run the tests with EGRESS_DOCTOR_UPDATE_EXPECTED=1");

    let mut player = Player::start(scenario("isolated"));
    player.press("S");
    let screen = player.screen(160, 36, &Theme::mono().in_ascii());
    let lines: Vec<&str> = screen.lines().collect();
    for scenario in SCENARIOS {
        let result = scenario.result().unwrap();
        let row = lines.iter().find(|line| line.contains(&format!("  {} ", scenario.name))).unwrap();
        let shown: String = result.terraform.chars().take(40).collect();
        assert!(row.contains(result.verdict) && row.contains(&shown), "{row}");
        assert_eq!(row.contains("Start here. "), scenario.name == "isolated", "{row}");
    }
    // A narrow screen shows the whole text of the selected row.
    let narrow = player.screen(80, 24, &Theme::mono().in_ascii());
    let words = narrow.replace(['|', '"', '#'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let isolated = &SCENARIOS[0];
    let terraform = isolated.result().unwrap().terraform;
    let text = format!("Start here. {terraform}. {}", isolated.description);
    assert!(words.contains(&text), "{narrow}");
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

/// Nobody knows whether an unknown destination needs a fix: the recommendation is for the others, and says how many are unknown.
#[test]
fn an_unknown_destination_does_not_remove_the_second_step() {
    const LOG: &str = r#"psycopg.OperationalError: connection to server at "orders.abcdefghijkl.us-west-2.rds.amazonaws.com" (10.40.9.12), port 5432 failed: Connection timed out"#;
    let mut player = Player::start(scenario("mixed-subnets"));
    player.press("enter");
    player.send(Message::Paste(LOG.to_owned()));
    player.press("esc enter enter");
    let screen = player.screen(160, 45, &Theme::ansi());
    let recommended = screen.lines().find(|line| line.contains("Recommended")).unwrap();
    assert!(
        recommended.contains("1. S3 gateway endpoint") && recommended.contains("2. Move the connector"),
        "{screen}"
    );
    assert!(screen.contains("fixes 2. 1 is unknown."), "{screen}");
    assert!(!screen.contains("another fix"), "{screen}");
    // A fix that is not possible has no cost curve.
    player.press("G");
    let screen = player.screen(160, 45, &Theme::ansi());
    assert!(screen.contains("not possible") && !screen.contains("GB/month"), "{screen}");
}
