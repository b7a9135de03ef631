//! What the gateway endpoints of S3 and `DynamoDB` have in common: free, no deployment, their own Region only.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>

use super::site::{Candidate, Site};
use super::{Change, Met, Precondition};
use crate::model::{Call, Endpoint, EndpointKind, RouteDestination, RouteTableId};

/// A new gateway endpoint of a service, `S3`, `s3`.
pub(super) fn candidate(site: &Site<'_>, name: &str, short: &str) -> Option<Candidate> {
    let service = format!("com.amazonaws.{}.{short}", site.snapshot.region);
    let vpc = site.vpc().filter(|_| is_wanted(site, &service))?;
    let route_tables = site.route_tables();
    Some(Candidate {
        title: format!("{name} gateway endpoint"),
        preconditions: vec![
            list_known(site, &service),
            no_second(site, &service, &route_tables),
            site.not_shared(),
        ],
        side_effects: vec![drops(site, name, &route_tables)],
        takes_effect: "in about a minute, no deployment of the service".to_owned(),
        reversal: format!("delete the endpoint; open {name} connections drop again"),
        changes: vec![Change::CreateGatewayEndpoint { vpc: vpc.id.clone(), service, route_tables }],
    })
}

/// Whether something is stopped that the service's gateway endpoint would serve.
pub(super) fn is_wanted(site: &Site<'_>, service: &str) -> bool {
    site.stopped()
        .any(|destination| destination.endpoint().is_some_and(|o| o.gateway && o.service_name == service))
}

/// What a new route of the endpoint does to everybody on the tables.
pub(super) fn drops(site: &Site<'_>, name: &str, tables: &[RouteTableId]) -> String {
    format!(
        "Open {name} connections of everything on {} drop once, and {name} then sees private source addresses: policies with \
         aws:SourceIp stop matching.",
        site.tables_in_words(tables)
    )
}

/// The VPC's gateway endpoint of a service, if it has one that works.
pub(super) fn existing<'a>(site: &'a Site<'_>, service: &str) -> Option<&'a Endpoint> {
    let vpc = site.vpc()?;
    site.snapshot.network.endpoints.iter().find(|endpoint| {
        endpoint.vpc == vpc.id
            && endpoint.service == service
            && endpoint.is_available()
            && matches!(endpoint.kind, EndpointKind::Gateway { .. })
    })
}

/// Without its prefix list the endpoint's route cannot be foreseen.
pub(super) fn list_known(site: &Site<'_>, service: &str) -> Precondition {
    let found = site.snapshot.network.prefix_lists.iter().find(|list| list.name == service);
    match found {
        Some(list) => Precondition { text: format!("{service} exists here ({})", list.id), met: Met::Yes },
        None => {
            site.unread(Call::DescribeManagedPrefixLists, format!("no prefix list {service} in this region"))
        }
    }
}

/// A table takes one route for each service: an endpoint that is there is extended, not doubled.
fn no_second(site: &Site<'_>, service: &str, tables: &[RouteTableId]) -> Precondition {
    let network = &site.snapshot.network;
    let list = network.prefix_lists.iter().find(|list| list.name == service).map(|list| &list.id);
    let routed = tables.iter().filter_map(|id| network.route_tables.get(id)).find(|table| {
        table
            .routes
            .iter()
            .any(|route| matches!(&route.destination, RouteDestination::PrefixList(id) if Some(id) == list))
    });
    match (existing(site, service), routed) {
        (Some(endpoint), _) => Precondition {
            text: format!("{} is in the VPC already: add the tables it misses to it instead", endpoint.id),
            met: Met::No,
        },
        (None, Some(table)) => {
            Precondition { text: format!("{} routes {service} already", table.id), met: Met::No }
        }
        (None, None) => site.unread_or(
            Call::DescribeVpcEndpoints,
            format!("no gateway endpoint of {service} is in the VPC yet"),
        ),
    }
}
