//! Route tables: AWS uses the most specific route, whatever its target.
//!
//! Between routes with the same prefix, static comes before prefix list, and prefix list before propagated.
//! Between two prefix lists AWS chooses at random
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html>). AWS selects a blackhole
//! route like any other route. A subnet without an explicit association uses the VPC's main route table.
//! IPv4 and IPv6 are independent.

use std::collections::{BTreeMap, HashSet};

use ipnet::IpNet;

use super::deciding::Deciding;
use super::intervals::Intervals;
use super::judgement::missing;
use crate::model::{
    AddressFamily, Addresses, Call, NatState, PUBLIC, PeeringState, PrefixList, Route, RouteDestination,
    RouteOrigin, RouteState, RouteTable, RouteTarget, Snapshot, Subnet,
};

/// The route table of a subnet, and whether the subnet uses it because it is the VPC's main one. `None` when
/// it was not read.
#[must_use]
pub fn route_table_of<'a>(snapshot: &'a Snapshot, subnet: &Subnet) -> Option<(&'a RouteTable, bool)> {
    let tables = || snapshot.network.route_tables.iter().filter(|table| table.vpc == subnet.vpc);
    if let Some(table) = tables().find(|table| table.subnets.contains(&subnet.id)) {
        return Some((table, false));
    }
    // An explicit association can be in a missing part of the answer.
    if missing(snapshot, Call::DescribeRouteTables).is_some() {
        return None;
    }
    tables().find(|table| table.main).map(|table| (table, true))
}

/// Why a route to a target is a blackhole, as far as the snapshot shows it. `determiner` is the word before `target`.
#[must_use]
pub fn state_of_target(snapshot: &Snapshot, target: &RouteTarget, determiner: &str) -> String {
    let network = &snapshot.network;
    let nat = match target {
        RouteTarget::NatGateway(id) => network.nat_gateways.get(id),
        _ => None,
    };
    let peering = match target {
        RouteTarget::Peering(id) => network.peering_connections.get(id),
        _ => None,
    };
    match (target, nat.map(|nat| &nat.state), peering.map(|peering| &peering.state)) {
        (_, Some(state), _) if *state != NatState::Available => {
            format!("{determiner} target is in state {state}")
        }
        (_, _, Some(state)) if *state != PeeringState::Active => {
            format!("{determiner} target is in state {state}")
        }
        (RouteTarget::NetworkInterface(id), ..) if network.network_interfaces.get(id).is_some() => {
            "the instance of that network interface is stopped or was deleted".to_owned()
        }
        _ => format!("{determiner} target was deleted or is not available"),
    }
}

/// The decision of a route table about a part of the addresses.
pub(super) enum Choice<'a> {
    /// The most specific routes have this target.
    Route {
        /// The target.
        target: &'a RouteTarget,
        /// Whether the target was deleted.
        blackhole: bool,
        /// The destinations of these routes, `0.0.0.0/0`.
        matches: String,
    },
    /// No route matches.
    None,
    /// The most specific route is unknown: the reason, and what decides it.
    Unknown(String, Deciding),
}

struct Candidate<'a> {
    net: IpNet,
    rank: u8,
    route: &'a Route,
}

/// The routes of a route table, sorted by precedence and indexed by address.
pub(super) struct RouteIndex<'a> {
    candidates: Vec<Candidate<'a>>,
    intervals: Intervals,
    /// For each candidate, the index of the first candidate with the same target and state. A candidate with
    /// a competing route (see [`Self::rival`]) is a separate group.
    groups: Vec<usize>,
    /// Addresses for which the most specific route is unknown, with the reason and what decides it.
    unread: Vec<(Addresses, String, Deciding)>,
}

impl<'a> RouteIndex<'a> {
    pub fn new(snapshot: &Snapshot, table: &'a RouteTable) -> Self {
        let (mut candidates, mut unread) = (Vec::new(), Vec::new());
        for route in &table.routes {
            match &route.state {
                RouteState::Active | RouteState::Blackhole => {}
                RouteState::Filtered => continue,
                RouteState::Other(state) => {
                    let to = &route.destination;
                    let why = format!("{}: route {to} has the unsupported state {state}", table.id);
                    unread.push((reach_of(snapshot, route), why, Deciding::Value(Call::DescribeRouteTables)));
                }
            }
            match &route.destination {
                RouteDestination::Ipv4(net) => {
                    candidates.push(Candidate { net: IpNet::V4(*net), rank: rank(route), route });
                }
                RouteDestination::Ipv6(net) => {
                    candidates.push(Candidate { net: IpNet::V6(*net), rank: rank(route), route });
                }
                RouteDestination::PrefixList(id) => {
                    let list = snapshot.network.prefix_lists.get(id);
                    if let Some(cidrs) = list.and_then(|list| list.cidrs.as_ref()) {
                        let of_range = |net: &IpNet| Candidate { net: *net, rank: 1, route };
                        candidates.extend(cidrs.iter().map(of_range));
                    } else {
                        let target = &route.target;
                        let why = format!(
                            "{} has a route for {id} to {target}; the CIDRs of {id} were not read",
                            table.id
                        );
                        let deciding = Deciding::Answer(Call::GetManagedPrefixListEntries);
                        unread.push((reach_of(snapshot, route), why, deciding));
                    }
                }
                RouteDestination::Unspecified => {
                    let why = format!(
                        "{} has a route whose destination AWS did not return in a known form",
                        table.id
                    );
                    unread.push((reach_of(snapshot, route), why, Deciding::Value(Call::DescribeRouteTables)));
                }
            }
        }
        candidates.sort_by(|one, two| {
            two.net
                .prefix_len()
                .cmp(&one.net.prefix_len())
                .then(one.net.cmp(&two.net))
                .then(one.rank.cmp(&two.rank))
        });
        let intervals = Intervals::new(candidates.iter().map(|candidate| candidate.net));
        let mut index = Self { candidates, intervals, groups: Vec::new(), unread };
        index.groups = index.grouped();
        index
    }

    fn grouped(&self) -> Vec<usize> {
        let mut first: BTreeMap<(&RouteTarget, bool), usize> = BTreeMap::new();
        let places = self.candidates.iter().enumerate().map(|(place, one)| {
            if self.rival(place, one).is_some() {
                return place;
            }
            *first.entry((&one.route.target, one.route.state == RouteState::Blackhole)).or_insert(place)
        });
        places.collect()
    }

    /// Splits `addresses` by the most specific route; routes with the same target share a part.
    pub fn select(&self, addresses: &Addresses) -> Vec<(Addresses, Choice<'a>)> {
        if addresses.is_empty() {
            return Vec::new();
        }
        let mut choices: Vec<(Addresses, Choice<'a>)> = Vec::new();
        let mut known = addresses.clone();
        for (doubtful, why, deciding) in &self.unread {
            let part = known.and(doubtful);
            if !part.is_empty() {
                known = known.minus(&part);
                choices.push((part, Choice::Unknown(why.clone(), *deciding)));
            }
        }
        let split = self.intervals.split(&known, |entry| self.groups.get(entry).copied());
        for part in split.parts {
            let matching: Vec<&Candidate<'a>> =
                part.entries.iter().filter_map(|entry| self.candidates.get(*entry)).collect();
            let Some(best) = matching.first() else { continue };
            let rival = part.entries.first().and_then(|place| self.rival(*place, best));
            let choice = match rival {
                Some(other) => {
                    let (one, two) = (&best.route.target, &other.route.target);
                    let why = format!(
                        "{} has routes to {one} and {two} with equal priority: unknown which route AWS uses",
                        best.net
                    );
                    Choice::Unknown(why, Deciding::EqualRoutes)
                }
                None => Choice::Route {
                    target: &best.route.target,
                    blackhole: best.route.state == RouteState::Blackhole,
                    matches: matches(&matching),
                },
            };
            choices.push((part.addresses, choice));
        }
        if !split.rest.is_empty() {
            choices.push((split.rest, Choice::None));
        }
        choices
    }

    /// A later candidate with the same prefix and rank, and another target.
    fn rival(&self, place: usize, best: &Candidate<'a>) -> Option<&Candidate<'a>> {
        let same = self.candidates.iter().skip(place + 1);
        same.take_while(|other| other.net == best.net && other.rank == best.rank)
            .find(|other| other.route.target != best.route.target)
    }
}

/// The addresses that a route may match. The prefix lists of AWS have only public addresses.
fn reach_of(snapshot: &Snapshot, route: &Route) -> Addresses {
    let all = || Addresses::of(AddressFamily::Ipv4).or(&Addresses::of(AddressFamily::Ipv6));
    match &route.destination {
        RouteDestination::Ipv4(net) => (*net).into(),
        RouteDestination::Ipv6(net) => (*net).into(),
        RouteDestination::PrefixList(id) => match snapshot.network.prefix_lists.get(id) {
            Some(PrefixList { cidrs: Some(cidrs), .. }) => cidrs.iter().copied().collect(),
            Some(list) if list.name.starts_with("com.amazonaws.") => PUBLIC.clone(),
            Some(_) | None => all(),
        },
        RouteDestination::Unspecified => all(),
    }
}

/// One or two destinations, or one and the number of the others.
fn matches(matching: &[&Candidate<'_>]) -> String {
    let mut seen: HashSet<*const Route> = HashSet::with_capacity(matching.len());
    let routes = matching.iter().map(|candidate| candidate.route).filter(|route| seen.insert(*route));
    let mut routes = routes.map(|route| &route.destination);
    match (routes.next(), routes.next(), routes.count()) {
        (Some(one), Some(two), 0) => format!("{one}, {two}"),
        (Some(one), Some(_), others) => format!("{one} and {} other routes", others + 1),
        (one, ..) => one.map_or_else(String::new, ToString::to_string),
    }
}

fn rank(route: &Route) -> u8 {
    match (&route.target, &route.origin) {
        (RouteTarget::Local, _) | (_, RouteOrigin::Table | RouteOrigin::Static) => 0,
        (_, RouteOrigin::Propagated | RouteOrigin::Other(_)) => 2,
    }
}
