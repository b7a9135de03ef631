//! A gateway endpoint that exists and misses route tables: the tables are added to it.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>: an endpoint serves the subnets whose tables are
//! associated with it, the main table among them only when it was chosen.

use super::gateway_endpoint::{drops, existing, is_wanted, list_known};
use super::site::{Candidate, Site};
use super::{Change, Precondition};
use crate::model::{EndpointKind, RouteDestination, RouteTableId};

pub(super) fn candidate(site: &Site<'_>) -> Option<Candidate> {
    let mut changes = Vec::new();
    let mut preconditions: Vec<Precondition> = vec![site.not_shared()];
    let (mut names, mut side_effects) = (Vec::new(), Vec::new());
    for (name, short) in [("S3", "s3"), ("DynamoDB", "dynamodb")] {
        let service = format!("com.amazonaws.{}.{short}", site.snapshot.region);
        let Some(endpoint) = existing(site, &service).filter(|_| is_wanted(site, &service)) else { continue };
        let EndpointKind::Gateway { route_tables } = &endpoint.kind else { continue };
        let missed: Vec<RouteTableId> = site
            .route_tables()
            .into_iter()
            .filter(|table| !route_tables.contains(table) && !is_routed(site, table, &service))
            .collect();
        if missed.is_empty() {
            continue;
        }
        preconditions.push(list_known(site, &service));
        side_effects.push(drops(site, name, &missed));
        names.push(name);
        changes.push(Change::AssociateRouteTables {
            endpoint: endpoint.id.clone(),
            service,
            route_tables: missed,
        });
    }
    if changes.is_empty() {
        return None;
    }
    Some(Candidate {
        title: format!("The {} endpoint on the tables it misses", names.join(" and the ")),
        changes,
        preconditions,
        side_effects,
        takes_effect: "in about a minute, no deployment of the service".to_owned(),
        reversal: "take the tables out of the endpoint again; open connections drop again".to_owned(),
    })
}

fn is_routed(site: &Site<'_>, table: &RouteTableId, service: &str) -> bool {
    let network = &site.snapshot.network;
    let list = network.prefix_lists.iter().find(|list| list.name == service).map(|list| &list.id);
    network.route_tables.get(table).is_some_and(|table| {
        table
            .routes
            .iter()
            .any(|route| matches!(&route.destination, RouteDestination::PrefixList(id) if Some(id) == list))
    })
}
