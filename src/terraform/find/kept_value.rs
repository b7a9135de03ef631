//! Finds where the code keeps the value of an expression: follows variables, the arguments of calls, locals, attributes of objects and
//! entries of maps to the text that a user edits.
//!
//! Reads only the code. `edit::variable` changes what is found.

use std::ops::Range;

use crate::terraform::find::kept_at::{Followed, KeptAt};
use crate::terraform::find::kept_search::{DEPTH, Search};
use crate::terraform::find::steps::Step;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Where the value of an expression is kept.
#[derive(Clone)]
pub(in crate::terraform) struct KeptValue<'a> {
    pub at: KeptAt<'a>,
    /// The references that were followed, in order.
    pub trail: Vec<Followed<'a>>,
}

impl KeptValue<'_> {
    /// The present value as it is written; `None` if it is not written.
    pub fn text(&self) -> Option<&str> {
        match &self.at {
            KeptAt::Value { file, span, .. } => Some(file.slice(span.clone()).trim()),
            KeptAt::Attribute { .. } | KeptAt::Argument { .. } => None,
        }
    }

    /// Whether it is in a file in JSON syntax.
    pub fn is_json(&self) -> bool {
        match &self.at {
            KeptAt::Value { file, .. } | KeptAt::Attribute { file, .. } => file.is_json(),
            KeptAt::Argument { call, .. } => call.file.is_json(),
        }
    }

    /// `terraform.tfvars:4`
    pub fn location(&self) -> String {
        let at =
            |file: &File, span: &Range<usize>| format!("{}:{}", file.path.display(), file.line(span.start));
        match &self.at {
            KeptAt::Value { file, span, .. } => at(file, span),
            KeptAt::Attribute { file, object, .. } => at(file, object),
            KeptAt::Argument { call, .. } => call.location(),
        }
    }
}

/// Where the value of an expression of a module is kept; `None` if it is computed, or given by something that is not read here.
pub(in crate::terraform) fn kept_value<'a>(
    config: &'a Config,
    (module, file): (&'a Module, &'a File),
    span: Range<usize>,
) -> Option<KeptValue<'a>> {
    let mut search = Search::new(config);
    let at = search.text((module, file), span, &[], DEPTH)?;
    Some(KeptValue { at, trail: search.trail })
}

/// The same for an argument of a call, for the instance of the call with a key.
pub(in crate::terraform) fn kept_argument<'a>(
    config: &'a Config,
    (call, key): (Place<'a>, Option<&str>),
    name: &str,
) -> Option<KeptValue<'a>> {
    let mut search = Search::new(config);
    let at = search.argument((call, key), name, &[], DEPTH)?;
    Some(KeptValue { at, trail: search.trail })
}

/// The same for a variable of a module and attributes of it.
pub(in crate::terraform) fn kept_variable<'a>(
    config: &'a Config,
    module: &'a Module,
    name: &str,
    path: &[String],
) -> Option<KeptValue<'a>> {
    kept_attribute(config, path, |search, steps| search.variable(module, name, steps, DEPTH))
}

/// The same for attributes of a local.
pub(in crate::terraform) fn kept_local<'a>(
    config: &'a Config,
    module: &'a Module,
    name: &str,
    path: &[String],
) -> Option<KeptValue<'a>> {
    kept_attribute(config, path, |search, steps| search.local(module, name, steps, DEPTH))
}

/// Where a search for attributes finds a value.
fn kept_attribute<'a>(
    config: &'a Config,
    path: &[String],
    find: impl FnOnce(&mut Search<'a>, &[Step]) -> Option<KeptAt<'a>>,
) -> Option<KeptValue<'a>> {
    let mut search = Search::new(config);
    let steps: Vec<Step> = path.iter().cloned().map(Step::Attribute).collect();
    let at = find(&mut search, &steps)?;
    Some(KeptValue { at, trail: search.trail })
}
