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

/// The greatest counts seen are 728 and 798: almost all of it is the text of the details, which follow the selection. On the second row,
/// whose details are the same, one move needs 150 bytes.
#[test]
fn a_moved_selection_sends_few_bytes() {
    for (keys, limit) in [("enter", 800), ("enter enter", 870), ("enter enter enter", 870)] {
        let mut player = Player::demo();
        player.press(keys);
        let counts = bytes(&mut player, &["down", "down", "up", "up"]);
        assert!(counts.iter().all(|count| *count <= limit), "{keys}: {counts:?}");
    }
    let mut player = Player::demo();
    player.press("enter down");
    assert!(bytes(&mut player, &["down"])[0] <= 170);
}
