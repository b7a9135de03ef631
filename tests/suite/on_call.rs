//! An engineer pastes a log of the application into a scenario, and goes on from there: names, recommendations, marks, undo.

use std::collections::BTreeSet;

use egress_doctor::app::{Dialog, Mark, Message, Notice, Step};
use egress_doctor::path_map::{CharacterSet, Selected, path_map};
use egress_doctor::scenario::SCENARIOS;
use egress_doctor::ui::Theme;

use super::screens::{Player, scenario};

/// Two buckets of S3, Okta with two hosts, a database whose address nobody has, and a denied call.
const LOG: &str = r#"2026-11-20T09:59:01Z ERROR botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: "https://bond-uploads-prod.s3.us-west-2.amazonaws.com/in/report.pdf"
2026-11-20T10:00:12Z ERROR urllib3.exceptions.MaxRetryError: HTTPSConnectionPool(host='acme.okta.com', port=443): Max retries exceeded with url: /oauth2/default/v1/keys (Caused by ConnectTimeoutError(<urllib3.connection.HTTPSConnection object at 0x7f1>, 'Connection to acme.okta.com timed out. (connect timeout=60)'))
2026-11-20T10:01:15Z ERROR psycopg2.OperationalError: connection to server at "orders-db.c1abcdefghij.us-west-2.rds.amazonaws.com" (10.40.36.20), port 5432 failed: Connection timed out
2026-11-20T10:02:20Z ERROR botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the GetObject operation: User: arn:aws:sts::123456789012:assumed-role/bond-ai-dev-instance/abc is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::bond-archive/key.txt" because no identity-based policy allows the s3:GetObject action
"#;

/// A scenario on Trace after the log is pasted.
fn pasted(name: &str) -> Player {
    let mut player = Player::start(scenario(name));
    player.press("enter");
    player.send(Message::Paste(LOG.to_owned()));
    player
}

fn plain(player: &Player, width: u16, height: u16) -> String {
    player.screen(width, height, &Theme::mono().in_ascii())
}

/// The words of a screen.
fn words(screen: &str) -> String {
    screen.replace(['|', '"'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn notice(player: &Player) -> &str {
    match &player.app.notice {
        Some(Notice::Info(text) | Notice::Delayed(text) | Notice::Error(text)) => text,
        None => "",
    }
}

/// Presses Enter until the predicate holds.
fn enter_until(player: &mut Player, is_there: impl Fn(&Player) -> bool) {
    for _ in 0..40 {
        if is_there(player) {
            return;
        }
        player.press("enter");
    }
    panic!("{}", plain(player, 120, 36));
}

/// Opens the Choose step after the next written fix.
fn next_choose(player: &mut Player) {
    enter_until(player, |player| player.app.step() == Step::Done);
    enter_until(player, |player| player.app.step() == Step::Choose);
}

/// Each name is on a screen once, and the map and the headline count the same destinations.
#[test]
fn each_destination_has_a_name_of_its_own() {
    for name in ["isolated", "mixed-subnets", "nat-loop"] {
        let mut player = pasted(name);
        assert_eq!(
            notice(&player),
            "4 lines read: 3 destinations and 1 other failure (S3 bond-uploads-prod, Okta acme.okta.com, \
             orders-db.c1abcdefghij.us-west-2.rds.amazonaws.com:5432, access denied error: s3:GetObject)",
            "{name}"
        );
        let view = player.app.trace.as_ref().unwrap();
        let own: Vec<&String> =
            view.names.iter().filter(|name| !name.starts_with("Secrets Manager")).collect();
        assert_eq!(own.len(), own.iter().collect::<BTreeSet<_>>().len(), "{name}: {:?}", view.names);
        for wanted in ["S3 bond-uploads-prod", "Okta acme.okta.com", "Okta bond.okta.com"] {
            assert!(view.names.iter().any(|name| name == wanted), "{name}: {wanted} {:?}", view.names);
        }
        let screen = plain(&player, 120, 36);
        player.press("enter");
        for screen in [screen, plain(&player, 120, 36)] {
            let screen = words(&screen);
            for twice in ["S3, S3,", "Okta, Okta", "S3 and S3"] {
                assert!(!screen.contains(twice), "{name}: {twice}\n{screen}");
            }
        }
    }
    let case = pasted("isolated").app.trace.unwrap().case;
    let grid = path_map(&case.snapshot, &case.workload, &case.diagnosis, None, 400);
    let map = words(&grid.text(CharacterSet::Ascii));
    assert!(map.contains("no route: the same 6"), "{map}");
    assert!(
        case.diagnosis.headline.starts_with("6 of 7 destinations are blocked"),
        "{}",
        case.diagnosis.headline
    );
}

/// A denied call names what was denied.
#[test]
fn a_denied_call_names_the_action_the_resource_and_the_role() {
    let player = pasted("isolated");
    let remarks = &player.app.case().unwrap().diagnosis.remarks;
    let note = "The log shows an access denied error (line 4): s3:GetObject on arn:aws:s3:::bond-archive/key.txt for role \
                bond-ai-dev-instance. This is a permission, not the network: a network change does not help against this line.";
    assert!(remarks.iter().any(|remark| remark == note), "{remarks:#?}");
}

/// The map explains the break with the selected destination.
#[test]
fn the_map_has_the_rule_of_the_selected_destination() {
    let case = pasted("isolated").app.trace.unwrap().case;
    let subnet = case.diagnosis.subnets.first();
    let at =
        case.diagnosis.findings.iter().position(|one| one.need.destination.host == "bond.okta.com").unwrap();
    let text = |selected| {
        let grid = path_map(&case.snapshot, &case.workload, &case.diagnosis, selected, 200);
        words(&grid.text(CharacterSet::Ascii))
    };
    assert!(text(None).contains("S3 bond-bedrock-files-eea...: no route to"), "{}", text(None));
    let of_okta = text(Some(Selected { subnet, finding: at }));
    assert!(of_okta.contains("Okta bond.okta.com: no route to public addresses"), "{of_okta}");
}

/// A paid step that the next step makes unnecessary is not recommended, in any scenario, with and without a pasted log.
#[test]
fn no_recommended_step_is_made_unnecessary_by_the_next_one() {
    for story in SCENARIOS {
        for with_log in [false, true] {
            let mut player = Player::start(scenario(story.name));
            player.press("enter");
            if with_log {
                player.send(Message::Paste(LOG.to_owned()));
            }
            for _ in 0..40 {
                let before = (player.app.step(), player.app.notice.clone(), player.app.dialog.is_some());
                player.press("enter");
                if let Some(choose) = player.app.choose.as_ref().filter(|_| player.app.step() == Step::Choose)
                    && let Some((first, Some(second))) = choose.case.recommended_steps()
                    && first.estimate.fixed_per_month.is_some_and(|price| !price.is_zero())
                {
                    let covered = first.fixes.iter().all(|host| second.fixes.contains(host));
                    assert!(!covered, "{} {with_log}: {} then {}", story.name, first.name(), second.name());
                }
                let after = (player.app.step(), player.app.notice.clone(), player.app.dialog.is_some());
                if before == after && player.app.done.as_ref().is_none_or(|done| done.after.is_some()) {
                    break;
                }
            }
        }
    }
}

/// The announced second step stays recommended when it is the only one left, and names the new deployment.
#[test]
fn the_announced_second_step_stays_recommended() {
    let mut player = Player::start(scenario("mixed-subnets"));
    player.press("enter enter");
    let choose = player.app.choose.as_ref().unwrap();
    let (first, second) = choose.case.recommended_steps().unwrap();
    let (first, second) = (first.name(), second.unwrap().name());
    assert_eq!(
        (first.as_str(), second.as_str()),
        ("S3 gateway endpoint", "Move the connector to subnet-03b5c7d9e1f2a4b63")
    );
    let at = choose
        .case
        .proposals
        .iter()
        .position(|one| one.name() == "S3 gateway endpoint + Interface endpoints");
    let at = at.unwrap();
    player.send(Message::Select(at));
    next_choose(&mut player);
    let choose = player.app.choose.as_ref().unwrap();
    let recommended = choose.case.proposals.iter().find(|one| one.recommended.is_some()).unwrap();
    assert_eq!(recommended.name(), second);
    let side_effect = "App Runner deploys the service again.";
    assert!(
        recommended.side_effects.iter().any(|effect| effect == side_effect),
        "{:?}",
        recommended.side_effects
    );
    let screen = plain(&player, 120, 36);
    assert!(screen.contains("* Move the connector") && !screen.contains("Recommended none"), "{screen}");
}

/// A fix that a marked fix includes has a mark of its own.
#[test]
fn a_fix_that_is_only_included_is_not_shown_as_marked() {
    let mut player = Player::start(scenario("isolated"));
    player.press("enter enter");
    let place = |player: &Player, name: &str| {
        let proposals = &player.app.choose.as_ref().unwrap().case.proposals;
        proposals.iter().position(|one| one.name() == name).unwrap()
    };
    let s3 = place(&player, "S3 gateway endpoint");
    let both = place(&player, "S3 gateway endpoint + Interface endpoints");
    let proposals = &player.app.choose.as_ref().unwrap().case.proposals;
    let endpoints = proposals.iter().position(|one| one.name().starts_with("Interface endpoints")).unwrap();
    for at in [s3, both] {
        player.send(Message::Select(at));
        player.press("space");
    }
    let choose = player.app.choose.as_ref().unwrap();
    let mark = |at: usize| choose.mark(&choose.case.proposals[at]);
    assert_eq!([s3, both, endpoints].map(mark), [Mark::Marked, Mark::Marked, Mark::Included]);
    let screen = plain(&player, 120, 36);
    assert!(screen.contains("(x) Interface endpoints") && screen.contains("(x): included"), "{screen}");
    assert!(screen.contains("diff of the 2 marked"), "{screen}");
    // Without the mark of the combination, the other row is no longer included.
    player.send(Message::Select(both));
    player.press("space");
    let choose = player.app.choose.as_ref().unwrap();
    let mark = |at: usize| choose.mark(&choose.case.proposals[at]);
    assert_eq!([s3, both, endpoints].map(mark), [Mark::Marked, Mark::None, Mark::None]);
}

/// An open confirmation shows the results of the checks when they end.
#[test]
fn the_confirmation_has_the_results_of_checks_that_end_later() {
    let mut player = Player::start(scenario("isolated"));
    player.late_checks = Some(Vec::new());
    player.press("enter enter enter w");
    assert!(matches!(player.app.dialog, Some(Dialog::Confirm { .. })));
    assert!(plain(&player, 80, 24).contains("The checks are still running."));
    for checked in player.late_checks.take().unwrap() {
        player.send(checked);
    }
    let screen = plain(&player, 80, 24);
    assert!(matches!(player.app.dialog, Some(Dialog::Confirm { .. })), "{screen}");
    assert!(!screen.contains("still running") && words(&screen).contains("validate"), "{screen}");
}

/// Done names all earlier writes, and undo says the truth if nothing was written.
#[test]
fn undo_names_all_earlier_writes() {
    let mut player = pasted("mixed-subnets");
    for title in ["Interface endpoints", "S3 gateway endpoint"] {
        enter_until(&mut player, |player| player.app.step() == Step::Choose);
        let proposals = &player.app.choose.as_ref().unwrap().case.proposals;
        let at = proposals.iter().position(|one| one.title.starts_with(title)).unwrap();
        player.send(Message::Select(at));
        enter_until(&mut player, |player| player.app.step() == Step::Done);
        enter_until(&mut player, |player| player.app.step() != Step::Done);
    }
    enter_until(&mut player, |player| player.app.step() == Step::Done);
    let screen = words(&plain(&player, 160, 50));
    assert!(
        screen.contains("S3 gateway endpoint and Interface endpoints: bedrock-runtime were written before this fix. Press u three times to undo all."),
        "{screen}"
    );

    let mut player = pasted("nat-loop");
    enter_until(&mut player, |player| player.app.step() == Step::Choose);
    let proposals = &player.app.choose.as_ref().unwrap().case.proposals;
    let at =
        proposals.iter().position(|one| one.title.starts_with("Replace the broken NAT gateway")).unwrap();
    player.send(Message::Select(at));
    enter_until(&mut player, |player| player.app.done.is_some());
    assert!(player.app.done.as_ref().unwrap().written.is_none());
    player.press("u u");
    assert_eq!(notice(&player), "Nothing is written that can be undone");
}

/// Ids of resources that do not exist yet are on no screen, in no report and in nothing that can be copied.
#[test]
fn no_text_has_the_id_of_a_resource_that_does_not_exist() {
    for story in SCENARIOS {
        for with_log in [false, true] {
            let mut player = Player::start(scenario(story.name));
            player.press("enter");
            if with_log {
                player.send(Message::Paste(LOG.to_owned()));
            }
            let mut last = String::new();
            for _ in 0..40 {
                player.press("enter");
                let screen = plain(&player, 200, 60);
                assert!(!screen.contains("-planned"), "{}\n{screen}", story.name);
                let written = player.app.done.is_some();
                if written && player.app.step() == Step::Trace {
                    check_trace(&mut player, story.name);
                }
                if screen == last {
                    break;
                }
                last = screen;
            }
        }
    }
}

/// Each destination with its paths, the configuration of each hop, what can be copied, and the report.
fn check_trace(player: &mut Player, name: &str) {
    let case = player.app.case().unwrap().clone();
    let report = egress_doctor::report::diagnosis_markdown(&case);
    assert!(!report.contains("-planned"), "{name}\n{report}");
    let columns = player.app.trace.as_ref().unwrap().columns.len();
    for row in 0..case.diagnosis.findings.len() {
        player.send(Message::Select(row));
        for _ in 0..columns.max(1) {
            player.press("i");
            for _ in 0..9 {
                let screen = plain(player, 120, 50);
                assert!(!screen.contains("-planned"), "{name}\n{screen}");
                player.press("left");
            }
            player.press("esc Y");
            if let Some(Dialog::Picker(picker)) = &player.app.dialog {
                let texts = format!("{picker:?}");
                assert!(!texts.contains("-planned"), "{name}\n{texts}");
            }
            player.press("esc");
            player.press("right");
        }
    }
}

/// The checks of the NAT gateway's own subnet have labels of their own.
#[test]
fn the_hops_of_a_nat_gateway_have_different_labels() {
    let mut player = Player::start(scenario("nat-loop"));
    player.press("enter tab +");
    let screen = plain(&player, 120, 50);
    for label in ["nat ", "nat-nacl ", "nat-route "] {
        assert!(
            screen.lines().any(|line| line
                .trim_start_matches(['"', '|'])
                .get(2..)
                .is_some_and(|rest| rest.starts_with(label))),
            "{label}\n{screen}"
        );
    }
}

/// The result of a new connector has no column of a subnet that the service no longer uses, also if one destination stays unknown.
#[test]
fn a_result_has_no_column_that_is_not_used() {
    let mut player = pasted("mixed-subnets");
    enter_until(&mut player, |player| player.app.step() == Step::Choose);
    let proposals = &player.app.choose.as_ref().unwrap().case.proposals;
    let at = proposals.iter().position(|one| one.title.starts_with("Move the connector")).unwrap();
    player.send(Message::Select(at));
    enter_until(&mut player, |player| player.app.done.as_ref().is_some_and(|done| done.after.is_some()));
    let screen = plain(&player, 120, 36);
    let row = screen.lines().find(|line| line.contains("Okta acme.okta.com ")).unwrap();
    assert!(row.contains('+') && !row.contains(" x "), "{screen}");
    assert!(screen.contains("not used after the fix: a,b") && !screen.contains("(a,b)"), "{screen}");
}

/// Trace after the fixes selects what stays unknown, and says in one sentence where its check is.
#[test]
fn what_stays_unknown_is_selected_and_named_in_one_sentence() {
    let mut player = pasted("isolated");
    enter_until(&mut player, |player| player.app.done.as_ref().is_some_and(|done| done.after.is_some()));
    enter_until(&mut player, |player| player.app.step() == Step::Trace);
    let sentence = "orders-db.c1abcdefghij.us-west-2.rds.amazonaws.com:5432 is unknown: Explanation shows what decides it";
    for keys in ["", "up enter"] {
        player.press(keys);
        assert_eq!(notice(&player), sentence);
        let selected = player.app.trace.as_ref().unwrap().finding().unwrap();
        assert_eq!(selected.need.destination.port, 5432);
    }
    let screen = words(&plain(&player, 80, 24));
    assert!(screen.contains("Select such a row: Explanation shows what decides it."), "{screen}");
    assert!(!screen.contains("next step"), "{screen}");
}

/// A missing rule of a security group needs no NAT gateway: no row offers one.
#[test]
fn a_missing_rule_offers_no_nat_gateway() {
    let mut player = Player::start(scenario("database-group"));
    player.press("enter enter");
    let proposals = &player.app.choose.as_ref().unwrap().case.proposals;
    let ids: Vec<String> = proposals.iter().map(egress_doctor::remedy::Proposal::id).collect();
    assert_eq!(ids, ["destination-ingress", "default-egress"]);
}

/// A large screen shows the configuration of the service on Pick, and the paths before and after the fix on Done.
#[test]
fn a_large_screen_shows_the_configuration_and_the_paths() {
    let mut player = Player::start(scenario("isolated"));
    let screen = plain(&player, 200, 60);
    for fact in [
        "Selected service",
        "URL                xq3mzk7p9v.us-west-2.awsapprunner.com",
        "Subnets            subnet-01f3a5c7e9b2d4f60  us-west-2a  10.40.0.0/20  rtb-0d4e5f6a7b8c90123",
        "Security groups    sg-0a1b2c3d4e5f60718",
        "Hosts in settings  BEDROCK_ENDPOINT_URL: bedrock-runtime.us-west-2.amazonaws.com",
        "Secrets            OKTA_CLIENT_SECRET",
    ] {
        assert!(screen.contains(fact), "{fact}\n{screen}");
    }
    let row = screen.lines().find(|line| line.contains("bond-ai-dev-backend")).unwrap();
    assert!(row.find("x 4 of 4").unwrap() < 80, "{screen}");
    assert!(!plain(&player, 80, 24).contains("Selected service"));
    enter_until(&mut player, |player| player.app.done.as_ref().is_some_and(|done| done.after.is_some()));
    let screen = plain(&player, 200, 60);
    for text in [
        "Path map before and after (m: whole screen)",
        " After S3 gateway endpoint, simulated",
        "vpce-s3 (new) ---> S3",
    ] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    assert!(!plain(&player, 120, 36).contains("Path map before and after"));
}

/// The list of what can be copied on Done names each command.
#[test]
fn the_commands_of_done_have_different_names_in_the_list() {
    let mut player = Player::start(scenario("isolated"));
    enter_until(&mut player, |player| player.app.step() == Step::Done);
    player.press("Y");
    let screen = plain(&player, 160, 40);
    for name in [
        "  plan  ",
        "  apply  ",
        "the endpoint is available",
        "the service responds",
        "egress-doctor reports S3 reachable",
    ] {
        assert!(screen.contains(name), "{name}\n{screen}");
    }
    assert!(!screen.contains("a command  "), "{screen}");
}

/// The configuration of a resource that does not exist yet has no command to copy.
#[test]
fn a_component_without_a_command_offers_no_copy() {
    let mut player = Player::start(scenario("isolated"));
    enter_until(&mut player, |player| player.app.done.as_ref().is_some_and(|done| done.after.is_some()));
    player.press("enter esc g i");
    let screen = plain(&player, 120, 36);
    assert!(screen.contains("The new VPC endpoint"), "{screen}");
    assert!(!screen.lines().last().unwrap().contains("copy command"), "{screen}");
    player.press("left");
    let screen = plain(&player, 120, 36);
    assert!(screen.lines().last().unwrap().contains("copy command"), "{screen}");
}

/// Pick counts the simulated fixes if their names do not fit.
#[test]
fn pick_counts_the_simulated_fixes_without_room_for_their_names() {
    let mut player = Player::start(scenario("isolated"));
    for _ in 0..2 {
        enter_until(&mut player, |player| player.app.step() == Step::Choose);
        enter_until(&mut player, |player| player.app.step() == Step::Done);
    }
    enter_until(&mut player, |player| {
        player.app.step() == Step::Done && player.app.done.as_ref().unwrap().after.is_some()
    });
    enter_until(&mut player, |player| player.app.step() != Step::Done || player.app.notice.is_some());
    player.press("esc esc esc esc");
    assert_eq!(player.app.step(), Step::Pick, "{}", plain(&player, 120, 36));
    assert!(
        plain(&player, 160, 36)
            .contains("Simulated after S3 gateway endpoint, then NAT gateway; snapshot of")
    );
    assert!(
        plain(&player, 60, 20).contains("Simulated after 2 fixes; snapshot of"),
        "{}",
        plain(&player, 60, 20)
    );
}

/// While the network is diagnosed again after an undo, Choose says so.
#[test]
fn choose_shows_that_the_diagnosis_runs_after_an_undo() {
    let mut player = Player::held(scenario("isolated"));
    let mut seen = false;
    for keys in ["", "enter", "enter", "enter", "enter", "enter", "enter", "enter", "u", "y"] {
        player.press(keys);
        if player.app.step() == Step::Choose && player.app.choose.is_none() {
            let screen = plain(&player, 80, 24);
            assert!(screen.contains("Diagnosing bond-ai-dev-backend"), "{screen}");
            assert!(screen.contains("The fixes are shown when the diagnosis ends."), "{screen}");
            seen = true;
        }
        player.release();
    }
    assert!(seen, "{}", plain(&player, 80, 24));
}

/// Only a fix that leaves nothing and breaks nothing is green.
#[test]
fn only_a_complete_fix_is_green() {
    let mut player = Player::start(scenario("mixed-subnets"));
    player.press("enter enter");
    let theme = Theme::ansi();
    let (lines, cells) = (player.screen(120, 36, &theme), player.cells(120, 36, &theme));
    let is_green = |fix: &str| {
        let y = lines.lines().position(|line| line.contains(fix) && line.contains("3/3")).unwrap();
        let row: String = (0..120)
            .map(|x| cells[(x, u16::try_from(y).unwrap())].symbol().chars().next().unwrap())
            .collect();
        let x = row.chars().collect::<Vec<_>>().windows(3).position(|part| part == ['3', '/', '3']).unwrap();
        cells[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())].fg == theme.good.fg.unwrap()
    };
    assert!(is_green("] Move the connector") && !is_green("] DEFAULT egress"), "{lines}");
}

/// Preview of a change by hand whose result is simulated says so.
#[test]
fn preview_says_that_the_change_by_hand_is_simulated() {
    let mut player = pasted("nat-loop");
    enter_until(&mut player, |player| player.app.done.is_some());
    player.press("esc");
    assert_eq!(player.app.step(), Step::Preview);
    let screen = words(&plain(&player, 80, 24));
    assert!(
        screen.contains("The change by hand is simulated. Press enter for the result, u to take it"),
        "{screen}"
    );
}
