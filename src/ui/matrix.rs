//! The matrix: a row for each destination, a column for each connector subnet.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::Theme;
use super::text::{column, fit};
use crate::diagnose::{Diagnosis, Finding};
use crate::evidence::{Caller, Evidence};
use crate::model::{Snapshot, SubnetId};
use crate::reach::Trace;

/// The evidence in two words. If `wide` is set, with the name of the variable.
fn note(finding: &Finding, wide: bool) -> String {
    if finding.need.caller == Caller::ControlPlane {
        return "App Runner".to_owned();
    }
    match finding.need.evidence.first() {
        Some(Evidence::Log { symptom, count, .. }) => format!("{count} {}", symptom.short(*count)),
        Some(Evidence::Requested) => "added".to_owned(),
        Some(Evidence::Variable(name)) if wide => format!("in {name}"),
        Some(Evidence::Variable(_)) => "in config".to_owned(),
        Some(Evidence::Role(_)) => "may call".to_owned(),
        Some(Evidence::Secret(_) | Evidence::Platform(_)) | None => String::new(),
    }
}

/// The letter of a subnet's AZ.
fn letter(id: &SubnetId, snapshot: &Snapshot) -> char {
    let az = snapshot.network.subnets.get(id).map(|subnet| subnet.zone.to_string()).unwrap_or_default();
    az.chars().last().filter(char::is_ascii_lowercase).unwrap_or('?')
}

/// The letters of the AZs above the cells.
pub(super) fn az_letters(diagnosis: &Diagnosis, snapshot: &Snapshot, cell: usize) -> String {
    diagnosis.subnets.iter().map(|id| format!("{:^cell$}", letter(id, snapshot))).collect()
}

/// The trace of a column. A path outside the VPC has one trace for all columns.
fn trace_at(finding: &Finding, at: usize) -> Option<&Trace> {
    match finding.traces.as_slice() {
        [trace] => Some(trace),
        traces => traces.get(at),
    }
}

/// The least width of a note: `9 timeouts` with a space on either side.
const NOTE: usize = 12;

/// One row for each destination. `cursor` is the selected cell: row, column.
pub(super) fn rows(
    diagnosis: &Diagnosis,
    snapshot: &Snapshot,
    cursor: Option<(usize, usize)>,
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let columns = diagnosis.subnets.len().max(1);
    let room = width.saturating_sub(columns * 3 + 2);
    let names: Vec<String> =
        diagnosis.findings.iter().map(|finding| finding.need.short_name(&snapshot.region)).collect();
    let longest = names
        .iter()
        .map(|name| name.width())
        .max()
        .unwrap_or(0)
        .min(room * 2 / 3)
        .min(room.saturating_sub(NOTE));
    let mut lines = Vec::new();
    for (row, (finding, name)) in diagnosis.findings.iter().zip(&names).enumerate() {
        let is_selected = cursor.is_some_and(|(selected, _)| selected == row);
        let style = if is_selected { theme.accent } else { Style::new() };
        let mut spans = vec![
            Span::styled(if is_selected { "> " } else { "  " }, style),
            Span::styled(column(name, longest, theme), style),
            Span::styled(
                format!(" {} ", column(&note(finding, width > 46), room.saturating_sub(longest + 2), theme)),
                theme.muted,
            ),
        ];
        for at in 0..columns {
            let (glyph, mut style) =
                trace_at(finding, at).map_or(("?", theme.doubt), |trace| theme.verdict(&trace.verdict));
            if cursor == Some((row, at)) {
                style = style.patch(theme.selected);
            }
            spans.push(Span::styled(format!(" {glyph} "), style));
        }
        lines.push(Line::from(spans));
    }
    lines
}

/// The destinations that the application calls.
pub(super) fn own(diagnosis: &Diagnosis) -> impl Iterator<Item = &Finding> {
    diagnosis.findings.iter().filter(|finding| finding.need.caller == Caller::Application)
}

/// A column of the matrix before and after a fix.
struct Column {
    /// The letter of its AZ, or `out` for a path outside the VPC.
    head: String,
    /// Its index in the traces before the fix; `None` if the service gets it with the fix.
    before: Option<usize>,
    /// Its index in the traces after the fix; `None` if the service no longer uses it.
    after: Option<usize>,
}

/// The columns that exist before a fix, and the new ones that exist after it.
fn columns(before: &Diagnosis, after: &Diagnosis, snapshot: &Snapshot) -> Vec<Column> {
    let outside = || "out".to_owned();
    let place = |list: &[SubnetId], id: &SubnetId| list.iter().position(|other| other == id);
    let mut columns: Vec<Column> = Vec::new();
    for (at, id) in before.subnets.iter().enumerate() {
        let head = letter(id, snapshot).to_string();
        columns.push(Column { head, before: Some(at), after: place(&after.subnets, id) });
    }
    if before.subnets.is_empty() {
        columns.push(Column {
            head: outside(),
            before: Some(0),
            after: after.subnets.is_empty().then_some(0),
        });
    }
    for (at, id) in after.subnets.iter().enumerate() {
        if place(&before.subnets, id).is_none() {
            columns.push(Column { head: letter(id, snapshot).to_string(), before: None, after: Some(at) });
        }
    }
    if after.subnets.is_empty() && !before.subnets.is_empty() {
        columns.push(Column { head: outside(), before: None, after: Some(0) });
    }
    columns
}

/// The columns of a cell, and of the margin at each side of the matrix.
const CELL: usize = 5;

/// The matrix before and after a fix: a header, one row for each destination of the application, and a legend. Destinations that
/// App Runner itself calls are not shown, because a fix never changes their paths.
pub(super) fn change(
    before: &Diagnosis,
    after: &Diagnosis,
    snapshot: &Snapshot,
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let columns = columns(before, after, snapshot);
    let room = width.saturating_sub(columns.len() * CELL + 2);
    let mut head = vec![Span::raw(" ".repeat(room + 1))];
    for shown in &columns {
        let text = if shown.after.is_none() { format!("({})", shown.head) } else { shown.head.clone() };
        head.push(Span::styled(format!("{text:^CELL$}"), theme.muted));
    }
    let mut lines = vec![Line::from(head)];
    for old in own(before) {
        let same = |new: &&Finding| {
            new.need.destination == old.need.destination && new.need.caller == old.need.caller
        };
        let new = after.findings.iter().find(same);
        let name = column(&old.need.short_name(&snapshot.region), room, theme);
        let mut spans = vec![Span::raw(format!(" {name}"))];
        spans.extend(columns.iter().flat_map(|shown| change_cell(shown, old, new, theme)));
        lines.push(Line::from(spans));
    }
    if columns.iter().any(|shown| shown.after.is_none()) {
        lines.push(Line::styled(fit(" in ( ): not used after the fix", width, theme), theme.muted));
    }
    if columns.iter().any(|shown| shown.before.is_none() && shown.head == "out") {
        lines.push(Line::styled(fit(" out: App Runner, outside the VPC", width, theme), theme.muted));
    }
    lines
}

/// One cell: the verdict before and after. A cell that does not change, and a column that is not used after the fix, are dim.
fn change_cell(shown: &Column, old: &Finding, new: Option<&Finding>, theme: &Theme) -> Vec<Span<'static>> {
    let mark = |finding: Option<&Finding>, at: usize| {
        let trace = finding.and_then(|finding| trace_at(finding, at));
        trace.map_or(("?", theme.doubt), |trace| theme.verdict(&trace.verdict))
    };
    let old = shown.before.map(|at| mark(Some(old), at));
    let new = shown.after.map(|at| mark(new, at));
    match (old, new) {
        (Some((old, _)), None) => {
            let style = theme.muted.add_modifier(Modifier::CROSSED_OUT);
            vec![Span::raw("  "), Span::styled(old, style), Span::raw("  ")]
        }
        (Some((old, _)), Some((new, _))) if old == new => {
            vec![Span::styled(format!("{new:^CELL$}"), theme.muted)]
        }
        (old, Some((new, style))) => {
            let (old, old_style) = old.unwrap_or((" ", theme.muted));
            vec![
                Span::styled(format!(" {old}"), old_style),
                Span::styled(theme.glyphs.arrow, theme.muted),
                Span::styled(format!("{new} "), style),
            ]
        }
        (None, None) => vec![Span::raw(" ".repeat(CELL))],
    }
}
