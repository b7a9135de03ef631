//! A new S3 gateway endpoint: free, no deployment, S3 of the same Region only.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html>

use super::plan::{Candidate, Site};
use super::{Change, Met, Precondition};
use crate::model::{Call, EndpointKind, RouteDestination, RouteTableId};

pub(super) fn candidate(site: &Site<'_>) -> Option<Candidate> {
    let service = format!("com.amazonaws.{}.s3", site.snapshot.region);
    let wanted = site
        .stopped()
        .any(|destination| destination.endpoint().is_some_and(|o| o.gateway && o.service_name == service));
    let vpc = site.vpc().filter(|_| wanted)?;
    let route_tables = site.route_tables();
    Some(Candidate {
        title: "S3 gateway endpoint".to_owned(),
        preconditions: vec![
            list_known(site, &service),
            no_second(site, &service, &route_tables),
            site.not_shared(),
        ],
        side_effects: vec![format!(
            "Open S3 connections of everything on {} drop once, and S3 then sees private source addresses: bucket \
             policies with aws:SourceIp stop matching.",
            site.tables_in_words(&route_tables)
        )],
        takes_effect: "in about a minute, no deployment of the service".to_owned(),
        reversal: "delete the endpoint; open S3 connections drop again".to_owned(),
        changes: vec![Change::CreateGatewayEndpoint { vpc: vpc.id.clone(), service, route_tables }],
    })
}

/// Without its prefix list the endpoint's route cannot be foreseen.
fn list_known(site: &Site<'_>, service: &str) -> Precondition {
    let found = site.snapshot.network.prefix_lists.iter().find(|list| list.name == service);
    match found {
        Some(list) => Precondition { text: format!("{service} exists here ({})", list.id), met: Met::Yes },
        None => {
            site.unread(Call::DescribeManagedPrefixLists, format!("no prefix list {service} in this region"))
        }
    }
}

/// A table takes one route for each service: an endpoint that has one there is extended, not doubled.
fn no_second(site: &Site<'_>, service: &str, tables: &[RouteTableId]) -> Precondition {
    let network = &site.snapshot.network;
    let taken = network.endpoints.iter().find(|endpoint| match &endpoint.kind {
        EndpointKind::Gateway { route_tables } => {
            endpoint.service == service && route_tables.iter().any(|table| tables.contains(table))
        }
        EndpointKind::Interface { .. } | EndpointKind::Other(_) => false,
    });
    let list = network.prefix_lists.iter().find(|list| list.name == service).map(|list| &list.id);
    let routed = tables.iter().filter_map(|id| network.route_tables.get(id)).find(|table| {
        table
            .routes
            .iter()
            .any(|route| matches!(&route.destination, RouteDestination::PrefixList(id) if Some(id) == list))
    });
    match (taken, routed) {
        (Some(endpoint), _) => Precondition {
            text: format!("{} is on these tables already: extend it instead", endpoint.id),
            met: Met::No,
        },
        (None, Some(table)) => Precondition { text: format!("{} routes S3 already", table.id), met: Met::No },
        (None, None) => site.unread_or(
            Call::DescribeVpcEndpoints,
            "no S3 gateway endpoint is on these route tables yet".to_owned(),
        ),
    }
}
