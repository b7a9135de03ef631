//! Takes secrets out of a line before anything else looks at it.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

/// What stands in a secret's place.
const GONE: &str = "[secret]";

/// A secret, in the group `s`; what stands before it is kept.
const SECRETS: &[&str] = &[
    // Headers, quoted or not, in any language's way to print a map.
    r#"(?i)\b(?:proxy-)?authorization[\\"']*\s*[:=]>?\s*[\\"']*(?P<s>(?:[A-Za-z0-9-]+\s+)?[^\s"'\\,}\]]+)"#,
    r"(?i)\b(?:bearer|basic|token)\s+(?P<s>[A-Za-z0-9+/=._~-]{8,})",
    r#"(?i)\b(?:x-amz-(?:signature|security-token|credential)|x-api-key|api[-_]?key|apikey|cookie|set-cookie|session[-_]?(?:id|token)|sig|signature)[\\"']*\s*[:=]>?\s*[\\"']*(?P<s>[^\s"'&,;}\\\])]+)"#,
    // Names that end in a word for a secret.
    r#"(?i)(?:^|[^a-z0-9_./-])[a-z0-9_.-]*(?:password|passwd|passphrase|pwd|secret|secret[-_]?(?:access[-_]?)?key|token|private[-_]?key|client[-_]?secret|access[-_]?key(?:[-_]?id)?|credential)[\\"']*\s*(?:[:=]>?|\bis\b)\s*(?:\\?"(?P<s>[^"]*)|\\?'(?P<t>[^']*)|(?P<u>[^\s"'&,;}\\\])]+))"#,
    // Keys by their own look.
    r"\b(?P<s>(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{12,})\b",
    r"\b(?P<s>eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,4})",
    r"\b(?P<s>(?:sk|pk|rk)[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9]{12,})",
    r"\b(?P<s>(?:ghp|gho|ghs|ghr|github_pat|glpat|xox[abpr])[-_][A-Za-z0-9_-]{10,})",
    // User and password of a URL.
    r#"[a-z][a-z0-9+.-]*://(?P<s>[^\s"'<>/?#]*)@"#,
    // A URL's query.
    r#"https?://[^\s"'<>?]*\?(?P<s>[^\s"'<>)]+)"#,
];

static SET: LazyLock<(RegexSet, Vec<Regex>)> = LazyLock::new(|| {
    let each = SECRETS.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect();
    (RegexSet::new(SECRETS).unwrap_or_else(|_| RegexSet::empty()), each)
});

/// The line without its secrets.
pub(super) fn redact(line: String) -> String {
    let (set, each) = &*SET;
    let mut line = line;
    for at in &set.matches(&line) {
        let Some(pattern) = each.get(at) else { continue };
        let mut clean = String::with_capacity(line.len());
        let mut copied = 0;
        for found in pattern.captures_iter(&line) {
            let secret = ["s", "t", "u"].iter().find_map(|name| found.name(name));
            let Some(secret) = secret.filter(|secret| !secret.is_empty() && secret.start() >= copied) else {
                continue;
            };
            clean.push_str(line.get(copied..secret.start()).unwrap_or_default());
            clean.push_str(GONE);
            copied = secret.end();
        }
        clean.push_str(line.get(copied..).unwrap_or_default());
        line = clean;
    }
    line
}
