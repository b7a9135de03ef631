//! More instances of a NAT gateway that the code makes with `count`: one for each public subnet.
//!
//! The new number is tried: with it the code must have the new NAT gateways in their subnets, each with a new Elastic IP, and no other
//! new resource.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::nat::entry::{NewInstance, in_trial, new_instances};
use crate::terraform::edit::text::splice::{Splice, apply};
use crate::terraform::find::instances::instance_keys;
use crate::terraform::find::kept_at::KeptAt;
use crate::terraform::find::kept_value::kept_value;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::find::origins::Origins;
use crate::terraform::lang::address::{ResourceAddress, address};
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::place::Place;

/// Sets the number of instances of a NAT gateway and its Elastic IP to that of the subnets: `value` is the `count` of the subnets. `None`,
/// and no edit, if that does not make the wanted NAT gateways.
pub(in crate::terraform::edit) fn extend<'a>(
    draft: &mut Draft<'a>,
    (nat, subnets): (Place<'a>, &BlockOrigin<'a>),
    value: &str,
) -> Option<()> {
    let config = draft.finder.config;
    let number = instance_keys(subnets.place)?.len();
    let addresses = draft.finder.network.origins.of_attribute(nat, "allocation_id")?;
    let mut blocks = vec![nat];
    for origin in &addresses {
        let Origin::Block(eip) = origin else { return None };
        eip.place.block.is_resource("aws_eip").then_some(())?;
        if !blocks.iter().any(|known| known.is_same_block(&eip.place)) {
            blocks.push(eip.place);
        }
    }
    let mut splices: Vec<(&'a File, Splice)> = Vec::new();
    for Place { module, file, block } in blocks {
        let count = block.body.attribute("count")?.value.clone();
        let kept = kept_value(config, (module, file), count.clone())?;
        let KeptAt::Value { module: of, file: at, span } = kept.at else { return None };
        draft.is_editable_file(of, at).then_some(())?;
        let is_own = at.path == file.path && span == count;
        let text = if is_own { value.to_owned() } else { number.to_string() };
        let is_known = splices.iter().any(|(known, splice)| known.path == at.path && splice.span == span);
        if !is_known && at.slice(span.clone()) != text {
            (!draft.is_changed(at, &span)).then_some(())?;
            splices.push((at, Splice::new(span, text)));
        }
    }
    let mut texts: BTreeMap<PathBuf, Vec<Splice>> = BTreeMap::new();
    for (file, splice) in &splices {
        texts.entry(file.path.clone()).or_default().push(splice.clone());
    }
    let file = |path: &PathBuf| splices.iter().find(|(file, _)| file.path == *path).map(|(file, _)| *file);
    let texts = texts.into_iter().map(|(path, splices)| {
        let text = apply(file(&path)?, splices).ok()?;
        Some((path, text))
    });
    let trial = config.with_texts(&texts.collect::<Option<_>>()?).ok()?;
    let new = new_instances(config, &trial)?;
    let present = instance_keys(nat)?.len();
    let wanted = number.checked_sub(present)?;
    is_wanted(&trial, &new, (nat, subnets, wanted)).then_some(())?;
    let own = nat.module.address_of(nat.block);
    draft.note(&format!(
        "{own} ({}) creates {present} of the {number} NAT gateways: this edit makes it create one in each instance of {}.",
        nat.location(),
        address(subnets.place.block)
    ));
    for (file, splice) in splices {
        draft.splice(file, splice);
    }
    let addresses: Vec<ResourceAddress> = new
        .iter()
        .map(|one| one.place.module.address_of(one.place.block).with_key(one.key.as_str()))
        .collect();
    draft.reenabled.extend(addresses);
    Some(())
}

/// Whether the new instances are this number of NAT gateways, each in the subnet with its key and with a new Elastic IP of its own.
fn is_wanted(
    trial: &Config,
    new: &[NewInstance<'_>],
    (nat, subnets, wanted): (Place<'_>, &BlockOrigin<'_>, usize),
) -> bool {
    let origins = Origins::new(trial);
    let of = |one: &NewInstance<'_>, name: &str| {
        let found = origins.of_instance(in_trial(trial, one.place)?, Some(&one.key), name)?;
        match found.as_slice() {
            [only] => only.address_in_root(),
            _ => None,
        }
    };
    let subnet = |key: &str| {
        let instance = Instances::Key(key.to_owned());
        Origin::Block(BlockOrigin { instance, ..subnets.clone() }).address_in_root()
    };
    let full = |one: &NewInstance<'_>| {
        one.place.module.address_of(one.place.block).with_key(one.key.as_str()).to_string()
    };
    let all = |kind: &'static str| new.iter().filter(move |one| one.place.block.is_resource(kind));
    let ips: BTreeSet<String> = all("aws_eip").map(full).collect();
    let used: Option<BTreeSet<String>> = all("aws_nat_gateway").map(|one| of(one, "allocation_id")).collect();
    let mut gateways = all("aws_nat_gateway");
    let are_right =
        gateways.all(|one| one.place.is_same_block(&nat) && of(one, "subnet_id") == subnet(&one.key));
    are_right
        && all("aws_nat_gateway").count() == wanted
        && used.is_some_and(|used| used == ips && ips.len() == wanted)
        && new.len() == 2 * wanted
}
