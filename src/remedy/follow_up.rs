//! After the fix: how to see that it works, what to watch for, and how to go back; for this service and these changes.
//!
//! Commands only read. Text that came from AWS is quoted for the shell.

use std::collections::BTreeSet;

use super::{Change, Proposal, simulate};
use crate::diagnose::Diagnosis;
use crate::evidence::Evidence;
use crate::model::{EndpointId, NetworkAclId, RouteTableId, SecurityGroupId, Snapshot, VpcId, Workload};

/// The plans for a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// To see that it works, in order.
    pub test: Vec<Action>,
    /// What to expect and what to be wary of meanwhile, whole sentences.
    pub watch: Vec<String>,
    /// To go back, in order.
    pub roll_back: Vec<Action>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What, and what should come of it.
    pub what: String,
    /// The command, where there is one.
    pub command: Option<String>,
}

fn action(what: impl Into<String>, command: impl Into<String>) -> Action {
    Action { what: what.into(), command: Some(command.into()) }
}

impl FollowUp {
    /// The plans for a proposal.
    #[must_use]
    pub fn of(snapshot: &Snapshot, workload: &Workload, before: &Diagnosis, proposal: &Proposal) -> Self {
        let mut test = in_place(snapshot, proposal);
        test.extend(service(snapshot, workload, proposal));
        test.extend(calls(snapshot, workload, before, proposal));
        Self { test, watch: watch(proposal), roll_back: roll_back(snapshot, workload, proposal) }
    }
}

impl FollowUp {
    /// The same where resources were taken over first: without their blocks the next apply would destroy them.
    #[must_use]
    pub fn letting_go(mut self, taken_over: &[String]) -> Self {
        let first = taken_over.iter().map(|address| {
            let what = format!(
                "first let go of {address}, which was there before: else the apply below destroys it"
            );
            action(what, format!("terraform state rm {}", word(address)))
        });
        self.roll_back = first.chain(self.roll_back).collect();
        self
    }
}

/// A word of a shell command: quoted where it holds anything but letters, digits and harmless signs.
fn word(text: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "-_./:@=,+%".contains(c);
    if !text.is_empty() && text.chars().all(harmless) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `aws ec2 …` in the region.
fn aws(snapshot: &Snapshot, command: &str) -> String {
    format!("aws {command} --region {}", word(snapshot.region.as_str()))
}

/// That AWS has what was applied: one look for each kind of change.
fn in_place(snapshot: &Snapshot, proposal: &Proposal) -> Vec<Action> {
    let mut services: BTreeSet<&str> = BTreeSet::new();
    let mut endpoints: BTreeSet<&EndpointId> = BTreeSet::new();
    let mut tables: BTreeSet<&RouteTableId> = BTreeSet::new();
    let mut groups: BTreeSet<&SecurityGroupId> = BTreeSet::new();
    let mut acls: BTreeSet<&NetworkAclId> = BTreeSet::new();
    let mut resolving: Vec<(&VpcId, &str)> = Vec::new();
    let mut nat_in: Option<&VpcId> = None;
    let mut endpoints_in: Option<&VpcId> = None;
    for change in &proposal.changes {
        match change {
            Change::CreateGatewayEndpoint { vpc, service, .. }
            | Change::CreateInterfaceEndpoint { vpc, service, .. } => {
                endpoints_in = Some(vpc);
                services.insert(service);
            }
            Change::AssociateRouteTables { endpoint, .. } | Change::EnablePrivateDns { endpoint, .. } => {
                endpoints.insert(endpoint);
            }
            Change::CreateNat { vpc, route_tables, .. }
            | Change::CreateRegionalNat { vpc, route_tables, .. }
            | Change::RepairNat { vpc, route_tables, .. } => {
                nat_in = Some(vpc);
                tables.extend(route_tables);
            }
            Change::RouteToNat { route_tables, .. } => tables.extend(route_tables),
            Change::RouteToInternet { route_table, .. } => {
                tables.insert(route_table);
            }
            Change::AllowEgress { group, .. } | Change::AllowEndpointIngress { group, .. } => {
                groups.insert(group);
            }
            Change::AllowNacl { acl, .. } => {
                acls.insert(acl);
            }
            Change::EnableVpcDns { vpc, support, hostnames } => {
                let attributes = [("enableDnsSupport", support), ("enableDnsHostnames", hostnames)];
                resolving.extend(attributes.into_iter().filter(|(_, on)| **on).map(|(name, _)| (vpc, name)));
            }
            Change::MoveConnector { .. } | Change::UseDefaultEgress { .. } => {}
        }
    }
    let mut actions = Vec::new();
    if let Some(vpc) = endpoints_in {
        let list = services.iter().map(|service| word(service)).collect::<Vec<_>>().join(",");
        let command = format!(
            "ec2 describe-vpc-endpoints --filters Name=vpc-id,Values={} Name=service-name,Values={list} --query 'VpcEndpoints[].[ServiceName,State]' --output text",
            word(vpc.as_str())
        );
        let many = if services.len() == 1 { "the endpoint is" } else { "all endpoints are" };
        actions.push(action(format!("{many} available"), aws(snapshot, &command)));
    }
    if !endpoints.is_empty() {
        let list = endpoints.iter().map(|id| word(id.as_str())).collect::<Vec<_>>().join(" ");
        let command = format!(
            "ec2 describe-vpc-endpoints --vpc-endpoint-ids {list} --query 'VpcEndpoints[].[VpcEndpointId,RouteTableIds,PrivateDnsEnabled]'"
        );
        actions.push(action(
            "the endpoint has the tables, and private DNS where it was turned on",
            aws(snapshot, &command),
        ));
    }
    if let Some(vpc) = nat_in {
        let command = format!(
            "ec2 describe-nat-gateways --filter Name=vpc-id,Values={} --query 'NatGateways[].[NatGatewayId,State,FailureMessage]' --output text",
            word(vpc.as_str())
        );
        actions.push(action("the NAT gateway is available", aws(snapshot, &command)));
    }
    if !tables.is_empty() {
        let list = tables.iter().map(|id| word(id.as_str())).collect::<Vec<_>>().join(" ");
        let command = format!(
            "ec2 describe-route-tables --route-table-ids {list} --query 'RouteTables[].[RouteTableId,Routes[?DestinationCidrBlock==`0.0.0.0/0`].[NatGatewayId,GatewayId,State]]'"
        );
        actions.push(action("the default routes lead to it and are active", aws(snapshot, &command)));
    }
    if !groups.is_empty() {
        let list = groups.iter().map(|id| word(id.as_str())).collect::<Vec<_>>().join(",");
        let command = format!("ec2 describe-security-group-rules --filters Name=group-id,Values={list}");
        actions.push(action("the rules are there", aws(snapshot, &command)));
    }
    if !acls.is_empty() {
        let list = acls.iter().map(|id| word(id.as_str())).collect::<Vec<_>>().join(" ");
        let command =
            format!("ec2 describe-network-acls --network-acl-ids {list} --query 'NetworkAcls[].Entries[]'");
        actions.push(action("the rules come before the denials", aws(snapshot, &command)));
    }
    for (vpc, attribute) in resolving {
        let command =
            format!("ec2 describe-vpc-attribute --vpc-id {} --attribute {attribute}", word(vpc.as_str()));
        actions.push(action(format!("{attribute} is true"), aws(snapshot, &command)));
    }
    actions
}

/// That the service runs, by itself and by its health check.
fn service(snapshot: &Snapshot, workload: &Workload, proposal: &Proposal) -> Vec<Action> {
    let mut actions = Vec::new();
    let deploys = proposal
        .changes
        .iter()
        .any(|change| matches!(change, Change::MoveConnector { .. } | Change::UseDefaultEgress { .. }));
    if deploys {
        let command = format!(
            "apprunner describe-service --service-arn {} --query 'Service.[Status,NetworkConfiguration.EgressConfiguration]'",
            word(workload.id.as_str())
        );
        actions.push(action("the service is RUNNING again, with the new egress", aws(snapshot, &command)));
    }
    if let Some(url) = &workload.url {
        let path = workload.health_path.as_deref().unwrap_or("/");
        let command = format!("curl -fsS -m 10 {}", word(&format!("https://{url}{path}")));
        actions.push(action("the service answers", command));
    }
    actions
}

/// That what failed is reached.
fn calls(snapshot: &Snapshot, workload: &Workload, before: &Diagnosis, proposal: &Proposal) -> Vec<Action> {
    let mut actions = Vec::new();
    let seen: Vec<&str> = before
        .findings
        .iter()
        .filter(|one| one.need.evidence.iter().any(|evidence| matches!(evidence, Evidence::Log { .. })))
        .map(|one| one.need.destination.host.as_str())
        .filter(|host| proposal.cures.iter().any(|cured| cured == host))
        .collect();
    let what = match seen.as_slice() {
        [] => "its log shows no time-out".to_owned(),
        hosts => format!("its log shows no new time-out of {}", hosts.join(", ")),
    };
    match workload.id.as_str().split_once(":service/") {
        Some((_, path)) => {
            let group = word(&format!("/aws/apprunner/{path}/application"));
            let command = format!(
                "logs tail {group} --since 10m --filter-pattern '?\"timed out\" ?timeout ?Timeout ?ETIMEDOUT'"
            );
            actions.push(action(what, aws(snapshot, &command)));
        }
        None => actions.push(Action { what, command: None }),
    }
    if !proposal.cures.is_empty() {
        let asked: String = before
            .findings
            .iter()
            .filter(|one| proposal.cures.contains(&one.need.destination.host))
            .map(|one| format!(" --to {}", word(&one.need.destination.to_string())))
            .collect();
        let command = format!(
            "egress-doctor diagnose --region {} --service {}{asked}",
            word(snapshot.region.as_str()),
            word(&workload.name)
        );
        actions.push(action("a fresh look finds them reachable", command));
    }
    actions
}

/// What to expect while it is applied.
fn watch(proposal: &Proposal) -> Vec<String> {
    let mut watch = vec![format!("It works {}.", proposal.takes_effect)];
    let retries = "Clients that wait in a time-out try again by themselves, which may take three minutes; nothing has to be restarted for them.";
    watch.push(retries.to_owned());
    watch.extend(proposal.breaks.iter().map(|text| format!("Go back if this matters: {text}.")));
    watch.extend(proposal.side_effects.iter().cloned());
    watch.extend(
        proposal
            .leaves
            .iter()
            .zip(&proposal.leaves_because)
            .map(|(host, why)| format!("{host} will go on failing: {why}.")),
    );
    watch
}

fn roll_back(snapshot: &Snapshot, workload: &Workload, proposal: &Proposal) -> Vec<Action> {
    let mut actions = vec![
        action("take the edit back, byte for byte", "egress-doctor undo --terraform DIR"),
        action(
            format!("and apply: {}", proposal.reversal),
            "terraform plan -out plan.tfplan && terraform apply plan.tfplan",
        ),
    ];
    let switches: Vec<&str> = proposal
        .changes
        .iter()
        .filter_map(|change| match change {
            Change::CreateInterfaceEndpoint { service, .. } | Change::EnablePrivateDns { service, .. } => {
                Some(simulate::short(service))
            }
            _ => None,
        })
        .collect();
    if !switches.is_empty() {
        actions.push(Action {
            what: format!(
                "the names of {} lead to public addresses again within a minute",
                switches.join(", ")
            ),
            command: None,
        });
    }
    let was = format!(
        "egress-doctor diagnose --region {} --service {}",
        word(snapshot.region.as_str()),
        word(&workload.name)
    );
    actions.push(action("a fresh look says what it said before", was));
    actions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_named_is_quoted_for_the_shell() {
        assert_eq!(word("vpc-0a1"), "vpc-0a1");
        assert_eq!(word(""), "''");
        assert_eq!(word("a b; rm -rf $HOME 'x'"), r"'a b; rm -rf $HOME '\''x'\'''");
    }
}
