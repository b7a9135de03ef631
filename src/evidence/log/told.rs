//! What the lines of an event say together: each failure once, by its most telling line, with its host.

use std::net::IpAddr;
use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use super::hosts::{self, Named, Rank};
use super::redact::redact;
use super::signs;
use super::text::unwrap;
use crate::evidence::catalogue::{is_region, is_service};
use crate::evidence::{Area, Symptom};

/// A failure that an event tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub symptom: Symptom,
    pub named: Option<Named>,
    /// Number of the line that tells most.
    pub line: usize,
}

/// Protocols by the words of their clients, with their ports.
#[expect(clippy::unwrap_used, reason = "constant patterns")]
static PROTOCOLS: LazyLock<(RegexSet, [u16; 5])> = LazyLock::new(|| {
    let words = [
        r"(?i)postgres|psycopg|could not translate host name|connection to server at|\bpgx\b|\bPG::|npgsql|libpq|asyncpg|PSQLException|failed to connect to `host=",
        r"(?i)mysql|mariadb|SQLSTATE\[HY000\] \[2002\]",
        r"(?i)\bredis\b|redis[.:]|lettuce|jedis",
        r"(?i)mongo",
        r"(?i)\bamqp|rabbitmq|\bpika\.",
    ];
    (RegexSet::new(words).unwrap(), [5432, 3306, 6379, 27017, 5672])
});

/// The port of the protocol that an event speaks of, for a host whose port is not told.
pub(super) fn usual_port<'a>(lines: impl Iterator<Item = &'a str>) -> Option<u16> {
    let (words, ports) = &*PROTOCOLS;
    lines.filter_map(|line| words.matches(line).iter().next()).find_map(|at| ports.get(at).copied())
}

/// The port that a host's own name tells.
fn usual_of(host: &str) -> Option<u16> {
    host.ends_with(".cache.amazonaws.com").then_some(6379)
}

/// What an event's lines say, put together.
#[derive(Default)]
pub(super) struct Told {
    sightings: Vec<Failure>,
    /// Hosts of lines that do not say what happened.
    context: Vec<Named>,
    port: Option<u16>,
}

impl Told {
    pub fn take(&mut self, line: usize, text: &str) {
        if let Some(port) = hosts::port_alone(text) {
            self.port.get_or_insert(port);
        }
        let mut named = hosts::named(text);
        let Some(symptom) = signs::symptom(text) else {
            self.context.extend(named);
            return;
        };
        // What a service answered, or what the application did to itself, is not about whatever host is mentioned.
        let least = match symptom.area() {
            Area::Api => Rank::Requested,
            Area::Application => Rank::Connected,
            Area::Dns if symptom == Symptom::WrongRegion => Rank::Requested,
            Area::Path | Area::Dns | Area::RemoteHost => Rank::Mentioned,
        };
        named.retain(|one| one.rank >= least && symptom != Symptom::WorkerTimeout);
        let named = best(&named, symptom);
        self.sightings.push(Failure { symptom, named, line });
    }

    pub fn failures(mut self, usual_port: Option<u16>) -> Vec<Failure> {
        self.place();
        let mut failures: Vec<Failure> = Vec::new();
        for sighting in self.sightings {
            match failures.iter_mut().rev().find(|known| known.is_told_by(&sighting)) {
                Some(known) => known.absorb(sighting),
                None => failures.push(sighting),
            }
        }
        // A connection that failed on the way to credentials is what failed.
        let is_connection =
            |failure: &Failure| matches!(failure.symptom.area(), Area::Path | Area::Dns | Area::RemoteHost);
        if failures.iter().any(is_connection) {
            failures.retain(|failure| failure.symptom != Symptom::Credentials || failure.named.is_some());
        }
        for failure in &mut failures {
            if let Some(named) = &mut failure.named {
                let same = self.context.iter().find(|other| other.host == named.host && other.port.is_some());
                named.port = named.port.or_else(|| same.and_then(|other| other.port));
                let usual = usual_port.filter(|_| !named.is_aws_api()).or_else(|| usual_of(&named.host));
                named.port = named.port.or(self.port).or(usual);
                if has_wrong_region(&named.host) && failure.symptom != Symptom::Answered {
                    failure.symptom = Symptom::WrongRegion;
                }
            }
        }
        failures
    }

    /// Gives a host to what has none, and a name to what has only an address.
    fn place(&mut self) {
        let surest = best(&self.context, Symptom::Timeout).filter(|named| named.rank >= Rank::Keyed);
        let names: Vec<Named> = self
            .sightings
            .iter()
            .filter_map(|sighting| sighting.named.clone())
            .filter(|named| !named.is_address())
            .collect();
        let one_name =
            names.first().filter(|first| names.iter().all(|other| other.host == first.host)).cloned();
        let anywhere = self.sightings.iter().any(|sighting| sighting.named.is_some());
        for sighting in &mut self.sightings {
            match &mut sighting.named {
                None if !anywhere && sighting.symptom != Symptom::WorkerTimeout => {
                    let least = match sighting.symptom.area() {
                        Area::Application => Rank::Connected,
                        Area::Api => Rank::Requested,
                        Area::Dns if sighting.symptom == Symptom::WrongRegion => Rank::Requested,
                        _ => Rank::Keyed,
                    };
                    sighting.named = surest.clone().filter(|named| named.rank >= least);
                }
                Some(own) if own.is_address() && sighting.symptom != Symptom::Proxy => {
                    let requested = surest.as_ref().filter(|named| !named.is_address());
                    if let (Some(name), Ok(address)) =
                        (one_name.as_ref().or(requested), own.host.parse::<IpAddr>())
                    {
                        let port = name.port.filter(|port| *port != 443).or(own.port).or(name.port);
                        *own = Named { addresses: vec![address], port, ..name.clone() };
                    }
                }
                _ => {}
            }
        }
    }
}

/// A line of something that went well: the failure after it is another host's.
#[expect(clippy::unwrap_used, reason = "a constant pattern")]
static WENT_WELL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)[\s\x22](?:20[0-9]|30[1-8])\b|\bin [0-9.]+ ?m?s\b|\b(?:registered|succeeded|success(?:ful|fully)?|completed|fetched|received|responded|listening|OK)\b").unwrap()
});

/// Gives failures without a host the one that the lines just before named: `Connecting to broker at b-1…:9094`, and then
/// `unexpected EOF`.
pub(super) fn lead(failures: &mut [Failure], lines: &[String]) {
    let is_open = |failure: &Failure| {
        failure.symptom.area() != Area::Application
            && failure.symptom != Symptom::WrongRegion
            && failure.named.as_ref().is_none_or(Named::is_address)
    };
    if !failures.iter().any(is_open) {
        return;
    }
    // What an answer is about stands in the line right before.
    let is_answer = failures.iter().all(|failure| failure.symptom.area() == Area::Api);
    let lines = if is_answer { lines.last().map_or(&[] as &[String], std::slice::from_ref) } else { lines };
    let named: Vec<Named> = lines
        .iter()
        .rev()
        .filter(|line| !WENT_WELL.is_match(line))
        .flat_map(|line| unwrap(line))
        .flat_map(|line| hosts::named(&redact(line)))
        .collect();
    let Some(name) = named.iter().find(|named| named.rank >= Rank::Requested && !named.is_address()) else {
        return;
    };
    for failure in failures.iter_mut().filter(|failure| is_open(failure)) {
        match &mut failure.named {
            none @ None => *none = Some(name.clone()),
            Some(named) if named.port == name.port => {
                let addresses = named.host.parse().into_iter().collect();
                *named = Named { addresses, ..name.clone() };
            }
            Some(_) => {}
        }
    }
}

impl Failure {
    /// The host that it names.
    pub fn host(&self) -> Option<String> {
        self.named.as_ref().map(|named| named.host.clone())
    }

    /// Whether another sighting may be of the same failure.
    pub fn is_told_by(&self, other: &Self) -> bool {
        let same_host = match (&self.named, &other.named) {
            (Some(one), Some(two)) => one.host == two.host,
            _ => true,
        };
        same_host && kin(self.symptom, other.symptom)
    }

    /// Takes in what another sighting of it tells.
    pub fn absorb(&mut self, other: Self) {
        if let Some(new) = other.named {
            match &mut self.named {
                Some(old) => {
                    old.port = old.port.or(new.port);
                    old.addresses.extend(new.addresses);
                }
                none => *none = Some(new),
            }
        }
        if other.symptom < self.symptom && self.symptom != Symptom::WrongRegion {
            self.symptom = other.symptom;
            self.line = other.line;
        }
    }
}

/// Whether two symptoms can be of one failure: what happened to a connection, told more or less closely; or what one
/// answer says.
fn kin(one: Symptom, two: Symptom) -> bool {
    let is_connection = |symptom: Symptom| {
        matches!(symptom.area(), Area::Path | Area::Dns | Area::RemoteHost) && symptom != Symptom::Answered
    };
    let is_waiting =
        |symptom| matches!(symptom, Symptom::PoolExhausted | Symptom::Timeout | Symptom::ConnectFailed);
    let is_answer = |symptom: Symptom| symptom.area() == Area::Api || symptom == Symptom::WrongRegion;
    one == two
        || (is_connection(one) && is_connection(two))
        || (is_answer(one) && is_answer(two))
        || (is_waiting(one) && is_waiting(two))
        || (one.min(two) == Symptom::Proxy && is_answer(one.max(two)))
        || (is_answer(one.min(two)) && one.max(two) == Symptom::ConnectFailed)
}

/// The surest host of a line. Of a name and its address the name, with the address; but where a proxy failed, the proxy.
fn best(named: &[Named], symptom: Symptom) -> Option<Named> {
    let top = named.iter().map(|one| one.rank).max()?;
    let mut surest = named.iter().filter(|one| one.rank == top);
    let first = surest.clone().find(|one| !one.is_address()).or_else(|| surest.next())?;
    if !first.is_address() || symptom == Symptom::Proxy {
        return Some(first.clone());
    }
    let name = named.iter().filter(|one| !one.is_address()).find(|one| one.rank >= Rank::Requested);
    match (name, first.host.parse::<IpAddr>()) {
        (Some(name), Ok(address)) => {
            let mut addresses = name.addresses.clone();
            addresses.push(address);
            let port = name.port.filter(|port| *port != 443).or(first.port).or(name.port);
            Some(Named { port, addresses, ..name.clone() })
        }
        _ => Some(first.clone()),
    }
}

/// Whether an AWS name holds no region where one belongs, or one that does not exist.
pub(super) fn has_wrong_region(host: &str) -> bool {
    let Some(rest) = [".amazonaws.com", ".api.aws"].iter().find_map(|end| host.strip_suffix(end)) else {
        return false;
    };
    let mut labels = rest.rsplit('.');
    let last = labels.next().unwrap_or_default();
    if is_region(last.strip_prefix("s3-").unwrap_or(last)) {
        return false;
    }
    // `us-west-2a`: a zone, or a region that is no more than well-formed.
    // `us-west2`: the same without a hyphen.
    let parts: Vec<&str> = last.split('-').collect();
    let is_compass =
        |text: &str| ["north", "south", "east", "west", "central"].iter().any(|word| text.starts_with(word));
    let lacks_hyphen = match parts.as_slice() {
        [area, rest] => area.len() == 2 && is_compass(rest) && rest.ends_with(|c: char| c.is_ascii_digit()),
        _ => false,
    };
    let like_region = match parts.as_slice() {
        [area, .., number] if parts.len() >= 3 => {
            area.len() == 2 && *area != "s3" && number.starts_with(|c: char| c.is_ascii_digit())
        }
        _ => false,
    };
    // `sts.dummy`, `dynamodb.undefined`: a service's name, and then no region.
    let after_service = labels
        .next()
        .is_some_and(|before| (before == "s3" || is_service(before)) && !is_service(last) && last != "s3");
    rest.contains("..") || last.is_empty() || like_region || lacks_hyphen || after_service
}
