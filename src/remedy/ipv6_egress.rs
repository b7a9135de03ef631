//! Remedy `ipv6-egress`: an egress-only internet gateway, the route `::/0` to it, and the rules for IPv6. It has no hourly
//! charge, and reaches only hosts with AAAA records, from a dual-stack connector.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html>

use ipnet::Ipv6Net;

use super::context::{Candidate, RemedyContext};
use super::{Change, Precondition};
use crate::model::{
    Call, Destination, DestinationKind, PUBLIC_V6, Peer, Records, RouteDestination, RouteTableId,
    SecurityGroupId,
};
use crate::reach::{Code, Layer};

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let vpc = context.vpc()?;
    if !context.workload.dual_stack || vpc.ipv6_cidrs.is_empty() {
        return None;
    }
    let needs_path = context
        .blocked_by(|layer, code| layer == Layer::Route || code == Code::IgwPublicIpAssociationForEgress);
    let by_ipv6: Vec<&Destination> = needs_path
        .into_iter()
        .filter(|destination| !matches!(destination.records(), Records::A) && destination.aws().is_none())
        .collect();
    let first = by_ipv6.first()?;
    let network = &context.snapshot.network;
    let anywhere = RouteDestination::Ipv6(Ipv6Net::default());
    let route_tables: Vec<RouteTableId> = context
        .route_tables()
        .into_iter()
        .filter(|id| {
            let table = network.route_tables.get(id);
            table.is_some_and(|table| table.routes.iter().all(|route| route.destination != anywhere))
        })
        .collect();
    if route_tables.is_empty() {
        return None;
    }
    let mut gateways = network.egress_only_internet_gateways.iter();
    let gateway = gateways.find(|gateway| gateway.attached_to.as_ref() == Some(&vpc.id));
    let tables = context.describe_route_tables(&route_tables);
    let mut changes = vec![Change::RouteIpv6 {
        vpc: vpc.id.clone(),
        gateway: gateway.map(|gateway| gateway.id.clone()),
        route_tables,
    }];
    changes.extend(group_rules(context, &by_ipv6));
    let subnets = context.subnets.iter().filter_map(|id| network.subnets.get(id));
    let without: Vec<&str> = subnets
        .filter(|subnet| {
            let own = subnet.ipv6_cidrs.iter().copied().collect();
            subnet.ipv6_cidrs.is_empty() || !PUBLIC_V6.covers(&own)
        })
        .map(|subnet| subnet.id.as_str())
        .collect();
    Some(Candidate {
        title: "Egress-only internet gateway for IPv6".to_owned(),
        changes,
        preconditions: vec![
            Precondition::met("the service has IPv6 (IpAddressType DUAL_STACK)"),
            if without.is_empty() {
                Precondition::met("the connector's subnets have public IPv6 addresses")
            } else {
                Precondition::not_met(format!("{} have no public IPv6 addresses", without.join(", ")))
            },
            context.met_unless_gap(
                Call::DescribeEgressOnlyInternetGateways,
                format!("the egress-only internet gateways of {} were read", vpc.id),
            ),
            match first.kind {
                DestinationKind::Address(_) => Precondition::met("the destination has an IPv6 address"),
                _ => Precondition::unknown(format!(
                    "only hosts with AAAA records: dig +short AAAA {} shows whether this one has any",
                    first.host
                )),
            },
            context.owns_subnets(),
        ],
        side_effects: vec![
            format!("All subnets that use {tables} get outbound internet access over IPv6."),
            "Destinations without AAAA records stay blocked.".to_owned(),
        ],
        takes_effect: "at once, no deployment of the service".to_owned(),
        rollback: "delete the routes, the rules and the egress-only internet gateway".to_owned(),
    })
}

/// The outbound rules for IPv6 that the workload's security groups lack.
fn group_rules(context: &RemedyContext<'_>, destinations: &[&Destination]) -> Vec<Change> {
    let groups: Vec<SecurityGroupId> = context.security_groups();
    let Some(group) = groups.first() else { return Vec::new() };
    let anywhere = Peer::Ipv6(Ipv6Net::default());
    let known = groups.iter().filter_map(|id| context.snapshot.network.security_groups.get(id));
    let rules: Vec<_> = known.flat_map(|group| &group.egress).collect();
    let mut ports: Vec<u16> = destinations.iter().map(|destination| destination.port).collect();
    ports.sort_unstable();
    ports.dedup();
    let is_allowed = |port: u16| {
        rules.iter().any(|rule| {
            rule.peer == anywhere
                && (rule.protocol == crate::model::Protocol::All
                    || rule.protocol.includes_tcp() && rule.ports.contains(port))
        })
    };
    ports
        .into_iter()
        .filter(|port| !is_allowed(*port))
        .map(|port| Change::AllowEgress { group: group.clone(), port, peer: anywhere.clone() })
        .collect()
}
