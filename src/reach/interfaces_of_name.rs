//! The network interfaces of a resource with a name: by the description that AWS gives them, and by the subnets, security groups and
//! AZs in the answers. Judges nothing.

use std::collections::BTreeSet;

use crate::model::{
    AvailabilityZone, Destination, DestinationKind, InterfaceKind, NamedResource, NamedResourceKind,
    NetworkInterface, Snapshot,
};

/// The beginning of the description that AWS gives to the network interfaces of a service, and the part of the
/// host name that shows the service.
const DESCRIPTIONS: &[(&str, &str)] = &[
    (".rds.", "RDSNetworkInterface"),
    (".docdb.", "RDSNetworkInterface"),
    (".neptune.", "RDSNetworkInterface"),
    (".cache.", "ElastiCache"),
    (".redshift.", "RedshiftNetworkInterface"),
    (".es.", "ES "),
    (".elb.", "ELB "),
    (".efs.", "EFS mount target"),
    (".kafka.", MSK),
    (".mq.", MQ),
];

/// The description of the network interfaces of an MSK cluster ends with the ARN of the cluster.
const MSK: &str = "DO NOT DELETE - Amazon MSK network interface for cluster ";
/// The description of the network interfaces of an Amazon MQ broker ends with the id of the broker.
const MQ: &str = "Amazon MQ network interface for broker ";

/// The beginning of the description that AWS gives to the network interfaces of the host's service.
#[must_use]
pub fn description_of(host: &str) -> Option<&'static str> {
    DESCRIPTIONS.iter().find(|(part, _)| host.contains(part)).map(|(_, description)| *description)
}

/// The network interfaces that certainly have the name or the private address of a destination.
#[must_use]
pub fn known_interfaces<'a>(snapshot: &'a Snapshot, destination: &Destination) -> Vec<&'a NetworkInterface> {
    let all = || snapshot.network.network_interfaces.iter();
    match (&destination.kind, snapshot.network.resource_of(&destination.host)) {
        (DestinationKind::Address(address), _) => {
            all().filter(|interface| interface.addresses.contains(address)).collect()
        }
        (_, Some(resource)) => interfaces_of_host(snapshot, resource, &destination.host),
        (_, None) => {
            all().filter(|interface| contains_name(&interface.description, &destination.host)).collect()
        }
    }
}

/// The network interfaces of a resource: by its name in their description, or else by its VPC, subnets and security
/// groups.
pub(super) fn interfaces_of<'a>(
    snapshot: &'a Snapshot,
    resource: &NamedResource,
) -> Vec<&'a NetworkInterface> {
    let all = || snapshot.network.network_interfaces.iter();
    if !resource.descriptions.is_empty() {
        return all().filter(|interface| resource.descriptions.contains(&interface.description)).collect();
    }
    let groups: BTreeSet<_> = resource.security_groups.iter().collect();
    let is_own = |interface: &&NetworkInterface| {
        resource.vpc.as_ref().is_none_or(|vpc| *vpc == interface.vpc)
            && (resource.subnets.is_empty() || resource.subnets.contains(&interface.subnet))
            && interface.security_groups.iter().collect::<BTreeSet<_>>() == groups
            && is_of_service(interface, resource.kind)
    };
    let own: Vec<&NetworkInterface> = all().filter(is_own).collect();
    match &resource.zone {
        Some(zone) => in_zones(snapshot, own, std::slice::from_ref(zone)),
        None => own,
    }
}

/// The network interfaces that a name of a resource means at present: those of the writer for the endpoint of a cluster.
pub(super) fn interfaces_of_host<'a>(
    snapshot: &'a Snapshot,
    resource: &NamedResource,
    host: &str,
) -> Vec<&'a NetworkInterface> {
    let all = interfaces_of(snapshot, resource);
    let Some(own) = resource.host(host) else { return all };
    if own.descriptions.is_empty() {
        return in_zones(snapshot, all, &own.zones);
    }
    let is_own = |one: &&NetworkInterface| own.descriptions.contains(&one.description);
    let meant: Vec<&NetworkInterface> = all.iter().copied().filter(is_own).collect();
    if meant.is_empty() { all } else { meant }
}

/// The network interfaces in these AZs; all if none is there.
fn in_zones<'a>(
    snapshot: &Snapshot,
    own: Vec<&'a NetworkInterface>,
    zones: &[AvailabilityZone],
) -> Vec<&'a NetworkInterface> {
    let zone_of = |interface: &NetworkInterface| {
        snapshot.network.subnets.get(&interface.subnet).map(|subnet| &subnet.zone)
    };
    let in_zone: Vec<&NetworkInterface> = own
        .iter()
        .copied()
        .filter(|interface| zone_of(interface).is_some_and(|zone| zones.contains(zone)))
        .collect();
    if in_zone.is_empty() { own } else { in_zone }
}

/// Whether a network interface can belong to a resource of this kind, by its description and its requester.
fn is_of_service(interface: &NetworkInterface, kind: NamedResourceKind) -> bool {
    let description = interface.description.as_str();
    let is_requested_by =
        |service: &str| interface.requester.as_deref().is_some_and(|requester| requester.contains(service));
    match kind {
        NamedResourceKind::DbInstance | NamedResourceKind::DbCluster => {
            description.starts_with("RDSNetworkInterface") || is_requested_by("rds")
        }
        NamedResourceKind::DbProxy => description.contains("Proxy") || is_requested_by("rds"),
        NamedResourceKind::CacheCluster
        | NamedResourceKind::ReplicationGroup
        | NamedResourceKind::ServerlessCache => {
            description.starts_with("ElastiCache")
                || is_requested_by("elasticache")
                || interface.kind == InterfaceKind::VpcEndpoint
        }
        NamedResourceKind::LoadBalancer => description.starts_with("ELB ") || is_requested_by("elb"),
    }
}

/// Whether a description contains the name of the resource in a host name.
pub(super) fn contains_name(description: &str, host: &str) -> bool {
    let mut labels = host.split('.');
    let first = labels.next().unwrap_or_default();
    if let Some(id) = description.strip_prefix("ElastiCache ") {
        // `orders-001.abc123.0001.usw2.cache.amazonaws.com`, `master.orders.abc123.usw2.cache.amazonaws.com`
        let is_role = ["master", "replica", "clustercfg", "configuration"].contains(&first);
        let name = if is_role { labels.next().unwrap_or_default() } else { first };
        let is_node = |rest: &str| {
            rest.is_empty()
                || rest
                    .strip_prefix('-')
                    .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))
        };
        return host.contains(".cache.") && !name.is_empty() && id.strip_prefix(name).is_some_and(is_node);
    }
    if let Some(id) = description.strip_prefix("ELB ") {
        // `internal-orders-123456789.us-west-2.elb.amazonaws.com`, `orders-HASH.elb.us-west-2.amazonaws.com`
        let Some((name, suffix)) = first.rsplit_once('-').filter(|_| host.contains(".elb.")) else {
            return false;
        };
        let name = name.strip_prefix("internal-").unwrap_or(name);
        let parts: Vec<&str> = id.split('/').collect();
        return match parts.as_slice() {
            ["net", own, hash] => own.eq_ignore_ascii_case(name) && hash.eq_ignore_ascii_case(suffix),
            [_, own, _] | [own] => own.eq_ignore_ascii_case(name),
            _ => false,
        };
    }
    if let Some(domain) = description.strip_prefix("ES ") {
        let name = first.strip_prefix("vpc-").and_then(|rest| rest.rsplit_once('-'));
        return host.contains(".es.") && name.is_some_and(|(name, _)| name == domain.trim());
    }
    if let Some(arn) = description.strip_prefix(MSK) {
        // `b-1.orders.a1b2c3.c2.kafka.us-west-2.amazonaws.com`, `arn:aws:kafka:us-west-2:123456789012:cluster/orders/ID`
        let cluster = arn.split_once(":cluster/").and_then(|(_, rest)| rest.split('/').next());
        return host.contains(".kafka.")
            && cluster.zip(labels.next()).is_some_and(|(own, label)| own.eq_ignore_ascii_case(label));
    }
    if let Some(broker) = description.strip_prefix(MQ) {
        // `b-ID-1.mq.us-west-2.amazonaws.com`, `b-ID.mq.us-west-2.amazonaws.com`
        let rest = first.strip_prefix(broker.trim());
        return host.contains(".mq.") && rest.is_some_and(|rest| ["", "-1", "-2"].contains(&rest));
    }
    if description.starts_with("EFS mount target") {
        let mut systems = host.split('.').filter(|label| label.starts_with("fs-"));
        return host.contains(".efs.")
            && systems.any(|system| description.split([' ', '(', ')']).any(|word| word == system));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_contains_the_name_in_the_host_of_its_service_only() {
        for (description, host) in [
            ("ElastiCache orders-001", "orders-001.abc123.0001.usw2.cache.amazonaws.com"),
            ("ElastiCache orders-002", "master.orders.abc123.usw2.cache.amazonaws.com"),
            ("ElastiCache orders-0001-001", "clustercfg.orders.abc123.usw2.cache.amazonaws.com"),
            ("ELB app/orders/50dc6c495c0c9188", "internal-orders-1234567890.us-west-2.elb.amazonaws.com"),
            ("ELB net/orders/50dc6c495c0c9188", "orders-50dc6c495c0c9188.elb.us-west-2.amazonaws.com"),
            ("ELB orders", "internal-orders-1234567890.us-west-2.elb.amazonaws.com"),
            ("ES orders", "vpc-orders-abcdefg.us-west-2.es.amazonaws.com"),
            ("EFS mount target for fs-0a1 (fsmt-1)", "fs-0a1.efs.us-west-2.amazonaws.com"),
        ] {
            assert!(contains_name(description, host), "{description} {host}");
        }
        for (description, host) in [
            ("ElastiCache orders-eu-001", "master.orders.abc123.usw2.cache.amazonaws.com"),
            ("ElastiCache orders-001", "orders.abc123.us-west-2.rds.amazonaws.com"),
            ("ELB net/orders/50dc6c495c0c9188", "orders-0000000000000000.elb.us-west-2.amazonaws.com"),
            ("ES orders", "vpc-orders-eu-abcdefg.us-west-2.es.amazonaws.com"),
            ("EFS mount target for fs-0a12 (fsmt-1)", "fs-0a1.efs.us-west-2.amazonaws.com"),
            ("RDSNetworkInterface", "orders.abc123.us-west-2.rds.amazonaws.com"),
        ] {
            assert!(!contains_name(description, host), "{description} {host}");
        }
    }
}
