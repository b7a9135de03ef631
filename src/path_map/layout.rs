//! The places of components, lines and texts on the grid. Components with the same number of steps before them have the same column.

use std::cell::Cell as Counter;

use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter, wrap};
use unicode_width::UnicodeWidthStr as _;

use super::Selected;
use super::grid::{Cell, Glyph, Grid, Tone};
use super::labels::{Detail, Place};
use super::named::{Kind, Part, rule_of};
use super::path::Mark;

/// The columns between two components: a space, a line, the junction, a line, a space.
const GAP: usize = 5;
/// The distance of the junction from the component after it.
const JUNCTION: usize = 3;
/// The least width of the text of an end, and the least on a map with short names.
const END: (usize, usize) = (30, 22);
/// The greatest width of the text of an end.
const WIDEST_END: usize = 72;
/// The greatest number of lines of the destinations, and of the rule, on a map without room for all of them.
const LINES: (usize, usize) = (3, 4);
/// The greatest number of lines of destinations beside a branch; more are below it.
const BESIDE: usize = 2;

/// A line of text, its meaning, and whether it is highlighted.
type Row = (String, Tone, bool);

/// The room below a branch: the first column that no line to another branch crosses, and the rows that text at its left takes.
#[derive(Clone, Copy, Default)]
struct Below {
    column: usize,
    rows: usize,
}

/// A part of the map with its size.
struct Block<'a> {
    part: &'a Part,
    /// The lines of text, each with its meaning and whether it is highlighted.
    rows: Vec<Row>,
    /// The first column of the lines below the branch, and the number of lines beside it.
    below: (usize, usize),
    /// The number of rows that a line enters: one for each subnet, one for anything else.
    entries: usize,
    behind: Vec<Block<'a>>,
    is_selected: bool,
}

impl Block<'_> {
    fn height(&self) -> usize {
        self.rows.len().max(self.behind.iter().map(Block::height).sum()).max(1)
    }
}

/// The places on one map.
struct Layout<'a> {
    detail: Detail,
    selected: Option<Selected<'a>>,
    /// The first column of the components by the number of steps before them.
    columns: Vec<usize>,
    width: usize,
    /// The greatest number of lines of the destinations, and of the rule.
    lines: (usize, usize),
    place: Place,
    /// The number of texts below branches so far.
    notes: Counter<usize>,
}

pub(super) fn layout(
    service: &str,
    parts: &[Part],
    detail: Detail,
    selected: Option<Selected<'_>>,
    width: usize,
    (are_complete, place): (bool, Place),
) -> Grid {
    let root = if detail >= Detail::Brief { "" } else { service };
    let mut widths = Vec::new();
    measure(parts, 0, &mut widths);
    let mut at = if root.is_empty() { 0 } else { root.width() + GAP };
    let mut columns = Vec::new();
    for width in widths.into_iter().chain([0]) {
        columns.push(at);
        at += width + GAP;
    }
    let lines = if are_complete { (usize::MAX, usize::MAX) } else { LINES };
    let layout = Layout { detail, selected, columns, width, lines, place, notes: Counter::new(0) };
    let blocks = layout.blocks(parts, 0, selected.is_some(), Below::default());
    let mut grid = Grid::default();
    let is_selected = blocks.iter().any(|block| block.is_selected);
    grid.write((0, 0), root, Tone::Name, is_selected);
    let source = (!root.is_empty()).then_some((root.width(), 0, is_selected));
    layout.draw(&blocks, 0, 0, &source.into_iter().collect::<Vec<_>>(), &mut grid);
    grid
}

/// The greatest width of a component by the number of steps before it.
fn measure(parts: &[Part], depth: usize, widths: &mut Vec<usize>) {
    for part in parts {
        let longest = match &part.kind {
            Kind::Component { name, .. } => name.width(),
            Kind::Subnets(rows) => rows.iter().map(|(text, _)| text.width()).max().unwrap_or(0),
            Kind::End { .. } => 0,
        };
        if widths.len() <= depth {
            widths.resize(depth + 1, 0);
        }
        if let Some(width) = widths.get_mut(depth) {
            *width = longest.max(*width);
        }
        measure(&part.behind, depth + 1, widths);
    }
}

impl Layout<'_> {
    fn column(&self, depth: usize) -> usize {
        self.columns.get(depth).or(self.columns.last()).copied().unwrap_or(0)
    }

    /// `is_inside`: whether the highlighted path goes through the part before these.
    fn blocks<'b>(
        &self,
        parts: &'b [Part],
        depth: usize,
        is_inside: bool,
        mut below: Below,
    ) -> Vec<Block<'b>> {
        let count = parts.len();
        let mut blocks = Vec::new();
        for (place, part) in parts.iter().enumerate() {
            let is_last = place + 1 == count;
            let crossed = (self.column(depth).saturating_sub(JUNCTION) + 2).max(below.column);
            let own = Below { column: if is_last { below.column } else { crossed }, ..below };
            let block = self.block(part, depth, is_inside, own);
            below.rows = below.rows.saturating_sub(block.height());
            blocks.push(block);
        }
        blocks
    }

    fn block<'b>(&self, part: &'b Part, depth: usize, is_inside: bool, below: Below) -> Block<'b> {
        let is_selected = is_inside
            && self.selected.is_some_and(|selected| part.contains(selected.subnet, selected.finding));
        let mut beside = usize::MAX;
        let rows = match &part.kind {
            Kind::Component { name, is_new } => {
                vec![(name.clone(), if *is_new { Tone::Good } else { Tone::Name }, is_selected)]
            }
            Kind::Subnets(rows) => {
                let own = self.selected.and_then(|selected| selected.subnet);
                let is_own = |ids: &[_]| own.is_some_and(|id| ids.contains(id));
                let row =
                    |(text, ids): &(String, Vec<_>)| (text.clone(), Tone::Name, is_selected && is_own(ids));
                rows.iter().map(row).collect()
            }
            Kind::End { mark, names, rules, .. } => {
                let selected = self.selected.filter(|_| is_selected);
                let selected = selected.map(|selected| (selected.subnet, selected.finding));
                let rule = rule_of(rules, selected);
                match self.place {
                    Place::Beside => self.end((*mark, is_selected), names, rule, depth),
                    Place::Below => {
                        let (rows, above) = self.end_below((*mark, is_selected), names, rule, depth, below);
                        beside = above;
                        rows
                    }
                }
            }
        };
        let entries = if matches!(part.kind, Kind::Subnets(_)) { rows.len() } else { 1 };
        let inner = Below { rows: below.rows.max(rows.len()), ..below };
        let behind = self.blocks(&part.behind, depth + 1, is_selected, inner);
        Block { part, rows, below: (below.column, beside), entries, behind, is_selected }
    }

    /// The lines of an end: the destinations, and the rule that decides.
    fn end(&self, (mark, is_selected): (Mark, bool), names: &str, rule: &str, depth: usize) -> Vec<Row> {
        let least = if self.detail >= Detail::Brief { END.1 } else { END.0 };
        let room = self.room(depth).clamp(least, WIDEST_END);
        // A name that does not fit makes the map too wide, so that one with shorter ids is tried.
        let breaks = self.detail == Detail::Least;
        let mut rows: Vec<_> =
            limited(names, room, self.lines.0, breaks).map(|line| (line, tone(mark), is_selected)).collect();
        rows.extend(limited(rule, room, self.lines.1, breaks).map(|line| (line, Tone::Muted, false)));
        rows
    }

    /// The same with the rule below the branch, and the number of lines beside it. The destinations are there too if they have many
    /// lines beside it.
    fn end_below(
        &self,
        (mark, is_selected): (Mark, bool),
        names: &str,
        rule: &str,
        depth: usize,
        below: Below,
    ) -> (Vec<Row>, usize) {
        let row = |line: String| (line, tone(mark), is_selected);
        let room = self.width.saturating_sub(below.column).max(1);
        let beside: Vec<String> = limited(names, self.room(depth).max(1), usize::MAX, false).collect();
        let fits = beside.len() <= BESIDE && beside.iter().all(|line| line.width() <= self.room(depth));
        let mut rows: Vec<Row> = if fits { beside.into_iter().map(row).collect() } else { Vec::new() };
        // The same number beside the branch and at the names below it.
        let number = self.notes.get() + 1;
        let number = if self.room(depth) < 3 { number.to_string() } else { format!("({number})") };
        let is_numbered = !fits && number.width() <= self.room(depth);
        if is_numbered {
            self.notes.set(self.notes.get() + 1);
            rows.push(row(number.clone()));
        }
        let used = rows.len().max(below.rows);
        rows.resize(used, (String::new(), Tone::Muted, false));
        if !fits {
            let names = if is_numbered { format!("{number} {names}") } else { names.to_owned() };
            rows.extend(limited(&names, room, self.lines.0, true).map(row));
        }
        rows.extend(limited(rule, room, self.lines.1, true).map(|line| (line, Tone::Muted, false)));
        // Nothing is below the branch: the rows at its left are not its own.
        if rows.len() == used {
            rows.truncate(rows.iter().take_while(|(text, ..)| !text.is_empty()).count().max(1));
        }
        (rows, used)
    }

    /// The columns at the right of a branch.
    fn room(&self, depth: usize) -> usize {
        self.width.saturating_sub(self.column(depth) + 2)
    }

    /// Draws blocks below each other. `sources` are the ends of the texts before them, where their lines begin: column, row, and
    /// whether the highlighted path leaves there.
    fn draw(
        &self,
        blocks: &[Block<'_>],
        depth: usize,
        top: usize,
        sources: &[(usize, usize, bool)],
        grid: &mut Grid,
    ) {
        let x = self.column(depth);
        let junction = x.saturating_sub(JUNCTION);
        let mut y = top;
        let mut places = Vec::new();
        for block in blocks {
            let entries = block.rows.iter().take(block.entries).enumerate();
            places.extend(entries.map(|(row, (.., is_selected))| {
                let is_end = matches!(block.part.kind, Kind::End { .. });
                (y + row, *is_selected && block.is_selected, is_end)
            }));
            y += block.height();
        }
        if !sources.is_empty() {
            lines(sources, &places, junction, x, grid);
        }
        let mut y = top;
        for block in blocks {
            self.draw_block(block, depth, (x, y), grid);
            y += block.height();
        }
    }

    fn draw_block(&self, block: &Block<'_>, depth: usize, (x, y): (usize, usize), grid: &mut Grid) {
        if let Kind::End { mark, .. } = &block.part.kind {
            let glyph = match mark {
                Mark::Reached => Glyph::Arrow,
                Mark::Blocked => Glyph::Char('x'),
                Mark::Partial => Glyph::Char('~'),
                Mark::Unknown => Glyph::Char('?'),
            };
            let cell = Cell { glyph, tone: tone(*mark), is_selected: block.is_selected };
            grid.put(x.saturating_sub(1), y, cell);
            let (below, beside) = block.below;
            for (row, (text, tone, is_selected)) in block.rows.iter().enumerate() {
                let column = if row < beside { x + 1 } else { below };
                grid.write((column, y + row), text, *tone, *is_selected);
            }
            return;
        }
        let mut sources = Vec::new();
        for (row, (text, tone, is_selected)) in block.rows.iter().enumerate() {
            grid.write((x, y + row), text, *tone, *is_selected);
            sources.push((x + text.width(), y + row, *is_selected));
        }
        self.draw(&block.behind, depth + 1, y, &sources, grid);
    }
}

/// The lines between the ends of texts and the components after them, through one junction column. The highlighted path comes last,
/// on top of the others.
fn lines(
    sources: &[(usize, usize, bool)],
    places: &[(usize, bool, bool)],
    junction: usize,
    x: usize,
    grid: &mut Grid,
) {
    let rows = || sources.iter().map(|(_, y, _)| *y).chain(places.iter().map(|(y, ..)| *y));
    let (top, bottom) = (rows().min().unwrap_or(0), rows().max().unwrap_or(0));
    grid.down(junction, top, bottom, false);
    let leaves = sources.iter().find(|(.., is_selected)| *is_selected);
    let arrives = places.iter().find(|(_, is_selected, _)| *is_selected);
    let end = |is_end: bool| x.saturating_sub(if is_end { 1 } else { 2 });
    for (from, y, _) in sources {
        grid.across(from + 1, junction, *y, false);
    }
    for (y, _, is_end) in places {
        grid.across(junction, end(*is_end), *y, false);
    }
    if let (Some((from, leaving, _)), Some((arriving, _, is_end))) = (leaves, arrives) {
        grid.across(from + 1, junction, *leaving, true);
        grid.down(junction, (*leaving).min(*arriving), (*leaving).max(*arriving), true);
        grid.across(junction, end(*is_end), *arriving, true);
    }
}

fn tone(mark: Mark) -> Tone {
    match mark {
        Mark::Reached => Tone::Good,
        Mark::Blocked => Tone::Bad,
        Mark::Partial | Mark::Unknown => Tone::Doubt,
    }
}

/// The text in at most `most` lines; three dots show that text is missing. `breaks` divides a word that is longer than a line: a host
/// after a dot. If its lines are too many, the word is shortened in the middle, because a host ends with its port.
fn limited(text: &str, width: usize, most: usize, breaks: bool) -> impl Iterator<Item = String> {
    let mut lines = divided(text, width, breaks);
    if lines.len() > most && breaks {
        let short: Vec<String> = text.split(' ').map(|word| without_middle(word, width)).collect();
        lines = divided(&short.join(" "), width, breaks);
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            while last.width() + 3 > width && last.pop().is_some() {}
            last.push_str("...");
        }
    }
    lines.into_iter()
}

/// The lines of a text. Ids are not divided.
fn divided(text: &str, width: usize, breaks: bool) -> Vec<String> {
    let is_long = text.split(' ').any(|word| word.width() > width);
    let options = Options::new(width)
        .word_separator(if breaks && is_long {
            WordSeparator::Custom(parts_of_hosts)
        } else {
            WordSeparator::AsciiSpace
        })
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(breaks);
    let lines = wrap(text, options).into_iter().map(std::borrow::Cow::into_owned);
    lines.filter(|line| !line.is_empty()).collect()
}

/// The words of a text; a long host is divided after its dots.
fn parts_of_hosts(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    Box::new(WordSeparator::AsciiSpace.find_words(line).flat_map(|word| {
        if word.word.width() <= END.1 {
            return vec![word];
        }
        let mut parts: Vec<Word<'_>> = word.word.split_inclusive('.').map(Word::from).collect();
        if let Some(last) = parts.last_mut() {
            last.whitespace = word.whitespace;
        }
        parts
    }))
}

/// `bond-db...naws.com:5432`
fn without_middle(word: &str, width: usize) -> String {
    let count = word.chars().count();
    if word.width() <= width || width < 10 {
        return word.to_owned();
    }
    let tail = (width - 3) / 2;
    let head = width - 3 - tail;
    let start: String = word.chars().take(head).collect();
    let end: String = word.chars().skip(count.saturating_sub(tail)).collect();
    format!("{start}...{end}")
}
