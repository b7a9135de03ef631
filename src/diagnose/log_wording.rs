//! The meaning of a symptom in a log: for a destination with a verdict, and for a log line without a
//! destination.
//!
//! Owns only the sentences about symptoms. `evidence::log` finds the symptom of a log line.

use std::net::IpAddr;

use super::{answers, endpoint_policy};
use crate::evidence::{Area, Evidence, LogFinding, Need, Symptom, missing_proxy};
use crate::model::{Destination, NamedResourceKind, PUBLIC, Snapshot, Workload};
use crate::reach::{Trace, Verdict, ViaKind};

/// The symptom of the first log evidence of a need. Symptoms with a possible network cause come first.
pub(super) fn main_symptom(need: &Need) -> Option<Symptom> {
    need.evidence.iter().find_map(Evidence::symptom)
}

/// The meaning of the log line of a blocked destination; empty without a log line.
#[must_use]
pub fn meaning_of_log_line(need: &Need) -> String {
    let Some(symptom) = main_symptom(need) else { return String::new() };
    let responses = additional_responses(need).map_or(String::new(), |responses| {
        format!(
            " The log also shows {responses}, and a blocked path delivers no response. Either the network changed in \
             between, or some lines are from another service."
        )
    });
    let botocore = if symptom == Symptom::ConnectTimeout && is_botocore(need) {
        format!(" {BOTOCORE}")
    } else {
        String::new()
    };
    format!("{}{botocore}{responses}", meaning_if_blocked(symptom))
}

/// The retries of botocore with its defaults
/// (<https://docs.aws.amazon.com/boto3/latest/guide/retries.html>).
const BOTOCORE: &str = "With its defaults, botocore waits 60 s for each of 3 to 5 attempts (DynamoDB: up to 10), so one call can \
                        take several minutes.";

/// Whether botocore wrote the log line. urllib3 writes the same lines for botocore and for other clients; of
/// these only botocore calls AWS.
fn is_botocore(need: &Need) -> bool {
    let is_log = |evidence: &Evidence| {
        matches!(evidence, Evidence::Log { symptom: Symptom::ConnectTimeout, is_botocore: true, .. })
    };
    need.destination.aws().is_some() && need.evidence.iter().any(is_log)
}

/// The number and line of successful responses, if the log also shows another symptom for this destination.
pub(super) fn additional_responses(need: &Need) -> Option<String> {
    let response = need
        .evidence
        .iter()
        .find(|evidence| matches!(evidence, Evidence::Log { symptom: Symptom::Answered, .. }));
    response.filter(|_| main_symptom(need) != Some(Symptom::Answered)).map(ToString::to_string)
}

fn meaning_if_blocked(symptom: Symptom) -> &'static str {
    match symptom {
        Symptom::ConnectTimeout => "A connect timeout means that no reply arrived.",
        Symptom::Timeout => {
            "Dropped packets cause a timeout. The log does not show whether the connection or the response timed out."
        }
        Symptom::ConnectFailed => {
            "The log shows a failed connection. A blocked path can cause it. The log does not show whether packets \
             were dropped or the name was not resolved."
        }
        Symptom::Unreachable => "The log shows a network unreachable error. A blocked path can cause it.",
        Symptom::DnsFailure => {
            "The log shows a DNS failure: the name was not resolved, so the client did not connect. The blocked path is a second \
             problem, because the VPC resolver needs no route. Solve the DNS failure too: check whether the name exists, and whether \
             a private hosted zone or a DNS Firewall rule answers for it."
        }
        Symptom::DnsTimeout => {
            "The log shows a DNS timeout: the resolver sent no reply, so the client did not connect. The VPC resolver needs no route. \
             DNS servers in the DHCP options, and the servers to which a Resolver rule forwards, do: check them first."
        }
        Symptom::Proxy => {
            "The log shows a proxy failure: the application connects through this proxy, so all calls through it fail."
        }
        Symptom::Refused => {
            "The log shows a connection refused error, which a dropped packet cannot cause: another host replied at that time."
        }
        Symptom::ReadTimeout => {
            "The log shows a read timeout, so a connection existed. Either the network changed after that line, or the line \
             is about another host."
        }
        Symptom::Reset => {
            "The log shows a connection reset, so a connection existed. Either the network changed after that line, or the \
             line is about another host."
        }
        Symptom::Tls => {
            "The log shows a TLS failure, so a host replied. Either the network changed after that line, or a proxy or another \
             host replied."
        }
        Symptom::EndpointPolicy
        | Symptom::AccessDenied
        | Symptom::Throttled
        | Symptom::ClockSkew
        | Symptom::WrongRegion
        | Symptom::TlsRequired
        | Symptom::AtlasAccessList
        | Symptom::NotAllowed
        | Symptom::HostBlocked
        | Symptom::ConnectionLimit
        | Symptom::NoDatabase
        | Symptom::NotReady
        | Symptom::Credentials => {
            "The log shows a response from the service itself, and a blocked path delivers no response. Either the network \
             changed after that line, or the line is from another service."
        }
        Symptom::NoCredentials => {
            "The log shows a credentials failure, which does not show whether the network works: credentials can be missing \
             before a request is sent."
        }
        Symptom::Answered => {
            "The log shows a response, and a blocked path delivers no response. Either the network changed after that line, \
             or the line is from another service."
        }
        Symptom::WorkerTimeout => WORKER_TIMEOUT,
        Symptom::PoolExhausted => "The application itself stopped waiting, which a blocked call can cause.",
    }
}

/// Possible reasons for a symptom although the destination is reachable. Whole sentences.
pub(super) fn meaning_if_reachable(
    symptom: Symptom,
    destination: &Destination,
    snapshot: &Snapshot,
    workload: &Workload,
) -> String {
    let text = match symptom {
        Symptom::ConnectTimeout | Symptom::Unreachable | Symptom::ConnectFailed | Symptom::Timeout => {
            "Check when the line was written, what changed since then, and whether the line is from this service."
        }
        // https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
        Symptom::DnsFailure => {
            "Possible reasons: the name does not exist, a private hosted zone or a DNS Firewall rule answers for it, or the \
             VPC resolver dropped queries above 1,024 packets per second."
        }
        Symptom::DnsTimeout => {
            "Possible reasons: the DHCP options name DNS servers that do not reply, a Resolver rule forwards the name to a server that \
             does not reply, or the VPC resolver dropped queries above 1,024 packets per second."
        }
        Symptom::Refused => {
            "The path is open. Nothing listens on that port, or the destination uses another port."
        }
        Symptom::ReadTimeout => {
            "A connection was made, so the routes work. The destination was too slow, or a component on the path dropped an \
             idle connection."
        }
        Symptom::Reset => return reset(destination, snapshot),
        Symptom::Tls => "Packets arrive. Check the certificate, the host name and any proxy on the path.",
        Symptom::Proxy => {
            "The path to the proxy is open. Check the proxy itself: whether it runs, which destinations it allows (403) and the \
             credentials that it requires (407)."
        }
        Symptom::EndpointPolicy => {
            return format!(
                "The service responds, so the network works. {}",
                endpoint_policy::what_helps(Some(destination), snapshot, workload)
            );
        }
        Symptom::AccessDenied => {
            return format!(
                "The service responds, so the network works. {}",
                answers::after_denial(destination)
            );
        }
        Symptom::NoCredentials => {
            "The application has no credentials: check the instance role. The network is not the cause."
        }
        Symptom::Credentials
        | Symptom::TlsRequired
        | Symptom::AtlasAccessList
        | Symptom::NotAllowed
        | Symptom::HostBlocked
        | Symptom::ConnectionLimit
        | Symptom::NoDatabase
        | Symptom::NotReady => {
            return answers::what_helps(symptom, snapshot, workload).unwrap_or_default();
        }
        Symptom::ClockSkew => {
            "The service responds, so the network works. The clock is wrong, or the request waited too long before it was sent."
        }
        Symptom::Throttled => {
            "The service responds, so the network works. The application sends too many calls."
        }
        Symptom::WrongRegion => {
            "The service responds, so the network works. AWS reports that another region is correct."
        }
        Symptom::WorkerTimeout => WORKER_TIMEOUT,
        Symptom::PoolExhausted => POOL,
        Symptom::Answered => "",
    };
    text.to_owned()
}

/// What to check about a failure in the log of a destination that the network allows, as whole sentences.
#[must_use]
pub fn after_reachable_failure(need: &Need, snapshot: &Snapshot, workload: &Workload) -> String {
    let Some(symptom) = main_symptom(need) else { return String::new() };
    let endpoint = answers::execute_api_endpoint(need, snapshot, workload, Some(symptom));
    endpoint
        .filter(|_| symptom == Symptom::AccessDenied)
        .unwrap_or_else(|| meaning_if_reachable(symptom, &need.destination, snapshot, workload))
}

/// The meaning of a reset of a connection to a reachable destination. A cache closes connections without TLS if it requires TLS
/// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html>).
fn reset(destination: &Destination, snapshot: &Snapshot) -> String {
    let cache = snapshot.network.resource_of(&destination.host).filter(|resource| {
        let caches = [
            NamedResourceKind::CacheCluster,
            NamedResourceKind::ReplicationGroup,
            NamedResourceKind::ServerlessCache,
        ];
        resource.requires_tls == Some(true) && caches.contains(&resource.kind)
    });
    let closed = "A connection was made, then closed by the other side or by a component on the path.";
    match cache {
        Some(cache) => format!(
            "{closed} {} requires TLS and closes connections without it: check first that the client uses TLS (rediss:// or its \
             TLS option). Servers also close idle connections.",
            cache.described()
        ),
        None => format!("{closed} Servers close idle connections."),
    }
}

/// The meaning of a timeout of a worker or of `FastCGI`.
const WORKER_TIMEOUT: &str = "The web server, task runner or proxy of the application ended a worker, request or task at its own time limit \
                              (App Runner: 120 s for a request), which hides the real cause. Set a timeout in the clients of the \
                              application that is shorter than this limit; then the log shows the call that does not return.";

/// The meaning of a call that waited for a connection of the pool. A pool is also empty if no connection can be made.
const POOL: &str = "The call waited for a connection of the client's own pool. Either all connections were in use (too few, not \
                    returned, or a slow server), or the pool could make no connection: then the network, the server or the \
                    credentials are the cause, and an earlier line of the log or a test with --to HOST:PORT shows it.";

/// The meaning of a pool without a connection: `total=0` of Hikari.
const EMPTY_POOL: &str = "The client's own pool had no connection at all (total=0), so it is not too small: no connection to the server \
                          could be made. The network, the name, the server or the credentials are the cause; an earlier line of \
                          the log or a test with --to HOST:PORT shows it.";

/// The meaning of a pool whose connections were all in use, as the line shows.
const FULL_POOL: &str = "All connections of the client's own pool were in use: the pool has too few connections, the application does \
                         not return them, or the server answers too slowly.";

/// Texts of pools that are full.
const FULL: &[&str] =
    &["QueuePool limit", "exhausted", "MaxConnections", "at capacity", "too many", "pool limit", "is full"];

/// The meaning of a failure of a pool, as far as its lines prove it. Hikari writes the numbers of all and of the used
/// connections: `total=10, active=10`.
fn meaning_of_pool(finding: &LogFinding) -> &'static str {
    let number = |text: &str, key: &str| {
        let (_, rest) = text.split_once(key)?;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<usize>().ok()
    };
    let lines = || finding.samples.iter().map(|(_, text)| text.as_str());
    let is_full = |text: &str| {
        let total = number(text, "total=");
        FULL.iter().any(|words| text.to_ascii_lowercase().contains(&words.to_ascii_lowercase()))
            || total.is_some() && total == number(text, "active=")
    };
    match () {
        () if lines().any(|text| number(text, "total=") == Some(0)) => EMPTY_POOL,
        () if lines().all(is_full) => FULL_POOL,
        () => POOL,
    }
}

/// A sentence if the addresses in the log differ from those of the trace: private DNS was on or off at that
/// time.
pub(super) fn address_difference(need: &Need, traces: &[Trace]) -> Option<String> {
    if need.addresses.is_empty() {
        return None;
    }
    let through_endpoint = traces.iter().any(
        |trace| matches!(&trace.verdict, Verdict::Reachable(via) if via.kind == ViaKind::InterfaceEndpoint),
    );
    let is_public = |address: &IpAddr| PUBLIC.contains(*address);
    let shown = need.addresses.iter().take(3).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let has_endpoint_service = need.destination.endpoint().is_some_and(|offer| offer.interface);
    if through_endpoint && need.addresses.iter().all(is_public) {
        return Some(format!(
            "In the log the name has public IPs ({shown}): no interface endpoint resolved it at that time."
        ));
    }
    (has_endpoint_service && !through_endpoint && !need.addresses.iter().any(is_public)).then(|| {
        format!(
            "In the log the name has private IPs ({shown}): an interface endpoint resolved it at that time."
        )
    })
}

/// Remarks on log lines that have no destination to test, and on failures that the network does not cause.
#[must_use]
pub fn remarks_on_log(snapshot: &Snapshot, workload: &Workload, log: &[LogFinding]) -> Vec<String> {
    log.iter().filter_map(|finding| remark(snapshot, workload, finding)).collect()
}

fn remark(snapshot: &Snapshot, workload: &Workload, finding: &LogFinding) -> Option<String> {
    let place = match finding.count {
        1 => format!("line {}", finding.first_line),
        count => format!("{count} times, first in line {}", finding.first_line),
    };
    if let Some(host) = finding.host.as_ref().filter(|_| finding.has_invalid_region()) {
        let fault = if host.contains("..") { "has no region" } else { "has a region that does not exist" };
        return Some(format!(
            "The log shows the host name {host} ({place}), which {fault}. Set the region (AWS_REGION); a network change does \
             not help."
        ));
    }
    if finding.proxy.is_some() {
        return missing_proxy(finding, workload, &place);
    }
    let symptom = finding.symptom.with_article();
    if let Some(region) = &finding.correct_region {
        return Some(format!(
            "The log shows {symptom} ({place}): AWS answered that {region} is correct. Set the region of the client to {region}. \
             The server answered, so the network is not the cause."
        ));
    }
    if finding.destination.is_some() {
        return None;
    }
    if let Some(host) = &finding.host {
        return Some(format!(
            "The log shows {symptom} at {host} ({place}). That is a process of the instance itself, so the path to it is not the cause. \
             The process can be stopped, or can wait for a call to another host."
        ));
    }
    if finding.symptom == Symptom::WorkerTimeout {
        return Some(format!("The log shows {symptom} ({place}). {WORKER_TIMEOUT}"));
    }
    if finding.symptom == Symptom::PoolExhausted {
        return Some(format!("The log shows {symptom} ({place}). {}", meaning_of_pool(finding)));
    }
    let helps = match finding.symptom {
        Symptom::EndpointPolicy => Some(endpoint_policy::what_helps(None, snapshot, workload)),
        symptom => answers::what_helps(symptom, snapshot, workload),
    };
    if let Some(helps) = helps {
        return Some(format!(
            "The log shows {symptom} ({place}): the server answered, so the network is not the cause. {helps}"
        ));
    }
    Some(match finding.symptom.area() {
        Area::Path | Area::Dns => {
            // The drivers for Atlas name the access list after every failure to find a server.
            let lists = ["whitelist", "access list"];
            let names_list =
                finding.samples.iter().any(|(_, text)| lists.iter().any(|list| text.contains(list)));
            let list = if names_list {
                let addresses = answers::public_addresses(snapshot, workload, "For the IP access list");
                format!(" The line names the IP access list of the server as a possible cause. {addresses}")
            } else {
                String::new()
            };
            format!(
                "The log shows {symptom} without a host name ({place}). Add the lines around it, or add the destination, to test \
                 it.{list}"
            )
        }
        Area::Application => format!(
            "The log shows {symptom} ({place}): the application waited too long. The log does not show for what."
        ),
        Area::RemoteHost => format!(
            "The log shows {symptom} without a host name ({place}). A host replied, so routing is not the cause."
        ),
        Area::Api if let Some(denial) = &finding.denial => format!(
            "The log shows {symptom} ({place}): {denial}. This is a permission, not the network: a network change does not help against \
             this line."
        ),
        Area::Api => format!(
            "The log shows {symptom} ({place}). The network is not the cause of this line, and a network change does not help against it."
        ),
    })
}
