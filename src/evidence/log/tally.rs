//! Counts equal failures as one [`LogFinding`].

use std::collections::{BTreeMap, HashMap, HashSet};

use super::denial::Denial;
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
/// Maximum number of findings while the log is read; further failures are counted only if they equal one of these.
const FINDINGS: usize = 10_000;
/// Maximum number of hosts whose findings are kept at the end, those with the most failures. Nobody reads the paths of more.
const HOSTS: usize = 500;

/// The findings so far.
#[derive(Default)]
pub(super) struct Tally {
    findings: BTreeMap<(Symptom, Option<u16>), ByHost>,
    number: usize,
    /// Whether there were failures beyond [`FINDINGS`].
    is_full: bool,
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
            self.is_full = true;
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

    /// The findings, in the order of their first lines, with the names that only other lines contain; and the number of hosts
    /// beyond the maximum, at least.
    pub fn findings(self, only_host: OnlyHost) -> (Vec<LogFinding>, usize) {
        let mut findings: BTreeMap<Key, LogFinding> = BTreeMap::new();
        for ((symptom, port), kind) in self.findings {
            for counted in kind.without_host.into_iter().chain(kind.each.into_values()) {
                let finding = counted.finished();
                findings.insert((finding.host.clone(), port, symptom), finding);
            }
        }
        only_host::name_addresses(&mut findings);
        only_host.assign(&mut findings);
        let other_hosts = usize::from(self.is_full) + keep_most_frequent(&mut findings);
        let mut findings: Vec<(Key, LogFinding)> = findings.into_iter().collect();
        findings.sort_by(|(one_key, one), (two_key, two)| {
            (one.first_line, one_key).cmp(&(two.first_line, two_key))
        });
        (findings.into_iter().map(|(_, finding)| finding).collect(), other_hosts)
    }
}

/// Removes the findings of the hosts with the fewest failures. Returns the number of these hosts.
fn keep_most_frequent(findings: &mut BTreeMap<Key, LogFinding>) -> usize {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for ((host, ..), finding) in &*findings {
        if let Some(host) = host {
            *counts.entry(host).or_default() += finding.count;
        }
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_unstable_by(|one, two| (two.1, one.0).cmp(&(one.1, two.0)));
    let others: HashSet<String> = counts.iter().skip(HOSTS).map(|(host, _)| (*host).to_owned()).collect();
    findings.retain(|(host, ..), _| host.as_ref().is_none_or(|host| !others.contains(host)));
    others.len()
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
            denial: None,
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
        if finding.symptom == Symptom::AccessDenied && finding.denial.is_none() {
            finding.denial = Denial::of(&event.sample(failure.line));
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
