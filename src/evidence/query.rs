//! The input of the user: requested destinations, a log, and hidden destinations; and the answers of this machine's resolver.

use super::{LogFinding, ResolvedHost, Symptom};
use crate::model::Destination;

/// The input of a diagnosis, in addition to the snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Destinations that the user requested (`--to`, or added on the screen).
    pub requested: Vec<Destination>,
    /// Failures found in a log.
    pub log: Vec<LogFinding>,
    /// Destinations that the user removed from the list.
    pub hidden: Vec<Destination>,
    /// Destinations that a written fix makes reachable: their lines in the log are older than the fix.
    pub fixed: Vec<Destination>,
    /// The answers of this machine's resolver.
    pub resolved: Vec<ResolvedHost>,
    /// Whether destinations from the service's settings are added. Otherwise only `requested` and `log` are
    /// used.
    pub infer: bool,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            requested: Vec::new(),
            log: Vec::new(),
            hidden: Vec::new(),
            fixed: Vec::new(),
            resolved: Vec::new(),
            infer: true,
        }
    }
}

impl Query {
    /// A query for the destinations of a log and of the service's settings.
    #[must_use]
    pub fn with_log(log: Vec<LogFinding>) -> Self {
        Self { log, ..Self::default() }
    }

    /// The findings of the log. If the user requested one destination and the log contains no other, a failed connection
    /// without a host is one to that destination.
    #[must_use]
    pub fn findings(&self) -> Vec<LogFinding> {
        let mut findings = self.log.clone();
        let [only] = self.requested.as_slice() else { return findings };
        if findings.iter().any(|finding| finding.host.as_ref().is_some_and(|host| *host != only.host)) {
            return findings;
        }
        let is_wanted = |finding: &&mut LogFinding| {
            finding.host.is_none()
                && finding.symptom.may_have_network_cause()
                && finding.symptom != Symptom::Proxy
        };
        for finding in findings.iter_mut().filter(is_wanted) {
            finding.host = Some(only.host.clone());
            finding.destination = Some(only.clone());
        }
        findings
    }

    /// A query for only these destinations.
    #[must_use]
    pub fn for_destinations(requested: impl Into<Vec<Destination>>) -> Self {
        Self { requested: requested.into(), infer: false, ..Self::default() }
    }
}
