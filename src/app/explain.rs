//! The configuration behind a hop: the dialog on Trace.

use super::{App, Dialog, Effect, Scroll, TraceView};
use crate::report::{Explanation, deciding_hop, explain};

impl App {
    /// Opens the configuration of the hop that decides the selected path.
    pub(super) fn explain(&mut self) {
        let Some(trace) = self.trace.as_ref().and_then(TraceView::trace) else { return };
        self.dialog = Some(Dialog::Explain { hop: deciding_hop(trace), scroll: Scroll::default() });
    }

    /// Copies the command that shows the same configuration.
    pub(super) fn copy_explanation(&mut self, hop: usize) -> Vec<Effect> {
        let Some(command) = self
            .trace
            .as_ref()
            .and_then(|view| view.explanation(hop))
            .and_then(|explanation| explanation.command)
        else {
            self.inform("There is no command for this hop");
            return Vec::new();
        };
        self.copied("the command", command)
    }
}

impl TraceView {
    /// The configuration behind a hop of the selected path.
    #[must_use]
    pub fn explanation(&self, hop: usize) -> Option<Explanation> {
        Some(explain(&self.case.snapshot, self.trace()?.hops.get(hop)?))
    }

    /// The index of the hop that decides the selected path.
    #[must_use]
    pub fn deciding_hop(&self) -> Option<usize> {
        self.trace().map(deciding_hop)
    }
}
