//! Counts equal failures as one [`LogFinding`].

use std::collections::{BTreeMap, HashMap};

use super::event::Event;
use super::failures::Failure;
use super::finding::{Key, LogFinding, ProxyRole};
use super::mention::HostMention;
use super::only_host::{self, OnlyHost};
use super::text::{head, time_in};
use crate::evidence::Symptom;

/// Sample lines kept per finding.
const SAMPLES: usize = 3;
/// Characters kept per sample line.
const SAMPLE_LENGTH: usize = 240;
/// Addresses kept per finding.
const ADDRESSES: usize = 16;
/// Maximum number of findings; further failures are counted only if they equal one of these.
const FINDINGS: usize = 10_000;

/// The findings so far.
#[derive(Default)]
pub(super) struct Tally {
    findings: BTreeMap<(Symptom, Option<u16>), ByHost>,
    number: usize,
}

/// The findings with one symptom and port.
#[derive(Default)]
struct ByHost {
    without_host: Option<Counted>,
    each: HashMap<String, Counted>,
}

struct Counted {
    finding: LogFinding,
    /// The text with the time of the last occurrence; empty until one has a time.
    last: String,
}

impl Tally {
    /// Counts a failure of an event. `has_time` is whether the event has a time.
    pub fn count(&mut self, failure: &Failure, event: &Event, has_time: bool) {
        let mention = failure.host.as_deref();
        let kind =
            self.findings.entry((failure.symptom, mention.and_then(|mention| mention.port))).or_default();
        let known = match mention {
            Some(mention) => kind.each.get_mut(&mention.host),
            None => kind.without_host.as_mut(),
        };
        if let Some(known) = known {
            return known.add(failure, event, has_time);
        }
        if self.number >= FINDINGS {
            return;
        }
        self.number += 1;
        let mut new = Counted::new(failure, event);
        new.add(failure, event, has_time);
        match mention {
            Some(mention) => drop(kind.each.insert(mention.host.clone(), new)),
            None => kind.without_host = Some(new),
        }
    }

    /// The findings, in the order of their first lines, with the names that only other lines contain.
    pub fn findings(self, only_host: OnlyHost) -> Vec<LogFinding> {
        let mut findings: BTreeMap<Key, LogFinding> = BTreeMap::new();
        for ((symptom, port), kind) in self.findings {
            for counted in kind.without_host.into_iter().chain(kind.each.into_values()) {
                let finding = counted.finished();
                findings.insert((finding.host.clone(), port, symptom), finding);
            }
        }
        only_host::name_addresses(&mut findings);
        only_host.assign(&mut findings);
        let mut findings: Vec<(Key, LogFinding)> = findings.into_iter().collect();
        findings.sort_by(|(one_key, one), (two_key, two)| {
            (one.first_line, one_key).cmp(&(two.first_line, two_key))
        });
        findings.into_iter().map(|(_, finding)| finding).collect()
    }
}

impl Counted {
    fn new(failure: &Failure, event: &Event) -> Self {
        let mention = failure.host.as_deref();
        let proxy = mention.filter(|_| failure.symptom == Symptom::Proxy).and_then(HostMention::proxy_role);
        let finding = LogFinding {
            host: mention.map(|mention| mention.host.clone()),
            destination: mention
                .filter(|_| proxy != Some(ProxyRole::Behind))
                .and_then(HostMention::destination),
            symptom: failure.symptom,
            proxy,
            correct_region: failure.correct_region.clone(),
            count: 0,
            first_line: failure.line,
            last_line: failure.line,
            first_at: time_in(event.first_text()),
            last_at: None,
            addresses: Vec::new(),
            is_botocore: false,
            samples: Vec::new(),
        };
        Self { finding, last: String::new() }
    }

    fn add(&mut self, failure: &Failure, event: &Event, has_time: bool) {
        let finding = &mut self.finding;
        finding.count += 1;
        finding.last_line = failure.line;
        finding.is_botocore |= failure.is_botocore;
        if has_time {
            self.last.clear();
            self.last.push_str(head(event.first_text()));
        }
        for address in failure.host.iter().flat_map(|mention| &mention.addresses) {
            if finding.addresses.len() < ADDRESSES && !finding.addresses.contains(address) {
                finding.addresses.push(*address);
            }
        }
        if finding.samples.len() < SAMPLES {
            let text = event.sample(failure.line);
            let text = text.chars().map(|c| if c.is_control() { ' ' } else { c });
            finding.samples.push((failure.line, text.take(SAMPLE_LENGTH).collect()));
        }
    }

    fn finished(mut self) -> LogFinding {
        self.finding.last_at = time_in(&self.last);
        self.finding
    }
}
