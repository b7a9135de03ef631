//! Destinations by name: which network interfaces a host name can mean, and whether the resource accepts
//! connections.
//!
//! Owns the three ways from a name to network interfaces: the resource that has the name (RDS, `ElastiCache`, Elastic
//! Load Balancing), the description of a network interface that contains the name, and the service in the
//! description. Does not judge the path to them.
//!
//! The name of a database resolves to its private address inside its VPC, also if it is publicly accessible
//! (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html#USER_VPC.Hiding>).
//! The name of an internet-facing load balancer always resolves to public addresses
//! (<https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html#load-balancer-scheme>).

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use super::deciding::Deciding;
use super::judgement::{Judgement, missing};
use super::resolved::{HereAnswer, is_name_of_aws};
use super::trace::{Code, Layer};
use crate::model::{
    Addresses, Availability, AvailabilityZone, Call, Destination, DestinationKind, InterfaceKind,
    NamedResource, NamedResourceKind, NetworkInterface, RouteTable, RouteTarget, Snapshot, SubnetId, Vpc,
    VpcId, calls_for_host, is_never_public,
};

/// The network interfaces that a name can mean.
pub(super) struct Candidates<'a> {
    resource: Option<&'a NamedResource>,
    interfaces: Vec<&'a NetworkInterface>,
    basis: Basis,
    /// The answer of this machine's resolver, as a clause.
    here: Option<String>,
}

/// What connects the name with the network interfaces.
enum Basis {
    /// The resource that has the name.
    Resource,
    /// The descriptions contain the name.
    Name,
    /// The descriptions contain only the service.
    Service(&'static str),
    /// This machine resolves the name to their addresses; whether AWS gives the name.
    Here { is_name_of_aws: bool },
}

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

/// The network interfaces that the name can mean, as seen from a VPC. `None` if nothing connects the name with a
/// network interface.
pub(super) fn candidates<'a>(
    snapshot: &'a Snapshot,
    vpc: &Vpc,
    destination: &Destination,
) -> Option<Candidates<'a>> {
    let host = destination.host.as_str();
    if let Some(resource) = snapshot.network.resource_of(host) {
        let interfaces = interfaces_of_host(snapshot, resource, host);
        let found = !interfaces.is_empty();
        return found.then_some(Candidates {
            resource: Some(resource),
            interfaces,
            basis: Basis::Resource,
            here: None,
        });
    }
    let all = || snapshot.network.network_interfaces.iter();
    let description = description_of(host)?;
    let by_name = |interface: &&NetworkInterface| contains_name(&interface.description, host);
    let mut interfaces: Vec<&NetworkInterface> =
        all().filter(|interface| interface.vpc == vpc.id).filter(by_name).collect();
    if interfaces.is_empty() {
        interfaces = all().filter(by_name).collect();
    }
    if !interfaces.is_empty() {
        return Some(Candidates { resource: None, interfaces, basis: Basis::Name, here: None });
    }
    // Only the descriptions of databases contain no name at all.
    let is_nameless = ["RDSNetworkInterface", "RedshiftNetworkInterface"].contains(&description);
    let is_known_account = is_in_no_answer(snapshot, host)
        || snapshot.network.named_resources.iter().any(|resource| {
            description == "RDSNetworkInterface"
                && [NamedResourceKind::DbInstance, NamedResourceKind::DbCluster].contains(&resource.kind)
        });
    let interfaces: Vec<&NetworkInterface> = all()
        .filter(|interface| interface.vpc == vpc.id && interface.description.starts_with(description))
        .collect();
    let decides = is_nameless
        && !is_known_account
        && !interfaces.is_empty()
        && missing(snapshot, Call::DescribeNetworkInterfaces).is_none()
        && !has_other_networks(snapshot, vpc);
    decides.then_some(Candidates {
        resource: None,
        interfaces,
        basis: Basis::Service(description),
        here: None,
    })
}

/// The address in the name of an EC2 instance, with the rule of the DNS check. In its VPC, the public name resolves to the private
/// address (<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html#vpc-dns-hostnames>).
pub(super) fn address_in_name(snapshot: &Snapshot, vpc: &Vpc, host: &str) -> Option<(IpAddr, String)> {
    let (label, domain) = host.split_once('.')?;
    let address =
        |prefix: &str| -> Option<Ipv4Addr> { label.strip_prefix(prefix)?.replace('-', ".").parse().ok() };
    if domain.ends_with("compute.internal") || domain == "ec2.internal" {
        let address = address("ip-")?;
        return Some((IpAddr::V4(address), format!("the name contains the address {address}")));
    }
    let is_public_name = domain.ends_with(".compute.amazonaws.com") || domain == "compute-1.amazonaws.com";
    let public = address("ec2-").filter(|_| is_public_name)?;
    let mut interfaces = snapshot.network.network_interfaces.iter();
    let own = interfaces
        .find(|one| one.vpc == vpc.id && one.public_addresses.contains(&public))
        .filter(|_| vpc.dns.hostnames == Some(true))?;
    let private = own.addresses.iter().find(|address| address.is_ipv4())?;
    Some((
        *private,
        format!("in {} the name resolves to the private address of {}: {private}", vpc.id, own.id),
    ))
}

/// Whether a name has the addresses of all its network interfaces at once, so that clients use each of them: a load balancer has one in
/// each AZ, a domain of `OpenSearch` too, and a client of a cluster connects to each shard
/// (<https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html#request-routing>,
/// <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.Endpoints.html>).
pub(super) fn has_all_addresses(host: &str) -> bool {
    host.contains(".elb.") || host.contains(".es.") || host.starts_with("clustercfg.")
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

/// Whether the answer of this machine's resolver agrees with what the snapshot says about the name.
pub(super) fn agrees(candidates: Option<&Candidates>, here: &HereAnswer) -> bool {
    match candidates.filter(|candidates| candidates.are_certain()) {
        Some(known) => here.interfaces.iter().any(|own| known.interfaces.iter().any(|one| one.id == own.id)),
        None => here.is_known,
    }
}

/// The candidates that have the addresses of this machine's answer, which agrees with them.
pub(super) fn narrowed<'a>(
    known: Option<Candidates<'a>>,
    here: HereAnswer<'a>,
    host: &str,
) -> Candidates<'a> {
    let fact = Some(here.fact());
    if let Some(mut known) = known.filter(Candidates::are_certain) {
        let is_own = |one: &&NetworkInterface| here.interfaces.iter().any(|own| own.id == one.id);
        if here.is_known {
            known.interfaces.retain(is_own);
        }
        return Candidates { here: fact, ..known };
    }
    let basis = Basis::Here { is_name_of_aws: is_name_of_aws(host) };
    Candidates { resource: None, interfaces: here.interfaces, basis, here: fact }
}

/// Why the name of a resource in a VPC has no known address, and what decides it.
pub(super) fn unread_name(snapshot: &Snapshot, vpc: &Vpc, host: &str) -> (String, Deciding) {
    let calls = calls_for_host(host);
    if let Some(other) = other_vpc(snapshot, vpc, host) {
        let rule = format!(
            "the host is in {other}, another VPC than {} of the service; its address was not read",
            vpc.id
        );
        return (rule, Deciding::Address);
    }
    let rule = match calls.first().and_then(|call| call.iam_action()) {
        Some(action) if is_in_no_answer(snapshot, host) => {
            format!(
                "the host is in a VPC; the answer of {action} does not contain its name, and its address was not read"
            )
        }
        _ => "the host is in a VPC; its address was not read".to_owned(),
    };
    (rule, missing_name(snapshot, host).map_or(Deciding::Address, Deciding::Answer))
}

/// The VPC of the resource with this host name, if it is another one.
pub(super) fn other_vpc<'a>(snapshot: &'a Snapshot, vpc: &Vpc, host: &str) -> Option<&'a VpcId> {
    let elsewhere = snapshot.network.resource_of(host).and_then(|resource| resource.vpc.as_ref());
    elsewhere.filter(|other| **other != vpc.id)
}

/// Whether the resource with this host name has private addresses only.
pub(super) fn is_private_only(snapshot: &Snapshot, host: &str) -> bool {
    is_never_public(host)
        || snapshot.network.resource_of(host).is_some_and(|resource| resource.public == Some(false))
}

/// The resource with this host name, if its network interfaces were not read, but its subnets and security groups were: these decide
/// whether it allows a connection.
pub(super) fn by_groups<'a>(snapshot: &'a Snapshot, vpc: &Vpc, host: &str) -> Option<&'a NamedResource> {
    let resource = snapshot.network.resource_of(host)?;
    let is_own =
        |subnet: &SubnetId| snapshot.network.subnets.get(subnet).is_some_and(|subnet| subnet.vpc == vpc.id);
    let is_read = !resource.subnets.is_empty()
        && resource.subnets.iter().all(is_own)
        && !resource.security_groups.is_empty()
        && resource.security_groups.iter().all(|id| snapshot.network.security_groups.get(id).is_some());
    let has_private_address = is_private_only(snapshot, host)
        || resource.public == Some(true) && resource.kind != NamedResourceKind::LoadBalancer;
    (is_read && has_private_address && interfaces_of(snapshot, resource).is_empty()).then_some(resource)
}

/// Judges a destination in another VPC to which no packet of this VPC can go: its network interfaces were not read and no route table
/// leads to another network, or its address is also one of this VPC, where the local route keeps the packets
/// (<https://docs.aws.amazon.com/vpc/latest/peering/invalid-peering-configurations.html>).
pub(super) fn elsewhere(
    snapshot: &Snapshot,
    vpc: &Vpc,
    destination: &Destination,
    all: &Addresses,
) -> Option<Judgement> {
    let host = &destination.host;
    let (resource, other) = (snapshot.network.resource_of(host)?, other_vpc(snapshot, vpc, host)?);
    let interfaces = interfaces_of_host(snapshot, resource, host);
    let block = |part: Addresses, rule: String| {
        Judgement::block(Layer::Target, Code::EgressTargetInOtherVpc, other, part, rule)
    };
    if interfaces.is_empty() {
        let rule = format!(
            "the host is in {other}, and {} has no VPC peering connection, transit gateway or other route to another network",
            vpc.id
        );
        let is_cut_off = is_private_only(snapshot, host) && !can_leave(snapshot, vpc);
        return is_cut_off.then(|| block(all.clone(), rule));
    }
    let own: Addresses = vpc.cidrs.iter().copied().collect();
    let both = all.and(&own);
    if both.is_empty() {
        return None;
    }
    let rule = format!(
        "the host is in {other}, which has the same addresses as {}: the local route keeps the packets to {both} in {}",
        vpc.id, vpc.id
    );
    Some(block(both, rule))
}

/// Whether packets of a VPC can reach another private network.
fn can_leave(snapshot: &Snapshot, vpc: &Vpc) -> bool {
    let network = &snapshot.network;
    let is_appliance = |table: &RouteTable| {
        table.vpc == vpc.id
            && table.routes.iter().any(|route| matches!(route.target, RouteTarget::NetworkInterface(_)))
    };
    has_other_networks(snapshot, vpc)
        || missing(snapshot, Call::DescribeVpcPeeringConnections).is_some()
        || network.route_tables.iter().any(is_appliance)
        || network.peering_connections.iter().any(|peering| peering.peer_of(&vpc.id).is_some())
        || network.transit_attachments.iter().any(|attachment| attachment.vpc.as_ref() == Some(&vpc.id))
}

/// The call whose missing answer would have the resource with this host name.
fn missing_name(snapshot: &Snapshot, host: &str) -> Option<Call> {
    calls_for_host(host).iter().find_map(|call| missing(snapshot, *call))
}

/// Whether the answers that have the names of this service were read: no resource of this account and Region has the name.
fn is_in_no_answer(snapshot: &Snapshot, host: &str) -> bool {
    let calls = calls_for_host(host);
    !calls.is_empty()
        && calls.iter().all(|call| snapshot.is_read(*call))
        && snapshot.network.resource_of(host).is_none()
}

/// Whether a route table of the VPC has a route to another private network, where the destination can be.
pub(super) fn has_other_networks(snapshot: &Snapshot, vpc: &Vpc) -> bool {
    let tables = snapshot.network.route_tables.iter().filter(|table| table.vpc == vpc.id);
    missing(snapshot, Call::DescribeRouteTables).is_some()
        || tables
            .flat_map(|table| &table.routes)
            .any(|route| matches!(route.target, RouteTarget::Peering(_) | RouteTarget::Other(_)))
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
fn contains_name(description: &str, host: &str) -> bool {
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

/// What decides which of several network interfaces a name means.
pub(super) fn deciding_interface(snapshot: &Snapshot, host: &str) -> Deciding {
    missing_name(snapshot, host).map_or(Deciding::Address, Deciding::Answer)
}

impl Candidates<'_> {
    /// Whether the name of a resource or of a network interface is known to be this name. Otherwise the name can also belong to a
    /// resource elsewhere.
    pub fn are_certain(&self) -> bool {
        matches!(self.basis, Basis::Resource | Basis::Name | Basis::Here { is_name_of_aws: true })
    }

    /// The addresses that the name can have, as resolved in the VPC.
    pub fn addresses(&self, snapshot: &Snapshot, vpc: &Vpc, dual_stack: bool) -> Addresses {
        let each = self.interfaces.iter().flat_map(|interface| {
            let public = interface.public_addresses.iter().map(|address| IpAddr::V4(*address));
            let private = interface.addresses.iter().copied();
            let (is_public, is_private) = self.resolves_to(snapshot, vpc, interface);
            public.filter(move |_| is_public).chain(private.filter(move |_| is_private))
        });
        let has_ipv6 = dual_stack && self.resource.is_none_or(|resource| resource.dual_stack != Some(false));
        each.filter(|address| has_ipv6 || address.is_ipv4()).map(ipnet::IpNet::from).collect()
    }

    /// Whether the name certainly has all addresses of its only network interface, of both families.
    pub fn has_both_families(&self) -> bool {
        self.interfaces.len() == 1 && self.resource.is_some_and(|resource| resource.dual_stack == Some(true))
    }

    /// Whether the name can resolve to the public addresses of a network interface, and whether to its private
    /// ones.
    fn resolves_to(&self, snapshot: &Snapshot, vpc: &Vpc, interface: &NetworkInterface) -> (bool, bool) {
        let has_public = !interface.public_addresses.is_empty() || interface.public_address;
        let is_public = self.resource.and_then(|resource| resource.public).unwrap_or(has_public);
        if !is_public || !has_public {
            return (false, true);
        }
        if interface.description.starts_with("ELB ") {
            return (true, false);
        }
        if interface.vpc == vpc.id {
            return (false, true);
        }
        // A peering connection can resolve the name to the private address. Both VPCs need DNS host names
        // (https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html).
        let mut peerings = snapshot.network.peering_connections.iter();
        let Some(peering) = peerings.find(|peering| peering.peer_of(&vpc.id) == Some(&interface.vpc)) else {
            return (true, false);
        };
        let peer = snapshot.network.vpcs.get(&interface.vpc).map(|peer| &peer.dns);
        let has = |one: Option<bool>| one.is_none_or(|on| on);
        let can_resolve =
            [Some(&vpc.dns), peer].into_iter().flatten().all(|dns| has(dns.hostnames) && has(dns.support));
        match peering.resolves_names_of(&interface.vpc) {
            Some(false) => (true, false),
            _ if !can_resolve => (true, false),
            Some(true)
                if vpc.dns.hostnames == Some(true) && peer.is_some_and(|dns| dns.hostnames == Some(true)) =>
            {
                (false, true)
            }
            Some(true) | None => (true, true),
        }
    }

    /// The rule of the DNS check.
    pub fn rule(&self, vpc: &Vpc, host: &str) -> String {
        let list = self.list();
        let noun = if self.interfaces.len() == 1 { "network interface" } else { "network interfaces" };
        let here = self.here.as_ref();
        let and_here = here.map_or(String::new(), |fact| format!("; {fact}"));
        match (&self.basis, self.resource) {
            (Basis::Here { is_name_of_aws }, _) => {
                let doubt = if *is_name_of_aws {
                    ""
                } else {
                    "; unknown whether the VPC's resolver gives the same answer"
                };
                format!("{}: {noun} {list}{doubt}", here.map_or("", String::as_str))
            }
            (Basis::Resource, Some(resource)) => {
                let own = resource.host(host);
                let is_part = own.is_some_and(|own| !own.zones.is_empty() || !own.descriptions.is_empty());
                let at_present = if is_part { ", at present" } else { "" };
                let tls = if resource.requires_tls == Some(true) { ", TLS required" } else { "" };
                format!("the name of {}{tls}{at_present}: {noun} {list}{and_here}", resource.described())
            }
            (Basis::Service(description), _) => format!(
                "the name belongs to {noun} {list} if its database is in {}: no other network interface there has the \
                 description {description}",
                vpc.id
            ),
            (Basis::Name | Basis::Resource, _) => {
                format!("the description contains the name: {noun} {list}{and_here}")
            }
        }
    }

    /// `eni-1 (10.40.16.7) or eni-2 (10.40.11.9)`
    fn list(&self) -> String {
        const SHOWN: usize = 4;
        let shown = self.interfaces.iter().take(SHOWN).map(|interface| {
            let address = interface.addresses.first().map(|address| format!(" ({address})"));
            format!("{}{}", interface.id, address.unwrap_or_default())
        });
        let list = shown.collect::<Vec<_>>().join(" or ");
        match self.interfaces.len().saturating_sub(SHOWN) {
            0 => list,
            more => format!("{list} or {more} more"),
        }
    }
}

/// Judges whether the resource with this name listens on the port, in its present state. Empty for other names.
pub(super) fn accepts(snapshot: &Snapshot, destination: &Destination, all: &Addresses) -> Vec<Judgement> {
    let Some(resource) = snapshot.network.resource_of(&destination.host) else { return Vec::new() };
    let (id, described) = (&resource.id, resource.described());
    let state = resource.state.as_deref().unwrap_or_default();
    let mut judgements = Vec::new();
    match resource.availability() {
        Availability::Available => {}
        Availability::NotAvailable => {
            let rule = format!("{described} is {state}: it accepts no connections");
            let code = Code::TargetNotAvailable;
            judgements.push(Judgement::block(Layer::Target, code, id.clone(), all.clone(), rule));
        }
        Availability::Unknown => {
            let rule = format!("{described} is {state}: unknown whether it accepts connections");
            let deciding =
                resource.kind.calls().first().map_or(Deciding::Address, |call| Deciding::Value(*call));
            judgements.push(Judgement::unknown(Layer::Target, id.clone(), all.clone(), rule, deciding));
        }
    }
    let ports = resource.ports(&destination.host);
    if !ports.is_empty() && !ports.contains(&destination.port) {
        let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
        let rule =
            format!("{described} listens on tcp {}, not on tcp {}", ports.join(" and "), destination.port);
        let code = Code::TargetPortMismatch;
        judgements.push(Judgement::block(Layer::Target, code, id.clone(), all.clone(), rule));
    }
    judgements
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
