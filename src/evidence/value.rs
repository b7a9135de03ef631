//! The hosts in the value of an environment variable, by the value alone: URLs, connection strings, lists,
//! host names.
//!
//! Owns the rules that distinguish a host from a secret, a file name or a version. The meaning of a
//! variable's name is in [`super::variables`].

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::built_in::valid;
use super::host::{authority, destination};
use super::log::is_file_or_class;
use super::redact::redact;

/// The hosts in a value: in URLs, in connection strings, or plain host names.
#[must_use]
pub fn hosts_in_value(value: &str) -> Vec<String> {
    hosts(value, false)
}

/// The hosts in a value. With `is_host`, the variable's name shows that the value is a host, so any host
/// name is accepted.
pub(super) fn hosts(value: &str, is_host: bool) -> Vec<String> {
    // A secret inside a URL is removed and the host is kept.
    let value = redact(value.trim().to_owned());
    if value.contains("{{") || value.contains("${") {
        return Vec::new();
    }
    if let Some(found) = in_pairs(&value) {
        return found.into_iter().collect();
    }
    let value = value
        .strip_prefix("jdbc:oracle:thin:@")
        .map_or_else(|| value.clone(), |place| format!("oracle://{}", place.trim_start_matches('/')));
    // Go's `user:password@tcp(db:3306)/app`.
    if let Some((_, rest)) = value.split_once("@tcp(") {
        return rest
            .split(')')
            .next()
            .and_then(|place| host(&format!("mysql://{place}"), true))
            .into_iter()
            .collect();
    }
    if SCHEME.is_match(&value) {
        return in_urls(&value);
    }
    value.split([',', ' ', ';']).filter_map(|text| host(text, is_host)).collect()
}

static SCHEME: LazyLock<Regex> = LazyLock::new(|| valid(Regex::new(r"[A-Za-z][A-Za-z0-9+.-]*://")));

/// The hosts of one or several URLs. The URL of a cluster can contain several hosts.
fn in_urls(value: &str) -> Vec<String> {
    let starts: Vec<usize> = SCHEME.find_iter(value).map(|found| found.start()).collect();
    let ends = starts.iter().skip(1).copied().chain([value.len()]);
    let urls = starts.iter().zip(ends).filter_map(|(start, end)| value.get(*start..end));
    urls.flat_map(|url| {
        let url = url.split_whitespace().next().unwrap_or_default();
        let (scheme, authority) = authority(url);
        let is_list = !["http", "https", "ws", "wss"].contains(&scheme);
        let hosts = authority.split(',').take(if is_list { usize::MAX } else { 1 });
        hosts.filter_map(|text| host(&format!("{scheme}://{text}"), true)).collect::<Vec<_>>()
    })
    .collect()
}

/// The host of a connection string such as `Server=tcp:db.example.org,1433;Password=…` or `host=db port=5432
/// password=…`; `None` if the value is not a list of pairs. Parts without a key belong to a value and
/// contain no host.
fn in_pairs(value: &str) -> Option<Vec<String>> {
    let is_url = value.find("://").is_some_and(|at| value.find('=').is_none_or(|equals| at < equals));
    if is_url {
        return None;
    }
    let by = |separator: char| -> BTreeMap<String, &str> {
        let pairs = value.split(separator).filter_map(|pair| pair.split_once('='));
        pairs.map(|(key, value)| (key.trim().to_ascii_lowercase(), value.trim())).collect()
    };
    let pairs = [by(';'), by(' ')].into_iter().find(|pairs| pairs.len() > 1)?;
    Some(server_of(&pairs).into_iter().collect())
}

fn server_of(pairs: &BTreeMap<String, &str>) -> Option<String> {
    let value_of = |keys: &[&str]| keys.iter().find_map(|key| pairs.get(*key).copied());
    let server = value_of(&["host", "server", "data source", "hostname", "addr", "address", "hostaddr"])?;
    let server = server.trim_matches(['\'', '"']).trim_start_matches("tcp:");
    let (server, port) = server
        .split_once([',', ':'])
        .map_or((server, value_of(&["port"])), |(server, port)| (server, Some(port)));
    // SQL Server's `host\instance`.
    let (server, instance) =
        server.split_once('\\').map_or((server, None), |(server, instance)| (server, Some(instance)));
    let found =
        destination(&port.map_or_else(|| server.to_owned(), |port| format!("{server}:{port}"))).ok()?;
    let is_sql_server = instance.is_some() || value_of(&["data source", "initial catalog"]).is_some();
    let port = port.map_or(if is_sql_server { 1433 } else { 5432 }, |_| found.port);
    Some(format!("{}:{port}", found.host))
}

/// The host in one text. With `is_host`, the context shows that the text is a host, so any host name is
/// accepted.
fn host(text: &str, is_host: bool) -> Option<String> {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    if scheme.is_some_and(|scheme| ["file", "unix", "sqlite", "data"].contains(&scheme)) {
        return None;
    }
    if scheme == Some("s3") {
        let bucket = text.strip_prefix("s3://")?.split('/').next()?;
        return destination(&format!("{bucket}.s3.amazonaws.com")).ok().map(|found| found.host);
    }
    // Without a scheme there is no user: `ops@example.com` is an email address.
    if scheme.is_none() && text.contains('@') {
        return None;
    }
    let found = destination(text).ok()?;
    let last = found.host.rsplit('.').next().unwrap_or_default();
    let first = found.host.split('.').next().unwrap_or_default();
    let is_name = found.host.contains('.')
        && last.len() >= 2
        && last.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !is_file_or_class(last)
        && !["py", "rs", "sh", "so", "md", "zip", "mov"].contains(&last);
    let has_port = text.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    // Java package names are domains in reverse order.
    let is_domain = psl::suffix(found.host.as_bytes()).is_some_and(|suffix| suffix.is_known())
        && !["com", "org", "net", "io"].contains(&first);
    let is_private = ["internal", "local", "corp", "lan"].contains(&last);
    let is_host_name = is_name && (is_host || has_port || is_domain || is_private);
    let plausible = scheme.is_some()
        || (is_host_name && !text.contains('/'))
        || (is_host_name && text.contains('/') && is_aws_host(&found.host));
    let shown = if found.host.contains(':') { format!("[{}]", found.host) } else { found.host };
    plausible.then(|| match found.port {
        443 => shown,
        port => format!("{shown}:{port}"),
    })
}

/// Whether it is an AWS host. Only after an AWS host can a path follow without a scheme, for example in a
/// container image.
fn is_aws_host(host: &str) -> bool {
    destination(host).is_ok_and(|found| found.aws().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_and_secrets_are_not() {
        let hosts = |value: &str| hosts_in_value(value).join(" ");
        assert_eq!(
            hosts("https://secretsmanager.us-west-2.amazonaws.com/x?token=s3cr3t"),
            "secretsmanager.us-west-2.amazonaws.com"
        );
        assert_eq!(
            hosts("postgres://bond:p4ss@db.abc.us-west-2.rds.amazonaws.com:5432/bond"),
            "db.abc.us-west-2.rds.amazonaws.com:5432"
        );
        assert_eq!(hosts("jdbc:mysql://db.internal/app?password=x"), "db.internal:3306");
        assert_eq!(hosts("host=db.internal port=5433 user=a password=s3cr3t.example"), "db.internal:5433");
        assert_eq!(
            hosts("Server=tcp:sql.example.org,1433;User Id=a;Password=p;w.example.com"),
            "sql.example.org:1433"
        );
        assert_eq!(
            hosts("Server=tcp:sql.example.org,1433;User Id=a;Password=p.example.com"),
            "sql.example.org:1433"
        );
        assert_eq!(hosts("a.example.org:9092,b.example.org:9092"), "a.example.org:9092 b.example.org:9092");
        assert_eq!(hosts("bond.okta.com"), "bond.okta.com");
        assert_eq!(hosts("postgres://bond:1234/Hunter2@db.example.org/bond"), "db.example.org:5432");
        assert_eq!(hosts("postgres://bond:4321#Hunter@db.example.org/x"), "db.example.org:5432");
        assert_eq!(hosts("mysql://Hunter2x/y:p@db.example.org/x"), "db.example.org:3306");
        assert_eq!(hosts("postgres://bond:ab,Hunter.Two,cd@db.example.org:5433/x"), "db.example.org:5433");
        assert_eq!(hosts("Server=db.example.org;Password=a;Hunter.Three;User Id=x"), "db.example.org:5432");
        assert_eq!(hosts("host=db.example.org password='a b' user=x"), "db.example.org:5432");
        assert_eq!(
            hosts("Data Source=sql.example.org\\SQLEXPRESS,1433;Initial Catalog=x"),
            "sql.example.org:1433"
        );
        assert_eq!(hosts("u:p@tcp(my.example.org:3306)/x"), "my.example.org:3306");
        assert_eq!(hosts("jdbc:oracle:thin:@//ora.example.org:1521/x"), "ora.example.org:1521");
        assert_eq!(
            hosts("mongodb://u:p@m1.example.org:27017,m2.example.org:27018,m3.example.org/db"),
            "m1.example.org:27017 m2.example.org:27018 m3.example.org:27017"
        );
        assert_eq!(hosts("http://[2001:db8::1]:8080/"), "[2001:db8::1]:8080");
        assert_eq!(hosts("https://a.example.org, https://b.example.org/x"), "a.example.org b.example.org");
        for nothing in [
            "",
            "logo.png",
            "bond.settings.production",
            "com.acme.app",
            "order.created",
            "ops@example.com",
            "{{ user.name }}",
            "sk-abcdefghijklmnop.example.com",
            "true",
            "AKIAIOSFODNN7EXAMPLE",
            "1.2.3",
            "main.py",
            "eyJhbGciOi.JIUzI1Ni",
            "debug",
            "application/json",
            "a/b.c",
        ] {
            assert_eq!(hosts(nothing), "", "{nothing}");
        }
    }
}
