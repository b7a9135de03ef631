//! The names that `data "aws_availability_zones"` returns, in their order, for the regions of App Runner.
//!
//! AWS does not change the AZs of a region for an account. An edit that depends on them is checked against the AZs of the subnets.

use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::structure::{Block, Item};
use crate::terraform::read::file::File;

/// The letters of the AZs of a region, if they are not a, b and c.
const LETTERS: [(&str, &str); 3] =
    [("ap-northeast-1", "acd"), ("us-east-1", "abcdef"), ("us-west-2", "abcd")];
/// The other regions of App Runner (<https://docs.aws.amazon.com/general/latest/gr/apprunner.html>).
const THREE_ZONES: [&str; 8] = [
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "us-east-2",
];

/// The names of the AZs; `None` if the region or an argument of the data source is not known.
pub(super) fn zone_names(file: &File, block: &Block, values: &Values, region: &str) -> Option<Vec<String>> {
    let letters = LETTERS.iter().find(|(name, _)| *name == region).map(|(_, letters)| *letters);
    let letters = letters.or_else(|| THREE_ZONES.contains(&region).then_some("abc"))?;
    let texts = |block: &Block, name: &str| {
        let list = values.value(file.expression(block.body.attribute(name)?))?;
        list.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
    };
    let mut excluded = Vec::new();
    for item in &block.body.items {
        match item {
            Item::Attribute(own) if own.name == "state" => {
                (values.text(file.expression(own)).as_deref() == Some("available")).then_some(())?;
            }
            Item::Attribute(own) if own.name == "exclude_names" => excluded = texts(block, "exclude_names")?,
            Item::Block(filter) if filter.block_type == "filter" => {
                let name = values.text(file.expression(filter.body.attribute("name")?))?;
                let accepted = match name.as_str() {
                    "opt-in-status" => "opt-in-not-required",
                    "region-name" => region,
                    "state" => "available",
                    "zone-type" => "availability-zone",
                    _ => return None,
                };
                texts(filter, "values")?.iter().any(|value| value == accepted).then_some(())?;
            }
            _ => return None,
        }
    }
    let names = letters.chars().map(|letter| format!("{region}{letter}"));
    Some(names.filter(|name| !excluded.contains(name)).collect())
}
