//! Replaces secrets in a text, before any other code uses the text.

use std::sync::LazyLock;

use super::patterns::Patterns;

const REPLACEMENT: &str = "[secret]";

/// The secret is the group `s`, `t`, `u` or `v`; the text around it is kept.
const SECRETS: &[&str] = &[
    // Headers, quoted or not, as any language prints a map.
    r"(?i)\b(?:proxy-)?authorization[^A-Za-z0-9]{1,8}(?:digest|aws4-hmac-sha256)\s(?P<s>.+)$",
    r#"(?i)\b(?:proxy-)?authorization[\\"']*\s*[:=]>?\s*[\\"']*(?P<s>(?:[A-Za-z0-9-]+\s+)?[^\s"'\\,}\]]+)"#,
    r"(?i)\b(?:bearer|basic|token)\s+(?P<s>[A-Za-z0-9+/=._~-]{8,})",
    r#"(?i)\b(?:set-)?cookie[\\"']*\s*[:=]>?\s*[\\"']*(?P<s>[^"'\\]+)"#,
    r#"(?i)\b(?:x-amz-(?:signature|security-token|credential)|x-api-key|session[-_]?(?:id|token)|sig|signature)[\\"']*\s*[:=]>?\s*[\\"']*(?P<s>[^\s"'&,;}\\\])]+)"#,
    // Keys whose names end in a word for a secret. Text directly after the closing quote is part of the
    // secret.
    r#"(?i)(?:^|[^a-z0-9_./-])(?:--)?(?:[a-z0-9_.-]*(?:password|passwd|passphrase|passcode|pwd|secret|secret[-_]?(?:access[-_]?)?key|token|api[-_]?key|(?:private|signing|encryption|license)[-_]?key|access[-_]?key(?:[-_]?id)?|credentials?)|(?:[a-z0-9_.-]*[_.-])?(?:pass|salt|jwt|cookie))[\\"']*\s*(?:[:=]>?|\\?u003d|%3d|\bis\b)\s*(?:\\?"(?P<s>[^"]*(?:"[^\s,;&}\])]+)?)|\\?'(?P<t>[^']*(?:'[^\s,;&}\])]+)?)|\\?\{(?P<v>[^}]*)|(?P<u>[^\s"'}\\\])]+))"#,
    // A list of headers or environment variables.
    r#"(?i)"(?:name|key|header)\\?"\s*:\s*\\?"(?:(?:proxy-)?authorization|(?:set-)?cookie|[^"]*(?:secret|token|password|api-?key)[^"]*)"\s*,\s*\\?"value\\?"\s*:\s*\\?"(?P<s>[^"]*)"#,
    // A command line option, an XML element.
    r"(?i)--[a-z-]*(?:password|passwd|pass|token|secret|api-key)\s+(?P<s>[^\s-]\S*)",
    r"(?i)<[a-z0-9:_.-]*(?:password|passwd|secret|token)[^>]*>(?P<s>[^<]*)",
    // Access keys and tokens of a known format.
    r"\b(?P<s>(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{12,})\b",
    r"\b(?P<s>eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,4})",
    r"\b(?P<s>(?:sk|pk|rk)[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9]{12,}[A-Za-z0-9._-]*)",
    r"\b(?P<s>(?:ghp|gho|ghs|ghr|github_pat|glpat|xox[abpr])[-_][A-Za-z0-9._-]{8,})",
    // User and password of a URL. A database password can contain any character.
    r#"[a-z][a-z0-9+.-]*://(?P<s>[^\s"'<>/?#]*)@"#,
    r#"(?i)(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver|ldaps?|smtps?|s?ftp|nats|clickhouse)(?:\+[a-z0-9]+)?://(?P<s>[^\s"'<>]*)@"#,
    // The query of a URL.
    r#"https?://[^\s"'<>?]*\?(?P<s>[^\s"'<>)]+)"#,
    r#"\?(?P<s>[A-Za-z0-9_.~%-]+=[^\s"'<>)]+)"#,
];

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(SECRETS.iter().copied()));

/// The text with all secrets replaced.
pub(super) fn redact(text: String) -> String {
    let mut text = text;
    for pattern in PATTERNS.matching(&text) {
        let mut clean = String::with_capacity(text.len());
        let mut copied = 0;
        for found in pattern.captures_iter(&text) {
            let secret = ["s", "t", "u", "v"].iter().find_map(|name| found.name(name));
            let Some(secret) = secret.filter(|secret| !secret.is_empty() && secret.start() >= copied) else {
                continue;
            };
            clean.push_str(text.get(copied..secret.start()).unwrap_or_default());
            clean.push_str(REPLACEMENT);
            copied = secret.end();
        }
        clean.push_str(text.get(copied..).unwrap_or_default());
        text = clean;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        PATTERNS.assert_valid();
    }

    #[test]
    fn secrets_are_replaced_in_every_form() {
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
