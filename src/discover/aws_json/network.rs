//! Builds the network of a snapshot from the answers.

use std::collections::{BTreeMap, BTreeSet};

use super::document::Document;
use super::error::AwsJsonError;
use crate::discover::interpret;
use crate::discover::validate::{Validate, validate};
use crate::discover::wire::List;
use crate::model::{Call, Gap, Keyed, Network, PrefixListId, Snapshot, Table, VpcId};

/// Items by id. Equal items are merged.
///
/// # Errors
/// Two different items have the same id.
pub(super) fn table<T: Keyed + PartialEq>(
    items: impl IntoIterator<Item = T>,
) -> Result<Table<T>, AwsJsonError> {
    let mut table = Table::default();
    for item in items {
        let key = item.key().clone();
        if table.get(&key).is_some_and(|known| *known != item) {
            return Err(AwsJsonError::Contradiction { id: key.to_string() });
        }
        table.insert(item);
    }
    Ok(table)
}

/// The items with all required fields. An item without a required field becomes a gap.
fn complete<'a, T: Validate + 'a>(
    call: Call,
    items: List<T>,
    gaps: &'a mut Vec<Gap>,
) -> impl Iterator<Item = T> + 'a {
    items.into_iter().flatten().filter_map(move |item| match validate(call, item) {
        Ok(item) => Some(item),
        Err(gap) => {
            gaps.push(gap);
            None
        }
    })
}

/// The network that the answers describe. An item without a required field becomes a gap.
///
/// # Errors
/// Two answers describe the same resource differently.
pub(super) fn network(all: Document, gaps: &mut Vec<Gap>) -> Result<Network, AwsJsonError> {
    let attributes = all.vpc_attributes.unwrap_or_default();
    let options = all.dhcp_options.unwrap_or_default();
    let zones: Option<Vec<String>> =
        all.hosted_zone_summaries.map(|zones| zones.into_iter().filter_map(|zone| zone.name).collect());
    let vpcs = all.vpcs.into_iter().flatten();
    let mut network = Network {
        vpcs: table(vpcs.map(|vpc| interpret::vpc(vpc, &attributes, &options, zones.clone())))?,
        subnets: table(all.subnets.into_iter().flatten().map(interpret::subnet))?,
        route_tables: table(
            complete(Call::DescribeRouteTables, all.route_tables, gaps).map(interpret::route_table),
        )?,
        security_groups: table(
            complete(Call::DescribeSecurityGroups, all.security_groups, gaps)
                .filter_map(interpret::security_group),
        )?,
        network_acls: table(
            complete(Call::DescribeNetworkAcls, all.network_acls, gaps).map(interpret::network_acl),
        )?,
        nat_gateways: table(
            complete(Call::DescribeNatGateways, all.nat_gateways, gaps).filter_map(interpret::nat_gateway),
        )?,
        internet_gateways: table(
            complete(Call::DescribeInternetGateways, all.internet_gateways, gaps)
                .map(interpret::internet_gateway),
        )?,
        egress_only_internet_gateways: table(
            complete(Call::DescribeEgressOnlyInternetGateways, all.egress_only_internet_gateways, gaps)
                .map(interpret::egress_only_internet_gateway),
        )?,
        network_interfaces: table(
            all.network_interfaces.into_iter().flatten().filter_map(interpret::network_interface),
        )?,
        connectors: table(all.vpc_connectors.into_iter().flatten().map(interpret::connector))?,
        peering_connections: table(
            all.vpc_peering_connections.into_iter().flatten().filter_map(interpret::peering_connection),
        )?,
        named_resources: table(
            interpret::NamedAnswers {
                db_instances: all.db_instances,
                db_clusters: all.db_clusters,
                db_proxies: all.db_proxies,
                db_proxy_endpoints: all.db_proxy_endpoints,
                cache_clusters: all.cache_clusters,
                replication_groups: all.replication_groups,
                serverless_caches: all.serverless_caches,
                cache_subnet_groups: all.cache_subnet_groups,
                load_balancers: all.load_balancers,
                classic_load_balancers: all.load_balancer_descriptions,
            }
            .resources(),
        )?,
        ..Network::default()
    };
    for control in all.vpc_encryption_controls.into_iter().flatten() {
        let is_gone = control.state.as_deref().is_some_and(|state| state.starts_with("delet"));
        let vpc = control.vpc_id.as_deref().map(VpcId::from).filter(|_| !is_gone);
        if let Some(vpc) = vpc.and_then(|id| network.vpcs.get_mut(&id)) {
            vpc.encryption = interpret::encryption(control.mode.as_deref());
        }
    }
    let rules = all.resolver_rules.unwrap_or_default();
    for association in all.resolver_rule_associations.into_iter().flatten() {
        let vpc = association.vpc_id.as_deref().map(VpcId::from);
        let vpc = vpc.and_then(|id| network.vpcs.get_mut(&id));
        let rule = interpret::resolver_rule(&association, &rules);
        if let Some((vpc, rule)) = vpc.zip(rule).filter(|(vpc, rule)| !vpc.resolver_rules.contains(rule)) {
            vpc.resolver_rules.push(rule);
        }
    }
    let mut services: Vec<_> =
        all.service_details.into_iter().flatten().filter_map(interpret::endpoint_service).collect();
    services.sort();
    services.dedup();
    network.endpoint_services = services;
    let endpoints = complete(Call::DescribeVpcEndpoints, all.vpc_endpoints, gaps);
    network.endpoints =
        table(endpoints.filter_map(|endpoint| interpret::endpoint(endpoint, &network)).collect::<Vec<_>>())?;
    // `DescribePrefixLists` returns the ranges of a list, `DescribeManagedPrefixLists` only its name: merge
    // both.
    for list in all.prefix_lists.into_iter().flatten().map(interpret::prefix_list) {
        match network.prefix_lists.get_mut(&list.id) {
            Some(known) => known.cidrs = known.cidrs.take().or(list.cidrs),
            None => {
                network.prefix_lists.insert(list);
            }
        }
    }
    let mut entries: BTreeMap<PrefixListId, Vec<ipnet::IpNet>> = BTreeMap::new();
    for list in all.prefix_list_entries.into_iter().flatten() {
        let id = PrefixListId::new(list.prefix_list_id);
        entries.entry(id).or_default().extend(interpret::ranges(list.entries));
    }
    for (id, cidrs) in entries {
        if let Some(known) = network.prefix_lists.get_mut(&id) {
            known.cidrs = Some(cidrs);
        } else {
            let name = id.to_string();
            network.prefix_lists.insert(crate::model::PrefixList { id, name, cidrs: Some(cidrs) });
        }
    }
    Ok(network)
}

/// The ids of the prefix lists in use whose ranges no file contains, separated by commas. `None` if all
/// ranges are known.
pub(super) fn lists_without_ranges(snapshot: &Snapshot) -> Option<String> {
    let lists = &snapshot.network.prefix_lists;
    let unread: BTreeSet<String> = interpret::lists_in_use(snapshot)
        .into_iter()
        .filter(|id| lists.get(id).is_none_or(|list| list.cidrs.is_none()))
        .map(|id| id.to_string())
        .collect();
    (!unread.is_empty()).then(|| unread.into_iter().collect::<Vec<_>>().join(", "))
}
