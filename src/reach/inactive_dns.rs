//! Interface endpoints that exist although the name of their service has public addresses.
//!
//! Owns why private DNS of such an endpoint has no effect.

use crate::model::{Destination, Endpoint, EndpointKind, EndpointState, Snapshot, Vpc};

/// Why private DNS of an interface endpoint has no effect in its VPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InactiveDns {
    /// It is off at the endpoint.
    Endpoint,
    /// `enableDnsHostnames` of the VPC is off.
    Hostnames,
    /// The endpoint is in a state in which it carries no packets: it failed, or its owner has not accepted it.
    State,
}

/// The interface endpoint of the destination's service whose private DNS has no effect, and why. Services with a gateway
/// endpoint are left out, whose interface endpoints often serve other networks only, and API Gateway, whose private DNS hides public
/// APIs.
#[must_use]
pub fn inactive_endpoint<'a>(
    snapshot: &'a Snapshot,
    vpc: &Vpc,
    destination: &Destination,
) -> Option<(&'a Endpoint, InactiveDns)> {
    let offer = destination.endpoint().filter(|offer| offer.interface && !offer.gateway)?;
    if offer.service_name.ends_with(".execute-api") {
        return None;
    }
    let own = snapshot.network.endpoints.iter().filter(|endpoint| {
        endpoint.vpc == vpc.id
            && endpoint.service == offer.service_name
            && endpoint.state != EndpointState::Deleted
    });
    let found: Vec<(&Endpoint, InactiveDns)> = own
        .filter_map(|endpoint| match &endpoint.kind {
            EndpointKind::Interface { .. } if is_dead(&endpoint.state) => {
                Some((endpoint, InactiveDns::State))
            }
            EndpointKind::Interface { .. } if !endpoint.is_available() => None,
            EndpointKind::Interface { private_dns: false, .. } => Some((endpoint, InactiveDns::Endpoint)),
            EndpointKind::Interface { private_dns: true, .. } if vpc.dns.hostnames == Some(false) => {
                Some((endpoint, InactiveDns::Hostnames))
            }
            _ => None,
        })
        .collect();
    let by_hostnames = found.iter().find(|(_, why)| *why == InactiveDns::Hostnames);
    by_hostnames.or(found.first()).copied()
}

/// Whether an endpoint in this state carries no packets, so that its private DNS is off.
pub(super) fn is_dead(state: &EndpointState) -> bool {
    matches!(
        state,
        EndpointState::Rejected
            | EndpointState::Failed
            | EndpointState::Expired
            | EndpointState::Deleted
            | EndpointState::PendingAcceptance
    )
}
