//! Data sources that list all subnets of the VPC. They would list the subnets of the edit too, after its apply: the next plan would
//! then replace what uses the list, such as the connector. A filter keeps such a list as it is now: in a default VPC that of its default
//! subnets, or else one with the ids of the present subnets.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;

use crate::model::Subnet;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::text::amend::add_block_after_siblings;
use crate::terraform::error::EditError;
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::{attribute, block, quoted};
use crate::terraform::read::place::Place;

/// Filters that a new subnet in a private range of the VPC meets as the present ones do.
const MET_BY_ALL: [&str; 4] = ["vpc-id", "state", "availability-zone", "availability-zone-id"];

/// Adds a filter with the ids of the present subnets to each such data source of the workload's VPC.
///
/// # Errors
/// Such a data source is in a module that must not be changed here.
pub(in crate::terraform::edit) fn keep(draft: &mut Draft<'_>) -> Result<(), EditError> {
    let config = draft.finder.config;
    let modules = config.modules().into_iter().filter(|module| !module.is_installed);
    let places = modules.flat_map(|module| {
        module.data("aws_subnets").map(move |(file, block)| Place { module, file, block })
    });
    let all: Vec<Place<'_>> = places.filter(|place| lists_all(draft, *place)).collect();
    if all.is_empty() {
        return Ok(());
    }
    let present = present_subnets(draft);
    let ids: Vec<String> = present.iter().map(|subnet| quoted(subnet.id.as_str())).collect();
    for place in all {
        let are_default = are_default_subnets(place, &present);
        let (filter, values, what) = if are_default {
            (
                "default-for-az",
                "[\"true\"]".to_owned(),
                "the default subnet of each AZ, which are the present ones",
            )
        } else {
            let what = "the ids of the present subnets, because nothing else in the code names them";
            ("subnet-id", format!("[{}]", ids.join(", ")), what)
        };
        let lines = [attribute("name", quoted(filter)), attribute("values", values)];
        let name = format!("data.{}", address(place.block).trim_start_matches("data."));
        let why = format!(
            "{name} ({}) lists all subnets of the VPC, so it would list the new subnets too, and the next plan would replace what uses it",
            place.location()
        );
        if !place.module.is_editable() || config.is_used_more_than_once(place.module) {
            return Err(EditError::ByHand {
                place: place.location(),
                what: format!("{why}: add a filter"),
                snippet: block("filter", &lines),
            });
        }
        let splice = add_block_after_siblings(place.file, place.block, "filter", &lines)?;
        draft.splice(place.file, splice);
        draft.note(&format!("{why}. This edit adds a filter with {what}."));
    }
    Ok(())
}

/// Whether a data source lists all subnets of the workload's VPC.
pub(in crate::terraform::edit) fn lists_all(draft: &Draft<'_>, place: Place<'_>) -> bool {
    let mut is_of_vpc = false;
    for filter in place.block.body.blocks("filter") {
        let value = |name: &str| filter.body.attribute(name).map(|value| place.file.expression(value));
        let name = value("name").and_then(|name| place.module.evaluate(name));
        let Some(name) = name.filter(|name| MET_BY_ALL.contains(&name.as_str())) else { return false };
        if name == "vpc-id" {
            let of = value("values").and_then(|values| only_element(values));
            is_of_vpc = of
                .is_some_and(|of| draft.finder.is_workload_vpc(place.module, Expr::from(&of)) == Some(true));
        }
    }
    is_of_vpc && place.block.body.attribute("tags").is_none() && !place.block.repeats()
}

/// The only element of a list.
fn only_element(list: Expr<'_>) -> Option<String> {
    let tree = list.tree()?;
    let mut elements = tree.as_array()?.iter();
    let only = elements.next()?.to_string().trim().to_owned();
    elements.next().is_none().then_some(only)
}

/// Whether the subnets are exactly the default subnets of the AZs. An answer of AWS without this fact is completed by the code, if it
/// says that the VPC is the default one: AWS creates one subnet of this size in each AZ
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-basics.html>).
fn are_default_subnets(place: Place<'_>, subnets: &[&Subnet]) -> bool {
    let is_default_vpc = || {
        let Place { module, file, .. } = place;
        module.data("aws_vpc").any(|(own, block)| {
            let is_default = module.expression(own, block, "default").and_then(|is| module.evaluate(is));
            let id = format!("data.aws_vpc.{}.id", block.name().unwrap_or_default());
            is_default.as_deref() == Some("true") && file.slice(place.block.span.clone()).contains(&id)
        })
    };
    let is_in_range = |net: Ipv4Net| net.network().octets().starts_with(&[172, 31]) && net.prefix_len() == 20;
    let has_size = |subnet: &Subnet| subnet.cidr.is_some_and(is_in_range);
    let zones: BTreeSet<String> = subnets.iter().map(|subnet| subnet.zone.to_string()).collect();
    let by_code =
        || zones.len() == subnets.len() && subnets.iter().all(|subnet| has_size(subnet)) && is_default_vpc();
    !subnets.is_empty()
        && (subnets.iter().all(|subnet| subnet.default_for_az == Some(true))
            || subnets.iter().all(|subnet| subnet.default_for_az.is_none()) && by_code())
}

/// The subnets of the workload's VPC.
pub(in crate::terraform::edit) fn present_subnets<'a>(draft: &Draft<'a>) -> Vec<&'a Subnet> {
    let snapshot = draft.finder.snapshot;
    let network = &snapshot.network;
    let vpc =
        draft.finder.workload_subnets().iter().find_map(|id| network.subnets.get(id)).map(|one| &one.vpc);
    network.subnets.iter().filter(|subnet| Some(&subnet.vpc) == vpc).collect()
}
