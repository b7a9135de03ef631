//! App Runner's own way out instead of the VPC: free and immediate, and it cuts off what is private.
//!
//! <https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>

use super::site::{Candidate, Site};
use super::{Change, Met, Precondition};
use crate::model::{Egress, ServiceStatus, WorkloadKind};

pub(super) fn candidate(site: &Site<'_>) -> Option<Candidate> {
    site.stopped().next()?;
    if site.workload.kind != WorkloadKind::AppRunner || !matches!(site.workload.egress, Egress::Vpc(_)) {
        return None;
    }
    Some(Candidate {
        title: "DEFAULT egress".to_owned(),
        changes: vec![Change::UseDefaultEgress { workload: site.workload.id.clone() }],
        preconditions: vec![updatable(site)],
        side_effects: vec![
            "Whatever is private in the VPC (databases, caches, private services) is cut off.".to_owned(),
            "Source addresses change to App Runner's: allow-lists and policies with aws:SourceVpc stop matching.".to_owned(),
        ],
        takes_effect: "with a new deployment of the service, a few minutes".to_owned(),
        reversal: "set the connector again; another deployment".to_owned(),
    })
}

/// App Runner refuses an update while another operation runs.
pub(super) fn updatable(site: &Site<'_>) -> Precondition {
    let status = &site.workload.status;
    let met = match status {
        ServiceStatus::Running | ServiceStatus::Paused => Met::Yes,
        ServiceStatus::OperationInProgress
        | ServiceStatus::CreateFailed
        | ServiceStatus::Deleted
        | ServiceStatus::DeleteFailed => Met::No,
        ServiceStatus::NotRead | ServiceStatus::Unspecified | ServiceStatus::Other(_) => Met::Unknown,
    };
    Precondition { text: format!("the service is {status}; it can be updated while RUNNING or PAUSED"), met }
}
