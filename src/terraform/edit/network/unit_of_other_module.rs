//! The refusal for a VPC that a Terragrunt unit creates with a module outside this repository: the unit, its module and its inputs.
//!
//! Edits nothing. The unit of the public VPC module is in `nat::registry_unit`.

use hcl::Value;

use crate::remedy::Change;
use crate::terraform::edit::boundary::shown;
use crate::terraform::edit::network::other_root::others_of;
use crate::terraform::edit::network::vpc_unit::place_of_input;
use crate::terraform::edit::stopped::{Also, Stopped};
use crate::terraform::error::EditError;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::registry::{RegistryModule, of_source};
use crate::terraform::read::open_unit::shown_inputs;
use crate::terraform::read::unit::UnitCode;
use crate::terraform::read::unit_value::TERRAGRUNT;

/// What to change by hand, at the first of the changes that belong in that module; `None` if no such unit creates the VPC. `code` adds the
/// code of a change to a refusal.
pub(in crate::terraform::edit) fn refusal(
    finder: &Finder<'_>,
    changes: &[(usize, &Change)],
    code: &dyn Fn(EditError, &Change) -> EditError,
) -> Option<Stopped> {
    let config = finder.config;
    let own = config.unit.as_ref()?;
    let mut origins = finder.network.vpc.iter().chain(finder.network.subnets.iter().flatten());
    let dir = origins.find_map(|origin| match origin {
        Origin::Variable { module, name } if module.address.is_none() => {
            Some(own.outputs.get(name.split(['.', '[']).next()?)?.dir.clone())
        }
        _ => None,
    })?;
    let path = dir.join(TERRAGRUNT);
    let stack = config.environment.stack.as_deref();
    let unit = UnitCode::read_in_stack(&path, (&config.boundary, stack))?.ok()?;
    let source = unit.source()?;
    let is_outside = unit.module().is_none() && !source.starts_with(['.', '/']);
    (is_outside && of_source(&source) != Some(RegistryModule::Vpc)).then_some(())?;
    let is_shared = || !others_of(config, own).is_empty();
    let (at, change) = changes.iter().copied().find(|(_, change)| match change {
        Change::CreateNat { .. } | Change::CreateGatewayEndpoint { .. } => true,
        Change::CreateInterfaceEndpoint { .. } => is_shared() || switch_of(&unit, change).is_some(),
        _ => false,
    })?;
    let is_same = |other: &Change| std::mem::discriminant(other) == std::mem::discriminant(change);
    let is_nat = matches!(change, Change::CreateNat { .. });
    let others = changes.iter().filter(|(other, one)| is_nat && *other != at && is_same(one));
    let also = Some(Box::new(Also::Changes(others.map(|(other, _)| *other).collect())));
    let (top, what) = (config.boundary.top(), described(change));
    let creates =
        format!("this unit creates the VPC with the module {source}, which is not in this repository");
    let places = unit.input_places(top);
    let switch = switch_of(&unit, change)
        .and_then(|name| Some(unit.input_in_file(&config.boundary, &name, places.get(&name)?)));
    let error = match switch {
        Some(input) => input.refusal(
            &format!("{creates}. By its name, the {}, now false, decides the {what}", input.described()),
            "true",
        ),
        None => code(
            EditError::NotUnderstood {
                place: place_of_input(top, &path, &unit, "inputs"),
                what: format!(
                    "{creates}, with {}. If the module has an input for the {what}, set it here. Otherwise the {what} belongs in that \
                     module: give this unit the new version. Then run terragrunt apply in {}",
                    shown_inputs(&unit, top),
                    shown(top, &dir)
                ),
            },
            change,
        ),
    };
    Some(Stopped { also, ..Stopped::at(at, error) })
}

/// What a change creates.
fn described(change: &Change) -> String {
    match change {
        Change::CreateGatewayEndpoint { service, .. } | Change::CreateInterfaceEndpoint { service, .. } => {
            format!("{} endpoint", suffix(service))
        }
        _ => "NAT gateway".to_owned(),
    }
}

/// The end of the name of a service, `s3`.
fn suffix(service: &str) -> &str {
    service.rsplit('.').next().unwrap_or(service)
}

/// The only input that is false and has the name of what a change creates, `enable_nat_gateway` or `s3_endpoint`.
fn switch_of(unit: &UnitCode, change: &Change) -> Option<String> {
    let has = |name: &str, words: &[&str]| {
        let mut parts = name.split(['_', '-']);
        parts.any(|part| words.contains(&part))
    };
    let is_switch = |name: &str| match change {
        Change::CreateGatewayEndpoint { service, .. } | Change::CreateInterfaceEndpoint { service, .. } => {
            has(name, &[suffix(service)]) && has(name, &["endpoint", "endpoints"])
        }
        _ => has(name, &["nat", "natgw"]) && !has(name, &["single", "one", "per"]),
    };
    let values = unit.values();
    let mut found = values.iter().filter(|(name, value)| **value == Value::Bool(false) && is_switch(name));
    found.next().map(|(name, _)| name.clone()).filter(|_| found.next().is_none())
}
