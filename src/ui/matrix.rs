//! The matrix: a row for each destination, a column for connector subnets that behave alike.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::Theme;
use super::list::highlighted;
use super::text::{column, fit};
use crate::app::{Filter, Keymap};
use crate::diagnose::{Coverage, Diagnosis, Finding};
use crate::evidence::{Caller, Evidence};
use crate::model::{Snapshot, SubnetId};
use crate::reach::{Trace, Verdict};

/// The evidence in two words, or from how many subnets the destination fails; the longest form that fits into the width.
fn note(finding: &Finding, width: usize) -> String {
    let is_blocked = |trace: &Trace| trace.verdict == Verdict::Blocked;
    let forms = match (&finding.coverage, finding.need.evidence.first()) {
        (Coverage::Some { working, .. }, _)
            if working.is_empty() && !finding.traces.iter().any(is_blocked) =>
        {
            ["fails for some addresses", "some addresses", "some fail"].map(str::to_owned).to_vec()
        }
        (Coverage::Some { working, broken }, _) => {
            let share = format!("{} of {}", broken.len(), working.len() + broken.len());
            vec![
                format!("fails from {share} subnets"),
                format!("fails {share} subnets"),
                format!("fails {share}"),
                format!("{share} fail"),
                share,
            ]
        }
        (_, Some(Evidence::Log { symptom, .. })) => {
            // Several logs, or parts of one, can name the same failure.
            let counts = finding.need.evidence.iter().map(|one| match one {
                Evidence::Log { symptom: other, count, .. } if other == symptom => *count,
                _ => 0,
            });
            let count = counts.sum();
            vec![format!("{count} {}", symptom.short(count))]
        }
        (_, Some(Evidence::BeforeFix { symptom, .. })) => {
            let counts = finding.need.evidence.iter().map(|one| match one {
                Evidence::BeforeFix { symptom: other, count } if other == symptom => *count,
                _ => 0,
            });
            let count = counts.sum();
            let failure = format!("{count} {}", symptom.short(count));
            vec![format!("{failure} before the fix"), format!("{failure} before"), failure]
        }
        (_, Some(Evidence::Requested)) => vec!["added".to_owned()],
        // A name is cut at the end, unless too little of it would be left.
        (_, Some(Evidence::Variable(name))) if width >= CUT_NAME => vec![format!("in {name}")],
        (_, Some(Evidence::Reference { variable, .. })) if width >= CUT_NAME => {
            vec![format!("ARN in {variable}")]
        }
        (_, Some(Evidence::Variable(_) | Evidence::Reference { .. })) => vec!["in config".to_owned()],
        (_, Some(Evidence::Resolved(_))) => vec!["resolved".to_owned()],
        (_, Some(Evidence::Role(_))) => vec!["may call".to_owned()],
        (_, Some(Evidence::Secret(name))) => vec![format!("secret {name}"), "secret".to_owned()],
        (_, Some(Evidence::Platform(purpose))) => vec![(*purpose).to_owned()],
        (_, None) => Vec::new(),
    };
    let shortest = forms.last().cloned().unwrap_or_default();
    forms.into_iter().find(|form| form.width() <= width).unwrap_or(shortest)
}

/// The least width of a note with the name of a variable.
const CUT_NAME: usize = 14;

/// The letter of a subnet's AZ.
fn letter(id: &SubnetId, snapshot: &Snapshot) -> char {
    let az = snapshot.network.subnets.get(id).map(|subnet| subnet.zone.to_string()).unwrap_or_default();
    az.chars().last().filter(char::is_ascii_lowercase).unwrap_or('?')
}

/// The letters of the AZs of subnets: `a,b`, `a-c`.
fn letters<'a>(ids: impl IntoIterator<Item = &'a SubnetId>, snapshot: &Snapshot) -> String {
    let letters: BTreeSet<char> = ids.into_iter().map(|id| letter(id, snapshot)).collect();
    match (letters.first(), letters.last()) {
        (Some(first), Some(last)) if letters.len() > 2 && (*first..=*last).count() == letters.len() => {
            format!("{first}-{last}")
        }
        _ => letters.iter().map(char::to_string).collect::<Vec<_>>().join(","),
    }
}

/// Heads with the same text get a number, so that each identifies its column: `a1`, `a2`.
fn numbered(heads: &[String]) -> Vec<String> {
    let count = |head: &String| heads.iter().filter(|other| *other == head).count();
    let mut seen: BTreeMap<&String, usize> = BTreeMap::new();
    let number = |head| {
        let number = seen.entry(head).or_default();
        *number += 1;
        if count(head) > 1 { format!("{head}{number}") } else { head.clone() }
    };
    heads.iter().map(number).collect()
}

/// The least width of the names of destinations, if there are many columns.
const NAME: usize = 16;
/// The greatest width of the shortest notes, with a space before them.
const NOTE: usize = 12;

/// The columns of the matrix that fit, around the selected one.
pub(super) struct Columns<'a> {
    /// The indices of the subnets of each column; one column without subnets for a path outside the VPC.
    all: &'a [Vec<usize>],
    heads: Vec<String>,
    /// The columns shown.
    shown: Range<usize>,
    /// The width of each.
    cell: usize,
}

impl<'a> Columns<'a> {
    /// The columns of the diagnosis in a matrix of this width.
    pub fn new(
        diagnosis: &Diagnosis,
        snapshot: &Snapshot,
        all: &'a [Vec<usize>],
        selected: usize,
        width: usize,
    ) -> Self {
        let ids =
            |group: &Vec<usize>| group.iter().filter_map(|at| diagnosis.subnets.get(*at)).collect::<Vec<_>>();
        let heads = numbered(&all.iter().map(|group| letters(ids(group), snapshot)).collect::<Vec<_>>());
        let cell = heads.iter().map(|head| head.width() + 2).max().unwrap_or(3).max(3);
        let fit = (width.saturating_sub(NAME + 3) / cell).max(1);
        let first = (selected + 1).saturating_sub(fit);
        let shown = first..(first + fit).min(all.len().max(1));
        Self { all, heads, shown, cell }
    }

    /// The heads above the cells. `<` and `>` show that there are more columns.
    pub fn head(&self) -> String {
        let heads: String = self
            .heads
            .iter()
            .take(self.shown.end)
            .skip(self.shown.start)
            .map(|head| format!("{head:^0$}", self.cell))
            .collect();
        if heads.is_empty() {
            return heads;
        }
        let left = match self.shown.start {
            0 => String::new(),
            hidden => format!("{hidden} < "),
        };
        let right = match self.all.len().saturating_sub(self.shown.end) {
            0 => String::new(),
            hidden => format!("> {hidden}"),
        };
        format!(" AZ {left}{heads}{right}")
    }

    /// The index of the column at a place in a row of this width.
    pub fn at(&self, x: usize, width: usize) -> Option<usize> {
        let start = width.saturating_sub(self.shown.len() * self.cell + self.overhang());
        let place = x.checked_sub(start)? / self.cell;
        (place < self.shown.len()).then_some(self.shown.start + place)
    }

    /// The width of the part of the head that is at the right of the cells.
    pub fn overhang(&self) -> usize {
        match self.all.len().saturating_sub(self.shown.end) {
            0 => 0,
            hidden => format!("> {hidden}").len(),
        }
    }
}

/// The rows of the matrix that are shown.
pub(super) struct Rows<'a> {
    /// The short names of all destinations.
    pub names: &'a [String],
    /// The indices of the destinations.
    pub shown: &'a [usize],
    /// The filter, to highlight its text.
    pub filter: &'a Filter,
    /// The selected cell: index of the destination, column.
    pub cursor: (usize, usize),
    /// Whether a cell has brackets, by the index of the destination and the column.
    pub is_marked: &'a dyn Fn(usize, usize) -> bool,
    /// The lines that the pane has room for; the others stay empty.
    pub visible: Range<usize>,
}

/// The line of a destination in the matrix: the heading of the calls of App Runner has a line of its own.
pub(super) fn line_of(diagnosis: &Diagnosis, shown: &[usize], row: usize) -> usize {
    let above = || shown.iter().take_while(|shown| **shown <= row);
    let is_own = |at: &usize| {
        diagnosis.findings.get(*at).is_none_or(|finding| finding.need.caller == Caller::Application)
    };
    above().count().saturating_sub(1) + usize::from(!above().all(is_own))
}

/// One row for each destination shown, and a heading above those that App Runner itself calls.
pub(super) fn rows(
    diagnosis: &Diagnosis,
    columns: &Columns<'_>,
    rows: &Rows<'_>,
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let cursor = rows.cursor;
    let room = width.saturating_sub(columns.shown.len() * columns.cell + columns.overhang() + 2);
    let longest = rows.names.iter().map(|name| name.width()).max().unwrap_or(0);
    // The shortest notes, and a space before them. Without room for a note, the names get all of it.
    let least =
        diagnosis.findings.iter().map(|finding| note(finding, 0).width() + 1).max().unwrap_or(0).min(NOTE);
    let longest = longest.min((room * 2 / 3).min(room.saturating_sub(least)).max(NAME.min(room)));
    let mut lines = Vec::new();
    let mut is_own = true;
    for row in rows.shown.iter().copied() {
        let (Some(finding), Some(name)) = (diagnosis.findings.get(row), rows.names.get(row)) else {
            continue;
        };
        if is_own && finding.need.caller == Caller::ControlPlane {
            is_own = false;
            let text = fit(" by App Runner itself, outside the VPC", width, theme);
            lines.push(Line::styled(text, theme.muted));
        }
        if !rows.visible.contains(&lines.len()) {
            lines.push(Line::default());
            continue;
        }
        let is_selected = cursor.0 == row;
        // The mark and the selected cell show the selection, so that a moved selection changes few cells.
        let mut spans = vec![Span::styled(if is_selected { "> " } else { "  " }, theme.accent)];
        spans.extend(highlighted(
            &column(&short_name(name, longest, theme), longest, theme),
            rows.filter,
            Style::new(),
        ));
        let rest = room.saturating_sub(longest);
        // With room for it, a space is between the note and the selected cell too.
        let note_width = rest.saturating_sub(2);
        spans.push(if rest < least {
            Span::raw(" ".repeat(rest))
        } else {
            let note = column(&note(finding, note_width), rest.saturating_sub(1), theme);
            Span::styled(format!(" {note}"), theme.muted)
        });
        for at in columns.shown.clone() {
            let subnet = columns.all.get(at).and_then(|group| group.first()).copied().unwrap_or(0);
            let (glyph, mut style) =
                trace_at(finding, subnet).map_or(("?", theme.doubt), |trace| theme.verdict(&trace.verdict));
            if cursor == (row, at) {
                style = style.patch(theme.selected);
            }
            let (before, after) = ((columns.cell - 1) / 2, columns.cell / 2);
            let text = if (rows.is_marked)(row, at) {
                // A cell has a space at each side of the verdict.
                let (before, after) = (before.saturating_sub(1), after.saturating_sub(1));
                format!("{:before$}[{glyph}]{:after$}", "", "")
            } else {
                format!("{:before$}{glyph}{:after$}", "", "")
            };
            spans.push(Span::styled(text, style));
        }
        lines.push(Line::from(spans));
    }
    lines
}

/// The name of a destination in a width: its start and its port. Hosts of one domain differ at their start.
pub(super) fn short_name(name: &str, width: usize, theme: &Theme) -> String {
    match name.rsplit_once(':') {
        Some((host, port)) if host.len() > width && port.len() + 1 < width => {
            format!("{}:{port}", fit(host, width - port.len() - 1, theme))
        }
        _ => fit(name, width, theme),
    }
}

/// The trace of a column. A path outside the VPC has one trace for all columns.
fn trace_at(finding: &Finding, at: usize) -> Option<&Trace> {
    match finding.traces.as_slice() {
        [trace] => Some(trace),
        traces => traces.get(at),
    }
}

/// The destinations that the application calls.
pub(super) fn own(diagnosis: &Diagnosis) -> impl Iterator<Item = &Finding> {
    diagnosis.findings.iter().filter(|finding| finding.need.caller == Caller::Application)
}

/// A column of the matrix before and after a fix: subnets with the same changes.
struct Column {
    /// Its subnets; empty for a path outside the VPC.
    ids: Vec<SubnetId>,
    /// Its index in the traces before the fix; `None` if the service gets it with the fix.
    before: Option<usize>,
    /// Its index in the traces after the fix; `None` if the service no longer uses it.
    after: Option<usize>,
}

impl Column {
    fn head(&self, snapshot: &Snapshot) -> String {
        let is_known = |id: &SubnetId| snapshot.network.subnets.get(id).is_some();
        match self.ids.as_slice() {
            [] => "out".to_owned(),
            ids if ids.iter().any(is_known) => letters(ids, snapshot),
            _ => "new".to_owned(),
        }
    }
}

/// The columns that exist before a fix, and the new ones that exist after it.
fn columns(before: &Diagnosis, after: &Diagnosis) -> Vec<Column> {
    let place = |list: &[SubnetId], id: &SubnetId| list.iter().position(|other| other == id);
    let mut columns: Vec<Column> = Vec::new();
    for (at, id) in before.subnets.iter().enumerate() {
        columns.push(Column { ids: vec![id.clone()], before: Some(at), after: place(&after.subnets, id) });
    }
    if before.subnets.is_empty() {
        columns.push(Column {
            ids: Vec::new(),
            before: Some(0),
            after: after.subnets.is_empty().then_some(0),
        });
    }
    for (at, id) in after.subnets.iter().enumerate() {
        if place(&before.subnets, id).is_none() {
            columns.push(Column { ids: vec![id.clone()], before: None, after: Some(at) });
        }
    }
    if after.subnets.is_empty() && !before.subnets.is_empty() {
        columns.push(Column { ids: Vec::new(), before: None, after: Some(0) });
    }
    bundled(columns, before, after)
}

/// Bundles the columns in which every destination has the same verdicts before and after.
fn bundled(columns: Vec<Column>, before: &Diagnosis, after: &Diagnosis) -> Vec<Column> {
    let verdicts = |column: &Column| {
        let word = |finding: &Finding, at: usize| trace_at(finding, at).map(|trace| trace.verdict.word());
        let old = own(before).map(|finding| column.before.map(|at| word(finding, at)));
        let new = own(after).map(|finding| column.after.map(|at| word(finding, at)));
        old.chain(new).collect::<Vec<_>>()
    };
    let mut bundled: Vec<(Vec<_>, Column)> = Vec::new();
    for column in columns {
        let own = verdicts(&column);
        match bundled.iter_mut().find(|(known, other)| *known == own && !other.ids.is_empty()) {
            Some((_, other)) if !column.ids.is_empty() => other.ids.extend(column.ids),
            _ => bundled.push((own, column)),
        }
    }
    bundled.into_iter().map(|(_, column)| column).collect()
}

/// The columns of a cell, and of the margin at each side of the matrix.
const CELL: usize = 5;

/// The matrix before and after a fix: a header, one row for each destination of the application, and a legend. Destinations that
/// App Runner itself calls are not shown, because a fix never changes their paths. The rows below the height stay empty.
pub(super) fn change(
    (before, after): (&Diagnosis, &Diagnosis),
    snapshot: &Snapshot,
    (width, height): (usize, usize),
    keymap: &Keymap,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let mut columns = columns(before, after);
    // `x` in a column that the service no longer uses contradicts the result.
    let is_unused = |shown: &&Column| shown.after.is_none();
    let left: Vec<usize> = columns.iter().filter(is_unused).filter_map(|shown| shown.before).collect();
    let unused: Vec<String> = columns.iter().filter(is_unused).map(|shown| shown.head(snapshot)).collect();
    columns.retain(|shown| shown.after.is_some());
    let heads = numbered(&columns.iter().map(|shown| shown.head(snapshot)).collect::<Vec<_>>());
    let cell = heads.iter().map(|head| head.width() + 1).max().unwrap_or(CELL).max(CELL);
    let fit_in = (width.saturating_sub(NAME + 2) / cell).max(1);
    let hidden = columns.len().saturating_sub(fit_in);
    columns.truncate(fit_in);
    // The verdicts stay near the names on a wide screen.
    let longest =
        own(before).map(|finding| finding.need.short_name(&snapshot.region).width()).max().unwrap_or(0);
    let room = width.saturating_sub(columns.len() * cell + 2).min(longest.max(NAME) + 2);
    let mut head = vec![Span::raw(" ".repeat(room + 1))];
    for text in heads.iter().take(fit_in) {
        head.push(Span::styled(format!("{text:^cell$}"), theme.muted));
    }
    let mut legend: Vec<Line<'static>> = Vec::new();
    if hidden > 0 {
        let more = if hidden == 1 { "1 more column".to_owned() } else { format!("{hidden} more columns") };
        let text = keymap.fill(&format!(" {more}: press {{map}}"));
        legend.push(Line::styled(fit(&text, width, theme), theme.muted));
    }
    if !unused.is_empty() {
        let text = format!(" not used after the fix: {}", unused.join(", "));
        legend.push(Line::styled(fit(&text, width, theme), theme.muted));
    }
    if columns.iter().any(|shown| shown.before.is_none() && shown.ids.is_empty()) {
        legend.push(Line::styled(fit(" out: outside the VPC", width, theme), theme.muted));
    }
    let mut lines = vec![Line::from(head)];
    for (at, old) in
        before.findings.iter().enumerate().filter(|(_, old)| old.need.caller == Caller::Application)
    {
        if lines.len() >= height {
            lines.push(Line::default());
            continue;
        }
        let same = |new: &&Finding| {
            new.need.destination == old.need.destination && new.need.caller == old.need.caller
        };
        // Both have the same order, unless the diagnosis after the fix is of data that was read again.
        let new = after.findings.get(at).filter(same).or_else(|| after.findings.iter().find(same));
        let name = old.need.short_name(&snapshot.region);
        let name = column(&short_name(&name, room, theme), room, theme);
        let mut spans = vec![Span::raw(format!(" {name}"))];
        let is_changed = new.is_some_and(|new| new.verdict() != old.verdict());
        for shown in &columns {
            let margin = cell - CELL;
            spans.push(Span::raw(" ".repeat(margin / 2)));
            spans.extend(change_cell((shown, &left), old, new, is_changed, theme));
            spans.push(Span::raw(" ".repeat(margin - margin / 2)));
        }
        lines.push(Line::from(spans));
    }
    lines.extend(legend);
    lines
}

/// One cell: the verdict before, and the verdict after if it is another. A cell of a destination whose verdict does not change, and the
/// verdict before, are dim. A new column has the worst verdict of `left`, the columns that it replaces, as the one before.
fn change_cell(
    (shown, left): (&Column, &[usize]),
    old: &Finding,
    new: Option<&Finding>,
    is_changed: bool,
    theme: &Theme,
) -> Vec<Span<'static>> {
    let mark = |finding: Option<&Finding>, at: usize| {
        let trace = finding.and_then(|finding| trace_at(finding, at));
        trace.map_or(("?", theme.doubt), |trace| theme.verdict(&trace.verdict))
    };
    let severity = |at: &usize| match trace_at(old, *at).map(|trace| &trace.verdict) {
        Some(Verdict::Blocked) => 3,
        Some(Verdict::Partial { .. }) => 2,
        Some(Verdict::Unknown) | None => 1,
        Some(Verdict::Reachable(_)) => 0,
    };
    // The first of equal ones.
    let left = left.iter().rev().copied().max_by_key(severity);
    let old = shown.before.or(left).map(|at| mark(Some(old), at));
    let new = shown.after.map(|at| mark(new, at));
    match (old, new) {
        (Some((old, _)), Some((new, style))) if old == new => {
            vec![Span::styled(format!(" {new}   "), if is_changed { style } else { theme.muted })]
        }
        (old, Some((new, style))) => {
            let (old, _) = old.unwrap_or((" ", theme.muted));
            vec![
                Span::styled(format!(" {old}"), theme.muted),
                Span::styled(format!("{}{new} ", theme.glyphs.arrow), style),
            ]
        }
        (_, None) => vec![Span::raw(" ".repeat(CELL))],
    }
}
