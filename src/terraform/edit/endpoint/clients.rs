//! The security groups of interface endpoints that allow other groups, their clients, and not the VPC: the connector's group becomes one of
//! them. Such a group is never opened to the whole VPC.

use std::collections::BTreeSet;

use hcl_edit::expr::{Expression, Object, ObjectKey, ObjectValue};

use crate::model::SecurityGroupId;
use crate::reach::{Egresses, egresses};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::entry::call;
use crate::terraform::edit::rule;
use crate::terraform::edit::rule::group_code::peer_group;
use crate::terraform::edit::text::list::{insert_block_entry, insert_entry, key_like};
use crate::terraform::error::EditError;
use crate::terraform::find::collections::literals;
use crate::terraform::find::form::key_text;
use crate::terraform::find::registry::{RegistryModule, registry_module};
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::without_parentheses;
use crate::terraform::lang::render::{attribute, block as rendered};
use crate::terraform::read::place::Place;

/// The argument of the `vpc-endpoints` module with the rules of the group that it creates.
const RULES: &str = "security_group_rules";
pub(in crate::terraform::edit) const PEER: &str = "source_security_group_id";

/// The note that an endpoint's group allows its clients only.
pub(in crate::terraform::edit) fn clients_note(group: &str, ports: &str) -> String {
    format!(
        "{group} allows TCP {ports} from its clients, and not from the whole VPC. With private DNS, other workloads of the VPC lose the \
         service."
    )
}

/// The security group of the connector; `None` if it has several.
pub(in crate::terraform::edit) fn connector_group(draft: &Draft<'_>) -> Option<SecurityGroupId> {
    let Egresses::Vpc(sources) = egresses(draft.finder.snapshot, draft.finder.workload) else { return None };
    match sources.first()?.security_groups.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    }
}

/// Adds the connector's group to the rules in the call of the `vpc-endpoints` module that creates the group of its endpoints, if each of its
/// rules allows a security group. Returns `false`, and edits nothing, if its rules are others.
pub(in crate::terraform::edit) fn add_to_call<'a>(
    draft: &mut Draft<'a>,
    call: Place<'a>,
    (port, own): (u16, &SecurityGroupId),
) -> Result<bool, EditError> {
    let Place { module, file, block } = call;
    let config = draft.finder.config;
    let is_database = registry_module(&call) == Some(RegistryModule::RdsAurora);
    let is_open = if is_database {
        rule::database_groups::port_of(call) == Some(port)
    } else {
        value_of(call, "create_security_group").as_deref() == Some("true") && port == 443
    };
    if !is_open || !draft.is_editable_call(call) {
        return Ok(false);
    }
    let Some(argument) = block.body.attribute(RULES) else { return Ok(false) };
    let all = literals(config, (module, file), argument.value.clone()).unwrap_or_default();
    let [literal] = all.as_slice() else { return Ok(false) };
    let tree = literal.tree();
    let Some(Expression::Object(map)) = tree.as_ref().map(without_parentheses) else { return Ok(false) };
    let is_client = |value: &Expression| match without_parentheses(value) {
        Expression::Object(fields) => {
            let names: Vec<String> = fields.iter().filter_map(|(name, _)| key_text(name)).collect();
            names.iter().any(|name| name == PEER)
                && names.iter().all(|name| name == PEER || name == "description")
        }
        _ => false,
    };
    let fits = !map.is_empty()
        && literal.made_by.is_none()
        && literal.is_editable(config)
        && literal.module.address == module.address
        // The rules of a database can be of ranges and groups.
        && (is_database || map.iter().all(|(_, value)| is_client(value.expr())));
    if !fits {
        return Ok(false);
    }
    let target = draft.finder.target;
    if target.address != module.address {
        draft.finder.enter(module)?;
    }
    let peer = peer_group(draft, own);
    if target.address != module.address {
        draft.finder.enter(target)?;
    }
    let peer = peer?;
    let text = strip(literal.file.slice(literal.span.clone()));
    if text.contains(&strip(&peer)) {
        let address = format!("the rule for {own} in {RULES}");
        return Err(EditError::AlreadyInCode { address, place: call.location() });
    }
    let name = key_like(map, &name_of_client(map, &peer));
    // In the layout of the other entries.
    let is_on_lines = map.iter().all(|(_, value)| value.expr().to_string().trim().contains('\n'));
    let splice = if is_on_lines {
        let entry = rendered(&format!("{name} ="), &[attribute(PEER, peer)]);
        insert_block_entry(literal.file, &literal.span, map, &entry)
    } else {
        insert_entry(literal.file, &literal.span, &name, &format!("{{ {PEER} = {peer} }}"))
    };
    let Some(splice) = splice else { return Ok(false) };
    if draft.is_changed(literal.file, &splice.span) {
        return Ok(false);
    }
    draft.splice(literal.file, splice);
    let name = ResourceAddress::module_of(module.address.as_deref(), block.kind().unwrap_or_default());
    let rule = ResourceAddress::new(Some(&name), "aws_security_group_rule", "this");
    draft.reenabled.push(rule);
    draft.note(&format!("{name} creates the rule: this edit adds it to {RULES} of its call."));
    Ok(true)
}

/// The key of a new client: the label of its block if the others have theirs, `batch` of `aws_security_group.batch.id`.
fn name_of_client(map: &Object, peer: &str) -> String {
    let label = |peer: &str| {
        let name = peer.trim().strip_suffix(".id")?.strip_prefix("aws_security_group.")?;
        (!name.contains(['.', '['])).then(|| name.to_owned())
    };
    let has_label = |(key, value): (&ObjectKey, &ObjectValue)| {
        let Expression::Object(fields) = without_parentheses(value.expr()) else { return false };
        let own = fields.iter().find(|(name, _)| key_text(name).as_deref() == Some(PEER));
        let own = own.and_then(|(_, own)| label(&own.expr().to_string()));
        own.is_some() && own == key_text(key)
    };
    if let Some(label) = label(peer).filter(|_| map.iter().all(has_label)) {
        return label;
    }
    // `ingress_batch` has the name of its client after the direction.
    let first = map.iter().next().and_then(|(key, _)| key_text(key)).unwrap_or_default();
    let separator = first.find(['_', '-']).map(|at| first.split_at(at + 1).0);
    let is_common = |start: &&str| {
        map.len() > 1 && map.iter().all(|(key, _)| key_text(key).is_some_and(|key| key.starts_with(start)))
    };
    let is_direction =
        |start: &&str| ["ingress", "from", "allow"].contains(&start.trim_end_matches(['_', '-']));
    let separator = separator.filter(|start| is_direction(start) || is_common(start));
    format!("{}app_runner", separator.unwrap_or_default())
}

/// The value of an argument as text.
fn value_of(call: Place<'_>, name: &str) -> Option<String> {
    call.module.evaluate(call.module.expression(call.file, call.block, name)?)
}

/// A text without whitespace.
fn strip(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The same for a new endpoint of the call, with the connector's group.
pub(in crate::terraform::edit) fn ensure_client_of_call<'a>(
    draft: &mut Draft<'a>,
    endpoints: Place<'a>,
    ports: &BTreeSet<u16>,
) -> Result<bool, EditError> {
    let Some(own) = connector_group(draft) else { return Ok(false) };
    for port in ports {
        match add_to_call(draft, endpoints, (*port, &own)) {
            Ok(true) | Err(EditError::AlreadyInCode { .. }) => {}
            other => return other,
        }
    }
    let name = ResourceAddress::module_of(
        endpoints.module.address.as_deref(),
        endpoints.block.kind().unwrap_or_default(),
    );
    draft.note(&clients_note(&format!("The security group of {name}"), "443"));
    Ok(true)
}

/// The call of the `vpc-endpoints` module that creates a group, by its name.
pub(in crate::terraform::edit) fn call_of_group<'a>(
    draft: &Draft<'a>,
    group: &SecurityGroupId,
) -> Option<Place<'a>> {
    let call = call(draft)?;
    let value = |name: &str| value_of(call, name);
    let name = draft.finder.snapshot.network.security_groups.get(group)?.name.as_str();
    let is_prefix = value("security_group_name_prefix").is_some_and(|prefix| name.starts_with(&prefix));
    let is_name =
        value("security_group_name").is_some_and(|own| name == own || name.starts_with(&format!("{own}-")));
    (value("create_security_group").as_deref() == Some("true") && (is_name || is_prefix)).then_some(call)
}
