//! The sentences that explain the verdict of a destination, and a cause. `blocker` has the clauses about
//! components. Does not propose fixes.

use std::collections::BTreeSet;

use super::Coverage;
use super::blocker::{Blocker, To, merged};
use super::context::Context;
use super::groups::Group;
use super::inactive_endpoint;
use super::log_wording::{additional_responses, address_difference, main_symptom, meaning_of_log_line};
use crate::evidence::{Caller, Need, Symptom};
use crate::model::{ResourceId, RouteTarget, Snapshot, SubnetId};
use crate::reach::{
    Code, Direction, Hop, LINUX_EPHEMERAL, Layer, NAT_EPHEMERAL, Owner, Subject, Trace, Verdict, Via, ViaKind,
};
use crate::text::listed;

/// The explanation of one destination. `helps` are possible reasons if it is reachable, `unknown` the
/// sentences about an unknown result.
pub(super) fn explanation(
    context: &Context<'_>,
    need: &Need,
    traces: &[Trace],
    coverage: &Coverage,
    helps: &str,
    unknown: &str,
) -> String {
    let host = &need.name();
    if need.caller == Caller::ControlPlane {
        let purpose = need.evidence.first().map_or(String::new(), |evidence| format!(" ({evidence})"));
        return format!(
            "App Runner itself connects to {host}{purpose}, outside the VPC. This does not show whether calls from the \
             application work."
        );
    }
    match coverage {
        Coverage::All => reachable(need, traces, helps),
        Coverage::None => {
            let reasons = reasons(context, traces);
            format!("{host} is blocked: {reasons} {}", meaning_of_log_line(need)).trim_end().to_owned()
        }
        Coverage::Some { working, broken } => {
            format!("{} {unknown}", intermittent(context, host, traces, working, broken))
                .trim_end()
                .to_owned()
        }
        Coverage::Unknown => unknown.to_owned(),
    }
}

/// Why the failing traces fail: the first blocker of each trace with the subnets, then the other blockers.
/// Whole sentences, except the start of the first.
pub(super) fn reasons(context: &Context<'_>, traces: &[Trace]) -> String {
    let mut deciding: Vec<(Blocker<'_>, Vec<&SubnetId>)> = Vec::new();
    let mut others: Vec<Blocker<'_>> = Vec::new();
    let failing = |trace: &&Trace| matches!(trace.verdict, Verdict::Blocked | Verdict::Partial { .. });
    for trace in traces.iter().filter(failing) {
        for (place, (hop, code)) in trace.blockers().enumerate() {
            let blocker = Blocker::of(hop, code);
            let is_same = |other: &Blocker<'_>| other.is_same(&blocker);
            let same_rule = deciding.iter_mut().find(|(known, _)| known.has_same_groups(context, hop, code));
            if let Some((known, subnets)) = same_rule {
                known.hops.push(hop);
                subnets.extend(trace.subnet.iter().filter(|_| place == 0));
            } else if place > 0 {
                if !others.iter().any(is_same) {
                    others.push(blocker);
                }
            } else if let Some((known, subnets)) = deciding.iter_mut().find(|(known, _)| is_same(known)) {
                known.hops.push(hop);
                subnets.extend(&trace.subnet);
            } else {
                deciding.push((blocker, trace.subnet.iter().collect()));
            }
        }
    }
    let single = merged(deciding.iter().map(|(blocker, _)| blocker.clone()));
    let clauses: Vec<String> = deciding
        .iter()
        .map(|(blocker, subnets)| {
            let clause = blocker.clause(context, To::It);
            if subnets.is_empty() { clause } else { format!("from {}: {clause}", join_ids(subnets)) }
        })
        .collect();
    let clauses = match single.as_slice() {
        [one] => vec![one.clause(context, To::It)],
        _ => clauses,
    };
    let is_other = |blocker: &&Blocker<'_>| !deciding.iter().any(|(known, _)| known.is_same(blocker));
    let others = merged(others.iter().filter(is_other).cloned());
    // A network ACL of two subnets on the path blocks in both.
    let is_named = |label: &String| clauses.iter().any(|clause| clause.contains(label.as_str()));
    let labels: BTreeSet<String> =
        others.iter().map(|blocker| blocker.label(context)).filter(|label| !is_named(label)).collect();
    let labels: Vec<String> = labels.into_iter().collect();
    let is_plural = labels.len() > 1 || others.iter().any(|blocker| blocker.components.len() > 1);
    let also = match labels.as_slice() {
        [] => String::new(),
        _ if is_plural => format!(" {} on the path also block it.", capitalized(&join(&labels, "and"))),
        _ => format!(" {} on the path also blocks it.", capitalized(&join(&labels, "and"))),
    };
    format!("{}.{also}", clauses.join("; "))
}

fn join_ids(ids: &[&SubnetId]) -> String {
    ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ")
}

/// The text with a capital first letter, unless it starts with an id.
fn capitalized(text: &str) -> String {
    let first_word = text.split(' ').next().unwrap_or_default();
    // `orders (DB instance, postgres)` begins with an identifier.
    if text.split(' ').nth(1).is_some_and(|second| second.starts_with('(')) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if first_word.chars().all(|c| c.is_ascii_alphabetic() || c == '\'' || c == '/') => {
            first.to_uppercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

fn reachable(need: &Need, traces: &[Trace], helps: &str) -> String {
    let host = &need.name();
    let mut vias: Vec<String> = Vec::new();
    for trace in traces {
        if let Verdict::Reachable(via) = &trace.verdict {
            let via = all_vias_in_words(trace, via);
            if !vias.contains(&via) {
                vias.push(via);
            }
        }
    }
    let via = if vias.is_empty() { String::new() } else { format!(" {}", join(&vias, "and")) };
    match main_symptom(need) {
        None => format!("{host} is reachable{via}."),
        Some(Symptom::Answered) => format!("{host} is reachable{via}. The log also shows a response."),
        Some(symptom) => {
            let mut sentences = vec![
                format!("{host} is reachable{via}, but the log shows {}.", symptom.with_article()),
                helps.to_owned(),
            ];
            if let Some(responses) = additional_responses(need) {
                sentences.push(format!("The log also shows {responses}."));
            }
            sentences.extend(address_difference(need, traces));
            sentences.join(" ")
        }
    }
}

/// The paths to a reachable destination: one for each family of addresses, if these have different ones.
fn all_vias_in_words(trace: &Trace, via: &Via) -> String {
    let is_ipv6 = matches!(via.kind, ViaKind::EgressOnly | ViaKind::Internet);
    let nat =
        trace.hops.iter().find(|hop| hop.layer == Layer::Nat && hop.component.as_str().starts_with("nat-"));
    match nat.filter(|_| is_ipv6) {
        Some(hop) => {
            let nat = Via { kind: ViaKind::Nat, id: Some(hop.component.clone()) };
            format!(
                "{} over IPv4, and {} over IPv6 (if it has AAAA records)",
                via_in_words(&nat),
                via_in_words(via)
            )
        }
        None => via_in_words(via),
    }
}

/// The path to a reachable destination, as the end of a sentence: `through NAT gateway nat-…`.
#[must_use]
pub fn via_in_words(via: &Via) -> String {
    let component = match via.kind {
        ViaKind::Local => return "inside the VPC".to_owned(),
        ViaKind::AppRunner => return "from App Runner, outside the VPC".to_owned(),
        ViaKind::DefaultEgress => "DEFAULT egress",
        ViaKind::GatewayEndpoint => "gateway endpoint",
        ViaKind::InterfaceEndpoint => "interface endpoint",
        ViaKind::Nat => "NAT gateway",
        ViaKind::Peering => "VPC peering connection",
        ViaKind::Internet => "internet gateway",
        ViaKind::EgressOnly => "egress-only internet gateway",
    };
    match &via.id {
        Some(id) => format!("through {component} {id}"),
        None => format!("through {component}"),
    }
}

fn intermittent(
    context: &Context<'_>,
    host: &str,
    traces: &[Trace],
    working: &[SubnetId],
    broken: &[SubnetId],
) -> String {
    let list = |ids: &[SubnetId]| ids.iter().map(SubnetId::as_str).collect::<Vec<_>>().join(", ");
    let blocked_addresses = traces.iter().find_map(|trace| match &trace.verdict {
        Verdict::Partial { stopped } => Some(stopped),
        _ => None,
    });
    let blocked = match blocked_addresses {
        Some(addresses) if traces.iter().all(|trace| trace.verdict != Verdict::Blocked) => {
            format!("Some addresses of {host} ({addresses}) are blocked from {}", list(broken))
        }
        _ => format!("{host} is blocked from {}", list(broken)),
    };
    let mut others = Vec::new();
    if !working.is_empty() {
        others.push(format!("reachable from {}", list(working)));
    }
    let unknown = traces.iter().filter(|trace| trace.verdict == Verdict::Unknown);
    let unknown: Vec<SubnetId> = unknown.filter_map(|trace| trace.subnet.clone()).collect();
    if !unknown.is_empty() {
        others.push(format!("unknown from {}", list(&unknown)));
    }
    let has_unknown_addresses =
        |trace: &Trace| matches!(trace.verdict, Verdict::Partial { .. }) && trace.unknowns().count() > 0;
    if traces.iter().any(has_unknown_addresses) {
        others.push("unknown for the other addresses".to_owned());
    }
    let others: String = others.iter().map(|part| format!("; {part}")).collect();
    let effect = if working.is_empty() && blocked_addresses.is_none() {
        ""
    } else if traces.len() > 1 && blocked_addresses.is_none() {
        " App Runner distributes instances over all connector subnets, so the failures look random."
    } else if blocked_addresses.is_some() {
        " Each DNS lookup can return another address, so the failures look random."
    } else {
        ""
    };
    format!("{blocked}{others}. {}{effect}", capitalized(&reasons(context, traces)))
}

/// The explanation of a cause: the blocker, the sentence `blocks` (or nothing), and the symptom that the client observes.
pub(super) fn cause(context: &Context<'_>, group: &Group<'_>, blocks: &str) -> String {
    let blocker = &group.blocker;
    let names = group.names();
    let fact = if blocker.code == Code::NoRouteToDestination {
        let component = blocker.components.first().copied();
        let subnets: BTreeSet<&SubnetId> = group.blocked.iter().flat_map(|(.., subnets)| subnets).collect();
        let place = places(context.snapshot, &subnets);
        let destinations = join(&names, "or");
        let table = capitalized(&blocker.label(context));
        let family = blocker.family();
        let endpoints = inactive_endpoint::sentences(context, group.blocked.iter().map(|(one, ..)| *one));
        match component.and_then(|component| only_local_routes(context.snapshot, component)) {
            Some(routes) => {
                format!(
                    "{table}{place} has only {routes}. It has no {family}route to {destinations}.{endpoints}"
                )
            }
            None => format!("{table}{place} has no {family}route to {destinations}.{endpoints}"),
        }
    } else if blocker.code == Code::EgressNotInVpc && !blocker.is_in_documentation_range() {
        let destinations = join(&names, "or");
        format!(
            "The service uses DEFAULT egress, which has no access to the VPC. It cannot reach {destinations}."
        )
    } else {
        let clause = blocker.clause(context, To::Names(&join(&names, "or")));
        let advice = match blocker.code {
            Code::IgwPublicIpAssociationForEgress => {
                "Connector network interfaces never get a public IP address, even in a public subnet."
            }
            Code::EgressNoRouteToPrivateAddress | Code::EgressNotInVpc
                if blocker.is_in_documentation_range() =>
            {
                "Give the address that the service really uses."
            }
            Code::EgressNoRouteToPrivateAddress => {
                "It needs a route to a VPC peering connection, a transit gateway or a VPN."
            }
            _ => "",
        };
        let partly = replies_that_pass(blocker);
        let sentences = [&format!("{}.", capitalized(&clause)), advice, blocks, &partly];
        sentences.into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join(" ")
    };
    format!("{fact} {}", client_effect(blocker)).trim_end().to_owned()
}

/// The share of connections whose replies a network ACL allows, because it denies only a part of the ports from which the client, or
/// the NAT gateway, chooses: `Linux chooses …, so about 26 % of the connections pass this network ACL.` Empty if it denies all, or if
/// other packets are denied too.
fn replies_that_pass(blocker: &Blocker<'_>) -> String {
    let denied = |hop: &&Hop| match &hop.subject {
        Subject::Packets { is_reply: true, ports, .. } if hop.owner == Owner::Source => {
            Some((false, ports.from, ports.to))
        }
        Subject::Packets { is_reply: true, direction: Direction::Inbound, ports, .. }
            if hop.layer == Layer::Nat =>
        {
            Some((true, ports.from, ports.to))
        }
        _ => None,
    };
    let ranges: Option<BTreeSet<(bool, u16, u16)>> = blocker.hops.iter().map(denied).collect();
    let ranges = ranges.unwrap_or_default();
    let Some(&(is_nat, ..)) = ranges.first() else { return String::new() };
    let (chooser, all) = if is_nat { ("A NAT gateway", NAT_EPHEMERAL) } else { ("Linux", LINUX_EPHEMERAL) };
    let size = |from: u16, to: u16| u32::from(to) + 1 - u32::from(from);
    let is_part = |&(nat, from, to): &(bool, u16, u16)| nat == is_nat && all.from <= from && to <= all.to;
    let count: u32 = ranges.iter().map(|&(_, from, to)| size(from, to)).sum();
    if !ranges.iter().all(is_part) || count >= size(all.from, all.to) {
        return String::new();
    }
    let share = match 100 - 100 * count / size(all.from, all.to) {
        100 => "more than 99".to_owned(),
        share => format!("about {share}"),
    };
    format!(
        "{chooser} chooses the client port from {}-{}: replies to the other ports pass, so {share} % of the connections pass this network ACL.",
        all.from, all.to
    )
}

/// The destinations that a cause blocks, and the number of subnets for each.
pub(super) fn blocks(group: &Group<'_>, total: usize) -> String {
    let mut parts: Vec<(&BTreeSet<SubnetId>, Vec<String>)> = Vec::new();
    for (_, name, subnets) in &group.blocked {
        let name = &match group.stopped.get(name) {
            Some(addresses) if group.blocked.len() == 1 => format!("some addresses of {name} ({addresses})"),
            Some(_) => format!("some addresses of {name}"),
            None => name.clone(),
        };
        match parts.iter_mut().find(|(known, _)| known.len() == subnets.len()) {
            Some((_, names)) if names.contains(name) => {}
            Some((_, names)) => names.push(name.clone()),
            None => parts.push((subnets, vec![name.clone()])),
        }
    }
    let parts: Vec<String> = parts
        .iter()
        .map(|(subnets, names)| format!("{}{}", join(names, "and"), from_subnets(subnets.len(), total)))
        .collect();
    format!("This blocks {}.", parts.join(", and "))
}

/// The symptom that the client observes.
fn client_effect(blocker: &Blocker<'_>) -> &'static str {
    match (blocker.layer, blocker.code) {
        (_, Code::SourceHasNoIpv6) => "Calls over IPv6 fail at once.",
        // https://man7.org/linux/man-pages/man5/resolv.conf.5.html (timeout, attempts)
        (_, Code::DnsServersSgRulesMismatch | Code::EgressDnsServersUnreachable) => {
            "The DNS servers do not get the queries: each lookup fails after the timeouts of the resolver, often 5 to 30 seconds."
        }
        (Layer::Dns, _) => {
            "The Amazon DNS server of the VPC does not answer: each lookup fails after the timeouts of the resolver, often 5 to \
             30 seconds."
        }
        (_, Code::EgressNotInVpc) if blocker.is_in_documentation_range() => "",
        (_, Code::EgressNotInVpc) => "The destination has a private address.",
        (_, Code::TargetNotAvailable) => {
            "The client waits for its connect timeout, or the lookup of the name fails."
        }
        (_, Code::EgressTargetInOtherVpc) => "The client gets no error until its connect timeout.",
        (_, Code::TargetPortMismatch) => {
            "The connection is refused, or the client waits for its connect timeout."
        }
        _ => "The packets are dropped: the client gets no error until its connect timeout.",
    }
}

/// The local routes of a route table that has no other route.
fn only_local_routes(snapshot: &Snapshot, component: &ResourceId) -> Option<String> {
    let table = snapshot.network.route_tables.iter().find(|table| table.id.as_str() == component.as_str())?;
    if table.routes.is_empty() || table.routes.iter().any(|route| route.target != RouteTarget::Local) {
        return None;
    }
    let ranges: Vec<String> = table.routes.iter().map(|route| route.destination.to_string()).collect();
    let noun = if ranges.len() == 1 { "the local route" } else { "local routes:" };
    Some(format!("{noun} {}", ranges.join(", ")))
}

/// The subnets by their AZs: ` (subnets in us-west-2a and us-west-2b)`.
fn places(snapshot: &Snapshot, subnets: &BTreeSet<&SubnetId>) -> String {
    let place = |id: &&SubnetId| match snapshot.network.subnets.get(id) {
        None => id.to_string(),
        Some(subnet) => subnet.zone.to_string(),
    };
    let places: BTreeSet<String> = subnets.iter().map(place).collect();
    let places: Vec<String> = places.into_iter().collect();
    let noun = if subnets.len() == 1 { "subnet" } else { "subnets" };
    if places.is_empty() { String::new() } else { format!(" ({noun} in {})", join(&places, "and")) }
}

fn from_subnets(count: usize, total: usize) -> String {
    match count {
        0 => String::new(),
        _ if total == 1 => String::new(),
        _ if count == total => format!(" from all {total} subnets"),
        _ => format!(" from {count} of {total} subnets"),
    }
}

/// Joins up to four names, `A, B or C`. With more than four, joins the first three and the number of the
/// others, `A, B, C or 2 more`.
pub(super) fn join(names: &[String], conjunction: &str) -> String {
    match names {
        [] => "no destination".to_owned(),
        [one, two, three, rest @ ..] if rest.len() > 1 => {
            format!("{one}, {two}, {three} {conjunction} {} more", rest.len())
        }
        names => listed(names, conjunction),
    }
}
