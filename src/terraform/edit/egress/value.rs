//! Sets DEFAULT egress where the code keeps the value of `egress_type`: in a variable, a local, or the entry of this service in a map.
//!
//! The connector's ARN must be `null` with DEFAULT egress, so it gets the same condition if it has none.

use std::ops::Range;

use hcl::Value;
use hcl_edit::expr::{BinaryOperator, Expression, ObjectKey, TraversalOperator};

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::egress::by_switch::{announce_lost, set_switch};
use crate::terraform::edit::text::list::insert_entry;
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::find::app_runner_code::egress_configuration;
use crate::terraform::find::instances::{for_instance, instance_keys, key_of_name, service_key};
use crate::terraform::find::network::CONNECTOR;
use crate::terraform::find::one_environment::{OneEnvironment, condition_in, of_file, other_var_files};
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::{Expr, conditional, parse, without_parentheses};
use crate::terraform::lang::partial::references;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::{Attribute, Block};
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::instantiate::value_with_field;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

const DEFAULT: &str = "\"DEFAULT\"";

/// Sets the value that `egress_type` refers to. Returns `false`, and edits nothing, if the value is not kept in one place or has other
/// uses.
pub(in crate::terraform) fn set_value<'a>(draft: &mut Draft<'a>, service: Place<'a>, egress: &Block) -> bool {
    let Place { file, module, .. } = service;
    let (Some(kind), arn) =
        (egress.body.attribute("egress_type"), egress.body.attribute("vpc_connector_arn"))
    else {
        return false;
    };
    let expression = file.expression(kind);
    let Some(arn_edit) = conditional_arn(file, expression, arn) else {
        return set_switch(draft, service, (expression, arn));
    };
    let is_set = if !module.is_editable() && !arn_edit.is_empty() {
        false
    } else if let Some(name) = expression.variable() {
        // The variable may be used in these two attributes only.
        let uses = [Some(kind), arn]
            .into_iter()
            .flatten()
            .map(|attribute| uses_in(file, attribute, &format!("var.{name}")));
        draft.set_variable_of(module, &name, DEFAULT, uses.sum())
    } else if let Some(name) = expression.local() {
        set_local(draft, module, &name, (file, kind, arn))
    } else {
        set_entry(draft, service, expression)
    };
    let is_function = || matches!(expression.tree().as_deref(), Some(Expression::FuncCall(_)));
    if is_set {
        draft.splice_all(file, arn_edit);
        return true;
    }
    if set_switch(draft, service, (expression, arn)) {
        return true;
    }
    // `coalesce(var.egress_type, "VPC")` with an ARN that does not depend on it.
    let is_open = module.is_editable() && !arn_edit.is_empty() && is_function();
    let is_set = is_open && set_switch(draft, service, (expression, None));
    if is_set {
        draft.splice_all(file, arn_edit);
    }
    is_set
}

/// Notes that the connector is not removed, and what else uses it.
fn note_connector(draft: &mut Draft<'_>) {
    let (service, connector) = (draft.finder.code.service, draft.finder.code.connector);
    if !connector.block.is_resource(CONNECTOR) {
        draft.note("The connector is not removed, because other services may use it. Remove it in a later change when it is unused.");
        return;
    }
    if draft.destroys.iter().any(|lost| lost.is_of(&connector.address_in_root().without_key())) {
        return;
    }
    let name = address(connector.block);
    let mut users = Vec::new();
    let is_shared = service.is_one_of_several() && !connector.is_one_of_several();
    if is_shared && can_others_use_connector(service, &draft.finder.workload.name) {
        users.push(format!("the other services of {} also refer to it", address(service.block)));
    }
    for kind in ["resource", "data", "module", "output", "locals"] {
        for (file, block) in connector.module.blocks(kind) {
            let place = Place { module: connector.module, file, block };
            let refers = || references(&format!("{}\n", draft.edited(file, &block.span))).contains(&name);
            if !place.is_same_block(&service) && !place.is_same_block(&connector) && refers() {
                let description = match kind {
                    "locals" => format!("locals ({})", place.location()),
                    "module" | "output" => format!("{kind}.{}", address(block)),
                    _ => address(block),
                };
                users.push(format!("{description} also refers to it"));
            }
        }
    }
    if connector.module.is_shared_module {
        users.push("another root module calls the module that creates it".to_owned());
    }
    draft.note(&if users.is_empty() {
        format!(
            "{name} is not removed, because other services may use it. Remove it in a later change when it is unused."
        )
    } else {
        format!("{name} is not removed: {}.", users.join(", and "))
    });
}

/// Whether another service of the block can have the connector: the egress of all others is not known to be DEFAULT.
fn can_others_use_connector(service: Place<'_>, name: &str) -> bool {
    let kind = egress_configuration(service.block).and_then(|egress| egress.body.attribute("egress_type"));
    let own = key_of_name(service, "service_name", name);
    let (Some(kind), Some(keys), Some(own)) = (kind, instance_keys(service), own) else { return true };
    let written = service.file.expression(kind);
    let is_default = |key: &String| {
        let egress = for_instance(service, key, written.text);
        service.module.evaluate(egress.as_str()).as_deref() == Some("DEFAULT")
    };
    !keys.iter().filter(|key| **key != own).all(is_default)
}

/// Adds the edits of the service, and the note about its connector.
pub(in crate::terraform) fn finish(draft: &mut Draft<'_>, file: &File, splices: Vec<Splice>) {
    draft.splice_all(file, splices);
    draft.change(&draft.finder.code.service.address_in_root());
    note_connector(draft);
}

/// The edit that makes the ARN `null` with DEFAULT egress: the condition of `egress_type`; empty if it is already. `None` if the
/// condition would be unclear.
pub(in crate::terraform) fn conditional_arn(
    file: &File,
    egress_type: Expr<'_>,
    arn: Option<&Attribute>,
) -> Option<Vec<Splice>> {
    let Some(arn) = arn else { return Some(Vec::new()) };
    let written = file.expression(arn);
    let tree = written.tree()?;
    if let Some(cases) = conditional(&tree)
        && let Some(is_true) = with_default(&cases.cond_expr, egress_type)
        && let case = if is_true { &cases.true_expr } else { &cases.false_expr }
        && matches!(without_parentheses(case), Expression::Null(_))
    {
        return Some(Vec::new());
    }
    let condition = egress_type.text.trim();
    if condition.contains('\n') {
        return None;
    }
    with_condition(file, arn, &format!("{condition} == \"VPC\""))
}

/// The edit that makes an ARN `null` without a condition; empty if it is already. `None` for an expression over several lines.
pub(in crate::terraform::edit) fn with_condition(
    file: &File,
    arn: &Attribute,
    condition: &str,
) -> Option<Vec<Splice>> {
    let written = file.expression(arn);
    let tree = written.tree()?;
    let cases = conditional(&tree);
    if let Some(cases) = cases
        && Expr::parsed("", &cases.cond_expr).is_same(Expr::from(condition))
        && matches!(without_parentheses(&cases.false_expr), Expression::Null(_))
    {
        return Some(Vec::new());
    }
    let text = written.text.trim();
    if text.contains('\n') {
        return None;
    }
    let text = if cases.is_some() { format!("({text})") } else { text.to_owned() };
    Some(vec![Splice::new(arn.value.clone(), format!("{condition} ? {text} : null"))])
}

/// The value of a condition with DEFAULT egress, if it compares `egress_type` with a text; `None` for another condition.
fn with_default(condition: &Expression, egress_type: Expr<'_>) -> Option<bool> {
    let Expression::BinaryOp(operation) = without_parentheses(condition) else { return None };
    let is_equal = match operation.operator.value() {
        BinaryOperator::Eq => true,
        BinaryOperator::NotEq => false,
        _ => return None,
    };
    let sides = [(&operation.lhs_expr, &operation.rhs_expr), (&operation.rhs_expr, &operation.lhs_expr)];
    let other = |(one, other): (&Expression, &Expression)| {
        let is_own = Expr::parsed("", one).is_same(egress_type);
        is_own.then(|| without_parentheses(other).as_str().map(str::to_owned)).flatten()
    };
    let text = sides.into_iter().find_map(other)?;
    Some((text == "DEFAULT") == is_equal)
}

/// The number of references to a variable or local in an attribute.
fn uses_in(file: &File, attribute: &Attribute, reference: &str) -> usize {
    let text = format!("x = {}\n", file.value(attribute));
    references(&text).iter().filter(|used| *used == reference).count()
}

fn set_local<'a>(
    draft: &mut Draft<'a>,
    module: &'a Module,
    name: &str,
    (file, kind, arn): (&File, &Attribute, Option<&Attribute>),
) -> bool {
    let reference = format!("local.{name}");
    let all: usize = module
        .files
        .iter()
        .map(|file| references(&file.text).iter().filter(|used| **used == reference).count())
        .sum();
    let own: usize = [Some(kind), arn].into_iter().flatten().map(|one| uses_in(file, one, &reference)).sum();
    let found = module.blocks("locals").find_map(|(file, block)| Some((file, block.body.attribute(name)?)));
    let Some((local_file, attribute)) = found else { return false };
    let expression = local_file.expression(attribute);
    if let Some(variable) = expression.variable() {
        return all == own && draft.set_variable_of(module, &variable, DEFAULT, 1);
    }
    if all != own || expression.string().as_deref() != Some("VPC") {
        return false;
    }
    let environment = of_file(draft.finder.config, local_file);
    let condition = condition_in(draft.finder.config, environment.as_ref());
    let value = match environment {
        _ if condition.as_ref().is_some_and(|condition| condition.fits(module)) => {
            let is_this = condition.map(|condition| condition.text()).unwrap_or_default();
            format!("{is_this} ? {DEFAULT} : \"VPC\"")
        }
        Some(OneEnvironment::Unit { .. }) | None => DEFAULT.to_owned(),
        Some(OneEnvironment::VarFile(..)) if other_var_files(draft.finder.config).is_empty() => {
            DEFAULT.to_owned()
        }
        // The value is that of other environments too.
        Some(_) => return false,
    };
    draft.splice(local_file, Splice::new(attribute.value.clone(), value));
    true
}

/// Sets the field of this service's entry in the map of `for_each`.
fn set_entry<'a>(draft: &mut Draft<'a>, service: Place<'a>, egress_type: Expr<'_>) -> bool {
    let key = service_key(service, &draft.finder.workload.name);
    key.is_some_and(|key| set_entry_of(draft, (service, &key), egress_type))
}

/// Sets the field of the entry in the map of the `for_each` of the call that creates the service, `egress_type = each.value.egress`. Returns
/// `false`, and edits nothing, if the call has another form.
pub(in crate::terraform) fn set_in_entry_of_call<'a>(
    draft: &mut Draft<'a>,
    (service, call): (Place<'a>, Place<'a>),
    egress: &Block,
) -> bool {
    let argument = |expression: Option<Expr<'_>>| {
        let name = expression?.variable()?;
        call.block.body.attribute(&name).map(|value| (name, call.file.expression(value)))
    };
    let (kind, arn) = (egress.body.attribute("egress_type"), egress.body.attribute("vpc_connector_arn"));
    let kind = kind.map(|kind| service.file.expression(kind));
    let is_conditional =
        kind.and_then(|kind| conditional_arn(service.file, kind, arn)).is_some_and(|edit| edit.is_empty());
    let name = argument(service.module.expression(service.file, service.block, "service_name"));
    let key = name.and_then(|(name, _)| key_of_name(call, &name, &draft.finder.workload.name));
    let key = key.and_then(|key| Some(key.strip_prefix("[\"")?.strip_suffix("\"]")?.to_owned()));
    match (argument(kind), key.filter(|_| is_conditional)) {
        (Some((_, egress_type)), Some(key)) => set_entry_of(draft, (call, &key), egress_type),
        _ => false,
    }
}

/// Sets a flag in the entry of this service that decides `egress_type`, `each.value.private ? "VPC" : "DEFAULT"`.
pub(in crate::terraform) fn set_flag_of_entry<'a>(
    draft: &mut Draft<'a>,
    (service, key): (Place<'a>, &str),
    egress: &Block,
) -> bool {
    let value = |name: &str| egress.body.attribute(name).map(|value| service.file.expression(value));
    let Some(kind) = value("egress_type") else { return false };
    let Some((file, span)) = map_of(draft.finder.config, service) else { return false };
    let Some(entry) = entry_in(file, &span, key) else { return false };
    let tree = parse(file.slice(entry.clone()));
    let Some(Expression::Object(fields)) = tree.as_ref() else { return false };
    for (name, field) in fields {
        let (Some(name), Expression::Bool(on)) = (key_text(name), without_parentheses(field.expr())) else {
            continue;
        };
        let new = Value::Bool(!*on.value());
        let with_flag =
            |written: Expr<'_>| value_with_field(service, &quoted(key), (name.as_str(), &new), written);
        let is_default = with_flag(kind).is_some_and(|kind| kind.as_str() == Some("DEFAULT"))
            && value("vpc_connector_arn").is_none_or(|arn| with_flag(arn).is_some_and(|arn| arn.is_null()));
        let Some(at) = span_of(field.expr()).filter(|_| is_default) else { continue };
        draft.splice(file, Splice::new(entry.start + at.start..entry.start + at.end, new.to_string()));
        let connector = draft.finder.code.connector;
        let each = connector.module.expression(connector.file, connector.block, "for_each");
        if each.is_some_and(|each| each.text.contains(&format!(".{name}"))) {
            let lost = connector.address_in_root().with_key(format!("[{}]", quoted(key)));
            announce_lost(draft, vec![lost], &name);
        }
        return true;
    }
    false
}

/// Sets the field that an expression takes from the entry with a key.
pub(in crate::terraform::edit) fn set_entry_of<'a>(
    draft: &mut Draft<'a>,
    (place, key): (Place<'a>, &str),
    expression: Expr<'_>,
) -> bool {
    let Some(field) = field_of(expression) else { return false };
    let Some((file, span)) = map_of(draft.finder.config, place) else { return false };
    let Some(entry) = entry_in(file, &span, key) else { return false };
    let tree = parse(file.slice(entry.clone()));
    let Some(Expression::Object(fields)) = tree.as_ref() else { return false };
    let value = fields.iter().find(|(name, _)| key_text(name).as_deref() == Some(field.as_str()));
    if let Some((_, value)) = value {
        let Some(at) = span_of(value.expr()) else { return false };
        if without_parentheses(value.expr()).as_str() != Some("VPC") {
            return false;
        }
        draft.splice(file, Splice::new(entry.start + at.start..entry.start + at.end, DEFAULT));
    } else {
        let Some(splice) = insert_entry(file, &entry, &field, DEFAULT) else { return false };
        draft.splice(file, splice);
    }
    true
}

/// The field in `each.value.egress`, `lookup(each.value, "egress", …)` or `try(each.value.egress, …)`.
pub(in crate::terraform::edit) fn field_of(expression: Expr<'_>) -> Option<String> {
    let tree = expression.tree()?;
    match &*tree {
        Expression::FuncCall(call) => {
            let mut arguments = call.args.iter();
            let (first, second) = (arguments.next()?, arguments.next()?);
            match call.name.name.as_str() {
                "lookup" => {
                    let map = crate::terraform::lang::expression::reference(first)?;
                    (map == "each.value").then(|| without_parentheses(second).as_str().map(str::to_owned))?
                }
                "try" | "coalesce" => field_of(Expr::parsed("", first)),
                _ => None,
            }
        }
        Expression::Traversal(traversal) => {
            let Expression::Variable(root) = &traversal.expr else { return None };
            match traversal.operators.iter().map(hcl_edit::Decorated::value).collect::<Vec<_>>().as_slice() {
                [TraversalOperator::GetAttr(value), field]
                    if root.as_str() == "each" && value.as_str() == "value" =>
                {
                    match field {
                        TraversalOperator::GetAttr(name) => Some(name.as_str().to_owned()),
                        TraversalOperator::Index(name) => {
                            without_parentheses(name).as_str().map(str::to_owned)
                        }
                        _ => None,
                    }
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The object of a `for_each`: in the block, in a local, or for the root module in a `*.tfvars` file that Terraform loads or the
/// default of a variable.
fn map_of<'a>(config: &'a Config, service: Place<'a>) -> Option<(&'a File, Range<usize>)> {
    let Place { module, file, block } = service;
    let attribute = block.body.attribute("for_each")?;
    let tree = file.expression(attribute).tree()?;
    // `{ for name, one in local.services : name => one if one.on }` has the entries of the collection.
    let collection = match &*tree {
        Expression::ForExpr(each) => without_parentheses(&each.intro.collection_expr).clone(),
        other => other.clone(),
    };
    let collection = Expr::parsed("", &collection);
    if let Some(name) = collection.local() {
        return module.blocks("locals").find_map(|(file, block)| {
            let attribute = block.body.attribute(&name)?;
            Some((file, attribute.value.clone()))
        });
    }
    if let Some(name) = collection.variable() {
        if module.address.is_some() || config.is_remote || !config.json_var_files.is_empty() {
            return None;
        }
        let set = config.var_files.iter().rev().find_map(|file| Some((file, file.body.attribute(&name)?)));
        let default = || {
            let (file, block) = module.block("variable", &[&name])?;
            Some((file, block.body.attribute("default")?))
        };
        return set.or_else(default).map(|(file, attribute)| (file, attribute.value.clone()));
    }
    Some((file, attribute.value.clone()))
}

/// The span of an entry's value in a map.
fn entry_in(file: &File, map: &Range<usize>, key: &str) -> Option<Range<usize>> {
    let tree = parse(file.slice(map.clone()))?;
    let Expression::Object(entries) = &tree else { return None };
    let (_, value) = entries.iter().find(|(name, _)| key_text(name).as_deref() == Some(key))?;
    let at = span_of(value.expr())?;
    Some(map.start + at.start..map.start + at.end)
}

fn key_text(key: &ObjectKey) -> Option<String> {
    match key {
        ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
        ObjectKey::Expression(key) => without_parentheses(key).as_str().map(str::to_owned),
    }
}

fn span_of(expression: &Expression) -> Option<Range<usize>> {
    hcl_edit::Span::span(expression)
}
