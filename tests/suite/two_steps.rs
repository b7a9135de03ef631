//! A scenario by Enter alone: the recommended first step, then the fixes for the rest, until all destinations are reachable or a
//! sentence says why not.

use egress_doctor::app::{Badge, Done, Message, Notice, Step, Written};
use egress_doctor::diagnose::FindingVerdict;
use egress_doctor::evidence::{Caller, Evidence, destination};
use egress_doctor::scenario::{SCENARIOS, SEPARATOR};
use egress_doctor::terraform::ResourceAddress;
use egress_doctor::ui::Theme;

use super::readme::is_updating;
use super::screens::{Player, scenario};

/// The words of a screen.
fn words(screen: &str) -> String {
    screen.replace(['|', '"', '│', '┃', '#'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

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
            terraform.push(resources(player.app.done.as_ref().unwrap()));
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
                Some(Notice::Info(text) | Notice::Delayed(text) | Notice::Error(text)) => {
                    (End::Sentence(text.clone()), terraform)
                }
                None => panic!("{name} stops on {step:?}\n{}", player.screen(120, 36, &Theme::ansi())),
            };
        }
    }
    panic!("{name} does not end\n{}", player.screen(120, 36, &Theme::ansi()));
}

/// `adds aws_eip, 2 aws_route; changes aws_security_group`
fn resources(done: &Done) -> String {
    let Some(Written { changes, .. }) = &done.written else { return "a step by hand".to_owned() };
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
        let shown: String = scenario.description.chars().take(24).collect();
        assert!(row.contains(result.verdict) && row.contains(&shown), "{row}");
        assert_eq!(row.contains("Start here. "), scenario.name == "isolated", "{row}");
    }
    // A narrow screen shows the whole text of the selected row.
    let narrow = player.screen(80, 24, &Theme::mono().in_ascii());
    let words = narrow.replace(['|', '"', '#'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let isolated = &SCENARIOS[0];
    let terraform = isolated.result().unwrap().terraform;
    let text = format!("Start here. {} {terraform}.", isolated.description);
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
        words(&screen).contains(
            "Recommended: 1. S3 gateway endpoint, $0.00/mo: fixes 1 of 4; 2. NAT gateway, $36.50/mo + $0.045/GB: fixes the other 3."
        ),
        "{screen}"
    );
    // A fix that changes the service is the second step only if no other fixes the rest.
    let mut mixed = Player::start(scenario("mixed-subnets"));
    mixed.press("enter enter");
    let line = "Recommended: 1. S3 gateway endpoint, $0.00/mo: fixes 1 of 3; 2. Move the connector to";
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
    // The line of the log is older than the fix.
    let [Evidence::BeforeFix { count: 1, .. }] = s3.need.evidence.as_slice() else {
        panic!("{:?}", s3.need.evidence)
    };
    // Going back shows the same network, not the one before the fix.
    player.press("esc");
    assert_eq!(player.app.step(), Step::Trace);
    assert_eq!(player.app.case().unwrap().diagnosis, case.diagnosis);
    let screen = player.screen(120, 36, &Theme::mono().in_ascii());
    assert!(screen.contains("1 timeout before"), "{screen}");
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

/// After the fixes only an unknown destination is left: Done offers its check, no fix, and Trace shows it.
#[test]
fn done_offers_the_check_of_what_is_only_unknown() {
    let mut start = scenario("isolated");
    start.query.requested.push(destination("10.40.9.12:5432").unwrap());
    let mut player = Player::start(start);
    for _ in 0..40 {
        player.press("enter");
        if player.app.done.as_ref().is_some_and(Done::rest_is_unknown) {
            break;
        }
    }
    let screen = player.screen(120, 36, &Theme::mono().in_ascii());
    assert!(screen.contains("Press enter for how to check this."), "{screen}");
    assert!(words(&screen).contains("press enter for how to check the rest."), "{screen}");
    let footer = screen.lines().last().unwrap();
    assert!(footer.contains("enter check the rest") && !footer.contains("fix the other"), "{screen}");
    player.press("enter");
    assert_eq!(player.app.step(), Step::Trace);
    let view = player.app.trace.as_ref().unwrap();
    assert_eq!(view.case.diagnosis.findings[view.row].need.destination.host, "10.40.9.12");
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
    assert!(words(&screen).contains("fixes 2. 1 is unknown."), "{screen}");
    assert!(!screen.contains("another fix"), "{screen}");
    // The log has the address: what is missing is the network interface.
    let step = "aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values=10.40.9.12 --region us-west-2";
    assert!(words(&screen).contains(step) && !screen.contains("--to ADDRESS"), "{screen}");
    // A fix that is not possible has no cost curve.
    player.press("G");
    let screen = player.screen(160, 45, &Theme::ansi());
    assert!(screen.contains("not possible") && !screen.contains("GB/month"), "{screen}");
}

/// An unknown destination does not make a paid step out of what a free fix does: the connector in another subnet also reaches Bedrock.
#[test]
fn an_unknown_destination_adds_no_paid_step() {
    let mut start = scenario("mixed-subnets");
    start.query.requested.push(destination("10.40.9.12:5432").unwrap());
    let mut player = Player::start(start);
    for _ in 0..40 {
        player.press("enter");
        if player.app.step() == Step::Choose && player.app.done.is_some() {
            break;
        }
    }
    let choose = player.app.choose.as_ref().unwrap();
    let recommended = choose.case.proposals.iter().find(|proposal| proposal.recommended.is_some()).unwrap();
    assert_eq!(recommended.title, "Move the connector to subnet-03b5c7d9e1f2a4b63");
    let screen = player.screen(120, 36, &Theme::ansi());
    assert!(!screen.lines().nth(1).unwrap().contains("Interface endpoints"), "{screen}");
}

/// Both recommended steps are one row. Enter plans its first step, and Space marks both.
#[test]
fn both_recommended_steps_are_one_row() {
    let mut player = Player::start(scenario("isolated"));
    player.press("enter enter k");
    let screen = player.screen(120, 36, &Theme::mono().in_ascii());
    assert!(
        screen.contains("> [ ] Recommended: 1. S3 gateway endpoint, $0.00/mo: fixes 1 of 4; 2. NAT gateway"),
        "{screen}"
    );
    assert_eq!(screen.matches("> [").count(), 1, "one row is selected\n{screen}");
    assert!(screen.contains("enter diff of step 1"), "{screen}");
    player.press("enter");
    assert_eq!(player.app.preview.as_ref().unwrap().proposal.id(), "s3-gateway");
    player.press("esc space");
    let choose = player.app.choose.as_ref().unwrap();
    assert_eq!(choose.planned().unwrap().id(), "s3-gateway+nat");
    assert!(player.screen(120, 36, &Theme::mono().in_ascii()).contains("> [x] Recommended"));
    player.press("space down");
    let choose = player.app.choose.as_ref().unwrap();
    assert!(choose.set().is_none() && !choose.on_steps && choose.selected == 0);
    // g selects the first row; a filter hides the row.
    player.press("G g");
    assert!(player.app.choose.as_ref().unwrap().on_steps);
    player.press("/").type_text("nat");
    assert!(!player.app.choose.as_ref().unwrap().on_steps);
    // Enter goes through both steps: the first is written, then the rest.
    let mut player = Player::start(scenario("isolated"));
    player.press("enter enter k enter enter enter enter");
    assert!(player.screen(120, 36, &Theme::mono().in_ascii()).contains("Not fixed: Bedrock"));
    player.press("enter");
    assert_eq!(player.app.choose.as_ref().unwrap().current().unwrap().id(), "nat");
}

/// A cause whose fix is in the list has no manual step.
#[test]
fn a_fix_of_the_list_is_no_manual_step() {
    let mut player = Player::start(scenario("mixed-subnets"));
    player.press("enter");
    let screen = player.screen(160, 60, &Theme::mono().in_ascii());
    assert!(!screen.contains("Manual step") && !screen.contains("create-vpc-connector"), "{screen}");
}

/// After a fix that makes all destinations reachable, the result shows no column that the service no longer uses.
#[test]
fn a_green_result_has_no_blocked_cell() {
    let mut player = Player::start(scenario("mixed-subnets"));
    player.press("enter enter enter enter enter enter enter enter enter enter");
    assert_eq!((player.app.step(), player.app.done.as_ref().unwrap().after.is_some()), (Step::Done, false));
    player.press("enter");
    for (width, height) in [(60, 20), (80, 24), (120, 36)] {
        let screen = player.screen(width, height, &Theme::mono().in_ascii());
        let (_, matrix) = screen.split_once("+ All destinations are reachable.").unwrap();
        let rows: Vec<&str> = matrix.lines().take_while(|line| !line.contains("not used")).collect();
        assert!(rows.iter().any(|row| row.contains("Okta")), "{screen}");
        assert!(rows.iter().all(|row| !row.contains(" x ")), "{screen}");
        assert!(height < 24 || screen.contains("not used after the fix: a,b"), "{screen}");
    }
}

/// A fix has the same name in the headline, the list, the chart and the sentences.
#[test]
fn a_fix_has_one_name() {
    let mut player = Player::start(scenario("nat-loop"));
    player.press("enter enter down");
    let screen = player.screen(200, 60, &Theme::mono().in_ascii());
    for words in ["NAT gateway repair", "nat-repair", "S3 endpoint + "] {
        assert!(!screen.contains(words), "{words}\n{screen}");
    }
    assert!(screen.matches("Replace the broken NAT gateway nat-0a7c5e3d1b9f86420").count() >= 4, "{screen}");
    assert!(screen.contains("does not work: Replace the broken NAT gateway"), "{screen}");
}

/// A fix that does all is named above the list too.
#[test]
fn the_only_step_is_named() {
    let mut player = Player::start(scenario("third-party-only"));
    player.press("enter enter");
    let screen = player.screen(120, 36, &Theme::mono().in_ascii());
    assert!(screen.contains(" Recommended NAT gateway, $36.50/mo + $0.045/GB: fixes it."), "{screen}");
}

/// The second step of `igw-only` keeps the S3 endpoint of the first one: its new route table uses it, and the edit says so.
#[test]
fn the_second_step_keeps_the_endpoint_of_the_first_one() {
    let mut player = Player::start(scenario("igw-only"));
    player.press("enter enter enter enter enter enter enter enter");
    let changes = &player.app.planned_edit().unwrap().changes;
    let file = changes.files.iter().find(|file| file.path.ends_with("vpc-endpoints.tf")).unwrap();
    let list = "concat(data.aws_route_tables.app_runner.ids, [data.aws_vpc.existing.main_route_table_id], [aws_route_table.app_runner.id])";
    assert!(file.after.contains(list), "{}", file.after);
    assert!(
        changes.notes.iter().any(|note| note.contains("gets the new route table too")),
        "{:?}",
        changes.notes
    );
    player.press("enter enter enter enter");
    let s3 = &player.app.case().unwrap().diagnosis.findings[0];
    let via = format!("{:?}", s3.traces[0].verdict);
    assert!(via.contains("GatewayEndpoint"), "{via}");
}
