//! The answers of this machine's resolver for the destinations of the service on Trace.
//!
//! They are requested after Trace shows the service, so that no frame waits for them. Only for a live account: a saved network can be
//! of another time.

use std::time::Instant;

use super::{App, Effect, Origin, Step};
use crate::case::Case;
use crate::evidence::{Need, ResolvedHost, hosts_to_resolve};

impl App {
    /// Requests the addresses of the hosts that were not requested before.
    pub(super) fn resolve(&mut self, case: &Case) -> Vec<Effect> {
        let Origin::Live(request) = &self.origin else { return Vec::new() };
        if request.no_resolve {
            return Vec::new();
        }
        let needs: Vec<Need> = case.diagnosis.findings.iter().map(|finding| finding.need.clone()).collect();
        let mut hosts = hosts_to_resolve(&needs);
        hosts.retain(|host| self.asked_hosts.insert(host.clone()));
        if hosts.is_empty() { Vec::new() } else { vec![Effect::Resolve(hosts)] }
    }

    /// Uses the answers. A later step than Trace keeps its case.
    pub(super) fn resolved(&mut self, answers: Vec<ResolvedHost>, now: Instant) -> Vec<Effect> {
        self.query.resolved.extend(answers);
        if self.step() <= Step::Trace { self.refresh_outdated(now) } else { Vec::new() }
    }
}
