//! Writes a frame to the terminal with few bytes: short moves of the cursor, short style sequences, lines that scroll, and nothing
//! that is already so.
//!
//! It draws the same screen as the backend of ratatui, to which it passes everything else. A moved selection over ssh is one packet.

mod encode;
mod pen;
mod scroll;
mod shown;

use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use encode::encode;
use scroll::Scroll;
use shown::Shown;

/// The backend of the screen.
#[derive(Debug)]
pub struct CompactBackend<W: Write> {
    inner: CrosstermBackend<W>,
    is_cursor_hidden: bool,
    shown: Shown,
}

/// A frame with more bytes than this is compared with a scrolled one.
const LONG: usize = 100;

impl<W: Write> CompactBackend<W> {
    /// A backend that writes to `writer`.
    #[must_use]
    pub fn new(writer: W) -> Self {
        Self { inner: CrosstermBackend::new(writer), is_cursor_hidden: false, shown: Shown::default() }
    }

    /// Everything must be written again, for example after the program was suspended.
    pub fn forget(&mut self) {
        self.is_cursor_hidden = false;
        self.shown = Shown::default();
    }
}

impl<W: Write> Write for CompactBackend<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Write::flush(&mut self.inner)
    }
}

impl<W: Write> Backend for CompactBackend<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let changes: Vec<(u16, u16, &Cell)> = content.collect();
        let mut out = encode(&self.shown, &changes);
        let before = (out.len() > LONG).then(|| self.shown.clone());
        for (x, y, cell) in changes {
            self.shown.set(x, y, cell);
        }
        if let Some(before) = before
            && let Some(scroll) = Scroll::between(&before, &self.shown)
        {
            let moved = before.scrolled(scroll.top..=scroll.bottom, scroll.by);
            let rest = encode(&moved, &self.shown.changes_from(&moved));
            let scrolled = format!("{}{rest}", scroll.sequence());
            if scrolled.len() < out.len() {
                out = scrolled;
            }
        }
        self.inner.write_all(out.as_bytes())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.is_cursor_hidden {
            return Ok(());
        }
        self.is_cursor_hidden = true;
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.is_cursor_hidden = false;
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.inner.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.shown = Shown::default();
        self.inner.clear()
    }

    fn clear_region(&mut self, kind: ClearType) -> io::Result<()> {
        // ratatui then draws every cell that is not blank.
        self.shown = Shown::default();
        self.inner.clear_region(kind)
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first error")]

    use std::cell::RefCell;
    use std::rc::Rc;

    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::{Color, Modifier, Style};

    use super::*;

    /// The frames, each with some cells of other characters and styles than the frame before.
    fn frames() -> Vec<Buffer> {
        let mut state = 7_u32;
        let mut below = |end: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            usize::try_from(state >> 8).unwrap() % end
        };
        let colours = [
            Color::Reset,
            Color::Red,
            Color::DarkGray,
            Color::White,
            Color::Indexed(208),
            Color::Rgb(1, 2, 3),
        ];
        let mut frame = Buffer::empty(Rect::new(0, 0, 30, 6));
        let mut frames = vec![frame.clone()];
        for _ in 0..300 {
            for _ in 0..below(60) {
                let style = Style::new().fg(colours[below(6)]).bg(colours[below(6)]);
                let modifiers = [Modifier::BOLD, Modifier::REVERSED, Modifier::UNDERLINED, Modifier::ITALIC];
                let style = (0..below(4)).fold(style, |style, at| style.add_modifier(modifiers[at]));
                let position = (u16::try_from(below(29)).unwrap(), u16::try_from(below(6)).unwrap());
                frame[position].reset();
                frame[position].set_symbol(["a", " ", "│", "→", "é", "Z"][below(6)]).set_style(style);
            }
            frames.push(frame.clone());
            // Lines that move, as in a text that scrolls.
            let (by, rows) = (u16::try_from(below(3)).unwrap(), 5);
            for y in 0..rows {
                for x in 0..29 {
                    frame[(x, y)] = if y + by < rows { frame[(x, y + by)].clone() } else { Cell::EMPTY };
                }
            }
            frames.push(frame.clone());
        }
        frames
    }

    /// The lines of a text, each in one row.
    fn text(first: usize) -> Buffer {
        let letter =
            |line: usize, at: usize| char::from(b'a' + u8::try_from((line * 7 + at * line) % 26).unwrap());
        let lines = (first..first + 6).map(|line| (0..30).map(|at| letter(line, at)).collect::<String>());
        Buffer::with_lines(lines)
    }

    #[test]
    fn lines_that_move_are_scrolled_by_the_terminal() {
        let mut screen = Screen::new(CompactBackend::new);
        screen.draw(&Buffer::empty(text(1).area).diff(&text(1)));
        for (before, after) in [(1, 2), (2, 4), (4, 3)] {
            screen.bytes = 0;
            let seen = screen.draw(&text(before).diff(&text(after)));
            let mut whole = Screen::new(CompactBackend::new);
            assert_eq!(seen, whole.draw(&Buffer::empty(text(after).area).diff(&text(after))));
            assert!(screen.bytes < 90, "{before} to {after}: {} bytes", screen.bytes);
        }
    }

    #[test]
    fn changes_beside_each_other_are_written_pane_by_pane() {
        let before = Buffer::with_lines(["x  |one   ", "x  |two   ", "x  |three "]);
        let mut after = Buffer::with_lines(["x+ |four  ", "x+ |five  ", "x+ |six   "]);
        for y in 0..3 {
            after[(1, y)].set_style(Style::new().fg(Color::Green));
        }
        let mut screen = Screen::new(CompactBackend::new);
        screen.draw(&Buffer::empty(before.area).diff(&before));
        screen.bytes = 0;
        let seen = screen.draw(&before.diff(&after));
        let mut whole = Screen::new(CompactBackend::new);
        assert_eq!(seen, whole.draw(&Buffer::empty(after.area).diff(&after)));
        assert!(screen.bytes <= 52, "{} bytes", screen.bytes);
    }

    /// What a terminal receives.
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

    /// A terminal: draws the changes of each frame, and counts the bytes.
    struct Screen<B> {
        backend: B,
        output: Output,
        terminal: vt100::Parser,
        bytes: usize,
    }

    impl<B: Backend<Error = io::Error>> Screen<B> {
        fn new(backend: impl Fn(Output) -> B) -> Self {
            let output = Output::default();
            let backend = backend(output.clone());
            Self { backend, output, terminal: vt100::Parser::new(6, 30, 0), bytes: 0 }
        }

        fn draw(&mut self, changes: &[(u16, u16, &Cell)]) -> Vec<String> {
            self.backend.draw(changes.iter().copied()).unwrap();
            Backend::flush(&mut self.backend).unwrap();
            let sent = std::mem::take(&mut *self.output.0.borrow_mut());
            self.bytes += sent.len();
            self.terminal.process(&sent);
            let places = (0..6).flat_map(|row| (0..30).map(move |column| (row, column)));
            places.map(|(row, column)| look(self.terminal.screen().cell(row, column).unwrap())).collect()
        }
    }

    /// What a user sees of a cell: a blank shows its background only, unless it has a line or is reversed.
    fn look(cell: &vt100::Cell) -> String {
        let is_blank = cell.contents().trim().is_empty() && !cell.inverse() && !cell.underline();
        if is_blank {
            return format!("blank {:?}", cell.bgcolor());
        }
        format!(
            "{:?} {:?} {:?} {} {} {} {}",
            cell.contents(),
            cell.fgcolor(),
            cell.bgcolor(),
            cell.bold(),
            cell.italic(),
            cell.underline(),
            cell.inverse()
        )
    }

    /// Both backends draw the same frames; the compact one sends fewer bytes.
    #[test]
    fn the_screen_is_the_same_as_with_the_backend_of_ratatui() {
        crossterm::style::force_color_output(true);
        let frames = frames();
        let mut compact = Screen::new(CompactBackend::new);
        let mut plain = Screen::new(CrosstermBackend::new);
        for (before, after) in frames.iter().zip(frames.iter().skip(1)) {
            let changes = before.diff(after);
            assert_eq!(compact.draw(&changes), plain.draw(&changes));
        }
        assert!(compact.bytes * 10 < plain.bytes * 8, "{} of {} bytes", compact.bytes, plain.bytes);
    }

    #[test]
    fn a_hidden_cursor_is_not_hidden_again() {
        let output = Output::default();
        let mut backend = CompactBackend::new(output.clone());
        backend.hide_cursor().unwrap();
        backend.hide_cursor().unwrap();
        assert_eq!(*output.0.borrow(), b"\x1b[?25l");
        backend.show_cursor().unwrap();
        backend.hide_cursor().unwrap();
        assert_eq!(*output.0.borrow(), b"\x1b[?25l\x1b[?25h\x1b[?25l");
    }
}
