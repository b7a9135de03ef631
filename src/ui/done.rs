//! Step five: what was written, what to do next, how to test it, and how to go back.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Modifier;
use ratatui::text::Line;

use super::frame::{pane, put_lines};
use super::text::labelled;
use super::{Theme, matrix};
use crate::app::{Done, Proof};
use crate::case::Case;

pub(super) fn draw(done: &Done, case: &Case, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let wide = usize::from(area.width).saturating_sub(2);
    let proof_height = match &done.after {
        None | Some(Proof::Running) => 3,
        Some(_) => {
            u16::try_from(matrix::own(&done.before).count() + 3).unwrap_or(u16::MAX).min(area.height / 2)
        }
    };
    let [text, proof] = Layout::vertical([Constraint::Fill(1), Constraint::Length(proof_height)]).areas(area);
    let lines = story(done, case, theme, wide);
    put_lines(lines.into_iter().skip(done.scroll).collect(), text, frame);
    draw_proof(done, case, theme, proof, frame);
}

fn story(done: &Done, case: &Case, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    const MARGIN: usize = 10;
    let strong = theme.accent.add_modifier(Modifier::BOLD);
    let mut lines = Vec::new();
    let mut put = |label: &str, text: &str| lines.extend(labelled(label, strong, text, MARGIN, width));
    let files: Vec<String> = done.receipt.files.iter().map(|file| file.display().to_string()).collect();
    let root = done.changes.root.display();
    if done.undone {
        put(" Undone", &format!("{} in {root}: as before, byte for byte", files.join(", ")));
        return lines;
    }
    put(" Written", &format!("{} in {root}", files.join(", ")));
    put(" Backup", &done.receipt.backup.display().to_string());
    for (number, command) in done.commands().lines().enumerate() {
        put(if number == 0 { " Next" } else { "" }, command);
    }
    let plan = case.follow_up(&done.proposal, &done.changes.imports);
    put(" Go back", &format!("u, then apply again: {}", done.proposal.rollback));
    for (number, step) in plan.test.into_iter().enumerate() {
        put(if number == 0 { " Test" } else { "" }, &step.what);
        if let Some(command) = step.command {
            put("", &format!("  {command}"));
        }
    }
    for (number, sentence) in plan.watch.into_iter().enumerate() {
        put(if number == 0 { " Watch" } else { "" }, &sentence);
    }
    lines
}

fn draw_proof(done: &Done, case: &Case, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let (title, after) = match &done.after {
        None if done.undone => ("the network", None),
        None => ("after terraform apply: r checks again", None),
        Some(Proof::Running) => ("reading AWS again", None),
        Some(Proof::Read(after)) => ("before and after, as AWS answers now", Some(after)),
        Some(Proof::Simulated(after)) => {
            ("before and after, simulated: no account is behind this", Some(after))
        }
    };
    let block = pane(title, false, theme);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let width = usize::from(inner.width).min(70);
    let lines = match after {
        None => vec![Line::styled(format!("before: {}", done.before.headline), theme.muted)],
        Some(after) => {
            let zones = matrix::zones(&done.before, &case.snapshot, 5);
            let mut lines = vec![Line::styled(format!("{zones:>width$}"), theme.muted)];
            lines.extend(matrix::change_rows(&done.before, after, &case.snapshot, width, theme));
            lines
        }
    };
    put_lines(lines, inner, frame);
}
