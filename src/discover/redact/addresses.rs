//! Replaces IP addresses and ranges so that prefixes are preserved: two addresses have as many first bits in common as before.
//!
//! Containment and the longest match therefore keep their meaning. A bit is flipped or not by a keyed hash of the bits before
//! it, with a new random key for each file. Ranges of AWS and special ranges (loopback, link-local, multicast) keep their
//! addresses, and the border between private and public addresses stays.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::model::{AddressFamily, Addresses, PUBLIC_V4, PUBLIC_V6};

/// Ranges whose addresses say nothing about an account.
const WELL_KNOWN: &[&str] = &[
    "0.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "224.0.0.0/3",
    "::/16",
    "64:ff9b::/96",
    "fe80::/10",
    "ff00::/8",
];
/// The private IPv6 addresses. The other private ranges follow from the public addresses.
const PRIVATE_V6: &str = "fc00::/7";

/// The first bits of an address: bits of the family, their number, and the bits.
type Prefix = (u8, u8, u128);

/// The replacements of addresses.
pub(super) struct AddressMap {
    key: RandomState,
    /// Prefixes whose next bit stays.
    fixed: HashSet<Prefix>,
    kept: Addresses,
    /// The addresses that may not stay, and the addresses in their place.
    originals: HashSet<IpAddr>,
    replacements: HashSet<IpAddr>,
}

impl AddressMap {
    /// A map with a new key. The addresses `of_aws` stay.
    pub fn new(of_aws: &[IpNet]) -> Self {
        let well_known = WELL_KNOWN.iter().filter_map(|text| text.parse::<IpNet>().ok());
        let kept: Vec<IpNet> = well_known.chain(of_aws.iter().copied()).collect();
        let special = [
            Addresses::of(AddressFamily::Ipv4).minus(&PUBLIC_V4),
            Addresses::of(AddressFamily::Ipv6).minus(&PUBLIC_V6),
        ];
        let borders = special.iter().flat_map(Addresses::cidrs).chain(PRIVATE_V6.parse());
        let mut fixed = HashSet::new();
        for net in borders.chain(kept.iter().copied()) {
            let (bits, width) = bits_of(net.network());
            fixed.extend((0..net.prefix_len()).map(|length| prefix(bits, width, length)));
        }
        Self {
            key: RandomState::new(),
            fixed,
            kept: kept.into_iter().collect(),
            originals: HashSet::new(),
            replacements: HashSet::new(),
        }
    }

    /// Whether no address of the original remains, not even as the replacement of another one.
    pub fn is_disjoint(&self) -> bool {
        self.originals.is_disjoint(&self.replacements)
    }

    pub fn net(&mut self, net: IpNet) -> IpNet {
        match net {
            IpNet::V4(net) => IpNet::V4(self.net4(net)),
            IpNet::V6(net) => IpNet::V6(self.net6(net)),
        }
    }

    pub fn net4(&mut self, net: Ipv4Net) -> Ipv4Net {
        match self.first(IpNet::V4(net)) {
            IpAddr::V4(first) => Ipv4Net::new(first, net.prefix_len()).map_or(net, |net| net.trunc()),
            IpAddr::V6(_) => net,
        }
    }

    pub fn net6(&mut self, net: Ipv6Net) -> Ipv6Net {
        match self.first(IpNet::V6(net)) {
            IpAddr::V6(first) => Ipv6Net::new(first, net.prefix_len()).map_or(net, |net| net.trunc()),
            IpAddr::V4(_) => net,
        }
    }

    pub fn address(&mut self, address: IpAddr) -> IpAddr {
        self.first(IpNet::from(address))
    }

    pub fn address4(&mut self, address: Ipv4Addr) -> Ipv4Addr {
        self.net4(Ipv4Net::from(address)).addr()
    }

    pub fn address6(&mut self, address: Ipv6Addr) -> Ipv6Addr {
        self.net6(Ipv6Net::from(address)).addr()
    }

    /// The first address of the replacement of a range.
    fn first(&mut self, net: IpNet) -> IpAddr {
        let first = net.network();
        if self.kept.covers(&[net].into_iter().collect()) {
            return first;
        }
        let (bits, width) = bits_of(first);
        let flips = (0..net.prefix_len()).filter(|length| {
            let prefix = prefix(bits, width, *length);
            !self.fixed.contains(&prefix) && self.key.hash_one(prefix) & 1 == 1
        });
        let mask: u128 = flips.map(|length| 1 << (width - 1 - length)).sum();
        let new = match first {
            IpAddr::V4(_) => {
                u32::try_from(bits ^ mask).map_or(first, |bits| Ipv4Addr::from_bits(bits).into())
            }
            IpAddr::V6(_) => Ipv6Addr::from_bits(bits ^ mask).into(),
        };
        // A wide range contains addresses of AWS or is as general as 10.0.0.0/8: all its bits stay.
        if !(0..net.prefix_len()).all(|length| self.fixed.contains(&prefix(bits, width, length))) {
            self.originals.insert(first);
            self.replacements.insert(new);
        }
        new
    }
}

fn bits_of(address: IpAddr) -> (u128, u8) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

/// The first `length` bits.
fn prefix(bits: u128, width: u8, length: u8) -> Prefix {
    (width, length, bits.checked_shr(u32::from(width - length)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use proptest::prelude::*;

    use super::*;
    use crate::model::PUBLIC;

    fn common_bits(a: Ipv4Addr, b: Ipv4Addr) -> u32 {
        (a.to_bits() ^ b.to_bits()).leading_zeros()
    }

    proptest! {
        #[test]
        fn prefixes_and_the_kind_of_an_address_are_preserved(
            a in any::<u32>(), b in any::<u32>(), length in 0_u8..=32, shared in 0_u8..32
        ) {
            let aws: IpNet = "52.218.128.0/17".parse().unwrap();
            let mut map = AddressMap::new(&[aws]);
            let a = Ipv4Addr::from_bits(a);
            // Addresses with some first bits in common.
            let b = Ipv4Addr::from_bits(a.to_bits() & !(u32::MAX >> shared) | b & (u32::MAX >> shared));
            let (new_a, new_b) = (map.address4(a), map.address4(b));
            prop_assert_eq!(common_bits(a, b), common_bits(new_a, new_b));
            prop_assert_eq!(PUBLIC.contains(a.into()), PUBLIC.contains(new_a.into()));
            prop_assert_eq!(a.is_private(), new_a.is_private());
            let net = Ipv4Net::new(a, length).unwrap().trunc();
            prop_assert_eq!(net.contains(&b), map.net4(net).contains(&new_b));
            prop_assert_eq!(aws.contains(&IpAddr::V4(a)), aws.contains(&IpAddr::V4(new_a)));
        }
    }

    #[test]
    fn general_ranges_and_those_of_aws_stay() {
        let mut map = AddressMap::new(&["52.218.128.0/17".parse().unwrap()]);
        let general = ["0.0.0.0/0", "::/0", "10.0.0.0/8", "192.168.0.0/16", "fc00::/7", "169.254.169.253/32"];
        for text in general.into_iter().chain(["52.218.128.0/17", "52.218.130.7/32", "52.0.0.0/8"]) {
            assert_eq!(map.net(text.parse().unwrap()).to_string(), text);
        }
        assert!(map.is_disjoint());
    }
}
