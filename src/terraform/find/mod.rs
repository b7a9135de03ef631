//! Finds the block that manages an AWS resource. Plans no edit.

pub(in crate::terraform) mod app_runner_code;
pub(in crate::terraform) mod chain;
pub(in crate::terraform) mod collections;
pub(in crate::terraform) mod commented_out;
pub(in crate::terraform) mod decide;
pub(in crate::terraform) mod express;
pub(in crate::terraform) mod finder;
pub(in crate::terraform) mod found;
pub(in crate::terraform) mod instances;
mod instantiate;
pub(in crate::terraform) mod kept_value;
pub(in crate::terraform) mod module_code;
pub(in crate::terraform) mod network;
pub(in crate::terraform) mod origin;
pub(in crate::terraform) mod reference;
pub(in crate::terraform) mod registry;
pub(in crate::terraform) mod score;
mod steps;
pub(in crate::terraform) mod subnet_places;
pub(in crate::terraform) mod subnets;
pub(in crate::terraform) mod switch;
pub(in crate::terraform) mod tables;
pub(in crate::terraform) mod tag_style;
pub(in crate::terraform) mod vpc;
mod vpc_reference;
