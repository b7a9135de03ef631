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

/// The most bytes of a move, the most of the moves that need more, and their number. On Trace the move from a path outside the VPC to
/// one with many checks needs more (461), on Choose a fix with which other subnets are used (573, 513, 433 and 432): text and matrix are then other ones.
#[test]
fn a_moved_selection_sends_few_bytes() {
    for (keys, near, far, number) in
        [("enter", 285, 470, 1), ("enter enter", 295, 590, 4), ("enter enter enter", 110, 110, 0)]
    {
        let mut player = Player::demo();
        player.press(keys);
        let counts =
            bytes(&mut player, &["down", "down", "down", "down", "down", "up", "up", "up", "up", "up"]);
        let more: Vec<usize> = counts.iter().copied().filter(|count| *count > near).collect();
        assert!(more.len() <= number && more.iter().all(|count| *count <= far), "{keys}: {counts:?}");
    }
    // The lists in front: the palette, and the scenarios with the full text of the selected one.
    for (keys, most) in [(":", 180), ("S", 345)] {
        let mut player = Player::demo();
        player.press(keys);
        let counts = bytes(&mut player, &["down", "down", "up"]);
        assert!(counts.iter().all(|count| *count <= most), "{keys}: {counts:?}");
    }
}
