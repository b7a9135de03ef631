//! Default routes of route tables.
//!
//! A default route is added inline if the block of the route table lists routes. Otherwise it is a separate
//! `aws_route`: a `route` block in a route table without inline routes would remove its other routes.

use std::collections::BTreeSet;

use hcl::Value;

use crate::model::{RouteDestination, RouteOrigin, RouteTableId, RouteTarget};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::network;
use crate::terraform::edit::rule;
use crate::terraform::edit::text::amend::{
    add_block_after_siblings, add_block_before_tags, ensure_not_ignored, replace_empty_list,
};
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::edit::text::tables::Repetition;
use crate::terraform::edit::text::uncomment::uncomment_inside;
use crate::terraform::edit::values::reenable::enable_by_hand;
use crate::terraform::error::EditError;
use crate::terraform::find::commented_out::{CommentedOut, commented_out_inside};
use crate::terraform::find::form::Form;
use crate::terraform::find::found::Found;
use crate::terraform::find::instances::instance_keys;
use crate::terraform::find::registry::searched_modules;
use crate::terraform::find::switch::switch_of;
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::{Line, attribute, block, quoted};
use crate::terraform::lang::scan::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::{Place, is_ignored, location};

/// The destination of a default route.
pub(in crate::terraform) const ANYWHERE: &str = "0.0.0.0/0";
/// The file of new NAT gateways and their routes.
pub(in crate::terraform) const FILE: &str = "nat-gateway.tf";

/// The route tables without a default route in the code, and the error for one that has it.
///
/// # Errors
/// The code has the default routes of all of them, or it is unknown whether it has one.
pub(in crate::terraform) fn without_default_route_in_code(
    draft: &mut Draft<'_>,
    tables: &[RouteTableId],
) -> Result<(Vec<RouteTableId>, Option<EditError>), EditError> {
    let for_each = for_each_of(draft, tables)?;
    let (mut open, mut in_code) = (Vec::new(), None);
    for table in tables {
        match ensure_no_default_route_of(draft, table, (for_each.as_deref(), &[])) {
            Ok(()) => open.push(table.clone()),
            Err(error @ EditError::AlreadyInCode { .. }) => in_code = in_code.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    match in_code {
        Some(error) if open.is_empty() => Err(error),
        in_code => Ok((open, in_code)),
    }
}

/// The `for_each` of an `aws_route` for all of these tables, if the code has such routes.
fn for_each_of(draft: &mut Draft<'_>, tables: &[RouteTableId]) -> Result<Option<String>, EditError> {
    let has_routes = draft.finder.target.resources("aws_route").next().is_some();
    let tables = has_routes.then(|| draft.route_tables(tables)).transpose()?;
    Ok(match tables.map(|tables| tables.repetition()) {
        Some(Repetition::Each { value, .. }) => Some(value),
        Some(Repetition::One(_)) | None => None,
    })
}

/// Ensures that the code has no default route of these route tables. AWS has none, so a default route in
/// the code is not applied yet, and a second default route would conflict with it.
///
/// # Errors
/// The code has a default route whose address is not in `except`.
pub(in crate::terraform) fn ensure_no_default_route(
    draft: &mut Draft<'_>,
    tables: &[RouteTableId],
    except: &[String],
) -> Result<(), EditError> {
    let for_each = for_each_of(draft, tables)?;
    tables.iter().try_for_each(|id| ensure_no_default_route_of(draft, id, (for_each.as_deref(), except)))
}

/// As `ensure_no_default_route`, for one route table. `for_each` is the value of an `aws_route` that adds a
/// route to all route tables.
pub(in crate::terraform) fn ensure_no_default_route_of(
    draft: &Draft<'_>,
    id: &RouteTableId,
    (for_each, except): (Option<&str>, &[String]),
) -> Result<(), EditError> {
    let found = draft.finder.route_table(id)?;
    if let Some(found) = &found
        && (has_inline_default_route(found) || has_default_entry(draft, found))
    {
        return Err(EditError::AlreadyInCode {
            address: format!("a default route of {}", found.address_in_root()),
            place: location(found.file, found.block),
        });
    }
    let expected = draft.finder.id_expression(found.as_ref(), id.as_str());
    let block = found.filter(|found| found.module.address == draft.finder.target.address);
    let block = block.map(|found| found.address());
    let names_table = |expression: Expr<'_>| {
        expression.contains_string(id.as_str())
            || expression.is_same(Expr::from(&expected))
            || block.as_ref().is_some_and(|block| expression.may_refer_to(block))
    };
    let modules = draft.finder.config.modules().into_iter();
    let routes = modules.flat_map(|module| {
        module.resources("aws_route").map(move |(file, block)| Place { module, file, block })
    });
    let table = draft.finder.table_instance(id).or_else(|| draft.finder.chained_table(id));
    for place in routes {
        let Place { module, file, block: route } = place;
        let is_here = module.address == draft.finder.target.address;
        if is_here && except.contains(&address(route))
            || !is_default(module, file, route, "destination_cidr_block")
        {
            continue;
        }
        let value = |name: &str| route.body.attribute(name).map(|attribute| file.expression(attribute));
        let list = value("for_each");
        let routes_all =
            list.zip(for_each).is_some_and(|(list, for_each)| list.is_same(Expr::from(for_each)));
        let leads_to_table = table
            .as_ref()
            .and_then(|table| draft.finder.network.origins.leads_to(place, "route_table_id", table));
        let is_named = || {
            value("route_table_id").is_some_and(names_table) || list.is_some_and(names_table) || routes_all
        };
        if !leads_to_table.unwrap_or_else(|| is_here && is_named()) {
            continue;
        }
        let address = module.address_of(route);
        let switch = switch_of(draft.finder.config, module, file, route);
        let is_to_nat = module.merged(file, route, "nat_gateway_id").is_some();
        // A disabled route of a public tier, `gateway_id = var.igw_id`, is not the route that the fix needs.
        let is_disabled = || module.is_disabled(file, route) == Some(true);
        if switch.is_fixed(module) || !switch.is_on() && !is_to_nat && is_disabled() {
            continue;
        }
        return Err(if switch.is_on() {
            EditError::AlreadyInCode { address: address.to_string(), place: location(file, route) }
        } else {
            let is_shared = draft.finder.config.is_used_more_than_once(module);
            let argument = is_shared.then(|| network::route_of_call::of_disabled(draft, place)).flatten();
            let what = format!("{address} exists in the code, but it is disabled: enable it");
            argument.unwrap_or_else(|| enable_by_hand(draft, place, what))
        });
    }
    Ok(())
}

/// Whether a dynamic block or a list makes a default route of a table.
fn has_default_entry<'a>(draft: &Draft<'a>, found: &Found<'a>) -> bool {
    let place = Place { module: found.module, file: found.file, block: found.block };
    let forms = Form::of_dynamic(place, "route").into_iter().chain(Form::of_attribute(place, "route"));
    forms.into_iter().any(|form| {
        form.entries(draft.finder.config).iter().any(|(key, value)| {
            let range = form.argument("cidr_block", (key.as_deref(), value));
            range.and_then(|range| place.module.evaluate(Expr::parsed("", &range))).as_deref()
                == Some(ANYWHERE)
        })
    })
}

/// Whether the block of a route table has a default route inline, also by `dynamic "route"` with a known list.
fn has_inline_default_route(found: &Found<'_>) -> bool {
    let Found { module, file, block, .. } = found;
    let is_enabled = |dynamic: &Block| {
        let list = dynamic.body.attribute("for_each").map(|list| file.expression(list));
        let list = list.and_then(|list| module.value(list));
        list.is_some_and(|list| match list {
            Value::Array(list) => !list.is_empty(),
            Value::Object(fields) => !fields.is_empty(),
            _ => false,
        })
    };
    let dynamic = block.body.blocks("dynamic").filter(|dynamic| {
        dynamic.labels.first().is_some_and(|label| label == "route") && is_enabled(dynamic)
    });
    let generated = dynamic.flat_map(|dynamic| dynamic.body.blocks("content"));
    block.body.blocks("route").chain(generated).any(|route| is_default(module, file, route, "cidr_block"))
}

/// Whether a route's destination is 0.0.0.0/0.
fn is_default(module: &Module, file: &File, route: &Block, attribute: &str) -> bool {
    let destination = route.body.attribute(attribute);
    let destination = destination.and_then(|value| module.evaluate(file.value(value)));
    destination.as_deref() == Some(ANYWHERE)
}

/// Adds a default route to each route table: inline if its block lists routes. One separate `aws_route`
/// adds it to all other route tables. `zone` is the AZ with the ending of the names if each AZ gets a gateway.
pub(in crate::terraform) fn add_default_routes(
    draft: &mut Draft<'_>,
    tables: &[RouteTableId],
    nat_gateway: &str,
    zone: Option<(&str, &str)>,
) -> Result<(), EditError> {
    let mut separate = Vec::new();
    let module = draft.finder.target;
    let routes = module.resources("aws_route");
    let routes = routes.filter(|(file, route)| is_default(module, file, route, "destination_cidr_block"));
    let routes: Vec<_> = routes.map(|(file, block)| Place { module, file, block }).collect();
    for id in tables {
        match draft.finder.route_table(id)? {
            Some(found) if uncomment_route(draft, (id, tables), &found, nat_gateway) => {}
            Some(found) if takes_inline_routes(draft, id, &found, "nat_gateway_id") => {
                add_inline_route(draft, &found, "nat_gateway_id", nat_gateway)?;
            }
            Some(_) | None => separate.push(id.clone()),
        }
    }
    let separate = network::commented_routes::uncomment_routes(draft, &separate, (ANYWHERE, nat_gateway));
    let separate = network::table_entries::route(draft, &routes, (&quoted(ANYWHERE), nat_gateway), &separate);
    if separate.is_empty() {
        return Ok(());
    }
    let tables = draft.route_tables(&separate)?;
    let name = zone.map_or_else(|| "nat".to_owned(), |(_, ending)| format!("nat_{ending}"));
    let name = draft.free_name("aws_route", &name);
    let (mut lines, table, comment) = each_table(tables.repetition());
    lines.extend([
        attribute("route_table_id", table),
        attribute("destination_cidr_block", format!("\"{ANYWHERE}\"")),
        attribute("nat_gateway_id", nat_gateway),
    ]);
    let of = zone.map_or_else(String::new, |(zone, _)| format!(" of {zone}"));
    let comment = format!("# {comment} of the App Runner subnets{of} to the NAT gateway\n");
    draft.add_resource("aws_route", &name, FILE, &comment, &lines);
    Ok(())
}

/// Uncomments the default route to this gateway in the block of a route table, if that removes no other route of the table. The block of
/// several tables has it for all of them.
fn uncomment_route(
    draft: &mut Draft<'_>,
    (id, tables): (&RouteTableId, &[RouteTableId]),
    found: &Found<'_>,
    nat_gateway: &str,
) -> bool {
    let is_here = found.module.address == draft.finder.target.address;
    let is_single = found.ensure_single().is_ok();
    if !is_here
        || !is_single && !are_all_instances(draft, found, tables)
        || ensure_not_ignored(found.file, found.block, &["route"]).is_err()
    {
        return false;
    }
    let ids = if is_single { std::slice::from_ref(id) } else { tables };
    if !has_inline_routes(found.block) && ids.iter().any(|id| has_separate_routes(draft, id)) {
        return false;
    }
    let is_wanted = |route: &CommentedOut<'_>| {
        let is_default =
            route.value("cidr_block").and_then(|to| found.module.evaluate(to)).as_deref() == Some(ANYWHERE);
        let target = route.value("nat_gateway_id").map(Expr::from);
        is_default && target.is_some_and(|target| target.is_same(Expr::from(nat_gateway)))
    };
    let commented = commented_out_inside(found.file, found.block, "route").into_iter().find(is_wanted);
    let name = if is_single { found.address().to_string() } else { address(found.block) };
    let is_uncommented = commented.is_some_and(|route| {
        // The block of another table of the edit.
        let is_done = route.span.as_ref().is_some_and(|span| draft.is_changed(route.file, span));
        is_done || uncomment_inside(draft, &name, &route)
    });
    if is_uncommented {
        note_rollback(draft, found);
        draft.note(&found.evidence);
        draft.change(&found.address_in_root());
    }
    is_uncommented
}

/// Whether these tables are all instances of the block of a table.
fn are_all_instances(draft: &Draft<'_>, found: &Found<'_>, tables: &[RouteTableId]) -> bool {
    let place = Place { module: found.module, file: found.file, block: found.block };
    let keys = instance_keys(place).unwrap_or_default();
    let own = tables.iter().filter_map(|id| draft.finder.route_table(id).ok().flatten());
    let own = own.filter(|other| {
        let other = Place { module: other.module, file: other.file, block: other.block };
        other.is_same_block(&place)
    });
    let own: BTreeSet<String> = own.map(|other| other.address().to_string()).collect();
    !keys.is_empty() && own.len() == keys.len() && tables.len() == keys.len()
}

/// Whether a route table has routes in AWS that the block of the table would remove because it does not list them. Terraform passes over
/// propagated routes and those of gateway endpoints (AWS provider, resource `aws_route_table`).
fn has_separate_routes(draft: &Draft<'_>, id: &RouteTableId) -> bool {
    let table = draft.finder.snapshot.network.route_tables.get(id);
    table.is_none_or(|table| {
        table.routes.iter().any(|route| {
            let is_of_endpoint = matches!(route.target, RouteTarget::Endpoint(_))
                && matches!(route.destination, RouteDestination::PrefixList(_));
            !(route.target == RouteTarget::Local || is_of_endpoint || route.origin == RouteOrigin::Propagated)
        })
    })
}

/// The first lines of a resource for each route table, the id of a route table, and the name of the routes.
pub(in crate::terraform) fn each_table(repetition: Repetition) -> (Vec<Line>, String, &'static str) {
    match repetition {
        Repetition::One(table) => (Vec::new(), table, "Default route"),
        Repetition::Each { argument, value, table } => {
            (vec![attribute(argument, value), Line::Blank], table, "Default routes")
        }
    }
}

/// Adds a default route inside the block of a route table.
pub(in crate::terraform) fn add_inline_route<'a>(
    draft: &mut Draft<'a>,
    found: &Found<'a>,
    target_attribute: &'static str,
    target: &str,
) -> Result<(), EditError> {
    add_inline(draft, found, ("cidr_block", &quoted(ANYWHERE)), (target_attribute, target))
}

/// Adds a route inside the block of a route table: an entry of the list that makes its routes, or a block.
pub(in crate::terraform) fn add_inline<'a>(
    draft: &mut Draft<'a>,
    found: &Found<'a>,
    (range_name, range): (&'static str, &str),
    (target_name, target): (&'static str, &str),
) -> Result<(), EditError> {
    draft.note(&found.evidence);
    let (file, table) = (found.file, found.block);
    let route = [attribute(range_name, range), attribute(target_name, target)];
    ensure_not_ignored(file, table, &["route"])?;
    let list = table.body.attribute("route");
    let is_empty = list.is_some_and(|list| file.expression(list).is_empty_list());
    let is_here = found.module.address == draft.finder.target.address;
    let wanted = [(range_name, range), (target_name, target)];
    if rule::entries::add_inline_route(draft, found, wanted) {
        return Ok(());
    }
    let name = found.address();
    let new = draft.new_blocks();
    let by_hand = |what: String| EditError::ByHand {
        place: location(file, table),
        what,
        snippet: if new.is_empty() {
            block("route", &route)
        } else {
            format!("{new}\n# In {name}\n{}", block("route", &route))
        },
    };
    if !is_here && draft.finder.config.is_used_more_than_once(found.module) {
        let call = draft.finder.config.caller(found.module);
        let call = call.map_or_else(
            || "the call for this table".to_owned(),
            |call| format!("module.{} ({})", call.block.kind().unwrap_or_default(), call.location()),
        );
        let what = format!(
            "the routes of {name} are in a module that is called more than once: give it a variable for its routes that only {call} sets"
        );
        return Err(network::route_of_call::refusal(
            draft,
            found,
            (range_name, range),
            (target_name, target),
        )
        .unwrap_or_else(|| by_hand(what)));
    }
    if !is_here {
        return Err(by_hand(format!("the routes of {name} are in another module than the gateway")));
    }
    if found.ensure_single().is_err() {
        return Err(by_hand(format!("the routes of {name} apply to several route tables")));
    }
    let splices = match list {
        Some(list) if is_empty => replace_empty_list(file, table, list, &route),
        Some(list) => {
            let list = file.expression(list).in_one_line();
            return Err(by_hand(format!(
                "the routes of {name} are the value of `{list}`: add this route to it"
            )));
        }
        None => {
            note_rollback(draft, found);
            let before_tags = first_block_before_tags(found, &route);
            vec![before_tags.map_or_else(|| add_block_after_siblings(file, table, "route", &route), Ok)?]
        }
    };
    draft.splice_all(file, splices);
    draft.change(&found.address_in_root());
    Ok(())
}

/// Notes how to take back the first route of a table: without route blocks, Terraform keeps the routes of the table (AWS provider, resource
/// `aws_route_table`).
fn note_rollback(draft: &mut Draft<'_>, found: &Found<'_>) {
    if !has_inline_routes(found.block) {
        draft.note(&format!(
            "Terraform keeps a route whose only route block is removed: to take back this edit, put `route = []` in {} for one apply.",
            address(found.block)
        ));
    }
}

/// The first route of a table before its tags, as other tables have it.
fn first_block_before_tags(found: &Found<'_>, route: &[Line]) -> Option<Splice> {
    let is_before_tags = |(_, other): (&File, &Block)| {
        let tags = other.body.attribute("tags");
        other.body.blocks("route").zip(tags).any(|(route, tags)| route.span.start < tags.span.start)
    };
    let mut tables = found.module.resources("aws_route_table");
    (!has_inline_routes(found.block) && tables.any(is_before_tags))
        .then(|| add_block_before_tags(found.file, found.block, "route", route))
        .flatten()
}

/// Whether a new route belongs into the block of a route table. If Terraform ignores the routes in it, a separate `aws_route` has an effect
/// and is not removed.
pub(in crate::terraform) fn takes_inline_routes(
    draft: &mut Draft<'_>,
    id: &RouteTableId,
    found: &Found<'_>,
    target: &str,
) -> bool {
    let is_listed = has_inline_routes(found.block) || is_first_route(draft, (id, target), found);
    let is_ignored = is_listed && is_ignored(found.file, found.block, "route");
    if is_ignored {
        draft.note(&format!(
            "lifecycle.ignore_changes of {} ({}) lists route, so the route is a resource of its own.",
            found.address(),
            location(found.file, found.block)
        ));
    }
    is_listed && !is_ignored
}

/// Whether the first route of a table belongs into its block, because that is the form of the other tables: one of them has a route to such
/// a target inline, no code has an `aws_route`, and AWS has no route of the table that its block would remove.
fn is_first_route(draft: &Draft<'_>, (id, target): (&RouteTableId, &str), found: &Found<'_>) -> bool {
    let is_other = |block: &Block| block.span != found.block.span;
    let has_routes =
        |block: &Block| block.body.blocks("route").any(|route| route.body.attribute(target).is_some());
    let mut others = found.module.resources("aws_route_table");
    let separate = |module: &&Module| module.resources("aws_route").next().is_some();
    let is_new = draft.adds.iter().any(|address| address.kind == "aws_route");
    found.block.is_resource("aws_route_table")
        && found.module.address == draft.finder.target.address
        && found.ensure_single().is_ok()
        && others.any(|(file, other)| (file.path != found.file.path || is_other(other)) && has_routes(other))
        && !is_new
        && !searched_modules(draft.finder.config).iter().any(separate)
        && !has_separate_routes(draft, id)
}

/// Whether the block of a route table lists its routes. Terraform would remove a separate `aws_route` of
/// that route table.
pub(in crate::terraform) fn has_inline_routes(table: &Block) -> bool {
    let is_route = |dynamic: &Block| dynamic.labels.first().is_some_and(|label| label == "route");
    table.body.blocks("route").next().is_some()
        || table.body.attribute("route").is_some()
        || table.body.blocks("dynamic").any(is_route)
}
