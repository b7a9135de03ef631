//! Opens the service, the destination and the step of the options, one after the other, as soon as their data is there.

use std::time::Instant;

use super::{App, Diagnosing, Effect, Opening, Step};

impl App {
    /// Opens the service of the options, as soon as the network is read.
    pub(super) fn open_by_option(&mut self, now: Instant) -> Vec<Effect> {
        let is_opening = self.diagnosing.as_ref().is_some_and(Diagnosing::is_open);
        if self.opening.step.is_none() || self.pick.snapshot.is_none() || is_opening {
            return Vec::new();
        }
        let names =
            || self.pick.rows.iter().map(|row| row.workload.name.as_str()).collect::<Vec<_>>().join(", ");
        let found = match &self.opening.service {
            Some(wanted) => self
                .pick
                .rows
                .iter()
                .find(|row| row.workload.name == *wanted || row.workload.id.as_str() == wanted.as_str()),
            None if self.pick.rows.len() == 1 => self.pick.rows.first(),
            None => None,
        };
        let id = match (found, &self.opening.service) {
            (Some(row), _) => row.workload.id.clone(),
            (None, Some(wanted)) => {
                let text = format!("No service has the name {wanted}; the services are: {}", names());
                self.opening = Opening::default();
                self.report_error(text);
                return Vec::new();
            }
            (None, None) => {
                let text = format!("Several services exist; select one, or give --service: {}", names());
                self.opening = Opening::default();
                self.inform(text);
                return Vec::new();
            }
        };
        self.open_service(&id, now)
    }

    /// Goes on to the destination and the step of the options, after the service was opened.
    pub(super) fn continue_opening(&mut self, now: Instant) -> Vec<Effect> {
        let Opening { destination, step, .. } = std::mem::take(&mut self.opening);
        if let (Some(view), Some(destination)) = (&mut self.trace, &destination) {
            view.select(destination);
        }
        let mut effects = Vec::new();
        let last = step.unwrap_or(Step::Trace);
        while self.step() < last && !self.is_typing() {
            let before = self.step();
            effects.extend(self.forward(now));
            if self.step() == before {
                if self.notice.is_none() {
                    self.inform(format!("{} cannot be opened: this service has no fix", last.title()));
                }
                break;
            }
        }
        effects
    }
}
