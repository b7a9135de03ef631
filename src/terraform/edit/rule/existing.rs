//! Finds the rule of a security group that the code or the edit makes already, also in a form with the same effect.

use ipnet::Ipv4Net;

use crate::model::{Peer, SecurityGroupId};
use crate::reach::{Egresses, egresses};
use crate::remedy::Change;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule::group_code::{group_origin, origin_of_connector, security_group};
use crate::terraform::edit::rule::in_code::{self, Owner, WantedRule};
use crate::terraform::edit::rule::registry_group::GroupCall;
use crate::terraform::error::EditError;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::found::Found;
use crate::terraform::find::origin::Origin;
use crate::terraform::lang::render::quoted;
use crate::terraform::read::config::Config;
use crate::terraform::read::place::Place;

/// Whether this edit makes the rule already. `all` are the changes of the proposal.
///
/// # Errors
/// The code has the rule, or rules with the same effect.
pub(in crate::terraform::edit) fn has_rule<'a>(
    draft: &mut Draft<'a>,
    (direction, port, peer): (&'static str, u16, &Peer),
    (group, found, call): (&SecurityGroupId, Option<&Found<'a>>, Option<GroupCall<'a>>),
    all: &[Change],
) -> Result<bool, EditError> {
    let is_here = |call: &GroupCall<'a>| call.place.module.address == draft.finder.target.address;
    let registry = call.filter(is_here).map(|call| call.id());
    let own = (direction, group, found, registry.as_deref());
    // The editor of a call in this module checks it.
    if let Some(call) = call.filter(|_| registry.is_none())
        && let Some(error) = call.in_code(draft, (direction, port, peer))
    {
        return Err(error);
    }
    let known = |owner: &Owner<'_, '_>, wanted: &WantedRule<'_>| {
        in_code::group_rule(draft, owner, wanted).or_else(|| in_code::unknown_rule(draft, owner, wanted))
    };
    if let Some(error) = with_rule(draft, own, (port, peer), known)? {
        return Err(error);
    }
    if let Some(rules) = rules_of_extended_list(draft, direction, found, peer) {
        let address = rules.module.address_of(rules.block);
        draft.note(&format!("{address} ({}) creates the rule from the same list.", rules.location()));
        draft.reenabled.push(address);
        return Ok(true);
    }
    // An outbound rule to a group of the destination has the same effect.
    for destination in groups_of_destination(direction, port, all) {
        if let Some(error) = in_code(draft, own, port, &Peer::Group(destination.clone()))? {
            return Err(error);
        }
    }
    // So have inbound rules for the ranges of all subnets of the connector.
    let moves = |change: &Change| {
        matches!(change, Change::CreatePrivateSubnets { .. } | Change::MoveConnector { .. })
    };
    if direction == "ingress"
        && !all.iter().any(moves)
        && let Some(ranges) = ranges_of_connector(draft, peer)
    {
        let mut pending = Vec::new();
        for range in ranges {
            let of_call = |call: GroupCall<'_>| call.in_code(draft, (direction, port, &range));
            pending.push(in_code(draft, own, port, &range)?.or_else(|| call.and_then(of_call)));
        }
        if let Some(all) = pending.into_iter().collect::<Option<Vec<_>>>()
            && let Some(first) = all.into_iter().next()
        {
            return Err(first);
        }
    }
    Ok(false)
}

/// Whether other code than that of the edit has a rule of a group, and the next apply adds it.
pub(in crate::terraform::edit) fn is_in(
    draft: &Draft<'_>,
    config: &Config,
    group: &SecurityGroupId,
    (direction, port, peer): (&'static str, u16, &Peer),
) -> bool {
    let finder = &draft.finder;
    let Ok(other) = Finder::new(config, (finder.snapshot, finder.workload), finder.answers) else {
        return false;
    };
    let other = Draft::new(other);
    let Ok(found) = security_group(&other, group) else { return false };
    let own = (direction, group, found.as_ref(), None);
    in_code(&other, own, port, peer).is_ok_and(|error| error.is_some())
}

/// The outbound rules of a group to the prefix lists of gateway endpoints, if the list that creates both gets this endpoint.
fn rules_of_extended_list<'a>(
    draft: &Draft<'a>,
    direction: &str,
    group: Option<&Found<'a>>,
    peer: &Peer,
) -> Option<Place<'a>> {
    let Peer::PrefixList(list) = peer else { return None };
    let (group, finder) = (group?.origin()?, &draft.finder);
    let service = &finder.snapshot.network.prefix_lists.get(list)?.name;
    let (endpoints, _) = draft.extended.iter().find(|(_, extended)| extended == service)?;
    let module = endpoints.module;
    let of_list = module.expression(endpoints.file, endpoints.block, "for_each")?;
    let kinds = [format!("aws_vpc_security_group_{direction}_rule"), "aws_security_group_rule".to_owned()];
    let rules = kinds.iter().flat_map(|kind| module.resources(kind));
    let mut places = rules.map(|(file, block)| Place { module, file, block });
    places.find(|place| {
        let value = |name: &str| module.expression(place.file, place.block, name);
        let names = ["prefix_list_id", "prefix_list_ids"];
        let has_direction =
            value("type").is_none_or(|kind| module.evaluate(kind).as_deref() == Some(direction));
        let groups = finder.network.origins.of_attribute(*place, "security_group_id").unwrap_or_default();
        has_direction
            && value("for_each").is_some_and(|each| each.is_same(of_list))
            && names.iter().any(|name| value(name).is_some_and(|list| list.differs_by_instance()))
            && groups.iter().any(|one| one.is_same_resource(&group))
    })
}

/// The ranges of the connector's subnets, if the peer is a group of the connector.
fn ranges_of_connector(draft: &Draft<'_>, peer: &Peer) -> Option<Vec<Peer>> {
    let Peer::Group(group) = peer else { return None };
    let finder = &draft.finder;
    let Egresses::Vpc(sources) = egresses(finder.snapshot, finder.workload) else { return None };
    sources.first().filter(|source| source.security_groups.contains(group))?;
    let subnets = finder.workload_subnets();
    let range = |id| Some(Peer::Ipv4(finder.snapshot.network.subnets.get(id)?.cidr?));
    subnets.iter().map(range).collect()
}

/// The code of the connector's subnet with a range: a rule can refer to its range.
fn subnet_with_range<'a>(draft: &Draft<'a>, range: Ipv4Net) -> Option<Origin<'a>> {
    let finder = &draft.finder;
    let known = &finder.snapshot.network.subnets;
    let subnets = finder.workload_subnets();
    let own = subnets.iter().find(|id| known.get(*id).is_some_and(|subnet| subnet.cidr == Some(range)))?;
    finder.subnet_origin(own)
}

/// The groups of the destination on a port: those that get an inbound rule for it.
fn groups_of_destination<'c>(
    direction: &str,
    wanted: u16,
    all: &'c [Change],
) -> impl Iterator<Item = &'c SecurityGroupId> {
    let is_egress = direction == "egress";
    all.iter().filter(move |_| is_egress).filter_map(move |change| match change {
        Change::AllowEndpointIngress { group, port, .. } if *port == wanted => Some(group),
        _ => None,
    })
}

/// The direction and the group of a rule: its block, and its id if a call in the target module creates it.
type Own<'o, 'a> = (&'static str, &'o SecurityGroupId, Option<&'o Found<'a>>, Option<&'o str>);

/// The error for a rule that the code has already.
fn in_code<'a>(
    draft: &Draft<'a>,
    own: Own<'_, 'a>,
    port: u16,
    peer: &Peer,
) -> Result<Option<EditError>, EditError> {
    with_rule(draft, own, (port, peer), |owner, wanted| in_code::group_rule(draft, owner, wanted))
}

/// What a function finds for a rule.
fn with_rule<'a>(
    draft: &Draft<'a>,
    (direction, group, found, registry): Own<'_, 'a>,
    (port, peer): (u16, &Peer),
    find: impl FnOnce(&Owner<'_, 'a>, &WantedRule<'_>) -> Option<EditError>,
) -> Result<Option<EditError>, EditError> {
    let by_id = || {
        let expression = draft.finder.id_expression(found, group.as_str());
        let is_id = expression == quoted(group.as_str());
        is_id.then(|| draft.connector_group(group)).flatten().unwrap_or(expression)
    };
    let expression = registry.map_or_else(by_id, str::to_owned);
    let (value, peer_origin) = match peer {
        Peer::Ipv4(net) => (draft.known_range(*net), subnet_with_range(draft, *net)),
        Peer::Ipv6(net) => (quoted(&net.to_string()), None),
        Peer::PrefixList(id) => (quoted(id.as_str()), None),
        Peer::Group(id) => {
            let found = security_group(draft, id)?;
            let known = draft.finder.id_expression(found.as_ref(), id.as_str());
            let is_id = known == quoted(id.as_str());
            let value = is_id.then(|| draft.connector_group(id)).flatten().unwrap_or(known);
            let origin = group_origin(draft, id).map(|(_, origin)| origin);
            (value, origin.or_else(|| origin_of_connector(draft, id)))
        }
    };
    let origin = match found {
        Some(found) => found.origin(),
        None => group_origin(draft, group).map(|(_, origin)| origin),
    };
    let owner = Owner { id: group.as_str(), found, origin, expression: &expression };
    let wanted = WantedRule { direction, port, peer, value: &value, peer_origin };
    Ok(find(&owner, &wanted))
}
