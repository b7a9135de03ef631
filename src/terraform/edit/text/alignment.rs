//! The alignment of equal signs in adjacent lines.

use std::ops::Range;

use crate::terraform::edit::text::splice::Splice;
use crate::terraform::lang::scan::Attribute;
use crate::terraform::read::file::File;

/// The position of an attribute's `=`.
pub(in crate::terraform) fn equal_sign(file: &File, attribute: &Attribute) -> Option<usize> {
    let text = file.slice(attribute.span.start..attribute.value.start);
    text.rfind('=').map(|found| attribute.span.start + found)
}

/// Pads an attribute's name to a width; `None` if it has that width.
pub(in crate::terraform) fn set_padding(file: &File, attribute: &Attribute, width: usize) -> Option<Splice> {
    let from = attribute.span.start + attribute.name.len();
    let span: Range<usize> = from..equal_sign(file, attribute)?;
    let text = " ".repeat(width - attribute.name.len() + 1);
    (file.slice(span.clone()) != text).then_some(Splice::new(span, text))
}
