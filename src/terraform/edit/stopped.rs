//! A plan that stops.

use std::collections::BTreeMap;

use crate::remedy::RemedyId;
use crate::terraform::edit::shown_place;
use crate::terraform::error::EditError;
use crate::terraform::read::config::Config;

/// The changes of a proposal that are in the code already.
pub(super) type InCode = BTreeMap<usize, EditError>;

/// Why a plan stops, and the change of the proposal at which it stops.
pub(super) struct Stopped {
    pub change: Option<usize>,
    /// What else the error says about the other changes.
    pub also: Option<Box<Also>>,
    pub error: EditError,
}

/// What an error says about changes beside the one at which the plan stops.
pub(super) enum Also {
    /// The error has the code of these changes too.
    Changes(Vec<usize>),
    /// These remedies change the root module of the run, and the others change another one.
    OfOwnRoot(Vec<RemedyId>),
}

impl Stopped {
    /// The plan stops at a change.
    pub fn at(change: usize, error: EditError) -> Self {
        Self { change: Some(change), also: None, error }
    }

    /// The other changes whose code the error has too.
    pub fn others(&self) -> &[usize] {
        match self.also.as_deref() {
            Some(Also::Changes(others)) => others,
            Some(Also::OfOwnRoot(_)) | None => &[],
        }
    }

    /// The remedies of the root module of the run, if the others change another one.
    pub fn of_own_root(&self) -> Option<&[RemedyId]> {
        match self.also.as_deref() {
            Some(Also::OfOwnRoot(own)) => Some(own),
            Some(Also::Changes(_)) | None => None,
        }
    }

    /// The same with a place that names the folder of the root module.
    pub fn shown(self, config: &Config) -> Self {
        let error = shown_place::with_tool(shown_place::with_folder(self.error, config), config);
        Self { error, ..self }
    }
}

impl From<EditError> for Stopped {
    fn from(error: EditError) -> Self {
        Self { change: None, also: None, error }
    }
}
