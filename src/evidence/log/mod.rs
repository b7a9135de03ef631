//! Reads a log for connections that failed, and for failures that only look like it.
//!
//! A log is read once, as a stream, in bounded memory. Most lines hold no sign and pass at the cost of one search; the
//! others are put together with the lines around them into an [`event::Event`]; [`told`] says what failed and where to.
//! Secrets are taken out before a line is looked at. The words are in [`signs`], the hosts in [`hosts`].

mod event;
mod hosts;
mod lines;
mod redact;
mod signs;
mod text;
mod told;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::{self, BufRead};
use std::net::IpAddr;

use super::Symptom;
use crate::model::Destination;
use event::Event;
pub(super) use hosts::is_no_domain;
pub(super) use redact::redact;
use told::Failure;

/// Lines that are kept to find out what an event began with.
const RECENT: usize = 48;
/// Lines of a finding that are kept.
const SAMPLES: usize = 3;
/// Characters of such a line.
const SAMPLE: usize = 240;
/// Addresses of a host that are kept.
const ADDRESSES: usize = 16;
/// Findings that are told apart; past them only counts go up.
const MOST: usize = 10_000;
/// Events whose words are remembered.
const REMEMBERED: usize = 4_096;
/// Lines at whose end an answer of `CloudWatch` Logs has come to its events.
const ANSWER_BEGINS: usize = 3;
/// Lines between two events that may tell of one failure.
const NEAR: usize = 3;

/// What a log says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogReading {
    /// What failed, in the order of its first line.
    pub findings: Vec<LogFinding>,
    /// How many lines were read.
    pub lines: usize,
    /// Whether it looks like no text at all.
    pub is_binary: bool,
    /// How many lines were longer than 64 KiB: their tails were not looked at.
    pub truncated_lines: usize,
    /// Why reading ended before the log did, a read_error file for one.
    pub read_error: Option<String>,
}

/// A failure that a log tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFinding {
    /// The host as the log names it, lower case; `None` where it does not.
    pub host: Option<String>,
    /// The destination; `None` without a host, and for a host about which the network does not decide: the instance itself, or
    /// a name that can be none.
    pub destination: Option<Destination>,
    /// What happened.
    pub symptom: Symptom,
    /// How often.
    pub count: usize,
    /// Number of the first line that says it, from 1.
    pub first_line: usize,
    /// Number of the last one.
    pub last_line: usize,
    /// When it was first written, as the log says it.
    pub first_at: Option<String>,
    /// When it was last written.
    pub last_at: Option<String>,
    /// Addresses that the host's name had, as far as the log says them.
    pub addresses: Vec<IpAddr>,
    /// Some of the lines, with their numbers; without secrets and control characters.
    pub samples: Vec<(usize, String)>,
}

impl LogFinding {
    /// Whether the name itself is wrong: no host of that name can be.
    #[must_use]
    pub fn has_invalid_region(&self) -> bool {
        self.host.as_deref().is_some_and(told::has_wrong_region)
    }

    /// What it is about: the destination, or the host that is none.
    #[must_use]
    pub fn subject(&self) -> Option<String> {
        self.destination.as_ref().map(ToString::to_string).or_else(|| self.host.clone())
    }
}

/// Reads a log to its end, packed with gzip or not, in UTF-8 or UTF-16. What is invalid is replaced; a line's tail past
/// 64 KiB is skipped. Where reading fails after some lines, what they said is kept.
///
/// # Errors
/// The reader's own, and gzip that is read_error, before any line was read.
pub fn read_log(reader: impl BufRead) -> io::Result<LogReading> {
    let mut reader = lines::unpacked(reader)?;
    let mut state = Reader::default();
    let mut line = Vec::new();
    loop {
        match lines::read_line(&mut reader, &mut line) {
            Ok(lines::Line::End) => break,
            Ok(got) => {
                state.truncated_lines += usize::from(got == lines::Line::Cut);
                state.line(&mut line);
            }
            Err(error) if state.number == 0 => return Err(error),
            Err(error) => {
                state.read_error = Some(error.to_string());
                break;
            }
        }
    }
    Ok(state.finish())
}

type Key = (Option<String>, Option<u16>, Symptom);

#[derive(Default)]
struct Reader {
    number: usize,
    nuls: usize,
    truncated_lines: usize,
    read_error: Option<String>,
    /// Whether it is what `CloudWatch` Logs answered, each line of the log in an event of JSON.
    in_answer: bool,
    recent: VecDeque<Vec<u8>>,
    event: Event,
    /// The lines before the event that are not of it.
    lead: Vec<String>,
    /// The failures of the event before: the next one may tell more about them.
    pending: Vec<Failure>,
    /// How they were told, every part of them.
    pending_told: Vec<(Symptom, Option<String>)>,
    /// Where they were told.
    pending_event: Event,
    pending_end: usize,
    /// What events said: logs repeat themselves.
    known: HashMap<u64, Vec<Failure>>,
    found: BTreeMap<Key, LogFinding>,
}

impl Reader {
    fn line(&mut self, line: &mut Vec<u8>) {
        self.number += 1;
        self.nuls += usize::from(memchr::memchr(0, line).is_some());
        self.in_answer |= self.number <= ANSWER_BEGINS && text::begins_events(line);
        if !self.in_answer {
            return self.take(line);
        }
        for message in text::message_of_event(line).iter().flat_map(|message| message.lines()) {
            self.take(&mut message.as_bytes().to_vec());
        }
    }

    /// A line as it was written.
    fn take(&mut self, line: &mut Vec<u8>) {
        if !self.event.is_empty() {
            let text = String::from_utf8_lossy(line);
            if self.event.continues_with(&text) {
                if self.event.push(self.number, &text) {
                    self.close();
                }
                return;
            }
            self.close();
        }
        if signs::may_matter(line) && signs::has_sign(line) {
            let text = String::from_utf8_lossy(line).into_owned();
            return self.open(&text);
        }
        // The buffer of the oldest line is used again.
        let mut oldest =
            if self.recent.len() >= RECENT { self.recent.pop_front() } else { None }.unwrap_or_default();
        std::mem::swap(&mut oldest, line);
        self.recent.push_back(oldest);
    }

    /// Begins an event with a line, and with what came before it and belongs to it.
    fn open(&mut self, text: &str) {
        let mut event = Event::default();
        let before = std::mem::take(&mut self.recent);
        let near = before.iter().rev().take(NEAR).rev();
        self.lead = near.map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        if !event::is_start(text) {
            let first = self.number - before.len();
            // What begins a record ends what came before it.
            let begin = before.iter().rposition(|line| event::is_start(&String::from_utf8_lossy(line)));
            for (at, line) in before.iter().enumerate().skip(begin.unwrap_or(0)) {
                let line = String::from_utf8_lossy(line);
                if !event.continues_with(&line) {
                    event = Event::default();
                }
                if event.push(first + at, &line) {
                    event = Event::default();
                }
            }
            if !event.continues_with(text) {
                event = Event::default();
            }
        }
        let whole = event.push(self.number, text);
        self.event = event;
        if whole {
            self.close();
        }
    }

    fn close(&mut self) {
        let event = std::mem::take(&mut self.event);
        if event.is_empty() {
            return;
        }
        let mut failures = self.failures(&event);
        if failures.is_empty() {
            return;
        }
        let lead = std::mem::take(&mut self.lead);
        told::lead(&mut failures, &lead);
        if event.first.saturating_sub(self.pending_end) <= NEAR {
            // Only what tells another part of the story: the same told again is another failure.
            let tells_more = |known: &Failure, new: &Failure| {
                let is_unspecific = known.symptom.is_unspecific() || new.symptom.is_unspecific();
                let is_other = known.symptom != new.symptom;
                let told = (new.symptom, new.host());
                // Told the same way before: this is another failure.
                !self.pending_told.contains(&told)
                    && known.is_told_by(new)
                    && (!is_other || is_unspecific)
                    && (is_other || known.named.is_none() != new.named.is_none())
            };
            let mut absorbed = Vec::new();
            failures.retain_mut(|new| {
                let known = self.pending.iter_mut().find(|known| tells_more(known, new));
                known.is_none_or(|known| {
                    absorbed.push((new.symptom, new.host()));
                    known.absorb(new.clone());
                    false
                })
            });
            self.pending_told.extend(absorbed);
            self.pending_end = event.last;
            if failures.is_empty() {
                return;
            }
        }
        self.settle();
        self.pending_told = failures.iter().map(|failure| (failure.symptom, failure.host())).collect();
        self.pending = failures;
        self.pending_end = event.last;
        self.pending_event = event;
    }

    /// What an event tells; lines are counted from its first where it is remembered.
    fn failures(&mut self, event: &Event) -> Vec<Failure> {
        let words = event.words();
        if let Some(known) = self.known.get(&words) {
            let here = |failure: &Failure| Failure { line: failure.line + event.first, ..failure.clone() };
            return known.iter().map(here).collect();
        }
        let failures = event.failures();
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let relative = |failure: &Failure| Failure { line: failure.line - event.first, ..failure.clone() };
        self.known.insert(words, failures.iter().map(relative).collect());
        failures
    }

    /// Counts the failures of the event before: nothing more will be told of them.
    fn settle(&mut self) {
        let event = std::mem::take(&mut self.pending_event);
        let time = event.time();
        for failure in std::mem::take(&mut self.pending) {
            self.count(failure, &event, time.as_ref());
        }
    }

    fn count(&mut self, failure: Failure, event: &Event, time: Option<&String>) {
        let Failure { symptom, named, line } = failure;
        let (host, port) = named.as_ref().map(|named| (named.host.clone(), named.port)).unzip();
        let key = (host.clone(), port.flatten(), symptom);
        if self.found.len() >= MOST && !self.found.contains_key(&key) {
            return;
        }
        let finding = self.found.entry(key).or_insert_with(|| LogFinding {
            host,
            destination: named.as_ref().and_then(hosts::Named::destination),
            symptom,
            count: 0,
            first_line: line,
            last_line: line,
            first_at: time.cloned(),
            last_at: None,
            addresses: Vec::new(),
            samples: Vec::new(),
        });
        finding.count += 1;
        finding.last_line = line;
        finding.last_at = time.cloned().or_else(|| finding.last_at.take());
        for address in named.into_iter().flat_map(|named| named.addresses) {
            if finding.addresses.len() < ADDRESSES && !finding.addresses.contains(&address) {
                finding.addresses.push(address);
            }
        }
        if finding.samples.len() < SAMPLES {
            let text = event.sample(line);
            let text = text.chars().map(|c| if c.is_control() { ' ' } else { c });
            finding.samples.push((line, text.take(SAMPLE).collect()));
        }
    }

    fn finish(mut self) -> LogReading {
        self.close();
        self.settle();
        let mut findings: Vec<LogFinding> = self.found.into_values().collect();
        findings.sort_by_key(|finding| finding.first_line);
        let is_binary = self.nuls > 0 && self.nuls * 4 >= self.number;
        LogReading {
            findings,
            lines: self.number,
            is_binary,
            truncated_lines: self.truncated_lines,
            read_error: self.read_error,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]

    use super::*;

    fn read(text: &str) -> Vec<String> {
        let reading = read_log(text.as_bytes()).unwrap();
        let shown = |f: &LogFinding| {
            let subject = f.destination.as_ref().map(|d| format!("{}:{}", d.host, d.port));
            format!("{} {} x{} line {}", subject.as_deref().unwrap_or("?"), f.symptom, f.count, f.first_line)
        };
        reading.findings.iter().map(shown).collect()
    }

    #[test]
    fn the_founding_log_line_names_the_bucket_and_the_timeout() {
        let line = "urllib3.exceptions.ConnectTimeoutError: Connection to bond-bedrock-files-1.s3.us-west-2.amazonaws.com \
                    timed out. (connect timeout=60)\n";
        let text = format!("INFO starting\n{line}{line}INFO https://example.org/ answered\n");
        assert_eq!(
            read(&text),
            ["bond-bedrock-files-1.s3.us-west-2.amazonaws.com:443 connect timeout x2 line 2"]
        );
    }

    #[test]
    fn other_clients_lines() {
        assert_eq!(
            read(
                "botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: \"https://sqs.us-west-2.amazonaws.com/\""
            ),
            ["sqs.us-west-2.amazonaws.com:443 connect timeout x1 line 1"]
        );
        assert_eq!(
            read("Error: connect ETIMEDOUT db.example.org:5432\nError: getaddrinfo ENOTFOUND bond.okta.com"),
            ["db.example.org:5432 connect timeout x1 line 1", "bond.okta.com:443 DNS failure x1 line 2"]
        );
    }

    #[test]
    fn what_is_not_about_the_network_is_told_apart() {
        assert_eq!(
            read("AccessDenied when calling PutObject on https://b.s3.us-west-2.amazonaws.com/k"),
            ["b.s3.us-west-2.amazonaws.com:443 access denied error x1 line 1"]
        );
        assert_eq!(read("\u{0}\u{1b}[31m\u{fffd} binary"), [""; 0]);
    }

    #[test]
    fn a_line_without_an_end_is_read_in_bounded_memory() {
        let long = "x".repeat(3 * lines::LONGEST) + " Connection to a.example.org timed out";
        assert_eq!(read(&long), [""; 0]);
    }

    #[test]
    fn a_failure_told_in_two_parts_again_and_again_is_counted_each_time() {
        let pair = "ERROR Could not connect to the endpoint URL: \"https://s3.us-west-2.amazonaws.com/\"\n\
                    ERROR connection timed out\n";
        assert_eq!(read(&pair.repeat(100)), ["s3.us-west-2.amazonaws.com:443 connect timeout x100 line 2"]);
    }

    #[test]
    fn tracebacks_are_read_behind_what_tools_write_before_each_line() {
        let traceback = [
            "Traceback (most recent call last):",
            "  File \"/app/urllib3/connection.py\", line 198, in _new_conn",
            "    sock = connection.create_connection(",
            "TimeoutError: [Errno 110] Connection timed out",
            "",
            "During handling of the above exception, another exception occurred:",
            "",
            "Traceback (most recent call last):",
            "  File \"/app/botocore/httpsession.py\", line 464, in send",
            "    urllib_response = conn.urlopen(",
            "botocore.exceptions.EndpointConnectionError: Could not connect to the endpoint URL: \
             \"https://s3.us-west-2.amazonaws.com/\"",
        ];
        let prefixes: [&dyn Fn(usize) -> String; 4] = [
            &|_| String::new(),
            &|at| format!("2025-11-20T10:00:{at:02}.123000+00:00 application/abc/inst "),
            &|at| format!("2025-11-20T10:00:{at:02}.123456789Z stderr F "),
            &|_| "web-1  | ".to_owned(),
        ];
        for prefix in prefixes {
            let lines = traceback.iter().cycle().take(3 * traceback.len()).enumerate();
            let lines = lines.map(|(at, line)| format!("{}{line}\n", prefix(at)));
            let text: String = lines.collect();
            assert_eq!(read(&text), ["s3.us-west-2.amazonaws.com:443 connect timeout x3 line 4"], "{text}");
        }
    }

    #[test]
    fn hosts_in_less_common_places() {
        assert_eq!(
            read(
                "connection to \u{1b}]8;;https://evil.example.com\u{1b}\\db.example.com:5432\u{1b}]8;;\u{1b}\\ timed out"
            ),
            ["db.example.com:5432 connect timeout x1 line 1"]
        );
        assert_eq!(
            read(
                "paramiko.ssh_exception.NoValidConnectionsError: [Errno None] Unable to connect to port 22 on 10.0.0.9"
            ),
            ["10.0.0.9:22 failed connection x1 line 1"]
        );
        assert_eq!(
            read("ping: api.stripe.com: Temporary failure in name resolution"),
            ["api.stripe.com:443 DNS failure x1 line 1"]
        );
        assert_eq!(read("connection to b\u{fc}cher.example.com timed out"), ["? connect timeout x1 line 1"]);
    }

    #[test]
    fn the_answer_of_filter_log_events_is_read_as_the_log_it_holds() {
        let messages = [
            "Traceback (most recent call last):",
            "  File \"/app/db.py\", line 8, in connect",
            "TimeoutError: [Errno 110] connect to a.example.com:443 timed out",
            "INFO done",
            "connect ETIMEDOUT a.example.com:443",
        ];
        let events: Vec<_> = messages
            .iter()
            .map(|message| serde_json::json!({"logStreamName": "instance/x", "message": message, "timestamp": 1}))
            .collect();
        let answer = serde_json::json!({"events": events, "searchedLogStreams": []});
        let answer = serde_json::to_string_pretty(&answer).unwrap();
        assert_eq!(read(&answer), ["a.example.com:443 connect timeout x2 line 15"], "{answer}");
    }

    #[test]
    fn who_writes_the_log_or_calls_in_is_not_where_the_connection_went() {
        assert_eq!(
            read(
                r#"{"level":50,"time":1732096800123,"pid":1,"hostname":"ip-10-0-0-1.us-west-2.compute.internal","err":{"message":"connect ETIMEDOUT 52.1.2.3:443"},"msg":"call failed"}"#
            ),
            ["52.1.2.3:443 connect timeout x1 line 1"]
        );
        assert_eq!(
            read(
                r#"{"level":50,"req":{"headers":{"host":"bond.example.com","referer":"https://www.google.com/"}},"msg":"connect ETIMEDOUT 52.1.2.3:443"}"#
            ),
            ["52.1.2.3:443 connect timeout x1 line 1"]
        );
        assert_eq!(
            read("INFO GET https://bond.okta.com/oauth2 200\nERROR TimeoutError"),
            ["? timeout x1 line 2"]
        );
        assert_eq!(
            read("INFO fetched https://bond.okta.com/x in 12ms\nERROR connect ETIMEDOUT 10.0.3.4:443"),
            ["10.0.3.4:443 connect timeout x1 line 2"]
        );
    }

    #[test]
    fn names_without_a_region_are_told_as_such() {
        for host in ["s3.None", "bond-files.s3.undefined", "api.ecr.us-west2", "sts."] {
            let line = format!("Could not connect to the endpoint URL: \"https://{host}.amazonaws.com/\"");
            let reading = read_log(line.as_bytes()).unwrap();
            let told: Vec<_> = reading.findings.iter().map(|f| (f.symptom, f.has_invalid_region())).collect();
            assert_eq!(told, [(Symptom::WrongRegion, true)], "{line}");
        }
        for line in [
            "InvalidRegionError: Provided region_name 'us-west-2 ' doesn't match a supported format",
            "botocore.exceptions.NoRegionError: You must specify a region.",
        ] {
            assert_eq!(read(line), ["? wrong region x1 line 1"], "{line}");
        }
    }
}
