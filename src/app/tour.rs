//! The demo that plays itself: how long each screen is read, and what is done then.

use std::time::Duration;

use super::keymap::KEYMAP;
use super::{Action, App, Key};

/// Seconds to read what is shown, then the action.
static TOUR: &[(u64, Action)] = &[
    (5, Action::Forward),
    (7, Action::Right),
    (2, Action::Right),
    (4, Action::Down),
    (3, Action::Down),
    (4, Action::Forward),
    (7, Action::Down),
    (4, Action::Down),
    (4, Action::First),
    (2, Action::Forward),
    (6, Action::NextHunk),
    (6, Action::Write),
    (3, Action::NextPane),
    (2, Action::Forward),
    (6, Action::Reread),
];

impl App {
    /// How long to read before this step of the tour; `None` after the last.
    #[must_use]
    pub fn tour_pause(&self, step: usize) -> Option<Duration> {
        TOUR.get(step).map(|(seconds, _)| Duration::from_secs(*seconds))
    }

    /// The key that this step of the tour presses here.
    #[must_use]
    pub fn tour_key(&self, step: usize) -> Option<Key> {
        let (_, action) = TOUR.get(step)?;
        let here = KEYMAP
            .iter()
            .find(|binding| binding.action == *action && binding.contexts.contains(&self.context()));
        here.and_then(|binding| binding.keys.first().copied())
    }
}
