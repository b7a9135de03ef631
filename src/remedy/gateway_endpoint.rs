//! Shared code of the remedies for gateway endpoints of S3, S3 Express One Zone and `DynamoDB`. These endpoints are free, need
//! no deployment of the service, and serve only their own Region.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>

use super::context::{Candidate, RemedyContext};
use super::{Change, Precondition};
use crate::model::{Call, Endpoint, EndpointKind, RouteDestination, RouteTable, RouteTableId};

/// A new gateway endpoint of a service: `S3`, `s3`.
pub(super) fn candidate(context: &RemedyContext<'_>, name: &str, short: &str) -> Option<Candidate> {
    let service = format!("com.amazonaws.{}.{short}", context.snapshot.region);
    let vpc = context.vpc().filter(|_| is_needed(context, &service))?;
    let route_tables = context.route_tables();
    Some(Candidate {
        title: format!("{name} gateway endpoint"),
        preconditions: vec![
            has_prefix_list(context, &service),
            has_no_other_route(context, &service, &route_tables),
            context.owns_subnets(),
        ],
        side_effects: vec![effect_on_connections(context, name, &route_tables)],
        takes_effect: "in about a minute, no deployment of the service".to_owned(),
        rollback: format!("delete the {name} gateway endpoint; open {name} connections drop again"),
        changes: vec![Change::CreateGatewayEndpoint { vpc: vpc.id.clone(), service, route_tables }],
    })
}

/// Whether a blocked destination is served by the service's gateway endpoint.
pub(super) fn is_needed(context: &RemedyContext<'_>, service: &str) -> bool {
    context.blocked().any(|destination| {
        destination.endpoint().is_some_and(|offer| offer.gateway && offer.service_name == service)
    })
}

/// The side effect of a new endpoint route on all workloads that use the route tables.
pub(super) fn effect_on_connections(
    context: &RemedyContext<'_>,
    name: &str,
    tables: &[RouteTableId],
) -> String {
    format!(
        "All workloads on {} lose open {name} connections once. {name} then sees private IPs: policies with aws:SourceIp stop \
         matching.",
        context.describe_route_tables(tables)
    )
}

/// The VPC's available gateway endpoint of a service.
pub(super) fn existing<'a>(context: &'a RemedyContext<'_>, service: &str) -> Option<&'a Endpoint> {
    let vpc = context.vpc()?;
    context.snapshot.network.endpoints.iter().find(|endpoint| {
        endpoint.vpc == vpc.id
            && endpoint.service == service
            && endpoint.is_available()
            && matches!(endpoint.kind, EndpointKind::Gateway { .. })
    })
}

/// The requirement that the Region has the service's prefix list. The endpoint's route cannot be simulated
/// without it.
pub(super) fn has_prefix_list(context: &RemedyContext<'_>, service: &str) -> Precondition {
    let list = context.snapshot.network.prefix_lists.iter().find(|list| list.name == service);
    match list {
        Some(list) => Precondition::met(format!("{service} exists in this Region ({})", list.id)),
        None => context.not_met_unless_gap(
            Call::DescribeManagedPrefixLists,
            format!("this Region has no prefix list {service}"),
        ),
    }
}

/// Whether a route table has a route to the service's prefix list.
pub(super) fn is_routed(context: &RemedyContext<'_>, table: &RouteTable, service: &str) -> bool {
    let mut lists = context.snapshot.network.prefix_lists.iter();
    let list = lists.find(|list| list.name == service).map(|list| &list.id);
    table
        .routes
        .iter()
        .any(|route| matches!(&route.destination, RouteDestination::PrefixList(id) if Some(id) == list))
}

/// The requirement that the route tables have no route to the service yet. A route table accepts one
/// endpoint route for each service, so a second endpoint cannot use the same route tables.
fn has_no_other_route(context: &RemedyContext<'_>, service: &str, tables: &[RouteTableId]) -> Precondition {
    let network = &context.snapshot.network;
    let tables = || tables.iter().filter_map(|id| network.route_tables.get(id));
    let routed = tables().find(|table| is_routed(context, table, service));
    match (existing(context, service), routed) {
        (Some(endpoint), Some(_)) if tables().all(|table| is_routed(context, table, service)) => {
            Precondition::not_met(format!(
                "the VPC already has {}, and the route tables have a route to it",
                endpoint.id
            ))
        }
        (Some(endpoint), _) => Precondition::not_met(format!(
            "the VPC already has {}: add the missing route tables to it instead",
            endpoint.id
        )),
        (None, Some(table)) => {
            Precondition::not_met(format!("{} already has a route to {service}", table.id))
        }
        (None, None) => context.met_unless_gap(
            Call::DescribeVpcEndpoints,
            format!("the VPC has no gateway endpoint of {service}"),
        ),
    }
}
