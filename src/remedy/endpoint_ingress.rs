//! Remedy `endpoint-ingress`: adds missing inbound rules to the security group of an interface endpoint. The rules allow
//! traffic from the workload's security group.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>: the endpoint's
//! security group must allow inbound traffic from the resources that call it.

use std::collections::BTreeSet;

use super::context::{Candidate, RemedyContext};
use super::group_quota::over_quota;
use super::rollback;
use super::{Change, Precondition};
use crate::model::{EndpointKind, Peer, ResourceId, SecurityGroupId, is_planned};
use crate::reach::Code;

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let own = context.security_groups().first().cloned()?;
    let mut rules: BTreeSet<(SecurityGroupId, u16)> = BTreeSet::new();
    for (finding, hop, code) in context.blockers() {
        if code != Code::EndpointSgRulesMismatch {
            continue;
        }
        // Skip a planned security group: the remedy that creates it also sets its rules.
        let exists = |group: &SecurityGroupId| !is_planned(group.as_str());
        if let Some(group) = receiving_group(context, &hop.component).filter(exists) {
            rules.insert((group, finding.need.destination.port));
        }
    }
    if rules.is_empty() {
        return None;
    }
    let list: Vec<String> = rules
        .iter()
        .map(|(group, port)| format!("{port} on the endpoint's security group {group}"))
        .collect();
    let changes: Vec<Change> = rules
        .into_iter()
        .map(|(group, port)| Change::AllowEndpointIngress { group, port, peer: Peer::Group(own.clone()) })
        .collect();
    let mut preconditions = vec![Precondition::met("the security groups of the endpoints were read")];
    preconditions.extend(over_quota(context, &changes));
    Some(Candidate {
        title: format!("Allow inbound {}", list.join(", ")),
        rollback: format!("{}; open connections stay until they end", rollback::of_rules(changes.len())),
        changes,
        preconditions,
        side_effects: vec![format!(
            "Everything in {own} can then connect to these endpoints, on these ports only."
        )],
        takes_effect: "at once, no deployment of the service".to_owned(),
    })
}

/// The first security group of an interface endpoint.
fn receiving_group(context: &RemedyContext<'_>, component: &ResourceId) -> Option<SecurityGroupId> {
    let mut endpoints = context.snapshot.network.endpoints.iter();
    match &endpoints.find(|endpoint| endpoint.id.as_str() == component.as_str())?.kind {
        EndpointKind::Interface { security_groups, .. } => security_groups.first().cloned(),
        EndpointKind::Gateway { .. } | EndpointKind::Other(_) => None,
    }
}
