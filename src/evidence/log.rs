//! Reads an application's log: which hosts failed, and how.
//!
//! Only hosts, the class of failure and line numbers leave this module; no other text of the log is kept.

use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::Symptom;
use super::host::destination;
use crate::model::Destination;

/// Bytes of a line that are looked at; the rest is skipped.
const LONGEST_LINE: usize = 64 * 1024;

/// A host that fails in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFinding {
    /// Where the connection wanted to go.
    pub destination: Destination,
    /// What the lines say happened.
    pub symptom: Symptom,
    /// How many lines say it.
    pub count: usize,
    /// Number of the first such line, from 1.
    pub first_line: usize,
}

/// The classes by their words; the first that fits decides.
static CLASSES: LazyLock<(RegexSet, Vec<Symptom>)> = LazyLock::new(|| {
    let table = [
        (r"(?i)read timed? ?out|ReadTimeout|SocketTimeoutException: Read", Symptom::ReadTimeout),
        (
            r"(?i)Could not resolve host|ENOTFOUND|EAI_AGAIN|getaddrinfo|UnknownHostException|no such host|name resolution|Name or service not known|nodename nor servname",
            Symptom::DnsFailure,
        ),
        (r"(?i)connection refused|ECONNREFUSED", Symptom::Refused),
        (
            r"(?i)connect ?time(?:d )?-?out|ConnectTimeout|connection (?:to [!-~]+ )?timed out|ETIMEDOUT|i/o timeout|EndpointConnectionError|Could not connect to the endpoint|Operation timed out|failed to connect to [ -~]* after [0-9]+ ?ms|connect timed out",
            Symptom::ConnectTimeout,
        ),
    ];
    let patterns = RegexSetBuilder::new(table.iter().map(|(pattern, _)| *pattern)).unicode(false).build();
    let set = patterns.unwrap_or_else(|_| RegexSet::empty());
    (set, table.iter().map(|(_, symptom)| *symptom).collect())
});

/// A URL's authority, or a bare host name with an optional port.
#[expect(clippy::unwrap_used, reason = "a constant pattern")]
static HOST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        [a-z][a-z0-9+.-]*://(?P<url>[^\s"'<>/?]+)
        | (?P<bare>(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9])?\.)+[a-z]{2,}(?:\.[a-z]{2,})?)(?::(?P<port>[0-9]{1,5}))?
        "#,
    )
    .unwrap()
});

/// A port in words, within a few characters.
#[expect(clippy::unwrap_used, reason = "a constant pattern")]
static PORT: LazyLock<Regex> = LazyLock::new(|| {
    RegexBuilder::new(r"^[ -~]{0,24}?\bport[ =:]([0-9]{1,5})\b").unicode(false).build().unwrap()
});

/// Last labels that are file names, modules or classes rather than domains.
const NOT_DOMAINS: &[&str] = &[
    "py",
    "js",
    "ts",
    "mjs",
    "cjs",
    "rb",
    "go",
    "rs",
    "java",
    "php",
    "cs",
    "so",
    "log",
    "json",
    "yaml",
    "yml",
    "txt",
    "html",
    "exceptions",
    "errors",
    "connection",
    "connectionpool",
    "client",
    "request",
    "session",
];

/// Whether a last label belongs to a file, module or class name.
pub(super) fn is_no_domain(last: &str) -> bool {
    // `socket.gaierror`, `requests.exceptions.sslerror`: no top-level domain ends so.
    NOT_DOMAINS.contains(&last) || last.ends_with("error") || last.ends_with("exception")
}

/// Reads a log to its end. Invalid UTF-8 is replaced; a line's tail past 64 KiB is skipped.
///
/// # Errors
/// The reader's own.
pub fn read_log(mut reader: impl BufRead) -> io::Result<Vec<LogFinding>> {
    let mut found: BTreeMap<(Destination, Symptom), LogFinding> = BTreeMap::new();
    let mut line = Vec::new();
    let mut number = 0;
    while read_line(&mut reader, &mut line)? {
        number += 1;
        let text = String::from_utf8_lossy(&line);
        let Some(symptom) = symptom(&text) else { continue };
        let Some(destination) = failing_host(&text) else { continue };
        found
            .entry((destination.clone(), symptom))
            .and_modify(|finding| finding.count += 1)
            .or_insert(LogFinding { destination, symptom, count: 1, first_line: number });
    }
    let mut findings: Vec<_> = found.into_values().collect();
    findings.sort_by_key(|finding| finding.first_line);
    Ok(findings)
}

/// One line into `line`, its tail past the limit dropped. `false` at the end.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut any = false;
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(any);
        }
        any = true;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(buffer.len(), |at| at + 1);
        let room = LONGEST_LINE.saturating_sub(line.len());
        line.extend(buffer.iter().take(end.unwrap_or(used).min(room)));
        reader.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

fn symptom(line: &str) -> Option<Symptom> {
    let (set, symptoms) = &*CLASSES;
    set.matches(line).iter().next().and_then(|at| symptoms.get(at).copied())
}

/// The first host of the line that is no file, module or class name.
fn failing_host(line: &str) -> Option<Destination> {
    HOST.captures_iter(line).find_map(|found| {
        if let Some(url) = found.name("url") {
            let scheme = found
                .get(0)
                .and_then(|all| all.as_str().split_once("://"))
                .map_or("https", |(scheme, _)| scheme);
            return destination(&format!("{scheme}://{}", url.as_str())).ok();
        }
        let bare = found.name("bare")?.as_str();
        let last = bare.rsplit('.').next().unwrap_or_default();
        if is_no_domain(last) || bare.chars().any(|c| c.is_ascii_uppercase()) {
            return None;
        }
        let behind = found.get(0).and_then(|all| line.get(all.end()..)).unwrap_or_default();
        let port = found.name("port").map(|port| port.as_str()).or_else(|| port_behind(behind));
        destination(&port.map_or_else(|| bare.to_owned(), |port| format!("{bare}:{port}"))).ok()
    })
}

/// The port that is named soon behind a host: `', port=443)` of urllib3, `" (10.0.0.5), port 5432` of libpq.
fn port_behind(text: &str) -> Option<&str> {
    PORT.captures(text).and_then(|found| found.get(1)).map(|port| port.as_str())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]

    use super::*;

    fn read(text: &str) -> Vec<String> {
        let findings = read_log(text.as_bytes()).unwrap();
        let shown = |f: &LogFinding| {
            format!(
                "{}:{} {} x{} line {}",
                f.destination.host, f.destination.port, f.symptom, f.count, f.first_line
            )
        };
        findings.iter().map(shown).collect()
    }

    #[test]
    fn the_founding_log_line_names_the_bucket_and_the_time_out() {
        let line = "urllib3.exceptions.ConnectTimeoutError: Connection to bond-bedrock-files-1.s3.us-west-2.amazonaws.com \
                    timed out. (connect timeout=60)\n";
        let text = format!("INFO starting\n{line}{line}INFO https://example.org/ answered\n");
        assert_eq!(
            read(&text),
            ["bond-bedrock-files-1.s3.us-west-2.amazonaws.com:443 connect time-out x2 line 2"]
        );
    }

    #[test]
    fn other_clients_lines() {
        assert_eq!(
            read(
                "botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: \"https://sqs.us-west-2.amazonaws.com/\""
            ),
            ["sqs.us-west-2.amazonaws.com:443 connect time-out x1 line 1"]
        );
        assert_eq!(
            read("Error: connect ETIMEDOUT db.example.org:5432\nError: getaddrinfo ENOTFOUND bond.okta.com"),
            ["db.example.org:5432 connect time-out x1 line 1", "bond.okta.com:443 DNS failure x1 line 2"]
        );
    }

    #[test]
    fn lines_that_are_not_about_the_network_say_nothing() {
        assert_eq!(
            read("AccessDenied when calling PutObject on https://b.s3.us-west-2.amazonaws.com/k"),
            [""; 0]
        );
        assert_eq!(read("\u{0}\u{1b}[31m\u{fffd} binary"), [""; 0]);
    }

    #[test]
    fn a_line_without_an_end_is_read_in_bounded_memory() {
        let long = "x".repeat(3 * LONGEST_LINE) + " Connection to a.example.org timed out";
        assert_eq!(read(&long), [""; 0]);
    }
}
