//! Runs Terraform's own checks on a copy of the configuration.

pub(in crate::terraform) mod binary;
pub mod check;
pub(in crate::terraform) mod git;
pub(in crate::terraform) mod planned;
pub(in crate::terraform) mod scratch;
