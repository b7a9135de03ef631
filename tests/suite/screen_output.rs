//! How many bytes the screen sends to the terminal.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use egress_doctor::terminal::CompactBackend;
use egress_doctor::ui::{Theme, draw};
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

use crate::screens::Player;

/// The bytes of the frame after each key.
fn bytes(player: &mut Player, keys: &[&str]) -> Vec<usize> {
    let viewport = Viewport::Fixed(Rect::new(0, 0, 80, 24));
    let output = Output::default();
    let backend = CompactBackend::new(output.clone());
    let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport }).unwrap();
    let theme = Theme::ansi();
    terminal.draw(|frame| draw(&player.app, &theme, player.now, frame)).unwrap();
    let frame = |key: &&str| {
        output.0.borrow_mut().clear();
        player.press(key);
        terminal.draw(|frame| draw(&player.app, &theme, player.now, frame)).unwrap();
        output.0.borrow().len()
    };
    keys.iter().map(frame).collect()
}

/// What the terminal receives.
#[derive(Clone, Default)]
struct Output(Rc<RefCell<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Among the destinations with the same cause one move needs at most 300 bytes, and a line of the diff 120. Where 300 is not met, the text
/// beside the list is another one: another path, or another cost, result and reason of a fix.
#[test]
fn a_moved_selection_sends_few_bytes() {
    for (keys, near, far) in [("enter", 300, 540), ("enter enter", 400, 660), ("enter enter enter", 120, 120)]
    {
        let mut player = Player::demo();
        player.press(keys);
        let counts =
            bytes(&mut player, &["down", "down", "down", "down", "down", "up", "up", "up", "up", "up"]);
        let [first, second, .., last_but_one, last] = counts[..] else { panic!() };
        let is_near = [first, second, last_but_one, last].iter().all(|count| *count <= near);
        assert!(is_near && counts.iter().all(|count| *count <= far), "{keys}: {counts:?}");
    }
    // The lists in front: the palette and the scenarios.
    for keys in [":", "S"] {
        let mut player = Player::demo();
        player.press(keys);
        let counts = bytes(&mut player, &["down", "down", "up"]);
        assert!(counts.iter().all(|count| *count <= 300), "{keys}: {counts:?}");
    }
}
