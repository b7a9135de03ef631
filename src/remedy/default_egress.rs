//! Remedy `default-egress`: App Runner's own internet access instead of the VPC. It is free, and the
//! service can no longer reach private resources in the VPC.
//!
//! <https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>

use super::context::{Candidate, RemedyContext};
use super::proposal::{DEPLOYS_SERVICE, LOSES_PRIVATE_RESOURCES};
use super::{Change, Precondition, PreconditionStatus};
use crate::model::{Egress, ServiceStatus, WorkloadKind};

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    context.blocked().next()?;
    let workload = context.workload;
    if workload.kind != WorkloadKind::AppRunner || !matches!(workload.egress, Egress::Vpc(_)) {
        return None;
    }
    Some(Candidate {
        title: "DEFAULT egress".to_owned(),
        changes: vec![Change::UseDefaultEgress { workload: workload.id.clone() }],
        preconditions: vec![is_updatable(context)],
        side_effects: vec![
            LOSES_PRIVATE_RESOURCES.to_owned(),
            "Source addresses become those of App Runner: allow-lists and policies with aws:SourceVpc stop matching.".to_owned(),
            DEPLOYS_SERVICE.to_owned(),
        ],
        takes_effect: "with a new deployment of the service, in a few minutes".to_owned(),
        rollback: "set the connector again; this deploys the service again".to_owned(),
    })
}

/// The requirement that App Runner accepts an update of the service. It rejects updates while another
/// operation runs.
pub(super) fn is_updatable(context: &RemedyContext<'_>) -> Precondition {
    let state = &context.workload.status;
    let status = match state {
        ServiceStatus::Running | ServiceStatus::Paused => PreconditionStatus::Met,
        ServiceStatus::OperationInProgress
        | ServiceStatus::CreateFailed
        | ServiceStatus::Deleted
        | ServiceStatus::DeleteFailed => PreconditionStatus::NotMet,
        ServiceStatus::NotRead | ServiceStatus::Unspecified | ServiceStatus::Other(_) => {
            PreconditionStatus::Unknown
        }
    };
    Precondition { text: format!("the service is {state}; updates need RUNNING or PAUSED"), status }
}
