//! A destination with the reasons to believe that it is needed.

use std::fmt;
use std::net::IpAddr;

use super::{LogFinding, Symptom, destination};
use crate::model::{Destination, Snapshot, Workload, WorkloadKind};

/// What the user brings along: a log, destinations, and what not to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Destinations asked for.
    pub requested: Vec<Destination>,
    /// What the log says.
    pub log: Vec<LogFinding>,
    /// Destinations that do not matter.
    pub hidden: Vec<Destination>,
    /// Whether the service's settings count too, or only what was asked and what the log says.
    pub infer: bool,
}

impl Default for Query {
    fn default() -> Self {
        Self { requested: Vec::new(), log: Vec::new(), hidden: Vec::new(), infer: true }
    }
}

impl Query {
    /// About what a log says, and what is configured.
    #[must_use]
    pub fn with_log(log: Vec<LogFinding>) -> Self {
        Self { log, ..Self::default() }
    }

    /// About these destinations alone.
    #[must_use]
    pub fn for_destinations(requested: impl Into<Vec<Destination>>) -> Self {
        Self { requested: requested.into(), infer: false, ..Self::default() }
    }
}

/// A destination somebody needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Where to.
    pub destination: Destination,
    /// Who connects.
    pub caller: Caller,
    /// How we know, strongest first.
    pub evidence: Vec<Evidence>,
    /// Addresses that the log saw the name have.
    pub addresses: Vec<IpAddr>,
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
    /// Seen in a log.
    Log {
        /// What the lines say.
        symptom: Symptom,
        /// How often.
        count: usize,
        /// Line number of the first, from 1.
        first_line: usize,
        /// When the first was written, as the log says it.
        first_at: Option<String>,
    },
    /// Given by the user (`--to`, or added on the screen).
    Requested,
    /// Named by an environment variable.
    Variable(String),
    /// Permitted to the instance role: this action.
    Role(String),
    /// Injected by App Runner as this variable.
    Secret(String),
    /// What App Runner does for every service, in words: `image pull`.
    Platform(&'static str),
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log { symptom, count, first_line, first_at } => {
                let many = if *count == 1 { "" } else { "s" };
                write!(f, "{count} {symptom}{many}, ")?;
                match first_at.as_deref().map(time_of_day) {
                    Some(time) => write!(f, "first {time}, line {first_line}"),
                    None if *count == 1 => write!(f, "line {first_line}"),
                    None => write!(f, "first in line {first_line}"),
                }
            }
            Self::Requested => f.write_str("asked for"),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::Role(action) => write!(f, "the instance role may {action}"),
            Self::Secret(name) => write!(f, "secret injected as {name}"),
            Self::Platform(what) => f.write_str(what),
        }
    }
}

/// `10:02:11` of `2026-11-20T10:02:11`.
fn time_of_day(time: &str) -> &str {
    time.rsplit('T').next().unwrap_or(time)
}

/// Everything the workload is known to need: seen failing first, then asked for, then seen otherwise, then configured, then
/// what it may call, then what App Runner fetches itself.
#[must_use]
pub fn needs(snapshot: &Snapshot, workload: &Workload, query: &Query) -> Vec<Need> {
    let mut needs = Needs::default();
    let seen = |failing: bool| {
        query.log.iter().filter(move |found| found.symptom.may_have_network_cause() == failing)
    };
    seen(true).for_each(|found| needs.seen(found));
    query.requested.iter().for_each(|wanted| needs.add(wanted, Caller::Application, Evidence::Requested));
    seen(false).for_each(|found| needs.seen(found));
    if query.infer {
        for variable in &workload.environment.variables {
            for wanted in variable.hosts.iter().filter_map(|host| destination(host).ok()) {
                needs.add(&wanted, Caller::Application, Evidence::Variable(variable.name.clone()));
            }
        }
        for permit in workload.environment.permits.iter().flatten() {
            // A bucket that is configured stands for S3.
            let is_told =
                |need: &Need| need.caller == Caller::Application && same_service(need, &permit.host);
            if let Some(wanted) = destination(&permit.host).ok().filter(|_| !needs.0.iter().any(is_told)) {
                needs.add(&wanted, Caller::Application, Evidence::Role(permit.action.clone()));
            }
        }
        for secret in &workload.environment.secrets {
            let region = secret.region.as_ref().unwrap_or(&snapshot.region);
            let host = format!("{}.{region}.amazonaws.com", secret.store);
            if let Ok(wanted) = destination(&host) {
                needs.add(&wanted, Caller::ControlPlane, Evidence::Secret(secret.name.clone()));
            }
        }
    }
    if query.infer && workload.kind == WorkloadKind::AppRunner {
        let registry = workload.environment.image_registry.iter().filter_map(|host| destination(host).ok());
        let logs = destination(&format!("logs.{}.amazonaws.com", snapshot.region)).ok();
        for (wanted, what) in
            registry.map(|host| (host, "image pull")).chain(logs.map(|host| (host, "log push")))
        {
            needs.add(&wanted, Caller::ControlPlane, Evidence::Platform(what));
        }
    }
    needs.0.retain(|need| !query.hidden.contains(&need.destination));
    needs.0
}

/// Whether a need is of the very service that a host belongs to.
fn same_service(need: &Need, host: &str) -> bool {
    let offer = |wanted: &Destination| wanted.endpoint().map(|offer| offer.service_name.clone());
    destination(host)
        .is_ok_and(|wanted| offer(&wanted).is_some() && offer(&wanted) == offer(&need.destination))
}

#[derive(Default)]
struct Needs(Vec<Need>);

impl Needs {
    fn add(&mut self, destination: &Destination, caller: Caller, evidence: Evidence) {
        let same = |need: &&mut Need| need.destination == *destination && need.caller == caller;
        match self.0.iter_mut().find(same) {
            Some(need) if need.evidence.contains(&evidence) => {}
            Some(need) => need.evidence.push(evidence),
            None => self.0.push(Need {
                destination: destination.clone(),
                caller,
                evidence: vec![evidence],
                addresses: Vec::new(),
            }),
        }
    }

    fn seen(&mut self, found: &LogFinding) {
        // A name without a region, or with one that does not exist, is a matter of its own: nothing is there to reach.
        let Some(wanted) = found.destination.as_ref().filter(|_| !found.has_invalid_region()) else { return };
        let evidence = Evidence::Log {
            symptom: found.symptom,
            count: found.count,
            first_line: found.first_line,
            first_at: found.first_at.clone(),
        };
        self.add(wanted, Caller::Application, evidence);
        let same = |need: &&mut Need| need.destination == *wanted && need.caller == Caller::Application;
        if let Some(need) = self.0.iter_mut().find(same) {
            let new = found.addresses.iter().filter(|address| !need.addresses.contains(address));
            let new: Vec<IpAddr> = new.copied().collect();
            need.addresses.extend(new);
        }
    }
}
