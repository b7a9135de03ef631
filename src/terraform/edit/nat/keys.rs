//! The keys of new NAT gateways whose block has an instance for each element of a list or map that is empty now, `for_each = var.nat_zones`.

use crate::model::{AvailabilityZone, Network};
use crate::remedy::Change;
use crate::terraform::edit::draft::Draft;
use crate::terraform::lang::address::address;
use crate::terraform::lang::partial::references;
use crate::terraform::read::place::Place;

/// The AZs of the new NAT gateways; none if one is unknown.
pub(in crate::terraform::edit) fn zones(network: &Network, changes: &[Change]) -> Vec<AvailabilityZone> {
    let subnets = changes.iter().filter_map(|change| match change {
        Change::CreateNat { subnet, .. } => Some(subnet.as_ref()),
        _ => None,
    });
    let zones = subnets.map(|subnet| Some(network.subnets.get(subnet?)?.zone.clone()));
    zones.collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// The keys of the AZs in the form that the subnets of the module have, the letter or the name of the AZ. None for another resource than
/// a NAT gateway or an Elastic IP, where the code has no such form, or where the block refers to a subnet without these keys.
pub(in crate::terraform::edit) fn of_zones(draft: &Draft<'_>, place: Place<'_>) -> Vec<String> {
    let module = place.module;
    if !["aws_nat_gateway", "aws_eip"].into_iter().any(|kind| place.block.is_resource(kind)) {
        return Vec::new();
    }
    let quoted = |key: &String| format!("[\"{key}\"]");
    let has = |subnets: &[String], keys: &[String]| keys.iter().map(quoted).all(|key| subnets.contains(&key));
    let blocks = || module.resources("aws_subnet");
    let subnets: Vec<(String, Vec<String>)> = blocks()
        .map(|(file, block)| {
            let keys = module.instance_keys(&module.values, file, block).unwrap_or_default();
            (address(block), keys)
        })
        .collect();
    let text = place.file.slice(place.block.span.clone());
    let indexed: Vec<&(String, Vec<String>)> = {
        let used = references(text);
        let is_indexed = |name: &str| text.contains(&format!("{name}[each."));
        subnets.iter().filter(|(name, _)| used.contains(name) && is_indexed(name)).collect()
    };
    let names = draft.nat_zones.iter().map(|zone| zone.as_str().to_owned());
    let letters = draft.nat_zones.iter().filter_map(|zone| zone.as_str().chars().last());
    let letters: Vec<String> = letters.map(String::from).collect();
    // Without keys, the names of the subnets show the form, `aws_subnet.public_a`.
    let is_named = |letter: &String| subnets.iter().any(|(name, _)| name.ends_with(&format!("_{letter}")));
    let has_keys = blocks().any(|(_, block)| block.repeats());
    if !has_keys && !letters.is_empty() && letters.iter().all(is_named) {
        return letters;
    }
    let forms = [letters, names.collect()];
    let found = forms.into_iter().find(|keys| {
        !keys.is_empty()
            && subnets.iter().any(|(_, own)| has(own, keys))
            && indexed.iter().all(|(_, own)| has(own, keys))
    });
    found.unwrap_or_default()
}
