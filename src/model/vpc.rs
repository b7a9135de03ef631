//! VPCs, subnets and network interfaces.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

use super::{Addresses, AvailabilityZone, NetworkInterfaceId, SecurityGroupId, SubnetId, VpcId, is_default};

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
    /// Names of the private hosted zones associated with it; `None` when nobody asked.
    #[serde(default, skip_serializing_if = "is_default")]
    pub private_zones: Option<Vec<String>>,
    /// Whether it insists on encryption in transit.
    #[serde(default, skip_serializing_if = "is_default")]
    pub encryption: EncryptionControl,
    /// How it resolves names.
    pub dns: DnsSettings,
}

/// A VPC's name resolution.
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

/// Which resolver the DHCP options hand out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DhcpResolver {
    /// `AmazonProvidedDNS`.
    Amazon,
    /// The VPC's own resolvers, by address.
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
    /// The VPC it is in.
    pub vpc: VpcId,
    /// Its zone.
    pub zone: AvailabilityZone,
    /// Its IPv4 range; `None` for an IPv6-only subnet.
    pub cidr: Option<Ipv4Net>,
    /// Its IPv6 ranges.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ipv6_cidrs: Vec<Ipv6Net>,
    /// VPC Block Public Access as it holds here, exclusions taken into account. An answer without it (a region or a tool
    /// older than November 2024) counts as off.
    #[serde(default, skip_serializing_if = "is_default")]
    pub block_public_access: BlockPublicAccess,
    /// Free IPv4 addresses, when read.
    pub free_addresses: Option<u32>,
    /// `MapPublicIpOnLaunch`. It says nothing about routes.
    pub map_public_ip: bool,
    /// The account that owns it; another one than the snapshot's means that it is shared.
    pub owner: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// VPC Block Public Access (<https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockPublicAccess {
    /// Internet gateways work.
    #[default]
    Off,
    /// Nothing passes an internet gateway or an egress-only one, NAT gateways' traffic included.
    BlockBidirectional,
    /// Only NAT gateways' and egress-only internet gateways' traffic passes.
    BlockIngress,
    /// Anything AWS adds later.
    #[serde(untagged)]
    Other(String),
}

/// VPC encryption controls (<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EncryptionControl {
    /// None.
    #[default]
    Off,
    /// Plain text is logged.
    Monitor,
    /// Plain text is dropped.
    Enforce,
    /// Anything AWS adds later.
    #[serde(untagged)]
    Other(String),
}

impl Vpc {
    /// All its addresses, of both families.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        let (four, six): (Addresses, Addresses) =
            (self.cidrs.iter().copied().collect(), self.ipv6_cidrs.iter().copied().collect());
        four.or(&six)
    }
}

impl Subnet {
    /// All its addresses, of both families.
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
    /// The VPC it is in.
    pub vpc: VpcId,
    /// The subnet it is in.
    pub subnet: SubnetId,
    /// All its private IPv4 addresses, and its IPv6 addresses.
    pub addresses: Vec<IpAddr>,
    /// Guards it.
    pub security_groups: Vec<SecurityGroupId>,
    /// AWS's `InterfaceType`, as it came.
    pub kind: String,
    /// AWS's description: says whose it is.
    pub description: String,
    /// Whether it has a public address.
    pub public_address: bool,
    /// Whether it hangs on nothing (`available`): then nobody answers there.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unattached: bool,
    /// Whether it refuses packets that are not its own; `None` when not told.
    #[serde(default, skip_serializing_if = "is_default")]
    pub source_dest_check: Option<bool>,
}
