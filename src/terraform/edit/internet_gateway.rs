//! Edits for the internet gateway of a VPC: attach it, or create a new one.

use crate::model::{InternetGatewayId, RouteTableId, VpcId};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::replaced_routes::replace_default_routes;
use crate::terraform::error::EditError;
use crate::terraform::find::score::Clues;
use crate::terraform::lang::render::attribute;
use crate::terraform::read::place::location;

const FILE: &str = "internet-gateway.tf";
const KIND: &str = "aws_internet_gateway";

/// Attaches an internet gateway to the VPC by a separate attachment. The removal of `vpc_id` from the block of the gateway would be no
/// change, so the rollback would not detach it.
pub(in crate::terraform) fn attach(
    draft: &mut Draft<'_>,
    gateway: &InternetGatewayId,
    vpc: &VpcId,
) -> Result<(), EditError> {
    let known = draft.finder.snapshot.network.internet_gateways.get(gateway);
    let tag = known.and_then(|gateway| gateway.tags.get("Name"));
    let clues = Clues { id: gateway.as_str(), tag, attributes: &[] };
    let vpc_id = draft.vpc_id();
    let found = draft.finder.find(&[KIND], &clues)?;
    if let Some(found) = &found {
        draft.note(&found.evidence);
        if found.block.body.attribute("vpc_id").is_some() {
            return Err(EditError::AlreadyInCode {
                address: format!("the attachment of {} to {vpc}", found.address_in_root()),
                place: location(found.file, found.block),
            });
        }
    }
    let kind = "aws_internet_gateway_attachment";
    let name = draft.free_name(kind, "main");
    let id = draft.finder.id_expression(found.as_ref(), gateway.as_str());
    let lines = [attribute("internet_gateway_id", id), attribute("vpc_id", vpc_id)];
    let comment = "# The internet gateway exists and is not attached\n";
    draft.add_resource(kind, &name, FILE, comment, &lines);
    Ok(())
}

/// Adds an internet gateway, and changes the default routes of the route tables to it.
pub(in crate::terraform) fn create(draft: &mut Draft<'_>, tables: &[RouteTableId]) -> Result<(), EditError> {
    let name = draft.free_name(KIND, "main");
    let mut lines = vec![attribute("vpc_id", draft.vpc_id())];
    lines.extend(draft.tags("igw"));
    draft.add_resource(KIND, &name, FILE, "# Internet access of the public subnets\n", &lines);
    let target = format!("{}.id", draft.new_reference(&format!("{KIND}.{name}")));
    replace_default_routes(draft, tables, ("gateway_id", &target))
}
