//! What stands over the screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

use super::Theme;
use super::frame::{pane, put_lines};
use super::text::{column, fit, wrap};
use crate::app::{App, CallState, Choice, Context, Dialog, Input, KEYMAP, Question, Reading};
use crate::terraform::{Answer, Asked};

pub(super) fn draw(app: &App, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let Some(dialog) = &app.dialog else { return };
    match dialog {
        Dialog::Help { filter, scroll } => reader("keys", help(filter, theme), *scroll, theme, area, frame),
        Dialog::Calls { filter, scroll } => {
            let width = usize::from(area.width).saturating_sub(6);
            reader(
                "AWS calls, all read-only",
                calls(&app.reading, filter, width, theme),
                *scroll,
                theme,
                area,
                frame,
            );
        }
        Dialog::Question(choice, question) => ask(*choice, question, theme, area, frame),
        Dialog::Which { asked, selected } => which(asked, *selected, theme, area, frame),
        Dialog::Input { wanted, input, error } => {
            type_in(wanted.prompt(), input, error.as_deref(), theme, area, frame);
        }
    }
}

/// A box in the middle, cleared.
fn place(title: &str, height: usize, theme: &Theme, area: Rect, frame: &mut Frame<'_>) -> Rect {
    let width = area.width.saturating_sub(4).min(90);
    let height = u16::try_from(height).unwrap_or(u16::MAX).min(area.height.saturating_sub(2));
    let spot =
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    let block = pane(title, true, theme);
    let inner = block.inner(spot);
    frame.render_widget(Clear, spot);
    frame.render_widget(block, spot);
    inner
}

fn reader(
    title: &str,
    lines: Vec<Line<'static>>,
    scroll: usize,
    theme: &Theme,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    let inner = place(title, usize::from(area.height).saturating_sub(4), theme, area, frame);
    let last = lines.len().saturating_sub(usize::from(inner.height));
    put_lines(lines.into_iter().skip(scroll.min(last)).collect(), inner, frame);
}

fn help(filter: &str, theme: &Theme) -> Vec<Line<'static>> {
    let wanted = filter.to_lowercase();
    let mut lines = Vec::new();
    for context in Context::ALL {
        let bindings = KEYMAP.iter().filter(|binding| binding.contexts.contains(context));
        let rows: Vec<(String, &str)> = bindings
            .map(|binding| {
                let keys: Vec<String> = binding.keys.iter().map(|key| key.name()).collect();
                (keys.join(" "), binding.help)
            })
            .filter(|(keys, help)| format!("{keys} {help}").to_lowercase().contains(&wanted))
            .collect();
        if rows.is_empty() {
            continue;
        }
        lines.push(Line::styled(context.title(), theme.accent.add_modifier(Modifier::BOLD)));
        for (keys, help) in rows {
            lines.push(Line::from(format!("  {keys:<24}{help}")));
        }
    }
    lines
}

fn calls(reading: &Reading, filter: &str, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let wanted = filter.to_lowercase();
    let mut lines = Vec::new();
    for row in &reading.calls {
        let (glyph, style, text) = match &row.state {
            CallState::Running => ("-", theme.muted, "running".to_owned()),
            CallState::Finished { items, pages, elapsed } => {
                let pages = if *pages == 1 { String::new() } else { format!(" in {pages} pages") };
                ("+", theme.good, format!("{items} items{pages}, {} ms", elapsed.as_millis()))
            }
            CallState::Failed { gap, elapsed } => {
                ("x", theme.bad, format!("{gap}, {} ms", elapsed.as_millis()))
            }
        };
        let subject = format!("{} {}", row.call, row.scope);
        let text = format!("{}  {text}", subject.trim_end());
        if !text.to_lowercase().contains(&wanted) {
            continue;
        }
        let wrapped = wrap(&text, width.saturating_sub(2));
        for (number, part) in wrapped.into_iter().enumerate() {
            let head = if number == 0 { glyph } else { " " };
            lines.push(Line::from(vec![Span::styled(format!("{head} "), style), Span::raw(part)]));
        }
    }
    lines
}

/// Columns of a warning in a question.
const WARNING: usize = 72;

fn ask(choice: Choice, question: &Question, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let (title, lines, no, yes) = match question {
        Question::Write { files, warnings } => {
            let mut lines: Vec<String> = files.iter().map(|file| format!("  {}", file.display())).collect();
            let width = usize::from(area.width).saturating_sub(8).min(WARNING);
            for warning in warnings {
                lines.extend(wrap(&format!("! {warning}"), width));
            }
            ("write these files?", lines, "Cancel", "Write")
        }
        Question::Interrupted { root, files } => {
            let mut lines = vec![format!("An earlier write in {} was cut short:", root.display())];
            lines.extend(files.iter().map(|file| format!("  {}", file.display())));
            lines.push("Each is as it was, or as it was to be. esc decides later.".to_owned());
            ("a write was cut short", lines, "Roll back", "Finish")
        }
        Question::Quit => ("leave?", vec!["The diff is not written.".to_owned()], "Cancel", "Leave"),
    };
    let inner = place(title, lines.len() + 4, theme, area, frame);
    let width = usize::from(inner.width);
    let mut shown: Vec<Line<'static>> =
        lines.iter().map(|line| Line::from(fit(line, width, theme))).collect();
    shown.push(Line::default());
    let button = |text: &str, mine: Choice| {
        let (mark, style) = if choice == mine { (">", theme.selected) } else { (" ", Style::new()) };
        Span::styled(format!("{mark}[ {text} ]"), style)
    };
    shown.push(Line::from(vec![button(no, Choice::Cancel), Span::raw("  "), button(yes, Choice::Proceed)]));
    put_lines(shown, inner, frame);
}

/// The answers, each with what speaks for it; the one under the cursor stays in sight.
fn which(asked: &Asked, selected: usize, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let width = usize::from(area.width).saturating_sub(8).min(84);
    let head = "Neither the code nor a state beside it tells, and nothing is edited on a guess.";
    let mut lines: Vec<Line<'static>> = wrap(head, width).into_iter().map(Line::from).collect();
    let mut ends = Vec::new();
    for (number, answer) in asked.answers().iter().enumerate() {
        let (title, evidence) = match answer {
            Answer::Block(address) => {
                let known = asked.candidates.iter().find(|one| one.address == *address);
                let evidence = known
                    .map(|one| format!("{}, {} of 100: {}", one.place, one.score, one.evidence.join(", ")));
                (address.clone(), evidence.unwrap_or_default())
            }
            Answer::Elsewhere if asked.candidates.is_empty() => {
                ("Other code makes it".to_owned(), "the change belongs there".to_owned())
            }
            Answer::Elsewhere => (
                "None of these".to_owned(),
                "other code makes it: only what stands beside it is written here".to_owned(),
            ),
            Answer::Import => {
                ("No code makes it".to_owned(), "take it into this code with an import block".to_owned())
            }
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
    let title = format!("what makes {}?", asked.id);
    let inner = place(&title, lines.len() + 2, theme, area, frame);
    let end = ends.get(selected).copied().unwrap_or_default();
    let hidden = end.saturating_sub(usize::from(inner.height));
    put_lines(lines.into_iter().skip(hidden).collect(), inner, frame);
}

fn type_in(
    prompt: &str,
    input: &Input,
    error: Option<&str>,
    theme: &Theme,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    let inner = place(prompt, 4, theme, area, frame);
    let width = usize::from(inner.width);
    let (before, behind) = input.split();
    // The cursor's surroundings stay in sight, however long the line is.
    let hidden = before.chars().count().saturating_sub(width.saturating_sub(2));
    let before: String = before.chars().skip(hidden).collect();
    let (at, behind) = match behind.chars().next() {
        Some(c) => (c.to_string(), behind.chars().skip(1).collect()),
        None => (" ".to_owned(), String::new()),
    };
    let line = Line::from(vec![Span::raw(before), Span::styled(at, theme.selected), Span::raw(behind)]);
    let below = Line::styled(
        column(error.unwrap_or("enter takes it, esc cancels"), width, theme),
        match error {
            Some(_) => theme.bad,
            None => theme.muted,
        },
    );
    frame.render_widget(Paragraph::new(vec![line, below]), inner);
}
