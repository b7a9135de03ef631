//! Parses a destination from user input or an environment variable.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::catalogue::classify;
use crate::model::{Destination, DestinationKind};

/// The reason why a text is not a destination.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// It is not a host name.
    #[error("`{0}` is not a host name: use HOST or HOST:PORT, for example s3.us-west-2.amazonaws.com:443")]
    InvalidHost(String),
    /// The part after the colon is not a port.
    #[error("`{0}` is not a TCP port: use a number from 1 to 65535")]
    InvalidPort(String),
    /// It contains several colons but is not an IPv6 address.
    #[error("`{0}` is not an IPv6 address: use ADDRESS or [ADDRESS]:PORT, for example [2001:db8::1]:443")]
    InvalidIpv6(String),
    /// A loopback or unspecified address, or `localhost`: the connection stays inside the instance.
    #[error("`{0}` is the instance itself: its traffic does not use the VPC")]
    Loopback(String),
    /// A link-local address: instance metadata, container credentials, the Amazon Time Sync Service.
    #[error(
        "`{0}` is a link-local address: route tables, security groups and network ACLs do not apply to it"
    )]
    LinkLocal(String),
}

/// Parses `HOST`, `HOST:PORT` or a URL. The port is 443 unless the text contains another port or its scheme
/// implies one.
///
/// # Errors
/// The text is not a host, or the network does not affect connections to it. The message shows the
/// expected form.
pub fn destination(text: &str) -> Result<Destination, DestinationError> {
    let shown = || text.chars().filter(|c| !c.is_control()).take(80).collect::<String>();
    let (scheme, authority) = authority(text.trim());
    if authority.starts_with('[') || authority.matches(':').count() > 1 {
        let (address, port) = ipv6(authority).ok_or_else(|| DestinationError::InvalidIpv6(shown()))?;
        let port = port.map_or(Ok(default_port(scheme)), parse_port)?;
        return address_destination(IpAddr::V6(address), port, shown);
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, parse_port(port)?),
        None => (authority, default_port(scheme)),
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return address_destination(IpAddr::V4(address), port, shown);
    }
    if host == "localhost" || host.ends_with(".localhost") {
        return Err(DestinationError::Loopback(shown()));
    }
    if !is_host_name(&host) {
        return Err(DestinationError::InvalidHost(shown()));
    }
    Ok(Destination { kind: classify(&host), host, port })
}

/// The scheme of a URL, and its host or hosts with ports.
///
/// A password can contain `/`, `?` or `#`. These characters do not end the user and password, so no part of
/// a password is returned as a host.
pub(super) fn authority(url: &str) -> (&str, &str) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let plain = rest.get(..end).unwrap_or_default();
    let is_web = ["", "http", "https", "ws", "wss"].contains(&scheme);
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let has_password = plain.rsplit_once(':').is_some_and(|(_, port)| !is_port(port) && !port.ends_with(']'));
    let has_user = plain.contains('@') || !is_web || has_password;
    let hosts = match rest.rsplit_once('@') {
        Some((_, hosts)) if has_user && (!is_web || !plain.contains('@')) => hosts,
        _ => plain.rsplit_once('@').map_or(plain, |(_, hosts)| hosts),
    };
    (scheme, hosts.split(['/', '?', '#', ';']).next().unwrap_or_default())
}

/// An IPv6 address, in brackets or bare, and the text after the brackets' colon.
fn ipv6(text: &str) -> Option<(Ipv6Addr, Option<&str>)> {
    match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, "")) => Some((address.parse().ok()?, None)),
        Some((address, port)) => Some((address.parse().ok()?, Some(port.strip_prefix(':')?))),
        None => Some((text.parse().ok()?, None)),
    }
}

fn address_destination(
    address: IpAddr,
    port: u16,
    shown: impl Fn() -> String,
) -> Result<Destination, DestinationError> {
    // Traffic to an IPv4-mapped IPv6 address is IPv4.
    let address = address.to_canonical();
    if address.is_loopback() || address.is_unspecified() {
        return Err(DestinationError::Loopback(shown()));
    }
    if is_link_local(address) {
        return Err(DestinationError::LinkLocal(shown()));
    }
    Ok(Destination { host: address.to_string(), port, kind: DestinationKind::Address(address) })
}

/// Link-local addresses, and the IPv6 addresses of instance metadata and other local AWS services
/// (`fd00:ec2::/32`).
fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => {
            address.is_unicast_link_local() || matches!(address.segments(), [0xfd00, 0x0ec2, ..])
        }
    }
}

fn parse_port(text: &str) -> Result<u16, DestinationError> {
    text.parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(|| {
        DestinationError::InvalidPort(text.chars().filter(|c| !c.is_control()).take(20).collect())
    })
}

/// The port that a URL's scheme implies.
pub(super) fn default_port(scheme: &str) -> u16 {
    match scheme.split('+').next().unwrap_or_default() {
        "http" | "ws" => 80,
        "postgres" | "postgresql" => 5432,
        "mysql" | "mysql2" | "mariadb" => 3306,
        "redis" | "rediss" => 6379,
        "mongodb" => 27017,
        "amqp" | "rabbitmq" => 5672,
        "mqtt" => 1883,
        "mqtts" => 8883,
        "stomp" => 61613,
        "neo4j" | "bolt" => 7687,
        "pulsar" => 6650,
        "zookeeper" => 2181,
        "git" => 9418,
        "amqps" => 5671,
        "mssql" | "sqlserver" | "tds" => 1433,
        "oracle" => 1521,
        "ldap" => 389,
        "ldaps" => 636,
        "ssh" | "sftp" => 22,
        "ftp" => 21,
        "imap" => 143,
        "imaps" => 993,
        "smtp" => 587,
        "smtps" => 465,
        "nats" => 4222,
        "kafka" => 9092,
        "memcached" => 11211,
        _ => 443,
    }
}

/// Whether the labels are valid by RFC 1123. Underscores are allowed because old bucket names contain them.
fn is_host_name(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let numeric = host.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    host.len() <= 253 && !numeric && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first unexpected result")]

    use super::*;

    #[test]
    fn hosts_ports_and_urls_are_parsed() {
        let shown = |text: &str| destination(text).map(|d| format!("{}:{}", d.host, d.port));
        assert_eq!(shown("S3.us-west-2.amazonaws.com.").unwrap(), "s3.us-west-2.amazonaws.com:443");
        assert_eq!(shown("bond.okta.com:8443").unwrap(), "bond.okta.com:8443");
        assert_eq!(shown("http://example.org/path?x=1").unwrap(), "example.org:80");
        assert_eq!(shown("postgres://user:pa@ss@db.internal/bond").unwrap(), "db.internal:5432");
        assert_eq!(shown("10.0.0.7").unwrap(), "10.0.0.7:443");
        assert_eq!(shown("[2600:1F14::7]:5432").unwrap(), "2600:1f14::7:5432");
        assert_eq!(shown("https://[2600:1f14::7]/").unwrap(), "2600:1f14::7:443");
        assert_eq!(shown("2600:1f14::7").unwrap(), "2600:1f14::7:443");
        assert_eq!(shown("[::ffff:10.0.0.7]").unwrap(), "10.0.0.7:443");
    }

    #[test]
    fn other_texts_are_errors() {
        assert_eq!(destination(""), Err(DestinationError::InvalidHost(String::new())));
        assert_eq!(destination("a b"), Err(DestinationError::InvalidHost("a b".to_owned())));
        assert_eq!(destination("x\u{1b}[2J"), Err(DestinationError::InvalidHost("x[2J".to_owned())));
        assert_eq!(destination("1.2.3.4.5"), Err(DestinationError::InvalidHost("1.2.3.4.5".to_owned())));
        assert_eq!(destination("h:0"), Err(DestinationError::InvalidPort("0".to_owned())));
        assert_eq!(destination("[::1]:443"), Err(DestinationError::Loopback("[::1]:443".to_owned())));
        assert_eq!(destination("a:b:c"), Err(DestinationError::InvalidIpv6("a:b:c".to_owned())));
        assert_eq!(
            destination("[2600::1]443"),
            Err(DestinationError::InvalidIpv6("[2600::1]443".to_owned()))
        );
        assert_eq!(
            destination("localhost:8080"),
            Err(DestinationError::Loopback("localhost:8080".to_owned()))
        );
    }
}
