//! Edits for existing endpoints: route tables of a gateway endpoint, private DNS of an interface endpoint.

use crate::model::{EndpointId, RouteTableId};
use crate::terraform::answer::OwnerChoice;
use crate::terraform::edit::amend::ensure_not_ignored;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::enable::enable;
use crate::terraform::edit::endpoints::FILE;
use crate::terraform::edit::import;
use crate::terraform::edit::list::extend_list;
use crate::terraform::edit::splice::Splice;
use crate::terraform::edit::tables::Repetition;
use crate::terraform::error::EditError;
use crate::terraform::find::found::Found;
use crate::terraform::find::score::Clues;
use crate::terraform::lang::render::{Line, attribute, comment};

/// Enables private DNS.
pub(in crate::terraform) fn enable_private_dns(
    draft: &mut Draft<'_>,
    endpoint: &EndpointId,
    service: &str,
) -> Result<(), EditError> {
    let snippet = format!("# In the aws_vpc_endpoint of {endpoint}\nprivate_dns_enabled = true\n");
    let Some(found) = find(draft, endpoint, service)? else {
        return import::endpoint(draft, endpoint, &snippet);
    };
    draft.note(&found.evidence);
    found.ensure_single()?;
    enable(draft, &found, "private_dns_enabled", &snippet)?;
    draft.change(&found.address_in_root());
    Ok(())
}

/// Adds route tables to a gateway endpoint: to the list in its block, or as separate associations if the
/// block has no list or is not in this folder.
pub(in crate::terraform) fn associate_tables(
    draft: &mut Draft<'_>,
    endpoint: &EndpointId,
    service: &str,
    tables: &[RouteTableId],
) -> Result<(), EditError> {
    let found = find(draft, endpoint, service)?;
    if draft.finder.answers.get(endpoint.as_str()) == Some(&OwnerChoice::Import) {
        let what = format!(
            "{endpoint} needs no import for this change: if other code manages it, use --made-by {endpoint}=none"
        );
        return Err(EditError::Answer { place: draft.finder.code.service.location(), what });
    }
    match &found {
        Some(found) => draft.note(&found.evidence),
        None => draft.note_not_managed_here(endpoint.as_str()),
    }
    // A new list in a block without a list would remove the route tables that separate associations added.
    if let Some(found) = &found
        && let Some(list) = found.block.body.attribute("route_table_ids")
    {
        ensure_not_ignored(found.file, found.block, &["route_table_ids"])?;
        found.ensure_single()?;
        if found.module.address != draft.finder.target.address {
            draft.finder.enter(found.module)?;
        }
        let more = draft.route_tables(tables)?.list();
        let value = extend_list(found.file.value(list), &more);
        draft.splice(found.file, Splice::new(list.value.clone(), value));
        draft.change(&found.address_in_root());
        return Ok(());
    }
    let id = draft.finder.id_expression(found.as_ref(), endpoint.as_str());
    let tables = draft.route_tables(tables)?;
    let kind = "aws_vpc_endpoint_route_table_association";
    let name = draft.free_name(kind, "app_runner");
    let (mut lines, table) = match tables.repetition() {
        Repetition::One(table) => (Vec::new(), table),
        Repetition::Each { argument, value, table } => (vec![attribute(argument, value), Line::Blank], table),
    };
    lines.extend([attribute("vpc_endpoint_id", id), attribute("route_table_id", table)]);
    let comment = comment(&format!("Routes to {endpoint} from the App Runner subnets"));
    draft.add_resource(kind, &name, FILE, &comment, &lines);
    Ok(())
}

fn find<'a>(draft: &Draft<'a>, endpoint: &EndpointId, service: &str) -> Result<Option<Found<'a>>, EditError> {
    let known = draft.finder.snapshot.network.endpoints.get(endpoint);
    let clues = Clues {
        id: endpoint.as_str(),
        tag: known.and_then(|endpoint| endpoint.tags.get("Name")),
        attributes: &[("service_name", service)],
    };
    draft.finder.find(&["aws_vpc_endpoint"], &clues)
}
