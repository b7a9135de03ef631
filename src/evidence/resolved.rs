//! The answers of this machine's resolver.
//!
//! Owns which answers say something about a destination. Sends no query: `discover` does.

use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::model::{Destination, DestinationKind, PUBLIC};

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

impl ResolvedHost {
    /// Whether the answer says something about the destination: its host is in a VPC, or has a private address.
    pub(super) fn is_evidence_for(&self, destination: &Destination) -> bool {
        let mut usable = self.addresses.iter().filter(|address| is_usable(**address));
        destination.host == self.host
            && match destination.kind {
                DestinationKind::AwsVpc(_) => usable.next().is_some(),
                DestinationKind::ThirdParty { .. } => usable.any(|one| !PUBLIC.contains(*one)),
                DestinationKind::AwsApi(_) | DestinationKind::AwsPublic(_) | DestinationKind::Address(_) => {
                    false
                }
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
