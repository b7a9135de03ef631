//! The edit for a VPC that the public VPC module creates: enables the module's NAT gateways in its call.
//!
//! <https://registry.terraform.io/modules/terraform-aws-modules/vpc/aws/latest>

use hcl_edit::expr::Expression;

use crate::model::RouteTableId;
use crate::terraform::edit::amend::add_paragraph;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::Expr;
use crate::terraform::read::place::Place;

const SOURCE: &str = "terraform-aws-modules/vpc/aws";
const SWITCH: &str = "enable_nat_gateway";

/// Enables the module's NAT gateways: one for all AZs, or one in each AZ. Returns `false` if the module
/// does not create the VPC.
///
/// # Errors
/// The call must be changed by hand, an override file changes it, or it enables the NAT gateways already.
pub(in crate::terraform) fn enable_nat(
    draft: &mut Draft<'_>,
    tables: &[RouteTableId],
    one_per_az: bool,
) -> Result<bool, EditError> {
    let Some(caller) = caller(draft) else { return Ok(false) };
    if let Some(place) = caller.module.overridden(caller.block) {
        let what = format!("this override file changes the call of the VPC module ({})", caller.location());
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
    let (one, each) = if one_per_az { ("false", "true") } else { ("true", "false") };
    let by_hand = |what: String| EditError::ByHand {
        place: caller.location(),
        what,
        snippet: format!("{SWITCH} = true\nsingle_nat_gateway = {one}\none_nat_gateway_per_az = {each}"),
    };
    let value = |name: &str| {
        let attribute = caller.block.body.attribute(name)?;
        Some((attribute, caller.file.expression(attribute)))
    };
    if value("public_subnets").is_none_or(|(_, list)| list.is_empty_list()) {
        return Err(by_hand("the module has no public_subnets for a NAT gateway".to_owned()));
    }
    // The module adds routes only to its private route tables.
    let private_subnets = format!("module.{name}.private_subnets");
    let other_table =
        tables.iter().find(|id| match draft.finder.state.of(id.as_str(), &["aws_route_table"]) {
            Some(managed) => managed.name != "private" || managed.module.as_deref() != Some(module.as_str()),
            None => {
                !draft.finder.state.is_empty()
                    || !Expr::from(&draft.finder.code.subnets).has_only_elements_of(&private_subnets)
            }
        });
    if let Some(table) = other_table {
        return Err(by_hand(format!(
            "it is unknown whether {table} is one of the module's private route tables, and the module adds routes only to these"
        )));
    }
    let mut absent: Vec<(&str, &str)> = Vec::new();
    for (name, new_value) in [(SWITCH, "true"), ("single_nat_gateway", one), ("one_nat_gateway_per_az", each)]
    {
        let Some((attribute, expression)) = value(name) else {
            if new_value == "true" {
                absent.push((name, "true"));
            }
            continue;
        };
        match expression.tree().as_deref() {
            Some(Expression::Bool(on)) if *on.value() && name == SWITCH => {
                return Err(EditError::AlreadyInCode {
                    address: gateway.to_string(),
                    place: caller.location(),
                });
            }
            _ if name != SWITCH && draft.finder.target.evaluate(expression).as_deref() == Some(new_value) => {
            }
            Some(Expression::Bool(_) | Expression::Null(_)) => {
                draft.splice(caller.file, Splice::new(attribute.value.clone(), new_value));
            }
            _ => match expression.variable() {
                Some(variable) if draft.set_variable(&variable, new_value, 1) => {}
                _ => {
                    return Err(by_hand(format!(
                        "{name} is `{}`: change the value of that expression to {new_value}",
                        expression.in_one_line()
                    )));
                }
            },
        }
    }
    if let Some(splice) = add_paragraph(caller.file, caller.block, &absent)? {
        draft.splice(caller.file, splice);
    }
    let enabled = [("aws_eip", "nat"), ("aws_nat_gateway", "this"), ("aws_route", "private_nat_gateway")];
    let address = |(kind, name): &(&str, &str)| ResourceAddress::new(Some(&module), kind, name);
    draft.reenabled.extend(enabled.iter().map(address));
    draft.note(&format!(
        "module.{name} creates the NAT gateway, its Elastic IP and a default route in each of its private route tables."
    ));
    Ok(true)
}

/// The call of the public VPC module, if it creates the workload's VPC.
fn caller<'a>(draft: &Draft<'a>) -> Option<Place<'a>> {
    let vpc = Expr::from(&draft.finder.code.vpc_id).reference()?;
    let name = vpc.strip_prefix("module.")?.strip_suffix(".vpc_id")?;
    let mut blocks = draft.finder.target.blocks("module");
    let (file, block) = blocks.find(|(_, block)| block.labels.first().is_some_and(|label| label == name))?;
    let source = draft.finder.target.evaluate(file.expression(block.body.attribute("source")?))?;
    let place = Place { module: draft.finder.target, file, block };
    let is_vpc_module = source.trim_start_matches("registry.terraform.io/") == SOURCE;
    (is_vpc_module && !place.is_one_of_several()).then_some(place)
}
