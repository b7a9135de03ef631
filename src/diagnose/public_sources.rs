//! The public addresses that destinations on the internet see: those of the NAT gateways and NAT instances on the paths.
//!
//! Owns which address belongs to which destinations, for the access list of a partner. Computes no verdict.

use std::net::Ipv4Addr;

use super::Diagnosis;
use crate::model::{
    DestinationKind, NatConnectivity, NatGatewayId, NatState, NetworkInterfaceId, ResourceId, Snapshot,
    is_planned,
};
use crate::reach::{Code, Deciding, Forwarder, Hop, Layer, Outcome, Owner, Subject, Trace, private_name};

/// A NAT gateway or NAT instance, and the destinations whose packets leave through it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicSource {
    /// The NAT gateway, or the network interface of the NAT instance.
    pub component: ResourceId,
    /// Its public addresses; empty when not read.
    pub addresses: Vec<Ipv4Addr>,
    /// The names of the destinations.
    pub destinations: Vec<String>,
}

/// The NAT gateways and NAT instances on the paths to destinations that are no AWS API.
#[must_use]
pub fn public_sources(snapshot: &Snapshot, diagnosis: &Diagnosis) -> Vec<PublicSource> {
    let mut sources: Vec<PublicSource> = Vec::new();
    for finding in &diagnosis.findings {
        if matches!(finding.need.destination.kind, DestinationKind::AwsApi(_)) {
            continue;
        }
        let name = finding.need.name();
        // A private address receives nothing from the internet. A host in a VPC without a known address is not known to.
        let is_in_vpc = matches!(finding.need.destination.kind, DestinationKind::AwsVpc(_))
            || private_name(snapshot, &finding.need.destination).is_some();
        let is_private = |trace: &&Trace| {
            trace.blockers().any(|(_, code)| code == Code::EgressNoRouteToPrivateAddress)
                || is_in_vpc && trace.unknowns().any(|(hop, _)| hop.layer == Layer::Dns)
        };
        let traces = finding.traces.iter().filter(|trace| !is_private(trace));
        let sources_of = |trace: &Trace| {
            let all = trace.hops.iter().filter_map(|hop| source(snapshot, hop));
            all.filter(|(component, _)| !may_be_replaced(trace, component)).collect::<Vec<_>>()
        };
        for (component, addresses) in traces.flat_map(sources_of) {
            match sources.iter_mut().find(|source| source.component == component) {
                Some(source) if source.destinations.contains(&name) => {}
                Some(source) => source.destinations.push(name.clone()),
                None => {
                    sources.push(PublicSource { component, addresses, destinations: vec![name.clone()] });
                }
            }
        }
    }
    sources
}

/// Whether a NAT gateway or NAT instance itself stops the packets: a fix can replace it, and then the destinations see another address.
/// The network ACL of its subnet is no reason to replace it.
fn may_be_replaced(trace: &Trace, component: &ResourceId) -> bool {
    let is_at = |owner: &Owner| match owner {
        Owner::Nat(id) => id.as_str() == component.as_str(),
        Owner::Appliance(id) => id.as_str() == component.as_str(),
        _ => false,
    };
    trace.blockers().any(|(hop, code)| {
        code != Code::SubnetAclRestriction && (hop.component == *component || is_at(&hop.owner))
    })
}

/// The component of a hop with its public addresses, if it is a public NAT gateway or a NAT instance.
fn source(snapshot: &Snapshot, hop: &Hop) -> Option<(ResourceId, Vec<Ipv4Addr>)> {
    let id = hop.component.as_str();
    let is_instance = matches!(hop.outcome, Outcome::Unknown(Deciding::Forwarding(Forwarder::Interface)));
    let network = &snapshot.network;
    if hop.layer == Layer::Nat && id.starts_with("nat-") {
        let nat = network.nat_gateways.get(&NatGatewayId::from(id))?;
        // A failed or deleted NAT gateway never sends packets again: a new one has another address.
        let is_gone = matches!(nat.state, NatState::Failed | NatState::Deleting | NatState::Deleted);
        let is_public = nat.connectivity == NatConnectivity::Public;
        return (is_public && !is_gone).then(|| (hop.component.clone(), nat.public_addresses.clone()));
    }
    if !is_instance {
        return None;
    }
    let interface = network.network_interfaces.get(&NetworkInterfaceId::from(id))?;
    Some((hop.component.clone(), interface.public_addresses.clone()))
}

/// The step for a destination that allows only some of the public addresses of a NAT gateway: the rules for the others. AWS does not
/// document which of its addresses a NAT gateway uses for a connection
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateNatGatewayAddress.html>).
pub(super) fn allow_the_rest(snapshot: &Snapshot, trace: &Trace, hop: &Hop) -> Option<String> {
    let Subject::Packets { remote, .. } = &hop.subject else { return None };
    let interface =
        snapshot.network.network_interfaces.get(&NetworkInterfaceId::from(hop.component.as_str()))?;
    let (group, port) = (interface.security_groups.first()?, trace.destination.port);
    let missing = remote.cidrs();
    let addresses: Vec<String> = missing.iter().map(|range| range.addr().to_string()).collect();
    let commands: Vec<String> = missing
        .iter()
        .map(|range| {
            format!(
                "aws ec2 authorize-security-group-ingress --group-id {group} --protocol tcp --port {port} --cidr {range}"
            )
        })
        .collect();
    Some(format!(
        "Allow the other public addresses of the NAT gateway ({}) too: {}.",
        addresses.join(", "),
        commands.join(", and ")
    ))
}

impl PublicSource {
    /// One line for each address, as a CIDR block; or how to read the address.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let (id, hosts) = (&self.component, self.destinations.join(", "));
        let kind = if id.as_str().starts_with("nat-") { "NAT gateway" } else { "NAT instance" };
        if self.addresses.is_empty() {
            let command = match kind {
                "NAT gateway" => format!("aws ec2 describe-nat-gateways --nat-gateway-ids {id}"),
                _ => format!("aws ec2 describe-network-interfaces --network-interface-ids {id}"),
            };
            let see = if self.destinations.len() == 1 { "sees" } else { "see" };
            if is_planned(id.as_str()) {
                return vec![format!("{hosts} {see} the public address that the new {kind} gets")];
            }
            return vec![format!(
                "{hosts} {see} the public address of {kind} {id}, which was not read: {command} shows it (PublicIp)"
            )];
        }
        self.addresses.iter().map(|address| format!("{address}/32  ({kind} {id}) for {hosts}")).collect()
    }
}
