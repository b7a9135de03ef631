//! Route tables: the longest prefix wins over all kinds of route.
//!
//! Of one prefix, static beats prefix list beats propagated; of two prefix lists AWS picks at random
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html>). A blackhole route still wins. A
//! subnet without an association of its own uses the VPC's main table.

use ipnet::Ipv4Net;

use super::judgement::missing;
use crate::model::{
    Addresses, Call, Route, RouteDestination, RouteOrigin, RouteState, RouteTable, RouteTarget, Snapshot,
    Subnet,
};

/// The table that decides for a subnet, and whether it is the main table by default. `None` when it was not read.
#[must_use]
pub fn route_table_of<'a>(snapshot: &'a Snapshot, subnet: &Subnet) -> Option<(&'a RouteTable, bool)> {
    let tables = || snapshot.network.route_tables.iter().filter(|table| table.vpc == subnet.vpc);
    if let Some(table) = tables().find(|table| table.subnets.contains(&subnet.id)) {
        return Some((table, false));
    }
    // An explicit association may be on a page that is missing.
    if missing(snapshot, Call::DescribeRouteTables).is_some() {
        return None;
    }
    tables().find(|table| table.main).map(|table| (table, true))
}

/// What a table does with a part of the addresses.
pub(super) enum Choice<'a> {
    /// This route wins, by this prefix.
    Route(&'a Route, Ipv4Net),
    /// No route covers them.
    None,
    /// It cannot be told which route wins.
    Unknown(String, Option<Call>),
}

struct Candidate<'a> {
    net: Ipv4Net,
    rank: u8,
    route: &'a Route,
}

/// Splits `addresses` by the winning route.
pub(super) fn select<'a>(
    snapshot: &Snapshot,
    table: &'a RouteTable,
    addresses: &Addresses,
) -> Vec<(Addresses, Choice<'a>)> {
    let (candidates, unread) = candidates(snapshot, table);
    let mut rest = addresses.clone();
    let mut choices: Vec<(Addresses, Choice<'a>)> = Vec::new();
    let mut add = |part: Addresses, choice: Choice<'a>| {
        if part.is_empty() {
            return;
        }
        if let Choice::Route(route, _) = choice {
            let same = choices
                .iter_mut()
                .find(|(_, old)| matches!(old, Choice::Route(other, _) if std::ptr::eq(*other, route)));
            if let Some((whole, _)) = same {
                *whole = whole.or(&part);
                return;
            }
        }
        choices.push((part, choice));
    };
    for group in candidates.chunk_by(|one, two| one.net == two.net) {
        let Some(best) = group.first() else { continue };
        let part = rest.and(&Addresses::from(best.net));
        rest = rest.minus(&part);
        let rival = group
            .iter()
            .skip(1)
            .find(|other| other.rank == best.rank && other.route.target != best.route.target);
        let choice = match (&unread, rival) {
            (Some(why), _) => Choice::Unknown(why.clone(), Some(Call::GetManagedPrefixListEntries)),
            (None, Some(other)) => {
                let (one, two) = (&best.route.target, &other.route.target);
                Choice::Unknown(
                    format!("{} is routed to {one} and to {two}: AWS picks one of them", best.net),
                    None,
                )
            }
            (None, None) => Choice::Route(best.route, best.net),
        };
        add(part, choice);
    }
    let end = match unread {
        Some(why) => Choice::Unknown(why, Some(Call::GetManagedPrefixListEntries)),
        None => Choice::None,
    };
    add(rest, end);
    choices
}

/// All prefixes of the table, the winner first; and why the list may be incomplete.
fn candidates<'a>(snapshot: &Snapshot, table: &'a RouteTable) -> (Vec<Candidate<'a>>, Option<String>) {
    let mut list = Vec::new();
    let mut unread = None;
    for route in &table.routes {
        match &route.state {
            RouteState::Active | RouteState::Blackhole => {}
            // Learnt by a route server and not in effect.
            RouteState::Other(state) if state.eq_ignore_ascii_case("filtered") => continue,
            RouteState::Other(state) => {
                unread = Some(format!(
                    "{}: route {} is {state}, a state not known here",
                    table.id, route.destination
                ));
            }
        }
        match &route.destination {
            RouteDestination::Ipv4(net) => list.push(Candidate { net: *net, rank: rank(route), route }),
            RouteDestination::PrefixList(id) => {
                match snapshot.network.prefix_lists.get(id).and_then(|list| list.cidrs.as_ref()) {
                    Some(cidrs) => {
                        list.extend(cidrs.iter().map(|net| Candidate { net: *net, rank: 1, route }));
                    }
                    None => {
                        unread = Some(format!(
                            "{} routes {id} to {}, and its ranges were not read",
                            table.id, route.target
                        ));
                    }
                }
            }
            RouteDestination::Ipv6(_) => {}
            RouteDestination::Other(text) => {
                unread = Some(format!("{} has a route of an unknown form, {text}", table.id));
            }
        }
    }
    list.sort_by(|one, two| {
        two.net
            .prefix_len()
            .cmp(&one.net.prefix_len())
            .then(one.net.cmp(&two.net))
            .then(one.rank.cmp(&two.rank))
    });
    (list, unread)
}

fn rank(route: &Route) -> u8 {
    match (&route.target, &route.origin) {
        (RouteTarget::Local, _) | (_, RouteOrigin::Table | RouteOrigin::Static) => 0,
        (_, RouteOrigin::Propagated | RouteOrigin::Other(_)) => 2,
    }
}
