//! Extends the list or map from which one block creates several endpoints: `for_each = toset(["ssm", "logs"])`.

use std::ops::Range;

use hcl_edit::expr::{Expression, ObjectKey};

use crate::model::RouteTableId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint;
use crate::terraform::edit::endpoint::reenable::EndpointSpec;
use crate::terraform::edit::endpoint::service_entries::{self, ServiceEntry};
use crate::terraform::edit::text::list::{insert_element, insert_entry};
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::edit::values::all_environments::note_users;
use crate::terraform::find::collections::{Literal, literals};
use crate::terraform::find::form::Form;
use crate::terraform::find::instances::{for_instance, instance_keys};
use crate::terraform::find::registry::searched_modules;
use crate::terraform::find::switch::switch_of;
use crate::terraform::lang::expression::{Expr, parse, without_parentheses};
use crate::terraform::lang::render::quoted;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::place::Place;

const TABLES: &str = "route_table_ids";

/// A list or map of endpoints.
struct EndpointList<'a> {
    place: Place<'a>,
    literal: Literal<'a>,
}

/// The block that creates interface endpoints from a list that can get this service, so that the endpoint needs no new security
/// group.
pub(in crate::terraform) fn extended<'a>(draft: &Draft<'a>, service: &str) -> Option<Place<'a>> {
    let region = format!(".{}.", draft.finder.snapshot.region);
    let suffix = service.split_once(&region).map_or(service, |(_, suffix)| suffix);
    let spec = EndpointSpec { service, suffix, endpoint_type: "Interface", requirements: &[] };
    let list = find(draft, &spec)
        .filter(|list| new_text(list.literal.file, &list.literal.span, &spec).is_some())
        .map(|list| list.place);
    list.or_else(|| Some(service_entries::find(draft, &spec)?.place))
        .or_else(|| Some(endpoint::element::find(draft, &spec, &[])?.place))
}

/// Adds the service to the list. Returns `false` if no block creates endpoints of this type from a list.
pub(in crate::terraform) fn extend_list(draft: &mut Draft<'_>, spec: &EndpointSpec<'_>) -> bool {
    extend_texts(draft, spec)
        || extend_map(draft, spec)
        || spec.endpoint_type == "Interface" && extend_elements(draft, spec, &[])
}

/// The same for a list of names, or a map whose entries have one form.
fn extend_texts(draft: &mut Draft<'_>, spec: &EndpointSpec<'_>) -> bool {
    let found = find(draft, spec).filter(|list| {
        draft.insert_in(list.literal.file, &list.literal.span, |file, span| new_text(file, span, spec))
    });
    let Some(list) = found else { return false };
    let address = list.place.module.address_of(list.place.block);
    draft.note(&format!(
        "{address} ({}) creates the endpoint from its list, with the subnets, route tables and security groups of the other endpoints.",
        list.place.location()
    ));
    draft.extended.push((list.place, spec.service.to_owned()));
    draft.reenabled.push(address);
    note_users(draft, &list.literal);
    true
}

/// The same for a map that the block reads through other values.
fn extend_map(draft: &mut Draft<'_>, spec: &EndpointSpec<'_>) -> bool {
    let found = service_entries::find(draft, spec);
    let open = found.filter(|entry| !draft.is_changed(entry.literal.file, &entry.splice.span));
    open.map(|entry| add_service(draft, entry)).is_some()
}

/// The same, if the block is known to give the endpoint these route tables.
pub(in crate::terraform) fn extend_map_with(
    draft: &mut Draft<'_>,
    spec: &EndpointSpec<'_>,
    tables: &[RouteTableId],
) -> bool {
    let found = service_entries::find(draft, spec).filter(|entry| entry.has_tables(draft, tables));
    match found {
        Some(entry) => {
            add_service(draft, entry);
            true
        }
        None => find(draft, spec).is_none() && extend_elements(draft, spec, tables),
    }
}

/// The same for elements that are like each other.
fn extend_elements(draft: &mut Draft<'_>, spec: &EndpointSpec<'_>, tables: &[RouteTableId]) -> bool {
    let found = endpoint::element::find(draft, spec, tables);
    found.is_some_and(|new| endpoint::element::add(draft, new, tables))
}

fn add_service<'a>(draft: &mut Draft<'a>, entry: ServiceEntry<'a>) {
    draft.splice(entry.literal.file, entry.splice);
    let address = entry.place.module.address_of(entry.place.block);
    draft.note(&format!(
        "{address} ({}) creates the endpoint by {}, with the subnets, route tables and security groups of the other endpoints.",
        entry.place.location(),
        entry.what
    ));
    draft.reenabled.push(address);
    draft.reenabled.extend(entry.enabled);
    note_users(draft, &entry.literal);
}

/// The block with a list of endpoints of this type in the workload's VPC.
fn find<'a>(draft: &Draft<'a>, spec: &EndpointSpec<'_>) -> Option<EndpointList<'a>> {
    let config = draft.finder.config;
    let places = searched_modules(config).into_iter().flat_map(|module| {
        module.resources("aws_vpc_endpoint").map(move |(file, block)| Place { module, file, block })
    });
    places.into_iter().find_map(|place| {
        let Place { module, file, block } = place;
        let value = |name: &str| module.expression(file, block, name);
        let kind = value("vpc_endpoint_type")
            .map_or_else(|| Some("Gateway".to_owned()), |kind| module.evaluate(kind));
        let has_private_dns = || has_private_dns(place);
        let is_type = kind.as_deref() == Some(spec.endpoint_type)
            && (spec.endpoint_type == "Gateway" || has_private_dns());
        let vpc = value("vpc_id").and_then(|vpc| draft.finder.is_workload_vpc(module, vpc));
        let fits = is_type
            && vpc == Some(true)
            && (switch_of(config, module, file, block).is_on() || is_empty_list_of_texts(config, place))
            && !lacks_tables(draft, place, spec)
            && !draft.finder.is_in_another_region(module, file, block)
            && creates(place, value("service_name")?, spec);
        if !fits {
            return None;
        }
        let for_each = block.body.attribute("for_each")?;
        let all = literals(config, (module, file), for_each.value.clone())?;
        // Of a module with several calls, only a list of this call is extended.
        let is_single = module.is_editable() && !config.is_used_more_than_once(module);
        let open = if is_single { Vec::new() } else { Form::of_resource(place)?.open_literals(config) };
        let is_open = |one: &Literal<'_>| {
            is_single || open.iter().any(|open| open.file.path == one.file.path && open.span == one.span)
        };
        let literal = last_editable(config, all.into_iter().filter(is_open).collect())?;
        Some(EndpointList { place, literal })
    })
}

/// Whether a block creates no endpoint because its list of services is empty: `for_each = var.gateway_endpoints`.
fn is_empty_list_of_texts(config: &Config, place: Place<'_>) -> bool {
    let Place { module, file, block } = place;
    let is_of_texts = || {
        let name = module.expression(file, block, "service_name").map(|name| name.text).unwrap_or_default();
        !name.contains("each.value.") && !name.contains("each.key.")
    };
    let Some(for_each) = block.body.attribute("for_each") else { return false };
    let all = literals(config, (module, file), for_each.value.clone()).unwrap_or_default();
    let is_empty = |one: &Literal<'_>| match one.tree().as_ref().map(without_parentheses) {
        Some(Expression::Array(list)) => list.is_empty(),
        _ => false,
    };
    is_of_texts() && !all.is_empty() && all.iter().all(is_empty)
}

/// Whether the list of route tables that all endpoints of a block have is known to lack one that the endpoint needs.
fn lacks_tables(draft: &Draft<'_>, place: Place<'_>, spec: &EndpointSpec<'_>) -> bool {
    let origins = &draft.finder.network.origins;
    let wanted = spec.requirements.iter().find(|one| one.name() == TABLES);
    let wanted = wanted.and_then(|wanted| origins.of(draft.finder.target, Expr::from(wanted.value())));
    let have = place.block.body.attribute(TABLES).and_then(|_| origins.of_attribute(place, TABLES));
    have.zip(wanted).is_some_and(|(have, wanted)| {
        wanted.iter().any(|one| !have.iter().any(|own| own.is_same_resource(one)))
    })
}

/// Whether each endpoint of a block has private DNS.
fn has_private_dns(place: Place<'_>) -> bool {
    let Some(written) = place.module.expression(place.file, place.block, "private_dns_enabled") else {
        return false;
    };
    let is_on = |text: &str| place.module.evaluate(text).as_deref() == Some("true");
    if !written.differs_by_instance() {
        return is_on(written.text);
    }
    let keys = instance_keys(place).unwrap_or_default();
    !keys.is_empty() && keys.iter().all(|key| is_on(&for_instance(place, key, written.text)))
}

/// Whether the service name with this service as the key or value is the service.
fn creates(place: Place<'_>, service_name: Expr<'_>, spec: &EndpointSpec<'_>) -> bool {
    let module = place.module;
    let key = quoted(spec.suffix);
    // `data.aws_vpc_endpoint_service.all[each.key].service_name`
    let reference = service_name.reference();
    let data = reference.as_deref().and_then(|name| name.strip_prefix("data.aws_vpc_endpoint_service."));
    if let Some((name, "service_name")) = data.and_then(|rest| rest.rsplit_once('.')) {
        let name = name.strip_suffix("[each.key]").or_else(|| name.strip_suffix("[each.value]"));
        let source = module.data("aws_vpc_endpoint_service").find(|(_, block)| block.name() == name);
        let service = source.and_then(|(file, block)| module.expression(file, block, "service"));
        return service
            .and_then(|service| service.reference())
            .is_some_and(|service| service.starts_with("each."));
    }
    let text = service_name
        .text
        .replace("each.value.service", &key)
        .replace("each.value", &key)
        .replace("each.key", &key);
    service_name.differs_by_instance()
        && !text.contains(&format!("{key}.name"))
        && module.pattern(Expr::from(&text)).fits(spec.service)
}

/// The last list or map that can be edited: in the block, in a local, in the argument of a call or in a variable file.
fn last_editable<'a>(config: &'a Config, all: Vec<Literal<'a>>) -> Option<Literal<'a>> {
    all.into_iter().rfind(|literal| literal.is_editable(config) && literal.has_elements_as_keys())
}

/// The edit of the list; `None` if its entries have no common form.
fn new_text(file: &File, span: &Range<usize>, spec: &EndpointSpec<'_>) -> Option<Splice> {
    let text = file.slice(span.clone());
    match without_parentheses(&parse(text)?) {
        Expression::Array(elements) => {
            if elements.is_empty() {
                return Some(Splice::new(span.clone(), format!("[{}]", quoted(spec.suffix))));
            }
            let are_names = elements.iter().all(|element| without_parentheses(element).as_str().is_some());
            are_names.then(|| insert_element(file, span, &quoted(spec.suffix)))?
        }
        Expression::Object(entries) => {
            // All entries must have one form, apart from their own service.
            let mut forms = entries.iter().map(|(key, value)| {
                let name = match key {
                    ObjectKey::Ident(name) => name.as_str().to_owned(),
                    ObjectKey::Expression(key) => without_parentheses(key).as_str()?.to_owned(),
                };
                let value = value.expr().to_string().trim().to_owned();
                let service = name.replace('_', "-");
                Some((
                    name.clone(),
                    value
                        .replace(&format!("\"{service}\""), "\u{0}")
                        .replace(&format!("\"{name}\""), "\u{0}"),
                ))
            });
            let (first_name, first) = forms.next()??;
            let is_same = forms.all(|form| form.is_some_and(|(_, form)| form == first));
            let value = first.replace('\u{0}', &quoted(spec.suffix));
            let key = if first_name.contains('-') || !spec.suffix.contains(['-', '.']) {
                spec.suffix.to_owned()
            } else {
                spec.suffix.replace(['-', '.'], "_")
            };
            let key = if key.contains(['-', '.']) { quoted(&key) } else { key };
            (is_same && !value.contains('\n')).then(|| insert_entry(file, span, &key, &value))?
        }
        _ => None,
    }
}
