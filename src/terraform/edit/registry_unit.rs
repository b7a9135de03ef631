//! The refusal for a NAT gateway of a VPC that a Terragrunt unit creates with the public VPC module: names the inputs of that unit.

use std::fs;

use crate::remedy::Change;
use crate::terraform::edit::other_root::shown;
use crate::terraform::error::EditError;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::registry::{RegistryModule, of_source};
use crate::terraform::read::unit::UnitCode;
use crate::terraform::read::unit_value::TERRAGRUNT;

const SWITCH: &str = "enable_nat_gateway";

/// The inputs that create the NAT gateway; `None` if no such unit creates the VPC, or the subnets get no route of the module.
pub(super) fn refusal(finder: &Finder<'_>, changes: &[Change]) -> Option<EditError> {
    let nats = changes.iter().filter(|change| matches!(change, Change::CreateNat { .. })).count();
    let unit = finder.config.unit.as_ref().filter(|_| nats > 0)?;
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
    // The module adds routes only to the tables of its private subnets.
    let are_private =
        outputs.iter().all(|output| output.dir == first.dir && output.name.starts_with("private_subnets"));
    are_private.then_some(())?;
    let path = first.dir.join(TERRAGRUNT);
    let stack = finder.config.environment.stack.as_deref();
    let code = UnitCode::read_in_stack(&path, (&finder.config.boundary, stack))?.ok()?;
    let source = code.source().filter(|source| of_source(source) == Some(RegistryModule::Vpc))?;
    let inputs = code.inputs();
    let value = |name: &str| inputs.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    let top = finder.config.boundary.top();
    let place = shown(top, &fs::canonicalize(&path).unwrap_or(path));
    if value(SWITCH) == Some("true") {
        return Some(EditError::AlreadyInCode { address: format!("{SWITCH} = true"), place });
    }
    let number = if nats > 1 { "one_nat_gateway_per_az" } else { "single_nat_gateway" };
    let wanted = [SWITCH, number].into_iter().filter(|name| value(name) != Some("true"));
    let width = number.len();
    Some(EditError::Given {
        place,
        what: format!(
            "this unit creates the VPC with the module {source}, whose {SWITCH} is {} here: set these inputs, then run terragrunt apply in its folder",
            value(SWITCH).unwrap_or("not set, so false")
        ),
        values: wanted.map(|name| format!("{name:<width$} = true\n")).collect(),
    })
}
