//! Edits for NAT gateways: a new NAT gateway, and default routes.

use ipnet::Ipv4Net;

use crate::model::{
    AvailabilityZone, InternetGatewayId, NatGateway, NatGatewayId, NatPlacement, NatState, Route,
    RouteDestination, RouteTableId, SubnetId, VpcId,
};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::nat;
use crate::terraform::edit::nat::in_code::gateway_in_code;
use crate::terraform::edit::network::default_routes::{
    ANYWHERE, FILE, add_default_routes, add_inline_route, ensure_no_default_route_of, has_inline_routes,
    takes_inline_routes, without_default_route_in_code,
};
use crate::terraform::edit::network::replaced_routes::replace_default_routes;
use crate::terraform::edit::values::switched::switch_of_expression;
use crate::terraform::error::EditError;
use crate::terraform::find::found::Found;
use crate::terraform::find::network::call_towards;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::score::Clues;
use crate::terraform::lang::address::address;
use crate::terraform::lang::render::{Line, attribute, quoted, resource};
use crate::terraform::lang::structure::Block;
use crate::terraform::read::file::File;

/// Adds a NAT gateway with an Elastic IP in a public subnet, and a default route to it in each route table.
/// Present default routes change to it. Re-enables a NAT gateway if the code has one that is disabled or commented out.
pub(in crate::terraform) fn create(
    draft: &mut Draft<'_>,
    subnet: &SubnetId,
    tables: &[RouteTableId],
) -> Result<(), EditError> {
    if draft.new_public_subnet.is_none() && nat::reenable::reenable(draft, subnet, tables)? {
        return Ok(());
    }
    let (replaced, all) = with_and_without_default_route(draft, tables);
    let (added, in_code) = without_default_route_in_code(draft, &all)?;
    let is_open = replaced.is_empty() && in_code.is_none() && draft.new_public_subnet.is_none();
    if is_open && nat::entry::enable(draft, subnet, tables) {
        return Ok(());
    }
    let zone = zone_beside_others(draft, subnet);
    let ending = zone.as_ref().map(zone_letter);
    let gateway = match in_code {
        None => {
            // Without its route tables, the gateway has no use.
            let named = named_tables(draft, &added);
            let tables = if named.is_empty() { None } else { Some(draft.route_tables(&named)?.list()) };
            let switch = tables.and_then(|list| switch_of_expression(draft.finder.target, &list));
            let switch = match switch {
                Some(switch) => {
                    nat::other_nat::note_only(draft, &added);
                    Some(switch)
                }
                None => nat::other_nat::switch(draft, &added),
            };
            format!("{}.id", add_nat_gateway(draft, subnet, (ending.as_deref(), switch)))
        }
        // The gateway of the other routes is in the code, and not applied.
        Some(error) => {
            let routed: Vec<RouteTableId> = all.iter().filter(|id| !added.contains(id)).cloned().collect();
            let present = gateway_in_code(draft, &routed);
            present.and_then(|gateway| draft.reference(&gateway)).ok_or(error)?
        }
    };
    replace_default_routes(draft, &replaced, ("nat_gateway_id", &gateway))?;
    if added.is_empty() {
        return Ok(());
    }
    let zone = zone.as_ref().map(AvailabilityZone::as_str).zip(ending.as_deref());
    add_default_routes(draft, &added, &gateway, zone)
}

/// The AZ of a subnet, if another AZ of its VPC has a NAT gateway: the names of the new one have the ending of the AZ.
fn zone_beside_others(draft: &Draft<'_>, subnet: &SubnetId) -> Option<AvailabilityZone> {
    let network = &draft.finder.snapshot.network;
    let own = network.subnets.get(subnet)?;
    let is_other = |nat: &NatGateway| {
        let NatPlacement::Subnet(id) = &nat.placement else { return false };
        let zone = network.subnets.get(id).map(|other| &other.zone);
        nat.vpc == own.vpc
            && matches!(nat.state, NatState::Available | NatState::Pending)
            && zone.is_some_and(|zone| *zone != own.zone)
    };
    network.nat_gateways.iter().any(is_other).then(|| own.zone.clone())
}

/// The letter of an AZ.
fn zone_letter(zone: &AvailabilityZone) -> String {
    zone.as_str().chars().last().map(String::from).unwrap_or_default()
}

/// The route tables that code of the target module names: not those in other modules that get the route in their block.
fn named_tables(draft: &Draft<'_>, tables: &[RouteTableId]) -> Vec<RouteTableId> {
    let is_inside = |id: &RouteTableId| {
        draft.finder.route_table(id).ok().flatten().is_some_and(|found| {
            found.module.address != draft.finder.target.address && has_inline_routes(found.block)
        })
    };
    tables.iter().filter(|id| !is_inside(id)).cloned().collect()
}

/// The route tables that have a default route in AWS, and those that have none.
pub(in crate::terraform) fn with_and_without_default_route(
    draft: &Draft<'_>,
    tables: &[RouteTableId],
) -> (Vec<RouteTableId>, Vec<RouteTableId>) {
    let network = &draft.finder.snapshot.network;
    let is_default = |route: &Route| route.destination == RouteDestination::Ipv4(Ipv4Net::default());
    tables
        .iter()
        .cloned()
        .partition(|id| network.route_tables.get(id).is_some_and(|table| table.routes.iter().any(is_default)))
}

/// Adds a default route to an existing NAT gateway in each route table, or changes its present default route.
pub(in crate::terraform) fn route_to_nat(
    draft: &mut Draft<'_>,
    nat: &NatGatewayId,
    tables: &[RouteTableId],
) -> Result<(), EditError> {
    let (replaced, added) = with_and_without_default_route(draft, tables);
    let (added, _) = without_default_route_in_code(draft, &added)?;
    nat::other_nat::note_only(draft, &added);
    let gateway = existing_gateway(draft, nat)?;
    replace_default_routes(draft, &replaced, ("nat_gateway_id", &gateway))?;
    if added.is_empty() {
        return Ok(());
    }
    add_default_routes(draft, &added, &gateway, None)
}

/// The id of an existing NAT gateway as an expression.
///
/// # Errors
/// Several blocks can be the NAT gateway.
pub(in crate::terraform) fn existing_gateway(
    draft: &mut Draft<'_>,
    nat: &NatGatewayId,
) -> Result<String, EditError> {
    let found = draft.finder.nat_gateway(nat)?;
    if let Some(found) = &found {
        draft.note(&found.evidence);
    }
    let mut gateway = draft.finder.id_expression(found.as_ref(), nat.as_str());
    let is_elsewhere = |gateway: &str| gateway == quoted(nat.as_str());
    if is_elsewhere(&gateway)
        && let Some(reference) =
            found.as_ref().and_then(Found::origin).and_then(|origin| draft.reference(&origin))
    {
        gateway = reference;
    }
    let is_id = is_elsewhere(&gateway);
    let gateway = is_id.then(|| nat::vpc_module::only_gateway(draft, nat)).flatten().unwrap_or(gateway);
    draft.note_ids(&[attribute("nat_gateway_id", gateway.clone())]);
    Ok(gateway)
}

/// Adds a default route to the internet gateway in the route table of a NAT gateway's subnet.
pub(in crate::terraform) fn route_to_internet(
    draft: &mut Draft<'_>,
    gateway: &InternetGatewayId,
    table: &RouteTableId,
) -> Result<(), EditError> {
    ensure_no_default_route_of(draft, table, (None, &[]))?;
    let known = draft.finder.snapshot.network.internet_gateways.get(gateway);
    let tag = known.and_then(|gateway| gateway.tags.get("Name"));
    let clues = Clues { id: gateway.as_str(), tag, attributes: &[] };
    let kinds = ["aws_internet_gateway"];
    // The route needs only the id, so an uncertain block is not an error.
    let target = match draft.finder.find(&kinds, &clues) {
        Ok(found) => draft.finder.id_expression(found.as_ref(), gateway.as_str()),
        Err(_) => draft.finder.expression_for(&kinds, gateway.as_str()),
    };
    let is_id = target == quoted(gateway.as_str());
    let target = is_id.then(|| draft.attached_gateway(gateway)).flatten().unwrap_or(target);
    let found = draft.finder.route_table(table)?;
    if let Some(found) = &found
        && takes_inline_routes(draft, table, found, "gateway_id")
    {
        return add_inline_route(draft, found, "gateway_id", &target);
    }
    match &found {
        Some(found) => draft.note(&found.evidence),
        None => draft.note_not_managed_here(table.as_str()),
    }
    let name = draft.free_name("aws_route", "nat_to_internet");
    let lines = [
        attribute("route_table_id", draft.finder.id_expression(found.as_ref(), table.as_str())),
        attribute("destination_cidr_block", format!("\"{ANYWHERE}\"")),
        attribute("gateway_id", target),
    ];
    let comment = "# Default route of the NAT gateway's subnet to the internet gateway\n";
    draft.add_resource("aws_route", &name, FILE, comment, &lines);
    Ok(())
}

impl Draft<'_> {
    /// The `depends_on` argument that another resource of this type has, or for a NAT gateway the internet gateway, on an own
    /// line.
    pub fn depends_on(&self, kind: &str) -> Vec<Line> {
        let value = self.finder.target.resources(kind).find_map(|(file, block)| {
            let value = file.expression(block.body.attribute("depends_on")?);
            (!value.text.contains('\n')).then(|| value.text.trim().to_owned())
        });
        let value = value.or_else(|| {
            let new = self.new_public_subnet.as_ref().map(|new| new.gateway.clone());
            let own = new.or_else(|| self.internet_gateway()).or_else(|| self.module_of_internet_gateway());
            let gateway = own.filter(|_| kind == "aws_nat_gateway")?;
            Some(format!("[{gateway}]"))
        });
        value.map_or_else(Vec::new, |value| vec![Line::Blank, attribute("depends_on", value)])
    }

    /// The internet gateway of the workload's VPC in the target module. A NAT gateway needs it, and no argument refers to it.
    fn internet_gateway(&self) -> Option<String> {
        let module = self.finder.target;
        let is_of_vpc = |(file, block): &(&File, &Block)| {
            let vpc = block.body.attribute("vpc_id").map(|vpc| file.expression(vpc));
            vpc.and_then(|vpc| self.finder.is_workload_vpc(module, vpc)) == Some(true)
                && module.is_disabled(file, block) != Some(true)
        };
        module.resources("aws_internet_gateway").find(is_of_vpc).map(|(_, block)| address(block))
    }

    /// The call of the module that creates the VPC and its internet gateway. `None` if that module can get the id of the NAT gateway for
    /// its routes: it would depend on the NAT gateway.
    fn module_of_internet_gateway(&self) -> Option<String> {
        let Origin::Block(vpc) = self.finder.network.vpc.as_ref()? else { return None };
        let created = vpc.place.module;
        let is_enabled = |(file, block): (&File, &Block)| created.is_disabled(file, block) != Some(true);
        created.resources("aws_internet_gateway").any(is_enabled).then_some(())?;
        let call = call_towards(self.finder.target, created)?;
        let own = call.module.address.as_deref()?;
        let is_inside = |address: &str| address == own || address.starts_with(&format!("{own}."));
        let mut called = self.finder.config.modules();
        called.retain(|module| module.address.as_deref().is_some_and(is_inside));
        let gets_gateway = called.iter().any(|module| {
            module.resources("aws_route_table").any(|(_, table)| {
                table.body.blocks("dynamic").any(|one| one.kind() == Some("route"))
                    || table.body.attribute("route").is_some()
                    || table
                        .body
                        .blocks("route")
                        .any(|route| route.body.attribute("nat_gateway_id").is_some())
            }) || module
                .resources("aws_route")
                .any(|(_, route)| route.body.attribute("nat_gateway_id").is_some())
        });
        (!gets_gateway).then(|| format!("module.{}", call.name))
    }
}

/// Adds a NAT gateway in a public subnet, with its Elastic IP; returns the reference to it, `aws_nat_gateway.main`. `ending` is the ending
/// of the names if each AZ gets one.
pub(in crate::terraform) fn add_nat_gateway(
    draft: &mut Draft<'_>,
    subnet: &SubnetId,
    (ending, switch): (Option<&str>, Option<String>),
) -> String {
    let known = draft.finder.snapshot.network.subnets.get(subnet);
    let zone = known.map(|subnet| subnet.zone.to_string());
    let planned = draft.new_public_subnet.as_ref().map(|new| new.zone.clone());
    let zone = zone.or(planned).unwrap_or_default();
    note_missing_gateway(draft, subnet);
    let with_ending = |name: &str, separator: &str| match ending {
        Some(ending) => format!("{name}{separator}{ending}"),
        None => name.to_owned(),
    };
    let nat = if ending.is_some() { with_ending("nat", "_") } else { "main".to_owned() };
    let eip = draft.free_name("aws_eip", &with_ending("nat", "_"));
    let nat = draft.free_name("aws_nat_gateway", &nat);
    let (subnet_id, is_known) =
        if ending.is_some() { (draft.subnet(subnet), true) } else { draft.public_subnet(subnet) };
    let mut lines = vec![attribute("domain", "\"vpc\"")];
    // The address is needed only together with the subnet.
    if let Some(switch) = switch_of_expression(draft.finder.target, &subnet_id).or(switch) {
        draft.add_switched(&format!("aws_eip.{eip}"), &switch);
        lines.splice(0..0, [attribute("count", switch), Line::Blank]);
    }
    lines.extend(draft.tags(&with_ending("nat-eip", "-")));
    lines.extend(draft.depends_on("aws_eip"));
    let of = ending.map_or_else(String::new, |_| format!(" of {zone}"));
    let comment = format!("# Public IP address of the NAT gateway{of}\n");
    draft.add_resource_near("aws_nat_gateway", "aws_eip", &eip, FILE, &comment, &lines);
    let eip = draft.new_reference(&format!("aws_eip.{eip}"));
    let mut lines = vec![attribute("allocation_id", format!("{eip}.id")), attribute("subnet_id", subnet_id)];
    lines.extend(draft.tags(&with_ending("nat", "-")));
    lines.extend(draft.depends_on("aws_nat_gateway"));
    let place = if is_known { format!("the public subnet of {zone}") } else { "a public subnet".to_owned() };
    let comment = format!("# In {place}, whose route table has a route to the internet gateway\n");
    draft.add_resource("aws_nat_gateway", &nat, FILE, &comment, &lines);
    draft.new_reference(&format!("aws_nat_gateway.{nat}"))
}

/// Notes that a new environment lacks the internet gateway: the code creates the subnet, and nothing that makes it public.
fn note_missing_gateway(draft: &mut Draft<'_>, subnet: &SubnetId) {
    let modules = draft.finder.config.modules();
    let has = |kind: &str| modules.iter().any(|module| module.resources(kind).next().is_some());
    let Some(Origin::Block(block)) = draft.finder.subnet_origin(subnet) else { return };
    if !block.place.block.is_resource("aws_subnet") || has("aws_internet_gateway") {
        return;
    }
    let network = &draft.finder.snapshot.network;
    let Some(known) = network.subnets.get(subnet) else { return };
    let gateway =
        network.internet_gateways.iter().find(|gateway| gateway.attached_to.as_ref() == Some(&known.vpc));
    let tables = || network.route_tables.iter().filter(|table| table.vpc == known.vpc);
    let table =
        tables().find(|table| table.subnets.contains(subnet)).or_else(|| tables().find(|table| table.main));
    let (Some(gateway), Some(table)) = (gateway, table) else { return };
    draft.note(&format!(
        "{} and {}, which the NAT gateway needs, are not in this code. A new environment needs an aws_internet_gateway, a public route \
         table and its association with {} first.",
        gateway.id,
        table.id,
        address(block.place.block)
    ));
}

/// The error for a regional NAT gateway, which egress-doctor does not write. It contains the code that the
/// user must write.
pub(in crate::terraform) fn create_regional(
    draft: &Draft<'_>,
    vpc: &VpcId,
    tables: &[RouteTableId],
) -> EditError {
    let gateway = [
        attribute("vpc_id", quoted(vpc.as_str())),
        attribute("availability_mode", quoted("regional")),
        attribute("connectivity_type", quoted("public")),
    ];
    let route = |(number, table): (usize, &RouteTableId)| {
        let lines = [
            attribute("route_table_id", quoted(table.as_str())),
            attribute("destination_cidr_block", quoted(ANYWHERE)),
            attribute("nat_gateway_id", "aws_nat_gateway.regional.id"),
        ];
        resource("aws_route", &format!("nat_{}", number + 1), &lines)
    };
    let (replaced, added) = with_and_without_default_route(draft, tables);
    let routes: String = added.iter().enumerate().map(route).collect();
    let replaced: String = replaced
        .iter()
        .map(|table| {
            format!(
                "# In the default route of {table}, instead of the present target: nat_gateway_id = aws_nat_gateway.regional.id\n"
            )
        })
        .collect();
    EditError::ByHand {
        place: draft.finder.code.service.location(),
        what: "egress-doctor does not write a regional NAT gateway".to_owned(),
        snippet: format!(
            "# Needs version 6.24 or later of the aws provider. Replace the ids with your own expressions.\n{}\n{routes}{replaced}",
            resource("aws_nat_gateway", "regional", &gateway)
        ),
    }
}
