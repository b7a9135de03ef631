//! Managed prefix lists, and the selection of those that the traces need.

use std::collections::BTreeSet;

use ipnet::IpNet;

use crate::discover::wire;
use crate::model::{Peer, PrefixList, PrefixListId, RouteDestination, Snapshot};

/// A prefix list, with its ranges if the answer contains them.
pub(in crate::discover) fn prefix_list(list: wire::PrefixList) -> PrefixList {
    PrefixList {
        name: list.prefix_list_name.unwrap_or_else(|| list.prefix_list_id.clone()),
        id: PrefixListId::new(list.prefix_list_id),
        cidrs: list.cidrs.map(|cidrs| cidrs.into_iter().map(|net| net.trunc()).collect()),
    }
}

/// The prefix lists of the gateway endpoint services, and every prefix list in a route or security group
/// rule.
pub(in crate::discover) fn lists_in_use(snapshot: &Snapshot) -> BTreeSet<PrefixListId> {
    let network = &snapshot.network;
    let gateway_services =
        ["s3", "dynamodb", "s3express"].map(|service| format!("com.amazonaws.{}.{service}", snapshot.region));
    let of_services =
        network.prefix_lists.iter().filter(|list| gateway_services.contains(&list.name)).map(|list| &list.id);
    let routes = network.route_tables.iter().flat_map(|table| &table.routes);
    let routes = routes.filter_map(|route| match &route.destination {
        RouteDestination::PrefixList(id) => Some(id),
        _ => None,
    });
    let rules = network.security_groups.iter().flat_map(|group| group.ingress.iter().chain(&group.egress));
    let rules = rules.filter_map(|rule| match &rule.peer {
        Peer::PrefixList(id) => Some(id),
        _ => None,
    });
    of_services.chain(routes).chain(rules).cloned().collect()
}

/// The ranges in the entries of a prefix list.
pub(in crate::discover) fn ranges(entries: Vec<wire::PrefixListEntry>) -> Vec<IpNet> {
    entries.into_iter().filter_map(|entry| entry.cidr).map(|net| net.trunc()).collect()
}
