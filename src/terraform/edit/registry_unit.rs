//! The refusals for a VPC that a Terragrunt unit creates with the public VPC module: the inputs of that unit for a NAT gateway, and a unit
//! with the module for endpoints for a gateway endpoint.

use std::fs;
use std::path::{Path, PathBuf};

use crate::remedy::{Change, endpoint_service_name};
use crate::terraform::changeset::FileChange;
use crate::terraform::edit::boundary::patch;
use crate::terraform::edit::boundary::shown;
use crate::terraform::edit::nat_number::NEEDS_SUBNETS;
use crate::terraform::error::EditError;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::registry::{RegistryModule, of_source};
use crate::terraform::lang::render::{Line, attribute, block, quoted};
use crate::terraform::read::unit::UnitCode;
use crate::terraform::read::unit_value::TERRAGRUNT;

const SWITCH: &str = "enable_nat_gateway";
const ENDPOINTS: &str = "/modules/vpc-endpoints";

/// The unit of the VPC, and the output with the route tables of the connector's subnets.
struct VpcUnit {
    dir: PathBuf,
    code: UnitCode,
    source: String,
    tables: String,
}

/// What to change by hand; `None` if no such unit creates the VPC, or the changes are not of these kinds.
pub(super) fn refusal(finder: &Finder<'_>, changes: &[Change]) -> Option<EditError> {
    let nats = changes.iter().filter(|change| matches!(change, Change::CreateNat { .. })).count();
    let service = changes.iter().find_map(|change| match change {
        Change::CreateGatewayEndpoint { service, .. } => Some(service.as_str()),
        _ => None,
    });
    (nats > 0 || service.is_some()).then_some(())?;
    let unit = vpc_unit(finder)?;
    match service {
        // The module adds default routes only to the tables of its private subnets.
        _ if nats > 0 => (unit.tables == "private_route_table_ids").then(|| of_nat(finder, &unit, nats)),
        Some(service) => of_endpoint(finder, &unit, service),
        None => None,
    }
}

fn vpc_unit(finder: &Finder<'_>) -> Option<VpcUnit> {
    let unit = finder.config.unit.as_ref()?;
    let subnets = finder.network.subnets.iter().flatten();
    let outputs: Vec<_> = subnets
        .map(|subnet| match subnet {
            Origin::Variable { module, name } if module.address.is_none() => {
                unit.outputs.get(name.split(['.', '[']).next()?)
            }
            _ => None,
        })
        .collect::<Option<_>>()?;
    let first = outputs.first()?;
    let kind_of = |name: &str| Some(name.split('[').next()?.strip_suffix("_subnets")?.to_owned());
    let kind = kind_of(&first.name)?;
    let are_same =
        outputs.iter().all(|output| output.dir == first.dir && kind_of(&output.name).as_ref() == Some(&kind));
    (are_same && ["private", "public", "intra"].contains(&kind.as_str())).then_some(())?;
    let stack = finder.config.environment.stack.as_deref();
    let path = first.dir.join(TERRAGRUNT);
    let code = UnitCode::read_in_stack(&path, (&finder.config.boundary, stack))?.ok()?;
    let source = code.source().filter(|source| of_source(source) == Some(RegistryModule::Vpc))?;
    Some(VpcUnit { dir: first.dir.clone(), code, source, tables: format!("{kind}_route_table_ids") })
}

/// The inputs that create the NAT gateway.
fn of_nat(finder: &Finder<'_>, unit: &VpcUnit, nats: usize) -> EditError {
    let inputs = unit.code.inputs();
    let value = |name: &str| inputs.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    let top = finder.config.boundary.top();
    let place = place_of_input(top, &unit.dir.join(TERRAGRUNT), &unit.code, SWITCH);
    if value(SWITCH) == Some("true") {
        return EditError::AlreadyInCode { address: format!("{SWITCH} = true"), place };
    }
    let number = if nats > 1 { "one_nat_gateway_per_az" } else { "single_nat_gateway" };
    let wanted = [SWITCH, number].into_iter().filter(|name| value(name) != Some("true"));
    let width = number.len();
    let condition = if nats > 1 { format!(" The module {NEEDS_SUBNETS}") } else { String::new() };
    EditError::Given {
        place,
        what: format!(
            "this unit creates the VPC with the module {}, whose {SWITCH} is {} here.{condition} Set these inputs, then run terragrunt apply in {}",
            unit.source,
            value(SWITCH).unwrap_or("not set, so false"),
            shown(top, &unit.dir)
        ),
        values: wanted.map(|name| format!("{name:<width$} = true\n")).collect(),
    }
}

/// The unit with the module for endpoints: its new entry, or the unit itself beside that of the VPC.
fn of_endpoint(finder: &Finder<'_>, unit: &VpcUnit, service: &str) -> Option<EditError> {
    let top = finder.config.boundary.top();
    let name = service.rsplit('.').next()?;
    let folder = unit.dir.file_name()?.to_string_lossy().into_owned();
    // The label of the dependency in the unit that has it already.
    let entry = |label: &str| {
        let fields = [
            attribute("service", quoted(name)),
            attribute("service_type", quoted("Gateway")),
            attribute("route_table_ids", format!("dependency.{label}.outputs.{}", unit.tables)),
        ];
        (format!("{name} ="), fields.to_vec())
    };
    let of = format!(
        "{} creates the VPC with the module {}, so the {} endpoint belongs beside it",
        shown(top, &unit.dir),
        unit.source,
        endpoint_service_name(service)
    );
    if let Some((path, code)) = unit_of_endpoints(unit) {
        let place = place_of_input(top, &path, &code, "endpoints");
        let dir = shown(top, path.parent()?);
        if code.mentions(name) {
            return Some(EditError::NotApplied {
                address: format!("the {} endpoint", endpoint_service_name(service)),
                place,
                apply: format!("terragrunt apply in {dir}"),
            });
        }
        let (head, fields) = entry(&code.dependency_on(&unit.dir)?);
        return Some(EditError::Given {
            place,
            what: format!(
                "{of}: add this entry to the endpoints of this unit, then run terragrunt apply in {dir}"
            ),
            values: block(&head, &fields),
        });
    }
    let (head, fields) = entry("vpc");
    let (address, version) = match unit.source.split_once('?') {
        Some((address, version)) => (address, format!("?{version}")),
        None => (unit.source.as_str(), String::new()),
    };
    let source = quoted(&format!("{address}/{ENDPOINTS}{version}"));
    let includes = unit.code.includes().map(|text| format!("{text}\n\n")).collect::<String>();
    let endpoints = block("endpoints =", &[Line::Block(head, fields)]);
    let endpoints = endpoints.trim_end().split_once(" = ")?.1.to_owned();
    let after = format!(
        "{}\n{includes}{}\n{}",
        block("terraform", &[attribute("source", source)]),
        block("dependency \"vpc\"", &[attribute("config_path", quoted(&format!("../{folder}")))]),
        block(
            "inputs =",
            &[
                attribute("vpc_id", "dependency.vpc.outputs.vpc_id"),
                Line::Blank,
                attribute("endpoints", endpoints),
            ]
        )
    );
    let dir = unit.dir.parent()?.join(format!("{folder}-endpoints"));
    let path = PathBuf::from(shown(top, &dir)).join(TERRAGRUNT);
    Some(EditError::Outside {
        place: path.display().to_string(),
        what: format!(
            "{of}, in a unit of its own: in the module of this unit, it would be an endpoint of each unit that calls the module. Create this \
             file, then run terragrunt apply in {}",
            shown(top, &dir)
        ),
        patch: patch(&FileChange { path, before: None, after }),
    })
}

/// The unit beside that of the VPC that has the module for endpoints as its source and the VPC as its dependency.
fn unit_of_endpoints(unit: &VpcUnit) -> Option<(PathBuf, UnitCode)> {
    let folders = fs::read_dir(unit.dir.parent()?).ok()?.filter_map(Result::ok);
    let mut paths: Vec<PathBuf> = folders.map(|folder| folder.path().join(TERRAGRUNT)).collect();
    paths.sort();
    paths.into_iter().find_map(|path| {
        let code = UnitCode::read(&path)?.ok()?;
        let source = code.source()?;
        (of_source(&source) == Some(RegistryModule::VpcEndpoints)).then_some(())?;
        code.dependency_on(&unit.dir)?;
        Some((path, code))
    })
}

/// The place of an input of a unit, or of its inputs if it does not have it.
fn place_of_input(top: &Path, path: &Path, code: &UnitCode, name: &str) -> String {
    let places = code.input_places(top);
    let known = places.get(name).and_then(|input| input.places.first().cloned());
    known.unwrap_or_else(|| {
        let line = code.line_of_inputs().map_or_else(String::new, |line| format!(":{line}"));
        shown(top, &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())) + &line
    })
}
