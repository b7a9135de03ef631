//! Answers of the destination itself in the log: what each means and what helps, and whether it contradicts a
//! blocked path.
//!
//! Owns only the sentences about answers. `evidence::log` finds the answer in a log line.

use std::collections::BTreeSet;

use crate::evidence::{Evidence, Need, Symptom};
use crate::model::{
    Call, Destination, DestinationKind, Egress, Endpoint, EndpointKind, NatConnectivity, NatGateway,
    Snapshot, SubnetId, VpcId, Workload,
};

/// The answer that a blocked path cannot deliver: the last log line about the destination that shows whether
/// packets arrive is an answer. `None` if the log shows a failed connection after it.
pub(super) fn contradicting_answer(need: &Need) -> Option<(&Evidence, Symptom)> {
    let lines = need.evidence.iter().filter_map(|evidence| {
        let Evidence::Log { symptom, last_line, .. } = evidence else { return None };
        Some((*last_line, evidence, *symptom))
    });
    // A host that sends a certificate or refuses the connection replied too.
    let is_answer =
        |symptom: Symptom| symptom.is_answer() || matches!(symptom, Symptom::Tls | Symptom::Refused);
    let deciding = lines.filter(|(_, _, symptom)| is_answer(*symptom) || symptom.may_have_network_cause());
    let (_, evidence, symptom) = deciding.max_by_key(|(last_line, _, _)| *last_line)?;
    is_answer(symptom).then_some((evidence, symptom))
}

/// What decides between an answer in the log and a blocked path.
pub(super) const NEXT_STEP: &str = "Read the account again: the network may have changed after the log line. If the path is still \
                                    blocked, give a newer log of this service with --log FILE.";

/// The explanation of a destination that answered although the trace finds it blocked.
pub(super) fn disagreement(
    need: &Need,
    (evidence, symptom): (&Evidence, Symptom),
    reasons: &str,
    helps: &str,
) -> String {
    let host = need.name();
    let nature = match symptom {
        Symptom::Answered => "a response",
        Symptom::Refused | Symptom::Tls => "a reply",
        _ => "an answer",
    };
    format!(
        "The log shows {nature} of {host} ({evidence}), so packets arrived at that time. The network that was read blocks the path: \
         {reasons} One of the two is out of date, so it is unknown whether {host} is reachable. {NEXT_STEP} {helps}"
    )
    .trim_end()
    .to_owned()
}

/// The explanation of a destination that answered, or from which a host replied, although the network does not show whether it
/// is reachable. `open` are the sentences about what is unknown.
pub(super) fn answered_but_unknown(
    need: &Need,
    (evidence, symptom): (&Evidence, Symptom),
    helps: &str,
    open: &str,
) -> String {
    let host = need.name();
    let fact = match symptom {
        Symptom::Answered => format!("The log shows a response of {host}"),
        answer if answer.is_answer() => format!("The log shows an answer of {host}"),
        _ => format!("The log shows that a host replied for {host}"),
    };
    let fact =
        format!("{fact} ({evidence}), so packets arrived at that time: the network was not the cause then.");
    [fact.as_str(), helps, open].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A reply to the attempt to connect: a host refused it, or ended the TLS handshake.
pub(super) fn reply(need: &Need) -> Option<(&Evidence, Symptom)> {
    let is_reply = |symptom: Symptom| matches!(symptom, Symptom::Refused | Symptom::Tls);
    let has_other = need.evidence.iter().filter_map(Evidence::symptom).any(Symptom::may_have_network_cause);
    let evidence = need.evidence.iter().find(|evidence| evidence.symptom().is_some_and(is_reply))?;
    Some((evidence, evidence.symptom()?)).filter(|_| !has_other)
}

/// What an answer means and what helps, as whole sentences; `None` if the symptom is not such an answer.
pub(super) fn what_helps(symptom: Symptom, snapshot: &Snapshot, workload: &Workload) -> Option<String> {
    let text = match symptom {
        // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
        Symptom::TlsRequired => {
            "The server accepts only connections with TLS (RDS for PostgreSQL 15 and later sets rds.force_ssl = 1). Turn on \
             TLS in the client: sslmode=require for PostgreSQL, ssl-mode=REQUIRED for MySQL. A network change does not help."
        }
        Symptom::NotAllowed => {
            return Some(format!(
                "The rules of the server do not allow the address of this client. The line often contains the address that the \
                 server saw: add it to the rules (for example pg_hba.conf of PostgreSQL, the host of a MySQL user, the firewall of \
                 Azure SQL, the network policy of Snowflake). In a VPC the server sees an address of the connector's subnets. {}",
                public_addresses(snapshot, workload, "On the internet it sees")
            ));
        }
        Symptom::AtlasAccessList => {
            return Some(format!(
                "The path is open. MongoDB Atlas ends the TLS handshake with alert 80 (internal error) if the IP access list \
                 of the Atlas project does not contain the address of the caller. {} With a VPC peering connection or a \
                 private endpoint Atlas sees a private address instead.",
                public_addresses(snapshot, workload, "Add to that list")
            ));
        }
        // https://dev.mysql.com/doc/refman/8.0/en/host-cache.html
        Symptom::HostBlocked => {
            "MySQL blocks the address of this client after too many broken connections (max_connect_errors). Run FLUSH HOSTS, \
             or TRUNCATE TABLE performance_schema.host_cache. Then find what breaks the connections: health checks without \
             a login, TLS errors, timeouts. A network change does not help."
        }
        Symptom::ConnectionLimit => {
            "The server has its maximum number of connections. Limit the connection pool of each instance, raise the limit \
             (max_connections, maxclients), or use RDS Proxy. A network change does not help."
        }
        Symptom::NoDatabase => {
            "The server has no database of this name. Check the database name in the settings. A network change does not \
             help."
        }
        // https://docs.aws.amazon.com/apprunner/latest/dg/env-variable-manage.html
        Symptom::Credentials => {
            "The server rejects the user name, password, token or key. Check them in the settings of the service. App Runner \
             reads a secret only when it deploys: after a rotation, deploy again. A network change does not help."
        }
        Symptom::NotReady => {
            "The server starts, stops or recovers. Check its status and its events. A network change does not help."
        }
        _ => return None,
    };
    Some(text.to_owned())
}

/// What helps after a reply of a host that the network does not explain; empty after a successful response.
pub(super) fn after_reply(symptom: Symptom, need: &Need, snapshot: &Snapshot, workload: &Workload) -> String {
    match symptom {
        Symptom::Answered => String::new(),
        Symptom::Refused => {
            "Check the port, and whether the server listens on it at that address.".to_owned()
        }
        Symptom::Tls => "Check the certificate, the host name and any proxy on the path.".to_owned(),
        Symptom::AccessDenied => after_denial(&need.destination).to_owned(),
        answer => what_helps(answer, snapshot, workload).unwrap_or_default(),
    }
}

/// A sentence with the public addresses of the NAT gateways, or with the reason why they are unknown.
pub(super) fn public_addresses(snapshot: &Snapshot, workload: &Workload, introduction: &str) -> String {
    if workload.egress == Egress::Default {
        return "With DEFAULT egress the address is one of many addresses of App Runner, and it changes: an access list needs \
                VPC egress through a NAT gateway."
            .to_owned();
    }
    let vpcs = vpcs(snapshot, workload);
    let is_public =
        |nat: &&NatGateway| vpcs.contains(&nat.vpc) && nat.connectivity == NatConnectivity::Public;
    let nats: Vec<&NatGateway> = snapshot.network.nat_gateways.iter().filter(is_public).collect();
    let known: Vec<String> = nats.iter().filter_map(|nat| nat_addresses(nat)).collect();
    if !known.is_empty() {
        return format!("{introduction}: {}.", known.join(", "));
    }
    if let Some(nat) = nats.first() {
        return format!(
            "{introduction} the public addresses of NAT gateway {}, which were not read: aws ec2 describe-nat-gateways shows \
             them (PublicIp).",
            nat.id
        );
    }
    let nats = match snapshot.gap(Call::DescribeNatGateways) {
        Some(_) => "The NAT gateways of the VPC were not read.",
        None => "The VPC has no public NAT gateway.",
    };
    format!(
        "{nats} The address is the public address of the NAT gateway or NAT instance that the packets leave through; this can be in \
         another VPC or account."
    )
}

/// The public addresses of a NAT gateway with its id; `None` if they were not read.
pub(super) fn nat_addresses(nat: &NatGateway) -> Option<String> {
    let addresses: Vec<String> = nat.public_addresses.iter().map(ToString::to_string).collect();
    (!addresses.is_empty()).then(|| format!("{} (NAT gateway {})", addresses.join(", "), nat.id))
}

/// The VPCs of the workload's subnets.
pub(super) fn vpcs(snapshot: &Snapshot, workload: &Workload) -> BTreeSet<VpcId> {
    let network = &snapshot.network;
    let subnets: &[SubnetId] = match &workload.egress {
        Egress::Vpc(arn) => network.connectors.get(arn).map_or(&[], |connector| &connector.subnets),
        Egress::Direct { subnets, .. } => subnets,
        _ => &[],
    };
    subnets.iter().filter_map(|id| network.subnets.get(id)).map(|subnet| subnet.vpc.clone()).collect()
}

/// The interface endpoint with private DNS that answers the name of an `execute-api` destination: it serves
/// only private APIs
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html>).
pub(super) fn capturing_endpoint<'a>(
    need: &Need,
    snapshot: &'a Snapshot,
    workload: &Workload,
) -> Option<&'a Endpoint> {
    let aws = need.destination.aws()?;
    if !need.destination.host.contains(EXECUTE_API) || aws.region.as_ref() != Some(&snapshot.region) {
        return None;
    }
    let vpcs = vpcs(snapshot, workload);
    let is_capturing = |endpoint: &&Endpoint| {
        vpcs.contains(&endpoint.vpc)
            && endpoint.service.ends_with(".execute-api")
            && matches!(endpoint.kind, EndpointKind::Interface { .. })
            && endpoint.answers_names()
    };
    snapshot.network.endpoints.iter().find(is_capturing)
}

/// The part of the default names of API Gateway APIs.
const EXECUTE_API: &str = ".execute-api.";

/// What to check after an answer that denies the call.
pub(super) fn after_denial(destination: &Destination) -> &'static str {
    match destination.kind {
        // https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
        DestinationKind::AwsApi(_) if destination.host.contains(EXECUTE_API) => {
            "The API or a component before it denies the call: check the API key, the authorizer, the resource policy of the API \
             and AWS WAF, and with IAM authorization the policies of the instance role."
        }
        DestinationKind::AwsApi(_) => {
            "A policy denies the call: check the policies of the instance role, the endpoint, the bucket or key, and the \
             organization."
        }
        DestinationKind::AwsVpc(_)
        | DestinationKind::AwsPublic(_)
        | DestinationKind::Address(_)
        | DestinationKind::ThirdParty { .. } => {
            "The destination denies the call: check the key, token or account that the service uses there, and whether the \
             destination allows only certain IP addresses."
        }
    }
}

/// The warning about that endpoint, as sentences.
pub(super) fn execute_api_endpoint(
    need: &Need,
    snapshot: &Snapshot,
    workload: &Workload,
    symptom: Option<Symptom>,
) -> Option<String> {
    let id = &capturing_endpoint(need, snapshot, workload)?.id;
    let start = if symptom == Some(Symptom::AccessDenied) {
        format!(
            "The first suspect for the 403 is {id}, an interface endpoint for execute-api with private DNS"
        )
    } else {
        format!("Warning: {id} is an interface endpoint for execute-api with private DNS")
    };
    Some(format!(
        "{start}. In this VPC it receives the calls to the default names of all APIs of {}, and it serves private APIs only: \
         a public API answers 403 Forbidden here. Solutions: call the public API by a custom domain name, turn off private DNS \
         of {id}, or make the API private and allow {id} in its resource policy.",
        snapshot.region
    ))
}
