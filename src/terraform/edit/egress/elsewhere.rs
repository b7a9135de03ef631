//! What the code has for the egress of the service outside its block, and the errors for values that are changed by hand.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::files::{list_dir, read_regular_text};
use crate::model::Workload;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::egress::by_switch::is_default_with;
use crate::terraform::edit::egress::value::{conditional_arn, field_of};
use crate::terraform::edit::text::one_value::for_one_instance;
use crate::terraform::edit::values::reenable::in_syntax;
use crate::terraform::error::EditError;
use crate::terraform::find::app_runner_code::egress_configuration;
use crate::terraform::find::instances::{for_instance, key_of_name, service_key};
use crate::terraform::find::kept_value::kept_value;
use crate::terraform::find::one_environment::of_file;
use crate::terraform::find::switch::{SwitchValue, egress_values_with};
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::json_lines::line_of;
use crate::terraform::lang::partial::references;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::scan::Attribute;
use crate::terraform::lang::value_lines::value_in_yaml;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::{CODE_LIMIT, is_json, joined};
use crate::terraform::read::place::Place;

/// Limit of the files of a folder with one file for each service.
const FILES: usize = 1_000;

pub(in crate::terraform::edit) const SNIPPET: &str =
    "network_configuration {\n  egress_configuration {\n    egress_type = \"DEFAULT\"\n  }\n}\n";

/// The `egress_type` of this service in the code; `None` if unknown.
pub(in crate::terraform::edit) fn egress_in_code(draft: &Draft<'_>) -> Option<String> {
    let service = draft.finder.code.service;
    let kind = egress_configuration(service.block)?.body.attribute("egress_type")?;
    let written = service.file.expression(kind);
    let name = draft.finder.workload.name.as_str();
    if service.is_one_of_several() {
        let key = format!("[{}]", quoted(&service_key(service, name)?));
        return service.module.evaluate(for_instance(service, &key, written.text).as_str());
    }
    let call = draft.finder.config.caller(service.module).filter(Place::is_one_of_several);
    let call = call.filter(|_| service.module.instance_key().is_none());
    let Some(call) = call else { return service.module.evaluate(written) };
    let argument = |expression: Expr<'_>| {
        let name = expression.variable()?;
        call.block.body.attribute(&name).map(|value| (name, call.file.expression(value)))
    };
    let own = service.module.expression(service.file, service.block, "service_name")?;
    let key = key_of_name(call, &argument(own)?.0, name)?;
    call.module.evaluate(for_instance(call, &key, argument(written)?.1.text).as_str())
}

/// The error for a service that no code of the folder creates, for example one that a pipeline creates.
pub(in crate::terraform::edit) fn without_code(workload: &Workload, absent: &EditError) -> EditError {
    EditError::Given {
        place: format!("the code of the service {}", workload.name),
        what: format!(
            "{absent}. If a pipeline creates the service, set its egress there, or with the AWS CLI"
        ),
        values: in_aws(workload),
    }
}

/// The error for a service whose block ignores changes of its network: not even code by hand changes it.
pub(in crate::terraform::edit) fn ignored(service: Place<'_>, workload: &Workload) -> EditError {
    let list = service
        .block
        .body
        .blocks("lifecycle")
        .find_map(|lifecycle| lifecycle.body.attribute("ignore_changes"));
    let line = service.file.line(list.map_or(service.block.span.start, |list| list.span.start));
    let place = format!("{}:{line}", service.file.path.display());
    let is_all = list.is_some_and(|list| service.file.value(list).trim().trim_matches('"') == "all");
    let (what, instead) = if is_all {
        ("is all", "change it to a list without network_configuration")
    } else {
        ("lists network_configuration", "remove network_configuration from the list")
    };
    EditError::Given {
        place,
        what: format!(
            "lifecycle.ignore_changes of {} {what}, so Terraform does not change its egress, whatever the code has. Either {instead} and run \
             egress-doctor again, or change the egress with the AWS CLI",
            address(service.block)
        ),
        values: in_aws(workload),
    }
}

/// The command that gives a service DEFAULT egress without Terraform.
fn in_aws(workload: &Workload) -> String {
    format!(
        "aws apprunner update-service --service-arn {} --network-configuration EgressConfiguration={{EgressType=DEFAULT}}\n",
        workload.id
    )
}

/// The data file that the `for_each` of a block reads through locals, `services.yaml`.
fn data_file(place: Place<'_>) -> Option<String> {
    let each = place.module.expression(place.file, place.block, "for_each")?.text.to_owned();
    let mut texts = vec![each];
    let mut seen = BTreeSet::new();
    while let Some(text) = texts.pop() {
        if let Some(rest) = text.split_once("decode(file(").map(|(_, rest)| rest) {
            let path = rest.split(')').next().unwrap_or_default().trim().trim_matches('"');
            return Some(path.trim_start_matches("${path.module}/").to_owned());
        }
        for reference in references(&format!("x = {text}\n")) {
            let local = reference.strip_prefix("local.").filter(|name| seen.insert((*name).to_owned()));
            texts.extend(local.and_then(|name| place.module.local(name)).map(str::to_owned));
        }
    }
    None
}

/// The error for an `egress_type` that a data file gives: the value of the service's entry.
pub(in crate::terraform::edit) fn in_data_file(
    config: &Config,
    (service, key): (Place<'_>, &str),
    expression: Expr<'_>,
) -> Option<EditError> {
    let data = data_file(service).filter(|_| expression.text.contains("each.value"))?;
    let decided = decided_by(service, expression);
    let own = own_file(config, service, &data, key);
    let path = own.clone().unwrap_or_else(|| joined(&service.module.dir, Path::new(&data)));
    let text = read_regular_text(&config.root.join(&path), CODE_LIMIT).unwrap_or_default();
    // A file of the service has its values at the top.
    let entry = own.is_none().then(|| key.to_owned());
    let entry: Vec<String> =
        entry.into_iter().chain(decided.iter().map(|(field, _)| field.clone())).collect();
    let is_json = is_json(&path);
    let root: Option<serde_json::Value> = serde_json::from_str(&text).ok().filter(|_| is_json);
    let keys = text.lines().filter(|line| !is_json && !line.starts_with([' ', '#', '-']));
    let tops = keys.filter_map(|line| Some(vec![line.strip_suffix(':')?.to_owned()]));
    let tops_in_json = root.iter().filter_map(serde_json::Value::as_object).flat_map(serde_json::Map::keys);
    let tops = tops.chain(tops_in_json.map(|key| vec![key.clone()])).filter(|_| own.is_none());
    let value = |keys: &[String]| match &root {
        Some(root) => {
            let value = keys.iter().try_fold(root, |value, key| value.get(key));
            line_of(&text, keys).zip(value.map(ToString::to_string))
        }
        None => value_in_yaml(&text, keys),
    };
    let found = [Vec::new()].into_iter().chain(tops).find_map(|top| {
        let keys: Vec<String> = top.into_iter().chain(entry.clone()).collect();
        let (line, now) = value(&keys).filter(|_| keys.len() > 1 || own.is_some())?;
        Some((line, keys.join("."), now))
    });
    let line_with = |field: &str, new: &str| match (is_json, new) {
        (false, _) => format!("{field}: {new}\n"),
        (true, "true" | "false") => format!("\"{field}\": {new}\n"),
        (true, _) => format!("\"{field}\": {}\n", quoted(new)),
    };
    let name = quoted(key);
    let shown = path.display();
    let written = expression.in_one_line();
    let (location, apply) = (service.location(), config.tool().apply());
    Some(match (found, decided) {
        (Some((line, value, now)), Some((field, new))) => EditError::Given {
            place: format!("{shown}:{line}"),
            what: format!(
                "{value} is {now}, and egress_type of {location} is `{written}`: set it there, then run {apply}"
            ),
            values: line_with(&field, new),
        },
        (None, Some((field, new))) if own.is_some() => EditError::Given {
            place: shown.to_string(),
            what: format!(
                "egress_type of {location} is `{written}`, and this file does not set {field}: add it there, then run {apply}"
            ),
            values: line_with(&field, new),
        },
        _ => EditError::NotUnderstood {
            place: location,
            what: format!(
                "egress_type is `{written}`, which {data} gives: in its entry {name} set that value so that egress_type is DEFAULT"
            ),
        },
    })
}

/// The field of the entry that decides an `egress_type`, and its value for DEFAULT.
fn decided_by(service: Place<'_>, expression: Expr<'_>) -> Option<(String, &'static str)> {
    const VALUE: &str = "each.value.";
    if let Some(field) = field_of(expression) {
        return Some((field, "DEFAULT"));
    }
    let (_, rest) = expression.text.split_once(VALUE)?;
    let field: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '-').collect();
    let with = |new: &str| {
        let text = expression.text.replace(&format!("{VALUE}{field}"), new);
        service.module.evaluate(Expr::from(&text))
    };
    let new = ["false", "true"].into_iter().find(|new| with(new).as_deref() == Some("DEFAULT"))?;
    Some((field, new))
}

/// The file of one service, if each service has a file: `services/${f}`, where the key is the name of the file without its ending.
fn own_file(config: &Config, service: Place<'_>, data: &str, key: &str) -> Option<PathBuf> {
    let (folder, _) = data.split_once("${")?;
    let dir = joined(&service.module.dir, Path::new(folder));
    let mut names = list_dir(&config.root.join(&dir), FILES).ok()?.into_iter();
    let name = names.find(|name| Path::new(name).file_stem().is_some_and(|stem| stem == key))?;
    Some(dir.join(name))
}

/// The error for an expression that has another value in other workspaces and is kept in several places: an edit of the block would change
/// the service of each workspace.
pub(in crate::terraform::edit) fn of_each_workspace(
    draft: &Draft<'_>,
    (kind, expression): (&Attribute, Expr<'_>),
) -> Option<EditError> {
    let service = draft.finder.code.service;
    let mut texts = vec![expression.text.to_owned()];
    let mut seen = BTreeSet::new();
    let mut depends = false;
    while let Some(text) = texts.pop() {
        depends |= text.contains("terraform.workspace");
        for reference in references(&format!("x = {text}\n")) {
            let local = reference.strip_prefix("local.").filter(|name| seen.insert((*name).to_owned()));
            texts.extend(local.and_then(|name| service.module.local(name)).map(str::to_owned));
        }
    }
    let workspace = draft.finder.config.workspace.as_deref().filter(|_| depends)?;
    let kept = kept_value(draft.finder.config, (service.module, service.file), kind.value.clone());
    let kept = kept.filter(|kept| !kept.trail.is_empty());
    let name = kept.as_ref().and_then(|kept| kept.trail.first()?.path.last().cloned());
    let what = format!(
        "egress_type of {} is `{}`, which depends on the workspace and has other uses: set it for {} only",
        service.location(),
        expression.in_one_line(),
        quoted(workspace)
    );
    Some(match (kept, name) {
        (Some(kept), Some(name)) => {
            EditError::Given { place: kept.location(), what, values: format!("{name} = \"DEFAULT\"\n") }
        }
        _ => EditError::Answer { place: service.location(), what },
    })
}

/// The line that sets the variable, and the change of the connector's ARN that it needs.
fn with_arn(service: Place<'_>, value: String, expression: Expr<'_>) -> String {
    let arn =
        egress_configuration(service.block).and_then(|egress| egress.body.attribute("vpc_connector_arn"));
    let edit = arn.and_then(|arn| conditional_arn(service.file, expression, Some(arn)));
    match edit.iter().flatten().next() {
        Some(splice) => format!(
            "{value}# And in {} ({})\n# vpc_connector_arn = {}\n",
            address(service.block),
            service.location(),
            splice.text
        ),
        None => value,
    }
}

/// The error for an expression in code that the user runs for one of several environments: an edit of the block would change the service
/// of each.
pub(in crate::terraform::edit) fn of_other_environments(
    draft: &Draft<'_>,
    (kind, expression): (&Attribute, Expr<'_>),
) -> Option<EditError> {
    let config = draft.finder.config;
    let service = draft.finder.code.service;
    let environment = of_file(config, service.file)?;
    let place = format!("{}:{}", service.file.path.display(), service.file.line(kind.span.start));
    let what = format!("egress_type is `{}`, which other environments use too", expression.in_one_line());
    Some(match expression.variable() {
        Some(name) => {
            let default = service.module.block("variable", &[&name]);
            let default =
                default.and_then(|(file, block)| Some(file.value(block.body.attribute("default")?).trim()));
            let line = environment.lines(config, (&name, "\"DEFAULT\""), default);
            EditError::Given {
                place,
                what: format!(
                    "{what}, so {}, then run {}",
                    environment.step(config, &name, &draft.finder.workload.name),
                    config.apply_of_environment(true)
                ),
                values: with_arn(service, line, expression),
            }
        }
        None => EditError::Answer {
            place,
            what: format!(
                "{what}: make it DEFAULT, and vpc_connector_arn null, for {} only",
                environment.name()
            ),
        },
    })
}

/// The error for an `egress_type` that an input of a Terragrunt unit gives.
pub(in crate::terraform::edit) fn in_the_unit(
    draft: &Draft<'_>,
    expression: Expr<'_>,
    now: Option<String>,
) -> Option<EditError> {
    let config = draft.finder.config;
    let (unit, name) = (config.unit.as_ref()?, expression.variable()?);
    let is_input = draft.finder.code.service.module.address.is_none() && config.environment.sets(&name);
    let input = unit.input(&config.boundary, &name).filter(|_| is_input)?;
    let now = now.map(|now| format!(", now {}", quoted(&now))).unwrap_or_default();
    let what = match &input.expression {
        None => format!("the {} is the egress_type of the service{now}", input.described()),
        Some(expression) => {
            format!("the {} decides the egress_type of the service{now} (`{expression}`)", input.described())
        }
    };
    Some(input.refusal(&what, "\"DEFAULT\""))
}

/// The error for a variable whose value is in a file that Terraform does not load, or is given where Terraform runs: the edit of the
/// block would change every environment.
pub(in crate::terraform::edit) fn given_elsewhere(
    draft: &Draft<'_>,
    (kind, expression): (&Attribute, Expr<'_>),
) -> Option<EditError> {
    let config = draft.finder.config;
    let service = draft.finder.code.service;
    let name = expression.variable().filter(|_| service.module.address.is_none())?;
    let files = config.optional_var_files_with(&name);
    let is_unknown = service.module.evaluate(expression).is_none();
    (is_unknown || !files.is_empty()).then_some(())?;
    let whence = if files.is_empty() {
        format!(
            "no file that Terraform loads here sets it: give it where you run Terraform (-var, -var-file or TF_VAR_{name})"
        )
    } else {
        format!(
            "Terraform does not load {} here: set it in the file of this environment that you give with -var-file (or give that file to \
             egress-doctor with --var-file)",
            files.join(", ")
        )
    };
    let values = with_arn(service, format!("{name} = \"DEFAULT\"\n"), expression);
    let line = service.file.line(kind.span.start);
    Some(EditError::Given {
        place: format!("{}:{line}", service.file.path.display()),
        what: format!(
            "egress_type is `{}`, and {whence}, then run {}",
            expression.in_one_line(),
            config.tool().apply()
        ),
        values,
    })
}

/// The error for an expression that the callers of the module decide: the argument that the call of this service must set.
pub(in crate::terraform::edit) fn in_the_call(
    service: Place<'_>,
    call: Place<'_>,
    kind: &Attribute,
    arn: Option<Expr<'_>>,
    draft: &Draft<'_>,
) -> EditError {
    let config = draft.finder.config;
    let expression = service.file.expression(kind);
    let is_default = |found: &SwitchValue| is_default_with(draft, service.module, (expression, arn), found);
    let tree = expression.tree();
    let found =
        tree.map(|tree| egress_values_with(config, service.module, &tree, is_default)).unwrap_or_default();
    let name = format!("module.{}", call.block.kind().unwrap_or_default());
    let what =
        format!("egress_type is `{}`, which depends on the arguments of this call", expression.in_one_line());
    let known = found.into_iter().find(|found| found.attributes.is_empty());
    let Some(found) = known else {
        if config.is_used_more_than_once(service.module) || !service.module.is_editable() {
            let line = service.file.line(kind.span.start);
            let place = format!("{}:{line}", service.file.path.display());
            let arn = arn.map(|arn| format!(", and vpc_connector_arn (`{}`) null", arn.in_one_line()));
            let what = format!(
                "egress_type ({place}) is `{}`: change the arguments of {name} so that it is DEFAULT{}",
                expression.in_one_line(),
                arn.unwrap_or_default()
            );
            return EditError::Answer { place: call.location(), what };
        }
        return EditError::ByHand { place: service.location(), what, snippet: SNIPPET.to_owned() };
    };
    let present = call.block.body.attribute(&found.name).map(|value| call.file.expression(value));
    let value = match service.module.instance_key() {
        Some(key) => {
            let others = present.map(|present| present.in_one_line());
            for_one_instance(key, &found.value, &others.unwrap_or_else(|| "null".to_owned()))
        }
        None => found.value.clone(),
    };
    if call.file.is_json() {
        let argument = call.block.body.attribute(&found.name);
        let line = call.file.line(argument.map_or(call.block.span.start, |argument| argument.span.start));
        return EditError::Given {
            place: format!("{}:{line}", call.file.path.display()),
            what: format!("{what}. Set it in {name}, then run {}", config.tool().apply()),
            values: in_syntax(true, format!("{} = {value}\n", found.name)),
        };
    }
    let present = present.map_or_else(
        || ", which does not set it".to_owned(),
        |present| format!(", instead of {} = {}", found.name, present.in_one_line()),
    );
    let snippet = format!("# In {name} ({}){present}\n{} = {value}\n", call.location(), found.name);
    EditError::ByHand { place: call.location(), what, snippet }
}
