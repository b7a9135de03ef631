//! The bytes that change some cells of a screen.

use std::fmt::Write as _;

use ratatui::buffer::Cell;

use super::pen::Pen;
use super::shown::{Shown, looks_same};

/// The least number of blanks that are erased with a sequence instead of written.
const ERASED: usize = 6;
/// The bytes of a short move of the cursor.
const MOVE: usize = 4;

/// A cell of the new frame with its column and row.
type Change<'a> = (u16, u16, &'a Cell);

/// The bytes that draw the changes on a screen. At the end the style is the default again.
pub(super) fn encode(shown: &Shown, changes: &[Change<'_>]) -> String {
    let mut writer = Writer { shown, out: String::new(), pen: Pen::DEFAULT, cursor: None, is_certain: true };
    let mut rest = changes;
    while let Some(((x, y, cell), after)) = rest.split_first() {
        rest = after;
        if looks_same(shown.get(*x, *y), cell) {
            continue;
        }
        writer.move_to(*x, *y);
        let run = BlankRun::from((*x, *y, cell), after, shown);
        if run.is_long() {
            writer.erase(run.columns);
            rest = after.get(run.changes..).unwrap_or_default();
        } else {
            writer.put(cell);
        }
    }
    writer.pen.change_to(Pen::DEFAULT, &mut writer.out);
    writer.out
}

/// Blanks of the default style that follow each other in a row.
struct BlankRun {
    columns: usize,
    /// The number of changes after the first one.
    changes: usize,
    /// Whether another change follows in the row, to which the cursor must move.
    is_followed: bool,
}

impl BlankRun {
    /// The run that starts with a change. Cells that are blank already are part of it.
    fn from((x, y, cell): Change<'_>, after: &[Change<'_>], shown: &Shown) -> Self {
        let is_blank = |cell: &Cell| cell.symbol() == " " && Pen::of(cell) == Pen::DEFAULT;
        if !is_blank(cell) {
            return Self { columns: 0, changes: 0, is_followed: false };
        }
        let (mut end, mut changes) = (x + 1, 0);
        for (column, row, cell) in after {
            let is_near = *row == y && (end..*column).all(|between| is_blank(shown.get(between, y)));
            if !is_near || !is_blank(cell) {
                break;
            }
            (end, changes) = (column + 1, changes + 1);
        }
        let is_followed = after.get(changes).is_some_and(|(_, row, _)| *row == y);
        Self { columns: usize::from(end - x), changes, is_followed }
    }

    /// Whether erasing it needs fewer bytes than writing it.
    fn is_long(&self) -> bool {
        self.columns >= if self.is_followed { ERASED + MOVE } else { ERASED }
    }
}

struct Writer<'a> {
    shown: &'a Shown,
    out: String,
    /// The style of the next character.
    pen: Pen,
    /// Column and row of the next character; `None` if it is not known.
    cursor: Option<(u16, u16)>,
    /// Terminals disagree about the width of some characters: after one of them, only the next column is certain.
    is_certain: bool,
}

impl Writer<'_> {
    /// Moves the cursor with the fewest bytes: characters that are there already can be shorter than a sequence.
    fn move_to(&mut self, x: u16, y: u16) {
        match self.cursor {
            Some(place) if place == (x, y) => return,
            Some((column, row)) if row == y && column < x && self.is_certain => {
                let columns = x - column;
                let between = || (column..x).map(|x| self.shown.get(x, y));
                let can_write =
                    |cell: &Cell| cell.symbol().len() == 1 && cell.symbol() != "\0" && self.pen.suits(cell);
                if columns <= 3 && between().all(can_write) {
                    let text: String = between().map(Cell::symbol).collect();
                    self.out.push_str(&text);
                } else {
                    let _ = match columns {
                        1 => write!(self.out, "\u{1b}[C"),
                        columns => write!(self.out, "\u{1b}[{columns}C"),
                    };
                }
            }
            _ => {
                let _ = match x {
                    0 => write!(self.out, "\u{1b}[{}H", y + 1),
                    _ => write!(self.out, "\u{1b}[{};{}H", y + 1, x + 1),
                };
                self.is_certain = true;
            }
        }
        self.cursor = Some((x, y));
    }

    /// Erases cells at the right of the cursor. The cursor stays.
    fn erase(&mut self, count: usize) {
        if !self.pen.suits(&Cell::EMPTY) {
            self.pen.change_to(Pen::DEFAULT, &mut self.out);
            self.pen = Pen::DEFAULT;
        }
        let _ = write!(self.out, "\u{1b}[{count}X");
    }

    fn put(&mut self, cell: &Cell) {
        if !self.pen.suits(cell) {
            let next = Pen::of(cell);
            self.pen.change_to(next, &mut self.out);
            self.pen = next;
        }
        self.out.push_str(cell.symbol());
        self.is_certain &= cell.symbol().is_ascii();
        self.cursor = self.cursor.map(|(x, y)| (x + 1, y));
    }
}
