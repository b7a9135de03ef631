//! The last changes of what blocks the selected destination, on demand.

use std::sync::Arc;

use super::{App, Effect, Origin, TraceView};
use crate::discover::ReadHistory;
use crate::model::Snapshot;
use crate::report::history_lines;

impl App {
    /// Whether the last changes can be read: the account is live, and the selected destination has a cause.
    pub(super) fn can_read_history(&self) -> bool {
        self.is_live() && self.trace.as_ref().and_then(TraceView::cause).is_some()
    }

    /// Reads the last changes of the selected cause's resources.
    pub(super) fn read_history(&mut self) -> Vec<Effect> {
        let Origin::Live(request) = &self.origin else { return Vec::new() };
        let Some(view) = &self.trace else { return Vec::new() };
        let components = view.case.changed_components(view.cause());
        if components.is_empty() {
            return Vec::new();
        }
        let (request, names) = (request.clone(), components.iter().map(ToString::to_string));
        let names = names.collect::<Vec<_>>().join(", ");
        let run = self.next_run();
        self.history_run = Some(run);
        self.inform(format!("Reading the last changes of {names} from AWS CloudTrail"));
        vec![Effect::ReadHistory(run, *request, components)]
    }

    /// Shows the changes, and stores them in the snapshot.
    pub(super) fn history_read(&mut self, result: Result<ReadHistory, String>) {
        self.history_run = None;
        let read = match result {
            Ok(read) => read,
            Err(reason) => {
                self.report_error(reason);
                return;
            }
        };
        if let Some(snapshot) = &mut self.pick.snapshot {
            *snapshot = Arc::new(Snapshot::with_history(snapshot, &read.history, &read.gaps));
        }
        let Some(view) = &mut self.trace else { return };
        view.case = Arc::new(view.case.with_history(&read.history, &read.gaps));
        let text = if let Some(gap) = read.gaps.first() {
            format!("The last changes could not be read: {gap}")
        } else {
            let lines = view.cause().map(|cause| history_lines(&view.case, cause)).unwrap_or_default();
            lines.into_iter().next().unwrap_or_else(|| "The last changes were read".to_owned())
        };
        self.inform(text);
    }
}
