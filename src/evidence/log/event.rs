//! An event of a log: a record with all lines that belong to it, for example a traceback.
//!
//! Owns the assignment of lines to events. The failures that an event shows are in [`super::failures`].

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;
use std::sync::LazyLock;

use memchr::memchr2;
use memchr::memmem::Finder;
use regex::{Regex, RegexSet};

use super::error_patterns::symptom;
use super::failures::{EventFindings, Failure, protocol_port};
use super::host_patterns::{ATTEMPTED, TOPOLOGY_START};
use super::json::flatten_line;
use super::region;
use super::role::is_about_client;
use super::shape;
use super::stream_prefix::without_stream_prefix;
use super::text::{length_of_time, time_in};
use crate::evidence::Symptom;
use crate::evidence::built_in::valid;
use crate::evidence::patterns::LazyPattern;
use crate::evidence::redact::redact;

/// The lines of an event.
#[derive(Default)]
pub(super) struct Event {
    /// The lines with their prefixes, each with a line end.
    text: String,
    lines: Vec<EventLine>,
    /// Whether the prefix of the first line is one that a log stream writes.
    has_stream_prefix: bool,
    /// Number of the first line.
    pub first: usize,
    /// Number of the last line.
    pub last: usize,
    bytes: usize,
    /// The brackets that the first `counted_lines` lines leave open.
    open_brackets: i32,
    counted_lines: usize,
    previous: PreviousLine,
    has_traceback: bool,
}

/// A line of an event.
#[derive(Clone)]
struct EventLine {
    /// Its place in the text of the event.
    range: Range<usize>,
    /// The number of bytes of its prefix. The following lines can have the same prefix as the first.
    prefix: usize,
    /// A hash of its shape.
    shape: u64,
}

/// What an event shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EventFacts {
    /// Its failures, with line numbers from 0.
    pub failures: Vec<Failure>,
    pub has_time: bool,
}

/// The kind of the previous line of an event.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum PreviousLine {
    #[default]
    Text,
    Indented,
    /// `During handling of the above exception …`, `… while attempting to connect to:`
    Announcement,
    /// An empty line after text.
    Blank,
    /// An empty line after an announcement.
    BlankAfterAnnouncement,
}

/// Maximum number of bytes per event.
const MAX_BYTES: usize = 256 * 1024;
/// Maximum number of lines inside open brackets.
const MAX_BRACKET_LINES: usize = 200;
/// Minimum length of a prefix that lines share.
const MIN_PREFIX: usize = 8;

/// The beginning of a record: a time, a level, a syslog priority, a JSON object.
static RECORD_START: LazyLock<Regex> = LazyLock::new(|| {
    valid(Regex::new(
        r#"(?x)^\s{0,2}(?:
            \{\s*"
          | \[?\s*\(?[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}
          | \[?[0-9]{2}:[0-9]{2}:[0-9]{2}\b
          | \[?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[\ ,]
          | [0-9]{1,2}[-/][A-Za-z]{3}[-/][0-9]{4}
          | \[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|ERRO|FATAL|CRITICAL|SEVERE|PANIC)\b[^A-Za-z]
          | [IWEF][0-9]{4}\ 
          | time=|ts=|level=|t=[0-9]
          | <[0-9]{1,3}>
        )"#,
    ))
});

/// Lines that continue an event although they are not indented.
static CONTINUATION: LazyLock<RegexSet> = LazyLock::new(|| {
    valid(RegexSet::new([
        r"^(?:connection to server at |Caused by|caused by|Suppressed|During handling|The above exception|The direct cause)",
        r"^\s*(?:at |\.{3} [0-9]+ |\^|\}|\]|\)|\||--- |---> |-->|=+$|-+$|~+$)",
        r"^(?:\[cause\]|\[errors\]|cause:|errno:|code:|syscall:|address:|port:|hostname:|stack:|Stack trace|Next |Original |source:|Require stack|request: |URL: |Code: |host: |Proxy$|authenticate: |tunnel: |The last packet |! )",
        r"^(?:Location|Backtrace|stack backtrace|note: run with|thread '|goroutine |Inner exception|\(Background on this error|The SQL|Is the server|Net::|#[0-9]+ |info array)",
        r"^npm (?:ERR!|error) ",
        // Progress output of curl.
        r"^(?:\* |> |< |[{}] \[|curl: \()",
        r"^(?:[0-9]+: 0x|\s*[0-9]+: )",
    ]))
});

/// The last line of a Python traceback.
static EXCEPTION: LazyPattern = LazyPattern::new(
    r"^[A-Za-z_][A-Za-z0-9_.$:]*(?:Error|Exception|Timeout|TimedOut|Refused|Failure|Disconnected|Reset|Warning|Interrupt|gaierror|Unreachable|timeout|herror)\w*(?::|$)",
);

/// A stack frame: its names are not hosts, and its error names are not failures.
static STACK_FRAME: LazyPattern = LazyPattern::new(
    r#"^\s*(?:at |File "|\.{3} [0-9]+ (?:more|common)|from /|#[0-9]+ +/|[0-9]+: 0x|\S+\.rb:[0-9]+:in `[a-z_ ]+'$|/\S+\.(?:rb|go|py|js|php)(?::[0-9]+|\([0-9]+\))?(?: \+0x[0-9a-f]+)?$|[\w./*()-]+\.\w+\((?:0x[0-9a-f]|\{0x|\.\.\.))"#,
);

/// Several failures in one line, each after its host: `a:27017: timed out,b:27017: [Errno 111] …`.
static FAILURE_LIST: LazyPattern = LazyPattern::new(
    r"[A-Za-z0-9][A-Za-z0-9_.-]*:[0-9]{2,5}: (?:timed out|\[Errno|connection|\[SSL|getaddrinfo)",
);

/// Names of botocore and of the library whose errors it reports. `requests` uses that library too.
static BOTOCORE: LazyPattern = LazyPattern::new(r"\b(?:botocore|boto3|s3transfer|urllib3)\b");

/// Whether a line begins a record, by its text alone.
pub(super) fn is_start(line: &str) -> bool {
    match without_stream_prefix(line) {
        Some(rest) => !(rest.is_empty() || is_continuation(rest)),
        None => begins_with_time(line) || (may_begin_record(line) && RECORD_START.is_match(line)),
    }
}

/// Whether a line begins with a date and a time: the most frequent beginning in [`RECORD_START`].
fn begins_with_time(line: &str) -> bool {
    length_of_time(line.as_bytes()) > 0
}

/// Whether the first character of a line is one of those in [`RECORD_START`].
fn may_begin_record(line: &str) -> bool {
    let first = line.trim_start().bytes().next();
    first.is_some_and(|first| first.is_ascii_digit() || b"{[(<tlACDEFIJMNOPSTW".contains(&first))
}

/// Whether a line belongs to the event before it, by its text alone.
fn is_continuation(line: &str) -> bool {
    line.starts_with("  ")
        || line.starts_with('\t')
        || CONTINUATION.is_match(line)
        || EXCEPTION.is_match(line)
}

impl Event {
    /// Whether the line belongs to this event. An empty event accepts every line. `begins_record` is [`is_start`] of
    /// the line, if known.
    pub fn continues_with(&mut self, line: &str, begins_record: Option<bool>) -> bool {
        if self.lines.is_empty() {
            return true;
        }
        if self.bytes > MAX_BYTES {
            return false;
        }
        let line_text = line.trim_end();
        let begins_record = begins_record.filter(|_| line_text.len() == line.len());
        let text = self.without_prefix(line_text, begins_record == Some(true));
        if text.trim().is_empty() {
            return self.previous != PreviousLine::BlankAfterAnnouncement
                && self.previous != PreviousLine::Blank;
        }
        if text.len() == line_text.len() && begins_record.unwrap_or_else(|| is_start(text)) {
            return false;
        }
        let is_inside_brackets = self.lines.len() < MAX_BRACKET_LINES && self.open_brackets() > 0;
        if is_inside_brackets
            || matches!(self.previous, PreviousLine::Announcement | PreviousLine::BlankAfterAnnouncement)
        {
            return true;
        }
        let is_after_blank = self.previous == PreviousLine::Blank;
        if !is_after_blank && text.starts_with([' ', '\t']) {
            return true;
        }
        if CONTINUATION.is_match(text) {
            return true;
        }
        if is_after_blank {
            return false;
        }
        if text.starts_with("Traceback (most recent call last)") {
            // A second traceback without an announcement is another event.
            return !self.has_traceback;
        }
        self.previous == PreviousLine::Indented && EXCEPTION.is_match(text)
    }

    /// The line without the prefix that it shares with the first line: a container name, or the time and
    /// host of syslog.
    ///
    /// A line that begins a record ([`is_start`]) is no continuation.
    fn without_prefix<'a>(&self, line: &'a str, begins_record: bool) -> &'a str {
        if self.has_stream_prefix
            && let Some(rest) = without_stream_prefix(line)
            && (rest.is_empty() || rest.starts_with("Traceback ") || !begins_record && is_continuation(rest))
        {
            return rest;
        }
        let same = self.first_text().bytes().zip(line.bytes()).take_while(|(one, two)| one == two).count();
        let shared = line.as_bytes().get(..same).unwrap_or_default();
        let ends = shared.windows(2).rposition(|pair| matches!(pair, [b':' | b'|' | b']' | b'>', b' ']));
        match ends.map(|at| at + 2) {
            Some(end) if end >= MIN_PREFIX => line.get(end..).unwrap_or(line),
            _ => line,
        }
    }

    /// Adds a line with a hash of its shape. Returns whether the event is complete.
    pub fn push(&mut self, number: usize, line: &str, shape: u64) -> bool {
        let line_text = line.trim_end();
        let text = self.without_prefix(line_text, false);
        if self.lines.is_empty() {
            self.first = number;
            self.has_stream_prefix = without_stream_prefix(line_text).is_some();
        }
        self.last = number;
        self.bytes += line.len();
        let announces = text.starts_with("During handling")
            || text.starts_with("The above exception")
            || is_php_warning_before_error(line_text)
            || (text.ends_with(':') && !text.ends_with("(most recent call last):"));
        let is_traceback = text.ends_with("Traceback (most recent call last):");
        self.has_traceback |= is_traceback;
        self.previous = match self.previous {
            PreviousLine::Announcement if text.is_empty() => PreviousLine::BlankAfterAnnouncement,
            _ if text.is_empty() => PreviousLine::Blank,
            _ if announces => PreviousLine::Announcement,
            _ if text.starts_with([' ', '\t']) || is_traceback => PreviousLine::Indented,
            _ => PreviousLine::Text,
        };
        // A JSON object on one line is a complete record.
        let is_complete = text.starts_with('{') && text.ends_with('}') && text.len() > 2;
        let start = self.text.len();
        self.text.push_str(line_text);
        let (range, prefix) = (start..self.text.len(), line_text.len() - text.len());
        self.text.push('\n');
        self.lines.push(EventLine { range, prefix, shape });
        is_complete
    }

    /// The number of brackets that the lines leave open. Most events end before it is needed.
    fn open_brackets(&mut self) -> i32 {
        let new = self.lines.get(self.counted_lines..).unwrap_or_default();
        let add = |open: i32, line| (open + bracket_balance(self.text_of(line))).max(0);
        self.open_brackets = new.iter().fold(self.open_brackets, add);
        self.counted_lines = self.lines.len();
        self.open_brackets
    }

    /// Removes all lines. Keeps the memory for the next event.
    pub fn clear(&mut self) {
        let (mut text, mut lines) = (std::mem::take(&mut self.text), std::mem::take(&mut self.lines));
        text.clear();
        lines.clear();
        *self = Self { text, lines, ..Self::default() };
    }

    /// The first line with its prefix.
    pub fn first_text(&self) -> &str {
        self.lines.first().and_then(|line| self.text.get(line.range.clone())).unwrap_or_default()
    }

    /// The lines without their prefixes.
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(|line| self.text_of(line))
    }

    fn text_of(&self, line: &EventLine) -> &str {
        self.text.get(line.range.start + line.prefix..line.range.end).unwrap_or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// A line of the event without secrets. If it is a JSON record, the text in it that shows the symptom.
    pub fn sample(&self, number: usize) -> String {
        let line = self.lines.get(number.saturating_sub(self.first)).or(self.lines.first());
        let line = line.map_or("", |line| self.text_of(line));
        let mut texts: Vec<String> = flatten_line(line.trim()).into_iter().map(redact).collect();
        match texts.iter().position(|line| symptom(line).is_some()) {
            Some(at) => texts.swap_remove(at),
            None => texts.join(" "),
        }
    }

    /// A hash of the shapes of its lines.
    pub fn shape(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.lines.iter().for_each(|line| (line.shape, line.prefix).hash(&mut hasher));
        hasher.finish()
    }

    /// A hash of its text without the time at its beginning: events with the same text show the same.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let digits = length_of_time(self.first_text().as_bytes());
        self.text.get(digits..).unwrap_or_default().hash(&mut hasher);
        self.lines.iter().for_each(|line| line.prefix.hash(&mut hasher));
        hasher.finish()
    }

    pub fn facts(&self) -> EventFacts {
        EventFacts { failures: self.failures(), has_time: time_in(self.first_text()).is_some() }
    }

    /// Whether an event with the same shapes, in which every variable part differs, shows the same.
    pub fn are_of_shape(&self, facts: &EventFacts) -> bool {
        let Some(text) = shape::changed(&self.text) else { return true };
        Self { text, lines: self.lines.clone(), ..Self::default() }.facts() == *facts
    }

    /// The distinct failures of the event, each with its most specific line, with line numbers from 0.
    fn failures(&self) -> Vec<Failure> {
        let mut findings = EventFindings::default();
        let mut after_frame = false;
        let lines: Vec<(usize, String)> = self
            .texts()
            .enumerate()
            .flat_map(|(at, raw)| flatten_line(raw).into_iter().map(move |line| (at, redact(line))))
            .collect();
        // A line about a client of the application explains the whole event.
        if lines.iter().any(|(_, line)| is_about_client(line)) {
            return Vec::new();
        }
        for (number, line) in &lines {
            let is_frame = STACK_FRAME.is_match(line) && !has_url_of_call(line);
            // Python prints the source line below a frame.
            let is_code = after_frame && line.starts_with("    ");
            after_frame = is_frame && line.trim_start().starts_with("File ");
            if is_frame {
                continue;
            }
            if is_code {
                findings.add_code(line);
                continue;
            }
            let starts =
                |list: &LazyPattern| list.find_iter(line).map(|found| found.start()).collect::<Vec<usize>>();
            let mut starts = [starts(&FAILURE_LIST), starts(&TOPOLOGY_START)].concat();
            starts.sort_unstable();
            if let Some(found) = ATTEMPTED.captures(line).and_then(|found| found.name("list")) {
                for address in found.as_str().split(',') {
                    findings.add_line(*number, &replaced(line, found.range(), address.trim()));
                }
            } else if starts.len() > 1 {
                let ends = starts.iter().skip(1).copied().chain([line.len()]);
                for (start, end) in starts.iter().zip(ends) {
                    findings.add_line(*number, line.get(*start..end).unwrap_or_default());
                }
            } else {
                findings.add_line(*number, line);
            }
        }
        let is_botocore = lines.iter().any(|(_, line)| BOTOCORE.is_match(line));
        let mut failures =
            findings.failures(protocol_port(lines.iter().map(|(_, line)| line.as_str())), is_botocore);
        for failure in failures.iter_mut().filter(|failure| failure.symptom == Symptom::WrongRegion) {
            failure.correct_region = lines.iter().find_map(|(_, line)| region::correct_region(line));
        }
        failures
    }
}

/// Whether a line of a stack has the URL of a call, without a position in a file or with its error:
/// `at Issuer.discover https://login.example.com/`.
fn has_url_of_call(line: &str) -> bool {
    let is_in_position = |c: char| c.is_ascii_digit() || matches!(c, ':' | ')');
    let rest = line.trim_end().trim_end_matches(is_in_position);
    line.contains("://") && (rest.len() == line.trim_end().len() || line.contains(": connect E"))
}

/// The line with other text in a range.
fn replaced(line: &str, range: Range<usize>, text: &str) -> String {
    let (before, after) = (line.get(..range.start), line.get(range.end..));
    [before.unwrap_or_default(), text, after.unwrap_or_default()].concat()
}

/// Whether PHP writes the error of the stream, with the URL, on the next line.
fn is_php_warning_before_error(text: &str) -> bool {
    static CALL: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("(): "));
    CALL.find(text.as_bytes()).is_some()
        && ["fopen(): ", "file_get_contents(): "].iter().any(|function| text.contains(function))
}

/// The number of opening minus the number of closing braces and brackets in a line of code or JSON.
fn bracket_balance(text: &str) -> i32 {
    let bytes = text.as_bytes();
    // Opening brackets count only if the line ends with an opening bracket or a comma.
    let counts_opening = text.ends_with(['{', '[', ',']);
    let has_opening = || memchr2(b'{', b'[', bytes).is_some();
    let can_count = memchr2(b'}', b']', bytes).is_some() || (counts_opening && has_opening());
    if !can_count {
        return 0;
    }
    let mut balance = 0;
    let mut quote = None;
    let mut escaped = false;
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' | b'`' if quote.is_none() => quote = Some(byte),
            b'"' | b'`' if quote == Some(byte) => quote = None,
            b'{' | b'[' if quote.is_none() => balance += 1,
            b'}' | b']' if quote.is_none() => balance -= 1,
            _ => {}
        }
    }
    if balance < 0 || counts_opening { balance } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_single_pattern_compiles() {
        for pattern in [&FAILURE_LIST, &BOTOCORE, &STACK_FRAME, &EXCEPTION] {
            pattern.assert_valid();
        }
    }
}
