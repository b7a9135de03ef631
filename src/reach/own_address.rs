//! Destinations that are the public address of a network interface that was read: a publicly accessible
//! database in this VPC or in another one.
//!
//! The packets arrive from the internet. The network interface's security groups, the network ACL of its
//! subnet and VPC Block Public Access must allow the public address that they come from
//! (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.Scenarios.html>). Does not check the path
//! to the internet.

use std::net::IpAddr;

use super::acl_rules::{Crossing, NAT_EPHEMERAL};
use super::deciding::{Deciding, Forwarder};
use super::index::Index;
use super::internet::{Through, public_access};
use super::judgement::{Judgement, missing};
use super::nacl;
use super::route::Choice;
use super::security_group::{self, Admission};
use super::trace::{Code, Layer, Outcome, Owner};
use crate::model::{
    AddressFamily, Addresses, Call, EndpointId, EndpointKind, InterfaceKind, NatGateway, NatGatewayId,
    NetworkInterface, PUBLIC_V4, ResourceId, RouteTarget, SecurityGroupId, Subnet, parse_cidr,
};

/// The public addresses that the packets come from.
pub(super) struct Sender {
    /// The addresses, or all public addresses when they are unknown.
    pub addresses: Addresses,
    /// The NAT gateway that has them.
    nat: Option<NatGatewayId>,
    pub port: u16,
}

impl Sender {
    /// A NAT gateway.
    pub fn nat(nat: Option<&NatGateway>, port: u16) -> Self {
        let known = nat.filter(|nat| !nat.public_addresses.is_empty());
        let Some(nat) = known else { return Self::unknown(port) };
        let addresses = nat.public_addresses.iter().map(|address| ipnet::IpNet::from(IpAddr::V4(*address)));
        Self { addresses: addresses.collect(), nat: Some(nat.id.clone()), port }
    }

    /// An unknown public IPv4 address: any address that is not private.
    pub fn unknown(port: u16) -> Self {
        let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];
        let private: Addresses = private.into_iter().filter_map(parse_cidr).collect();
        Self { addresses: Addresses::of(AddressFamily::Ipv4).minus(&private), nat: None, port }
    }

    fn words(&self) -> String {
        match &self.nat {
            Some(nat) => format!("{} (the public address of {nat})", self.addresses),
            None => "any public address".to_owned(),
        }
    }
}

/// Judges packets from the internet to those of `reached` that are public addresses of known network
/// interfaces. An interface whose public address is not in the snapshot can be the destination.
pub(super) fn arrive(index: &Index<'_>, sender: &Sender, reached: &Addresses) -> Vec<Judgement> {
    let interfaces = index.snapshot.network.network_interfaces.iter();
    let others: Vec<&NetworkInterface> =
        interfaces.filter(|interface| interface.kind != InterfaceKind::NatGateway).collect();
    let owned = others.iter().flat_map(|interface| {
        let own = interface.public_addresses.iter().map(|address| IpAddr::V4(*address));
        own.filter(|address| reached.contains(*address)).map(move |address| (address, *interface))
    });
    let judgements: Vec<Judgement> =
        owned.flat_map(|(address, interface)| receive(index, sender, address, interface)).collect();
    let mut unread =
        others.iter().filter(|interface| interface.public_address && interface.public_addresses.is_empty());
    match unread.next() {
        Some(interface) if judgements.is_empty() => {
            let id = &interface.id;
            let rule = format!("{id} has a public address that was not read, and can be the destination");
            let call = Deciding::value(index.snapshot, Call::DescribeNetworkInterfaces);
            vec![Judgement::unknown(Layer::Target, id, reached.clone(), rule, call)]
        }
        _ => judgements,
    }
}

/// Judges an address that no known network interface has, if the network interfaces were not read completely: one of them may refuse
/// the packets.
pub(super) fn unread(index: &Index<'_>, via: ResourceId, reached: &Addresses) -> Option<Judgement> {
    let call = missing(index.snapshot, Call::DescribeNetworkInterfaces)?;
    let public = reached.and(&PUBLIC_V4);
    let mut interfaces = index.snapshot.network.network_interfaces.iter();
    let is_owned = |interface: &NetworkInterface| {
        interface.public_addresses.iter().any(|address| public.contains(IpAddr::V4(*address)))
    };
    if public.is_empty() || interfaces.any(is_owned) {
        return None;
    }
    let rule = format!(
        "it is unknown whether {public} is the public address of a network interface in this account"
    );
    Some(Judgement::unknown(Layer::Target, via, public, rule, Deciding::Answer(call)))
}

fn receive(
    index: &Index<'_>,
    sender: &Sender,
    address: IpAddr,
    interface: &NetworkInterface,
) -> Vec<Judgement> {
    let (id, part) = (&interface.id, Addresses::one(address));
    let owner = Owner::Destination(id.clone());
    if interface.is_unattached() {
        let rule = format!("{id}, which has {address}, is not attached to an instance or service");
        return vec![Judgement::block(Layer::Target, Code::TargetUnattached, id, part, rule).of(owner)];
    }
    let mut judgements = Vec::new();
    if let Some(subnet) = index.snapshot.network.subnets.get(&interface.subnet) {
        judgements.extend(entry(index, sender, subnet, &part));
        judgements.extend(public_access(subnet, &part, Through::InternetGateway));
        judgements.extend(replies(index, sender, subnet, &described(address, interface), &part));
    } else {
        let call = Deciding::absent(index.snapshot, Call::DescribeSubnets);
        let rule = format!("{}, the subnet of {id}, was not read", interface.subnet);
        judgements.push(Judgement::unknown(Layer::Target, id, part.clone(), rule, call));
    }
    judgements.push(security_groups(index, sender, address, interface, part));
    judgements.into_iter().map(|judgement| judgement.of(owner.clone())).collect()
}

/// `eni-1 (RDSNetworkInterface), which has 203.0.113.10`
fn described(address: IpAddr, interface: &NetworkInterface) -> String {
    let id = &interface.id;
    match interface.description.as_str() {
        "" => format!("{id}, which has {address}"),
        description => format!("{id} ({description}), which has {address}"),
    }
}

fn security_groups(
    index: &Index<'_>,
    sender: &Sender,
    address: IpAddr,
    interface: &NetworkInterface,
    addresses: Addresses,
) -> Judgement {
    let (id, groups, port) = (&interface.id, &interface.security_groups, sender.port);
    let described = described(address, interface);
    if groups.is_empty() && interface.kind == InterfaceKind::NetworkLoadBalancer {
        let rule = format!("{described}: a Network Load Balancer without security groups");
        return Judgement::pass(Layer::Target, id, addresses, rule);
    }
    match security_group::inbound(index, groups, port, &[], &sender.addresses) {
        Admission::Allowed(_) if sender.nat.is_none() => {
            let rule = format!("{described}: its security groups allow tcp {port} from all public addresses");
            Judgement::pass(Layer::Target, id, addresses, rule)
        }
        Admission::Allowed(rule) => {
            Judgement::pass(Layer::Target, id, addresses, format!("{described}: {rule}"))
        }
        Admission::Unknown(_, Deciding::SourceAddress) if sender.nat.is_none() => {
            let groups = security_group::names(groups);
            let rule = format!(
                "{described}: {groups} allows tcp {port} from some public addresses only; the public address of the source is \
                 unknown"
            );
            Judgement::unknown(Layer::Target, id, addresses, rule, Deciding::PublicSourceAddress)
        }
        Admission::Unknown(_, Deciding::SourceAddress) => {
            let denied = sender.addresses.minus(&allowed_of(index, sender, groups));
            let groups = security_group::names(groups);
            let rule = format!(
                "{described}: {groups} allows tcp {port} from a part of {} only: connections from {denied} get no answer",
                sender.words()
            );
            let unknown =
                Judgement::unknown(Layer::Target, id, addresses, rule, Deciding::PublicSourceAddress);
            unknown.about(security_group::inbound_packets(port, denied))
        }
        Admission::Unknown(why, call) => {
            Judgement::unknown(Layer::Target, id, addresses, format!("{described}: {why}"), call)
        }
        Admission::Denied(_) => {
            let (groups, from) = (security_group::names(groups), sender.words());
            let rule = format!("{described}: {groups}: no inbound rule allows tcp {port} from {from}");
            let packets = security_group::inbound_packets(port, sender.addresses.clone());
            Judgement::block(Layer::Target, Code::TargetSgPublicAddressMismatch, id, addresses, rule)
                .about(packets)
        }
    }
}

/// Those of the sender's addresses that security groups allow.
fn allowed_of(index: &Index<'_>, sender: &Sender, groups: &[SecurityGroupId]) -> Addresses {
    let is_allowed = |address: &IpAddr| {
        let one = Addresses::one(*address);
        matches!(security_group::inbound(index, groups, sender.port, &[], &one), Admission::Allowed(_))
    };
    let nat = sender.nat.as_ref().and_then(|id| index.snapshot.network.nat_gateways.get(id));
    let addresses = nat.into_iter().flat_map(|nat| &nat.public_addresses).map(|address| IpAddr::V4(*address));
    addresses.filter(is_allowed).map(ipnet::IpNet::from).collect()
}

/// Judges the packets by the network ACL of the receiving subnet.
fn entry(index: &Index<'_>, sender: &Sender, subnet: &Subnet, part: &Addresses) -> Vec<Judgement> {
    let crossings = Crossing::entering(sender.port, NAT_EPHEMERAL);
    let judgements = nacl::judge(index, Layer::Nacl, subnet, &sender.addresses, &crossings);
    let for_part = |mut judgement: Judgement| {
        // Which of the possible sources applies is unknown.
        if judgement.addresses != sender.addresses && !matches!(judgement.hop.outcome, Outcome::Pass) {
            judgement.hop.outcome = Outcome::Unknown(Deciding::PublicSourceAddress);
        }
        judgement.addresses = part.clone();
        judgement
    };
    judgements.into_iter().map(for_part).collect()
}

/// Judges whether the replies leave through an internet gateway. A NAT gateway and a gateway endpoint carry no replies of connections
/// from the internet
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Troubleshooting.html#CHAP_Troubleshooting.Connecting>).
fn replies(
    index: &Index<'_>,
    sender: &Sender,
    subnet: &Subnet,
    described: &str,
    part: &Addresses,
) -> Option<Judgement> {
    let subnet = index.snapshot.network.subnets.get(&subnet.id)?;
    let Some((table, _)) = index.table_of(subnet) else {
        let call = Deciding::absent(index.snapshot, Call::DescribeRouteTables);
        let rule = format!("return path: the route table of {} was not read", subnet.id);
        return Some(Judgement::unknown(Layer::Route, &subnet.id, part.clone(), rule, call));
    };
    let leaves = |choice: &Choice<'_>| {
        matches!(choice, Choice::Route { target: RouteTarget::InternetGateway(_), blackhole: false, .. })
    };
    let is_gateway = |id: &EndpointId| {
        let endpoint = index.snapshot.network.endpoints.get(id);
        endpoint.is_some_and(|endpoint| matches!(endpoint.kind, EndpointKind::Gateway { .. }))
    };
    let is_dropped = |choice: &Choice<'_>| match choice {
        Choice::None
        | Choice::Route { blackhole: true, .. }
        | Choice::Route { target: RouteTarget::NatGateway(_), .. } => true,
        Choice::Route { target: RouteTarget::Endpoint(id), .. } => is_gateway(id),
        Choice::Route { .. } | Choice::Unknown(..) => false,
    };
    let choices = index.routes(table).select(&sender.addresses);
    if choices.iter().all(|(_, choice)| leaves(choice)) {
        return None;
    }
    let table_of = format!("{}, the route table of {}", table.id, subnet.id);
    if choices.iter().all(|(_, choice)| is_dropped(choice)) {
        let rule = format!(
            "{table_of}, has no route to an internet gateway, so {described}, cannot reply from its public address"
        );
        let code = Code::TargetSubnetNotPublic;
        return Some(Judgement::block(Layer::Target, code, &table.id, part.clone(), rule));
    }
    let rule = format!("return path: {table_of}, does not route all replies to an internet gateway");
    let deciding = Deciding::Forwarding(Forwarder::Other);
    Some(Judgement::unknown(Layer::Route, &table.id, part.clone(), rule, deciding))
}
