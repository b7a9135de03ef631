//! The captions of the guided demo: an explanation of the screen, and the next key.

use std::borrow::Cow;

use ratatui::text::Line;

use super::Theme;
use super::text::wrap;
use super::trace;
use crate::app::{Action, After, App, Choose, Done, Filter, Origin, Plan, Step};
use crate::case::Case;
use crate::remedy::NoFixReason;
use crate::scenario::Scenario;

pub(super) fn caption(app: &App, theme: &Theme, width: u16) -> Vec<Line<'static>> {
    if !app.captions {
        return Vec::new();
    }
    let tour = app.tour().map(|tour| {
        let pause = if tour.is_paused { "paused, space goes on" } else { "space pauses" };
        format!("Tour, {} of {}: {pause}, any other key ends it.", tour.step + 1, tour.steps())
    });
    let text = app.preferences.keymap.fill(&text(app, width));
    let all = tour.iter().map(String::as_str).chain([text.as_str()]).collect::<Vec<_>>().join(" ");
    let mut lines = wrap(&all, usize::from(width).saturating_sub(4));
    if app.dialog.is_some() {
        // The caption is about the screen behind the dialog: its next key does something else now. Nothing moves.
        let count = lines.len();
        lines = vec![String::new(); count.saturating_sub(1)];
        lines.push(tour.unwrap_or_default());
    }
    let caption = |line: String| {
        if line.is_empty() { Line::default() } else { Line::styled(format!(" | {line}"), theme.doubt) }
    };
    lines.into_iter().map(caption).collect()
}

fn text(app: &App, width: u16) -> Cow<'static, str> {
    if app.dialog.is_none() && app.filter().is_some_and(Filter::is_typing) {
        // The keys of the step are text now.
        return "Type a part of a row. enter keeps the rows that contain it, esc shows all rows.".into();
    }
    if app.is_zoomed() {
        return "One pane has the whole screen. Press {zoom} for all panes.".into();
    }
    match app.step() {
        Step::Pick if app.pick.snapshot.as_ref().is_some_and(|shown| !app.simulated_in(shown).is_empty()) => {
            let own = app.pick.shown().nth(app.pick.selected).and_then(|row| row.badge);
            match own {
                Some(badge) if badge.is_reachable() => {
                    "All destinations are reachable in the simulation. Press {next-scenario} for the next scenario, {quit} to quit."
                }
                _ => "This is the network after the written fixes, simulated. Press {forward} to open the service.",
            }
            .into()
        }
        Step::Pick => {
            let description = match app.origin {
                Origin::Scenario(name) => Scenario::named(name).map_or("", |scenario| scenario.description),
                Origin::Live(_) | Origin::File(_) => "",
            };
            format!("{description} Press {{forward}} to open the service.").into()
        }
        Step::Trace => app.case().map_or_else(String::new, |case| trace(case, width)).into(),
        Step::Choose if app.choose.is_none() => "The fixes are shown when the diagnosis ends.".into(),
        Step::Choose => match app.choose.as_ref().and_then(Choose::planned) {
            Some(proposal) if !proposal.is_possible() => {
                "The possible fixes were simulated. This one is not possible here. Press {up} or {down} for another fix."
            }
            Some(_) if !app.can(Action::Forward) => {
                "Every fix was simulated. This one fixes no destination. Press {up} or {down} for another fix."
            }
            None if app.choose.as_ref().is_some_and(|choose| choose.set().is_some()) => {
                "The marked fixes are one set. Press {mark} on a marked fix to remove its mark."
            }
            _ => {
                "Every fix was simulated. Cost = monthly price + price per GB. Press {forward} for the diff, or for the code by hand."
            }
        }
        .into(),
        Step::Preview => match app.preview.as_ref().map(|preview| &preview.plan) {
            Some(Plan::ByHand(_)) if app.is_made_by_hand() => {
                "The change by hand is simulated. Press {forward} for the result, {undo} to take it back."
            }
            Some(Plan::ByHand(_)) => {
                "No file of this folder has this change. Press {forward} for the simulated result of the change by hand."
            }
            Some(Plan::Failed(_)) => {
                "This fix cannot be written in this folder. Press {back} for the other fixes."
            }
            Some(Plan::Running(_)) => "Reading the Terraform folder.",
            _ if app.is_written() => "This diff is written. Press {forward} for the result, {undo} to undo it.",
            _ => {
                "The exact Terraform change (on a demo copy). Press {forward} twice: to write it, and to confirm."
            }
        }
        .into(),
        Step::Done => app.done.as_ref().map_or("".into(), done),
    }
}

fn trace(case: &Case, width: u16) -> String {
    let place = if width < trace::NARROW { "Below" } else { "Right" };
    let matrix = "Rows are destinations, columns are subnets.";
    let nothing = case.nothing_to_do().filter(|_| case.proposals.is_empty());
    match nothing.map(|nothing| (nothing.reason, nothing.message)) {
        None => format!(
            "{matrix} x = blocked. {place}: each check on the path, and the one that failed, if any. Press {{forward}} for the fixes."
        ),
        Some((NoFixReason::NothingAsked, _)) => {
            "No destination is known. Press {add} to add one, or {back} to go back.".to_owned()
        }
        Some((NoFixReason::AllReachable, message)) => {
            format!("{matrix} {place}: each check on the path. {message} Press {{back}} to go back.")
        }
        Some((NoFixReason::NoFixKnown, message)) => {
            format!(
                "{matrix} x = blocked. {message} Press {{forward}} for the next step, {{back}} to go back."
            )
        }
        Some((NoFixReason::Unknown, _)) if case.diagnosis.has_reachable_call() => {
            format!(
                "{matrix} ? = unknown. Select such a row: Explanation shows what decides it. Press {{back}} to go back."
            )
        }
        Some((NoFixReason::Unknown, message)) => {
            format!(
                "{matrix} ? = unknown. {message} Press {{forward}} for the next step, {{back}} to go back."
            )
        }
    }
}

fn done(done: &Done) -> Cow<'static, str> {
    let (fixed, remaining) = (done.proposal.fixes.len(), done.proposal.still_blocked.len());
    match &done.after {
        _ if done.undone && done.written.is_none() => {
            "The simulated change is undone. Press {back} to go back, {quit} to quit.".into()
        }
        _ if done.undone => "The files are restored. Press {back} to go back, {quit} to quit.".into(),
        Some(After::Simulated(_)) if remaining == 0 => {
            format!("{fixed} of {fixed} fixed. Press {{undo}} to undo, {{quit}} to quit.").into()
        }
        Some(After::Simulated(_)) => {
            let verb = if remaining == 1 { "remains" } else { "remain" };
            let total = fixed + remaining;
            let next = if done.rest_is_unknown() { "how to check the rest" } else { "the next fix" };
            format!(
                "{fixed} of {total} fixed. {remaining} {verb}: press {{forward}} for {next}. Press {{undo}} to undo."
            )
            .into()
        }
        _ => "The files are written. Press {forward} to see the result, {undo} to undo.".into(),
    }
}
