//! One more instance of a NAT gateway that the code makes for zones: sets the flag of the zone, `nat = true`, or adds the zone to a list.
//!
//! Such a value is tried: with it the code must have the new NAT gateway in the wanted subnet, its Elastic IP and the routes of the wanted
//! tables, and no other new resource.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use hcl::Value;

use crate::model::{RouteTableId, SubnetId};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::text::list::{insert_element, insert_entry};
use crate::terraform::edit::text::splice::{Splice, apply};
use crate::terraform::find::instances::instance_keys;
use crate::terraform::find::kept_at::KeptAt;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::origins::Origins;
use crate::terraform::find::switch_parts::{Parts, kept};
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::uses::uses_of_path;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Limit of the values that are tried.
const TRIALS: usize = 12;
/// The resources of a NAT gateway.
const OWN: [&str; 3] = ["aws_eip", "aws_nat_gateway", "aws_route"];

/// A value that can make the instance.
struct Candidate<'a> {
    root: &'static str,
    name: String,
    /// The attributes with the flag, `["b", "nat"]`; none for a list.
    path: Vec<String>,
    module: &'a Module,
    file: &'a File,
    change: Edit,
}

enum Edit {
    /// The value that becomes `true`.
    Flag(Range<usize>),
    /// The object that gets a flag.
    NewFlag(Range<usize>, String),
    /// The list that gets a text.
    Element(Range<usize>, String),
}

impl Candidate<'_> {
    fn splice(&self) -> Option<Splice> {
        match &self.change {
            Edit::Flag(span) => Some(Splice::new(span.clone(), "true")),
            Edit::NewFlag(object, name) => insert_entry(self.file, object, name, "true"),
            Edit::Element(list, text) => insert_element(self.file, list, &quoted(text)),
        }
    }

    /// `nat in the entry b of local.zones`
    fn described(&self) -> String {
        let of = format!("{}.{}", self.root, self.name);
        match (&self.change, self.path.as_slice()) {
            (Edit::Element(_, text), _) => format!("adds {} to {of}", quoted(text)),
            (_, [key, flag]) => format!("sets {flag} in the entry {key} of {of}"),
            (_, path) => format!("sets {} in {of}", path.join(".")),
        }
    }
}

/// A new instance of a resource.
pub(in crate::terraform::edit) struct NewInstance<'t> {
    pub place: Place<'t>,
    pub key: String,
}

/// Makes the NAT gateway of a zone by a value of the code. Returns `false`, and edits nothing, if no value does.
pub(in crate::terraform::edit) fn enable(
    draft: &mut Draft<'_>,
    subnet: &SubnetId,
    tables: &[RouteTableId],
) -> bool {
    let (config, module) = (draft.finder.config, draft.finder.target);
    let Some(subnet) = draft.finder.subnet_origin(subnet).as_ref().and_then(Origin::address_in_root) else {
        return false;
    };
    let table = |id: &RouteTableId| {
        let origin = draft.finder.table_instance(id).or_else(|| draft.finder.chained_table(id));
        origin.as_ref().and_then(Origin::address_in_root)
    };
    let Some(tables) = tables.iter().map(table).collect::<Option<BTreeSet<String>>>() else { return false };
    for (file, block) in module.resources("aws_nat_gateway") {
        let place = Place { module, file, block };
        if block.body.attribute("for_each").is_none()
            || instance_keys(place).is_none_or(|keys| keys.is_empty())
        {
            continue;
        }
        for candidate in candidates(draft, place).into_iter().take(TRIALS) {
            let Some(text) = candidate.splice().and_then(|splice| apply(candidate.file, vec![splice]).ok())
            else {
                continue;
            };
            let Ok(trial) = config.with_texts(&[(candidate.file.path.clone(), text)].into()) else {
                continue;
            };
            let Some(new) = new_instances(config, &trial) else { continue };
            if !is_wanted(&trial, &new, (place, &subnet, &tables)) {
                continue;
            }
            let Some(users) = users(module, &trial, &candidate, &new) else { continue };
            let addresses: Vec<ResourceAddress> = new
                .iter()
                .map(|one| one.place.module.address_of(one.place.block).with_key(one.key.as_str()))
                .collect();
            put(draft, place, &candidate, (addresses, users));
            return true;
        }
    }
    false
}

fn put(
    draft: &mut Draft<'_>,
    place: Place<'_>,
    candidate: &Candidate<'_>,
    (new, users): (Vec<ResourceAddress>, Vec<Place<'_>>),
) {
    let Some(splice) = candidate.splice() else { return };
    let line = candidate.file.line(splice.span.start);
    draft.note(&format!(
        "{} ({}) has an instance for each zone with a NAT gateway: this edit {} ({}:{line}).",
        place.module.address_of(place.block),
        place.location(),
        candidate.described(),
        candidate.file.path.display()
    ));
    draft.splice(candidate.file, splice);
    draft.reenabled.extend(new);
    for user in users {
        let address = user.address_in_root();
        draft.note(&format!("{address} ({}) has this value too, so it changes with it.", user.location()));
        draft.change(&address);
    }
}

/// The values in the `for_each` of a block that can make one more instance.
fn candidates<'a>(draft: &Draft<'a>, place: Place<'a>) -> Vec<Candidate<'a>> {
    let (config, module) = (draft.finder.config, place.module);
    let each = module.expression(place.file, place.block, "for_each").and_then(|each| each.tree());
    let Some(parts) = each.map(|each| Parts::of(module, &each)) else { return Vec::new() };
    let variables = parts.variables.iter().filter(|(_, attributes)| attributes.is_empty());
    let roots =
        variables.map(|(name, _)| ("var", name)).chain(parts.locals.iter().map(|name| ("local", name)));
    let letters = draft.nat_zones.iter().filter_map(|zone| zone.as_str().chars().last().map(String::from));
    let zones: Vec<String> =
        letters.chain(draft.nat_zones.iter().map(|zone| zone.as_str().to_owned())).collect();
    let mut all = Vec::new();
    for (root, name) in roots {
        let paths = match module.value(Expr::from(&format!("{root}.{name}"))) {
            Some(Value::Object(fields)) => flags(&fields, &zones),
            Some(Value::Array(list)) => {
                let new = zones.iter().filter(|zone| !list.contains(&Value::from(zone.as_str())));
                new.map(|zone| (Vec::new(), Some(zone.clone()))).collect()
            }
            _ => continue,
        };
        for (path, element) in paths {
            let Some(found) = kept(config, module, (root, name), &path) else { continue };
            let (of, file, change) = match (found.at, element) {
                (KeptAt::Value { module, file, span }, Some(text)) => {
                    (module, file, Edit::Element(span, text))
                }
                (KeptAt::Value { module, file, span }, None)
                    if file.slice(span.clone()).trim() == "false" =>
                {
                    (module, file, Edit::Flag(span))
                }
                (KeptAt::Attribute { module, file, object, name, inner }, None) if inner.is_empty() => {
                    (module, file, Edit::NewFlag(object, name))
                }
                _ => continue,
            };
            let candidate = Candidate { root, name: name.clone(), path, module: of, file, change };
            let is_open = draft.is_editable_file(candidate.module, file)
                && candidate.splice().is_some_and(|splice| !draft.is_changed(file, &splice.span));
            all.extend(Some(candidate).filter(|_| is_open));
        }
    }
    all
}

/// The flags in a map that are off: in its entries, or the entries themselves.
fn flags(map: &hcl::Map<String, Value>, zones: &[String]) -> Vec<(Vec<String>, Option<String>)> {
    let entries: Vec<(&String, &hcl::Map<String, Value>)> =
        map.iter().filter_map(|(key, entry)| Some((key, entry.as_object()?))).collect();
    let is_off = |value: Option<&Value>| matches!(value, None | Some(Value::Bool(false)));
    if entries.len() == map.len() && !map.is_empty() {
        let names: BTreeSet<&String> = entries
            .iter()
            .flat_map(|(_, entry)| entry.iter())
            .filter(|(_, value)| value.is_boolean())
            .map(|(name, _)| name)
            .collect();
        let all = entries.iter().flat_map(|(key, entry)| names.iter().map(move |name| (*key, *entry, *name)));
        let off = all.filter(|(_, entry, name)| is_off(entry.get(*name)));
        return off.map(|(key, _, name)| (vec![key.clone(), name.clone()], None)).collect();
    }
    let keys = map.keys().chain(zones.iter().filter(|zone| !map.contains_key(*zone)));
    let off = keys.filter(|key| map.values().all(Value::is_boolean) && is_off(map.get(*key)));
    off.map(|key| (vec![key.clone()], None)).collect()
}

/// The instances of each resource by its address; `None` for unknown keys.
fn instances(config: &Config) -> BTreeMap<String, (Place<'_>, Option<Vec<String>>)> {
    let mut all = BTreeMap::new();
    for module in config.modules() {
        for (file, block) in module.blocks("resource").chain(module.blocks("data")) {
            let keys = if block.repeats() {
                module.instance_keys(&module.values, file, block)
            } else {
                Some(vec![String::new()])
            };
            let address = format!("{} {}", block.block_type, module.address_of(block));
            all.insert(address, (Place { module, file, block }, keys));
        }
    }
    all
}

/// The new instances of a trial; `None` if it lacks one of the present ones.
pub(in crate::terraform::edit) fn new_instances<'t>(
    config: &Config,
    trial: &'t Config,
) -> Option<Vec<NewInstance<'t>>> {
    let (before, after) = (instances(config), instances(trial));
    (before.len() == after.len()).then_some(())?;
    let mut new = Vec::new();
    for (address, (place, keys)) in after {
        let (_, old) = before.get(&address)?;
        let (old, keys) = match (old, keys) {
            (Some(old), Some(keys)) => (old, keys),
            (None, None) => continue,
            _ => return None,
        };
        old.iter().all(|key| keys.contains(key)).then_some(())?;
        let more = keys.into_iter().filter(|key| !old.contains(key));
        new.extend(more.map(|key| NewInstance { place, key }));
    }
    Some(new)
}

/// The same resource in a trial.
pub(in crate::terraform::edit) fn in_trial<'t>(trial: &'t Config, place: Place<'_>) -> Option<Place<'t>> {
    let module = trial.modules().into_iter().find(|module| module.address == place.module.address)?;
    let (file, block) = module.block("resource", &[place.block.kind()?, place.block.name()?])?;
    Some(Place { module, file, block })
}

/// Whether the new instances are one NAT gateway in a subnet with its address, and one route to it for each table.
fn is_wanted(
    trial: &Config,
    new: &[NewInstance<'_>],
    (nat, subnet, tables): (Place<'_>, &str, &BTreeSet<String>),
) -> bool {
    let origins = Origins::new(trial);
    let of = |one: &NewInstance<'_>, name: &str| {
        let found = origins.of_instance(in_trial(trial, one.place)?, Some(&one.key), name)?;
        match found.as_slice() {
            [only] => only.address_in_root(),
            _ => None,
        }
    };
    let all = |kind: &'static str| new.iter().filter(move |one| one.place.block.is_resource(kind));
    let is_own = |one: &NewInstance<'_>| OWN.iter().any(|kind| one.place.block.is_resource(kind));
    let (mut gateways, addresses) = (all("aws_nat_gateway"), all("aws_eip").count());
    let (Some(gateway), None) = (gateways.next(), gateways.next()) else { return false };
    let own = gateway.place.module.address_of(gateway.place.block).with_key(gateway.key.as_str()).to_string();
    let routes: Option<BTreeSet<String>> = all("aws_route")
        .map(|route| {
            let is_to_own = of(route, "nat_gateway_id").as_ref() == Some(&own);
            of(route, "route_table_id").filter(|_| is_to_own)
        })
        .collect();
    new.iter().all(is_own)
        && gateway.place.is_same_block(&nat)
        && addresses == 1
        && of(gateway, "subnet_id").as_deref() == Some(subnet)
        && routes.as_ref() == Some(tables)
        && all("aws_route").count() == tables.len()
}

/// The other resources with a value that changes; `None` if a called module has it.
fn users<'a>(
    module: &'a Module,
    trial: &Config,
    candidate: &Candidate<'_>,
    new: &[NewInstance<'_>],
) -> Option<Vec<Place<'a>>> {
    let after = trial.modules().into_iter().find(|other| other.address == module.address)?;
    let value = |module: &Module, name: &str| module.value(Expr::from(&format!("local.{name}")));
    let changed = module.values.locals.keys().filter(|name| value(module, name) != value(after, name));
    let mut paths: Vec<Vec<String>> = changed
        .filter(|name| candidate.root != "local" || **name != candidate.name)
        .map(|name| vec!["local".to_owned(), name.clone()])
        .collect();
    let root = [candidate.root.to_owned(), candidate.name.clone()];
    // Of a map, only the flag; a reference to the whole map can have any field of it.
    paths.push(root.iter().cloned().chain(candidate.path.iter().cloned()).collect());
    let flag =
        candidate.path.last().filter(|_| candidate.path.len() > 1).map(|flag| format!(".value.{flag}"));
    let is_new = |place: &Place<'_>| new.iter().any(|one| one.place.is_same_block(place));
    let mut users = Vec::new();
    for kind in ["resource", "data", "module"] {
        for (file, block) in module.blocks(kind) {
            let place = Place { module, file, block };
            if is_new(&place) {
                continue;
            }
            let repetition = ["count", "for_each"].iter().find_map(|name| block.body.attribute(name));
            let text = format!("{}\n", file.slice(block.span.clone()));
            let own =
                repetition.map_or_else(String::new, |own| format!("{}\n", file.slice(own.span.clone())));
            let count = |text: &str| paths.iter().map(|path| uses_of_path(text, path)).sum::<usize>();
            let has_flag = flag.as_ref().is_some_and(|flag| text.contains(flag.as_str()));
            if count(&text) > count(&own) || has_flag {
                (kind != "module").then_some(())?;
                users.push(place);
            }
        }
    }
    Some(users)
}
