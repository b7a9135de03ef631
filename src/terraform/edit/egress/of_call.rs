//! Reads and changes the argument `network_configuration` in the call of the App Runner module: of one of the services that a call with
//! `for_each` makes, its entry, or a condition on its key.

use std::ops::Range;

use hcl_edit::expr::Expression;

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::egress::by_switch::announce_lost;
use crate::terraform::edit::egress::value::{set_entry_of, with_condition};
use crate::terraform::edit::text::alignment::set_padding;
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::instances::{for_instance, key_of_name};
use crate::terraform::find::network::CONNECTOR;
use crate::terraform::find::registry::registry_module;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::scan::{Attribute, scan};
use crate::terraform::read::file::File;
use crate::terraform::read::place::Place;

/// Edits the call. `None`, and no edit, if the call has another form.
pub(in crate::terraform::edit) fn set_instance<'a>(
    draft: &mut Draft<'a>,
    call: Place<'a>,
) -> Option<Result<(), EditError>> {
    let Place { module, file, block } = call;
    let is_open = draft.is_editable_call(call) && !file.is_json() && !module.is_installed;
    block.body.attribute("for_each").filter(|_| is_open)?;
    let egress = egress_argument(call)?;
    let attribute = |name: &str| egress.iter().find(|one| one.name == name);
    let kind = attribute("egress_type")?;
    let written = file.expression(kind);
    let key = key_of_name(call, "service_name", &draft.finder.workload.name)?;
    let own = key.strip_prefix("[\"")?.strip_suffix("\"]")?;
    let name = ResourceAddress::module_of(module.address.as_deref(), block.kind()?);
    let of_module = |kind: &str| {
        let address = ResourceAddress::new(Some(&format!("{name}{key}")), kind, "this");
        address.with_key("[0]")
    };
    let service = of_module("aws_apprunner_service");
    let now = module.evaluate(Expr::from(&for_instance(call, &key, written.text)));
    if now.as_deref() == Some("DEFAULT") {
        return Some(Err(EditError::AlreadyInCode { address: service.to_string(), place: call.location() }));
    }
    let is_literal = written.string().as_deref() == Some("VPC");
    let is_other = format!("each.key != \"{own}\"");
    let is_vpc = if is_literal { is_other.clone() } else { format!("{} == \"VPC\"", written.text.trim()) };
    if is_vpc.contains('\n') {
        return None;
    }
    let mut splices = Vec::new();
    let mut loses_connector = false;
    let creates = block.body.attribute("create_vpc_connector");
    let creates = creates.filter(|own| module.evaluate(file.expression(own)).as_deref() != Some("false"));
    match (attribute("vpc_connector_arn"), creates) {
        (Some(arn), _) => splices.extend(with_condition(file, arn, &is_vpc)?),
        // Without an ARN, the module uses the connector that it creates.
        (None, Some(own)) => {
            let is_same = file.expression(own).is_same(Expr::from(&is_vpc));
            let is_true = file.value(own).trim() == "true";
            (is_same || is_true).then_some(())?;
            if is_true {
                splices.push(Splice::new(own.value.clone(), is_vpc));
            }
            loses_connector = true;
        }
        (None, None) => {}
    }
    if is_literal {
        splices
            .push(Splice::new(kind.value.clone(), format!("each.key == \"{own}\" ? \"DEFAULT\" : \"VPC\"")));
    } else if !set_entry_of(draft, (call, own), written) {
        return None;
    }
    draft.splice_all(file, splices);
    draft.change(&service);
    if loses_connector {
        announce_lost(draft, vec![of_module(CONNECTOR)], "create_vpc_connector");
    }
    Some(Ok(()))
}

/// The edits for the App Runner module of the registry that creates the connector: without `vpc_connector_arn`, the module gives the service
/// the ARN of that connector. `None` for another call.
pub(in crate::terraform::edit) fn without_created_connector(
    call: Place<'_>,
    egress: &[Attribute],
    kind: &Attribute,
) -> Option<Vec<Splice>> {
    const ARN: &str = "vpc_connector_arn";
    let creates = call.block.body.attribute("create_vpc_connector").map(|own| call.file.expression(own))?;
    (call.module.evaluate(creates).as_deref() != Some("false")).then_some(())?;
    let default = Splice::new(kind.value.clone(), "\"DEFAULT\"");
    if let Some(arn) = egress.iter().find(|attribute| attribute.name == ARN) {
        return Some(vec![default, Splice::new(arn.value.clone(), "null")]);
    }
    let start = call.file.slice(0..kind.span.start).rfind('\n').map_or(0, |at| at + 1);
    let indent = call.file.slice(start..kind.span.start);
    let rest = call.file.text.get(kind.value.end..)?;
    let line = rest.lines().next()?;
    let ends_here =
        line.trim().is_empty() || ["#", "//"].iter().any(|mark| line.trim_start().starts_with(mark));
    if !indent.trim().is_empty() || !ends_here {
        let value = format!("\"DEFAULT\", {ARN} = null");
        return Some(vec![Splice::new(kind.value.clone(), value)]);
    }
    let end = kind.value.end + rest.find('\n')? + 1;
    let width = egress.iter().map(|attribute| attribute.name.len()).max().unwrap_or_default().max(ARN.len());
    let mut splices: Vec<Splice> =
        egress.iter().filter_map(|attribute| set_padding(call.file, attribute, width)).collect();
    splices.extend([default, Splice::new(end..end, format!("{indent}{ARN:<width$} = null\n"))]);
    Some(splices)
}

/// The refusal for a call whose `network_configuration` is not written there: the value for this call.
pub(in crate::terraform::edit) fn egress_of_reference(call: Place<'_>, argument: &Attribute) -> EditError {
    let written = call.file.expression(argument).in_one_line();
    // The module has a connector of its own otherwise.
    let arn = if registry_module(&call).is_some() { "\n    vpc_connector_arn = null" } else { "" };
    let width = if arn.is_empty() { "egress_type" } else { "egress_type      " };
    EditError::Given {
        place: format!("{}:{}", call.file.path.display(), call.file.line(argument.span.start)),
        what: format!(
            "network_configuration of module.{} is `{written}`. Replace it in this call, because other code can use `{written}` too",
            call.block.kind().unwrap_or_default()
        ),
        values: format!(
            "network_configuration = {{\n  egress_configuration = {{\n    {width} = \"DEFAULT\"{arn}\n  }}\n}}"
        ),
    }
}

/// The fields of `egress_configuration` in the argument `network_configuration` of a call.
pub(in crate::terraform::edit) fn egress_argument(call: Place<'_>) -> Option<Vec<Attribute>> {
    let network = fields(call.file, &call.block.body.attribute("network_configuration")?.value)?;
    let egress = network.into_iter().find(|field| field.name == "egress_configuration")?;
    fields(call.file, &egress.value)
}

/// The fields of an object with one field per line, with their spans in the file.
fn fields(file: &File, object: &Range<usize>) -> Option<Vec<Attribute>> {
    let text = file.slice(object.clone());
    let start = object.start + text.find('{')? + 1;
    let end = object.start + text.rfind('}')?;
    matches!(Expr::from(text).tree().as_deref(), Some(Expression::Object(_))).then_some(())?;
    let body = scan(file.slice(start..end)).ok()?;
    let in_file = |span: &Range<usize>| span.start + start..span.end + start;
    let field = |attribute: &Attribute| Attribute {
        name: attribute.name.clone(),
        span: in_file(&attribute.span),
        value: in_file(&attribute.value),
    };
    Some(body.attributes().map(field).collect())
}
