//! Draws a list with a line of text: the palette, the profiles, the Regions and the scenarios.

use ratatui::Frame;
use ratatui::layout::{Margin, Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use unicode_width::UnicodeWidthStr as _;

use super::Theme;
use super::frame::{LOW, box_width, pane, put_lines, scroll_bar};
use super::list::{line_at, marked};
use super::text::{column, fit, tidy, wrap};
use crate::app::{Context, Entry, Keymap, Picker};

/// The greatest width of the box.
const WIDEST: u16 = 110;
/// The greatest width of the column at the left.
const KEY: usize = 16;

pub(super) fn draw(picker: &Picker, keymap: &Keymap, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let outer = place(area);
    let shown = picker.shown().count();
    let title = format!("{} ({shown} of {})", picker.purpose.title(), picker.total());
    let block = pane(&title, true, theme);
    let inner = block.inner(outer);
    frame.render_widget(Clear, outer);
    frame.render_widget(block, outer);
    put_lines(lines(picker, keymap, theme, inner), inner, frame);
    let height = room(inner).saturating_sub(full_text(picker, usize::from(inner.width)).len());
    let rows = u16::try_from(height).unwrap_or(u16::MAX);
    let right = Rect { x: outer.right().saturating_sub(1), y: inner.y + 1, width: 1, height: rows };
    scroll_bar((first(picker, height), shown), true, theme, right, frame);
}

/// The box in the middle of the screen.
fn place(area: Rect) -> Rect {
    let width = box_width(WIDEST, area);
    // On a low screen the box covers the whole headline. The line above the footer is that of the tour.
    let (above, around) = if area.height < LOW { (1, 3) } else { (2, 4) };
    let height = area.height.saturating_sub(around);
    Rect { x: area.x + (area.width - width) / 2, y: area.y + above, width, height }
}

/// The index of the first row shown, with this number of lines for rows.
fn first(picker: &Picker, height: usize) -> usize {
    (picker.selected + 1).saturating_sub(height)
}

/// The number of lines for rows in the box: without the line of text and the last line.
fn room(inner: Rect) -> usize {
    usize::from(inner.height).saturating_sub(2)
}

/// The row at a position.
pub(super) fn row_at(picker: &Picker, area: Rect, at: Position) -> Option<usize> {
    let inner = place(area).inner(Margin::new(1, 1));
    let line = line_at(inner, at)?.checked_sub(1)?;
    let height = room(inner).saturating_sub(full_text(picker, usize::from(inner.width)).len());
    let row = first(picker, height) + line;
    (line < height && row < picker.shown().count()).then_some(row)
}

/// The line of text, and the rows around the selected one.
fn lines(picker: &Picker, keymap: &Keymap, theme: &Theme, area: Rect) -> Vec<Line<'static>> {
    let width = usize::from(area.width);
    let (before, after) = picker.input.split();
    let mut rest = after.chars();
    let at = rest.next().map_or_else(|| " ".to_owned(), |c| c.to_string());
    let mut lines = vec![Line::from(vec![
        Span::styled("> ", theme.accent),
        Span::raw(tidy(before)),
        Span::styled(tidy(&at), theme.selected),
        Span::raw(tidy(rest.as_str())),
    ])];
    let full = full_text(picker, width);
    let height = room(area).saturating_sub(full.len());
    let first = first(picker, height);
    let entries: Vec<(&Entry, &[usize])> = picker.shown().collect();
    let keys = widest_key(picker);
    let label = entries.iter().map(|(entry, _)| entry.label.width()).max().unwrap_or(0);
    for (at, (entry, marks)) in entries.iter().enumerate().skip(first).take(height) {
        lines.push(row(entry, marks, at == picker.selected, (keys, label), width, theme));
    }
    let note = match (entries.is_empty(), picker.is_reading(), picker.purpose.takes_any_text()) {
        (true, true, _) => "  Reading the names of the profiles".to_owned(),
        (true, false, true) if picker.input.text().trim().is_empty() => {
            keymap.fill_in(Context::Picker, "  No name is known: type one, then press {forward}")
        }
        (true, false, true) => {
            let key = keymap.fill_in(Context::Picker, "{forward}");
            format!("  Press {key} to use {}", picker.input.text().trim())
        }
        (true, false, false) => "  Nothing matches this text".to_owned(),
        (false, ..) => String::new(),
    };
    if !note.is_empty() {
        lines.push(Line::styled(fit(&note, width, theme), theme.muted));
    }
    let below = entries.len().saturating_sub(first + height);
    if below > 0 {
        lines.push(Line::styled(format!("  {below} more below"), theme.muted));
    }
    let blank = usize::from(area.height).saturating_sub(lines.len() + full.len());
    lines.extend(std::iter::repeat_n(Line::default(), blank));
    lines.extend(full.into_iter().map(|line| Line::styled(format!("  {line}"), theme.accent)));
    lines
}

/// The text about the selected row, or its label if that is cut, at the bottom of a list in which rows have no room for them.
fn full_text(picker: &Picker, width: usize) -> Vec<String> {
    let room = label_room(widest_key(picker), width);
    let is_cut = |entry: &Entry| entry.about.is_empty() && entry.label.width() > room;
    let long = picker.shown().filter(|(entry, _)| entry.about.width() > width / 2).count();
    let has_long = long > 0 && long * 2 >= picker.shown().count();
    if !has_long && !picker.shown().any(|(entry, _)| is_cut(entry)) {
        return Vec::new();
    }
    let text =
        picker.current().map_or("", |entry| if is_cut(entry) { &entry.label } else { entry.about.as_str() });
    let mut lines = wrap(text, width.saturating_sub(4));
    // The same number of lines for every row, so that the rows do not move.
    let most = picker.shown().map(|(entry, _)| wrap(&entry.about, width.saturating_sub(4)).len()).max();
    lines.resize(most.unwrap_or(0).clamp(FULL_TEXT.0, FULL_TEXT.1), String::new());
    lines
}

/// The width of the column of keys.
fn widest_key(picker: &Picker) -> usize {
    picker.shown().map(|(entry, _)| entry.key.width()).max().unwrap_or(0).min(KEY)
}

/// The columns at the right of the mark and of the keys.
fn label_room(keys: usize, width: usize) -> usize {
    width.saturating_sub(if keys > 0 { keys + 4 } else { 2 })
}

/// The least and the greatest number of lines for the text about the selected row.
const FULL_TEXT: (usize, usize) = (2, 4);

/// `> key  label  about`. The text about a row has the room that is left.
fn row(
    entry: &Entry,
    marks: &[usize],
    is_selected: bool,
    (keys, longest): (usize, usize),
    width: usize,
    theme: &Theme,
) -> Line<'static> {
    let base = if is_selected { theme.selected } else { Style::new() };
    let mut spans = vec![Span::styled(if is_selected { "> " } else { "  " }, base)];
    let mut left = label_room(keys, width);
    if keys > 0 {
        spans.push(Span::styled(format!("{}  ", column(&entry.key, keys, theme)), theme.accent));
    }
    let room = if entry.about.is_empty() { left } else { longest.min(left / 2).max(16).min(left) };
    // Only the label is highlighted, so that a moved selection changes few cells.
    let label = fit(&entry.label, room, theme);
    let rest = room.saturating_sub(label.width());
    spans.extend(marked(&label, marks, base));
    spans.push(Span::raw(" ".repeat(rest)));
    left = left.saturating_sub(room);
    if left > 2 && !entry.about.is_empty() {
        let about = column(&entry.about, left - 2, theme);
        spans.push(Span::styled(format!("  {about}"), theme.muted));
    }
    Line::from(spans)
}
