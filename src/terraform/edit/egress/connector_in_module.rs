//! Moves a connector that a local module with other callers creates: the call of this service gives it the new subnets, and a suffix for its
//! name, because a connector cannot be changed in place.

use hcl_edit::expr::Expression;

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::text::amend::add_block;
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::lang::render::{attribute, block, quoted};
use crate::terraform::read::module::Module;
use crate::terraform::read::place::{Place, is_ignored};

const VARIABLE: &str = "connector_suffix";
const SUFFIX: &str = "-2";
/// App Runner's limit.
const MAX_NAME_LENGTH: usize = 40;

/// Edits the module and its call. Returns `false`, and edits nothing, if the code has another form. `subnets` is an expression in the module of
/// the call.
///
/// # Errors
/// The block of the connector is on one line.
pub(in crate::terraform::edit) fn move_in_call(
    draft: &mut Draft<'_>,
    subnets: &str,
) -> Result<bool, EditError> {
    let Some((call, variable)) = call_with_subnets(draft) else { return Ok(false) };
    let old = draft.finder.code.connector;
    let Some(argument) = call.block.body.attribute(&variable) else { return Ok(false) };
    let Some(name) = old.block.body.attribute("vpc_connector_name") else { return Ok(false) };
    let written = old.file.expression(name);
    let is_text =
        matches!(written.tree().as_deref(), Some(Expression::String(_) | Expression::StringTemplate(_)));
    let Some(head) = written.text.trim().strip_suffix('"').filter(|_| is_text) else { return Ok(false) };
    let length = old.module.evaluate(written).map_or(head.len(), |name| name.len());
    if length + SUFFIX.len() > MAX_NAME_LENGTH {
        return Ok(false);
    }
    let lines = [attribute("create_before_destroy", "true")];
    let lifecycle = match old.block.body.blocks("lifecycle").next() {
        None => Some(add_block(old.file, old.block, "lifecycle", &lines)?),
        Some(own) if own.body.attribute("create_before_destroy").is_some() => None,
        Some(_) => return Ok(false),
    };
    if draft.is_changed(call.file, &argument.value)
        || !draft.add_argument(old.module, VARIABLE, (&quoted(SUFFIX), ""))
    {
        return Ok(false);
    }
    draft.splice(call.file, Splice::new(argument.value.clone(), subnets));
    draft.splice(old.file, Splice::new(name.value.clone(), format!("{head}${{var.{VARIABLE}}}\"")));
    draft.splice_all(old.file, lifecycle);
    add_variable(draft, old.module);
    let address = old.address_in_root();
    draft.note(&format!(
        "Terraform replaces {address}: a connector cannot be changed in place, so the new one has a new name. It is created first."
    ));
    draft.note(&format!(
        "{} gets a variable {VARIABLE}. Its default is empty, so the other calls of the module do not change.",
        old.module.dir.display()
    ));
    draft.reenabled.push(address.clone());
    draft.destroys.push(address);
    draft.change(&draft.finder.code.service.address_in_root());
    Ok(true)
}

/// The call of the connector's module in the target module, and the variable of the connector's subnets, which has no other use.
fn call_with_subnets<'a>(draft: &Draft<'a>) -> Option<(Place<'a>, String)> {
    let (old, service) = (draft.finder.code.connector, draft.finder.code.service);
    let module = old.module;
    let call = draft.finder.config.caller(module)?;
    let is_open = module.is_editable()
        && module.address == service.module.address
        && call.module.address == draft.finder.target.address
        && draft.is_editable_call(call)
        && !call.block.repeats()
        && !old.block.repeats()
        && module.overridden(old.block).is_none()
        && !module.has_variable(VARIABLE)
        && !is_ignored(old.file, old.block, "vpc_connector_name");
    let subnets = old.block.body.attribute("subnets").filter(|_| is_open)?;
    let variable = old.file.expression(subnets).variable()?;
    (module.uses_of_variable(&variable) == 1).then_some((call, variable))
}

fn add_variable(draft: &mut Draft<'_>, module: &Module) {
    let variables: Vec<_> = module.blocks("variable").collect();
    let described = variables.iter().filter(|(_, one)| one.body.attribute("description").is_some()).count();
    let mut lines = vec![attribute("type", "string"), attribute("default", quoted(""))];
    if described * 2 > variables.len() {
        lines.insert(
            0,
            attribute("description", quoted("Suffix of the connector's name: a new one for other subnets")),
        );
    }
    let text = block(&format!("variable \"{VARIABLE}\""), &lines);
    draft.add_top_level(module, "variable", "variables.tf", &text);
}
