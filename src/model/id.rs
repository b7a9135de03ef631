//! Ids, one type for each kind of resource. Copies share their text.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// An id with AWS's text, unchanged.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// AWS's text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }
    )+};
}

id! {
    /// `vpc-…`
    VpcId,
    /// `subnet-…`
    SubnetId,
    /// `rtb-…`
    RouteTableId,
    /// `sg-…`
    SecurityGroupId,
    /// `acl-…`
    NetworkAclId,
    /// `vpce-…`
    EndpointId,
    /// `nat-…`
    NatGatewayId,
    /// `igw-…`
    InternetGatewayId,
    /// `eigw-…`
    EgressOnlyInternetGatewayId,
    /// `eni-…`
    NetworkInterfaceId,
    /// `pl-…`
    PrefixListId,
    /// ARN of an App Runner VPC connector.
    ConnectorArn,
    /// ARN of an App Runner service, or the name of an ad hoc source.
    WorkloadId,
    /// `us-west-2`
    Region,
    /// Name of an AZ, `us-west-2a`. Another account may use this name for another AZ.
    AvailabilityZone,
    /// Any of these ids, for a component of any kind.
    ResourceId,
}

macro_rules! resource {
    ($($name:ident),+ $(,)?) => {$(
        impl From<&$name> for ResourceId {
            fn from(id: &$name) -> Self {
                Self(Arc::clone(&id.0))
            }
        }
    )+};
}

resource!(
    VpcId,
    SubnetId,
    RouteTableId,
    SecurityGroupId,
    NetworkAclId,
    EndpointId,
    NatGatewayId,
    InternetGatewayId,
    EgressOnlyInternetGatewayId,
    NetworkInterfaceId,
    PrefixListId,
    ConnectorArn,
    WorkloadId,
);
