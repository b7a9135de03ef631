//! Sets of IPv4 addresses, exact.
//!
//! A destination is a set of addresses, never a sample: a NACL that admits half of S3's ranges splits the set.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;
use std::sync::LazyLock;

use ipnet::Ipv4Net;
use range_set_blaze::RangeSetBlaze;

/// A set of IPv4 addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses(RangeSetBlaze<Ipv4Addr>);

/// Every address that is routed on the internet: the IANA special-purpose ranges are left out
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>).
pub static PUBLIC_V4: LazyLock<Addresses> = LazyLock::new(|| {
    let special = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    ];
    let special: Addresses = special.iter().filter_map(|text| Ipv4Net::from_str(text).ok()).collect();
    special.complement()
});

/// Reads a CIDR as AWS writes it: host bits are cleared, IPv6 gives `None`.
#[must_use]
pub fn parse_cidr(text: &str) -> Option<Ipv4Net> {
    Ipv4Net::from_str(text).ok().map(|net| net.trunc())
}

impl Addresses {
    /// No address.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Every address, `0.0.0.0/0`.
    #[must_use]
    pub fn all() -> Self {
        Self::none().complement()
    }

    /// One address.
    #[must_use]
    pub fn one(address: Ipv4Addr) -> Self {
        Self(RangeSetBlaze::from_iter([address]))
    }

    /// Whether it holds no address.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the address is in it.
    #[must_use]
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        self.0.contains(address)
    }

    /// Whether all of `other` is in it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.minus(self).is_empty()
    }

    /// Addresses in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(&self.0 & &other.0)
    }

    /// Addresses in either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self(&self.0 | &other.0)
    }

    /// Addresses in this one only.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self(&self.0 - &other.0)
    }

    /// Every address that is not in it.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self(!&self.0)
    }

    /// The smallest list of CIDRs that is exactly this set, ascending.
    #[must_use]
    pub fn cidrs(&self) -> Vec<Ipv4Net> {
        self.0.ranges().flat_map(|range| ipnet::Ipv4Subnets::new(*range.start(), *range.end(), 0)).collect()
    }
}

impl From<Ipv4Net> for Addresses {
    fn from(net: Ipv4Net) -> Self {
        Self(RangeSetBlaze::from_iter([net.network()..=net.broadcast()]))
    }
}

impl FromIterator<Ipv4Net> for Addresses {
    fn from_iter<I: IntoIterator<Item = Ipv4Net>>(nets: I) -> Self {
        Self(nets.into_iter().map(|net| net.network()..=net.broadcast()).collect())
    }
}

impl fmt::Display for Addresses {
    /// At most three CIDRs, then how many more: `3.5.76.0/22, 18.34.48.0/20 and 5 more`. A set larger than a quarter of
    /// the address space can only be the internet.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 3;
        if self.is_empty() {
            return f.write_str("no address");
        }
        if self.0.len() > u64::from(u32::MAX / 4) {
            return f.write_str("public addresses");
        }
        let cidrs = self.cidrs();
        for (index, net) in cidrs.iter().take(SHOWN).enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            if net.prefix_len() == 32 {
                write!(f, "{comma}{}", net.addr())?;
            } else {
                write!(f, "{comma}{net}")?;
            }
        }
        match cidrs.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
