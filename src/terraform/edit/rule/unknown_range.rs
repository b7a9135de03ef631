//! The refusal for a new rule of a group that has a rule with unknown ranges for its port: they can be the range of the new rule, and AWS
//! rejects a second one.

use crate::terraform::error::EditError;
use crate::terraform::lang::expression::Expr;
use crate::terraform::read::config::Config;
use crate::terraform::read::place::Place;

/// The variable without a known value that makes an expression unknown.
pub(in crate::terraform::edit) fn variable_of(place: Place<'_>, written: Expr<'_>) -> Option<String> {
    let why = place.module.why_unknown(written)?;
    Some(why.strip_suffix(" has no known value")?.rsplit_once("var.")?.1.to_owned())
}

/// The refusal. `rule` names the present rule, and `range` the range that it can have.
pub(in crate::terraform::edit) fn refusal(
    config: &Config,
    place: Place<'_>,
    (rule, written, variable): (&str, Expr<'_>, &str),
    range: &str,
) -> EditError {
    let files = config.optional_var_files_with(variable);
    let next = if files.is_empty() {
        format!("give its value with --var-file FILE or TF_VAR_{variable}")
    } else {
        format!("run egress-doctor with --var-file for the file of this environment ({})", files.join(", "))
    };
    EditError::Answer {
        place: place.location(),
        what: format!(
            "{rule} allows `{}`, and var.{variable} has no value here. It can be {range}, and AWS rejects a second rule for it: {next}",
            written.in_one_line()
        ),
    }
}
