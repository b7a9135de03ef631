//! The snapshot: the interface between discovery and everything else. Live AWS, a saved file and a demo
//! scenario all produce the same [`Snapshot`].

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::default_value::is_default;
use super::{Call, ListPrices, Network, Region, Table, Workload};
use crate::text::{escape_json, json_error};

/// The file format this version reads and writes.
const VERSION: u32 = 1;

/// The network state of one account and region at one time, and the gaps in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    version: u32,
    /// The time when discovery began.
    pub taken_at: Timestamp,
    /// The account number; `None` when it could not be read.
    pub account: Option<String>,
    /// The region.
    pub region: Region,
    /// The workloads.
    pub workloads: Table<Workload>,
    /// The network.
    pub network: Network,
    /// List prices, if they were read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub prices: Option<ListPrices>,
    /// The calls whose answers are missing or incomplete.
    pub gaps: Vec<Gap>,
}

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
        match self.call.iam_action() {
            Some(action) => write!(f, "{action} {}: {}", self.kind.word(), self.message),
            None => write!(f, "{} {}: {}", self.call, self.kind.word(), self.message),
        }
    }
}

/// The reason why a file is not a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Not JSON, or not of this shape: the problem with line and column, without a value of the file.
    #[error("not a snapshot: {0}")]
    Malformed(String),
    /// Written by a newer version.
    #[error(
        "field `version` is {found}, but this version of egress-doctor supports versions up to {VERSION}: \
         update egress-doctor, or save the snapshot again with this version"
    )]
    Newer {
        /// The file's version.
        found: u64,
    },
    /// The file's version does not exist.
    #[error("field `version` is {found}, which does not exist: the file is damaged or was edited")]
    NeverWritten {
        /// The file's version.
        found: u64,
    },
}

impl From<serde_json::Error> for SnapshotError {
    fn from(error: serde_json::Error) -> Self {
        Self::Malformed(json_error(&error))
    }
}

impl Snapshot {
    /// An empty snapshot of a region.
    #[must_use]
    pub fn new(region: Region, taken_at: Timestamp) -> Self {
        Self {
            version: VERSION,
            taken_at,
            account: None,
            region,
            workloads: Table::default(),
            network: Network::default(),
            prices: None,
            gaps: Vec::new(),
        }
    }

    /// The first gap of this call, if there is one.
    #[must_use]
    pub fn gap(&self, call: Call) -> Option<&Gap> {
        self.gaps.iter().find(|gap| gap.call == call)
    }

    /// Reads a saved snapshot.
    ///
    /// # Errors
    /// The text is not JSON, not a snapshot (the error contains line and column), or of a newer version.
    pub fn from_json(text: &str) -> Result<Self, SnapshotError> {
        #[derive(Deserialize)]
        struct Head {
            version: u64,
        }

        let head: Head = serde_json::from_str(text)?;
        if head.version > u64::from(VERSION) {
            return Err(SnapshotError::Newer { found: head.version });
        }
        if head.version == 0 {
            return Err(SnapshotError::NeverWritten { found: head.version });
        }
        Ok(serde_json::from_str(text)?)
    }

    /// The file's text, indented so that it can be read and compared. Unsafe characters are escape sequences.
    ///
    /// # Errors
    /// None in practice: every type in a snapshot has a JSON form.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| escape_json(&text) + "\n")
    }
}
