//! How screens are drawn and driven: the steps after a result, text that does not fit, and the ends of lists and diffs.

use std::sync::Arc;

use egress_doctor::app::Step;
use egress_doctor::ui::Theme;

use super::screens::{Player, scenario};

fn shown(player: &Player, (width, height): (u16, u16)) -> String {
    player.screen(width, height, &Theme::mono().in_ascii())
}

/// The text of the screen with one space between words.
fn words(player: &Player, size: (u16, u16)) -> String {
    let screen = shown(player, size);
    let text = screen.lines().map(|line| line.trim_matches('"').trim_matches(['|', ' ', '#']));
    text.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The screens after `keys`.
fn after(name: &str, keys: &str) -> Player {
    let mut player = Player::start(scenario(name));
    player.press(keys);
    player
}

/// Plays a scenario by Enter until Trace shows a green matrix.
fn played(name: &str) -> Player {
    let mut player = Player::start(scenario(name));
    player.press("enter enter");
    for _ in 0..24 {
        player.press("enter");
        if player.app.step() == Step::Trace {
            return player;
        }
    }
    panic!("{name} does not end on Trace\n{}", shown(&player, (120, 36)));
}

#[test]
fn the_steps_before_a_known_result_show_the_network_after_the_fix() {
    let mut player = after("isolated", "enter enter enter enter enter enter");
    assert_eq!(player.app.step(), Step::Done);
    assert!(words(&player, (120, 36)).contains("Not fixed: Bedrock"), "{}", shown(&player, (120, 36)));
    player.press("esc");
    assert_eq!(player.app.step(), Step::Preview);
    player.press("esc");
    assert_eq!(player.app.step(), Step::Choose);
    let present = player.app.pick.snapshot.as_ref().unwrap();
    assert!(Arc::ptr_eq(&player.app.choose.as_ref().unwrap().case.snapshot, present));
    let text = words(&player, (120, 36));
    assert!(text.contains("VPC egress simulated"), "{text}");
    assert!(!text.contains("S3 gateway endpoint"), "{text}");
    player.press("esc");
    assert!(Arc::ptr_eq(&player.app.case().unwrap().snapshot, player.app.pick.snapshot.as_ref().unwrap()));
    // Before the result is known, the network is the one before the fix.
    let mut player = after("isolated", "enter enter enter enter enter");
    assert_eq!(player.app.step(), Step::Done);
    player.press("esc esc");
    assert!(words(&player, (120, 36)).contains("S3 gateway endpoint"), "{}", shown(&player, (120, 36)));
}

#[test]
fn the_list_of_services_says_that_its_network_is_simulated() {
    let mut player = played("database-group");
    player.press("esc");
    let text = words(&player, (160, 36));
    assert!(
        text.contains("Simulated after Allow inbound 5432 on the destination's security group"),
        "{}",
        shown(&player, (160, 36))
    );
    let caption =
        "All destinations are reachable in the simulation. Press ] for the next scenario, q to quit.";
    assert!(words(&player, (200, 24)).contains(caption), "{}", shown(&player, (200, 24)));
    let start = words(&Player::start(scenario("database-group")), (200, 24));
    assert!(start.contains("Snapshot of 2026-11-20 10:20 UTC.") && !start.contains("imulated"), "{start}");
}

#[test]
fn preview_says_that_it_has_more_warnings() {
    let mut player = after("public-only", "enter enter enter");
    assert_eq!(player.app.step(), Step::Preview);
    let small = words(&player, (80, 24));
    assert!(small.contains("more lines: w shows all warnings"), "{}", shown(&player, (80, 24)));
    assert!(!small.contains("is not removed"), "{small}");
    let large = words(&player, (200, 60));
    assert!(large.contains("is not removed") && !large.contains("more lines:"), "{large}");
    player.press("w");
    assert!(words(&player, (80, 24)).contains("is not removed"), "{}", shown(&player, (80, 24)));
}

/// A column that is not used after the fix is left out first, because it shows no result.
#[test]
fn a_narrow_matrix_has_the_column_of_the_result() {
    let mut player = after("mixed-subnets", "enter enter");
    let is_default = |player: &Player| {
        player.app.choose.as_ref().unwrap().current().is_some_and(|fix| fix.title.contains("DEFAULT egress"))
    };
    while !is_default(&player) {
        player.press("down");
    }
    let screen = shown(&player, (80, 24));
    let head = screen.lines().find(|line| line.contains("out ")).unwrap_or_else(|| panic!("{screen}"));
    assert!(head.contains("out"), "{screen}");
}

#[test]
fn the_map_after_a_fix_keeps_the_network_interface_of_the_destination() {
    let player = after("database-group", "enter enter m");
    let screen = shown(&player, (120, 60));
    let after = screen.split("After Allow inbound").nth(1).unwrap();
    let paths: Vec<&str> = after.lines().filter(|line| line.contains("bond-db")).collect();
    assert!(!paths.is_empty() && paths.iter().all(|line| line.contains("eni-0b5d")), "{screen}");
    assert!(words(&player, (80, 24)).contains("simulated"), "{}", shown(&player, (80, 24)));
    for (width, height) in [(80, 24), (80, 60), (120, 36)] {
        let screen = shown(&player, (width, height));
        let before = screen.split("After Allow").next().unwrap();
        assert!(before.contains("com:5432"), "{screen}");
    }
}

/// The recommendation and the head of the table stay while the fixes scroll, and the head counts the hidden ones.
#[test]
fn the_list_of_fixes_scrolls_below_its_head() {
    for name in ["nat-loop", "mixed-subnets"] {
        let mut player = after(name, "enter enter");
        let top = shown(&player, (80, 24));
        assert!(top.contains("more below"), "{top}");
        player.press("G");
        let end = shown(&player, (80, 24));
        assert!(end.contains("more above"), "{end}");
        let head = |screen: &str| screen.lines().position(|line| line.contains("fixes blocked breaks"));
        assert_eq!(head(&top), head(&end), "{end}");
        let recommended = |screen: &str| screen.lines().nth(1).unwrap().replace('>', " ");
        assert_eq!(recommended(&top), recommended(&end), "{end}");
    }
}

#[test]
fn the_footer_of_a_list_names_the_key_of_the_list() {
    let mut player = after("isolated", "enter enter enter enter enter enter");
    assert!(words(&player, (80, 24)).contains("enter fix the other 3"), "{}", shown(&player, (80, 24)));
    player.press(": down");
    let text = words(&player, (80, 24));
    assert!(text.contains("enter select") && !text.contains("enter fix the other 3"), "{text}");
}

#[test]
fn the_end_of_a_diff_is_at_the_bottom_of_the_screen() {
    for (name, size) in [("isolated", (80, 24)), ("public-only", (80, 24)), ("public-only", (120, 36))] {
        let mut player = after(name, "enter enter enter");
        shown(&player, size);
        player.press("G");
        let end = shown(&player, size);
        assert!(!end.contains("more below"), "{end}");
        let lines: Vec<&str> = end.lines().collect();
        let last = lines.iter().rposition(|line| line.contains("+---")).unwrap();
        assert!(lines[last - 1].contains('}'), "{end}");
        player.press("down");
        assert_eq!(shown(&player, size), end, "the diff is at its end");
        player.press("up");
        assert_ne!(shown(&player, size), end);
        player.press("g");
        assert!(shown(&player, size).contains("hunk 1 of"), "{}", shown(&player, size));
        assert_eq!(player.app.planned_edit().unwrap().file, 0);
    }
}

#[test]
fn a_new_subnet_has_a_short_name_on_the_map() {
    let mut player = after("public-only", "enter enter m");
    let screen = shown(&player, (80, 24));
    assert!(screen.contains("a (new)") && screen.contains("b (new)"), "{screen}");
    assert!(!screen.contains("planned") && !screen.contains("? us-west"), "{screen}");
    let after = screen.split("After ").nth(1).unwrap();
    assert!(after.contains("> Okta"), "{screen}");
    player.press("esc");
}

/// The names of destinations below a branch have the number that is at its end.
#[test]
fn names_below_a_branch_have_its_number() {
    let player = after("isolated", "enter m");
    let screen = shown(&player, (80, 24));
    assert_eq!(screen.matches("(1)").count(), 2, "{screen}");
    assert!(screen.contains("x (1)") && screen.contains("(1) no route: S3, Bedrock"), "{screen}");
}

#[test]
fn the_configuration_of_a_hop_is_not_cut() {
    let player = after("database-group", "enter");
    let screen = shown(&player, (200, 60));
    assert!(screen.contains("inbound rule of sg-0d4b3a29181f7e6d5"), "{screen}");
    assert!(words(&player, (200, 60)).contains("10.40.200.0/2"), "{screen}");
    let mut player = after("isolated", "enter i");
    let screen = shown(&player, (120, 36));
    let rows = screen.lines().filter(|line| line.starts_with("\"+--") || line.starts_with("\"|")).count();
    assert!(rows < 34, "{screen}");
    assert!(screen.contains("--region us-west-2") && !screen.contains("--region \\"), "{screen}");
    player.press("esc");
}

#[test]
fn one_pane_on_the_whole_screen_names_the_key_for_all() {
    let player = after("isolated", "enter tab +");
    let screen = shown(&player, (80, 24));
    let footer = screen.lines().last().unwrap();
    assert!(footer.starts_with("\" + all panes"), "{screen}");
    assert!(screen.contains("One pane has the whole screen. Press + for all panes."), "{screen}");
}

/// The mark is visible without colours.
#[test]
fn the_title_of_the_focused_pane_has_a_mark() {
    let mut player = after("isolated", "enter");
    let title = |player: &Player, title: &str| shown(player, (120, 36)).contains(&format!("{title} <"));
    assert!(title(&player, "Destinations") && !title(&player, "Explanation"));
    player.press("tab tab");
    assert!(title(&player, "Explanation") && !title(&player, "Destinations"));
    let mut player = after("isolated", "enter enter");
    assert!(title(&player, "fix"));
    player.press("tab");
    assert!(title(&player, "Selected fix") && !title(&player, "fix "));
}

#[test]
fn the_name_of_a_variable_and_the_port_of_a_host_are_visible() {
    let screen = shown(&after("isolated", "enter"), (120, 36));
    assert!(screen.contains("in BEDROCK_END"), "{screen}");
    for keys in ["enter", "enter enter"] {
        let screen = shown(&after("database-group", keys), (120, 36));
        let rows = screen.lines().filter(|line| line.contains("bond-db") && line.contains("com:5432"));
        assert!(rows.count() >= 1, "{screen}");
    }
}

/// What a written fix adds is not new in the second pass.
#[test]
fn the_map_of_a_second_pass_marks_only_what_its_fix_adds() {
    let player = after("isolated", "enter enter enter enter enter enter enter m");
    assert_eq!(player.app.step(), Step::Choose);
    let screen = shown(&player, (120, 60));
    let (before, after) = screen.split_once("After ").unwrap();
    assert!(before.contains("vpce-s3") && !before.contains("(new)"), "{screen}");
    assert!(after.contains("vpce-s3 -----> S3") && after.contains("nat (new)"), "{screen}");
}

#[test]
fn a_box_on_a_low_screen_covers_the_whole_headline() {
    for key in ["?", ":", "i", "L", "S"] {
        let screen = shown(&after("isolated", &format!("enter {key}")), (80, 24));
        assert!(
            !screen.contains("4 of 4 destinations are blocked from all 3 subnets: route tables"),
            "{screen}"
        );
    }
}

/// The sentence tells scenarios apart; the resources come after it.
#[test]
fn the_rows_of_the_scenarios_begin_with_their_sentence() {
    let screen = shown(&after("isolated", "S"), (80, 24));
    assert!(screen.contains("Calls fail at random"), "{screen}");
    assert!(screen.contains("Adds aws_vpc_endpoint"), "{screen}");
}

#[test]
fn addresses_and_paths_are_divided_at_dots_and_slashes() {
    let player = after("public-only", "enter enter enter");
    let screen = shown(&player, (120, 36));
    assert!(!screen.contains("app_runn ") && !screen.contains("backend_ "), "{screen}");
    let player = after("isolated", "enter");
    let screen = shown(&player, (200, 60));
    assert!(!screen.contains("s3.us-we "), "{screen}");
}
