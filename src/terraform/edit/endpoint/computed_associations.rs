//! Associations of an endpoint that the code makes of a computed collection, `setproduct(local.services, keys(local.tables))`: adds the
//! tables to the list or map of it.
//!
//! A longer list is tried: with it, the block must make the wanted associations and keep the present ones.

use hcl::Value;

use crate::model::RouteTableId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::text::list::{insert_element, insert_entry};
use crate::terraform::error::EditError;
use crate::terraform::find::form::Form;
use crate::terraform::find::kept_at::KeptAt;
use crate::terraform::find::origin::{Instances, Origin};
use crate::terraform::find::switch_parts::{Parts, kept};
use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::symbols::{as_symbol, symbol_of};
use crate::terraform::lang::uses::uses_of_path;
use crate::terraform::read::instantiate::Bindings;
use crate::terraform::read::place::{Place, location};
use crate::text::listed;

const KIND: &str = "aws_vpc_endpoint_route_table_association";

/// An association that a block makes: its key, and the addresses of the endpoint and the table.
#[derive(Clone, PartialEq)]
struct Association {
    key: String,
    endpoint: String,
    table: String,
}

/// Associates tables with an endpoint by a collection. Returns `false`, and edits nothing, if no collection makes the associations.
///
/// # Errors
/// A collection makes all of them already.
pub(in crate::terraform::edit) fn add<'a>(
    draft: &mut Draft<'a>,
    endpoint: &Origin<'a>,
    tables: &[RouteTableId],
) -> Result<bool, EditError> {
    let Some(endpoint) = endpoint.address_in_root() else { return Ok(false) };
    let table =
        |id: &RouteTableId| draft.finder.table_instance(id).or_else(|| draft.finder.chained_table(id));
    let Some(origins) = tables.iter().map(table).collect::<Option<Vec<Origin<'a>>>>() else {
        return Ok(false);
    };
    let config = draft.finder.config;
    let modules = config.modules().into_iter().filter(|module| module.is_editable());
    let places: Vec<Place<'a>> = modules
        .flat_map(|module| module.resources(KIND).map(move |(file, block)| Place { module, file, block }))
        .filter(|place| Form::of_resource(*place).is_some_and(|form| form.literals(config).is_none()))
        .collect();
    for place in places {
        let values = place.module.values.with_symbols();
        let Some(before) = associations(draft, place, &values) else { continue };
        let has = |all: &[Association], table: &str| {
            all.iter().any(|one| one.endpoint == endpoint && one.table == table)
        };
        let wanted: Vec<(&Origin<'a>, String)> =
            origins.iter().filter_map(|origin| Some((origin, origin.address_in_root()?))).collect();
        let missing: Vec<&(&Origin<'a>, String)> =
            wanted.iter().filter(|(_, table)| !has(&before, table)).collect();
        if wanted.len() == origins.len() && missing.is_empty() {
            let address = place.address_in_root().to_string();
            return Err(EditError::AlreadyInCode { address, place: location(place.file, place.block) });
        }
        if wanted.len() == origins.len() && extend(draft, place, (&values, &before), (&endpoint, &missing)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Extends the list or map with which a block makes the missing associations.
fn extend<'a>(
    draft: &mut Draft<'a>,
    place: Place<'a>,
    (values, before): (&Values, &[Association]),
    (endpoint, missing): (&str, &[&(&Origin<'a>, String)]),
) -> bool {
    let (config, module) = (draft.finder.config, place.module);
    let each = module.expression(place.file, place.block, "for_each").and_then(|each| each.tree());
    let Some(parts) = each.map(|each| Parts::of(module, &each)) else { return false };
    let variables = parts.variables.iter().filter(|(_, attributes)| attributes.is_empty());
    let roots =
        variables.map(|(name, _)| ("var", name)).chain(parts.locals.iter().map(|name| ("local", name)));
    for (root, name) in roots {
        let Some(present) = values.value(Expr::from(&format!("{root}.{name}"))) else { continue };
        let Some(kept) = kept(config, module, (root, name), &[]) else { continue };
        let KeptAt::Value { module: of, file, span } = kept.at else { continue };
        if !draft.is_editable_file(of, file) || is_used_elsewhere(place, values, (root, name)) {
            continue;
        }
        let Some((longer, new)) = longer(&present, missing) else { continue };
        let with = match root {
            "var" => values.with_value(name, &[], longer),
            _ => values.with_local(name, &[], longer),
        };
        let Some(after) = with.and_then(|values| associations(draft, place, &values)) else { continue };
        let added: Vec<&Association> = after.iter().filter(|one| !before.contains(one)).collect();
        let is_right = before.iter().all(|one| after.contains(one))
            && missing
                .iter()
                .all(|(_, table)| added.iter().any(|one| one.endpoint == endpoint && one.table == *table))
            && added.iter().all(|one| missing.iter().any(|(_, table)| one.table == *table));
        if !is_right {
            continue;
        }
        let is_put = new.iter().zip(missing).all(|(element, (origin, _))| {
            let value = match element {
                NewElement::Key(text) => Some(quoted(text)),
                NewElement::Table(_) => draft.reference_in(of, origin),
            };
            value.is_some_and(|value| {
                draft.insert_in(file, &span, |file, span| match element {
                    NewElement::Table(Some(key)) => insert_entry(file, span, key, &value),
                    NewElement::Table(None) | NewElement::Key(_) => insert_element(file, span, &value),
                })
            })
        });
        if !is_put {
            return false;
        }
        let address = module.address_of(place.block);
        draft.note(&format!(
            "{address} ({}) has an instance for each entry of a computed collection: this edit adds to {root}.{name} ({}:{}).",
            place.location(),
            file.path.display(),
            file.line(span.start)
        ));
        let others: Vec<String> =
            added.iter().filter(|one| one.endpoint != endpoint).map(|one| one.endpoint.clone()).collect();
        if !others.is_empty() {
            draft.note(&format!("The collection associates the tables with {} too.", listed(&others, "and")));
        }
        draft
            .reenabled
            .extend(added.iter().map(|one| address.clone().with_key(format!("[{}]", quoted(&one.key)))));
        return true;
    }
    false
}

/// A new element of a list or map.
enum NewElement {
    /// The table, with its key in a map.
    Table(Option<String>),
    /// The key of its instance, or its name.
    Key(String),
}

/// A list or map of tables, or a list of their keys, with more of them.
fn longer(present: &Value, missing: &[&(&Origin<'_>, String)]) -> Option<(Value, Vec<NewElement>)> {
    let symbol = |origin: &Origin<'_>| {
        let Origin::Block(block) = origin else { return None };
        let key = match &block.instance {
            Instances::Key(key) => key.as_str(),
            Instances::Only => "",
            Instances::All => return None,
        };
        let (kind, name) = (block.place.block.kind()?, block.place.block.name()?);
        Some(as_symbol(&format!("{kind}.{name}{key}.id")))
    };
    let name = |origin: &Origin<'_>| {
        let Origin::Block(block) = origin else { return None };
        match &block.instance {
            Instances::Key(key) => Some(key.trim_matches(['[', ']', '"']).to_owned()),
            _ => block.place.block.name().map(str::to_owned),
        }
    };
    let is_symbol = |value: &Value| value.as_str().is_some_and(|text| symbol_of(text).is_some());
    let mut new = Vec::new();
    let longer = match present {
        Value::Object(fields) if !fields.is_empty() && fields.values().all(is_symbol) => {
            let mut fields = fields.clone();
            for (origin, _) in missing {
                let key = name(origin)?;
                fields.insert(key.clone(), Value::from(symbol(origin)?)).is_none().then_some(())?;
                new.push(NewElement::Table(Some(key)));
            }
            Value::Object(fields)
        }
        Value::Array(list) if !list.is_empty() => {
            let are_tables = list.iter().all(is_symbol);
            let mut list = list.clone();
            for (origin, _) in missing {
                let text = if are_tables { symbol(origin)? } else { name(origin)? };
                list.iter().all(|one| one.is_string() && is_symbol(one) == are_tables).then_some(())?;
                list.push(Value::from(text.as_str()));
                new.push(if are_tables { NewElement::Table(None) } else { NewElement::Key(text) });
            }
            Value::Array(list)
        }
        _ => return None,
    };
    Some((longer, new))
}

/// The associations that a block makes with these values; `None` if one is unknown.
fn associations<'a>(draft: &Draft<'a>, place: Place<'a>, values: &Values) -> Option<Vec<Association>> {
    let written = |name: &str| place.module.expression(place.file, place.block, name);
    let entries: Vec<(String, Value)> = match values.value(written("for_each")?)? {
        Value::Object(fields) => fields.into_iter().collect(),
        Value::Array(list) => {
            let entry = |one: Value| Some((one.as_str()?.to_owned(), one));
            list.into_iter().map(entry).collect::<Option<_>>()?
        }
        _ => return None,
    };
    let of = |name: &str, bindings: &Bindings| {
        let bound = bindings.bind(written(name)?.tree()?.as_ref());
        let text = values.value(Expr::parsed("", &bound))?;
        let origins =
            draft.finder.network.origins.of(place.module, Expr::from(symbol_of(text.as_str()?)?))?;
        match origins.as_slice() {
            [only] => only.address_in_root(),
            _ => None,
        }
    };
    let association = |(key, value): (String, Value)| {
        let mut bindings = Bindings::default();
        bindings.extend("each.key", Some(&Value::from(key.as_str())));
        bindings.extend("each.value", Some(&value));
        let (endpoint, table) = (of("vpc_endpoint_id", &bindings)?, of("route_table_id", &bindings)?);
        Some(Association { key, endpoint, table })
    };
    entries.into_iter().map(association).collect()
}

/// Whether another block has the value, or a local that depends on it.
fn is_used_elsewhere(place: Place<'_>, values: &Values, (root, name): (&str, &str)) -> bool {
    let module = place.module;
    let mut paths = vec![vec![root.to_owned(), name.to_owned()]];
    // Through locals that refer to it.
    let mut seen = 0;
    while let Some(path) = paths.get(seen).cloned() {
        seen += 1;
        for (local, text) in &values.locals {
            let own = vec!["local".to_owned(), local.clone()];
            if !paths.contains(&own) && uses_of_path(&format!("x = {text}\n"), &path) > 0 {
                paths.push(own);
            }
        }
    }
    ["resource", "data", "module", "output"].into_iter().any(|kind| {
        module.blocks(kind).any(|(file, block)| {
            let text = format!("{}\n", file.slice(block.span.clone()));
            let other = Place { module, file, block };
            !other.is_same_block(&place) && paths.iter().any(|path| uses_of_path(&text, path) > 0)
        })
    })
}
