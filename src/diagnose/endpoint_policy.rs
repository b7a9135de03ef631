//! The policies of VPC endpoints: they decide about requests, so a denial is an answer, not a timeout.
//!
//! Owns the sentences about them. Does not evaluate a policy for one call.

use super::answers::vpcs;
use super::context::{list, separated};
use crate::evidence::Symptom;
use crate::model::{Destination, Endpoint, EndpointKind, EndpointPolicy, Snapshot, Workload};
use crate::reach::{Trace, Verdict};

/// What helps after an answer that names an endpoint policy: the endpoints that can have it, and the change of the policy.
pub(super) fn what_helps(
    destination: Option<&Destination>,
    snapshot: &Snapshot,
    workload: &Workload,
) -> String {
    let vpcs = vpcs(snapshot, workload);
    let service = destination.and_then(Destination::endpoint).map(|offer| offer.service_name.as_str());
    let can_deny = |endpoint: &&Endpoint| {
        vpcs.contains(&endpoint.vpc)
            && service.is_none_or(|service| endpoint.service == service)
            && matches!(endpoint.kind, EndpointKind::Gateway { .. } | EndpointKind::Interface { .. })
            && endpoint.policy != Some(EndpointPolicy::FullAccess)
    };
    let endpoints: Vec<&Endpoint> = snapshot.network.endpoints.iter().filter(can_deny).collect();
    let named = |endpoint: &&Endpoint| format!("{} ({})", endpoint.id, endpoint.service);
    let (which, id) = match endpoints.as_slice() {
        [] => ("The policy of a VPC endpoint does".to_owned(), "ENDPOINT"),
        [one] => (format!("The policy of endpoint {} does", named(one)), one.id.as_str()),
        several => {
            let all = separated(several.iter().map(named), ", ");
            (format!("The policy of one of the endpoints {all} does"), "ENDPOINT")
        }
    };
    format!(
        "{which} not allow the call. Change this policy, not the network and not the instance role: {}",
        commands(id)
    )
}

fn commands(id: &str) -> String {
    format!(
        "aws ec2 describe-vpc-endpoints --vpc-endpoint-ids {id} shows it (PolicyDocument), aws ec2 modify-vpc-endpoint \
         --vpc-endpoint-id {id} --policy-document file://policy.json changes it."
    )
}

/// The warning about an endpoint on the path whose policy allows no request to the destination, as a sentence.
pub(super) fn warning(snapshot: &Snapshot, traces: &[Trace], symptom: Option<Symptom>) -> Option<String> {
    let vias = traces.iter().filter_map(|trace| match &trace.verdict {
        Verdict::Reachable(via) => via.id.as_ref(),
        _ => None,
    });
    let endpoints = || snapshot.network.endpoints.iter();
    let mut on_path = vias.filter_map(|id| endpoints().find(|endpoint| endpoint.id.as_str() == id.as_str()));
    let bucket = traces.first().and_then(|trace| trace.destination.bucket());
    on_path.find_map(|endpoint| {
        let id = &endpoint.id;
        let allowed = match (endpoint.policy.as_ref()?, bucket) {
            (EndpointPolicy::DeniesAll, _) => "allows no request, so each call".to_owned(),
            (policy @ EndpointPolicy::Buckets(names), Some(bucket)) if policy.denies_bucket(bucket) => {
                format!("allows only {}, so each call for {bucket}", buckets(names))
            }
            // The sentence about the symptom names the policy.
            (EndpointPolicy::Restricted, _) if symptom.is_none() => {
                return Some(format!(
                    "The policy of {id} allows some requests only: others are answered with AccessDenied. {}",
                    commands(id.as_str())
                ));
            }
            _ => return None,
        };
        Some(format!(
            "Warning: the policy of {id} {allowed} is answered with AccessDenied. {}",
            commands(id.as_str())
        ))
    })
}

/// `the buckets a and b`
#[must_use]
pub fn buckets(names: &[String]) -> String {
    let noun = if names.len() == 1 { "the bucket" } else { "the buckets" };
    format!("{noun} {}", list(names.iter().cloned()))
}
