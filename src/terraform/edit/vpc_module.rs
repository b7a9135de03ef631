//! A VPC that the public module makes: its NAT gateways are turned on where the module is called.
//!
//! <https://registry.terraform.io/modules/terraform-aws-modules/vpc/aws/latest>

use crate::model::RouteTableId;
use crate::terraform::edit::amend::add_paragraph;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::read::place::Place;

const SOURCE: &str = "terraform-aws-modules/vpc/aws";
const SWITCH: &str = "enable_nat_gateway";

/// Turns the module's NAT gateways on, one for all zones or one in each. `false` where the VPC is not the module's.
///
/// # Errors
/// It is, and what it is given does not fit: the place says where to look.
pub(in crate::terraform) fn nat(
    draft: &mut Draft<'_>,
    tables: &[RouteTableId],
    per_zone: bool,
) -> Result<bool, EditError> {
    let Some(caller) = caller(draft) else { return Ok(false) };
    if let Some(place) = caller.module.overridden(caller.block) {
        let what = format!("the call of the VPC module ({}) is overridden here", caller.location());
        return Err(EditError::NotUnderstood { place, what });
    }
    let name = caller.block.labels.first().cloned().unwrap_or_default();
    let module = match &caller.module.address {
        Some(parent) => format!("{parent}.module.{name}"),
        None => format!("module.{name}"),
    };
    let gateway = ResourceAddress::new(Some(&module), "aws_nat_gateway", "this");
    if draft.reenabled.contains(&gateway) {
        return Ok(true);
    }
    let (one, each) = if per_zone { ("false", "true") } else { ("true", "false") };
    let by_hand = |what: String| EditError::ByHand {
        place: caller.location(),
        what,
        snippet: format!("{SWITCH} = true\nsingle_nat_gateway = {one}\none_nat_gateway_per_az = {each}"),
    };
    let value = |name: &str| {
        let attribute = caller.block.body.attribute(name)?;
        Some((attribute, caller.file.value(attribute).trim()))
    };
    if value("public_subnets").is_none_or(|(_, text)| text == "[]") {
        return Err(by_hand(
            "the module is given no public_subnets for a NAT gateway to stand in".to_owned(),
        ));
    }
    // The module routes its private tables and no others.
    let stray = tables.iter().find(|id| match draft.finder.state.of(id.as_str(), &["aws_route_table"]) {
        Some(managed) => managed.name != "private" || managed.module.as_deref() != Some(module.as_str()),
        None => {
            !draft.finder.state.is_empty()
                || !draft.finder.code.subnets.contains(&format!("module.{name}.private_subnets"))
        }
    });
    if let Some(table) = stray {
        return Err(by_hand(format!(
            "{table} is not known to be one of the module's private tables, which are all that it routes"
        )));
    }
    let mut absent: Vec<(&str, &str)> = Vec::new();
    for (name, wanted) in [(SWITCH, "true"), ("single_nat_gateway", one), ("one_nat_gateway_per_az", each)] {
        match value(name) {
            None if wanted == "true" => absent.push((name, "true")),
            None => {}
            Some((_, text)) if text == wanted && name == SWITCH => {
                return Err(EditError::AlreadyInCode {
                    address: gateway.to_string(),
                    place: caller.location(),
                });
            }
            Some((_, text))
                if draft.finder.target.evaluate(text).as_deref() == Some(wanted) && name != SWITCH => {}
            Some((attribute, "true" | "false")) => {
                draft.splice(caller.file, Splice::new(attribute.value.clone(), wanted));
            }
            Some((_, text)) => match text.strip_prefix("var.") {
                Some(variable) if draft.set_variable(variable, wanted, 1) => {}
                _ => return Err(by_hand(format!("{name} is `{text}`: change the value that it takes"))),
            },
        }
    }
    if let Some(splice) = add_paragraph(caller.file, caller.block, &absent)? {
        draft.splice(caller.file, splice);
    }
    let made = [("aws_eip", "nat"), ("aws_nat_gateway", "this"), ("aws_route", "private_nat_gateway")];
    draft.reenabled.extend(made.iter().map(|(kind, name)| ResourceAddress::new(Some(&module), kind, name)));
    draft.note(&format!(
        "module.{name} makes the NAT gateway, its address and a default route in each of its private tables."
    ));
    Ok(true)
}

/// The call of the module that makes the workload's VPC.
fn caller<'a>(draft: &Draft<'a>) -> Option<Place<'a>> {
    let name = draft.finder.code.vpc_id.strip_prefix("module.")?.strip_suffix(".vpc_id")?;
    let mut blocks = draft.finder.target.blocks("module");
    let (file, block) = blocks.find(|(_, block)| block.labels.first().is_some_and(|label| label == name))?;
    let source = draft.finder.target.evaluate(file.value(block.body.attribute("source")?))?;
    let place = Place { module: draft.finder.target, file, block };
    let is_it = source.trim_start_matches("registry.terraform.io/") == SOURCE;
    (is_it && !place.is_one_of_several()).then_some(place)
}
