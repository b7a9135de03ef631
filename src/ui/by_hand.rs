//! What the user does by hand for a fix, or for a part of it: on Preview before the change, on Done with the numbers of the commands.

use ratatui::style::Modifier;
use ratatui::text::Line;

use super::Theme;
use super::text::{command_parts, labelled, wrap};
use crate::app::{App, ByHandFix, Preview};
use crate::remedy::Proposal;
use crate::report::{CODE_BY_HAND, COMMANDS_BY_HAND, DIFF_OF_OTHER_ROOT, ROLLBACK_BY_HAND, labels};
use crate::terraform::ByHandPart;

/// The width of the column of labels.
pub(super) const MARGIN: usize = 10;

/// The steps of a fix that cannot be written, with its tests and its rollback.
pub(super) fn lines(
    app: &App,
    (preview, fix): (&Preview, &ByHandFix),
    theme: &Theme,
    width: usize,
) -> Vec<Line<'static>> {
    let strong = theme.accent.add_modifier(Modifier::BOLD);
    let keymap = &app.preferences.keymap;
    let mut lines = Vec::new();
    for part in &fix.parts {
        lines.extend(reason(part, false, theme, width));
    }
    let commands = app.commands_of_preview();
    let put = |lines: &mut Vec<Line<'static>>, label: &str, text: &str| {
        lines.extend(labelled(label, strong, text, MARGIN, width));
    };
    if !commands.apply.is_empty() {
        put(&mut lines, " AWS CLI", &format!("{COMMANDS_BY_HAND}:"));
        lines.extend(self::commands(&commands.apply, width));
    }
    for part in &fix.parts {
        lines.extend(code(part, theme, width));
    }
    if let Some(instead) = app.written_instead() {
        put(&mut lines, " Instead", &keymap.fill(&instead));
    }
    if commands.roll_back.is_empty() {
        put(&mut lines, &format!(" {}", labels::ROLLBACK), &preview.proposal.rollback);
    } else {
        put(&mut lines, &format!(" {}", labels::ROLLBACK), &format!("{ROLLBACK_BY_HAND}:"));
        lines.extend(self::commands(&commands.roll_back, width));
    }
    let steps = app.case().map(|case| case.follow_up(&preview.proposal, None).test);
    for (at, step) in steps.into_iter().flatten().enumerate() {
        put(&mut lines, if at == 0 { " Test" } else { "" }, &step.what);
        lines.extend(self::commands(step.command.as_slice(), width));
    }
    lines.extend(not_needed(&preview.proposal, theme, width));
    lines
}

/// The resources that the fix makes unnecessary, which the user can delete.
pub(super) fn not_needed(fix: &Proposal, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let strong = theme.accent.add_modifier(Modifier::BOLD);
    let lines =
        fix.savings.iter().map(|saving| labelled(" Later", strong, &saving.sentence(), MARGIN, width));
    lines.flatten().collect()
}

/// Commands without numbers.
pub(super) fn commands(commands: &[String], width: usize) -> Vec<Line<'static>> {
    let blank = |is_flush: bool| if is_flush { String::new() } else { " ".repeat(MARGIN) };
    let parts =
        commands.iter().flat_map(|command| command_parts(command, width.saturating_sub(MARGIN), width));
    parts.map(|part| Line::from(blank(part.is_flush) + &part.text)).collect()
}

/// Why a part of a fix is made by hand, and when if the rest is in files.
pub(super) fn reason(part: &ByHandPart, has_files: bool, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let strong = theme.accent.add_modifier(Modifier::BOLD);
    let when = match (has_files, part.is_first) {
        (false, _) => String::new(),
        (true, true) => format!("Before terraform apply: {}. ", part.title),
        (true, false) => format!("After terraform apply: {}. ", part.title),
    };
    let label = if part.other_root.is_some() { " 2nd run" } else { " By hand" };
    labelled(label, strong, &format!("{when}{}.", part.reason.trim_end_matches('.')), MARGIN, width)
}

fn label_of_code(part: &ByHandPart) -> &'static str {
    if part.other_root.is_some() { DIFF_OF_OTHER_ROOT } else { "Write there" }
}

/// The code of a part, for the folder that has the other code.
pub(super) fn code(part: &ByHandPart, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let Some(code) = &part.code else { return Vec::new() };
    let strong = theme.accent.add_modifier(Modifier::BOLD);
    let head =
        if part.is_elsewhere { format!("{CODE_BY_HAND}:") } else { format!("{}:", label_of_code(part)) };
    let mut lines = labelled(" Code", strong, &head, MARGIN, width);
    for line in code.lines() {
        let indent = line.len() - line.trim_start().len();
        let room = width.saturating_sub(MARGIN + indent);
        let parts = wrap(line.trim_start(), room);
        let parts = if parts.is_empty() { vec![String::new()] } else { parts };
        lines.extend(parts.into_iter().map(|part| Line::from(" ".repeat(MARGIN + indent) + &part)));
    }
    lines
}
