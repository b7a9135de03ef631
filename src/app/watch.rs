//! The repeated reading of live AWS on Done, until all destinations are reachable.

use std::time::{Duration, Instant};

use super::{After, App, Done, Effect, Step};

/// The time between two readings.
pub const WATCH: Duration = Duration::from_secs(30);

impl App {
    /// When AWS is to be read again; `None` if the user did not ask for it, or while it is read.
    #[must_use]
    pub fn watch_due(&self) -> Option<Instant> {
        let done = self.done.as_ref().filter(|_| self.step() == Step::Done)?;
        done.watch.filter(|_| !done.undone && !matches!(done.after, Some(After::Running)))
    }

    /// Begins or ends the repeated reading.
    pub(super) fn watch(&mut self, now: Instant) -> Vec<Effect> {
        let Some(done) = &mut self.done else { return Vec::new() };
        if done.watch.take().is_some() {
            self.inform("AWS is read again only when you press {refresh}");
            return Vec::new();
        }
        done.watch = Some(now + WATCH);
        if matches!(done.after, Some(After::Running)) { Vec::new() } else { self.read_again(now) }
    }

    pub(super) fn watch_is_due(&mut self, now: Instant) -> Vec<Effect> {
        if self.watch_due().is_some_and(|due| due <= now) { self.read_again(now) } else { Vec::new() }
    }

    /// After a reading: plans the next one, or ends them if all destinations are reachable.
    pub(super) fn continue_to_watch(&mut self, now: Instant) {
        let Some(done) = self.done.as_mut().filter(|done| done.watch.is_some()) else { return };
        if done.remaining() > 0 {
            done.watch = Some(now + WATCH);
        } else {
            done.watch = None;
            self.inform("All destinations are reachable: AWS is no longer read by itself");
        }
    }
}

impl Done {
    /// The network after the fix is not known: AWS could not be read.
    pub(super) fn forget_result(&mut self) {
        self.after = None;
        self.watch = None;
    }
}
