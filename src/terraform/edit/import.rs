//! Imports an AWS resource that no code manages: an `import` block, and the resource with the change.
//!
//! The user must confirm that no code manages the resource, because egress-doctor does not read the states
//! of other configurations.
//! <https://developer.hashicorp.com/terraform/language/import>

use std::collections::BTreeMap;

use crate::model::{Endpoint, EndpointId, EndpointKind, SubnetId, Vpc, VpcId};
use crate::terraform::answer::OwnerChoice;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::names::service_name;
use crate::terraform::error::EditError;
use crate::terraform::lang::render::{Line, attribute, block, quoted, resource};

/// Imports the VPC with these DNS attributes enabled. `snippet` is the change for the code that manages it.
pub(in crate::terraform) fn vpc(
    draft: &mut Draft<'_>,
    id: &VpcId,
    enabled: &[&str],
    snippet: &str,
) -> Result<(), EditError> {
    let known = draft.finder.snapshot.network.vpcs.get(id);
    // A data source means that other code manages the VPC.
    let is_data = draft.finder.code.vpc_block.as_ref().is_some_and(|block| block.starts_with("data."));
    let lines = known.filter(|_| !is_data).and_then(|vpc| vpc_lines(vpc, enabled));
    let tags = known.map(|vpc| vpc.tags.clone()).unwrap_or_default();
    import(draft, ("aws_vpc", "main", id.as_str()), (lines, &tags), snippet)
}

/// The arguments of the present VPC, with these attributes enabled; `None` if an attribute is unknown, or
/// if the VPC has an IPv6 range, which this block does not set.
fn vpc_lines(vpc: &Vpc, enabled: &[&str]) -> Option<Vec<Line>> {
    if !vpc.ipv6_cidrs.is_empty() {
        return None;
    }
    let value = |name: &str, current: Option<bool>| Some((enabled.contains(&name) || current?).to_string());
    Some(vec![
        attribute("cidr_block", quoted(&vpc.cidrs.first()?.to_string())),
        attribute("enable_dns_support", value("enable_dns_support", vpc.dns.support)?),
        attribute("enable_dns_hostnames", value("enable_dns_hostnames", vpc.dns.hostnames)?),
    ])
}

/// Imports the interface endpoint with private DNS enabled. `snippet` is the change for the code that
/// manages it.
pub(in crate::terraform) fn endpoint(
    draft: &mut Draft<'_>,
    id: &EndpointId,
    snippet: &str,
) -> Result<(), EditError> {
    let known = draft.finder.snapshot.network.endpoints.get(id);
    let lines = known.and_then(|endpoint| endpoint_lines(draft, endpoint));
    let tags = known.map(|endpoint| endpoint.tags.clone()).unwrap_or_default();
    let name = known.and_then(|endpoint| endpoint.service.rsplit('.').next()).unwrap_or("imported");
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    import(draft, ("aws_vpc_endpoint", &name, id.as_str()), (lines, &tags), snippet)
}

/// The arguments of the present endpoint, with private DNS enabled; `None` if it has a setting that this
/// block would change.
fn endpoint_lines(draft: &mut Draft<'_>, endpoint: &Endpoint) -> Option<Vec<Line>> {
    let EndpointKind::Interface {
        private_dns_only_inbound, security_groups, interfaces, ipv6_records, ..
    } = &endpoint.kind
    else {
        return None;
    };
    if *private_dns_only_inbound == Some(true) || *ipv6_records {
        return None;
    }
    let subnets: Vec<SubnetId> = interfaces.iter().map(|interface| interface.subnet.clone()).collect();
    let group = |id| draft.finder.expression_for(&["aws_security_group"], id);
    let groups: Vec<String> = security_groups.iter().map(|id| group(id.as_str())).collect();
    Some(vec![
        attribute("vpc_id", draft.vpc_id()),
        attribute("service_name", service_name(draft, &endpoint.service, "Interface")),
        attribute("vpc_endpoint_type", "\"Interface\""),
        attribute("subnet_ids", draft.finder.list_of_subnets(&subnets)),
        attribute("security_group_ids", format!("[{}]", groups.join(", "))),
        attribute("private_dns_enabled", "true"),
    ])
}

/// Adds the resource and its import block, if the user chose the import.
///
/// # Errors
/// [`EditError::NotHere`] without this answer. If an import is possible, the error asks the user.
fn import(
    draft: &mut Draft<'_>,
    (kind, name, id): (&str, &str, &str),
    (lines, tags): (Option<Vec<Line>>, &BTreeMap<String, String>),
    snippet: &str,
) -> Result<(), EditError> {
    // Terraform accepts import blocks in the root module only.
    let lines = lines.filter(|_| draft.finder.target.address.is_none());
    let answer = draft.finder.answers.get(id);
    if let Some(error) = in_code(draft, id) {
        return Err(error);
    }
    let (Some(mut lines), Some(OwnerChoice::Import)) = (lines.clone(), answer) else {
        return Err(EditError::NotHere {
            place: draft.finder.code.service.location(),
            id: id.to_owned(),
            importable: lines.is_some() && answer.is_none(),
            snippet: format!(
                "{snippet}\n# Or, if no code manages it: import it into this folder first, with\nimport {{\n  to = {kind}.imported\n  id = {}\n}}\n# And its block from `terraform plan -generate-config-out=imported.tf`\n",
                quoted(id)
            ),
        });
    };
    let name = draft.free_name(kind, name);
    lines.extend(tag_lines(tags));
    let to = [attribute("to", format!("{kind}.{name}")), attribute("id", quoted(id))];
    let text = format!(
        "# Created outside Terraform; imported into this code\n{}\n{}",
        block("import", &to),
        resource(kind, &name, &draft.with_provider(kind, &lines, true))
    );
    draft.import_resource((kind, &name), &text);
    draft.note(&format!(
        "{id} is imported into this state, which needs Terraform 1.5 or OpenTofu 1.6. Make sure that no other state manages it."
    ));
    draft.note(&format!(
        "After the apply, Terraform destroys {id} if its block is removed. To undo the import, first run terraform state rm {kind}.{name}."
    ));
    Ok(())
}

/// The error for an `import` block of this id that the code has already.
fn in_code(draft: &Draft<'_>, id: &str) -> Option<EditError> {
    let module = &draft.finder.config.root_module;
    let (file, block) = module.blocks("import").find(|(file, block)| {
        let own = block.body.attribute("id").map(|own| file.expression(own));
        own.and_then(|own| module.evaluate(own)).as_deref() == Some(id)
    })?;
    Some(EditError::AlreadyInCode {
        address: format!("the import of {id}"),
        place: format!("{}:{}", file.path.display(), file.line(block.span.start)),
    })
}

/// A `tags` argument with the resource's own tags. AWS reserves tags that begin with `aws:`.
fn tag_lines(tags: &BTreeMap<String, String>) -> Vec<Line> {
    let tags: Vec<Line> = tags
        .iter()
        .filter(|(key, _)| !key.starts_with("aws:"))
        .map(|(key, value)| attribute(&tag_key(key), quoted(value)))
        .collect();
    if tags.is_empty() {
        return Vec::new();
    }
    vec![Line::Blank, attribute("tags", block("", &tags).trim())]
}

/// A tag's key as an object key, in quotes if it is not an identifier.
fn tag_key(key: &str) -> String {
    let is_identifier = !["for", "if", "in", "null", "true", "false"].contains(&key)
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_identifier { key.to_owned() } else { quoted(key) }
}
