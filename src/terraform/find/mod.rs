//! Finds the block that manages an AWS resource. Plans no edit.

pub(in crate::terraform) mod app_runner_code;
pub(in crate::terraform) mod commented_out;
pub(in crate::terraform) mod decide;
pub(in crate::terraform) mod finder;
pub(in crate::terraform) mod found;
pub(in crate::terraform) mod reference;
pub(in crate::terraform) mod score;
pub(in crate::terraform) mod switch;
pub(in crate::terraform) mod vpc;
