//! Databases, caches and similar resources in the VPC whose security groups allow inbound connections from
//! the workload.

use std::collections::BTreeSet;

use crate::model::{
    Destination, DestinationKind, InterfaceKind, NetworkInterface, PRIVATE_PORTS, Peer, PortRange, Protocol,
    SecurityGroupId, Snapshot, VpcId,
};
use crate::reach::Source;

/// Kinds of network interface that are no private resource: they accept no connections, or other code
/// traces them.
const NO_TARGETS: &[InterfaceKind] = &[
    InterfaceKind::InstanceConnectEndpoint,
    InterfaceKind::GatewayLoadBalancerEndpoint,
    InterfaceKind::NatGateway,
    InterfaceKind::TransitGateway,
    InterfaceKind::VpcEndpoint,
];

/// A network interface whose security groups allow the workload on a port.
pub(super) struct PrivateTarget<'a> {
    pub interface: &'a NetworkInterface,
    pub destination: Destination,
}

/// The network interfaces of the VPC with an inbound rule that references the workload's security group, or
/// that allows one of `PRIVATE_PORTS`.
pub(super) fn private_targets<'a>(snapshot: &'a Snapshot, sources: &[Source]) -> Vec<PrivateTarget<'a>> {
    let own: Vec<&SecurityGroupId> = sources.iter().flat_map(|source| &source.security_groups).collect();
    let network = &snapshot.network;
    let vpcs: BTreeSet<&VpcId> = sources
        .iter()
        .filter_map(|source| network.subnets.get(&source.subnet))
        .map(|subnet| &subnet.vpc)
        .collect();
    let is_of_connector = |interface: &NetworkInterface| {
        let groups: BTreeSet<_> = interface.security_groups.iter().collect();
        !is_database(interface)
            && sources.iter().any(|source| {
                source.subnet == interface.subnet
                    && source.security_groups.len() == interface.security_groups.len()
                    && source.security_groups.iter().collect::<BTreeSet<_>>() == groups
            })
    };
    let mut targets = Vec::new();
    for interface in network.network_interfaces.iter() {
        let is_target = vpcs.contains(&interface.vpc)
            && !interface.is_unattached()
            && !NO_TARGETS.contains(&interface.kind)
            && !is_of_connector(interface);
        let address = interface.addresses.iter().find(|address| address.is_ipv4());
        let Some(address) = address.filter(|_| is_target) else { continue };
        let groups = interface.security_groups.iter().filter_map(|id| network.security_groups.get(id));
        let mut ports: BTreeSet<u16> = BTreeSet::new();
        for rule in groups.flat_map(|group| &group.ingress).filter(|rule| rule.protocol.includes_tcp()) {
            let names_own_group = matches!(&rule.peer, Peer::Group(id) if own.contains(&id));
            let range = if rule.protocol == Protocol::All { PortRange::ALL } else { rule.ports };
            if range.from == range.to {
                let port = Some(range.from);
                ports.extend(port.filter(|port| names_own_group || PRIVATE_PORTS.contains(port)));
            } else if names_own_group || is_database(interface) {
                // The first matching port represents the range.
                ports.extend(PRIVATE_PORTS.iter().find(|port| range.from <= **port && **port <= range.to));
            }
        }
        for port in ports {
            let kind = DestinationKind::Address(*address);
            let destination = Destination { host: address.to_string(), port, kind };
            targets.push(PrivateTarget { interface, destination });
        }
    }
    targets
}

/// Whether AWS's description names a database, a cache, a broker or a file system.
fn is_database(interface: &NetworkInterface) -> bool {
    let text = interface.description.to_ascii_lowercase();
    [
        "rds",
        "elasticache",
        "redshift",
        "efs mount",
        "memorydb",
        "dms",
        "msk",
        "amazon mq",
        "opensearch",
        "neptune",
    ]
    .iter()
    .any(|word| text.contains(word))
}
