//! How a snapshot was read: each AWS call with its result.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::default_value::is_default;
use super::{Call, Gap, GapKind};

/// A call that ended, with all its pages and retries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallRecord {
    /// The call.
    pub call: Call,
    /// The resources that it read, `vpc-…`; empty for the whole Region.
    #[serde(default, skip_serializing_if = "is_default")]
    pub scope: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// The time until its last answer, in milliseconds.
    pub milliseconds: u64,
    /// Number of items that arrived.
    pub items: usize,
    /// Number of pages that arrived.
    pub pages: usize,
    /// Why it failed; `None` if every page arrived.
    #[serde(default, skip_serializing_if = "is_default")]
    pub failure: Option<CallFailure>,
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallFailure {
    /// The kind of failure.
    pub kind: GapKind,
    /// What came back and what helps, as in the gap.
    pub message: String,
}

impl From<Gap> for CallFailure {
    fn from(gap: Gap) -> Self {
        Self { kind: gap.kind, message: gap.message }
    }
}

impl CallRecord {
    /// What is missing because of this call; `None` if it succeeded.
    #[must_use]
    pub fn gap(&self) -> Option<Gap> {
        let failure = self.failure.as_ref()?;
        Some(Gap::new(self.call, failure.kind, failure.message.clone()))
    }

    /// The ids in its scope that begin with this text, `vpc-`.
    pub fn scope_ids<'a>(&'a self, start: &'a str) -> impl Iterator<Item = &'a str> {
        self.scope.split_whitespace().filter(move |id| id.starts_with(start))
    }
}
