//! Edits for the internet gateway of a VPC: attach it, or create a new one.

use std::collections::BTreeMap;

use crate::model::{InternetGatewayId, RouteTableId, VpcId};
use crate::remedy::{Change, NEW_PUBLIC_SUBNET, PlannedSubnet, Proposal};
use crate::terraform::edit::draft::{Draft, NewPublicSubnet};
use crate::terraform::edit::nat;
use crate::terraform::edit::network::default_routes::ANYWHERE;
use crate::terraform::edit::network::replaced_routes::replace_default_routes;
use crate::terraform::error::EditError;
use crate::terraform::find::score::Clues;
use crate::terraform::lang::render::{attribute, quoted};
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

/// Adds an internet gateway, changes the default routes of the route tables to it, and adds the public subnet.
///
/// # Errors
/// The module that creates the VPC creates its public subnets too, or a route table is not found.
pub(in crate::terraform) fn create(
    draft: &mut Draft<'_>,
    tables: &[RouteTableId],
    public: Option<&PlannedSubnet>,
) -> Result<(), EditError> {
    if let Some(refusal) = public.and_then(|_| nat::vpc_module::without_public_subnets(draft)) {
        return Err(refusal);
    }
    let name = draft.free_name(KIND, "main");
    let mut lines = vec![attribute("vpc_id", draft.vpc_id())];
    lines.extend(draft.tags("igw"));
    // A regional NAT gateway is in no subnet.
    let is_regional = public.is_none() && tables.is_empty();
    let of = if is_regional { "NAT gateway" } else { "public subnets" };
    draft.add_resource(KIND, &name, FILE, &format!("# Internet access of the {of}\n"), &lines);
    let gateway = draft.new_reference(&format!("{KIND}.{name}"));
    if let Some(public) = public {
        add_public_subnet(draft, public, gateway.clone());
    }
    replace_default_routes(draft, tables, ("gateway_id", &format!("{gateway}.id")))
}

/// Ensures that the edit adds the public subnet in which a change creates its NAT gateway.
///
/// # Errors
/// The code has the internet gateway already, so apply comes first; or the internet gateway is not part of the edit.
pub(in crate::terraform) fn ensure_new_subnet(
    draft: &Draft<'_>,
    change: &Change,
    (proposal, in_code): (&Proposal, &BTreeMap<usize, EditError>),
) -> Result<(), EditError> {
    let in_new_subnet =
        matches!(change, Change::CreateNat { subnet: Some(id), .. } if id.as_str() == NEW_PUBLIC_SUBNET);
    if !in_new_subnet || draft.new_public_subnet.is_some() {
        return Ok(());
    }
    if let Some(refusal) = nat::vpc_module::without_public_subnets(draft) {
        return Err(refusal);
    }
    let creates = |change: &Change| matches!(change, Change::CreateInternetGateway { .. });
    let gateway = proposal.changes.iter().position(creates);
    let pending = gateway.and_then(|at| in_code.get(&at)).cloned();
    Err(pending.unwrap_or_else(|| EditError::NotFound {
        what: "the public subnet for the NAT gateway, which the fix internet-gateway creates".to_owned(),
    }))
}

/// Adds a public subnet with its route table.
fn add_public_subnet(draft: &mut Draft<'_>, planned: &PlannedSubnet, gateway: String) {
    let names = ["aws_subnet", "aws_route_table", "aws_route", "aws_route_table_association"];
    let name = names.iter().map(|kind| draft.free_name(kind, "public")).max().unwrap_or_default();
    let (vpc, zone) = (draft.vpc_id(), planned.zone.to_string());
    draft
        .note(&format!("The new public subnet needs a range: {} ({zone}) is free in the VPC.", planned.cidr));
    let mut lines = vec![
        attribute("vpc_id", vpc.clone()),
        attribute("availability_zone", quoted(&zone)),
        attribute("cidr_block", quoted(&planned.cidr.to_string())),
    ];
    lines.extend(draft.tags("public"));
    draft.add_resource(
        "aws_subnet",
        &name,
        FILE,
        "# Public subnet of the NAT gateway, in a free range of the VPC\n",
        &lines,
    );
    let mut lines = vec![attribute("vpc_id", vpc)];
    lines.extend(draft.tags("public"));
    draft.add_resource("aws_route_table", &name, FILE, "", &lines);
    let id_of =
        |draft: &Draft<'_>, kind: &str| format!("{}.id", draft.new_reference(&format!("{kind}.{name}")));
    let (subnet, table) = (id_of(draft, "aws_subnet"), id_of(draft, "aws_route_table"));
    let lines = [
        attribute("route_table_id", table.clone()),
        attribute("destination_cidr_block", quoted(ANYWHERE)),
        attribute("gateway_id", format!("{gateway}.id")),
    ];
    draft.add_resource("aws_route", &name, FILE, "", &lines);
    let lines = [attribute("subnet_id", subnet.clone()), attribute("route_table_id", table)];
    draft.add_resource("aws_route_table_association", &name, FILE, "", &lines);
    draft.new_public_subnet = Some(NewPublicSubnet { id: subnet, zone, gateway });
}
