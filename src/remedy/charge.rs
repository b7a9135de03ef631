//! What AWS charges for a change, without the prices.

use crate::model::{RouteTableId, SubnetId};

/// One thing that AWS charges for, or that is free. `price` turns it into lines of an estimate.
pub(super) enum Charge<'a> {
    /// A line of $0.00.
    Free(String),
    /// A gateway endpoint of this service and its traffic: both are free.
    GatewayEndpoint(&'a str),
    /// An interface endpoint of a service, by the hour and AZ.
    InterfaceEndpointHours { service: &'a str, azs: usize },
    /// Traffic through interface endpoints, by the GB.
    InterfaceEndpointData,
    /// NAT gateways with their public IPv4 addresses, by the hour and AZ.
    NatGatewayHours { azs: usize },
    /// Traffic through NAT gateways, by the GB.
    NatGatewayData,
    /// The note that a regional NAT gateway is charged by AZ.
    RegionalNatGateway,
    /// Data transfer to the internet, by the GB; not part of the sum.
    InternetOut,
    /// Traffic between AZs, if one of the route tables serves another AZ than the NAT gateway's; not part of the sum.
    CrossAz { subnet: Option<&'a SubnetId>, route_tables: &'a [RouteTableId] },
}
