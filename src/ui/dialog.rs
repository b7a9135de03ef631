//! Draws the dialog in front of the step.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use strum::VariantArray as _;
use unicode_width::UnicodeWidthStr as _;

use super::frame::{LOW, box_width, pane, put_lines, scrolled};
use super::list::{filtered_title, highlighted};
use super::text::{fit, labelled, wrap};
use super::{Theme, explain, map, picker};
use crate::app::{
    App, Button, CallState, Confirmation, Context, Dialog, Discovery, Filter, Input, InputState, Keymap,
    Scroll, answers_shown,
};
use crate::model::CallRecord;
use crate::terraform::{CheckLevel, OwnerChoice, OwnerQuestion};

/// <https://docs.aws.amazon.com/apprunner/latest/dg/apprunner-availability-change.html>
const AVAILABILITY: &str = "App Runner has been closed to new customers since 30 April 2026. Existing services continue to run; AWS \
                            recommends Amazon ECS Express Mode.";

/// The greatest width of a box, with its border.
const MAX_BOX: u16 = 90;

pub(super) fn draw(app: &App, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let Some(dialog) = &app.dialog else { return };
    let keymap = &app.preferences.keymap;
    match dialog {
        Dialog::Help { filter, scroll } => {
            let lines = |filter: &Filter| help(app, filter, text_width(area), theme);
            let (shown, all) = (lines(filter), lines(&Filter::default()).len());
            let title = filtered_title("Keys", filter, shown.len(), all);
            reader(&title, shown, scroll, theme, area, frame);
        }
        Dialog::Calls { filter, scroll } => {
            let width = text_width(area);
            let (lines, shown) = calls(&app.discovery, app.call_limit(), filter, width, theme);
            let title = filtered_title("AWS calls, all read-only", filter, shown, app.discovery.calls.len());
            reader(&title, lines, scroll, theme, area, frame);
        }
        Dialog::Explain { hop, scroll } => {
            configuration(app, *hop, scroll, theme, area, frame);
        }
        Dialog::Map { scroll, column } => map::whole_screen(app, (scroll, column), theme, area, frame),
        Dialog::Confirm { button, confirmation, scroll } => {
            confirm((*button, confirmation), scroll, keymap, theme, area, frame);
        }
        Dialog::Owner { question, selected, filter } => {
            owner(question, *selected, filter, theme, area, frame);
        }
        Dialog::Picker(list) => picker::draw(list, keymap, theme, area, frame),
        Dialog::Checks { root, selected } => checks(root, *selected, theme, area, frame),
        Dialog::Input { purpose, input, state } => {
            text_input((purpose.prompt(), input, state), keymap, theme, area, frame);
        }
    }
}

/// The width of the text in the widest box.
fn text_width(area: Rect) -> usize {
    usize::from(place(0, area).width.saturating_sub(2))
}

/// A box of this height in the middle of the screen.
fn place(height: usize, area: Rect) -> Rect {
    let width = box_width(MAX_BOX, area);
    let height = u16::try_from(height).unwrap_or(u16::MAX).min(area.height.saturating_sub(2));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// Draws an empty box in the middle of the screen; returns its inner area.
fn open_box(title: &str, height: usize, theme: &Theme, area: Rect, frame: &mut Frame<'_>) -> Rect {
    let outer = place(height, area);
    let block = pane(title, true, theme);
    let inner = block.inner(outer);
    frame.render_widget(Clear, outer);
    frame.render_widget(block, outer);
    inner
}

/// A text that scrolls. The border shows how many lines are above and below.
fn reader(
    title: &str,
    lines: Vec<Line<'static>>,
    scroll: &Scroll,
    theme: &Theme,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    // On a low screen the box covers all panes and the headline. The line above the footer is that of the tour.
    let margin = if area.height < LOW { 3 } else { 4 };
    let outer = place(usize::from(area.height).saturating_sub(margin), area);
    frame.render_widget(Clear, outer);
    scrolled((pane(title, true, theme), Some(true)), lines, scroll, theme, outer, frame);
}

/// The configuration behind a hop, as wide as the screen allows and as high as its text.
fn configuration(app: &App, hop: usize, scroll: &Scroll, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let width = box_width(WIDEST_BOX, area);
    let lines = explain::lines(app, hop, usize::from(width.saturating_sub(2)), theme);
    let most = area.height.saturating_sub(3);
    let height =
        if area.height < LOW { most } else { u16::try_from(lines.len() + 2).unwrap_or(most).min(most) };
    let (x, y) = (area.x + (area.width - width) / 2, area.y + (area.height - height) / 2);
    let outer = Rect { x, y, width, height };
    frame.render_widget(Clear, outer);
    let block = pane(&explain::title(app, hop), true, theme);
    scrolled((block, Some(true)), lines, scroll, theme, outer, frame);
}

/// The greatest width of the box with a configuration.
const WIDEST_BOX: u16 = 150;

/// The greatest width of the column of keys.
const WIDEST_KEYS: usize = 26;

/// All keys: first those of the step shown, then the others.
fn help(app: &App, filter: &Filter, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let (step, keymap) = (Context::from(app.step()), &app.preferences.keymap);
    let others = Context::VARIANTS.iter().filter(|context| **context != step);
    for context in [&step].into_iter().chain(others) {
        let rows: Vec<(String, &str)> = keymap
            .bindings_of(*context)
            .map(|binding| {
                let keys: Vec<String> = binding.keys.iter().map(|key| key.name()).collect();
                (keys.join(" "), binding.help)
            })
            .filter(|(keys, help)| filter.shows(&format!("{keys} {help}")))
            .collect();
        if rows.is_empty() {
            continue;
        }
        lines.push(Line::styled(context.title(), theme.accent.add_modifier(Modifier::BOLD)));
        let margin = rows.iter().map(|(keys, _)| keys.width() + 4).max().unwrap_or(0).min(WIDEST_KEYS);
        for (keys, help) in rows {
            lines.extend(labelled(&format!("  {keys}"), Style::new(), help, margin, width));
        }
    }
    if filter.shows(AVAILABILITY) {
        lines.push(Line::styled("App Runner", theme.accent.add_modifier(Modifier::BOLD)));
        lines.extend(
            wrap(AVAILABILITY, width.saturating_sub(2))
                .into_iter()
                .map(|line| Line::raw(format!("  {line}"))),
        );
    }
    lines
}

/// `3 items in 2 pages`.
fn read_items(record: &CallRecord) -> String {
    let pages = if record.pages == 1 { String::new() } else { format!(" in {} pages", record.pages) };
    let noun = if record.items == 1 { "item" } else { "items" };
    format!("{} {noun}{pages}", record.items)
}

fn calls(
    discovery: &Discovery,
    call_limit: Duration,
    filter: &Filter,
    width: usize,
    theme: &Theme,
) -> (Vec<Line<'static>>, usize) {
    let mut lines = Vec::new();
    let mut shown = 0;
    for row in &discovery.calls {
        let (glyph, style, text) = match &row.state {
            CallState::Running => {
                let limit = call_limit.as_secs();
                ("-", theme.muted, format!("no answer yet, given up after {limit} s"))
            }
            CallState::Ended(record) => match record.gap() {
                None => ("+", theme.good, format!("{}, {} ms", read_items(record), record.milliseconds)),
                Some(gap) if record.pages == 0 => {
                    ("x", theme.bad, format!("{gap}, {} ms", record.milliseconds))
                }
                Some(gap) => {
                    let read = read_items(record);
                    ("x", theme.bad, format!("{gap}, after {read}, {} ms", record.milliseconds))
                }
            },
        };
        let subject = format!("{} {}", row.call, row.scope);
        let text = format!("{}  {text}", subject.trim_end());
        if !filter.shows(&text) {
            continue;
        }
        shown += 1;
        let wrapped = wrap(&text, width.saturating_sub(2));
        for (number, part) in wrapped.into_iter().enumerate() {
            let head = if number == 0 { glyph } else { " " };
            let mut spans = vec![Span::styled(format!("{head} "), style)];
            spans.extend(highlighted(&part, filter, Style::new()));
            lines.push(Line::from(spans));
        }
    }
    (lines, shown)
}

/// The greatest width of a line in a confirmation.
const WIDTH: usize = 84;

/// The title and the text of a confirmation.
pub(super) fn question(
    confirmation: &Confirmation,
    width: usize,
    keymap: &Keymap,
    theme: &Theme,
) -> (&'static str, Vec<Line<'static>>) {
    let strong = theme.accent.add_modifier(Modifier::BOLD);
    let plain = |text: &str| wrap(text, width).into_iter().map(Line::from).collect::<Vec<_>>();
    let files = |files: &[PathBuf]| {
        files.iter().map(|file| Line::from(fit(&format!("  {}", file.display()), width, theme))).collect()
    };
    let mut lines: Vec<Line<'static>> = Vec::new();
    let title = match confirmation {
        Confirmation::Write { fix, tally, files: written, warnings } => {
            lines.extend(labelled("Fix", strong, fix, 6, width));
            lines.extend(labelled("Edit", strong, tally, 6, width));
            lines.extend::<Vec<_>>(files(written));
            for warning in warnings {
                lines.extend(labelled("!", theme.doubt, warning, 2, width));
            }
            "Write this edit?"
        }
        Confirmation::Interrupted { root, files: written } => {
            lines.extend(plain(&format!("An earlier write in {} was interrupted:", root.display())));
            lines.extend::<Vec<_>>(files(written));
            let later = "Each file has its old or its new content. Press {back} to decide later.";
            lines.extend(plain(&keymap.fill_in(Context::Confirmation, later)));
            "Interrupted write"
        }
        Confirmation::Undo { root, fix, files: written } => {
            lines.extend(labelled("Fix", strong, fix, 7, width));
            lines.extend(labelled("Folder", strong, &root.display().to_string(), 7, width));
            lines.extend::<Vec<_>>(files(written));
            "Undo this write?"
        }
        Confirmation::Quit { lost } | Confirmation::OtherScenario { lost, .. } => {
            for sentence in lost {
                lines.extend(labelled("!", theme.doubt, sentence, 2, width));
            }
            if matches!(confirmation, Confirmation::Quit { .. }) {
                "Quit? (Ctrl-C: quit now)"
            } else {
                "Open another scenario?"
            }
        }
    };
    (title, lines)
}

/// The text scrolls; the buttons are always visible.
fn confirm(
    (selected, confirmation): (Button, &Confirmation),
    scroll: &Scroll,
    keymap: &Keymap,
    theme: &Theme,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    let width = usize::from(area.width).saturating_sub(8).min(WIDTH);
    let (title, lines) = question(confirmation, width, keymap, theme);
    let inner = open_box(title, lines.len() + 4, theme, area, frame);
    let [text, below] = Layout::vertical([Constraint::Fill(1), Constraint::Length(2)]).areas(inner);
    let height = usize::from(text.height);
    let (first, hidden) = (scroll.first(lines.len(), height), lines.len().saturating_sub(height));
    put_lines(lines.into_iter().skip(first).collect(), text, frame);
    let draw_button = |button: Button| {
        let (mark, style) = if button == selected { (">", theme.selected) } else { (" ", Style::new()) };
        Span::styled(format!("{mark}[ {} ]", confirmation.label(button)), style)
    };
    let more = match hidden - first {
        0 => Line::default(),
        count => {
            let text = format!("{count} more lines below (press {{down}})");
            Line::styled(keymap.fill_in(Context::Confirmation, &text), theme.muted)
        }
    };
    let buttons =
        Line::from(vec![draw_button(Button::Cancel), Span::raw("  "), draw_button(Button::Proceed)]);
    put_lines(vec![more, buttons], below, frame);
}

/// The answers, each with its evidence. The selected answer is always visible.
fn owner(
    question: &OwnerQuestion,
    selected: usize,
    filter: &Filter,
    theme: &Theme,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    let shown = answers_shown(question, filter);
    let width = usize::from(area.width).saturating_sub(8).min(84);
    let head = "Neither the code nor a Terraform state identifies the resource. Without your answer, egress-doctor \
                does not edit code.";
    let mut lines: Vec<Line<'static>> = wrap(head, width).into_iter().map(Line::from).collect();
    let mut ends = Vec::new();
    let answers = question.answers();
    for (number, answer) in answers.iter().enumerate() {
        if !shown.contains(&number) {
            ends.push(lines.len());
            continue;
        }
        let (title, evidence) = match answer {
            OwnerChoice::Block(address) => {
                let candidate = question.candidates.iter().find(|candidate| candidate.address == *address);
                let evidence = candidate.map(|candidate| {
                    format!(
                        "{}, score {} of 100: {}",
                        candidate.place,
                        candidate.score,
                        candidate.evidence.join(", ")
                    )
                });
                (address.to_string(), evidence.unwrap_or_default())
            }
            OwnerChoice::Elsewhere if question.candidates.is_empty() => {
                ("It is managed by other code".to_owned(), "make the change in that code".to_owned())
            }
            OwnerChoice::Elsewhere => (
                "None of these".to_owned(),
                "it is managed by other code: egress-doctor only adds separate resources here".to_owned(),
            ),
            OwnerChoice::Import => (
                "It is not managed by Terraform".to_owned(),
                "add it to this code with an import block".to_owned(),
            ),
        };
        let (mark, style) = if number == selected { ("> ", theme.selected) } else { ("  ", Style::new()) };
        lines.push(Line::styled(fit(&format!("{mark}{title}"), width, theme), style));
        lines.extend(
            wrap(&evidence, width.saturating_sub(4))
                .into_iter()
                .map(|part| Line::styled(format!("    {part}"), theme.muted)),
        );
        ends.push(lines.len());
    }
    let title = format!("Which resource manages {}?", question.id);
    let title = filtered_title(&title, filter, shown.len(), answers.len());
    let inner = open_box(&title, lines.len() + 2, theme, area, frame);
    let end = ends.get(selected).copied().unwrap_or_default();
    let hidden = end.saturating_sub(usize::from(inner.height));
    put_lines(lines.into_iter().skip(hidden).collect(), inner, frame);
}

/// The question which checks may run: what they execute, and the four answers.
fn checks(root: &Path, selected: CheckLevel, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let width = usize::from(area.width).saturating_sub(8).min(84);
    let head = [
        "validate and plan execute code of this folder: provider binaries and, with plan, external data sources. They \
         run with your environment and AWS credentials. Allow them only if you trust the code."
            .to_owned(),
        "egress-doctor remembers the answer for this folder.".to_owned(),
    ];
    let mut lines = vec![Line::from(fit(&root.display().to_string(), width, theme))];
    lines.extend(head.iter().flat_map(|text| wrap(text, width)).map(Line::from));
    lines.push(Line::default());
    for level in CheckLevel::VARIANTS {
        let (mark, style) = if *level == selected { (">", theme.selected) } else { (" ", Style::new()) };
        let text = format!("{mark} {:<9} {}", level.name(), level.description());
        lines.push(Line::styled(fit(&text, width, theme), style));
    }
    let inner = open_box("Which checks may run?", lines.len() + 2, theme, area, frame);
    put_lines(lines, inner, frame);
}

fn text_input(
    (prompt, input, state): (&str, &Input, &InputState),
    keymap: &Keymap,
    theme: &Theme,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    let keys = keymap.fill_in(Context::Input, "{forward} OK, {back} cancel");
    let (below, style) = match state {
        InputState::Typing => (keys.as_str(), theme.muted),
        InputState::Checking(_) => ("Reading the folder", theme.muted),
        InputState::Rejected(reason) => (reason.as_str(), theme.bad),
    };
    let below = below.lines().flat_map(|line| wrap(line, text_width(area))).collect::<Vec<_>>();
    let inner = open_box(prompt, below.len() + 3, theme, area, frame);
    let width = usize::from(inner.width);
    let (before, after) = input.split();
    let text = if input.is_selected() { theme.selected } else { Style::new() };
    // A long line scrolls, so that the cursor is visible.
    let hidden = before.chars().count().saturating_sub(width.saturating_sub(2));
    let before: String = before.chars().skip(hidden).collect();
    let (at, after) = match after.chars().next() {
        Some(c) => (c.to_string(), after.chars().skip(1).collect()),
        None => (" ".to_owned(), String::new()),
    };
    let mut lines = vec![Line::from(vec![
        Span::styled(before, text),
        Span::styled(at, theme.selected),
        Span::raw(after),
    ])];
    lines.extend(below.into_iter().map(|line| Line::styled(line, style)));
    put_lines(lines, inner, frame);
}
