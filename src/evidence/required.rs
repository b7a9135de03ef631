//! The texts that every match of a pattern contains.
//!
//! Derived from the text of the pattern, so that a search for them can replace the pattern for most lines
//! without compiling it. Does not search.

use memchr::{memchr2_iter, memmem};

/// A pattern without an alternation at its top level.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Alternative {
    pub pattern: String,
    /// Every match contains at least one text of each group. The group with the longest texts is the first.
    /// Without groups, nothing is known.
    required: Vec<Vec<String>>,
    /// Whether a match can have another ASCII case than the texts.
    ignores_case: bool,
}

impl Alternative {
    /// Texts of which every match contains at least one, without regard to ASCII case; empty if nothing is
    /// known.
    pub fn longest(&self) -> &[String] {
        self.required.first().map_or(&[], Vec::as_slice)
    }

    /// Whether a text contains what every match contains.
    pub fn can_match(&self, text: &[u8]) -> bool {
        let contains = |wanted: &String| {
            if self.ignores_case {
                contains_ignoring_case(text, wanted.as_bytes())
            } else {
                memmem::find(text, wanted.as_bytes()).is_some()
            }
        };
        self.required.iter().all(|group| group.iter().any(contains))
    }
}

/// Whether a text contains another, without regard to ASCII case.
pub(super) fn contains_ignoring_case(text: &[u8], wanted: &[u8]) -> bool {
    let Some(first) = wanted.first() else { return true };
    memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text)
        .any(|at| text.get(at..at + wanted.len()).is_some_and(|part| part.eq_ignore_ascii_case(wanted)))
}

/// Splits a pattern at the alternations of its top level: the pattern matches where one of the parts matches.
pub(super) fn alternatives(pattern: &str) -> Vec<Alternative> {
    let mut scanner = Scanner { pattern, at: 0, flags: String::new(), has_flags: false, is_verbose: false };
    let mut found = Vec::new();
    loop {
        let start = scanner.at;
        let flags = scanner.flags.clone();
        let required = scanner.concatenation(true);
        let text = pattern.get(start..scanner.at).unwrap_or_default();
        let pattern = flags + text;
        found.push(Alternative { pattern, required, ignores_case: true });
        if !scanner.skip('|') {
            break;
        }
    }
    // A pattern that the scanner does not read to its end, or in which white space has no meaning.
    if scanner.at < pattern.len() || scanner.is_verbose {
        return vec![Alternative { pattern: pattern.to_owned(), required: Vec::new(), ignores_case: true }];
    }
    for part in &mut found {
        part.ignores_case = scanner.has_flags;
    }
    found
}

/// Reads a pattern in the syntax of the `regex` crate. Syntax that it does not know ends a text, so the result is
/// never too strict.
struct Scanner<'a> {
    pattern: &'a str,
    at: usize,
    /// The groups such as `(?i)` at the top level: they are valid for the alternatives after them too.
    flags: String,
    /// Whether any group contains flags.
    has_flags: bool,
    is_verbose: bool,
}

enum Atom {
    Char(char),
    /// Matches the empty text: an anchor, a word boundary, flags.
    Empty,
    /// Any other text.
    Any,
    /// A group, with the texts of which every match of it contains at least one.
    Group(Vec<String>),
}

impl Scanner<'_> {
    fn peek(&self) -> Option<char> {
        let byte = *self.pattern.as_bytes().get(self.at)?;
        if byte.is_ascii() { Some(char::from(byte)) } else { self.pattern.get(self.at..)?.chars().next() }
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn skip(&mut self, expected: char) -> bool {
        let is_next = self.peek() == Some(expected);
        if is_next {
            self.next();
        }
        is_next
    }

    /// The texts of which every match of the alternation contains at least one; empty if nothing is known.
    fn alternation(&mut self) -> Vec<String> {
        let mut texts = Vec::new();
        let mut is_known = true;
        loop {
            match self.concatenation(false).into_iter().next() {
                Some(group) => texts.extend(group),
                None => is_known = false,
            }
            if !self.skip('|') {
                return if is_known { texts } else { Vec::new() };
            }
        }
    }

    /// The groups of one alternative, up to the next `|` or `)`.
    fn concatenation(&mut self, is_top: bool) -> Vec<Vec<String>> {
        let mut groups = Vec::new();
        let mut text = String::new();
        while self.peek().is_some_and(|next| next != '|' && next != ')') {
            let atom = self.atom(is_top);
            let (minimum, has_quantifier) = self.quantifier();
            match atom {
                Atom::Empty => continue,
                Atom::Char(c) if minimum > 0 => {
                    text.push(c);
                    if !has_quantifier {
                        continue;
                    }
                }
                Atom::Group(texts) if minimum > 0 => groups.push(texts),
                Atom::Char(_) | Atom::Any | Atom::Group(_) => {}
            }
            groups.push(vec![std::mem::take(&mut text)]);
        }
        groups.push(vec![text]);
        let shortest = |group: &Vec<String>| group.iter().map(String::len).min().unwrap_or_default();
        groups.retain(|group| shortest(group) > 0);
        groups.sort_by_key(|group| (std::cmp::Reverse(shortest(group)), group.len()));
        groups
    }

    fn atom(&mut self, is_top: bool) -> Atom {
        match self.next() {
            Some('(') => self.group(is_top),
            Some('[') => {
                self.class();
                Atom::Any
            }
            Some('\\') => self.escape(),
            Some('^' | '$') => Atom::Empty,
            Some(c) if c.is_ascii() && c != '.' => Atom::Char(c),
            _ => Atom::Any,
        }
    }

    /// A group after its `(`: `(?:…)`, `(?P<name>…)`, `(?i:…)`, or flags such as `(?i)`.
    fn group(&mut self, is_top: bool) -> Atom {
        let start = self.at - 1;
        let mut is_name = false;
        let mut is_open = self.skip('?');
        while is_open {
            match self.next() {
                Some(':') if !is_name => is_open = false,
                Some('>') | None => is_open = false,
                Some('<') => is_name = true,
                Some(')') => {
                    if is_top {
                        self.flags.push_str(self.pattern.get(start..self.at).unwrap_or_default());
                    }
                    return Atom::Empty;
                }
                Some(c) => {
                    self.is_verbose |= c == 'x' && !is_name;
                    self.has_flags |= c.is_ascii_lowercase() && !is_name;
                }
            }
        }
        let texts = self.alternation();
        self.skip(')');
        Atom::Group(texts)
    }

    /// Skips a class after its `[`.
    fn class(&mut self) {
        self.skip('^');
        self.skip(']');
        let mut depth = 1;
        while depth > 0 {
            match self.next() {
                Some('\\') => {
                    self.next();
                }
                Some('[') => depth += 1,
                Some(']') => depth -= 1,
                Some(_) => {}
                None => return,
            }
        }
    }

    fn escape(&mut self) -> Atom {
        match self.next() {
            Some('b' | 'B' | 'A' | 'z') => Atom::Empty,
            Some('x') => {
                let digits = self.pattern.get(self.at..self.at + 2).unwrap_or_default();
                let byte = u8::from_str_radix(digits, 16);
                self.at += if byte.is_ok() { 2 } else { 0 };
                byte.ok().filter(u8::is_ascii).map_or(Atom::Any, |byte| Atom::Char(char::from(byte)))
            }
            Some(c) if c.is_ascii_punctuation() => Atom::Char(c),
            _ => Atom::Any,
        }
    }

    /// The least number of repetitions, and whether there is a quantifier.
    fn quantifier(&mut self) -> (usize, bool) {
        let minimum = match self.peek() {
            Some('?' | '*') => 0,
            Some('+') => 1,
            Some('{') => {
                let limits = self.pattern.get(self.at + 1..).unwrap_or_default();
                self.at += limits.find('}').map_or(limits.len(), |end| end + 1);
                limits.split([',', '}']).next().and_then(|least| least.parse().ok()).unwrap_or(0)
            }
            _ => return (1, false),
        };
        self.next();
        self.skip('?');
        (minimum, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_split_at_its_top_level_and_keeps_its_flags() {
        let parts = |pattern| alternatives(pattern).into_iter().map(|part| part.pattern).collect::<Vec<_>>();
        assert_eq!(parts("(?i)a(?:b|c)|[|]d|(?-i:E)"), ["(?i)a(?:b|c)", "(?i)[|]d", "(?i)(?-i:E)"]);
        assert_eq!(parts(r"a\|b|(?i)c|d"), [r"a\|b", "(?i)c", "(?i)d"]);
        assert_eq!(parts("(?x) a | b"), ["(?x) a | b"], "white space has no meaning here");
    }

    #[test]
    fn every_match_contains_one_text_of_each_group() {
        let required = |pattern| -> Vec<Vec<String>> {
            alternatives(pattern).into_iter().flat_map(|part| part.required).collect()
        };
        assert_eq!(required("(?i)Connection(?: was)? refused"), [["Connection"], [" refused"]]);
        assert_eq!(required(r"connect .{1,9}\(110\)"), [["connect "], ["(110)"]]);
        assert_eq!(required("(?:read|write) tcp[46]?:"), [vec![" tcp"], vec!["read", "write"], vec![":"]]);
        assert_eq!(required("ab+c{2,}d{0,3}e?f*"), [["ab"], ["c"]]);
        assert_eq!(required(r"\bEOF$"), [["EOF"]]);
        assert_eq!(required(r"\x22a\xe2b[c]d"), [["\"a"], ["b"], ["d"]]);
        assert_eq!(required(r"[a-z]+|(?:a|\d)"), [[""; 0]; 0]);
        assert_eq!(required(r"(?P<host>x)=a"), [["=a"], ["x"]]);
    }

    #[test]
    fn a_pattern_with_flags_ignores_case() {
        let can_match =
            |pattern, text: &str| alternatives(pattern).iter().any(|part| part.can_match(text.as_bytes()));
        assert!(can_match("Connection (?:was )?refused", "Connection was refused"));
        assert!(!can_match("Connection (?:was )?refused", "connection was refused"));
        assert!(!can_match("Connection (?P<i>was )?refused", "connection was refused"));
        assert!(can_match("(?i)Connection (?:was )?refused", "connection was Refused"));
        assert!(can_match("Connection (?i:was )?refused", "connection was refused"));
        assert!(!can_match("(?i)Connection (?:was )?refused", "connection was reset"));
        assert!(can_match("Connection|[a-z]", "?"), "nothing is known of the second alternative");
    }
}
