//! Remedy `gateway-route-tables`: adds missing route tables to a gateway endpoint that exists.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>: an endpoint serves the
//! subnets whose route tables are associated with it. The main route table is associated only if it was
//! selected.

use super::context::{Candidate, RemedyContext};
use super::endpoint_service::{GATEWAY_SERVICES, display_name};
use super::gateway_endpoint::{effect_on_connections, existing, has_prefix_list, is_needed, is_routed};
use super::{Change, Precondition};
use crate::diagnose::buckets;
use crate::model::{Endpoint, EndpointKind, EndpointPolicy, RouteTableId};

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let mut changes = Vec::new();
    let mut preconditions: Vec<Precondition> = vec![context.owns_subnets()];
    let (mut names, mut side_effects) = (Vec::new(), Vec::new());
    for short in GATEWAY_SERVICES {
        let service = format!("com.amazonaws.{}.{short}", context.snapshot.region);
        let name = display_name(&service);
        let Some(endpoint) = existing(context, &service).filter(|_| is_needed(context, &service)) else {
            continue;
        };
        let EndpointKind::Gateway { route_tables } = &endpoint.kind else { continue };
        let has_route = |id: &RouteTableId| {
            let table = context.snapshot.network.route_tables.get(id);
            table.is_some_and(|table| is_routed(context, table, &service))
        };
        let missing: Vec<RouteTableId> = context
            .route_tables()
            .into_iter()
            .filter(|table| !route_tables.contains(table) && !has_route(table))
            .collect();
        if missing.is_empty() {
            continue;
        }
        preconditions.push(has_prefix_list(context, &service));
        side_effects.push(effect_on_connections(context, name, &missing));
        side_effects.extend(limited_buckets(endpoint));
        names.push(name.to_owned());
        changes.push(Change::AssociateRouteTables {
            endpoint: endpoint.id.clone(),
            service,
            route_tables: missing,
        });
    }
    if changes.is_empty() {
        return None;
    }
    Some(Candidate {
        title: format!("Add missing route tables to the {} endpoint", names.join(" endpoint and the ")),
        changes,
        preconditions,
        side_effects,
        takes_effect: "in about a minute, no deployment of the service".to_owned(),
        rollback: "remove the route tables from the endpoint; open connections drop again".to_owned(),
    })
}

/// The warning about an endpoint whose policy allows only some buckets: calls to other buckets worked on another path until now.
fn limited_buckets(endpoint: &Endpoint) -> Option<String> {
    let Some(EndpointPolicy::Buckets(names)) = &endpoint.policy else { return None };
    Some(format!(
        "The policy of {} allows only {}: calls of all workloads on these route tables to other buckets are answered with AccessDenied.",
        endpoint.id,
        buckets(names)
    ))
}
