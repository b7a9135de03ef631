//! The dialog with the configuration behind a hop: the deciding line is marked.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::Theme;
use super::text::{column, command_parts, fit, labelled, wrap};
use crate::app::{App, TraceView};
use crate::reach::Hop;
use crate::report::{Explanation, Row};

/// The title of the dialog: the number of the hop and its layer.
pub(super) fn title(app: &App, hop: usize) -> String {
    let trace = app.trace.as_ref().and_then(TraceView::trace);
    let (total, layer) =
        trace.map_or((0, ""), |trace| (trace.hops.len(), trace.hops.get(hop).map_or("", Hop::label)));
    format!("Hop {} of {total}: {layer}", hop + 1)
}

pub(super) fn lines(app: &App, hop: usize, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let explanation = app.trace.as_ref().and_then(|view| view.explanation(hop));
    let Some(explanation) = explanation else { return Vec::new() };
    let strong = theme.accent.add_modifier(Modifier::BOLD);
    let mut lines = heading(&explanation.title, width);
    lines.extend(labelled("Rule", strong, &explanation.rule, MARGIN, width));
    lines.push(Line::default());
    lines.extend(facts(explanation, width, theme));
    lines
}

/// The configuration behind the deciding hop, without its rule, for a pane that shows the rule above.
pub(super) fn of_deciding_hop(view: &TraceView, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let explanation = view.deciding_hop().and_then(|hop| view.explanation(hop));
    let Some(explanation) = explanation else { return Vec::new() };
    let mut lines = heading(&explanation.title, width);
    lines.extend(facts(explanation, width, theme));
    lines
}

fn heading(title: &str, width: usize) -> Vec<Line<'static>> {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    wrap(title, width).into_iter().map(|line| Line::styled(line, bold)).collect()
}

/// The table, and how to check it by hand.
fn facts(explanation: Explanation, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let strong = theme.accent.add_modifier(Modifier::BOLD);
    let Explanation { head, rows, note, command, console, .. } = explanation;
    let mut lines = Vec::new();
    if rows.is_empty() {
        lines.push(Line::styled("Its configuration is not in the snapshot.", theme.muted));
    }
    lines.extend(table(&head, &rows, width, theme));
    lines.extend(note.map(|note| Line::styled(note, theme.doubt)));
    lines.push(Line::default());
    for (at, part) in command
        .iter()
        .flat_map(|text| command_parts(text, width.saturating_sub(MARGIN), width.saturating_sub(MARGIN)))
        .enumerate()
    {
        let label = if at == 0 { "Check" } else { "" };
        lines.push(Line::from(vec![Span::styled(format!("{label:<MARGIN$}"), strong), Span::raw(part.text)]));
    }
    lines.extend(labelled("Console", strong, &console.unwrap_or_default(), MARGIN, width));
    lines
}

/// The column of the labels.
const MARGIN: usize = 8;

/// The rows in columns; a deciding row has a mark and is highlighted. The last column continues on the next lines.
fn table(head: &[&str], rows: &[Row], width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let count = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count)
        .map(|at| {
            let cells = rows.iter().filter_map(|row| row.cells.get(at)).map(|cell| cell.width());
            cells.chain(head.get(at).map(|name| name.width())).max().unwrap_or(0)
        })
        .collect();
    let lines_of = |mark: &str, cells: &[&str]| {
        let mut text = mark.to_owned();
        let Some((last, cells)) = cells.split_last() else { return vec![text] };
        for (cell, own) in cells.iter().zip(&widths) {
            let used = text.width();
            text.push_str(&column(cell, (*own).min(width.saturating_sub(used)), theme));
            text.push_str("  ");
        }
        let used = text.width();
        let mut parts = wrap(last, width.saturating_sub(used).max(LEAST)).into_iter();
        let mut lines = vec![fit(&format!("{text}{}", parts.next().unwrap_or_default()), width, theme)];
        lines.extend(parts.map(|part| format!("{}{part}", " ".repeat(used))));
        lines
    };
    let mut lines = Vec::new();
    if !head.is_empty() {
        lines.extend(
            lines_of("  ", head)
                .into_iter()
                .map(|line| Line::styled(line.trim_end().to_owned(), theme.muted)),
        );
    }
    for row in rows {
        let cells: Vec<&str> = row.cells.iter().map(String::as_str).collect();
        let (mark, style) = if row.is_deciding { ("> ", theme.selected) } else { ("  ", Style::new()) };
        let texts = lines_of(mark, &cells).into_iter();
        lines.extend(texts.map(|line| Line::from(Span::styled(line.trim_end().to_owned(), style))));
    }
    lines
}

/// The least width of the last column.
const LEAST: usize = 12;
