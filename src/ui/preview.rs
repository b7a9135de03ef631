//! The fourth step: the exact diff, and the results of Terraform's checks.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::frame::{put_lines, scrolled, step_pane, text_section};
use super::list::filtered_title;
use super::side_by_side::pairs;
use super::text::{column, fit, labelled, tidy, wrap};
use super::{Theme, by_hand};
use crate::app::{Action, App, Filter, Hit, Keymap, Pane, Plan, PlannedEdit, Preview, Scroll};
use crate::report::title_by_hand;
use crate::terraform::diff::{DiffLine, FileDiff, LineKind};
use crate::terraform::{Check, CheckLevel, Outcome};

pub(super) fn draw(app: &App, preview: &Preview, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let width = usize::from(area.width);
    let title = title(app, width);
    let warnings = app.preview_warnings();
    let height = u16::try_from(title.len()).unwrap_or(1).min(area.height / 3);
    let [top, area] = Layout::vertical([Constraint::Length(height), Constraint::Fill(1)]).areas(area);
    put_lines(title, top, frame);
    match &preview.plan {
        Plan::Running(search) => {
            let search =
                if search.is_typing() { format!("  /{}_", tidy(search.text())) } else { String::new() };
            frame.render_widget(
                Line::styled(format!(" Reading the Terraform folder{search}"), theme.muted),
                area,
            );
        }
        Plan::ByHand(fix) => {
            let width = usize::from(area.width).saturating_sub(3);
            let lines = by_hand::lines(app, (preview, fix), theme, width);
            let title = if app.is_live() {
                "By hand: make the change, then press {forward} for the tests and the result"
            } else {
                "By hand: {forward} shows the simulated result"
            };
            let title = app.preferences.keymap.fill(title);
            text_section(&title, false, lines, &fix.scroll, theme, area, frame);
        }
        Plan::Failed(why) => {
            let width = usize::from(area.width).saturating_sub(2);
            let mut lines = vec![Line::styled(" The edit cannot be planned:", theme.bad), Line::default()];
            for part in why.lines() {
                lines.extend(wrap(part, width).into_iter().map(|line| Line::from(format!(" {line}"))));
            }
            lines.push(Line::default());
            let next = " Press {folder} for another folder, {back} for the fixes.";
            lines.push(Line::from(app.preferences.keymap.fill(next)));
            put_lines(lines, area, frame);
        }
        Plan::Ready(edit) => {
            draw_edit(app, edit, &warnings, theme, area, frame);
        }
    }
}

/// The fix and its price; the numbers of files and resources, once they are planned.
fn title(app: &App, width: usize) -> Vec<Line<'static>> {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let mut text = app.previewed_fix().unwrap_or_default();
    if app.is_written() {
        text.push_str(" (written)");
    }
    if let Some(edit) = app.planned_edit() {
        text = format!("{text}: {}", edit.changes.tally());
    }
    let lines = wrap(&text, width.saturating_sub(2));
    lines.into_iter().map(|line| Line::styled(format!(" {line}"), bold)).collect()
}

fn draw_edit(
    app: &App,
    edit: &PlannedEdit,
    warnings: &[String],
    theme: &Theme,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    let (keymap, is_zoomed) = (&app.preferences.keymap, app.is_zoomed());
    let mut head = head(edit, warnings, keymap, theme, usize::from(area.width));
    let [top, files, diff] = edit_parts((edit, is_zoomed), head.len(), area);
    let (height, hidden) = (usize::from(top.height), head.len().saturating_sub(usize::from(top.height)));
    if let Some(last) = height.checked_sub(1).and_then(|last| head.get_mut(last)).filter(|_| hidden > 0) {
        // The confirmation of the write has all of them.
        let all = if app.is_written() { "enlarge the window" } else { "{write} shows all warnings" };
        let text = keymap.fill(&format!(" {} more lines: {all}", hidden + 1));
        *last = Line::styled(fit(&text, usize::from(area.width), theme), theme.bad);
    }
    put_lines(head, top, frame);
    if area.width < WITH_FILES && !is_zoomed {
        frame.render_widget(tabs(edit, theme, usize::from(area.width)), files);
    } else if !files.is_empty() {
        draw_files(edit, theme, files, frame);
    }
    if !diff.is_empty() {
        draw_diff(edit, theme, diff, frame);
    }
}

/// The least width with a list of files beside the diff.
const WITH_FILES: u16 = 110;

/// The checks and notes, the files, and the diff.
fn edit_parts((edit, is_zoomed): (&PlannedEdit, bool), head: usize, area: Rect) -> [Rect; 3] {
    let height = u16::try_from(head).unwrap_or(1).min(area.height / 3);
    let [top, below] = Layout::vertical([Constraint::Length(height), Constraint::Fill(1)]).areas(area);
    let none = Rect { width: 0, ..below };
    match edit.pane {
        Pane::List if is_zoomed => [Rect { height: 0, ..area }, area, none],
        Pane::Detail | Pane::Notes if is_zoomed => [Rect { height: 0, ..area }, none, area],
        _ if area.width >= WITH_FILES => {
            // An address is divided only if it needs more than a third of the screen.
            let longest = resources(edit).iter().map(|(_, address)| address.width()).max().unwrap_or(0);
            let room = u16::try_from(longest + 4).unwrap_or(u16::MAX).clamp(28, (below.width / 3).max(28));
            let [files, diff] =
                Layout::horizontal([Constraint::Length(room), Constraint::Fill(1)]).areas(below);
            [top, files, diff]
        }
        _ => {
            let [files, diff] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(below);
            [top, files, diff]
        }
    }
}

/// The pane at a position.
pub(super) fn hit(app: &App, preview: &Preview, theme: &Theme, area: Rect, at: Position) -> Hit {
    let Plan::Ready(edit) = &preview.plan else { return Hit::default() };
    let width = usize::from(area.width);
    let above = u16::try_from(title(app, width).len()).unwrap_or(1).min(area.height / 3);
    let [_, area] = Layout::vertical([Constraint::Length(above), Constraint::Fill(1)]).areas(area);
    let head = head(edit, &app.preview_warnings(), &app.preferences.keymap, theme, width);
    let [_, files, diff] = edit_parts((edit, app.is_zoomed()), head.len(), area);
    let pane = match () {
        () if files.contains(at) => Some(Pane::List),
        () if diff.contains(at) => Some(Pane::Detail),
        () => None,
    };
    Hit { pane, ..Hit::default() }
}

/// The checks, what the fix breaks, and the notes.
fn head(
    edit: &PlannedEdit,
    breaks: &[String],
    keymap: &Keymap,
    theme: &Theme,
    width: usize,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let checks = edit.verification.iter().flat_map(|verification| &verification.checks);
    if edit.verification.is_none() {
        let text = wrap(&running(edit, keymap), width.saturating_sub(2));
        lines.extend(text.into_iter().map(|line| Line::styled(format!(" {line}"), theme.muted)));
    } else {
        lines.push(Line::from(checks.clone().flat_map(|check| verdict(check, theme)).collect::<Vec<_>>()));
    }
    let mut reasons: Vec<&str> = Vec::new();
    for check in checks {
        match &check.outcome {
            Outcome::Failed(why) => lines.extend(labelled(" x", theme.bad, why, 3, width.saturating_sub(1))),
            // A reason that several checks share is shown once.
            Outcome::NotRun(why) if !reasons.contains(&why.as_str()) => {
                reasons.push(why);
                lines.extend(labelled(" ?", theme.doubt, why, 3, width.saturating_sub(1)));
            }
            Outcome::NotRun(_) | Outcome::Passed => {}
        }
        for note in &check.notes {
            lines.extend(labelled("  ", theme.muted, note, 3, width.saturating_sub(1)));
        }
    }
    for broken in breaks {
        lines.extend(labelled(" !", theme.bad, broken, 3, width.saturating_sub(1)));
    }
    let warnings = edit.verification.iter().flat_map(|verification| &verification.warnings);
    for note in warnings.chain(&edit.changes.notes) {
        lines.extend(labelled(" !", theme.doubt, note, 3, width.saturating_sub(1)));
    }
    for part in &edit.changes.by_hand {
        let note = format!("{}: not in these files. Done has its steps.", title_by_hand(part, true));
        lines.extend(labelled(" !", theme.bad, &note, 3, width.saturating_sub(1)));
    }
    lines
}

/// What runs now, and which code of the user's folder it executes.
fn running(edit: &PlannedEdit, keymap: &Keymap) -> String {
    match edit.requested.as_ref().map(|requested| requested.highest) {
        None => "Reading your answer for this folder".to_owned(),
        Some(CheckLevel::None) => "Looking for uncommitted changes".to_owned(),
        Some(level @ CheckLevel::Fmt) => format!("Running terraform {}", level.checks()),
        Some(level) => format!(
            "Running terraform {}: this executes {} of the folder ({}: choose)",
            level.checks(),
            level.executed_code(),
            keymap.name(Action::Checks)
        ),
    }
}

fn verdict(check: &Check, theme: &Theme) -> [Span<'static>; 2] {
    let (glyph, style) = match check.outcome {
        Outcome::Passed => ("+", theme.good),
        Outcome::Failed(_) => ("x", theme.bad),
        Outcome::NotRun(_) => ("?", theme.muted),
    };
    [
        Span::styled(format!(" {glyph} "), style),
        Span::raw(format!("{} {} ", check.name, check.outcome.word())),
    ]
}

fn draw_files(edit: &PlannedEdit, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let focused = edit.pane == Pane::List;
    let block = step_pane("Files", focused, theme, area);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let first = edit.file.saturating_sub(usize::from(inner.height).saturating_sub(1));
    let lines = edit.diffs.iter().enumerate().skip(first).map(|(at, file)| {
        let style = if at == edit.file { theme.selected } else { Style::new() };
        let text = format!("{} {}", letter(file), file.path.display());
        Line::styled(column(&text, usize::from(inner.width), theme), style)
    });
    let mut lines: Vec<Line<'static>> = lines.collect();
    lines.push(Line::default());
    lines.extend(resources(edit).into_iter().flat_map(|(sign, address)| {
        let style = if sign == '+' { theme.good } else { theme.doubt };
        labelled(&sign.to_string(), style, &address, 2, usize::from(inner.width))
    }));
    put_lines(lines, inner, frame);
}

/// The resources that the edit adds (`+`), changes (`~`) and destroys (`-`).
fn resources(edit: &PlannedEdit) -> Vec<(char, String)> {
    let adds = edit.changes.adds.iter().map(|address| ('+', address.to_string()));
    let changes = edit.changes.changes.iter().map(|address| ('~', address.to_string()));
    let destroys = edit.changes.destroys.iter().map(|address| ('-', address.to_string()));
    adds.chain(changes).chain(destroys).collect()
}

/// The files in one line. It starts with the first file from which the selected file is visible.
fn tabs(edit: &PlannedEdit, theme: &Theme, width: usize) -> Line<'static> {
    let labels: Vec<String> = edit
        .diffs
        .iter()
        .map(|file| format!(" {} {} ", letter(file), tidy(&file.path.display().to_string())))
        .collect();
    let mut first = 0;
    while first < edit.file
        && labels.iter().take(edit.file + 1).skip(first).map(|label| label.width()).sum::<usize>() > width
    {
        first += 1;
    }
    let spans = labels.into_iter().enumerate().skip(first).map(|(at, label)| {
        let style = match (at == edit.file, edit.pane) {
            (true, Pane::List) => theme.selected.patch(theme.accent),
            (true, Pane::Detail | Pane::Notes) => theme.selected,
            (false, _) => Style::new(),
        };
        Span::styled(label, style)
    });
    Line::from(spans.collect::<Vec<_>>())
}

/// `A` for a new file, `M` for a changed file, as in `git status`.
pub(super) fn letter(file: &FileDiff) -> char {
    if file.new { 'A' } else { 'M' }
}

/// The selected file and the next files. The title has the hunk at the top and the numbers of lines.
fn draw_diff(edit: &PlannedEdit, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
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
