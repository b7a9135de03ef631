//! Outbound rules that the workload's security groups lack: the narrowest that let the stopped destinations through.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>: a rule may name a prefix list, so that S3 is
//! allowed without the internet. A group created by Terraform has no outbound rule unless one is written.

use super::site::{Candidate, Site};
use super::{Change, Met, Precondition};
use crate::model::{Call, Destination, EndpointKind, Peer, SecurityGroupId};
use crate::reach::{Code, Layer};

pub(super) fn candidate(site: &Site<'_>) -> Option<Candidate> {
    let is_ours = |layer: Layer, code: Code| {
        layer == Layer::SecurityGroup && matches!(code, Code::SgHasNoRules | Code::EniSgRulesMismatch)
    };
    let stopped: Vec<&Destination> = site.stopped_by(is_ours).collect();
    let group = site.security_groups().first().cloned()?;
    if stopped.is_empty() {
        return None;
    }
    let mut rules: Vec<(u16, Peer)> = Vec::new();
    for destination in stopped {
        let rule = (destination.port, peer_of(site, destination));
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    let told: Vec<String> = rules.iter().map(|(port, peer)| format!("tcp {port} to {peer}")).collect();
    let changes = rules
        .into_iter()
        .map(|(port, peer)| Change::AllowEgress { group: group.clone(), port, peer })
        .collect();
    let known = site.snapshot.network.security_groups.get(&group).is_some();
    Some(Candidate {
        title: format!("Outbound rules of {group}: {}", told.join(", ")),
        changes,
        preconditions: vec![if known {
            Precondition {
                text: format!("{group} was read, and nobody else decides about it"),
                met: Met::Yes,
            }
        } else {
            site.unread(Call::DescribeSecurityGroups, format!("{group} does not exist"))
        }],
        side_effects: vec![shared(site, &group)],
        takes_effect: "at once, no deployment of the service".to_owned(),
        reversal: "delete the rules; open connections go on until they end".to_owned(),
    })
}

/// The narrowest peer that means a destination: its prefix list, the VPC, or everything.
fn peer_of(site: &Site<'_>, destination: &Destination) -> Peer {
    if let crate::model::DestinationKind::Address(std::net::IpAddr::V4(address)) = destination.kind {
        return Peer::Ipv4(address.into());
    }
    let network = &site.snapshot.network;
    let list = destination
        .endpoint()
        .filter(|offer| offer.gateway)
        .and_then(|offer| network.prefix_lists.iter().find(|list| list.name == offer.service_name));
    if let Some(list) = list {
        return Peer::PrefixList(list.id.clone());
    }
    let foot = destination.endpoint().and_then(|offer| {
        let mut endpoints = network.endpoints.iter();
        let endpoint = endpoints.find(|one| one.service == offer.service_name && one.answers_names())?;
        match &endpoint.kind {
            EndpointKind::Interface { interfaces, .. } => interfaces.iter().find_map(|foot| foot.address),
            EndpointKind::Gateway { .. } | EndpointKind::Other(_) => None,
        }
    });
    // The range of the VPC in which the endpoint stands.
    let inside = foot.and_then(|address| site.vpc()?.cidrs.iter().find(|net| net.contains(&address)));
    Peer::Ipv4(inside.copied().unwrap_or_default())
}

fn shared(site: &Site<'_>, group: &SecurityGroupId) -> String {
    let others = site
        .snapshot
        .network
        .network_interfaces
        .iter()
        .filter(|one| one.security_groups.contains(group))
        .count();
    match others {
        0 => format!("{group} guards this service's connector; nothing else is known to use it."),
        n => format!("{group} also guards {n} interfaces, which may then call the same."),
    }
}
