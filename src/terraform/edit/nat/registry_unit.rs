//! The refusals for a VPC that a Terragrunt unit creates with the public VPC module: the inputs of that unit for a NAT gateway, and a unit
//! with the module for endpoints.

use crate::remedy::Change;
use crate::terraform::edit::boundary::shown;
use crate::terraform::edit::endpoint;
use crate::terraform::edit::nat::number::NEEDS_SUBNETS;
use crate::terraform::edit::network::other_root::others_of;
use crate::terraform::edit::network::vpc_unit::{VpcUnit, place_of_input, unit_of_endpoints, vpc_unit};
use crate::terraform::edit::stopped::{Also, Stopped};
use crate::terraform::error::EditError;
use crate::terraform::find::finder::Finder;
use crate::terraform::read::unit_value::TERRAGRUNT;

const SWITCH: &str = "enable_nat_gateway";

/// What to change by hand, at the first of the changes that it has; `None` if no such unit creates the VPC, or the changes are not of
/// these kinds.
pub(in crate::terraform::edit) fn refusal(
    finder: &Finder<'_>,
    changes: &[(usize, &Change)],
) -> Option<Stopped> {
    let of = |is_wanted: &dyn Fn(&Change) -> bool| -> Vec<(usize, &Change)> {
        changes.iter().copied().filter(|(_, change)| is_wanted(change)).collect()
    };
    let nats = of(&|change| matches!(change, Change::CreateNat { .. }));
    let gateways = of(&|change| matches!(change, Change::CreateGatewayEndpoint { .. }));
    let interfaces = of(&|change| matches!(change, Change::CreateInterfaceEndpoint { .. }));
    (!nats.is_empty() || !gateways.is_empty() || !interfaces.is_empty()).then_some(())?;
    let unit = vpc_unit(finder)?;
    // The module adds default routes only to the tables of its private subnets.
    if let Some((at, _)) = nats.first() {
        (unit.tables() == "private_route_table_ids").then_some(())?;
        let others = nats.iter().skip(1).map(|(at, _)| *at).collect();
        let also = Some(Box::new(Also::Changes(others)));
        return Some(Stopped { also, ..Stopped::at(*at, of_nat(finder, &unit, nats.len())) });
    }
    // A module that only this unit calls can have them.
    let is_shared = || {
        let config = finder.config;
        config.unit.as_ref().is_some_and(|unit| !others_of(config, unit).is_empty())
    };
    let mut wanted = gateways;
    if unit_of_endpoints(&unit).is_some() || is_shared() {
        wanted.extend(interfaces);
    }
    endpoint::registry_unit_endpoints::refusal(finder, &unit, &wanted)
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
    let width = number.len();
    let line = |name: &str| format!("{name:<width$} = true\n");
    let is_number_set = value(number) == Some("true");
    let condition = if nats > 1 { format!(" The module {NEEDS_SUBNETS}") } else { String::new() };
    let now = value(SWITCH).unwrap_or("not set, so false");
    let (module, dir) = (&unit.source, shown(top, &unit.dir));
    // The value can be in a file of the environment that the unit reads.
    let places = unit.code.input_places(top);
    let read = places.get(SWITCH).map(|own| unit.code.input_in_file(&finder.config.boundary, SWITCH, own));
    if let Some(read) = read
        && let Some(by) = &read.read_by
        && let Some(in_file) = read.line("true")
    {
        let rest = if is_number_set {
            String::new()
        } else {
            format!("# In the inputs of {dir}\n{number} = true\n")
        };
        return EditError::Given {
            place: read.places.join(" and "),
            what: format!(
                "the Terragrunt unit {dir} creates the VPC with the module {module}, and its input {SWITCH}, now {now}, is {} of this \
                 file.{condition} So {}, then run {}",
                by.keys,
                read.next(),
                read.apply()
            ),
            values: in_file + &rest,
        };
    }
    let rest = if is_number_set { String::new() } else { line(number) };
    EditError::Given {
        place,
        what: format!(
            "this unit creates the VPC with the module {module}, whose {SWITCH} is {now} here.{condition} Set these inputs, then run \
             terragrunt apply in {dir}"
        ),
        values: line(SWITCH) + &rest,
    }
}
