//! The refusal for a route in a module that is called more than once: the argument of the call that gives its table the route.

use crate::terraform::edit::draft::Draft;
use crate::terraform::error::EditError;
use crate::terraform::find::found::Found;
use crate::terraform::lang::expression::{Expr, first_of_try};
use crate::terraform::lang::partial::references;
use crate::terraform::lang::structure::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// The argument for a table with inline routes; `None` if they do not depend on one variable. `range` and `target` are arguments of the
/// route with their values in the target module.
pub(in crate::terraform::edit) fn refusal(
    draft: &Draft<'_>,
    found: &Found<'_>,
    range: (&str, &str),
    target: (&str, &str),
) -> Option<EditError> {
    let mut dynamic = found.block.body.blocks("dynamic");
    let route = dynamic.find(|block| block.kind() == Some("route"))?;
    let each = found.file.value(route.body.attribute("for_each")?);
    let table = found.address_in_root().to_string();
    let list = element(found.file, route, range, target);
    let (_, target) = target;
    let value = list.as_deref().unwrap_or(target);
    let effect = format!("gives {table} its default route");
    let refusal = of_argument(draft, found.module, each, (&effect, Some(value)), list.is_some())?;
    let new = draft.new_blocks();
    Some(match refusal {
        EditError::Given { place, what, values } if list.is_some() && !new.is_empty() => {
            EditError::Given { place, what, values: format!("{values}\n# And these blocks\n{new}") }
        }
        other => other,
    })
}

/// The list with the route, if the dynamic block has an element of a list for each route.
fn element(
    file: &File,
    route: &Block,
    (range_name, range): (&str, &str),
    (target_name, target): (&str, &str),
) -> Option<String> {
    let content = route.body.blocks("content").next()?;
    let field = |name: &str| {
        let written = file.expression(content.body.attribute(name)?).tree()?;
        let reference = Expr::parsed("", first_of_try(written.as_ref())).reference()?;
        reference.strip_prefix("route.value.").map(str::to_owned)
    };
    Some(format!("[{{ {} = {range}, {} = {target} }}]", field(range_name)?, field(target_name)?))
}

/// The argument for a disabled `aws_route`; `None` if its `count` or `for_each` does not depend on one variable.
pub(in crate::terraform::edit) fn of_disabled(draft: &Draft<'_>, route: Place<'_>) -> Option<EditError> {
    let written = ["count", "for_each"].iter().find_map(|name| route.block.body.attribute(name))?;
    let what = format!("decides whether {} ({}) exists", route.address_in_root(), route.location());
    of_argument(draft, route.module, route.file.value(written), (&what, None), false)
}

fn of_argument(
    draft: &Draft<'_>,
    module: &Module,
    each: &str,
    (effect, target): (&str, Option<&str>),
    is_list: bool,
) -> Option<EditError> {
    let config = draft.finder.config;
    let mut variables = references(&format!("x = {each}\n"));
    variables.retain(|reference| reference.starts_with("var."));
    variables.dedup();
    let [only] = variables.as_slice() else { return None };
    let argument = only.strip_prefix("var.")?;
    let call = config.caller(module)?;
    let name = format!("module.{}", call.block.kind()?);
    call.block.body.attribute(argument).is_none().then_some(())?;
    let (line, written) = match commented_out(call, argument) {
        Some((line, text)) => (line, Some(text)),
        None => (call.file.line(call.block.span.start), None),
    };
    let others = call.module.blocks("module").filter(|(_, other)| other.labels != call.block.labels);
    // The routes of another table are not those of this one.
    let mut others = others
        .filter(|_| !is_list)
        .filter_map(|(file, other)| Some(file.value(other.body.attribute(argument)?).trim()));
    let is_caller = draft.finder.target.address == call.module.address;
    let value = others.next().map(str::to_owned).or_else(|| target.filter(|_| is_caller).map(str::to_owned));
    let is_commented = written.is_some();
    let values = written.or_else(|| value.map(|value| format!("{argument} = {value}")))?;
    let next =
        if is_commented { "This line has it in a comment: uncomment it" } else { "Set it in this call" };
    Some(EditError::Given {
        place: format!("{}:{line}", call.file.path.display()),
        what: format!(
            "var.{argument} of {name} {effect}, and the call does not set it; the other calls of the module do not change. {next}, then run \
             {}",
            config.tool().apply()
        ),
        values: format!("{values}\n"),
    })
}

/// The line of a call with an argument in a comment, and the argument.
fn commented_out(call: Place<'_>, argument: &str) -> Option<(usize, String)> {
    let first = call.file.line(call.block.span.start);
    let mut lines = call.file.slice(call.block.span.clone()).lines().enumerate();
    lines.find_map(|(at, line)| {
        let line = line.trim();
        let text = line.strip_prefix('#').or_else(|| line.strip_prefix("//"))?.trim();
        let rest = text.strip_prefix(argument)?.trim_start();
        let is_argument = rest.starts_with('=') && !rest.starts_with("==");
        is_argument.then(|| (first + at, text.to_owned()))
    })
}
