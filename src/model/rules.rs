//! Security groups and network ACLs.

use std::collections::BTreeMap;
use std::fmt;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

use super::{NetworkAclId, PrefixListId, SecurityGroupId, SubnetId, VpcId};

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroup {
    /// Its id.
    pub id: SecurityGroupId,
    /// Its name.
    pub name: String,
    /// The VPC it is in.
    pub vpc: VpcId,
    /// Inbound rules. Each one allows traffic.
    pub ingress: Vec<SecurityGroupRule>,
    /// Outbound rules. Each one allows traffic; without any rule all outbound traffic is denied.
    pub egress: Vec<SecurityGroupRule>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// One rule of a security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroupRule {
    /// The protocol.
    pub protocol: Protocol,
    /// The ports; ignored for a protocol without ports.
    pub ports: PortRange,
    /// The source of an inbound rule, the destination of an outbound rule.
    pub peer: Peer,
}

/// The source or destination of a security group rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Peer {
    /// An IPv4 range.
    Ipv4(Ipv4Net),
    /// An IPv6 range.
    Ipv6(Ipv6Net),
    /// The ranges of a prefix list.
    PrefixList(PrefixListId),
    /// The private addresses of the network interfaces in that security group; never a public address.
    Group(SecurityGroupId),
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4(net) => net.fmt(f),
            Self::Ipv6(net) => net.fmt(f),
            Self::PrefixList(id) => id.fmt(f),
            Self::Group(id) => id.fmt(f),
        }
    }
}

/// An IP protocol in a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// `-1`: every protocol and every port.
    All,
    /// Number 6.
    Tcp,
    /// Number 17.
    Udp,
    /// Another protocol, by its number.
    Number(u8),
}

impl Protocol {
    /// Whether a rule for this protocol matches TCP.
    #[must_use]
    pub fn includes_tcp(self) -> bool {
        matches!(self, Self::All | Self::Tcp | Self::Number(6))
    }
}

/// Ports from `from` to `to`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortRange {
    /// The lowest port.
    pub from: u16,
    /// The highest port.
    pub to: u16,
}

impl PortRange {
    /// Every port.
    pub const ALL: Self = Self { from: 0, to: u16::MAX };

    /// One port.
    #[must_use]
    pub fn one(port: u16) -> Self {
        Self { from: port, to: port }
    }

    /// Whether the range contains the port.
    #[must_use]
    pub fn contains(self, port: u16) -> bool {
        self.from <= port && port <= self.to
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ALL => f.write_str("all"),
            Self { from, to } if from == to => write!(f, "{from}"),
            Self { from, to } => write!(f, "{from}-{to}"),
        }
    }
}

/// A network ACL. It is stateless: rules are evaluated in ascending order, the first matching rule applies,
/// and packets that no rule matches are denied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkAcl {
    /// Its id.
    pub id: NetworkAclId,
    /// The VPC it is in.
    pub vpc: VpcId,
    /// Whether it is the VPC's default network ACL.
    pub default: bool,
    /// The subnets that use it.
    pub subnets: Vec<SubnetId>,
    /// Rules for packets that enter a subnet.
    pub inbound: Vec<AclRule>,
    /// Rules for packets that leave a subnet.
    pub outbound: Vec<AclRule>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// One rule of a network ACL. It matches only packets of the address family of its range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AclRule {
    /// Its rule number; 32767 is the final rule `*`.
    pub number: u16,
    /// The protocol.
    pub protocol: Protocol,
    /// The packets' destination ports; ignored for protocol `-1`, which has all.
    pub ports: PortRange,
    /// The remote range: source for inbound, destination for outbound.
    pub remote: IpNet,
    /// Whether it allows or denies.
    pub action: AclAction,
}

/// The action of a network ACL rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AclAction {
    /// The packet passes.
    Allow,
    /// The packet is dropped.
    Deny,
}
