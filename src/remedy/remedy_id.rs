//! The names of the remedies.

use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// A remedy. `Display` and `FromStr` use the public ids (`s3-gateway`), which never change: users write
/// them in scripts. The order is from the least to the most invasive remedy; `RemedyId::VARIANTS` lists
/// them in this order.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum RemedyId {
    /// Add missing route tables to a gateway endpoint.
    GatewayRouteTables,
    /// Create an S3 gateway endpoint.
    S3Gateway,
    /// Create a `DynamoDB` gateway endpoint.
    DynamodbGateway,
    /// Create an S3 Express One Zone gateway endpoint.
    S3expressGateway,
    /// Add outbound rules to the workload's security group.
    SecurityGroupEgress,
    /// Add inbound rules to the security groups of endpoints.
    EndpointIngress,
    /// Add inbound rules to the security groups of databases and other destinations.
    DestinationIngress,
    /// Add rules to network ACLs.
    Nacl,
    /// Turn on the VPC's DNS attributes.
    VpcDns,
    /// Add routes to a VPC peering connection.
    PeeringRoute,
    /// Attach or create the internet gateway.
    InternetGateway,
    /// Add default routes to an existing NAT gateway.
    NatRoute,
    /// Repair a NAT instance.
    NatInstance,
    /// Create an egress-only internet gateway with routes and rules for IPv6.
    Ipv6Egress,
    /// Create interface endpoints with a security group.
    InterfaceEndpoints,
    /// Replace a NAT gateway that does not work, or add its missing route.
    NatRepair,
    /// Create a public NAT gateway with default routes to it.
    Nat,
    /// Create a NAT gateway in each AZ.
    NatPerZone,
    /// Create a regional NAT gateway, which serves every AZ.
    NatRegional,
    /// Create private subnets with a NAT gateway and a connector in them.
    PrivateSubnets,
    /// Create a connector in other subnets.
    MoveConnector,
    /// Use App Runner's own internet access instead of the VPC.
    DefaultEgress,
}

impl RemedyId {
    /// A title of at most 26 characters, for the name of several remedies.
    #[must_use]
    pub fn short_title(self) -> &'static str {
        self.names().0
    }

    /// The name inside a sentence, `the S3 endpoint`.
    pub(super) fn phrase(self) -> &'static str {
        self.names().1
    }

    /// Whether the remedy gives destinations a VPC endpoint.
    pub(super) fn adds_endpoints(self) -> bool {
        matches!(
            self,
            Self::GatewayRouteTables
                | Self::S3Gateway
                | Self::DynamodbGateway
                | Self::S3expressGateway
                | Self::InterfaceEndpoints
        )
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::GatewayRouteTables => ("Missing route tables", "the missing routes of the endpoint"),
            Self::S3Gateway => ("S3 gateway endpoint", "the S3 endpoint"),
            Self::DynamodbGateway => ("DynamoDB gateway endpoint", "the DynamoDB endpoint"),
            Self::S3expressGateway => ("S3 Express endpoint", "the S3 Express endpoint"),
            Self::SecurityGroupEgress => ("Allow outbound", "the outbound rules"),
            Self::EndpointIngress => ("Allow inbound", "the inbound rules"),
            Self::DestinationIngress => ("Allow at destination", "the inbound rules of the destination"),
            Self::PeeringRoute => ("Peering routes", "the routes to the VPC peering connection"),
            Self::InternetGateway => ("Internet gateway", "the internet gateway"),
            Self::NatRoute => ("NAT gateway routes", "the routes to the NAT gateway"),
            Self::NatInstance => ("NAT instance", "the NAT instance repair"),
            Self::Ipv6Egress => ("IPv6 egress", "the egress-only internet gateway"),
            Self::PrivateSubnets => ("Private subnets", "the private subnets"),
            Self::Nacl => ("Network ACL rules", "the network ACL rules"),
            Self::VpcDns => ("VPC DNS", "the DNS attributes"),
            Self::InterfaceEndpoints => ("Interface endpoints", "the interface endpoints"),
            Self::NatRepair => ("Replace the NAT gateway", "the new NAT gateway"),
            Self::Nat => ("NAT gateway", "the NAT gateway"),
            Self::NatPerZone => ("NAT gateway in each AZ", "the NAT gateways"),
            Self::NatRegional => ("Regional NAT gateway", "the regional NAT gateway"),
            Self::MoveConnector => ("Move the connector", "the new connector"),
            Self::DefaultEgress => ("DEFAULT egress", "DEFAULT egress"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_ids_are_fixed() {
        let ids: Vec<String> = RemedyId::VARIANTS.iter().map(ToString::to_string).collect();
        assert_eq!(
            ids.join(" "),
            "gateway-route-tables s3-gateway dynamodb-gateway s3express-gateway security-group-egress endpoint-ingress \
             destination-ingress nacl vpc-dns peering-route internet-gateway nat-route nat-instance ipv6-egress \
             interface-endpoints nat-repair nat nat-per-zone nat-regional private-subnets move-connector default-egress"
        );
        assert!(ids.iter().zip(RemedyId::VARIANTS).all(|(id, remedy)| id.parse() == Ok(*remedy)));
    }
}
