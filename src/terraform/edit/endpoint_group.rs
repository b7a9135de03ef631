//! The security group of new interface endpoints: one for each VPC.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;

use crate::remedy::Change;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint_list::is_extended;
use crate::terraform::edit::endpoint_map::has_security_group;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin, instance_address};
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::{Line, attribute, create_before_destroy, quoted};
use crate::terraform::lang::structure::Block;
use crate::terraform::read::place::Place;

/// Chooses the security group that all new interface endpoints of a proposal share: the one of the present endpoints if it allows
/// their traffic, or else a new one. Does nothing if no new endpoint needs a group.
pub(in crate::terraform) fn prepare(draft: &mut Draft<'_>, changes: &[Change]) {
    let mut ports: BTreeSet<u16> = BTreeSet::new();
    let mut sources = None;
    for change in changes {
        if let Change::CreateInterfaceEndpoint { service, allowed_ranges, ports: endpoint_ports, .. } = change
        {
            if is_extended(draft, service) {
                continue;
            }
            ports.extend(endpoint_ports);
            sources = Some(allowed_ranges);
        }
    }
    let Some(sources) = sources.filter(|_| !has_security_group(draft)) else { return };
    if let Some(group) = present_group(draft, &ports, sources) {
        draft.note(&format!(
            "The new endpoints use {group}, the security group of the present endpoints: its rules allow their traffic from the VPC."
        ));
        draft.endpoint_group = Some(group);
        return;
    }
    let name = create(draft, &ports, sources);
    draft.endpoint_group = Some(draft.new_reference(&format!("aws_security_group.{name}")));
}

/// Adds a security group; returns its name.
fn create(draft: &mut Draft<'_>, ports: &BTreeSet<u16>, sources: &[Ipv4Net]) -> String {
    let groups: Vec<_> = draft.finder.target.resources("aws_security_group").collect();
    if groups.iter().any(|(_, block)| block.name() == Some("vpc_endpoints")) {
        draft.note("The code has a security group vpc_endpoints, so the new one has another name.");
    }
    let name = draft.free_name("aws_security_group", "vpc_endpoints");
    let ranges = match &draft.finder.code.vpc_block {
        _ if sources.len() == 1 && draft.finder.code.vpc_range.is_some() => {
            format!("[{}]", draft.finder.code.vpc_range.clone().unwrap_or_default())
        }
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
        let protocol = if *port == 443 { "HTTPS".to_owned() } else { format!("TCP {port}") };
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
    name
}

/// The security group of an interface endpoint of the target module in the workload's VPC, if it allows all ports from all ranges.
fn present_group(draft: &Draft<'_>, ports: &BTreeSet<u16>, ranges: &[Ipv4Net]) -> Option<String> {
    let module = draft.finder.target;
    let endpoints = module.resources("aws_vpc_endpoint").map(|(file, block)| Place { module, file, block });
    let is_interface = |place: &Place<'_>| {
        let value = |name: &str| place.block.body.attribute(name).map(|value| place.file.expression(value));
        value("vpc_endpoint_type").and_then(|kind| module.evaluate(kind)).as_deref() == Some("Interface")
            && value("vpc_id").and_then(|vpc| draft.finder.is_workload_vpc(module, vpc)) == Some(true)
            && module.is_disabled(place.file, place.block) != Some(true)
    };
    let groups = endpoints.filter(is_interface).flat_map(|place| {
        draft.finder.network.origins.of_attribute(place, "security_group_ids").unwrap_or_default()
    });
    groups.into_iter().find_map(|group| {
        let Origin::Block(group) = group else { return None };
        let is_here = group.place.module.address == module.address
            && group.place.block.is_resource("aws_security_group")
            && group.instance != Instances::All
            && module.is_disabled(group.place.file, group.place.block) != Some(true);
        let admits = |port: &u16| {
            let inline = group.place.block.body.blocks("ingress");
            inline.into_iter().any(|rule| admits(draft, group.place, rule, *port, ranges))
                || separate_rules(draft, &group)
                    .iter()
                    .any(|rule| admits(draft, *rule, rule.block, *port, ranges))
        };
        (is_here && ports.iter().all(admits)).then(|| instance_address(&group))
    })
}

/// The rules of a group that are resources of the target module.
fn separate_rules<'a>(draft: &Draft<'a>, group: &BlockOrigin<'_>) -> Vec<Place<'a>> {
    let module = draft.finder.target;
    let kinds = ["aws_vpc_security_group_ingress_rule", "aws_security_group_rule"];
    let rules = kinds.iter().flat_map(|kind| module.resources(kind));
    let places = rules.map(|(file, block)| Place { module, file, block }).filter(|place| {
        let kind = place.block.body.attribute("type").map(|kind| place.file.value(kind).trim());
        let of = draft.finder.network.origins.single(*place, "security_group_id");
        kind.is_none_or(|kind| kind == "\"ingress\"")
            && matches!(of, Some(Origin::Block(of)) if of.is_same_block(group))
    });
    places.collect()
}

/// Whether a rule allows a TCP port from all ranges.
fn admits(draft: &Draft<'_>, place: Place<'_>, rule: &Block, port: u16, ranges: &[Ipv4Net]) -> bool {
    let value = |name: &str| rule.body.attribute(name).map(|value| place.file.expression(value));
    let number = |name: &str| -> Option<u16> { place.module.evaluate(value(name)?)?.parse().ok() };
    let protocol =
        value("protocol").or_else(|| value("ip_protocol")).and_then(|one| place.module.evaluate(one));
    let has_port = match protocol.as_deref() {
        Some("-1" | "all") => true,
        Some("tcp" | "6") => {
            number("from_port").zip(number("to_port")).is_some_and(|(from, to)| from <= port && port <= to)
        }
        _ => false,
    };
    let is_vpc_range = |written: Expr<'_>| {
        let range = draft.finder.code.vpc_range.as_deref().filter(|_| ranges.len() == 1);
        range.is_some_and(|range| {
            written.is_same(Expr::from(range)) || written.is_same(Expr::from(&format!("[{range}]")))
        })
    };
    let covers = |texts: Vec<String>| {
        let nets: Vec<Ipv4Net> = texts.iter().filter_map(|text| text.parse().ok()).collect();
        ranges.iter().all(|range| nets.iter().any(|net| net.contains(range)))
    };
    let has_ranges = match (value("cidr_blocks"), value("cidr_ipv4")) {
        (Some(list), _) => is_vpc_range(list) || place.module.texts(list).is_some_and(covers),
        (None, Some(one)) => {
            is_vpc_range(one) || place.module.evaluate(one).is_some_and(|text| covers(vec![text]))
        }
        (None, None) => false,
    };
    has_port && has_ranges
}
