//! Finds the block or module output of a subnet of AWS, by its range and its name.

use crate::model::{Subnet, SubnetId};
use crate::terraform::find::finder::Finder;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin, is_same_vpc};
use crate::terraform::find::registry::{RegistryModule, registry_module};
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::tags::{Tag, name_tag_of};
use crate::terraform::read::place::Place;

/// Limit of the instances of a block that are compared.
const INSTANCES: usize = 64;
/// The arguments of the VPC module with ranges of subnets; the outputs have the same names.
const SUBNET_LISTS: [&str; 4] = ["public_subnets", "private_subnets", "intra_subnets", "database_subnets"];

impl<'a> Finder<'a> {
    /// The origin of a subnet's id; `None` if not exactly one block fits.
    pub fn subnet_origin(&self, id: &SubnetId) -> Option<Origin<'a>> {
        let subnet = self.snapshot.network.subnets.get(id)?;
        let range = subnet.cidr?.to_string();
        let mut found = Vec::new();
        for module in self.config.modules().into_iter().filter(|module| !module.is_installed) {
            for (file, block) in module.resources("aws_subnet") {
                let place = Place { module, file, block };
                if !self.is_in_another_region(module, file, block) && !self.is_in_another_vpc(place) {
                    found.extend(
                        instances(place).into_iter().filter(|key| is_subnet(place, key, subnet, &range)).map(
                            |instance| {
                                Origin::Block(BlockOrigin { place, instance, attribute: "id".to_owned() })
                            },
                        ),
                    );
                }
            }
            for (file, block) in module.blocks("module") {
                let call = Place { module, file, block };
                if registry_module(&call) == Some(RegistryModule::Vpc) && !call.is_one_of_several() {
                    found.extend(output(call, &range));
                }
            }
        }
        (found.len() == 1).then(|| found.pop()).flatten()
    }

    fn is_in_another_vpc(&self, place: Place<'a>) -> bool {
        let vpc = self.network.origins.single(place, "vpc_id");
        vpc.zip(self.network.vpc.as_ref()).is_some_and(|(one, vpc)| is_same_vpc(&one, vpc) == Some(false))
    }
}

/// The element of an output of the VPC module.
fn output<'a>(call: Place<'a>, range: &str) -> Option<Origin<'a>> {
    SUBNET_LISTS.iter().find_map(|name| {
        let list = call.block.body.attribute(name).map(|list| call.file.expression(list))?;
        let place = call.module.texts(list)?.iter().position(|one| one == range)?;
        Some(Origin::Output { call, name: format!("{name}[{place}]") })
    })
}

/// The instances of a block; none if they are unknown.
fn instances(place: Place<'_>) -> Vec<Instances> {
    let written = |name: &str| place.module.expression(place.file, place.block, name);
    let keys: Vec<String> = match (written("for_each"), written("count")) {
        (Some(each), _) => {
            let keys = place.module.keys(each).unwrap_or_default();
            keys.iter().map(|key| format!("[{}]", quoted(key))).collect()
        }
        (None, Some(count)) => {
            let count = place.module.evaluate(count).and_then(|count| count.parse().ok());
            let count: usize = count.unwrap_or(usize::from(place.module.is_switch(place.file, place.block)));
            (0..count.min(INSTANCES)).map(|number| format!("[{number}]")).collect()
        }
        (None, None) => return vec![Instances::Only],
    };
    keys.into_iter().take(INSTANCES).map(Instances::Key).collect()
}

/// Whether the range, or with an unknown range the name, of an instance is that of a subnet, and neither contradicts.
fn is_subnet(place: Place<'_>, instance: &Instances, subnet: &Subnet, range: &str) -> bool {
    let written = |name: &str| {
        let text = place.module.expression(place.file, place.block, name)?.text.to_owned();
        Some(for_instance(place, instance, text))
    };
    let own_range = written("cidr_block").and_then(|text| place.module.evaluate(Expr::from(&text)));
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

/// An expression with the key and the value of an instance.
fn for_instance(place: Place<'_>, instance: &Instances, text: String) -> String {
    let Instances::Key(key) = instance else { return text };
    let key = key.trim_start_matches('[').trim_end_matches(']');
    if key.starts_with('"') {
        let each = place
            .module
            .expression(place.file, place.block, "for_each")
            .map(|each| each.text.trim().to_owned());
        let each = each.unwrap_or_default();
        // The value of a set's element is its key.
        let is_set = place.module.value(Expr::from(&each)).is_some_and(|value| value.is_array());
        let value = if is_set { key.to_owned() } else { format!("({each})[{key}]") };
        return text.replace("each.value", &value).replace("each.key", key);
    }
    text.replace("count.index", key)
}
