//! Runs Terraform's own checks on a copy of the configuration. Changes no file of the user.
//!
//! `validate` and `plan` execute code of the user's folder: the provider binaries in Terraform's data directory, and the programs of
//! `external` data sources. They run only up to the requested level, and the interactive application asks once per folder.

pub(in crate::terraform) mod binary;
pub(in crate::terraform) mod check;
pub(in crate::terraform) mod consent;
pub(in crate::terraform) mod folder;
pub(in crate::terraform) mod git;
pub(in crate::terraform) mod level;
pub(in crate::terraform) mod outcome;
pub(in crate::terraform) mod planned;
pub(in crate::terraform) mod scratch;
