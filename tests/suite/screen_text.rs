//! What the texts of the screen say and how much of them is visible: captions, dialogs, titles and the path map.

use egress_doctor::app::{Message, Step};
use egress_doctor::scenario::SCENARIOS;
use egress_doctor::ui::Theme;

use super::screens::{Player, scenario};

fn ascii(player: &Player, width: u16, height: u16) -> String {
    player.screen(width, height, &Theme::mono().in_ascii())
}

/// The screen of a scenario after some keys.
fn shown(name: &str, keys: &str, (width, height): (u16, u16)) -> String {
    let mut player = Player::start(scenario(name));
    player.press(keys);
    ascii(&player, width, height)
}

/// The keys that select a fix on Choose.
fn keys_to(name: &str, title: &str) -> String {
    let mut player = Player::start(scenario(name));
    player.press("enter enter");
    let proposals = &player.app.choose.as_ref().unwrap().case.proposals;
    let at = proposals.iter().position(|fix| fix.title.starts_with(title)).unwrap();
    format!("enter enter{}", " down".repeat(at))
}

/// Behind a dialog the next key of the caption does something else.
#[test]
fn a_caption_is_shown_only_without_a_dialog() {
    const CAPTION: &str = "Press enter for the fixes";
    assert!(shown("isolated", "enter", (120, 36)).contains(CAPTION));
    for key in ["?", ":", "i", "L", "a"] {
        let screen = shown("isolated", &format!("enter {key}"), (120, 36));
        assert!(!screen.contains(CAPTION), "{key}\n{screen}");
        let screen = shown("isolated", &format!("enter {key} esc"), (120, 36));
        assert!(screen.contains(CAPTION), "{key}\n{screen}");
    }
}

#[test]
fn the_caption_of_a_fix_that_fixes_nothing_does_not_name_a_key_without_an_effect() {
    let keys = keys_to("database-group", "DEFAULT egress");
    let screen = shown("database-group", &keys, (80, 24));
    assert!(screen.contains("This one fixes no destination. Press up or"), "{screen}");
    assert!(!screen.contains("for the diff"), "{screen}");
}

/// The code for an edit by hand has lines, which the list has no room for: Preview shows it.
#[test]
fn the_code_for_an_edit_by_hand_does_not_hide_the_cost() {
    let keys = keys_to("nat-loop", "Replace the broken NAT gateway");
    let screen = shown("nat-loop", &keys, (80, 24));
    assert!(screen.contains("Terraform: by hand (enter shows the steps)"), "{screen}");
    assert!(screen.contains("Cost with 100 GB: $41.00/mo"), "{screen}");
    assert!(!screen.contains("aws_eip"), "{screen}");
    let preview = shown("nat-loop", &format!("{keys} enter"), (120, 36));
    assert!(preview.contains("resource \"aws_eip\""), "{preview}");
}

/// The words of the screen without borders, with one space between them.
fn words(screen: &str) -> String {
    screen.replace(['|', '"'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text of the screen without spaces and borders.
fn letters(screen: &str) -> String {
    words(screen).replace(' ', "")
}

/// Where an edit cannot be made there is no diff to write: the caption promises none, and neither key writes. Both show the result.
#[test]
fn the_caption_of_preview_is_true_when_the_edit_cannot_be_made() {
    const DIFF: &str =
        "The exact Terraform change (on a demo copy). Press enter twice: to write it, and to confirm.";
    const NONE: &str =
        "No file of this folder has this change. Press enter for the simulated result of the change by hand.";
    let mut player = Player::start(scenario("isolated"));
    player.press("enter enter enter");
    let screen = words(&ascii(&player, 120, 36));
    assert!(screen.contains(DIFF) && !screen.contains(NONE), "{screen}");

    let mut player = Player::start(scenario("nat-loop"));
    player.press(&keys_to("nat-loop", "Replace the broken NAT gateway"));
    player.press("enter");
    assert_eq!(player.app.step(), Step::Preview);
    assert!(player.app.planned_edit().is_none());
    for size in [(60, 20), (80, 24), (120, 36), (200, 60)] {
        let screen = words(&ascii(&player, size.0, size.1));
        assert!(screen.contains(NONE), "{size:?}\n{screen}");
        assert!(
            !screen.contains("The exact Terraform change") && !screen.contains("to write it"),
            "{screen}"
        );
    }
    for key in ["w", "enter"] {
        player.press(key);
        assert_eq!((player.app.step(), player.app.dialog.is_some()), (Step::Done, false), "{key}");
        assert!(player.written.is_empty());
        player.press("esc");
    }
}

/// The message about a pasted log, the message about a hidden destination with a long name, and the title of a marked set.
#[test]
fn messages_and_the_title_of_a_set_are_whole() {
    const LINE: &str = "botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL:";
    for size in [(60, 20), (80, 24), (120, 36), (200, 60)] {
        let mut player = Player::start(scenario("isolated"));
        player.press("enter");
        let host = |n| format!("{n}-payments-reconciliation-worker.internal.platform.example.com");
        let log: String =
            (1..=3).map(|n| format!("{LINE} \"https://{}/\"\r", host(n))).collect::<Vec<_>>().concat();
        player.send(Message::Paste(log));
        let has = |player: &Player, text: &str| {
            let screen = ascii(player, size.0, size.1);
            // A long name is divided where a line ends.
            assert!(letters(&screen).contains(&letters(text)), "{size:?} {text}\n{screen}");
        };
        let read = format!("3 lines read: 3 destinations ({}, {}, {})", host(1), host(2), host(3));
        has(&player, &read);

        let findings = &player.app.case().unwrap().diagnosis.findings;
        let at = findings.iter().position(|finding| finding.need.destination.host == host(1)).unwrap();
        player.send(Message::Select(at));
        player.press("d");
        has(&player, &format!("{} is hidden; press U to show it again", host(1)));

        let mut player = Player::start(scenario("isolated"));
        player.press("enter enter space down down down space");
        let screen = words(&ascii(&player, size.0, size.1));
        let marked =
            "Marked S3 gateway endpoint + Interface endpoints: fixes 3 of 4, breaks -, $43.80/mo + $0.01/GB";
        let is_marked = screen.replace("Marked: ", "Marked ").contains(marked);
        assert!(is_marked, "{size:?}\n{}", ascii(&player, size.0, size.1));
    }
}

#[test]
fn a_column_of_subnets_that_the_fix_creates_is_named_new() {
    let screen = shown("public-only", "enter enter", (80, 24));
    assert!(screen.contains("| Okta               x>+"), "{screen}");
    assert!(screen.contains(" new ") && screen.contains("not used after the fix: a-c"), "{screen}");
}

#[test]
fn the_path_map_fits_the_smallest_common_terminal() {
    // A public database behind a NAT gateway has one component more than all other paths.
    let names = SCENARIOS.iter().map(|scenario| scenario.name).filter(|name| *name != "public-database");
    for name in names {
        let screen = shown(name, "enter m", (80, 24));
        assert!(!screen.contains("at the right"), "{name}\n{screen}");
    }
}

/// While rows of the screen are empty, no rule of the map is cut.
#[test]
fn the_whole_screen_shows_the_complete_rules_of_the_path_map() {
    let screen = shown("isolated", "enter m", (80, 24));
    assert!(!screen.contains("..."), "{screen}");
    assert!(screen.contains("has only 10.40.0.0/16"), "{screen}");
    // The pane on Trace has few rows.
    assert!(shown("isolated", "enter", (120, 36)).contains("the same 4"));
}

#[test]
fn the_help_has_room_for_the_texts() {
    let screen = shown("isolated", "enter ?", (80, 24));
    assert!(screen.contains("undo the last write: restore its files, byte for byte"), "{screen}");
}

#[test]
fn the_palette_shows_the_whole_text_of_the_selected_row() {
    const HELP: [&str; 2] = ["configuration behind the deciding hop, and how to check it by ", "|  hand "];
    let screen = shown("isolated", "enter : down down down down down down", (80, 24));
    let at = |text| screen.lines().position(|line| line.contains(text)).unwrap_or_else(|| panic!("{screen}"));
    assert_eq!(at(HELP[0]) + 1, at(HELP[1]), "{screen}");
    // A label that is not cut is not repeated.
    let screen = shown("isolated", "enter :", (80, 24));
    assert_eq!(screen.matches("show the fixes").count(), 1, "{screen}");
}

#[test]
fn the_title_of_the_path_names_the_whole_subnet() {
    for name in ["isolated", "mixed-subnets", "nat-loop", "public-only"] {
        let screen = shown(name, "enter", (120, 36));
        let title = screen.lines().find(|line| line.contains("+ Destinations")).unwrap();
        assert!(title.contains(", subnet-01f3a5c7e9b2d4f60 "), "{name}\n{screen}");
        assert!(!title.contains('~'), "{name}\n{screen}");
    }
}

/// Copied with the mouse, it is the same command.
#[test]
fn the_command_behind_a_hop_is_divided_with_a_backslash() {
    let screen = shown("isolated", "enter i", (80, 24));
    let at = screen
        .find("Check   aws ec2 describe-route-tables --route-table-ids \\ ")
        .unwrap_or_else(|| panic!("{screen}"));
    assert!(screen[at..].contains("        rtb-0d4e5f6a7b8c90123 --region us-west-2 "), "{screen}");
}

#[test]
fn a_web_address_is_divided_between_its_parts() {
    let screen = shown("isolated", "enter i", (80, 24));
    let at = screen.find("Console https://us-west-2.console.aws.amazon.com/vpcconsole/ ").unwrap();
    let rest = &screen[at..];
    let (query, fragment) =
        (rest.find(" home?region=us-west-2 "), rest.find(" #RouteTableDetails:RouteTableId=rtb-"));
    assert!(query.is_some() && query < fragment, "{screen}");
}

#[test]
fn a_long_name_is_not_divided_on_the_path_map_while_shorter_ids_make_room() {
    let screen = shown("database-group", "enter enter", (200, 60));
    assert!(screen.contains("> bond-db.c9xk2m4p7q1r.us-west-2.rds.amazonaws.com:5432"), "{screen}");
    assert!(!screen.contains("amazonaws.com:5 "), "{screen}");
}

#[test]
fn destinations_that_stay_blocked_for_the_same_reason_are_named_together() {
    let screen = shown("isolated", "enter enter", (120, 36));
    assert!(screen.contains("Still blocked: Bedrock (runtime), Secrets Manager: "), "{screen}");
    assert!(screen.contains("Still blocked: Okta: AWS has no VPC endpoint for it;"), "{screen}");
}

/// Beside a dialog no parts of words are visible.
#[test]
fn a_dialog_fills_the_width_of_a_narrow_screen() {
    for key in ["?", ":", "i", "L", "a"] {
        let screen = shown("isolated", &format!("enter {key}"), (80, 24));
        let lines: Vec<&str> = screen.lines().map(|line| line.trim_matches('"')).collect();
        let top = lines.iter().position(|line| line.starts_with("+ ") && line.ends_with("-+")).unwrap();
        assert!(!lines[top].contains("++"), "{key}\n{screen}");
        let inside = lines[top + 1..].iter().take_while(|line| !line.starts_with("+-"));
        assert!(inside.clone().count() > 0, "{key}\n{screen}");
        assert!(
            inside.clone().all(|line| line.starts_with('|') && line.ends_with(['|', '#'])),
            "{key}\n{screen}"
        );
    }
}

/// A selected cause marks exactly the cells that it explains, also without colours.
#[test]
fn a_selected_cause_marks_the_cells_that_it_explains() {
    let mut player = Player::start(scenario("isolated"));
    player.press("enter");
    let brackets = |player: &Player| -> Vec<(String, usize)> {
        let screen = ascii(player, 80, 24);
        let rows = screen.lines().filter(|line| line.contains('[') && line.contains(']'));
        rows.map(|line| (line[4..12].trim().to_owned(), line.matches("[x]").count())).collect()
    };
    let heads = |player: &Player| {
        let screen = ascii(player, 80, 24);
        [screen.contains(">Cause 1 of 2"), screen.contains(">Cause 2 of 2")]
    };
    assert_eq!((brackets(&player), heads(&player)), (vec![], [false, false]));
    let all = ["S3", "Bedrock", "Okta", "Secrets"].map(|name| (name.to_owned(), 1));
    for (number, column) in [(1, 0), (2, 1)] {
        player.press("space");
        let view = player.app.trace.as_ref().unwrap();
        assert_eq!(view.marked_cause().unwrap().number, number);
        for row in 0..view.names.len() {
            for at in 0..2 {
                assert_eq!(view.is_marked(row, at), at == column && row < 4, "{number} {row} {at}");
            }
        }
        assert_eq!(view.column, column, "the selection is at a cell of the cause");
        assert_eq!(brackets(&player), all);
        assert_eq!(heads(&player), [number == 1, number == 2]);
        assert!(words(&ascii(&player, 80, 24)).contains("explains the cells in brackets"));
    }
    player.press("space");
    assert_eq!((brackets(&player), heads(&player)), (vec![], [false, false]));

    let mut healthy = Player::start(scenario("healthy"));
    healthy.press("enter space");
    assert!(ascii(&healthy, 80, 24).contains("No cause is known that could be selected"));
}
