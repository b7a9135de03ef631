//! Answers of the destination itself in the log: what each means and what helps, and whether it contradicts a
//! blocked path.
//!
//! Owns only the sentences about answers. `evidence::log` finds the answer in a log line.

use std::collections::BTreeSet;

use crate::evidence::{Evidence, Need, Symptom};
use crate::model::{
    Destination, DestinationKind, Egress, Endpoint, EndpointKind, NatConnectivity, NatGateway, Snapshot,
    SubnetId, VpcId, Workload,
};

/// The answer that a blocked path cannot deliver: the last log line about the destination that shows whether
/// packets arrive is an answer. `None` if the log shows a failed connection after it.
pub(super) fn contradicting_answer(need: &Need) -> Option<(&Evidence, Symptom)> {
    let lines = need.evidence.iter().filter_map(|evidence| {
        let Evidence::Log { symptom, last_line, .. } = evidence else { return None };
        Some((*last_line, evidence, *symptom))
    });
    let deciding = lines.filter(|(_, _, symptom)| symptom.is_answer() || symptom.may_have_network_cause());
    let (_, evidence, symptom) = deciding.max_by_key(|(last_line, _, _)| *last_line)?;
    symptom.is_answer().then_some((evidence, symptom))
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
    let nature = if symptom == Symptom::Answered { "a response" } else { "an answer" };
    format!(
        "It is unknown whether {host} is reachable. The log shows {nature} of {host} ({evidence}), so packets arrived at that \
         time. In the network that was read the path is blocked: {reasons} The answer takes precedence. {NEXT_STEP} {helps}"
    )
    .trim_end()
    .to_owned()
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
                "The rules of the server do not allow the address of this client. Add the address to them: pg_hba.conf for \
                 PostgreSQL, the host of the user for MySQL, else the IP access list. In a VPC the server sees an address of \
                 the connector's subnets. {}",
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

/// A sentence with the public addresses of the NAT gateways, or with the reason why they are unknown.
fn public_addresses(snapshot: &Snapshot, workload: &Workload, introduction: &str) -> String {
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
    match nats.first() {
        Some(nat) => format!(
            "{introduction} the public addresses of NAT gateway {}, which were not read: aws ec2 describe-nat-gateways shows \
             them (PublicIp).",
            nat.id
        ),
        None => "No NAT gateway of the VPC was read. The address is the public address of the NAT gateway or NAT instance that \
                 the packets leave through; this can be in another VPC or account."
            .to_owned(),
    }
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
