//! The value that disables a block, where egress-doctor does not change it: a local that is a condition, or a value in a YAML file.
//!
//! Names its place, the present value and the value to put there.

use hcl_edit::expr::{BinaryOperator, Expression};

use crate::files::read_regular_text;
use crate::terraform::error::EditError;
use crate::terraform::find::switch::{SwitchValue, condition_of, data_paths};
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::{Expr, parse, without_parentheses};
use crate::terraform::lang::render::quoted;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::{CODE_LIMIT, joined};
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// The refusal for a disabled block that names the value which disables it; `None` if that value is not found.
pub(super) fn refusal(config: &Config, place: Place<'_>) -> Option<EditError> {
    in_condition(place).or_else(|| in_data_file(config, place))
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
    let (list, variable) = match without_parentheses(&tree) {
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

/// The value in a YAML file that a local reads, `local.config.nat.enabled`.
fn in_data_file(config: &Config, place: Place<'_>) -> Option<EditError> {
    let Place { module, file, block } = place;
    data_paths(module, file, block).into_iter().find_map(|(local, path)| {
        let written = module.local(&local)?;
        let tree = parse(written)?;
        let Expression::FuncCall(decode) = without_parentheses(&tree) else { return None };
        (decode.name.name.as_str() == "yamldecode").then_some(())?;
        let Expression::FuncCall(read) = without_parentheses(decode.args.iter().next()?) else { return None };
        (read.name.name.as_str() == "file").then_some(())?;
        let name = read.args.iter().next()?.to_string().replace("${path.module}/", "").replace("${path.root}/", "");
        let data = joined(&module.dir, std::path::Path::new(&module.evaluate(Expr::from(name.trim()))?));
        let text = read_regular_text(&config.root.join(&data), CODE_LIMIT).ok()?;
        let (line, now) = value_in_yaml(&text, &path)?;
        let put = match now.as_str() {
            "false" | "no" | "off" => "true",
            "0" => "1",
            _ => return None,
        };
        let key = path.last()?;
        Some(EditError::Given {
            place: format!("{}:{line}", data.display()),
            what: format!(
                "{} ({}) exists, but {} = {now} in this file disables it: set it there, then run terraform apply",
                module.address_of(block),
                place.location(),
                path.join(".")
            ),
            values: format!("{key}: {put}\n"),
        })
    })
}

/// The line and the value at a path of keys in YAML with one key in each line.
pub(super) fn value_in_yaml(text: &str, path: &[String]) -> Option<(usize, String)> {
    // The indentation of each key of the path that is found, and of the first key in it.
    let (mut found, mut inner): (Vec<usize>, Option<usize>) = (Vec::new(), None);
    for (number, line) in text.lines().enumerate() {
        let content = line.trim_start();
        if content.is_empty() || content.starts_with('#') || line == "---" {
            continue;
        }
        let indent = line.len() - content.len();
        if found.last().is_some_and(|outer| indent <= *outer) {
            return None;
        }
        if *inner.get_or_insert(indent) != indent {
            continue;
        }
        let (key, value) = content.split_once(':')?;
        let wanted = path.get(found.len())?;
        if key.trim_matches(['"', '\'']) != wanted {
            continue;
        }
        let value = value.split(" #").next().unwrap_or_default().trim();
        if found.len() + 1 == path.len() {
            return (!value.is_empty()).then(|| (number + 1, value.to_owned()));
        }
        // A value in the same line is another form of YAML.
        value.is_empty().then_some(())?;
        found.push(indent);
        inner = None;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_yaml_has_a_line() {
        let text = "# dev\nlogs: 30\nvpc:\n  nat:\n    # costs\n    enabled: false # later\n  enabled: true\nnat:\n  enabled: true\n";
        let path = |path: &str| path.split('.').map(str::to_owned).collect::<Vec<_>>();
        for (of, expected) in [
            ("vpc.nat.enabled", Some((6, "false"))),
            ("vpc.enabled", Some((7, "true"))),
            ("nat.enabled", Some((9, "true"))),
            ("logs", Some((2, "30"))),
            ("vpc.nat.other", None),
            ("nat.nat", None),
        ] {
            let expected = expected.map(|(line, value)| (line, value.to_owned()));
            assert_eq!(value_in_yaml(text, &path(of)), expected, "{of}");
        }
        assert_eq!(value_in_yaml("nat: { enabled: false }\n", &path("nat.enabled")), None);
    }
}
