//! Recognises names of secrets: environment variables and keys of log records.

/// Words in names whose values are secrets.
const WORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pass",
    "pwd",
    "pw",
    "secret",
    "secrets",
    "token",
    "tokens",
    "tok",
    "jwt",
    "key",
    "keys",
    "apikey",
    "auth",
    "authorization",
    "credential",
    "credentials",
    "creds",
    "cookie",
    "cookies",
    "salt",
    "pepper",
    "signature",
    "sig",
    "license",
    "licence",
    "pin",
    "otp",
];
/// Words that are also found inside longer words: `DBPASSWORD`, `accesstoken`.
const PARTS: &[&str] = &["password", "passwd", "passphrase", "secret", "token", "apikey", "credential"];
/// Last words of names whose values are locations, not secrets: `TOKEN_URL`, `AUTH_HOST`.
const LOCATIONS: &[&str] = &[
    "url",
    "uri",
    "urls",
    "host",
    "hosts",
    "hostname",
    "endpoint",
    "endpoints",
    "domain",
    "issuer",
    "server",
    "servers",
    "address",
    "addr",
    "broker",
    "brokers",
    "origin",
    "authority",
];

/// Whether the value of an environment variable or a record's key is a secret, by its name.
pub(super) fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let is_location = words.last().is_some_and(|last| LOCATIONS.contains(&last.as_str()));
    !is_location
        && words
            .iter()
            .any(|word| WORDS.contains(&word.as_str()) || PARTS.iter().any(|part| word.contains(part)))
}

/// The words of `DB_PASSWORD`, `db-password`, `dbPassword`, in lower case.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut was_lowercase = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && was_lowercase) {
            words.push(std::mem::take(&mut word));
        }
        was_lowercase = c.is_ascii_lowercase();
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_and_of_locations() {
        for secret in [
            "JWT_SECRET",
            "DB_PASS",
            "DB_PWD",
            "dbPassword",
            "DBPASSWORD",
            "OPENAI_KEY",
            "TWILIO_AUTH",
            "SALT",
            "SESSION_COOKIE",
            "NEWRELIC_LICENSE_KEY",
            "x-api-key",
            "Authorization",
            "accessToken",
            "PGPASSWORD",
        ] {
            assert!(is_secret_name(secret), "{secret}");
        }
        for other in [
            "TOKEN_URL",
            "AUTH_HOST",
            "PASSWORD_RESET_ENDPOINT",
            "OAUTH_ISSUER",
            "BYPASS",
            "MONKEY",
            "DB_HOST",
        ] {
            assert!(!is_secret_name(other), "{other}");
        }
    }
}
