//! The value that disables a block, where egress-doctor does not change it: a local that is a condition, or a value in a data file.
//!
//! Names its place, the present value and the value to put there.

use hcl_edit::expr::{BinaryOperator, Expression};

use crate::terraform::edit::values;
use crate::terraform::error::EditError;
use crate::terraform::find::switch::{SwitchValue, condition_of};
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::{Expr, parse, without_parentheses};
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::Attribute;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// The refusal for a disabled block that names the value which disables it; `None` if that value is not found.
pub(in crate::terraform::edit) fn refusal(config: &Config, place: Place<'_>) -> Option<EditError> {
    in_condition(place)
        .or_else(|| in_empty_collection(place))
        .or_else(|| values::data_file::of_block(config, place))
}

/// The refusal for an argument that is such a condition, `contains(["staging"], var.environment)`: the condition that is true here too;
/// `None` for another expression.
///
/// `owner` is the address of the call or block, `module.vpc`.
pub(in crate::terraform::edit) fn of_argument(
    owner: &str,
    (module, file): (&Module, &File),
    argument: &Attribute,
) -> Option<EditError> {
    let written = file.expression(argument);
    let now = module.evaluate(written).filter(|now| now != "true")?;
    let put = extended(module, written.text)?;
    Some(EditError::Given {
        place: format!("{}:{}", file.path.display(), file.line(argument.span.start)),
        what: format!(
            "{} of {owner} is `{}`, which is {now} here. Other environments use this condition too: add this one to it, then run terraform \
             apply",
            argument.name,
            written.in_one_line()
        ),
        values: format!("{} = {put}\n", argument.name),
    })
}

/// The condition in a local, `is_prod = var.environment == "prod"`.
fn in_condition(place: Place<'_>) -> Option<EditError> {
    let Place { module, file, block } = place;
    let found = condition_of(module, file, block)?;
    let (at, written) = local_of(module, &found.name)?;
    let other = also_controls(module, &found, &[address(block)]);
    let what = format!(
        "{} ({}) exists, but local.{} disables it: `{}` is {} here{}. Other environments use this condition too",
        module.address_of(block),
        place.location(),
        found.name,
        Expr::from(&written).in_one_line(),
        if found.value == "true" { "false" } else { "true" },
        other.map_or_else(String::new, |other| format!(", and {other} depends on it too")),
    );
    Some(match extended(module, &written).filter(|_| found.value == "true") {
        Some(put) => EditError::Given {
            place: at,
            what: format!("{what}: add this one to it, then run terraform apply"),
            values: format!("{} = {put}\n", found.name),
        },
        None => EditError::Answer {
            place: at,
            what: format!(
                "{what}: change it so that it is {} in this one only, then run terraform apply",
                found.value
            ),
        },
    })
}

/// The empty list or map in a local, `nat_gateways = {}`, from which the block has its instances.
fn in_empty_collection(place: Place<'_>) -> Option<EditError> {
    let Place { module, file, block } = place;
    let name = file.expression(block.body.attribute("for_each")?).local()?;
    let (at, written) = local_of(module, &name)?;
    let is_empty = match without_parentheses(&parse(&written)?) {
        Expression::Array(list) => list.is_empty(),
        Expression::Object(map) => map.is_empty(),
        _ => false,
    };
    is_empty.then_some(())?;
    let subnet = block.body.attribute("subnet_id").map(|subnet| file.expression(subnet).in_one_line());
    let used = subnet.map_or_else(String::new, |subnet| format!(", whose subnet_id is `{subnet}`"));
    let what = format!(
        "{} ({}) exists, but local.{name} is empty, so it has no instance: add an entry here for a new instance{used}, then run terraform apply",
        module.address_of(block),
        place.location()
    );
    Some(EditError::Answer { place: at, what })
}

/// Another block that the local enables or that refers to it.
fn also_controls(module: &Module, found: &SwitchValue, own: &[String]) -> Option<String> {
    let is_nat = |name: &String| {
        name.starts_with("aws_eip.") || name.starts_with("aws_nat_gateway.") || name.starts_with("aws_route.")
    };
    let enabled = found.enabled(module).into_iter().find(|name| !own.contains(name) && !is_nat(name));
    enabled.or_else(|| found.other_use(module, own))
}

/// The place and the expression of a local.
fn local_of(module: &Module, name: &str) -> Option<(String, String)> {
    module.blocks("locals").find_map(|(file, block)| {
        let value = block.body.attribute(name)?;
        let at = format!("{}:{}", file.path.display(), file.line(value.span.start));
        Some((at, file.value(value).trim().to_owned()))
    })
}

/// A comparison of a variable with a text, extended by the present value: `contains(["prod", "dev"], var.environment)`.
fn extended(module: &Module, written: &str) -> Option<String> {
    let tree = parse(written)?;
    let is = |case: &Expression, on: bool| without_parentheses(case).as_bool() == Some(on);
    let condition = match without_parentheses(&tree) {
        Expression::Conditional(cases) if is(&cases.true_expr, true) && is(&cases.false_expr, false) => {
            &cases.cond_expr
        }
        other => other,
    };
    let (list, variable) = match without_parentheses(condition) {
        Expression::BinaryOp(compared) if *compared.operator.value() == BinaryOperator::Eq => {
            let sides = [(&compared.lhs_expr, &compared.rhs_expr), (&compared.rhs_expr, &compared.lhs_expr)];
            sides.into_iter().find_map(|(one, other)| {
                Some((vec![one.as_str()?.to_owned()], Expr::parsed("", other).reference()?))
            })?
        }
        Expression::FuncCall(call) if call.name.name.as_str() == "contains" => {
            let mut arguments = call.args.iter();
            let list = arguments.next()?.as_array()?;
            let list = list.iter().map(|one| one.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()?;
            (list, Expr::parsed("", arguments.next()?).reference()?)
        }
        _ => return None,
    };
    let present = module.evaluate(Expr::from(&variable))?;
    let all: Vec<String> = list.iter().chain([&present]).map(|text| quoted(text)).collect();
    Some(format!("contains([{}], {variable})", all.join(", ")))
}
