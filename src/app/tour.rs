//! The tour of the demo: the action on each screen, and the time to read the screen before it.

use std::time::Duration;

use super::Action;

/// Seconds to read the screen, then the action.
static ACTIONS: &[(u64, Action)] = &[
    (5, Action::Forward),
    (7, Action::Right),
    (2, Action::Left),
    (3, Action::Down),
    (3, Action::Explain),
    (6, Action::Back),
    (2, Action::Map),
    (5, Action::Back),
    (2, Action::Add),
    (4, Action::Back),
    (3, Action::Forward),
    (8, Action::Mark),
    (2, Action::Down),
    (4, Action::Mark),
    (5, Action::Mark),
    (2, Action::Last),
    (5, Action::First),
    (2, Action::Forward),
    (6, Action::Write),
    (5, Action::Forward),
    (6, Action::Forward),
    (6, Action::Forward),
    (7, Action::Forward),
    (6, Action::Write),
    (4, Action::Forward),
    (5, Action::Forward),
];

/// A tour that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tour {
    /// The number of actions that were carried out.
    pub step: usize,
    /// Whether the user paused it.
    pub is_paused: bool,
}

impl Tour {
    pub(super) fn begin() -> Self {
        Self { step: 0, is_paused: false }
    }

    /// Goes on after the key that writes and the one that confirms, if they are next: a fix by hand has nothing to write.
    pub(super) fn skip_write(&mut self) {
        let next = ACTIONS.get(self.step..self.step + 2).unwrap_or_default();
        if let [(_, Action::Write), (_, Action::Forward)] = next {
            self.step += 2;
        }
    }

    /// The number of all actions.
    #[must_use]
    pub fn steps(self) -> usize {
        ACTIONS.len()
    }

    /// The next action, and the pause before it.
    pub(super) fn next(self) -> Option<(Duration, Action)> {
        ACTIONS.get(self.step).map(|(seconds, action)| (Duration::from_secs(*seconds), *action))
    }
}
