//! The dialog in front of the step. Only one can be open.

use std::path::PathBuf;

use super::{Button, Confirmation, Context, Filter, Input, Picker, RunId, Scroll};
use crate::terraform::{CheckLevel, OwnerQuestion};

/// A dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// All keys.
    Help {
        /// Only lines that contain its text are shown.
        filter: Filter,
        /// The first line shown.
        scroll: Scroll,
    },
    /// The AWS calls.
    Calls {
        /// Only lines that contain its text are shown.
        filter: Filter,
        /// The first line shown.
        scroll: Scroll,
    },
    /// The path map.
    Map {
        /// The first row shown.
        scroll: Scroll,
        /// The first column shown.
        column: Scroll,
    },
    /// The configuration behind a hop of the selected path.
    Explain {
        /// Index of the hop.
        hop: usize,
        /// The first line shown.
        scroll: Scroll,
    },
    /// A confirmation.
    Confirm {
        /// The selected button.
        button: Button,
        /// The operation.
        confirmation: Confirmation,
        /// The first line shown.
        scroll: Scroll,
    },
    /// The question which Terraform resource manages an AWS resource, if the code does not decide it.
    Owner {
        /// The question.
        question: OwnerQuestion,
        /// Index of the selected answer.
        selected: usize,
        /// Only answers that contain its text are shown.
        filter: Filter,
    },
    /// The question which checks may run in a folder. Its answer is remembered.
    Checks {
        /// The folder.
        root: PathBuf,
        /// The selected answer.
        selected: CheckLevel,
    },
    /// A list with a line of text.
    Picker(Box<Picker>),
    /// A line of text that the user types.
    Input {
        /// The purpose of the text.
        purpose: InputPurpose,
        /// The text so far.
        input: Input,
        /// Whether the text was rejected.
        state: InputState,
    },
}

/// The state of a typed line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputState {
    /// The user types.
    Typing,
    /// The text is being checked.
    Checking(RunId),
    /// The text was rejected, for this reason.
    Rejected(String),
}

/// The purpose of a typed line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputPurpose {
    /// A destination to add.
    Destination,
    /// The Terraform folder.
    Folder,
    /// Expected traffic in GB per month.
    Traffic,
}

impl InputPurpose {
    /// The title of the dialog.
    #[must_use]
    pub fn prompt(self) -> &'static str {
        match self {
            Self::Destination => "Add destinations (host or host:port)",
            Self::Folder => "Terraform folder of this service",
            Self::Traffic => "Expected traffic, GB per month",
        }
    }
}

impl Dialog {
    pub(super) fn context(&self) -> Context {
        match self {
            Self::Help { .. } | Self::Calls { .. } => Context::Reader,
            Self::Map { .. } => Context::Map,
            Self::Explain { .. } => Context::Explain,
            Self::Confirm { .. } => Context::Confirmation,
            Self::Owner { .. } => Context::Owner,
            Self::Checks { .. } => Context::Checks,
            Self::Picker(_) => Context::Picker,
            Self::Input { .. } => Context::Input,
        }
    }

    pub(super) fn confirm(confirmation: Confirmation) -> Self {
        Self::Confirm { button: Button::Cancel, confirmation, scroll: Scroll::default() }
    }

    pub(super) fn input(purpose: InputPurpose, text: &str) -> Self {
        Self::Input { purpose, input: Input::selected(text), state: InputState::Typing }
    }

    /// The first line shown, if the dialog scrolls.
    pub(super) fn scroll(&mut self) -> Option<&mut Scroll> {
        match self {
            Self::Help { scroll, .. }
            | Self::Calls { scroll, .. }
            | Self::Map { scroll, .. }
            | Self::Explain { scroll, .. }
            | Self::Confirm { scroll, .. } => Some(scroll),
            Self::Owner { .. } | Self::Checks { .. } | Self::Picker(_) | Self::Input { .. } => None,
        }
    }

    /// The filter of its rows, if it has one.
    pub(super) fn filter(&self) -> Option<&Filter> {
        match self {
            Self::Help { filter, .. } | Self::Calls { filter, .. } | Self::Owner { filter, .. } => {
                Some(filter)
            }
            _ => None,
        }
    }

    /// The filter of its rows, to change it.
    pub(super) fn filter_mut(&mut self) -> Option<&mut Filter> {
        match self {
            Self::Help { filter, .. } | Self::Calls { filter, .. } | Self::Owner { filter, .. } => {
                Some(filter)
            }
            _ => None,
        }
    }
}
