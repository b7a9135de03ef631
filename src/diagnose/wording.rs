//! The sentences that explain a verdict: headline, destination, cause, code. Does not propose
//! fixes.

use std::collections::BTreeSet;

use super::log_wording::{additional_responses, address_difference, main_symptom, meaning_of_log_line};
use super::{Cause, Coverage, Finding, FindingVerdict};
use crate::evidence::{Caller, Need, Symptom};
use crate::model::{ResourceId, RouteTarget, Snapshot, SubnetId};
use crate::reach::{Code, Layer, Trace, Verdict, Via, ViaKind};

/// One line about all destinations of the application.
pub(super) fn headline(findings: &[Finding], causes: &[Cause], subnets: usize) -> String {
    let application: Vec<&Finding> =
        findings.iter().filter(|finding| finding.need.caller == Caller::Application).collect();
    let count = |verdict| application.iter().filter(|finding| finding.verdict() == verdict).count();
    let (blocked, intermittent) = (count(FindingVerdict::Blocked), count(FindingVerdict::Intermittent));
    let unknown = count(FindingVerdict::Unknown);
    let total = application.len();
    if total == 0 {
        return "No destination to test: paste a log line or add a destination.".to_owned();
    }
    if blocked + intermittent + unknown == 0 {
        return format!("{} reachable.", all_destinations_are(total));
    }
    if unknown == total {
        return format!("{} unknown.", all_destinations_are(total));
    }
    if blocked + intermittent == 0 {
        return format!("{} {} unknown, the others are reachable.", share(unknown, total), be(unknown));
    }
    let mut parts = Vec::new();
    if blocked > 0 {
        let from = if subnets > 1 { format!(" from all {subnets} subnets") } else { String::new() };
        parts.push(format!("{} {} blocked{from}", share(blocked, total), be(blocked)));
    }
    if intermittent > 0 {
        let subject = if parts.is_empty() { share(intermittent, total) } else { format!("{intermittent}") };
        parts.push(format!("{subject} {} intermittent", be(intermittent)));
    }
    if unknown > 0 {
        parts.push(format!("{unknown} {} unknown", be(unknown)));
    }
    let codes: BTreeSet<Code> = causes.iter().map(|cause| cause.code).collect();
    let reason = match (codes.first(), codes.len()) {
        (Some(Code::NoRouteToDestination), 1) => {
            let tables = if causes.len() == 1 { "the route table has" } else { "the route tables have" };
            let them = if blocked + intermittent == 1 { "it" } else { "them" };
            format!(": {tables} no route to {them}.")
        }
        (Some(code), 1) => format!(": {}.", code_in_words(*code)),
        (Some(_), kinds) => format!(". There are {kinds} different causes."),
        (None, _) => ".".to_owned(),
    };
    format!("{}{reason}", parts.join(", "))
}

fn all_destinations_are(total: usize) -> String {
    match total {
        1 => "The destination is".to_owned(),
        _ => format!("All {total} destinations are"),
    }
}

/// `2 of 4 destinations`.
fn share(count: usize, total: usize) -> String {
    if total == 1 { "The destination".to_owned() } else { format!("{count} of {total} destinations") }
}

fn be(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// The explanation of one destination. `helps` are possible reasons if it is reachable.
pub(super) fn explanation(need: &Need, traces: &[Trace], coverage: &Coverage, helps: &str) -> String {
    let host = &need.destination.host;
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
            format!("{} {}", first_blocker(host, traces), meaning_of_log_line(need)).trim_end().to_owned()
        }
        Coverage::Some { working, broken } => intermittent(host, traces, working, broken),
        Coverage::Unknown => String::new(),
    }
}

fn reachable(need: &Need, traces: &[Trace], helps: &str) -> String {
    let host = &need.destination.host;
    let via = traces.iter().find_map(|trace| match &trace.verdict {
        Verdict::Reachable(via) => Some(format!(" {}", via_in_words(via))),
        _ => None,
    });
    let via = via.unwrap_or_default();
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
        ViaKind::Internet => "internet gateway",
        ViaKind::EgressOnly => "egress-only internet gateway",
    };
    match &via.id {
        Some(id) => format!("through {component} {id}"),
        None => format!("through {component}"),
    }
}

fn first_blocker(host: &str, traces: &[Trace]) -> String {
    let Some((hop, _)) = traces.iter().flat_map(Trace::blockers).next() else {
        return format!("{host} is blocked.");
    };
    let blockers = traces.iter().map(|trace| trace.blockers().count()).max().unwrap_or(1);
    let others = match blockers {
        0 | 1 => String::new(),
        2 => " 1 more check on the path also blocks it.".to_owned(),
        count => format!(" {} more checks on the path also block it.", count - 1),
    };
    format!("{host} is blocked: {}.{others}", hop.rule)
}

fn intermittent(host: &str, traces: &[Trace], working: &[SubnetId], broken: &[SubnetId]) -> String {
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
    let effect = if traces.len() > 1 && blocked_addresses.is_none() {
        " App Runner distributes instances over all connector subnets, so the failures look random."
    } else if blocked_addresses.is_some() {
        " Each DNS lookup can return another address, so the failures look random."
    } else {
        ""
    };
    format!("{blocked}{others}.{effect}")
}

/// The explanation of a cause: the blocker, the destinations and subnets that it blocks, and the symptom
/// that the client observes. `names` are the short names of the destinations, `subnets` is the number of the
/// workload's subnets.
pub(super) fn cause(snapshot: &Snapshot, cause: &Cause, names: &[String], subnets: usize) -> String {
    let component = &cause.component;
    let blocks = format!("This blocks {}{}.", join(names, "and"), from_subnets(cause.subnets.len(), subnets));
    let fact = match cause.code {
        Code::NoRouteToDestination if is_route_table(component) => {
            let place = places(snapshot, &cause.subnets);
            let destinations = join(names, "or");
            match only_local_routes(snapshot, component) {
                Some(routes) => format!(
                    "Route table {component}{place} has only {routes}. It has no route to {destinations}."
                ),
                None => format!("Route table {component}{place} has no route to {destinations}."),
            }
        }
        Code::EgressNotInVpc => format!(
            "The service uses DEFAULT egress, which has no access to the VPC. It cannot reach {}.",
            join(names, "or")
        ),
        Code::IgwPublicIpAssociationForEgress => format!(
            "The connector's network interfaces have no public IP, so {component} does not carry their traffic. A public \
             subnet does not help. {blocks}"
        ),
        Code::SubnetAclRestriction => {
            format!("Network ACL {component} denies the request or its reply. {blocks}")
        }
        Code::BadStateRoute => format!("Route table {component}: {}. {blocks}", code_in_words(cause.code)),
        Code::EndpointSgRulesMismatch => format!(
            "The security groups of endpoint {component} do not allow inbound traffic from the connector. {blocks}"
        ),
        Code::EniSgRulesMismatch if cause.layer == Layer::SecurityGroup => {
            format!("{component}: no outbound rule of the security groups allows this traffic. {blocks}")
        }
        Code::EniSgRulesMismatch => format!(
            "The security groups of network interface {component} do not allow this inbound traffic. {blocks}"
        ),
        code => format!("{component}: {}. {blocks}", code_in_words(code)),
    };
    format!("{fact} {}", client_effect(cause))
}

/// The symptom that the client observes.
fn client_effect(cause: &Cause) -> &'static str {
    match (cause.layer, cause.code) {
        (_, Code::SourceHasNoIpv6) => "Calls over IPv6 fail at once.",
        (Layer::Dns, _) => {
            "Every DNS lookup fails. A call fails after the timeouts of the resolver, often after 5 to 30 s."
        }
        (_, Code::EgressNotInVpc) => "The name resolves to a private IP.",
        _ => "The packets are dropped silently; the client waits for its connect timeout and retries.",
    }
}

fn is_route_table(component: &ResourceId) -> bool {
    component.as_str().starts_with("rtb-")
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

/// The subnets by their AZs: ` (subnets in AZ a and b)`.
fn places(snapshot: &Snapshot, subnets: &[SubnetId]) -> String {
    let place = |id: &SubnetId| match snapshot.network.subnets.get(id) {
        None => id.to_string(),
        Some(subnet) => {
            let zone = subnet.zone.as_str();
            let letter = zone.strip_prefix(snapshot.region.as_str()).filter(|letter| letter.len() == 1);
            format!("AZ {}", letter.unwrap_or(zone))
        }
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
fn join(names: &[String], conjunction: &str) -> String {
    match names {
        [] => "no destination".to_owned(),
        [one, two, three, rest @ ..] if rest.len() > 1 => {
            format!("{one}, {two}, {three} {conjunction} {} more", rest.len())
        }
        [name] => name.clone(),
        [first @ .., last] => format!("{} {conjunction} {last}", first.join(", ")),
    }
}

/// The meaning of a code, as a clause: `the NAT gateway is in another VPC`.
#[must_use]
pub fn code_in_words(code: Code) -> &'static str {
    match code {
        Code::NoRouteToDestination => "no route matches the destination",
        Code::BadStateRoute => {
            "the most specific route is a blackhole (its target was deleted or is not available)"
        }
        Code::BadState => "the resource is not in a working state",
        Code::BadStateAttachment => "the internet gateway is not attached to this VPC",
        Code::IgwPublicIpAssociationForEgress => {
            "the connector's network interfaces have no public IP, so the internet gateway does not carry their traffic"
        }
        Code::EniSgRulesMismatch => "no rule of the security groups allows this traffic",
        Code::SgHasNoRules => "the security groups have no outbound rules",
        Code::SubnetAclRestriction => "a network ACL denies the request or its reply",
        Code::NgwRequiresSourceInVpc => "the NAT gateway is in another VPC",
        Code::RegionalNgwRouteAzRestriction => "the regional NAT gateway does not serve this AZ",
        Code::VpcBlockPublicAccessEnabled => "VPC Block Public Access blocks internet traffic",
        Code::EniSourceDestCheckRestriction => {
            "the source/destination check of the network interface drops forwarded packets"
        }
        Code::PcxRequiresAddressInVpcCidr => {
            "a VPC peering connection carries only traffic to addresses of the peer VPC"
        }
        Code::SourceHasNoIpv6 => "the service uses IPv4 only",
        Code::DnsSupportDisabled => "DNS is off in the VPC (enableDnsSupport = false)",
        Code::EgressNotInVpc => "DEFAULT egress has no access to the VPC",
        Code::EgressConnectorInactive => "the VPC connector was deleted",
        Code::NatPrivate => "the NAT gateway is private and has no internet access",
        Code::NatNoRouteOnwards => "the subnet of the NAT gateway has no route to an internet gateway",
        Code::TargetUnattached => "the network interface is not attached, so nothing listens",
        Code::EndpointSgRulesMismatch => {
            "the endpoint's security groups do not allow inbound traffic from the connector"
        }
    }
}
