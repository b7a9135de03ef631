//! The text of a JSON record in a log, as lines.

use serde_json::{Map, Value};

use super::text::{unescape, without_escapes};
use crate::evidence::secret_names::is_secret_name;

/// Maximum depth of nested JSON.
const MAX_DEPTH: usize = 4;
/// Maximum number of lines per record.
const MAX_LINES: usize = 400;

/// Keys whose values become lines without the key. Other values become `key: value`.
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
/// Keys of an object that describes a request to the application. Its host is the application itself.
const INCOMING_KEYS: &[&str] = &["remote_ip", "client_ip"];
const PORT_KEYS: &[&str] = &["port", "server.port", "remote_port", "net.peer.port"];
/// The lines of text in one line of a log: a JSON record has several, plain text has one.
pub(super) fn flatten_line(raw: &str) -> Vec<String> {
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
            let has_low_level = level_of(&value).is_some_and(|level| LOW_LEVELS.contains(&level.as_str()));
            JsonFlattener { lines: &mut lines, has_low_level }.flatten(&value, "", 0);
            return lines;
        }
    }
    // Truncated or invalid JSON: only its escapes are replaced.
    if text.contains("\\n") {
        return unescape(text).lines().take(MAX_LINES).map(str::to_owned).collect();
    }
    vec![if text.contains("\\\"") { unescape(text) } else { text.to_owned() }]
}

/// Levels of records that report no failure. Of such a record only the message is read.
const LOW_LEVELS: &[&str] = &["trace", "debug", "info", "information", "notice", "10", "20", "30"];

fn level_of(value: &Value) -> Option<String> {
    let map = value.as_object()?;
    let is_level = |key: &str| ["level", "levelname", "severity", "lvl", "@l", "log.level"].contains(&key);
    let (_, level) = map.iter().find(|(key, _)| is_level(&key.to_ascii_lowercase()))?;
    Some(level.as_str().map_or_else(|| level.to_string(), str::to_owned).to_ascii_lowercase())
}

/// Collects the lines of a JSON record.
struct JsonFlattener<'a> {
    lines: &'a mut Vec<String>,
    /// Whether the record reports no failure, by its level.
    has_low_level: bool,
}

impl JsonFlattener<'_> {
    /// Adds the lines of a value: texts line by line, other values as `key: value`. Host and port of one
    /// object become one line.
    fn flatten(&mut self, value: &Value, key: &str, depth: usize) {
        if depth > MAX_DEPTH || self.lines.len() > MAX_LINES {
            return;
        }
        if is_secret_name(key) {
            return;
        }
        match value {
            // `{"name": "Authorization", "value": …}`: a header or an environment variable.
            Value::Object(map) if is_named_secret(map) => {}
            Value::Object(map) => {
                let find = |keys: &[&str]| {
                    let is_match = |key: &str| keys.contains(&key.to_ascii_lowercase().as_str());
                    map.iter().find(|(key, _)| is_match(key)).map(|(_, value)| value)
                };
                let is_incoming = INCOMING_KEYS.iter().any(|key| map.contains_key(*key));
                if !is_incoming
                    && let (Some(Value::String(host)), Some(port)) = (find(HOST_KEYS), find(PORT_KEYS))
                {
                    let text = port.as_str().map_or_else(|| port.to_string(), str::to_owned);
                    self.lines.push(format!("(host='{host}', port={text})"));
                }
                // The message comes before the details.
                let is_text = |key: &&String| is_text_key(key);
                let is_about_writer = |key: &&String| {
                    (depth == 0 && describes_writer(map, key)) || (is_incoming && key.as_str() == "host")
                };
                for key in map
                    .keys()
                    .filter(is_text)
                    .chain(map.keys().filter(|key| !is_text(key) && !is_about_writer(key)))
                {
                    if let Some(value) = map.get(key) {
                        self.flatten(value, key, depth + 1);
                    }
                }
            }
            Value::Array(list) => list.iter().for_each(|value| self.flatten(value, key, depth + 1)),
            Value::String(text) => self.flatten_text(text, key, depth),
            Value::Number(_) | Value::Bool(_) if !key.is_empty() => {
                self.lines.push(format!("{key}: {value}"));
            }
            Value::Number(_) | Value::Bool(_) | Value::Null => {}
        }
    }

    fn flatten_text(&mut self, text: &str, key: &str, depth: usize) {
        let text = without_escapes(text);
        if text.trim_start().starts_with('{')
            && let Ok(inner) = serde_json::from_str::<Value>(&text)
        {
            return self.flatten(&inner, key, depth + 1);
        }
        let is_message = key.is_empty() || is_text_key(key);
        if self.has_low_level && !is_message {
            return;
        }
        let text = if text.contains("\\n") { unescape(&text) } else { text };
        for (number, line) in text.lines().enumerate().take(MAX_LINES) {
            self.lines.push(if is_message || number > 0 {
                line.to_owned()
            } else {
                format!("{key}: '{line}'")
            });
        }
    }
}

fn is_named_secret(map: &Map<String, Value>) -> bool {
    let name = ["name", "key", "header"].iter().find_map(|key| map.get(*key)?.as_str());
    name.is_some_and(is_secret_name) && map.contains_key("value")
}

/// Whether a key describes the writer of the record or an incoming request, not an outgoing call. In an
/// error object the same key describes the call.
fn describes_writer(record: &Map<String, Value>, key: &str) -> bool {
    let is_error_object = ["syscall", "errno", "code", "port"].iter().any(|key| record.contains_key(*key));
    ["req", "headers"].contains(&key) || (!is_error_object && ["hostname", "host", "server"].contains(&key))
}

fn is_text_key(key: &str) -> bool {
    TEXT_KEYS.contains(&key.to_ascii_lowercase().as_str())
}
