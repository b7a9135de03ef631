//! Adds route tables where the team's code makes the present associations of an endpoint, or the present routes to a NAT gateway, of a
//! collection or a number: an entry of a list or map, or a higher `count`.

use crate::model::{EndpointId, RouteTableId};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::associations::associations_of;
use crate::terraform::edit::nat;
use crate::terraform::edit::rule::entries::{Owner, empty, fixed, forms, owner_argument};
use crate::terraform::edit::text::entries::Values;
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::find::entry_value::{Argument, Need};
use crate::terraform::find::form::Form;
use crate::terraform::find::found::Found;
use crate::terraform::find::instances::instance_keys;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::json::ROUTE_FIELDS;
use crate::terraform::read::place::Place;
use crate::text::listed;

const ASSOCIATION: &str = "aws_vpc_endpoint_route_table_association";
const TABLE: &str = "route_table_id";
const ENDPOINT: &str = "vpc_endpoint_id";
const GATEWAY: &str = "nat_gateway_id";

/// Associates route tables with an endpoint where the code makes the present associations. Returns the tables that this does not add.
pub(in crate::terraform::edit) fn associate<'a>(
    draft: &mut Draft<'a>,
    (endpoint, found): (&EndpointId, Option<&Found<'a>>),
    tables: &[RouteTableId],
) -> Vec<RouteTableId> {
    let Some((found, origin)) = found.and_then(|found| Some((found, found.origin()?))) else {
        return tables.to_vec();
    };
    let is_open = |place: &Place<'a>| place.module.is_editable();
    let places = associations_of(draft, &origin).into_iter().filter(is_open);
    let places: Vec<Place<'a>> = places.collect();
    let owner = (ENDPOINT, &origin);
    let rest = with_higher_count(draft, &places, owner, tables);
    let mut open = Vec::new();
    for table in rest {
        if !add_association(draft, (endpoint, found), &table)
            && !nat::flagged_entry::enable(draft, &places, owner, &table)
        {
            open.push(table);
        }
    }
    open
}

/// Adds an association as an entry of a collection.
fn add_association<'a>(
    draft: &mut Draft<'a>,
    (endpoint, found): (&EndpointId, &Found<'a>),
    table: &RouteTableId,
) -> bool {
    let Some(origin) = table_origin(draft, table) else { return false };
    let (owner, name) = (Owner { id: endpoint.as_str(), found: Some(found) }, name_of(&origin));
    let is_added = forms(draft, ASSOCIATION).iter().any(|form| {
        let arguments = |draft: &mut Draft<'a>, values: Values<'a>| {
            let mut all = owner_argument(draft, form, values, (ENDPOINT, owner))?;
            all.push(table_argument(draft, form, values, &origin)?);
            Some(all)
        };
        draft.add_entry(form, &name, arguments)
    });
    is_added || add_element(draft, found, (&origin, &name))
}

/// Adds a table to the list of which each endpoint of a block gets all elements.
fn add_element<'a>(draft: &mut Draft<'a>, found: &Found<'a>, (table, name): (&Origin<'a>, &str)) -> bool {
    let Some(own) = found.origin() else { return false };
    let places = associations_of(draft, &own);
    let form = |place: Place<'a>| Form::of_element(place, TABLE);
    places.into_iter().filter_map(form).any(|form| {
        let origins = &draft.finder.network.origins;
        if origins.leads_to(form.place, ENDPOINT, &own) != Some(true) {
            return false;
        }
        let arguments = |draft: &mut Draft<'a>, values: Values<'a>| {
            Some(vec![table_argument(draft, &form, values, table)?])
        };
        if !draft.add_entry(&form, name, arguments) {
            return false;
        }
        let place = Place { module: found.module, file: found.file, block: found.block };
        let written = form.body.attribute(ENDPOINT).map(|written| form.place.file.expression(written));
        let keys =
            instance_keys(place).filter(|_| written.is_some_and(|written| written.differs_by_instance()));
        if let Some(keys) = keys.filter(|keys| keys.len() > 1) {
            let address = form.place.module.address_of(form.place.block);
            let count = draft.instances.get(&address).copied().unwrap_or(1);
            draft.instances.insert(address, count + keys.len() - 1);
            draft.note(&format!(
                "All endpoints of {} ({}) get the route table: {}.",
                found.module.address_of(found.block),
                place.location(),
                names(&keys)
            ));
        }
        true
    })
}

/// Adds a default route to a NAT gateway where the code makes the present routes to it. Returns the tables that this does not add. `range` and `gateway` are expressions of the target module.
pub(in crate::terraform::edit) fn route<'a>(
    draft: &mut Draft<'a>,
    routes: &[Place<'a>],
    (range, gateway): (&str, &str),
    tables: &[RouteTableId],
) -> Vec<RouteTableId> {
    let module = draft.finder.target;
    let origin = draft.finder.network.origins.of(module, Expr::from(gateway));
    let owner = origin.filter(|all| all.len() == 1).and_then(|mut all| all.pop());
    let rest = match &owner {
        Some(owner) => with_higher_count(draft, routes, (GATEWAY, owner), tables),
        None => tables.to_vec(),
    };
    let mut open = Vec::new();
    for table in rest {
        let is_added = add_route(draft, &table, (range, gateway))
            || owner
                .as_ref()
                .is_some_and(|owner| nat::flagged_entry::enable(draft, routes, (GATEWAY, owner), &table));
        if !is_added {
            open.push(table);
        }
    }
    open
}

/// Adds a default route as an instance of an `aws_route` of the target module that makes routes to the same gateway.
fn add_route<'a>(draft: &mut Draft<'a>, table: &RouteTableId, (range, gateway): (&str, &str)) -> bool {
    let module = draft.finder.target;
    // A new output would stay if no form fits.
    let origin = table_origin(draft, table);
    let Some(expression) = origin.and_then(|origin| draft.known_reference(&origin)) else { return false };
    forms(draft, "aws_route").iter().any(|form| {
        let arguments = |_: &mut Draft<'a>, values: Values<'a>| {
            let is_here =
                form.place.module.address == module.address && values.module.address == module.address;
            let mut all = vec![fixed("destination_cidr_block", range.to_owned())];
            all.push(fixed(GATEWAY, gateway.to_owned()));
            all.push(fixed(TABLE, expression.clone()));
            all.extend(
                ROUTE_FIELDS.iter().filter(|other| **other != GATEWAY).map(|other| empty(other, "null")),
            );
            is_here.then_some(all)
        };
        draft.add_entry(form, "app_runner", arguments)
    })
}

/// Raises the `count` of a block by the number of these tables, if its next instances are exactly of them. Returns the tables that this
/// does not add.
fn with_higher_count<'a>(
    draft: &mut Draft<'a>,
    places: &[Place<'a>],
    owner: (&str, &Origin<'a>),
    tables: &[RouteTableId],
) -> Vec<RouteTableId> {
    let origins: Option<Vec<Origin<'a>>> = tables.iter().map(|table| table_origin(draft, table)).collect();
    let is_raised =
        origins.is_some_and(|origins| places.iter().any(|place| raise(draft, *place, owner, &origins)));
    if is_raised { Vec::new() } else { tables.to_vec() }
}

fn raise<'a>(
    draft: &mut Draft<'a>,
    place: Place<'a>,
    (name, owner): (&str, &Origin<'a>),
    tables: &[Origin<'a>],
) -> bool {
    let Place { module, file, block } = place;
    let config = draft.finder.config;
    let Some(count) = block.body.attribute("count") else { return false };
    let Some(present) = file.expression(count).tree().and_then(|tree| module.number(&tree)) else {
        return false;
    };
    if !module.is_editable() || config.is_used_more_than_once(module) || module.overridden(block).is_some() {
        return false;
    }
    let new = present + tables.len();
    let origins = &draft.finder.network.origins;
    let single = |number: usize, name: &str| {
        let mut found = origins.of_instance(place, Some(&format!("[{number}]")), name)?;
        (found.len() == 1).then(|| found.pop()).flatten()
    };
    let next: Option<Vec<Origin<'a>>> = (present..new).map(|number| single(number, TABLE)).collect();
    let is_exact =
        next.is_some_and(|next| tables.iter().all(|table| next.iter().any(|one| one.is_same_value(table))));
    let is_of_owner = |number: usize| single(number, name).is_some_and(|one| one.is_same_resource(owner));
    if present == 0 || !is_exact || !(present..new).all(is_of_owner) {
        return false;
    }
    let is_set = draft.set_value_of((module, file), count, &new.to_string()).is_ok();
    if !is_set {
        let Some(whole) = whole_block(module.address.as_deref(), tables, new) else { return false };
        if draft.is_changed(file, &count.value) {
            return false;
        }
        draft.splice(file, Splice::new(count.value.clone(), format!("length({whole})")));
    }
    let own = module.address_of(block);
    draft.note(&format!("The count of {own} ({}) is {present}: this edit makes it {new}.", place.location()));
    let known = draft.instances.get(&own).copied().unwrap_or(1);
    draft.instances.insert(own.clone(), known + tables.len() - 1);
    draft.reenabled.push(own);
    true
}

/// The block of these tables, if it has this number of instances and is in a module.
fn whole_block(module: Option<&str>, tables: &[Origin<'_>], number: usize) -> Option<String> {
    let Some(Origin::Block(first)) = tables.first() else { return None };
    let is_here = first.place.module.address.as_deref() == module;
    let keys = instance_keys(first.place)?;
    (is_here && keys.len() == number).then(|| address(first.place.block))
}

fn table_origin<'a>(draft: &Draft<'a>, table: &RouteTableId) -> Option<Origin<'a>> {
    draft.finder.table_instance(table).or_else(|| draft.finder.chained_table(table))
}

/// A name for the entry of a table: that of its block or instance.
fn name_of(table: &Origin<'_>) -> String {
    let Origin::Block(BlockOrigin { place, instance, .. }) = table else { return "app_runner".to_owned() };
    match instance {
        Instances::Key(key) if key.starts_with("[\"") => key.trim_matches(['[', ']', '"']).to_owned(),
        _ => place.block.name().unwrap_or("app_runner").to_owned(),
    }
}

/// The argument with the table.
fn table_argument<'a>(
    draft: &mut Draft<'a>,
    form: &Form<'a>,
    values: Values<'a>,
    table: &Origin<'a>,
) -> Option<Argument> {
    let known = draft.known_reference_in(values.module, table);
    let value = match known {
        Some(known) => known,
        None if values.is_trial => "aws_route_table.trial.id".to_owned(),
        None => draft.reference(table)?,
    };
    // Terraform accepts no references there.
    if values.are_constants && !value.starts_with('"') {
        return None;
    }
    let here = draft.known_reference_in(form.place.module, table).unwrap_or_else(|| value.clone());
    Some(Argument { name: TABLE, value, here, need: Need::Same })
}

/// The keys of instances, without brackets.
fn names(keys: &[String]) -> String {
    let names: Vec<String> = keys.iter().map(|key| key.trim_matches(['[', ']', '"']).to_owned()).collect();
    listed(&names, "and")
}
