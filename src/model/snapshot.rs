//! The seam: live AWS, a saved file and a demo scenario all become the same [`Snapshot`].

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Call, ListPrices, Network, Region, Table, Workload, is_default};

/// The file format this version reads and writes.
const VERSION: u32 = 1;

/// What was read of one account and region at one moment, and what could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    version: u32,
    /// When discovery began.
    pub taken_at: Timestamp,
    /// Account number; `None` when it could not be learnt.
    pub account: Option<String>,
    /// The region.
    pub region: Region,
    /// What runs.
    pub workloads: Table<Workload>,
    /// What the packets meet.
    pub network: Network,
    /// What AWS asks for it, where that was read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub prices: Option<ListPrices>,
    /// What is missing.
    pub gaps: Vec<Gap>,
}

/// A call whose answer is missing or incomplete. Hops that need it are unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// Which call.
    pub call: Call,
    /// Why.
    pub kind: GapKind,
    /// AWS's words, cleaned of control characters.
    pub message: String,
}

/// Why a call's answer is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// The credentials do not permit it.
    Denied,
    /// AWS asked to slow down, again and again.
    Throttled,
    /// It failed otherwise.
    Failed,
    /// Some pages or items came, not all.
    Partial,
    /// The call was not made: the saved files do not contain its answer.
    #[serde(rename = "not-given")]
    NotCollected,
}

impl GapKind {
    /// One word for the screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Throttled => "throttled",
            Self::Failed => "failed",
            Self::Partial => "incomplete",
            Self::NotCollected => "not collected",
        }
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

/// Why a file is not a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Not JSON, or not of this shape.
    #[error("not a snapshot: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Written by a newer version.
    #[error(
        "field `version` is {found}, this egress-doctor reads up to {VERSION}: update egress-doctor, or save the \
         snapshot again with this version"
    )]
    Newer {
        /// The file's version.
        found: u64,
    },
    /// A file whose version this program never wrote.
    #[error("field `version` is {found}, which no egress-doctor ever wrote: the file was damaged or edited")]
    NeverWritten {
        /// The file's version.
        found: u64,
    },
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

    /// The first gap in this call's answers, if there is one.
    #[must_use]
    pub fn gap(&self, call: Call) -> Option<&Gap> {
        self.gaps.iter().find(|gap| gap.call == call)
    }

    /// Reads a saved snapshot.
    ///
    /// # Errors
    /// The text is not JSON, not a snapshot (line and column are named), or of a newer version.
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

    /// The file's text, indented so that it can be read and compared.
    ///
    /// # Errors
    /// None in practice: every type in a snapshot has a JSON form.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}
