//! The values in the code that cause an unmet requirement of a fix.

use crate::model::{Snapshot, Workload};
use crate::remedy::ONE_TABLE_PER_AZ;
use crate::terraform::answer::OwnerChoices;
use crate::terraform::edit::nat::number::NatNumber;
use crate::terraform::edit::network::internet_gateway_in_code::disabled_internet_gateway;
use crate::terraform::edit::network::other_root::creator;
use crate::terraform::edit::shown_place::with_folder;
use crate::terraform::error::EditError;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::kept_at::KeptAt;
use crate::terraform::find::kept_value::kept_argument;
use crate::terraform::find::registry::{RegistryCall, RegistryModule, searched_modules};
use crate::terraform::find::vpc::vpc_of;
use crate::terraform::read::config::Config;
use crate::terraform::read::place::Place;
use crate::text::listed;

const SINGLE: &str = "single_nat_gateway";
const ENABLE: &str = "enable_nat_gateway";

/// The value that causes an unmet requirement: its place, the present value, and the value to put there. `None` if the code has none.
#[must_use]
pub fn cause_in_code(config: &Config, case: (&Snapshot, &Workload), requirement: &str) -> Option<EditError> {
    let find = if requirement.ends_with("has no internet gateway") {
        disabled_internet_gateway
    } else if requirement.ends_with(ONE_TABLE_PER_AZ) {
        single_gateway
    } else {
        return None;
    };
    let in_root = |config: &Config| find(config, case).map(|error| with_folder(error, config));
    let answers = OwnerChoices::default();
    in_root(config).or_else(|| {
        let finder = Finder::new(config, case, &answers).ok()?;
        in_root(&creator(&finder, case, &answers)?.config)
    })
}

/// `single_nat_gateway = true` of the VPC module of the registry: its private subnets share one route table.
fn single_gateway(config: &Config, (snapshot, workload): (&Snapshot, &Workload)) -> Option<EditError> {
    let vpc = vpc_of(snapshot, workload).and_then(|vpc| snapshot.network.vpcs.get(vpc))?;
    let is_of_vpc = |call: &RegistryCall<'_>| {
        call.text("cidr").is_none_or(|range| vpc.cidrs.iter().any(|own| own.to_string() == range))
    };
    let places = searched_modules(config)
        .into_iter()
        .flat_map(|module| module.blocks("module").map(move |(file, block)| Place { module, file, block }));
    let calls = places.flat_map(|place| RegistryCall::instances(place, RegistryModule::Vpc));
    let mut calls = calls.filter(is_of_vpc);
    let call =
        calls.next().filter(|call| calls.next().is_none() && call.text(SINGLE).as_deref() == Some("true"))?;
    let own = call.place.block.body.attribute(SINGLE)?;
    let (file, address) = (call.place.file, call.address());
    let written = file.expression(own).in_one_line();
    let shared = format!("so all private subnets of {address} use one route table");
    let other = "or use the fix nat: one NAT gateway for all AZs";
    let is_here = config.shown_root.is_none();
    let apply = if is_here { config.tool().apply().to_owned() } else { config.apply_in() };
    let place = format!("{}:{}", file.path.display(), file.line(own.span.start));
    let number = match NatNumber::for_each_zone(&call) {
        Ok(number) => number,
        Err(why) => {
            let what = format!("{SINGLE} is true, {shared}. {why}, {other}");
            return Some(EditError::Answer { place, what });
        }
    };
    let arguments = [(ENABLE, "true")].into_iter().chain(number.arguments());
    let changed: Vec<(&str, &str)> = arguments
        .filter(|(name, value)| match call.text(name) {
            Some(present) => present != *value,
            None => call.has(name) || *value == "true",
        })
        .collect();
    let is_literal = |name: &str| {
        let argument = call.place.block.body.attribute(name).map(|own| file.value(own).trim());
        argument.is_none_or(|text| ["true", "false", "null"].contains(&text))
    };
    if !changed.iter().all(|(name, _)| is_literal(name)) {
        let kept = kept_argument(config, (call.place, call.key.as_deref()), SINGLE);
        let step = match kept.as_ref().map(|kept| &kept.at) {
            Some(KeptAt::Argument { name, .. }) => format!("Add {name} = false there"),
            _ => "Change that value to false".to_owned(),
        };
        let kept = kept.map_or_else(|| place.clone(), |kept| kept.location());
        let what = format!(
            "{SINGLE} of {address} ({place}) is `{written}`, which is true here, {shared}. {step}, run {apply}, then run egress-doctor again, {other}"
        );
        return Some(EditError::Answer { place: kept, what });
    }
    let values: Vec<String> = changed.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let what = format!(
        "{SINGLE} is true, {shared}. Set {} there and run {apply}: the module then creates a NAT gateway and a route table for each AZ. \
         Or use the fix nat: one NAT gateway for all AZs",
        listed(&values, "and")
    );
    Some(EditError::Answer { place, what })
}
