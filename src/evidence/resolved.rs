//! The answers of this machine's resolver.
//!
//! Owns which hosts are resolved, and which answers say something about a destination. Sends no query: `discover` does.

use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;

use super::need::{Caller, Need};
use crate::model::{DestinationKind, PUBLIC};

/// The answer of this machine's resolver for a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedHost {
    /// The host.
    pub host: String,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// The time of the answer.
    pub at: Timestamp,
}

/// Maximum number of hosts that are resolved for one service.
const HOSTS: usize = 50;

/// The hosts whose address decides a verdict: hosts in a VPC, and hosts of third parties, whose name can be an alias of one. The
/// addresses of AWS's own APIs are in the snapshot.
#[must_use]
pub fn hosts_to_resolve(needs: &[Need]) -> Vec<String> {
    let mut hosts: Vec<String> = Vec::new();
    let is_wanted = |need: &&Need| {
        let is_open =
            matches!(need.destination.kind, DestinationKind::AwsVpc(_) | DestinationKind::ThirdParty { .. });
        is_open && need.caller == Caller::Application && need.addresses.is_empty() && need.resolved.is_none()
    };
    for need in needs.iter().filter(is_wanted) {
        if !hosts.contains(&need.destination.host) && hosts.len() < HOSTS {
            hosts.push(need.destination.host.clone());
        }
    }
    hosts
}

impl ResolvedHost {
    /// Whether the answer says something about the destination: its host is in a VPC, or has a private address.
    pub(super) fn is_evidence_for(&self, need: &Need) -> bool {
        let is_in_vpc = matches!(need.destination.kind, DestinationKind::AwsVpc(_));
        let is_third_party = matches!(need.destination.kind, DestinationKind::ThirdParty { .. });
        let mut usable = self.addresses.iter().filter(|address| is_usable(**address));
        need.destination.host == self.host
            && need.caller == Caller::Application
            && if is_in_vpc {
                usable.next().is_some()
            } else {
                is_third_party && usable.any(|one| !PUBLIC.contains(*one))
            }
    }
}

/// Whether a host in a VPC can have the address. Filters of names answer with others.
fn is_usable(address: IpAddr) -> bool {
    let is_link_local = match address {
        IpAddr::V4(address) => address.is_link_local() || address.is_broadcast(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    !(address.is_loopback() || address.is_unspecified() || address.is_multicast() || is_link_local)
}

impl fmt::Display for ResolvedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses: Vec<String> = self.addresses.iter().map(ToString::to_string).collect();
        write!(f, "resolved on this machine at {:.0}: {}", self.at, addresses.join(", "))
    }
}
