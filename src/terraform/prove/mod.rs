//! Runs Terraform's own checks on a copy of the configuration. Changes no file of the user.

pub(in crate::terraform) mod binary;
pub(in crate::terraform) mod check;
pub(in crate::terraform) mod git;
pub(in crate::terraform) mod outcome;
pub(in crate::terraform) mod planned;
pub(in crate::terraform) mod scratch;
