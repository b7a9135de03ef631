//! The internet gateway that the code of a VPC switches off. A NAT gateway needs it.

use crate::model::{Snapshot, Workload};
use crate::terraform::error::EditError;
use crate::terraform::find::registry::{RegistryCall, RegistryModule};
use crate::terraform::find::switch::{Switch, switch_of};
use crate::terraform::find::vpc::vpc_of;
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::read::config::Config;
use crate::terraform::read::place::Place;

const SWITCH: &str = "create_igw";

/// The value that switches off the internet gateway of the workload's VPC: its place, the present value, and the value to put there.
/// `None` if the code has none.
pub(in crate::terraform::edit) fn disabled_internet_gateway(
    config: &Config,
    (snapshot, workload): (&Snapshot, &Workload),
) -> Option<EditError> {
    let vpc = vpc_of(snapshot, workload).and_then(|vpc| snapshot.network.vpcs.get(vpc))?;
    let has_range = |range: Option<String>| {
        range.is_none_or(|range| vpc.cidrs.iter().any(|own| own.to_string() == range))
    };
    let modules = || config.modules().into_iter().filter(|module| module.is_editable());
    let of_call = modules().find_map(|module| {
        module.blocks("module").find_map(|(file, block)| {
            let calls = RegistryCall::instances(Place { module, file, block }, RegistryModule::Vpc);
            let call = calls.into_iter().find(|call| has_range(call.text("cidr")))?;
            (call.text(SWITCH).as_deref() == Some("false")).then_some(())?;
            let argument = block.body.attribute(SWITCH)?;
            let written = file.expression(argument);
            let is_literal = written.text.trim() == "false";
            let value = if is_literal { String::new() } else { format!("`{}`, which is ", written.in_one_line()) };
            Some(EditError::Given {
                place: format!("{}:{}", file.path.display(), file.line(argument.span.start)),
                what: format!(
                    "{SWITCH} is {value}false in module.{}, so the VPC has no internet gateway. Change it, run {}, then run egress-doctor again",
                    call.name(),
                    config.tool().apply()
                ),
                values: format!("{SWITCH} = true\n"),
            })
        })
    });
    let of_block = || {
        modules().find_map(|module| {
            module.resources("aws_internet_gateway").find_map(|(file, block)| {
                let Switch::Value(found) = switch_of(config, module, file, block) else { return None };
                let kept = found.kept(config, module)?;
                let present = module.evaluate(Expr::from(&found.reference())).unwrap_or_default();
                let place = Place { module, file, block };
                Some(EditError::Given {
                    place: kept.location(),
                    what: format!(
                        "{} ({}) exists, but {} is {present}, which disables it. Change it, run {}, then run egress-doctor again",
                        address(block),
                        place.location(),
                        found.reference(),
                        config.tool().apply()
                    ),
                    values: format!("{} = {}\n", found.attributes.last().unwrap_or(&found.name), found.value),
                })
            })
        })
    };
    of_call.or_else(of_block)
}
