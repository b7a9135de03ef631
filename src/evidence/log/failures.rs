//! The distinct failures of an event, each with its most specific line and its host.

use std::net::IpAddr;
use std::rc::Rc;
use std::sync::LazyLock;

use super::mention::{Certainty, HostMention};
use super::{error_patterns, hosts, region};
use crate::evidence::patterns::{LazyPattern, Rows};
use crate::evidence::redact::redact;
use crate::evidence::{Area, Symptom};

/// A failure that an event shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub symptom: Symptom,
    pub host: Option<Rc<HostMention>>,
    /// Number of the most specific line.
    pub line: usize,
    /// The default port of the protocol whose driver wrote the line.
    pub protocol: Option<u16>,
    /// Whether botocore or urllib3 wrote it.
    pub is_botocore: bool,
    /// Whether it is a broken pipe. A server writes the same line about its own client.
    pub is_broken_pipe: bool,
    /// The region that AWS names as the correct one.
    pub correct_region: Option<String>,
}

/// The default port of `MongoDB`.
const MONGODB: u16 = 27017;

/// Patterns of words that the drivers of a protocol write, with the default port of the protocol.
const PROTOCOLS: &[(&str, u16)] = &[
    (
        r"(?i)postgres|psycopg|could not translate host name|connection to server at|\bpgx\b|\bPG::|npgsql|libpq|asyncpg|PSQLException|failed to connect to `(?:host|user)=",
        5432,
    ),
    (r"(?i)mysql|mariadb|SQLSTATE\[HY000\] \[2002\]", 3306),
    (r"(?i)\bredis\b|redis[.:]|redisexception|lettuce|jedis", 6379),
    (r"(?i)mongo", MONGODB),
    (r"(?i)\bamqp|rabbitmq|\bpika\.", 5672),
    (r"(?i)\bjsch\b|paramiko|^ssh: |\bsftp\b|asyncssh|libssh|\bssh2\b|Net::SSH|ssh_exchange_id", 22),
    (r"(?i)ftp_connect|\bftplib\b|FTPClient|aioftp|Net::FTP", 21),
    (
        r"(?i)pymssql|SqlClient|SQLServerException|\btedious\b|DB-Lib|for SQL Server\]|\bmssql\b|tiny_tds",
        1433,
    ),
    (r"(?i)oracledb|cx_Oracle|\bORA-[0-9]{5}\b|\boracle\.jdbc|OCIError", 1521),
    (r"(?i)\bldaps://", 636),
    (r"(?i)\bldap3\b|ldap_(?:bind|connect|search|start_tls)|jndi\.ldap|Net::LDAP|\bldap://", 389),
    (r"(?i)^nats: |NatsError|nats\.(?:aio|errors)|io\.nats", 4222),
    (r"(?i)\bsmtplib|\bsmtp\b", 587),
    (r"(?i)aiokafka|kafka-python|kafka\.errors|kafkajs", 9092),
    (r"(?i)\bgocql\b|DriverTimeoutException|cassandra\.cluster", 9042),
    (r"(?i)pymemcache|memcached|\bDalli\b", 11211),
    (r"(?i)neo4j", 7687),
    (r"^rsync(?:\[[0-9]+\])?: ", 873),
];

static PROTOCOL_PATTERNS: LazyLock<Rows> =
    LazyLock::new(|| Rows::new(PROTOCOLS.iter().map(|(pattern, _)| *pattern)));

/// The default port of the protocol that an event mentions, for a host without a port.
pub(super) fn protocol_port<'a>(lines: impl Iterator<Item = &'a str>) -> Option<u16> {
    lines
        .filter_map(|line| PROTOCOL_PATTERNS.first(line.as_bytes()))
        .find_map(|at| PROTOCOLS.get(at).map(|(_, port)| *port))
}

/// The default port of a host, by its name.
fn port_of_name(host: &str) -> Option<u16> {
    host.ends_with(".cache.amazonaws.com").then_some(6379)
}

/// The symptoms and hosts of an event, collected line by line.
#[derive(Default)]
pub(super) struct EventFindings {
    /// One failure for each line with a symptom.
    failures: Vec<Failure>,
    /// Hosts of lines without a symptom.
    context: Vec<HostMention>,
    /// The servers without a connection in the list of a driver.
    topology: Vec<HostMention>,
    /// The port of a line that contains only a port.
    port: Option<u16>,
    /// Whether a line shows TLS alert 80 (internal error).
    has_alert_80: bool,
}

/// TLS alert 80, as OpenSSL, Go, Java, .NET and rustls write it. `MongoDB` Atlas sends it to a client whose
/// address is not on the IP access list of the project.
static ALERT_80: LazyPattern = LazyPattern::new(
    r"(?i)alert number 80\b|alert[ _]internal[ _]error|tls: internal error|(?:fatal|tls) alert:? '?internal_?error",
);

/// A broken pipe, as most languages write it.
static BROKEN_PIPE: LazyPattern = LazyPattern::new(r"(?i)broken ?pipe|\bEPIPE\b");

impl EventFindings {
    pub fn add_line(&mut self, line: usize, text: &str) {
        if let Some(port) = hosts::port_only(text) {
            self.port.get_or_insert(port);
        }
        let mut mentions = hosts::hosts_in(text);
        let Some(symptom) = error_patterns::symptom(text) else {
            self.topology.extend(hosts::topology_in(text));
            self.context.extend(mentions);
            return;
        };
        self.has_alert_80 |= symptom == Symptom::Tls && ALERT_80.is_match(text);
        // For a response of a service or a failure inside the application, a host that is only mentioned is
        // often another host.
        let minimum = match symptom.area() {
            Area::Api => Certainty::InUrl,
            Area::Application => Certainty::Connected,
            Area::Dns if symptom == Symptom::WrongRegion => Certainty::InUrl,
            Area::Path | Area::Dns | Area::RemoteHost => Certainty::Mentioned,
        };
        mentions.retain(|mention| mention.certainty >= minimum && symptom != Symptom::WorkerTimeout);
        let host = most_certain(&mentions, symptom).map(Rc::new);
        let is_broken_pipe = symptom == Symptom::Reset && BROKEN_PIPE.is_match(text);
        self.failures.push(Failure {
            symptom,
            host,
            line,
            protocol: protocol_port(std::iter::once(text)),
            is_botocore: false,
            is_broken_pipe,
            correct_region: None,
        });
    }

    /// Adds the host of a call in a line of code: `with smtplib.SMTP("smtp.example.com", 587) as server:`.
    pub fn add_code(&mut self, text: &str) {
        self.context.extend(hosts::host_in_code(text));
    }

    pub fn failures(mut self, protocol_port: Option<u16>, is_botocore: bool) -> Vec<Failure> {
        self.assign_hosts();
        self.repeat_for_topology();
        // `connection to server at "db" (2600:…), port 5432 failed: Network is unreachable`
        drop_ipv6_attempts(&mut self.failures, |mention| !mention.is_address());
        let mut failures: Vec<Failure> = Vec::new();
        for failure in self.failures {
            match failures.iter_mut().rev().find(|known| known.can_be_same_failure(&failure)) {
                Some(known) => known.merge(failure),
                None => failures.push(failure),
            }
        }
        drop_ipv6_attempts(&mut failures, HostMention::is_address);
        // If a connection failed, a credentials failure without a host is its consequence.
        let is_connection =
            |failure: &Failure| matches!(failure.symptom.area(), Area::Path | Area::Dns | Area::RemoteHost);
        if failures.iter().any(is_connection) {
            let is_credentials = |symptom| matches!(symptom, Symptom::Credentials | Symptom::NoCredentials);
            failures.retain(|failure| !is_credentials(failure.symptom) || failure.host.is_some());
        }
        for failure in &mut failures {
            let host = failure.host.as_ref().map_or("", |mention| mention.host.as_str());
            let is_atlas =
                host.ends_with(".mongodb.net") || (host.is_empty() && protocol_port == Some(MONGODB));
            if self.has_alert_80 && failure.symptom == Symptom::Tls && is_atlas {
                failure.symptom = Symptom::AtlasAccessList;
            }
            failure.is_botocore = is_botocore;
            if let Some(mention) = failure.host.as_mut().map(Rc::make_mut) {
                let same_host = |other: &&HostMention| other.host == mention.host && other.port.is_some();
                let context_port = self.context.iter().find(same_host).and_then(|other| other.port);
                mention.port = mention.port.or(context_port);
                let of_protocol = protocol_port.filter(|_| !mention.is_aws_api() && !mention.is_proxy);
                let default = of_protocol.or_else(|| port_of_name(&mention.host));
                mention.port = mention.port.or(self.port).or(default);
                if region::is_invalid(&mention.host) && failure.symptom != Symptom::Answered {
                    failure.symptom = Symptom::WrongRegion;
                }
            }
        }
        failures
    }

    /// Repeats a failure without a host for each server in the list of the driver.
    fn repeat_for_topology(&mut self) {
        if self.topology.is_empty() || self.failures.iter().any(|failure| failure.host.is_some()) {
            return;
        }
        let (topology, failures) = (&self.topology, &self.failures);
        let repeated = topology.iter().flat_map(|mention| {
            let host = Rc::new(mention.clone());
            failures.iter().map(move |failure| Failure { host: Some(Rc::clone(&host)), ..failure.clone() })
        });
        self.failures = repeated.collect();
    }

    /// Adds a host to failures without one, and a host name to failures with only an address.
    fn assign_hosts(&mut self) {
        let in_context = most_certain(&self.context, Symptom::Timeout)
            .filter(|mention| mention.certainty >= Certainty::Keyed);
        // A name that was not resolved has no address.
        let names: Vec<Rc<HostMention>> = self
            .failures
            .iter()
            .filter(|failure| failure.symptom.area() != Area::Dns)
            .filter_map(|failure| failure.host.clone())
            .filter(|mention| !mention.is_address())
            .collect();
        let only_name =
            names.first().filter(|first| names.iter().all(|other| other.host == first.host)).cloned();
        let has_host = self.failures.iter().any(|failure| failure.host.is_some());
        let has_topology = !self.topology.is_empty();
        for failure in &mut self.failures {
            // The driver connects to one server, and the error contains its address.
            if let (Some(mention), [server]) = (&mut failure.host, self.topology.as_slice())
                && !server.is_address()
                && let Ok(address) = mention.host.parse::<IpAddr>()
            {
                *mention = Rc::new(HostMention { addresses: vec![address], ..server.clone() });
            }
            match &mut failure.host {
                None if !has_host && !has_topology && failure.symptom != Symptom::WorkerTimeout => {
                    let minimum = match failure.symptom.area() {
                        Area::Application => Certainty::Connected,
                        Area::Api => Certainty::InUrl,
                        Area::Dns if failure.symptom == Symptom::WrongRegion => Certainty::InUrl,
                        _ => Certainty::Keyed,
                    };
                    let host = in_context.clone().filter(|mention| mention.certainty >= minimum);
                    failure.host = host.map(Rc::new);
                }
                Some(mention) if mention.is_address() && failure.symptom != Symptom::Proxy => {
                    let name =
                        only_name.as_deref().or(in_context.as_ref().filter(|other| !other.is_address()));
                    if let (Some(name), Ok(address)) = (name, mention.host.parse::<IpAddr>()) {
                        let port = name.port.filter(|port| *port != 443).or(mention.port).or(name.port);
                        *mention = Rc::new(HostMention { addresses: vec![address], port, ..name.clone() });
                    }
                }
                _ => {}
            }
        }
    }
}

/// A line that names the call that failed in the lines before it.
static FAILED_CALL: LazyPattern = LazyPattern::new(
    r"(?i)\b(?:fail(?:ed|ure)?|error|during|while|for url|request(?:ed)? (?:to|url)|returned [45][0-9]{2})\b",
);

impl Failure {
    /// Adds the host of the URL in the next line, if the failure has no host and that line names the failed
    /// call: `during login to https://vault.example.com/v1`.
    pub fn add_following_host(&mut self, line: &str) {
        let is_connection = matches!(self.symptom.area(), Area::Path | Area::Dns | Area::RemoteHost);
        if self.host.is_some() || !is_connection || !FAILED_CALL.is_match(line) {
            return;
        }
        let mentions = hosts::hosts_in(&redact(line.to_owned()));
        self.host = mentions.into_iter().find(|mention| mention.certainty == Certainty::InUrl).map(Rc::new);
    }

    /// Whether the connection can be one that a client made to the application, because the event names no host.
    pub fn is_of_unknown_peer(&self) -> bool {
        self.is_broken_pipe && self.host.is_none()
    }

    /// The name of its host.
    pub fn host_name(&self) -> Option<&str> {
        self.host.as_ref().map(|mention| mention.host.as_str())
    }

    /// Whether two failures can be the same failure: equal hosts (or a missing host), symptoms that can occur together, and no
    /// drivers of two protocols.
    pub fn can_be_same_failure(&self, other: &Self) -> bool {
        let same_host = match (&self.host, &other.host) {
            (Some(one), Some(two)) => one.host == two.host,
            _ => true,
        };
        let same_protocol = match (self.protocol, other.protocol) {
            (Some(one), Some(two)) => one == two,
            _ => true,
        };
        same_host && same_protocol && can_occur_together(self.symptom, other.symptom)
    }

    /// Adds the host, port and addresses of another line about this failure. Replaces the symptom if that of
    /// the other line is more specific.
    pub fn merge(&mut self, other: Self) {
        if let Some(new) = other.host {
            match &mut self.host {
                Some(old) => {
                    let old = Rc::make_mut(old);
                    old.port = old.port.or(new.port);
                    old.addresses.extend(&new.addresses);
                }
                none => *none = Some(new),
            }
        }
        self.is_botocore |= other.is_botocore;
        self.is_broken_pipe &= other.is_broken_pipe;
        self.correct_region = self.correct_region.take().or(other.correct_region);
        if other.symptom < self.symptom && self.symptom != Symptom::WrongRegion {
            self.symptom = other.symptom;
            self.line = other.line;
        }
    }
}

/// Removes the attempts over IPv6 that failed because the client has no IPv6, of a client that tries all addresses of a name, if an
/// attempt over IPv4 failed too: every client without IPv6 writes them, and the IPv4 address decides. `applies` selects the hosts of
/// the removed failures.
fn drop_ipv6_attempts(failures: &mut Vec<Failure>, applies: fn(&HostMention) -> bool) {
    let has = |mention: &HostMention, is_family: fn(&IpAddr) -> bool| {
        let own = mention.host.parse::<IpAddr>().ok();
        own.iter().chain(&mention.addresses).any(is_family)
    };
    let is_ipv4 = |failure: &Failure| {
        failure.symptom.area() == Area::Path
            && failure.host.as_ref().is_some_and(|mention| has(mention, IpAddr::is_ipv4))
    };
    if failures.iter().any(is_ipv4) {
        failures.retain(|failure| {
            let mention = failure.host.as_ref().filter(|mention| applies(mention));
            let is_ipv6 = mention
                .is_some_and(|mention| has(mention, IpAddr::is_ipv6) && !has(mention, IpAddr::is_ipv4));
            failure.symptom != Symptom::Unreachable || !is_ipv6
        });
    }
}

/// Whether one failed connection, or one response, can show both symptoms.
fn can_occur_together(one: Symptom, two: Symptom) -> bool {
    let is_connection = |symptom: Symptom| {
        matches!(symptom.area(), Area::Path | Area::Dns | Area::RemoteHost) && symptom != Symptom::Answered
    };
    let is_waiting =
        |symptom| matches!(symptom, Symptom::PoolExhausted | Symptom::Timeout | Symptom::ConnectFailed);
    let is_response = |symptom: Symptom| symptom.area() == Area::Api || symptom == Symptom::WrongRegion;
    one == two
        || (is_connection(one) && is_connection(two))
        || (is_response(one) && is_response(two))
        || (is_waiting(one) && is_waiting(two))
        || (one.min(two) == Symptom::Proxy && is_response(one.max(two)))
        || (is_response(one.min(two)) && one.max(two) == Symptom::ConnectFailed)
}

/// The most certain host of a line. If it is an address and the line also contains a name, the result is the
/// name with that address. A proxy failure keeps the address, which is that of the proxy.
fn most_certain(mentions: &[HostMention], symptom: Symptom) -> Option<HostMention> {
    if symptom == Symptom::Proxy
        && let Some(proxy) = mentions.iter().find(|mention| mention.is_proxy)
    {
        return Some(proxy.clone());
    }
    let highest = mentions.iter().map(|mention| mention.certainty).max()?;
    let mut candidates = mentions.iter().filter(|mention| mention.certainty == highest);
    let first = candidates.clone().find(|mention| !mention.is_address()).or_else(|| candidates.next())?;
    if !first.is_address() || symptom == Symptom::Proxy {
        let has_address_of_host = symptom != Symptom::Proxy && symptom.area() != Area::Dns;
        // The port can be next to the address of the same server.
        let mut addresses = mentions.iter().filter(|mention| mention.is_address());
        let address = addresses.next().filter(|_| addresses.next().is_none());
        let port = first.port.or(address.filter(|_| has_address_of_host).and_then(|address| address.port));
        return Some(HostMention { port, ..first.clone() });
    }
    // `dial tcp ADDRESS:4317: i/o timeout endpoint=NAME:4317`: the value of a key with the same port.
    let has_same_port = |mention: &HostMention| mention.port.is_some() && mention.port == first.port;
    let is_name = |mention: &&HostMention| {
        !mention.is_address()
            && (mention.certainty >= Certainty::InUrl
                || mention.certainty == Certainty::Keyed && has_same_port(mention))
    };
    match (mentions.iter().find(is_name), first.host.parse::<IpAddr>()) {
        (Some(name), Ok(address)) => {
            let mut addresses = name.addresses.clone();
            addresses.push(address);
            let port = name.port.filter(|port| *port != 443).or(first.port).or(name.port);
            Some(HostMention { port, addresses, ..name.clone() })
        }
        _ => Some(first.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_single_pattern_compiles() {
        for pattern in [&ALERT_80, &FAILED_CALL, &BROKEN_PIPE] {
            pattern.assert_valid();
        }
    }

    #[test]
    fn every_protocol_pattern_compiles() {
        PROTOCOL_PATTERNS.assert_valid();
    }
}
