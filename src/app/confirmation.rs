//! The confirmations: what the user confirms, and what they must know before.

use std::path::PathBuf;

/// The buttons of a confirmation. `Cancel` is selected when the dialog opens, because it is the safe choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    /// Cancel.
    Cancel,
    /// Proceed.
    Proceed,
}

/// The operation that the user confirms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// Write the edit?
    Write {
        /// The fix and its price.
        fix: String,
        /// `1 file new, 1 changed; 1 to add, 0 to change, 0 to destroy`
        tally: String,
        /// The files.
        files: Vec<PathBuf>,
        /// What the fix breaks, failed checks, checks that did not run, and warnings.
        warnings: Vec<String>,
    },
    /// Finish or undo an earlier write that was interrupted?
    Interrupted {
        /// The folder.
        root: PathBuf,
        /// Its files.
        files: Vec<PathBuf>,
    },
    /// Undo a write that the step does not show?
    Undo {
        /// The folder.
        root: PathBuf,
        /// The fix.
        fix: String,
        /// Its files.
        files: Vec<PathBuf>,
    },
    /// Open another scenario although this would be lost?
    OtherScenario {
        /// The scenario.
        name: &'static str,
        /// One sentence for each thing that is lost.
        lost: Vec<String>,
    },
    /// Quit although this would be lost?
    Quit {
        /// One sentence for each thing that is lost or must still be done.
        lost: Vec<String>,
    },
}

impl Confirmation {
    /// The name of a button: the action that it starts.
    #[must_use]
    pub fn label(&self, button: Button) -> &'static str {
        match (self, button) {
            (
                Self::Write { .. } | Self::Quit { .. } | Self::OtherScenario { .. } | Self::Undo { .. },
                Button::Cancel,
            ) => "Cancel",
            (Self::OtherScenario { .. }, Button::Proceed) => "Open",
            (Self::Write { .. }, Button::Proceed) => "Write",
            (Self::Interrupted { .. }, Button::Cancel) | (Self::Undo { .. }, Button::Proceed) => "Undo",
            (Self::Interrupted { .. }, Button::Proceed) => "Finish",
            (Self::Quit { .. }, Button::Proceed) => "Quit",
        }
    }

    /// Whether the question has the answers yes and no.
    pub(super) fn is_yes_or_no(&self) -> bool {
        !matches!(self, Self::Interrupted { .. })
    }
}
