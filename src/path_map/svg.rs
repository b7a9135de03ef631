//! The map as SVG, for the report. Lines are drawn as lines; texts have a fixed width for each character, so that they stay in place
//! with any font.

use std::fmt::Write as _;

use super::grid::{Cell, CharacterSet, Glyph, Grid, Tone};
use crate::text::one_line;

/// The width and the height of a cell, in pixels.
const CELL: (usize, usize) = (8, 18);
/// The margin on each side, in pixels.
const MARGIN: usize = 12;

/// Maps below each other, each with a heading.
#[must_use]
pub fn svg(title: &str, maps: &[(&str, &Grid)]) -> String {
    let columns =
        maps.iter().map(|(heading, grid)| grid.width().max(heading.chars().count())).max().unwrap_or(0);
    let rows: usize = maps.iter().map(|(_, grid)| grid.height() + 3).sum();
    let (width, height) = (columns * CELL.0 + 2 * MARGIN, rows * CELL.1 + 2 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n<rect width=\"100%\" height=\"100%\" class=\"back\"/>\n",
        escape(title)
    );
    let mut top = 0;
    for (heading, grid) in maps {
        text(&mut out, (0, top), heading, "name bold");
        for (row, cells) in grid.rows().iter().enumerate() {
            row_of(&mut out, top + 2 + row, cells);
        }
        top += grid.height() + 3;
    }
    out.push_str("</svg>\n");
    out
}

/// Readable on a light and on a dark page.
const STYLE: &str = "text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre}\
    .bold{font-weight:bold}.back{fill:#ffffff}.muted{fill:#59636e}.name{fill:#1f2328}.good{fill:#1a7f37}.bad{fill:#cf222e}\
    .doubt{fill:#9a6700}path{stroke:#8c959f;fill:none}path.bold{stroke:#1f2328;stroke-width:2.5}\
    @media(prefers-color-scheme:dark){.back{fill:#0d1117}.muted{fill:#9198a1}.name{fill:#f0f6fc}.good{fill:#3fb950}\
    .bad{fill:#f85149}.doubt{fill:#d29922}path{stroke:#656c76}path.bold{stroke:#f0f6fc}}";

fn row_of(out: &mut String, y: usize, cells: &[Cell]) {
    let mut x = 0;
    while let Some(cell) = cells.get(x) {
        match cell.glyph {
            Glyph::Blank => x += 1,
            Glyph::Line(_) => {
                let (path, length) = path(cells, (x, y));
                let class = if cell.is_selected { " class=\"bold\"" } else { "" };
                let _ = writeln!(out, "<path d=\"{path}\"{class}/>");
                x += length;
            }
            Glyph::Arrow | Glyph::Char(_) => {
                let run = run(cells.get(x..).unwrap_or_default());
                let content: String = run.iter().map(|cell| cell.symbol(CharacterSet::Unicode)).collect();
                let bold = if cell.is_selected || cell.tone == Tone::Bad { " bold" } else { "" };
                text(out, (x, y), content.trim_end(), &format!("{}{bold}", class(cell.tone)));
                x += run.len().max(1);
            }
        }
    }
}

/// The cells of one text: characters and single spaces of the same meaning.
fn run(cells: &[Cell]) -> &[Cell] {
    let first = cells.first().copied().unwrap_or_default();
    let is_text = |cell: &Cell| matches!(cell.glyph, Glyph::Char(_) | Glyph::Arrow);
    let same = |cell: &Cell| cell.tone == first.tone && cell.is_selected == first.is_selected;
    let mut length = 0;
    for (at, cell) in cells.iter().enumerate() {
        if is_text(cell) && same(cell) {
            length = at + 1;
        } else if cell.glyph != Glyph::Blank || at > length {
            break;
        }
    }
    cells.get(..length).unwrap_or_default()
}

fn text(out: &mut String, (x, y): (usize, usize), content: &str, class: &str) {
    let (left, base) = (MARGIN + x * CELL.0, MARGIN + y * CELL.1 + 14);
    let length = content.chars().count() * CELL.0;
    let _ = writeln!(
        out,
        "<text x=\"{left}\" y=\"{base}\" class=\"{class}\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\">{}</text>",
        escape(content)
    );
}

/// The lines of neighbouring cells, and the number of cells.
fn path(cells: &[Cell], (x, y): (usize, usize)) -> (String, usize) {
    let first = cells.get(x).is_some_and(|cell| cell.is_selected);
    let mut path = String::new();
    let mut length = 0;
    for cell in cells.iter().skip(x) {
        let Glyph::Line(sides) = cell.glyph else { break };
        if cell.is_selected != first {
            break;
        }
        let (left, top) = (MARGIN + (x + length) * CELL.0, MARGIN + y * CELL.1);
        let (middle, centre) = (left + CELL.0 / 2, top + CELL.1 / 2);
        for (side, end) in [
            (Grid::UP, format!("V{top}")),
            (Grid::DOWN, format!("V{}", top + CELL.1)),
            (Grid::LEFT, format!("H{left}")),
            (Grid::RIGHT, format!("H{}", left + CELL.0)),
        ] {
            if sides & side != 0 {
                let _ = write!(path, "M{middle} {centre}{end}");
            }
        }
        length += 1;
    }
    (path, length.max(1))
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Muted => "muted",
        Tone::Name => "name",
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Doubt => "doubt",
    }
}

/// The text in one line, without meaning for XML.
fn escape(text: &str) -> String {
    one_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
