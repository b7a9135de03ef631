//! Switches on the entry of a map from which the code makes a route only with a flag: `{ for tier, t in local.tiers : tier => t if t.nat }`.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;

use crate::model::RouteTableId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::find::collections::Literal;
use crate::terraform::find::form::{Form, Part, key_of_for, key_text};
use crate::terraform::find::origin::Origin;
use crate::terraform::lang::expression::{Expr, parse, reference, without_parentheses};
use crate::terraform::lang::structure::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// The flag of one entry.
struct Flag<'a> {
    /// The routes that the flag creates.
    route: Place<'a>,
    file: &'a File,
    span: Range<usize>,
    name: String,
    key: String,
    /// The references that lead to its map, `local.tiers`.
    maps: Vec<String>,
}

/// Sets the flag of the entry with which one of these blocks makes an instance for a table and an owner, such as the route to a NAT gateway.
/// `owner` has the name of the argument and its value. Returns `false`, and edits nothing, if no entry has such a flag, or if the flag
/// decides more than arguments of resources.
pub(in crate::terraform::edit) fn enable<'a>(
    draft: &mut Draft<'a>,
    places: &[Place<'a>],
    owner: (&str, &Origin<'a>),
    id: &RouteTableId,
) -> bool {
    let module = draft.finder.target;
    let table = draft.finder.table_instance(id).or_else(|| draft.finder.chained_table(id));
    let Some(table) = table else { return false };
    let mut places = places.iter().filter(|place| place.module.address == module.address);
    let flag = places.find_map(|place| flag_of(draft, *place, owner, &table));
    let Some(flag) = flag else { return false };
    let Some(users) = other_users(module, &flag) else { return false };
    draft.splice(flag.file, Splice::new(flag.span.clone(), "true"));
    let address = module.address_of(flag.route.block);
    draft.note(&format!(
        "{address} ({}) has an instance for each entry with {}: this edit sets it in the entry {} ({}:{}).",
        flag.route.location(),
        flag.name,
        flag.key,
        flag.file.path.display(),
        flag.file.line(flag.span.start)
    ));
    draft.reenabled.push(address);
    for user in users {
        let address = module.address_of(user.block);
        draft.note(&format!(
            "{address} ({}) uses {} too, so it now has the entry {}.",
            user.location(),
            flag.name,
            flag.key
        ));
        draft.change(&address);
    }
    true
}

/// The flag that creates the instance of a block for a table.
fn flag_of<'a>(
    draft: &Draft<'a>,
    route: Place<'a>,
    (name, owner): (&str, &Origin<'a>),
    table: &Origin<'a>,
) -> Option<Flag<'a>> {
    let Place { module, file, block } = route;
    let value = |name: &str| block.body.attribute(name).map(|value| file.expression(value));
    let of = draft.finder.network.origins.of_attribute(route, name)?;
    matches!(of.as_slice(), [one] if one.is_same_value(owner)).then_some(())?;
    let form = Form::of_resource(route)?;
    let table_id = parse(value("route_table_id")?.text)?;
    let leads_to_table = |key: &str, entry: &Expression| {
        let table_id = form.bound(&table_id, (Some(key), entry));
        let found = table_id
            .and_then(|table_id| draft.finder.network.origins.of(module, Expr::parsed("", &table_id)));
        matches!(found.as_deref(), Some([one]) if one.is_same_value(table))
    };
    let literals = form.literals(draft.finder.config)?;
    literals.iter().find_map(|literal| {
        let is_open = literal.module.address == module.address && literal.is_editable(draft.finder.config);
        let name = flag_name(literal).filter(|_| is_open)?;
        let tree = literal.tree()?;
        let Expression::Object(map) = without_parentheses(&tree) else { return None };
        map.iter().find_map(|(key, entry)| {
            let key = key_text(key)?;
            let Expression::Object(fields) = without_parentheses(entry.expr()) else { return None };
            let (_, flag) = fields.iter().find(|(field, _)| key_text(field).as_ref() == Some(&name))?;
            let is_off = flag.expr().as_bool() == Some(false) && leads_to_table(&key, entry.expr());
            let at = flag.expr().span().filter(|_| is_off)?;
            let span = literal.span.start + at.start..literal.span.start + at.end;
            let maps = literal.trail.iter().map(|followed| followed.path.join(".")).collect();
            Some(Flag { route, file: literal.file, span, name: name.clone(), key, maps })
        })
    })
}

/// The field of the entries that decides whether a `for` takes them: `nat` in `if t.nat`.
fn flag_name(literal: &Literal<'_>) -> Option<String> {
    let made_by = literal.made_by.as_deref()?;
    (key_of_for(made_by)? == Part::Key).then_some(())?;
    let condition = reference(&made_by.cond.as_ref()?.expr)?;
    let name = condition.strip_prefix(made_by.intro.value_var.as_str())?.strip_prefix('.')?;
    (!name.contains(['.', '['])).then(|| name.to_owned())
}

/// The other resources with the flag in an argument; `None` if it also decides how many resources there are, or if something else has it,
/// such as a called module that gets the map.
fn other_users<'a>(module: &'a Module, flag: &Flag<'a>) -> Option<Vec<Place<'a>>> {
    let passes_map = |(file, call): (&File, &Block)| {
        let text = file.slice(call.span.clone());
        flag.maps.iter().any(|map| text.contains(map))
    };
    if module.blocks("module").any(passes_map) {
        return None;
    }
    let mut users: Vec<Place<'a>> = Vec::new();
    for file in module.files.iter() {
        for at in uses(&file.text, &flag.name) {
            let block = file.body.blocks("resource").find(|block| block.span.contains(&at))?;
            let place = Place { module, file, block };
            if place.is_same_block(&flag.route) {
                continue;
            }
            let decides = |name: &str| block.body.attribute(name).is_some_and(|one| one.value.contains(&at));
            if decides("for_each") || decides("count") || has_dynamic(block, at) {
                return None;
            }
            if !users.iter().any(|known| known.is_same_block(&place)) {
                users.push(place);
            }
        }
    }
    Some(users)
}

fn has_dynamic(block: &Block, at: usize) -> bool {
    block.body.blocks("dynamic").any(|dynamic| dynamic.span.contains(&at))
}

/// The places of a field, `t.nat`, without the names of blocks, `aws_eip.nat`.
fn uses(text: &str, name: &str) -> Vec<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let field = format!(".{name}");
    let is_use = |at: &usize| {
        let (before, after) = (text.get(..*at).unwrap_or_default(), text.get(at + field.len()..));
        let root = before.rsplit(|c| !is_part(c)).next().unwrap_or_default();
        // `"com.amazonaws.us-west-2.s3"` and `"${local.name}.s3"` are texts.
        let is_text = before.trim_end_matches(|c| is_part(c) || c == '.').ends_with(['"', '}']);
        let is_root = ["aws_", "module", "local", "var"].iter().any(|start| root.starts_with(start));
        !is_text && !is_root && !after.unwrap_or_default().starts_with(is_part)
    };
    text.match_indices(&field).map(|(at, _)| at).filter(is_use).collect()
}
