//! Every AWS call this program makes: the one list behind discovery, gaps and `iam-policy`.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! calls {
    ($($variant:ident => $action:literal, $why:literal;)+) => {
        /// An AWS operation. All of them read; none changes anything.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Call {
            $(#[doc = $why] $variant,)+
        }

        impl Call {
            /// Every call, in the order of the table.
            pub const ALL: &[Call] = &[$(Call::$variant),+];

            /// The IAM action that permits it, `ec2:DescribeVpcs`. `None`: no permission is needed.
            #[must_use]
            pub fn iam_action(self) -> Option<&'static str> {
                let action = match self { $(Call::$variant => $action),+ };
                (!action.is_empty()).then_some(action)
            }

            /// What the answer is used for.
            #[must_use]
            pub fn purpose(self) -> &'static str {
                match self { $(Call::$variant => $why),+ }
            }

            /// The operation's name, `DescribeVpcs`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Call::$variant => stringify!($variant)),+ }
            }
        }
    };
}

calls! {
    GetCallerIdentity => "", "the account's number";
    ListServices => "apprunner:ListServices", "the App Runner services of the region";
    DescribeService => "apprunner:DescribeService", "a service's status, egress mode, connector and variable names";
    ListVpcConnectors => "apprunner:ListVpcConnectors", "the connectors' subnets and security groups";
    DescribeVpcs => "ec2:DescribeVpcs", "the VPC's address ranges and DHCP options";
    DescribeVpcAttribute => "ec2:DescribeVpcAttribute", "whether the VPC resolves names";
    DescribeDhcpOptions => "ec2:DescribeDhcpOptions", "which resolver the VPC hands out";
    DescribeSubnets => "ec2:DescribeSubnets", "the subnets' zones and address ranges";
    DescribeRouteTables => "ec2:DescribeRouteTables", "where packets go";
    DescribeSecurityGroups => "ec2:DescribeSecurityGroups", "what the connector may call and what endpoints admit";
    DescribeNetworkAcls => "ec2:DescribeNetworkAcls", "what may cross a subnet's border, in both directions";
    DescribeVpcEndpoints => "ec2:DescribeVpcEndpoints", "the endpoints that exist already";
    DescribeVpcEndpointServices => "ec2:DescribeVpcEndpointServices", "which endpoint services exist here, and in which zones";
    DescribeNatGateways => "ec2:DescribeNatGateways", "the NAT gateways, their state and subnet";
    DescribeInternetGateways => "ec2:DescribeInternetGateways", "whether the VPC has a way out";
    DescribeEgressOnlyInternetGateways => "ec2:DescribeEgressOnlyInternetGateways", "whether the VPC has a way out for IPv6";
    DescribeNetworkInterfaces => "ec2:DescribeNetworkInterfaces", "the addresses of endpoints and other workloads";
    DescribeManagedPrefixLists => "ec2:DescribeManagedPrefixLists", "the prefix lists that routes and rules name";
    GetManagedPrefixListEntries => "ec2:GetManagedPrefixListEntries", "the address ranges of a prefix list";
    ListHostedZonesByVPC => "route53:ListHostedZonesByVPC", "which names private hosted zones answer in the VPC";
    GetProducts => "pricing:GetProducts", "what endpoints and NAT gateways cost today";
    FilterLogEvents => "logs:FilterLogEvents", "which connections the service's own log tells to have failed";
    ListAttachedRolePolicies => "iam:ListAttachedRolePolicies", "which services the instance role lets the application call";
    ListRolePolicies => "iam:ListRolePolicies", "likewise, by policies of the role alone";
    GetPolicy => "iam:GetPolicy", "which version of a policy holds";
    GetPolicyVersion => "iam:GetPolicyVersion", "what a policy permits";
    GetRolePolicy => "iam:GetRolePolicy", "what a role's own policy permits";
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
