//! A log line's text: without terminal escapes, out of its JSON, with its time.

use std::sync::LazyLock;

use jiff::Timestamp;
use regex::Regex;
use serde_json::{Map, Value};

use crate::evidence::secrecy::is_secret_name;

/// How deep JSON in JSON is followed.
const DEPTH: usize = 4;
/// How many lines one JSON record may hold.
const LINES: usize = 400;

/// Keys whose value is told as it is; others bring their name along.
const TEXT_KEYS: &[&str] = &[
    "msg",
    "message",
    "@message",
    "log",
    "error",
    "err",
    "exception",
    "exc_info",
    "stack",
    "stack_trace",
    "stacktrace",
    "trace",
    "traceback",
    "event",
    "text",
    "body",
    "detail",
    "details",
    "cause",
    "reason",
    "line",
    "content",
    "msgtemplate",
    "@mt",
    "@m",
    "@x",
    "renderedmessage",
];
const HOST_KEYS: &[&str] =
    &["hostname", "host", "address", "server.address", "peer", "remote_host", "net.peer.name", "addr"];
const PORT_KEYS: &[&str] = &["port", "server.port", "remote_port", "net.peer.port"];
/// ISO 8601 or its many cousins, or the time of day alone.
#[expect(clippy::unwrap_used, reason = "a constant pattern")]
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}|\b[0-9]{2}:[0-9]{2}:[0-9]{2}\b",
    )
    .unwrap()
});

/// The lines of text that one line of a log stands for.
pub(super) fn unwrap(raw: &str) -> Vec<String> {
    let clean = without_escapes(raw);
    let text = clean.trim_end();
    let is_object = |at: &usize| text.get(at + 1..).is_some_and(|rest| rest.trim_start().starts_with('"'));
    if let Some(at) = text.find('{').filter(is_object) {
        let (before, json) = text.split_at(at);
        let value = serde_json::Deserializer::from_str(json).into_iter::<Value>().next();
        if let Some(Ok(value)) = value {
            let mut lines = Vec::new();
            if !before.trim().is_empty() {
                lines.push(before.trim_end().to_owned());
            }
            let is_quiet = level_of(&value).is_some_and(|level| QUIET.contains(&level.as_str()));
            Telling { lines: &mut lines, is_quiet }.tell(&value, "", 0);
            return lines;
        }
    }
    // Cut short, or not quite JSON: its escapes are read all the same.
    if text.contains("\\n") {
        return unescape(text).lines().take(LINES).map(str::to_owned).collect();
    }
    vec![if text.contains("\\\"") { unescape(text) } else { text.to_owned() }]
}

/// Whether a line begins the events in an answer of `aws logs filter-log-events` or `get-log-events`.
pub(super) fn begins_events(line: &[u8]) -> bool {
    line.trim_ascii() == b"\"events\": ["
}

/// The message in a line of such an answer.
pub(super) fn message_of_event(line: &[u8]) -> Option<String> {
    let text = line.trim_ascii().strip_prefix(b"\"message\":")?.trim_ascii();
    serde_json::from_slice(text.strip_suffix(b",").unwrap_or(text)).ok()
}

fn unescape(text: &str) -> String {
    text.replace("\\r\\n", "\n")
        .replace("\\n", "\n")
        .replace("\\t", "\t")
        .replace("\\\"", "\"")
        .replace("\\/", "/")
}

/// Text without the escapes that colour it, and without other control characters.
pub(super) fn without_escapes(raw: &str) -> String {
    let mut clean = String::with_capacity(raw.len());
    let mut rest = raw.chars().peekable();
    let mut has_end = true;
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => {
                if rest.next_if_eq(&'[').is_some() {
                    while rest.next_if(|c| !('@'..='~').contains(c)).is_some() {}
                    rest.next();
                } else if has_end && rest.next_if_eq(&']').is_some() {
                    // A title or a link: what it says is not on the screen. Without an end it is none.
                    let mut after = rest.clone();
                    let end = after.by_ref().find(|c| matches!(c, '\u{7}' | '\u{1b}'));
                    has_end = end.is_some();
                    if has_end {
                        rest = after;
                        if end == Some('\u{1b}') {
                            rest.next_if_eq(&'\\');
                        }
                    }
                }
            }
            '\t' | '\n' => clean.push(c),
            c if c.is_control() => {}
            c => clean.push(c),
        }
    }
    clean
}

/// The milliseconds since 1970 that some loggers write.
#[expect(clippy::unwrap_used, reason = "a constant pattern")]
static EPOCH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#""(?:time|ts|timestamp|@timestamp|t)"\s*:\s*"?([0-9]{10})(?:\.?([0-9]{3})[0-9]*)?"#).unwrap()
});

/// When a line was written, as it says itself near its beginning.
pub(super) fn time_in(text: &str) -> Option<String> {
    let head: String = text.chars().take(400).collect();
    if let Some(epoch) = EPOCH.captures(&head) {
        let seconds = epoch.get(1)?.as_str().parse().ok()?;
        let text = Timestamp::from_second(seconds).ok()?.to_string();
        return TIME.find(&text).map(|found| found.as_str().to_owned());
    }
    TIME.find(&head).map(|found| found.as_str().replace(' ', "T"))
}

/// Levels of records that report no failure of their own, whatever texts they carry along.
const QUIET: &[&str] = &["trace", "debug", "info", "information", "notice", "10", "20", "30"];

fn level_of(value: &Value) -> Option<String> {
    let map = value.as_object()?;
    let is_level = |key: &str| ["level", "levelname", "severity", "lvl", "@l", "log.level"].contains(&key);
    let (_, level) = map.iter().find(|(key, _)| is_level(&key.to_ascii_lowercase()))?;
    Some(level.as_str().map_or_else(|| level.to_string(), str::to_owned).to_ascii_lowercase())
}

/// A JSON record told as lines.
struct Telling<'a> {
    lines: &'a mut Vec<String>,
    is_quiet: bool,
}

impl Telling<'_> {
    /// Texts line by line, everything else as `key: value`. Host and port of one object come together.
    fn tell(&mut self, value: &Value, key: &str, depth: usize) {
        if depth > DEPTH || self.lines.len() > LINES {
            return;
        }
        if is_secret_name(key) {
            return;
        }
        match value {
            // `{"name": "Authorization", "value": …}`: a header or a variable.
            Value::Object(map) if is_named_secret(map) => {}
            Value::Object(map) => {
                let find = |keys: &[&str]| {
                    let fits = |key: &str| keys.contains(&key.to_ascii_lowercase().as_str());
                    map.iter().find(|(key, _)| fits(key)).map(|(_, value)| value)
                };
                if let (Some(Value::String(host)), Some(port)) = (find(HOST_KEYS), find(PORT_KEYS)) {
                    let text = port.as_str().map_or_else(|| port.to_string(), str::to_owned);
                    self.lines.push(format!("(host='{host}', port={text})"));
                }
                // What the record says comes before its particulars.
                let is_text = |key: &&String| is_text_key(key);
                let is_own = |key: &&String| depth == 0 && is_of_the_writer(map, key);
                for key in
                    map.keys().filter(is_text).chain(map.keys().filter(|key| !is_text(key) && !is_own(key)))
                {
                    if let Some(value) = map.get(key) {
                        self.tell(value, key, depth + 1);
                    }
                }
            }
            Value::Array(list) => list.iter().for_each(|value| self.tell(value, key, depth + 1)),
            Value::String(text) => self.tell_text(text, key, depth),
            Value::Number(_) | Value::Bool(_) if !key.is_empty() => {
                self.lines.push(format!("{key}: {value}"));
            }
            Value::Number(_) | Value::Bool(_) | Value::Null => {}
        }
    }

    fn tell_text(&mut self, text: &str, key: &str, depth: usize) {
        let text = without_escapes(text);
        if text.trim_start().starts_with('{')
            && let Ok(inner) = serde_json::from_str::<Value>(&text)
        {
            return self.tell(&inner, key, depth + 1);
        }
        let bare = key.is_empty() || is_text_key(key);
        if self.is_quiet && !bare {
            return;
        }
        let text = if text.contains("\\n") { unescape(&text) } else { text };
        for (number, line) in text.lines().enumerate().take(LINES) {
            self.lines.push(if bare || number > 0 { line.to_owned() } else { format!("{key}: '{line}'") });
        }
    }
}

fn is_named_secret(map: &Map<String, Value>) -> bool {
    let name = ["name", "key", "header"].iter().find_map(|key| map.get(*key)?.as_str());
    name.is_some_and(is_secret_name) && map.contains_key("value")
}

/// Whether a key of a record speaks of who wrote it, or of a request that came in, and not of what was called. An error
/// that a record holds as it is names its call.
fn is_of_the_writer(record: &Map<String, Value>, key: &str) -> bool {
    let of_error = ["syscall", "errno", "code", "port"].iter().any(|key| record.contains_key(*key));
    ["req", "headers"].contains(&key) || (!of_error && ["hostname", "host", "server"].contains(&key))
}

fn is_text_key(key: &str) -> bool {
    TEXT_KEYS.contains(&key.to_ascii_lowercase().as_str())
}
