//! Changes a service to DEFAULT egress whose egress is in an override file.

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::egress::default::set_default_egress;
use crate::terraform::edit::egress::value::{finish, set_value};
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::app_runner_code::egress_configuration;
use crate::terraform::find::switch::{SwitchValue, egress_values_with};
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::structure::{Attribute, Block};
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Sets the egress in the last override file that has it. Returns `false`, and edits nothing, if no override file has it, or the code
/// has another form.
///
/// # Errors
/// A value elsewhere decides it that egress-doctor does not change, or it is DEFAULT already.
pub(in crate::terraform::edit) fn set(draft: &mut Draft<'_>) -> Result<bool, EditError> {
    let service = draft.finder.code.service;
    let config = draft.finder.config;
    let (file, block) = service.module.block_with((service.file, service.block), "network_configuration");
    let Some(egress) = egress_configuration(block) else { return Ok(false) };
    let Some(kind) = egress.body.attribute("egress_type") else { return Ok(false) };
    let is_open = service.module.is_editable()
        && !config.is_used_more_than_once(service.module)
        && !service.is_one_of_several();
    if !is_open {
        return Ok(false);
    }
    let place = Place { module: service.module, file, block };
    let expression = file.expression(kind);
    if service.module.evaluate(expression).as_deref() == Some("DEFAULT") {
        let address = service.address_in_root().to_string();
        return Err(EditError::AlreadyInCode { address, place: place.location() });
    }
    let splices = match expression.string().as_deref() {
        Some("VPC") => literal(file, egress, kind),
        _ if set_value(draft, place, egress) => Some(Vec::new()),
        _ => match value_elsewhere(draft, place, (egress, kind)) {
            Some(error) => return Err(error),
            None => None,
        },
    };
    let Some(splices) = splices else { return Ok(false) };
    finish(draft, file, splices);
    Ok(true)
}

fn literal(file: &File, egress: &Block, kind: &Attribute) -> Option<Vec<Splice>> {
    let attributes: Vec<Attribute> = egress.body.attributes().cloned().collect();
    set_default_egress(file, &attributes, kind)
}

/// The error for a value that decides the egress and is not changed here: its place, and the value to put there.
fn value_elsewhere(
    draft: &Draft<'_>,
    place: Place<'_>,
    (egress, kind): (&Block, &Attribute),
) -> Option<EditError> {
    let config = draft.finder.config;
    let expression = place.file.expression(kind);
    let arn = egress.body.attribute("vpc_connector_arn").map(|arn| place.file.expression(arn));
    let tree = expression.tree()?;
    let found = egress_values_with(config, place.module, &tree, |found| {
        found.evaluate(expression).is_some_and(|kind| kind.as_str() == Some("DEFAULT"))
            && arn.is_none_or(|arn| found.evaluate(arn).is_some_and(|arn| arn.is_null()))
    });
    let found = found.into_iter().next()?;
    let default = default_of(place.module, &found);
    let (at, argument) = match (found.kept(config, place.module), default) {
        (Some(kept), Some(at)) if kept.location() == at => (at, "default"),
        (None, Some(at)) => (at, "default"),
        (Some(kept), _) => (kept.location(), found.attributes.last().unwrap_or(&found.name).as_str()),
        (None, None) => (place.location(), found.name.as_str()),
    };
    let present = place.module.evaluate(Expr::from(&found.reference()));
    let present = present.map_or_else(String::new, |present| format!(" {} is {present}.", found.reference()));
    Some(EditError::Given {
        place: at,
        what: format!(
            "egress_type in the override file ({}:{}) is `{}`, and this value decides it.{present} Change it, then run {}",
            place.file.path.display(),
            place.file.line(kind.span.start),
            expression.in_one_line(),
            config.tool().apply()
        ),
        values: format!("{argument} = {}\n", found.value),
    })
}

/// The place of the default of a variable, also in an override file.
fn default_of(module: &Module, found: &SwitchValue) -> Option<String> {
    let is_whole = found.root == "var" && found.attributes.is_empty();
    let files = module.files.iter().filter(|_| is_whole);
    let variables = files.flat_map(|file| file.body.blocks("variable").map(move |block| (file, block)));
    variables.filter(|(_, block)| block.kind() == Some(found.name.as_str())).find_map(|(file, block)| {
        let default = block.body.attribute("default")?;
        let place = format!("{}:{}", file.path.display(), file.line(default.span.start));
        Some(place)
    })
}
