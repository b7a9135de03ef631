//! Writes a frame to the terminal with few bytes: short moves of the cursor, short style sequences, and nothing that is already so.
//!
//! It draws the same screen as the backend of ratatui, to which it passes everything else. A moved selection over ssh is one packet.

use std::fmt::Write as _;
use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};

/// The backend of the screen.
#[derive(Debug)]
pub struct CompactBackend<W: Write> {
    inner: CrosstermBackend<W>,
    is_cursor_hidden: bool,
}

impl<W: Write> CompactBackend<W> {
    /// A backend that writes to `writer`.
    #[must_use]
    pub fn new(writer: W) -> Self {
        Self { inner: CrosstermBackend::new(writer), is_cursor_hidden: false }
    }

    /// Everything must be written again, for example after the program was suspended.
    pub fn forget(&mut self) {
        self.is_cursor_hidden = false;
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

/// The style of the characters that follow.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Pen {
    foreground: Color,
    background: Color,
    modifier: Modifier,
}

/// The modifiers with the codes that set and remove them.
const MODIFIERS: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

impl Pen {
    const DEFAULT: Self =
        Self { foreground: Color::Reset, background: Color::Reset, modifier: Modifier::empty() };

    fn of(cell: &Cell) -> Self {
        Self { foreground: cell.fg, background: cell.bg, modifier: cell.modifier }
    }

    /// Writes the shorter of two sequences: the changes, or everything after a reset.
    fn change_to(self, next: Self, out: &mut String) {
        if self == next {
            return;
        }
        let mut anew = Vec::new();
        if self != Self::DEFAULT && next != Self::DEFAULT {
            anew.push("0".to_owned());
        }
        Self::DEFAULT.codes(next, &mut anew);
        let mut changes = Vec::new();
        self.codes(next, &mut changes);
        let (anew, changes) = (anew.join(";"), changes.join(";"));
        let codes = if anew.len() <= changes.len() || next == Self::DEFAULT { anew } else { changes };
        let _ = write!(out, "\u{1b}[{codes}m");
    }

    /// The codes of the changes.
    fn codes(self, next: Self, codes: &mut Vec<String>) {
        let mut present = self.modifier;
        for (modifier, _, off) in MODIFIERS {
            if present.contains(modifier) && !next.modifier.contains(modifier) {
                codes.push(off.to_string());
                // Some codes remove two modifiers.
                for (other, _, _) in MODIFIERS.iter().filter(|(_, _, code)| *code == off) {
                    present.remove(*other);
                }
            }
        }
        for (modifier, on, _) in MODIFIERS {
            if next.modifier.contains(modifier) && !present.contains(modifier) {
                codes.push(on.to_string());
            }
        }
        if self.foreground != next.foreground {
            codes.push(colour(next.foreground, 0));
        }
        if self.background != next.background {
            codes.push(colour(next.background, 10));
        }
    }
}

/// The code of a colour; `offset` is 10 for the background.
fn colour(colour: Color, offset: u8) -> String {
    let simple = match colour {
        Color::Reset => 39,
        Color::Black => 30,
        Color::Red => 31,
        Color::Green => 32,
        Color::Yellow => 33,
        Color::Blue => 34,
        Color::Magenta => 35,
        Color::Cyan => 36,
        Color::Gray => 37,
        Color::DarkGray => 90,
        Color::LightRed => 91,
        Color::LightGreen => 92,
        Color::LightYellow => 93,
        Color::LightBlue => 94,
        Color::LightMagenta => 95,
        Color::LightCyan => 96,
        Color::White => 97,
        Color::Indexed(number) => return format!("{};5;{number}", 38 + offset),
        Color::Rgb(red, green, blue) => return format!("{};2;{red};{green};{blue}", 38 + offset),
    };
    (simple + offset).to_string()
}

impl<W: Write> Backend for CompactBackend<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut out = String::new();
        let mut pen = Pen::DEFAULT;
        let mut cursor = None;
        // Terminals disagree about the width of some characters: after one of them, only the next column is certain.
        let mut is_certain = true;
        for (x, y, cell) in content {
            match cursor {
                Some((column, row)) if (column, row) == (x, y) => {}
                Some((column, row)) if row == y && column < x && is_certain => {
                    let _ = match x - column {
                        1 => write!(out, "\u{1b}[C"),
                        columns => write!(out, "\u{1b}[{columns}C"),
                    };
                }
                _ => {
                    let _ = match x {
                        0 => write!(out, "\u{1b}[{}H", y + 1),
                        _ => write!(out, "\u{1b}[{};{}H", y + 1, x + 1),
                    };
                    is_certain = true;
                }
            }
            let next = Pen::of(cell);
            pen.change_to(next, &mut out);
            pen = next;
            out.push_str(cell.symbol());
            is_certain &= cell.symbol().is_ascii();
            cursor = Some((x + 1, y));
        }
        pen.change_to(Pen::DEFAULT, &mut out);
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
        self.inner.clear()
    }

    fn clear_region(&mut self, kind: ClearType) -> io::Result<()> {
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
    use ratatui::style::Style;

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
        }
        frames
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

        fn draw(&mut self, changes: &[(u16, u16, &Cell)]) -> Vec<Option<vt100::Cell>> {
            self.backend.draw(changes.iter().copied()).unwrap();
            Backend::flush(&mut self.backend).unwrap();
            let sent = std::mem::take(&mut *self.output.0.borrow_mut());
            self.bytes += sent.len();
            self.terminal.process(&sent);
            let places = (0..6).flat_map(|row| (0..30).map(move |column| (row, column)));
            places.map(|(row, column)| self.terminal.screen().cell(row, column).cloned()).collect()
        }
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
