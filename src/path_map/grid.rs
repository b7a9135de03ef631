//! The grid of glyphs, and its forms in Unicode and in ASCII.

use unicode_width::UnicodeWidthChar as _;

/// The meaning of a glyph; each output has its own colours for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// A line, or less important text.
    #[default]
    Muted,
    /// The name of a component.
    Name,
    /// Reachable, or new.
    Good,
    /// Blocked.
    Bad,
    /// Unknown, or blocked for some addresses.
    Doubt,
}

/// A glyph that does not depend on the character set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Glyph {
    /// Nothing.
    #[default]
    Blank,
    /// A line from the middle of the cell to these sides: the sum of [`Grid::UP`] and the other sides.
    Line(u8),
    /// The end of a line, at a destination.
    Arrow,
    /// A character of a text.
    Char(char),
}

/// The characters of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CharacterSet {
    /// With line drawing characters.
    Unicode,
    /// Only ASCII.
    Ascii,
}

/// A glyph with its meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The glyph.
    pub glyph: Glyph,
    /// Its meaning.
    pub tone: Tone,
    /// Whether it belongs to the highlighted path.
    pub is_selected: bool,
}

impl Cell {
    /// The character. Lines of the highlighted path have characters of their own, so that it is visible without colours.
    #[must_use]
    pub fn symbol(self, set: CharacterSet) -> char {
        match (self.glyph, set) {
            (Glyph::Blank, _) => ' ',
            (Glyph::Char(c), CharacterSet::Ascii) if !c.is_ascii() => '?',
            (Glyph::Char(c), _) => c,
            (Glyph::Arrow, CharacterSet::Ascii) => '>',
            (Glyph::Arrow, CharacterSet::Unicode) => '▶',
            (Glyph::Line(sides), CharacterSet::Ascii) => {
                match (sides & (Grid::UP | Grid::DOWN), sides & (Grid::LEFT | Grid::RIGHT)) {
                    (0, _) if self.is_selected => '=',
                    (0, _) => '-',
                    (_, 0) => '|',
                    _ => '+',
                }
            }
            (Glyph::Line(sides), CharacterSet::Unicode) => line(sides, self.is_selected),
        }
    }
}

/// The line drawing character for the sides.
fn line(sides: u8, is_heavy: bool) -> char {
    const UP: u8 = Grid::UP;
    const RIGHT: u8 = Grid::RIGHT;
    const DOWN: u8 = Grid::DOWN;
    const LEFT: u8 = Grid::LEFT;
    let (light, heavy) = match sides {
        s if s == UP | DOWN || s == UP || s == DOWN => ('│', '┃'),
        s if s == UP | RIGHT => ('└', '┗'),
        s if s == DOWN | RIGHT => ('┌', '┏'),
        s if s == UP | LEFT => ('┘', '┛'),
        s if s == DOWN | LEFT => ('┐', '┓'),
        s if s == UP | DOWN | RIGHT => ('├', '┣'),
        s if s == UP | DOWN | LEFT => ('┤', '┫'),
        s if s == DOWN | LEFT | RIGHT => ('┬', '┳'),
        s if s == UP | LEFT | RIGHT => ('┴', '┻'),
        s if s == UP | DOWN | LEFT | RIGHT => ('┼', '╋'),
        _ => ('─', '━'),
    };
    if is_heavy { heavy } else { light }
}

/// A rectangle of cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    rows: Vec<Vec<Cell>>,
}

impl Grid {
    /// The upper side of a cell.
    pub const UP: u8 = 1;
    /// The right side of a cell.
    pub const RIGHT: u8 = 2;
    /// The lower side of a cell.
    pub const DOWN: u8 = 4;
    /// The left side of a cell.
    pub const LEFT: u8 = 8;

    /// The rows; cells after the last glyph of a row are missing.
    #[must_use]
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// The length of the longest row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// The number of rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.rows.len()
    }

    /// The map as text, one line for each row.
    #[must_use]
    pub fn text(&self, set: CharacterSet) -> String {
        let line = |row: &Vec<Cell>| {
            let line: String = row.iter().map(|cell| cell.symbol(set)).collect();
            format!("{}\n", line.trim_end())
        };
        self.rows.iter().map(line).collect()
    }

    /// Writes a text; a character that does not have the width of one column becomes `?`.
    pub(super) fn write(&mut self, (x, y): (usize, usize), text: &str, tone: Tone, is_selected: bool) {
        for (at, c) in text.chars().enumerate() {
            let c = if c.width() == Some(1) { c } else { '?' };
            let glyph = if c == ' ' { Glyph::Blank } else { Glyph::Char(c) };
            self.put(x + at, y, Cell { glyph, tone, is_selected });
        }
    }

    pub(super) fn put(&mut self, x: usize, y: usize, cell: Cell) {
        if let Some(place) = self.cell(x, y) {
            *place = cell;
        }
    }

    /// A horizontal line between the middles of two cells.
    pub(super) fn across(&mut self, from: usize, to: usize, y: usize, is_selected: bool) {
        for x in from..to {
            self.extend(x, y, Self::RIGHT, is_selected);
            self.extend(x + 1, y, Self::LEFT, is_selected);
        }
    }

    /// A vertical line between the middles of two cells.
    pub(super) fn down(&mut self, x: usize, from: usize, to: usize, is_selected: bool) {
        for y in from..to {
            self.extend(x, y, Self::DOWN, is_selected);
            self.extend(x, y + 1, Self::UP, is_selected);
        }
    }

    fn extend(&mut self, x: usize, y: usize, side: u8, is_selected: bool) {
        if let Some(cell) = self.cell(x, y) {
            let sides = if let Glyph::Line(sides) = cell.glyph { sides } else { 0 };
            let is_selected = cell.is_selected || is_selected;
            *cell = Cell { glyph: Glyph::Line(sides | side), tone: Tone::Muted, is_selected };
        }
    }

    fn cell(&mut self, x: usize, y: usize) -> Option<&mut Cell> {
        if self.rows.len() <= y {
            self.rows.resize_with(y + 1, Vec::new);
        }
        let row = self.rows.get_mut(y)?;
        if row.len() <= x {
            row.resize(x + 1, Cell::default());
        }
        row.get_mut(x)
    }
}
