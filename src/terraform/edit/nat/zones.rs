//! Edits for one NAT gateway in each AZ: blocks with the instances of the subnets, or else blocks for each AZ.

use std::collections::BTreeSet;

use crate::model::{AvailabilityZone, NatGatewayId, NatPlacement, RouteTableId, SubnetId};
use crate::remedy::Change;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::nat;
use crate::terraform::edit::nat::gateway::{add_nat_gateway, with_and_without_default_route};
use crate::terraform::edit::network::default_routes::{
    ANYWHERE, FILE, add_default_routes, ensure_no_default_route, has_inline_routes,
};
use crate::terraform::edit::network::replaced_routes::replace_default_routes;
use crate::terraform::edit::text::amend::{add_block_after_siblings, ensure_not_ignored};
use crate::terraform::error::EditError;
use crate::terraform::find::instances::{for_instance, instance_keys};
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::find::score::Clues;
use crate::terraform::find::tag_style::key_in_names;
use crate::terraform::lang::address::address;
use crate::terraform::lang::render::{Line, attribute, quoted};
use crate::terraform::lang::structure::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::place::{Place, location};
use crate::text::listed;

/// Adds the NAT gateway of one AZ; with it those of all AZs, if one block can create them.
pub(in crate::terraform) fn create(
    draft: &mut Draft<'_>,
    (subnet, tables): (&SubnetId, &[RouteTableId]),
    all: &[Change],
) -> Result<(), EditError> {
    if draft.has_nat_of_zones || nat::reenable::reenable(draft, subnet, tables)? {
        return Ok(());
    }
    let (replaced, added) = with_and_without_default_route(draft, tables);
    ensure_no_default_route(draft, &added, &[])?;
    if replaced.is_empty() && nat::entry::enable(draft, subnet, tables) {
        return Ok(());
    }
    if by_blocks(draft, all)? {
        nat::other_nat::note_only(draft, &added);
        return Ok(());
    }
    let zone = draft.finder.snapshot.network.subnets.get(subnet).map(|subnet| subnet.zone.clone());
    let ending = zone.as_ref().map(|zone| ending(draft, zone, all)).unwrap_or_default();
    let switch = nat::other_nat::switch(draft, &added);
    let gateway = add_nat_gateway(draft, subnet, (Some(&ending), switch));
    note_candidates(draft, subnet, &added);
    let zone = zone.as_ref().map_or_else(|| subnet.as_str(), |zone| zone.as_str());
    let gateway = format!("{gateway}.id");
    replace_default_routes(draft, &replaced, ("nat_gateway_id", &gateway))?;
    if added.is_empty() {
        return Ok(());
    }
    add_default_routes(draft, &added, &gateway, Some((zone, &ending)))
}

/// Adds the NAT gateways and routes of all AZs, if blocks of the code have an instance for each AZ. Returns `false` otherwise.
pub(in crate::terraform) fn by_blocks(draft: &mut Draft<'_>, all: &[Change]) -> Result<bool, EditError> {
    if draft.has_nat_of_zones {
        return Ok(true);
    }
    let Some(blocks) = Blocks::of(draft, all) else { return Ok(false) };
    for change in all {
        if let Change::CreateNat { route_tables, .. } | Change::RouteToNat { route_tables, .. } = change {
            ensure_no_default_route(draft, route_tables, &[])?;
        }
    }
    let Some(gateway) = blocks.add_gateways(draft) else { return Ok(false) };
    blocks.add_routes(draft, &gateway)?;
    draft.has_nat_of_zones = true;
    Ok(true)
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
    /// The block of the NAT gateways that some AZs have.
    present: Option<BlockOrigin<'a>>,
}

impl<'a> Blocks<'a> {
    /// Only if each instance of the subnets gets a NAT gateway or has one, and the route table with the same key gets the route to it.
    fn of(draft: &Draft<'a>, all: &[Change]) -> Option<Self> {
        let network = &draft.finder.snapshot.network;
        let mut keys = BTreeSet::new();
        let mut blocks: Option<Self> = None;
        for change in all {
            let (subnet, tables, nat) = match change {
                Change::CreateNat { subnet, route_tables, .. } => (subnet.as_ref()?, route_tables, None),
                Change::RouteToNat { nat, route_tables } => match &network.nat_gateways.get(nat)?.placement {
                    NatPlacement::Subnet(subnet) => (subnet, route_tables, Some(nat)),
                    NatPlacement::Regional { .. } => return None,
                },
                _ => continue,
            };
            let [table] = tables.as_slice() else { return None };
            // A default route that exists is changed where it is.
            with_and_without_default_route(draft, tables).0.is_empty().then_some(())?;
            let found = (subnet_of(draft, subnet)?, table_of(draft, table)?);
            let (Origin::Block(subnets), Origin::Block(tables)) = found else { return None };
            let Instances::Key(key) = &subnets.instance else { return None };
            let present = match nat {
                Some(nat) => Some(gateway_of(draft, nat).filter(|own| own.instance == subnets.instance)?),
                None => None,
            };
            let is_pair = subnets.instance == tables.instance && keys.insert(key.clone());
            let is_same = blocks.as_ref().is_none_or(|known| {
                let gateways = known.present.as_ref().zip(present.as_ref());
                known.subnets.is_same_block(&subnets)
                    && known.tables.is_same_block(&tables)
                    && gateways.is_none_or(|(one, other)| one.is_same_block(other))
            });
            (is_pair && is_same).then_some(())?;
            let known = blocks.and_then(|known| known.present);
            blocks = Some(Self { subnets, tables, present: known.or(present) });
        }
        let found = blocks?;
        let module = &draft.finder.target.address;
        let has_all = |block: &BlockOrigin<'a>| {
            block.place.module.address == *module
                && instance_keys(block.place)
                    .is_some_and(|all| all.iter().cloned().collect::<BTreeSet<_>>() == keys)
        };
        let is_here = |block: &BlockOrigin<'a>| block.place.module.address == *module;
        let is_open = has_all(&found.subnets)
            && has_all(&found.tables)
            && found.present.as_ref().is_none_or(is_here)
            && (!has_inline_routes(found.tables.place.block) || found.lists_routes());
        is_open.then_some(found)
    }

    /// Whether the block of the tables has nothing but `route` blocks for its routes.
    fn lists_routes(&self) -> bool {
        let Place { file, block, .. } = self.tables.place;
        block.body.blocks("route").next().is_some()
            && block.body.attribute("route").is_none()
            && !block.body.blocks("dynamic").any(|one| one.kind() == Some("route"))
            && ensure_not_ignored(file, block, &["route"]).is_ok()
    }

    /// The argument of the instances, its value, and the key of an instance.
    fn repetition(&self) -> (&'static str, String, &'static str) {
        let Place { file, block, .. } = self.subnets.place;
        let (is_map, subnet) = (block.body.attribute("for_each").is_some(), address(block));
        let argument = if is_map { "for_each" } else { "count" };
        let written = block.body.attribute(argument);
        let written = written.map(|written| file.expression(written).text.trim().to_owned());
        let short = written.filter(|text| !text.contains('\n') && !text.contains(['#', '{']));
        let whole = if is_map { subnet } else { format!("length({subnet})") };
        (argument, short.unwrap_or(whole), if is_map { "each.key" } else { "count.index" })
    }

    /// Adds the Elastic IPs and the NAT gateways, or more instances of the present ones. Returns the address of the block; `None`, and adds
    /// nothing, if the present block cannot have them.
    fn add_gateways(&self, draft: &mut Draft<'a>) -> Option<String> {
        let (argument, value, key) = self.repetition();
        if let Some(present) = &self.present {
            nat::count::extend(draft, (present.place, &self.subnets), &value)?;
            return Some(address(present.place.block));
        }
        let subnet = address(self.subnets.place.block);
        let each = [attribute(argument, value), Line::Blank];
        let (eip, nat) = (draft.free_name("aws_eip", "nat"), draft.free_name("aws_nat_gateway", "main"));
        let with = |own: Vec<Line>| each.iter().cloned().chain(own).collect::<Vec<_>>();
        let mut lines = with(vec![attribute("domain", "\"vpc\"")]);
        let in_names = key_in_names(draft.finder.target, key);
        lines.extend(draft.tags(&format!("nat-eip-${{{in_names}}}")));
        lines.extend(draft.depends_on("aws_eip"));
        let comment = "# Public IP addresses of the NAT gateways\n";
        draft.add_resource_near("aws_nat_gateway", "aws_eip", &eip, FILE, comment, &lines);
        let mut lines = with(vec![
            attribute("allocation_id", format!("aws_eip.{eip}[{key}].id")),
            attribute("subnet_id", format!("{subnet}[{key}].id")),
        ]);
        lines.extend(draft.tags(&format!("nat-${{{in_names}}}")));
        lines.extend(draft.depends_on("aws_nat_gateway"));
        let comment = "# One NAT gateway in each public subnet, for the private subnets of its AZ\n";
        draft.add_resource("aws_nat_gateway", &nat, FILE, comment, &lines);
        Some(format!("aws_nat_gateway.{nat}"))
    }

    /// Adds the routes to the NAT gateways of a block.
    ///
    /// # Errors
    /// The block of the tables is on one line.
    fn add_routes(&self, draft: &mut Draft<'_>, gateway: &str) -> Result<(), EditError> {
        let (argument, value, key) = self.repetition();
        if self.lists_routes() {
            let place = self.tables.place;
            let route = [
                attribute("cidr_block", format!("\"{ANYWHERE}\"")),
                attribute("nat_gateway_id", format!("{gateway}[{key}].id")),
            ];
            draft.splice(place.file, add_block_after_siblings(place.file, place.block, "route", &route)?);
            for key in instance_keys(place).unwrap_or_default() {
                draft.change(&place.module.address_of(place.block).with_key(key));
            }
            return Ok(());
        }
        let table = address(self.tables.place.block);
        let route = draft.free_name("aws_route", "nat");
        let lines = [
            attribute(argument, value),
            Line::Blank,
            attribute("route_table_id", format!("{table}[{key}].id")),
            attribute("destination_cidr_block", format!("\"{ANYWHERE}\"")),
            attribute("nat_gateway_id", format!("{gateway}[{key}].id")),
        ];
        let comment = "# Default routes of the App Runner subnets to the NAT gateway of their AZ\n";
        draft.add_resource("aws_route", &route, FILE, comment, &lines);
        Ok(())
    }
}

/// Notes which blocks can be the subnet and the route tables whose ids the edit has as text, and the values to put there.
fn note_candidates(draft: &mut Draft<'_>, subnet: &SubnetId, tables: &[RouteTableId]) {
    let table = |id: &RouteTableId| {
        let found = draft.finder.route_table(id).ok().flatten();
        let is_id = draft.finder.id_expression(found.as_ref(), id.as_str()) == quoted(id.as_str());
        is_id && table_of(draft, id).is_none()
    };
    let mut unknown: Vec<(&str, &str)> =
        tables.iter().filter(|id| table(id)).map(|id| (id.as_str(), "aws_route_table")).collect();
    if subnet_of(draft, subnet).is_none() {
        unknown.insert(0, (subnet.as_str(), "aws_subnet"));
    }
    let module = draft.finder.target;
    let range = draft.finder.snapshot.network.subnets.get(subnet).and_then(|subnet| subnet.cidr);
    let range = range.map(|range| range.to_string());
    for (id, kind) in unknown {
        let may_be = |(file, block): &(&File, &Block)| {
            let vpc = block.body.attribute("vpc_id").map(|vpc| file.expression(vpc));
            let is_public =
                block.body.blocks("route").any(|route| route.body.attribute("gateway_id").is_some());
            vpc.and_then(|vpc| draft.finder.is_workload_vpc(module, vpc)) != Some(false) && !is_public
        };
        // A subnet by its range, or else the first instance as an example.
        let candidate = |(file, block): (&File, &Block)| {
            let place = Place { module, file, block };
            let keys = instance_keys(place).unwrap_or_default();
            let own = block.body.attribute("cidr_block").map(|range| file.expression(range));
            let has_range = |key: &&String| {
                let own = own.map(|own| for_instance(place, key, own.text));
                own.and_then(|own| module.evaluate(own.as_str())) == range
            };
            let key = keys.iter().find(has_range);
            let is_it = key.is_some() || own.is_some_and(|own| module.evaluate(own) == range);
            let key = key.or(keys.first()).map_or("", String::as_str);
            (is_it, format!("{}{key}.id ({})", address(block), location(file, block)))
        };
        let all: Vec<(bool, String)> = module.resources(kind).filter(may_be).map(candidate).collect();
        let by_range = kind == "aws_subnet" && all.iter().any(|(is_it, _)| *is_it);
        let all: Vec<String> =
            all.into_iter().filter(|(is_it, _)| *is_it || !by_range).map(|(_, shown)| shown).collect();
        if !all.is_empty() {
            draft.note(&format!(
                "The code does not show which block or instance {id} is. If it creates {id}, put that id in the place of \"{id}\": for \
                 example {}.",
                listed(&all, "or")
            ));
        }
    }
}

/// The instance that is a subnet: by the state, or else by its range and its name.
fn subnet_of<'a>(draft: &Draft<'a>, id: &SubnetId) -> Option<Origin<'a>> {
    if draft.finder.state.is_empty() {
        return draft.finder.subnet_origin(id);
    }
    in_state(draft, "aws_subnet", id.as_str())
}

/// The instance that is a route table: by the state, or else by the associations.
fn table_of<'a>(draft: &Draft<'a>, id: &RouteTableId) -> Option<Origin<'a>> {
    if draft.finder.state.is_empty() {
        return draft.finder.table_instance(id);
    }
    in_state(draft, "aws_route_table", id.as_str())
}

/// The instance that is a NAT gateway.
fn gateway_of<'a>(draft: &Draft<'a>, id: &NatGatewayId) -> Option<BlockOrigin<'a>> {
    match draft.finder.nat_gateway(id).ok()??.origin()? {
        Origin::Block(block) => Some(block),
        _ => None,
    }
}

fn in_state<'a>(draft: &Draft<'a>, kind: &str, id: &str) -> Option<Origin<'a>> {
    let clues = Clues { id, tag: None, attributes: &[] };
    draft.finder.find(&[kind], &clues).ok()??.origin()
}
