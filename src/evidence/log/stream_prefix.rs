//! The prefix that `aws logs tail` and Kubernetes write before every line: the time, and the stream.
//!
//! Owns this form. A regular expression for it takes several times as long, and most lines of a log have it: the tests compare
//! both. Must not know what follows.

/// The line after its stream prefix; `None` without such a prefix.
pub(super) fn without_stream_prefix(line: &str) -> Option<&str> {
    let (date, rest) = line.split_at_checked("0000-00-00T".len())?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T'] = date.as_bytes() else { return None };
    if ![y1, y2, y3, y4, m1, m2, d1, d2].into_iter().all(u8::is_ascii_digit) {
        return None;
    }
    let zone = after_digits(rest, &[':', '.'])?;
    let rest = match zone.strip_prefix('Z') {
        Some(rest) => rest,
        None => after_digits(zone.strip_prefix(['+', '-'])?, &[':'])?,
    };
    let rest = after_stream(rest).unwrap_or(rest);
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(' ') }
}

/// The text after digits and some other characters, at least one of them.
fn after_digits<'a>(text: &'a str, others: &[char]) -> Option<&'a str> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || others.contains(&c))).unwrap_or(text.len());
    text.get(end..).filter(|_| end > 0)
}

/// The text after the name of a stream: ` stdout F`, or ` application/abc`. It is empty or begins with a space.
fn after_stream(text: &str) -> Option<&str> {
    let name = text.strip_prefix(' ')?;
    let kinds = ["stdout F", "stdout P", "stderr F", "stderr P"];
    let after_kind = kinds.iter().find_map(|kind| name.strip_prefix(kind));
    if let Some(rest) = after_kind.filter(|rest| rest.is_empty() || rest.starts_with(' ')) {
        return Some(rest);
    }
    let (word, rest) = name.split_at_checked(name.find(' ').unwrap_or(name.len()))?;
    let (group, stream) = word.split_once('/')?;
    (group.starts_with(|c: char| c.is_ascii_alphabetic()) && !stream.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;
    use crate::evidence::built_in::valid;
    use crate::evidence::patterns::test_support::all_fixtures;

    fn by_pattern<'a>(pattern: &Regex, line: &'a str) -> Option<&'a str> {
        pattern.find(line).and_then(|prefix| line.get(prefix.end()..))
    }

    #[test]
    fn the_prefix_is_that_of_the_pattern() {
        let pattern = valid(Regex::new(
            r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9:]+)(?: std(?:out|err) [FP]| [A-Za-z][^ /]*/[^ ]+)?(?: |$)",
        ));
        let (times, zones) = (["2026-01-01T", "2026-01-01 ", "2026-1-01T"], ["00:00:00.1", "", ":", "é"]);
        let offsets = ["Z", "+00:00", "-", "", "z"];
        let streams = [
            "",
            " ",
            " stdout F",
            " stdout FX",
            " stderr P x",
            " app/1",
            " app/",
            " /1 x",
            " a b/c",
            " 1a/b",
            "  x",
        ];
        let mut found = 0;
        for time in times {
            for zone in zones {
                for offset in offsets {
                    for stream in streams {
                        for rest in ["", " ", " text", "text", " é"] {
                            let line = format!("{time}{zone}{offset}{stream}{rest}");
                            assert_eq!(without_stream_prefix(&line), by_pattern(&pattern, &line), "{line:?}");
                            found += usize::from(without_stream_prefix(&line).is_some());
                        }
                    }
                }
            }
        }
        assert!(found > 50, "{found}");
        for line in all_fixtures() {
            assert_eq!(without_stream_prefix(&line), by_pattern(&pattern, &line), "{line:?}");
        }
    }
}
