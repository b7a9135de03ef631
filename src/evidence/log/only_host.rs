//! Names that the lines with a failure do not contain, and other lines of the log do: the name of an address, and the only
//! host of a log.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::finding::{Key, LogFinding};
use super::hosts::hosts_in;
use super::json::flatten_line;
use super::mention::{Certainty, HostMention};
use crate::evidence::redact::redact;
use crate::evidence::{Area, Symptom};

/// Maximum number of bytes of a line with the host of a connection.
const LONGEST: usize = 4096;
/// Texts before the URL of a connection: of JDBC, and in the lines of .NET before each request (`Sending HTTP request`,
/// `Start processing HTTP request`).
static BEFORE_URL: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| [Finder::new("jdbc:"), Finder::new("ing HTTP request ")]);

/// The host in the lines of a log that name a connection without its result.
#[derive(Debug, Default)]
pub(super) enum OnlyHost {
    #[default]
    None,
    One(HostMention),
    Several,
}

impl OnlyHost {
    /// Reads a line.
    pub fn read(&mut self, line: &[u8]) {
        let is_connection = || BEFORE_URL.iter().any(|text| text.find(line).is_some());
        if matches!(self, Self::Several) || line.len() > LONGEST || !is_connection() {
            return;
        }
        for text in flatten_line(&String::from_utf8_lossy(line)) {
            let mentions = hosts_in(&redact(text));
            mentions
                .into_iter()
                .filter(|mention| mention.certainty >= Certainty::InUrl)
                .for_each(|mention| self.add(mention));
        }
    }

    fn add(&mut self, mention: HostMention) {
        match self {
            Self::None => *self = Self::One(mention),
            Self::One(known) if known.host == mention.host => {}
            Self::One(_) | Self::Several => *self = Self::Several,
        }
    }

    /// Adds the host to the failed connections without one, if the log contains no other host.
    pub fn assign(self, findings: &mut BTreeMap<Key, LogFinding>) {
        let Self::One(only) = self else { return };
        if findings.keys().any(|(host, ..)| host.as_ref().is_some_and(|host| *host != only.host)) {
            return;
        }
        // A connection that a client made to the application can be reset too.
        let is_other = |symptom| {
            matches!(symptom, Symptom::WrongRegion | Symptom::Proxy | Symptom::Reset | Symptom::Answered)
        };
        let is_connection = |symptom: Symptom| {
            matches!(symptom.area(), Area::Path | Area::Dns | Area::RemoteHost) && !is_other(symptom)
        };
        let is_wanted = |(host, _, symptom): &Key| host.is_none() && is_connection(*symptom);
        for key in findings.keys().filter(|key| is_wanted(key)).cloned().collect::<Vec<_>>() {
            rename(findings, &key, &only);
        }
    }
}

/// Gives the name of a host to equal failures of its address: a line has the address only, and another line has both.
pub(super) fn name_addresses(findings: &mut BTreeMap<Key, LogFinding>) {
    let mut names: HashMap<(IpAddr, Symptom), Option<HostMention>> = HashMap::new();
    for ((host, port, symptom), finding) in &*findings {
        let Some(host) = host.as_ref().filter(|host| host.parse::<IpAddr>().is_err()) else { continue };
        for address in &finding.addresses {
            let mention = HostMention {
                host: host.clone(),
                port: *port,
                addresses: vec![*address],
                certainty: Certainty::Connected,
                is_proxy: false,
            };
            let name = names.entry((*address, *symptom)).or_insert_with(|| Some(mention.clone()));
            // An address with two names, or with two ports of a name, has no certain name.
            if name.as_ref().is_some_and(|name| name.host != mention.host || name.port != mention.port) {
                *name = None;
            }
        }
    }
    let name_of = |(host, port, symptom): &Key| {
        let name = names.get(&(host.as_ref()?.parse().ok()?, *symptom))?.clone()?;
        (port.is_none() || *port == name.port).then_some(name)
    };
    let renamed: Vec<_> = findings.keys().filter_map(|key| Some((key.clone(), name_of(key)?))).collect();
    for (key, name) in renamed {
        rename(findings, &key, &name);
    }
}

/// Gives a host to a finding. Two findings of the same host and symptom become one.
fn rename(findings: &mut BTreeMap<Key, LogFinding>, key: &Key, mention: &HostMention) {
    let Some(mut finding) = findings.remove(key) else { return };
    finding.host = Some(mention.host.clone());
    finding.destination = mention.destination();
    finding.addresses.extend(
        mention
            .addresses
            .iter()
            .filter(|address| !finding.addresses.contains(address))
            .copied()
            .collect::<Vec<_>>(),
    );
    let key = (finding.host.clone(), mention.port, key.2);
    match findings.get_mut(&key) {
        Some(known) => known.merge(finding),
        None => {
            findings.insert(key, finding);
        }
    }
}
