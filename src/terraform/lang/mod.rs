//! The HCL language: text, structure and values. Uses no files, no AWS and no Terraform root.

pub(in crate::terraform) mod address;
pub(in crate::terraform) mod budget;
mod cidr;
pub(in crate::terraform) mod data_files;
pub(in crate::terraform) mod evaluate;
mod evaluator;
pub(in crate::terraform) mod expression;
mod functions;
pub(in crate::terraform) mod json;
pub(in crate::terraform) mod json_lines;
pub(in crate::terraform) mod layout;
pub(in crate::terraform) mod partial;
pub(in crate::terraform) mod render;
pub mod scan;
pub(in crate::terraform) mod structure;
pub(in crate::terraform) mod symbols;
pub(in crate::terraform) mod tags;
mod templates;
pub(in crate::terraform) mod uses;
pub(in crate::terraform) mod value_lines;
pub(in crate::terraform) mod work;
mod yaml;
