//! The last changes of a cause's resources as lines, for all reports and the screen.

use crate::case::Case;
use crate::diagnose::Cause;
use crate::model::ComponentHistory;

/// The lines for a cause; empty if its changes were not read.
#[must_use]
pub fn history_lines(of: &Case, cause: &Cause) -> Vec<String> {
    of.history_of(cause).into_iter().flat_map(lines).collect()
}

fn lines(history: &ComponentHistory) -> Vec<String> {
    let component = &history.component;
    if history.changes.is_empty() {
        let when = format!("before {}", history.read_at.strftime("%Y-%m-%d"));
        return vec![if history.is_cut {
            format!("No change of {component} among its last events {when}.")
        } else {
            format!("No change of {component} in the 90 days {when}.")
        }];
    }
    let line = |change: &crate::model::RecordedChange| {
        let by =
            change.by.as_ref().map_or_else(|| ", not known by whom".to_owned(), |by| format!(" by {by}"));
        format!("{} UTC: {} of {component}{by}.", change.at.strftime("%Y-%m-%d %H:%M"), change.operation)
    };
    history.changes.iter().map(line).collect()
}
