//! The panes of a step: their scroll bars, the end of their text, the focus, the whole screen, and the mouse.

use egress_doctor::app::{Action, Hit, Message, Pane};
use egress_doctor::ui::{Theme, hit};
use ratatui::layout::{Position, Rect};

use super::screens::{Player, scenario};

fn ascii(player: &Player, width: u16, height: u16) -> String {
    player.screen(width, height, &Theme::mono().in_ascii())
}

/// After the last line, each key in the other direction moves.
#[test]
fn a_text_at_its_end_moves_up_with_the_first_key() {
    for (keys, name) in [
        ("enter tab", "the path"),
        ("enter tab tab", "the explanation"),
        ("enter enter tab", "the details of a fix"),
        ("?", "the help"),
        ("enter enter m", "the path map"),
    ] {
        let mut player = Player::start(scenario("isolated"));
        player.press(keys);
        let start = ascii(&player, 60, 20);
        player.press("G");
        let end = ascii(&player, 60, 20);
        assert_ne!(start, end, "{name} scrolls");
        for key in ["down", "PgDn", "G"] {
            player.press(key);
            assert_eq!(ascii(&player, 60, 20), end, "{name} is at its end");
        }
        player.press("up");
        let above = ascii(&player, 60, 20);
        assert_ne!(above, end, "{name}");
        player.press("down");
        assert_eq!(ascii(&player, 60, 20), end, "{name}");
    }
}

/// The column of a scroll bar, `#`, in a line of the screen.
fn bars(screen: &str) -> usize {
    screen.lines().filter(|line| line.contains('#') && !line.contains("#R")).count()
}

#[test]
fn each_pane_whose_text_does_not_fit_has_a_scroll_bar() {
    let mut player = Player::start(scenario("isolated"));
    player.press("enter tab");
    let top = ascii(&player, 80, 24);
    assert!(bars(&top) > 0, "{top}");
    player.press("esc");
    assert_eq!(bars(&ascii(&player, 80, 24)), 0, "{}", ascii(&player, 80, 24));
    player.press("?");
    let first = ascii(&player, 80, 24);
    player.press("G");
    let last = ascii(&player, 80, 24);
    let place = |screen: &str| screen.lines().position(|line| line.ends_with("#   \"") || line.contains('#'));
    assert!(place(&first) < place(&last), "the bar moves\n{first}\n{last}");
}

#[test]
fn each_pane_of_choose_can_have_the_focus() {
    let mut player = Player::start(scenario("isolated"));
    player.press("enter enter");
    let pane = |player: &Player| player.app.focused();
    assert_eq!(pane(&player), Some(Pane::List));
    let selected = player.app.choose.as_ref().unwrap().selected;
    player.press("tab down down");
    assert_eq!(pane(&player), Some(Pane::Detail));
    assert_eq!(player.app.choose.as_ref().unwrap().selected, selected, "the text scrolls");
    assert!(ascii(&player, 80, 24).contains("2 more above"), "{}", ascii(&player, 80, 24));
    player.press("tab");
    assert_eq!(pane(&player), Some(Pane::Notes));
    player.press("tab down");
    assert_eq!(pane(&player), Some(Pane::List));
    assert_ne!(player.app.choose.as_ref().unwrap().selected, selected);
    let footer = player.screen(120, 36, &Theme::mono().in_ascii());
    assert!(footer.lines().last().unwrap().contains("tab switch pane"), "{footer}");
}

#[test]
fn one_pane_has_the_whole_screen() {
    for (keys, title, hidden) in [
        ("enter", "Destinations", "Explanation"),
        ("enter tab", "S3 from", "Destinations"),
        ("enter tab tab", "Explanation", "Destinations"),
        ("enter enter tab", "Selected fix", "Before and after"),
        ("enter enter tab tab", "Before and after", "Selected fix"),
    ] {
        for (width, height) in [(60, 20), (80, 24), (120, 36), (200, 60)] {
            let mut player = Player::start(scenario("isolated"));
            player.press(keys);
            let all = ascii(&player, width, height);
            player.press("+");
            let one = ascii(&player, width, height);
            assert!(one.contains(title) && !one.contains(&format!("- {hidden} -")), "{one}");
            player.press("+");
            assert_eq!(ascii(&player, width, height), all, "the second + shows all panes");
            player.press("+ esc");
            assert_eq!(ascii(&player, width, height), all, "esc shows all panes");
        }
    }
    let mut player = Player::start(scenario("isolated"));
    player.press("enter + enter");
    assert!(!player.app.is_zoomed(), "another step has all panes");
}

#[test]
fn the_mouse_acts_on_the_pane_below_the_pointer() {
    let theme = Theme::mono().in_ascii();
    let mut player = Player::start(scenario("isolated"));
    player.press("enter");
    let screen = ascii(&player, 80, 24);
    let area = Rect::new(0, 0, 80, 24);
    let rows: Vec<&str> = screen.lines().map(|line| line.trim_matches('"')).collect();
    let at = |player: &Player, column: usize, row: usize| {
        let position = Position::new(u16::try_from(column).unwrap(), u16::try_from(row).unwrap());
        hit(&player.app, &theme, player.now, area, position)
    };
    // The cell of column c in the row of Okta.
    let row = rows.iter().position(|line| line.contains("Okta ")).unwrap();
    let head = rows.iter().position(|line| line.contains("AZ  a,b   c")).unwrap();
    let column = rows[head].find("a,b   c").unwrap() + 6;
    let cell = at(&player, column, row);
    assert_eq!(
        cell,
        Hit { pane: Some(Pane::List), row: Some(2), column: Some(1), ..Hit::default() },
        "{screen}"
    );
    player.send(Message::Click(cell));
    let view = player.app.trace.as_ref().unwrap();
    assert_eq!((view.row, view.column), (2, 1));
    // The wheel over the path and over the explanation scrolls these; the selection stays.
    let notes = rows.iter().position(|line| line.contains("Explanation")).unwrap() + 1;
    for (pane, column, row) in [(Pane::Detail, 60, head + 2), (Pane::Notes, 20, notes)] {
        let below = at(&player, column, row);
        assert_eq!(below.pane, Some(pane));
        player.send(Message::Wheel(below.pane, Action::Down));
        assert_eq!(player.app.focused(), Some(pane));
        let view = player.app.trace.as_ref().unwrap();
        assert_eq!((view.row, view.scroll.to_string()), (2, "1".to_owned()));
    }
    // A click focuses a pane of Choose.
    player.press("esc enter enter");
    let screen = ascii(&player, 80, 24);
    let row = screen.lines().position(|line| line.contains("Selected fix")).unwrap() + 1;
    player.send(Message::Click(at(&player, 60, row)));
    assert_eq!(player.app.focused(), Some(Pane::Detail), "{screen}");
}
