//! What AWS has, as plain data.
//!
//! Owns the vocabulary every other stage speaks: ids, address sets, the VPC's parts, workloads, and the
//! [`Snapshot`] that holds them. Knows nobody: no I/O, no clock, no judgement about what is reachable.

mod call;
mod cidr;
mod destination;
mod id;
mod network;
mod snapshot;
mod table;
mod workload;

pub use call::Call;
pub use cidr::{Addresses, PUBLIC_V4, parse_cidr};
pub use destination::{AwsHost, Destination, DestinationKind, EndpointOffer};
pub use id::{
    AvailabilityZone, ConnectorArn, EndpointId, InternetGatewayId, NatGatewayId, NetworkAclId,
    NetworkInterfaceId, PrefixListId, Region, ResourceId, RouteTableId, SecurityGroupId, SubnetId, VpcId,
    WorkloadId,
};
pub use network::{
    AclAction, AclRule, DhcpResolver, DnsSettings, Endpoint, EndpointInterface, EndpointKind,
    EndpointService, InternetGateway, NatConnectivity, NatGateway, NatPlacement, Network, NetworkAcl,
    NetworkInterface, Peer, PortRange, PrefixList, Protocol, Route, RouteDestination, RouteOrigin,
    RouteState, RouteTable, RouteTarget, SecurityGroup, SecurityGroupRule, Subnet, Vpc,
};
pub use snapshot::{Gap, GapKind, Snapshot, SnapshotError};
pub use table::{Keyed, Table};
pub use workload::{
    Connector, Egress, Environment, EnvironmentSecret, EnvironmentVariable, Ingress, Workload, WorkloadKind,
};
