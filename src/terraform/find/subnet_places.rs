//! The blocks and module outputs that can be a subnet of AWS, by its range and its name.

use std::collections::BTreeSet;

use crate::model::{Snapshot, Subnet};
use crate::terraform::find::instances::{for_instance, instance_keys};
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::find::registry::{RegistryCall, RegistryModule, searched_modules};
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::partial::references;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::tags::{Tag, name_tag_of};
use crate::terraform::read::config::Config;
use crate::terraform::read::place::Place;

/// The arguments of the VPC module with ranges of subnets; the outputs have the same names.
const SUBNET_LISTS: [&str; 4] = ["public_subnets", "private_subnets", "intra_subnets", "database_subnets"];

/// The suffixes of their names without `private_subnet_suffix` and the like.
const SUFFIXES: [&str; 4] = ["public", "private", "intra", "db"];

/// The blocks and outputs that can be a subnet, in all VPCs.
pub(in crate::terraform) fn places_of_subnet<'a>(
    config: &'a Config,
    snapshot: &Snapshot,
    subnet: &Subnet,
) -> Vec<Origin<'a>> {
    let Some(range) = subnet.cidr.map(|range| range.to_string()) else { return Vec::new() };
    let mut found = Vec::new();
    for module in searched_modules(config) {
        for (file, block) in module.resources("aws_subnet") {
            let place = Place { module, file, block };
            let is_elsewhere =
                module.region_of(file, block).is_some_and(|region| region != snapshot.region.as_str());
            if !is_elsewhere {
                let fitting =
                    instances(place, subnet).into_iter().filter(|key| is_subnet(place, key, subnet, &range));
                found.extend(fitting.map(|instance| {
                    Origin::Block(BlockOrigin { place, instance, attribute: "id".to_owned() })
                }));
            }
        }
        let zone = only_of_zone(snapshot, subnet);
        for (file, block) in module.resources("aws_default_subnet") {
            let own = module.expression(file, block, "availability_zone");
            let own = own.and_then(|own| module.evaluate(own));
            if zone.is_some() && own == zone && !block.repeats() {
                let (place, instance) = (Place { module, file, block }, Instances::Only);
                found.push(Origin::Block(BlockOrigin { place, instance, attribute: "id".to_owned() }));
            }
        }
        for (file, block) in module.blocks("module") {
            let calls = RegistryCall::instances(Place { module, file, block }, RegistryModule::Vpc);
            found.extend(
                calls.iter().filter_map(|call| {
                    output(call, &range).or_else(|| output_by_name(call, snapshot, subnet))
                }),
            );
        }
    }
    found
}

/// The AZ of a subnet, if its VPC has no other subnet there: it is then the default subnet of the AZ in a default VPC.
fn only_of_zone(snapshot: &Snapshot, subnet: &Subnet) -> Option<String> {
    let subnets = snapshot.network.subnets.iter();
    let same = subnets.filter(|other| other.vpc == subnet.vpc && other.zone == subnet.zone).count();
    (same == 1).then(|| subnet.zone.to_string())
}

/// The element of an output of the VPC module.
fn output<'a>(call: &RegistryCall<'a>, range: &str) -> Option<Origin<'a>> {
    SUBNET_LISTS.iter().find_map(|name| {
        let list = call.argument(name)?;
        let ranges = call.place.module.texts(Expr::parsed("", &list))?;
        let place = ranges.iter().position(|one| one == range)?;
        Some(Origin::Output { call: call.place, key: call.key.clone(), name: format!("{name}[{place}]") })
    })
}

/// The element of an output of the VPC module by the name that the module gives a subnet, `shop-private-eu-west-1a`, if the ranges in the
/// call are unknown.
fn output_by_name<'a>(call: &RegistryCall<'a>, snapshot: &Snapshot, subnet: &Subnet) -> Option<Origin<'a>> {
    let network = &snapshot.network;
    let vpc = network.vpcs.get(&subnet.vpc)?;
    let has_range =
        call.text("cidr").is_none_or(|range| vpc.cidrs.iter().any(|own| own.to_string() == range));
    let name = call.text("name").filter(|_| has_range)?;
    SUBNET_LISTS.iter().zip(SUFFIXES).find_map(|(list, default)| {
        let tier = list.trim_end_matches("_subnets");
        let ranges = call.argument(list)?;
        let is_known = call.place.module.texts(Expr::parsed("", &ranges)).is_some();
        (!is_known && !call.has(&format!("{tier}_subnet_names"))).then_some(())?;
        let suffix = format!("{tier}_subnet_suffix");
        let suffix = if call.has(&suffix) { call.text(&suffix)? } else { default.to_owned() };
        let is_of_tier = |one: &&Subnet| {
            one.vpc == subnet.vpc && one.tags.get("Name") == Some(&format!("{name}-{suffix}-{}", one.zone))
        };
        let own: Vec<&Subnet> = network.subnets.iter().filter(is_of_tier).collect();
        let zones: BTreeSet<String> = own.iter().map(|one| one.zone.to_string()).collect();
        let is_one_of_each = zones.len() == own.len()
            && call.length(list).is_none_or(|number| number == own.len())
            && own.iter().any(|one| one.id == subnet.id);
        is_one_of_each.then_some(())?;
        let zones = zones_of(call, zones)?;
        let place = zones.iter().position(|zone| zone == subnet.zone.as_str())?;
        Some(Origin::Output { call: call.place, key: call.key.clone(), name: format!("{list}[{place}]") })
    })
}

/// The AZs of a call in their order: in the order of their names if a data source gives them. `None` if unknown.
fn zones_of(call: &RegistryCall<'_>, zones: BTreeSet<String>) -> Option<Vec<String>> {
    let module = call.place.module;
    if let Some(known) = module.texts(Expr::parsed("", &call.argument("azs")?)) {
        return Some(known);
    }
    let mut open = vec![call.place.file.value(call.place.block.body.attribute("azs")?).to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(text) = open.pop() {
        if text.contains("reverse(") || text.contains("shuffle") {
            return None;
        }
        for name in references(&format!("x = {text}\n")) {
            if name.starts_with("data.aws_availability_zones.") {
                return Some(zones.into_iter().collect());
            }
            let local = name.strip_prefix("local.").and_then(|name| module.local(name));
            open.extend(local.filter(|_| seen.insert(name.clone())).map(ToString::to_string));
        }
    }
    None
}

/// The instances of a block. With unknown keys, the one whose key is the AZ of the subnet: `for_each = toset(local.azs)`.
fn instances(place: Place<'_>, subnet: &Subnet) -> Vec<Instances> {
    let Some(keys) = instance_keys(place) else { return vec![Instances::Only] };
    if !keys.is_empty() {
        return keys.into_iter().map(Instances::Key).collect();
    }
    let value = |name: &str| place.module.expression(place.file, place.block, name);
    let is_set = || value("for_each").is_some_and(|all| all.text.trim_start().starts_with("toset("));
    let is_zone = value("availability_zone").is_some_and(|zone| match zone.text.trim() {
        "each.key" => true,
        "each.value" => is_set(),
        _ => false,
    });
    let key = is_zone.then(|| Instances::Key(format!("[{}]", quoted(subnet.zone.as_str()))));
    key.into_iter().collect()
}

/// Whether the range, or with an unknown range the name, of an instance is that of a subnet, and neither contradicts. Its AZ does not
/// contradict either.
fn is_subnet(place: Place<'_>, instance: &Instances, subnet: &Subnet, range: &str) -> bool {
    let written = |name: &str| {
        let text = place.module.expression(place.file, place.block, name)?.text;
        Some(match instance {
            Instances::Key(key) => for_instance(place, key, text),
            Instances::Only | Instances::All => text.to_owned(),
        })
    };
    let own_range = written("cidr_block").and_then(|text| place.module.evaluate(Expr::from(&text)));
    let zone = written("availability_zone").and_then(|text| place.module.evaluate(Expr::from(&text)));
    if zone.is_some_and(|zone| zone != subnet.zone.as_str()) {
        return false;
    }
    let name = match written("tags").map(|tags| name_tag_of(&place.module.values, Expr::from(&tags))) {
        Some(Tag::Known(name)) => Some(subnet.tags.get("Name") == Some(&name)),
        Some(Tag::Unknown(pattern, _)) if !subnet.tags.get("Name").is_some_and(|name| pattern.fits(name)) => {
            Some(false)
        }
        Some(Tag::Unknown(..) | Tag::Absent) | None => None,
    };
    match (own_range.map(|own| own == range), name) {
        (Some(false), _) | (_, Some(false)) | (None, None) => false,
        (Some(true), _) | (None, Some(true)) => true,
    }
}
