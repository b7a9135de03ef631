//! Calls whose answers are missing or incomplete.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::default_value::is_default;
use super::{Call, Place};

/// A call that was denied, failed or returned an incomplete answer. Hops that need it are unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// The call.
    pub call: Call,
    /// The reason.
    pub kind: GapKind,
    /// AWS's message, without control characters.
    pub message: String,
    /// The account and Region of the call, if they are not those of the snapshot. Such a gap says nothing about the facts of the
    /// snapshot's own account.
    #[serde(default, skip_serializing_if = "is_default")]
    pub place: Option<Place>,
}

impl Gap {
    /// A gap in the account and Region of the snapshot.
    #[must_use]
    pub fn new(call: Call, kind: GapKind, message: String) -> Self {
        Self { call, kind, message, place: None }
    }
}

/// The reason why the answer of a call is missing or incomplete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum GapKind {
    /// The credentials do not allow it.
    Denied,
    /// AWS throttled every attempt.
    Throttled,
    /// It failed for another reason.
    Failed,
    /// Some pages or items are missing.
    #[strum(to_string = "incomplete")]
    Partial,
    /// The call was not made: the saved files do not contain its answer.
    #[serde(rename = "not-given")]
    #[strum(to_string = "not collected")]
    NotCollected,
}

impl GapKind {
    /// The term on the screen and in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.as_ref().map(|place| format!(" in {place}")).unwrap_or_default();
        let name = self.call.iam_action().unwrap_or(self.call.name());
        write!(f, "{name} {}{place}: {}", self.kind.word(), self.message)
    }
}
