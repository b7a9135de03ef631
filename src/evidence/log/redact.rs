//! Takes secrets out of a line before anything else looks at it.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

/// What stands in a secret's place.
const GONE: &str = "[secret]";

/// A secret, in the group `s`; what stands before it is kept.
const SECRETS: &[&str] = &[
    // Headers, quoted or not, in any language's way to print a map.
    r"(?i)\b(?:proxy-)?authorization[^A-Za-z0-9]{1,8}(?:digest|aws4-hmac-sha256)\s(?P<s>.+)$",
    r#"(?i)\b(?:proxy-)?authorization[\\"']*\s*[:=]>?\s*[\\"']*(?P<s>(?:[A-Za-z0-9-]+\s+)?[^\s"'\\,}\]]+)"#,
    r"(?i)\b(?:bearer|basic|token)\s+(?P<s>[A-Za-z0-9+/=._~-]{8,})",
    r#"(?i)\b(?:set-)?cookie[\\"']*\s*[:=]>?\s*[\\"']*(?P<s>[^"'\\]+)"#,
    r#"(?i)\b(?:x-amz-(?:signature|security-token|credential)|x-api-key|session[-_]?(?:id|token)|sig|signature)[\\"']*\s*[:=]>?\s*[\\"']*(?P<s>[^\s"'&,;}\\\])]+)"#,
    // Names that end in a word for a secret. What touches the closing quote is of the secret as well.
    r#"(?i)(?:^|[^a-z0-9_./-])(?:--)?(?:[a-z0-9_.-]*(?:password|passwd|passphrase|passcode|pwd|secret|secret[-_]?(?:access[-_]?)?key|token|api[-_]?key|(?:private|signing|encryption|license)[-_]?key|access[-_]?key(?:[-_]?id)?|credentials?)|(?:[a-z0-9_.-]*[_.-])?(?:pass|salt|jwt|cookie))[\\"']*\s*(?:[:=]>?|\\?u003d|%3d|\bis\b)\s*(?:\\?"(?P<s>[^"]*(?:"[^\s,;&}\])]+)?)|\\?'(?P<t>[^']*(?:'[^\s,;&}\])]+)?)|\\?\{(?P<v>[^}]*)|(?P<u>[^\s"'}\\\])]+))"#,
    // A list of headers or variables.
    r#"(?i)"(?:name|key|header)\\?"\s*:\s*\\?"(?:(?:proxy-)?authorization|(?:set-)?cookie|[^"]*(?:secret|token|password|api-?key)[^"]*)"\s*,\s*\\?"value\\?"\s*:\s*\\?"(?P<s>[^"]*)"#,
    // An option, an element.
    r"(?i)--[a-z-]*(?:password|passwd|pass|token|secret|api-key)\s+(?P<s>[^\s-]\S*)",
    r"(?i)<[a-z0-9:_.-]*(?:password|passwd|secret|token)[^>]*>(?P<s>[^<]*)",
    // Keys by their own look.
    r"\b(?P<s>(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{12,})\b",
    r"\b(?P<s>eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,4})",
    r"\b(?P<s>(?:sk|pk|rk)[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9]{12,}[A-Za-z0-9._-]*)",
    r"\b(?P<s>(?:ghp|gho|ghs|ghr|github_pat|glpat|xox[abpr])[-_][A-Za-z0-9._-]{8,})",
    // User and password of a URL. Databases' passwords hold whatever they like.
    r#"[a-z][a-z0-9+.-]*://(?P<s>[^\s"'<>/?#]*)@"#,
    r#"(?i)(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver|ldaps?|smtps?|s?ftp|nats|clickhouse)(?:\+[a-z0-9]+)?://(?P<s>[^\s"'<>]*)@"#,
    // A URL's query.
    r#"https?://[^\s"'<>?]*\?(?P<s>[^\s"'<>)]+)"#,
    r#"\?(?P<s>[A-Za-z0-9_.~%-]+=[^\s"'<>)]+)"#,
];

static SET: LazyLock<(RegexSet, Vec<Regex>)> = LazyLock::new(|| {
    let each = SECRETS.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect();
    (RegexSet::new(SECRETS).unwrap_or_else(|_| RegexSet::empty()), each)
});

/// The line without its secrets.
pub(in crate::evidence) fn redact(line: String) -> String {
    let (set, each) = &*SET;
    let mut line = line;
    for at in &set.matches(&line) {
        let Some(pattern) = each.get(at) else { continue };
        let mut clean = String::with_capacity(line.len());
        let mut copied = 0;
        for found in pattern.captures_iter(&line) {
            let secret = ["s", "t", "u", "v"].iter().find_map(|name| found.name(name));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_however_they_are_written() {
        assert_eq!(SET.1.len(), SECRETS.len());
        for line in [
            "DB_PASS: hunt.er.com",
            "pass=hunt.er.com",
            "--password hunt.er.com",
            "<password>hunt.er.com</password>",
            "Cookie: a=b; sid=hunt.er.com",
            "Set-Cookie: a=b; Path=/; hunt.er.com",
            "Authorization: Digest username=\"x\", response=\"hunt.er.com\"",
            "GET /path?code=hunt.er.com&t=a",
            "password=abc,hunt.er.com",
            "password=abc&hunt.er.com",
            "password=abc;hunt.er.com",
            "\"password\": \"ab\"hunt.er.com",
            "pwd\\u003dhunt.er.com",
            "pwdu003dhunt.er.com",
            "postgres://hunt.er.com/a:b@db.example.com:5432/x",
            "postgres://bond:4321/hunt.er.com@db.example.com/x",
            "{\"password\": {\"value\": \"https://hunt.er.com\"}, \"msg\": \"cut",
            "[{\"name\": \"Authorization\", \"value\": \"https://hunt.er.com",
            "client_secret='hunt.er.com'",
            "ghp_abcdefgh.hunt.er.com",
        ] {
            let clean = redact(line.to_owned());
            assert!(!clean.contains("hunt.er"), "{line}: {clean}");
        }
        let kept = "Connection to s3.us-west-2.amazonaws.com timed out (host='db.example.com', port=5432)";
        assert_eq!(redact(kept.to_owned()), kept);
    }
}
