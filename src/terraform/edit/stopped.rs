//! A plan that stops.

use crate::terraform::edit::shown_place;
use crate::terraform::error::EditError;
use crate::terraform::read::config::Config;

/// Why a plan stops, and the change of the proposal at which it stops.
pub(super) struct Stopped {
    pub change: Option<usize>,
    pub error: EditError,
}

impl Stopped {
    /// The same with a place that names the folder of the root module.
    pub fn shown(self, config: &Config) -> Self {
        let error = shown_place::with_tool(shown_place::with_folder(self.error, config), config);
        Self { error, ..self }
    }
}

impl From<EditError> for Stopped {
    fn from(error: EditError) -> Self {
        Self { change: None, error }
    }
}
