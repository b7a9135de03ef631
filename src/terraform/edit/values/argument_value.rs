//! The refusal for an argument whose value is an expression that egress-doctor does not change.
//!
//! Names the place of the value that decides it, the present value, and the value to put there. Changes nothing.

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::values::deciding_value;
use crate::terraform::edit::values::reenable::in_syntax;
use crate::terraform::edit::values::where_to_give;
use crate::terraform::error::EditError;
use crate::terraform::find::found::Found;
use crate::terraform::find::kept_at::KeptAt;
use crate::terraform::find::kept_value::{KeptValue, kept_argument, kept_value};
use crate::terraform::find::one_environment::of_shared_default;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::structure::Attribute;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// An argument of a block or of a call.
pub(in crate::terraform::edit) struct Argument<'a> {
    /// `module.vpc`
    owner: String,
    module: &'a Module,
    file: &'a File,
    attribute: &'a Attribute,
    /// The place of its value.
    kept: Option<KeptValue<'a>>,
}

impl Argument<'_> {
    fn expression(&self) -> Expr<'_> {
        self.file.expression(self.attribute)
    }

    /// `vpc.tf:12`
    fn location(&self) -> String {
        format!("{}:{}", self.file.path.display(), self.file.line(self.attribute.span.start))
    }

    /// The argument and its expression, as the beginning of a sentence.
    fn shown(&self) -> String {
        format!("{} of {} is `{}`", self.attribute.name, self.owner, self.expression().in_one_line())
    }

    /// `, now false`; empty if the value is unknown.
    fn now(&self) -> String {
        let value = self.module.evaluate(self.expression());
        value.map_or_else(String::new, |value| format!(", now {value}"))
    }
}

/// The refusal for an argument of a call; `key` is that of the instance.
pub(in crate::terraform::edit) fn of_call(
    draft: &Draft<'_>,
    (call, key): (Place<'_>, Option<&str>),
    attribute: &Attribute,
    value: &str,
) -> EditError {
    let expression = call.file.expression(attribute);
    let given = where_to_give::of_argument(draft, call, (&attribute.name, expression), value);
    given.unwrap_or_else(|| {
        let argument = Argument {
            owner: format!("module.{}", call.block.kind().unwrap_or_default()),
            module: call.module,
            file: call.file,
            attribute,
            kept: kept_argument(draft.finder.config, (call, key), &attribute.name),
        };
        refusal(draft, &argument, value)
    })
}

/// The refusal for an argument of a block.
pub(in crate::terraform::edit) fn of_block(
    draft: &Draft<'_>,
    found: &Found<'_>,
    attribute: &Attribute,
    value: &str,
) -> EditError {
    let argument = Argument {
        owner: found.address().to_string(),
        module: found.module,
        file: found.file,
        attribute,
        kept: kept_value(draft.finder.config, (found.module, found.file), attribute.value.clone()),
    };
    refusal(draft, &argument, value)
}

fn refusal(draft: &Draft<'_>, argument: &Argument<'_>, value: &str) -> EditError {
    let Argument { owner, module, file, attribute, kept } = argument;
    let condition =
        (value == "true").then(|| deciding_value::of_argument(owner, (*module, *file), attribute));
    condition.flatten().or_else(|| in_one_place(draft, argument, kept.as_ref()?, value)).unwrap_or_else(
        || EditError::Given {
            place: argument.location(),
            what: format!(
                "{}{}: replace this expression, then run terraform apply",
                argument.shown(),
                argument.now()
            ),
            values: in_syntax(file.is_json(), format!("{} = {value}\n", attribute.name)),
        },
    )
}

/// The refusal that names the place of the value; `None` if no reference leads to it.
fn in_one_place(
    draft: &Draft<'_>,
    argument: &Argument<'_>,
    kept: &KeptValue<'_>,
    value: &str,
) -> Option<EditError> {
    let config = draft.finder.config;
    let last = kept.trail.last()?;
    let (root, name) = (last.path.join("."), last.path.last()?);
    let KeptAt::Value { file, .. } = &kept.at else { return None };
    if let Some(environment) = of_shared_default(config, kept) {
        let step = environment.step(config, name, &draft.finder.workload.name);
        return Some(EditError::Given {
            place: argument.location(),
            what: format!(
                "{}{}. The default of {root} ({}) is {}, so {step}, then run {}",
                argument.shown(),
                argument.now(),
                kept.location(),
                environment.users(),
                config.apply_of_environment(true)
            ),
            values: environment.lines(config, (name, value), kept.text()),
        });
    }
    let is_shared = kept.trail.iter().any(|followed| followed.uses() != 1);
    if is_shared {
        return Some(EditError::Given {
            place: argument.location(),
            what: format!(
                "{}{} ({}). Replace the reference here, because other code uses {root} too, then run terraform apply",
                argument.shown(),
                argument.now(),
                kept.location()
            ),
            values: in_syntax(argument.file.is_json(), format!("{} = {value}\n", argument.attribute.name)),
        });
    }
    Some(EditError::Given {
        place: kept.location(),
        what: format!(
            "{} ({}), and {root} is `{}` here: replace it, then run terraform apply",
            argument.shown(),
            argument.location(),
            Expr::from(kept.text()?).in_one_line()
        ),
        values: in_syntax(file.is_json(), format!("{name} = {value}\n")),
    })
}
