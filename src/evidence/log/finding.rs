//! The types of the result of reading a log.

use std::net::IpAddr;

use super::denial::Denial;
use super::region;
use crate::evidence::Symptom;
use crate::model::Destination;

/// The result of reading a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogReading {
    /// The failures, in the order of their first lines.
    pub findings: Vec<LogFinding>,
    /// Number of lines read.
    pub lines: usize,
    /// Whether the data is probably not text.
    pub is_binary: bool,
    /// Number of lines longer than 64 KiB; the rest of each was skipped.
    pub truncated_lines: usize,
    /// Number of hosts, at least, that are not among the findings: the log has more hosts than are tested, and these have the
    /// fewest failures.
    pub other_hosts: usize,
    /// The reason why reading stopped before the end, for example a truncated gzip file.
    pub read_error: Option<String>,
}

impl LogReading {
    /// What the user must know about the part of the log `name` that was not used.
    #[must_use]
    pub fn remarks(&self, name: &str) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.is_binary {
            remarks.push(format!("{name} is not a text file: only its readable parts were used"));
        } else if self.findings.is_empty() {
            remarks.push(format!("no failed connection found in {} of {name}", lines(self.lines)));
        }
        if self.truncated_lines > 0 {
            remarks.push(format!(
                "{} of {name} longer than 64 KiB: only the first 64 KiB of such a line are used",
                lines(self.truncated_lines)
            ));
        }
        if self.other_hosts > 0 {
            remarks.push(format!(
                "{name} has failures of more hosts than egress-doctor tests: at least {} hosts, those with the fewest failures, are left out",
                self.other_hosts
            ));
        }
        if let Some(error) = &self.read_error {
            let count = lines(self.lines);
            remarks.push(format!("cannot read {name} beyond {count} ({error}): only these lines are used"));
        }
        remarks
    }
}

fn lines(count: usize) -> String {
    if count == 1 { "1 line".to_owned() } else { format!("{count} lines") }
}

/// Host, port and symptom: what equal failures have in common.
pub(super) type Key = (Option<String>, Option<u16>, Symptom);

/// A failure that a log shows, with all its occurrences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFinding {
    /// The host as it is in the log, in lower case; `None` if the log contains no host for this failure.
    pub host: Option<String>,
    /// The destination. `None` without a host, for a host that the network does not affect (the instance itself, or a
    /// name that cannot exist), and for a host behind a proxy.
    pub destination: Option<Destination>,
    /// The symptom.
    pub symptom: Symptom,
    /// The part of the host in a failure of a proxy.
    pub proxy: Option<ProxyRole>,
    /// The region that AWS names as the correct one.
    pub correct_region: Option<String>,
    /// Number of occurrences.
    pub count: usize,
    /// Number of the first line, from 1.
    pub first_line: usize,
    /// Number of the last line.
    pub last_line: usize,
    /// Time of the first occurrence, as it is in the log.
    pub first_at: Option<String>,
    /// Time of the last occurrence.
    pub last_at: Option<String>,
    /// Addresses of the host that the log shows.
    pub addresses: Vec<IpAddr>,
    /// Whether botocore or urllib3 wrote at least one of the lines.
    pub is_botocore: bool,
    /// The denied call, if a line names it.
    pub denial: Option<Denial>,
    /// Some of the lines with their numbers, without secrets and control characters.
    pub samples: Vec<(usize, String)>,
}

/// The part of a host in a failure of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyRole {
    /// It is the proxy.
    Proxy {
        /// Whether the log contains its port.
        has_port: bool,
    },
    /// The client connects to it through a proxy, which the log does not name.
    Behind,
}

impl LogFinding {
    /// Whether the host name has no region, or a region that does not exist. No host can have such a name.
    #[must_use]
    pub fn has_invalid_region(&self) -> bool {
        self.host.as_deref().is_some_and(region::is_invalid)
    }

    /// Adds the occurrences of another finding of the same host and symptom.
    pub(super) fn merge(&mut self, other: Self) {
        self.count += other.count;
        if other.first_line < self.first_line {
            (self.first_line, self.first_at) = (other.first_line, other.first_at);
        }
        if other.last_line > self.last_line {
            (self.last_line, self.last_at) = (other.last_line, other.last_at);
        }
        self.is_botocore |= other.is_botocore;
        self.addresses.extend(
            other
                .addresses
                .iter()
                .filter(|address| !self.addresses.contains(address))
                .copied()
                .collect::<Vec<_>>(),
        );
        self.denial = self.denial.take().or(other.denial);
        self.samples.extend(other.samples);
        self.samples.sort_by_key(|(line, _)| *line);
    }

    /// The destination, or the host that has no destination.
    #[must_use]
    pub fn subject(&self) -> Option<String> {
        self.destination.as_ref().map(ToString::to_string).or_else(|| self.host.clone())
    }
}
