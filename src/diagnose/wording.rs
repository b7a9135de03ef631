//! Every sentence that explains a verdict: fact, then cause. No advice.

use super::symptoms::{addresses_differ, answered_too, seen, symptom_fits, though_reachable};
use super::{Cause, Coverage, Finding, FindingVerdict};
use crate::evidence::{Caller, Need, Symptom};
use crate::model::{
    DestinationKind, Egress, ResourceId, RouteTarget, ServiceStatus, Snapshot, Workload, WorkloadKind,
};
use crate::reach::{Code, Layer, Trace, Verdict};

/// One line over everything.
pub(super) fn headline(findings: &[Finding], causes: &[Cause], subnets: usize) -> String {
    let application: Vec<&Finding> =
        findings.iter().filter(|finding| finding.need.caller == Caller::Application).collect();
    let count = |wanted| application.iter().filter(|finding| finding.verdict() == wanted).count();
    let (blocked, intermittent) = (count(FindingVerdict::Blocked), count(FindingVerdict::Intermittent));
    let unknown = count(FindingVerdict::Unknown);
    let total = application.len();
    if total == 0 {
        return "No destination to test: give a log line, or add a host.".to_owned();
    }
    if blocked + intermittent == 0 && unknown == 0 {
        return format!("{} reachable.", all_of(total));
    }
    if blocked + intermittent == 0 {
        return format!("Nothing is known to be blocked, but {unknown} of {total} cannot be decided.");
    }
    let mut parts = Vec::new();
    if blocked > 0 {
        let from = if subnets > 1 { " from every subnet" } else { "" };
        parts.push(format!("{blocked} of {} blocked{from}", destinations(total)));
    }
    if intermittent > 0 {
        parts.push(format!("{intermittent} of {} intermittent", destinations(total)));
    }
    if unknown > 0 {
        parts.push(format!("{unknown} cannot be decided"));
    }
    let kinds: std::collections::BTreeSet<Code> = causes.iter().map(|cause| cause.code).collect();
    let reason = match kinds.len() {
        1 => format!(": {}.", why(causes)),
        n => format!(". {n} kinds of cause."),
    };
    format!("{}{reason}", parts.join(", "))
}

fn why(causes: &[Cause]) -> &'static str {
    causes.first().map_or("not known", |cause| code_in_words(cause.code))
}

fn all_of(total: usize) -> String {
    match total {
        1 => "The one destination is".to_owned(),
        _ => format!("All {total} destinations are"),
    }
}

fn destinations(total: usize) -> String {
    match total {
        1 => "1 destination".to_owned(),
        _ => format!("{total} destinations"),
    }
}

/// A finding in words.
pub(super) fn explanation(need: &Need, traces: &[Trace], coverage: &Coverage) -> String {
    let host = &need.destination.host;
    if need.caller == Caller::ControlPlane {
        let what = need.evidence.first().map_or(String::new(), |evidence| format!(" ({evidence})"));
        return format!(
            "App Runner itself calls {host}{what}, outside the VPC. That this works says nothing about the application's own \
             calls."
        );
    }
    match coverage {
        Coverage::All => {
            let via = traces.iter().find_map(|trace| match &trace.verdict {
                Verdict::Reachable(via) => Some(via),
                _ => None,
            });
            let way = via.map_or(String::new(), |via| match &via.id {
                Some(id) => format!(" by {} {id}", via.kind.word()),
                None => format!(" by {}", via.kind.word()),
            });
            let differ = addresses_differ(need, traces).map_or(String::new(), |text| format!(" {text}"));
            match seen(need) {
                None => format!("{host} is reachable{way}."),
                Some(Symptom::Answered) => format!("{host} is reachable{way}, as the log shows too."),
                Some(symptom) => {
                    let but = if symptom.may_have_network_cause() {
                        ", yet the log shows"
                    } else {
                        "; the log shows"
                    };
                    let what = symptom.with_article();
                    let mixed = answered_too(need)
                        .map_or(String::new(), |when| format!(" It answered as well ({when})."));
                    format!(
                        "{host} is reachable{way}{but} {what}: {}{mixed}{differ}",
                        though_reachable(symptom)
                    )
                }
            }
        }
        Coverage::None => {
            format!("{} {}", first_blocker(host, traces), symptom_fits(need)).trim_end().to_owned()
        }
        Coverage::Some { working, broken } => {
            let list = |ids: &[crate::model::SubnetId]| {
                ids.iter().map(crate::model::SubnetId::as_str).collect::<Vec<_>>().join(", ")
            };
            let partly = traces.iter().find_map(|trace| match &trace.verdict {
                Verdict::Partial { stopped } => Some(stopped),
                _ => None,
            });
            let what = match partly {
                Some(stopped) if traces.iter().all(|trace| trace.verdict != Verdict::Blocked) => {
                    format!("{host} fails at some of its addresses ({stopped}) from {}", list(broken))
                }
                _ => format!("{host} fails from {}", list(broken)),
            };
            let open = traces.iter().filter(|trace| trace.verdict == Verdict::Unknown);
            let open: Vec<_> = open.filter_map(|trace| trace.subnet.clone()).collect();
            let mut rest = Vec::new();
            if !working.is_empty() {
                rest.push(format!("it works from {}", list(working)));
            }
            if !open.is_empty() {
                rest.push(format!("from {} it cannot be told", list(&open)));
            }
            let is_open = |trace: &Trace| {
                matches!(trace.verdict, Verdict::Partial { .. }) && trace.unknowns().count() > 0
            };
            if traces.iter().any(is_open) {
                rest.push("whether the other addresses are reached cannot be told".to_owned());
            }
            let rest: String = rest.iter().map(|part| format!("; {part}")).collect();
            let why = if traces.len() > 1 && partly.is_none() {
                " App Runner spreads instances over all connector subnets, so it looks random."
            } else if partly.is_some() {
                " Which address a call gets changes from one look-up to the next, so it looks random."
            } else {
                ""
            };
            format!("{what}{rest}.{why}")
        }
        Coverage::Unknown => {
            let why = traces.iter().flat_map(Trace::unknowns).next();
            let why = why.map_or(String::new(), |(hop, missing)| {
                let action = missing.and_then(crate::model::Call::iam_action);
                let needs = action.map_or(String::new(), |action| format!(" It takes {action}."));
                format!(": {}.{needs}", hop.rule)
            });
            format!("Whether {host} is reachable cannot be told{why}")
        }
    }
}

fn first_blocker(host: &str, traces: &[Trace]) -> String {
    let Some((hop, code)) = traces.iter().flat_map(Trace::blockers).next() else {
        return format!("{host} is not reachable.");
    };
    let more = traces.iter().map(|trace| trace.blockers().count()).max().unwrap_or(1);
    let others = match more {
        0 | 1 => String::new(),
        2 => " One more rule would stop it after that.".to_owned(),
        n => format!(" {} more rules would stop it after that.", n - 1),
    };
    format!("{host} is not reachable: {} ({}).{others}", hop.rule, code_in_words(code))
}

/// A cause in two sentences.
pub(super) fn cause(snapshot: &Snapshot, cause: &Cause, names: &[String], subnets: usize) -> String {
    let from = match cause.subnets.len() {
        0 => String::new(),
        n if n == subnets => " from every connector subnet".to_owned(),
        n => format!(" from {n} of {subnets} connector subnets"),
    };
    let hosts = match names {
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, two, three] => format!("{one}, {two} and {three}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
        [] => "nothing".to_owned(),
    };
    let component = &cause.component;
    let what = match cause.code {
        Code::NoRouteToDestination => {
            let only_local =
                if only_local(snapshot, component) { ": it leads only to the VPC itself" } else { "" };
            format!("Route table {component} has no route for {hosts}{from}{only_local}")
        }
        Code::EgressNotInVpc => {
            format!("The service's {} and so cannot reach {hosts}", code_in_words(cause.code))
        }
        _ => format!("{component}: {}. That stops {hosts}{from}", code_in_words(cause.code)),
    };
    let so = match (cause.layer, cause.code) {
        (_, Code::SourceHasNoIpv6) => "Calls over IPv6 fail at once",
        (Layer::Dns, _) => "Every name fails to resolve, so calls fail at once",
        (_, Code::EgressNotInVpc) => "The name resolves to an address that the internet does not carry",
        _ => "Packets are dropped without an answer, so the client waits until its time-out and tries again",
    };
    format!("{what}. {so}.")
}

fn only_local(snapshot: &Snapshot, component: &ResourceId) -> bool {
    snapshot
        .network
        .route_tables
        .iter()
        .find(|table| table.id.as_str() == component.as_str())
        .is_some_and(|table| table.routes.iter().all(|route| route.target == RouteTarget::Local))
}

/// A code as a clause.
#[must_use]
pub fn code_in_words(code: Code) -> &'static str {
    match code {
        Code::NoRouteToDestination => "no route leads there",
        Code::BadStateRoute => "the route that wins is a blackhole",
        Code::BadState => "it is not in a working state",
        Code::BadStateAttachment => "the internet gateway is not attached to this VPC",
        Code::IgwPublicIpAssociationForEgress => {
            "a public subnet is no way out: connector interfaces have no public address"
        }
        Code::EniSgRulesMismatch => "no outbound rule of the security groups allows it",
        Code::SgHasNoRules => "the security groups have no outbound rules",
        Code::SubnetAclRestriction => "a network ACL denies the request or its reply",
        Code::NgwRequiresSourceInVpc => "the NAT gateway belongs to another VPC",
        Code::RegionalNgwRouteAzRestriction => "the regional NAT gateway is not in this zone",
        Code::VpcBlockPublicAccessEnabled => "VPC Block Public Access stops internet traffic",
        Code::EniSourceDestCheckRestriction => "the interface drops packets that are not its own",
        Code::PcxRequiresAddressInVpcCidr => "a peering connection carries only the other VPC's addresses",
        Code::SourceHasNoIpv6 => "the service speaks IPv4 only",
        Code::DnsSupportDisabled => "the VPC resolves no names",
        Code::EgressNotInVpc => "DEFAULT egress enters no VPC",
        Code::EgressConnectorInactive => "the connector was deleted",
        Code::NatPrivate => "the NAT gateway is private",
        Code::NatNoRouteOnwards => "the NAT gateway's own subnet has no way to the internet",
        Code::TargetUnattached => "the interface hangs on nothing, so nobody answers",
        Code::EndpointSgRulesMismatch => {
            "the security groups on the receiving side do not admit the workload"
        }
    }
}

/// What to bear in mind about the verdicts.
pub(super) fn remarks(workload: &Workload) -> Vec<String> {
    let mut sentences = Vec::new();
    if workload.kind == WorkloadKind::AppRunner {
        let status = &workload.status;
        sentences.extend(match status {
            ServiceStatus::Running | ServiceStatus::Unspecified | ServiceStatus::NotRead => None,
            ServiceStatus::OperationInProgress => Some(
                "The service has an operation in progress: its settings may be other ones when it ends, and until then App \
                 Runner refuses changes."
                    .to_owned(),
            ),
            ServiceStatus::Paused => Some(
                "The service is PAUSED and runs nowhere: the verdicts say what will hold once it is resumed.".to_owned(),
            ),
            _ => Some(format!(
                "The service is {status} and does not run: the verdicts say what its network would do if it did."
            )),
        });
    }
    if workload.environment.in_repository {
        sentences.push(
            "The service takes its settings from apprunner.yaml in its repository, which the API does not show: its \
             destinations are not known from there."
                .to_owned(),
        );
    }
    sentences
}

/// What does not explain the failure, though people take it to.
pub(super) fn misleading(workload: &Workload, findings: &[Finding]) -> Vec<String> {
    let stopped: Vec<&Finding> = findings
        .iter()
        .filter(|finding| matches!(finding.verdict(), FindingVerdict::Blocked | FindingVerdict::Intermittent))
        .collect();
    if stopped.is_empty() || !matches!(workload.egress, Egress::Vpc(_)) {
        return Vec::new();
    }
    let mut sentences = Vec::new();
    let blocked = |wanted: &str| {
        stopped.iter().any(|finding| {
            finding
                .need
                .destination
                .aws()
                .and_then(|aws| aws.service.as_deref())
                .is_some_and(|service| service == wanted)
        })
    };
    if let Some(name) = stopped.iter().find_map(|finding| identity_provider(&finding.need.destination.kind)) {
        sentences.push(format!(
            "{name} seemed to work: its login page is opened by the browser, not by this service. The service's own \
             calls to {name} are blocked all the same."
        ));
    }
    if !workload.environment.secrets.is_empty() {
        sentences.push(
            "Secrets given as environment arrive: App Runner fetches them itself, outside the VPC. The application's own \
             calls to Secrets Manager take the VPC."
                .to_owned(),
        );
    }
    if blocked("bedrock-runtime") || blocked("bedrock") {
        sentences.push("Bedrock \"initialises\": creating an SDK client makes no network call.".to_owned());
    }
    if stopped
        .iter()
        .flat_map(|finding| &finding.traces)
        .flat_map(Trace::blockers)
        .any(|(_, code)| code == Code::IgwPublicIpAssociationForEgress)
    {
        sentences.push(
            "A subnet is public by its route to an internet gateway, not by its flag \"map public IP on launch\"."
                .to_owned(),
        );
    }
    sentences
}

/// A third party that people log in with.
fn identity_provider(kind: &DestinationKind) -> Option<&str> {
    match kind {
        DestinationKind::ThirdParty { name: Some(name) } if ["Okta", "Auth0"].contains(&name.as_str()) => {
            Some(name)
        }
        _ => None,
    }
}
