//! The answer of this machine's resolver for a name.
//!
//! Owns what it proves. A private address of a network interface that was read identifies the destination. The VPC's resolver can
//! give another answer: a private hosted zone, a Resolver rule
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html>). Therefore the answer for a name that is not a name of AWS never
//! makes a destination reachable, and an answer that contradicts the snapshot makes it unknown.
//!
//! The name of a database, a cache or an internal load balancer has its private addresses everywhere
//! (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html#USER_VPC.Hiding>,
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html#load-balancer-scheme>).

use std::net::IpAddr;

use crate::model::{NetworkInterface, PUBLIC, Snapshot, Vpc};

/// The addresses that a name had, outside of the snapshot.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeenAddresses<'a> {
    /// In a log of the service: answers of the VPC's resolver.
    pub in_log: &'a [IpAddr],
    /// On this machine.
    pub here: &'a [IpAddr],
}

/// The answer of this machine's resolver.
pub(super) struct HereAnswer<'a> {
    pub addresses: Vec<IpAddr>,
    /// The network interfaces that have these addresses.
    pub interfaces: Vec<&'a NetworkInterface>,
    /// Whether each address belongs to one of them.
    pub is_known: bool,
}

impl<'a> HereAnswer<'a> {
    /// The answer that a source in the VPC can use; `None` if there is none. In a private range that several VPCs have, an address
    /// is that of the source's VPC.
    pub fn new(snapshot: &'a Snapshot, vpc: &Vpc, here: &[IpAddr], dual_stack: bool) -> Option<Self> {
        let addresses: Vec<IpAddr> =
            here.iter().copied().filter(|address| dual_stack || address.is_ipv4()).collect();
        let own = vpc.addresses();
        let has = |interface: &NetworkInterface, address: IpAddr| {
            interface.addresses.contains(&address) && (interface.vpc == vpc.id || !own.contains(address))
                || interface.public_addresses.iter().any(|public| IpAddr::V4(*public) == address)
        };
        let all = || snapshot.network.network_interfaces.iter();
        let interfaces =
            all().filter(|interface| addresses.iter().any(|address| has(interface, *address))).collect();
        let is_known = addresses.iter().all(|address| all().any(|interface| has(interface, *address)));
        (!addresses.is_empty()).then_some(Self { addresses, interfaces, is_known })
    }

    /// The private addresses.
    pub fn private(&self) -> Vec<IpAddr> {
        self.addresses.iter().copied().filter(|address| !PUBLIC.contains(*address)).collect()
    }

    /// `this machine resolves the name to 10.40.16.7 (eni-1)`
    pub fn fact(&self) -> String {
        let addresses: Vec<String> = self.addresses.iter().map(ToString::to_string).collect();
        let ids: Vec<&str> = self.interfaces.iter().map(|interface| interface.id.as_str()).collect();
        let of = match (ids.as_slice(), self.is_known) {
            ([], _) => ", of no network interface that was read".to_owned(),
            (_, false) => format!(", only partly of {}", ids.join(" or ")),
            _ => format!(" ({})", ids.join(" or ")),
        };
        format!("this machine resolves the name to {}{of}", addresses.join(", "))
    }
}

/// Whether AWS gives the name, so that its public record is the one that the VPC's resolver uses.
pub(super) fn is_name_of_aws(host: &str) -> bool {
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().any(|end| host.ends_with(end))
}
