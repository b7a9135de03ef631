//! The pane with the diff of the planned files: hunk by hunk, or the old and the new file side by side, with line numbers.
//!
//! Draws what `terraform::diff` compared. Computes no diff.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::Theme;
use super::frame::{scrolled, step_pane};
use super::list::filtered_title;
use super::side_by_side::pairs;
use super::text::{fit, tidy};
use crate::app::{Filter, Pane, PlannedEdit, Scroll};
use crate::terraform::diff::{DiffLine, FileDiff, LineKind};

/// `A` for a new file, `M` for a changed file, as in `git status`.
pub(super) fn letter(file: &FileDiff) -> char {
    if file.new { 'A' } else { 'M' }
}

/// The selected file and the next files. The title has the hunk at the top and the numbers of lines.
pub(super) fn draw(edit: &PlannedEdit, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let Some(file) = edit.diff() else { return };
    let (at, count) = edit.hunk();
    let (found, all) = edit.match_at_top();
    let title = format!("{}  hunk {at} of {count}", summary(file));
    let title = filtered_title(&title, &edit.search, found, all);
    let width = usize::from(area.width).saturating_sub(2);
    let wide = edit.is_side_by_side && width >= SIDE_BY_SIDE;
    let rows = |file: &FileDiff| {
        // A new file has no old lines.
        let mut rows = if wide && !file.new { beside(file, width, theme) } else { hunks(file, width, theme) };
        for line in rows.iter_mut().flat_map(|(_, lines)| lines) {
            mark_matches(line, &edit.search, theme);
        }
        rows
    };
    let mut lines: Vec<((usize, usize), Vec<Line<'static>>)> =
        rows(file).into_iter().map(|(last, lines)| ((edit.file, last), lines)).collect();
    for (number, next) in edit.diffs.iter().enumerate().skip(edit.file + 1) {
        let title = fit(&summary(next), width, theme);
        let title = Line::styled(title, Style::new().add_modifier(Modifier::BOLD));
        // With the first line of the file at the top, the title of the pane replaces this one.
        lines.push(((number, 0), vec![Line::default(), title]));
        lines.extend(rows(next).into_iter().map(|(last, lines)| ((number, last), lines)));
    }
    edit.end.set(end_of(&lines, usize::from(area.height).saturating_sub(2)));
    let here = (edit.file, edit.scroll);
    let first = lines.iter().position(|(place, _)| *place >= here).unwrap_or(lines.len());
    let lines = lines.into_iter().skip(first).flat_map(|(_, lines)| lines).collect();
    let focused = edit.pane == Pane::Detail;
    let block = step_pane(&title, focused, theme, area);
    // The lines above are not drawn, so that a bar would show a wrong place. The title counts the hunks.
    scrolled((block, None), lines, &Scroll::default(), theme, area, frame);
}

/// The first place from which all lines fit into the height.
fn end_of(lines: &[((usize, usize), Vec<Line<'_>>)], height: usize) -> Option<(usize, usize)> {
    let mut used = 0;
    let fits = |(_, rows): &&((usize, usize), Vec<Line<'_>>)| {
        used += rows.len();
        used <= height
    };
    lines.iter().rev().take_while(fits).last().map(|(place, _)| *place)
}

/// Highlights the text of the search in a line on the screen.
fn mark_matches(line: &mut Line<'static>, search: &Filter, theme: &Theme) {
    let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
    let Some(found) = search.found_in(&text) else { return };
    let mut at = 0;
    let mut spans = Vec::new();
    for span in line.spans.drain(..) {
        let (start, end) = (at, at + span.content.len());
        at = end;
        let cut = |place: usize| place.clamp(start, end) - start;
        let (from, to) = (cut(found.start), cut(found.end));
        let parts = [(0..from, false), (from..to, true), (to..end - start, false)];
        for (range, is_found) in parts {
            let Some(part) = span.content.get(range).filter(|part| !part.is_empty()) else { continue };
            let style = if is_found { span.style.patch(theme.selected) } else { span.style };
            spans.push(Span::styled(part.to_owned(), style));
        }
    }
    line.spans = spans;
}

/// `M data-sources.tf +10 -0`
fn summary(file: &FileDiff) -> String {
    let (added, removed) = (file.count(LineKind::Added), file.count(LineKind::Removed));
    format!("{} {}  +{added} -{removed}", letter(file), file.path.display())
}

/// Lines on the screen, with the number of their last line in the diff.
type Rows = Vec<(usize, Vec<Line<'static>>)>;

/// The least width of a diff with the old and the new file side by side.
const SIDE_BY_SIDE: usize = 88;

/// The hunks of a file with the old lines at the left and the new lines at the right.
fn beside(file: &FileDiff, width: usize, theme: &Theme) -> Rows {
    let digits = digits(file);
    let half = width.saturating_sub(1) / 2;
    let mut rows = Vec::new();
    let mut start = 0;
    for hunk in &file.hunks {
        rows.push((start, vec![Line::styled(fit(&hunk.header, width, theme), theme.muted)]));
        for pair in pairs(&hunk.lines) {
            let side = |line: Option<&DiffLine>, is_old: bool| match line {
                Some(line) => code(&numbered(line, is_old), digits, half, theme),
                None => Vec::new(),
            };
            let (old, new) = (side(pair.old, true), side(pair.new, false));
            let lines = (0..old.len().max(new.len())).map(|at| joined(old.get(at), new.get(at), half, theme));
            rows.push((start + 1 + pair.last, lines.collect()));
        }
        start += 1 + hunk.lines.len();
    }
    rows
}

/// The line with its number in the old or in the new file.
fn numbered(line: &DiffLine, is_old: bool) -> DiffLine {
    let number = line.old_number.filter(|_| is_old).unwrap_or(line.number);
    DiffLine { number, ..line.clone() }
}

/// A line of the old file, a separator, and a line of the new file.
fn joined(
    old: Option<&Line<'static>>,
    new: Option<&Line<'static>>,
    half: usize,
    theme: &Theme,
) -> Line<'static> {
    let mut spans = old.map(|line| line.spans.clone()).unwrap_or_default();
    let used: usize = spans.iter().map(|span| span.content.width()).sum();
    spans.push(Span::raw(" ".repeat(half.saturating_sub(used))));
    spans.push(Span::styled("|", theme.muted));
    spans.extend(new.map(|line| line.spans.clone()).unwrap_or_default());
    Line::from(spans)
}

/// The number of digits of the line numbers.
fn digits(file: &FileDiff) -> usize {
    let last = file.hunks.iter().flat_map(|hunk| &hunk.lines).map(|line| line.number).max().unwrap_or(0);
    last.to_string().len()
}

/// The hunks of a file: for each line of the diff, its lines on the screen.
fn hunks(file: &FileDiff, width: usize, theme: &Theme) -> Rows {
    let digits = digits(file);
    let mut lines = Vec::new();
    for hunk in &file.hunks {
        lines.push(vec![Line::styled(fit(&hunk.header, width, theme), theme.muted)]);
        lines.extend(hunk.lines.iter().map(|line| code(line, digits, width, theme)));
    }
    lines.into_iter().enumerate().collect()
}

/// A line of code with its number. A long line continues on the next lines, which have no number and no sign.
fn code(line: &DiffLine, digits: usize, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let (sign, tint) = match line.kind {
        LineKind::Added => ("+", theme.good),
        LineKind::Removed => ("-", theme.bad),
        LineKind::Kept => (" ", Style::new()),
    };
    let mut characters: Vec<(char, Style)> = Vec::new();
    for piece in &line.pieces {
        let mut style = theme.class(piece.class);
        if piece.changed {
            style = style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
        }
        characters.extend(tidy(&piece.text).chars().map(|c| (c, style)));
    }
    let indent = characters.iter().take_while(|(c, _)| *c == ' ').count();
    let room = width.saturating_sub(digits + 2).max(1);
    let number = Span::styled(format!("{:>digits$} ", line.number), theme.muted);
    let mut lines = vec![vec![number, Span::styled(sign, tint.add_modifier(Modifier::BOLD))]];
    let mut rest = characters.as_slice();
    // The lines after the first are indented by two columns more than the code.
    let margin = (indent + 2).min(room / 2);
    loop {
        let used = if lines.len() == 1 { 0 } else { margin };
        let (head, tail) = split_at_width(rest, room.saturating_sub(used).max(1));
        if let Some(spans) = lines.last_mut() {
            spans.extend(styled(head));
        }
        if tail.is_empty() {
            break;
        }
        rest = tail;
        lines.push(vec![Span::raw(" ".repeat(digits + 2 + margin))]);
    }
    lines.into_iter().map(Line::from).collect()
}

type Characters = [(char, Style)];

/// Splits at the last space in the width; without a space, at the width.
fn split_at_width(characters: &Characters, width: usize) -> (&Characters, &Characters) {
    let (mut used, mut end) = (0, characters.len());
    for (at, (c, _)) in characters.iter().enumerate() {
        used += c.width().unwrap_or(0);
        if used > width && at > 0 {
            end = at;
            break;
        }
    }
    if end < characters.len() {
        let head = characters.get(..=end).unwrap_or_default();
        let is_code = |at: usize| head.iter().take(at).any(|(c, _)| *c != ' ');
        if let Some(space) = head.iter().rposition(|(c, _)| *c == ' ').filter(|at| is_code(*at)) {
            end = space + 1;
        }
    }
    characters.split_at(end)
}

/// Adjacent characters of one style as one span.
fn styled(characters: &Characters) -> Vec<Span<'static>> {
    characters
        .chunk_by(|(_, one), (_, two)| one == two)
        .map(|part| {
            let style = part.first().map(|(_, style)| *style).unwrap_or_default();
            Span::styled(part.iter().map(|(c, _)| *c).collect::<String>(), style)
        })
        .collect()
}
