//! The tour of the demo: the key that it presses on each screen, and the pause before it.

use std::time::Duration;

use super::{Action, App, Key};

/// Seconds to read the screen, then the action.
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
    (6, Action::Refresh),
];

impl App {
    /// The pause before this key of the tour; `None` after the last one.
    #[must_use]
    pub fn tour_pause(&self, step: usize) -> Option<Duration> {
        TOUR.get(step).map(|(seconds, _)| Duration::from_secs(*seconds))
    }

    /// The key with this number in the tour; `None` if the screen has no such key.
    #[must_use]
    pub fn tour_key(&self, step: usize) -> Option<Key> {
        let (_, action) = TOUR.get(step)?;
        self.preferences.keymap.key(self.context(), *action)
    }
}
