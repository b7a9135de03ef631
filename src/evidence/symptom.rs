//! The symptoms that log lines show, and the area of the system that causes each of them. Contains no text
//! pattern.

use std::fmt;

use strum::{IntoStaticStr, VariantArray};

/// A symptom that a log line shows.
///
/// The order matters: if several lines show one failure, the symptom that comes first in this list is the
/// most specific.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Symptom {
    /// A web server stopped its own worker because the worker waited too long.
    WorkerTimeout,
    /// The client's own connection pool had no free connection.
    PoolExhausted,
    /// The proxy was not reachable, or refused the request.
    Proxy,
    /// The resolver sent no reply in time.
    DnsTimeout,
    /// The name was not resolved.
    DnsFailure,
    /// The operating system has no route to the address.
    Unreachable,
    /// The connection was refused: a host replied that no process listens on the port.
    Refused,
    /// The handshake or the certificate failed: a host replied.
    Tls,
    /// No reply to the first packet: the packet or its reply was dropped.
    ConnectTimeout,
    /// A connection existed, but no response arrived: not a routing problem.
    ReadTimeout,
    /// The other side closed the connection.
    Reset,
    /// The host name has no region or a region that does not exist, or AWS reports that another region is
    /// correct.
    WrongRegion,
    /// AWS rejects the time of the request.
    ClockSkew,
    /// The application has no credentials, so it sent no request. The identifier is that of `Credentials`.
    #[strum(serialize = "credentials")]
    NoCredentials,
    /// The service responded: the credentials are invalid or expired.
    Credentials,
    /// The service responded: the policy of a VPC endpoint does not allow the call. The identifier is that of `AccessDenied`.
    #[strum(serialize = "access-denied")]
    EndpointPolicy,
    /// The service responded: access denied.
    AccessDenied,
    /// The service responded: too many calls.
    Throttled,
    /// `MongoDB` Atlas ended the TLS handshake with alert 80: its IP access list does not contain the address
    /// of the client.
    AtlasAccessList,
    /// The server responded: its rules do not allow the address of the client.
    NotAllowed,
    /// The server responded: it blocks the address of the client after too many broken connections.
    HostBlocked,
    /// The server responded: it has its maximum number of connections.
    ConnectionLimit,
    /// The server responded: it has no database of this name.
    NoDatabase,
    /// The server responded: it starts, stops or recovers.
    NotReady,
    /// The server responded: it accepts only connections with TLS.
    TlsRequired,
    /// A timeout; the text does not show in which phase.
    Timeout,
    /// The connection failed; the text does not show why.
    ConnectFailed,
    /// The host responded successfully.
    Answered,
}

/// The area of the system that causes a symptom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Area {
    /// Routes, security groups, network ACLs, gateways: packets are dropped.
    Path,
    /// Name resolution.
    Dns,
    /// A host that replied: packets arrive in both directions.
    RemoteHost,
    /// The service itself, which responded: identity, policies, limits, the clock.
    Api,
    /// The application itself.
    Application,
}

impl Symptom {
    /// All symptoms, the most specific first.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Its identifier, for example `connect-timeout`.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.into()
    }

    /// The noun for a narrow column, in the plural if `count` is not 1.
    #[must_use]
    pub fn short(self, count: usize) -> String {
        let (one, many) = match self {
            Self::ConnectTimeout | Self::Timeout => ("timeout", "timeouts"),
            Self::AccessDenied => ("access denied", "access denied"),
            Self::EndpointPolicy => ("endpoint policy", "endpoint policy"),
            Self::Refused => ("refused", "refused"),
            Self::Reset => ("reset", "resets"),
            Self::Answered => ("response", "responses"),
            Self::Credentials | Self::NoCredentials => ("bad credentials", "bad credentials"),
            Self::ClockSkew => ("clock skew", "clock skews"),
            Self::TlsRequired => ("TLS required", "TLS required"),
            Self::AtlasAccessList | Self::NotAllowed => ("not on access list", "not on access list"),
            Self::HostBlocked => ("client blocked", "client blocked"),
            Self::ConnectionLimit => ("connection limit", "connection limit"),
            Self::NoDatabase => ("no database", "no database"),
            Self::NotReady => ("not ready", "not ready"),
            Self::Throttled => ("throttled", "throttled"),
            Self::WrongRegion => ("wrong region", "wrong region"),
            other => return if count == 1 { other.to_string() } else { format!("{other}s") },
        };
        if count == 1 { one.to_owned() } else { many.to_owned() }
    }

    /// The area that causes it.
    #[must_use]
    pub fn area(self) -> Area {
        match self {
            Self::ConnectTimeout | Self::Unreachable | Self::Timeout | Self::ConnectFailed | Self::Proxy => {
                Area::Path
            }
            Self::DnsFailure | Self::DnsTimeout | Self::WrongRegion => Area::Dns,
            Self::Refused | Self::Tls | Self::ReadTimeout | Self::Reset | Self::Answered => Area::RemoteHost,
            Self::ClockSkew
            | Self::NoCredentials
            | Self::Credentials
            | Self::EndpointPolicy
            | Self::AccessDenied
            | Self::Throttled
            | Self::TlsRequired
            | Self::AtlasAccessList
            | Self::NotAllowed
            | Self::HostBlocked
            | Self::ConnectionLimit
            | Self::NoDatabase
            | Self::NotReady => Area::Api,
            Self::WorkerTimeout | Self::PoolExhausted => Area::Application,
        }
    }

    /// Whether the destination itself responded, so that packets arrived in both directions.
    #[must_use]
    pub fn is_answer(self) -> bool {
        match self {
            Self::NoCredentials => false,
            Self::WrongRegion | Self::Answered => true,
            other => other.area() == Area::Api,
        }
    }

    /// Whether the network can be the cause of the failed call.
    #[must_use]
    pub fn may_have_network_cause(self) -> bool {
        matches!(self.area(), Area::Path) || matches!(self, Self::DnsFailure | Self::DnsTimeout)
    }

    /// Whether the text is unspecific, so that another line of the same failure can be more specific.
    pub(super) fn is_unspecific(self) -> bool {
        matches!(
            self,
            Self::Timeout
                | Self::ConnectFailed
                | Self::DnsFailure
                | Self::PoolExhausted
                | Self::Proxy
                | Self::AccessDenied
                | Self::NoCredentials
        )
    }

    /// The noun with its article: `a timeout`, `an access denied error`.
    #[must_use]
    pub fn with_article(self) -> String {
        let noun = self.to_string();
        let article = if noun.starts_with(['a', 'e', 'u', 'A']) { "an" } else { "a" };
        format!("{article} {noun}")
    }
}

impl fmt::Display for Symptom {
    /// A noun. Its plural ends in `s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::WorkerTimeout => "worker timeout",
            Self::PoolExhausted => "connection pool failure",
            Self::Proxy => "proxy failure",
            Self::DnsTimeout => "DNS timeout",
            Self::DnsFailure => "DNS failure",
            Self::Unreachable => "network unreachable error",
            Self::Refused => "connection refused error",
            Self::Tls => "TLS failure",
            Self::ConnectTimeout => "connect timeout",
            Self::ReadTimeout => "read timeout",
            Self::Reset => "connection reset",
            Self::WrongRegion => "wrong region",
            Self::ClockSkew => "clock skew error",
            Self::TlsRequired => "TLS required error",
            Self::AtlasAccessList => "Atlas access list error",
            Self::NotAllowed => "client address not allowed error",
            Self::HostBlocked => "client address blocked error",
            Self::ConnectionLimit => "connection limit error",
            Self::NoDatabase => "missing database error",
            Self::NotReady => "server not ready error",
            Self::NoCredentials | Self::Credentials => "credentials failure",
            Self::EndpointPolicy => "endpoint policy denial",
            Self::AccessDenied => "access denied error",
            Self::Throttled => "throttling error",
            Self::Timeout => "timeout",
            Self::ConnectFailed => "failed connection",
            Self::Answered => "response",
        })
    }
}
