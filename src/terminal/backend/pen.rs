//! The style of characters as escape sequences: the shortest one that changes a style into another.

use std::fmt::Write as _;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// The style of the characters that follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pen {
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

/// The modifiers that a blank shows.
const VISIBLE_ON_BLANKS: Modifier = Modifier::UNDERLINED
    .union(Modifier::REVERSED)
    .union(Modifier::CROSSED_OUT)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK);

impl Pen {
    pub const DEFAULT: Self =
        Self { foreground: Color::Reset, background: Color::Reset, modifier: Modifier::empty() };

    /// The style of a cell. A blank shows only its background, unless it has a line or is reversed.
    pub fn of(cell: &Cell) -> Self {
        let is_plain = cell.symbol() == " " && !cell.modifier.intersects(VISIBLE_ON_BLANKS);
        let (foreground, modifier) =
            if is_plain { (Color::Reset, Modifier::empty()) } else { (cell.fg, cell.modifier) };
        Self { foreground, background: cell.bg, modifier }
    }

    /// Whether a character of the cell has the right look without a change of the style.
    pub fn suits(self, cell: &Cell) -> bool {
        let needed = Self::of(cell);
        let is_plain =
            cell.symbol() == " " && needed.modifier.is_empty() && needed.foreground == Color::Reset;
        let shows_on_blanks = self.modifier.intersects(VISIBLE_ON_BLANKS);
        self == needed || (is_plain && !shows_on_blanks && self.background == needed.background)
    }

    /// Writes the shorter of two sequences: the changes, or everything after a reset.
    pub fn change_to(self, next: Self, out: &mut String) {
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
