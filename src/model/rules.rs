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
    /// Inbound rules: a union of allowances.
    pub ingress: Vec<SecurityGroupRule>,
    /// Outbound rules: a union of allowances. None at all means that nothing may leave.
    pub egress: Vec<SecurityGroupRule>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// One allowance of a security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroupRule {
    /// Which protocol.
    pub protocol: Protocol,
    /// Which ports; ignored where the protocol has none.
    pub ports: PortRange,
    /// The other side.
    pub peer: Peer,
}

/// The other side of a security group's rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Peer {
    /// An IPv4 range.
    Ipv4(Ipv4Net),
    /// An IPv6 range.
    Ipv6(Ipv6Net),
    /// The ranges of a prefix list.
    PrefixList(PrefixListId),
    /// The private addresses of the interfaces in that group; never a public address.
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

/// An IP protocol as rules name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// `-1`: every protocol and every port.
    All,
    /// Number 6.
    Tcp,
    /// Number 17.
    Udp,
    /// Any other, by its number.
    Number(u8),
}

impl Protocol {
    /// Whether a rule for this protocol speaks of TCP.
    #[must_use]
    pub fn includes_tcp(self) -> bool {
        matches!(self, Self::All | Self::Tcp | Self::Number(6))
    }
}

/// Ports from `from` to `to`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortRange {
    /// The lowest.
    pub from: u16,
    /// The highest.
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

    /// Whether the port is in it.
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

/// A network ACL: stateless, rules in ascending order, the first match decides, the end denies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkAcl {
    /// Its id.
    pub id: NetworkAclId,
    /// The VPC it is in.
    pub vpc: VpcId,
    /// Whether subnets start with it.
    pub default: bool,
    /// The subnets it guards.
    pub subnets: Vec<SubnetId>,
    /// Rules for packets that enter a subnet.
    pub inbound: Vec<AclRule>,
    /// Rules for packets that leave a subnet.
    pub outbound: Vec<AclRule>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// One rule of a network ACL. It matches packets of its range's address family only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AclRule {
    /// Its place; 32767 is the final `*`.
    pub number: u16,
    /// Which protocol.
    pub protocol: Protocol,
    /// Which destination ports; with protocol `-1` all.
    pub ports: PortRange,
    /// The remote range: source for inbound, destination for outbound.
    pub remote: IpNet,
    /// What it does.
    pub action: AclAction,
}

/// What an ACL's rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AclAction {
    /// The packet goes on.
    Allow,
    /// The packet is dropped.
    Deny,
}
