//! Reads a log line by line, and forms events.

use std::cell::LazyCell;
use std::collections::VecDeque;
use std::io::{self, BufRead};
use std::rc::Rc;

use super::event::{self, Event};
use super::failures::Failure;
use super::finding::LogReading;
use super::known_events::KnownEvents;
use super::line_cache::{LineCache, LineFacts};
use super::mention::HostMention;
use super::only_host::OnlyHost;
use super::preceding::PrecedingHosts;
use super::tally::Tally;
use super::text::{seconds_between, time_in};
use super::{input, text};
use crate::evidence::{Area, Symptom};

/// Lines kept to find the beginning of an event.
const RECENT_LINES: usize = 48;
/// Number of lines in which the start of an answer of `CloudWatch` Logs is searched for.
const ANSWER_START: usize = 3;
/// Maximum number of lines between two events about one failure.
const NEARBY_LINES: usize = 3;
/// Maximum number of seconds between two records about one failure.
const SAME_FAILURE: u32 = 1;

/// Reads a log to its end: plain text or gzip, UTF-8 or UTF-16. Invalid characters are replaced; a line is
/// read up to 64 KiB. If reading fails after the first line, the findings so far are kept and
/// [`LogReading::read_error`] is set.
///
/// # Errors
/// The reader fails, or the gzip data is invalid, before the first line.
pub fn read_log(reader: impl BufRead) -> io::Result<LogReading> {
    let mut lines = input::Lines::new(input::decompressed(reader)?);
    let mut state = Reader::default();
    let mut line = Vec::new();
    loop {
        match lines.read(&mut line) {
            Ok(input::Line::End) => break,
            Ok(read) => {
                state.truncated_lines += usize::from(read == input::Line::Truncated);
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

#[derive(Default)]
struct Reader {
    /// Number of the current line, from 1.
    number: usize,
    lines_with_nul: usize,
    truncated_lines: usize,
    read_error: Option<String>,
    /// Whether the log is an answer of `CloudWatch` Logs: JSON, with one line of the log per event.
    is_answer: bool,
    lines: LineCache,
    recent: VecDeque<Vec<u8>>,
    /// Buffers of former recent lines.
    spare: Vec<Vec<u8>>,
    event: Event,
    /// The lines before the event that do not belong to it.
    preceding: Vec<Vec<u8>>,
    preceding_hosts: PrecedingHosts,
    /// The failures of the previous event. The next event can add to them.
    pending: Vec<Failure>,
    /// The symptoms and hosts that were merged into the pending failures.
    pending_parts: Vec<(Symptom, Option<Rc<HostMention>>)>,
    pending_event: Event,
    pending_has_time: bool,
    /// Number of the last line about the pending failures.
    pending_end: usize,
    known: KnownEvents,
    tally: Tally,
    /// The only host of a log in which no line with a failure names one.
    only_host: OnlyHost,
}

impl Reader {
    /// Reads a line of the file.
    fn line(&mut self, line: &mut Vec<u8>) {
        self.number += 1;
        self.lines_with_nul += usize::from(memchr::memchr(0, line).is_some());
        self.is_answer |= self.number <= ANSWER_START && text::begins_events(line);
        if !self.is_answer {
            return self.log_line(line);
        }
        let message = text::message_of_event(line).unwrap_or_default();
        for message in message.replace("\r\n", "\n").replace('\r', "\n").lines() {
            self.log_line(&mut message.as_bytes().to_vec());
        }
    }

    /// Adds a line of the log to the open event, opens an event with it, or keeps it as a recent line.
    fn log_line(&mut self, line: &mut Vec<u8>) {
        self.only_host.read(line);
        let facts = self.lines.facts(line, !self.event.is_empty());
        if !self.event.is_empty() {
            let text = text::lossy(line);
            if self.event.continues_with(&text, facts.is_start) {
                let shape = facts.shape.unwrap_or_else(|| self.lines.shape(text.as_bytes()));
                if self.event.push(self.number, &text, shape) {
                    self.close_event();
                }
                return;
            }
            self.close_event();
            self.add_following_host(&text, facts);
        }
        if facts.may_show_symptom {
            return self.open_event(&text::lossy(line), facts);
        }
        // Reuse the buffer of the oldest line.
        let is_full = self.recent.len() >= RECENT_LINES;
        let mut oldest = if is_full { self.recent.pop_front() } else { self.spare.pop() }.unwrap_or_default();
        std::mem::swap(&mut oldest, line);
        self.recent.push_back(oldest);
    }

    /// Opens an event with a line and the recent lines that belong to it.
    fn open_event(&mut self, text: &str, facts: LineFacts) {
        let event = &mut self.event;
        let mut before = std::mem::take(&mut self.recent);
        if !facts.is_start.unwrap_or_else(|| event::is_start(text)) {
            let first = self.number - before.len();
            // Lines before the last start of a record belong to other records.
            let begin = before.iter().rposition(|line| event::is_start(&text::lossy(line)));
            for (at, line) in before.iter().enumerate().skip(begin.unwrap_or(0)) {
                let line = text::lossy(line);
                if !event.continues_with(&line, None) {
                    event.clear();
                }
                if event.push(first + at, &line, self.lines.shape(line.as_bytes())) {
                    event.clear();
                }
            }
            if !event.continues_with(text, facts.is_start) {
                event.clear();
            }
        }
        let near = before.split_off(before.len().saturating_sub(NEARBY_LINES));
        self.spare.extend(std::mem::replace(&mut self.preceding, near.into()));
        self.spare.extend(before.drain(..));
        self.recent = before;
        self.spare.truncate(RECENT_LINES);
        let shape = facts.shape.unwrap_or_else(|| self.lines.shape(text.as_bytes()));
        if event.push(self.number, text, shape) {
            self.close_event();
        }
    }

    fn close_event(&mut self) {
        if self.event.is_empty() {
            return;
        }
        let facts = self.known.facts(&self.event, self.lines.is_short_log());
        if facts.failures.is_empty() {
            return self.event.clear();
        }
        let first = self.event.first;
        let absolute = |failure: &Failure| Failure { line: failure.line + first, ..failure.clone() };
        let mut failures: Vec<Failure> = facts.failures.iter().map(absolute).collect();
        self.preceding_hosts.assign(&mut failures, &self.preceding, &mut self.lines);
        self.spare.append(&mut self.preceding);
        if first.saturating_sub(self.pending_end) <= NEARBY_LINES {
            self.merge_into_pending(&mut failures, facts.has_time);
            self.pending_end = self.event.last;
            if failures.is_empty() {
                return self.event.clear();
            }
        }
        self.count_pending();
        self.pending_parts.clear();
        self.pending_parts.extend(failures.iter().map(|failure| (failure.symptom, failure.host.clone())));
        self.pending = failures;
        self.pending_end = self.event.last;
        self.pending_has_time = facts.has_time;
        std::mem::swap(&mut self.event, &mut self.pending_event);
        self.event.clear();
    }

    /// Adds the host of the line after the event to its failure, if that line is about the same call and
    /// begins no record.
    fn add_following_host(&mut self, line: &str, facts: LineFacts) {
        let [failure] = self.pending.as_mut_slice() else { return };
        let is_next = failure.host.is_none() && self.pending_end + 1 == self.number;
        if is_next && !facts.is_start.unwrap_or_else(|| event::is_start(line)) {
            failure.add_following_host(line);
        }
    }

    /// Merges failures that add to a pending one, and removes them from the list. A failure whose symptom
    /// and host are already part of the pending failures is a new failure, and so is one of a record with a much later time.
    fn merge_into_pending(&mut self, failures: &mut Vec<Failure>, has_time: bool) {
        let is_much_later = LazyCell::new(|| {
            let times = (self.pending_has_time && has_time)
                .then(|| (time_in(self.pending_event.first_text()), time_in(self.event.first_text())));
            matches!(times, Some((Some(one), Some(two))) if seconds_between(&one, &two) > SAME_FAILURE)
        });
        // A connection to an address did not wait for the name.
        let is_other_step = |one: &Failure, two: &Failure| {
            one.symptom.area() == Area::Dns
                && two.symptom.area() == Area::Path
                && two.host.as_ref().is_some_and(|host| host.is_address() || !host.addresses.is_empty())
        };
        let parts = &self.pending_parts;
        let is_part = |new: &Failure| {
            let is_equal = |host: &Option<Rc<HostMention>>| {
                host.as_ref().map(|mention| mention.host.as_str()) == new.host_name()
            };
            parts.iter().any(|(symptom, host)| *symptom == new.symptom && is_equal(host))
        };
        let adds_to = |pending: &Failure, new: &Failure| {
            let is_unspecific = pending.symptom.is_unspecific() || new.symptom.is_unspecific();
            let has_other_symptom = pending.symptom != new.symptom;
            !new.is_of_unknown_peer()
                && pending.can_be_same_failure(new)
                && !is_other_step(pending, new)
                && !is_other_step(new, pending)
                && (!has_other_symptom || is_unspecific)
                && (has_other_symptom || pending.host.is_none() != new.host.is_none())
        };
        let mut merged = Vec::new();
        failures.retain(|new| {
            if is_part(new) || self.pending.iter().any(|pending| adds_to(pending, new)) && *is_much_later {
                return true;
            }
            let pending = self.pending.iter_mut().find(|pending| adds_to(pending, new));
            pending.is_none_or(|pending| {
                merged.push((new.symptom, new.host.clone()));
                pending.merge(new.clone());
                false
            })
        });
        self.pending_parts.extend(merged);
    }

    /// Counts the failures of the previous event: no further event adds to them.
    fn count_pending(&mut self) {
        for failure in self.pending.drain(..) {
            self.tally.count(&failure, &self.pending_event, self.pending_has_time);
        }
    }

    fn finish(mut self) -> LogReading {
        self.close_event();
        self.count_pending();
        let (findings, other_hosts) = self.tally.findings(self.only_host);
        LogReading {
            findings,
            lines: self.number,
            other_hosts,
            is_binary: self.lines_with_nul > 0 && self.lines_with_nul * 4 >= self.number,
            truncated_lines: self.truncated_lines,
            read_error: self.read_error,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first unexpected result")]

    use super::*;
    use crate::evidence::log::LogFinding;

    fn read(text: &str) -> Vec<String> {
        let reading = read_log(text.as_bytes()).unwrap();
        let shown = |f: &LogFinding| {
            let subject = f.destination.as_ref().map(|d| format!("{}:{}", d.host, d.port));
            format!("{} {} x{} line {}", subject.as_deref().unwrap_or("?"), f.symptom, f.count, f.first_line)
        };
        reading.findings.iter().map(shown).collect()
    }

    #[test]
    fn a_connect_timeout_of_urllib3_with_its_bucket() {
        let line = "urllib3.exceptions.ConnectTimeoutError: Connection to bond-bedrock-files-1.s3.us-west-2.amazonaws.com \
                    timed out. (connect timeout=60)\n";
        let text = format!("INFO starting\n{line}{line}INFO https://example.org/ answered\n");
        assert_eq!(
            read(&text),
            ["bond-bedrock-files-1.s3.us-west-2.amazonaws.com:443 connect timeout x2 line 2"]
        );
    }

    #[test]
    fn lines_of_other_clients() {
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
    fn failures_above_the_network_have_their_own_symptom() {
        assert_eq!(
            read("AccessDenied when calling PutObject on https://b.s3.us-west-2.amazonaws.com/k"),
            ["b.s3.us-west-2.amazonaws.com:443 access denied error x1 line 1"]
        );
        assert_eq!(read("\u{0}\u{1b}[31m\u{fffd} binary"), [""; 0]);
    }

    #[test]
    fn a_very_long_line_is_read_in_bounded_memory() {
        let long = "x".repeat(3 * input::LONGEST) + " Connection to a.example.org timed out";
        assert_eq!(read(&long), [""; 0]);
    }

    #[test]
    fn a_failure_in_two_lines_is_counted_once_per_repetition() {
        let pair = "ERROR Could not connect to the endpoint URL: \"https://s3.us-west-2.amazonaws.com/\"\n\
                    ERROR connection timed out\n";
        assert_eq!(read(&pair.repeat(100)), ["s3.us-west-2.amazonaws.com:443 connect timeout x100 line 2"]);
    }

    /// Lines are kept after the first 256: the result is the same before and after that.
    #[test]
    fn a_repeated_failure_is_read_the_same_each_time() {
        let event = |at: usize| {
            let time = format!("2026-01-01T00:{:02}:{:02}.{:03}Z", at / 60 % 60, at % 60, at % 1000);
            format!(
                "{time} INFO request {at} done\n{time} ERROR connect ETIMEDOUT a.example.org:5432\n\
                 {time} ERROR call failed\nurllib3.exceptions.ConnectTimeoutError: Connection to b.example.org timed out.\n"
            )
        };
        for count in [1, 10, 100, 1000] {
            let text: String = (0..count).map(event).collect();
            let expected = [
                format!("a.example.org:5432 connect timeout x{count} line 2"),
                format!("b.example.org:443 connect timeout x{count} line 4"),
            ];
            assert_eq!(read(&text), expected);
        }
    }

    #[test]
    fn tracebacks_with_a_prefix_before_each_line_are_read() {
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
    fn an_answer_of_filter_log_events_is_read_like_the_log_inside() {
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
    fn the_writer_of_the_log_and_incoming_requests_are_not_destinations() {
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
    fn host_names_without_a_valid_region() {
        for host in ["s3.None", "bond-files.s3.undefined", "api.ecr.us-west2", "sts."] {
            let line = format!("Could not connect to the endpoint URL: \"https://{host}.amazonaws.com/\"");
            let reading = read_log(line.as_bytes()).unwrap();
            let read: Vec<_> = reading.findings.iter().map(|f| (f.symptom, f.has_invalid_region())).collect();
            assert_eq!(read, [(Symptom::WrongRegion, true)], "{line}");
        }
        for line in [
            "InvalidRegionError: Provided region_name 'us-west-2 ' doesn't match a supported format",
            "botocore.exceptions.NoRegionError: You must specify a region.",
        ] {
            assert_eq!(read(line), ["? wrong region x1 line 1"], "{line}");
        }
    }
}
