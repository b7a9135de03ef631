//! The rules of security groups that the code makes, as far as their values are known.
//!
//! Compares two states of the code: which rules an edit of a data file adds.

use std::collections::BTreeMap;

use hcl::Value;

use crate::terraform::find::instances::instance_keys;
use crate::terraform::find::origin::{Instances, Origin};
use crate::terraform::find::origins::Origins;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::structure::{Body, Item};
use crate::terraform::read::config::Config;
use crate::terraform::read::instantiate::Bindings;
use crate::terraform::read::place::Place;

/// The resources of single rules, with the direction of their type.
const RESOURCES: [(&str, Option<&str>); 3] = [
    ("aws_vpc_security_group_egress_rule", Some("egress")),
    ("aws_vpc_security_group_ingress_rule", Some("ingress")),
    ("aws_security_group_rule", None),
];
/// The security groups with inline rules.
const GROUPS: [&str; 2] = ["aws_security_group", "aws_default_security_group"];
/// Arguments that are no part of a rule.
const OTHER: [&str; 8] =
    ["count", "depends_on", "description", "for_each", "provider", "region", "security_group_id", "tags"];

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::terraform) struct KnownRule {
    /// The address of its group, or its id.
    pub group: String,
    pub direction: String,
    /// The arguments with a value. An unknown one is the text `?`.
    pub arguments: BTreeMap<String, Value>,
    /// The address of its resource; of an inline rule, of its group.
    pub address: String,
    /// `security.tf:12`: the block that makes it.
    pub made_by: String,
}

/// All rules that lists and maps make.
pub(in crate::terraform) fn known_rules(config: &Config) -> Vec<KnownRule> {
    rules_of(config, &|_| true)
}

/// The same of one group, by its address.
pub(in crate::terraform) fn known_rules_of(config: &Config, group: &str) -> Vec<KnownRule> {
    // The address of a block, or of an instance of it.
    rules_of(config, &|other| other.starts_with(group) || group.starts_with(other))
}

fn rules_of(config: &Config, is_wanted: &dyn Fn(&str) -> bool) -> Vec<KnownRule> {
    let origins = Origins::new(config);
    let mut all = Vec::new();
    for module in config.modules().into_iter().filter(|module| module.is_editable()) {
        for (kind, direction) in RESOURCES {
            for (file, block) in module.resources(kind) {
                of_resource(Place { module, file, block }, direction, (&origins, is_wanted), &mut all);
            }
        }
        for kind in GROUPS {
            for (file, block) in module.resources(kind) {
                let place = Place { module, file, block };
                if is_wanted(&module.address_of(block).to_string()) {
                    of_group(place, &mut all);
                }
            }
        }
    }
    all
}

fn of_resource<'a>(
    place: Place<'a>,
    direction: Option<&str>,
    (origins, is_wanted): (&Origins<'a>, &dyn Fn(&str) -> bool),
    all: &mut Vec<KnownRule>,
) {
    for key in instance_keys(place).unwrap_or_default() {
        let Some(group) = origins.of_instance(place, Some(&key), "security_group_id") else { continue };
        let [group] = group.as_slice() else { continue };
        let group = match group {
            Origin::Block(block) => {
                let address = block.place.module.address_of(block.place.block);
                match &block.instance {
                    Instances::Key(key) => address.with_key(key.as_str()).to_string(),
                    Instances::Only | Instances::All => address.to_string(),
                }
            }
            Origin::Text(id) => id.clone(),
            Origin::Output { .. } | Origin::Variable { .. } => continue,
        };
        if !is_wanted(&group) {
            continue;
        }
        let bindings = Bindings::of_instance(place, &key);
        let mut arguments = arguments(place, &place.block.body, &bindings);
        let own = arguments.remove("type").and_then(|own| own.as_str().map(str::to_owned));
        let Some(direction) = direction.map(str::to_owned).or(own) else { continue };
        let address = place.module.address_of(place.block).with_key(key.as_str()).to_string();
        all.push(KnownRule { group, direction, arguments, address, made_by: place.location() });
    }
}

/// The rules that the dynamic blocks of a group make.
fn of_group(place: Place<'_>, all: &mut Vec<KnownRule>) {
    let Place { module, file, block } = place;
    let keys = instance_keys(place).map_or_else(|| vec![None], |keys| keys.into_iter().map(Some).collect());
    for key in keys {
        let outer = key.as_deref().map(|key| Bindings::of_instance(place, key)).unwrap_or_default();
        let address = module.address_of(block);
        let group = match &key {
            Some(key) => address.with_key(key.as_str()).to_string(),
            None => address.to_string(),
        };
        for dynamic in block.body.blocks("dynamic") {
            let direction = dynamic.labels.first().cloned().unwrap_or_default();
            let iterator = match dynamic.body.attribute("iterator") {
                Some(iterator) => file.value(iterator).trim().to_owned(),
                None => direction.clone(),
            };
            let each = dynamic.body.attribute("for_each").and_then(|each| file.expression(each).tree());
            let value = each.and_then(|each| module.value(Expr::parsed("", &outer.bind(&each))));
            let elements: Vec<(Value, Value)> = match value {
                Some(Value::Array(list)) => {
                    list.into_iter().enumerate().map(|(place, one)| (Value::from(place), one)).collect()
                }
                Some(Value::Object(fields)) => {
                    fields.into_iter().map(|(key, one)| (Value::from(key), one)).collect()
                }
                _ => continue,
            };
            let Some(content) = dynamic.body.blocks("content").next() else { continue };
            for (key, value) in elements {
                let mut bindings = outer.clone();
                bindings.extend(&format!("{iterator}.key"), Some(&key));
                bindings.extend(&format!("{iterator}.value"), Some(&value));
                let arguments = arguments(place, &content.body, &bindings);
                let (address, direction) = (group.clone(), direction.clone());
                let made_by = place.location();
                all.push(KnownRule { group: group.clone(), direction, arguments, address, made_by });
            }
        }
    }
}

/// The arguments that have a value.
fn arguments(place: Place<'_>, body: &Body, bindings: &Bindings) -> BTreeMap<String, Value> {
    let attributes = body.items.iter().filter_map(|item| match item {
        Item::Attribute(attribute) => Some(attribute),
        Item::Block(_) => None,
    });
    let own = attributes.filter(|attribute| !OTHER.contains(&attribute.name.as_str()));
    let value = |attribute| {
        let tree = place.file.expression(attribute).tree()?;
        place.module.value(Expr::parsed("", &bindings.bind(&tree)))
    };
    let all =
        own.map(|attribute| (attribute.name.clone(), value(attribute).unwrap_or_else(|| Value::from("?"))));
    all.filter(|(_, value)| !is_empty(value)).collect()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}
