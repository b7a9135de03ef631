//! VPCs, subnets and network interfaces.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Deserializer, Serialize};

use super::default_value::is_default;
use super::open_enum::open_enum;
use super::{Addresses, AvailabilityZone, NetworkInterfaceId, ResourceId, SecurityGroupId, SubnetId, VpcId};

/// A VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    /// Its id.
    pub id: VpcId,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// All IPv4 ranges, the primary one first.
    pub cidrs: Vec<Ipv4Net>,
    /// All IPv6 ranges.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ipv6_cidrs: Vec<Ipv6Net>,
    /// Names of the private hosted zones associated with it; `None` when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub private_zones: Option<Vec<String>>,
    /// The Resolver rules associated with it; empty when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub resolver_rules: Vec<ResolverRule>,
    /// Its encryption control.
    #[serde(default, skip_serializing_if = "is_default")]
    pub encryption: EncryptionControl,
    /// Its DNS settings.
    pub dns: DnsSettings,
}

/// A Resolver rule: who answers for the names under a domain
/// (<https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-rules-managing.html>).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResolverRule {
    /// Its id.
    pub id: ResourceId,
    /// The domain, without final dot; empty for all names.
    pub domain: String,
    /// Whether it forwards the queries to other DNS servers. Otherwise the Amazon DNS server answers them.
    pub forwards: bool,
}

/// The DNS settings of a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DnsSettings {
    /// `enableDnsSupport`; `None` when the call failed.
    pub support: Option<bool>,
    /// `enableDnsHostnames`; `None` when the call failed.
    pub hostnames: Option<bool>,
    /// The DHCP options' `domain-name-servers`.
    pub resolver: DhcpResolver,
}

/// The DNS resolver in the DHCP options.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DhcpResolver {
    /// `AmazonProvidedDNS`.
    Amazon,
    /// Custom resolvers, by address.
    Custom(Vec<String>),
    /// The DHCP options could not be read.
    Unknown,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subnet {
    /// Its id.
    pub id: SubnetId,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its AZ.
    pub zone: AvailabilityZone,
    /// Its IPv4 range; `None` for an IPv6-only subnet.
    pub cidr: Option<Ipv4Net>,
    /// Its IPv6 ranges.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ipv6_cidrs: Vec<Ipv6Net>,
    /// The effective mode of VPC Block Public Access, including exclusions. An answer without it (of a
    /// region or tool older than November 2024) counts as off.
    #[serde(default, skip_serializing_if = "is_default")]
    pub block_public_access: BlockPublicAccess,
    /// Number of free IPv4 addresses, if read.
    pub free_addresses: Option<u32>,
    /// `MapPublicIpOnLaunch`. It does not show whether the subnet has a route to an internet gateway.
    pub map_public_ip: bool,
    /// `DefaultForAz`: whether it is the default subnet of its AZ; `None` when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub default_for_az: Option<bool>,
    /// The account that owns it. If it is not the snapshot's account, the subnet is shared.
    pub owner: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// VPC Block Public Access (<https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockPublicAccess {
    /// Off.
    #[default]
    Off,
    /// All internet traffic is blocked, including that of NAT gateways and egress-only internet gateways.
    BlockBidirectional,
    /// Only traffic of NAT gateways and egress-only internet gateways is allowed.
    BlockIngress,
    /// A mode that this version does not support, as AWS wrote it.
    #[serde(untagged)]
    Other(String),
}

/// VPC encryption controls (<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EncryptionControl {
    /// Off.
    #[default]
    Off,
    /// Unencrypted traffic is logged.
    Monitor,
    /// Unencrypted traffic is dropped.
    Enforce,
    /// A mode that this version does not support, as AWS wrote it.
    #[serde(untagged)]
    Other(String),
}

impl Vpc {
    /// All its addresses, IPv4 and IPv6.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        let (four, six): (Addresses, Addresses) =
            (self.cidrs.iter().copied().collect(), self.ipv6_cidrs.iter().copied().collect());
        four.or(&six)
    }
}

impl Subnet {
    /// All its addresses, IPv4 and IPv6.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        let (four, six): (Addresses, Addresses) =
            (self.cidr.into_iter().collect(), self.ipv6_cidrs.iter().copied().collect());
        four.or(&six)
    }
}

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkInterface {
    /// Its id.
    pub id: NetworkInterfaceId,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its subnet.
    pub subnet: SubnetId,
    /// All its private IPv4 addresses, and its IPv6 addresses.
    pub addresses: Vec<IpAddr>,
    /// Its security groups.
    pub security_groups: Vec<SecurityGroupId>,
    /// AWS's `InterfaceType`.
    pub kind: InterfaceKind,
    /// AWS's description. For many AWS services it contains the name of the owner.
    pub description: String,
    /// AWS's `RequesterId`, `amazon-rds`; `None` if no AWS service manages it, or when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub requester: Option<String>,
    /// Whether it has a public address.
    pub public_address: bool,
    /// Its public IPv4 addresses. Empty in a snapshot of an older version of egress-doctor.
    #[serde(default, skip_serializing_if = "is_default")]
    pub public_addresses: Vec<Ipv4Addr>,
    /// The instance that it is attached to; `None` without an instance, or when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub instance: Option<ResourceId>,
    /// Its state. A snapshot of an earlier version contains `unattached` instead.
    #[serde(
        default,
        alias = "unattached",
        deserialize_with = "state_or_unattached",
        skip_serializing_if = "is_default"
    )]
    pub state: InterfaceState,
    /// Whether it drops packets that it does not send or receive itself; `None` when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub source_dest_check: Option<bool>,
}

impl NetworkInterface {
    /// Whether it is not attached to an instance or service: nothing listens there.
    #[must_use]
    pub fn is_unattached(&self) -> bool {
        self.state == InterfaceState::Available
    }
}

/// Reads a state, or the field `unattached` of an earlier version: `true` means `available`.
fn state_or_unattached<'de, D: Deserializer<'de>>(deserializer: D) -> Result<InterfaceState, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Saved {
        Unattached(bool),
        State(InterfaceState),
    }
    Ok(match Saved::deserialize(deserializer)? {
        Saved::Unattached(true) => InterfaceState::Available,
        Saved::Unattached(false) => InterfaceState::Unspecified,
        Saved::State(state) => state,
    })
}

open_enum! {
    /// The state of a network interface
    /// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html>).
    InterfaceState {
        /// It is not attached to an instance or service.
        Available => "available",
        /// It is associated with a service.
        Associated => "associated",
        /// It is being attached.
        Attaching => "attaching",
        /// It is attached.
        InUse => "in-use",
        /// It is being detached.
        Detaching => "detaching",
    }
}

open_enum! {
    /// The kind of a network interface
    /// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html>). Other kinds
    /// (`lambda`, `branch`, `quicksight` …) are in `Other`.
    InterfaceKind {
        /// An elastic network interface without a special use.
        Interface => "interface",
        /// An API Gateway VPC link.
        ApiGateway => "api_gateway_managed",
        /// An EC2 Instance Connect endpoint.
        InstanceConnectEndpoint => "ec2_instance_connect_endpoint",
        /// A Gateway Load Balancer.
        GatewayLoadBalancer => "gateway_load_balancer",
        /// A Gateway Load Balancer endpoint.
        GatewayLoadBalancerEndpoint => "gateway_load_balancer_endpoint",
        /// AWS Global Accelerator.
        GlobalAccelerator => "global_accelerator_managed",
        /// A load balancer.
        LoadBalancer => "load_balancer",
        /// A NAT gateway. The API reference writes `natGateway`, the API `nat_gateway`.
        NatGateway => "nat_gateway" or "natGateway",
        /// A Network Load Balancer.
        NetworkLoadBalancer => "network_load_balancer",
        /// A transit gateway attachment.
        TransitGateway => "transit_gateway",
        /// A VPC endpoint.
        VpcEndpoint => "vpc_endpoint",
    }
}
