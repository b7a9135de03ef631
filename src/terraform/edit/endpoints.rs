//! Edits for gateway and interface endpoints.

use std::collections::BTreeSet;

use crate::model::{RouteTableId, SubnetId};
use crate::remedy::Change;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::reenable::{Wanted, With, wake};
use crate::terraform::error::EditError;
use crate::terraform::lang::render::{Line, attribute, create_before_destroy, quoted};

const FILE: &str = "vpc-endpoints.tf";

/// `com.amazonaws.us-west-2.s3` with the region as the tree writes it.
fn service_name(draft: &Draft<'_>, service: &str) -> String {
    let region = draft.finder.snapshot.region.as_str();
    match service.split_once(&format!(".{region}.")) {
        Some((head, tail)) => format!("\"{head}.{}.{tail}\"", draft.finder.code.region),
        None => quoted(service),
    }
}

/// The service's own part, `bedrock-runtime`.
fn suffix<'a>(draft: &Draft<'_>, service: &'a str) -> &'a str {
    let region = format!(".{}.", draft.finder.snapshot.region);
    service.split_once(&region).map_or(service, |(_, tail)| tail)
}

/// A name that HCL and people accept: `bedrock_runtime`.
fn label(suffix: &str) -> String {
    suffix.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// A new S3 gateway endpoint with its route tables.
pub(in crate::terraform) fn gateway(
    draft: &mut Draft<'_>,
    service: &str,
    route_tables: &[RouteTableId],
) -> Result<(), EditError> {
    let suffix = suffix(draft, service).to_owned();
    let tables = draft.route_tables(route_tables)?.list();
    let wanted = Wanted {
        service,
        ends: &format!(".{suffix}"),
        kind: "Gateway",
        with: &[With::Holds("route_table_ids", tables.clone())],
    };
    if wake(draft, &wanted)? {
        return Ok(());
    }
    let name = draft.free_name("aws_vpc_endpoint", &label(&suffix));
    let mut lines = vec![
        attribute("vpc_id", draft.finder.code.vpc_id.clone()),
        attribute("service_name", service_name(draft, service)),
        attribute("vpc_endpoint_type", "\"Gateway\""),
        attribute("route_table_ids", tables),
    ];
    lines.extend(draft.tags(&format!("{suffix}-endpoint")));
    let what = if suffix == "s3" { "S3" } else { "DynamoDB" };
    let comment =
        format!("# {what} stays reachable from the private subnets without a NAT gateway. No charge.\n");
    draft.add_resource("aws_vpc_endpoint", &name, FILE, &comment, &lines);
    Ok(())
}

/// The one security group that all new interface endpoints share.
pub(in crate::terraform) fn security_group(draft: &mut Draft<'_>, changes: &[Change]) {
    let mut ports: BTreeSet<u16> = BTreeSet::new();
    let mut admitted = None;
    for change in changes {
        if let Change::CreateInterfaceEndpoint { allowed_ranges: admits, ports: own, .. } = change {
            ports.extend(own);
            admitted = Some(admits);
        }
    }
    let Some(admits) = admitted else { return };
    if draft
        .finder
        .target
        .resources("aws_security_group")
        .any(|(_, block)| block.labels.get(1).is_some_and(|l| l == "vpc_endpoints"))
    {
        draft.notes.push(
            "The tree has a security group vpc_endpoints already; a second one was named apart.".to_owned(),
        );
    }
    let name = draft.free_name("aws_security_group", "vpc_endpoints");
    let ranges = match &draft.finder.code.vpc_block {
        Some(vpc) if admits.len() == 1 => format!("[{vpc}.cidr_block]"),
        Some(vpc) if vpc.starts_with("data.") => format!("{vpc}.cidr_block_associations[*].cidr_block"),
        _ => {
            format!("[{}]", admits.iter().map(|net| quoted(&net.to_string())).collect::<Vec<_>>().join(", "))
        }
    };
    let uses_prefix = draft
        .finder
        .target
        .resources("aws_security_group")
        .any(|(_, b)| b.body.attribute("name_prefix").is_some());
    let plain = draft
        .finder
        .code
        .name_tag("vpc-endpoints")
        .unwrap_or_else(|| quoted(&format!("{}-vpc-endpoints", draft.finder.workload.name)));
    let naming = if uses_prefix {
        attribute("name_prefix", format!("{}-\"", plain.trim_end_matches('"')))
    } else {
        attribute("name", plain)
    };
    let mut lines = vec![
        naming,
        attribute("description", "\"HTTPS from the VPC to its interface endpoints\""),
        attribute("vpc_id", draft.finder.code.vpc_id.clone()),
    ];
    for port in ports {
        let what = if port == 443 { "HTTPS".to_owned() } else { format!("TCP {port}") };
        lines.push(Line::Blank);
        lines.push(Line::Block(
            "ingress".to_owned(),
            vec![
                attribute(
                    "description",
                    format!("\"{what} from the VPC: private DNS sends all of it here\""),
                ),
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
    draft.add_resource(
        "aws_security_group",
        &name,
        "security.tf",
        "# Guards the VPC interface endpoints\n",
        &lines,
    );
}

/// A new interface endpoint with private DNS, one subnet for each zone.
pub(in crate::terraform) fn interface(
    draft: &mut Draft<'_>,
    service: &str,
    subnets: &[SubnetId],
) -> Result<(), EditError> {
    let suffix = suffix(draft, service).to_owned();
    let group = draft
        .adds
        .iter()
        .find(|address| address.kind == "aws_security_group")
        .map(ToString::to_string)
        .unwrap_or_default();
    let mut all = draft.finder.workload_subnets();
    all.retain(|id| !subnets.contains(id));
    let mut comment = format!("# {suffix} by a private address in the VPC\n");
    let subnet_ids = if all.is_empty() {
        draft.finder.code.subnets.clone()
    } else {
        comment.push_str("# One subnet for each Availability Zone: an endpoint takes no two of one zone.\n");
        draft.finder.list_of_subnets(subnets)
    };
    let groups = format!("[{group}.id]");
    let wanted = Wanted {
        service,
        ends: &format!(".{suffix}"),
        kind: "Interface",
        with: &[
            With::Is("subnet_ids", subnet_ids.clone()),
            With::Holds("security_group_ids", groups.clone()),
            With::Is("private_dns_enabled", "true".to_owned()),
        ],
    };
    if wake(draft, &wanted)? {
        return Ok(());
    }
    let name = draft.free_name("aws_vpc_endpoint", &label(&suffix));
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
