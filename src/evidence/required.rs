//! The texts that every match of a pattern contains.
//!
//! Derived from the text of the pattern, so that a search for them can replace the pattern for most lines
//! without compiling it. Does not search.

use std::cmp::Reverse;

use memchr::{memchr2_iter, memmem};

/// A pattern without an alternation at its top level.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Alternative {
    pub pattern: String,
    /// Every match contains at least one text of each group, in this order and one after the other. Without groups,
    /// nothing is known.
    required: Vec<Vec<String>>,
    /// Whether a match can have another ASCII case than the texts.
    ignores_case: bool,
    /// Whether the pattern is one text and nothing else: a text that contains it matches.
    is_exact: bool,
}

impl Alternative {
    /// Texts of which every match contains at least one, without regard to ASCII case; empty if nothing is
    /// known.
    pub fn longest(&self) -> &[String] {
        longest(&self.required).map_or(&[], Vec::as_slice)
    }

    /// Whether [`Self::can_match`] decides without the pattern, if its flags and classes are ASCII.
    pub fn is_exact(&self) -> bool {
        self.is_exact
    }

    /// Whether a text contains what every match contains.
    pub fn can_match(&self, text: &[u8]) -> bool {
        let mut rest = text;
        self.required.iter().all(|group| {
            let ends = group.iter().filter_map(|wanted| {
                let wanted = wanted.as_bytes();
                let start = if self.ignores_case {
                    find_ignoring_case(rest, wanted)
                } else {
                    memmem::find(rest, wanted)
                };
                start.map(|start| start + wanted.len())
            });
            ends.min().and_then(|end| rest.get(end..)).map(|after| rest = after).is_some()
        })
    }
}

/// The first group with the longest shortest text.
fn longest(groups: &[Vec<String>]) -> Option<&Vec<String>> {
    groups.iter().min_by_key(|group| (Reverse(shortest(group)), group.len()))
}

/// The number of bytes of the shortest text.
fn shortest(group: &[String]) -> usize {
    group.iter().map(String::len).min().unwrap_or_default()
}

/// The rarity of each byte in a log: the letters in the order of their frequency, the most frequent first.
const RARITY: [u8; 256] = {
    let mut rarity = [u8::MAX; 256];
    let mut rest: &[u8] = b" etoainrscdlpmuhfgbvywkxqjz";
    let mut place = 0;
    while let [letter, after @ ..] = rest {
        #[expect(clippy::indexing_slicing, reason = "a byte is less than 256")]
        {
            rarity[*letter as usize] = place;
            rarity[letter.to_ascii_uppercase() as usize] = place;
        }
        place += 1;
        rest = after;
    }
    rarity
};

/// Whether a text contains another, without regard to ASCII case.
pub(super) fn contains_ignoring_case(text: &[u8], wanted: &[u8]) -> bool {
    find_ignoring_case(text, wanted).is_some()
}

/// The position of another text in a text, without regard to ASCII case. Searches for its rarest byte.
fn find_ignoring_case(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let rarity = |byte: u8| RARITY.get(usize::from(byte));
    let (offset, byte) = wanted.iter().copied().enumerate().max_by_key(|(_, byte)| rarity(*byte))?;
    memchr2_iter(byte.to_ascii_lowercase(), byte.to_ascii_uppercase(), text).find_map(|at| {
        let start = at.checked_sub(offset)?;
        let part = text.get(start..start + wanted.len())?;
        part.eq_ignore_ascii_case(wanted).then_some(start)
    })
}

/// The flag that most patterns begin with.
const IGNORE_CASE: &str = "(?i)";

/// Splits a pattern at the alternations of its top level: the pattern matches where one of the parts matches.
pub(super) fn alternatives(pattern: &str) -> Vec<Alternative> {
    let mut scanner = Scanner { pattern, at: 0, flags: String::new(), has_flags: false, is_verbose: false };
    let mut found = Vec::new();
    loop {
        let start = scanner.at;
        let flags = scanner.flags.clone();
        let (required, is_text) = scanner.concatenation(true);
        let text = pattern.get(start..scanner.at).unwrap_or_default();
        let is_exact = is_text && ["", IGNORE_CASE].contains(&scanner.flags.as_str());
        let pattern = flags + text;
        found.push(Alternative { pattern, required, ignores_case: true, is_exact });
        if !scanner.skip('|') {
            break;
        }
    }
    // A pattern that the scanner does not read to its end, or in which white space has no meaning.
    if scanner.at < pattern.len() || scanner.is_verbose {
        let pattern = pattern.to_owned();
        return vec![Alternative { pattern, required: Vec::new(), ignores_case: true, is_exact: false }];
    }
    for part in &mut found {
        part.ignores_case = scanner.has_flags;
        // The flags of another alternative make the comparison less strict than the pattern.
        part.is_exact &= !scanner.has_flags || part.pattern.starts_with(IGNORE_CASE);
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
    /// Matches the empty text: an anchor, a word boundary.
    Empty,
    /// Flags, which match the empty text.
    Flags,
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
            let (mut groups, _) = self.concatenation(false);
            let best = longest(&groups).and_then(|best| groups.iter().position(|group| group == best));
            match best {
                Some(best) => texts.append(&mut groups.swap_remove(best)),
                None => is_known = false,
            }
            if !self.skip('|') {
                return if is_known { texts } else { Vec::new() };
            }
        }
    }

    /// The groups of one alternative, up to the next `|` or `)`, and whether it is one text, after flags or without.
    fn concatenation(&mut self, is_top: bool) -> (Vec<Vec<String>>, bool) {
        let start = self.at;
        let mut groups = Vec::new();
        let mut text = String::new();
        let mut is_text = true;
        while self.peek().is_some_and(|next| next != '|' && next != ')') {
            let is_first = self.at == start;
            let atom = self.atom(is_top);
            let (minimum, has_quantifier) = self.quantifier();
            is_text &= match atom {
                Atom::Char(_) => !has_quantifier,
                Atom::Flags => is_first,
                Atom::Empty | Atom::Any | Atom::Group(_) => false,
            };
            match atom {
                Atom::Empty | Atom::Flags => continue,
                Atom::Char(c) if minimum > 0 => {
                    text.push(c);
                    if !has_quantifier {
                        continue;
                    }
                }
                Atom::Char(_) | Atom::Any | Atom::Group(_) => {}
            }
            if !text.is_empty() {
                groups.push(vec![std::mem::take(&mut text)]);
            }
            if let Atom::Group(texts) = atom
                && minimum > 0
            {
                groups.push(texts);
            }
        }
        is_text &= !text.is_empty();
        groups.push(vec![text]);
        groups.retain(|group| shortest(group) > 0);
        (groups, is_text)
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
                    return Atom::Flags;
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
        assert_eq!(required("(?:read|write) tcp[46]?:"), [vec!["read", "write"], vec![" tcp"], vec![":"]]);
        assert_eq!(required("ab+c{2,}d{0,3}e?f*"), [["ab"], ["c"]]);
        assert_eq!(required(r"\bEOF$"), [["EOF"]]);
        assert_eq!(required(r"\x22a\xe2b[c]d"), [["\"a"], ["b"], ["d"]]);
        assert_eq!(required(r"[a-z]+|(?:a|\d)"), [[""; 0]; 0]);
        assert_eq!(required(r"(?P<host>x)=a"), [["x"], ["=a"]]);
        let longest =
            |pattern| alternatives(pattern).iter().map(|part| part.longest().join(" ")).collect::<Vec<_>>();
        assert_eq!(longest("a(?:bcd|efg).hijk[l]mnop"), ["hijk"]);
        assert_eq!(longest("a(?:b|cd(?:efg|h))"), ["a"]);
    }

    #[test]
    fn a_pattern_that_is_one_text_is_exact() {
        let exact =
            |pattern| -> Vec<bool> { alternatives(pattern).iter().map(Alternative::is_exact).collect() };
        assert_eq!(exact(r"(?i)connection refused|is down\?|pool \(1\)"), [true, true, true]);
        assert_eq!(exact("ab|(?i)cd"), [false, true], "the first is compared without regard to case");
        assert_eq!(exact("ab|cd"), [true, true]);
        for pattern in
            [r"\bab", "^ab", "ab$", "a+b", "a.b", "a[b]", "a(?:b)", "a(?i)b", "(?i-u)ab", "", "(?x)a b"]
        {
            assert_eq!(exact(pattern), [false], "{pattern}");
        }
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
        assert!(can_match("to .{1,9} (?:failed|lost)", "to x lost"));
        assert!(!can_match("to .{1,9} (?:failed|lost)", "lost to x"), "another order");
        assert!(can_match("to (?:[a-z]|(?:ab|c)d)e (?:failed|lost)", "to abde lost"));
        assert!(!can_match("(?i)aba.aba", "ababa"), "a text twice");
    }
}
