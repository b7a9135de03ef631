//! The security group that a rule allows, where another module creates it: the module that can refer to both groups gets the rule, or the
//! module of an inline rule gets the id by a variable that its call sets.

use crate::model::{Peer, SecurityGroupId};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule::group_code::{group_origin, peer_group};
use crate::terraform::error::EditError;
use crate::terraform::find::network::call_towards;
use crate::terraform::find::origin::Origin;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::render::{attribute, block, quoted};
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// The variable for the id of the connector's group.
const VARIABLE: &str = "app_runner_security_group_id";

/// The module for a rule as a resource, if the module that gets new resources cannot refer to its group and its peer: the module of the
/// peer, or the nearest module that calls both. The second value is the group as an expression there. `None` if one of the other modules
/// can have the rule.
pub(in crate::terraform::edit) fn module_of_both<'a>(
    draft: &mut Draft<'a>,
    (owner, group): (&'a Module, &Origin<'a>),
    peer: &Peer,
) -> Option<(&'a Module, String)> {
    let Peer::Group(id) = peer else { return None };
    let (of_peer, other) = group_origin(draft, id)?;
    let is_known = |module: &'a Module, origin: &Origin<'a>, of: &'a Module| {
        module.address == of.address
            || draft.known_reference_in(module, origin).is_some()
            || call_towards(module, of).is_some()
    };
    let target = draft.finder.target;
    let knows_both = |module| is_known(module, group, owner) && is_known(module, &other, of_peer);
    if knows_both(owner) || knows_both(target) {
        return None;
    }
    let is_open = |module: &&'a Module| {
        module.is_editable() && !draft.finder.config.is_used_more_than_once(module) && knows_both(module)
    };
    let module = std::iter::once(of_peer).chain(ancestors(draft, owner)).find(is_open)?;
    let owner = draft.reference_in(module, group)?;
    Some((module, owner))
}

/// The id of a peer group in the module of an inline rule: a reference, or in an edit a variable that the call of the module sets; else as
/// text.
///
/// # Errors
/// The block of the group is not found.
pub(in crate::terraform::edit) fn peer_of_inline_rule<'a>(
    draft: &mut Draft<'a>,
    (module, is_edit): (&'a Module, bool),
    id: &SecurityGroupId,
) -> Result<String, EditError> {
    let target = draft.finder.target;
    draft.finder.enter(module)?;
    let known = peer_group(draft, id);
    draft.finder.enter(target)?;
    let known = known?;
    if known != quoted(id.as_str()) {
        return Ok(known);
    }
    let by_call = draft.finder.expression_in(module, &["aws_security_group"], id.as_str());
    if by_call != known {
        return Ok(by_call);
    }
    let peer = if is_edit { group_origin(draft, id) } else { None };
    Ok(peer.and_then(|(of, peer)| by_variable(draft, module, (id, of, &peer))).unwrap_or(known))
}

/// The id of a group by a new variable of a module with one call.
fn by_variable<'a>(
    draft: &mut Draft<'a>,
    module: &'a Module,
    (id, of_peer, peer): (&SecurityGroupId, &'a Module, &Origin<'a>),
) -> Option<String> {
    let config = draft.finder.config;
    let call = config.caller(module).filter(|call| !call.is_one_of_several())?;
    let head = format!("variable \"{VARIABLE}\"");
    let is_open = module.is_editable()
        && !config.is_used_more_than_once(module)
        && draft.is_editable_call(call)
        && !module.has_variable(VARIABLE)
        && !draft.new_blocks().contains(&head);
    if let Some(waiting) = waiting_call(draft, call.module, of_peer).filter(|_| is_open) {
        let shown = match peer {
            Origin::Output { call, .. } => ResourceAddress::module_of(
                call.module.address.as_deref(),
                call.block.kind().unwrap_or_default(),
            ),
            peer => peer.address_in_root().unwrap_or_else(|| id.to_string()),
        };
        draft.note(&format!(
            "{id} is written as an id: the call of the module of {shown} has depends_on ({}), so that a reference can be a cycle.",
            waiting.location()
        ));
        return None;
    }
    let value = is_open.then(|| draft.reference_in(call.module, peer)).flatten()?;
    draft.add_argument(module, VARIABLE, (&value, &value)).then_some(())?;
    let variables: Vec<_> = module.blocks("variable").collect();
    let described = variables.iter().filter(|(_, one)| one.body.attribute("description").is_some()).count();
    let mut lines = vec![attribute("type", "string")];
    if described * 2 > variables.len() {
        lines.insert(
            0,
            attribute("description", quoted("ID of the security group of the App Runner connector")),
        );
    }
    draft.add_top_level(module, "variable", "variables.tf", &block(&head, &lines));
    Some(format!("var.{VARIABLE}"))
}

/// The call on the way to a module that has `depends_on`: an argument with its output can be a cycle.
fn waiting_call<'a>(draft: &Draft<'a>, from: &Module, to: &'a Module) -> Option<Place<'a>> {
    let mut modules = ancestors(draft, to);
    modules.insert(0, to);
    let below = modules.into_iter().take_while(|module| module.address != from.address);
    let mut calls = below.filter_map(|module| draft.finder.config.caller(module));
    calls.find(|call| call.block.body.attribute("depends_on").is_some())
}

/// The modules that call a module, the nearest first.
fn ancestors<'a>(draft: &Draft<'a>, module: &Module) -> Vec<&'a Module> {
    let mut all: Vec<&'a Module> = Vec::new();
    let mut next = draft.finder.config.caller(module);
    while let Some(call) = next {
        all.push(call.module);
        next = draft.finder.config.caller(call.module);
    }
    all
}
