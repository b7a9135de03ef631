//! The HTTP proxy in the settings of a service, and what a failure of a proxy in the log is about.
//!
//! A client with `HTTPS_PROXY` connects only to the proxy, so the path to the host behind it says nothing
//! (<https://docs.python-requests.org/en/latest/user/advanced/#proxies>, <https://curl.se/docs/manpage.html#-x>).

use super::LogFinding;
use super::host::destination;
use super::log::ProxyRole;
use crate::model::{Destination, Workload};

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

/// The proxy in the settings, that of HTTPS first.
#[must_use]
pub fn proxy_in_settings(workload: &Workload) -> Option<Destination> {
    in_settings(workload).next()
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
