//! The fourth step: the exact diff, and the results of Terraform's checks.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::frame::{put_lines, step_pane, text_section};
use super::text::{column, fit, labelled, tidy, wrap};
use super::{Theme, by_hand, diff};
use crate::app::{Action, App, Hit, Keymap, Pane, Plan, PlannedEdit, Preview};
use crate::report::title_by_hand;
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
        diff::draw(edit, theme, diff, frame);
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
        let text = format!("{} {}", diff::letter(file), file.path.display());
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
        .map(|file| format!(" {} {} ", diff::letter(file), tidy(&file.path.display().to_string())))
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
