//! The edit that adds private subnets with a route table, a NAT gateway and a connector in them.

use hcl_edit::expr::Expression;
use ipnet::Ipv4Net;

use crate::model::SecurityGroupId;
use crate::remedy::PlannedSubnet;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::existing::associate_new_table;
use crate::terraform::edit::nat::gateway::{add_nat_gateway, existing_gateway};
use crate::terraform::edit::network;
use crate::terraform::edit::network::connector_list::{list_from, module_of_subnets};
use crate::terraform::edit::network::default_routes::ANYWHERE;
use crate::terraform::edit::network::listed_subnets::keep;
use crate::terraform::edit::network::new_connector::connect;
use crate::terraform::edit::network::subnet_paths::{FILE, Gateway, NAME, Paths, add_kept_route};
use crate::terraform::error::EditError;
use crate::terraform::lang::expression::{Expr, without_parentheses};
use crate::terraform::lang::render::{Line, attribute, quoted};
use crate::text::listed;

/// Adds the resources, and changes the service to the new connector.
///
/// # Errors
/// The service or its connector cannot be edited.
pub(in crate::terraform) fn create(
    draft: &mut Draft<'_>,
    (connector, groups): (&str, &[SecurityGroupId]),
    subnets: &[PlannedSubnet],
    paths: &Paths<'_>,
) -> Result<(), EditError> {
    keep(draft)?;
    let target = draft.finder.target;
    let (creator, source) = module_of_subnets(draft);
    draft.finder.enter(creator)?;
    let of_module = network::module_subnets::add(draft, subnets, paths)?;
    if of_module.is_none() {
        draft.finder.enter(target)?;
        if network::own_private_subnets::create(draft, (connector, groups), subnets, paths)? {
            note_ranges(draft, subnets);
            return Ok(());
        }
        draft.finder.enter(creator)?;
    }
    let (is_of_module, list) = match of_module {
        Some(list) => (true, list),
        None => (false, add_subnets(draft, subnets, paths)?),
    };
    draft.finder.enter(target)?;
    let list = list_from(draft, (creator, source), list).ok_or_else(|| EditError::NotFound {
        what: format!("an expression for the new subnets in {}", target.dir.display()),
    })?;
    connect(draft, connector, list, groups)?;
    if is_of_module {
        note_ranges(draft, subnets);
    }
    Ok(())
}

/// Adds the subnets with their route table and its routes to the target module. Returns the list of their ids.
fn add_subnets(
    draft: &mut Draft<'_>,
    subnets: &[PlannedSubnet],
    paths: &Paths<'_>,
) -> Result<String, EditError> {
    let vpc = draft.vpc_id();
    let names = ["aws_subnet", "aws_route_table", "aws_route", "aws_route_table_association"];
    let name = names.iter().map(|kind| draft.free_name(kind, NAME)).max().unwrap_or_default();
    let ranges: String = subnets
        .iter()
        .map(|subnet| format!("  {} = {}\n", subnet.zone, new_range(draft, subnet.cidr)))
        .collect();
    let mut lines = vec![
        attribute("for_each", format!("{{\n{ranges}}}")),
        Line::Blank,
        attribute("vpc_id", vpc.clone()),
        attribute("availability_zone", "each.key"),
        attribute("cidr_block", "each.value"),
    ];
    lines.extend(draft.tags("private-${each.key}"));
    note_ranges(draft, subnets);
    let comment = "# Private subnets of App Runner, in free ranges of the VPC\n";
    draft.add_resource("aws_subnet", &name, FILE, comment, &lines);
    let mut lines = vec![attribute("vpc_id", vpc)];
    lines.extend(draft.tags("private"));
    // All of them are beside the subnets, if the code has no other one of their types.
    draft.add_resource_near("aws_subnet", "aws_route_table", &name, FILE, "", &lines);
    let has_tables = draft.finder.target.resources("aws_route_table").next().is_some();
    let related = if has_tables { "aws_route_table" } else { "aws_subnet" };
    let table = format!("{}.id", draft.new_reference(&format!("aws_route_table.{name}")));
    let gateway = match paths.gateway {
        Gateway::NewIn(subnet) => format!("{}.id", add_nat_gateway(draft, subnet, (None, None))),
        Gateway::Existing(id) => existing_gateway(draft, id)?,
    };
    let lines = [
        attribute("route_table_id", table.clone()),
        attribute("destination_cidr_block", quoted(ANYWHERE)),
        attribute("nat_gateway_id", gateway),
    ];
    draft.add_resource_near(related, "aws_route", &name, FILE, "", &lines);
    for route in paths.routes {
        add_kept_route(draft, route, &table);
    }
    for endpoint in paths.endpoints {
        associate_new_table(draft, endpoint, &table)?;
    }
    let lines = [
        attribute("for_each", format!("aws_subnet.{name}")),
        Line::Blank,
        attribute("subnet_id", "each.value.id"),
        attribute("route_table_id", table),
    ];
    draft.add_resource_near(related, "aws_route_table_association", &name, FILE, "", &lines);
    Ok(format!("values(aws_subnet.{name})[*].id"))
}

/// The range of a new subnet: a part of the range of the VPC by `cidrsubnet`, if the other subnets of the module have theirs in this way.
fn new_range(draft: &Draft<'_>, range: Ipv4Net) -> String {
    let module = draft.finder.target;
    let base = module.resources("aws_subnet").find_map(|(file, block)| {
        let own = file.expression(block.body.attribute("cidr_block")?).tree()?;
        let Expression::FuncCall(call) = without_parentheses(&own) else { return None };
        let base = call.args.iter().next().filter(|_| call.name.name.as_str() == "cidrsubnet")?;
        let base =
            Expr::parsed("", base).reference().filter(|base| !Expr::from(base).differs_by_instance())?;
        let is_vpc = module.evaluate(base.as_str()) == draft.vpc_range().map(|range| range.to_string())
            || draft.finder.is_range_of_workload_vpc(module, base.as_str());
        is_vpc.then_some(base)
    });
    let of_base = |base: String| {
        let vpc = draft.vpc_range().filter(|vpc| vpc.contains(&range))?;
        let bits = range.prefix_len().checked_sub(vpc.prefix_len())?;
        let offset = u32::from(range.network()).checked_sub(u32::from(vpc.network()))?;
        let number = offset.checked_shr(u32::from(32 - range.prefix_len()))?;
        Some(format!("cidrsubnet({base}, {bits}, {number})"))
    };
    base.and_then(of_base).unwrap_or_else(|| quoted(&range.to_string()))
}

fn note_ranges(draft: &mut Draft<'_>, subnets: &[PlannedSubnet]) {
    let free: Vec<String> =
        subnets.iter().map(|subnet| format!("{} ({})", subnet.cidr, subnet.zone)).collect();
    draft.note(&format!(
        "The new subnets use {}, which are free in the VPC. Check them against your address plan.",
        listed(&free, "and")
    ));
}
