//! What stands over the screen; one at a time.

use std::path::PathBuf;

use super::{Context, Input};
use crate::terraform::Asked;

/// A dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// The keys.
    Help {
        /// Only lines with this text.
        filter: String,
        /// First line shown.
        scroll: usize,
    },
    /// The AWS calls.
    Calls {
        /// Only lines with this text.
        filter: String,
        /// First line shown.
        scroll: usize,
    },
    /// A question with two answers.
    Question(Choice, Question),
    /// What makes this? The code does not tell.
    Which {
        /// The question.
        asked: Asked,
        /// The answer under the cursor.
        selected: usize,
    },
    /// A line being typed.
    Input {
        /// What for.
        wanted: Wanted,
        /// What was typed.
        input: Input,
        /// What was wrong with it.
        error: Option<String>,
    },
}

/// The marked answer. The harmless one is marked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Change nothing.
    Cancel,
    /// Do it.
    Proceed,
}

/// A question with two answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Write these files?
    Write {
        /// The files.
        files: Vec<PathBuf>,
        /// What speaks against it, or for a second look.
        warnings: Vec<String>,
    },
    /// Finish an earlier write that was cut short, or take it back?
    Interrupted {
        /// The folder.
        root: PathBuf,
        /// Its files.
        files: Vec<PathBuf>,
    },
    /// Leave although a diff was not written?
    Quit,
}

/// What a typed line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A destination to add.
    Destination,
    /// The Terraform folder.
    Folder,
    /// An AWS profile.
    Profile,
    /// A region.
    Region,
    /// A filter of the list of services.
    ServiceFilter,
    /// A filter of the help.
    HelpFilter,
    /// A filter of the calls.
    CallFilter,
    /// GB per month.
    Traffic,
}

impl Wanted {
    /// What to type, in words.
    #[must_use]
    pub fn prompt(self) -> &'static str {
        match self {
            Self::Destination => "Destination, HOST or HOST:PORT",
            Self::Folder => "Terraform folder of this service",
            Self::Profile => "AWS profile",
            Self::Region => "AWS region",
            Self::ServiceFilter | Self::HelpFilter | Self::CallFilter => "Show only what contains",
            Self::Traffic => "GB per month through the new way",
        }
    }
}

impl Dialog {
    pub(super) fn context(&self) -> Context {
        match self {
            Self::Help { .. } | Self::Calls { .. } => Context::Reader,
            Self::Question(..) => Context::Question,
            Self::Which { .. } => Context::Which,
            Self::Input { .. } => Context::Input,
        }
    }

    pub(super) fn input(wanted: Wanted, text: &str) -> Self {
        Self::Input { wanted, input: Input::with(text), error: None }
    }

    /// The first line shown, of dialogs that scroll.
    pub(super) fn scroll(&mut self) -> Option<&mut usize> {
        match self {
            Self::Help { scroll, .. } | Self::Calls { scroll, .. } => Some(scroll),
            Self::Question(..) | Self::Which { .. } | Self::Input { .. } => None,
        }
    }
}
