//! The matrix: a row for each destination, a column for each connector subnet.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::Theme;
use super::text::column;
use crate::diagnose::{Diagnosis, Finding};
use crate::evidence::{Caller, Evidence, short_name};
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

/// The letters of the AZs above the cells.
pub(super) fn az_letters(diagnosis: &Diagnosis, snapshot: &Snapshot, cell: usize) -> String {
    let letter = |id: &SubnetId| {
        let az = snapshot.network.subnets.get(id).map(|subnet| subnet.zone.to_string()).unwrap_or_default();
        az.chars().last().filter(char::is_ascii_lowercase).unwrap_or('?')
    };
    diagnosis.subnets.iter().map(|id| format!("{:^cell$}", letter(id))).collect()
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
    let room = width.saturating_sub(columns * 3 + 1);
    let names: Vec<String> = diagnosis
        .findings
        .iter()
        .map(|finding| short_name(&finding.need.destination, &snapshot.region))
        .collect();
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

/// One row for each destination of the application, before and after a fix. Destinations that App Runner
/// itself calls are not shown, because a fix never changes their paths.
pub(super) fn change_rows(
    before: &Diagnosis,
    after: &Diagnosis,
    snapshot: &Snapshot,
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let columns = before.subnets.len().max(1);
    let room = width.saturating_sub(columns * 5);
    let pairs = own(before).map(|old| {
        let same = |new: &&Finding| {
            new.need.destination == old.need.destination && new.need.caller == old.need.caller
        };
        (old, after.findings.iter().find(same))
    });
    pairs
        .map(|(old, new)| {
            let mut spans =
                vec![Span::raw(column(&short_name(&old.need.destination, &snapshot.region), room, theme))];
            for at in 0..columns {
                let mark = |finding: Option<&Finding>| {
                    let trace = finding.and_then(|finding| trace_at(finding, at));
                    trace.map_or(("?", theme.doubt), |trace| theme.verdict(&trace.verdict))
                };
                let ((old, old_style), (new, new_style)) = (mark(Some(old)), mark(new));
                spans.push(Span::styled(format!(" {old}"), old_style));
                spans.push(Span::styled(theme.glyphs.arrow, theme.muted));
                spans.push(Span::styled(format!("{new} "), new_style));
            }
            Line::from(spans)
        })
        .collect()
}
