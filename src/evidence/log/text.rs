//! Converts a log line to plain text: removes terminal escapes, reads times, and reads answers of
//! `CloudWatch` Logs.

use std::borrow::Cow;
use std::sync::LazyLock;

use jiff::Timestamp;
use regex::Regex;

use crate::evidence::built_in::valid;
use crate::evidence::patterns::LazyPattern;

/// An ISO 8601 time or a similar one, or only the time of day.
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    valid(Regex::new(
        r"[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}|\b[0-9]{2}:[0-9]{2}:[0-9]{2}\b",
    ))
});

/// The text of a line; invalid characters are replaced.
pub(super) fn lossy(line: &[u8]) -> Cow<'_, str> {
    // Most lines are ASCII, for which this check is faster.
    str::from_utf8(line).map_or_else(|_| String::from_utf8_lossy(line), Cow::Borrowed)
}

/// Whether a line begins the list of events in an answer of `aws logs filter-log-events` or `get-log-events`.
pub(super) fn begins_events(line: &[u8]) -> bool {
    line.trim_ascii() == b"\"events\": ["
}

/// The message in a line of such an answer.
pub(super) fn message_of_event(line: &[u8]) -> Option<String> {
    let text = line.trim_ascii().strip_prefix(b"\"message\":")?.trim_ascii();
    serde_json::from_slice(text.strip_suffix(b",").unwrap_or(text)).ok()
}

pub(super) fn unescape(text: &str) -> String {
    text.replace("\\r\\n", "\n")
        .replace("\\n", "\n")
        .replace("\\t", "\t")
        .replace("\\\"", "\"")
        .replace("\\/", "/")
}

/// The text without terminal escapes and other control characters.
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
                    // An OSC sequence: a window title or a link target, which a terminal does not show.
                    // Without an end it is plain text.
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

/// The length of a date and a time without the fraction of a second.
const TIME_LENGTH: usize = 19;

/// The length of the date and the time at the beginning of a line: `2026-01-01T00:00:00.123`; 0 without these.
pub(super) fn length_of_time(line: &[u8]) -> usize {
    const FORM: &[u8; TIME_LENGTH] = b"0000-00-00T00:00:00";
    let is_in_form = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b' '),
        b'-' => matches!(byte, b'-' | b'/'),
        other => byte == other,
    };
    if line.len() < FORM.len() || !line.iter().zip(FORM).all(is_in_form) {
        return 0;
    }
    match line.get(FORM.len()..) {
        Some([b'.' | b',', fraction @ ..]) => {
            FORM.len() + 1 + fraction.iter().take_while(|byte| byte.is_ascii_digit()).count()
        }
        _ => FORM.len(),
    }
}

/// Unix time in seconds or milliseconds in a JSON record.
static EPOCH: LazyPattern =
    LazyPattern::new(r#""(?:time|ts|timestamp|@timestamp|t)"\s*:\s*"?([0-9]{10})(?:\.?([0-9]{3})[0-9]*)?"#);

/// The part of a text in which its time is searched for: the first 400 characters.
pub(super) fn head(text: &str) -> &str {
    match text.len() {
        0..=400 => text,
        _ => text.char_indices().nth(400).and_then(|(end, _)| text.get(..end)).unwrap_or(text),
    }
}

/// The time in the [`head`] of a text.
pub(super) fn time_in(text: &str) -> Option<String> {
    let head = head(text);
    if let Some(epoch) = EPOCH.captures(head) {
        let seconds = epoch.get(1)?.as_str().parse().ok()?;
        let text = Timestamp::from_second(seconds).ok()?.to_string();
        return TIME.find(&text).map(|found| found.as_str().to_owned());
    }
    if let (1.., Some(time)) = (length_of_time(head.as_bytes()), head.get(..TIME_LENGTH)) {
        return Some(time.replace(' ', "T"));
    }
    TIME.find(head).map(|found| found.as_str().replace(' ', "T"))
}

/// The number of seconds between two results of [`time_in`]; the maximum if their dates differ.
pub(super) fn seconds_between(one: &str, two: &str) -> u32 {
    let parts = |time: &str| {
        let (date, time) = time.split_at_checked(time.len().checked_sub("00:00:00".len())?)?;
        let mut numbers = time.split(':').map(|number| number.parse::<u32>().ok());
        let seconds = numbers.try_fold(0, |seconds, number| Some(seconds * 60 + number?))?;
        Some((date.to_owned(), seconds))
    };
    match (parts(one), parts(two)) {
        (Some((one_date, one)), Some((two_date, two))) if one_date == two_date => one.abs_diff(two),
        _ => u32::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_single_pattern_compiles() {
        EPOCH.assert_valid();
    }
}
