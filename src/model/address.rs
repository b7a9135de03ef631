//! Exact sets of IP addresses, IPv4 and IPv6 together.
//!
//! A destination is its complete set of addresses, not a sample: a network ACL that allows half of S3's
//! ranges splits the set.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use ipnet::{IpNet, Ipv4Net, Ipv4Subnets, Ipv6Net, Ipv6Subnets};
use range_set_blaze::RangeSetBlaze;

/// The 128-bit numbers that represent IPv4 addresses: `::ffff:0:0/96`, which no IPv6 packet uses
/// (<https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.2>).
const IPV4: RangeInclusive<u128> = 0xffff_0000_0000..=0xffff_ffff_ffff;

/// A set of IP addresses. Copies share their memory.
#[derive(Clone, Default, Eq)]
pub struct Addresses(Arc<RangeSetBlaze<u128>>);

/// An IP version. Rules of one version never match packets of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AddressFamily {
    /// 32 bits.
    Ipv4,
    /// 128 bits.
    Ipv6,
}

/// Every IPv4 address that is routed on the internet: all but the IANA special-purpose ranges
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>).
pub static PUBLIC_V4: LazyLock<Addresses> = LazyLock::new(|| {
    Addresses::of(AddressFamily::Ipv4).minus(&from_cidrs(&[
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
    ]))
});

/// Every IPv6 address that is routed on the internet: global unicast without the special ranges
/// (<https://www.iana.org/assignments/iana-ipv6-special-registry>).
pub static PUBLIC_V6: LazyLock<Addresses> = LazyLock::new(|| {
    from_cidrs(&["2000::/3"]).minus(&from_cidrs(&["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]))
});

/// The addresses for examples in documentation. No host has one
/// (<https://www.rfc-editor.org/rfc/rfc5737>, <https://www.rfc-editor.org/rfc/rfc3849>, <https://www.rfc-editor.org/rfc/rfc9637>).
pub static DOCUMENTATION: LazyLock<Addresses> = LazyLock::new(|| {
    from_cidrs(&["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"])
});

/// Every public address: [`PUBLIC_V4`] and [`PUBLIC_V6`].
pub static PUBLIC: LazyLock<Addresses> = LazyLock::new(|| PUBLIC_V4.or(&PUBLIC_V6));

fn from_cidrs(cidrs: &[&str]) -> Addresses {
    cidrs.iter().filter_map(|text| IpNet::from_str(text).ok()).collect()
}

/// Parses a CIDR and clears its host bits.
#[must_use]
pub fn parse_cidr(text: &str) -> Option<IpNet> {
    IpNet::from_str(text).ok().map(|net| net.trunc())
}

/// The address as a number.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// A CIDR as a range of numbers.
fn numbers(net: IpNet) -> RangeInclusive<u128> {
    number(net.network())..=number(net.broadcast())
}

impl Addresses {
    /// The empty set.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Every address of a family, `0.0.0.0/0` or `::/0`.
    #[must_use]
    pub fn of(family: AddressFamily) -> Self {
        let ipv4 = RangeSetBlaze::from_iter([IPV4]);
        Self(Arc::new(match family {
            AddressFamily::Ipv4 => ipv4,
            AddressFamily::Ipv6 => !ipv4,
        }))
    }

    /// One address.
    #[must_use]
    pub fn one(address: IpAddr) -> Self {
        Self::from_numbers([number(address)..=number(address)])
    }

    /// A set from ranges of numbers as [`Self::ranges`] returns them.
    pub(crate) fn from_numbers(ranges: impl IntoIterator<Item = RangeInclusive<u128>>) -> Self {
        Self(Arc::new(ranges.into_iter().collect()))
    }

    /// The ranges of numbers, in ascending order, not adjacent.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = RangeInclusive<u128>> {
        self.0.ranges()
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The only address of the set; `None` if it has none or several.
    #[must_use]
    pub fn single(&self) -> Option<IpAddr> {
        let mut ranges = self.ranges();
        let (first, second) = (ranges.next()?, ranges.next());
        let is_one = second.is_none() && first.start() == first.end();
        is_one.then(|| self.cidrs().first().map(IpNet::addr)).flatten()
    }

    /// Whether the set contains the address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(number(address))
    }

    /// Whether the set contains all of `other`.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.minus(self).is_empty()
    }

    /// The addresses of one family.
    #[must_use]
    pub fn only(&self, family: AddressFamily) -> Self {
        let holds = |range: &RangeInclusive<u128>| IPV4.contains(range.start()) && IPV4.contains(range.end());
        if family == AddressFamily::Ipv4 && self.0.ranges().all(|range| holds(&range)) {
            return self.clone();
        }
        self.and(&Self::of(family))
    }

    /// The addresses that are in any of the sets.
    #[must_use]
    pub fn union(sets: &[Self]) -> Self {
        match sets {
            [] => Self::none(),
            [one] => one.clone(),
            [one, rest @ ..] if rest.iter().all(|other| one.is_same(other)) => one.clone(),
            sets => Self::from_numbers(sets.iter().flat_map(Self::ranges)),
        }
    }

    /// The addresses that are in both sets.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        if self.is_empty() || self.is_same(other) {
            return self.clone();
        }
        Self(Arc::new(&*self.0 & &*other.0))
    }

    /// The addresses that are in either set.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        if other.is_empty() || self.is_same(other) {
            return self.clone();
        }
        if self.is_empty() {
            return other.clone();
        }
        Self(Arc::new(&*self.0 | &*other.0))
    }

    /// The addresses that are in this set and not in `other`.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        if self.is_empty() || other.is_empty() {
            return self.clone();
        }
        if self.is_same(other) {
            return Self::none();
        }
        Self(Arc::new(&*self.0 - &*other.0))
    }

    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The shortest list of CIDRs that is exactly this set, in ascending order, IPv4 first.
    #[must_use]
    pub fn cidrs(&self) -> Vec<IpNet> {
        let ipv4 = self.only(AddressFamily::Ipv4);
        let four = ipv4.ranges().flat_map(|range| {
            // The last 32 bits of the mapped form are the IPv4 address.
            let [start, end] = [range.start(), range.end()].map(|number| {
                let [.., a, b, c, d] = number.to_be_bytes();
                [a, b, c, d].into()
            });
            Ipv4Subnets::new(start, end, 0).map(IpNet::V4)
        });
        let ipv6 = self.only(AddressFamily::Ipv6);
        let six = ipv6.ranges().flat_map(|range| {
            let [start, end] = [*range.start(), *range.end()].map(Ipv6Addr::from_bits);
            Ipv6Subnets::new(start, end, 0).map(IpNet::V6)
        });
        four.chain(six).collect()
    }

    /// The number of addresses, minus one for each range (so that the full range does not overflow).
    pub(crate) fn size(&self) -> u128 {
        self.ranges().map(|range| range.end() - range.start()).fold(0, u128::saturating_add)
    }

    /// A term for the set when it contains nearly all public addresses of a family, and the addresses that
    /// the term does not cover. The term ignores the few missing public addresses (this VPC's own, those of
    /// known prefix lists).
    fn in_words(&self, family: AddressFamily) -> Option<(&'static str, Self)> {
        let (public, all, internet) = match family {
            AddressFamily::Ipv4 => (&*PUBLIC_V4, "all addresses", PUBLIC_WORDS),
            AddressFamily::Ipv6 => (&*PUBLIC_V6, "all IPv6 addresses", PUBLIC_IPV6_WORDS),
        };
        if *self == Self::of(family) {
            return Some((all, Self::none()));
        }
        let nearly = self.and(public).size() >= public.size() / 10 * 9;
        nearly.then(|| (internet, self.minus(public)))
    }
}

/// The terms for the public addresses of a family.
const PUBLIC_WORDS: &str = "public addresses";
const PUBLIC_IPV6_WORDS: &str = "public IPv6 addresses";

impl PartialEq for Addresses {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || self.0 == other.0
    }
}

impl Hash for Addresses {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl From<IpNet> for Addresses {
    fn from(net: IpNet) -> Self {
        [net].into_iter().collect()
    }
}

impl From<Ipv4Net> for Addresses {
    fn from(net: Ipv4Net) -> Self {
        IpNet::V4(net).into()
    }
}

impl From<Ipv6Net> for Addresses {
    fn from(net: Ipv6Net) -> Self {
        IpNet::V6(net).into()
    }
}

impl<N: Into<IpNet>> FromIterator<N> for Addresses {
    fn from_iter<I: IntoIterator<Item = N>>(nets: I) -> Self {
        let (mut four, mut six) = (Vec::new(), Vec::new());
        for net in nets {
            let net: IpNet = net.into();
            let list = if matches!(net, IpNet::V4(_)) { &mut four } else { &mut six };
            list.push(numbers(net));
        }
        let four: RangeSetBlaze<u128> = four.into_iter().collect();
        if six.is_empty() {
            return Self(Arc::new(four));
        }
        // A wide IPv6 range must not include the numbers of IPv4.
        let six: RangeSetBlaze<u128> = six.into_iter().collect();
        Self(Arc::new(four | (six - RangeSetBlaze::from_iter([IPV4]))))
    }
}

impl Addresses {
    /// Whether its text has the number of the ranges instead of the ranges.
    #[must_use]
    pub fn is_long(&self) -> bool {
        [AddressFamily::Ipv4, AddressFamily::Ipv6].into_iter().any(|family| {
            let own = self.only(family);
            own.in_words(family).map_or(own, |(_, rest)| rest).cidrs().len() > SHOWN
        })
    }
}

/// Maximum number of CIDRs of a family in a text.
const SHOWN: usize = 3;

impl Extend<IpNet> for Addresses {
    fn extend<I: IntoIterator<Item = IpNet>>(&mut self, nets: I) {
        *self = self.or(&nets.into_iter().collect());
    }
}

impl fmt::Display for Addresses {
    /// At most three CIDRs of each family, else their number: `7 address ranges (for example 3.5.76.0/22)`. A
    /// term such as `public addresses` replaces nearly all addresses of a family.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("no address");
        }
        let (four, six) = (self.only(AddressFamily::Ipv4), self.only(AddressFamily::Ipv6));
        let (mut four, mut six) = (four, six);
        let mut comma = "";
        let words = (four.in_words(AddressFamily::Ipv4), six.in_words(AddressFamily::Ipv6));
        if let (Some((PUBLIC_WORDS, rest_of_four)), Some((PUBLIC_IPV6_WORDS, rest_of_six))) = words {
            f.write_str("public IPv4 and IPv6 addresses")?;
            (four, six, comma) = (rest_of_four, rest_of_six, ", ");
        }
        for (set, family) in [(four, AddressFamily::Ipv4), (six, AddressFamily::Ipv6)] {
            let mut set = set;
            if let Some((name, rest)) = set.in_words(family) {
                write!(f, "{comma}{name}")?;
                comma = ", ";
                set = rest;
            }
            let cidrs = set.cidrs();
            if let (Some(first), true) = (cidrs.first(), cidrs.len() > SHOWN) {
                write!(f, "{comma}{} address ranges (for example {first})", cidrs.len())?;
                comma = ", ";
                continue;
            }
            for net in &cidrs {
                if net.prefix_len() == net.max_prefix_len() {
                    write!(f, "{comma}{}", net.addr())?;
                } else {
                    write!(f, "{comma}{net}")?;
                }
                comma = ", ";
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.cidrs()).finish()
    }
}
