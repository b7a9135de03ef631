//! AWS resources as plain data.
//!
//! Owns the types that every other stage uses: ids, sets of addresses, the parts of a VPC, workloads, and
//! the [`Snapshot`] that contains them. It uses no other stage: no I/O, no clock, no decision about
//! reachability.

mod address;
mod call;
mod call_record;
mod default_value;
mod destination;
mod endpoint;
mod gap;
mod gateway;
mod history;
mod id;
mod named_resource;
mod network;
mod open_enum;
mod place;
mod planned;
mod prices;
mod routing;
mod rules;
mod snapshot;
mod table;
mod transit;
mod vpc;
mod workload;

pub use address::{AddressFamily, Addresses, DOCUMENTATION, PUBLIC, PUBLIC_V4, PUBLIC_V6, parse_cidr};
pub use call::Call;
pub use call_record::{CallFailure, CallRecord};
pub use destination::{AwsHost, Destination, DestinationKind, EndpointOffer, PRIVATE_PORTS, Records};
pub use endpoint::{
    Endpoint, EndpointInterface, EndpointKind, EndpointPolicy, EndpointService, EndpointServiceKind,
    EndpointState,
};
pub use gap::{Gap, GapKind};
pub use gateway::{
    EgressOnlyInternetGateway, InternetGateway, NatConnectivity, NatGateway, NatPlacement, NatState,
    PeeringConnection, PeeringState,
};
pub use history::{ComponentHistory, RecordedChange};
pub use id::{
    AvailabilityZone, ConnectorArn, EgressOnlyInternetGatewayId, EndpointId, InternetGatewayId, NatGatewayId,
    NetworkAclId, NetworkInterfaceId, PrefixListId, Region, ResourceId, RouteTableId, SecurityGroupId,
    SubnetId, VpcId, WorkloadId,
};
pub use named_resource::{
    Availability, NamedResource, NamedResourceKind, ResourceHost, calls_for_arn, calls_for_host,
    is_never_public,
};
pub use network::Network;
pub use place::Place;
pub use planned::{is_planned, without_planned_ids};
pub use prices::ListPrices;
pub use routing::{PrefixList, Route, RouteDestination, RouteOrigin, RouteState, RouteTable, RouteTarget};
pub use rules::{
    AclAction, AclRule, NetworkAcl, Peer, PortRange, Protocol, SecurityGroup, SecurityGroupRule,
};
pub use snapshot::{Snapshot, SnapshotError};
pub use table::{Keyed, Table};
pub use transit::{AttachmentState, TransitAssociation, TransitAttachment, TransitRouteTable};
pub use vpc::{
    BlockPublicAccess, DhcpResolver, DnsSettings, EncryptionControl, InterfaceKind, InterfaceState,
    NetworkInterface, ResolverRule, Subnet, Vpc,
};
pub use workload::{
    Connector, ConnectorStatus, Egress, Environment, EnvironmentSecret, EnvironmentVariable, Ingress, Permit,
    ServiceStatus, Workload, WorkloadKind,
};
