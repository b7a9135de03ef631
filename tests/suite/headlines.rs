//! The headline: one sentence with at most two lines at 80 columns, which agrees with the row of the matrix and with the cause.

use std::sync::Arc;

use egress_doctor::app::Message;
use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, read_log};
use egress_doctor::model::Snapshot;
use egress_doctor::scenario::{SCENARIOS, Scenario};
use egress_doctor::ui::Theme;

use super::screens::{Player, scenario};
use crate::support::network::twelve_subnets;

/// The case of a snapshot with the log of a scenario and more lines.
fn case(snapshot: Snapshot, log: &str) -> Case {
    let workload = snapshot.workloads.iter().next().unwrap().clone();
    let findings = read_log(log.as_bytes()).unwrap().findings;
    Case::open(Arc::new(snapshot), workload, &Query::with_log(findings))
}

/// The number of lines of a text that is wrapped between its words at 80 columns with margins.
pub fn lines(text: &str) -> usize {
    let mut lines = vec![0];
    for word in text.split(' ').map(|word| word.chars().count()) {
        let last = lines.last_mut().unwrap();
        if *last > 0 && *last + 1 + word > 78 {
            lines.push(word);
        } else {
            *last += word + usize::from(*last > 0);
        }
    }
    lines.len()
}

/// Whether it is one sentence with at most two lines.
pub fn is_short(headline: &str) -> bool {
    headline.ends_with('.') && !headline.contains(". ") && lines(headline) <= 2
}

#[test]
fn the_headline_of_each_scenario_is_one_sentence_in_two_lines() {
    for scenario in SCENARIOS {
        let case = case(Snapshot::from_json(scenario.snapshot).unwrap(), scenario.log);
        assert!(is_short(&case.diagnosis.headline), "{}: {}", scenario.name, case.diagnosis.headline);
    }
    let mut player = Player::start(scenario("nacl-return"));
    player.press("enter");
    let screen = player.screen(80, 24, &Theme::mono().in_ascii());
    let rows: Vec<&str> = screen.lines().skip(1).take(3).map(|row| row.trim_matches('"')).collect();
    assert!(rows[0].starts_with(" 4 of 4 destinations are blocked: network ACL "), "{screen}");
    assert!(rows[1].trim_end().ends_with('.') && rows[2].starts_with('+'), "{screen}");
}

/// The cause names each of them.
#[test]
fn many_route_tables_are_counted() {
    let case = case(twelve_subnets(true), Scenario::named("isolated").unwrap().log);
    assert_eq!(
        case.diagnosis.headline,
        "4 of 4 destinations are blocked from all 12 subnets: 12 route tables have no route to them."
    );
    for number in 0..12 {
        let table = format!("rtb-{number:02}00000000000000f");
        assert!(case.diagnosis.causes.iter().any(|cause| cause.explanation.contains(&table)), "{table}");
    }
}

/// A line of another driver, and an address that the snapshot does not have.
const PASTED: &str = "connection to server at \"bond-db.c9xk2m4p7q1r.us-west-2.rds.amazonaws.com\" (10.40.1.23), port 5432 failed: \
                      Connection timed out\nredis.exceptions.TimeoutError: Timeout connecting to server\n";

#[test]
fn a_name_with_another_address_in_the_log_has_one_statement() {
    let mut player = Player::start(scenario("database-group"));
    player.press("enter");
    player.send(Message::Paste(PASTED.into()));
    let case = player.app.trace.as_ref().unwrap().case.clone();
    assert_eq!(
        case.diagnosis.headline,
        "1 of 2 destinations is intermittent (fails for some addresses, unknown for the others): the cause is in \
         security group sg-0d4b3a29181f7e6d5."
    );
    let blocks = "This blocks some addresses of bond-db.c9xk2m4p7q1r.us-west-2.rds.amazonaws.com:5432 (10.40.16.53) from all 3 subnets.";
    assert!(case.diagnosis.causes[0].explanation.contains(blocks), "{:?}", case.diagnosis.causes);
    let screen = player.screen(200, 60, &Theme::mono().in_ascii());
    assert!(screen.contains("fails for some addresses"), "{screen}");
    let screen = player.screen(80, 24, &Theme::mono().in_ascii());
    assert!(screen.contains("some addresses"), "{screen}");
    assert!(!screen.contains("3 of 3"), "{screen}");
}

#[test]
fn a_timeout_of_another_driver_without_a_host_is_told() {
    let mut player = Player::start(scenario("database-group"));
    player.send(Message::Paste(PASTED.into()));
    let screen = player.screen(200, 36, &Theme::mono().in_ascii());
    assert!(screen.contains("2 lines read: 1 destination and 1 other failure ("), "{screen}");
    assert!(screen.contains("connect timeout without a host"), "{screen}");
}
