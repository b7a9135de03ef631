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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails on the first unexpected result")]

    use std::fs;

    use crate::terraform::read::config::Config;
    use crate::terraform::read::environment::Environment;

    /// The names that a data source returns in a region, without the region.
    fn letters(region: &str, arguments: &str) -> Option<String> {
        let root = tempfile::tempdir().unwrap();
        let code = format!(
            "provider \"aws\" {{\n  region = \"{region}\"\n}}\n\ndata \"aws_availability_zones\" \"all\" {{\n{arguments}\n}}\n"
        );
        fs::write(root.path().join("main.tf"), code).unwrap();
        let config = Config::read(root.path(), &Environment::default()).unwrap();
        let names = config.root_module.evaluate("join(\",\", data.aws_availability_zones.all.names)")?;
        Some(names.replace(region, ""))
    }

    #[test]
    fn the_names_are_known_for_known_regions_and_arguments() {
        let filter = |name: &str, value: &str| {
            format!("  filter {{\n    name   = \"{name}\"\n    values = [\"{value}\"]\n  }}")
        };
        for (region, arguments, expected) in [
            ("eu-west-1", "", Some("a,b,c")),
            ("us-west-2", "  state = \"available\"", Some("a,b,c,d")),
            ("ap-northeast-1", "", Some("a,c,d")),
            ("us-east-2", "  exclude_names = [\"us-east-2a\"]", Some("b,c")),
            ("us-east-2", &filter("opt-in-status", "opt-in-not-required"), Some("a,b,c")),
            ("us-east-2", &filter("opt-in-status", "opted-in"), None),
            ("us-east-2", &filter("group-name", "us-east-2-zg-1"), None),
            ("us-east-2", "  state = \"impaired\"", None),
            ("us-east-2", "  state = var.state", None),
            ("us-east-2", "  all_availability_zones = true", None),
            ("af-south-1", "", None),
        ] {
            assert_eq!(letters(region, arguments).as_deref(), expected, "{region} {arguments}");
        }
    }
}
