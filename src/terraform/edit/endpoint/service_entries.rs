//! Adds an endpoint to the map of services that a block reads at any distance, through variables, locals and `for`: sets the switch of the
//! service, `s3 = false`, or adds an entry in the form of the others.
//!
//! Each candidate is tried on a copy of the values: the block must get one instance more, with the service, the type and the route tables of
//! the endpoint, and nothing else in the module may change.

use std::collections::BTreeSet;
use std::ops::Range;

use hcl::Value;
use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, Object, ObjectKey};

use crate::model::RouteTableId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::reenable::EndpointSpec;
use crate::terraform::edit::text::list::{colon, insert_block_entry, insert_entry, key_like};
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::find::collections::{Literal, literals};
use crate::terraform::find::form::key_text;
use crate::terraform::find::kept_at::KeptAt;
use crate::terraform::find::one_environment::of_shared_default;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::registry::searched_modules;
use crate::terraform::find::switch_parts::{Parts, as_hcl, kept};
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::expression::{Expr, conditional, parse, without_parentheses};
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::Block;
use crate::terraform::lang::uses::uses_of_path;
use crate::terraform::read::file::File;
use crate::terraform::read::place::Place;

const TABLES: &str = "route_table_ids";
const TYPES: [&str; 2] = ["Gateway", "Interface"];
/// Limit of the entries whose form is tried.
const FORMS: usize = 8;

/// The edit of a map of services.
pub(in crate::terraform::edit) struct ServiceEntry<'a> {
    /// The block that creates the endpoint.
    pub place: Place<'a>,
    pub literal: Literal<'a>,
    pub splice: Splice,
    /// What the edit does, for a note.
    pub what: String,
    /// The groups and rules that it creates too.
    pub enabled: Vec<ResourceAddress>,
    /// The route tables of a gateway endpoint; empty if they are unknown.
    tables: Vec<Origin<'a>>,
}

impl<'a> ServiceEntry<'a> {
    /// Whether the endpoint is known to have all these route tables.
    pub fn has_tables(&self, draft: &Draft<'a>, wanted: &[RouteTableId]) -> bool {
        wanted.iter().all(|id| {
            let block = draft.finder.table_instance(id).or_else(|| draft.finder.chained_table(id));
            self.tables.iter().any(|one| match (one, &block) {
                (Origin::Text(text), _) => text == id.as_str(),
                (one, Some(block)) => one.is_same_resource(block),
                _ => false,
            })
        })
    }
}

/// A map that decides the instances of a block: `var.endpoints`, or a local.
struct Map {
    root: &'static str,
    name: String,
    path: Vec<String>,
    fields: hcl::Map<String, Value>,
}

/// A new value of an entry.
struct Candidate {
    key: String,
    /// The field of the entry, if the entry is an object with a switch.
    field: Option<String>,
    value: Value,
    /// The entry whose form a new entry has.
    model: Option<String>,
}

/// The entry of a map that creates the endpoint; `None` if no block in the workload's VPC has such a map.
pub(in crate::terraform::edit) fn find<'a>(
    draft: &Draft<'a>,
    spec: &EndpointSpec<'_>,
) -> Option<ServiceEntry<'a>> {
    let places = searched_modules(draft.finder.config).into_iter().flat_map(|module| {
        module.resources("aws_vpc_endpoint").map(move |(file, block)| Place { module, file, block })
    });
    let is_in_vpc = |place: &Place<'a>| {
        let Place { module, file, block } = *place;
        block.body.attribute("for_each").is_some()
            && module.is_editable()
            && module
                .expression(file, block, "vpc_id")
                .and_then(|vpc| draft.finder.is_workload_vpc(module, vpc))
                == Some(true)
            && !draft.finder.is_in_another_region(module, file, block)
            && draft.finder.has_network_provider(module, file, block)
    };
    places.filter(is_in_vpc).find_map(|place| entry_of(draft, place, spec))
}

fn entry_of<'a>(draft: &Draft<'a>, place: Place<'a>, spec: &EndpointSpec<'_>) -> Option<ServiceEntry<'a>> {
    let module = place.module;
    let each = module.expression(place.file, place.block, "for_each")?;
    let parts = Parts::of(module, each.tree()?.as_ref());
    let variables = parts.variables.iter().cloned().map(|path| ("var", path));
    let attributes = parts.attributes.iter().cloned().map(|path| ("local", path));
    let locals = parts.locals.iter().map(|name| ("local", (name.clone(), Vec::new())));
    variables.chain(attributes).chain(locals).find_map(|(root, (name, path))| {
        let keys = path.iter().map(|key| format!("[{}]", quoted(key))).collect::<String>();
        let Value::Object(fields) = module.value(format!("{root}.{name}{keys}").as_str())? else {
            return None;
        };
        let map = Map { root, name, path, fields };
        candidates(&map, spec).iter().find_map(|candidate| {
            let (enabled, tables) = tried(draft, place, (&map, candidate), (&parts, spec))?;
            let (literal, splice, what) = edit(draft, place, &map, candidate)?;
            (!draft.is_changed(literal.file, &splice.span)).then_some(())?;
            Some(ServiceEntry { place, literal, splice, what, enabled, tables })
        })
    })
}

/// The values that may create the endpoint: the switch of the service, or entries in the form of each present one.
fn candidates(map: &Map, spec: &EndpointSpec<'_>) -> Vec<Candidate> {
    let plain = |name: &str| name.replace(['_', '.'], "-");
    let own = map.fields.iter().find(|(key, _)| plain(key) == plain(spec.suffix));
    if let Some((key, value)) = own {
        let set = |field: Option<String>| Candidate {
            key: key.clone(),
            field,
            value: Value::Bool(true),
            model: None,
        };
        return match value {
            Value::Bool(false) => vec![set(None)],
            Value::Object(fields) => {
                let off = fields.iter().filter(|(_, value)| **value == Value::Bool(false));
                off.map(|(field, _)| set(Some(field.clone()))).collect()
            }
            _ => Vec::new(),
        };
    }
    let mut keys: Vec<String> = vec![spec.suffix.to_owned()];
    for key in [spec.suffix.replace(['-', '.'], "_"), spec.suffix.replace('.', "-")] {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let mut values: Vec<(Value, String)> = Vec::new();
    for (name, value) in map.fields.iter().rev().take(FORMS) {
        let forms = match value {
            Value::Bool(_) => vec![Value::Bool(true)],
            Value::Object(_) => {
                let own = with_service(value, name, spec.suffix);
                vec![own.clone(), with_type(&own, spec.endpoint_type)]
            }
            _ => Vec::new(),
        };
        for form in forms {
            if !values.iter().any(|(known, _)| *known == form) {
                values.push((form, name.clone()));
            }
        }
    }
    let of = |(value, model): &(Value, String)| {
        let (value, model) = (value.clone(), Some(model.clone()));
        keys.iter()
            .map(|key| Candidate {
                key: key.clone(),
                field: None,
                value: value.clone(),
                model: model.clone(),
            })
            .collect::<Vec<_>>()
    };
    values.iter().flat_map(of).collect()
}

/// A value with the names of one service replaced by those of another one.
fn with_service(value: &Value, from: &str, to: &str) -> Value {
    replaced(value, &|text| if text == from { to.to_owned() } else { text.to_owned() })
}

/// A value with the other type of endpoints.
fn with_type(value: &Value, kind: &str) -> Value {
    replaced(value, &|text| if TYPES.contains(&text) { kind.to_owned() } else { text.to_owned() })
}

fn replaced(value: &Value, text_of: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(text_of(text)),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| (key.clone(), replaced(value, text_of)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

/// Tries a candidate. Returns the groups and rules that it creates beside the endpoint; `None` if the block does not create the endpoint with
/// it, or if more changes.
fn tried<'a>(
    draft: &Draft<'a>,
    place: Place<'a>,
    (map, candidate): (&Map, &Candidate),
    (parts, spec): (&Parts, &EndpointSpec<'_>),
) -> Option<(Vec<ResourceAddress>, Vec<Origin<'a>>)> {
    let Place { module, file, block } = place;
    let mut whole = map.fields.clone();
    match &candidate.field {
        Some(field) => {
            whole.get_mut(&candidate.key)?.as_object_mut()?.insert(field.clone(), candidate.value.clone());
        }
        None => {
            whole.insert(candidate.key.clone(), candidate.value.clone());
        }
    }
    let whole = Value::Object(whole);
    let values = match map.root {
        "var" => module.values.with_value(&map.name, &map.path, whole),
        _ => module.values.with_local(&map.name, &map.path, whole),
    }?;
    let now: BTreeSet<String> = module.instance_keys(&module.values, file, block)?.into_iter().collect();
    let with: BTreeSet<String> = module.instance_keys(&values, file, block)?.into_iter().collect();
    let mut new = with.difference(&now);
    let key = new.next().filter(|_| new.next().is_none() && now.is_subset(&with))?;
    let tables = creates(draft, (place, &values), key, spec)?;
    let own = [map.root.to_owned(), map.name.clone()].into_iter().chain(map.path.iter().cloned());
    let locals = parts.locals.iter().map(|name| vec!["local".to_owned(), name.clone()]);
    let paths: Vec<Vec<String>> = [own.collect()].into_iter().chain(locals).collect();
    let uses = |text: &str| paths.iter().map(|path| uses_of_path(&format!("{text}\n"), path)).sum::<usize>();
    let mut enabled = Vec::new();
    for (file, other) in ["resource", "module"].into_iter().flat_map(|kind| module.blocks(kind)) {
        if other == block {
            continue;
        }
        let keys = |values: &Values| module.instance_keys(values, file, other);
        let (before, after) = (keys(&module.values), keys(&values));
        let is_enabled = before.as_ref().is_some_and(Vec::is_empty) && after.as_ref() != before.as_ref();
        if is_enabled && is_free(other) {
            enabled.push(module.address_of(other));
            continue;
        }
        let repetition = ["count", "for_each"].iter().find_map(|name| other.body.attribute(name));
        let of_repetition = repetition.map_or(0, |repetition| uses(file.slice(repetition.span.clone())));
        if before != after || uses(file.slice(other.span.clone())) != of_repetition {
            return None;
        }
    }
    Some((enabled, tables))
}

/// Whether a resource is a security group or a rule of one, which has no cost.
fn is_free(block: &Block) -> bool {
    let kind = block.kind().unwrap_or_default();
    block.block_type == "resource"
        && (kind.starts_with("aws_security_group") || kind.starts_with("aws_vpc_security_group_"))
}

/// The route tables of the new instance, empty if they are unknown; `None` if it is not the endpoint.
fn creates<'a>(
    draft: &Draft<'a>,
    (place, values): (Place<'a>, &Values),
    key: &str,
    spec: &EndpointSpec<'_>,
) -> Option<Vec<Origin<'a>>> {
    let Place { module, file, block } = place;
    let key = key.trim_start_matches('[').trim_end_matches(']');
    let each = module.expression(file, block, "for_each").and_then(|each| values.value(each));
    let name = key.trim_matches('"');
    let value = match &each {
        Some(Value::Object(fields)) => fields.get(name).map(as_hcl),
        Some(Value::Array(_)) => Some(key.to_owned()),
        _ => None,
    };
    let value = value?;
    let bound = |name: &str| {
        let written = module.expression(file, block, name)?.text.to_owned();
        Some(written.replace("each.value", &format!("({value})")).replace("each.key", key))
    };
    let text_of = |name: &str| values.text(bound(name)?.as_str());
    let is_service = match text_of("service_name") {
        Some(name) => name == spec.service,
        None => bound("service_name").is_some_and(|name| {
            name.contains(spec.suffix) && module.pattern(Expr::from(&name)).fits(spec.service)
        }),
    };
    let is_type = match block.body.attribute("vpc_endpoint_type") {
        Some(_) => text_of("vpc_endpoint_type").as_deref() == Some(spec.endpoint_type),
        None => spec.endpoint_type == "Gateway",
    };
    if !is_service || !is_type {
        return None;
    }
    if spec.endpoint_type == "Interface" {
        return (text_of("private_dns_enabled").as_deref() == Some("true")).then(Vec::new);
    }
    let tables = selected(values, &parse(&bound(TABLES)?)?);
    let origins = &draft.finder.network.origins;
    let have = origins.of(module, Expr::parsed("", &tables));
    let wanted = spec.requirements.iter().find(|one| one.name() == TABLES);
    let wanted = wanted.and_then(|wanted| origins.of(draft.finder.target, Expr::from(wanted.value())));
    let lacks = have.as_ref().zip(wanted).is_some_and(|(have, wanted)| {
        wanted.iter().any(|one| !have.iter().any(|own| own.is_same_resource(one)))
    });
    (!lacks && !matches!(tables, Expression::Null(_))).then(|| have.unwrap_or_default())
}

/// The case that the values select of a conditional.
fn selected(values: &Values, tree: &Expression) -> Expression {
    let mut tree = without_parentheses(tree).clone();
    while let Some(cases) = conditional(&tree) {
        let case = match values.text(Expr::parsed("", &cases.cond_expr)).as_deref() {
            Some("true") => &cases.true_expr,
            Some("false") => &cases.false_expr,
            _ => break,
        };
        tree = without_parentheses(case).clone();
    }
    tree
}

/// The edit of the text that keeps the map.
fn edit<'a>(
    draft: &Draft<'a>,
    place: Place<'a>,
    map: &Map,
    candidate: &Candidate,
) -> Option<(Literal<'a>, Splice, String)> {
    let config = draft.finder.config;
    let found = kept(config, place.module, (map.root, &map.name), &map.path)?;
    // Something else may read a variable on the way.
    let is_single = found.trail.iter().skip(1).all(|followed| followed.uses() == 1);
    (is_single && of_shared_default(config, &found).is_none()).then_some(())?;
    let KeptAt::Value { module, file, span } = found.at else { return None };
    let all = literals(config, (module, file), span)?;
    let all = all
        .into_iter()
        .filter(|one| one.made_by.is_none() && one.is_editable(config) && !one.file.is_override());
    let mut all: Vec<Literal<'a>> = all.collect();
    if candidate.model.is_none() {
        return all.iter().find_map(|literal| {
            let span = switch_in(literal, candidate)?;
            let field = candidate.field.as_ref().map_or(String::new(), |field| format!(".{field}"));
            let at = format!("{}:{}", literal.file.path.display(), literal.file.line(span.start));
            let what = format!("the switch {}{field} ({at}), which this edit sets", candidate.key);
            Some((literal.clone(), Splice::new(span, "true"), what))
        });
    }
    let literal = all.pop()?;
    let splice = new_entry(&literal, candidate)?;
    let at = format!("{}:{}", literal.file.path.display(), literal.file.line(literal.span.start));
    Some((literal, splice, format!("a new entry {} of its map ({at})", candidate.key)))
}

/// The text of `false` of a switch.
fn switch_in(literal: &Literal<'_>, candidate: &Candidate) -> Option<Range<usize>> {
    let tree = literal.tree()?;
    let Expression::Object(entries) = without_parentheses(&tree) else { return None };
    let value = |entries: &Object, key: &str| {
        let found = entries.iter().find(|(name, _)| key_text(name).as_deref() == Some(key));
        found.map(|(_, value)| value.expr().clone())
    };
    let mut found = value(entries, &candidate.key)?;
    if let Some(field) = &candidate.field {
        let Expression::Object(fields) = without_parentheses(&found) else { return None };
        found = value(fields, field)?;
    }
    let span = found.span().filter(|_| found.as_bool() == Some(false))?;
    Some(literal.span.start + span.start..literal.span.start + span.end)
}

/// A new entry like that of another service.
fn new_entry(literal: &Literal<'_>, candidate: &Candidate) -> Option<Splice> {
    let tree = literal.tree()?;
    let Expression::Object(map) = without_parentheses(&tree) else { return None };
    let model = candidate.model.as_ref()?;
    let (key, value) = map.iter().find(|(key, _)| key_text(key).as_ref() == Some(model))?;
    let text = literal.file.slice(literal.span.clone());
    let at = value.expr().span()?;
    let written = text.get(at.clone())?;
    let new = match without_parentheses(value.expr()) {
        Expression::Bool(_) => "true".to_owned(),
        Expression::Object(_) => {
            let mut new = written.replace(&quoted(model), &quoted(&candidate.key));
            if parse(&new).and_then(|new| literal.module.value(Expr::parsed("", &new)))
                != Some(candidate.value.clone())
            {
                for (from, to) in [(TYPES[0], TYPES[1]), (TYPES[1], TYPES[0])] {
                    let other = written
                        .replace(&quoted(model), &quoted(&candidate.key))
                        .replace(&quoted(from), &quoted(to));
                    if literal.module.value(Expr::from(&other)) == Some(candidate.value.clone()) {
                        new = other;
                    }
                }
            }
            new
        }
        _ => return None,
    };
    // The text has the tried value.
    (literal.module.value(Expr::from(&new))? == candidate.value).then_some(())?;
    let is_quoted = matches!(key, ObjectKey::Expression(Expression::String(_)));
    let name = if is_quoted || candidate.key.contains(['-', '.']) {
        quoted(&candidate.key)
    } else {
        candidate.key.clone()
    };
    let line = text.get(..at.start)?.rfind('\n').map_or(0, |at| at + 1);
    let indent: String = text.get(line..)?.chars().take_while(|c| c.is_whitespace()).collect();
    let new = new.replace(&format!("\n{indent}"), "\n");
    insert_like(literal.file, &literal.span, map, (&name, &new))
}

/// The edit of a map that adds an entry in the layout of the others.
pub(in crate::terraform::edit) fn insert_like(
    file: &File,
    span: &Range<usize>,
    map: &Object,
    (name, value): (&str, &str),
) -> Option<Splice> {
    if value.contains('\n') {
        return insert_block_entry(file, span, map, &format!("{} = {value}", key_like(map, name)));
    }
    let text = file.slice(span.clone());
    if map.iter().last().is_some_and(|(key, last)| colon(text, key, last.expr()).is_some()) {
        return with_colon(file, span, map, &format!("{} : {value}", key_like(map, name)));
    }
    insert_entry(file, span, name, value)
}

/// An entry of a map with colons, `"sts" : true`, after the last one.
fn with_colon(file: &File, span: &Range<usize>, map: &Object, entry: &str) -> Option<Splice> {
    let text = file.slice(span.clone());
    if let Some(splice) = insert_block_entry(file, span, map, entry) {
        return Some(splice);
    }
    let close = text.rfind('}')?;
    let before = text.get(..close)?.trim_end();
    let comma = if before.ends_with(',') { "" } else { "," };
    let end = span.start + before.len();
    (!before.contains('\n')).then(|| Splice::new(end..end, format!("{comma} {entry}")))
}
