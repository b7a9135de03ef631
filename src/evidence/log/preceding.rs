//! Hosts in the lines before an event, for failures whose own lines name none.

use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::LazyLock;

use regex::Regex;

use super::failures::Failure;
use super::json::flatten_line;
use super::line_cache::LineCache;
use super::mention::{Certainty, HostMention};
use super::text::lossy;
use super::{hosts, shape};
use crate::evidence::built_in::valid;
use crate::evidence::patterns::LazyPattern;
use crate::evidence::redact::redact;
use crate::evidence::{Area, Symptom};

/// A line that reports a success. The failure after it is for another host.
static SUCCESS: LazyPattern = LazyPattern::new(
    r"(?i)[\s\x22](?:20[0-9]|30[1-8])\b|\bin [0-9.]+ ?m?s\b|\b(?:registered|succeeded|success(?:ful|fully)?|completed|fetched|received|responded|listening|OK)\b",
);

/// A command of a shell script that `set -x` prints, or that the user typed.
static COMMAND: LazyLock<Regex> =
    LazyLock::new(|| valid(Regex::new(r"^(?:\++|\$|#) ?[a-z]|^(?:curl|wget|nc|openssl) ")));

/// Maximum number of shapes of lines whose hosts are kept.
const KEPT: usize = 4_096;

/// The hosts in lines before events, kept for the shapes of lines that the log repeats.
#[derive(Default)]
pub(super) struct PrecedingHosts {
    kept: HashMap<u64, Rc<[HostMention]>>,
}

impl PrecedingHosts {
    /// Adds a host to failures without one from the lines before the event: `Connecting to broker at b-1…:9094`,
    /// then `unexpected EOF`.
    pub fn assign(&mut self, failures: &mut [Failure], lines: &[Vec<u8>], cache: &mut LineCache) {
        if lines.is_empty() || !failures.iter().any(lacks_name) {
            return;
        }
        // The host of a response is in the line directly before it. Atlas answers while the client connects.
        let is_response = failures.iter().all(|failure| {
            failure.symptom.area() == Area::Api && failure.symptom != Symptom::AtlasAccessList
        });
        let first = if is_response { lines.len().saturating_sub(1) } else { 0 };
        let near = lines.iter().skip(first).rev();
        let names: Vec<Rc<[HostMention]>> = near.map(|line| self.names_in(line, cache)).collect();
        let names = || names.iter().flat_map(|names| names.iter());
        // `resolved NAME to ADDRESS`: the name of that address.
        let name_of = |address: &HostMention| {
            let address: IpAddr = address.host.parse().ok()?;
            names().find(|name| name.addresses.contains(&address))
        };
        for failure in failures.iter_mut() {
            if let Some(mention) = failure.host.as_mut().filter(|mention| mention.is_address())
                && let Some(name) = name_of(mention)
            {
                *mention = Rc::new(HostMention { port: mention.port.or(name.port), ..name.clone() });
            }
        }
        let Some(name) = names().next() else { return };
        let is_command = lines.last().is_some_and(|line| COMMAND.is_match(&lossy(line)));
        for failure in failures.iter_mut().filter(|failure| lacks_name(failure)) {
            match &mut failure.host {
                none @ None => *none = Some(Rc::new(name.clone())),
                Some(mention) if mention.port == name.port || (mention.port.is_none() && is_command) => {
                    let addresses = mention.host.parse().into_iter().collect();
                    *mention = Rc::new(HostMention { addresses, ..name.clone() });
                }
                Some(_) => {}
            }
        }
    }

    /// The names of [`names_in`], from the cache if a line of the same shape was read before.
    fn names_in(&mut self, line: &[u8], cache: &mut LineCache) -> Rc<[HostMention]> {
        let text = lossy(line);
        if cache.is_short_log() {
            return names_in(&text).into();
        }
        let shape = cache.shape(line);
        if let Some(kept) = self.kept.get(&shape) {
            return Rc::clone(kept);
        }
        let names: Rc<[HostMention]> = names_in(&text).into();
        if shape::changed(&text).is_none_or(|other| *names == *names_in(&other)) {
            if self.kept.len() >= KEPT {
                self.kept.clear();
            }
            self.kept.insert(shape, Rc::clone(&names));
        }
        names
    }
}

/// The names to which a client connects in a line, if it reports no success.
fn names_in(line: &str) -> Vec<HostMention> {
    if SUCCESS.is_match(line) {
        return Vec::new();
    }
    let mentions = flatten_line(line).into_iter().flat_map(|line| hosts::hosts_in(&redact(line)));
    mentions.filter(|mention| mention.certainty >= Certainty::InUrl && !mention.is_address()).collect()
}

fn lacks_name(failure: &Failure) -> bool {
    failure.symptom.area() != Area::Application
        && !failure.is_of_unknown_peer()
        && failure.symptom != Symptom::WrongRegion
        && failure.host.as_ref().is_none_or(|mention| mention.is_address())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_single_pattern_compiles() {
        SUCCESS.assert_valid();
        assert!(COMMAND.is_match("+ curl x"));
    }
}
