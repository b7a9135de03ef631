//! The edit that enables the DNS attributes of a VPC.

use crate::model::VpcId;
use crate::terraform::edit::amend::{add_attributes, ensure_not_ignored};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::enable::enable;
use crate::terraform::edit::import;
use crate::terraform::error::EditError;
use crate::terraform::find::score::Clues;

/// Sets `enable_dns_support` and `enable_dns_hostnames` to `true`, each if it is requested.
pub(in crate::terraform) fn enable_dns(
    draft: &mut Draft<'_>,
    vpc: &VpcId,
    support: bool,
    hostnames: bool,
) -> Result<(), EditError> {
    let attributes = [("enable_dns_support", support), ("enable_dns_hostnames", hostnames)];
    let attributes: Vec<&str> = attributes.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
    let snippet = snippet(vpc, &attributes);
    let known = draft.finder.snapshot.network.vpcs.get(vpc);
    let range = known.and_then(|vpc| vpc.cidrs.first()).map(ToString::to_string).unwrap_or_default();
    let tag = known.and_then(|vpc| vpc.tags.get("Name"));
    let clues = Clues { id: vpc.as_str(), tag, attributes: &[("cidr_block", &range)] };
    let found = draft.finder.find(&["aws_vpc", "aws_default_vpc"], &clues)?;
    let Some(found) = found else { return import::vpc(draft, vpc, &attributes, &snippet) };
    draft.note(&found.evidence);
    found.ensure_single()?;
    let (present, absent): (Vec<&str>, Vec<&str>) =
        attributes.iter().partition(|name| found.block.body.attribute(name).is_some());
    if !absent.is_empty() {
        ensure_not_ignored(found.file, found.block, &absent)?;
        let values: Vec<(&str, &str)> = absent.iter().map(|name| (*name, "true")).collect();
        draft.splice_all(found.file, add_attributes(found.file, found.block, &values)?);
    }
    for name in present {
        enable(draft, &found, name, &snippet)?;
    }
    draft.change(&found.address_in_root());
    Ok(())
}

fn snippet(vpc: &VpcId, attributes: &[&str]) -> String {
    let lines: String = attributes.iter().map(|name| format!("  {name} = true\n")).collect();
    format!("# in the aws_vpc of {vpc}\n{lines}")
}
