//! Edits for new gateway and interface endpoints.

use std::collections::BTreeSet;

use crate::model::{RouteTableId, SubnetId};
use crate::remedy::{Change, endpoint_service_name};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::reenable_endpoint::{EndpointSpec, reenable};
use crate::terraform::edit::requirement::Requirement;
use crate::terraform::error::EditError;
use crate::terraform::lang::render::{Line, attribute, create_before_destroy, quoted};

/// The file of new endpoints.
pub(in crate::terraform) const FILE: &str = "vpc-endpoints.tf";

/// `com.amazonaws.us-west-2.s3`, with the region in the form that the code uses.
fn service_name(draft: &Draft<'_>, service: &str) -> String {
    let region = draft.finder.snapshot.region.as_str();
    match service.split_once(&format!(".{region}.")) {
        Some((head, tail)) => format!("\"{head}.{}.{tail}\"", draft.finder.code.region),
        None => quoted(service),
    }
}

/// The part of a service name after the region, `bedrock-runtime`.
fn suffix<'s>(draft: &Draft<'_>, service: &'s str) -> &'s str {
    let region = format!(".{}.", draft.finder.snapshot.region);
    service.split_once(&region).map_or(service, |(_, tail)| tail)
}

/// A resource name, `bedrock_runtime`.
fn resource_name(suffix: &str) -> String {
    suffix.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// Adds a gateway endpoint with its route tables, or re-enables an endpoint in the code.
pub(in crate::terraform) fn create_gateway(
    draft: &mut Draft<'_>,
    service: &str,
    route_tables: &[RouteTableId],
) -> Result<(), EditError> {
    let suffix = suffix(draft, service);
    let tables = draft.route_tables(route_tables)?.list();
    let spec = EndpointSpec {
        service,
        suffix,
        endpoint_type: "Gateway",
        requirements: &[Requirement::Contains("route_table_ids", tables.clone())],
    };
    if reenable(draft, &spec)? {
        return Ok(());
    }
    let name = draft.free_name("aws_vpc_endpoint", &resource_name(suffix));
    let mut lines = vec![
        attribute("vpc_id", draft.finder.code.vpc_id.clone()),
        attribute("service_name", service_name(draft, service)),
        attribute("vpc_endpoint_type", "\"Gateway\""),
        attribute("route_table_ids", tables),
    ];
    lines.extend(draft.tags(&format!("{suffix}-endpoint")));
    let service = endpoint_service_name(service);
    let comment =
        format!("# {service} is reachable from the private subnets without a NAT gateway, at no charge\n");
    draft.add_resource("aws_vpc_endpoint", &name, FILE, &comment, &lines);
    Ok(())
}

/// Adds the security group that all new interface endpoints of a proposal share; does nothing if the
/// proposal has no new interface endpoint.
pub(in crate::terraform) fn create_security_group(draft: &mut Draft<'_>, changes: &[Change]) {
    let mut ports: BTreeSet<u16> = BTreeSet::new();
    let mut sources = None;
    for change in changes {
        if let Change::CreateInterfaceEndpoint { allowed_ranges, ports: endpoint_ports, .. } = change {
            ports.extend(endpoint_ports);
            sources = Some(allowed_ranges);
        }
    }
    let Some(sources) = sources else { return };
    let groups: Vec<_> = draft.finder.target.resources("aws_security_group").collect();
    if groups.iter().any(|(_, block)| block.name() == Some("vpc_endpoints")) {
        draft.note("The code has a security group vpc_endpoints, so the new one has another name.");
    }
    let name = draft.free_name("aws_security_group", "vpc_endpoints");
    let ranges = match &draft.finder.code.vpc_block {
        Some(vpc) if sources.len() == 1 => format!("[{vpc}.cidr_block]"),
        Some(vpc) if vpc.starts_with("data.") => format!("{vpc}.cidr_block_associations[*].cidr_block"),
        _ => {
            let ranges: Vec<String> = sources.iter().map(|range| quoted(&range.to_string())).collect();
            format!("[{}]", ranges.join(", "))
        }
    };
    let uses_prefix = groups.iter().any(|(_, block)| block.body.attribute("name_prefix").is_some());
    let group_name = draft.finder.code.name_tag("vpc-endpoints");
    let group_name =
        group_name.unwrap_or_else(|| quoted(&format!("{}-vpc-endpoints", draft.finder.workload.name)));
    let mut lines = vec![
        if uses_prefix {
            attribute("name_prefix", format!("{}-\"", group_name.trim_end_matches('"')))
        } else {
            attribute("name", group_name)
        },
        attribute("description", "\"HTTPS from the VPC to its interface endpoints\""),
        attribute("vpc_id", draft.finder.code.vpc_id.clone()),
    ];
    for port in ports {
        let protocol = if port == 443 { "HTTPS".to_owned() } else { format!("TCP {port}") };
        let description =
            format!("\"{protocol} from the whole VPC, because private DNS applies to all of it\"");
        lines.push(Line::Blank);
        lines.push(Line::Block(
            "ingress".to_owned(),
            vec![
                attribute("description", description),
                attribute("from_port", port.to_string()),
                attribute("to_port", port.to_string()),
                attribute("protocol", "\"tcp\""),
                attribute("cidr_blocks", ranges.clone()),
            ],
        ));
    }
    lines.extend(draft.tags("vpc-endpoints-sg"));
    if uses_prefix {
        lines.extend(create_before_destroy());
    }
    let comment = "# Security group of the VPC interface endpoints\n";
    draft.add_resource("aws_security_group", &name, "security.tf", comment, &lines);
}

/// Adds an interface endpoint with private DNS, with one subnet in each AZ, or re-enables an endpoint in
/// the code.
pub(in crate::terraform) fn create_interface(
    draft: &mut Draft<'_>,
    service: &str,
    subnets: &[SubnetId],
) -> Result<(), EditError> {
    let suffix = suffix(draft, service);
    let group = draft.adds.iter().find(|address| address.kind == "aws_security_group");
    let group = group.map(ToString::to_string).unwrap_or_default();
    let uses_all_subnets = draft.finder.workload_subnets().iter().all(|id| subnets.contains(id));
    let mut comment = format!("# Private access to {suffix} from the VPC\n");
    let subnet_ids = if uses_all_subnets {
        draft.finder.code.subnets.clone()
    } else {
        comment.push_str("# One subnet in each Availability Zone: an endpoint accepts only one\n");
        draft.finder.list_of_subnets(subnets)
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
    if reenable(draft, &spec)? {
        return Ok(());
    }
    let name = draft.free_name("aws_vpc_endpoint", &resource_name(suffix));
    let mut lines = vec![
        attribute("vpc_id", draft.finder.code.vpc_id.clone()),
        attribute("service_name", service_name(draft, service)),
        attribute("vpc_endpoint_type", "\"Interface\""),
        attribute("subnet_ids", subnet_ids),
        attribute("security_group_ids", groups),
        attribute("private_dns_enabled", "true"),
    ];
    lines.extend(draft.tags(&format!("{suffix}-endpoint")));
    draft.add_resource("aws_vpc_endpoint", &name, FILE, &comment, &lines);
    Ok(())
}
