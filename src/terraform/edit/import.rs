//! Takes a resource into the code that AWS has and no code makes, with an `import` block and the change that is wanted.
//!
//! Only where somebody said that no code makes it: whether another state has it cannot be told from one folder.
//! <https://developer.hashicorp.com/terraform/language/import>

use std::collections::BTreeMap;

use crate::model::{Endpoint, EndpointId, EndpointKind, SubnetId, Vpc, VpcId};
use crate::remedy::Change;
use crate::terraform::answer::OwnerChoice;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::manual;
use crate::terraform::error::EditError;
use crate::terraform::lang::render::{Line, attribute, block, quoted};

/// The VPC with these DNS attributes on.
pub(in crate::terraform) fn vpc(
    draft: &mut Draft<'_>,
    change: &Change,
    id: &VpcId,
    turned_on: &[&str],
) -> Result<(), EditError> {
    let known = draft.finder.snapshot.network.vpcs.get(id);
    // Code that asks for it says that other code makes it.
    let is_asked_for = draft.finder.code.vpc_block.as_ref().is_some_and(|block| block.starts_with("data."));
    let lines = known.filter(|_| !is_asked_for).and_then(|known| lines_of_vpc(known, turned_on));
    let tags = known.map(|known| known.tags.clone()).unwrap_or_default();
    take(draft, change, ("aws_vpc", "main", id.as_str()), (lines, &tags))
}

/// As it is, but for what is turned on; `None` where that is not known, or takes more than this block.
fn lines_of_vpc(vpc: &Vpc, turned_on: &[&str]) -> Option<Vec<Line>> {
    if !vpc.ipv6_cidrs.is_empty() {
        return None;
    }
    let on = |name: &str, now: Option<bool>| Some(turned_on.contains(&name) || now?);
    Some(vec![
        attribute("cidr_block", quoted(&vpc.cidrs.first()?.to_string())),
        attribute("enable_dns_support", on("enable_dns_support", vpc.dns.support)?.to_string()),
        attribute("enable_dns_hostnames", on("enable_dns_hostnames", vpc.dns.hostnames)?.to_string()),
    ])
}

/// The interface endpoint with its private DNS on.
pub(in crate::terraform) fn endpoint(
    draft: &mut Draft<'_>,
    change: &Change,
    id: &EndpointId,
) -> Result<(), EditError> {
    let known = draft.finder.snapshot.network.endpoints.get(id);
    let lines = known.and_then(|known| lines_of_endpoint(draft, known));
    let tags = known.map(|known| known.tags.clone()).unwrap_or_default();
    let label = known.and_then(|known| known.service.rsplit('.').next()).unwrap_or("imported");
    let label: String = label.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    take(draft, change, ("aws_vpc_endpoint", &label, id.as_str()), (lines, &tags))
}

fn lines_of_endpoint(draft: &Draft<'_>, endpoint: &Endpoint) -> Option<Vec<Line>> {
    let EndpointKind::Interface {
        private_dns_only_inbound, security_groups, interfaces, ipv6_records, ..
    } = &endpoint.kind
    else {
        return None;
    };
    if *private_dns_only_inbound == Some(true) || *ipv6_records {
        return None;
    }
    let subnets: Vec<SubnetId> = interfaces.iter().map(|foot| foot.subnet.clone()).collect();
    let groups: Vec<String> = security_groups
        .iter()
        .map(|group| draft.finder.expression_for(&["aws_security_group"], group.as_str()))
        .collect();
    Some(vec![
        attribute("vpc_id", draft.finder.code.vpc_id.clone()),
        attribute("service_name", quoted(&endpoint.service)),
        attribute("vpc_endpoint_type", "\"Interface\""),
        attribute("subnet_ids", draft.finder.list_of_subnets(&subnets)),
        attribute("security_group_ids", format!("[{}]", groups.join(", "))),
        attribute("private_dns_enabled", "true"),
    ])
}

/// Writes the block and its import, where that was said; else asks whether to.
fn take(
    draft: &mut Draft<'_>,
    change: &Change,
    (kind, label, id): (&str, &str, &str),
    (lines, tags): (Option<Vec<Line>>, &BTreeMap<String, String>),
) -> Result<(), EditError> {
    // An import block stands in the root alone.
    let lines = lines.filter(|_| draft.finder.target.address.is_none());
    let said = draft.finder.answers.get(id);
    let (Some(mut lines), Some(OwnerChoice::Import)) = (lines.clone(), said) else {
        return Err(EditError::NotHere {
            place: draft.finder.code.service.location(),
            id: id.to_owned(),
            importable: lines.is_some() && said.is_none(),
            snippet: format!(
                "{}\n# or, where no code at all makes it: take it into this folder's first, with\nimport {{\n  to = {kind}.imported\n  id = {}\n}}\n# and its block from `terraform plan -generate-config-out=imported.tf`\n",
                manual::snippet(change),
                quoted(id)
            ),
        });
    };
    let name = draft.free_name(kind, label);
    // AWS sets tags of its own, which nobody else may.
    let own = tags.iter().filter(|(key, _)| !key.starts_with("aws:"));
    let is_plain = |key: &str| {
        !["for", "if", "in", "null", "true", "false"].contains(&key)
            && key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let named = |key: &String| if is_plain(key) { key.clone() } else { quoted(key) };
    let own: Vec<Line> = own.map(|(key, value)| attribute(&named(key), quoted(value))).collect();
    if !own.is_empty() {
        let text = block("", &own);
        lines.push(Line::Blank);
        lines.push(attribute("tags", text.trim_start().trim_end()));
    }
    let to = [attribute("to", format!("{kind}.{name}")), attribute("id", quoted(id))];
    let head = "# Made by hand; from now on this code has it\n";
    let resource = block(&format!("resource \"{kind}\" \"{name}\""), &draft.with_provider(&lines));
    draft.import_resource((kind, &name), &format!("{head}{}\n{resource}", block("import", &to)));
    draft.note(&format!(
        "{id} is taken into this code's state, which needs Terraform 1.5 or OpenTofu 1.6. Where another state has it already, both would \
         manage it: make sure that none does."
    ));
    draft.note(&format!(
        "Once this is applied, an apply without the block destroys {id}, and so does terraform destroy: to go back, first let go of it with \
         terraform state rm {kind}.{name}."
    ));
    Ok(())
}
