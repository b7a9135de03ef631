//! Internet gateways and egress-only internet gateways, and the effect of VPC Block Public Access on them.
//!
//! An internet gateway carries IPv4 only for network interfaces with a public IPv4 address. The network
//! interfaces of a connector never have one
//! (<https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>), the network interface of a public
//! NAT gateway has one. IPv6 needs no translation.

use super::deciding::Deciding;
use super::judgement::Judgement;
use super::trace::{Code, Layer};
use crate::model::{
    AddressFamily, Addresses, BlockPublicAccess, Call, DOCUMENTATION, EgressOnlyInternetGatewayId,
    InternetGatewayId, PUBLIC, PUBLIC_V6, ResourceId, RouteTableId, Snapshot, Subnet, VpcId,
};

/// A network interface whose packets go to an internet gateway.
pub(super) struct Sender<'a> {
    pub subnet: &'a Subnet,
    /// The route table of the subnet, which has the route to the gateway.
    pub table: &'a RouteTableId,
    /// Whether it has a public IPv4 address.
    pub has_public_ip: bool,
}

/// Judges a route to an internet gateway, from a network interface with or without a public IPv4 address.
pub(super) fn direct(
    snapshot: &Snapshot,
    sender: &Sender<'_>,
    id: &InternetGatewayId,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    let (four, six) = (addresses.only(AddressFamily::Ipv4), addresses.only(AddressFamily::Ipv6));
    let subnet = sender.subnet;
    if !four.is_empty() && sender.has_public_ip {
        judgements.extend(translated(snapshot, &subnet.vpc, id, &four));
        judgements.extend(public_access(subnet, &four.and(&PUBLIC), Through::InternetGateway));
    } else if !four.is_empty() && four.and(&PUBLIC).is_empty() {
        judgements.push(private_destination(id.into(), four));
    } else if !four.is_empty() {
        let rule = format!(
            "{id} forwards only packets of interfaces with a public IP address; connector interfaces have none ({} routes to it)",
            sender.table
        );
        let code = Code::IgwPublicIpAssociationForEgress;
        judgements.push(Judgement::block(Layer::Internet, code, id, four, rule));
    }
    if !six.is_empty() {
        let gateway = attached(snapshot, &subnet.vpc, id, six.clone());
        judgements.extend(ipv6_outward(subnet, id.into(), gateway, &six, Through::InternetGateway));
    }
    judgements
}

/// Judges a route to an egress-only internet gateway.
pub(super) fn egress_only(
    snapshot: &Snapshot,
    subnet: &Subnet,
    id: &EgressOnlyInternetGatewayId,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let found = snapshot.network.egress_only_internet_gateways.get(id);
    let is_here = found.map(|gateway| gateway.attached_to.as_ref() == Some(&subnet.vpc));
    let call = Call::DescribeEgressOnlyInternetGateways;
    let gateway = attachment(snapshot, &subnet.vpc, id.into(), is_here, call, addresses.clone());
    ipv6_outward(subnet, id.into(), gateway, addresses, Through::EgressOnly)
}

fn ipv6_outward(
    subnet: &Subnet,
    id: ResourceId,
    gateway: Judgement,
    addresses: &Addresses,
    through: Through,
) -> Vec<Judgement> {
    let (public, private) = (addresses.and(&PUBLIC_V6), addresses.minus(&PUBLIC_V6));
    let addresses = &public;
    let mut judgements = vec![gateway];
    if !private.is_empty() && public.is_empty() {
        judgements.push(private_destination(id, private));
        return judgements;
    }
    if !private.is_empty() {
        // The addresses are public and private only if the DNS answer is unknown.
        let rule = format!("{id} carries only public addresses; whether the destination has one is unknown");
        judgements.push(Judgement::unknown(Layer::Internet, id.clone(), private, rule, Deciding::Address));
    }
    let own: Addresses = subnet.ipv6_cidrs.iter().copied().collect();
    if own.is_empty() || !PUBLIC_V6.covers(&own) {
        let rule = format!("{id} needs public IPv6 addresses; {} has {own}", subnet.id);
        let code = Code::EgressNoPublicIpv6;
        judgements.push(Judgement::block(Layer::Internet, code, id, addresses.clone(), rule));
    }
    judgements.extend(public_access(subnet, addresses, through));
    judgements
}

/// Judges a route to an internet gateway, from a network interface with a public IPv4 address.
pub(super) fn translated(
    snapshot: &Snapshot,
    vpc: &VpcId,
    id: &InternetGatewayId,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let (public, private) = (addresses.and(&PUBLIC), addresses.minus(&PUBLIC));
    let mut judgements = Vec::new();
    if !public.is_empty() && !private.is_empty() {
        // The addresses are public and private only if the DNS answer is unknown.
        let rule = format!("{id} carries only public addresses; whether the destination has one is unknown");
        judgements.push(Judgement::unknown(Layer::Internet, id, private, rule, Deciding::Address));
        judgements.push(attached(snapshot, vpc, id, public));
    } else if !public.is_empty() {
        judgements.push(attached(snapshot, vpc, id, public));
    } else if !private.is_empty() {
        judgements.push(private_destination(id.into(), private));
    }
    judgements
}

/// The kind of an address that no host has, in the text of a rule.
pub const DOCUMENTATION_RANGE: &str = "the ranges for documentation";

/// The judgement of private addresses whose most specific route goes to the internet: no route covers their
/// network.
fn private_destination(id: ResourceId, private: Addresses) -> Judgement {
    let kind = if DOCUMENTATION.covers(&private) { DOCUMENTATION_RANGE } else { "private addresses" };
    let rule = format!("{id} routes to the internet, which has no route to {kind} ({private})");
    Judgement::block(Layer::Internet, Code::EgressNoRouteToPrivateAddress, id, private, rule)
}

fn attached(snapshot: &Snapshot, vpc: &VpcId, id: &InternetGatewayId, addresses: Addresses) -> Judgement {
    let gateway = snapshot.network.internet_gateways.get(id);
    let is_here = gateway.map(|gateway| gateway.attached_to.as_ref() == Some(vpc));
    attachment(snapshot, vpc, id.into(), is_here, Call::DescribeInternetGateways, addresses)
}

/// Judges whether a gateway is attached to the VPC; `is_here` is `None` when the snapshot does not contain
/// the gateway.
fn attachment(
    snapshot: &Snapshot,
    vpc: &VpcId,
    id: ResourceId,
    is_here: Option<bool>,
    call: Call,
    addresses: Addresses,
) -> Judgement {
    match is_here {
        Some(true) => {
            let rule = format!("{id} is attached to {vpc}");
            Judgement::pass(Layer::Internet, id, addresses, rule)
        }
        Some(false) => {
            let rule = format!("{id} is not attached to {vpc}");
            Judgement::block(Layer::Internet, Code::BadStateAttachment, id, addresses, rule)
        }
        // A route to a detached gateway would be a blackhole. A gateway of another account cannot be read.
        None => {
            let rule = format!("{id} was not read, but its route is active");
            Judgement::unknown(Layer::Internet, id, addresses, rule, Deciding::absent(snapshot, call))
        }
    }
}

/// The component that packets to the internet pass through.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Through {
    InternetGateway,
    EgressOnly,
    Nat,
}

/// Judges VPC Block Public Access for a subnet; `None` if it allows the packets
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html>).
pub(super) fn public_access(subnet: &Subnet, addresses: &Addresses, through: Through) -> Option<Judgement> {
    if addresses.is_empty() {
        return None;
    }
    let rule = match (&subnet.block_public_access, through) {
        (BlockPublicAccess::Off, _)
        | (BlockPublicAccess::BlockIngress, Through::Nat | Through::EgressOnly) => {
            return None;
        }
        (BlockPublicAccess::BlockIngress, Through::InternetGateway) => format!(
            "VPC Block Public Access allows {} only NAT gateways and egress-only internet gateways",
            subnet.id
        ),
        (BlockPublicAccess::BlockBidirectional, _) => {
            format!("VPC Block Public Access blocks all internet traffic of {}", subnet.id)
        }
        (BlockPublicAccess::Other(mode), _) => {
            let rule = format!("VPC Block Public Access of {} has the unsupported mode {mode}", subnet.id);
            let deciding = Deciding::Value(Call::DescribeSubnets);
            return Some(Judgement::unknown(Layer::Internet, &subnet.id, addresses.clone(), rule, deciding));
        }
    };
    let code = Code::VpcBlockPublicAccessEnabled;
    Some(Judgement::block(Layer::Internet, code, &subnet.id, addresses.clone(), rule))
}
