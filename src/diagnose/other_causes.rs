//! Other possible causes of timeouts of a reachable destination, each with the metric or the command that
//! confirms it. Lists only what can apply to the path of the finding.

use std::collections::BTreeSet;

use super::answers::nat_addresses;
use super::private_step::decapitalised;
use crate::evidence::{Caller, Evidence, Need, Symptom};
use crate::model::{
    Destination, DestinationKind, Endpoint, EndpointKind, NatGateway, ResourceId, Snapshot, Workload,
    WorkloadKind,
};
use crate::reach::{Trace, Verdict, ViaKind, description_of};
use crate::text::{listed, shell_quote as quote};

/// A possible cause that the trace cannot see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherCause {
    /// The cause and what confirms it, as sentences.
    pub text: String,
    /// The commands that show it. All of them only read.
    pub commands: Vec<String>,
}

/// The possible causes; empty if a subnet does not reach the destination, or if the log shows no timeout.
pub(super) fn other_causes(
    need: &Need,
    traces: &[Trace],
    symptom: Option<Symptom>,
    snapshot: &Snapshot,
    workload: &Workload,
) -> Vec<OtherCause> {
    let mut paths = BTreeSet::new();
    for trace in traces {
        match &trace.verdict {
            Verdict::Reachable(via) => paths.insert((via.kind, via.id.clone())),
            Verdict::Partial { .. } | Verdict::Blocked | Verdict::Unknown => return Vec::new(),
        };
    }
    let Some(symptom) = symptom.filter(|_| need.caller == Caller::Application && !paths.is_empty()) else {
        return Vec::new();
    };
    let path = Path { need, paths, snapshot, workload };
    // A host that replied has no access list that drops packets, and the NAT gateway had a free port.
    // Only read timeouts, resets and errors of the pool come from these two.
    let beside = |what: &'static str| {
        move |cause: OtherCause| match symptom {
            Symptom::Timeout => cause,
            _ => OtherCause {
                text: format!("If the log also shows {what}: {}", decapitalised(&cause.text)),
                ..cause
            },
        }
    };
    match symptom {
        Symptom::ConnectTimeout | Symptom::Timeout | Symptom::ConnectFailed => [
            path.smtp(),
            path.database(),
            path.access_list(),
            path.security_group(),
            path.port_allocation(),
            path.endpoint_drops(),
            path.idle_timeout().map(beside("read timeouts or resets")),
            Some(path.connection_pool()).map(beside("timeouts of the connection pool")),
        ]
        .into_iter()
        .flatten()
        .collect(),
        Symptom::ReadTimeout => [path.idle_timeout(), path.endpoint_drops(), Some(path.connection_pool())]
            .into_iter()
            .flatten()
            .collect(),
        Symptom::Reset => path.idle_timeout().into_iter().collect(),
        Symptom::PoolExhausted => vec![path.connection_pool()],
        _ => Vec::new(),
    }
}

/// The default restriction of AWS on outbound port 25, for a destination on the internet with that port
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-resource-limits.html#port-25-throttle>). AWS documents it for EC2
/// instances, Lambda functions and NAT gateways.
fn smtp_restriction(need: &Need, is_on_internet: bool) -> Option<&'static str> {
    (need.destination.port == SMTP && is_on_internet).then_some(
        "AWS blocks outbound TCP port 25 to the internet by default and drops the packets, whatever the rules of the VPC allow. Use \
         port 587 or 465 of the mail server (Amazon SES also has 2587 and 2465), or request the removal of the restriction from AWS \
         (\"Request to remove email sending limitations\").",
    )
}

/// The restriction on port 25 for a destination that the network allows; `None` for another port.
pub(super) fn warning_about_smtp(need: &Need, traces: &[Trace]) -> Option<&'static str> {
    let is_on_internet = |trace: &Trace| match &trace.verdict {
        Verdict::Reachable(via) => INTERNET.contains(&via.kind),
        Verdict::Partial { .. } | Verdict::Blocked | Verdict::Unknown => false,
    };
    smtp_restriction(need, traces.iter().any(is_on_internet))
}

/// The port of SMTP between mail servers.
const SMTP: u16 = 25;
/// The kinds of paths to the internet.
const INTERNET: [ViaKind; 4] = [ViaKind::Nat, ViaKind::Internet, ViaKind::EgressOnly, ViaKind::DefaultEgress];

/// The paths to one destination, from all subnets.
struct Path<'a> {
    need: &'a Need,
    paths: BTreeSet<(ViaKind, Option<ResourceId>)>,
    snapshot: &'a Snapshot,
    workload: &'a Workload,
}

impl Path<'_> {
    fn ids(&self, kind: ViaKind) -> impl Iterator<Item = &ResourceId> {
        self.paths.iter().filter(move |(other, _)| *other == kind).filter_map(|(_, id)| id.as_ref())
    }

    fn nat_gateways(&self) -> Vec<&NatGateway> {
        let all = &self.snapshot.network.nat_gateways;
        self.ids(ViaKind::Nat)
            .filter_map(|id| all.iter().find(|nat| nat.id.as_str() == id.as_str()))
            .collect()
    }

    fn is_on_internet(&self) -> bool {
        self.paths.iter().any(|(kind, _)| INTERNET.contains(kind))
    }

    /// The addresses that the destination sees, as a sentence, and the command that shows them if they were
    /// not read.
    fn source_addresses(&self) -> (String, Vec<String>) {
        let nats = self.nat_gateways();
        let known: Vec<String> = nats.iter().filter_map(|nat| nat_addresses(nat)).collect();
        let unread: Vec<&str> =
            nats.iter().filter(|nat| nat.public_addresses.is_empty()).map(|nat| nat.id.as_str()).collect();
        let command = (!unread.is_empty()).then(|| {
            let ids: Vec<String> = unread.iter().map(|id| quote(id)).collect();
            self.aws(&format!(
                "ec2 describe-nat-gateways --nat-gateway-ids {} --query 'NatGateways[].NatGatewayAddresses[].PublicIp'",
                ids.join(" ")
            ))
        });
        let mut seen = known;
        if !unread.is_empty() {
            seen.push(format!("the public addresses of {}, which were not read", unread.join(", ")));
        }
        let has = |kind| self.paths.iter().any(|(other, _)| *other == kind);
        if has(ViaKind::DefaultEgress) {
            seen.push("one of many addresses of App Runner, which change".to_owned());
        }
        if has(ViaKind::Internet) || has(ViaKind::EgressOnly) {
            seen.push("the IPv6 or public address of the network interface".to_owned());
        }
        (format!("The destination sees {}.", listed(&seen, "and")), command.into_iter().collect())
    }

    /// The state of a database or cache.
    fn database(&self) -> Option<OtherCause> {
        let Destination { host, kind, .. } = &self.need.destination;
        let description = match kind {
            DestinationKind::AwsVpc(_) => description_of(host),
            DestinationKind::Address(address) => {
                let mut interfaces = self.snapshot.network.network_interfaces.iter();
                let interface = interfaces.find(|interface| interface.addresses.contains(address));
                interface.map(|interface| interface.description.as_str())
            }
            DestinationKind::AwsApi(_)
            | DestinationKind::AwsPublic(_)
            | DestinationKind::ThirdParty { .. } => None,
        }?;
        let commands = if description.starts_with("RDSNetworkInterface") {
            vec![
                self.aws("rds describe-db-instances --query 'DBInstances[].[DBInstanceIdentifier,DBInstanceStatus]'"),
                self.aws(&format!("rds describe-events --start-time {}", self.start())),
            ]
        } else if description.starts_with("ElastiCache") {
            vec![self.aws(&format!("elasticache describe-events --start-time {}", self.start()))]
        } else {
            return None;
        };
        let text = "The server did not accept the connection at that time: it was stopped, restarted or failed over, its storage \
                    was full, or it had its maximum number of connections (metrics DatabaseConnections, FreeStorageSpace, \
                    CurrConnections)."
            .to_owned();
        Some(OtherCause { text, commands })
    }

    /// The default restriction of AWS on port 25.
    fn smtp(&self) -> Option<OtherCause> {
        smtp_restriction(self.need, self.is_on_internet())
            .map(|text| OtherCause { text: text.to_owned(), commands: Vec::new() })
    }

    /// An access list or firewall at a host that is not one of AWS.
    fn access_list(&self) -> Option<OtherCause> {
        let is_foreign = matches!(
            self.need.destination.kind,
            DestinationKind::ThirdParty { .. } | DestinationKind::Address(_)
        );
        if !is_foreign || !self.is_on_internet() {
            return None;
        }
        let (addresses, commands) = self.source_addresses();
        let text = format!(
            "An IP access list or a firewall at the destination drops the packets. {addresses} Compare its list with them."
        );
        Some(OtherCause { text, commands })
    }

    /// The security group of a destination in another VPC: a trace on the internet does not check it.
    fn security_group(&self) -> Option<OtherCause> {
        if !self.is_on_internet() {
            return None;
        }
        let (addresses, mut commands) = self.source_addresses();
        let Destination { host, port, kind } = &self.need.destination;
        match kind {
            DestinationKind::Address(_) => commands.push(self.aws(&format!(
                "ec2 describe-network-interfaces --filters Name=association.public-ip,Values={} --query 'NetworkInterfaces[].Groups[]'",
                quote(host)
            ))),
            DestinationKind::AwsVpc(_) => commands.push(self.aws(
                "ec2 describe-security-group-rules --filters Name=group-id,Values=SECURITY_GROUP_ID",
            )),
            DestinationKind::AwsApi(_) | DestinationKind::AwsPublic(_) | DestinationKind::ThirdParty { .. } => {
                return None;
            }
        }
        let text = format!(
            "The security group of the destination does not allow inbound TCP {port}. {addresses} An inbound rule must contain \
             it."
        );
        Some(OtherCause { text, commands })
    }

    /// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>
    fn port_allocation(&self) -> Option<OtherCause> {
        let nats = self.nat_gateways();
        let ids: Vec<&str> = nats.iter().map(|nat| nat.id.as_str()).collect();
        (!ids.is_empty()).then(|| OtherCause {
            text: format!(
                "{} has no free port: each of its addresses has 55,000 connections at most to one destination. The metric \
                 ErrorPortAllocation is above 0 then.",
                listed(&ids, "or")
            ),
            commands: self.nat_metrics(&ids, "ErrorPortAllocation"),
        })
    }

    /// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>
    fn idle_timeout(&self) -> Option<OtherCause> {
        let nats = self.nat_gateways();
        let ids: Vec<&str> = nats.iter().map(|nat| nat.id.as_str()).collect();
        (!ids.is_empty()).then(|| OtherCause {
            text: format!(
                "The client uses a connection again that was idle for 350 s or more, and {} dropped it. The metric \
                 IdleTimeoutCount is above 0 then. New connections do not have this problem: use TCP keepalive, or a shorter \
                 idle time in the client.",
                listed(&ids, "or")
            ),
            commands: self.nat_metrics(&ids, "IdleTimeoutCount"),
        })
    }

    fn nat_metrics(&self, ids: &[&str], metric: &str) -> Vec<String> {
        let of = |id: &&str| {
            let dimensions = format!("Name=NatGatewayId,Value={}", quote(id));
            self.metric("AWS/NATGateway", metric, &dimensions, "Sum")
        };
        ids.iter().map(of).collect()
    }

    /// <https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-cloudwatch-metrics.html>
    fn endpoint_drops(&self) -> Option<OtherCause> {
        let all = &self.snapshot.network.endpoints;
        let endpoints: Vec<&Endpoint> = self
            .ids(ViaKind::InterfaceEndpoint)
            .filter_map(|id| all.iter().find(|endpoint| endpoint.id.as_str() == id.as_str()))
            .filter(|endpoint| matches!(endpoint.kind, EndpointKind::Interface { .. }))
            .collect();
        let ids: Vec<&str> = endpoints.iter().map(|endpoint| endpoint.id.as_str()).collect();
        let command = |endpoint: &&Endpoint| {
            let dimensions = format!(
                "'Name=Endpoint Type,Value=Interface' {} {} {}",
                quote(&format!("Name=Service Name,Value={}", endpoint.service)),
                quote(&format!("Name=VPC Endpoint Id,Value={}", endpoint.id)),
                quote(&format!("Name=VPC Id,Value={}", endpoint.vpc))
            );
            self.metric("AWS/PrivateLinkEndpoints", "PacketsDropped", &dimensions, "Sum")
        };
        (!endpoints.is_empty()).then(|| OtherCause {
            text: format!(
                "Endpoint {} or its service is unhealthy or overloaded. The metric PacketsDropped rises then.",
                listed(&ids, "or")
            ),
            commands: endpoints.iter().map(command).collect(),
        })
    }

    /// <https://docs.aws.amazon.com/apprunner/latest/dg/monitor-cw.html>
    fn connection_pool(&self) -> OtherCause {
        let mut text = "The connection pool of the client has too few connections for the number of concurrent requests, so \
                        calls wait for a free one."
            .to_owned();
        // `arn:aws:apprunner:us-west-2:111122223333:service/NAME/ID`
        let arn =
            self.workload.id.as_str().rsplit_once(":service/").and_then(|(_, path)| path.split_once('/'));
        let commands = if let Some((name, id)) = arn.filter(|_| self.workload.kind == WorkloadKind::AppRunner)
        {
            text.push_str(
                " Compare the metric Concurrency of the service, divided by ActiveInstances, with the size of the pool.",
            );
            let dimensions =
                format!("Name=ServiceName,Value={} Name=ServiceID,Value={}", quote(name), quote(id));
            let of = |metric: &str| self.metric("AWS/AppRunner", metric, &dimensions, "Maximum");
            vec![of("Concurrency"), of("ActiveInstances")]
        } else {
            text.push_str(
                " Compare the number of concurrent requests of an instance with the size of the pool.",
            );
            Vec::new()
        };
        OtherCause { text, commands }
    }

    fn metric(&self, namespace: &str, metric: &str, dimensions: &str, statistic: &str) -> String {
        self.aws(&format!(
            "cloudwatch get-metric-statistics --namespace {namespace} --metric-name {metric} --dimensions {dimensions} \
             --statistics {statistic} --period 3600 --start-time {} --end-time \"$(date -u +%Y-%m-%dT%H:%M:%SZ)\"",
            self.start()
        ))
    }

    /// The day of the first log line, or the present day.
    fn start(&self) -> String {
        let at = self.need.evidence.iter().find_map(|evidence| match evidence {
            Evidence::Log { first_at, .. } => first_at.as_deref(),
            _ => None,
        });
        let is_day = |day: &&str| {
            day.bytes()
                .enumerate()
                .all(|(at, byte)| if [4, 7].contains(&at) { byte == b'-' } else { byte.is_ascii_digit() })
        };
        match at.and_then(|time| time.get(..10)).filter(is_day) {
            Some(day) => format!("{day}T00:00:00Z"),
            None => "\"$(date -u +%Y-%m-%dT00:00:00Z)\"".to_owned(),
        }
    }

    fn aws(&self, command: &str) -> String {
        format!("aws {command} --region {}", quote(self.snapshot.region.as_str()))
    }
}
