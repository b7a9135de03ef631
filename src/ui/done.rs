//! The fifth step: the written files, the next commands, the test plan, the rollback and the result.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Modifier;
use ratatui::text::Line;

use super::frame::{pane, put_lines};
use super::text::labelled;
use super::{Theme, matrix};
use crate::app::{After, Done};
use crate::report::money;

pub(super) fn draw(done: &Done, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let width = usize::from(area.width).saturating_sub(2);
    let result_height = match &done.after {
        None | Some(After::Running) => 3,
        Some(_) => {
            u16::try_from(matrix::own(done.before()).count() + 4).unwrap_or(u16::MAX).min(area.height / 2)
        }
    };
    let [text, result] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(result_height)]).areas(area);
    let lines = plan(done, theme, width);
    put_lines(lines.into_iter().skip(done.scroll).collect(), text, frame);
    draw_result(done, theme, result, frame);
}

fn plan(done: &Done, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    const MARGIN: usize = 10;
    let strong = theme.accent.add_modifier(Modifier::BOLD);
    let mut lines = Vec::new();
    let mut put = |label: &str, text: &str| lines.extend(labelled(label, strong, text, MARGIN, width));
    let files: Vec<String> = done.receipt.files.iter().map(|file| file.display().to_string()).collect();
    let root = done.changes.root.display();
    let estimate = &done.proposal.estimate;
    put(" Fix", &format!("{}, {}", done.proposal.title, money(estimate.fixed_per_month, estimate.per_gb())));
    if done.undone {
        put(" Undone", &format!("{} in {root}: restored byte for byte", files.join(", ")));
        return lines;
    }
    put(" Written", &format!("{} in {root}", files.join(", ")));
    put(" Backup", &done.receipt.backup.display().to_string());
    for (number, command) in done.commands().lines().enumerate() {
        put(if number == 0 { " Next" } else { "" }, command);
    }
    let follow_up = done.case.follow_up(&done.proposal, &done.changes.imports);
    put(
        " Rollback",
        &format!("Press u to restore the files, then terraform apply: {}", done.proposal.rollback),
    );
    for (number, step) in follow_up.test.into_iter().enumerate() {
        put(if number == 0 { " Test" } else { "" }, &step.what);
        if let Some(command) = step.command {
            put("", &format!("  {command}"));
        }
    }
    for (number, sentence) in follow_up.watch.into_iter().enumerate() {
        put(if number == 0 { " Expect" } else { "" }, &sentence);
    }
    lines
}

fn draw_result(done: &Done, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let (title, after) = match &done.after {
        None if done.undone => ("Network", None),
        None => ("After terraform apply, press r to see the result", None),
        Some(After::Running) => ("Reading AWS", None),
        Some(After::Read(after)) => ("Before and after, read from AWS", Some(after)),
        Some(After::Simulated(after)) => ("Before and after, simulated result (demo data)", Some(after)),
    };
    let block = pane(title, false, theme);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let width = usize::from(inner.width).min(70);
    let lines = match after {
        None => vec![Line::styled(format!("before: {}", done.before().headline), theme.muted)],
        Some(after) => matrix::change(done.before(), after, &done.case.snapshot, width, theme),
    };
    put_lines(lines, inner, frame);
}
