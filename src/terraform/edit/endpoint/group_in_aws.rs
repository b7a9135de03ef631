//! The security groups that the code gives to its endpoints and that have no block in the code, as AWS has them: whether they allow the
//! traffic of a new endpoint.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;

use crate::model::{EndpointKind, Peer, Protocol, SecurityGroup, SecurityGroupRule, VpcId};
use crate::reach::{Egresses, egresses};
use crate::terraform::edit::draft::Draft;
use crate::terraform::find::instances::{for_instance, instance_keys};
use crate::terraform::find::origin::Origin;
use crate::terraform::find::registry::{RegistryModule, registry_module};
use crate::terraform::find::vpc::vpc_of;
use crate::terraform::read::place::Place;

/// The traffic that security groups allow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::terraform::edit) enum Admission {
    /// From the whole VPC.
    Vpc,
    /// From the service only.
    Service,
    Nothing,
}

/// What the security groups of a block with endpoints allow, with their ids; `None` if unknown.
pub(in crate::terraform::edit) fn admission(
    draft: &Draft<'_>,
    endpoints: Place<'_>,
    (ports, ranges): (&BTreeSet<u16>, &[Ipv4Net]),
) -> Option<(Admission, Vec<String>)> {
    let finder = &draft.finder;
    let vpc = vpc_of(finder.snapshot, finder.workload)?;
    let groups =
        groups_of_code(draft, endpoints, vpc).or_else(|| groups_of_present(draft, endpoints, vpc))?;
    let Egresses::Vpc(sources) = egresses(finder.snapshot, finder.workload) else { return None };
    let own: BTreeSet<_> = sources.iter().flat_map(|source| &source.security_groups).collect();
    let allows = |port: u16, is_peer: &dyn Fn(&Peer) -> bool| {
        let mut rules = groups.iter().flat_map(|group| &group.ingress);
        rules.any(|rule| has_port(rule, port) && is_peer(&rule.peer))
    };
    let contains =
        |range: Ipv4Net| move |peer: &Peer| matches!(peer, Peer::Ipv4(net) if net.contains(&range));
    let from_vpc = |port: &u16| ranges.iter().all(|range| allows(*port, &contains(*range)));
    let from_service =
        |port: &u16| allows(*port, &|peer| matches!(peer, Peer::Group(id) if own.contains(id)));
    let found = if ports.iter().all(from_vpc) {
        Admission::Vpc
    } else if ports.iter().all(|port| from_vpc(port) || from_service(port)) {
        Admission::Service
    } else {
        Admission::Nothing
    };
    Some((found, groups.iter().map(|group| group.id.to_string()).collect()))
}

fn has_port(rule: &SecurityGroupRule, port: u16) -> bool {
    match rule.protocol {
        Protocol::All => true,
        Protocol::Tcp => rule.ports.contains(port),
        Protocol::Udp | Protocol::Number(_) => false,
    }
}

/// The groups by the values in the code; `None` if one is not found.
fn groups_of_code<'a>(
    draft: &Draft<'a>,
    endpoints: Place<'a>,
    vpc: &VpcId,
) -> Option<Vec<&'a SecurityGroup>> {
    let origins = draft.finder.network.origins.of_attribute(endpoints, "security_group_ids")?;
    let all = &draft.finder.snapshot.network.security_groups;
    let own = || all.iter().filter(|group| group.vpc == *vpc);
    let found = |origin: &Origin<'a>| match origin {
        Origin::Text(id) => own().find(|group| group.id.as_str() == id),
        Origin::Output { call, name, .. } if registry_module(call) == Some(RegistryModule::Vpc) => {
            own().find(|group| name == "default_security_group_id" && group.name == "default")
        }
        Origin::Output { call, .. } if registry_module(call) == Some(RegistryModule::SecurityGroup) => {
            let name = call.module.evaluate(call.module.expression(call.file, call.block, "name")?)?;
            let has_prefix = format!("{name}-");
            only(own().filter(|group| group.name == name || group.name.starts_with(&has_prefix)))
        }
        Origin::Block(block) if block.place.block.block_type == "data" => {
            let Place { module, file, block } = block.place;
            let name = module.evaluate(module.expression(file, block, "name")?)?;
            only(own().filter(|group| group.name == name))
        }
        _ => None,
    };
    let groups = origins.iter().map(found).collect::<Option<Vec<_>>>()?;
    (!groups.is_empty()).then_some(groups)
}

fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    all.next().filter(|_| all.next().is_none())
}

/// The groups of the endpoints that the block has created; `None` if AWS has none of them, or if they have different groups.
fn groups_of_present<'a>(
    draft: &Draft<'a>,
    endpoints: Place<'a>,
    vpc: &VpcId,
) -> Option<Vec<&'a SecurityGroup>> {
    let written = endpoints.module.expression(endpoints.file, endpoints.block, "service_name")?.text;
    let keys = instance_keys(endpoints).unwrap_or_default();
    let services: BTreeSet<String> = keys
        .iter()
        .filter_map(|key| endpoints.module.evaluate(for_instance(endpoints, key, written).as_str()))
        .collect();
    let network = &draft.finder.snapshot.network;
    let lists: BTreeSet<_> = network
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.vpc == *vpc && services.contains(&endpoint.service))
        .filter_map(|endpoint| match &endpoint.kind {
            EndpointKind::Interface { security_groups, .. } => Some(security_groups),
            _ => None,
        })
        .collect();
    only(lists.into_iter())?.iter().map(|id| network.security_groups.get(id)).collect()
}
