//! Edits for one NAT gateway in each AZ: blocks with the instances of the subnets, or else blocks for each AZ.

use std::collections::BTreeSet;

use crate::model::{AvailabilityZone, RouteTableId, SubnetId};
use crate::remedy::Change;
use crate::terraform::edit::default_routes::{
    ANYWHERE, FILE, add_default_routes, ensure_no_default_route, has_inline_routes,
};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::nat::{add_nat_gateway, with_and_without_default_route};
use crate::terraform::edit::nat_entry;
use crate::terraform::edit::reenable_nat;
use crate::terraform::edit::replaced_routes::replace_default_routes;
use crate::terraform::error::EditError;
use crate::terraform::find::instances::instance_keys;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::lang::address::address;
use crate::terraform::lang::render::{Line, attribute};

/// Adds the NAT gateway of one AZ; with it those of all AZs, if one block can create them.
pub(in crate::terraform) fn create(
    draft: &mut Draft<'_>,
    (subnet, tables): (&SubnetId, &[RouteTableId]),
    all: &[Change],
) -> Result<(), EditError> {
    if draft.has_nat_of_zones || reenable_nat::reenable(draft, subnet, tables)? {
        return Ok(());
    }
    let (replaced, added) = with_and_without_default_route(draft, tables);
    ensure_no_default_route(draft, &added, &[])?;
    if replaced.is_empty() && nat_entry::enable(draft, subnet, tables) {
        return Ok(());
    }
    if let Some(blocks) = Blocks::of(draft, all) {
        for change in all {
            if let Change::CreateNat { route_tables, .. } = change {
                ensure_no_default_route(draft, route_tables, &[])?;
            }
        }
        blocks.add(draft);
        draft.has_nat_of_zones = true;
        return Ok(());
    }
    let zone = draft.finder.snapshot.network.subnets.get(subnet).map(|subnet| subnet.zone.clone());
    let ending = zone.as_ref().map(|zone| ending(draft, zone, all)).unwrap_or_default();
    let gateway = add_nat_gateway(draft, subnet, (Some(&ending), None));
    let zone = zone.as_ref().map_or_else(|| subnet.as_str(), |zone| zone.as_str());
    let gateway = format!("{gateway}.id");
    replace_default_routes(draft, &replaced, ("nat_gateway_id", &gateway))?;
    if added.is_empty() {
        return Ok(());
    }
    add_default_routes(draft, &added, &gateway, Some((zone, &ending)))
}

/// The letter of an AZ, or its name if two of the AZs have one letter.
fn ending(draft: &Draft<'_>, zone: &AvailabilityZone, all: &[Change]) -> String {
    let subnets = &draft.finder.snapshot.network.subnets;
    let zones = all.iter().filter_map(|change| match change {
        Change::CreateNat { subnet: Some(subnet), .. } => Some(subnets.get(subnet)?.zone.as_str()),
        _ => None,
    });
    let letters: Vec<Option<char>> = zones.map(|zone| zone.chars().last()).collect();
    let are_different = letters.iter().collect::<BTreeSet<_>>().len() == letters.len();
    match zone.as_str().chars().last().filter(|_| are_different) {
        Some(letter) => letter.to_string(),
        None => zone.as_str().replace('-', "_"),
    }
}

/// The blocks whose instances are the public subnets and the route tables of the AZs.
struct Blocks<'a> {
    subnets: BlockOrigin<'a>,
    tables: BlockOrigin<'a>,
}

impl<'a> Blocks<'a> {
    /// Only if each instance of the subnets gets a NAT gateway, and the route table with the same key gets the route to it.
    fn of(draft: &Draft<'a>, all: &[Change]) -> Option<Self> {
        let pairs = all.iter().filter_map(|change| match change {
            Change::CreateNat { subnet, route_tables, .. } => {
                Some((subnet.as_ref(), route_tables.as_slice()))
            }
            _ => None,
        });
        let mut keys = BTreeSet::new();
        let mut blocks: Option<Self> = None;
        for (subnet, tables) in pairs {
            let [table] = tables else { return None };
            // A default route that exists is changed where it is.
            with_and_without_default_route(draft, tables).0.is_empty().then_some(())?;
            let origins = (draft.finder.subnet_origin(subnet?)?, draft.finder.table_instance(table)?);
            let (Origin::Block(subnets), Origin::Block(tables)) = origins else { return None };
            let Instances::Key(key) = &subnets.instance else { return None };
            let is_pair = subnets.instance == tables.instance && keys.insert(key.clone());
            let is_same = blocks.as_ref().is_none_or(|known| {
                known.subnets.is_same_block(&subnets) && known.tables.is_same_block(&tables)
            });
            (is_pair && is_same).then_some(())?;
            blocks = Some(Self { subnets, tables });
        }
        let found = blocks?;
        let module = &draft.finder.target.address;
        let has_all = |block: &BlockOrigin<'a>| {
            block.place.module.address == *module
                && instance_keys(block.place)
                    .is_some_and(|all| all.iter().cloned().collect::<BTreeSet<_>>() == keys)
        };
        let is_open = has_all(&found.subnets)
            && has_all(&found.tables)
            && !has_inline_routes(found.tables.place.block)
            && draft.finder.state.is_empty();
        is_open.then_some(found)
    }

    /// Adds the Elastic IPs, the NAT gateways and their routes.
    fn add(&self, draft: &mut Draft<'_>) {
        let (subnet, table) = (address(self.subnets.place.block), address(self.tables.place.block));
        let is_map = self.subnets.place.block.body.attribute("for_each").is_some();
        let argument = if is_map { "for_each" } else { "count" };
        let written = self.subnets.place.block.body.attribute(argument);
        let written =
            written.map(|written| self.subnets.place.file.expression(written).text.trim().to_owned());
        let short = written.filter(|text| !text.contains('\n') && !text.contains(['#', '{']));
        let whole = if is_map { subnet.clone() } else { format!("length({subnet})") };
        let value = short.unwrap_or(whole);
        let key = if is_map { "each.key" } else { "count.index" };
        let each = [attribute(argument, value), Line::Blank];
        let (eip, nat) = (draft.free_name("aws_eip", "nat"), draft.free_name("aws_nat_gateway", "main"));
        let route = draft.free_name("aws_route", "nat");
        let with = |own: Vec<Line>| each.iter().cloned().chain(own).collect::<Vec<_>>();
        let mut lines = with(vec![attribute("domain", "\"vpc\"")]);
        lines.extend(draft.tags(&format!("nat-eip-${{{key}}}")));
        lines.extend(draft.depends_on("aws_eip"));
        let comment = "# Public IP addresses of the NAT gateways\n";
        draft.add_resource_near("aws_nat_gateway", "aws_eip", &eip, FILE, comment, &lines);
        let mut lines = with(vec![
            attribute("allocation_id", format!("aws_eip.{eip}[{key}].id")),
            attribute("subnet_id", format!("{subnet}[{key}].id")),
        ]);
        lines.extend(draft.tags(&format!("nat-${{{key}}}")));
        lines.extend(draft.depends_on("aws_nat_gateway"));
        let comment = "# One NAT gateway in each public subnet, for the private subnets of its AZ\n";
        draft.add_resource("aws_nat_gateway", &nat, FILE, comment, &lines);
        let lines = with(vec![
            attribute("route_table_id", format!("{table}[{key}].id")),
            attribute("destination_cidr_block", format!("\"{ANYWHERE}\"")),
            attribute("nat_gateway_id", format!("aws_nat_gateway.{nat}[{key}].id")),
        ]);
        let comment = "# Default routes of the App Runner subnets to the NAT gateway of their AZ\n";
        draft.add_resource("aws_route", &route, FILE, comment, &lines);
    }
}
