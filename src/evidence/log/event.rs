//! One event of a log: a record with everything that belongs to it.
//!
//! Owns which line belongs to which event. What the lines say is [`super::told`]'s.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use super::redact::redact;
use super::signs::symptom;
use super::text::{time_in, unwrap};
use super::told::{Failure, Told, usual_port};

/// Lines of one event as they come.
#[derive(Default)]
pub(super) struct Event {
    lines: Vec<String>,
    /// The first line as it stands in the log: what comes again before each line is its prefix.
    head: String,
    /// Number of its first line.
    pub first: usize,
    /// Number of its last line.
    pub last: usize,
    bytes: usize,
    braces: i32,
    /// What the line before was.
    before: Before,
    traceback: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Before {
    #[default]
    Text,
    Indented,
    /// `During handling of the above exception …`, `… while attempting to connect to:`
    Announcing,
    /// Nothing, after text.
    Blank,
    /// Nothing, after an announcement.
    BlankAnnouncing,
}

/// Bytes of text that an event may hold.
const LONGEST: usize = 256 * 1024;
/// The shortest prefix that lines may share.
const PREFIX: usize = 8;

/// How a record begins: a time, a level, a bracket of syslog's, a JSON object.
#[expect(clippy::unwrap_used, reason = "a constant pattern")]
static START: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
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
    )
    .unwrap()
});

/// What `aws logs tail` and Kubernetes write before every line: the time, and the stream.
#[expect(clippy::unwrap_used, reason = "a constant pattern")]
static STAMP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9:]+)(?: std(?:out|err) [FP]| [A-Za-z][^ /]*/[^ ]+)?(?: |$)").unwrap()
});

/// What continues the event before it, though it begins at the margin.
#[expect(clippy::unwrap_used, reason = "constant patterns")]
static CONTINUES: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        r"^(?:Caused by|caused by|Suppressed|During handling|The above exception|The direct cause)",
        r"^\s*(?:at |\.{3} [0-9]+ |\^|\}|\]|\)|\||--- |---> |-->|=+$|-+$|~+$)",
        r"^(?:\[cause\]|\[errors\]|cause:|errno:|code:|syscall:|address:|port:|hostname:|stack:|Stack trace|Next |Original |source:|Require stack|request: |URL: |Code: |host: |Proxy$|authenticate: |tunnel: |The last packet |! )",
        r"^(?:Location|Backtrace|stack backtrace|note: run with|thread '|goroutine |Inner exception|\(Background on this error|The SQL|Is the server|Net::|#[0-9]+ |info array)",
        // What curl says as it goes.
        r"^(?:\* |> |< |[{}] \[|curl: \()",
        r"^(?:[0-9]+: 0x|\s*[0-9]+: )",
    ])
    .unwrap()
});

/// The last line of a Python traceback.
#[expect(clippy::unwrap_used, reason = "a constant pattern")]
static EXCEPTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[A-Za-z_][A-Za-z0-9_.$:]*(?:Error|Exception|Timeout|TimedOut|Refused|Failure|Disconnected|Reset|Warning|Interrupt|gaierror|Unreachable|timeout|herror)\w*(?::|$)").unwrap()
});

/// A place in the code: it names no host, and what it calls did not happen.
#[expect(clippy::unwrap_used, reason = "a constant pattern")]
static FRAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^\s*(?:at |File "|\.{3} [0-9]+ (?:more|common)|from /|#[0-9]+ +/|[0-9]+: 0x|\S+\.rb:[0-9]+:in `[a-z_ ]+'$|/\S+\.(?:rb|go|py|js|php)(?::[0-9]+|\([0-9]+\))?(?: \+0x[0-9a-f]+)?$)"#).unwrap()
});

/// Several failures in one line, each behind the host it is about: `a:27017: timed out,b:27017: [Errno 111] …`.
#[expect(clippy::unwrap_used, reason = "a constant pattern")]
static LISTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z0-9][A-Za-z0-9_.-]*:[0-9]{2,5}: (?:timed out|\[Errno|connection|\[SSL|getaddrinfo)")
        .unwrap()
});

/// Whether a line begins a record of its own, by its look alone.
pub(super) fn is_start(line: &str) -> bool {
    match behind_stamp(line) {
        Some(rest) => !(rest.is_empty() || is_inner(rest)),
        None => START.is_match(line),
    }
}

/// The line as it was written, where something put the time before it.
fn behind_stamp(line: &str) -> Option<&str> {
    STAMP.find(line).and_then(|stamp| line.get(stamp.end()..))
}

/// Whether a line by its look stands within an event.
fn is_inner(line: &str) -> bool {
    line.starts_with("  ") || line.starts_with('\t') || CONTINUES.is_match(line) || EXCEPTION.is_match(line)
}

impl Event {
    /// Whether the line belongs to this event, which has lines already.
    pub fn continues_with(&self, line: &str) -> bool {
        if self.lines.is_empty() {
            return true;
        }
        if self.bytes > LONGEST {
            return false;
        }
        let whole = line.trim_end();
        let text = self.without_prefix(whole);
        if text.trim().is_empty() {
            return self.before != Before::BlankAnnouncing && self.before != Before::Blank;
        }
        if text.len() == whole.len() && is_start(text) {
            return false;
        }
        let is_inside = self.braces > 0 && self.lines.len() < 200;
        if is_inside || matches!(self.before, Before::Announcing | Before::BlankAnnouncing) {
            return true;
        }
        if CONTINUES.is_match(text) {
            return true;
        }
        if self.before == Before::Blank {
            return false;
        }
        if text.starts_with([' ', '\t']) {
            return true;
        }
        if text.starts_with("Traceback (most recent call last)") {
            // After the line that announces it; another one on its own is another event.
            return !self.traceback;
        }
        self.before == Before::Indented && EXCEPTION.is_match(text)
    }

    /// The line without what stands before every line: a container's name, syslog's time and host.
    fn without_prefix<'a>(&self, line: &'a str) -> &'a str {
        // Some write the time before every line, and the line as it was behind it.
        if let Some(rest) = behind_stamp(&self.head).and(behind_stamp(line))
            && (rest.is_empty() || is_inner(rest) || rest.starts_with("Traceback "))
        {
            return rest;
        }
        let same = self.head.bytes().zip(line.bytes()).take_while(|(one, two)| one == two).count();
        let shared = line.get(..same).unwrap_or_default();
        let ends = [": ", "| ", "] ", "> "];
        let end = ends.iter().filter_map(|end| shared.rfind(end).map(|at| at + end.len())).max();
        match end {
            Some(end) if end >= PREFIX => line.get(end..).unwrap_or(line),
            _ => line,
        }
    }

    /// Adds a line. `true` when the event is whole with it.
    pub fn push(&mut self, number: usize, line: &str) -> bool {
        let whole = line.trim_end();
        let text = self.without_prefix(whole).to_owned();
        if self.lines.is_empty() {
            self.first = number;
            whole.clone_into(&mut self.head);
        }
        self.last = number;
        self.bytes += line.len();
        self.braces = (self.braces + depth(&text)).max(0);
        let announces = text.starts_with("During handling")
            || text.starts_with("The above exception")
            || (text.ends_with(':') && !text.ends_with("(most recent call last):"));
        let is_traceback = text.ends_with("Traceback (most recent call last):");
        self.traceback |= is_traceback;
        self.before = match self.before {
            Before::Announcing if text.is_empty() => Before::BlankAnnouncing,
            _ if text.is_empty() => Before::Blank,
            _ if announces => Before::Announcing,
            _ if text.starts_with([' ', '\t']) || is_traceback => Before::Indented,
            _ => Before::Text,
        };
        // JSON on one line is a record of its own.
        let is_record = text.starts_with('{') && text.ends_with('}') && text.len() > 2;
        self.lines.push(text);
        is_record
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// When it was written, as the log says it.
    pub fn time(&self) -> Option<String> {
        time_in(&self.head)
    }

    /// A line of it without secrets: as it stands in the log, or what tells most of a JSON record.
    pub fn sample(&self, number: usize) -> String {
        let line = self.lines.get(number.saturating_sub(self.first)).or(self.lines.first());
        let line = line.map_or("", String::as_str);
        let mut told: Vec<String> = unwrap(line.trim()).into_iter().map(redact).collect();
        match told.iter().position(|line| symptom(line).is_some()) {
            Some(at) => told.swap_remove(at),
            None => told.join(" "),
        }
    }

    /// What it says, whatever the time: events of the same words say the same.
    pub fn words(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for (at, line) in self.lines.iter().enumerate() {
            let is_time = |c: char| c.is_ascii_digit() || "-/:.,TZ+[] ".contains(c);
            let line = if at == 0 { line.trim_start_matches(is_time) } else { line.as_str() };
            line.hash(&mut hasher);
        }
        hasher.finish()
    }

    /// The failures that it tells of, each once, by its most telling line.
    pub fn failures(&self) -> Vec<Failure> {
        let mut told = Told::default();
        let mut after_frame = false;
        let lines: Vec<(usize, String)> = self
            .lines
            .iter()
            .enumerate()
            .flat_map(|(at, raw)| unwrap(raw).into_iter().map(move |line| (self.first + at, redact(line))))
            .collect();
        for (number, line) in &lines {
            let is_frame = FRAME.is_match(line);
            // Python shows the code of a frame under it.
            let is_code = after_frame && line.starts_with("    ");
            after_frame = is_frame && line.trim_start().starts_with("File ");
            if is_frame || is_code {
                continue;
            }
            let starts: Vec<usize> = LISTED.find_iter(line).map(|found| found.start()).collect();
            if starts.len() > 1 {
                let ends = starts.iter().skip(1).copied().chain([line.len()]);
                for (start, end) in starts.iter().zip(ends) {
                    told.take(*number, line.get(*start..end).unwrap_or_default());
                }
            } else {
                told.take(*number, line);
            }
        }
        told.failures(usual_port(lines.iter().map(|(_, line)| line.as_str())))
    }
}

/// How many braces and brackets stay open, as far as a line of code or JSON can tell.
fn depth(text: &str) -> i32 {
    let mut depth = 0;
    let mut quote = None;
    let mut escaped = false;
    for c in text.chars() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (_, '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '`') => quote = Some(c),
            (None, '{' | '[') => depth += 1,
            (None, '}' | ']') => depth -= 1,
            _ => {}
        }
    }
    // Only what ends open continues on the next line.
    if depth < 0 || text.ends_with(['{', '[', ',']) || text == "{" { depth } else { 0 }
}
