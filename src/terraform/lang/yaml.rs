//! The value of a YAML document, with the texts, numbers and truth values that all readers of YAML understand alike.
//!
//! A document with another part has no value: anchors, tags, keys that are no texts, and words such as `yes` and `0777`.

use hcl::{Map, Value};
use saphyr_parser::{Event, Parser, ScalarStyle};

/// Limit of maps and lists in each other.
const DEPTH: usize = 32;
/// Words that are truth values for some readers.
const TRUTHS: [&str; 8] = ["y", "yes", "on", "n", "no", "off", "true", "false"];

/// The value of a text with one document; `None` if a part is not understood.
pub(super) fn yaml(text: &str) -> Option<Value> {
    // Readers differ about tabs in front of a key.
    let has_tab = |line: &str| line.trim_start_matches(' ').starts_with('\t');
    if text.lines().any(has_tab) {
        return None;
    }
    // An error ends the events.
    let mut events = Parser::new_from_str(text).map_while(Result::ok).map(|(event, _)| event);
    let is_start =
        matches!(events.next()?, Event::StreamStart) && matches!(events.next()?, Event::DocumentStart(_));
    let first = events.next().filter(|_| is_start)?;
    let value = value_of(first, &mut events, DEPTH)?;
    let is_end = matches!(events.next()?, Event::DocumentEnd) && matches!(events.next()?, Event::StreamEnd);
    is_end.then_some(value)
}

/// The value that begins with an event.
fn value_of<'t>(
    first: Event<'t>,
    events: &mut impl Iterator<Item = Event<'t>>,
    depth: usize,
) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    match first {
        Event::Scalar(text, ScalarStyle::Plain, 0, None) => plain(&text),
        Event::Scalar(text, _, 0, None) => Some(Value::from(text.as_ref())),
        Event::SequenceStart(0, None) => {
            let mut list = Vec::new();
            loop {
                match events.next()? {
                    Event::SequenceEnd => return Some(Value::Array(list)),
                    next => list.push(value_of(next, events, depth)?),
                }
            }
        }
        Event::MappingStart(0, None) => {
            let mut fields = Map::new();
            loop {
                let key = match events.next()? {
                    Event::MappingEnd => {
                        fields.sort_keys();
                        return Some(Value::Object(fields));
                    }
                    next => key_of(next)?,
                };
                let next = events.next()?;
                let is_new = fields.insert(key, value_of(next, events, depth)?).is_none();
                is_new.then_some(())?;
            }
        }
        _ => None,
    }
}

/// The key of a map is a text. A number as a key has its own text.
fn key_of(event: Event<'_>) -> Option<String> {
    let Event::Scalar(text, style, 0, None) = event else { return None };
    let is_text = style != ScalarStyle::Plain
        || match plain(&text)? {
            Value::String(_) => true,
            Value::Number(number) => number.to_string() == text,
            _ => false,
        };
    is_text.then(|| text.into_owned())
}

/// A value without quotes.
fn plain(text: &str) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Value::Null),
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        _ => {}
    }
    if TRUTHS.contains(&text.to_lowercase().as_str()) || text == "<<" {
        return None;
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_whole = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    if is_whole {
        let is_decimal = digits == "0" || !digits.starts_with('0');
        return text.parse::<i64>().ok().filter(|_| is_decimal).map(Value::from);
    }
    // A fraction, a number with an exponent or another base, or a date.
    let may_be_number = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        && text.chars().all(|c| c.is_ascii_hexdigit() || "+-._:xoTZ ".contains(c));
    let dots = text.matches('.').count();
    let is_address = dots == 3 && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    (!may_be_number || is_address).then(|| Value::from(text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use super::*;

    #[test]
    fn blocks_and_lines_have_a_value_and_anything_else_has_none() {
        // The results are those of `yamldecode` in `terraform console`.
        for (text, expected) in [
            ("# jobs\nimage: a/b:1\negress: []\n", r#"{"egress":[],"image":"a/b:1"}"#),
            (
                "egress:\n  - port: 5432\n    cidr: 10.20.0.0/16 # db\n    why: database\n  - { port: 443, cidr: \"0.0.0.0/0\" }\nvpc: false\n",
                r#"{"egress":[{"cidr":"10.20.0.0/16","port":5432,"why":"database"},{"cidr":"0.0.0.0/0","port":443}],"vpc":false}"#,
            ),
            ("---\nlist:\n- a\n- 'b # c'\nnone:\n", r#"{"list":["a","b # c"],"none":null}"#),
            ("- - 1\n  - -2\n-\n  a: x\n", r#"[[1,-2],{"a":"x"}]"#),
            ("at: 10.0.0.1\nurl: https://a.b/c#d\n", r#"{"at":"10.0.0.1","url":"https://a.b/c#d"}"#),
            (
                "h: \"it's\"\ni: 'it''s'\nk: a#b\n\"443\": {x: 1, \"y\": [a, b]}\n",
                r#"{"443":{"x":1,"y":["a","b"]},"h":"it's","i":"it's","k":"a#b"}"#,
            ),
            ("443: web\n", r#"{"443":"web"}"#),
            ("a: [x, [1, true], {b: c}]\n", r#"{"a":["x",[1,true],{"b":"c"}]}"#),
            ("a: yes\n", "?"),
            ("a: 0777\n", "?"),
            ("a: 1.5\n", "?"),
            ("a: 2026-11-30\n", "?"),
            ("a: |\n  text\n  more\nb: >-\n  one\n  two\n", r#"{"a":"text\nmore\n","b":"one two"}"#),
            ("a: &x 1\nb: *x\n", "?"),
            ("a: one\n  two\n", r#"{"a":"one two"}"#),
            ("a: 1\na: 2\n", "?"),
            ("a: 1\n---\nb: 2\n", "?"),
            ("a: [1,\n  2]\n", r#"{"a":[1,2]}"#),
            ("a: b: c\n", "?"),
            ("\ta: 1\n", "?"),
            ("a: \"x\\n\"\n", r#"{"a":"x\n"}"#),
            ("", "?"),
        ] {
            let found =
                yaml(text).map_or_else(|| "?".to_owned(), |value| serde_json::to_string(&value).unwrap());
            assert_eq!(found, expected, "{text}");
        }
    }
}
