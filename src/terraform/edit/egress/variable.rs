//! Gives a local module that is called more than once a variable for its egress, and sets it in the call of this service. The other
//! callers keep their egress, because the default is the present value. A caller that is itself called more than once passes it on.

use std::fmt::Write as _;
use std::path::Path;

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::egress::of_call::egress_argument;
use crate::terraform::edit::egress::value::{conditional_arn, finish, set_in_entry_of_call, set_value};
use crate::terraform::edit::text::amend::add_attributes;
use crate::terraform::edit::text::one_value::for_one_instance;
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::find::app_runner_code::egress_configuration;
use crate::terraform::find::one_environment::{
    Condition, OneEnvironment, condition_in, of_file, other_var_files,
};
use crate::terraform::find::registry::{RegistryModule, registry_module};
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::{Line, attribute, block, quoted};
use crate::terraform::read::config::Config;
use crate::terraform::read::file::{File, is_json};
use crate::terraform::read::module::Module;
use crate::terraform::read::place::{Place, is_ignored};
use crate::text::listed;

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
    pass_to_environment(draft).is_some()
}

/// Passes the variable from the root module, for the environment of this run only where the root module is that of several.
fn pass_to_environment(draft: &mut Draft<'_>) -> Option<()> {
    let config = draft.finder.config;
    let top = modules_above(config, draft.finder.code.service.module, true).into_iter().rev().nth(1)?;
    let call = config.caller(top)?;
    let environment = of_file(config, call.file);
    if let Some(condition) = condition_in(config, environment.as_ref()) {
        return pass_condition(draft, &condition);
    }
    match environment {
        Some(OneEnvironment::VarFile(Some(values), _)) if !other_var_files(config).is_empty() => {
            pass_variable(draft, Some(values))
        }
        environment => {
            pass_variable(draft, None)?;
            if let Some(environment) = environment {
                let of = match environment {
                    OneEnvironment::Unit { .. } => return Some(()),
                    OneEnvironment::Links { others, .. } => format!(", also of {}", listed(&others, "and")),
                    _ => String::new(),
                };
                draft.note(&format!(
                    "The value in the call is in force for all environments that use it{of}."
                ));
            }
            Some(())
        }
    }
}

/// Passes the value for one environment only from the module that is called once, whose call has the condition. `None`, and no edit, if
/// that call cannot refer to what decides the environment.
pub(in crate::terraform::edit) fn pass_condition(draft: &mut Draft<'_>, condition: &Condition) -> Option<()> {
    let config = draft.finder.config;
    let top = modules_above(config, draft.finder.code.service.module, false).pop()?;
    config.caller(top).filter(|call| condition.fits(call.module))?;
    pass_value(draft, None, &format!("{} ? \"DEFAULT\" : \"VPC\"", condition.text()))
}

/// The modules from that of the service to the first one that is called once, each called by the next one; with `is_to_root` to the root
/// module.
fn modules_above<'a>(config: &'a Config, module: &'a Module, is_to_root: bool) -> Vec<&'a Module> {
    let mut modules = vec![module];
    while let Some(call) = modules.last().and_then(|last| config.caller(last)) {
        if !is_to_root && !config.is_used_more_than_once(call.module) {
            break;
        }
        modules.push(call.module);
    }
    modules
}

/// Gives the modules above the service the variable, and sets it: in the call that is made once, or in a variable file of the root module.
/// `None`, and no edit, if one of them has another form.
pub(in crate::terraform::edit) fn pass_variable<'a>(
    draft: &mut Draft<'a>,
    values: Option<&'a File>,
) -> Option<()> {
    pass_value(draft, values, "\"DEFAULT\"")
}

/// The same with another value than `"DEFAULT"`.
fn pass_value<'a>(draft: &mut Draft<'a>, values: Option<&'a File>, value: &str) -> Option<()> {
    let service = draft.finder.code.service;
    let (config, file) = (draft.finder.config, service.file);
    let egress = egress_configuration(service.block)?;
    let kind = egress.body.attribute("egress_type")?;
    (file.expression(kind).string().as_deref() == Some("VPC")).then_some(())?;
    let reference = format!("var.{VARIABLE}");
    let arn = conditional_arn(file, Expr::from(&reference), egress.body.attribute("vpc_connector_arn"))?;
    let modules = modules_above(config, service.module, values.is_some());
    let is_open = |module: &&Module| module.is_editable() && !module.has_variable(VARIABLE);
    (modules.iter().all(is_open) && !config.is_unknown_instance(service.module)).then_some(())?;
    let passed = modules.iter().zip(modules.iter().skip(1)).map(|(called, _)| {
        let call = config.caller(called)?;
        call.module.overridden(call.block).is_none().then_some(())?;
        let value = passed_on(called);
        Some((call.file, add_attributes(call.file, call.block, &[(VARIABLE, &value)]).ok()?))
    });
    let passed: Vec<_> = passed.collect::<Option<_>>()?;
    let top = modules.last()?;
    let is_set = match values {
        Some(values) => draft.add_to_var_file(values, VARIABLE, value),
        // A condition in a condition is unclear.
        None if value.contains('?') && top.instance_key().is_some() => false,
        None => draft.add_argument(top, VARIABLE, (value, "\"VPC\"")),
    };
    is_set.then_some(())?;
    for (file, splices) in passed {
        draft.splice_all(file, splices);
    }
    for module in &modules {
        add_variable(draft, module);
        let (dir, others) = match &module.address {
            Some(_) => (module.dir.display().to_string(), "calls of the module"),
            None => ("The root module".to_owned(), "environments"),
        };
        draft.note(&format!(
            "{dir} gets a variable {VARIABLE}. Its default is VPC, so the other {others} do not change."
        ));
    }
    finish(draft, file, [Splice::new(kind.value.clone(), reference)].into_iter().chain(arn).collect());
    Some(())
}

/// The value that a caller passes on to a module.
fn passed_on(called: &Module) -> String {
    let reference = format!("var.{VARIABLE}");
    let key = called.instance_key();
    key.map_or_else(|| reference.clone(), |key| for_one_instance(key, &reference, "\"VPC\""))
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
/// `given` is where the root module gets the value from, if not from the call.
pub(in crate::terraform) fn variable_by_hand(
    config: &Config,
    service: Place<'_>,
    given: Option<&str>,
) -> Option<String> {
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
    with_calls(config, module, format!("{variable}\n{head}\n{network}\n"), given)
}

/// The same for the call of the App Runner module of the registry in a module.
pub(in crate::terraform::edit) fn variable_of_registry_call(
    config: &Config,
    call: Place<'_>,
) -> Option<String> {
    let Place { module, file, block: own } = call;
    (registry_module(&call) == Some(RegistryModule::AppRunner)).then_some(())?;
    let egress = egress_argument(call)?;
    let value =
        |name: &str| egress.iter().find(|field| field.name == name).map(|field| file.expression(field));
    let is_vpc = value("egress_type")?.string().as_deref() == Some("VPC");
    let is_open = !call.is_one_of_several() && !module.has_variable(VARIABLE);
    (is_vpc && is_open).then_some(())?;
    let variable = block(
        &format!("variable \"{VARIABLE}\""),
        &[attribute("type", "string"), attribute("default", quoted("VPC"))],
    );
    let creates = own.body.attribute("create_vpc_connector").map(|own| file.expression(own));
    let creates = creates.is_some_and(|creates| module.evaluate(creates).as_deref() != Some("false"));
    let mut text =
        format!("{variable}\n# In module.{} ({})\n", own.kind().unwrap_or_default(), call.location());
    if creates {
        let _ = writeln!(text, "create_vpc_connector = var.{VARIABLE} == \"VPC\"");
    }
    let _ = writeln!(text, "network_configuration = {{\n  egress_configuration = {{");
    match value("vpc_connector_arn") {
        Some(arn) => {
            let arn = arn.in_one_line();
            let _ = writeln!(text, "    egress_type       = var.{VARIABLE}");
            let _ = writeln!(text, "    vpc_connector_arn = var.{VARIABLE} == \"VPC\" ? {arn} : null");
        }
        None => {
            let _ = writeln!(text, "    egress_type = var.{VARIABLE}");
        }
    }
    text.push_str("  }\n}\n\n");
    with_calls(config, module, text, None)
}

/// The code of a variable of a module, with the calls on the way from the root module that give it the value.
fn with_calls(config: &Config, module: &Module, mut text: String, given: Option<&str>) -> Option<String> {
    let modules = modules_above(config, module, given.is_some());
    for (called, caller) in modules.iter().zip(modules.iter().skip(1)) {
        let call = config.caller(called)?;
        let dir = if caller.address.is_some() {
            caller.dir.display().to_string()
        } else {
            "the root module".to_owned()
        };
        let _ = writeln!(
            text,
            "# In module.{} ({}), with the same variable in {dir}: {VARIABLE} = {}",
            call.block.kind().unwrap_or_default(),
            call.location(),
            passed_on(called)
        );
    }
    let (value, others) = (quoted("DEFAULT"), quoted("VPC"));
    let top = modules.last()?;
    let call = config
        .caller(top)
        .filter(|_| modules.len() > 1)
        .map(|call| format!("module.{} ({})", call.block.kind().unwrap_or_default(), call.location()));
    let place = given.map(str::to_owned).or(call).unwrap_or_else(|| "the call for this service".to_owned());
    let value =
        top.instance_key().map_or_else(|| value.clone(), |key| for_one_instance(key, &value, &others));
    let line = if is_json(Path::new(&place)) {
        format!("\"{VARIABLE}\": {value}")
    } else {
        format!("{VARIABLE} = {value}")
    };
    let _ = writeln!(text, "# And in {place}: {line}");
    Some(text)
}
