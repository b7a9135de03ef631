//! The bytes that change some cells of a screen.

use std::collections::BTreeSet;
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

/// The bytes that draw the changes on a screen, which are ordered by row: the fewest of two orders. At the end the style is the default
/// again.
pub(super) fn encode(shown: &Shown, changes: &[Change<'_>]) -> String {
    let by_row = encode_in_order(shown, changes);
    let by_pane = by_pane(changes).map(|changes| encode_in_order(shown, &changes));
    by_pane.filter(|by_pane| by_pane.len() < by_row.len()).unwrap_or(by_row)
}

/// The changes of each pane together: between two panes is a column without a change. `None` if there is only one.
fn by_pane<'a>(changes: &[Change<'a>]) -> Option<Vec<Change<'a>>> {
    let columns: BTreeSet<u16> = changes.iter().map(|(x, ..)| *x).collect();
    let starts: Vec<u16> = columns
        .iter()
        .copied()
        .filter(|x| x.checked_sub(1).is_none_or(|left| !columns.contains(&left)))
        .collect();
    let pane = |x: u16| starts.partition_point(|start| *start <= x);
    let mut ordered = changes.to_vec();
    ordered.sort_by_key(|(x, ..)| pane(*x));
    (starts.len() > 1).then_some(ordered)
}

fn encode_in_order(shown: &Shown, changes: &[Change<'_>]) -> String {
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

/// A move to the right.
fn forward(columns: u16) -> String {
    match columns {
        1 => "\u{1b}[C".to_owned(),
        columns => format!("\u{1b}[{columns}C"),
    }
}

/// A move down. In raw mode a line feed keeps the column.
fn down(rows: u16) -> String {
    match rows {
        1..=3 => "\n".repeat(usize::from(rows)),
        rows => format!("\u{1b}[{rows}B"),
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
        if self.cursor == Some((x, y)) {
            return;
        }
        let absolute = match x {
            0 => format!("\u{1b}[{}H", y + 1),
            _ => format!("\u{1b}[{};{}H", y + 1, x + 1),
        };
        match self.cursor.filter(|_| self.is_certain) {
            Some((column, row)) if row == y && column < x => {
                let columns = x - column;
                let between = || (column..x).map(|x| self.shown.get(x, y));
                let can_write =
                    |cell: &Cell| cell.symbol().len() == 1 && cell.symbol() != "\0" && self.pen.suits(cell);
                if columns <= 3 && between().all(can_write) {
                    let text: String = between().map(Cell::symbol).collect();
                    self.out.push_str(&text);
                } else {
                    self.out.push_str(&forward(columns));
                }
            }
            Some((column, row)) if row < y => {
                let relative = format!("{}{}", down(y - row), self.across(column, x));
                self.out.push_str(if relative.len() < absolute.len() { &relative } else { &absolute });
            }
            _ => {
                self.out.push_str(&absolute);
                self.is_certain = true;
            }
        }
        self.cursor = Some((x, y));
    }

    /// A move in a row.
    fn across(&self, from: u16, to: u16) -> String {
        let absolute = if to == 0 { "\r".to_owned() } else { format!("\u{1b}[{}G", to + 1) };
        // After the last column of the screen the cursor is in this column or after it, so that no move starts there.
        let relative = match from {
            _ if from >= self.shown.width() => return absolute,
            _ if from == to => return String::new(),
            _ if from < to => forward(to - from),
            _ if from - to <= 4 => "\u{8}".repeat(usize::from(from - to)),
            _ => format!("\u{1b}[{}D", from - to),
        };
        if relative.len() < absolute.len() { relative } else { absolute }
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
