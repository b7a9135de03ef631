//! The scroll position of a text. Drawing wraps the text, so only drawing knows where it ends.

use std::cell::Cell;
use std::fmt;

use super::Action;

/// Lines per page.
pub(super) const PAGE: usize = 10;
/// The last line that scrolling reaches before the text is drawn.
const NOT_DRAWN: usize = 500;

/// The first line of a text that is shown.
#[derive(Clone, Debug)]
pub struct Scroll {
    first: usize,
    /// The first line shown when the end of the text is visible, since the text was drawn.
    last: Cell<usize>,
}

impl Scroll {
    /// A position.
    #[must_use]
    pub fn at(first: usize) -> Self {
        Self { first, last: Cell::new(NOT_DRAWN) }
    }

    /// The first line of a text with this number of lines in a pane with this height. Later keys do not go past its end.
    #[must_use]
    pub fn first(&self, lines: usize, height: usize) -> usize {
        self.last.set(lines.saturating_sub(height));
        self.first.min(self.last.get())
    }

    /// Moves by lines, up to the end of the text.
    pub(super) fn by(&mut self, lines: isize) {
        let last = self.last.get();
        self.first = self.first.min(last).saturating_add_signed(lines).min(last);
    }

    /// Moves as an action says; other actions change nothing.
    pub(super) fn act(&mut self, action: Action) {
        match action {
            Action::Up => self.by(-1),
            Action::Down => self.by(1),
            Action::PageUp => self.by(-PAGE.cast_signed()),
            Action::PageDown => self.by(PAGE.cast_signed()),
            Action::First => self.by(isize::MIN),
            Action::Last => self.by(isize::MAX),
            _ => {}
        }
    }
}

impl Default for Scroll {
    fn default() -> Self {
        Self::at(0)
    }
}

impl PartialEq for Scroll {
    fn eq(&self, other: &Self) -> bool {
        self.first == other.first
    }
}

impl Eq for Scroll {}

impl fmt::Display for Scroll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.fmt(f)
    }
}
