//! Security groups: stateful, and every rule allows traffic.
//!
//! A rule with a security group as source or destination matches the private addresses of the network
//! interfaces in that group, never a public address
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>).

use std::net::IpAddr;

use super::acl_rules::Direction;
use super::deciding::Deciding;
use super::index::Index;
use super::judgement::{Judgement, missing};
use super::trace::{Code, Layer, Subject};
use crate::model::{
    AddressFamily, Addresses, Call, DhcpResolver, PUBLIC_V4, Peer, PortRange, Protocol, ResourceId,
    SecurityGroup, SecurityGroupId, SecurityGroupRule, Vpc,
};

/// Judges a connection to a TCP port of `addresses` by the outbound rules of the source's security groups.
pub(super) fn outbound(
    index: &Index<'_>,
    groups: &[SecurityGroupId],
    port: u16,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    let mut rest = addresses.clone();
    let mut doubts: Vec<(Addresses, String, Deciding)> = Vec::new();
    let mut any_rule = false;
    for id in groups {
        let Some(group) = index.snapshot.network.security_groups.get(id) else {
            let deciding = Deciding::absent(index.snapshot, Call::DescribeSecurityGroups);
            doubts.push((addresses.clone(), format!("{id} was not read"), deciding));
            continue;
        };
        any_rule |= !group.egress.is_empty();
        for rule in group.egress.iter().filter(|rule| is_for(rule, port)) {
            let Peers { known, doubtful } = peers(index, &rule.peer);
            if !doubtful.is_empty() {
                let why = format!(
                    "{id} allows outbound tcp {port} to {0}; the addresses of {0} were not read",
                    rule.peer
                );
                doubts.push((doubtful, why, members_of(index, &rule.peer)));
            }
            let passed = rest.and(&known);
            if !passed.is_empty() {
                rest = rest.minus(&passed);
                let text = format!("{id} allows outbound {} to {}", ports_of(rule), rule.peer);
                judgements.push(Judgement::pass(Layer::SecurityGroup, id, passed, text));
            }
        }
    }
    let Some(at) = groups.first() else {
        let why = "the security groups of the source were not read".to_owned();
        return vec![Judgement::unknown(
            Layer::SecurityGroup,
            ResourceId::from("?"),
            rest,
            why,
            Deciding::Source,
        )];
    };
    for (doubtful, why, deciding) in doubts {
        let open = rest.and(&doubtful);
        if !open.is_empty() {
            rest = rest.minus(&open);
            judgements.push(Judgement::unknown(Layer::SecurityGroup, at, open, why, deciding));
        }
    }
    if !rest.is_empty() {
        let (code, why) = if any_rule {
            let why = format!("{}: no outbound rule allows tcp {port} to {rest}", names(groups));
            (Code::EniSgRulesMismatch, why)
        } else {
            let why = format!("{}: no outbound rules, so all outbound traffic is denied", names(groups));
            (Code::SgHasNoRules, why)
        };
        let packets = Subject::Packets {
            direction: Direction::Outbound,
            is_reply: false,
            ports: PortRange::one(port),
            remote: rest.clone(),
        };
        judgements.push(Judgement::block(Layer::SecurityGroup, code, at, rest, why).about(packets));
    }
    judgements
}

/// As [`outbound`], to a receiver whose addresses are known only by range. A rule with one of its security groups allows all of them.
pub(super) fn outbound_to_groups(
    index: &Index<'_>,
    groups: &[SecurityGroupId],
    receiver: &[SecurityGroupId],
    port: u16,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let own = groups.iter().filter_map(|id| index.snapshot.network.security_groups.get(id));
    let mut rules = own.flat_map(|group| group.egress.iter().map(move |rule| (group, rule)));
    let is_meant = |rule: &SecurityGroupRule| {
        is_for(rule, port) && matches!(&rule.peer, Peer::Group(id) if receiver.contains(id))
    };
    match rules.find(|(_, rule)| is_meant(rule)) {
        Some((group, rule)) => {
            let text = format!("{} allows outbound {} to {}", group.id, ports_of(rule), rule.peer);
            vec![Judgement::pass(Layer::SecurityGroup, &group.id, addresses.clone(), text)]
        }
        None => outbound(index, groups, port, addresses),
    }
}

/// Whether the groups certainly allow no query (UDP 53) to any of the custom DNS servers. Security groups do not filter traffic to the
/// Amazon DNS server (<https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>).
fn deny_queries(index: &Index<'_>, groups: &[SecurityGroupId], servers: &[IpAddr]) -> bool {
    let groups: Option<Vec<&SecurityGroup>> =
        groups.iter().map(|id| index.snapshot.network.security_groups.get(id)).collect();
    let Some(groups) = groups.filter(|groups| !groups.is_empty()) else { return false };
    let may_allow = |rule: &SecurityGroupRule| {
        let Peers { known, doubtful } = peers(index, &rule.peer);
        servers.iter().any(|server| known.contains(*server) || doubtful.contains(*server))
    };
    !groups.iter().flat_map(|group| &group.egress).filter(|rule| is_for_queries(rule)).any(may_allow)
}

/// Whether the security groups of a DNS server certainly allow no query (UDP 53) from any address of `source` or from a network
/// interface in `source_groups`.
pub(super) fn refuse_queries(
    index: &Index<'_>,
    groups: &[SecurityGroupId],
    source_groups: &[SecurityGroupId],
    source: &Addresses,
) -> bool {
    let groups: Option<Vec<&SecurityGroup>> =
        groups.iter().map(|id| index.snapshot.network.security_groups.get(id)).collect();
    let Some(groups) = groups.filter(|groups| !groups.is_empty()) else { return false };
    let may_allow = |rule: &SecurityGroupRule| match &rule.peer {
        Peer::Group(id) => source_groups.contains(id),
        peer => {
            let Peers { known, doubtful } = peers(index, peer);
            !known.or(&doubtful).and(source).is_empty()
        }
    };
    let for_dns = groups.iter().flat_map(|group| &group.ingress).filter(|rule| is_for_queries(rule));
    !for_dns.into_iter().any(may_allow)
}

fn is_for_queries(rule: &SecurityGroupRule) -> bool {
    match rule.protocol {
        Protocol::All => true,
        Protocol::Udp | Protocol::Number(17) => rule.ports.contains(53),
        Protocol::Tcp | Protocol::Number(_) => false,
    }
}

/// The addresses of the custom DNS servers of a VPC; empty for the Amazon DNS server, and if one of them is unknown. Security groups
/// do not filter traffic to the Amazon DNS server.
pub(super) fn custom_servers(vpc: &Vpc) -> Vec<IpAddr> {
    let DhcpResolver::Custom(names) = &vpc.dns.resolver else { return Vec::new() };
    let servers: Option<Vec<IpAddr>> = names.iter().map(|name| name.parse().ok()).collect();
    let is_amazon = |server: &IpAddr| {
        let base = vpc.cidrs.iter().map(|range| u32::from(range.network()).saturating_add(2).into());
        base.map(IpAddr::V4).any(|amazon| amazon == *server) || server.to_string() == "169.254.169.253"
    };
    servers.filter(|servers| !servers.iter().any(is_amazon)).unwrap_or_default()
}

/// Judges the queries for a name to the custom DNS servers of a VPC by the outbound rules of the source's security groups.
pub(super) fn queries(
    index: &Index<'_>,
    groups: &[SecurityGroupId],
    vpc: &Vpc,
    addresses: &Addresses,
) -> Option<Judgement> {
    let servers = custom_servers(vpc);
    if servers.is_empty() || !deny_queries(index, groups, &servers) {
        return None;
    }
    let rule = format!(
        "{}: no outbound rule allows udp 53 to the DNS servers of the VPC's DHCP options ({})",
        self::names(groups),
        servers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    );
    let code = Code::DnsServersSgRulesMismatch;
    Some(Judgement::block(Layer::Dns, code, groups.first()?, addresses.clone(), rule))
}

/// The decision of security groups about an inbound TCP connection.
pub(super) enum Admission {
    /// This rule allows it.
    Allowed(String),
    /// No rule allows it.
    Denied(String),
    /// Unknown: the reason, and what decides it.
    Unknown(String, Deciding),
}

/// The request packets of a connection to a TCP port, where they enter a network interface.
pub(super) fn inbound_packets(port: u16, remote: Addresses) -> Subject {
    Subject::Packets { direction: Direction::Inbound, is_reply: false, ports: PortRange::one(port), remote }
}

/// Judges whether `groups` allow TCP `port` from a network interface in `source_groups`, for all addresses of
/// `source`, which are of one family.
pub(super) fn inbound(
    index: &Index<'_>,
    groups: &[SecurityGroupId],
    port: u16,
    source_groups: &[SecurityGroupId],
    source: &Addresses,
) -> Admission {
    if groups.is_empty() {
        let deciding = Deciding::value(index.snapshot, Call::DescribeNetworkInterfaces);
        return Admission::Unknown("its security groups were not read".to_owned(), deciding);
    }
    let mut rest = source.clone();
    let mut doubt = None;
    for id in groups {
        let Some(group) = index.snapshot.network.security_groups.get(id) else {
            let deciding = Deciding::absent(index.snapshot, Call::DescribeSecurityGroups);
            doubt = Some((format!("{id} was not read"), deciding));
            continue;
        };
        if let Some(rule) = rule_for_group(group, port, source_groups) {
            return Admission::Allowed(format!("{id} allows inbound {} from {}", ports_of(rule), rule.peer));
        }
        for rule in group.ingress.iter().filter(|rule| is_for(rule, port)) {
            match &rule.peer {
                Peer::Group(_) => {}
                peer => {
                    let Peers { known, doubtful } = peers(index, peer);
                    rest = rest.minus(&known);
                    if !doubtful.is_empty() {
                        doubt =
                            Some((format!("the addresses of {peer} were not read"), members_of(index, peer)));
                    }
                }
            }
        }
        if rest.is_empty() {
            return Admission::Allowed(format!("{id} allows inbound tcp {port} from {source}"));
        }
    }
    match doubt {
        Some((why, deciding)) => Admission::Unknown(why, deciding),
        None if rest == *source => {
            Admission::Denied(format!("{}: no inbound rule allows tcp {port} from {source}", names(groups)))
        }
        None => {
            let why = format!("{} allows only part of {source} on tcp {port}", names(groups));
            Admission::Unknown(why, Deciding::SourceAddress)
        }
    }
}

fn rule_for_group<'a>(
    group: &'a SecurityGroup,
    port: u16,
    source_groups: &[SecurityGroupId],
) -> Option<&'a SecurityGroupRule> {
    group
        .ingress
        .iter()
        .filter(|rule| is_for(rule, port))
        .find(|rule| matches!(&rule.peer, Peer::Group(peer) if source_groups.contains(peer)))
}

fn is_for(rule: &SecurityGroupRule, port: u16) -> bool {
    rule.protocol.includes_tcp() && (rule.protocol == Protocol::All || rule.ports.contains(port))
}

fn ports_of(rule: &SecurityGroupRule) -> String {
    match rule.protocol {
        Protocol::All => "all traffic".to_owned(),
        _ => format!("tcp {}", rule.ports),
    }
}

/// The addresses of the source or destination of a rule.
struct Peers {
    known: Addresses,
    /// Addresses that the rule possibly matches.
    doubtful: Addresses,
}

fn peers(index: &Index<'_>, peer: &Peer) -> Peers {
    let all = || Addresses::of(AddressFamily::Ipv4).or(&Addresses::of(AddressFamily::Ipv6));
    let known = |known| Peers { known, doubtful: Addresses::none() };
    match peer {
        Peer::Ipv4(net) => known(Addresses::from(*net)),
        Peer::Ipv6(net) => known(Addresses::from(*net)),
        Peer::PrefixList(id) => match index.list(id) {
            Some(addresses) => known(addresses),
            None => Peers { known: Addresses::none(), doubtful: all() },
        },
        Peer::Group(id) => {
            // The members of a security group in another VPC or account cannot be read. Their addresses are
            // private.
            let is_whole = index.snapshot.network.security_groups.get(id).is_some()
                && missing(index.snapshot, Call::DescribeNetworkInterfaces).is_none();
            let doubtful = if is_whole { Addresses::none() } else { all().minus(&PUBLIC_V4) };
            Peers { known: index.members(id), doubtful }
        }
    }
}

/// What decides the missing addresses of a rule's source or destination.
fn members_of(index: &Index<'_>, peer: &Peer) -> Deciding {
    match peer {
        Peer::PrefixList(_) => Deciding::Answer(Call::GetManagedPrefixListEntries),
        Peer::Group(_) | Peer::Ipv4(_) | Peer::Ipv6(_) => {
            Deciding::absent(index.snapshot, Call::DescribeNetworkInterfaces)
        }
    }
}

pub(super) fn names(groups: &[SecurityGroupId]) -> String {
    groups.iter().map(SecurityGroupId::as_str).collect::<Vec<_>>().join(", ")
}
