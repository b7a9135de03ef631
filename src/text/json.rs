//! JSON that is printed, and errors of JSON that is read.

use std::fmt::Write as _;

use super::clean::is_unsafe;

/// JSON text in which each unsafe character of a string is an escape sequence, such as `\u202e`. The value is the same.
#[must_use]
pub fn escape_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        // Line feeds are between the tokens; in a string they are already escaped.
        if c == '\n' || !is_unsafe(c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

/// The errors of serde whose text after `, expected` does not depend on the document.
const KINDS: [&str; 11] = [
    "unknown variant",
    "invalid type: boolean",
    "invalid type: integer",
    "invalid type: floating point",
    "invalid type: string",
    "invalid type: null",
    "invalid type: sequence",
    "invalid type: map",
    "invalid value: integer",
    "invalid value: string",
    "invalid value: floating point",
];

/// What is wrong with a JSON document, with line and column and without any of its values, which may be secrets.
#[must_use]
pub fn json_error(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let reason = text.strip_suffix(&place).unwrap_or(&text);
    let place = if error.line() == 0 { String::new() } else { place };
    if !error.is_data() {
        return format!("{reason}{place}");
    }
    // These name a field and no value, or nothing of the document.
    if ["missing field `", "duplicate field `", "unknown field `", "invalid IP address syntax"]
        .iter()
        .any(|start| reason.starts_with(start))
    {
        return format!("{reason}{place}");
    }
    // `invalid type: string "VALUE", expected u16`: the text before the value and after the last `, expected` is not from the
    // document.
    let problem = reason.rsplit_once(", expected ").and_then(|(found, expected)| {
        let kind = found.split(['`', '"']).next()?.trim_end();
        KINDS.contains(&kind).then(|| format!("{kind}, expected {expected}"))
    });
    format!("{}{place}", problem.unwrap_or_else(|| "a value is not valid".to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use serde::Deserialize;
    use serde_json::Value;

    use super::*;

    #[test]
    fn escaped_json_is_ascii_safe_and_has_the_same_value() {
        let value = serde_json::json!({ "a\u{202e}": "\u{9b}\u{7f}\u{e0041}\n\"\\ ü" });
        let text = escape_json(&serde_json::to_string_pretty(&value).unwrap());
        assert_eq!(text, "{\n  \"a\\u202e\": \"\\u009b\\u007f\\udb40\\udc41\\n\\\"\\\\ ü\"\n}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its errors are read")]
    struct Document {
        port: Option<u16>,
        kind: Option<Kind>,
        address: Option<std::net::IpAddr>,
        names: Vec<String>,
    }

    #[derive(Debug, Deserialize)]
    enum Kind {
        One,
        Two,
    }

    #[test]
    fn an_error_has_no_value_of_the_document() {
        let error = |text: &str| json_error(&serde_json::from_str::<Document>(text).unwrap_err());
        for (text, shown) in [
            (
                r#"{"port":"hunter2, expected x","names":[]}"#,
                "invalid type: string, expected u16 at line 1 column 29",
            ),
            (r#"{"port":70000,"names":[]}"#, "invalid value: integer, expected u16 at line 1 column 13"),
            (r#"{"names":{"hunter2":1}}"#, "invalid type: map, expected a sequence at line 1 column 9"),
            (
                r#"{"kind":"hunter2","names":[]}"#,
                "unknown variant, expected `One` or `Two` at line 1 column 17",
            ),
            (r#"{"address":"hunter2","names":[]}"#, "invalid IP address syntax at line 1 column 20"),
            (
                r#"{"nmaes":1}"#,
                "unknown field `nmaes`, expected one of `port`, `kind`, `address`, `names` at line 1 column 8",
            ),
            (r"{}", "missing field `names` at line 1 column 2"),
            (r#"{"names":[hunter2]}"#, "expected value at line 1 column 11"),
            ("{\"names\":[],\n", "EOF while parsing a value at line 2 column 0"),
        ] {
            assert_eq!(error(text), shown, "{text}");
        }
    }
}
