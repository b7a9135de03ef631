//! A gateway endpoint that the code creates with the next `terraform apply`, but not for all route tables that need it: adds the
//! missing ones, or sets the value that leaves them out.

use crate::model::RouteTableId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::associations::associations_of;
use crate::terraform::edit::endpoint::existing::{add_associations, extended};
use crate::terraform::edit::text::amend::{add_attributes, ensure_not_ignored};
use crate::terraform::edit::text::list::{extend_list, missing_elements};
use crate::terraform::edit::values::reenable::enable_block;
use crate::terraform::error::EditError;
use crate::terraform::find::instances::instance_keys;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::find::switch::{Switch, SwitchValue, switch_of, values_with};
use crate::terraform::lang::address::{ResourceAddress, address};
use crate::terraform::lang::expression::{Expr, conditional};
use crate::terraform::lang::render::quoted;
use crate::terraform::read::place::Place;

const TABLES: &str = "route_table_ids";

/// Adds the route tables that an endpoint in the code lacks. Returns `false` if it has all of them, or if this is unknown.
///
/// # Errors
/// The list of the endpoint cannot be edited.
pub(in crate::terraform::edit) fn cover_tables<'a>(
    draft: &mut Draft<'a>,
    place: Place<'a>,
    tables: &[RouteTableId],
) -> Result<bool, EditError> {
    let Some(own) = only_instance(place) else { return Ok(false) };
    if !enable_associations(draft, place, &own, tables)? {
        return add_tables(draft, place, &own, tables);
    }
    if !add_tables(draft, place, &own, tables)? {
        draft.reenabled.push(instance_in_root(place));
    }
    Ok(true)
}

/// The address of the only endpoint that a block creates.
fn instance_in_root(place: Place<'_>) -> ResourceAddress {
    let address = place.address_in_root();
    if place.block.repeats() { address.with_key("[0]") } else { address }
}

/// The id of the only endpoint that a block creates; `None` for several.
fn only_instance(place: Place<'_>) -> Option<Origin<'_>> {
    let instance = match instance_keys(place) {
        None => Instances::Only,
        Some(keys) if keys == ["[0]"] => Instances::Key("[0]".to_owned()),
        Some(_) => return None,
    };
    Some(Origin::Block(BlockOrigin { place, instance, attribute: "id".to_owned() }))
}

/// Enables the disabled associations of an enabled endpoint with route tables that have no other association. Returns `false` if there are
/// none.
///
/// # Errors
/// Their switch cannot be edited.
fn enable_associations<'a>(
    draft: &mut Draft<'a>,
    place: Place<'a>,
    own: &Origin<'a>,
    tables: &[RouteTableId],
) -> Result<bool, EditError> {
    let enabled = associations_of(draft, own);
    let of_block = associations_in_module(draft, place);
    let (on, off): (Vec<_>, Vec<_>) =
        of_block.into_iter().partition(|one| enabled.iter().any(|other| other.is_same_block(one)));
    let finder = &draft.finder;
    let leads = |one: &Place<'a>, table: &RouteTableId| {
        let wanted = finder.table_instance(table).or_else(|| finder.chained_table(table));
        wanted.is_some_and(|wanted| may_lead(draft, *one, &wanted))
    };
    let is_open = |table: &&RouteTableId| !on.iter().any(|one| leads(one, table));
    let open: Vec<&RouteTableId> = tables.iter().filter(is_open).collect();
    let first = off.iter().find(|one| open.iter().any(|table| leads(one, table))).copied();
    let Some(first) = first.filter(|_| place.block.body.attribute(TABLES).is_none()) else {
        return Ok(false);
    };
    let related: Vec<String> = off.iter().map(|one| address(one.block)).collect();
    enable_block(draft, first, &related)?;
    Ok(true)
}

/// Whether an association is, or can be with its switch on, of a route table; also if this is unknown.
fn may_lead<'a>(draft: &Draft<'a>, one: Place<'a>, table: &Origin<'a>) -> bool {
    let origins = &draft.finder.network.origins;
    if origins.leads_to(one, "route_table_id", table) != Some(false) {
        return true;
    }
    // `for_each = var.on ? { private = aws_route_table.private.id } : {}` is empty now.
    let Place { module, file, block } = one;
    let Switch::Value(found) = switch_of(draft.finder.config, module, file, block) else { return false };
    let each = module.expression(file, block, "for_each").and_then(|each| each.tree());
    each.is_some_and(|each| {
        let selected = found.selected(module, &each);
        let tables = origins.of(module, Expr::parsed("", &selected));
        tables.is_none_or(|tables| tables.iter().any(|one| one.is_same_resource(table)))
    })
}

/// The associations in the module of an endpoint's block that are of it.
fn associations_in_module<'a>(draft: &Draft<'a>, place: Place<'a>) -> Vec<Place<'a>> {
    let Place { module, .. } = place;
    let is_of = |one: &Place<'a>| {
        let leads = draft.finder.network.origins.of_attribute(*one, "vpc_endpoint_id").unwrap_or_default();
        leads
            .iter()
            .any(|origin| matches!(origin, Origin::Block(endpoint) if endpoint.place.is_same_block(&place)))
    };
    let all = module.resources("aws_vpc_endpoint_route_table_association");
    all.map(|(file, block)| Place { module, file, block }).filter(is_of).collect()
}

/// Adds the route tables that an endpoint lacks, in the form of the team.
fn add_tables<'a>(
    draft: &mut Draft<'a>,
    place: Place<'a>,
    own: &Origin<'a>,
    tables: &[RouteTableId],
) -> Result<bool, EditError> {
    let finder = &draft.finder;
    let list = place.block.body.attribute(TABLES);
    let present = match list {
        Some(_) => finder.network.origins.of_attribute(place, TABLES),
        None => Some(Vec::new()),
    };
    let Some(present) = present else { return Ok(false) };
    let associations = associations_of(draft, own);
    let enabled_here =
        |one: &Place<'_>| draft.reenabled.iter().any(|known| known.is_of(&one.module.address_of(one.block)));
    let associations: Vec<Place<'a>> = associations
        .into_iter()
        .chain(associations_in_module(draft, place).into_iter().filter(enabled_here))
        .collect();
    let has = |table: &RouteTableId| {
        if present.is_empty() && associations.is_empty() {
            return Some(false);
        }
        let wanted = finder.table_instance(table).or_else(|| finder.chained_table(table))?;
        let leads = |place: &Place<'a>| may_lead(draft, *place, &wanted);
        Some(present.iter().any(|one| one.is_same_resource(&wanted)) || associations.iter().any(leads))
    };
    let Some(has) = tables.iter().map(has).collect::<Option<Vec<bool>>>() else { return Ok(false) };
    let missing: Vec<RouteTableId> =
        tables.iter().zip(&has).filter(|(_, has)| !**has).map(|(table, _)| table.clone()).collect();
    if missing.is_empty() {
        return Ok(false);
    }
    ensure_not_ignored(place.file, place.block, &[TABLES])?;
    let address_in_root = place.address_in_root();
    if let Some(found) = switch_of_list(draft, place) {
        if !draft.set_switch(place.module, &found, &[address(place.block)]) {
            return Err(EditError::Answer {
                place: place.location(),
                what: format!(
                    "{address_in_root} is in the code, but {} leaves its route tables out: it must be {} for this environment",
                    found.reference(),
                    found.value
                ),
            });
        }
        draft.note(&format!(
            "{address_in_root} ({}) had no route tables because of {}: this edit gives it its route tables.",
            place.location(),
            found.reference()
        ));
        draft.reenabled.push(instance_in_root(place));
        return Ok(true);
    }
    let has_associations = !associations.is_empty() || !associations_in_module(draft, place).is_empty();
    if list.is_none() && has_associations {
        associate(draft, place, own, &missing)?;
        draft.note(&format!(
            "{address_in_root} ({}) is in the code, but not for the route tables of the service: this edit adds them.",
            place.location()
        ));
        draft.reenabled.push(instance_in_root(place));
        return Ok(true);
    }
    if draft.finder.config.is_used_more_than_once(place.module) {
        return Err(in_shared_module(draft, place, &missing));
    }
    if place.module.address != draft.finder.target.address {
        draft.finder.enter(place.module)?;
    }
    match list {
        None => {
            let wanted = draft.route_tables(&missing)?.list();
            draft.splice_all(place.file, add_attributes(place.file, place.block, &[(TABLES, &wanted)])?);
        }
        Some(list) => {
            let wanted = draft.route_tables(&missing)?.list();
            let Some(more) = missing_elements(place.file.value(list), &wanted) else { return Ok(false) };
            draft.splice(place.file, extended(place.file, &list.value, &more));
        }
    }
    draft.note(&format!(
        "{address_in_root} ({}) is in the code, but not for the route tables of the service: this edit adds them.",
        place.location()
    ));
    draft.reenabled.push(instance_in_root(place));
    Ok(true)
}

/// Enables a disabled endpoint of the target module whose associations have the same switch, and adds those that the service lacks. Returns
/// `false` if the endpoint has no separate associations.
///
/// # Errors
/// Its switch cannot be edited.
pub(in crate::terraform::edit) fn enable_with_associations<'a>(
    draft: &mut Draft<'a>,
    place: Place<'a>,
    tables: &[RouteTableId],
) -> Result<bool, EditError> {
    let Place { module, block, .. } = place;
    let associations = associations_in_module(draft, place);
    if associations.is_empty()
        || block.body.attribute(TABLES).is_some()
        || block.repeats() && !module.is_optional(place.file, block)
    {
        return Ok(false);
    }
    let is_covered = |table: &&RouteTableId| {
        let finder = &draft.finder;
        let wanted = finder.table_instance(table).or_else(|| finder.chained_table(table));
        let leads = |one: &Place<'a>| wanted.as_ref().is_none_or(|wanted| may_lead(draft, *one, wanted));
        associations.iter().any(leads)
    };
    let missing: Vec<RouteTableId> = tables.iter().filter(|table| !is_covered(table)).cloned().collect();
    let related: Vec<String> = associations.iter().map(|one| address(one.block)).collect();
    enable_block(draft, place, &related)?;
    if !missing.is_empty() {
        let instance = if block.repeats() { Instances::Key("[0]".to_owned()) } else { Instances::Only };
        let own = Origin::Block(BlockOrigin { place, instance, attribute: "id".to_owned() });
        associate(draft, place, &own, &missing)?;
    }
    Ok(true)
}

/// Adds separate associations of an endpoint: in its module, or in the target module if other code uses that module too.
///
/// # Errors
/// The target module cannot refer to the endpoint.
fn associate<'a>(
    draft: &mut Draft<'a>,
    place: Place<'a>,
    own: &Origin<'a>,
    tables: &[RouteTableId],
) -> Result<(), EditError> {
    let is_shared = draft.finder.config.is_used_more_than_once(place.module);
    if !is_shared && place.module.address != draft.finder.target.address {
        draft.finder.enter(place.module)?;
    }
    let Some(id) = draft.reference(own) else { return Err(in_shared_module(draft, place, tables)) };
    add_associations(draft, (id, "# Routes to the endpoint from the App Runner subnets\n"), tables)
}

/// The refusal for an endpoint without these route tables in a module that other code uses too.
fn in_shared_module(draft: &Draft<'_>, place: Place<'_>, tables: &[RouteTableId]) -> EditError {
    let finder = &draft.finder;
    let expression = |table: &RouteTableId| {
        let origin = finder.table_instance(table).or_else(|| finder.chained_table(table))?;
        let module = finder.config.modules().into_iter().find(|own| own.address == place.module.address)?;
        draft.known_reference_in(module, &origin)
    };
    let tables = tables.iter().map(|table| expression(table).unwrap_or_else(|| quoted(table.as_str())));
    let more = format!("[{}]", tables.collect::<Vec<_>>().join(", "));
    let present = place.block.body.attribute(TABLES);
    let list = present.map_or(more.clone(), |list| extend_list(place.file.value(list), &more));
    let instead = present.map_or_else(String::new, |list| {
        format!(", instead of {TABLES} = {}", place.file.expression(list).in_one_line())
    });
    EditError::ByHand {
        place: place.location(),
        what: format!(
            "{} is in the code, but not for the route tables of the service, and it is {}",
            place.address_in_root(),
            finder.used_more_than_once(place.module)
        ),
        snippet: format!(
            "# In {} ({}){instead}\n{TABLES} = {list}\n",
            address(place.block),
            place.location()
        ),
    }
}

/// The value that decides that the list of route tables is the other case of a conditional, `var.private ? [a] : []`.
fn switch_of_list(draft: &Draft<'_>, place: Place<'_>) -> Option<SwitchValue> {
    let written = place.module.expression(place.file, place.block, TABLES)?;
    let tree = written.tree()?;
    let cases = conditional(&tree)?;
    let condition = Expr::parsed("", &cases.cond_expr);
    let present = place.module.value(condition)?.as_bool()?;
    let unused = if present { &cases.false_expr } else { &cases.true_expr };
    if Expr::parsed("", unused).is_empty_list() {
        return None;
    }
    let is_other =
        |found: &SwitchValue| found.evaluate(condition).is_some_and(|value| value == (!present).into());
    values_with(draft.finder.config, place.module, &cases.cond_expr, is_other).into_iter().next()
}
