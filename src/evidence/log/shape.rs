//! The shape of a line: its text without the times, identifiers and counts in which equal failures differ.
//!
//! Owns which parts of a line are variable: whole words, so no part of a host name, an address or a port after a colon. A
//! variable part can still be a host or a port. Therefore, who keeps a result for a shape compares it with the result for
//! the [`changed`] text: every host and port in the result then differs.

use std::ops::Range;

use super::text::length_of_time;

const DIGIT: u8 = 1;
/// A letter that is also a hexadecimal digit.
const HEX: u8 = 2;
const DASH: u8 = 4;
const COLON: u8 = 8;
const DOT: u8 = 16;
const OTHER: u8 = 32;

/// The class of each byte of a word; 0 for a byte between words.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut at = 0;
    while at < classes.len() {
        #[expect(clippy::cast_possible_truncation, reason = "`at` is less than 256")]
        let class = match at as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' | b'A'..=b'F' => HEX,
            b'-' => DASH,
            b':' => COLON,
            b'.' => DOT,
            b'g'..=b'z' | b'G'..=b'Z' | b'_' | b'@' | b'%' | b'+' | 0x80.. => OTHER,
            _ => 0,
        };
        #[expect(clippy::indexing_slicing, reason = "`at` is less than 256")]
        {
            classes[at] = class;
        }
        at += 1;
    }
    classes
};

/// Minimum number of digits of a variable number: shorter ones are often a status or the number of an error.
const DIGITS: usize = 4;
/// Minimum number of characters of a variable identifier.
const IDENTIFIER: usize = 8;
/// Minimum number of digits after the point of a variable fraction.
const FRACTION: usize = 3;
/// Numbers of errors with [`DIGITS`] or more digits.
const ERRORS: &[&[u8]] = &[
    b"1040", b"1129", b"1130", b"2002", b"10051", b"10054", b"10060", b"10061", b"10065", b"11001", b"11004",
    b"70007",
];
/// Units of time directly after a number.
const UNITS: &[&[u8]] = &[b"ms", b"s", b"us", b"ns", b"m", b"min", b"sec"];

/// Which characters of a variable word are variable.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Variable {
    Digits,
    HexDigits,
}

/// Writes the shape of a line into `shape`.
pub(super) fn write(line: &[u8], shape: &mut Vec<u8>) {
    shape.clear();
    shape.extend_from_slice(line);
    let time = length_of_time(line);
    let digits = shape.iter_mut().take(time).filter(|byte| byte.is_ascii_digit());
    digits.for_each(|byte| *byte = b'0');
    each_variable(line, time, |range, variable| {
        for byte in shape.get_mut(range).unwrap_or_default() {
            match variable {
                Variable::Digits if byte.is_ascii_digit() => *byte = b'0',
                Variable::HexDigits if byte.is_ascii_hexdigit() => *byte = b'#',
                _ => {}
            }
        }
    });
}

/// The text with every variable part changed: another text of the same shape, except for the positions of letters in an
/// identifier. `None` if it has no variable part.
pub(super) fn changed(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let mut is_changed = false;
    each_variable(text.as_bytes(), 0, |range, variable| {
        is_changed = true;
        for byte in bytes.get_mut(range).unwrap_or_default() {
            *byte = match (variable, *byte) {
                (Variable::Digits, b'1') => b'2',
                (Variable::Digits, b'0'..=b'9') | (Variable::HexDigits, b'a'..=b'f' | b'A'..=b'F') => b'1',
                (Variable::HexDigits, b'0'..=b'9') => b'b',
                (_, other) => other,
            };
        }
    });
    String::from_utf8(bytes).ok().filter(|_| is_changed)
}

/// Calls a function with each variable part after the first `skipped` bytes.
fn each_variable(line: &[u8], skipped: usize, mut found: impl FnMut(Range<usize>, Variable)) {
    // The position after the last time and a byte: a fraction of a second can be there, after a comma.
    let mut after_time = usize::MAX;
    let mut end_word = |start: usize, end: usize, seen: u8| {
        if seen & DIGIT == 0 || start < skipped {
            return;
        }
        let word = line.get(start..end).unwrap_or_default();
        let before = start.checked_sub(1).and_then(|at| line.get(at));
        if after_time == start && before == Some(&b',') && seen == DIGIT {
            return found(start..end, Variable::Digits);
        }
        // `"pid":17`
        let value = word.strip_prefix(b":").filter(|_| before == Some(&b'"'));
        let (word, seen) = value.map_or((word, seen), |value| (value, seen & !COLON));
        if seen == DIGIT && is_after_port(line.get(..start).unwrap_or_default()) {
            return;
        }
        if let Some(variable) = variable(word, seen, before, line.get(end..).unwrap_or_default()) {
            found(end - word.len()..end, variable);
            if seen & COLON != 0 {
                after_time = end + 1;
            }
        }
    };
    let (mut start, mut seen) = (0, 0);
    for (at, byte) in line.iter().enumerate() {
        let class = CLASSES.get(usize::from(*byte)).copied().unwrap_or_default();
        if class == 0 {
            end_word(start, at, seen);
            (start, seen) = (at + 1, 0);
        }
        seen |= class;
    }
    end_word(start, line.len(), seen);
}

/// Whether a text ends with the key of a port: `port `, `port=`, `"port"`.
fn is_after_port(text: &[u8]) -> bool {
    let mut rest = text;
    while let [before @ .., b' ' | b'=' | b':' | b'"' | b'\''] = rest {
        rest = before;
    }
    rest.last_chunk::<4>().is_some_and(|word| word.eq_ignore_ascii_case(b"port"))
}

/// What is variable in a word with a digit. `seen` are the classes of its bytes, `before` is the byte before it, `after` the
/// text after it.
fn variable(word: &[u8], seen: u8, before: Option<&u8>, after: &[u8]) -> Option<Variable> {
    let digits = word.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_number = match seen {
        DIGIT => {
            let is_duration = after.starts_with(b" ms") || after.starts_with(b" seconds");
            let is_in_path = before == Some(&b'/') && word.len() < DIGITS;
            is_duration || is_in_path || word.len() >= DIGITS && !ERRORS.contains(&word)
        }
        _ if seen & !(DIGIT | HEX | DASH) == 0 => {
            let variable = if seen & HEX == 0 { Variable::Digits } else { Variable::HexDigits };
            return (word.len() >= IDENTIFIER).then_some(variable);
        }
        _ if word.starts_with(b"0x") => {
            let is_hex = word.iter().skip(2).all(u8::is_ascii_hexdigit);
            return (is_hex && word.len() >= 2 + IDENTIFIER).then_some(Variable::HexDigits);
        }
        _ if digits == 0 => false,
        _ if seen & COLON != 0 => is_time(word),
        _ => {
            let rest = word.get(digits..).unwrap_or_default();
            let fraction = rest.strip_prefix(b".").unwrap_or_default();
            let decimals = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let unit = if decimals > 0 { fraction.get(decimals..).unwrap_or_default() } else { rest };
            UNITS.contains(&unit) || decimals >= FRACTION && unit.is_empty()
        }
    };
    is_number.then_some(Variable::Digits)
}

/// Whether a word is a time of day, with a date before it or without: `10:02:05`, `2026-11-20T10:02:05.123Z`.
fn is_time(word: &[u8]) -> bool {
    let is_in_form =
        |(byte, form): (&u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form };
    word.iter().all(|byte| byte.is_ascii_digit() || b"-+:.TZ".contains(byte))
        && word.windows(b"00:00:00".len()).any(|part| part.iter().zip(b"00:00:00").all(is_in_form))
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test stops at the first unexpected result"
    )]

    use super::*;
    use crate::evidence::patterns::test_support::all_fixtures;

    fn shape(line: &str) -> String {
        let mut shape = Vec::new();
        write(line.as_bytes(), &mut shape);
        String::from_utf8(shape).unwrap()
    }

    #[test]
    fn times_identifiers_and_counts_are_variable() {
        for (line, expected) in [
            ("2026-11-20 10:02:05,123 ERROR pid 12345", "0000-00-00 00:00:00,000 ERROR pid 00000"),
            ("web | 2026-11-20 10:02:05,123 x", "web | 0000-00-00 00:00:00,000 x"),
            (
                r#"{"time":"2026-11-20T10:02:05.1Z","pid":4711}"#,
                r#"{"time":"0000-00-00T00:00:00.0Z","pid":0000}"#,
            ),
            ("[20/Nov/2026:10:02:05 +0000]", "[20/Nov/0000:00:00:00 +0000]"),
            ("[7c9e6679-7425-40de-944b-e07fc1f90ae7]", "[########-####-####-####-############]"),
            ("object at 0x7f1c2a3b4c5d>", "object at #x############>"),
            ("took 12 ms, 340ms, 1.5s or 60.012", "took 00 ms, 000ms, 0.0s or 00.000"),
            ("/v1/items/123456/7?n=77777", "/v1/items/000000/0?n=00000"),
        ] {
            assert_eq!(shape(line), expected, "{line}");
        }
    }

    #[test]
    fn hosts_addresses_ports_and_numbers_of_errors_are_not_variable() {
        for line in [
            "connect ETIMEDOUT 10.0.3.41:5432",
            "dial tcp 10.0.3.41:60012: i/o timeout",
            "read tcp 10.0.0.1:40123->10.0.0.2:50051: reset",
            "bond-eea42686090e4a1e.s3.us-west-2.amazonaws.com",
            "db-12345678.internal, ip-10-0-1-7, node:net:1555:16, cafe4711@example.com",
            "HTTP 503, status=401, (110), errno: -111, [1040], (1129, 'x'), Error: 10060",
            "host 2600:1f14::7",
            r#"port 60012, port=60012, "port":60012, Port: 60012, 'port': 60012"#,
        ] {
            assert_eq!(shape(line), line);
            assert_eq!(changed(line), None, "{line}");
        }
    }

    #[test]
    fn a_changed_text_differs_in_every_variable_character() {
        let mut all = 0;
        for line in all_fixtures() {
            let Some(changed) = changed(&line) else { continue };
            all += 1;
            let mut variable = vec![false; line.len()];
            each_variable(line.as_bytes(), 0, |range, kind| {
                for at in range {
                    let byte = line.as_bytes()[at];
                    variable[at] =
                        byte.is_ascii_digit() || kind == Variable::HexDigits && byte.is_ascii_hexdigit();
                }
            });
            for (at, (one, two)) in line.bytes().zip(changed.bytes()).enumerate() {
                assert_eq!(one != two, variable[at], "{line}\n{changed}");
            }
        }
        assert!(all > 100, "{all}");
    }
}
