//! A database with a standby instance in another AZ: its name has an address in that AZ after a failover.
//!
//! Owns whether the connection is blocked there. Does not judge the present instance.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html>

use super::acl_rules::{Crossing, LINUX_EPHEMERAL};
use super::border::Caller;
use super::egress::Source;
use super::endpoint;
use super::index::Index;
use super::judgement::Judgement;
use super::nacl;
use super::trace::{Layer, Outcome};
use crate::model::{AvailabilityZone, Destination, NamedResource, Subnet};

/// The AZ of the standby instance and the rule that blocks the connection there, if it is blocked in every subnet of that AZ that the
/// instance can be in.
pub(super) fn blocked(
    index: &Index<'_>,
    source: &Source,
    destination: &Destination,
) -> Option<(AvailabilityZone, String)> {
    let network = &index.snapshot.network;
    let resource = network.resource_of(&destination.host)?;
    let (zone, own) = (resource.standby.as_ref()?, network.subnets.get(&source.subnet)?);
    let subnets = resource.subnets.iter().filter_map(|id| network.subnets.get(id));
    let there = subnets.filter(|subnet| subnet.zone == *zone && subnet.vpc == own.vpc);
    let rules: Option<Vec<String>> =
        there.map(|subnet| rule(index, (source, own), (resource, subnet), destination.port)).collect();
    Some((zone.clone(), rules?.into_iter().next()?))
}

/// The first rule that blocks the connection to the resource in a subnet.
fn rule(
    index: &Index<'_>,
    (source, own): (&Source, &Subnet),
    (resource, subnet): (&NamedResource, &Subnet),
    port: u16,
) -> Option<String> {
    let standby = NamedResource { subnets: vec![subnet.id.clone()], ..resource.clone() };
    let caller = Caller {
        subnet: own,
        security_groups: &source.security_groups,
        port,
        peering: None,
        ephemeral: LINUX_EPHEMERAL,
    };
    let addresses = subnet.addresses();
    let crossings = Crossing::leaving(port, LINUX_EPHEMERAL);
    let outward = if subnet.id == own.id {
        Vec::new()
    } else {
        nacl::judge(index, Layer::Nacl, own, &addresses, &crossings)
    };
    let judgements = outward.into_iter().chain(endpoint::by_groups(index, &caller, &standby, &addresses));
    let is_block = |judgement: &Judgement| matches!(judgement.hop.outcome, Outcome::Block(_));
    let mut blocks = judgements.filter(is_block);
    blocks.next().map(|judgement| judgement.hop.rule.to_string())
}
