//! Reads a log for failed connections, and for failures that only look like them.
//!
//! The log is read once, as a stream, in bounded memory. Secrets are removed before a line is used.
//! A line passes these steps:
//! 1. [`input`]: one line of a plain, gzip or UTF-16 file
//! 2. [`line_cache`], [`shape`], [`error_keywords`]: a cheap search that skips most lines, and not again for a line that
//!    differs from an earlier one only in times, identifiers and counts
//! 3. [`event`]: the line with the lines that belong to it, for example a traceback
//! 4. [`text`], [`json`]: the plain text of a line, without escapes and JSON
//! 5. [`error_patterns`], [`generic_patterns`]: the symptom that the text shows
//! 6. [`host_patterns`], [`hosts`], [`host_filter`], [`mention`]: the host of the failed connection
//! 7. [`failures`], [`known_events`]: combines the symptoms and hosts of an event into distinct failures, and not again for an
//!    event that differs from an earlier one only in times, identifiers and counts
//! 8. [`preceding`]: the host in the lines before the event
//! 9. [`tally`]: counts equal failures as one [`LogFinding`]
//! 10. [`only_host`]: names that only other lines contain
//!
//! To support the log line of a new driver or SDK:
//! - if its words are general, extend [`generic_patterns`] instead of adding a row for the client
//! - add its error text to [`error_patterns`], and a part of that text to [`error_keywords`]
//! - add the form in which it writes the host to [`host_patterns`]
//! - if it does not write the port, add the default port to `PROTOCOLS` in [`failures`]
//! - add an excerpt to `tests/fixtures/logs/`

mod denial;
mod error_keywords;
mod error_patterns;
mod error_row;
mod event;
mod failures;
mod finding;
mod generic_patterns;
mod host_filter;
mod host_patterns;
mod hosts;
mod input;
mod json;
mod known_events;
mod line_cache;
mod mention;
mod only_host;
mod preceding;
mod reader;
mod region;
mod role;
mod shape;
mod stream_prefix;
mod tally;
mod text;

pub use denial::Denial;
pub use finding::{LogFinding, LogReading, ProxyRole};
pub(super) use host_filter::is_file_or_class;
pub use reader::read_log;
