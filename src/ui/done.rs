//! The fifth step: the written files, the next commands, the test plan, the rollback and the result.

use std::cell::Cell;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::by_hand::{self, MARGIN};
use super::frame::{pane, put_lines, text_section};
use super::text::{command_parts, labelled, wrap};
use super::{Theme, map, matrix};
use crate::app::{Action, After, App, Done, Keymap, Scroll, WATCH};
use crate::report::{COMMANDS_BY_HAND, ROLLBACK_BY_HAND, money};
use crate::text::listed;

pub(super) fn draw(app: &App, done: &Done, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let keymap = &app.preferences.keymap;
    let width = usize::from(area.width).saturating_sub(2);
    let result_height = match &done.after {
        _ if app.is_zoomed() => 0,
        None | Some(After::Running) => {
            u16::try_from(before(done, width).len() + 2).unwrap_or(u16::MAX).min(area.height / 3)
        }
        Some(_) => {
            u16::try_from(matrix::own(done.before()).count() + 6).unwrap_or(u16::MAX).min(area.height * 3 / 5)
        }
    };
    let lines = plan(app, done, theme, width);
    // A large screen has room for the maps.
    let room = usize::from(area.height.saturating_sub(result_height)).saturating_sub(lines.len() + 1);
    let maps = if area.width >= MAP_WIDTH && room > 0 && !done.undone && !app.is_zoomed() {
        map::section_of_done(done, width, theme)
    } else {
        Vec::new()
    };
    let map_height = if maps.len() <= room && !maps.is_empty() { maps.len() + 1 } else { 0 };
    let map_height = u16::try_from(map_height).unwrap_or(0);
    let heights = [Constraint::Fill(1), Constraint::Length(map_height), Constraint::Length(result_height)];
    let [text, strip, result] = Layout::vertical(heights).areas(area);
    if map_height > 0 {
        let title = keymap.fill("Path map before and after ({map}: whole screen)");
        text_section(&title, false, maps, &Scroll::default(), theme, strip, frame);
    }
    let height = usize::from(text.height);
    // A scroll bar would be a part of the commands that are copied with the mouse.
    let first = done.scroll.first(lines.len(), height);
    let below = lines.len().saturating_sub(first + height);
    let mut shown: Vec<Line<'static>> = lines.into_iter().skip(first).take(height).collect();
    if let Some(last) = shown.last_mut().filter(|_| below > 0) {
        let text = format!(" {} more lines below (press {{down}})", below + 1);
        *last = Line::styled(keymap.fill(&text), theme.muted);
    }
    put_lines(shown, text, frame);
    if !result.is_empty() {
        draw_result(done, keymap, theme, result, frame);
    }
}

/// The least width of the step with the path maps.
const MAP_WIDTH: u16 = 116;

pub(super) fn plan(app: &App, done: &Done, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let undo = app.preferences.keymap.name(Action::Undo);
    let strong = theme.accent.add_modifier(Modifier::BOLD);
    let mut lines = Vec::new();
    let mut put = |label: &str, text: &str| lines.extend(labelled(label, strong, text, MARGIN, width));
    let written = done.written.as_ref();
    let files = written.iter().flat_map(|written| &written.receipt.files);
    let files: Vec<String> = files.map(|file| file.display().to_string()).collect();
    let root = written.map(|written| written.changes.root.display().to_string()).unwrap_or_default();
    let estimate = &done.proposal.estimate;
    put(" Fix", &format!("{}, {}", done.proposal.title, money(estimate.fixed_per_month, estimate.per_gb())));
    if done.undone {
        match written {
            Some(_) => put(" Undone", &format!("{} in {root}: restored byte for byte", files.join(", "))),
            None => put(" Undone", "The simulated change by hand is undone."),
        }
        if let Some(former) = app.undoable() {
            put(" Before", &format!("{} is still written. Press {undo} to undo it.", former.proposal.title));
        }
        return lines;
    }
    if written.is_some() {
        put(" Written", &format!("{} in {root}", files.join(", ")));
    }
    if done.watch.is_some() {
        let key = app.preferences.keymap.name(Action::Watch);
        let seconds = WATCH.as_secs();
        put(
            " Watch",
            &format!(
                "AWS is read every {seconds} s until all destinations are reachable. Press {key} to stop."
            ),
        );
    }
    if let Some(written) = written {
        put(" Backup", &written.receipt.backup.display().to_string());
    }
    for broken in &done.proposal.breaks {
        put(" ! Breaks", broken);
    }
    if let Some(sentence) = done.proposal.may_break() {
        put(" ? May break", sentence);
    }
    let number = Cell::new(0);
    let numbered = |label: &str, command: &str| {
        number.set(number.get() + 1);
        command_lines(label, command, number.get(), MARGIN, width, theme)
    };
    let by_hand = |is_first: bool| done.by_hand.iter().filter(move |part| part.is_first == is_first);
    let put_by_hand = |lines: &mut Vec<Line<'static>>, is_first: bool| {
        let commands = done.commands_by_hand(is_first).apply;
        for part in by_hand(is_first) {
            lines.extend(by_hand::reason(part, written.is_some(), theme, width));
        }
        if !commands.is_empty() {
            lines.extend(labelled(" AWS CLI", strong, &format!("{COMMANDS_BY_HAND}:"), MARGIN, width));
        }
        for command in &commands {
            lines.extend(numbered("", command));
        }
        for part in by_hand(is_first) {
            lines.extend(by_hand::code(part, theme, width));
        }
    };
    put_by_hand(&mut lines, true);
    for (at, command) in done.next_commands().iter().enumerate() {
        lines.extend(numbered(if at == 0 { " Next" } else { "" }, command));
    }
    put_by_hand(&mut lines, false);
    let follow_up = done.follow_up();
    lines.extend(rollback(done, &undo, theme, width));
    let former: Vec<String> = app.undoable_later().map(|former| former.proposal.title.clone()).collect();
    if !former.is_empty() {
        let is_written = app.undoable_later().all(|former| former.written.is_some());
        let made = if is_written { "written" } else { "made" };
        let (verb, times) = match former.len() {
            1 => ("was", "twice to undo both".to_owned()),
            2 => ("were", "three times to undo all".to_owned()),
            count => ("were", format!("{} times to undo all", count + 1)),
        };
        let names = listed(&former, "and");
        let text = format!("{names} {verb} {made} before this fix. Press {undo} {times}.");
        lines.extend(labelled(" Before", strong, &text, MARGIN, width));
    }
    for (at, step) in follow_up.test.into_iter().enumerate() {
        lines.extend(labelled(if at == 0 { " Test" } else { "" }, strong, &step.what, MARGIN, width));
        if let Some(command) = step.command {
            lines.extend(numbered("", &command));
        }
    }
    let mut put = |label: &str, text: &str| lines.extend(labelled(label, strong, text, MARGIN, width));
    for (number, sentence) in follow_up.watch.into_iter().enumerate() {
        put(if number == 0 { " Expect" } else { "" }, &sentence);
    }
    lines.extend(by_hand::not_needed(&done.proposal, theme, width));
    lines
}

/// The rollback of the written files, and of what is made by hand.
fn rollback(done: &Done, undo: &str, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let strong = theme.accent.add_modifier(Modifier::BOLD);
    let label = " Rollback";
    let mut lines = Vec::new();
    if let Some(written) = &done.written {
        let apply = written.changes.run.tool.apply();
        let text =
            format!("Press {undo} to restore the files, then run {apply} to {}", done.proposal.rollback);
        lines.extend(labelled(label, strong, &text, MARGIN, width));
    }
    let commands: Vec<String> =
        [false, true].into_iter().flat_map(|is_first| done.commands_by_hand(is_first).roll_back).collect();
    if !commands.is_empty() {
        lines.extend(labelled(label, strong, &format!("{ROLLBACK_BY_HAND}:"), MARGIN, width));
        lines.extend(by_hand::commands(&commands, width));
    } else if lines.is_empty() {
        lines.extend(labelled(label, strong, &done.proposal.rollback, MARGIN, width));
    }
    lines
}

/// A command with its number, which is the key that copies it.
fn command_lines(
    label: &str,
    command: &str,
    number: usize,
    margin: usize,
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let parts = command_parts(command, width.saturating_sub(margin), width);
    let key = if number <= LAST_NUMBER { number.to_string() } else { String::new() };
    let label = format!("{label:<width$}", width = margin.saturating_sub(2));
    let strong = theme.accent.add_modifier(Modifier::BOLD);
    let rest = " ".repeat(margin);
    parts
        .into_iter()
        .enumerate()
        .map(|(at, part)| {
            let head = match (at, part.is_flush) {
                (0, _) => {
                    vec![Span::styled(label.clone(), strong), Span::styled(format!("{key:1} "), theme.accent)]
                }
                (_, false) => vec![Span::raw(rest.clone())],
                (_, true) => Vec::new(),
            };
            Line::from([head, vec![Span::raw(part.text)]].concat())
        })
        .collect()
}

/// The highest number of a command that has a key.
const LAST_NUMBER: usize = 9;

/// The result before the fix.
fn before(done: &Done, width: usize) -> Vec<String> {
    wrap(&format!("before: {}", done.before().headline), width)
}

fn draw_result(done: &Done, keymap: &Keymap, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let applied = format!(
        "After {}, press {{forward}} or {{refresh}} to see the result",
        done.written.as_ref().map_or("terraform apply", |written| written.changes.run.tool.apply())
    );
    let (title, after) = match &done.after {
        None if done.undone => ("Network", None),
        None if done.written.is_none() => {
            ("After the change by hand, press {forward} or {refresh} to see the result", None)
        }
        None => (applied.as_str(), None),
        Some(After::Running) => ("Reading AWS", None),
        Some(After::Read(after)) => ("Before and after, read from AWS", Some(after)),
        Some(After::Simulated(after)) if !done.by_hand.is_empty() => {
            ("Before and after, simulated: after the change by hand", Some(after))
        }
        Some(After::Simulated(after)) => ("Before and after, simulated result (demo data)", Some(after)),
    };
    let block = pane(&keymap.fill(title), false, theme);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let room = usize::from(inner.width);
    let width = room.min(70);
    let not_fixed = done.not_fixed();
    let rest = (!not_fixed.is_empty()).then(|| {
        let names = not_fixed.join(", ");
        let next = if done.rest_is_unknown() { "how to check this" } else { "the fixes" };
        let text =
            |what: &str| format!("Not fixed: {what}. Press {} for {next}.", keymap.name(Action::Forward));
        let mut lines = wrap(&text(&names), room);
        if lines.len() > 2 {
            lines = wrap(&text(&format!("{} destinations", not_fixed.len())), room);
        }
        lines.into_iter().map(|line| Line::styled(line, theme.bad))
    });
    let mut lines: Vec<Line<'static>> = rest.into_iter().flatten().collect();
    if after.is_some() && not_fixed.is_empty() {
        lines
            .push(Line::styled("+ All destinations are reachable.", theme.good.add_modifier(Modifier::BOLD)));
    }
    lines.extend(match after {
        None => before(done, room).into_iter().map(|line| Line::styled(line, theme.muted)).collect(),
        Some(after) => {
            let size = (width, usize::MAX);
            matrix::change((done.before(), after), &done.case.snapshot, size, keymap, theme)
        }
    });
    let height = usize::from(inner.height);
    if lines.len() > height {
        let hidden = lines.len() - height + 1;
        lines.truncate(height.saturating_sub(1));
        let text = keymap.fill(&format!(" {hidden} more below: press {{map}} for the path map"));
        lines.push(Line::styled(text, theme.muted));
    }
    put_lines(lines, inner, frame);
}
