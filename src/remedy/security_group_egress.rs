//! Remedy `security-group-egress`: the narrowest outbound rules of the workload's security group that allow
//! the blocked destinations.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>: a rule can reference a
//! prefix list, so it can allow S3 without the rest of the internet. A security group that Terraform
//! creates has no outbound rule unless the code has one. A rule is for IPv4 or for IPv6: a destination with addresses of
//! both families gets one rule for each family that the VPC can carry to it.

use std::net::IpAddr;

use ipnet::IpNet;

use super::context::{Candidate, RemedyContext};
use super::group_quota::over_quota;
use super::rollback;
use super::{Change, Precondition};
use crate::model::{
    AddressFamily, Addresses, Call, Destination, DestinationKind, EndpointKind, PUBLIC, Peer, SecurityGroupId,
};
use crate::reach::{Code, Layer, Subject, prefix_list_of};

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
        let addresses = blocked_addresses(context, destination, is_own_group);
        for family in context.families_with_path(&addresses) {
            let rule =
                (destination.port, narrowest_peer(context, destination, &addresses.only(family), family));
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
    }
    let single_addresses = note_on_single_addresses(&rules);
    let list: Vec<String> = rules.iter().map(|(port, peer)| format!("TCP {port} to {peer}")).collect();
    let changes: Vec<Change> = rules
        .into_iter()
        .map(|(port, peer)| Change::AllowEgress { group: group.clone(), port, peer })
        .collect();
    let was_read = context.snapshot.network.security_groups.get(&group).is_some();
    let mut preconditions = vec![if was_read {
        Precondition::met(format!("{group} was read"))
    } else {
        context.not_met_unless_gap(Call::DescribeSecurityGroups, format!("{group} does not exist"))
    }];
    preconditions.extend(over_quota(context, &changes));
    Some(Candidate {
        title: format!("Allow outbound on the connector's security group {group}: {}", list.join(", ")),
        rollback: format!("{}; open connections stay until they end", rollback::of_rules(changes.len())),
        changes,
        preconditions,
        side_effects: [effect_on_interfaces(context, &group)].into_iter().chain(single_addresses).collect(),
        takes_effect: "at once, no deployment of the service".to_owned(),
    })
}

/// The addresses of a destination that the groups block.
fn blocked_addresses(
    context: &RemedyContext<'_>,
    destination: &Destination,
    is_own_group: impl Fn(Layer, Code) -> bool,
) -> Addresses {
    let of_destination = context.blockers().filter(|(finding, hop, code)| {
        finding.need.destination == *destination && is_own_group(hop.layer, *code)
    });
    let sets: Vec<Addresses> = of_destination
        .filter_map(|(_, hop, _)| match &hop.subject {
            Subject::Packets { remote, .. } => Some(remote.clone()),
            Subject::Component | Subject::Family(_) | Subject::Route { .. } => None,
        })
        .collect();
    Addresses::union(&sets)
}

/// The narrowest peer that covers the addresses of one family that a destination has: its address, the VPC's range, its prefix list,
/// or all addresses. A database can get another address of its VPC, and a rule for its security group makes a cycle in Terraform if that
/// group has a rule for the connector's group.
fn narrowest_peer(
    context: &RemedyContext<'_>,
    destination: &Destination,
    addresses: &Addresses,
    family: AddressFamily,
) -> Peer {
    let network = &context.snapshot.network;
    let offer = destination.endpoint();
    // A bucket in an unknown region can have other addresses. Where only the gateway endpoint has a path, a rule for them is of
    // no use.
    let has_other_path =
        destination.bucket_of_unknown_region().is_some() && !context.depends_on_bucket_region(destination);
    let list = offer.filter(|offer| offer.gateway && !has_other_path).and_then(|offer| {
        let name = prefix_list_of(&offer.service_name, family);
        network.prefix_lists.iter().find(|list| list.name == name)
    });
    match &destination.kind {
        DestinationKind::Address(IpAddr::V4(address)) => return Peer::Ipv4((*address).into()),
        DestinationKind::Address(IpAddr::V6(address)) => return Peer::Ipv6((*address).into()),
        _ => {}
    }
    // The private DNS of an interface endpoint of S3 gives private addresses, which its prefix list does not contain.
    match (context.range_of_vpc(addresses), list) {
        (Some(IpNet::V4(range)), _) => return Peer::Ipv4(range),
        (Some(IpNet::V6(range)), _) => return Peer::Ipv6(range),
        (None, Some(list)) => return Peer::PrefixList(list.id.clone()),
        (None, None) => {}
    }
    let endpoint = offer.and_then(|offer| {
        let mut endpoints = network.endpoints.iter();
        endpoints.find(|endpoint| endpoint.service == offer.service_name && endpoint.answers_names())
    });
    let mut interfaces = endpoint.into_iter().flat_map(|endpoint| match &endpoint.kind {
        EndpointKind::Interface { interfaces, .. } => interfaces.as_slice(),
        EndpointKind::Gateway { .. } | EndpointKind::Other(_) => &[],
    });
    match family {
        AddressFamily::Ipv4 => {
            let address = interfaces.find_map(|interface| interface.address);
            let range =
                address.and_then(|address| context.vpc()?.cidrs.iter().find(|net| net.contains(&address)));
            Peer::Ipv4(range.copied().unwrap_or_default())
        }
        AddressFamily::Ipv6 => {
            let address = interfaces.find_map(|interface| interface.ipv6_address);
            let range = address
                .and_then(|address| context.vpc()?.ipv6_cidrs.iter().find(|net| net.contains(&address)));
            Peer::Ipv6(range.copied().unwrap_or_default())
        }
    }
}

/// A note on rules for one public address: the name of a host on the internet usually has several addresses, which change.
fn note_on_single_addresses(rules: &[(u16, Peer)]) -> Option<String> {
    let single = rules.iter().find_map(|(port, peer)| {
        let (address, all) = match peer {
            Peer::Ipv4(net) if net.prefix_len() == 32 => (IpAddr::V4(net.addr()), "0.0.0.0/0"),
            Peer::Ipv6(net) if net.prefix_len() == 128 => (IpAddr::V6(net.addr()), "::/0"),
            _ => return None,
        };
        PUBLIC.contains(address).then_some((port, address, all))
    });
    let (port, address, all) = single?;
    Some(format!(
        "Only {address} is allowed. The name of a host on the internet usually has several addresses, which change: with the name \
         instead of the address (--to NAME:{port}) the rule allows TCP {port} to {all}; or allow the address range that the \
         operator of the host publishes."
    ))
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
