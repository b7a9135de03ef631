//! A gateway endpoint that the code creates with the next `terraform apply`, but not for all route tables that need it: adds the
//! missing ones, or sets the value that leaves them out.

use crate::model::RouteTableId;
use crate::terraform::edit::amend::{add_attributes, ensure_not_ignored};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint_associations::associations_of;
use crate::terraform::edit::existing_endpoints::{add_associations, extended};
use crate::terraform::edit::list::missing_elements;
use crate::terraform::edit::reenable::enable_block;
use crate::terraform::error::EditError;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::find::switch::{SwitchValue, values_with};
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::{Expr, conditional};
use crate::terraform::read::place::Place;

const TABLES: &str = "route_table_ids";

/// Adds the route tables that an endpoint in the code lacks. Returns `false` if it has all of them, or if this is unknown.
///
/// # Errors
/// The list of the endpoint cannot be edited.
pub(super) fn cover_tables<'a>(
    draft: &mut Draft<'a>,
    place: Place<'a>,
    tables: &[RouteTableId],
) -> Result<bool, EditError> {
    if place.block.repeats() || place.is_one_of_several() {
        return Ok(false);
    }
    let finder = &draft.finder;
    let list = place.block.body.attribute(TABLES);
    let present = match list {
        Some(_) => finder.network.origins.of_attribute(place, TABLES),
        None => Some(Vec::new()),
    };
    let Some(present) = present else { return Ok(false) };
    let own = Origin::Block(BlockOrigin { place, instance: Instances::Only, attribute: "id".to_owned() });
    let associations = associations_of(draft, &own);
    let has = |table: &RouteTableId| {
        if present.is_empty() && associations.is_empty() {
            return Some(false);
        }
        let wanted = finder.table_instance(table).or_else(|| finder.chained_table(table))?;
        let leads = |place: &Place<'a>| {
            finder.network.origins.leads_to(*place, "route_table_id", &wanted) != Some(false)
        };
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
        draft.reenabled.push(address_in_root);
        return Ok(true);
    }
    if place.module.address != draft.finder.target.address {
        draft.finder.enter(place.module)?;
    }
    match list {
        None if !associations.is_empty() => {
            let id = format!("{}.id", address(place.block));
            add_associations(
                draft,
                (id, "# Routes to the endpoint from the App Runner subnets\n"),
                &missing,
            )?;
        }
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
    draft.reenabled.push(address_in_root);
    Ok(true)
}

/// Enables a disabled endpoint of the target module whose associations have the same switch, and adds those that the service lacks. Returns
/// `false` if the endpoint has no separate associations.
///
/// # Errors
/// Its switch cannot be edited.
pub(super) fn enable_with_associations<'a>(
    draft: &mut Draft<'a>,
    place: Place<'a>,
    tables: &[RouteTableId],
) -> Result<bool, EditError> {
    let Place { module, block, .. } = place;
    let own = Origin::Block(BlockOrigin { place, instance: Instances::Only, attribute: "id".to_owned() });
    let is_of = |one: &Place<'a>| {
        let leads = draft.finder.network.origins.of_attribute(*one, "vpc_endpoint_id").unwrap_or_default();
        leads.iter().any(|origin| matches!((origin, &own), (Origin::Block(of), Origin::Block(own)) if of.is_same_block(own)))
    };
    let all = module.resources("aws_vpc_endpoint_route_table_association");
    let associations: Vec<Place<'a>> =
        all.map(|(file, block)| Place { module, file, block }).filter(is_of).collect();
    if associations.is_empty()
        || block.body.attribute(TABLES).is_some()
        || block.repeats() && !module.is_optional(place.file, block)
    {
        return Ok(false);
    }
    let is_covered = |table: &&RouteTableId| {
        let finder = &draft.finder;
        let wanted = finder.table_instance(table).or_else(|| finder.chained_table(table));
        let leads = |one: &Place<'a>| {
            let wanted = wanted.as_ref();
            wanted.is_none_or(|wanted| {
                finder.network.origins.leads_to(*one, "route_table_id", wanted) != Some(false)
            })
        };
        associations.iter().any(leads)
    };
    let missing: Vec<RouteTableId> = tables.iter().filter(|table| !is_covered(table)).cloned().collect();
    let related: Vec<String> = associations.iter().map(|one| address(one.block)).collect();
    enable_block(draft, place, &related)?;
    if !missing.is_empty() {
        let key = if block.repeats() { "[0]" } else { "" };
        let id = format!("{}{key}.id", address(block));
        add_associations(draft, (id, "# Routes to the endpoint from the App Runner subnets\n"), &missing)?;
    }
    Ok(true)
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
