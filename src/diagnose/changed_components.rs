//! The resources whose changes can have led to a cause.
//!
//! Owns which resources belong to a cause: the component, and the security groups whose rules decide. Reads no changes.

use super::Cause;
use crate::model::{
    EndpointId, EndpointKind, NetworkInterfaceId, ResourceId, RouteState, RouteTableId, SecurityGroupId,
    Snapshot,
};
use crate::reach::Code;

/// The resources of a cause, by the names that CloudTrail uses.
#[must_use]
pub fn changed_components(snapshot: &Snapshot, cause: &Cause) -> Vec<ResourceId> {
    let (network, component) = (&snapshot.network, cause.component.as_str());
    let of_groups = |groups: &[SecurityGroupId]| groups.iter().map(ResourceId::from).collect();
    let interface = network.network_interfaces.get(&NetworkInterfaceId::from(component));
    let groups: Vec<ResourceId> = match cause.code {
        Code::EndpointSgRulesMismatch => match network.endpoints.get(&EndpointId::from(component)) {
            Some(endpoint) => match &endpoint.kind {
                EndpointKind::Interface { security_groups, .. } => of_groups(security_groups),
                EndpointKind::Gateway { .. } | EndpointKind::Other(_) => Vec::new(),
            },
            None => Vec::new(),
        },
        Code::TargetSgRulesMismatch
        | Code::TargetSgNatAddressMismatch
        | Code::TargetSgPublicAddressMismatch
        | Code::NatInstanceSgRulesMismatch => {
            interface.map_or_else(Vec::new, |interface| of_groups(&interface.security_groups))
        }
        _ => Vec::new(),
    };
    if !groups.is_empty() {
        return groups;
    }
    // A blackhole is a route whose target was deleted.
    if cause.code == Code::BadStateRoute
        && let Some(table) = network.route_tables.get(&RouteTableId::from(component))
    {
        let lost = table.routes.iter().filter(|route| route.state == RouteState::Blackhole);
        let targets = lost.map(|route| ResourceId::new(route.target.to_string()));
        return [cause.component.clone()].into_iter().chain(targets).collect();
    }
    // Events of a database have its identifier.
    let name =
        network.named_resources.get(&cause.component).map(|resource| ResourceId::new(resource.name.as_str()));
    vec![name.unwrap_or_else(|| cause.component.clone())]
}
