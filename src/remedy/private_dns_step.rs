//! The manual step for an interface endpoint that exists and whose private DNS has no effect.

use super::other_vpc::vpc_of;
use crate::diagnose::Cause;
use crate::evidence::destination;
use crate::model::{EndpointState, Snapshot, VpcId};
use crate::reach::{InactiveDns, inactive_endpoint};

/// How to turn on private DNS of the endpoints that exist for the destinations of a cause, and whether each destination has one.
pub(super) fn steps(snapshot: &Snapshot, cause: &Cause) -> (Vec<String>, bool) {
    let Some(vpc) = snapshot.network.vpcs.get(&VpcId::from(vpc_of(snapshot, cause))) else {
        return (Vec::new(), false);
    };
    let destinations = cause.paths.iter().flat_map(|paths| &paths.destinations);
    let mut steps: Vec<String> = Vec::new();
    let mut is_enough = true;
    for text in destinations {
        let found = destination(text).ok();
        let step = match found.as_ref().and_then(|one| inactive_endpoint(snapshot, vpc, one)) {
            Some((endpoint, InactiveDns::Endpoint)) => format!(
                "Turn on private DNS of the existing endpoint: aws ec2 modify-vpc-endpoint --vpc-endpoint-id {} \
                 --private-dns-enabled.",
                endpoint.id
            ),
            Some((endpoint, InactiveDns::Hostnames)) => format!(
                "Turn on enableDnsHostnames, which private DNS of {} needs: aws ec2 modify-vpc-attribute --vpc-id {} \
                 --enable-dns-hostnames.",
                endpoint.id, vpc.id
            ),
            Some((endpoint, InactiveDns::State)) if endpoint.state == EndpointState::PendingAcceptance => {
                format!(
                    "The owner of the service must accept the endpoint: aws ec2 accept-vpc-endpoint-connections --service-id SERVICE \
                 --vpc-endpoint-ids {}. Or delete it (aws ec2 delete-vpc-endpoints --vpc-endpoint-ids {}) and create it again.",
                    endpoint.id, endpoint.id
                )
            }
            Some((endpoint, InactiveDns::State)) => format!(
                "The endpoint is {}: delete it (aws ec2 delete-vpc-endpoints --vpc-endpoint-ids {}) and create it again: aws ec2 \
                 create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id {} --service-name {} --subnet-ids SUBNETS \
                 --security-group-ids GROUP --private-dns-enabled.",
                endpoint.state, endpoint.id, vpc.id, endpoint.service
            ),
            None => {
                is_enough = false;
                continue;
            }
        };
        if !steps.contains(&step) {
            steps.push(step);
        }
    }
    let is_enough = is_enough && !steps.is_empty();
    (steps, is_enough)
}
