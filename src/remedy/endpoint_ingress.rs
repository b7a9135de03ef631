//! Inbound rules that an interface endpoint's group, or a database's, lacks: the workload is admitted by its own group.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>: the endpoint's security group must admit
//! the resources that call it.

use std::collections::BTreeSet;

use super::site::{Candidate, Site};
use super::{Change, Met, Precondition};
use crate::model::{EndpointKind, Peer, ResourceId, SecurityGroupId};
use crate::reach::{Code, Layer};

pub(super) fn candidate(site: &Site<'_>) -> Option<Candidate> {
    let own = site.security_groups().first().cloned()?;
    let mut wanted: BTreeSet<(SecurityGroupId, u16)> = BTreeSet::new();
    for (finding, hop, code) in site.blockers() {
        let is_ours = matches!(hop.layer, Layer::Endpoint | Layer::Target)
            && matches!(code, Code::EndpointSgRulesMismatch | Code::EniSgRulesMismatch);
        // What is only planned is made right at once.
        let exists = |group: &SecurityGroupId| !group.as_str().ends_with("-planned");
        if let Some(group) = guard(site, &hop.component).filter(|group| is_ours && exists(group)) {
            wanted.insert((group, finding.need.destination.port));
        }
    }
    if wanted.is_empty() {
        return None;
    }
    let told: Vec<String> = wanted.iter().map(|(group, port)| format!("{group} tcp {port}")).collect();
    Some(Candidate {
        title: format!("Inbound rules from {own}: {}", told.join(", ")),
        changes: wanted
            .into_iter()
            .map(|(group, port)| Change::AllowEndpointIngress { group, port, peer: Peer::Group(own.clone()) })
            .collect(),
        preconditions: vec![Precondition { text: "the guarding groups were read".to_owned(), met: Met::Yes }],
        side_effects: vec![format!("Everything in {own} may then connect there, on these ports only.")],
        takes_effect: "at once, no deployment of the service".to_owned(),
        reversal: "delete the rules; open connections go on until they end".to_owned(),
    })
}

/// The first group that guards an endpoint or an interface.
fn guard(site: &Site<'_>, component: &ResourceId) -> Option<SecurityGroupId> {
    let network = &site.snapshot.network;
    let endpoint = network.endpoints.iter().find(|endpoint| endpoint.id.as_str() == component.as_str());
    if let Some(EndpointKind::Interface { security_groups, .. }) = endpoint.map(|endpoint| &endpoint.kind) {
        return security_groups.first().cloned();
    }
    let interface = network.network_interfaces.iter().find(|one| one.id.as_str() == component.as_str())?;
    interface.security_groups.first().cloned()
}
