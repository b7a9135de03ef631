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

/// The greatest counts: 281 in the list of destinations, 390 in the list of fixes, and 104 for a line of the diff. Where 300 is not
/// met, another fix has another cost, another result and other reasons, which are the text of the details at its side.
#[test]
fn a_moved_selection_sends_few_bytes() {
    for (keys, limit) in [("enter", 300), ("enter enter", 400), ("enter enter enter", 120)] {
        let mut player = Player::demo();
        player.press(keys);
        let counts = bytes(&mut player, &["down", "down", "up", "up"]);
        assert!(counts.iter().all(|count| *count <= limit), "{keys}: {counts:?}");
    }
    // The lists in front: the palette and the scenarios.
    for keys in [":", "S"] {
        let mut player = Player::demo();
        player.press(keys);
        let counts = bytes(&mut player, &["down", "down", "up"]);
        assert!(counts.iter().all(|count| *count <= 300), "{keys}: {counts:?}");
    }
}
