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
    /// Add outbound rules to the workload's security group.
    SecurityGroupEgress,
    /// Add inbound rules to the security groups of endpoints and databases.
    EndpointIngress,
    /// Add rules to network ACLs.
    Nacl,
    /// Turn on the VPC's DNS attributes.
    VpcDns,
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
    /// Create a connector in other subnets.
    MoveConnector,
    /// Use App Runner's own internet access instead of the VPC.
    DefaultEgress,
}

impl RemedyId {
    /// A title of at most 20 characters, for a narrow column.
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
            Self::GatewayRouteTables | Self::S3Gateway | Self::DynamodbGateway | Self::InterfaceEndpoints
        )
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::GatewayRouteTables => ("missing route tables", "the missing routes of the endpoint"),
            Self::S3Gateway => ("S3 endpoint", "the S3 endpoint"),
            Self::DynamodbGateway => ("DynamoDB endpoint", "the DynamoDB endpoint"),
            Self::SecurityGroupEgress => ("allow outbound", "the outbound rules"),
            Self::EndpointIngress => ("allow inbound", "the inbound rules"),
            Self::Nacl => ("network ACL rules", "the network ACL rules"),
            Self::VpcDns => ("VPC DNS", "the DNS attributes"),
            Self::InterfaceEndpoints => ("interface endpoints", "the interface endpoints"),
            Self::NatRepair => ("NAT gateway repair", "the NAT gateway repair"),
            Self::Nat => ("NAT gateway", "the NAT gateway"),
            Self::NatPerZone => ("NAT gateway per AZ", "the NAT gateways"),
            Self::NatRegional => ("regional NAT gateway", "the regional NAT gateway"),
            Self::MoveConnector => ("move connector", "the new connector"),
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
            "gateway-route-tables s3-gateway dynamodb-gateway security-group-egress endpoint-ingress nacl vpc-dns \
             interface-endpoints nat-repair nat nat-per-zone nat-regional move-connector default-egress"
        );
        assert!(ids.iter().zip(RemedyId::VARIANTS).all(|(id, remedy)| id.parse() == Ok(*remedy)));
    }
}
