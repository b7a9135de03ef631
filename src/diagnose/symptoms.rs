//! What a log's symptom means beside a verdict: whether they fit, and what could explain it when they do not.

use std::net::IpAddr;

use crate::evidence::{Area, Evidence, LogFinding, Need, Symptom};
use crate::model::PUBLIC;
use crate::reach::{Trace, Verdict, ViaKind};

/// The symptom that tells most about a need.
pub(super) fn seen(need: &Need) -> Option<Symptom> {
    need.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Log { symptom, .. } => Some(*symptom),
        Evidence::Requested
        | Evidence::Variable(_)
        | Evidence::Role(_)
        | Evidence::Secret(_)
        | Evidence::Platform(_) => None,
    })
}

/// What the log's symptom means when the destination is blocked; empty without a log line.
#[must_use]
pub fn symptom_fits(need: &Need) -> String {
    let Some(symptom) = seen(need) else { return String::new() };
    let but = answered_too(need).map_or(String::new(), |when| {
        format!(
            " Yet it answered as well ({when}), which a blocked path never does: the network changed in between, or some \
             lines are another service's."
        )
    });
    format!("{}{but}", beside_a_block(symptom))
}

/// How often and where the log says that a host answered, when that is not the first thing it says of it.
pub(super) fn answered_too(need: &Need) -> Option<String> {
    let answer = need
        .evidence
        .iter()
        .find(|evidence| matches!(evidence, Evidence::Log { symptom: Symptom::Answered, .. }));
    answer.filter(|_| seen(need) != Some(Symptom::Answered)).map(ToString::to_string)
}

fn beside_a_block(symptom: Symptom) -> &'static str {
    match symptom {
        Symptom::ConnectTimeout => {
            "A connect time-out is what a dropped packet looks like; botocore waits 60 s, three times by default, about \
             3 minutes for one call."
        }
        Symptom::Timeout => {
            "A time-out fits a dropped packet, though the log does not say that it was the connection's."
        }
        Symptom::ConnectFailed => {
            "The log says that no connection was made, which fits; it does not say whether packets were lost or the name did \
             not resolve."
        }
        Symptom::Unreachable => "The log says that there is no way to the address, which fits.",
        Symptom::DnsFailure => "The log shows a DNS failure, so the name did not even resolve.",
        Symptom::DnsTimeout => {
            "The log shows that the resolver gave no answer: the name did not even resolve."
        }
        Symptom::Proxy => {
            "The log shows a proxy that was not reached or refused: calls go by the proxy, and its own way out decides."
        }
        Symptom::Refused => {
            "The log shows a refused connection, which a dropped packet never gives: something else answered then."
        }
        Symptom::ReadTimeout => {
            "The log shows a read time-out, after a connection was made: the network changed since, or another host is \
             meant."
        }
        Symptom::Reset => {
            "The log shows a connection that was made and then ended: the network changed since, or another host is meant."
        }
        Symptom::Tls => {
            "The log shows a TLS failure, so something answered then: the network changed since, or a proxy or another host \
             is meant."
        }
        Symptom::AccessDenied | Symptom::Throttled | Symptom::ClockSkew | Symptom::WrongRegion => {
            "The log shows an answer of the service itself, which a blocked path never gives: the network changed since, or \
             the line is another service's."
        }
        Symptom::Credentials => {
            "The log shows a failure of credentials, which says nothing about the network: they can be missing before \
             anything is sent."
        }
        Symptom::Answered => {
            "The log shows that it answered, which a blocked path never does: the network changed since, or the line is \
             another service's."
        }
        Symptom::WorkerTimeout | Symptom::PoolExhausted => {
            "The application itself gave up waiting, which is what a blocked call behind it looks like."
        }
    }
}

/// What could explain a symptom although the destination is reachable.
pub(super) fn though_reachable(symptom: Symptom) -> &'static str {
    match symptom {
        Symptom::ConnectTimeout | Symptom::Unreachable | Symptom::ConnectFailed | Symptom::Timeout => {
            "look at when the line was written and at what changed since, at what answers there (a firewall or an allow-list \
             at the far end drops packets as well), and whether the line is this service's."
        }
        Symptom::DnsFailure | Symptom::DnsTimeout => {
            "the name may not exist, a private hosted zone or a DNS Firewall may answer for it, or more than 1,024 look-ups a \
             second were dropped."
        }
        Symptom::Refused => "the path is open and nothing listens on that port, or the port is another one.",
        Symptom::ReadTimeout => {
            "the connection was made, so routes are right: the far end was slow, or a NAT gateway or firewall dropped a \
             connection that was idle (a NAT gateway after 350 s)."
        }
        Symptom::Reset => {
            "the connection was made and the other side ended it: a NAT gateway ends what is idle for 350 s, and servers \
             close kept connections."
        }
        Symptom::Tls => "packets arrive: the certificate, the name or a proxy in between decides.",
        Symptom::Proxy => "the proxy that the application is told to use decides, not this path.",
        Symptom::AccessDenied => {
            "packets arrive and the service answers: policies decide (the instance role, the endpoint's policy, the bucket's \
             or key's policy, an organisation's)."
        }
        Symptom::Credentials => "packets are not what is missing: the credentials are.",
        Symptom::ClockSkew => {
            "packets arrive and the service answers: the clock, or a request that waited too long, is wrong."
        }
        Symptom::Throttled => "packets arrive and the service answers: too many calls.",
        Symptom::WrongRegion => "packets arrive, and AWS says that another region is the right one.",
        Symptom::WorkerTimeout | Symptom::PoolExhausted => {
            "the application itself waited too long for something."
        }
        Symptom::Answered => "",
    }
}

/// Where the addresses that the log saw and the model's answer differ: private DNS was on or off then.
pub(super) fn addresses_differ(need: &Need, traces: &[Trace]) -> Option<String> {
    if need.addresses.is_empty() {
        return None;
    }
    let by_endpoint = traces.iter().any(
        |trace| matches!(&trace.verdict, Verdict::Reachable(via) if via.kind == ViaKind::InterfaceEndpoint),
    );
    let is_public = |address: &IpAddr| PUBLIC.contains(*address);
    let shown = need.addresses.iter().take(3).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let aws = need.destination.endpoint().is_some_and(|offer| offer.interface);
    if by_endpoint && need.addresses.iter().all(is_public) {
        return Some(format!(
            "In the log the name had public addresses ({shown}): when that was written no interface endpoint answered it."
        ));
    }
    (aws && !by_endpoint && !need.addresses.iter().any(is_public)).then(|| {
        format!("In the log the name had private addresses ({shown}): when that was written an interface endpoint answered it.")
    })
}

/// What a log tells that is about no destination: what failed without a host, and what only looks like the network.
#[must_use]
pub fn remarks_on_log(log: &[LogFinding]) -> Vec<String> {
    log.iter().filter_map(remark).collect()
}

fn remark(found: &LogFinding) -> Option<String> {
    let many = if found.count == 1 { "once".to_owned() } else { format!("{} times", found.count) };
    let place = format!("{many}, first in line {}", found.first_line);
    if let Some(host) = found.host.as_ref().filter(|_| found.has_invalid_region()) {
        let what = if host.contains("..") { "holds no region" } else { "holds a region that does not exist" };
        return Some(format!(
            "The log calls {host} ({place}), a name that {what}: set the region (AWS_REGION), no network change helps."
        ));
    }
    if found.destination.is_some() {
        return None;
    }
    let symptom = found.symptom;
    let what = symptom.with_article();
    if let Some(host) = &found.host {
        return Some(format!(
            "The log tells of {what} at {host} ({place}): that is the instance itself, no network decides about it."
        ));
    }
    Some(match symptom.area() {
        Area::Path | Area::Dns => format!(
            "The log tells of {what} without a host ({place}): give the lines around it, or name the host, to have it \
             tested."
        ),
        Area::Application => format!(
            "The log tells of {what} ({place}): something that the application waited for did not answer in time; which \
             one the log does not say."
        ),
        Area::RemoteHost => {
            format!(
                "The log tells of {what} without a host ({place}): some connection was made, so this one is not routing."
            )
        }
        Area::Api => {
            format!(
                "The log tells of {what} ({place}): that is decided above the network, no network change helps."
            )
        }
    })
}
