//! Destinations down, connector subnets across.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::Theme;
use super::text::column;
use crate::diagnose::{Diagnosis, Finding};
use crate::evidence::{Caller, Evidence, short_name};
use crate::model::{Snapshot, SubnetId};
use crate::reach::Trace;

/// How we know, in two words; with the variable's name where there is room.
fn note(finding: &Finding, wide: bool) -> String {
    if finding.need.caller == Caller::ControlPlane {
        return "App Runner".to_owned();
    }
    match finding.need.evidence.first() {
        Some(Evidence::Log { symptom, count, .. }) => format!("{count} {}", symptom.short(*count)),
        Some(Evidence::Requested) => "asked for".to_owned(),
        Some(Evidence::Variable(name)) if wide => format!("in {name}"),
        Some(Evidence::Variable(_)) => "in config".to_owned(),
        Some(Evidence::Role(_)) => "may call".to_owned(),
        Some(Evidence::Secret(_) | Evidence::Platform(_)) | None => String::new(),
    }
}

/// The zones' letters above the cells.
pub(super) fn zones(diagnosis: &Diagnosis, snapshot: &Snapshot, cell: usize) -> String {
    let letter = |id: &SubnetId| {
        let zone = snapshot.network.subnets.get(id).map(|subnet| subnet.zone.to_string()).unwrap_or_default();
        zone.chars().last().filter(char::is_ascii_lowercase).unwrap_or('?')
    };
    diagnosis.subnets.iter().map(|id| format!("{:^cell$}", letter(id))).collect()
}

/// The trace for a column. A path outside any VPC is the same for all.
fn trace_at(finding: &Finding, at: usize) -> Option<&Trace> {
    match finding.traces.as_slice() {
        [one] => Some(one),
        traces => traces.get(at),
    }
}

/// What a note needs at least, `9 time-outs` with a space on either side.
const NOTE: usize = 12;

/// One row for each destination. `cursor` marks a cell.
pub(super) fn rows(
    diagnosis: &Diagnosis,
    snapshot: &Snapshot,
    cursor: Option<(usize, usize)>,
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let columns = diagnosis.subnets.len().max(1);
    let room = width.saturating_sub(columns * 3 + 1);
    let names: Vec<String> =
        diagnosis.findings.iter().map(|one| short_name(&one.need.destination, &snapshot.region)).collect();
    let longest = names
        .iter()
        .map(|name| name.width())
        .max()
        .unwrap_or(0)
        .min(room * 2 / 3)
        .min(room.saturating_sub(NOTE));
    let mut lines = Vec::new();
    for (row, (finding, name)) in diagnosis.findings.iter().zip(&names).enumerate() {
        let here = cursor.is_some_and(|(at, _)| at == row);
        let style = if here { theme.accent } else { Style::new() };
        let mut spans = vec![
            Span::styled(if here { "> " } else { "  " }, style),
            Span::styled(column(name, longest, theme), style),
            Span::styled(
                format!(" {} ", column(&note(finding, width > 46), room.saturating_sub(longest + 2), theme)),
                theme.muted,
            ),
        ];
        for at in 0..columns {
            let (glyph, mut style) =
                trace_at(finding, at).map_or(("?", theme.doubt), |one| theme.verdict(&one.verdict));
            if cursor == Some((row, at)) {
                style = style.patch(theme.selected);
            }
            spans.push(Span::styled(format!(" {glyph} "), style));
        }
        lines.push(Line::from(spans));
    }
    lines
}

/// The application's own destinations.
pub(super) fn own(diagnosis: &Diagnosis) -> impl Iterator<Item = &Finding> {
    diagnosis.findings.iter().filter(|finding| finding.need.caller == Caller::Application)
}

/// One row for each of the application's destinations, before and after. What App Runner fetches itself never changes.
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
