//! A large network on a small screen: 12 subnets and 200 destinations at 80 by 24. Subnets that behave alike share a column, the
//! matrix scrolls in both directions, and the configuration behind a hop is shown.

use egress_doctor::app::{Dialog, Origin, Start};
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::{Workload, WorkloadId};
use egress_doctor::ui::Theme;

use super::screens::{Player, scenario};
use crate::support::network;

/// The network of 12 subnets with 200 destinations.
fn twelve_subnets(apart: bool) -> Start {
    let hosts = (0..196).map(|number| destination(&format!("host{number:03}.example.com")).unwrap());
    Start {
        origin: Origin::File("account.json".into()),
        snapshot: Some(network::twelve_subnets(apart)),
        query: Query { requested: hosts.collect(), ..Query::default() },
        ..scenario("isolated")
    }
}

fn ascii(player: &Player, width: u16, height: u16) -> String {
    player.screen(width, height, &Theme::mono().in_ascii())
}

#[test]
fn subnets_that_behave_alike_share_a_column() {
    let mut player = Player::start(twelve_subnets(false));
    player.press("enter");
    let screen = ascii(&player, 80, 24);
    assert!(screen.contains("AZ  a-c "), "{screen}");
    assert!(screen.contains("host000.example.com"), "{screen}");
    assert_eq!(player.app.trace.as_ref().unwrap().others_alike(), 11);
    let mut isolated = Player::start(scenario("isolated"));
    isolated.press("enter");
    assert!(ascii(&isolated, 80, 24).contains("AZ  a,b   c "), "{}", ascii(&isolated, 80, 24));
}

#[test]
fn the_matrix_scrolls_in_both_directions_and_names_stay_readable() {
    let mut player = Player::start(twelve_subnets(true));
    player.press("enter");
    let screen = ascii(&player, 80, 24);
    assert!(screen.contains("host000.example"), "{screen}");
    assert!(screen.contains("AZ  a1  a2 "), "{screen}");
    assert!(screen.contains("> 7"), "7 columns are hidden\n{screen}");
    assert!(screen.contains(" more below"), "{screen}");
    player.press(&"right ".repeat(11));
    let screen = ascii(&player, 80, 24);
    assert!(screen.contains("7 < "), "{screen}");
    assert!(screen.contains("c3  c4"), "{screen}");
    player.press(&"down ".repeat(150));
    let screen = ascii(&player, 80, 24);
    assert!(screen.contains("> host150.example"), "{screen}");
    assert!(screen.contains(" more above"), "{screen}");
    player.press("enter");
    let screen = ascii(&player, 80, 24);
    assert!(screen.contains("host000.example"), "{screen}");
}

#[test]
fn the_calls_of_app_runner_have_a_heading_and_an_intermittent_row_says_where_it_fails() {
    let mut player = Player::start(scenario("mixed-subnets"));
    player.press("enter");
    let screen = ascii(&player, 120, 36);
    assert!(screen.contains("fails 2 of 3 subnets"), "{screen}");
    assert!(screen.contains("| by App Runner itself, outside the VPC"), "{screen}");
    // On a small screen the headline says it.
    assert!(ascii(&player, 80, 24).contains("fail from 2 of 3 subnets"), "{}", ascii(&player, 80, 24));
}

#[test]
fn explain_shows_the_table_behind_a_hop_and_how_to_check_it() {
    let explained = |name: &str, keys: &str| {
        let mut player = Player::start(scenario(name));
        player.press("enter").press(keys);
        ascii(&player, 120, 36)
    };
    let screen = explained("isolated", "i");
    assert!(screen.contains("Hop 5 of 5: route"), "{screen}");
    assert!(screen.contains("Route table rtb-0d4e5f6a7b8c90123"), "{screen}");
    assert!(screen.contains("10.40.0.0/16  local   active  route table"), "{screen}");
    assert!(!screen.contains("|> 10.40.0.0/16"), "no route decides\n{screen}");
    assert!(screen.contains("It has no route to the destination."), "{screen}");
    let command = "aws ec2 describe-route-tables --route-table-ids rtb-0d4e5f6a7b8c90123 --region";
    assert!(screen.contains(command), "{screen}");
    assert!(screen.contains("#RouteTableDetails:RouteTableId=rtb-0d4e5f6a7b8c90123"), "{screen}");
    // The previous hop: the entries of the network ACL.
    let screen = explained("isolated", "i h");
    assert!(screen.contains("Network ACL acl-0f2e4d6c8b0a19283"), "{screen}");
    assert!(screen.contains("The first rule that matches a packet decides."), "{screen}");
    // The line that denies is marked.
    let screen = explained("nacl-return", "i");
    assert!(screen.contains("|> inbound    *     deny"), "{screen}");
    let screen = explained("mixed-subnets", "i h");
    assert!(screen.contains("|> 0.0.0.0/0"), "{screen}");
    // The rules of the security group that protects a database.
    let screen = explained("database-group", "i");
    assert!(screen.contains("inbound rule of sg-0d4b3a29181f7e6d5"), "{screen}");
    let command = "aws ec2 describe-security-group-rules --filters";
    assert!(
        screen.contains(command) && screen.contains("Name=group-id,Values=sg-0d4b3a29181f7e6d5"),
        "{screen}"
    );
    // A public NAT gateway without an address in the snapshot has one in AWS.
    let screen = explained("nat-loop", "i h h h");
    assert!(screen.contains("public addresses  not in the snapshot"), "{screen}");
    // The calls of App Runner itself: the egress type of the service.
    let screen = explained("isolated", "G i");
    assert!(screen.contains("egress type  VPC"), "{screen}");
}

/// Names of services are readable on small screens, also those that differ only at their end.
#[test]
fn services_keep_their_names_on_small_screens() {
    let mut start = scenario("isolated");
    let snapshot = start.snapshot.as_mut().unwrap();
    let first = snapshot.workloads.iter().next().unwrap().clone();
    for number in 0..12 {
        let name = format!("payments-reconciliation-worker-{number:02}-production");
        let id = WorkloadId::from(format!("{}-{number:02}", first.id));
        snapshot.workloads.insert(Workload { id, name, ..first.clone() });
    }
    let mut player = Player::start(start);
    player.press("down");
    for (width, height) in [(60, 20), (80, 24), (120, 36)] {
        let screen = ascii(&player, width, height);
        assert!(screen.contains("bond-ai-dev-backend "), "{screen}");
        for number in 0..7 {
            assert!(screen.contains(&format!("{number:02}-production ")), "{number} at {width}\n{screen}");
        }
        assert!(
            screen.contains("payments-reconciliation-worker-00-production"),
            "the selected one: {screen}"
        );
    }
    let alone = Player::start(scenario("isolated"));
    assert!(ascii(&alone, 60, 20).contains("> bond-ai-dev-backend "), "{}", ascii(&alone, 60, 20));
    assert!(ascii(&alone, 60, 20).contains("x 4/4 blocked"), "{}", ascii(&alone, 60, 20));
}

/// 200 destinations do not hide the other facts about a fix, and their number is whole.
#[test]
fn a_fix_of_many_destinations_lists_some_of_them() {
    let hosts = (0..200).map(|number| destination(&format!("host{number:03}.example.com")).unwrap());
    let query = Query { requested: hosts.collect(), ..Query::default() };
    let mut player = Player::start(Start { query, ..scenario("isolated") });
    player.press("enter enter");
    let fixes = player.app.choose.as_ref().unwrap().current().unwrap().fixes.len();
    let screen = ascii(&player, 80, 24);
    assert!(screen.contains(&format!(" {fixes}/{fixes} ")), "{screen}");
    let wide = ascii(&player, 200, 60);
    let words = wide.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&format!("{fixes} destinations: ")), "{wide}");
    assert!(words.contains(&format!("and {} more", fixes - 12)), "{wide}");
    assert!(wide.contains("Rollback"), "{wide}");
}

/// The list of scenarios shows only those that the typed letters fit.
#[test]
fn typed_letters_reduce_the_list_of_scenarios() {
    let mut player = Player::start(scenario("isolated"));
    player.press("S").type_text("nat");
    let Some(Dialog::Picker(picker)) = &player.app.dialog else { panic!() };
    let names: Vec<&str> = picker.shown().map(|(entry, _)| entry.label.as_str()).collect();
    assert!(names.contains(&"nat-loop") && names.contains(&"unused-nat"), "{names:?}");
    assert!(
        !names.contains(&"dns-off") && !names.contains(&"healthy") && !names.contains(&"denied"),
        "{names:?}"
    );
}
