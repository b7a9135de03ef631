//! Edits for new gateway and interface endpoints.

use crate::model::{RouteTableId, RouteTarget, SubnetId};
use crate::remedy::endpoint_service_name;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint;
use crate::terraform::edit::endpoint::list::{extend_list, extend_map_with};
use crate::terraform::edit::endpoint::map::{add_to_map, fields};
use crate::terraform::edit::endpoint::names::{service_name, suffix, suffix_of};
use crate::terraform::edit::endpoint::pending::{cover_tables, enable_with_associations};
use crate::terraform::edit::endpoint::reenable::{
    EndpointSpec, disabled_in_code, enabled_in_code, reenable, reenable_elsewhere,
};
use crate::terraform::edit::nat;
use crate::terraform::edit::network::placement::ENDPOINTS_FILE;
use crate::terraform::edit::values::requirement::Requirement;
use crate::terraform::error::EditError;
use crate::terraform::find::tag_style::style_of;
use crate::terraform::lang::render::{Line, attribute};
use crate::terraform::lang::structure::Block;
use crate::terraform::lang::uses::values_of_key;
use crate::terraform::read::file::File;

/// A resource name, `bedrock_runtime`.
fn resource_name(suffix: &str) -> String {
    suffix.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// The tags of a new endpoint: as those of the last endpoint of the module that has tags, with its own service in the name.
fn tags(draft: &Draft<'_>, suffix: &str) -> Vec<Line> {
    let module = draft.finder.target;
    let others = module.resources("aws_vpc_endpoint").filter(|(_, block)| !block.repeats());
    let form = |(file, block): (&File, &Block)| {
        let tags = file.expression(block.body.attribute("tags")?);
        let tree = tags.tree()?;
        let service = suffix_of(module, (file, block))?;
        let name = values_of_key(&tree, "Name").first().map(|name| name.to_string().trim().to_owned());
        let own = name.filter(|name| name.contains(&service)).map(|name| name.replace(&service, suffix));
        Some((style_of(&tree, tags.text)?, own))
    };
    let ending = format!("{suffix}-endpoint");
    let Some((style, name)) = others.filter_map(form).last() else { return draft.tags(&ending) };
    let name = name.or_else(|| draft.finder.code.name_tag(&ending));
    style.expression(name).map_or_else(Vec::new, |tags| vec![Line::Blank, attribute("tags", tags)])
}

/// Adds a gateway endpoint with its route tables, or re-enables an endpoint in the code.
pub(in crate::terraform) fn create_gateway(
    draft: &mut Draft<'_>,
    service: &str,
    route_tables: &[RouteTableId],
) -> Result<(), EditError> {
    let suffix = suffix(draft, service);
    let elsewhere = EndpointSpec { service, suffix, endpoint_type: "Gateway", requirements: &[] };
    if let Some(place) = enabled_in_code(draft, &elsewhere)?
        && cover_tables(draft, place, route_tables)?
    {
        return Ok(());
    }
    if let Some(place) = disabled_in_code(draft, &elsewhere)?
        && enable_with_associations(draft, place, route_tables)?
    {
        return Ok(());
    }
    if reenable_elsewhere(draft, &elsewhere)? {
        return Ok(());
    }
    if disabled_in_code(draft, &elsewhere)?.is_none() && extend_map_with(draft, &elsewhere, route_tables) {
        return Ok(());
    }
    let tables = draft.route_tables(route_tables)?.list();
    let spec = EndpointSpec {
        service,
        suffix,
        endpoint_type: "Gateway",
        requirements: &[Requirement::Contains("route_table_ids", tables.clone())],
    };
    if reenable(draft, &spec)? || extend_list(draft, &spec) {
        return Ok(());
    }
    if endpoint::vpc_module_switch::enable(draft, suffix)? || nat::cloudposse::add_endpoint(draft, &spec)? {
        return Ok(());
    }
    let fields = [("service_type", "\"Gateway\"".to_owned()), ("route_table_ids", tables.clone())];
    if add_to_map(draft, &spec, &fields)? {
        return Ok(());
    }
    let name = draft.free_name("aws_vpc_endpoint", &resource_name(suffix));
    let mut lines = vec![
        attribute("vpc_id", draft.vpc_id()),
        attribute("service_name", service_name(draft, service, "Gateway")),
        attribute("vpc_endpoint_type", "\"Gateway\""),
        attribute("route_table_ids", tables),
    ];
    lines.extend(tags(draft, suffix));
    let service = endpoint_service_name(service);
    let subnets =
        if has_internet_route(draft, route_tables) { "subnets of App Runner" } else { "private subnets" };
    let comment =
        format!("# {service} is reachable from the {subnets} without a NAT gateway, at no charge\n");
    draft.add_resource("aws_vpc_endpoint", &name, ENDPOINTS_FILE, &comment, &lines);
    Ok(())
}

/// Whether one of the route tables has a route to an internet gateway.
fn has_internet_route(draft: &Draft<'_>, route_tables: &[RouteTableId]) -> bool {
    let known = &draft.finder.snapshot.network.route_tables;
    let mut routes = route_tables.iter().filter_map(|id| known.get(id)).flat_map(|table| &table.routes);
    routes.any(|route| matches!(route.target, RouteTarget::InternetGateway(_)))
}

/// Adds an interface endpoint with private DNS, with one subnet in each AZ, or re-enables an endpoint in
/// the code.
pub(in crate::terraform) fn create_interface(
    draft: &mut Draft<'_>,
    service: &str,
    subnets: &[SubnetId],
) -> Result<(), EditError> {
    let suffix = suffix(draft, service);
    let elsewhere = EndpointSpec { service, suffix, endpoint_type: "Interface", requirements: &[] };
    if reenable_elsewhere(draft, &elsewhere)? {
        return Ok(());
    }
    let group = draft.endpoint_group.clone().unwrap_or_default();
    let uses_all_subnets = draft.finder.workload_subnets().iter().all(|id| subnets.contains(id));
    let mut comment = format!("# Private access to {suffix} from the VPC\n");
    let subnet_ids = if uses_all_subnets {
        draft.connector_subnets();
        draft.finder.code.subnets.clone()
    } else {
        comment.push_str("# One subnet in each Availability Zone: an endpoint accepts only one\n");
        draft.subnets(subnets)
    };
    let groups = format!("[{group}.id]");
    let spec = EndpointSpec {
        service,
        suffix,
        endpoint_type: "Interface",
        requirements: &[
            Requirement::Equals("subnet_ids", subnet_ids.clone()),
            Requirement::Contains("security_group_ids", groups.clone()),
            Requirement::Equals("private_dns_enabled", "true".to_owned()),
        ],
    };
    if reenable(draft, &spec)? || extend_list(draft, &spec) {
        return Ok(());
    }
    if nat::cloudposse::add_endpoint(draft, &spec)? {
        return Ok(());
    }
    if uses_all_subnets && endpoint::vpc_module_switch::enable_interface(draft, suffix, &groups)? {
        return Ok(());
    }
    let wanted = vec![
        ("private_dns_enabled", "true".to_owned()),
        ("subnet_ids", subnet_ids.clone()),
        ("security_group_ids", groups.clone()),
    ];
    let fields = fields(draft, wanted);
    if add_to_map(draft, &spec, &fields)? {
        return Ok(());
    }
    let name = draft.free_name("aws_vpc_endpoint", &resource_name(suffix));
    let subnet_ids = if uses_all_subnets { draft.connector_subnets() } else { subnet_ids };
    let mut lines = vec![
        attribute("vpc_id", draft.vpc_id()),
        attribute("service_name", service_name(draft, service, "Interface")),
        attribute("vpc_endpoint_type", "\"Interface\""),
        attribute("subnet_ids", subnet_ids),
        attribute("security_group_ids", groups),
        attribute("private_dns_enabled", "true"),
    ];
    lines.extend(tags(draft, suffix));
    draft.add_resource("aws_vpc_endpoint", &name, ENDPOINTS_FILE, &comment, &lines);
    Ok(())
}
