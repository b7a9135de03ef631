//! A host that a line mentions, and the certainty that it was the destination of a connection.

use std::net::IpAddr;

use super::finding::ProxyRole;
use crate::evidence::catalogue::classify;
use crate::evidence::host::destination;
use crate::model::{Destination, DestinationKind};

/// The default port of Squid, for a proxy without a port.
const PROXY_PORT: u16 = 3128;

/// A host that a line mentions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HostMention {
    pub host: String,
    /// The port in the line, or the default port of the URL's scheme.
    pub port: Option<u16>,
    /// Addresses of the host in the line.
    pub addresses: Vec<IpAddr>,
    /// The certainty that it was the destination of the connection.
    pub certainty: Certainty,
    /// Whether the line names it as the proxy of the client.
    pub is_proxy: bool,
}

/// The certainty that a host was the destination of a connection, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Certainty {
    /// Anywhere in the line.
    Mentioned,
    /// The value of a key such as `hostname`.
    Keyed,
    /// In a URL.
    InUrl,
    /// In the form in which a client writes the host of its connection.
    Connected,
}

impl HostMention {
    pub fn is_address(&self) -> bool {
        self.host.parse::<IpAddr>().is_ok()
    }

    /// Whether it is the API of an AWS service, which uses HTTPS.
    pub fn is_aws_api(&self) -> bool {
        matches!(classify(&self.host), DestinationKind::AwsApi(_))
    }

    /// Its part in a failure of a proxy; `None` if the line does not show it. The ports of HTTP and HTTPS are those of the
    /// host behind the proxy, unless the line names the host as the proxy.
    pub fn proxy_role(&self) -> Option<ProxyRole> {
        match self.port {
            port if self.is_proxy => Some(ProxyRole::Proxy { has_port: port.is_some() }),
            Some(80 | 443) => Some(ProxyRole::Behind),
            _ => None,
        }
    }

    /// As a destination; port 443 if the port is unknown, and the port of Squid for a proxy.
    pub fn destination(&self) -> Option<Destination> {
        let port = self.port.unwrap_or(if self.is_proxy { PROXY_PORT } else { 443 });
        if self.host.contains(':') {
            return destination(&format!("[{}]:{port}", self.host)).ok();
        }
        destination(&format!("{}:{port}", self.host)).ok()
    }
}
