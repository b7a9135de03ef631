//! Where the user gives the value of a variable that nothing in the folder sets.

use crate::terraform::edit::draft::Draft;
use crate::terraform::error::EditError;
use crate::terraform::find::workspaces::var_file_with;
use crate::terraform::lang::expression::{Expr, parse};
use crate::terraform::read::config::Config;
use crate::terraform::read::place::Place;

/// The sentence for a variable of the root module; `it` is `it` or `them`, `service` the name of the service.
pub(in crate::terraform::edit) fn where_to_give(
    config: &Config,
    (variable, it): (&str, &str),
    service: &str,
) -> String {
    let optional = config.optional_var_files_with(variable);
    if let Some(unit) = &config.unit {
        format!("Set {it} in the inputs of {}", unit.path.display())
    } else if config.is_remote {
        format!("Set {it} in the variables of the workspace that runs this code")
    } else if let Some((path, _)) = var_file_with(config, service) {
        // Another file can be the only one that sets the variable: that of another environment.
        let path = path.display();
        format!(
            "Terraform does not load {path} here, and only with that file the name of the service is {service}: set {it} in {path} (or run \
             egress-doctor with --var-file {path})"
        )
    } else if optional.is_empty() {
        format!(
            "No file that Terraform loads here sets {it}: give {it} where you run Terraform, for example in your pipeline (-var, -var-file \
             or TF_VAR_{variable})"
        )
    } else {
        format!(
            "Terraform does not load {} here: set {it} in the file that you give with -var-file (or give that file to egress-doctor with \
             --var-file)",
            optional.join(", ")
        )
    }
}

/// The refusal for an argument of a call in the root module whose value is a variable that a file for `-var-file` sets, or that nothing sets;
/// `None` for another value.
pub(in crate::terraform::edit) fn of_argument(
    draft: &Draft<'_>,
    call: Place<'_>,
    (argument, expression): (&str, Expr<'_>),
    value: &str,
) -> Option<EditError> {
    let (config, service) = (draft.finder.config, draft.finder.workload.name.as_str());
    (call.module.address.is_none() && config.unit.is_none()).then_some(())?;
    let of_local = || {
        parse(call.module.local(&expression.local()?)?).and_then(|tree| Expr::parsed("", &tree).variable())
    };
    let variable = expression.variable().or_else(of_local)?;
    let is_given = config.optional_var_files_with(&variable).is_empty();
    if is_given && call.module.evaluate(expression).is_some() {
        return None;
    }
    Some(EditError::Given {
        place: call.location(),
        what: format!(
            "{argument} of module.{} is `{}`{}. {}, then run {}",
            call.block.kind().unwrap_or_default(),
            expression.in_one_line(),
            if expression.variable().is_some() {
                String::new()
            } else {
                format!(", the value of var.{variable}")
            },
            where_to_give(config, (&variable, "it"), service),
            config.tool().apply()
        ),
        values: format!("{variable} = {value}"),
    })
}
