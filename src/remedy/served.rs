//! The destinations that a remedy serves, for a user who names a fix and no destination.

use super::RemedyId;
use super::endpoint_service::gateway_host;
use crate::evidence::destination;
use crate::model::{Destination, EndpointKind, Snapshot};

/// A name that IANA reserves for documentation
/// (<https://www.iana.org/domains/reserved>). It stands for every host on the internet.
pub const ANY_INTERNET_HOST: &str = "example.com";

/// The destinations that a remedy serves whatever the application calls; empty if they depend on the
/// application.
#[must_use]
pub fn served_destinations(snapshot: &Snapshot, remedy: RemedyId) -> Vec<Destination> {
    let regional = |short: &str| gateway_host(short, &snapshot.region).into_iter().collect();
    let hosts: Vec<String> = match remedy {
        RemedyId::S3Gateway => regional("s3"),
        RemedyId::DynamodbGateway => regional("dynamodb"),
        RemedyId::S3expressGateway => regional("s3express"),
        RemedyId::GatewayRouteTables => {
            let gateways = snapshot
                .network
                .endpoints
                .iter()
                .filter(|endpoint| matches!(endpoint.kind, EndpointKind::Gateway { .. }));
            gateways.filter_map(|endpoint| gateway_host(&endpoint.service, &snapshot.region)).collect()
        }
        RemedyId::EndpointIngress => {
            let names = snapshot.network.endpoints.iter().filter_map(|endpoint| match &endpoint.kind {
                EndpointKind::Interface { private_dns: true, private_names, .. } => Some(private_names),
                _ => None,
            });
            names.flatten().filter(|name| !name.starts_with('*')).cloned().collect()
        }
        RemedyId::VpcDns
        | RemedyId::NatRepair
        | RemedyId::Nat
        | RemedyId::NatPerZone
        | RemedyId::NatRegional
        | RemedyId::MoveConnector
        | RemedyId::InternetGateway
        | RemedyId::NatRoute
        | RemedyId::NatInstance
        | RemedyId::Ipv6Egress
        | RemedyId::PrivateSubnets
        | RemedyId::DefaultEgress => vec![ANY_INTERNET_HOST.to_owned()],
        RemedyId::SecurityGroupEgress
        | RemedyId::DestinationIngress
        | RemedyId::PeeringRoute
        | RemedyId::Nacl
        | RemedyId::InterfaceEndpoints => Vec::new(),
    };
    hosts.iter().filter_map(|host| destination(host).ok()).collect()
}
