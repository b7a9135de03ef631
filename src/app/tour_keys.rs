//! The state changes of the tour. Space pauses it, any other key ends it.

use std::time::{Duration, Instant};

use crossterm::event::KeyCode;

use super::{Action, App, Effect, Key, Step, Tour};

impl App {
    /// The tour, while it runs.
    #[must_use]
    pub fn tour(&self) -> Option<Tour> {
        self.tour
    }

    /// The pause before the next action of the tour; `None` if no tour runs, or if it is paused.
    #[must_use]
    pub fn tour_pause(&self) -> Option<Duration> {
        let tour = self.tour.filter(|tour| !tour.is_paused)?;
        tour.next().map(|(pause, _)| pause)
    }

    /// Carries out the next action of the tour. After the last one the user has control.
    pub(super) fn continue_tour(&mut self, now: Instant) -> Vec<Effect> {
        let is_by_hand = self.step() == Step::Preview && self.by_hand_fix().is_some();
        let Some(tour) = &mut self.tour else { return Vec::new() };
        if is_by_hand {
            tour.skip_write();
        }
        let Some((_, action)) = tour.next() else { return Vec::new() };
        tour.step += 1;
        let is_last = tour.next().is_none();
        let key = self.preferences.keymap.key(self.context(), action).unwrap_or(Key::NONE);
        let effects = self.react(key, Some(action), now);
        if is_last {
            self.end_tour();
        }
        effects
    }

    /// The effect of a key on the tour; whether that is all it does.
    pub(super) fn key_of_tour(&mut self, key: Key, action: Option<Action>) -> bool {
        let Some(tour) = &mut self.tour else { return false };
        if key == Key::plain(KeyCode::Char(' ')) {
            tour.is_paused = !tour.is_paused;
            return true;
        }
        self.end_tour();
        // Keys that quit are not only the end of the tour.
        !matches!(action, Some(Action::Quit | Action::QuitNow | Action::Suspend))
    }

    pub(super) fn end_tour(&mut self) {
        if let Some(tour) = self.tour.take() {
            let (step, steps) = (tour.step, tour.steps());
            self.inform(format!("The tour ended after {step} of {steps} steps. Now your keys work; press {{help}} for all keys"));
        }
    }
}
