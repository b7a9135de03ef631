//! Gives a local module that is called more than once a variable for its egress, and sets it in the call of this service. The other
//! callers keep their egress, because the default is the present value.

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::egress_value::{conditional_arn, finish, set_in_entry_of_call, set_value};
use crate::terraform::edit::splice::Splice;
use crate::terraform::edit::variable::for_one_instance;
use crate::terraform::find::app_runner_code::egress_configuration;
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::{Line, attribute, block, quoted};
use crate::terraform::read::module::Module;
use crate::terraform::read::place::{Place, is_ignored};

const VARIABLE: &str = "egress_type";

/// Edits the module and its call. Returns `false`, and edits nothing, if the module has another form or is not called once for this
/// service.
pub(in crate::terraform) fn set_in_call(draft: &mut Draft<'_>) -> bool {
    let service = draft.finder.code.service;
    let (module, file) = (service.module, service.file);
    let Some(egress) = egress_configuration(service.block) else { return false };
    let Some(kind) = egress.body.attribute("egress_type") else { return false };
    let several = draft.finder.config.caller(module).filter(Place::is_one_of_several);
    if let Some(call) = several.filter(|_| module.instance_key().is_none())
        && !draft.finder.config.is_used_more_than_once(call.module)
        && call.module.is_editable()
    {
        let is_set = set_in_entry_of_call(draft, (service, call), egress);
        if is_set {
            finish(draft, file, Vec::new());
        }
        return is_set;
    }
    let is_known_call = module.instance_key().is_some() || several.is_none();
    if !is_known_call
        || service.is_one_of_several()
        || is_ignored(file, service.block, "network_configuration")
    {
        return false;
    }
    let expression = file.expression(kind);
    if expression.string().is_none() || !module.is_editable() {
        let is_set = set_value(draft, service, egress);
        if is_set {
            finish(draft, file, Vec::new());
        }
        return is_set;
    }
    let reference = format!("var.{VARIABLE}");
    let arn = egress.body.attribute("vpc_connector_arn");
    if expression.string().as_deref() != Some("VPC") || module.has_variable(VARIABLE) {
        return false;
    }
    let Some(arn) = conditional_arn(file, Expr::from(&reference), arn) else { return false };
    if !draft.add_argument(module, VARIABLE, ("\"DEFAULT\"", "\"VPC\"")) {
        return false;
    }
    add_variable(draft, module);
    draft.note(&format!(
        "{} gets a variable {VARIABLE}. Its default is VPC, so the other calls of the module do not change.",
        module.dir.display()
    ));
    finish(draft, file, [Splice::new(kind.value.clone(), reference)].into_iter().chain(arn).collect());
    true
}

fn add_variable(draft: &mut Draft<'_>, module: &Module) {
    let variables: Vec<_> = module.blocks("variable").collect();
    let described = variables.iter().filter(|(_, one)| one.body.attribute("description").is_some()).count();
    let mut lines = vec![attribute("type", "string"), attribute("default", quoted("VPC"))];
    if described * 2 > variables.len() {
        lines.insert(0, attribute("description", quoted("Egress of the App Runner service: VPC or DEFAULT")));
    }
    let text = block(&format!("variable \"{VARIABLE}\""), &lines);
    draft.add_top_level(module, "variable", "variables.tf", &text);
}

/// The code that gives the module of a service a variable for its egress, for an edit by hand; `None` if the service has another form.
pub(in crate::terraform) fn variable_by_hand(service: Place<'_>) -> Option<String> {
    let (module, file) = (service.module, service.file);
    let egress = egress_configuration(service.block)?;
    let value = |name: &str| egress.body.attribute(name).map(|value| file.expression(value));
    let is_vpc = value("egress_type")?.string().as_deref() == Some("VPC");
    let arn = value("vpc_connector_arn")?.reference()?;
    (is_vpc && !module.has_variable(VARIABLE)).then_some(())?;
    let variable = block(
        &format!("variable \"{VARIABLE}\""),
        &[attribute("type", "string"), attribute("default", quoted("VPC"))],
    );
    let inner = vec![
        attribute("egress_type", format!("var.{VARIABLE}")),
        attribute("vpc_connector_arn", format!("var.{VARIABLE} == \"VPC\" ? {arn} : null")),
    ];
    let network = block("network_configuration", &[Line::Block("egress_configuration".to_owned(), inner)]);
    let head = format!("# In {} ({})", address(service.block), service.location());
    let (value, others) = (quoted("DEFAULT"), quoted("VPC"));
    let key = module.instance_key();
    let value = key.map_or_else(|| value.clone(), |key| for_one_instance(key, &value, &others));
    Some(format!("{variable}\n{head}\n{network}\n# And in the call for this service: {VARIABLE} = {value}\n"))
}
