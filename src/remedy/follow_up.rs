//! The steps after a fix is applied: the test, the expected effects and the rollback, for one service and
//! its changes.
//!
//! All commands are read-only, except for those of the rollback. Text that came from AWS is quoted for the
//! shell.

use std::collections::{BTreeMap, BTreeSet};

use super::change::Applied;
use super::wording::still;
use super::{Change, Proposal};
use crate::diagnose::Diagnosis;
use crate::model::{
    Destination, EndpointId, NetworkAclId, RouteTableId, SecurityGroupId, Snapshot, VpcId, Workload,
};
use crate::text::{listed, shell_quote as quote};

/// The steps after a fix is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// The test, step by step.
    pub test: Vec<Action>,
    /// The expected effects during and after the apply, as sentences.
    pub watch: Vec<String>,
    /// The rollback, step by step.
    pub roll_back: Vec<Action>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The instruction, or the expected result of the command.
    pub what: String,
    /// The command, if there is one.
    pub command: Option<String>,
}

/// How the user takes back files that were written and applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenFiles {
    /// The command that restores the files.
    pub undo: String,
    /// The command that plans and applies them.
    pub apply: String,
    /// The address of each resource that the files import, with the command that removes it from the Terraform state.
    pub imported: Vec<(String, String)>,
}

fn action(what: impl Into<String>, command: impl Into<String>) -> Action {
    Action { what: what.into(), command: Some(command.into()) }
}

impl FollowUp {
    /// The steps for a proposal. `files` is `None` if no file is written.
    #[must_use]
    pub fn of(
        (snapshot, workload): (&Snapshot, &Workload),
        before: &Diagnosis,
        proposal: &Proposal,
        files: Option<&WrittenFiles>,
    ) -> Self {
        let mut test = verify_applied(snapshot, proposal);
        test.extend(verify_service(snapshot, workload, proposal));
        test.extend(verify_connections(snapshot, workload, before, proposal));
        let mut back = files.map_or_else(|| made_by_hand(proposal), |files| restore(files, proposal));
        back.push(action(
            "egress-doctor reports the same result as before the fix",
            diagnose_command(snapshot, workload),
        ));
        Self { test, watch: what_to_expect(proposal), roll_back: back }
    }
}
/// `aws ec2 … --region us-west-2`
pub(super) fn aws(snapshot: &Snapshot, command: &str) -> String {
    format!("aws {command} --region {}", quote(snapshot.region.as_str()))
}

pub(super) fn quote_all<'a>(ids: impl IntoIterator<Item = &'a str>, separator: &str) -> String {
    ids.into_iter().map(quote).collect::<Vec<_>>().join(separator)
}

/// Verifies that AWS has the changed resources, with one command for each kind of resource.
fn verify_applied(snapshot: &Snapshot, proposal: &Proposal) -> Vec<Action> {
    let mut new_endpoints_in: Option<&VpcId> = None;
    let mut services: BTreeSet<&str> = BTreeSet::new();
    let mut endpoints: BTreeSet<&EndpointId> = BTreeSet::new();
    let mut nat_gateways_in: Option<&VpcId> = None;
    let mut tables: BTreeSet<&RouteTableId> = BTreeSet::new();
    let mut groups: BTreeSet<&SecurityGroupId> = BTreeSet::new();
    let mut acls: BTreeSet<&NetworkAclId> = BTreeSet::new();
    let mut attributes: Vec<(&VpcId, &str)> = Vec::new();
    let mut actions = Vec::new();
    for applied in proposal.changes.iter().flat_map(Change::applied) {
        match applied {
            Applied::NewEndpoint { vpc, service } => {
                new_endpoints_in = Some(vpc);
                services.insert(service);
            }
            Applied::Endpoint(id) => endpoints.extend([id]),
            Applied::NatGatewayIn(vpc) => nat_gateways_in = Some(vpc),
            Applied::DefaultRoutes(ids) => tables.extend(ids),
            Applied::SecurityGroup(id) => groups.extend([id]),
            Applied::NetworkAcl(id) => acls.extend([id]),
            Applied::DnsAttribute { vpc, attribute } => attributes.push((vpc, attribute)),
            Applied::InternetGatewayOf(vpc) => {
                let command = format!(
                    "ec2 describe-internet-gateways --filters Name=attachment.vpc-id,Values={} --query \
                     'InternetGateways[].[InternetGatewayId,Attachments]'",
                    quote(vpc.as_str())
                );
                actions.push(action("the internet gateway is attached", aws(snapshot, &command)));
            }
            Applied::Routes(of) => actions.push(new_routes(snapshot, of)),
            Applied::Interface(id) => {
                let command = format!(
                    "ec2 describe-network-interfaces --network-interface-ids {} --query \
                     'NetworkInterfaces[].[SourceDestCheck,Association.PublicIp]'",
                    quote(id.as_str())
                );
                let new = action("the NAT instance has the new settings", aws(snapshot, &command));
                if !actions.contains(&new) {
                    actions.push(new);
                }
            }
        }
    }
    if let Some(vpc) = new_endpoints_in {
        let what =
            if services.len() == 1 { "the endpoint is available" } else { "all endpoints are available" };
        let command = format!(
            "ec2 describe-vpc-endpoints --filters Name=vpc-id,Values={} Name=service-name,Values={} --query 'VpcEndpoints[].[ServiceName,State]' --output text",
            quote(vpc.as_str()),
            quote_all(services, ",")
        );
        actions.push(action(what, aws(snapshot, &command)));
    }
    if !endpoints.is_empty() {
        let command = format!(
            "ec2 describe-vpc-endpoints --vpc-endpoint-ids {} --query 'VpcEndpoints[].[VpcEndpointId,RouteTableIds,PrivateDnsEnabled]'",
            quote_all(endpoints.into_iter().map(EndpointId::as_str), " ")
        );
        let what = "the endpoint has the route tables, and private DNS if it was turned on";
        actions.push(action(what, aws(snapshot, &command)));
    }
    if let Some(vpc) = nat_gateways_in {
        let command = format!(
            "ec2 describe-nat-gateways --filter Name=vpc-id,Values={} --query 'NatGateways[].[NatGatewayId,State,FailureMessage]' --output text",
            quote(vpc.as_str())
        );
        actions.push(action("the NAT gateway is available", aws(snapshot, &command)));
    }
    if !tables.is_empty() {
        let command = format!(
            "ec2 describe-route-tables --route-table-ids {} --query 'RouteTables[].[RouteTableId,Routes[?DestinationCidrBlock==`0.0.0.0/0`].[NatGatewayId,GatewayId,State]]'",
            quote_all(tables.into_iter().map(RouteTableId::as_str), " ")
        );
        actions
            .push(action("the default routes have the new target and are active", aws(snapshot, &command)));
    }
    actions.extend(new_rules(snapshot, groups));
    if !acls.is_empty() {
        let list = quote_all(acls.into_iter().map(NetworkAclId::as_str), " ");
        let command =
            format!("ec2 describe-network-acls --network-acl-ids {list} --query 'NetworkAcls[].Entries[]'");
        let what = "the new network ACL rules have lower numbers than the deny rules";
        actions.push(action(what, aws(snapshot, &command)));
    }
    for (vpc, attribute) in attributes {
        let command =
            format!("ec2 describe-vpc-attribute --vpc-id {} --attribute {attribute}", quote(vpc.as_str()));
        actions.push(action(format!("{attribute} is true"), aws(snapshot, &command)));
    }
    actions
}

/// Verifies the rules of security groups, in the Region of each.
fn new_rules(snapshot: &Snapshot, groups: BTreeSet<&SecurityGroupId>) -> Vec<Action> {
    let mut regions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for group in groups {
        regions.entry(region_of(snapshot, group)).or_default().push(group.as_str());
    }
    let verify = |(region, groups): (&str, Vec<&str>)| {
        let command = format!(
            "aws ec2 describe-security-group-rules --filters Name=group-id,Values={} --region {}",
            quote_all(groups, ","),
            quote(region)
        );
        action("the security group has the new rules", command)
    };
    regions.into_iter().map(verify).collect()
}

/// The Region of a security group, which can be in a peer VPC in another Region.
pub(super) fn region_of<'a>(snapshot: &'a Snapshot, group: &SecurityGroupId) -> &'a str {
    let network = &snapshot.network;
    let vpc = network.security_groups.get(group).map(|group| &group.vpc);
    let place =
        vpc.and_then(|vpc| network.peering_connections.iter().find_map(|peering| peering.place_of(vpc)));
    place.map_or(snapshot.region.as_str(), |place| place.region.as_str())
}

/// Verifies new routes that are no IPv4 default routes.
fn new_routes(snapshot: &Snapshot, tables: &[RouteTableId]) -> Action {
    let command = format!(
        "ec2 describe-route-tables --route-table-ids {} --query 'RouteTables[].[RouteTableId,Routes[?GatewayId!=`local`]]'",
        quote_all(tables.iter().map(RouteTableId::as_str), " ")
    );
    action("the new routes are active", aws(snapshot, &command))
}

/// Verifies that the service runs and responds.
fn verify_service(snapshot: &Snapshot, workload: &Workload, proposal: &Proposal) -> Vec<Action> {
    let mut actions = Vec::new();
    if proposal.changes.iter().any(Change::is_of_the_service) {
        let command = format!(
            "apprunner describe-service --service-arn {} --query 'Service.[Status,NetworkConfiguration.EgressConfiguration]'",
            quote(workload.id.as_str())
        );
        let what = "the service is RUNNING with the new egress configuration";
        actions.push(action(what, aws(snapshot, &command)));
    }
    if let Some(url) = &workload.url {
        let path = workload.health_path.as_deref().unwrap_or("/");
        let command = format!("curl -fsS -m 10 {}", quote(&format!("https://{url}{path}")));
        actions.push(action("the service responds", command));
    }
    actions
}

/// Verifies that the fixed destinations are reachable, in the log and with egress-doctor.
fn verify_connections(
    snapshot: &Snapshot,
    workload: &Workload,
    before: &Diagnosis,
    proposal: &Proposal,
) -> Vec<Action> {
    let mut actions = Vec::new();
    let fixed_in_log: Vec<String> = before
        .findings
        .iter()
        .filter(|finding| finding.need.evidence.iter().any(|evidence| evidence.symptom().is_some()))
        .map(|finding| finding.need.name())
        .filter(|host| proposal.fixes.contains(host))
        .collect();
    let what = match fixed_in_log.as_slice() {
        [] => "the log shows no timeout".to_owned(),
        hosts => format!("the log shows no new timeout for {}", hosts.join(", ")),
    };
    match workload.id.as_str().split_once(":service/") {
        Some((_, path)) => {
            let group = quote(&format!("/aws/apprunner/{path}/application"));
            let command = format!(
                "logs tail {group} --since 10m --filter-pattern '?\"timed out\" ?timeout ?Timeout ?ETIMEDOUT'"
            );
            actions.push(action(what, aws(snapshot, &command)));
        }
        None => actions.push(Action { what, command: None }),
    }
    if !proposal.fixes.is_empty() {
        // Two callers can have one destination.
        let mut fixed: Vec<&Destination> = Vec::new();
        let mut names: Vec<String> = Vec::new();
        for need in before.findings.iter().map(|finding| &finding.need) {
            if proposal.fixes.contains(&need.name()) && !fixed.contains(&&need.destination) {
                fixed.push(&need.destination);
                names.push(need.short_name(&snapshot.region));
            }
        }
        let destinations: String =
            fixed.iter().map(|destination| format!(" --to {}", quote(&destination.to_string()))).collect();
        let command = format!("{}{destinations}", diagnose_command(snapshot, workload));
        // The command has all of them.
        let what =
            if names.len() > 4 { format!("{} destinations", names.len()) } else { listed(&names, "and") };
        actions.push(action(format!("egress-doctor reports {what} reachable"), command));
    }
    actions
}

fn diagnose_command(snapshot: &Snapshot, workload: &Workload) -> String {
    format!(
        "egress-doctor diagnose --region {} --service {}",
        quote(snapshot.region.as_str()),
        quote(&workload.name)
    )
}

/// The expected effects during and after the apply.
fn what_to_expect(proposal: &Proposal) -> Vec<String> {
    let mut sentences = vec![format!("It takes effect {}.", proposal.takes_effect)];
    sentences.push("Waiting clients retry by themselves; no restart needed.".to_owned());
    sentences.extend(proposal.breaks.iter().map(|text| format!("Roll back if this matters: {text}.")));
    sentences.extend(proposal.side_effects.iter().cloned());
    for (host, why) in proposal.still_blocked.iter().zip(&proposal.still_blocked_because) {
        let state = if proposal.unknown_after.contains(host) {
            "no longer blocked, and whether it is reachable is unknown".to_owned()
        } else {
            still(&proposal.after, std::slice::from_ref(host))
        };
        sentences.push(format!("{host} is {state}: {why}."));
    }
    sentences
}

/// The rollback of a fix that was not written.
fn made_by_hand(proposal: &Proposal) -> Vec<Action> {
    let mut steps = vec![Action { what: proposal.rollback.clone(), command: None }];
    steps.extend(public_names_again(proposal));
    steps
}

/// The rollback of written files. An imported resource leaves the Terraform state first: an apply without its code destroys it.
fn restore(files: &WrittenFiles, proposal: &Proposal) -> Vec<Action> {
    let imported = files.imported.iter().map(|(address, command)| {
        let what = format!(
            "remove {address} from the Terraform state first: it existed before the fix, and the next apply would destroy it"
        );
        action(what, command.clone())
    });
    let mut steps: Vec<Action> = imported.collect();
    steps.push(action("restore the files", files.undo.clone()));
    steps.push(action(format!("apply the restored files: {}", proposal.rollback), files.apply.clone()));
    steps.extend(public_names_again(proposal));
    steps
}

/// The effect of a rollback of endpoints with private DNS.
fn public_names_again(proposal: &Proposal) -> Option<Action> {
    let services: Vec<&str> = proposal.changes.iter().filter_map(Change::private_dns_of).collect();
    let what =
        format!("the host names of {} resolve to public IPs again within a minute", services.join(", "));
    (!services.is_empty()).then_some(Action { what, command: None })
}
