//! Extends the list or map from which one block creates several endpoints: `for_each = toset(["ssm", "logs"])`.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Array, Expression, Object, ObjectKey};

use crate::model::RouteTableId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::list::{insert_element, insert_entry, missing_elements};
use crate::terraform::edit::reenable_endpoint::EndpointSpec;
use crate::terraform::edit::service_entries::{self, ServiceEntry};
use crate::terraform::edit::splice::Splice;
use crate::terraform::find::collections::{Literal, literals};
use crate::terraform::find::counted_list::{counted, text_field, with_element};
use crate::terraform::find::form::{Form, key_text};
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
    /// The file with the list, and the span of the list.
    file: &'a File,
    span: Range<usize>,
}

impl EndpointList<'_> {
    /// Whether the route tables of an element, `var.gateway[count.index].route_table_ids`, are those that the endpoint needs; `true` without
    /// such a field.
    fn has_tables(&self, element: &Object, spec: &EndpointSpec<'_>) -> bool {
        let written = self.place.module.expression(self.place.file, self.place.block, TABLES);
        let field = written.and_then(|written| written.text.trim().rsplit_once("[count.index]."));
        let wanted = spec.requirements.iter().find(|one| one.name() == TABLES);
        let Some(((_, field), wanted)) = field.zip(wanted) else { return true };
        let value = element.iter().find_map(|(key, value)| {
            (key_text(key).as_deref() == Some(field)).then(|| value.expr().to_string().trim().to_owned())
        });
        value.is_some_and(|value| missing_elements(&value, wanted.value()).is_none())
    }
}

/// The block that creates interface endpoints from a list that can get this service, so that the endpoint needs no new security
/// group.
pub(in crate::terraform) fn extended<'a>(draft: &Draft<'a>, service: &str) -> Option<Place<'a>> {
    let region = format!(".{}.", draft.finder.snapshot.region);
    let suffix = service.split_once(&region).map_or(service, |(_, suffix)| suffix);
    let spec = EndpointSpec { service, suffix, endpoint_type: "Interface", requirements: &[] };
    let list = find(draft, &spec).filter(|list| new_text(list, &spec).is_some()).map(|list| list.place);
    list.or_else(|| Some(service_entries::find(draft, &spec)?.place))
}

/// Adds the service to the list. Returns `false` if no block creates endpoints of this type from a list.
pub(in crate::terraform) fn extend_list(draft: &mut Draft<'_>, spec: &EndpointSpec<'_>) -> bool {
    let found = find(draft, spec).filter(|list| {
        let place = list.place;
        draft.insert_in(list.file, &list.span, |file, span| {
            new_text(&EndpointList { place, file, span: span.clone() }, spec)
        })
    });
    let Some(list) = found else { return extend_map(draft, spec) };
    let address = list.place.module.address_of(list.place.block);
    draft.note(&format!(
        "{address} ({}) creates the endpoint from its list, with the subnets, route tables and security groups of the other endpoints.",
        list.place.location()
    ));
    draft.extended.push((list.place, spec.service.to_owned()));
    draft.reenabled.push(address);
    true
}

/// The same for a map that the block reads through other values.
fn extend_map(draft: &mut Draft<'_>, spec: &EndpointSpec<'_>) -> bool {
    let found = service_entries::find(draft, spec);
    let open = found.filter(|entry| !draft.is_changed(entry.file, &entry.splice.span));
    open.map(|entry| add_service(draft, entry)).is_some()
}

/// The same, if the block is known to give the endpoint these route tables.
pub(in crate::terraform) fn extend_map_with(
    draft: &mut Draft<'_>,
    spec: &EndpointSpec<'_>,
    tables: &[RouteTableId],
) -> bool {
    let found = service_entries::find(draft, spec).filter(|entry| entry.has_tables(draft, tables));
    found.map(|entry| add_service(draft, entry)).is_some()
}

fn add_service<'a>(draft: &mut Draft<'a>, entry: ServiceEntry<'a>) {
    draft.splice(entry.file, entry.splice);
    let address = entry.place.module.address_of(entry.place.block);
    draft.note(&format!(
        "{address} ({}) creates the endpoint by {}, with the subnets, route tables and security groups of the other endpoints.",
        entry.place.location(),
        entry.what
    ));
    draft.reenabled.push(address);
    draft.reenabled.extend(entry.enabled);
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
            && creates(config, place, value("service_name")?, spec);
        if !fits {
            return None;
        }
        let all = match block.body.attribute("for_each") {
            Some(for_each) => literals(config, (module, file), for_each.value.clone())?,
            None => counted(config, place)?.0,
        };
        // Of a module with several calls, only a list of this call is extended.
        let is_single = module.is_editable() && !config.is_used_more_than_once(module);
        let open = if is_single { Vec::new() } else { Form::of_resource(place)?.open_literals(config) };
        let is_open = |one: &Literal<'_>| {
            is_single || open.iter().any(|open| open.file.path == one.file.path && open.span == one.span)
        };
        let (file, span) = last_editable(config, all.into_iter().filter(is_open).collect())?;
        Some(EndpointList { place, file, span })
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
fn creates(config: &Config, place: Place<'_>, service_name: Expr<'_>, spec: &EndpointSpec<'_>) -> bool {
    let module = place.module;
    let key = quoted(spec.suffix);
    if let Some((_, list)) = counted(config, place) {
        let text = with_element(service_name.text, list, |_| Some(spec.suffix.to_owned()));
        return text.is_some_and(|text| module.pattern(Expr::from(&text)).fits(spec.service));
    }
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
fn last_editable<'a>(config: &'a Config, all: Vec<Literal<'a>>) -> Option<(&'a File, Range<usize>)> {
    let found =
        all.into_iter().rfind(|literal| literal.is_editable(config) && literal.has_elements_as_keys())?;
    Some((found.file, found.span))
}

/// A new element like the last one of a list of objects, with this service; `None` if the elements differ in more than the service.
fn new_object(list: &EndpointList<'_>, elements: &Array, spec: &EndpointSpec<'_>) -> Option<Splice> {
    let name = list.place.module.expression(list.place.file, list.place.block, "service_name")?.text;
    let (_, tail) = name.split_once("[count.index].")?;
    let end = tail.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').unwrap_or(tail.len());
    let field = tail.get(..end)?;
    let mut forms = elements.iter().map(|element| {
        let Expression::Object(fields) = without_parentheses(element) else { return None };
        let (_, service) = text_field(fields, field)?;
        Some(element.to_string().replace(&quoted(&service), "\u{0}").split_whitespace().collect::<String>())
    });
    let first = forms.next()??;
    forms.all(|form| form.as_ref() == Some(&first)).then_some(())?;
    let model = elements.iter().last()?;
    let Expression::Object(fields) = without_parentheses(model) else { return None };
    let (service, _) = text_field(fields, field)?;
    let text = list.file.slice(list.span.clone());
    let span = model.span()?;
    list.has_tables(fields, spec).then_some(())?;
    let element = format!(
        "{}{}{}",
        text.get(span.start..service.start)?,
        quoted(spec.suffix),
        text.get(service.end..span.end)?
    );
    insert_element(list.file, &list.span, &element)
}

/// The edit of the list; `None` if its entries have no common form.
fn new_text(list: &EndpointList<'_>, spec: &EndpointSpec<'_>) -> Option<Splice> {
    let text = list.file.slice(list.span.clone());
    match without_parentheses(&parse(text)?) {
        Expression::Array(elements) => {
            let is_object =
                |element: &Expression| matches!(without_parentheses(element), Expression::Object(_));
            if !elements.is_empty() && elements.iter().all(is_object) {
                return new_object(list, elements, spec);
            }
            if elements.is_empty() {
                return Some(Splice::new(list.span.clone(), format!("[{}]", quoted(spec.suffix))));
            }
            let are_names = elements.iter().all(|element| without_parentheses(element).as_str().is_some());
            are_names.then(|| insert_element(list.file, &list.span, &quoted(spec.suffix)))?
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
            (is_same && !value.contains('\n')).then(|| insert_entry(list.file, &list.span, &key, &value))?
        }
        _ => None,
    }
}
