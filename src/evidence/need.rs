//! A destination with the reasons to believe that it is needed.

use std::fmt;

use super::{LogFinding, destination};
use crate::model::{Destination, Snapshot, Workload};

/// A destination somebody needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Where to.
    pub destination: Destination,
    /// Who connects.
    pub caller: Caller,
    /// How we know, strongest first.
    pub evidence: Vec<Evidence>,
}

/// Who connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Caller {
    /// The application: through the connector when egress is VPC.
    Application,
    /// App Runner itself (image pull, log push, secrets as environment): never through the VPC.
    ControlPlane,
}

impl Caller {
    /// The word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::ControlPlane => "control-plane",
        }
    }
}

/// Why a destination is believed to be needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Seen failing in a log.
    Log {
        /// What the lines say.
        symptom: Symptom,
        /// How many lines say it.
        count: usize,
        /// Line number of the first, from 1.
        first_line: usize,
    },
    /// Given by the user (`--to`, or added on the screen).
    Asked,
    /// Named by an environment variable.
    Variable(String),
    /// Injected by App Runner as this variable.
    Secret(String),
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log { symptom, count: 1, first_line } => write!(f, "1 {symptom}, line {first_line}"),
            Self::Log { symptom, count, first_line } => {
                write!(f, "{count} {symptom}s, first in line {first_line}")
            }
            Self::Asked => f.write_str("asked for"),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::Secret(name) => write!(f, "secret injected as {name}"),
        }
    }
}

/// What a log line says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Symptom {
    /// No answer to the first packet: something dropped it.
    ConnectTimeout,
    /// The name did not resolve.
    DnsFailure,
    /// A host answered: nobody listens.
    Refused,
    /// Connected, then silence: not routing.
    ReadTimeout,
    /// Not about the network at all, or not understood.
    Other,
}

impl fmt::Display for Symptom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConnectTimeout => "connect time-out",
            Self::DnsFailure => "DNS failure",
            Self::Refused => "refused connection",
            Self::ReadTimeout => "read time-out",
            Self::Other => "mention",
        })
    }
}

/// Everything the workload is known to need: seen failing first, then asked for, then configured, then what App
/// Runner fetches itself.
#[must_use]
pub fn needs(
    snapshot: &Snapshot,
    workload: &Workload,
    asked: &[Destination],
    log: &[LogFinding],
) -> Vec<Need> {
    let failing = log.iter().map(|found| {
        let evidence =
            Evidence::Log { symptom: found.symptom, count: found.count, first_line: found.first_line };
        (found.destination.clone(), Caller::Application, evidence)
    });
    let asked = asked.iter().map(|wanted| (wanted.clone(), Caller::Application, Evidence::Asked));
    let configured = workload.environment.variables.iter().flat_map(|variable| {
        variable.hosts.iter().filter_map(|host| {
            Some((destination(host).ok()?, Caller::Application, Evidence::Variable(variable.name.clone())))
        })
    });
    let injected = workload.environment.secrets.iter().filter_map(|secret| {
        let host = format!("{}.{}.amazonaws.com", secret.store, snapshot.region);
        Some((destination(&host).ok()?, Caller::ControlPlane, Evidence::Secret(secret.name.clone())))
    });
    let mut needs: Vec<Need> = Vec::new();
    for (destination, caller, evidence) in failing.chain(asked).chain(configured).chain(injected) {
        match needs.iter_mut().find(|need| need.destination == destination && need.caller == caller) {
            Some(need) => need.evidence.push(evidence),
            None => needs.push(Need { destination, caller, evidence: vec![evidence] }),
        }
    }
    needs
}
