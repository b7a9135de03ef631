//! The destinations that a workload needs, each with its caller and the evidence.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::net::IpAddr;

use strum::IntoStaticStr;

use super::catalogue::{distinct_names, short_name};
use super::host::destination;
use super::{LogFinding, Query, ResolvedHost, Symptom};
use super::{global_s3, proxy};
use crate::model::{
    Destination, DestinationKind, Environment, Region, ResourceHost, ResourceId, Snapshot, Workload,
    WorkloadKind,
};

/// A destination that the workload needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Host and port.
    pub destination: Destination,
    /// The source of the calls.
    pub caller: Caller,
    /// The evidence that it is needed, the strongest first.
    pub evidence: Vec<Evidence>,
    /// Addresses that the log shows for the host.
    pub addresses: Vec<IpAddr>,
    /// The answer of this machine's resolver, if it says something about the destination.
    pub resolved: Option<ResolvedHost>,
    /// Whether another need has the same host and another port, so that names show the port.
    pub shows_port: bool,
    /// The name of [`distinct_names`] if it is not the short name: `S3 bond-uploads-prod`.
    pub own_name: Option<String>,
}

impl Need {
    /// The host; with the port if another need has the same host and another port.
    #[must_use]
    pub fn name(&self) -> String {
        let Destination { host, port, .. } = &self.destination;
        match &self.destination.kind {
            _ if !self.shows_port => host.clone(),
            DestinationKind::Address(IpAddr::V6(_)) => format!("[{host}]:{port}"),
            _ => format!("{host}:{port}"),
        }
    }

    /// The destination as in a list: with the port unless it is 443, or if another need has the same host and another port.
    #[must_use]
    pub fn label(&self) -> String {
        if self.shows_port { self.name() } else { self.destination.to_string() }
    }

    /// As [`distinct_names`]; with the port if another need has the same host and another port.
    #[must_use]
    pub fn short_name(&self, region: &Region) -> String {
        let own = || short_name(&self.destination, region);
        let (short, host) = (self.own_name.clone().unwrap_or_else(own), self.destination.to_string());
        match short == host {
            true if self.shows_port => self.name(),
            false if self.shows_port => format!("{short}:{}", self.destination.port),
            _ => short,
        }
    }
}

/// The source of the calls to a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Caller {
    /// The application: through the connector if egress is VPC.
    Application,
    /// App Runner itself (image pull, log push, secrets as environment variables): never through the VPC.
    ControlPlane,
}

impl Caller {
    /// The value in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// Evidence that a destination is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// A log line contains it.
    Log {
        /// The symptom in the log lines.
        symptom: Symptom,
        /// Number of occurrences.
        count: usize,
        /// Number of the first line, from 1.
        first_line: usize,
        /// Number of the last line.
        last_line: usize,
        /// Whether botocore or urllib3 wrote at least one of the lines.
        is_botocore: bool,
        /// Time of the first line, as it is in the log.
        first_at: Option<String>,
    },
    /// A log line from before the fix of the destination contains it.
    BeforeFix {
        /// The symptom in the log lines.
        symptom: Symptom,
        /// Number of occurrences.
        count: usize,
    },
    /// The user requested it (`--to`, or added on the screen).
    Requested,
    /// This environment variable contains its host name.
    Variable(String),
    /// This environment variable or secret contains the ARN of a resource, which has the host name.
    Reference {
        /// The variable's name.
        variable: String,
        /// The resource: `orders (DB cluster, aurora-postgresql)`.
        resource: String,
    },
    /// The instance role allows this action.
    Role(String),
    /// App Runner fetches it for this environment variable.
    Secret(String),
    /// This machine's resolver gives these addresses for it.
    Resolved(ResolvedHost),
    /// App Runner makes this call for every service: `image pull`.
    Platform(&'static str),
}

impl Evidence {
    /// The symptom in the log lines; `None` if it is not from the log.
    #[must_use]
    pub fn symptom(&self) -> Option<Symptom> {
        match self {
            Self::Log { symptom, .. } => Some(*symptom),
            Self::BeforeFix { .. }
            | Self::Requested
            | Self::Variable(_)
            | Self::Reference { .. }
            | Self::Role(_)
            | Self::Secret(_)
            | Self::Resolved(_)
            | Self::Platform(_) => None,
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log { symptom, count, first_line, first_at, .. } => {
                let plural = if *count == 1 { "" } else { "s" };
                write!(f, "{count} {symptom}{plural}, ")?;
                match first_at.as_deref().map(time_of_day) {
                    Some(time) => write!(f, "first {time}, line {first_line}"),
                    None if *count == 1 => write!(f, "line {first_line}"),
                    None => write!(f, "first in line {first_line}"),
                }
            }
            Self::BeforeFix { symptom, count } => {
                let plural = if *count == 1 { "" } else { "s" };
                write!(f, "{count} {symptom}{plural} before the fix")
            }
            Self::Requested => f.write_str("requested"),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::Reference { variable, resource } => {
                write!(f, "environment variable {variable} contains the ARN of {resource}")
            }
            Self::Role(action) => write!(f, "the instance role allows {action}"),
            Self::Secret(name) => write!(f, "secret in environment variable {name}"),
            Self::Resolved(answer) => write!(f, "{answer}"),
            Self::Platform(purpose) => f.write_str(purpose),
        }
    }
}

/// `10:02:11` of `2026-11-20T10:02:11`.
fn time_of_day(time: &str) -> &str {
    time.rsplit('T').next().unwrap_or(time)
}

/// The destinations that the workload needs. Order: failures in the log, requested destinations, other log
/// lines, environment variables, permissions of the instance role, calls of App Runner itself.
#[must_use]
pub fn needs(snapshot: &Snapshot, workload: &Workload, query: &Query) -> Vec<Need> {
    let mut needs = Needs::default();
    let log = query.findings();
    let in_log =
        |failed: bool| log.iter().filter(move |entry| entry.symptom.may_have_network_cause() == failed);
    in_log(true).for_each(|entry| needs.add_log_finding(entry, workload));
    query.requested.iter().for_each(|host| needs.add(host, Caller::Application, Evidence::Requested));
    in_log(false).for_each(|entry| needs.add_log_finding(entry, workload));
    if query.infer {
        needs.add_settings(snapshot, workload);
        if workload.kind == WorkloadKind::AppRunner {
            needs.add_platform_calls(snapshot, workload);
        }
    }
    needs.use_known_ports(snapshot);
    needs.use_bucket_regions(snapshot);
    needs.add_resolved(&query.resolved);
    needs.0.retain(|need| !query.hidden.contains(&need.destination));
    needs.mark_old_log_lines(&query.fixed);
    needs.show_ports();
    needs.name_apart(&snapshot.region);
    needs.0
}

/// Maximum number of hosts that are resolved for one service.
const HOSTS: usize = 50;

/// The hosts whose address decides a verdict: hosts in a VPC, and hosts of third parties, whose name can be an alias of one. The
/// addresses of AWS's own APIs are in the snapshot.
#[must_use]
pub fn hosts_to_resolve(needs: &[Need]) -> Vec<String> {
    let mut hosts: Vec<String> = Vec::new();
    let is_wanted = |need: &&Need| {
        let is_open =
            matches!(need.destination.kind, DestinationKind::AwsVpc(_) | DestinationKind::ThirdParty { .. });
        is_open && need.caller == Caller::Application && need.addresses.is_empty() && need.resolved.is_none()
    };
    for need in needs.iter().filter(is_wanted) {
        if !hosts.contains(&need.destination.host) && hosts.len() < HOSTS {
            hosts.push(need.destination.host.clone());
        }
    }
    hosts
}

#[derive(Default)]
struct Needs(Vec<Need>);

impl Needs {
    /// The lines of the log about destinations that were fixed after the log show no present failure.
    fn mark_old_log_lines(&mut self, fixed: &[Destination]) {
        let needs = self.0.iter_mut().filter(|need| fixed.contains(&need.destination));
        for need in needs {
            let mut all: Vec<Evidence> = Vec::new();
            for evidence in std::mem::take(&mut need.evidence) {
                let Evidence::Log { symptom, count, .. } = evidence else {
                    all.push(evidence);
                    continue;
                };
                // The lines of one failure are one fact.
                let known = all.iter_mut().find_map(|one| match one {
                    Evidence::BeforeFix { symptom: other, count } if *other == symptom => Some(count),
                    _ => None,
                });
                match known {
                    Some(known) => *known += count,
                    None => all.push(Evidence::BeforeFix { symptom, count }),
                }
            }
            need.evidence = all;
        }
    }

    /// The answers of this machine's resolver.
    fn add_resolved(&mut self, answers: &[ResolvedHost]) {
        for need in &mut self.0 {
            if need.caller != Caller::Application {
                continue;
            }
            if let Some(answer) = answers.iter().find(|answer| answer.is_evidence_for(&need.destination)) {
                need.evidence.push(Evidence::Resolved(answer.clone()));
                need.resolved = Some(answer.clone());
            }
        }
    }

    fn show_ports(&mut self) {
        let mut ports: HashMap<String, BTreeSet<u16>> = HashMap::new();
        for need in &self.0 {
            ports.entry(need.destination.host.clone()).or_default().insert(need.destination.port);
        }
        for need in &mut self.0 {
            need.shows_port = ports.get(&need.destination.host).is_some_and(|ports| ports.len() > 1);
        }
    }

    fn name_apart(&mut self, region: &Region) {
        let destinations: Vec<&Destination> = self.0.iter().map(|need| &need.destination).collect();
        let names = distinct_names(&destinations, region);
        for (need, name) in self.0.iter_mut().zip(names) {
            need.own_name = Some(name).filter(|name| *name != short_name(&need.destination, region));
        }
    }

    /// A destination without a port has the port 443. If the host is a resource that listens on another port, that
    /// port is meant.
    fn use_known_ports(&mut self, snapshot: &Snapshot) {
        for need in std::mem::take(&mut self.0) {
            let host = snapshot.network.resource_of(&need.destination.host);
            let port = host.and_then(|resource| resource.host(&need.destination.host)?.port);
            let destination = match port {
                Some(port) if need.destination.port == 443 => {
                    Destination { port, ..need.destination.clone() }
                }
                _ => need.destination.clone(),
            };
            for evidence in &need.evidence {
                self.add(&destination, need.caller, evidence.clone());
            }
            let own = |own: &&mut Need| own.destination == destination && own.caller == need.caller;
            if let Some(own) = self.0.iter_mut().find(own) {
                own.addresses.extend(
                    need.addresses
                        .iter()
                        .filter(|address| !own.addresses.contains(address))
                        .copied()
                        .collect::<Vec<_>>(),
                );
            }
        }
    }

    /// Adds what is known about the regions of global S3 names.
    fn use_bucket_regions(&mut self, snapshot: &Snapshot) {
        let kind = |need: &Need| {
            let same = self.0.iter().filter(|other| other.destination.host == need.destination.host);
            let addresses: Vec<IpAddr> = same.flat_map(|other| other.addresses.iter().copied()).collect();
            global_s3::kind(snapshot, &need.destination, &addresses)
        };
        let kinds: Vec<Option<DestinationKind>> =
            self.0.iter().map(|need| kind(need).filter(|_| need.caller == Caller::Application)).collect();
        for (need, kind) in self.0.iter_mut().zip(kinds) {
            need.destination.kind = kind.unwrap_or_else(|| need.destination.kind.clone());
        }
    }

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
                resolved: None,
                shows_port: false,
                own_name: None,
            }),
        }
    }

    fn add_log_finding(&mut self, entry: &LogFinding, workload: &Workload) {
        // A name without a valid region cannot be reached. `diagnose` explains it in a remark.
        let destination = proxy::destination_of(entry, workload).filter(|_| !entry.has_invalid_region());
        let Some(destination) = &destination else { return };
        let evidence = Evidence::Log {
            symptom: entry.symptom,
            count: entry.count,
            first_line: entry.first_line,
            last_line: entry.last_line,
            is_botocore: entry.is_botocore,
            first_at: entry.first_at.clone(),
        };
        self.add(destination, Caller::Application, evidence);
        let same = |need: &&mut Need| need.destination == *destination && need.caller == Caller::Application;
        if let Some(need) = self.0.iter_mut().find(same) {
            let new = entry.addresses.iter().filter(|address| !need.addresses.contains(address));
            let new: Vec<IpAddr> = new.copied().collect();
            need.addresses.extend(new);
        }
    }

    /// Environment variables, permissions of the instance role, and secrets.
    fn add_settings(&mut self, snapshot: &Snapshot, workload: &Workload) {
        let environment = &workload.environment;
        for variable in &environment.variables {
            for host in variable.hosts.iter().filter_map(|host| destination(host).ok()) {
                self.add(&host, Caller::Application, Evidence::Variable(variable.name.clone()));
            }
        }
        for (variable, arn) in references(workload) {
            let Some(resource) = snapshot.network.resource_of_arn(arn) else { continue };
            let port = |host: &ResourceHost| host.port.map_or(String::new(), |port| format!(":{port}"));
            let host = resource.hosts.first().map(|host| format!("{}{}", host.name, port(host)));
            if let Some(host) = host.and_then(|host| destination(&host).ok()) {
                let (variable, resource) = (variable.to_owned(), resource.described_by(arn));
                self.add(&host, Caller::Application, Evidence::Reference { variable, resource });
            }
        }
        for permit in environment.permits.iter().flatten() {
            // If the evidence already contains a bucket, the general host of S3 adds nothing.
            let is_covered =
                |need: &Need| need.caller == Caller::Application && is_same_service(need, &permit.host);
            if let Some(host) = destination(&permit.host).ok().filter(|_| !self.0.iter().any(is_covered)) {
                self.add(&host, Caller::Application, Evidence::Role(permit.action.clone()));
            }
        }
        for secret in &environment.secrets {
            let region = secret.region.as_ref().unwrap_or(&snapshot.region);
            if let Ok(host) = destination(&format!("{}.{region}.amazonaws.com", secret.store)) {
                self.add(&host, Caller::ControlPlane, Evidence::Secret(secret.name.clone()));
            }
        }
    }

    /// The calls of App Runner itself: image pull and log push.
    fn add_platform_calls(&mut self, snapshot: &Snapshot, workload: &Workload) {
        let registry = workload.environment.image_registry.iter().filter_map(|host| destination(host).ok());
        let logs = destination(&format!("logs.{}.amazonaws.com", snapshot.region)).ok();
        let calls = registry.map(|host| (host, "image pull")).chain(logs.map(|host| (host, "log push")));
        for (host, purpose) in calls {
            self.add(&host, Caller::ControlPlane, Evidence::Platform(purpose));
        }
    }
}

/// The ARNs of resources in the settings of a workload, each with the name of its variable.
pub fn references(workload: &Workload) -> impl Iterator<Item = (&str, &ResourceId)> {
    let Environment { variables, secrets, .. } = &workload.environment;
    let in_variables = variables
        .iter()
        .flat_map(|variable| variable.resources.iter().map(move |arn| (variable.name.as_str(), arn)));
    let of_secrets =
        secrets.iter().filter_map(|secret| secret.rds_secret.as_ref().map(|arn| (secret.name.as_str(), arn)));
    in_variables.chain(of_secrets)
}

/// Whether a need and a host have the same endpoint service.
fn is_same_service(need: &Need, host: &str) -> bool {
    let service = |destination: &Destination| destination.endpoint().map(|offer| offer.service_name.clone());
    destination(host)
        .is_ok_and(|host| service(&host).is_some() && service(&host) == service(&need.destination))
}
