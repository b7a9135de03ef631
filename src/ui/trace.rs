//! The second step: the matrix (which destination, from which subnet), the path (which check failed), and
//! the explanation.

use std::time::Instant;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Margin, Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::frame::{put_lines, spinner, text_pane, text_section};
use super::list::{filtered_title, line_at, no_match};
use super::text::{column, fit, labelled, margin, wrap};
use super::{Theme, explain, map, matrix};
use crate::app::{Diagnosing, Hit, Keymap, Pane, Scroll, TraceView};
use crate::diagnose::{Diagnosis, FindingVerdict, meaning_of_log_line};
use crate::model::{Call, is_planned};
use crate::path_map::Grid;
use crate::reach::{Hop, Layer, Outcome, Trace, Verdict};
use crate::report::{history_lines, labels};

pub(super) fn draw(
    (view, is_zoomed): (&TraceView, bool),
    diagnosing: Option<&Diagnosing>,
    keymap: &Keymap,
    theme: &Theme,
    now: Instant,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    let Parts { top, list, path, column, strip, bottom, explanation, map } =
        parts(view, is_zoomed, theme, area);
    let headline =
        headline(&view.case.diagnosis, diagnosing, theme, now, usize::from(area.width).saturating_sub(2));
    if let Some(map) = map {
        let lines = map::section(&map, theme);
        text_section(&keymap.fill(PATH_MAP), false, lines, &Scroll::default(), theme, strip, frame);
    }
    put_lines(headline, top, frame);
    draw_matrix(view, keymap, theme, list, frame);
    draw_path(view, theme, path, frame);
    let is_reading = view.pane == Pane::Notes;
    let start = Scroll::default();
    let scroll = if is_reading { &view.scroll } else { &start };
    if area.width >= THREE_COLUMNS && !is_zoomed {
        text_pane(EXPLANATION, is_reading, explanation, scroll, theme, column, frame);
    } else {
        text_section(EXPLANATION, is_reading, explanation, scroll, theme, bottom, frame);
    }
}

/// The areas of the step, and the texts on whose length they depend.
struct Parts {
    top: Rect,
    list: Rect,
    path: Rect,
    column: Rect,
    strip: Rect,
    bottom: Rect,
    explanation: Vec<Line<'static>>,
    map: Option<Grid>,
}

fn parts(view: &TraceView, is_zoomed: bool, theme: &Theme, area: Rect) -> Parts {
    let width = usize::from(area.width).saturating_sub(2);
    let above = wrap(&view.case.diagnosis.headline, width).len();
    let above = u16::try_from(above).unwrap_or(u16::MAX).min(4);
    // On a very wide screen, the explanation is a third column.
    let is_third_column = area.width >= THREE_COLUMNS && !is_zoomed;
    let width = if is_third_column { usize::from(area.width / 3).saturating_sub(3) } else { width };
    let explanation = explanation(view, theme, width);
    let is_reading = view.pane == Pane::Notes;
    if is_zoomed {
        let rows = [Constraint::Length(above), Constraint::Fill(1)];
        let [top, rest] = Layout::vertical(rows).areas(area);
        let none = Rect { height: 0, ..rest };
        let only = |pane| if view.pane == pane { rest } else { none };
        let (list, path, bottom) = (only(Pane::List), only(Pane::Detail), only(Pane::Notes));
        return Parts { top, list, path, column: none, strip: none, bottom, explanation, map: None };
    }
    let below = u16::try_from(explanation.len() + 1).unwrap_or(u16::MAX);
    // The focused explanation gets the room of all rows but four of the matrix.
    let least = if is_reading { 6 } else { 12 };
    let map = map_section(view, area);
    let map_height = map.as_ref().map_or(0, |map| u16::try_from(map.height() + 1).unwrap_or(u16::MAX));
    let map_height = map_height.min(area.height / 3);
    let below = if is_third_column {
        0
    } else {
        below.min(area.height.saturating_sub(least + above + map_height).max(6))
    };
    let rows = [
        Constraint::Length(above),
        Constraint::Fill(1),
        Constraint::Length(map_height),
        Constraint::Length(below),
    ];
    let [top, middle, strip, bottom] = Layout::vertical(rows).areas(area);
    if area.width < NARROW {
        // The path is below the matrix, or the explanation if it has the focus.
        let rows = u16::try_from(view.shown().len() + 3).unwrap_or(u16::MAX);
        let list = rows.min(area.height.saturating_sub(above) / 2).max(4);
        let rows = [Constraint::Length(above), Constraint::Length(list), Constraint::Fill(1)];
        let [top, list, rest] = Layout::vertical(rows).areas(area);
        let none = Rect { height: 0, ..rest };
        let (path, bottom) = if is_reading { (none, rest) } else { (rest, none) };
        return Parts { top, list, path, column: none, strip: none, bottom, explanation, map: None };
    }
    let left = if area.width >= 110 { Constraint::Percentage(45) } else { Constraint::Length(42) };
    let right = if is_third_column { Constraint::Length(area.width / 3) } else { Constraint::Length(0) };
    let left = if is_third_column { Constraint::Length(area.width / 3) } else { left };
    let [list, path, column] = Layout::horizontal([left, Constraint::Fill(1), right]).areas(middle);
    Parts { top, list, path, column, strip, bottom, explanation, map }
}

/// The pane, the row and the column of the matrix at a position.
pub(super) fn hit(view: &TraceView, is_zoomed: bool, theme: &Theme, area: Rect, at: Position) -> Hit {
    let parts = parts(view, is_zoomed, theme, area);
    if !parts.list.contains(at) {
        let pane = match () {
            () if parts.path.contains(at) => Some(Pane::Detail),
            () if parts.column.contains(at) || parts.bottom.contains(at) => Some(Pane::Notes),
            () => None,
        };
        return Hit { pane, ..Hit::default() };
    }
    let inner = parts.list.inner(Margin::new(1, 1));
    let (shown, diagnosis) = (view.shown(), &view.case.diagnosis);
    let row = line_at(inner, at).and_then(|line| {
        let line = first_line(view, &shown, inner.height) + line;
        shown.iter().position(|row| matrix::line_of(diagnosis, &shown, *row) == line)
    });
    let width = usize::from(inner.width);
    let columns = matrix::Columns::new(diagnosis, &view.case.snapshot, &view.columns, view.column, width);
    let column = row.and_then(|_| columns.at(usize::from(at.x - inner.x), width));
    Hit { pane: Some(Pane::List), row, column, ..Hit::default() }
}

/// The first line of the matrix shown, with this number of lines.
fn first_line(view: &TraceView, shown: &[usize], height: u16) -> usize {
    matrix::line_of(&view.case.diagnosis, shown, view.row)
        .saturating_sub(usize::from(height).saturating_sub(1))
}

/// The map below the panes, if the screen is large enough for it.
fn map_section(view: &TraceView, area: Rect) -> Option<Grid> {
    let is_large = area.width >= MAP_SIZE.0 && area.height >= MAP_SIZE.1;
    is_large.then(|| map::of_trace(view, usize::from(area.width).saturating_sub(2), 0))
}

/// The least width and height of the step with the path map.
const MAP_SIZE: (u16, u16) = (116, 28);
/// The title of the path map.
const PATH_MAP: &str = "Path map ({map}: whole screen)";
/// The title of the pane with causes and remarks.
const EXPLANATION: &str = "Explanation";
/// The least width for two columns.
pub(super) const NARROW: u16 = 80;
/// The least width for three columns.
const THREE_COLUMNS: u16 = 160;

/// The result in one sentence, or the spinner while the service is diagnosed again.
fn headline(
    diagnosis: &Diagnosis,
    diagnosing: Option<&Diagnosing>,
    theme: &Theme,
    now: Instant,
    width: usize,
) -> Vec<Line<'static>> {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let mut lines: Vec<Line<'static>> = wrap(&diagnosis.headline, width)
        .into_iter()
        .map(|line| Line::styled(format!(" {line}"), bold))
        .collect();
    if let Some(running) = diagnosing {
        let mark = spinner(theme, running.since, now);
        let text = fit(&format!("{mark} Diagnosing {}{}", running.service, theme.glyphs.cut), width, theme);
        // The same number of lines, so that the panes below do not move.
        lines.fill(Line::default());
        lines.truncate(lines.len().saturating_sub(1));
        lines.insert(0, Line::styled(format!(" {text}"), theme.muted));
    }
    lines
}

fn draw_matrix(view: &TraceView, keymap: &Keymap, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    if area.is_empty() {
        return;
    }
    let (case, focused) = (&view.case, view.pane == Pane::List);
    let width = usize::from(area.width).saturating_sub(2);
    let columns = matrix::Columns::new(&case.diagnosis, &case.snapshot, &view.columns, view.column, width);
    let cursor = (view.row, view.column);
    let shown = view.shown();
    let height = area.height.saturating_sub(2);
    let first = first_line(view, &shown, height);
    let visible = first..first + usize::from(height);
    let is_marked = |row, column| view.is_marked(row, column);
    let rows = matrix::Rows {
        names: &view.names,
        shown: &shown,
        filter: &view.filter,
        cursor,
        is_marked: &is_marked,
        visible,
    };
    let mut lines = matrix::rows(&case.diagnosis, &columns, &rows, width, theme);
    if shown.is_empty() && view.filter.is_on() {
        lines.push(no_match(keymap, theme));
    }
    // The heads of the columns need the rest of the border.
    let is_filtered = view.filter.is_on() || view.filter.is_typing();
    let name = if is_filtered { "" } else { "Destinations" };
    let title = filtered_title(name, &view.filter, shown.len(), case.diagnosis.findings.len());
    text_pane(title.trim_start(), focused, lines, &Scroll::at(first), theme, area, frame);
    let head = Line::from(Span::raw(columns.head())).right_aligned();
    frame.render_widget(
        head,
        Rect { x: area.x + 1, y: area.y, width: area.width.saturating_sub(2), height: 1 },
    );
}

fn draw_path(view: &TraceView, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let focused = view.pane == Pane::Detail;
    let Some(trace) = view.trace().filter(|_| !area.is_empty()) else { return };
    let snapshot = &view.case.snapshot;
    let Some(name) = view.names.get(view.row) else { return };
    let zone =
        trace.subnet.as_ref().and_then(|id| snapshot.network.subnets.get(id)).map(|subnet| &subnet.zone);
    let (width, height) =
        (usize::from(area.width).saturating_sub(2), usize::from(area.height).saturating_sub(2));
    let from = match (&trace.subnet, zone) {
        (Some(id), Some(zone)) => {
            let alike = match view.others_alike() {
                0 => String::new(),
                1 => " (and 1 other)".to_owned(),
                others => format!(" (and {others} others)"),
            };
            let subnet = if is_planned(id.as_str()) { "the new subnet" } else { id.as_str() };
            let from = format!(" from {zone}, {subnet}");
            let short = format!(
                "{}{from}",
                matrix::short_name(name, width.saturating_sub(from.width() + 2).max(16), theme)
            );
            let full = format!("{short}{alike}");
            if full.width() + 2 <= width { full } else { short }
        }
        (Some(id), None) => format!("{name} from {id}"),
        (None, _) => format!("{name}, outside the VPC"),
    };
    // The text of a hop is truncated only if the pane has no room for all of it: those near the deciding one are whole first.
    let mut wrapped = vec![true; trace.hops.len()];
    let (mut lines, mut decided) = path_lines(trace, &wrapped, width, theme);
    if !focused && lines.len() > height {
        wrapped.fill(false);
        (lines, decided) = path_lines(trace, &wrapped, width, theme);
        for hop in from_deciding(trace) {
            if let Some(wrap) = wrapped.get_mut(hop) {
                *wrap = true;
            }
            let tried = path_lines(trace, &wrapped, width, theme);
            if tried.0.len() <= height {
                (lines, decided) = tried;
            } else if let Some(wrap) = wrapped.get_mut(hop) {
                *wrap = false;
            }
        }
    }
    if focused {
        let host = wrap(&trace.destination.to_string(), width).into_iter();
        lines.splice(..0, host.map(|line| Line::styled(line, Style::new().add_modifier(Modifier::BOLD))));
    }
    // A large pane has room for the configuration behind the hop that decides.
    let configuration = if focused { Vec::new() } else { explain::of_deciding_hop(view, width, theme) };
    if !configuration.is_empty() && lines.len() + configuration.len() < height {
        lines.push(Line::default());
        lines.extend(configuration);
    }
    // The hop that blocks is always visible.
    let decision = Scroll::at(decided.saturating_sub(height));
    let scroll = if focused { &view.scroll } else { &decision };
    text_pane(&from, focused, lines, scroll, theme, area, frame);
}

/// The indices of the hops: the one that decides first, then those beside it.
fn from_deciding(trace: &Trace) -> Vec<usize> {
    let last = trace.hops.len().saturating_sub(1);
    let deciding = trace.hops.iter().position(|hop| hop.outcome != Outcome::Pass).unwrap_or(last);
    let mut hops: Vec<usize> = (0..trace.hops.len()).collect();
    hops.sort_by_key(|hop| hop.abs_diff(deciding));
    hops
}

/// The hops, and the number of lines to the end of the first hop that blocks. A hop that passed has one line, unless it is
/// `wrapped`. The hops after the one that blocks are dim, because no packet reaches them.
fn path_lines(trace: &Trace, wrapped: &[bool], width: usize, theme: &Theme) -> (Vec<Line<'static>>, usize) {
    let longest = trace.hops.iter().map(|hop| short(hop).len()).max().unwrap_or(0);
    let margin = longest + 3;
    let mut lines = Vec::new();
    let mut decided = 0;
    for (place, hop) in trace.hops.iter().enumerate() {
        let full = wrapped.get(place).copied().unwrap_or(true);
        let (glyph, style) = theme.outcome(hop.outcome);
        if hop.outcome == Outcome::Pass && decided > 0 {
            let label = format!("- {}", short(hop));
            let text = format!("would pass: {}", hop.rule);
            let text = if full { text } else { fit(&text, width.saturating_sub(margin), theme) };
            let dim = labelled(&label, theme.muted, &text, margin, width);
            lines.extend(dim.into_iter().map(|line| line.patch_style(theme.muted)));
            continue;
        }
        let label = format!("{glyph} {}", short(hop));
        if hop.outcome == Outcome::Pass && !full {
            lines.push(Line::from(vec![
                Span::styled(format!("{label:<margin$}"), style),
                Span::raw(column(&hop.rule, width.saturating_sub(margin), theme)),
            ]));
            continue;
        }
        lines.extend(labelled(&label, style, &hop.rule, margin, width));
        let note = match hop.outcome {
            Outcome::Block(code) => Some(code.word().to_owned()),
            Outcome::Unknown(deciding) => {
                let action = deciding.missing_call().and_then(Call::iam_action);
                action.map(|action| format!("needs {action}"))
            }
            Outcome::Pass => None,
        };
        if let Some(note) = note {
            // A long code begins at the left of the text, so that it is not cut.
            let indent = " ".repeat(margin.min(width.saturating_sub(note.width())));
            lines.push(Line::styled(format!("{indent}{}", fit(&note, width, theme)), style));
        }
        if matches!(hop.outcome, Outcome::Block(_)) && decided == 0 {
            decided = lines.len();
        }
    }
    let (glyph, style) = theme.verdict(&trace.verdict);
    let end = match &trace.verdict {
        Verdict::Reachable(via) => format!("{glyph} reachable through {}", via.described()),
        // The hop that blocks is above.
        Verdict::Blocked if decided > 0 => return (lines, decided),
        Verdict::Blocked => format!("{glyph} blocked"),
        Verdict::Partial { stopped } => format!("{glyph} {stopped} blocked here"),
        Verdict::Unknown => format!("{glyph} unknown"),
    };
    lines.extend(wrap(&end, width).into_iter().map(|line| Line::styled(line, style)));
    (lines, decided)
}

fn short(hop: &Hop) -> &'static str {
    match hop.layer {
        Layer::SecurityGroup => "sg",
        _ => hop.label(),
    }
}

/// `Cause 1 of 2`, and `>Cause 1 of 2` for the selected cause.
fn cause_label(number: usize, total: usize, marked: Option<usize>) -> String {
    let mark = if marked == Some(number) { ">" } else { "" };
    if total == 1 { format!("{mark}Cause") } else { format!("{mark}Cause {number} of {total}") }
}

/// The cause, the meaning of the log line, the other causes, remarks, and facts that are not the cause.
fn explanation(view: &TraceView, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let strong = theme.accent.add_modifier(Modifier::BOLD);
    let mut put = |label: &str, text: &str| {
        // The mark is at the place of the space before the label.
        let label = if label.starts_with('>') { label.to_owned() } else { format!(" {label}") };
        lines.extend(labelled(&label, strong, text, margin(width), width));
    };
    let marked = view.marked_cause().map(|cause| cause.number);
    let causes = &view.case.diagnosis.causes;
    let selected = view.cause();
    let own = view.finding().filter(|_| selected.is_none());
    // Nothing is wrong with it: the causes of the others stay where they are.
    let is_fine =
        own.is_some_and(|own| own.verdict() == FindingVerdict::Reachable && own.other_causes.is_empty());
    match (selected, view.finding()) {
        (Some(cause), finding) => {
            put(&cause_label(cause.number, causes.len(), marked), &cause.explanation);
            put(labels::MANUAL_STEP, view.case.needed_step(cause).unwrap_or_default());
            for line in history_lines(&view.case, cause) {
                put(labels::HISTORY, &line);
            }
            if let Some(finding) = finding.filter(|finding| finding.verdict() == FindingVerdict::Intermittent)
            {
                put("This destination", &finding.explanation);
            }
        }
        (None, Some(finding)) if !is_fine => {
            put("This destination", &finding.explanation);
            for cause in &finding.other_causes {
                put(labels::OTHER_CAUSE, &cause.text);
            }
        }
        (None, _) => {}
    }
    for cause in causes.iter().filter(|cause| selected.is_none_or(|own| own.number != cause.number)) {
        put(&cause_label(cause.number, causes.len(), marked), &cause.explanation);
        put(labels::MANUAL_STEP, view.case.needed_step(cause).unwrap_or_default());
        for line in history_lines(&view.case, cause) {
            put(labels::HISTORY, &line);
        }
    }
    // After the causes, which stay where they are when another destination is selected.
    put("This destination", own.filter(|_| is_fine).map_or("", |own| &own.explanation));
    put(
        "What the log line means",
        &view
            .finding()
            .filter(|_| selected.is_some())
            .map_or(String::new(), |finding| meaning_of_log_line(&finding.need)),
    );
    for sentence in &view.case.diagnosis.remarks {
        put("Note", sentence);
    }
    for (number, sentence) in view.case.diagnosis.misleading.iter().enumerate() {
        put(if number == 0 { labels::NOT_THE_CAUSE } else { "  " }, sentence);
    }
    lines
}
