//! Managed prefix lists, and the selection of those that the traces need.

use std::collections::BTreeSet;

use ipnet::IpNet;

use crate::discover::wire;
#[cfg(feature = "live")]
use crate::model::{Network, VpcId};
use crate::model::{
    Peer, PrefixList, PrefixListId, Region, RouteDestination, RouteTable, SecurityGroup, Snapshot,
};

/// A prefix list, with its ranges if the answer contains them.
pub(in crate::discover) fn prefix_list(list: wire::PrefixList) -> PrefixList {
    PrefixList {
        name: list.prefix_list_name.unwrap_or_else(|| list.prefix_list_id.clone()),
        id: PrefixListId::new(list.prefix_list_id),
        cidrs: list.cidrs.map(|cidrs| cidrs.into_iter().map(|net| net.trunc()).collect()),
    }
}

/// The gateway endpoint services.
const GATEWAY_SERVICES: [&str; 3] = ["s3", "dynamodb", "s3express"];

/// The prefix lists of AWS that are read before it is known whether a route or rule names them: those of the gateway endpoint
/// services, and of VPC Lattice, which security groups of clients name
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html>).
#[cfg(feature = "live")]
pub(in crate::discover) fn lists_of_aws(lists: &[PrefixList], region: &Region) -> BTreeSet<PrefixListId> {
    of_services(lists.iter(), region, &[&GATEWAY_SERVICES[..], &["vpc-lattice"]].concat())
}

fn of_services<'l>(
    lists: impl Iterator<Item = &'l PrefixList>,
    region: &Region,
    services: &[&str],
) -> BTreeSet<PrefixListId> {
    let is_of_service = |list: &&PrefixList| {
        let rest =
            list.name.strip_prefix("com.amazonaws.").and_then(|rest| rest.strip_prefix(region.as_str()));
        rest.and_then(|rest| rest.strip_prefix('.')).is_some_and(|service| services.contains(&service))
    };
    lists.filter(is_of_service).map(|list| list.id.clone()).collect()
}

/// The prefix lists of the gateway endpoint services, and every prefix list in a route or security group
/// rule.
pub(in crate::discover) fn lists_in_use(snapshot: &Snapshot) -> BTreeSet<PrefixListId> {
    let network = &snapshot.network;
    let mut ids = of_services(network.prefix_lists.iter(), &snapshot.region, &GATEWAY_SERVICES);
    ids.extend(named_by(network.route_tables.iter(), network.security_groups.iter()).cloned());
    ids
}

/// The prefix lists that the routes and security group rules of a VPC name.
#[cfg(feature = "live")]
pub(in crate::discover) fn lists_of_vpc<'n>(
    network: &'n Network,
    vpc: &VpcId,
) -> impl Iterator<Item = &'n PrefixListId> {
    named_by(
        network.route_tables.iter().filter(|table| table.vpc == *vpc),
        network.security_groups.iter().filter(|group| group.vpc == *vpc),
    )
}

fn named_by<'n>(
    tables: impl Iterator<Item = &'n RouteTable>,
    groups: impl Iterator<Item = &'n SecurityGroup>,
) -> impl Iterator<Item = &'n PrefixListId> {
    let routes = tables.flat_map(|table| &table.routes).filter_map(|route| match &route.destination {
        RouteDestination::PrefixList(id) => Some(id),
        _ => None,
    });
    let rules = groups.flat_map(|group| group.ingress.iter().chain(&group.egress));
    let rules = rules.filter_map(|rule| match &rule.peer {
        Peer::PrefixList(id) => Some(id),
        _ => None,
    });
    routes.chain(rules)
}

/// The ranges in the entries of a prefix list.
pub(in crate::discover) fn ranges(entries: Vec<wire::PrefixListEntry>) -> Vec<IpNet> {
    entries.into_iter().filter_map(|entry| entry.cidr).map(|net| net.trunc()).collect()
}
