//! The refusal for a value that the code reads from a JSON or YAML file: the file is of one environment or service, and the code of all.

use std::collections::BTreeSet;
use std::path::Path;

use hcl::Value;
use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::visit::{Visit, visit_expr};

use crate::files::read_regular_text;
use crate::terraform::error::EditError;
use crate::terraform::find::app_runner_code::egress_configuration;
use crate::terraform::lang::expression::{Expr, parse, without_parentheses};
use crate::terraform::lang::json_lines::line_of;
use crate::terraform::lang::partial::references;
use crate::terraform::lang::value_lines::value_in_yaml;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::{CODE_LIMIT, joined};
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Limit of the locals that lead to a file.
const DEPTH: usize = 8;

/// A value in a file.
struct DataValue {
    /// `config/prod.json:9`, or the file as it is written in the code.
    place: String,
    /// The keys that lead to it.
    path: Vec<String>,
    is_json: bool,
    now: Option<String>,
}

/// The error for an `egress_type` that a file gives; `None` if no file does.
pub(in crate::terraform::edit) fn refusal(
    config: &Config,
    service: Place<'_>,
    egress_type: Expr<'_>,
) -> Option<EditError> {
    let arn = egress_configuration(service.block)?.body.attribute("vpc_connector_arn");
    let arn = arn.map(|arn| service.file.expression(arn));
    let tree = egress_type.tree()?;
    let mut traversals = Traversals::default();
    traversals.visit_expr(&tree);
    let address = service.address_in_root();
    let location = service.location();
    for written in traversals.found {
        let Some(found) = data_value(config, service.module, &written) else { continue };
        let key = found.path.last()?;
        let with = |expression: Expr<'_>, new: &str| {
            service.module.value(Expr::from(expression.text.replace(&written, new).as_str()))
        };
        let is_default =
            |new: &&str| with(egress_type, new).is_some_and(|kind| kind.as_str() == Some("DEFAULT"));
        let Some(new) = ["\"DEFAULT\"", "false", "true"].into_iter().find(is_default) else { continue };
        let rest = match arn.filter(|arn| with(*arn, new).is_none_or(|arn| !arn.is_null())) {
            Some(arn) => format!(", and make vpc_connector_arn (`{}`) null with it", arn.in_one_line()),
            None => String::new(),
        };
        let of = match found.path.split_last() {
            Some((_, outer)) if !outer.is_empty() => format!(" in {}", outer.join(".")),
            _ => String::new(),
        };
        let now =
            found.now.map_or_else(|| ", which does not set it".to_owned(), |now| format!(", now {now}"));
        return Some(EditError::Given {
            place: found.place,
            what: format!(
                "egress_type of {address} ({location}) is `{}`: {key}{of} of this file decides it{now}. Set it there{rest}, then run {}",
                egress_type.in_one_line(),
                config.tool().apply()
            ),
            values: if found.is_json {
                format!("\"{key}\": {new}\n")
            } else {
                format!("{key}: {}\n", new.trim_matches('"'))
            },
        });
    }
    let file = file_of(service.module, egress_type.text)?;
    Some(EditError::Answer {
        place: location,
        what: format!(
            "egress_type is `{}`, which `{file}` gives: set the value in that file so that egress_type is DEFAULT and vpc_connector_arn is null",
            egress_type.in_one_line()
        ),
    })
}

/// The error for a disabled block that a value in a file enables: `count = try(local.config.network.nat, false) ? 1 : 0`; `None` if no file
/// does.
pub(in crate::terraform::edit) fn of_block(config: &Config, place: Place<'_>) -> Option<EditError> {
    let Place { module, file, block } = place;
    let name = ["count", "for_each"].into_iter().find(|name| block.body.attribute(name).is_some())?;
    let written = module.expression(file, block, name)?;
    let mut traversals = Traversals::default();
    traversals.visit_expr(written.tree()?.as_ref());
    traversals.found.into_iter().find_map(|reference| {
        let found = data_value(config, module, &reference)?;
        let enables = |new: &&str| {
            let text = written.text.replace(&reference, new);
            module.value(Expr::from(text.as_str())).is_some_and(|value| match value {
                Value::Number(number) => number.as_u64().is_some_and(|number| number > 0),
                Value::Array(list) => !list.is_empty(),
                Value::Object(fields) => !fields.is_empty(),
                _ => false,
            })
        };
        let new = ["true", "false", "1"].into_iter().find(enables)?;
        let (key, path) = (found.path.last()?, found.path.join("."));
        let disables = match found.now {
            Some(now) => format!("{path} = {now} in this file disables it: set it there"),
            None => format!("this file does not set {path}, which enables it: add it there"),
        };
        Some(EditError::Given {
            place: found.place,
            what: format!(
                "{} ({}) exists, but {disables}, then run {}",
                module.address_of(block),
                place.location(),
                config.tool().apply()
            ),
            values: if found.is_json { format!("\"{key}\": {new}\n") } else { format!("{key}: {new}\n") },
        })
    })
}

/// The text of a local that reads a file and on which an expression depends.
pub(in crate::terraform::edit) fn file_of(module: &Module, text: &str) -> Option<String> {
    let (mut open, mut seen) = (vec![text.to_owned()], BTreeSet::new());
    while let Some(text) = open.pop() {
        if text.contains("decode(file(") || text.contains("decode(templatefile(") {
            return Some(Expr::from(text.as_str()).in_one_line());
        }
        for reference in references(&format!("x = {text}\n")) {
            let local = reference.strip_prefix("local.").filter(|name| seen.insert((*name).to_owned()));
            open.extend(local.and_then(|name| module.local(name)).map(str::to_owned));
        }
    }
    None
}

/// The value in a file to which a reference leads: `local.config.app.egress`.
fn data_value(config: &Config, module: &Module, reference: &str) -> Option<DataValue> {
    value_at(config, module, (&parse(reference)?, Vec::new()), DEPTH)
}

/// The value at a path of keys in an expression.
fn value_at(
    config: &Config,
    module: &Module,
    (tree, path): (&Expression, Vec<String>),
    depth: usize,
) -> Option<DataValue> {
    let depth = depth.checked_sub(1)?;
    let (root, mut all) = parts_of(without_parentheses(tree))?;
    all.extend(path);
    match root {
        // The last object with the key is in force. Without the key, it belongs into the last file.
        Root::Decode(Expression::FuncCall(merge)) if merge.name.name.as_str() == "merge" => {
            let parts: Vec<&Expression> = merge.args.iter().collect();
            let mut found: Vec<DataValue> = parts
                .iter()
                .rev()
                .filter_map(|part| value_at(config, module, (part, all.clone()), depth))
                .collect();
            let at = found.iter().position(|one| one.now.is_some()).unwrap_or(0);
            (at < found.len()).then(|| found.swap_remove(at))
        }
        Root::Decode(call) => read_value(config, module, &call, all),
        Root::Name(name) if name == "local" => {
            let local = (!all.is_empty()).then(|| all.remove(0))?;
            value_at(config, module, (&parse(module.local(&local)?)?, all), depth)
        }
        Root::Name(name) if name == "var" => {
            let variable = (!all.is_empty()).then(|| all.remove(0))?;
            let call = config.caller(module)?;
            let tree = parse(call.file.value(call.block.body.attribute(&variable)?))?;
            let module = config.modules().into_iter().find(|known| known.address == call.module.address)?;
            value_at(config, module, (&tree, all), depth)
        }
        Root::Name(_) => None,
    }
}

enum Root {
    /// `local` or `var`.
    Name(String),
    /// `jsondecode(…)` or `yamldecode(…)`.
    Decode(Expression),
}

/// The root of a reference, and the attributes after it.
fn parts_of(tree: &Expression) -> Option<(Root, Vec<String>)> {
    match tree {
        Expression::FuncCall(_) => Some((Root::Decode(tree.clone()), Vec::new())),
        Expression::Traversal(traversal) => {
            let attributes = traversal.operators.iter().map(|operator| match operator.value() {
                TraversalOperator::GetAttr(name) => Some(name.as_str().to_owned()),
                TraversalOperator::Index(key) => without_parentheses(key).as_str().map(str::to_owned),
                _ => None,
            });
            let attributes = attributes.collect::<Option<Vec<_>>>()?;
            let root = match without_parentheses(&traversal.expr) {
                Expression::Variable(name) => Root::Name(name.as_str().to_owned()),
                call @ Expression::FuncCall(_) => Root::Decode(call.clone()),
                _ => return None,
            };
            Some((root, attributes))
        }
        _ => None,
    }
}

fn read_value(config: &Config, module: &Module, call: &Expression, path: Vec<String>) -> Option<DataValue> {
    let Expression::FuncCall(decode) = call else { return None };
    let is_json = match decode.name.name.as_str() {
        "jsondecode" => true,
        "yamldecode" => false,
        _ => return None,
    };
    let Expression::FuncCall(read) = without_parentheses(decode.args.iter().next()?) else { return None };
    (read.name.name.as_str() == "file").then_some(())?;
    let written = read.args.iter().next()?.to_string();
    let relative = written.trim().replace("${path.module}/", "").replace("${path.root}/", "");
    let Some(name) = module.evaluate(Expr::from(relative.as_str())) else {
        return Some(DataValue { place: relative.trim_matches('"').to_owned(), path, is_json, now: None });
    };
    let dir = if written.contains("path.module") { module.dir.as_path() } else { Path::new("") };
    let file = joined(dir, Path::new(&name));
    let text = read_regular_text(&config.root.join(&file), CODE_LIMIT).ok()?;
    let found = if is_json {
        let root: serde_json::Value = serde_json::from_str(&text).ok()?;
        let value = path.iter().try_fold(&root, |value, key| value.get(key));
        line_of(&text, &path).zip(value.map(ToString::to_string))
    } else {
        value_in_yaml(&text, &path)
    };
    let (line, now) = found.unzip();
    let place = line.map_or_else(|| file.display().to_string(), |line| format!("{}:{line}", file.display()));
    Some(DataValue { place, path, is_json, now })
}

/// The references to locals and variables, as they are written.
#[derive(Default)]
struct Traversals {
    found: Vec<String>,
}

impl Visit for Traversals {
    fn visit_expr(&mut self, node: &Expression) {
        if let Expression::Traversal(_) = node {
            self.found.push(node.to_string().trim().to_owned());
        }
        visit_expr(self, node);
    }
}
