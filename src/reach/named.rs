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

use std::net::{IpAddr, Ipv4Addr};

use super::deciding::Deciding;
use super::interfaces_of_name::{contains_name, description_of, interfaces_of_host};
use super::judgement::{Judgement, missing};
use super::resolved::{HereAnswer, is_name_of_aws};
use super::trace::{Code, Layer};
use super::unread_name::{has_other_networks, is_in_no_answer, missing_name};
use crate::model::{
    Addresses, Availability, Call, Destination, NamedResource, NamedResourceKind, NetworkInterface, Snapshot,
    Vpc,
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
