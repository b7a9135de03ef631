//! Edits for existing endpoints: route tables of a gateway endpoint, private DNS of an interface endpoint.

use std::ops::Range;

use crate::model::{EndpointId, RouteTableId, is_planned};
use crate::terraform::answer::OwnerChoice;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint;
use crate::terraform::edit::endpoint::associations::enabled_associations;
use crate::terraform::edit::import;
use crate::terraform::edit::nat::vpc_module::table_of_call;
use crate::terraform::edit::network;
use crate::terraform::edit::network::placement::ENDPOINTS_FILE;
use crate::terraform::edit::text::amend::ensure_not_ignored;
use crate::terraform::edit::text::list::{extend_list, insert_element, missing_elements};
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::edit::text::tables::Repetition;
use crate::terraform::edit::values::enable::enable;
use crate::terraform::error::EditError;
use crate::terraform::find::form::Form;
use crate::terraform::find::found::Found;
use crate::terraform::find::instances::{for_instance, instance_keys};
use crate::terraform::find::network::call_towards;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::find::registry::searched_modules;
use crate::terraform::find::score::Clues;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::{Line, attribute, comment, quoted};
use crate::terraform::lang::structure::Attribute;
use crate::terraform::read::file::File;
use crate::terraform::read::place::{Place, location};

/// Enables private DNS.
pub(in crate::terraform) fn enable_private_dns(
    draft: &mut Draft<'_>,
    endpoint: &EndpointId,
    service: &str,
) -> Result<(), EditError> {
    let snippet = format!("# In the aws_vpc_endpoint of {endpoint}\nprivate_dns_enabled = true\n");
    let Some(found) = find(draft, endpoint, service)? else {
        return import::endpoint(draft, endpoint, &snippet);
    };
    draft.note(&found.evidence);
    found.ensure_single()?;
    enable(draft, &found, "private_dns_enabled")?;
    draft.change(&found.address_in_root());
    Ok(())
}

/// Adds route tables to a gateway endpoint: to the list in its block, or as separate associations if the
/// block has no list or is not in this folder.
pub(in crate::terraform) fn associate_tables(
    draft: &mut Draft<'_>,
    endpoint: &EndpointId,
    service: &str,
    tables: &[RouteTableId],
) -> Result<(), EditError> {
    let found = find(draft, endpoint, service)?;
    if draft.finder.answers.get(endpoint.as_str()) == Some(&OwnerChoice::Import) {
        let what = format!(
            "{endpoint} needs no import for this change: if other code manages it, use --made-by {endpoint}=none"
        );
        return Err(EditError::Answer { place: draft.finder.code.service.location(), what });
    }
    let suffix = service.rsplit('.').next().unwrap_or(service);
    if found.is_none() && draft.finder.state.is_empty() && endpoint::entry::add_tables(draft, suffix, tables)?
    {
        return Ok(());
    }
    match &found {
        Some(found) => draft.note(&found.evidence),
        None => draft.note_not_managed_here(endpoint.as_str()),
    }
    // A new list in a block without a list would remove the route tables that separate associations added.
    if let Some(found) = &found
        && let Some(list) = found.block.body.attribute("route_table_ids")
    {
        ensure_not_ignored(found.file, found.block, &["route_table_ids"])?;
        found.ensure_single()?;
        let Some((file, list)) = add_to_list(draft, found, list, tables)? else {
            let address = format!("route_table_ids of {}", found.address_in_root());
            return Err(EditError::AlreadyInCode { address, place: location(found.file, found.block) });
        };
        draft.splice(file, list);
        draft.change(&found.address_in_root());
        return Ok(());
    }
    let id = draft.finder.id_expression(found.as_ref(), endpoint.as_str());
    let tables = without_associations_in_code(draft, (endpoint, found.as_ref(), &id), tables)?;
    let tables = network::table_entries::associate(draft, (endpoint, found.as_ref()), &tables);
    if tables.is_empty() {
        return Ok(());
    }
    if let Some(origin) = found.as_ref().and_then(Found::origin)
        && endpoint::computed_associations::add(draft, &origin, &tables)?
    {
        return Ok(());
    }
    let id = endpoint_id(draft, found.as_ref(), endpoint)?;
    let comment = comment(&format!("Routes to {endpoint} from the App Runner subnets"));
    add_associations(draft, (id, &comment), &tables)
}

/// The id of an endpoint. If it is of another module than the target, the nearest caller of the target that can refer to it becomes the
/// target.
///
/// # Errors
/// A caller has several possible expressions for the VPC.
fn endpoint_id<'a>(
    draft: &mut Draft<'a>,
    found: Option<&Found<'a>>,
    endpoint: &EndpointId,
) -> Result<String, EditError> {
    let id = draft.finder.id_expression(found, endpoint.as_str());
    let Some(origin) = found.and_then(Found::origin).filter(|_| id == quoted(endpoint.as_str())) else {
        return Ok(id);
    };
    let mut module = Some(draft.finder.target);
    while let Some(own) = module {
        let is_above = match &origin {
            Origin::Block(block) => call_towards(own, block.place.module).is_some(),
            _ => false,
        };
        if is_above && own.is_editable() && !draft.finder.config.is_used_more_than_once(own) {
            if own.address != draft.finder.target.address {
                draft.finder.enter(own)?;
            }
            return Ok(draft.reference(&origin).unwrap_or(id));
        }
        module = draft.finder.config.caller(own).map(|call| call.module);
    }
    Ok(id)
}

/// Adds associations of an endpoint with route tables. `endpoint` is its id as an expression, and the comment.
///
/// # Errors
/// A route table has no expression.
pub(in crate::terraform::edit) fn add_associations(
    draft: &mut Draft<'_>,
    (endpoint, comment): (String, &str),
    tables: &[RouteTableId],
) -> Result<(), EditError> {
    let tables = draft.route_tables(tables)?;
    let kind = "aws_vpc_endpoint_route_table_association";
    let name = draft.free_name(kind, "app_runner");
    let (mut lines, table) = match tables.repetition() {
        Repetition::One(table) => (Vec::new(), table),
        Repetition::Each { argument, value, table } => (vec![attribute(argument, value), Line::Blank], table),
    };
    lines.extend([attribute("vpc_endpoint_id", endpoint), attribute("route_table_id", table)]);
    draft.add_resource(kind, &name, ENDPOINTS_FILE, comment, &lines);
    Ok(())
}

/// The edit that adds route tables to the list of an endpoint, where the team keeps it: in the block, in a local, in the argument of a
/// call or in a variable file. `None` if the list has all of them.
fn add_to_list<'a>(
    draft: &mut Draft<'a>,
    found: &Found<'a>,
    list: &Attribute,
    tables: &[RouteTableId],
) -> Result<Option<(&'a File, Splice)>, EditError> {
    let place = Place { module: found.module, file: found.file, block: found.block };
    let form = Form::of_attribute(place, &list.name);
    let literals = form.map(|form| form.open_literals(draft.finder.config)).unwrap_or_default();
    let literal = literals.into_iter().next_back().filter(|literal| literal.made_by.is_none());
    let module = literal.as_ref().map_or(found.module, |literal| literal.module);
    if module.address != draft.finder.target.address {
        draft.finder.enter(module)?;
    }
    let (file, span) = literal.as_ref().map_or((found.file, &list.value), |one| (one.file, &one.span));
    let wanted = match &literal {
        Some(literal) if draft.accepts_only_constants(literal) => {
            let ids: Vec<String> = tables.iter().map(|table| quoted(table.as_str())).collect();
            if let Some([_, name, ..]) = literal.trail.last().map(|followed| followed.path.as_slice()) {
                draft.note_optional_var_files(name);
            }
            let ids = format!("[{}]", ids.join(", "));
            draft.note_constants(literal, &format!("{}{ids}", literal.file.slice(literal.span.clone())));
            ids
        }
        _ => draft.route_tables(tables)?.list(),
    };
    let more = missing_elements(file.slice(span.clone()), &wanted);
    Ok(more.map(|more| (file, extended(file, span, &more))))
}

/// The list of route tables in the only block of the target module for an endpoint of a service.
fn new_list<'a>(draft: &Draft<'a>, service: &str) -> Option<(&'a File, Range<usize>)> {
    let short = service.rsplit('.').next()?;
    let is_for = |file: &File, value: &Range<usize>| {
        file.slice(value.clone()).trim_matches('"').rsplit('.').next() == Some(short)
    };
    let mut blocks = draft.finder.target.resources("aws_vpc_endpoint").filter(|(file, block)| {
        block.body.attribute("service_name").is_some_and(|name| is_for(file, &name.value))
    });
    let (file, block) = blocks.next().filter(|_| blocks.next().is_none())?;
    Some((file, block.body.attribute("route_table_ids")?.value.clone()))
}

/// Adds a route table that this run creates to a gateway endpoint: to the list in its block, or else as a separate association.
pub(in crate::terraform) fn associate_new_table(
    draft: &mut Draft<'_>,
    endpoint: &EndpointId,
    table: &str,
) -> Result<(), EditError> {
    let known = draft.finder.snapshot.network.endpoints.get(endpoint);
    let service = known.map_or(String::new(), |endpoint| endpoint.service.clone());
    // An endpoint that an earlier fix added has no id yet: its block has the name of the service.
    if is_planned(endpoint.as_str())
        && let Some((file, list)) = new_list(draft, &service)
    {
        draft.splice(file, extended(file, &list, &format!("[{table}]")));
        draft.note(&format!(
            "The endpoint of {service} in this folder gets the new route table too, so that its traffic does not use the NAT gateway."
        ));
        return Ok(());
    }
    let found = find(draft, endpoint, &service)?;
    // A separate association and a list in the block remove each other.
    if let Some(found) = &found
        && let Some(list) = found.block.body.attribute("route_table_ids")
    {
        ensure_not_ignored(found.file, found.block, &["route_table_ids"])?;
        found.ensure_single()?;
        if found.module.address != draft.finder.target.address {
            let what = format!(
                "the list of route tables of {endpoint} is in another module than the new route table"
            );
            let snippet = format!("# In route_table_ids of {}\n{table}\n", found.address_in_root());
            return Err(EditError::Elsewhere { what, snippet });
        }
        draft.splice(found.file, extended(found.file, &list.value, &format!("[{table}]")));
        draft.change(&found.address_in_root());
        return Ok(());
    }
    let id = draft.finder.id_expression(found.as_ref(), endpoint.as_str());
    let kind = "aws_vpc_endpoint_route_table_association";
    let name = draft.free_name(kind, "app_runner");
    let lines = [attribute("vpc_endpoint_id", id), attribute("route_table_id", table.to_owned())];
    draft.add_resource(kind, &name, ENDPOINTS_FILE, "", &lines);
    Ok(())
}

/// The list in a file with more elements: in the layout of a literal list, or by a function.
pub(in crate::terraform::edit) fn extended(file: &File, list: &Range<usize>, more: &str) -> Splice {
    let only = Expr::from(more).tree().and_then(|tree| {
        let elements = tree.as_array()?;
        Some(elements.iter().map(|one| one.to_string().trim().to_owned()).collect::<Vec<_>>().join(", "))
    });
    let inserted = only.and_then(|element| insert_element(file, list, &element));
    inserted.unwrap_or_else(|| Splice::new(list.clone(), extend_list(file.slice(list.clone()), more)))
}

/// The tables that no resource of the code associates with the endpoint.
///
/// # Errors
/// Resources of the code associate all of them.
fn without_associations_in_code(
    draft: &Draft<'_>,
    (endpoint, found, id): (&EndpointId, Option<&Found<'_>>, &str),
    tables: &[RouteTableId],
) -> Result<Vec<RouteTableId>, EditError> {
    let finder = &draft.finder;
    let own = found.and_then(Found::origin);
    let is_of_endpoint = |place: &Place<'_>| {
        let is_here = place.module.address == finder.target.address;
        let written = place.block.body.attribute("vpc_endpoint_id").map(|own| place.file.expression(own));
        let origins = finder.network.origins.of_attribute(*place, "vpc_endpoint_id").unwrap_or_default();
        let leads = origins.iter().any(|origin| match origin {
            Origin::Text(text) => text == endpoint.as_str(),
            origin => own.as_ref().is_some_and(|own| own.is_same_resource(origin)),
        });
        leads || is_here && written.is_some_and(|written| written.is_same(Expr::from(id)))
    };
    let associations: Vec<Place<'_>> = enabled_associations(draft).filter(is_of_endpoint).collect();
    let is_in_code = |table: &RouteTableId| {
        let own = finder.table_instance(table).or_else(|| finder.chained_table(table))?;
        let all = [Some(own), table_of_call(draft, table)];
        let is_of_table = |place: &&Place<'_>| {
            let leads = |own| finder.network.origins.leads_to(**place, "route_table_id", own) == Some(true);
            all.iter().flatten().any(leads)
        };
        associations.iter().find(is_of_table)
    };
    let open: Vec<RouteTableId> =
        tables.iter().filter(|table| is_in_code(table).is_none()).cloned().collect();
    match tables.first().and_then(is_in_code).filter(|_| open.is_empty()) {
        None => Ok(open),
        Some(first) => Err(EditError::AlreadyInCode {
            address: first.module.address_of(first.block).to_string(),
            place: first.location(),
        }),
    }
}

/// The instance for a service of the only block that creates several endpoints of the workload's VPC, if AWS has one endpoint for it there.
fn instance_for<'a>(draft: &Draft<'a>, endpoint: &EndpointId, service: &str) -> Option<BlockOrigin<'a>> {
    let finder = &draft.finder;
    let network = &finder.snapshot.network;
    let vpc = &network.endpoints.get(endpoint)?.vpc;
    let is_only =
        network.endpoints.iter().filter(|one| one.vpc == *vpc && one.service == service).count() == 1;
    let is_open = finder.state.is_empty() && !finder.answers.contains_key(endpoint.as_str());
    let modules = searched_modules(finder.config).into_iter().filter(|_| is_only && is_open);
    let places = modules.flat_map(|module| {
        module.resources("aws_vpc_endpoint").map(move |(file, block)| Place { module, file, block })
    });
    let instances = places.flat_map(|place| {
        let written = place.module.expression(place.file, place.block, "service_name").map(|name| name.text);
        let of_vpc = || {
            let own = place.module.expression(place.file, place.block, "vpc_id");
            own.and_then(|own| finder.is_workload_vpc(place.module, own)) == Some(true)
        };
        let keys = instance_keys(place).filter(|_| place.is_one_of_several() && of_vpc()).unwrap_or_default();
        keys.into_iter().filter_map(move |key| {
            let name = place.module.evaluate(for_instance(place, &key, written?).as_str())?;
            let instance = Instances::Key(key);
            (name == service).then(|| BlockOrigin { place, instance, attribute: "id".to_owned() })
        })
    });
    let mut found = instances.collect::<Vec<_>>();
    (found.len() == 1).then(|| found.pop()).flatten()
}

fn find<'a>(draft: &Draft<'a>, endpoint: &EndpointId, service: &str) -> Result<Option<Found<'a>>, EditError> {
    if let Some(block) = instance_for(draft, endpoint, service) {
        let why = "its service and its VPC match";
        return draft.finder.found_by_reference(endpoint.as_str(), &block, why).map(Some);
    }
    let known = draft.finder.snapshot.network.endpoints.get(endpoint);
    let clues = Clues {
        id: endpoint.as_str(),
        tag: known.and_then(|endpoint| endpoint.tags.get("Name")),
        attributes: &[("service_name", service)],
    };
    draft.finder.find(&["aws_vpc_endpoint"], &clues)
}
