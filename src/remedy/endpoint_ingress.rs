//! Remedy `endpoint-ingress`: adds missing inbound rules to the security group of an interface endpoint or
//! a database. The rules allow traffic from the workload's security group.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>: the endpoint's
//! security group must allow inbound traffic from the resources that call it.

use std::collections::BTreeSet;

use super::context::{Candidate, RemedyContext};
use super::{Change, Precondition};
use crate::model::{EndpointKind, Peer, ResourceId, SecurityGroupId};
use crate::reach::{Code, Layer};

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let own = context.security_groups().first().cloned()?;
    let mut rules: BTreeSet<(SecurityGroupId, u16)> = BTreeSet::new();
    let mut owners: BTreeSet<&str> = BTreeSet::new();
    for (finding, hop, code) in context.blockers() {
        let owner = match hop.layer {
            Layer::Endpoint => "the endpoint's",
            Layer::Target => "the destination's",
            _ => continue,
        };
        let is_inbound = matches!(
            code,
            Code::EndpointSgRulesMismatch | Code::TargetSgRulesMismatch | Code::NatInstanceSgRulesMismatch
        );
        if !is_inbound {
            continue;
        }
        // Skip a planned security group: the remedy that creates it also sets its rules.
        let exists = |group: &SecurityGroupId| !group.as_str().ends_with("-planned");
        if let Some(group) = receiving_group(context, &hop.component).filter(exists) {
            rules.insert((group, finding.need.destination.port));
            owners.insert(owner);
        }
    }
    if rules.is_empty() {
        return None;
    }
    let owner = if owners.len() == 1 {
        owners.first().copied().unwrap_or_default()
    } else {
        "the endpoint's or destination's"
    };
    let list: Vec<String> =
        rules.iter().map(|(group, port)| format!("{port} on {owner} security group {group}")).collect();
    Some(Candidate {
        title: format!("Allow inbound {}", list.join(", ")),
        changes: rules
            .into_iter()
            .map(|(group, port)| Change::AllowEndpointIngress { group, port, peer: Peer::Group(own.clone()) })
            .collect(),
        preconditions: vec![Precondition::met(
            "the security groups of the endpoints and destinations were read",
        )],
        side_effects: vec![format!(
            "Everything in security group {own} can then connect there, on these ports only."
        )],
        takes_effect: "at once, no deployment of the service".to_owned(),
        rollback: "delete the rules; open connections stay until they end".to_owned(),
    })
}

/// The first security group of an interface endpoint or a network interface.
fn receiving_group(context: &RemedyContext<'_>, component: &ResourceId) -> Option<SecurityGroupId> {
    let network = &context.snapshot.network;
    let endpoint = network.endpoints.iter().find(|endpoint| endpoint.id.as_str() == component.as_str());
    if let Some(EndpointKind::Interface { security_groups, .. }) = endpoint.map(|endpoint| &endpoint.kind) {
        return security_groups.first().cloned();
    }
    let mut interfaces = network.network_interfaces.iter();
    let interface = interfaces.find(|interface| interface.id.as_str() == component.as_str())?;
    interface.security_groups.first().cloned()
}
