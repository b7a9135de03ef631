//! Remedy `security-group-egress`: the narrowest outbound rules of the workload's security group that allow
//! the blocked destinations.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>: a rule can reference a
//! prefix list, so it can allow S3 without the rest of the internet. A security group that Terraform
//! creates has no outbound rule unless the code has one.

use std::net::IpAddr;

use super::context::{Candidate, RemedyContext};
use super::{Change, Precondition};
use crate::model::{Call, Destination, DestinationKind, EndpointKind, Peer, SecurityGroupId};
use crate::reach::{Code, Layer};

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let is_own_group = |layer: Layer, code: Code| {
        layer == Layer::SecurityGroup && matches!(code, Code::SgHasNoRules | Code::EniSgRulesMismatch)
    };
    let blocked = context.blocked_by(is_own_group);
    let group = context.security_groups().first().cloned()?;
    if blocked.is_empty() {
        return None;
    }
    let mut rules: Vec<(u16, Peer)> = Vec::new();
    for destination in blocked {
        let rule = (destination.port, narrowest_peer(context, destination));
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    let list: Vec<String> = rules.iter().map(|(port, peer)| format!("TCP {port} to {peer}")).collect();
    let changes = rules
        .into_iter()
        .map(|(port, peer)| Change::AllowEgress { group: group.clone(), port, peer })
        .collect();
    let was_read = context.snapshot.network.security_groups.get(&group).is_some();
    Some(Candidate {
        title: format!("Allow outbound on the connector's security group {group}: {}", list.join(", ")),
        changes,
        preconditions: vec![if was_read {
            Precondition::met(format!("{group} was read"))
        } else {
            context.not_met_unless_gap(Call::DescribeSecurityGroups, format!("{group} does not exist"))
        }],
        side_effects: vec![effect_on_interfaces(context, &group)],
        takes_effect: "at once, no deployment of the service".to_owned(),
        rollback: "delete the rules; open connections stay until they end".to_owned(),
    })
}

/// The narrowest peer that covers a destination: its address, its prefix list, the VPC's range, or
/// 0.0.0.0/0.
fn narrowest_peer(context: &RemedyContext<'_>, destination: &Destination) -> Peer {
    if let DestinationKind::Address(IpAddr::V4(address)) = destination.kind {
        return Peer::Ipv4(address.into());
    }
    let network = &context.snapshot.network;
    let list = destination
        .endpoint()
        .filter(|offer| offer.gateway)
        .and_then(|offer| network.prefix_lists.iter().find(|list| list.name == offer.service_name));
    if let Some(list) = list {
        return Peer::PrefixList(list.id.clone());
    }
    let endpoint_address = destination.endpoint().and_then(|offer| {
        let mut endpoints = network.endpoints.iter();
        let endpoint =
            endpoints.find(|endpoint| endpoint.service == offer.service_name && endpoint.answers_names())?;
        match &endpoint.kind {
            EndpointKind::Interface { interfaces, .. } => {
                interfaces.iter().find_map(|interface| interface.address)
            }
            EndpointKind::Gateway { .. } | EndpointKind::Other(_) => None,
        }
    });
    let vpc_range =
        endpoint_address.and_then(|address| context.vpc()?.cidrs.iter().find(|net| net.contains(&address)));
    Peer::Ipv4(vpc_range.copied().unwrap_or_default())
}

fn effect_on_interfaces(context: &RemedyContext<'_>, group: &SecurityGroupId) -> String {
    let interfaces = context.snapshot.network.network_interfaces.iter();
    match interfaces.filter(|interface| interface.security_groups.contains(group)).count() {
        0 => {
            format!("{group} is on this service's connector; no other network interface is known to use it.")
        }
        1 => format!("{group} is also on 1 network interface, which can then make the same connections."),
        n => format!("{group} is also on {n} network interfaces, which can then make the same connections."),
    }
}
