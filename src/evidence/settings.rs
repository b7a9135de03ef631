//! Reads a setting's value for the hosts it names. The value itself is never kept.

use super::host::destination;
use super::log::is_no_domain;

/// The hosts that a value names: of a URL or connection string, or a bare host name. Values that are anything else
/// name none.
#[must_use]
pub fn hosts_in_value(value: &str) -> Vec<String> {
    value.split([',', ' ', ';']).filter_map(host).collect()
}

fn host(text: &str) -> Option<String> {
    let found = destination(text).ok()?;
    let last = found.host.rsplit('.').next().unwrap_or_default();
    let plausible = text.contains("://")
        || (found.host.contains('.')
            && last.len() >= 2
            && last.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !is_no_domain(last));
    plausible.then(|| match found.port {
        443 => found.host,
        port => format!("{}:{port}", found.host),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_taken_and_secrets_left() {
        let hosts = |value: &str| hosts_in_value(value).join(" ");
        assert_eq!(
            hosts("https://secretsmanager.us-west-2.amazonaws.com/x?token=s3cr3t"),
            "secretsmanager.us-west-2.amazonaws.com"
        );
        assert_eq!(
            hosts("postgres://bond:p4ss@db.abc.us-west-2.rds.amazonaws.com:5432/bond"),
            "db.abc.us-west-2.rds.amazonaws.com:5432"
        );
        assert_eq!(hosts("bond.okta.com"), "bond.okta.com");
        for nothing in
            ["", "true", "AKIAIOSFODNN7EXAMPLE", "1.2.3", "main.py", "eyJhbGciOi.JIUzI1Ni", "debug"]
        {
            assert_eq!(hosts(nothing), "", "{nothing}");
        }
    }
}
