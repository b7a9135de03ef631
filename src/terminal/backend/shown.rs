//! What the terminal shows: a copy of its cells.

use std::ops::RangeInclusive;

use ratatui::buffer::Cell;
use unicode_width::UnicodeWidthStr as _;

use super::pen::Pen;

/// The cells of the terminal. A cell that was not drawn since the screen was cleared is blank.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    rows: Vec<Vec<Cell>>,
    /// Whether a character of two columns was drawn: then lines do not scroll.
    has_wide: bool,
}

/// A blank cell.
static BLANK: Cell = Cell::EMPTY;

impl Shown {
    /// The cell at a position.
    pub fn get(&self, x: u16, y: u16) -> &Cell {
        self.rows.get(usize::from(y)).and_then(|row| row.get(usize::from(x))).unwrap_or(&BLANK)
    }

    pub fn set(&mut self, x: u16, y: u16, cell: &Cell) {
        let (column, row) = (usize::from(x), usize::from(y));
        if self.rows.len() <= row {
            self.rows.resize(row + 1, Vec::new());
        }
        let Some(cells) = self.rows.get_mut(row) else { return };
        let width = cell.symbol().width();
        if cells.len() < column + width.max(1) {
            cells.resize(column + width.max(1), Cell::EMPTY);
        }
        for (at, place) in cells.iter_mut().skip(column).take(width.max(1)).enumerate() {
            // The second column of a wide character is like no other cell, so that a later character there is always written.
            *place = if at == 0 { cell.clone() } else { Cell::new("\0") };
        }
        self.has_wide |= width != 1;
    }

    /// Whether lines can scroll: every character has one column.
    pub fn can_scroll(&self) -> bool {
        !self.has_wide
    }

    /// The number of rows.
    pub fn height(&self) -> u16 {
        u16::try_from(self.rows.len()).unwrap_or(u16::MAX)
    }

    /// Whether a row looks like a row of another screen.
    pub fn has_row(&self, y: u16, other: &Self, other_y: u16) -> bool {
        let width = self.width_of(y).max(other.width_of(other_y));
        (0..width).all(|x| looks_same(self.get(x, y), other.get(x, other_y)))
    }

    fn width_of(&self, y: u16) -> u16 {
        let width = self.rows.get(usize::from(y)).map_or(0, Vec::len);
        u16::try_from(width).unwrap_or(u16::MAX)
    }

    /// The number of columns that were drawn.
    pub fn width(&self) -> u16 {
        (0..self.height()).map(|y| self.width_of(y)).max().unwrap_or(0)
    }

    /// The cells that look different from those of another screen.
    pub fn changes_from<'a>(&'a self, other: &Self) -> Vec<(u16, u16, &'a Cell)> {
        let rows = 0..self.height().max(other.height());
        rows.flat_map(|y| (0..self.width_of(y).max(other.width_of(y))).map(move |x| (x, y)))
            .map(|(x, y)| (x, y, self.get(x, y)))
            .filter(|(x, y, cell)| !looks_same(cell, other.get(*x, *y)))
            .collect()
    }

    /// The screen after the lines of a region moved up by some rows; negative: down.
    pub fn scrolled(&self, region: RangeInclusive<u16>, by: i16) -> Self {
        let mut scrolled = self.clone();
        for y in region.clone() {
            let from = y.checked_add_signed(by).filter(|from| region.contains(from));
            let row = from.and_then(|from| self.rows.get(usize::from(from))).cloned().unwrap_or_default();
            if let Some(place) = scrolled.rows.get_mut(usize::from(y)) {
                *place = row;
            }
        }
        scrolled
    }
}

/// Whether two cells look the same.
pub(super) fn looks_same(a: &Cell, b: &Cell) -> bool {
    a.symbol() == b.symbol() && Pen::of(a) == Pen::of(b)
}
