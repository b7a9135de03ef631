//! The places that keep a value, and the references that are followed to them.

use std::ops::Range;

use hcl_edit::expr::{Expression, ObjectKey};

use crate::terraform::lang::expression::{parse, without_parentheses};
use crate::terraform::lang::uses::uses_of_path;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// The text that keeps a value.
#[derive(Clone)]
pub(in crate::terraform) enum KeptAt<'a> {
    /// An expression.
    Value { module: &'a Module, file: &'a File, span: Range<usize> },
    /// An object that has no such attribute. `inner` are the attributes in it, `enabled` of `nat = { enabled = true }`.
    Attribute { module: &'a Module, file: &'a File, object: Range<usize>, name: String, inner: Vec<String> },
    /// A call that does not set the variable, or sets it for several instances: `key` is the one whose value it is.
    Argument { call: Place<'a>, key: Option<String>, name: String },
}

/// A reference that was followed.
#[derive(Clone)]
pub(in crate::terraform) struct Followed<'a> {
    pub module: &'a Module,
    /// `var`, the name, and the attributes after it.
    pub path: Vec<String>,
}

impl Followed<'_> {
    /// The number of references in the module that have or may have this value or a part of it.
    pub fn uses(&self) -> usize {
        self.module.files.iter().map(|file| uses_of_path(&file.text, &self.path)).sum()
    }

    /// Whether the type of the variable lets the caller give only the last attributes of the path, in objects that have no others.
    pub fn admits_only(&self, inner: usize) -> bool {
        let [root, name, attributes @ ..] = self.path.as_slice() else { return false };
        let variable = self.module.block("variable", &[name]).filter(|_| root == "var");
        let kind = variable.and_then(|(file, block)| Some(file.value(block.body.attribute("type")?)));
        let Some(mut kind) = kind.and_then(parse) else { return true };
        for (place, attribute) in attributes.iter().enumerate() {
            let Expression::FuncCall(call) = without_parentheses(&kind) else {
                return matches!(without_parentheses(&kind), Expression::Variable(any) if any.as_str() == "any");
            };
            let (word, Some(of)) = (call.name.name.as_str(), call.args.iter().next()) else { return false };
            let next = match (word, without_parentheses(of)) {
                ("map", of) => Some(of.clone()),
                ("object", Expression::Object(fields)) => {
                    let is_own =
                        |key: &ObjectKey| key.as_ident().is_some_and(|key| key.as_str() == attribute);
                    let is_new = place + inner >= attributes.len();
                    let is_open = |(key, kind): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
                        !is_new || is_own(key) || optional_type(kind.expr()).is_some()
                    };
                    let own = fields.iter().find(|(key, _)| is_own(key));
                    let own = own.map(|(_, kind)| kind.expr());
                    own.filter(|_| fields.iter().all(is_open))
                        .map(|kind| optional_type(kind).unwrap_or(kind).clone())
                }
                _ => None,
            };
            let Some(next) = next else { return false };
            kind = next;
        }
        true
    }
}

/// The type in `optional(…)`; `None` for a required attribute.
fn optional_type(kind: &Expression) -> Option<&Expression> {
    let Expression::FuncCall(call) = without_parentheses(kind) else { return None };
    (call.name.name.as_str() == "optional").then(|| call.args.iter().next())?
}
