//! Names that have private addresses although no call shows the addresses: names of VPC Lattice, private endpoints of partners,
//! databases of Timestream for `InfluxDB`, private App Runner services.
//!
//! Owns what is known about such a name. It never makes a destination reachable.

use super::unread_name::has_other_networks;
use crate::model::{
    Destination, DestinationKind, Endpoint, EndpointKind, Ingress, RouteTarget, Snapshot, Vpc, Workload,
};

/// Why a name has private addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateName<'a> {
    /// A service or resource of VPC Lattice
    /// (<https://docs.aws.amazon.com/vpc-lattice/latest/ug/security-groups.html>).
    Lattice,
    /// A private endpoint of a partner, whose name is given.
    PartnerEndpoint(&'static str),
    /// A host in the peered VPC of a partner.
    PartnerPeering(&'static str),
    /// A database of Timestream for `InfluxDB`, which can be publicly accessible.
    InfluxDb,
    /// An App Runner service that is not publicly accessible
    /// (<https://docs.aws.amazon.com/apprunner/latest/dg/network-pl.html>).
    AppRunner(&'a Workload),
}

/// The services of the host table whose names are those of private endpoints of a partner, with the name of the partner.
const PARTNERS: &[(&str, &str)] = &[
    ("clickhouse-cloud", "ClickHouse Cloud"),
    ("cockroachdb-cloud", "CockroachDB Cloud"),
    ("confluent-cloud", "Confluent Cloud"),
    ("databricks", "Databricks"),
    ("elastic-cloud", "Elastic Cloud"),
    ("mongodb-atlas", "MongoDB Atlas"),
    ("snowflake", "Snowflake"),
];

/// Why the name of a destination has private addresses; `None` for other names.
#[must_use]
pub fn private_name<'a>(snapshot: &'a Snapshot, destination: &Destination) -> Option<PrivateName<'a>> {
    let service = destination.aws().and_then(|aws| aws.service.as_deref());
    match (&destination.kind, service?) {
        (DestinationKind::AwsPublic(_), "apprunner") => {
            let is_own = |workload: &&Workload| {
                workload.ingress == Ingress::Private
                    && workload.url.as_deref() == Some(destination.host.as_str())
            };
            snapshot.workloads.iter().find(is_own).map(PrivateName::AppRunner)
        }
        (DestinationKind::AwsVpc(_), "vpc-lattice") => Some(PrivateName::Lattice),
        (DestinationKind::AwsVpc(_), "timestream-influxdb") => Some(PrivateName::InfluxDb),
        (DestinationKind::AwsVpc(_), "mongodb-atlas-peering") => {
            Some(PrivateName::PartnerPeering("MongoDB Atlas"))
        }
        (DestinationKind::AwsVpc(_), "redis-cloud") => Some(PrivateName::PartnerPeering("Redis Cloud")),
        (DestinationKind::AwsVpc(_), service) => {
            let (_, partner) = PARTNERS.iter().find(|(id, _)| *id == service)?;
            Some(PrivateName::PartnerEndpoint(partner))
        }
        _ => None,
    }
}

/// Whether a partner with this name offers a private endpoint (AWS `PrivateLink`).
#[must_use]
pub fn offers_private_endpoint(partner: &str) -> bool {
    PARTNERS.iter().any(|(_, name)| *name == partner)
}

impl PrivateName<'_> {
    /// Whether the name can be publicly accessible.
    pub(super) fn can_be_public(self) -> bool {
        self == PrivateName::InfluxDb
    }

    /// The interface endpoints of the VPC that the name can belong to.
    #[must_use]
    pub fn endpoints<'s>(self, snapshot: &'s Snapshot, vpc: &Vpc) -> Vec<&'s Endpoint> {
        let is_own = |endpoint: &&Endpoint| {
            let service = &endpoint.service;
            endpoint.vpc == vpc.id
                && matches!(endpoint.kind, EndpointKind::Interface { .. })
                && match self {
                    PrivateName::PartnerEndpoint(_) => service.contains(".vpce."),
                    PrivateName::AppRunner(_) => service.ends_with(".apprunner.requests"),
                    _ => false,
                }
        };
        snapshot.network.endpoints.iter().filter(is_own).collect()
    }

    /// The interface endpoints that the name belongs to, if the endpoints of the VPC are all that it can belong to.
    pub(super) fn only_endpoints<'s>(self, snapshot: &'s Snapshot, vpc: &Vpc) -> Vec<&'s Endpoint> {
        let can_be_elsewhere =
            matches!(self, PrivateName::PartnerEndpoint(_)) && has_other_networks(snapshot, vpc);
        if can_be_elsewhere { Vec::new() } else { self.endpoints(snapshot, vpc) }
    }

    /// The rule of the DNS check.
    pub(super) fn rule(self, snapshot: &Snapshot, vpc: &Vpc) -> String {
        let endpoints = self.endpoints(snapshot, vpc);
        let ids = endpoints.iter().map(|endpoint| endpoint.id.as_str()).collect::<Vec<_>>().join(" or ");
        let id = &vpc.id;
        match self {
            PrivateName::Lattice if is_associated_with_lattice(snapshot, vpc) => format!(
                "a name of VPC Lattice, with link-local addresses: {id} is associated with a service network; unknown whether \
                 the service network has this service"
            ),
            PrivateName::Lattice => format!(
                "a name of VPC Lattice, with link-local addresses (169.254.171.0/24), to which no NAT gateway forwards: it needs \
                 an association of {id} with a service network, which was not read"
            ),
            PrivateName::PartnerEndpoint(partner) if ids.is_empty() => format!(
                "the name of a private endpoint of {partner} (AWS PrivateLink); {id} has no interface endpoint for a service of a \
                 partner, and the address of the name was not read"
            ),
            PrivateName::PartnerEndpoint(partner) => format!(
                "the name of a private endpoint of {partner} (AWS PrivateLink), which {ids} can be; the address of the name was \
                 not read"
            ),
            PrivateName::PartnerPeering(partner) => format!(
                "the name of a host in the peered VPC of {partner}; the address of the name was not read"
            ),
            PrivateName::InfluxDb => {
                "a database of Timestream for InfluxDB is in a VPC; its address was not read".to_owned()
            }
            PrivateName::AppRunner(service) if ids.is_empty() => format!(
                "the App Runner service {} is not publicly accessible (IsPubliclyAccessible false), and {id} has no interface \
                 endpoint for apprunner.requests",
                service.name
            ),
            PrivateName::AppRunner(service) => format!(
                "the App Runner service {} is not publicly accessible (IsPubliclyAccessible false): it needs a VPC ingress \
                 connection of {ids}, which was not read",
                service.name
            ),
        }
    }
}

/// Whether a route table of the VPC has the route that an association with a service network adds.
fn is_associated_with_lattice(snapshot: &Snapshot, vpc: &Vpc) -> bool {
    let tables = snapshot.network.route_tables.iter().filter(|table| table.vpc == vpc.id);
    tables
        .flat_map(|table| &table.routes)
        .any(|route| matches!(&route.target, RouteTarget::Other(id) if id.as_str() == "VpcLattice"))
}
