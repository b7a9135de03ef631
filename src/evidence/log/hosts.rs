//! Finds the hosts that a line mentions.

use std::net::{IpAddr, Ipv6Addr};

use regex::Captures;

use super::host_filter::is_not_a_destination;
use super::host_patterns::{CONNECTED, IN_CODE, KEYED, KEYED_PORT, MENTIONED, PORT, PROXY, TOPOLOGY, URL};
use super::mention::{Certainty, HostMention};
use super::role::without_other_addresses;
use crate::evidence::host::default_port;

/// The hosts that a line mentions, the most certain first. The addresses of the application itself and of its
/// clients are not among them.
pub(super) fn hosts_in(line: &str) -> Vec<HostMention> {
    let line = &*without_other_addresses(line);
    let mut found: Vec<HostMention> = Vec::new();
    for form in PROXY.matching(line) {
        let proxies =
            form.captures_iter(line).filter_map(|capture| mention(line, &capture, Certainty::Connected));
        found.extend(proxies.map(|proxy| HostMention { is_proxy: true, ..proxy }));
    }
    for form in CONNECTED.matching(line) {
        for capture in form.captures_iter(line) {
            found.extend(mention(line, &capture, Certainty::Connected));
        }
    }
    for capture in URL.captures_iter(line) {
        found.extend(mention(line, &capture, Certainty::InUrl));
    }
    for capture in KEYED.captures_iter(line) {
        found.extend(mention(line, &capture, Certainty::Keyed));
    }
    for capture in MENTIONED.captures_iter(line) {
        found.extend(mention(line, &capture, Certainty::Mentioned));
    }
    let mut distinct: Vec<HostMention> = Vec::new();
    for mention in found {
        match distinct.iter_mut().find(|other| other.host == mention.host) {
            Some(other) => {
                other.port = other.port.or(mention.port);
                other.addresses.extend(mention.addresses);
            }
            None => distinct.push(mention),
        }
    }
    distinct
}

/// The servers in the list of a `MongoDB` driver that have no connection.
pub(super) fn topology_in(line: &str) -> Vec<HostMention> {
    TOPOLOGY.captures_iter(line).filter_map(|capture| mention(line, &capture, Certainty::Connected)).collect()
}

/// The host and port that a line of code passes to a function.
pub(super) fn host_in_code(line: &str) -> Option<HostMention> {
    mention(line, &IN_CODE.captures(line)?, Certainty::Connected)
}

/// The port, if the line contains only a port.
pub(super) fn port_only(line: &str) -> Option<u16> {
    KEYED_PORT.captures(line)?.get(1)?.as_str().parse().ok()
}

fn mention(line: &str, capture: &Captures<'_>, certainty: Certainty) -> Option<HostMention> {
    let host = capture.name("host")?;
    if certainty == Certainty::Mentioned && host.as_str().bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let name = host.as_str().trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
    let name = without_service(&name).to_owned();
    let before = line.get(..host.start()).unwrap_or_default();
    let after = line.get(host.end()..).unwrap_or_default();
    let port = capture.name("port").and_then(|port| port.as_str().parse().ok()).filter(|port| *port > 0);
    if is_not_a_destination(&name, before, after, port, certainty) {
        return None;
    }
    let mut address = capture.name("ip").and_then(|ip| ip.as_str().parse().ok());
    let mut port = port;
    if let Some(ip) = capture.name("ip")
        && let Some((ipv6, direct, length)) = address_and_port(line.get(ip.start()..).unwrap_or_default())
    {
        address = Some(IpAddr::V6(ipv6));
        let is_inside = capture.name("port").is_some_and(|port| port.start() < ip.start() + length);
        port = if is_inside { direct } else { port };
    }
    let list = capture.name("list").map(|list| addresses_of(list.as_str())).unwrap_or_default();
    let addresses: Vec<IpAddr> = address.into_iter().chain(list).collect();
    let scheme = capture.name("scheme").map(|scheme| default_port(scheme.as_str()));
    // Java writes the thousands separator of the locale: `port 50,000`.
    let port_after =
        || PORT.captures(after).and_then(|found| found.get(1)?.as_str().replace(',', "").parse().ok());
    let port = port.or(scheme).or_else(port_after);
    Some(HostMention { host: name, port, addresses, certainty, is_proxy: false })
}

/// The IPv6 address at the beginning of a text, the port directly after it, and their length. `None` if the text does not
/// begin with an IPv6 address. Java before version 14 writes all eight groups of an address and no brackets, so a ninth
/// group is the port. In an address with fewer groups, the last group can be a part of it.
fn address_and_port(text: &str) -> Option<(Ipv6Addr, Option<u16>, usize)> {
    let end = text.find(|c: char| !c.is_ascii_hexdigit() && c != ':' && c != '.').unwrap_or(text.len());
    let text = text.get(..end)?.trim_end_matches([':', '.']);
    if text.matches(':').count() < 2 {
        return None;
    }
    if let Ok(address) = text.parse() {
        return Some((address, None, text.len()));
    }
    let (address, port) = text.rsplit_once(':')?;
    Some((address.parse().ok()?, Some(port.parse().ok()?), text.len()))
}

/// The name of an SRV record without its service and protocol: `_mongodb._tcp.cluster0.example.org`.
fn without_service(name: &str) -> &str {
    let parts = name.strip_prefix('_').and_then(|rest| rest.split_once('.')?.1.split_once('.'));
    match parts {
        Some(("_tcp" | "_udp" | "_tls", rest)) => rest,
        _ => name,
    }
}

fn addresses_of(list: &str) -> Vec<IpAddr> {
    list.split([',', ' ', '/']).filter_map(|text| text.trim().parse().ok()).collect()
}
