//! The block of a security group in the code, its id as an expression, and the description of its rules.

use crate::model::{Peer, PrefixListId, SecurityGroupId};
use crate::reach::{Egresses, egresses};
use crate::remedy::endpoint_service_name;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule::registry_group::GroupCall;
use crate::terraform::error::EditError;
use crate::terraform::find::found::Found;
use crate::terraform::find::instance_argument::evaluated;
use crate::terraform::find::instances::for_instance;
use crate::terraform::find::network::connector_arguments;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::find::score::Clues;
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::quoted;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// The block of a security group: by the connector's reference if there is no state and no answer,
/// otherwise by a search.
pub(in crate::terraform::edit) fn security_group<'a>(
    draft: &Draft<'a>,
    group: &SecurityGroupId,
) -> Result<Option<Found<'a>>, EditError> {
    let known = draft.finder.snapshot.network.security_groups.get(group);
    let name = known.map(|group| group.name.clone()).unwrap_or_default();
    let clues = Clues {
        id: group.as_str(),
        tag: known.and_then(|group| group.tags.get("Name")),
        attributes: &[("name", &name)],
    };
    if draft.finder.state.is_empty()
        && !draft.finder.answers.contains_key(group.as_str())
        && let Some(block) = referenced_by_connector(draft, group)
    {
        if !draft.finder.may_be(block.place, &clues) {
            let what = format!(
                "the connector refers to {}, but its attributes do not match {group}",
                address(block.place.block)
            );
            return Err(EditError::NotUnderstood { place: block.place.location(), what });
        }
        return draft
            .finder
            .found_by_reference(group.as_str(), &block, "the connector refers to it")
            .map(Some);
    }
    draft.finder.find(&["aws_security_group", "aws_default_security_group"], &clues)
}

/// The block that `security_groups` of the connector leads to, if the connector has only this security group.
fn referenced_by_connector<'a>(draft: &Draft<'a>, group: &SecurityGroupId) -> Option<BlockOrigin<'a>> {
    let Some(Origin::Block(block)) = origin_of_connector(draft, group) else { return None };
    let kinds = ["aws_security_group", "aws_default_security_group"];
    let is_group = kinds.iter().any(|kind| block.place.block.is_resource(kind));
    (is_group && block.instance != Instances::All).then_some(block)
}

/// The id of a peer security group as an expression.
pub(in crate::terraform::edit) fn peer_group(
    draft: &mut Draft<'_>,
    group: &SecurityGroupId,
) -> Result<String, EditError> {
    let found = security_group(draft, group)?;
    Ok(group_expression(draft, found.as_ref(), group))
}

/// The id of a security group as an expression in the target module.
pub(in crate::terraform::edit) fn group_expression<'a>(
    draft: &mut Draft<'a>,
    found: Option<&Found<'a>>,
    group: &SecurityGroupId,
) -> String {
    let expression = draft.finder.id_expression(found, group.as_str());
    if expression != quoted(group.as_str()) {
        return expression;
    }
    // The group of a called module: by an output.
    let of_call = || GroupCall::in_any_module(draft, group).map(|call| call.origin());
    let origin = found.map_or_else(of_call, Found::origin);
    let by_output = origin.and_then(|origin| draft.reference(&origin));
    by_output.or_else(|| draft.connector_group(group)).unwrap_or(expression)
}

/// The module and the id of a security group that a block or a call of a registry module creates.
pub(in crate::terraform::edit) fn group_origin<'a>(
    draft: &Draft<'a>,
    group: &SecurityGroupId,
) -> Option<(&'a Module, Origin<'a>)> {
    match security_group(draft, group).ok()? {
        Some(found) => Some((found.module, found.origin()?)),
        None => GroupCall::in_any_module(draft, group).map(|call| (call.place.module, call.origin())),
    }
}

/// What the argument of the connector leads to, if a group is its only one.
pub(in crate::terraform::edit) fn origin_of_connector<'a>(
    draft: &Draft<'a>,
    group: &SecurityGroupId,
) -> Option<Origin<'a>> {
    let Egresses::Vpc(sources) = egresses(draft.finder.snapshot, draft.finder.workload) else { return None };
    (sources.first()?.security_groups.as_slice() == std::slice::from_ref(group)).then_some(())?;
    let connector = draft.finder.code.connector;
    let (_, argument) = connector_arguments(connector.block)?;
    let key = draft.finder.connector_key.as_deref();
    let mut groups = draft.finder.network.origins.of_instance(connector, key, argument)?;
    groups.pop().filter(|_| groups.is_empty())
}

/// Whether an expression refers to the prefix list: by a data source with its name, or by the gateway endpoint of its service.
pub(in crate::terraform::edit) fn is_prefix_list<'a>(
    draft: &Draft<'a>,
    place: Place<'a>,
    written: &str,
    id: &PrefixListId,
) -> bool {
    let Some(list) = draft.finder.snapshot.network.prefix_lists.get(id) else { return false };
    let region = draft.finder.snapshot.region.as_str();
    let origins = draft.finder.network.origins.of(place, Expr::from(written)).unwrap_or_default();
    origins.iter().any(|origin| {
        let Origin::Block(block) = origin else { return false };
        let Place { module, file, block: source } = block.place;
        let name = match source.kind() {
            Some("aws_prefix_list" | "aws_ec2_managed_prefix_list") => "name",
            Some("aws_vpc_endpoint") if block.attribute == "prefix_list_id" => "service_name",
            _ => return false,
        };
        let named = || {
            let name = module.expression(file, source, name)?;
            match &block.instance {
                Instances::Key(key) => evaluated(module, &for_instance(block.place, key, name.text), region),
                _ => evaluated(module, name.text, region),
            }
        };
        named().as_ref() == Some(&list.name)
    })
}

/// The rule's description. AWS accepts letters, digits, spaces and `._-:/()#,@[]+=&;{}!$*`.
pub(in crate::terraform::edit) fn purpose(draft: &Draft<'_>, peer: &Peer) -> String {
    let list = match peer {
        Peer::PrefixList(id) => {
            let list = draft.finder.snapshot.network.prefix_lists.get(id);
            list.map(|list| endpoint_service_name(&list.name).to_string())
        }
        Peer::Group(_) => Some("the App Runner service".to_owned()),
        Peer::Ipv4(_) | Peer::Ipv6(_) => None,
    };
    match (list, peer) {
        (Some(list), Peer::Group(_)) => format!("From {list}"),
        (Some(list), _) => format!("To {list}"),
        (None, _) => "For the App Runner service".to_owned(),
    }
}
