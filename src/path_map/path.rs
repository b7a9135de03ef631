//! A trace as steps of the map: the components that carry the packets, and the end of the path.

use std::sync::Arc;

use crate::diagnose::Diagnosis;
use crate::evidence::Caller;
use crate::model::{ResourceId, SubnetId, Workload};
use crate::reach::{Code, Hop, Layer, Outcome, Owner, Trace, Verdict, ViaKind};

/// A component that carries packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The VPC connector.
    Connector(ResourceId),
    /// App Runner's own internet access, with DEFAULT egress.
    DefaultEgress,
    /// App Runner itself, outside the VPC.
    AppRunner,
    /// The subnet of the source.
    Subnet(SubnetId),
    /// Any other component: a route table, a gateway, an endpoint, a network interface.
    Component(ResourceId),
}

/// How a path ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Reached,
    Blocked,
    /// Some addresses of the destination are blocked.
    Partial,
    Unknown,
}

/// The path of one connection.
pub(super) struct Path {
    pub steps: Vec<Step>,
    pub mark: Mark,
    /// The hop that decides, unless the destination is reached.
    pub decider: Option<Decider>,
    pub subnet: Option<SubnetId>,
    /// Index of the destination in the findings.
    pub finding: usize,
}

/// The rule that drops the packets, or the check that is unknown.
pub(super) struct Decider {
    pub component: ResourceId,
    pub code: Option<Code>,
    pub rule: Arc<str>,
}

/// The paths of all destinations, ordered by subnet.
pub(super) fn paths(workload: &Workload, diagnosis: &Diagnosis) -> Vec<Path> {
    let mut ordered: Vec<(usize, Path)> = Vec::new();
    for (finding, result) in diagnosis.findings.iter().enumerate() {
        for trace in &result.traces {
            let place = diagnosis.subnets.iter().position(|id| trace.subnet.as_ref() == Some(id));
            let path = path(workload, trace, result.need.caller, finding);
            ordered.push((place.unwrap_or(usize::MAX), path));
        }
    }
    ordered.sort_by_key(|(place, path)| (*place, path.finding));
    ordered.into_iter().map(|(_, path)| path).collect()
}

fn path(workload: &Workload, trace: &Trace, caller: Caller, finding: usize) -> Path {
    let mark = match trace.verdict {
        Verdict::Reachable(_) => Mark::Reached,
        Verdict::Blocked => Mark::Blocked,
        Verdict::Partial { .. } => Mark::Partial,
        Verdict::Unknown => Mark::Unknown,
    };
    let is_end = |hop: &Hop| {
        matches!(
            (mark, hop.outcome),
            (Mark::Blocked | Mark::Partial, Outcome::Block(_)) | (Mark::Unknown, Outcome::Unknown(_))
        )
    };
    let stops_at = trace.hops.iter().position(is_end);
    let decider = stops_at.and_then(|at| trace.hops.get(at)).map(|hop| Decider {
        component: hop.component.clone(),
        code: if let Outcome::Block(code) = hop.outcome { Some(code) } else { None },
        rule: Arc::clone(&hop.rule),
    });
    let mut steps = Vec::new();
    match (&trace.subnet, trace.hops.first()) {
        (Some(_), Some(egress)) if egress.component.as_str() != workload.id.as_str() => {
            steps.push(Step::Connector(egress.component.clone()));
        }
        (Some(_), _) => {}
        (None, _) if caller == Caller::ControlPlane => steps.push(Step::AppRunner),
        (None, Some(egress)) if egress.component.as_str() != workload.id.as_str() => {
            steps.push(Step::Connector(egress.component.clone()));
        }
        (None, _) => steps.push(Step::DefaultEgress),
    }
    let last = stops_at.unwrap_or(trace.hops.len());
    if let Some(subnet) = trace.subnet.as_ref().filter(|_| last > 0) {
        steps.push(Step::Subnet(subnet.clone()));
        let passed = trace.hops.iter().take(last.saturating_add(1));
        for component in passed.filter(|hop| is_on(hop, &trace.verdict)).filter_map(carrier) {
            let step = Step::Component(resolved(trace, component));
            if !steps.contains(&step) {
                steps.push(step);
            }
        }
    }
    Path { steps, mark, decider, subnet: trace.subnet.clone(), finding }
}

/// The component, or the endpoint that the name resolves to. The network interfaces of planned endpoints have the same assumed
/// address, so only the name shows which of the endpoints it is.
fn resolved(trace: &Trace, component: ResourceId) -> ResourceId {
    let is_planned = |id: &ResourceId| id.as_str().starts_with("vpce-") && id.as_str().ends_with("-planned");
    let answers = |hop: &&Hop| hop.layer == Layer::Dns && is_planned(&hop.component);
    let by_name = trace.hops.iter().find(answers).filter(|_| is_planned(&component));
    by_name.map_or(component, |hop| hop.component.clone())
}

/// Whether the hop is on the path of the verdict. A reachable trace can have the hops of two paths, each for some addresses; the map
/// shows the path that the most addresses use.
fn is_on(hop: &Hop, verdict: &Verdict) -> bool {
    let Verdict::Reachable(via) = verdict else { return true };
    let is_nat = matches!(via.kind, ViaKind::Nat);
    match hop.layer {
        Layer::Nat => is_nat,
        Layer::Internet => matches!(via.kind, ViaKind::Nat | ViaKind::Internet | ViaKind::EgressOnly),
        Layer::Endpoint => matches!(via.kind, ViaKind::GatewayEndpoint | ViaKind::InterfaceEndpoint),
        _ => true,
    }
}

/// The component of the path that the hop belongs to: it carries the packets. A security group or network ACL is a rule of a
/// component, not a component of the path.
fn carrier(hop: &Hop) -> Option<ResourceId> {
    match &hop.owner {
        Owner::Nat(id) => return Some(id.into()),
        Owner::Appliance(id) | Owner::Destination(id) => return Some(id.into()),
        Owner::Endpoint(id) => return Some(id.into()),
        Owner::Attachment(id) | Owner::Resource(id) => return Some(id.clone()),
        Owner::Source => {}
    }
    let kind = hop.component.as_str().split('-').next().unwrap_or_default();
    let carries = match hop.layer {
        Layer::Route => !matches!(kind, "subnet" | "vpc" | "acl"),
        Layer::Nat | Layer::Endpoint | Layer::Internet => {
            matches!(kind, "nat" | "vpce" | "igw" | "eigw" | "eni")
        }
        Layer::Target => hop.component.as_str().starts_with("tgw-attach-"),
        Layer::Egress | Layer::Dns | Layer::SecurityGroup | Layer::Nacl => false,
    };
    carries.then(|| hop.component.clone())
}
