//! The security group of new interface endpoints: one for each VPC.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;

use crate::remedy::Change;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::client::add_client;
use crate::terraform::edit::endpoint::clients::clients_note;
use crate::terraform::edit::endpoint::entry::call;
use crate::terraform::edit::endpoint::list::extended;
use crate::terraform::edit::endpoint::map::call_with_group;
use crate::terraform::edit::endpoint::rules::{
    add_rule_resource, admits_port, ensure_admitted, rule, vpc_ranges,
};
use crate::terraform::edit::endpoint::vpc_module_switch::GROUPS;
use crate::terraform::edit::nat;
use crate::terraform::edit::network::placement::{ENDPOINTS_FILE, after_resources};
use crate::terraform::edit::network::vpc_dns::keep_dns;
use crate::terraform::edit::values::switched::{switch_of_expression, switch_of_lines};
use crate::terraform::error::EditError;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin, instance_address};
use crate::terraform::find::registry::searched_modules;
use crate::terraform::find::tag_style::prefix_of_group_names;
use crate::terraform::lang::address::address;
use crate::terraform::lang::render::{Line, attribute, create_before_destroy, quoted};
use crate::terraform::lang::structure::Block;
use crate::terraform::lang::uses::uses_of_path;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// The names of variables with the environment.
const ENVIRONMENTS: [&str; 5] = ["env", "environment", "environment_name", "env_name", "stage"];

/// Chooses the security group that all new interface endpoints of a proposal share: the one of the present endpoints if it allows
/// their traffic, or else a new one. Does nothing if no new endpoint needs a group.
///
/// A block that creates several endpoints, or a call of the endpoints module, keeps its groups; their missing rules are added.
///
/// # Errors
/// The rules of such a group must be changed by hand.
pub(in crate::terraform) fn prepare(draft: &mut Draft<'_>, changes: &[&Change]) -> Result<(), EditError> {
    let mut ports: BTreeSet<u16> = BTreeSet::new();
    let mut sources = None;
    let mut added = BTreeSet::new();
    for change in changes {
        if let Change::CreateInterfaceEndpoint { service, allowed_ranges, ports: endpoint_ports, .. } = change
        {
            if let Some(endpoints) = extended(draft, service) {
                let ports = endpoint_ports.iter().copied().collect();
                ensure_admitted(draft, endpoints, (&ports, allowed_ranges), &mut added)?;
                continue;
            }
            ports.extend(endpoint_ports);
            sources = Some(allowed_ranges);
        }
    }
    if changes.iter().any(|change| matches!(change, Change::CreateInterfaceEndpoint { .. })) {
        keep_dns(draft)?;
    }
    let Some(sources) = sources else { return Ok(()) };
    if let Some(endpoints) = call_with_group(draft) {
        return ensure_admitted(draft, endpoints, (&ports, sources), &mut added);
    }
    let present = present_groups(draft);
    let admits =
        |group: &&BlockOrigin<'_>| ports.iter().all(|port| admits_port(draft, group, *port, sources));
    if let Some(group) = present.iter().find(admits).map(instance_address) {
        draft.note(&format!(
            "The new endpoints use {group}, the security group of the present endpoints: its rules allow their traffic from the VPC."
        ));
        draft.endpoint_group = Some(group);
        return Ok(());
    }
    for group in present {
        if is_of_endpoints_only(&group) && add_client(draft, &group, &ports)? {
            let address = instance_address(&group);
            draft.note(&format!(
                "The new endpoints use {address}, the security group of the present endpoints."
            ));
            let shown = ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            draft.note(&clients_note(&address, &shown));
            draft.endpoint_group = Some(address);
            return Ok(());
        }
    }
    let name = create(draft, &ports, sources);
    draft.endpoint_group = Some(draft.new_reference(&format!("aws_security_group.{name}")));
    Ok(())
}

/// Adds a security group; returns its name.
fn create(draft: &mut Draft<'_>, ports: &BTreeSet<u16>, sources: &[Ipv4Net]) -> String {
    let groups: Vec<_> = draft.finder.target.resources("aws_security_group").collect();
    if groups.iter().any(|(_, block)| block.name() == Some("vpc_endpoints")) {
        draft.note("The code has a security group vpc_endpoints, so the new one has another name.");
    }
    let name = draft.free_name("aws_security_group", "vpc_endpoints");
    let ranges = vpc_ranges(draft, sources);
    let uses_prefix = groups.iter().any(|(_, block)| block.body.attribute("name_prefix").is_some());
    let group_name = draft.finder.code.name_tag("vpc-endpoints").or_else(|| {
        let prefix = prefix_of_group_names(draft.finder.target)?;
        Some(longer_name_of_call(draft, &prefix).unwrap_or_else(|| format!("\"{prefix}vpc-endpoints\"")))
    });
    let group_name = group_name.or_else(|| name_of_call(draft));
    let group_name = group_name.unwrap_or_else(|| {
        by_variable(draft.finder.target, &format!("{}-vpc-endpoints", name_of_vpc(draft)))
    });
    let mut lines = vec![
        if uses_prefix {
            attribute("name_prefix", format!("{}-\"", group_name.trim_end_matches('"')))
        } else {
            attribute("name", group_name)
        },
        attribute("description", "\"HTTPS from the VPC to its interface endpoints\""),
        attribute("vpc_id", draft.vpc_id()),
    ];
    let rules = kind_of_rules(draft, &ranges);
    for port in ports.iter().filter(|_| rules.is_none()) {
        lines.push(Line::Blank);
        lines.push(Line::Block("ingress".to_owned(), rule(*port, &ranges)));
    }
    // The endpoints have no subnets if these are switched off.
    let subnets = draft.written_subnets();
    let target = draft.finder.target;
    let has_own = call(draft).is_some() || switch_of_lines(target, &lines).is_some();
    let switch = switch_of_expression(target, &subnets).filter(|_| !has_own);
    if let Some(switch) = switch {
        draft.add_switched(&format!("aws_security_group.{name}"), &switch);
        lines.splice(0..0, [attribute("count", switch), Line::Blank]);
    }
    lines.extend(draft.tags("vpc-endpoints"));
    if uses_prefix {
        lines.extend(create_before_destroy());
    }
    let comment = "# Security group of the VPC interface endpoints\n";
    let kind = "aws_security_group";
    let is_beside = goes_beside_endpoints(draft);
    if is_beside {
        draft.add_resource_beside("aws_vpc_endpoint", kind, &name, ENDPOINTS_FILE, comment, &lines);
    } else {
        draft.add_resource_near("aws_vpc_endpoint", kind, &name, ENDPOINTS_FILE, comment, &lines);
    }
    let group = draft.new_reference(&format!("aws_security_group.{name}"));
    for (port, kind) in ports.iter().filter_map(|port| Some((*port, rules?))) {
        add_rule_resource(draft, &group, kind, (port, &ranges), is_beside);
    }
    name
}

/// Whether the group goes beside the endpoints: the other groups are in a file with services or connectors.
fn goes_beside_endpoints(draft: &Draft<'_>) -> bool {
    after_resources(&draft.finder, "aws_security_group").is_some_and(|(file, _)| {
        let mut resources = file.body.blocks("resource");
        resources.any(|block| block.kind().is_some_and(|kind| kind.starts_with("aws_apprunner_")))
    })
}

/// The name of the group with the name in the call of the VPC module, if it begins like the names of the groups and is longer: it has the
/// environment.
fn longer_name_of_call(draft: &Draft<'_>, prefix: &str) -> Option<String> {
    let module = draft.finder.target;
    let text = |content: &str| {
        let written = format!("\"{content}\"");
        module.evaluate(written.as_str()).unwrap_or_else(|| content.to_owned())
    };
    let name = name_of_call(draft)?;
    text(name.trim_matches('"')).starts_with(&text(prefix)).then_some(name)
}

/// The type of the resource for an inbound rule, if the security groups of the target module have such rules and none has rules inline;
/// without groups of its own, the same of all modules.
fn kind_of_rules(draft: &Draft<'_>, ranges: &str) -> Option<&'static str> {
    let target = draft.finder.target;
    let has_groups = target.resources("aws_security_group").next().is_some();
    let modules = if has_groups { vec![target] } else { searched_modules(draft.finder.config) };
    let has_inline = |(_, group): (&File, &Block)| {
        group.body.items.iter().any(|item| matches!(item.sets(), Some("ingress" | "egress")))
    };
    if modules.iter().flat_map(|module| module.resources("aws_security_group")).any(has_inline) {
        return None;
    }
    let has = |kind: &&str| modules.iter().any(|module| module.resources(kind).next().is_some());
    let of_range = ["aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"];
    if of_range.iter().any(has) {
        // Such a rule has one range.
        let is_one = ranges.starts_with('[') && !ranges.contains(',');
        return is_one.then_some("aws_vpc_security_group_ingress_rule");
    }
    Some("aws_security_group_rule").filter(has)
}

/// The name of the group with the name that the call of the VPC module has.
fn name_of_call(draft: &Draft<'_>) -> Option<String> {
    let call = nat::vpc_module::caller(draft).filter(|call| call.key.is_none())?.place;
    let name = call.file.expression(call.block.body.attribute("name")?);
    let text = name.text.trim();
    let content = match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(content) => content.strip_suffix("-vpc").unwrap_or(content).to_owned(),
        None => format!("${{{}}}", name.reference()?),
    };
    (!content.contains(['"', '\n'])).then(|| format!("\"{content}-vpc-endpoints\""))
}

/// A name as the content of a string with the variable of the module that has its beginning or its environment: another call of the module
/// has another name.
fn by_variable(module: &Module, name: &str) -> String {
    let variables = || {
        module.blocks("variable").filter_map(|(_, variable)| {
            let label = variable.kind()?;
            Some((label, module.evaluate(&format!("var.{label}"))?))
        })
    };
    let longest = variables()
        .filter(|(_, value)| !value.is_empty() && name.starts_with(&format!("{value}-")))
        .max_by_key(|(_, value)| value.len());
    let (mut head, mut rest) = match &longest {
        Some((label, value)) => (format!("${{var.{label}}}"), name.get(value.len()..).unwrap_or_default()),
        None => (String::new(), name),
    };
    // AWS names are not trusted: `${` in them is no reference.
    let content = |text: &str| {
        let quoted = quoted(text);
        quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default().to_owned()
    };
    let environments: Vec<_> =
        variables().filter(|(label, value)| ENVIRONMENTS.contains(label) && !value.is_empty()).collect();
    for (label, value) in &environments {
        if let Some((start, end)) = rest.split_once(&format!("-{value}-")) {
            head = format!("{head}{}-${{var.{label}}}-", content(start));
            rest = end;
        }
    }
    format!("\"{head}{}\"", content(rest))
}

/// The name of the VPC, whose endpoints share the group; without one, the name of the workload.
fn name_of_vpc(draft: &Draft<'_>) -> String {
    let network = &draft.finder.snapshot.network;
    let subnets = draft.finder.workload_subnets();
    let vpc = subnets
        .iter()
        .find_map(|id| network.subnets.get(id))
        .and_then(|subnet| network.vpcs.get(&subnet.vpc));
    let name = vpc.and_then(|vpc| vpc.tags.get("Name"));
    let whole =
        name.map_or(draft.finder.workload.name.as_str(), |name| name.strip_suffix("-vpc").unwrap_or(name));
    whole.to_owned()
}

/// The security groups of the interface endpoints of the target module in the workload's VPC, with their blocks there.
fn present_groups<'a>(draft: &Draft<'a>) -> Vec<BlockOrigin<'a>> {
    let module = draft.finder.target;
    let endpoints = module.resources("aws_vpc_endpoint").map(|(file, block)| Place { module, file, block });
    let is_interface = |place: &Place<'_>| {
        let value = |name: &str| place.block.body.attribute(name).map(|value| place.file.expression(value));
        // `data.aws_vpc_endpoint_service.ssm.service_type` is unknown: only interface endpoints have security groups.
        value("vpc_endpoint_type")
            .is_some_and(|kind| module.evaluate(kind).is_none_or(|kind| kind == "Interface"))
            && value("vpc_id").and_then(|vpc| draft.finder.is_workload_vpc(module, vpc)) == Some(true)
            && module.is_disabled(place.file, place.block) != Some(true)
    };
    let groups = endpoints.filter(is_interface).map(|place| (place, "security_group_ids"));
    // `ssm_endpoint_security_group_ids` of the VPC module.
    let call = nat::vpc_module::caller(draft).map(|call| call.place);
    let of_call = call.into_iter().flat_map(|place| {
        let names = place.block.body.attributes().map(|argument| argument.name.as_str());
        names.filter(|name| name.ends_with(GROUPS)).map(move |name| (place, name))
    });
    let groups = groups
        .chain(of_call)
        .flat_map(|(place, name)| draft.finder.network.origins.of_attribute(place, name).unwrap_or_default());
    let mut all: Vec<BlockOrigin<'a>> = Vec::new();
    for group in groups {
        let Origin::Block(group) = group else { continue };
        let is_here = group.place.module.address == module.address
            && group.place.block.is_resource("aws_security_group")
            && group.instance != Instances::All
            && module.is_disabled(group.place.file, group.place.block) != Some(true);
        if is_here && !all.iter().any(|known| known.is_same_block(&group)) {
            all.push(group);
        }
    }
    all
}

/// Whether only endpoints and security groups of its module refer to a group.
fn is_of_endpoints_only(group: &BlockOrigin<'_>) -> bool {
    let Place { module, block, .. } = group.place;
    let path = address(block).split('.').map(str::to_owned).collect::<Vec<_>>();
    let mut others = module.blocks("resource").chain(module.blocks("module")).filter(|(_, block)| {
        let kind = block.kind().unwrap_or_default();
        let is_vpc = || block.body.attributes().any(|argument| argument.name.ends_with(GROUPS));
        block.block_type == "module" && !is_vpc()
            || block.block_type != "module" && kind != "aws_vpc_endpoint" && !kind.contains("security_group")
    });
    !others.any(|(file, block)| uses_of_path(&format!("{}\n", file.slice(block.span.clone())), &path) > 0)
}
