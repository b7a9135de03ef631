//! What AWS has, as plain data.
//!
//! Owns the vocabulary every other stage speaks: ids, address sets, the VPC's parts, workloads, and the
//! [`Snapshot`] that holds them. Knows nobody: no I/O, no clock, no judgement about what is reachable.

mod address;
mod call;
mod destination;
mod endpoint;
mod gateway;
mod id;
mod network;
mod prices;
mod routing;
mod rules;
mod snapshot;
mod table;
mod vpc;
mod workload;

pub use address::{AddressFamily, Addresses, PUBLIC, PUBLIC_V4, PUBLIC_V6, parse_cidr};
pub use call::Call;
pub use destination::{AwsHost, Destination, DestinationKind, EndpointOffer, Records};
pub use endpoint::{Endpoint, EndpointInterface, EndpointKind, EndpointService};
pub use gateway::{EgressOnlyInternetGateway, InternetGateway, NatConnectivity, NatGateway, NatPlacement};
pub use id::{
    AvailabilityZone, ConnectorArn, EgressOnlyInternetGatewayId, EndpointId, InternetGatewayId, NatGatewayId,
    NetworkAclId, NetworkInterfaceId, PrefixListId, Region, ResourceId, RouteTableId, SecurityGroupId,
    SubnetId, VpcId, WorkloadId,
};
pub use network::Network;
pub use prices::ListPrices;
pub use routing::{PrefixList, Route, RouteDestination, RouteOrigin, RouteState, RouteTable, RouteTarget};
pub use rules::{
    AclAction, AclRule, NetworkAcl, Peer, PortRange, Protocol, SecurityGroup, SecurityGroupRule,
};
pub use snapshot::{Gap, GapKind, Snapshot, SnapshotError};
pub use table::{Keyed, Table};
pub use vpc::{
    BlockPublicAccess, DhcpResolver, DnsSettings, EncryptionControl, NetworkInterface, Subnet, Vpc,
};
pub use workload::{
    Connector, Egress, Environment, EnvironmentSecret, EnvironmentVariable, Ingress, Permit, Workload,
    WorkloadKind,
};

/// Fields that hold nothing are left out of a saved snapshot.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
