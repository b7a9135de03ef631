//! What a log line says happened, and where that points.

use std::fmt;

/// What a log line says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Symptom {
    /// A web server killed its own worker for being slow: something it waited for did not answer.
    WorkerTimeout,
    /// The client's own connection pool had no free connection.
    PoolExhausted,
    /// The proxy was not reached, or refused.
    Proxy,
    /// The resolver gave no answer in time.
    DnsTimeout,
    /// The name did not resolve.
    DnsFailure,
    /// The system has no way to the address.
    Unreachable,
    /// A host answered: nobody listens.
    Refused,
    /// The handshake or the certificate failed: a host answered.
    Tls,
    /// No answer to the first packet: something dropped it.
    ConnectTimeout,
    /// Connected, then silence: not routing.
    ReadTimeout,
    /// The other side ended the connection.
    Reset,
    /// The host's name holds no region, or one that does not exist; or AWS says that another one is right.
    WrongRegion,
    /// AWS finds the time of the request wrong.
    ClockSkew,
    /// Missing, invalid or expired credentials.
    Credentials,
    /// The service answered: not allowed.
    AccessDenied,
    /// The service answered: too many calls.
    Throttled,
    /// A time-out that does not say in which phase.
    Timeout,
    /// No connection, and the text does not say why.
    ConnectFailed,
    /// The host answered as it should.
    Answered,
}

/// Where a symptom points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Area {
    /// Routes, security groups, network ACLs, gateways: packets are dropped.
    Path,
    /// Name resolution.
    Dns,
    /// A host that was reached: the network carried packets both ways.
    RemoteHost,
    /// What stands above the network: identity, policy, quotas, the clock.
    Api,
    /// The application itself.
    Application,
}

impl Symptom {
    /// Every symptom. Where one failure is told several times, the first of them tells most.
    pub const ALL: &[Self] = &[
        Self::WorkerTimeout,
        Self::PoolExhausted,
        Self::Proxy,
        Self::DnsTimeout,
        Self::DnsFailure,
        Self::Unreachable,
        Self::Refused,
        Self::Tls,
        Self::ConnectTimeout,
        Self::ReadTimeout,
        Self::Reset,
        Self::WrongRegion,
        Self::ClockSkew,
        Self::Credentials,
        Self::AccessDenied,
        Self::Throttled,
        Self::Timeout,
        Self::ConnectFailed,
        Self::Answered,
    ];

    /// Its name, `connect-timeout`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::WorkerTimeout => "worker-timeout",
            Self::PoolExhausted => "pool-exhausted",
            Self::Proxy => "proxy",
            Self::DnsTimeout => "dns-timeout",
            Self::DnsFailure => "dns-failure",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Tls => "tls",
            Self::ConnectTimeout => "connect-timeout",
            Self::ReadTimeout => "read-timeout",
            Self::Reset => "reset",
            Self::WrongRegion => "wrong-region",
            Self::ClockSkew => "clock-skew",
            Self::Credentials => "credentials",
            Self::AccessDenied => "access-denied",
            Self::Throttled => "throttled",
            Self::Timeout => "timeout",
            Self::ConnectFailed => "connect-failed",
            Self::Answered => "answered",
        }
    }

    /// For a narrow column: `time-out`, with `s` for several.
    #[must_use]
    pub fn short(self, count: usize) -> String {
        let (one, many) = match self {
            Self::ConnectTimeout | Self::Timeout => ("time-out", "time-outs"),
            Self::AccessDenied => ("denial", "denials"),
            Self::Refused => ("refusal", "refusals"),
            Self::Reset => ("reset", "resets"),
            Self::Answered => ("answer", "answers"),
            Self::Credentials => ("bad credentials", "bad credentials"),
            Self::ClockSkew => ("clock skew", "clock skews"),
            Self::Throttled => ("throttled", "throttled"),
            Self::WrongRegion => ("wrong region", "wrong region"),
            other => return if count == 1 { other.to_string() } else { format!("{other}s") },
        };
        if count == 1 { one.to_owned() } else { many.to_owned() }
    }

    /// Where it points.
    #[must_use]
    pub fn area(self) -> Area {
        match self {
            Self::ConnectTimeout | Self::Unreachable | Self::Timeout | Self::ConnectFailed | Self::Proxy => {
                Area::Path
            }
            Self::DnsFailure | Self::DnsTimeout | Self::WrongRegion => Area::Dns,
            Self::Refused | Self::Tls | Self::ReadTimeout | Self::Reset | Self::Answered => Area::RemoteHost,
            Self::ClockSkew | Self::Credentials | Self::AccessDenied | Self::Throttled => Area::Api,
            Self::WorkerTimeout | Self::PoolExhausted => Area::Application,
        }
    }

    /// Whether a call failed so that the network may be why.
    #[must_use]
    pub fn may_have_network_cause(self) -> bool {
        matches!(self.area(), Area::Path) || matches!(self, Self::DnsFailure | Self::DnsTimeout)
    }

    /// Whether the words do not say what happened, so that other words may tell more of the same failure.
    pub(super) fn is_vague(self) -> bool {
        matches!(
            self,
            Self::Timeout
                | Self::ConnectFailed
                | Self::DnsFailure
                | Self::PoolExhausted
                | Self::Proxy
                | Self::AccessDenied
        )
    }

    /// Whether it shows that packets went there and came back.
    #[must_use]
    pub fn proves_reachability(self) -> bool {
        match self {
            Self::Refused
            | Self::Tls
            | Self::ReadTimeout
            | Self::Reset
            | Self::ClockSkew
            | Self::AccessDenied
            | Self::Throttled
            | Self::Answered => true,
            // Credentials can be missing before anything is sent; a region can be wrong in the name alone.
            Self::Credentials
            | Self::WrongRegion
            | Self::WorkerTimeout
            | Self::PoolExhausted
            | Self::Proxy
            | Self::DnsTimeout
            | Self::DnsFailure
            | Self::Unreachable
            | Self::ConnectTimeout
            | Self::Timeout
            | Self::ConnectFailed => false,
        }
    }
}

impl Symptom {
    /// As a noun with its article: `a time-out`, `an exhausted connection pool`.
    #[must_use]
    pub fn with_article(self) -> String {
        let noun = self.to_string();
        let article = if noun.starts_with(['a', 'e', 'u']) { "an" } else { "a" };
        format!("{article} {noun}")
    }
}

impl fmt::Display for Symptom {
    /// A noun that takes an `s` for several.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::WorkerTimeout => "worker time-out",
            Self::PoolExhausted => "exhausted connection pool",
            Self::Proxy => "proxy failure",
            Self::DnsTimeout => "DNS time-out",
            Self::DnsFailure => "DNS failure",
            Self::Unreachable => "unreachable network",
            Self::Refused => "refused connection",
            Self::Tls => "TLS failure",
            Self::ConnectTimeout => "connect time-out",
            Self::ReadTimeout => "read time-out",
            Self::Reset => "reset connection",
            Self::WrongRegion => "wrong region",
            Self::ClockSkew => "clock skew",
            Self::Credentials => "credentials failure",
            Self::AccessDenied => "denied call",
            Self::Throttled => "throttled call",
            Self::Timeout => "time-out",
            Self::ConnectFailed => "failed connection",
            Self::Answered => "answer",
        })
    }
}
