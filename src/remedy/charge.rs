//! The charges of AWS for a change, without the prices.

use crate::model::{NatGatewayId, RouteTableId, SubnetId};
use crate::reach::ViaKind;

/// A charge, or a part of a change that is free. `price` converts it to lines of an estimate.
pub(super) enum Charge<'a> {
    /// A line of $0.00.
    Free(String),
    /// A gateway endpoint of this service and its traffic: both are free.
    GatewayEndpoint(&'a str),
    /// An interface endpoint of a service, per hour and AZ.
    InterfaceEndpointHours { service: &'a str, azs: usize },
    /// Traffic through interface endpoints, per GB.
    InterfaceEndpointData,
    /// NAT gateways with their public IPv4 addresses, per hour and AZ.
    NatGatewayHours { azs: usize },
    /// A public IPv4 address of an instance, per hour.
    PublicAddressHours,
    /// Traffic through a VPC peering connection between AZs; not part of the sum.
    PeeringData,
    /// Traffic from another AZ to a NAT gateway; not part of the sum.
    OtherAz,
    /// Traffic through NAT gateways, per GB.
    NatGatewayData,
    /// The note that a regional NAT gateway is charged per AZ.
    RegionalNatGateway,
    /// Data transfer to the internet, per GB; not part of the sum.
    InternetOut,
    /// Traffic on a path of destinations that become reachable.
    Path(ViaKind),
    /// Traffic between AZs, if one of the route tables serves another AZ than the NAT gateway's; not part
    /// of the sum.
    CrossAz { subnet: Option<&'a SubnetId>, route_tables: &'a [RouteTableId] },
    /// As [`Charge::CrossAz`], for a NAT gateway that exists.
    CrossAzTo { nat: &'a NatGatewayId, route_tables: &'a [RouteTableId] },
}
