//! The list of all AWS calls of egress-doctor. Discovery, gaps and `iam-policy` use it.

use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

macro_rules! calls {
    ($($variant:ident => $action:literal, $why:literal;)+) => {
        /// An AWS operation. All of them are read-only.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, strum::Display,
            strum::IntoStaticStr, strum::VariantArray,
        )]
        pub enum Call {
            $(#[doc = $why] $variant,)+
        }

        impl Call {
            /// Every call, in the order of the table.
            pub const ALL: &[Call] = Call::VARIANTS;

            /// The IAM action that allows it, `ec2:DescribeVpcs`; `None` when no permission is needed.
            #[must_use]
            pub fn iam_action(self) -> Option<&'static str> {
                let action = match self { $(Call::$variant => $action),+ };
                (!action.is_empty()).then_some(action)
            }

            /// The purpose of the call: the data that it returns.
            #[must_use]
            pub fn purpose(self) -> &'static str {
                match self { $(Call::$variant => $why),+ }
            }

            /// The AWS CLI command, `ec2 describe-vpcs`; `None` for a call that needs no permission.
            #[must_use]
            pub fn aws_cli(self) -> Option<String> {
                let (service, _) = self.iam_action()?.split_once(':')?;
                let service = if service == "elasticloadbalancing" { "elbv2" } else { service };
                Some(format!("{service} {}", kebab_case(self.name())))
            }

            /// Whether its answer has host names of databases, caches or load balancers. Discovery makes the call only if a
            /// destination has such a name.
            #[must_use]
            pub fn has_host_names(self) -> bool {
                matches!(
                    self,
                    Self::DescribeDBInstances
                        | Self::DescribeDBClusters
                        | Self::DescribeDBProxies
                        | Self::DescribeDBProxyEndpoints
                        | Self::DescribeCacheClusters
                        | Self::DescribeReplicationGroups
                        | Self::DescribeServerlessCaches
                        | Self::DescribeCacheSubnetGroups
                        | Self::DescribeLoadBalancers
                )
            }

            /// Whether it is also sent to the other accounts and Regions that the user names: it reads a known VPC.
            #[must_use]
            pub fn reads_vpc(self) -> bool {
                matches!(
                    self,
                    Self::DescribeVpcs
                        | Self::DescribeVpcAttribute
                        | Self::DescribeDhcpOptions
                        | Self::DescribeSubnets
                        | Self::DescribeRouteTables
                        | Self::DescribeSecurityGroups
                        | Self::DescribeNetworkAcls
                        | Self::DescribeVpcEndpoints
                        | Self::DescribeNatGateways
                        | Self::DescribeInternetGateways
                        | Self::DescribeEgressOnlyInternetGateways
                        | Self::DescribeNetworkInterfaces
                        | Self::GetManagedPrefixListEntries
                        | Self::ListHostedZonesByVPC
                )
            }

            /// Whether its answer is about transit gateways. Discovery makes the call only if a route leads to one.
            #[must_use]
            pub fn reads_transit_gateway(self) -> bool {
                matches!(
                    self,
                    Self::DescribeTransitGatewayAttachments
                        | Self::DescribeTransitGatewayVpcAttachments
                        | Self::SearchTransitGatewayRoutes
                )
            }

            /// Whether the permission is optional: without it, only the names that need the answer are unknown or less exact.
            #[must_use]
            pub fn is_optional(self) -> bool {
                self.has_host_names()
                    || self.reads_transit_gateway()
                    || matches!(self, Self::ListHostedZonesByVPC | Self::LookupEvents)
            }

            /// The operation's name, `DescribeVpcs`.
            #[must_use]
            pub fn name(self) -> &'static str {
                self.into()
            }
        }
    };
}

/// The name of an operation in the AWS CLI: `describe-vpcs` for `DescribeVpcs`, `list-hosted-zones-by-vpc` for
/// `ListHostedZonesByVPC`.
fn kebab_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    let mut after_lower = false;
    // `DescribeDBInstances` is `describe-db-instances`.
    for c in name.replace("DB", "Db").chars() {
        if c.is_ascii_uppercase() && after_lower {
            out.push('-');
        }
        after_lower = c.is_ascii_lowercase();
        out.push(c.to_ascii_lowercase());
    }
    out
}

calls! {
    GetCallerIdentity => "", "the account number";
    ListServices => "apprunner:ListServices", "the App Runner services of the region";
    DescribeService => "apprunner:DescribeService", "a service's status, egress mode, connector and variable names";
    ListVpcConnectors => "apprunner:ListVpcConnectors", "the connectors' subnets and security groups";
    DescribeVpcs => "ec2:DescribeVpcs", "the VPC's address ranges and DHCP options";
    DescribeVpcAttribute => "ec2:DescribeVpcAttribute", "whether DNS is on in the VPC";
    DescribeDhcpOptions => "ec2:DescribeDhcpOptions", "which DNS resolver the VPC uses";
    DescribeSubnets => "ec2:DescribeSubnets", "the subnets' AZs and address ranges";
    DescribeRouteTables => "ec2:DescribeRouteTables", "the routes of each subnet";
    DescribeSecurityGroups => "ec2:DescribeSecurityGroups", "what the security groups of connectors and endpoints allow";
    DescribeNetworkAcls => "ec2:DescribeNetworkAcls", "which packets may enter and leave a subnet";
    DescribeVpcEndpoints => "ec2:DescribeVpcEndpoints", "the existing VPC endpoints";
    DescribeVpcEndpointServices => "ec2:DescribeVpcEndpointServices", "which endpoint services the region has, and in which AZs";
    DescribeNatGateways => "ec2:DescribeNatGateways", "the NAT gateways, their state and subnet";
    DescribeInternetGateways => "ec2:DescribeInternetGateways", "whether the VPC has internet access";
    DescribeEgressOnlyInternetGateways => "ec2:DescribeEgressOnlyInternetGateways", "whether the VPC has internet access for IPv6";
    DescribeNetworkInterfaces => "ec2:DescribeNetworkInterfaces", "the addresses of endpoints and other workloads";
    DescribeManagedPrefixLists => "ec2:DescribeManagedPrefixLists", "the prefix lists that routes and security groups use";
    GetManagedPrefixListEntries => "ec2:GetManagedPrefixListEntries", "the address ranges of a prefix list";
    ListHostedZonesByVPC => "route53:ListHostedZonesByVPC", "the private hosted zones of the VPC";
    GetProducts => "pricing:GetProducts", "current prices of endpoints and NAT gateways";
    FilterLogEvents => "logs:FilterLogEvents", "failed connections in the service's own log";
    LookupEvents => "cloudtrail:LookupEvents", "the last changes of what blocks a destination, on demand";
    ListAttachedRolePolicies => "iam:ListAttachedRolePolicies", "the AWS services that the instance role allows";
    ListRolePolicies => "iam:ListRolePolicies", "the inline policies of the instance role";
    GetPolicy => "iam:GetPolicy", "the default version of a policy";
    GetPolicyVersion => "iam:GetPolicyVersion", "what a policy allows";
    GetRolePolicy => "iam:GetRolePolicy", "what an inline policy allows";
    DescribeVpcPeeringConnections => "ec2:DescribeVpcPeeringConnections", "which VPCs a peering connection connects";
    DescribeTransitGatewayAttachments => "ec2:DescribeTransitGatewayAttachments", "what a transit gateway connects, and with which route table";
    DescribeTransitGatewayVpcAttachments => "ec2:DescribeTransitGatewayVpcAttachments", "the subnets of the attachments of a transit gateway";
    SearchTransitGatewayRoutes => "ec2:SearchTransitGatewayRoutes", "the routes of a transit gateway";
    DescribeDBInstances => "rds:DescribeDBInstances", "the names, ports, states and security groups of DB instances";
    DescribeDBClusters => "rds:DescribeDBClusters", "the names, ports, states and security groups of DB clusters";
    DescribeDBProxies => "rds:DescribeDBProxies", "the names, states and security groups of RDS Proxies";
    DescribeDBProxyEndpoints => "rds:DescribeDBProxyEndpoints", "the other names of RDS Proxies";
    DescribeCacheClusters => "elasticache:DescribeCacheClusters", "the names, ports and security groups of cache clusters";
    DescribeReplicationGroups => "elasticache:DescribeReplicationGroups", "the names and ports of replication groups";
    DescribeServerlessCaches => "elasticache:DescribeServerlessCaches", "the names, ports and security groups of serverless caches";
    DescribeCacheSubnetGroups => "elasticache:DescribeCacheSubnetGroups", "the VPC and subnets of caches";
    DescribeLoadBalancers => "elasticloadbalancing:DescribeLoadBalancers", "the names, states and security groups of load balancers";
}
