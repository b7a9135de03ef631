//! The parts that all steps share: header, footer, notice, panes and the spinner.

use std::time::Instant;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Paragraph, Widget as _, Wrap};
use strum::VariantArray as _;
use unicode_width::UnicodeWidthStr as _;

use super::Theme;
use super::text::{fit, wrap};
use crate::app::{
    Action, App, Binding, Confirmation, Context, Dialog, Notice, Origin, SMALLEST_SCREEN, Scroll, Step,
};
use crate::model::{Egress, Snapshot};
use crate::text::is_unsafe;

/// Header, body, notice, caption and footer, with these numbers of lines of the notice and of the caption.
pub(super) fn parts(notice: usize, caption: usize, area: Rect) -> [Rect; 5] {
    let height = |lines: usize| Constraint::Length(u16::try_from(lines).unwrap_or(u16::MAX));
    let rows = [
        Constraint::Length(1),
        Constraint::Fill(1),
        height(notice.min(usize::from(area.height / 2))),
        height(caption),
        Constraint::Length(1),
    ];
    Layout::vertical(rows).areas(area)
}

/// On a lower screen a box has no margin.
pub(super) const LOW: u16 = 30;

/// The width of a box. A narrow screen has no columns beside it, in which only parts of words would be visible.
pub(super) fn box_width(widest: u16, area: Rect) -> u16 {
    if area.width < widest + 20 { area.width } else { widest }
}

/// Draws a sentence instead of the screen; text that does not fit is not drawn. A question whether to quit is drawn too, because its
/// keys work.
pub(super) fn too_small(app: &App, area: Rect, buffer: &mut Buffer) {
    let (width, height) = SMALLEST_SCREEN;
    let mut text = match &app.dialog {
        Some(Dialog::Confirm { confirmation: Confirmation::Quit { lost }, .. }) => {
            let keymap = &app.preferences.keymap;
            let keys = keymap.fill_in(Context::Confirmation, "Quit? {yes} or {no}.");
            format!("{keys} {}", lost.join(" "))
        }
        _ => format!(
            "egress-doctor needs {width}x{height}, this is {}x{}: enlarge the window, or press {} and run egress-doctor diagnose",
            area.width,
            area.height,
            app.preferences.keymap.name(Action::Quit)
        ),
    };
    text.retain(|c| !is_unsafe(c));
    Paragraph::new(text).wrap(Wrap { trim: true }).render(area, buffer);
}

/// `2026-11-20 10:20 UTC`: when the network was read.
pub(super) fn read_at(snapshot: &Snapshot) -> String {
    snapshot.taken_at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Service, region, egress, and the source and time of the data at the left, the steps at the right.
pub(super) fn header(app: &App, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let mut steps = Vec::new();
    for step in Step::VARIANTS {
        if *step != Step::Pick {
            steps.push(Span::styled(" > ", theme.muted));
        }
        steps.push(if *step == app.step() {
            Span::styled(step.title().to_uppercase(), theme.accent.add_modifier(Modifier::BOLD))
        } else {
            Span::styled(step.title(), theme.muted)
        });
    }
    let steps = Line::from(steps);
    let room = usize::from(area.width).saturating_sub(steps.width() + 3);
    let about = match app.case().filter(|_| app.step() != Step::Pick) {
        Some(case) => {
            let egress = match case.workload.egress {
                Egress::Default => "DEFAULT egress",
                Egress::Vpc(_) | Egress::Direct { .. } => "VPC egress",
                Egress::Unknown(_) => "egress unknown",
            };
            let name = &case.workload.name;
            let short = format!("{name}  {}", case.snapshot.region);
            let source = if app.is_live() { "live AWS, read" } else { "snapshot of" };
            let long = format!("{short}  {egress}");
            let full = format!("{long}  {source} {}", read_at(&case.snapshot));
            let texts = match app.simulated_fixes(case).len() {
                0 => [full, long, short],
                1 => [
                    format!("{full} + 1 simulated fix"),
                    format!("{long}  simulated"),
                    format!("{name}  simulated"),
                ],
                fixes => [
                    format!("{full} + {fixes} simulated fixes"),
                    format!("{long}  simulated"),
                    format!("{name}  simulated"),
                ],
            };
            let [.., shortest] = &texts;
            texts.iter().find(|text| text.width() <= room).unwrap_or(shortest).clone()
        }
        None => match &app.origin {
            Origin::Live(_) => "egress-doctor  live AWS".to_owned(),
            Origin::File(path) => format!("egress-doctor  {}", path.display()),
            Origin::Scenario(name) => format!("egress-doctor  demo {name}"),
        },
    };
    let title =
        Span::styled(format!(" {}", fit(&about, room, theme)), Style::new().add_modifier(Modifier::BOLD));
    frame.render_widget(Line::from(title), area);
    frame.render_widget(
        Paragraph::new(steps).alignment(Alignment::Right),
        Rect { width: area.width - 1, ..area },
    );
}

/// The notice: a completed action, or an error.
pub(super) fn notice(app: &App, theme: &Theme, width: u16) -> Vec<Line<'static>> {
    let (text, style) = match &app.notice {
        None => return Vec::new(),
        Some(Notice::Info(text) | Notice::Delayed(text)) => (text.clone(), theme.accent),
        Some(Notice::Error(text)) => {
            let key = app.preferences.keymap.name(Action::Back);
            (format!("x {text}  (press {key} to close)"), theme.bad)
        }
    };
    let lines = wrap(&text, usize::from(width).saturating_sub(2));
    lines.into_iter().map(|line| Line::styled(format!(" {line}"), style)).collect()
}

/// The keys that work now. If the footer is too narrow, those with the highest `priority` number are
/// dropped.
pub(super) fn footer(app: &App, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let context = app.context();
    let mut hints: Vec<&Binding> = app
        .preferences
        .keymap
        .bindings_of(context)
        .filter(|binding| !app.hint(binding).is_empty() && app.can(binding.action))
        .collect();
    let text = |binding: &Binding| {
        let key = binding.keys.first().map(|key| key.name()).unwrap_or_default();
        (key, app.hint(binding))
    };
    let width = |hints: &[&Binding]| -> usize {
        hints.iter().map(|binding| text(binding)).map(|(key, hint)| key.width() + hint.width() + 3).sum()
    };
    // The key for all panes comes first while one pane has the screen.
    let is_first = |binding: &Binding| app.is_zoomed() && binding.action == Action::Zoom;
    hints.sort_by_key(|binding| !is_first(binding));
    while width(&hints) > usize::from(area.width) {
        let last =
            hints.iter().enumerate().max_by_key(|(at, binding)| (!is_first(binding), binding.priority, *at));
        let Some((at, _)) = last else { break };
        hints.remove(at);
    }
    let mut spans = Vec::new();
    for binding in hints {
        let (key, hint) = text(binding);
        spans.push(Span::styled(format!(" {key}"), theme.accent.add_modifier(Modifier::BOLD)));
        spans.push(Span::raw(format!(" {hint} ")));
    }
    frame.render_widget(Line::from(spans), area);
}

/// The frame of the spinner at a time.
pub(super) fn spinner(theme: &Theme, since: Instant, now: Instant) -> &'static str {
    let elapsed = now.saturating_duration_since(since);
    let turn = usize::try_from(elapsed.as_millis() / 150).unwrap_or(0);
    let frames = theme.glyphs.spinner;
    frames.get(turn % frames.len().max(1)).copied().unwrap_or("*")
}

/// A pane with a title; the border of the focused pane has another colour.
pub(super) fn pane(title: &str, focused: bool, theme: &Theme) -> Block<'static> {
    let style = if focused { theme.accent } else { theme.muted };
    let title_style = if focused { style.add_modifier(Modifier::BOLD) } else { Style::new() };
    Block::bordered()
        .border_set(theme.glyphs.border)
        .border_style(style)
        .title(Span::styled(format!(" {title} "), title_style))
}

/// A pane beside others: the title of the focused one has a mark. A long title is shortened.
pub(super) fn step_pane(title: &str, focused: bool, theme: &Theme, area: Rect) -> Block<'static> {
    let mark = if focused { theme.glyphs.focus } else { "" };
    let title = fit(title, usize::from(area.width).saturating_sub(4 + mark.width()), theme);
    pane(&format!("{title}{mark}"), focused, theme)
}

/// A pane of lines from a scroll position. The border shows how many lines are above and below.
pub(super) fn text_pane(
    title: &str,
    focused: bool,
    lines: Vec<Line<'_>>,
    scroll: &Scroll,
    theme: &Theme,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    let block = step_pane(title, focused, theme, area);
    scrolled((block, Some(focused)), lines, scroll, theme, area, frame);
}

/// The same with a border only at the top, for text below panes.
pub(super) fn text_section(
    title: &str,
    focused: bool,
    lines: Vec<Line<'_>>,
    scroll: &Scroll,
    theme: &Theme,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    let block = step_pane(title, focused, theme, area);
    scrolled((block.borders(Borders::TOP), Some(focused)), lines, scroll, theme, area, frame);
}

/// Draws lines from the scroll position, and on the border the numbers of lines above and below. `bar` is the focus of the pane, if it
/// has a scroll bar.
pub(super) fn scrolled(
    (block, bar): (Block<'static>, Option<bool>),
    lines: Vec<Line<'_>>,
    scroll: &Scroll,
    theme: &Theme,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    let inner = block.inner(area);
    let height = usize::from(inner.height);
    let (count, first) = (lines.len(), scroll.first(lines.len(), height));
    let below = lines.len().saturating_sub(first + height);
    let more = match (first, below) {
        (0, 0) => None,
        (0, below) => Some(format!(" {below} more below ")),
        (above, 0) => Some(format!(" {above} more above ")),
        (above, below) => Some(format!(" {above} more above, {below} below ")),
    };
    let is_bottom = inner.bottom() < area.bottom();
    let block = match more {
        Some(more) if is_bottom => block.title_bottom(Line::styled(more, theme.muted).right_aligned()),
        Some(more) => block.title_top(Line::styled(more, theme.muted).right_aligned()),
        None => block,
    };
    frame.render_widget(block, area);
    put_lines(lines.into_iter().skip(first).collect(), inner, frame);
    let column = Rect { x: area.right().saturating_sub(1), width: 1, ..inner };
    if let Some(is_focused) = bar {
        scroll_bar((first, count), is_focused, theme, column, frame);
    }
}

/// The part of a text that is shown, as a thick part of the right border. `first` is the first of `lines` lines shown.
pub(super) fn scroll_bar(
    (first, lines): (usize, usize),
    is_focused: bool,
    theme: &Theme,
    column: Rect,
    frame: &mut Frame<'_>,
) {
    let height = usize::from(column.height);
    if lines <= height || height == 0 {
        return;
    }
    let length = (height * height / lines).max(1);
    let top = first * (height - length) / (lines - height);
    let style = if is_focused { theme.accent } else { theme.muted };
    let rows = (column.y..column.bottom()).skip(top).take(length);
    for y in rows {
        frame.buffer_mut().set_string(column.x, y, theme.glyphs.scroll_bar, style);
    }
}

/// Draws lines from the top of an area; lines that do not fit are dropped.
pub(super) fn put_lines(lines: Vec<Line<'_>>, area: Rect, frame: &mut Frame<'_>) {
    frame.render_widget(Paragraph::new(lines), area);
}
