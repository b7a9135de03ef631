//! Rules of security groups that the code makes of a data file, or of variables in JSON syntax: names the file, and the entry with which it
//! makes a rule.
//!
//! An entry is tried: the code is read again with it in the file, and must have the wanted rule and no other new one. Such a file is not
//! edited, because the entry is only in a form of the others.

use std::collections::BTreeMap;
use std::path::PathBuf;

use hcl::{Map, Value};

use crate::model::Peer;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule::entries::forms;
use crate::terraform::edit::values::data_file::file_of;
use crate::terraform::error::EditError;
use crate::terraform::find::form::Form;
use crate::terraform::find::found::Found;
use crate::terraform::find::known_rules::{KnownRule, known_rules, known_rules_of};
use crate::terraform::lang::data_files::{as_yaml, decoded_file};
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::value_lines::line_of_key;
use crate::terraform::read::config::Config;
use crate::text::listed;

/// Limit of the entries that are tried.
const TRIALS: usize = 12;
/// Limit of the files that are searched.
const FILES: usize = 64;
/// Limit of the files that a note names.
const NAMED: usize = 3;
/// Names of fields that name an entry.
const NAMES: [&str; 4] = ["id", "key", "label", "name"];

/// A data file of the code.
struct DataFile {
    path: String,
    text: String,
    value: Value,
}

/// A new entry of a list or map.
struct NewEntry {
    /// The keys that lead to the list.
    path: Vec<String>,
    /// Whether the file has the list, and elements in it.
    has_list: bool,
    has_elements: bool,
    /// Its key in a map.
    key: Option<String>,
    entry: Value,
    /// The names of the fields in their order in the other entry.
    order: Vec<String>,
}

/// The range of a peer.
pub(in crate::terraform::edit) fn range_of(peer: &Peer) -> Option<String> {
    match peer {
        Peer::Ipv4(net) => Some(net.to_string()),
        Peer::Ipv6(net) => Some(net.to_string()),
        Peer::PrefixList(_) | Peer::Group(_) => None,
    }
}

/// The error for a rule that a computed list makes already.
pub(in crate::terraform::edit) fn in_code(
    draft: &Draft<'_>,
    direction: &str,
    found: &Found<'_>,
    (port, peer): (u16, &Peer),
) -> Option<EditError> {
    let range = range_of(peer)?;
    let rules = known_rules_of(draft.finder.config, &found.address_in_root().to_string());
    let rule = rules.into_iter().find(|rule| is_rule_of(rule, (direction, found), (port, &range)))?;
    Some(EditError::AlreadyInCode { address: rule.address, place: rule.made_by })
}

/// The refusal that names the file and its new entry; `None` if no data file makes rules of the group.
pub(in crate::terraform::edit) fn refusal(
    draft: &Draft<'_>,
    direction: &str,
    found: &Found<'_>,
    (port, peer): (u16, &Peer),
) -> Option<EditError> {
    let config = draft.finder.config;
    let range = range_of(peer)?;
    let files = data_files(config);
    if files.is_empty() {
        return None;
    }
    let before = known_rules(config);
    let group = found.address_in_root().to_string();
    let is_wanted = |rule: &KnownRule| is_rule_of(rule, (direction, found), (port, &range));
    // The file and the entries of this service first.
    let key = found.address().key.unwrap_or_default();
    let key = key.trim_matches(['[', ']', '"']);
    let mut all: Vec<(&DataFile, NewEntry)> = Vec::new();
    for file in &files {
        all.extend(new_entries(file, &files, (port, &range)).into_iter().map(|entry| (file, entry)));
    }
    let is_own = |(file, entry): &(&DataFile, NewEntry)| {
        stem_of(&file.path) == key || entry.path.iter().any(|own| own == key)
    };
    all.sort_by_key(|one| (!is_own(one), !one.1.has_list));
    all.into_iter().take(TRIALS).find_map(|(file, new)| {
        let text = with_entry(file, &new)?;
        let trial = config.with_texts(&[(PathBuf::from(&file.path), text)].into()).ok()?;
        let rule = new_rule(&before, &trial)?;
        is_wanted(&rule).then(|| described(config, (file, &new), (direction, &group, &rule)))
    })
}

/// Notes that a rule is not made of the data file that has the other rules of its group.
pub(in crate::terraform::edit) fn note(draft: &mut Draft<'_>, direction: &str, found: &Found<'_>) {
    let kind = format!("aws_vpc_security_group_{direction}_rule");
    let all = forms(draft, &kind).into_iter().chain(forms(draft, "aws_security_group_rule"));
    let group = found.origin();
    let is_of_group = |form: &Form<'_>| {
        let origins = draft.finder.network.origins.of_attribute(form.place, "security_group_id");
        let found = origins.as_deref().zip(group.as_ref());
        found.is_some_and(|(origins, group)| origins.iter().any(|one| one.is_same_resource(group)))
    };
    let is_of_file = |form: &Form<'_>| file_of(form.place.module, form.collection()).is_some();
    let Some(form) = all.filter(is_of_group).find(is_of_file) else { return };
    let mut files: Vec<String> = draft.finder.config.data_files().into_iter().collect();
    let key = found.address().key.unwrap_or_default();
    let key = key.trim_matches(['[', ']', '"']);
    if files.iter().any(|path| stem_of(path) == key) {
        files.retain(|path| stem_of(path) == key);
    }
    files.truncate(NAMED);
    let text = format!(
        "{} makes the other {direction} rules of {} from {}. This rule is a resource of its own.",
        form.place.location(),
        found.address_in_root(),
        listed(&files, "and")
    );
    draft.note(&text);
}

/// The name of a file without its ending.
fn stem_of(path: &str) -> String {
    PathBuf::from(path).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The data files of the code that are understood.
fn data_files(config: &Config) -> Vec<DataFile> {
    // The values of variables in JSON syntax are such a file too.
    let values = config.json_var_files.iter().map(|path| path.to_string_lossy().into_owned());
    let paths = config.data_files().into_iter().chain(values).take(FILES);
    let file = |path: String| {
        let text = config.data_text(&path)?;
        let value = decoded_file(&path, &text)?;
        Some(DataFile { path, text, value })
    };
    paths.filter_map(file).collect()
}

/// The only rule that a trial makes more; `None` if it lacks a present one, or makes several.
pub(in crate::terraform::edit) fn new_rule(before: &[KnownRule], trial: &Config) -> Option<KnownRule> {
    let mut rules = known_rules(trial);
    for rule in before {
        let at = rules.iter().position(|other| other == rule)?;
        rules.swap_remove(at);
    }
    rules.pop().filter(|_| rules.is_empty())
}

/// Whether a rule is of a group, and has a port and a range.
pub(in crate::terraform::edit) fn is_rule_of(
    rule: &KnownRule,
    (direction, found): (&str, &Found<'_>),
    (port, range): (u16, &str),
) -> bool {
    let group = found.address_in_root().to_string();
    rule.direction == direction
        && (rule.group == group || format!("{}[0]", rule.group) == group)
        && has_arguments(rule, port, range)
}

/// Whether a rule has a port and a range, and nothing else.
fn has_arguments(rule: &KnownRule, port: u16, range: &str) -> bool {
    let is_text = |value: &Value, wanted: &str| match value {
        Value::String(text) => text == wanted,
        Value::Number(number) => number.to_string() == wanted,
        _ => false,
    };
    let is_right = |(name, value): (&String, &Value)| match name.as_str() {
        "from_port" | "to_port" => is_text(value, &port.to_string()),
        "protocol" | "ip_protocol" => is_text(value, "tcp"),
        "cidr_ipv4" | "cidr_ipv6" => is_text(value, range),
        "cidr_blocks" | "ipv6_cidr_blocks" => {
            matches!(value.as_array().map(Vec::as_slice), Some([only]) if is_text(only, range))
        }
        _ => false,
    };
    let has = |names: &[&str]| names.iter().any(|name| rule.arguments.contains_key(*name));
    rule.arguments.iter().all(is_right)
        && has(&["from_port"])
        && has(&["to_port"])
        && has(&["protocol", "ip_protocol"])
        && has(&["cidr_ipv4", "cidr_ipv6", "cidr_blocks", "ipv6_cidr_blocks"])
}

/// What the keys of a list or map of rules are.
#[derive(Clone, Copy, PartialEq)]
enum Keys {
    None,
    Names,
    Ports,
}

/// The entries that the lists and maps of a file can get: each in the form of an entry of one with this name in one of the files.
fn new_entries(file: &DataFile, files: &[DataFile], wanted: (u16, &str)) -> Vec<NewEntry> {
    let mut forms: BTreeMap<String, Vec<(Keys, Value, &str)>> = BTreeMap::new();
    for one in files {
        for (path, keys, entries) in collections(&one.value, &[]) {
            let forms = forms.entry(path.last().cloned().unwrap_or_default()).or_default();
            for (_, element) in entries {
                let is_known =
                    |(own, known, _): &(Keys, Value, &str)| *own == keys && shape(known) == shape(element);
                if !forms.iter().any(is_known) {
                    forms.push((keys, element.clone(), &one.text));
                }
            }
        }
    }
    // An empty map or list can have the simplest forms.
    for one in files {
        for (path, keys, _) in collections(&one.value, &[]).into_iter().filter(|(.., all)| all.is_empty()) {
            let forms = forms.entry(path.last().cloned().unwrap_or_default()).or_default();
            if forms.is_empty() && keys == Keys::Ports {
                let range = Value::from("0.0.0.0/0");
                forms.extend([(keys, Value::Array(vec![range.clone()]), ""), (keys, range, "")]);
            }
        }
    }
    let mut all = Vec::new();
    let mut add = |path: Vec<String>, present: Option<(Keys, Vec<String>)>| {
        let name = path.last().map(String::as_str).unwrap_or_default();
        for (keys, form, text) in forms.get(name).into_iter().flatten() {
            // An empty map can be of any form.
            let fits = present
                .as_ref()
                .is_none_or(|(own, known)| own == keys || known.is_empty() && *own != Keys::None);
            let new_key = match keys {
                Keys::None => None,
                Keys::Ports => Some(wanted.0.to_string()),
                Keys::Names if wanted.0 == 443 => Some("https".to_owned()),
                Keys::Names => Some(format!("app-runner-{}", wanted.0)),
            };
            let is_used = |key: &String| present.as_ref().is_some_and(|(_, known)| known.contains(key));
            if !fits || new_key.as_ref().is_some_and(is_used) {
                continue;
            }
            let entry = adapted(form, "", wanted);
            let mut order = shape(form);
            order.sort_by_key(|name| {
                let forms = [format!("\n{name}:"), format!(" {name}:"), quoted(name), name.clone()];
                forms.iter().find_map(|form| text.find(form))
            });
            let has_elements = present.as_ref().is_some_and(|(_, known)| !known.is_empty());
            let (path, has_list, key) = (path.clone(), present.is_some(), new_key);
            all.push(NewEntry { path, has_list, has_elements, key, entry, order });
        }
    };
    for (path, keys, entries) in collections(&file.value, &[]) {
        add(path, Some((keys, entries.into_iter().map(|(key, _)| key).collect())));
    }
    // The list of this file or of an entry of it can be missing.
    for (path, object) in objects(&file.value, &[]) {
        for name in forms.keys().filter(|name| !name.is_empty() && !object.contains_key(*name)) {
            add(path.iter().cloned().chain([name.clone()]).collect(), None);
        }
    }
    all
}

/// The entries of a list or map with their keys.
type Entries<'v> = Vec<(String, &'v Value)>;

/// The lists of a value and its maps of rules, each with the keys that lead to it and its entries.
fn collections<'v>(value: &'v Value, path: &[String]) -> Vec<(Vec<String>, Keys, Entries<'v>)> {
    match value {
        Value::Array(list) => {
            let entries = list.iter().enumerate().map(|(place, one)| (place.to_string(), one));
            vec![(path.to_vec(), Keys::None, entries.collect())]
        }
        Value::Object(fields) => {
            let is_port = |key: &String| key.parse::<u16>().is_ok();
            let is_text = |one: &Value| one.as_str().is_some_and(|text| text.parse::<ipnet::IpNet>().is_ok());
            // A port has a range or a list of ranges.
            let is_range = |one: &Value| {
                is_text(one) || one.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(is_text))
            };
            let is_rule = |one: &Value| one.as_object().is_some_and(|one| one.values().any(is_range));
            let keys = if fields.keys().all(is_port) && fields.values().all(is_range) {
                Some(Keys::Ports)
            } else {
                Some(Keys::Names).filter(|_| fields.values().all(is_rule))
            };
            let entries = fields.iter().map(|(key, one)| (key.clone(), one)).collect();
            let own = keys.map(|keys| (path.to_vec(), keys, entries));
            let inner = fields.iter().flat_map(|(key, value)| {
                let path: Vec<String> = path.iter().cloned().chain([key.clone()]).collect();
                collections(value, &path)
            });
            own.into_iter().chain(inner).collect()
        }
        _ => Vec::new(),
    }
}

/// The objects of a value, outside lists.
fn objects<'v>(value: &'v Value, path: &[String]) -> Vec<(Vec<String>, &'v Map<String, Value>)> {
    let Value::Object(fields) = value else { return Vec::new() };
    let inner = fields.iter().flat_map(|(key, value)| {
        let path: Vec<String> = path.iter().cloned().chain([key.clone()]).collect();
        objects(value, &path)
    });
    [(path.to_vec(), fields)].into_iter().chain(inner).collect()
}

/// The names of the fields of an entry.
fn shape(value: &Value) -> Vec<String> {
    value.as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default()
}

/// A value in the form of another one, with the wanted port and range.
fn adapted(form: &Value, name: &str, (port, range): (u16, &str)) -> Value {
    match form {
        Value::Number(_) => Value::from(port),
        Value::String(text) if text.parse::<u16>().is_ok() => Value::from(port.to_string()),
        Value::String(text) if text.parse::<ipnet::IpNet>().is_ok() => Value::from(range),
        Value::String(text) if ["tcp", "egress", "ingress"].contains(&text.as_str()) => form.clone(),
        Value::String(_) if NAMES.contains(&name) && port == 443 => Value::from("https"),
        Value::String(_) if NAMES.contains(&name) => Value::from(format!("app-runner-{port}")),
        Value::String(_) => Value::from("For the App Runner service"),
        Value::Array(list) => list.first().map(|one| adapted(one, name, (port, range))).into_iter().collect(),
        Value::Object(fields) => Value::Object(
            fields.iter().map(|(name, one)| (name.clone(), adapted(one, name, (port, range)))).collect(),
        ),
        Value::Null | Value::Bool(_) => form.clone(),
    }
}

/// The text of a file with a new entry, for a trial; JSON is YAML too.
fn with_entry(file: &DataFile, new: &NewEntry) -> Option<String> {
    if is_csv(file) {
        return Some(format!("{}\n{}", file.text.trim_end(), csv_line(file, new)?));
    }
    let mut value = file.value.clone();
    let mut at = &mut value;
    for key in &new.path {
        let fields = at.as_object_mut()?;
        at = fields.entry(key.clone()).or_insert_with(|| match new.key {
            Some(_) => Value::Object(Map::new()),
            None => Value::Array(Vec::new()),
        });
    }
    match &new.key {
        Some(key) => {
            at.as_object_mut()?.insert(key.clone(), new.entry.clone());
        }
        None => at.as_array_mut()?.push(new.entry.clone()),
    }
    serde_json::to_string(&value).ok()
}

fn has_ending(file: &DataFile, ending: &str) -> bool {
    file.path.rsplit_once('.').is_some_and(|(_, own)| own == ending)
}

fn is_csv(file: &DataFile) -> bool {
    has_ending(file, "csv")
}

/// The line of an entry, in the order of the names in the first line.
fn csv_line(file: &DataFile, new: &NewEntry) -> Option<String> {
    let names = file.text.lines().next()?.split(',').map(|name| name.trim().trim_matches('"'));
    let fields: Option<Vec<&str>> = names.map(|name| new.entry.as_object()?.get(name)?.as_str()).collect();
    Some(format!("{}\n", fields?.join(",")))
}

/// The refusal with the entry as it is written in the file.
fn described(
    config: &Config,
    (file, new): (&DataFile, &NewEntry),
    (direction, group, rule): (&str, &str, &KnownRule),
) -> EditError {
    let list = new.path.join(".");
    let is_json = has_ending(file, "json");
    let line = if is_csv(file) {
        Some(file.text.trim_end().lines().count())
    } else {
        new.has_list.then(|| line_of_key((&file.text, is_json), &new.path)).flatten()
    };
    let place = line.map_or_else(|| file.path.clone(), |line| format!("{}:{line}", file.path));
    let key = new.path.last().map(String::as_str).unwrap_or_default();
    let values = match csv_line(file, new).filter(|_| is_csv(file)) {
        Some(line) => line,
        None if is_json && (new.has_elements || key.is_empty()) => format!("{}\n", json_line(new)),
        None if is_json && new.key.is_some() => format!("\"{key}\": {{ {} }}\n", json_line(new)),
        None if is_json => format!("\"{key}\": [{}]\n", json_line(new)),
        None if new.has_elements || key.is_empty() => yaml_lines(new, ""),
        None => format!("{key}:\n{}", yaml_lines(new, "  ")),
    };
    let step = match (is_csv(file), new.has_elements || key.is_empty(), new.has_list) {
        (true, ..) => "add this line".to_owned(),
        (false, true, _) if list.is_empty() => "add this entry".to_owned(),
        (false, true, _) => format!("add this entry to {list}"),
        (false, false, true) => format!("give {list} this entry"),
        (false, false, false) => format!("add {list} with this entry"),
    };
    EditError::Given {
        place,
        what: format!(
            "{} makes the {direction} rules of {group} from the entries in this file: {step}, then run {}",
            rule.made_by,
            config.tool().apply()
        ),
        values,
    }
}

fn json_line(new: &NewEntry) -> String {
    let entry = match new.entry.as_object() {
        Some(fields) => {
            let fields = new.order.iter().filter_map(|name| {
                Some(format!("\"{name}\": {}", serde_json::to_string(fields.get(name)?).ok()?))
            });
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        None => serde_json::to_string(&new.entry).unwrap_or_default(),
    };
    new.key.as_ref().map_or_else(|| entry.clone(), |key| format!("\"{key}\": {entry}"))
}

fn yaml_lines(new: &NewEntry, indent: &str) -> String {
    let lines = as_yaml(&new.entry, &new.order, indent);
    match &new.key {
        None => lines,
        Some(key) if new.entry.is_object() => {
            format!("{indent}{key}:\n{}", lines.replacen("- ", "  ", 1))
        }
        Some(key) => lines.replacen("- ", &format!("{key}: "), 1),
    }
}
