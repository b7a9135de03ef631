//! Limits of the verdicts, and observations that are not the cause.

use super::next_step::{missing_answer, unread};
use super::{Finding, FindingVerdict};
use crate::evidence::{Caller, Need, ResourceName, proxy_for, references, resource_name};
use crate::model::{
    Destination, DestinationKind, DhcpResolver, Egress, ResourceId, ServiceStatus, Snapshot, SubnetId,
    Workload, WorkloadKind, calls_for_arn,
};
use crate::reach::{Code, Trace};

/// Remarks on the state of the service that limits the verdicts.
pub(super) fn remarks(workload: &Workload) -> Vec<String> {
    let mut sentences = Vec::new();
    if workload.kind == WorkloadKind::AppRunner {
        let status = &workload.status;
        sentences.extend(match status {
            ServiceStatus::Running | ServiceStatus::Unspecified | ServiceStatus::NotRead => None,
            ServiceStatus::OperationInProgress => Some(
                "An operation is in progress on the service. Its settings can change when the operation ends; App Runner \
                 rejects other changes until then."
                    .to_owned(),
            ),
            ServiceStatus::Paused => Some(
                "The service is PAUSED and does not run. The verdicts apply after it is resumed.".to_owned(),
            ),
            _ => Some(format!(
                "The service is {status} and does not run. The verdicts show what its network configuration allows."
            )),
        });
    }
    if workload.environment.in_repository {
        sentences.push(
            "The service reads its settings from apprunner.yaml in its repository. The App Runner API does not return that \
             file, so the destinations in it are unknown."
                .to_owned(),
        );
    }
    sentences
}

/// The remark on hosts that are judged on the direct path although the settings send them through a proxy, because the log shows them.
pub(super) fn remark_on_proxy(workload: &Workload, findings: &[Finding]) -> Option<String> {
    let direct: Vec<(&Finding, Destination)> = findings
        .iter()
        .filter(|finding| finding.verdict() == FindingVerdict::Blocked)
        .filter_map(|finding| Some((finding, proxy_for(workload, &finding.need.destination)?.0)))
        .collect();
    let (_, Destination { host, port, .. }) = direct.first()?;
    let names: Vec<String> = direct.iter().map(|(finding, _)| finding.need.name()).collect();
    let verb = if names.len() == 1 { "is" } else { "are" };
    Some(format!(
        "The settings name the proxy {host}, port {port}. {} {verb} judged on the direct path, because the log shows a failure without \
         the proxy. A client that uses the proxy needs only the path to {host}.",
        names.join(", ")
    ))
}

/// The remark that Route 53 Resolver rules can forward names, if the account has an outbound endpoint for such rules and the rules of
/// the service's VPC were not read
/// (<https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-vpc-to-network.html>).
pub(super) fn remark_on_resolver(
    snapshot: &Snapshot,
    subnets: &[SubnetId],
    findings: &[Finding],
) -> Option<String> {
    let network = &snapshot.network;
    let mut vpcs = subnets.iter().filter_map(|id| network.vpcs.get(&network.subnets.get(id)?.vpc));
    let is_unread = vpcs.any(|vpc| vpc.dns.resolver == DhcpResolver::Amazon && vpc.resolver_rules.is_empty());
    let is_name = |finding: &Finding| {
        finding.need.caller == Caller::Application
            && !matches!(finding.need.destination.kind, DestinationKind::Address(_))
    };
    if !is_unread || !findings.iter().any(is_name) {
        return None;
    }
    // `Route 53 Resolver: rslvr-out-0a1b2c3d:rni-0a1b2c3d`
    let endpoint = network.network_interfaces.iter().find_map(|interface| {
        let ids = interface.description.strip_prefix("Route 53 Resolver: ")?;
        let id = ids.split(':').next().filter(|id| id.starts_with("rslvr-out-"))?;
        Some((id, &interface.vpc))
    });
    endpoint.map(|(id, vpc)| {
        format!(
            "{vpc} has the outbound Route 53 Resolver endpoint {id}. The Resolver rules were not read. If a rule forwards the name of a \
             destination, other DNS servers resolve it, and its verdict can be wrong. List the rules with aws route53resolver \
             list-resolver-rules."
        )
    })
}

/// Observations that users often mistake for the cause, or that seem to contradict the verdict.
pub(super) fn not_the_cause(workload: &Workload, findings: &[Finding]) -> Vec<String> {
    let failing: Vec<&Finding> = findings
        .iter()
        .filter(|finding| matches!(finding.verdict(), FindingVerdict::Blocked | FindingVerdict::Intermittent))
        .collect();
    if failing.is_empty() || !matches!(workload.egress, Egress::Vpc(_)) {
        return Vec::new();
    }
    let mut sentences = Vec::new();
    if let Some((name, finding)) = failing
        .iter()
        .find_map(|finding| identity_provider(&finding.need.destination.kind).map(|name| (name, *finding)))
    {
        sentences.push(format!(
            "The sign-in page of {name} opens because the browser of the user loads it. Calls of this service to {name} {}.",
            blocked(finding)
        ));
    }
    let failing_service =
        |service: &str| failing.iter().copied().find(|finding| aws_service(finding) == Some(service));
    let of_store = workload.environment.secrets.iter().find_map(|secret| failing_service(&secret.store));
    if let Some(finding) = of_store {
        sentences.push(format!(
            "Secrets set as environment variables work because App Runner fetches them outside the VPC. Calls of the application to {} \
             use the VPC and {}.",
            finding.need.destination,
            blocked(finding)
        ));
    }
    if failing_service("bedrock-runtime").or(failing_service("bedrock")).is_some() {
        sentences.push(
            "The Bedrock client can be \"initialised\" because creating a client sends no request."
                .to_owned(),
        );
    }
    if failing
        .iter()
        .flat_map(|finding| &finding.traces)
        .flat_map(Trace::blockers)
        .any(|(_, code)| code == Code::IgwPublicIpAssociationForEgress)
    {
        sentences.push(
            "The subnet setting \"auto-assign public IPv4 address\" does not apply to the network interfaces of a connector."
                .to_owned(),
        );
    }
    sentences
}

/// The end of a sentence about calls to this destination.
fn blocked(finding: &Finding) -> &'static str {
    match finding.verdict() {
        FindingVerdict::Intermittent => "are blocked from some subnets",
        _ => "are blocked",
    }
}

fn aws_service(finding: &Finding) -> Option<&str> {
    finding.need.destination.aws().and_then(|aws| aws.service.as_deref())
}

/// The name of a third party that users log in with.
fn identity_provider(kind: &DestinationKind) -> Option<&str> {
    match kind {
        DestinationKind::ThirdParty { name: Some(name) } if ["Okta", "Auth0"].contains(&name.as_str()) => {
            Some(name)
        }
        _ => None,
    }
}

/// Remarks on permissions of the instance role for hosts whose names the role does not show.
#[must_use]
pub fn remarks_on_role(workload: &Workload, needs: &[Need]) -> Vec<String> {
    let permits = workload.environment.permits.iter().flatten();
    let incomplete = permits.filter_map(|permit| Some((permit, permit.host.strip_prefix('*')?)));
    let unknown = incomplete
        .filter(|(_, suffix)| !needs.iter().any(|need| need.destination.host.ends_with(suffix)))
        .map(|(permit, suffix)| {
            format!(
                "The instance role allows {}. It does not show which host with a name that ends in {suffix} the application \
                 calls: add it with --to HOST:PORT to test it.",
                permit.action
            )
        });
    unknown.collect()
}

/// Remarks on ARNs in the settings whose resource was not read, so that its host names are unknown.
#[must_use]
pub fn remarks_on_references(snapshot: &Snapshot, workload: &Workload) -> Vec<String> {
    let is_unread = |(_, arn): &(&str, &ResourceId)| {
        snapshot.network.resource_of_arn(arn).is_none_or(|resource| resource.hosts.is_empty())
    };
    let sentence = |(variable, arn): (&str, &ResourceId)| {
        let ResourceName { kind, name, command } = resource_name(arn.as_str())?;
        let calls = calls_for_arn(arn.as_str());
        let missing = calls.iter().find(|call| snapshot.gap(**call).is_some());
        let step = missing
            .map(|call| missing_answer(snapshot, *call, arn))
            .or_else(|| calls.iter().find_map(|call| unread(snapshot, *call)));
        let why = match (step, calls.first().and_then(|call| call.iam_action())) {
            (Some(step), _) => format!(" {step} Or give"),
            (None, Some(action)) => {
                format!(
                    " The answer of {action} has no host name of it: another account or Region can own it. Give"
                )
            }
            (None, None) => " Give".to_owned(),
        };
        Some(format!(
            "Environment variable {variable} contains the ARN of {name} ({kind}). It is unknown whether it is reachable, because its host \
             name was not read.{why} it with --to HOST:PORT; {command} shows it."
        ))
    };
    references(workload).filter(is_unread).filter_map(sentence).collect()
}
