//! The places that keep a value, and the references that are followed to them.

use std::ops::Range;

use crate::terraform::lang::uses::uses_of_path;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// The text that keeps a value.
#[derive(Clone)]
pub(in crate::terraform) enum KeptAt<'a> {
    /// An expression.
    Value { module: &'a Module, file: &'a File, span: Range<usize> },
    /// An object that has no such attribute.
    Attribute { module: &'a Module, file: &'a File, object: Range<usize>, name: String },
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
}
