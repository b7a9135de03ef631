//! The dialog in front of the step. Only one can be open.

use std::path::PathBuf;

use super::{Context, Input};
use crate::terraform::{CheckLevel, OwnerQuestion};

/// A dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// All keys.
    Help {
        /// Only lines that contain this text are shown.
        filter: String,
        /// The first line shown.
        scroll: usize,
    },
    /// The AWS calls.
    Calls {
        /// Only lines that contain this text are shown.
        filter: String,
        /// The first line shown.
        scroll: usize,
    },
    /// A confirmation, and the selected button.
    Confirm(Button, Confirmation),
    /// The question which Terraform resource manages an AWS resource, if the code does not decide it.
    Owner {
        /// The question.
        question: OwnerQuestion,
        /// Index of the selected answer.
        selected: usize,
    },
    /// The question which checks may run in a folder. Its answer is remembered.
    Checks {
        /// The folder.
        root: PathBuf,
        /// The selected answer.
        selected: CheckLevel,
    },
    /// A line of text that the user types.
    Input {
        /// The purpose of the text.
        purpose: InputPurpose,
        /// The text so far.
        input: Input,
        /// Why the text was rejected.
        error: Option<String>,
    },
}

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
    /// Write these files?
    Write {
        /// The files.
        files: Vec<PathBuf>,
        /// Failed checks and warnings.
        warnings: Vec<String>,
    },
    /// Finish or undo an earlier write that was interrupted?
    Interrupted {
        /// The folder.
        root: PathBuf,
        /// Its files.
        files: Vec<PathBuf>,
    },
    /// Quit although the diff is not written?
    Quit,
}

impl Confirmation {
    /// The name of a button: the action that it starts.
    #[must_use]
    pub fn label(&self, button: Button) -> &'static str {
        match (self, button) {
            (Self::Write { .. } | Self::Quit, Button::Cancel) => "Cancel",
            (Self::Write { .. }, Button::Proceed) => "Write",
            (Self::Interrupted { .. }, Button::Cancel) => "Undo",
            (Self::Interrupted { .. }, Button::Proceed) => "Finish",
            (Self::Quit, Button::Proceed) => "Quit",
        }
    }
}

/// The purpose of a typed line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputPurpose {
    /// A destination to add.
    Destination,
    /// The Terraform folder.
    Folder,
    /// An AWS profile.
    Profile,
    /// An AWS region.
    Region,
    /// A filter for the list of services.
    ServiceFilter,
    /// A filter for the help.
    HelpFilter,
    /// A filter for the AWS calls.
    CallFilter,
    /// Expected traffic in GB per month.
    Traffic,
}

impl InputPurpose {
    /// The title of the dialog.
    #[must_use]
    pub fn prompt(self) -> &'static str {
        match self {
            Self::Destination => "Add destination (host or host:port)",
            Self::Folder => "Terraform folder of this service",
            Self::Profile => "AWS profile",
            Self::Region => "AWS region",
            Self::ServiceFilter | Self::HelpFilter | Self::CallFilter => "Filter",
            Self::Traffic => "Expected traffic, GB per month",
        }
    }
}

impl Dialog {
    pub(super) fn context(&self) -> Context {
        match self {
            Self::Help { .. } | Self::Calls { .. } => Context::Reader,
            Self::Confirm(..) => Context::Confirmation,
            Self::Owner { .. } => Context::Owner,
            Self::Checks { .. } => Context::Checks,
            Self::Input { .. } => Context::Input,
        }
    }

    pub(super) fn confirm(confirmation: Confirmation) -> Self {
        Self::Confirm(Button::Cancel, confirmation)
    }

    pub(super) fn input(purpose: InputPurpose, text: &str) -> Self {
        Self::Input { purpose, input: Input::with(text), error: None }
    }

    /// The first line shown, if the dialog scrolls.
    pub(super) fn scroll(&mut self) -> Option<&mut usize> {
        match self {
            Self::Help { scroll, .. } | Self::Calls { scroll, .. } => Some(scroll),
            Self::Confirm(..) | Self::Owner { .. } | Self::Checks { .. } | Self::Input { .. } => None,
        }
    }
}
