//! The last changes of AWS resources, as CloudTrail records them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::default_value::is_default;
use super::{Keyed, ResourceId};

/// The last changes of one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComponentHistory {
    /// The resource, by the name that CloudTrail uses: its id, or the identifier of a database.
    pub component: ResourceId,
    /// When CloudTrail was read. It keeps events for 90 days.
    pub read_at: Timestamp,
    /// Its changes, the latest first.
    pub changes: Vec<RecordedChange>,
    /// Whether the resource has older events that were not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_cut: bool,
}

/// A successful call that changed a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedChange {
    /// When AWS received the call.
    pub at: Timestamp,
    /// The API operation, `ReplaceRoute`.
    pub operation: String,
    /// The role or user that called it, `role Deploy`; `None` if the event does not name it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub by: Option<String>,
}

impl Keyed for ComponentHistory {
    type Key = ResourceId;

    fn key(&self) -> &ResourceId {
        &self.component
    }
}
