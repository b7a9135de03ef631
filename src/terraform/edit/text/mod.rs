//! Text edits of Terraform files that do not depend on AWS: spans, attributes, lists, comments, names.
//!
//! Must not decide which resource a change needs.

pub(super) mod alignment;
pub(super) mod amend;
pub(super) mod commented_argument;
pub(super) mod entries;
pub(super) mod entry_text;
pub(super) mod list;
pub(super) mod names;
pub(super) mod one_value;
pub(super) mod self_check;
pub(super) mod splice;
pub(super) mod tables;
pub(super) mod uncomment;
