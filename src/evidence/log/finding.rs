//! The types of the result of reading a log.

use std::net::IpAddr;

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
    /// The reason why reading stopped before the end, for example a truncated gzip file.
    pub read_error: Option<String>,
}

/// A failure that a log shows, with all its occurrences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFinding {
    /// The host as it is in the log, in lower case; `None` if the log contains no host for this failure.
    pub host: Option<String>,
    /// The destination. `None` without a host, and for a host that the network does not affect: the instance
    /// itself, or a name that cannot exist.
    pub destination: Option<Destination>,
    /// The symptom.
    pub symptom: Symptom,
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
    /// Some of the lines with their numbers, without secrets and control characters.
    pub samples: Vec<(usize, String)>,
}

impl LogFinding {
    /// Whether the host name has no region, or a region that does not exist. No host can have such a name.
    #[must_use]
    pub fn has_invalid_region(&self) -> bool {
        self.host.as_deref().is_some_and(region::is_invalid)
    }

    /// The destination, or the host that has no destination.
    #[must_use]
    pub fn subject(&self) -> Option<String> {
        self.destination.as_ref().map(ToString::to_string).or_else(|| self.host.clone())
    }
}
