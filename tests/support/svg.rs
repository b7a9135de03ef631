//! A screen as an SVG picture, and several screens as an animation. The same screen always gives the same text.
//!
//! Each distinct row is defined once. Lines of boxes and dots of charts are drawn as shapes, so that no font is needed for them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// The size of a cell.
const CELL: (f32, f32) = (8.4, 18.0);
/// The space around the screen.
const MARGIN: f32 = 12.0;
const BACKGROUND: &str = "#1b1f27";
const FOREGROUND: &str = "#d5dae3";

/// The colours of a terminal with a dark background, in the order of their numbers.
const PALETTE: [&str; 16] = [
    "#3b4252", "#f07178", "#8ccf7e", "#e5c76b", "#67b0e8", "#c47fd5", "#6cd0ca", "#b8c0cc", "#7d8796",
    "#ff8b92", "#a5e08f", "#f0d98c", "#8cc8f5", "#d9a0e6", "#8be3dd", "#ffffff",
];

/// One screen.
pub fn still(screen: &Buffer) -> String {
    let mut rows = Rows::default();
    let body = frame(screen, &mut rows);
    document(screen, "", &rows, &body)
}

/// Screens that follow each other, each with the seconds for which it is visible. It repeats. A viewer without animation, or a reader who
/// asks for less motion, sees the first one.
pub fn animation(screens: &[(Buffer, u32)]) -> String {
    let total: u32 = screens.iter().map(|(_, seconds)| seconds).sum();
    let percent = |seconds: u32| format!("{:.3}%", f64::from(seconds) * 100.0 / f64::from(total));
    let mut rows = Rows::default();
    let (mut style, mut body) = (String::new(), String::new());
    let mut begin = 0;
    style.push_str("@media (prefers-reduced-motion:no-preference){");
    let _ = write!(style, "g.f{{visibility:hidden;animation:{total}s step-end infinite}}");
    for (number, (screen, seconds)) in screens.iter().enumerate() {
        let (from, to) = (percent(begin), percent(begin + seconds));
        let hidden = if begin == 0 { String::new() } else { "0%{visibility:hidden}".to_owned() };
        let _ = write!(
            style,
            "#f{number}{{animation-name:k{number}}}@keyframes k{number}{{{hidden}{from}{{visibility:visible}}{to}{{visibility:hidden}}}}"
        );
        let visibility = if number == 0 { "" } else { " visibility=\"hidden\"" };
        let _ =
            write!(body, "<g id=\"f{number}\" class=\"f\"{visibility}>\n{}</g>\n", frame(screen, &mut rows));
        begin += seconds;
    }
    style.push('}');
    document(&screens[0].0, &style, &rows, &body)
}

/// The distinct rows, in the order in which they are first used.
#[derive(Default)]
struct Rows {
    numbers: BTreeMap<String, usize>,
    definitions: String,
}

impl Rows {
    fn number(&mut self, row: String) -> usize {
        let next = self.numbers.len();
        *self.numbers.entry(row).or_insert_with_key(|row| {
            let _ = writeln!(self.definitions, "<g id=\"r{next}\">{row}</g>");
            next
        })
    }
}

fn document(screen: &Buffer, style: &str, rows: &Rows, body: &str) -> String {
    let width = f32::from(screen.area.width) * CELL.0 + 2.0 * MARGIN;
    let height = f32::from(screen.area.height) * CELL.1 + 2.0 * MARGIN;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\">\n\
         <style>text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace;\
         white-space:pre}}{style}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n\
         <defs>\n{}</defs>\n{body}</svg>\n",
        rows.definitions
    )
}

/// The rows of a screen, each at its place.
fn frame(screen: &Buffer, rows: &mut Rows) -> String {
    let mut body = String::new();
    for y in 0..screen.area.height {
        let cells: Vec<&Cell> = (0..screen.area.width).map(|x| &screen[(x, y)]).collect();
        let row = row(&cells);
        if !row.is_empty() {
            let number = rows.number(row);
            let _ = writeln!(
                body,
                "<use href=\"#r{number}\" x=\"{MARGIN:.0}\" y=\"{:.0}\"/>",
                MARGIN + f32::from(y) * CELL.1
            );
        }
    }
    body
}

/// How a cell is drawn.
#[derive(Clone, PartialEq)]
struct Look {
    foreground: &'static str,
    background: &'static str,
    modifier: Modifier,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let (mut foreground, mut background) = (colour(cell.fg, FOREGROUND), colour(cell.bg, BACKGROUND));
        if cell.modifier.contains(Modifier::REVERSED) {
            (foreground, background) = (background, foreground);
        }
        let shown = Modifier::BOLD | Modifier::UNDERLINED | Modifier::DIM;
        Self { foreground, background, modifier: cell.modifier & shown }
    }
}

fn colour(colour: Color, default: &'static str) -> &'static str {
    let number = match colour {
        Color::Reset => return default,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        other => panic!("{other:?} has no place in a picture: pictures use the theme ansi"),
    };
    PALETTE[number]
}

/// The shapes and the text of a row.
fn row(cells: &[&Cell]) -> String {
    let mut shapes = String::new();
    let mut from = 0;
    while from < cells.len() {
        let look = Look::of(cells[from]);
        let end = (from..cells.len()).find(|at| Look::of(cells[*at]) != look).unwrap_or(cells.len());
        shapes.push_str(&background(&look, from, end));
        shapes.push_str(&lines(&cells[from..end], from, &look));
        shapes.push_str(&texts(&cells[from..end], from, &look));
        from = end;
    }
    shapes
}

fn x(column: usize) -> f32 {
    f32::from(u16::try_from(column).unwrap()) * CELL.0
}

fn background(look: &Look, from: usize, end: usize) -> String {
    if look.background == BACKGROUND {
        return String::new();
    }
    let (left, width) = (x(from), x(end) - x(from));
    format!(
        "<rect x=\"{left:.1}\" width=\"{width:.1}\" height=\"{:.0}\" fill=\"{}\"/>",
        CELL.1, look.background
    )
}

/// The arms of a character of a box: left, right, up, down; and whether it is heavy.
fn arms(symbol: &str) -> Option<([bool; 4], bool)> {
    const SHAPES: [(char, char, [bool; 4]); 11] = [
        ('─', '━', [true, true, false, false]),
        ('│', '┃', [false, false, true, true]),
        ('┌', '┏', [false, true, false, true]),
        ('┐', '┓', [true, false, false, true]),
        ('└', '┗', [false, true, true, false]),
        ('┘', '┛', [true, false, true, false]),
        ('├', '┣', [false, true, true, true]),
        ('┤', '┫', [true, false, true, true]),
        ('┬', '┳', [true, true, false, true]),
        ('┴', '┻', [true, true, true, false]),
        ('┼', '╋', [true, true, true, true]),
    ];
    let drawn = symbol.chars().next()?;
    let shape = SHAPES.iter().find(|(light, heavy, _)| drawn == *light || drawn == *heavy)?;
    Some((shape.2, drawn == shape.1))
}

/// The lines of boxes and the dots of charts, as one path each.
fn lines(cells: &[&Cell], from: usize, look: &Look) -> String {
    let (mut light, mut heavy, mut dots) = (String::new(), String::new(), String::new());
    let (middle, height) = (CELL.1 / 2.0, CELL.1);
    let mut at = 0;
    while at < cells.len() {
        let symbol = cells[at].symbol();
        let (left, centre) = (x(from + at), x(from + at) + CELL.0 / 2.0);
        let mut next = at + 1;
        if let Some(([west, east, north, south], is_heavy)) = arms(symbol) {
            let lines = if is_heavy { &mut heavy } else { &mut light };
            let start = if west { left } else { centre };
            let mut end = if east { x(from + at + 1) } else { centre };
            while matches!(symbol, "─" | "━") && cells.get(next).is_some_and(|cell| cell.symbol() == symbol)
            {
                next += 1;
                end = x(from + next);
            }
            if west || east {
                let _ = write!(lines, "M{start:.1} {middle}H{end:.1}");
            }
            if north || south {
                let (top, bottom) = (if north { 0.0 } else { middle }, if south { height } else { middle });
                let _ = write!(lines, "M{centre:.1} {top}V{bottom}");
            }
        } else if let Some(pattern) = braille(symbol) {
            for dot in (0..8).filter(|dot| pattern & (1 << dot) != 0) {
                let (column, line) = if dot < 6 { (dot / 3, dot % 3) } else { (dot - 6, 3) };
                let (across, down) =
                    (f32::from(u8::try_from(column).unwrap()), f32::from(u8::try_from(line).unwrap()));
                let (dot_x, dot_y) = (left + 1.1 + across * CELL.0 / 2.0, 1.3 + down * CELL.1 / 4.0);
                let _ = write!(dots, "M{dot_x:.1} {dot_y:.1}h2v2h-2z");
            }
        }
        at = next;
    }
    let colour = look.foreground;
    let mut shapes = String::new();
    for (lines, width) in [(light, ""), (heavy, " stroke-width=\"2.5\"")] {
        if !lines.is_empty() {
            let _ = write!(shapes, "<path d=\"{lines}\" stroke=\"{colour}\"{width}/>");
        }
    }
    if !dots.is_empty() {
        let _ = write!(shapes, "<path d=\"{dots}\" fill=\"{colour}\"/>");
    }
    shapes
}

fn braille(symbol: &str) -> Option<u32> {
    let code = u32::from(symbol.chars().next()?);
    (0x2800..0x2900).contains(&code).then(|| code - 0x2800)
}

/// The words, each at its place and with its width, so that every font gives the same columns.
fn texts(cells: &[&Cell], from: usize, look: &Look) -> String {
    let mut texts = String::new();
    let is_drawn = |cell: &Cell| arms(cell.symbol()).is_some() || braille(cell.symbol()).is_some();
    let is_blank = |at: usize| cells.get(at).is_none_or(|cell| cell.symbol() == " " || is_drawn(cell));
    let mut at = 0;
    while at < cells.len() {
        if is_blank(at) {
            at += 1;
            continue;
        }
        // One space is a part of the text; two are a gap.
        let mut end = at + 1;
        while !is_blank(end) || (end + 1 < cells.len() && cells[end].symbol() == " " && !is_blank(end + 1)) {
            end += 1;
        }
        let text: String = cells[at..end].iter().map(|cell| cell.symbol()).collect();
        let mut style = String::new();
        if look.modifier.contains(Modifier::BOLD) {
            style.push_str(" font-weight=\"700\"");
        }
        if look.modifier.contains(Modifier::UNDERLINED) {
            style.push_str(" text-decoration=\"underline\"");
        }
        if look.modifier.contains(Modifier::DIM) {
            style.push_str(" opacity=\".6\"");
        }
        let _ = write!(
            texts,
            "<text x=\"{:.1}\" y=\"13.5\" textLength=\"{:.1}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\"{style}>{}</text>",
            x(from + at),
            x(end) - x(at),
            look.foreground,
            escaped(&text)
        );
        at = end;
    }
    texts
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
