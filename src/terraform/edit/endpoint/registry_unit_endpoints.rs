//! The refusal for endpoints of a VPC that a Terragrunt unit creates with the public VPC module: entries for the unit with the module for
//! endpoints, or that unit itself, beside that of the VPC.

use std::path::PathBuf;

use hcl::Value;

use crate::remedy::{Change, endpoint_service_name};
use crate::terraform::changeset::FileChange;
use crate::terraform::edit::boundary::patch;
use crate::terraform::edit::boundary::shown;
use crate::terraform::edit::network::vpc_unit::{VpcUnit, place_of_input, unit_of_endpoints};
use crate::terraform::edit::stopped::{Also, Stopped};
use crate::terraform::error::EditError;
use crate::terraform::find::finder::Finder;
use crate::terraform::lang::render::{Line, attribute, block, quoted};
use crate::terraform::read::unit::UnitCode;
use crate::terraform::read::unit_value::TERRAGRUNT;
use crate::text::listed;

const ENDPOINTS: &str = "/modules/vpc-endpoints";
/// The first version of the module that creates the security group of its endpoints.
const WITH_GROUP: (u64, u64) = (5, 1);

/// An endpoint of the proposal.
struct Endpoint<'c> {
    at: usize,
    /// `s3`, `ecr.api`
    name: &'c str,
    shown: String,
    kind: Kind<'c>,
}

enum Kind<'c> {
    Gateway,
    /// The ports that the security group allows, and the number of ranges of the VPC.
    Interface {
        ports: &'c [u16],
        ranges: usize,
    },
}

/// The unit with the endpoints of these changes: its new entries, or the file itself; `None` without such a change.
pub(in crate::terraform::edit) fn refusal(
    finder: &Finder<'_>,
    unit: &VpcUnit,
    changes: &[(usize, &Change)],
) -> Option<Stopped> {
    let region = format!(".{}.", finder.snapshot.region);
    let all: Vec<Endpoint<'_>> =
        changes.iter().filter_map(|(at, change)| endpoint(*at, change, &region)).collect();
    let (mut missing, present) = match unit_of_endpoints(unit) {
        Some((path, code)) => {
            let (present, missing): (Vec<_>, Vec<_>) =
                all.into_iter().partition(|one| code.mentions(one.name));
            (missing, Some((path, code, present)))
        }
        None => (all, None),
    };
    missing.sort_by_key(|one| one.at);
    let error = match present {
        Some((path, code, present)) => match present.first() {
            Some(first) => {
                let error = EditError::NotApplied {
                    address: format!("the {} endpoint", first.shown),
                    place: place_of_input(finder.config.boundary.top(), &path, &code, "endpoints"),
                    apply: format!(
                        "terragrunt apply in {}",
                        shown(finder.config.boundary.top(), path.parent()?)
                    ),
                };
                return Some(Stopped::at(first.at, error));
            }
            None => in_unit(finder, unit, &missing, (path, &code))?,
        },
        None => in_new_unit(finder, unit, &missing)?,
    };
    let mut changes = missing.iter().map(|one| one.at);
    let first = changes.next()?;
    Some(Stopped { also: Some(Box::new(Also::Changes(changes.collect()))), ..Stopped::at(first, error) })
}

/// The endpoint of a change; `None` for another change, or for a service whose name the module does not make from its last part.
fn endpoint<'c>(at: usize, change: &'c Change, region: &str) -> Option<Endpoint<'c>> {
    let (service, kind) = match change {
        Change::CreateGatewayEndpoint { service, .. } => (service, Kind::Gateway),
        Change::CreateInterfaceEndpoint { service, ports, allowed_ranges, .. } => {
            (service, Kind::Interface { ports, ranges: allowed_ranges.len() })
        }
        _ => return None,
    };
    let name = service.strip_prefix("com.amazonaws")?.strip_prefix(region)?;
    Some(Endpoint { at, name, shown: endpoint_service_name(service).to_string(), kind })
}

/// Why the endpoints are in a unit of their own, as the beginning of a sentence.
fn beside(finder: &Finder<'_>, unit: &VpcUnit, endpoints: &[Endpoint<'_>]) -> String {
    let names: Vec<String> = endpoints.iter().map(|one| one.shown.clone()).collect();
    let (noun, verb) = if names.len() == 1 { ("endpoint", "belongs") } else { ("endpoints", "belong") };
    format!(
        "{} creates the VPC with the module {}, so the {} {noun} {verb} beside it",
        shown(finder.config.boundary.top(), &unit.dir),
        unit.source,
        listed(&names, "and")
    )
}

/// The entries for the unit that has the module for endpoints already.
fn in_unit(
    finder: &Finder<'_>,
    unit: &VpcUnit,
    endpoints: &[Endpoint<'_>],
    (path, code): (PathBuf, &UnitCode),
) -> Option<EditError> {
    endpoints.first()?;
    let top = finder.config.boundary.top();
    let label = code.dependency_on(&unit.dir)?;
    let (dir, is_set) = (shown(top, path.parent()?), |name: &str| code.has_input(name));
    let are_interfaces = endpoints.iter().any(Endpoint::is_interface);
    let needs_group = are_interfaces && !is_set("security_group_ids") && !is_set("create_security_group");
    let entries: String = endpoints
        .iter()
        .map(|one| {
            let (head, fields) = one.entry(unit, &label, (!is_set("subnet_ids"), None));
            block(&head, &fields)
        })
        .collect();
    let (entry, more) = match (endpoints.len(), needs_group) {
        (1, false) => ("this entry", String::new()),
        (_, false) => ("these entries", String::new()),
        (one, true) => {
            let version = too_old(&code.source()?).then(first_version).unwrap_or_default();
            let entry = if one == 1 { "this entry" } else { "these entries" };
            (entry, format!(", and the security group to its inputs{version}"))
        }
    };
    let known = unit.code.values();
    let name = known.get("name").and_then(Value::as_str);
    let group = if needs_group {
        format!("# In the inputs\n{}", text_of(&group(endpoints, &label, name)))
    } else {
        String::new()
    };
    Some(EditError::Given {
        place: place_of_input(top, &path, code, "endpoints"),
        what: format!(
            "{}: add {entry} to the endpoints of this unit{more}, then run terragrunt apply in {dir}",
            beside(finder, unit, endpoints)
        ),
        values: if needs_group { format!("# In the endpoints\n{entries}{group}") } else { entries },
    })
}

/// The unit with the module for endpoints, as a new file beside the unit of the VPC.
fn in_new_unit(finder: &Finder<'_>, unit: &VpcUnit, endpoints: &[Endpoint<'_>]) -> Option<EditError> {
    endpoints.first()?;
    let top = finder.config.boundary.top();
    let folder = unit.dir.file_name()?.to_string_lossy().into_owned();
    let are_interfaces = endpoints.iter().any(Endpoint::is_interface);
    let is_old = are_interfaces && too_old(&unit.source);
    let (address, version) = match unit.source.split_once('?') {
        Some((address, version)) => (address, format!("?{version}")),
        None => (unit.source.as_str(), String::new()),
    };
    let version = match version.split_once('=').filter(|_| is_old) {
        Some((name, own)) => {
            let prefix = if own.starts_with('v') { "v" } else { "" };
            format!("{name}={prefix}{}.{}.0", WITH_GROUP.0, WITH_GROUP.1)
        }
        None => version,
    };
    let source = quoted(&format!("{address}/{ENDPOINTS}{version}"));
    let includes = unit.code.includes().map(|text| format!("{text}\n\n")).collect::<String>();
    // The names of a unit with another input are not known.
    let known = unit.code.values();
    let name = known.get("name").and_then(Value::as_str);
    let entries = endpoints.iter().map(|one| {
        let tag = name.map(|name| format!("{name}-{}", one.name.replace('.', "-")));
        let (head, fields) = one.entry(unit, "vpc", (true, tag));
        Line::Block(head, fields)
    });
    let entries: Vec<Line> = entries.collect();
    let mut lines = vec![attribute("vpc_id", "dependency.vpc.outputs.vpc_id")];
    if are_interfaces {
        lines.push(Line::Blank);
        lines.extend(group(endpoints, "vpc", name));
    }
    lines.extend([Line::Blank, Line::Block("endpoints =".to_owned(), entries)]);
    // Other expressions belong to the unit of the VPC.
    let is_literal = |tags: &String| {
        tags.starts_with('{') && !["local.", "include.", "dependency."].iter().any(|root| tags.contains(root))
    };
    let tags = unit.code.own_input("tags").filter(|_| known.contains_key("tags")).filter(is_literal);
    lines.extend(tags.into_iter().flat_map(|tags| [Line::Blank, attribute("tags", tags)]));
    let after = format!(
        "{}\n{includes}{}\n{}",
        block("terraform", &[attribute("source", source)]),
        block("dependency \"vpc\"", &[attribute("config_path", quoted(&format!("../{folder}")))]),
        block("inputs =", &lines)
    );
    let dir = unit.dir.parent()?.join(format!("{folder}-endpoints"));
    let path = PathBuf::from(shown(top, &dir)).join(TERRAGRUNT);
    let it = if endpoints.len() == 1 { "it would be an endpoint" } else { "they would be endpoints" };
    let of_version = if is_old { first_version() } else { String::new() };
    Some(EditError::Outside {
        place: path.display().to_string(),
        what: format!(
            "{}, in a unit of its own: in the module of this unit, {it} of each unit that calls the module. Create this file{of_version}, \
             then run terragrunt apply in {}",
            beside(finder, unit, endpoints),
            shown(top, &dir)
        ),
        patch: patch(&FileChange { path, before: None, after }),
    })
}

impl Endpoint<'_> {
    fn is_interface(&self) -> bool {
        matches!(self.kind, Kind::Interface { .. })
    }

    /// Its entry in the endpoints. `label` is that of the dependency on the unit of the VPC.
    fn entry(
        &self,
        unit: &VpcUnit,
        label: &str,
        (with_subnets, tag): (bool, Option<String>),
    ) -> (String, Vec<Line>) {
        let mut fields = vec![attribute("service", quoted(self.name))];
        match self.kind {
            Kind::Gateway => fields.extend([
                attribute("service_type", quoted("Gateway")),
                attribute("route_table_ids", format!("dependency.{label}.outputs.{}", unit.tables())),
            ]),
            Kind::Interface { .. } => {
                fields.push(attribute("private_dns_enabled", "true"));
                if with_subnets {
                    fields.push(attribute("subnet_ids", subnets(unit, label)));
                }
            }
        }
        fields.extend(tag.map(|name| attribute("tags", format!("{{ Name = {} }}", quoted(&name)))));
        (format!("{} =", self.name.replace(['.', '-'], "_")), fields)
    }
}

/// The output with the subnets, one for each AZ. The module puts them into the AZs in turn.
fn subnets(unit: &VpcUnit, label: &str) -> String {
    let name = format!("{}_subnets", unit.kind);
    let output = format!("dependency.{label}.outputs.{name}");
    let values = unit.code.values();
    let length = |name: &str| values.get(name).and_then(Value::as_array).map(Vec::len);
    match length(&name).zip(length("azs")) {
        Some((all, zones)) if all > zones => format!("slice({output}, 0, {zones})"),
        _ => output,
    }
}

/// The inputs with which the module creates the security group of its endpoints. Private DNS applies to the whole VPC.
fn group(endpoints: &[Endpoint<'_>], label: &str, name: Option<&str>) -> Vec<Line> {
    let outputs = format!("dependency.{label}.outputs");
    let (mut ports, mut has_more_ranges) = (Vec::new(), false);
    for endpoint in endpoints {
        if let Kind::Interface { ports: own, ranges } = endpoint.kind {
            ports.extend(own);
            has_more_ranges |= ranges > 1;
        }
    }
    ports.sort_unstable();
    ports.dedup();
    let ranges = if has_more_ranges {
        format!("concat([{outputs}.vpc_cidr_block], {outputs}.vpc_secondary_cidr_blocks)")
    } else {
        format!("[{outputs}.vpc_cidr_block]")
    };
    let rule = |port: u16| {
        let of_port = (port != 443)
            .then(|| [attribute("from_port", port.to_string()), attribute("to_port", port.to_string())]);
        let mut lines = vec![attribute("description", quoted("From the whole VPC"))];
        lines.extend(of_port.into_iter().flatten());
        lines.push(attribute("cidr_blocks", ranges.clone()));
        let name = if port == 443 { "https".to_owned() } else { format!("tcp_{port}") };
        Line::Block(format!("{name} ="), lines)
    };
    let name = name.map_or_else(|| "vpc-endpoints".to_owned(), |name| format!("{name}-vpc-endpoints"));
    vec![
        attribute("create_security_group", "true"),
        attribute("security_group_name", quoted(&name)),
        Line::Block("security_group_rules =".to_owned(), ports.into_iter().map(rule).collect()),
    ]
}

/// Lines without a block around them.
fn text_of(lines: &[Line]) -> String {
    let whole = block("x", lines);
    let inner = whole.lines().skip(1).filter(|line| *line != "}");
    inner.map(|line| format!("{}\n", line.strip_prefix("  ").unwrap_or(line))).collect()
}

/// Whether the version in a source is one whose module for endpoints creates no security group.
fn too_old(source: &str) -> bool {
    let version = source.split_once('?').and_then(|(_, query)| query.split_once('='));
    let mut numbers = version.into_iter().flat_map(|(_, version)| version.trim_start_matches('v').split('.'));
    let mut number = || numbers.next().and_then(|number| number.parse::<u64>().ok());
    number().zip(number()).is_some_and(|version| version < WITH_GROUP)
}

/// The version that has it, as the end of a part of a sentence.
fn first_version() -> String {
    format!(
        " (with version {}.{}.0, the first one that creates the security group; it needs the AWS provider 5)",
        WITH_GROUP.0, WITH_GROUP.1
    )
}
