//! What opens by itself at the start: a service, a destination and a step (`--service`, `--to`, `--step`), or the list of scenarios.

use super::Step;
use crate::model::Destination;

/// What opens by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// Name or ARN of the service; without it, the only service.
    pub service: Option<String>,
    /// The destination to select on Trace.
    pub destination: Option<Destination>,
    /// The last step to open; `None` stays on the list of services.
    pub step: Option<Step>,
    /// Whether the list of scenarios opens.
    pub lists_scenarios: bool,
    /// Whether the tour of the demo runs.
    pub plays_tour: bool,
}
