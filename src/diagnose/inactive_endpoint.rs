//! The sentence about interface endpoints that exist and whose private DNS has no effect: the name keeps its public addresses.

use super::context::{Context, list};
use crate::model::Destination;
use crate::reach::{InactiveDns, inactive_endpoint};

/// The endpoints of these destinations, as sentences that begin with a space; empty if there is none.
pub(super) fn sentences<'d>(
    context: &Context<'_>,
    destinations: impl Iterator<Item = &'d Destination>,
) -> String {
    let network = &context.snapshot.network;
    let subnet = context.subnets.iter().find_map(|id| network.subnets.get(id));
    let Some(vpc) = subnet.and_then(|subnet| network.vpcs.get(&subnet.vpc)) else { return String::new() };
    let mut found: Vec<(InactiveDns, Vec<String>)> = Vec::new();
    for (endpoint, why) in
        destinations.filter_map(|destination| inactive_endpoint(context.snapshot, vpc, destination))
    {
        let id = match why {
            InactiveDns::State => format!("{} ({})", endpoint.id, endpoint.state),
            InactiveDns::Endpoint | InactiveDns::Hostnames => endpoint.id.to_string(),
        };
        match found.iter_mut().find(|(other, _)| *other == why) {
            Some((_, ids)) if ids.contains(&id) => {}
            Some((_, ids)) => ids.push(id),
            None => found.push((why, vec![id])),
        }
    }
    let sentence = |(why, ids): &(InactiveDns, Vec<String>)| {
        let (noun, ids) = (if ids.len() == 1 { "endpoint" } else { "endpoints" }, list(ids.iter().cloned()));
        let verb = if noun == "endpoint" { "is" } else { "are" };
        match why {
            InactiveDns::Endpoint => {
                format!(" Private DNS of interface {noun} {ids} is off, so the name has public addresses.")
            }
            InactiveDns::State => {
                format!(" Interface {noun} {ids} {verb} not available, so the name has public addresses.")
            }
            InactiveDns::Hostnames => format!(
                " Private DNS of interface {noun} {ids} has no effect, because enableDnsHostnames of {} is off: the name has public \
                 addresses.",
                vpc.id
            ),
        }
    };
    found.iter().map(sentence).collect()
}
