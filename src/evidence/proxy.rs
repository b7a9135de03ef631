//! The HTTP proxy in the settings of a service, and what a failure of a proxy in the log is about.
//!
//! A client with `HTTPS_PROXY` connects only to the proxy, so the path to the host behind it says nothing
//! (<https://docs.python-requests.org/en/latest/user/advanced/#proxies>, <https://curl.se/docs/manpage.html#-x>).

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::LogFinding;
use super::host::destination;
use super::log::ProxyRole;
use crate::model::{Destination, DestinationKind, Workload};

/// The variables with the proxy, that of HTTPS first.
const VARIABLES: &[&str] = &["HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY"];

/// The proxies in the settings, that of HTTPS first.
fn in_settings(workload: &Workload) -> impl Iterator<Item = Destination> {
    let variables = &workload.environment.variables;
    VARIABLES
        .iter()
        .flat_map(move |name| {
            variables.iter().filter(move |variable| variable.name.eq_ignore_ascii_case(name))
        })
        .flat_map(|variable| &variable.hosts)
        .filter_map(|host| destination(host).ok())
}

/// The hosts and domains in `NO_PROXY`, in lower case. Other text is left out.
#[must_use]
pub fn no_proxy(variables: &BTreeMap<String, String>) -> Vec<String> {
    let is_pattern = |text: &&str| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || ".-*:/[]".contains(c);
        !text.is_empty() && text.len() <= 253 && text.chars().all(is_part)
    };
    let values = variables.iter().filter(|(name, _)| name.eq_ignore_ascii_case("NO_PROXY"));
    let parts = values.flat_map(|(_, value)| value.split([',', ' '])).map(str::trim).filter(is_pattern);
    parts.map(str::to_ascii_lowercase).collect()
}

/// The proxy through which the settings send HTTP requests to a destination, with its variable. `None` if the settings name no proxy
/// for it. Only HTTP clients use a proxy, so only the usual ports of HTTP count.
#[must_use]
pub fn proxy_for<'a>(workload: &'a Workload, to: &Destination) -> Option<(Destination, &'a str)> {
    let names: &[&str] = match to.port {
        443 | 8443 => &["HTTPS_PROXY", "ALL_PROXY"],
        80 | 8080 => &["HTTP_PROXY", "ALL_PROXY"],
        _ => return None,
    };
    let variables = || workload.environment.variables.iter();
    let proxy = names.iter().find_map(|name| {
        let variable = variables().find(|variable| variable.name.eq_ignore_ascii_case(name))?;
        let proxy = variable.hosts.iter().find_map(|host| destination(host).ok())?;
        Some((proxy, variable.name.as_str()))
    });
    let is_direct = || workload.environment.no_proxy.iter().any(|pattern| is_excepted(pattern, to));
    proxy.filter(|(proxy, _)| proxy.host != to.host && !is_direct())
}

/// Whether an entry of `NO_PROXY` is about a destination: the host, a domain that it is under, a range with its address, or `*`
/// (<https://curl.se/docs/manpage.html#--noproxy>).
fn is_excepted(pattern: &str, to: &Destination) -> bool {
    let (pattern, port) = match pattern.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => (host, port.parse::<u16>().ok()),
        _ => (pattern, None),
    };
    if pattern == "*" {
        return true;
    }
    if port.is_some_and(|port| port != to.port) {
        return false;
    }
    if let DestinationKind::Address(address) = to.kind {
        let range = pattern.parse::<IpNet>().or_else(|_| pattern.parse::<IpAddr>().map(IpNet::from));
        return range.is_ok_and(|range| range.contains(&address));
    }
    let domain = pattern.trim_start_matches(['*', '.']);
    let is_under = |rest: &str| rest.is_empty() || rest.ends_with('.');
    !domain.is_empty() && to.host.strip_suffix(domain).is_some_and(is_under)
}

/// The destination of a failure in the log. For a failure of a proxy, it is the proxy: of the log, with the port of the
/// settings if the log has none, or else of the settings. `None` if it is not known.
pub(super) fn destination_of(finding: &LogFinding, workload: &Workload) -> Option<Destination> {
    match finding.proxy {
        Some(ProxyRole::Behind) => in_settings(workload).next(),
        Some(ProxyRole::Proxy { has_port: false }) => {
            with_port(finding, workload).or_else(|| finding.destination.clone())
        }
        Some(ProxyRole::Proxy { has_port: true }) | None => finding.destination.clone(),
    }
}

/// The proxy of a finding, with the port of the settings.
fn with_port(finding: &LogFinding, workload: &Workload) -> Option<Destination> {
    let host = &finding.destination.as_ref()?.host;
    in_settings(workload).find(|proxy| proxy.host == *host)
}

/// What the log and the settings lack about the proxy of a finding, as a sentence; `None` if they lack nothing. `place` is
/// the place in the log.
#[must_use]
pub fn missing_proxy(finding: &LogFinding, workload: &Workload, place: &str) -> Option<String> {
    match finding.proxy? {
        ProxyRole::Behind if in_settings(workload).next().is_none() => {
            let host = finding.host.as_ref()?;
            Some(format!(
                "The log shows a proxy failure for {host} ({place}): the application connects to {host} through a proxy, which \
                 neither the log nor the settings name. The direct path to {host} is not used. Add the proxy with --to HOST:PORT \
                 to test the path to it."
            ))
        }
        ProxyRole::Proxy { has_port: false } if with_port(finding, workload).is_none() => {
            let Destination { host, port, .. } = finding.destination.as_ref()?;
            Some(format!(
                "The log names the proxy {host} without its port ({place}); port {port} is assumed. Give another port with --to \
                 {host}:PORT."
            ))
        }
        ProxyRole::Behind | ProxyRole::Proxy { .. } => None,
    }
}
