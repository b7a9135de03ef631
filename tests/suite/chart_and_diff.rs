//! The cost chart on Choose, and the diff on Preview.

use egress_doctor::app::Step;
use egress_doctor::ui::Theme;

use super::screens::{Player, scenario};

fn ascii(player: &Player, width: u16, height: u16) -> String {
    player.screen(width, height, &Theme::mono().in_ascii())
}

#[test]
fn the_cost_chart_marks_and_names_the_crossing_and_the_arrows_change_the_traffic() {
    let mut player = Player::start(scenario("isolated"));
    player.press("enter enter down down");
    let screen = ascii(&player, 200, 60);
    assert!(screen.contains("$/month, 100 GB (left/right: traffic)"), "{screen}");
    assert!(screen.contains(" 1    $44.80  "), "S3 endpoint + interface endpoints with 100 GB\n{screen}");
    assert!(screen.contains("X "), "{screen}");
    assert!(screen.contains("costs less up to "), "{screen}");
    assert!(screen.contains("100 GB  "), "the total is a column of the table\n{screen}");
    player.press("right");
    let screen = ascii(&player, 200, 60);
    assert!(screen.contains("$/month, 150 GB (left/right: traffic)"), "{screen}");
    assert!(screen.contains(" 1    $45.30  "), "{screen}");
    let total = screen.lines().find(|line| line.contains("] NAT gateway  ")).unwrap().to_owned();
    assert!(total.contains("$43.25"), "36.50 + 150 x 0.045\n{screen}");
    player.press("h h h");
    assert_eq!(player.app.choose.as_ref().unwrap().traffic, 20);
}

/// A chart without room is not drawn; a fix without an alternative of a known price has none.
#[test]
fn the_chart_needs_room() {
    let mut player = Player::start(scenario("isolated"));
    player.press("enter enter");
    assert!(!ascii(&player, 80, 24).contains("left/right: traffic"));
    assert!(ascii(&player, 120, 40).contains("left/right: traffic"), "{}", ascii(&player, 120, 40));
}

#[test]
fn the_diff_has_resources_context_and_two_sides() {
    let mut player = Player::start(scenario("isolated"));
    player.press("enter enter enter");
    let screen = ascii(&player, 200, 60);
    assert!(screen.contains("+ aws_vpc_endpoint.s3"), "{screen}");
    assert!(screen.contains("hunk 1 of "), "{screen}");
    let edit = |player: &Player| {
        let edit = player.app.planned_edit().unwrap();
        (
            edit.context,
            edit.diffs.iter().flat_map(|file| &file.hunks).map(|hunk| hunk.lines.len()).sum::<usize>(),
        )
    };
    let (context, lines) = edit(&player);
    assert_eq!(context, 3);
    player.press("}");
    let (more, more_lines) = edit(&player);
    assert!(more == 6 && more_lines > lines, "{more} {more_lines} {lines}");
    player.press("{ { {");
    assert_eq!(edit(&player).0, 0);
    player.press("} } }");
    // A changed file has the old lines at the left; `s` shows one diff.
    while player.app.planned_edit().unwrap().diff().unwrap().new {
        player.press("n");
    }
    let beside = ascii(&player, 200, 60);
    let is_beside =
        |screen: &str| screen.lines().any(|line| line.matches("values = [\"false\"]").count() == 2);
    assert!(is_beside(&beside), "{beside}");
    player.press("s");
    assert!(!is_beside(&ascii(&player, 200, 60)), "{}", ascii(&player, 200, 60));
}

/// `/` searches in all files of the diff while the user types; the keys for hunks go to the matches; esc ends the search.
#[test]
fn the_diff_is_searched() {
    let mut player = Player::demo();
    player.press("enter enter enter");
    player.press("/").type_text("ROUTE_TABLES");
    let edit = |player: &Player| {
        let edit = player.app.planned_edit().unwrap();
        (edit.file, edit.scroll, edit.match_at_top())
    };
    let screen = |player: &Player| ascii(player, 80, 24);
    let (first, (.., matches)) = ((edit(&player).0, edit(&player).1), edit(&player));
    assert_eq!(matches.0, 1);
    assert!(matches.1 >= 2, "{matches:?}");
    let shown = screen(&player);
    assert!(shown.contains(&format!("/ROUTE_TABLES_  1 of {}", matches.1)), "{shown}");
    let top = shown.lines().find(|line| line.contains("route_tables")).unwrap();
    assert!(top.contains("aws_route_tables"), "{shown}");
    player.press("enter");
    assert!(screen(&player).contains("n next match"), "{}", screen(&player));
    player.press("n");
    assert_eq!(edit(&player).2.0, 2);
    player.press("N");
    assert_eq!((edit(&player).0, edit(&player).1), first);
    player.press("N");
    assert_eq!(edit(&player).2.0, matches.1, "before the first match is the last one");
    player.press("esc");
    assert_eq!(player.app.step(), Step::Preview);
    assert!(screen(&player).contains("n next hunk"), "{}", screen(&player));
    player.press("esc");
    assert_eq!(player.app.step(), Step::Choose);
}
