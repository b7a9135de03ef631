//! The guided demo's strip: what one is looking at, and which key is next.

use ratatui::text::Line;

use super::Theme;
use super::text::wrap;
use crate::app::{App, Origin, Proof, Step};
use crate::case::Case;
use crate::diagnose::FindingVerdict;
use crate::scenario::Scenario;

/// Whether nothing can be proposed because too little was read.
fn is_unknown(case: &Case) -> bool {
    case.proposals.is_empty() && case.diagnosis.count(FindingVerdict::Unknown) > 0
}

pub(super) fn caption(app: &App, theme: &Theme, width: u16) -> Vec<Line<'static>> {
    if !app.captions {
        return Vec::new();
    }
    let text = match app.step() {
        Step::Pick => {
            let story = match app.origin {
                Origin::Scenario(name) => Scenario::named(name).map_or("", |scenario| scenario.description),
                Origin::Live(_) | Origin::File(_) => "",
            };
            &format!("{story} Enter looks at the service.")
        }
        Step::Trace if app.case().is_some_and(|case| is_unknown(case)) => {
            "Destinations by subnets; ? cannot be told. The right side names what was not read and the permission for it: \
             with that, look again. Esc goes back."
        }
        Step::Trace if app.case().is_some_and(|case| case.proposals.is_empty()) => {
            "Destinations by subnets. Arrows move, the right side shows the rule that decided. There is nothing to fix \
             here; esc goes back."
        }
        Step::Trace => {
            "Destinations by subnets; x is blocked. Arrows move, the right side shows the rule that decided. Enter \
             shows the fixes."
        }
        Step::Choose => {
            "Each fix was tried on a copy of the network and traced again. Money is fixed + by traffic. Enter shows \
             the diff."
        }
        Step::Preview => {
            "This is the exact change to a copy of the team's Terraform. w, then right and enter, writes it."
        }
        Step::Done => match app.done.as_ref().map(|done| (&done.after, done.undone)) {
            Some((_, true)) => "The files are as they were. esc goes back, q leaves.",
            Some((Some(Proof::Simulated(_)), _)) => "That is the proof. u takes the write back, q leaves.",
            _ => "The files are written. r traces the network as it will be; u takes the write back.",
        },
    };
    let lines = wrap(text, usize::from(width).saturating_sub(4));
    lines.into_iter().map(|line| Line::styled(format!(" | {line}"), theme.doubt)).collect()
}
