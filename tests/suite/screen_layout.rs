//! What the screen shows in the room that it has: nothing is cut while lines are empty, and every pane says that it has more text.

use egress_doctor::app::{Effect, Message, Step};
use egress_doctor::case::Case;
use egress_doctor::diagnose::public_sources;
use egress_doctor::evidence::Query;
use egress_doctor::model::Snapshot;
use egress_doctor::scenario::{SCENARIOS, Scenario};
use egress_doctor::ui::Theme;

use super::screens::{Player, scenario};

fn ascii(player: &Player, width: u16, height: u16) -> String {
    player.screen(width, height, &Theme::mono().in_ascii())
}

/// The text between the borders of the pane whose title contains `title`, without the border.
fn pane(screen: &str, title: &str) -> Vec<String> {
    let lines: Vec<Vec<char>> = screen.lines().map(|line| line.trim_matches('"').chars().collect()).collect();
    let (top, left) = lines
        .iter()
        .enumerate()
        .find_map(|(at, line)| {
            let text: String = line.iter().collect();
            let found = text.find(&format!("+ {title}"))?;
            Some((at, found))
        })
        .unwrap_or_else(|| panic!("no pane {title}\n{screen}"));
    let right = (left + 1..lines[top].len())
        .find(|at| lines[top][*at] == '+' && matches!(lines[top].get(at + 1), None | Some('+')))
        .unwrap();
    lines[top + 1..]
        .iter()
        .take_while(|line| line[left] == '|')
        .map(|line| line[left + 1..right].iter().collect())
        .collect()
}

#[test]
fn the_path_is_wrapped_while_the_pane_has_empty_lines() {
    for name in SCENARIOS.iter().map(|scenario| scenario.name) {
        let mut player = Player::start(scenario(name));
        player.press("enter");
        let screen = ascii(&player, 120, 40);
        let title = screen
            .lines()
            .find_map(|line| line.split("++ ").nth(1))
            .unwrap_or_else(|| panic!("{name}\n{screen}"));
        let title: String = title.chars().take(12).collect();
        let lines = pane(&screen, &title);
        let is_cut = lines.iter().any(|line| line.trim_end().ends_with('~'));
        let is_empty = lines.iter().rev().take(3).all(|line| line.trim().is_empty());
        assert!(!(is_cut && is_empty), "{name}\n{screen}");
    }
}

#[test]
fn checks_after_the_one_that_blocks_are_not_shown_as_passed() {
    let mut player = Player::start(scenario("no-egress-rule"));
    player.press("enter");
    let screen = ascii(&player, 120, 50);
    let lines: Vec<&str> = screen.lines().collect();
    let blocked = lines.iter().position(|line| line.contains("|x sg")).unwrap_or_else(|| panic!("{screen}"));
    let after: Vec<&&str> = lines[blocked + 1..].iter().filter(|line| line.contains("||- ")).collect();
    assert!(!after.is_empty() && after.iter().all(|line| line.contains("would pass: ")), "{screen}");
    assert!(!lines[blocked + 1..].iter().any(|line| line.contains("||+ ")), "{screen}");
}

#[test]
fn the_check_that_blocks_is_visible_on_a_small_screen() {
    for scenario_name in SCENARIOS.iter().map(|scenario| scenario.name) {
        let mut player = Player::start(scenario(scenario_name));
        player.press("enter");
        let screen = ascii(&player, 80, 24);
        if let Some((_, code)) = player.app.trace.as_ref().unwrap().trace().unwrap().blockers().next() {
            let start: String = code.word().chars().take(20).collect();
            assert!(screen.contains(&start), "{scenario_name}\n{screen}");
        }
    }
}

#[test]
fn an_edit_that_cannot_be_planned_has_no_keys_of_an_edit() {
    let mut player = Player::start(scenario("nat-loop"));
    player.press("enter enter down enter");
    let screen = ascii(&player, 80, 24);
    assert!(screen.contains("no default route to nat-0a7c5e3d1b9f86420"), "{screen}");
    let footer = screen.lines().last().unwrap();
    assert_eq!(
        footer.trim_matches('"').trim(),
        "enter simulated result  : palette  y copy  e report  ? help  esc back  q quit"
    );
}

#[test]
fn a_comparison_of_costs_names_the_cheaper_fix() {
    let mut player = Player::demo();
    player.press("enter enter down");
    let screen = ascii(&player, 120, 60);
    assert!(screen.contains("Alternative: DEFAULT egress costs the same or less at any"), "{screen}");
}

#[test]
fn the_explanation_scrolls_and_says_how_much_is_below() {
    let mut player = Player::demo();
    player.press("enter");
    let screen = ascii(&player, 80, 24);
    let title = screen.lines().find(|line| line.contains("Explanation")).unwrap();
    assert!(title.contains("more below"), "{screen}");
    player.press("tab tab");
    let focused = ascii(&player, 80, 24);
    assert!(focused.contains("What the log line means"), "{focused}");
    let last = "The Bedrock client can be";
    assert!(!screen.contains(last));
    let end = ascii(player.press("G"), 80, 24);
    assert!(end.contains(last) && end.contains("more above"), "{end}");
}

#[test]
fn a_very_wide_screen_has_three_columns_and_numbers_near_the_fixes() {
    let mut player = Player::demo();
    player.press("enter");
    insta::assert_snapshot!("trace-200x60", ascii(&player, 200, 60));
    player.press("enter");
    let screen = ascii(&player, 200, 60);
    let row = screen.lines().find(|line| line.contains("Regional NAT gateway")).unwrap();
    assert!(row.find("4/4").unwrap() < 100, "{row}");
}

#[test]
fn the_cells_of_a_matrix_do_not_touch_its_border() {
    let mut player = Player::demo();
    for keys in ["enter", "enter", "enter w y r"] {
        player.press(keys);
        for (width, height) in [(80, 24), (120, 36)] {
            let screen = ascii(&player, width, height);
            assert!(!screen.contains("x|") && !screen.contains(">+|") && !screen.contains(" +|"), "{screen}");
        }
    }
}

#[test]
fn a_long_line_of_a_diff_continues_without_a_sign_and_between_words() {
    let mut player = Player::demo();
    player.press("enter enter enter");
    let screen = ascii(&player, 80, 30);
    let lines = pane(&screen, "M data-sources.tf  +10 -0  hunk 1 of 1");
    let first = lines.iter().position(|line| line.contains("+# Route tables associated")).unwrap();
    assert!(lines[first].starts_with("19 +"), "{screen}");
    assert_eq!(lines[first + 1].trim(), "associations only)", "{screen}");
    assert!(screen.contains("more below"), "{screen}");
}

#[test]
fn each_command_on_done_is_whole_and_a_number_copies_it() {
    let mut player = Player::demo();
    player.press("enter enter enter w y");
    assert_eq!(player.app.step(), Step::Done);
    let screen = ascii(&player, 80, 40);
    let text: Vec<&str> = screen.lines().map(|line| line.trim_matches('"').trim_end()).collect();
    let start = text.iter().position(|line| line.trim_start().starts_with("3 aws")).unwrap();
    let mut shown = String::new();
    for line in &text[start..] {
        let line = line.trim_start().trim_start_matches("3 ");
        let part = line.strip_suffix(" \\");
        shown.push_str(part.unwrap_or(line));
        if part.is_none() {
            break;
        }
        shown.push(' ');
    }
    let key = |c| {
        let code = crossterm::event::KeyCode::Char(c);
        egress_doctor::app::Message::Key(egress_doctor::app::Key { code, ctrl: false })
    };
    let effects = player.app.update(key('3'), player.now);
    let [Effect::Copy(copied)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(&shown, copied);
    let effects = player.app.update(key('1'), player.now);
    assert!(matches!(effects.as_slice(), [Effect::Copy(plan)] if plan == "terraform -chdir=/infra plan"));
    assert!(player.app.update(key('9'), player.now).is_empty());
}

#[test]
fn the_screen_says_when_the_snapshot_was_read() {
    let player = Player::demo();
    assert!(
        ascii(&player, 80, 24).contains("Snapshot of 2026-11-20 10:20 UTC."),
        "{}",
        ascii(&player, 80, 24)
    );
    let mut player = player;
    player.press("enter");
    assert!(ascii(&player, 120, 36).contains("VPC egress  snapshot of 2026-11-20 10:20 UTC"));
}

#[test]
fn a_fix_that_replaces_a_paid_resource_shows_what_the_user_can_delete() {
    let mut player = Player::start(scenario("nat-loop"));
    player.press("enter enter");
    let screen = ascii(&player, 120, 40);
    let row = screen.lines().find(|line| line.contains("] Replace the broken NAT gateway")).unwrap();
    assert!(row.contains("$36.50/mo") && row.contains("-$36.50/mo"), "{screen}");
    // DEFAULT egress leaves the broken NAT gateway without use too.
    let row = screen.lines().find(|line| line.contains("] DEFAULT egress")).unwrap();
    assert!(row.contains("-$36.50/mo"), "{screen}");
}

#[test]
fn the_list_of_fixes_says_which_can_be_written() {
    let mut player = Player::start(scenario("nat-loop"));
    player.press("enter enter");
    let screen = ascii(&player, 120, 40);
    let row = |title: &str| {
        let row =
            screen.lines().find(|line| line.contains(title)).unwrap_or_else(|| panic!("{title}\n{screen}"));
        row.trim_matches('"').trim_end().to_owned()
    };
    assert!(row("* S3 gateway endpoint  ").ends_with("2 files"), "{screen}");
    assert!(row("] Replace the broken NAT gateway").ends_with("by hand"), "{screen}");
    let at = player
        .app
        .choose
        .as_ref()
        .unwrap()
        .case
        .proposals
        .iter()
        .position(|one| one.title.starts_with("Replace the broken NAT gateway"));
    for _ in 0..at.unwrap() {
        player.press("down");
    }
    assert!(
        ascii(&player, 120, 40).contains("Terraform: by hand (enter shows the steps)"),
        "{}",
        ascii(&player, 120, 40)
    );
}

fn cases() -> impl Iterator<Item = Case> {
    SCENARIOS.iter().map(|scenario| {
        let snapshot = Snapshot::from_json(scenario.snapshot).unwrap();
        let workload = snapshot.workloads.iter().next().unwrap().clone();
        Case::open(snapshot.into(), workload, &Query::default())
    })
}

#[test]
fn what_does_not_help_fits_the_cause() {
    let ideas = |name: &str| {
        let scenario = Scenario::named(name).unwrap();
        let snapshot = Snapshot::from_json(scenario.snapshot).unwrap();
        let workload = snapshot.workloads.iter().next().unwrap().clone();
        let case = Case::open(snapshot.into(), workload, &Query::default());
        case.ineffective_fixes.into_iter().map(|fix| fix.idea).collect::<Vec<_>>()
    };
    for rule_is_missing in ["endpoint-group", "no-egress-rule"] {
        let ideas = ideas(rule_is_missing);
        assert!(!ideas.iter().any(|idea| idea.contains("igw-") || idea.contains("NAT gateway")), "{ideas:?}");
        assert!(!ideas.iter().any(|idea| idea.contains("okta")), "{ideas:?}");
    }
    let ideas = ideas("isolated");
    assert!(ideas.iter().any(|idea| idea.contains("igw-")) && ideas.iter().any(|idea| idea.contains("okta")));
}

#[test]
fn the_text_of_a_fix_does_not_repeat_itself() {
    for case in cases() {
        for proposal in &case.proposals {
            let text = &proposal.takes_effect;
            assert!(text.matches("no deployment of the service").count() <= 1, "{text}");
            assert!(!(text.contains("at once") && text.contains("minute")), "{text}");
            assert!(text.matches("minute").count() <= 1 || !text.contains(" and "), "{text}");
            // A new NAT gateway has no id that a command could show.
            for source in public_sources(&case.changed(proposal), &proposal.after) {
                assert!(source.lines().iter().all(|line| !line.contains("-planned")), "{:?}", source.lines());
            }
            for step in case.follow_up(proposal, None).test {
                let command = step.command.unwrap_or_default();
                let hosts: Vec<&str> = command.split(" --to ").skip(1).collect();
                let mut distinct = hosts.clone();
                distinct.sort_unstable();
                distinct.dedup();
                assert_eq!(hosts.len(), distinct.len(), "{command}");
            }
        }
    }
}

#[test]
fn the_note_of_an_intermittent_destination_is_not_cut_at_80_columns() {
    let mut player = Player::start(scenario("mixed-subnets"));
    player.press("enter");
    for (width, note) in [(80, "2 of 3"), (120, "fails 2 of 3 subnets"), (160, "fails 2 of 3 subnets")] {
        let screen = ascii(&player, width, 36);
        let rows = pane(&screen, "Destinations");
        assert_eq!(rows.iter().filter(|row| row.contains(&format!(" {note} "))).count(), 3, "{screen}");
    }
}

#[test]
fn a_destination_that_is_unknown_after_a_fix_is_not_counted_as_blocked() {
    let mut player = Player::start(scenario("public-database"));
    player.press("enter enter");
    let screen = ascii(&player, 120, 36);
    let row = screen.lines().find(|line| line.contains("DEFAULT egress")).unwrap();
    let words: Vec<&str> = row.split_whitespace().skip_while(|word| *word != "0/1").take(2).collect();
    assert_eq!(words, ["0/1", "?"], "{screen}");
    let case = &player.app.choose.as_ref().unwrap().case;
    let default_egress = case.proposals.iter().find(|one| one.id() == "default-egress").unwrap();
    assert_eq!(
        egress_doctor::report::labels::not_fixed(default_egress),
        [("Unknown with this fix", vec!["100.28.151.148".to_owned()])]
    );
    let markdown = egress_doctor::report::diagnosis_markdown(case);
    assert!(markdown.contains("| DEFAULT egress | - | - |"), "{markdown}");
    assert!(markdown.contains("- DEFAULT egress: Unknown with this fix: 100.28.151.148: "), "{markdown}");
}

/// What was cut or divided on the pictures of five scenarios at three sizes.
#[test]
fn ids_sentences_and_codes_are_whole() {
    let lines = |player: &Player, size: (u16, u16)| {
        player
            .screen(size.0, size.1, &Theme::mono().in_ascii())
            .lines()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let has = |player: &Player, size, text: &str| {
        let lines = lines(player, size);
        assert!(lines.iter().any(|line| line.contains(text)), "{text}\n{}", lines.join("\n"));
    };
    let mut isolated = Player::start(scenario("isolated"));
    isolated.press("?");
    has(&isolated, (80, 24), " more below ");
    isolated.press("esc S");
    has(&isolated, (80, 24), "|  Start here. Private subnets without a route to the internet: the login ");
    has(&isolated, (80, 24), "|  works, then calls to S3 time out. ");
    isolated.press("esc enter");
    // An id is not divided at its hyphen, and the name of a destination is not cut beside a short note.
    has(&isolated, (80, 24), "rtb-0d4e5f6a7b8c90123 and rtb-0a9b8c7d6e5f40312 have no route to them.");
    has(&isolated, (80, 24), "Bedrock (runtime) in config");
    // A large pane shows the configuration behind the hop that decides.
    has(&isolated, (200, 60), "10.40.0.0/16  local   active  route table");
    let mut mixed = Player::start(scenario("mixed-subnets"));
    mixed.press("enter");
    has(&mixed, (80, 24), "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS");
    let mut database = Player::start(scenario("database-group"));
    database.press("enter enter enter");
    has(&database, (200, 60), "+ aws_vpc_security_group_ingress_rule.app_runner_5432");
    let public = Player::start(scenario("public-only"));
    has(&public, (80, 24), "x 1 of 1 destination blocked");
}

/// Every fix is counted against the same number of destinations, and one that stays unknown needs no other fix.
#[test]
fn the_table_of_fixes_counts_against_one_number() {
    let mut player = Player::start(scenario("isolated"));
    player.press("enter");
    let text = "ConnectionError: connection to 10.40.2.7 port 5432 failed: Connection timed out".to_owned();
    player.send(Message::Paste(text));
    player.press("enter");
    let screen = player.screen(120, 36, &Theme::mono().in_ascii());
    let rows = ["NAT gateway  ", "DEFAULT egress  "].map(|title| {
        screen.lines().find(|line| line.contains(title) && line.contains("[ ]")).unwrap().to_owned()
    });
    assert!(rows.iter().all(|row| row.contains("4/5")), "{screen}");
    assert!(!screen.contains("unknown and needs another fix"), "{screen}");
}
