//! Reads a configuration: the root module and the modules that it calls. Changes nothing and does not use
//! AWS.

pub(in crate::terraform) mod argument;
mod block_index;
pub(in crate::terraform) mod boundary;
pub(in crate::terraform) mod callers;
pub(in crate::terraform) mod config;
mod counts;
mod data_files;
pub(in crate::terraform) mod entry;
pub(in crate::terraform) mod environment;
pub(in crate::terraform) mod file;
mod generated;
pub(in crate::terraform) mod input_place;
pub(in crate::terraform) mod instantiate;
pub(in crate::terraform) mod load;
mod loader;
pub(in crate::terraform) mod module;
pub(in crate::terraform) mod module_files;
pub(in crate::terraform) mod not_read;
pub(in crate::terraform) mod open_unit;
pub(in crate::terraform) mod pending;
pub(in crate::terraform) mod place;
pub(in crate::terraform) mod settings;
pub(in crate::terraform) mod stack;
pub(in crate::terraform) mod state;
pub(in crate::terraform) mod state_root;
pub(in crate::terraform) mod tool;
pub(in crate::terraform) mod unit;
mod unit_origin;
pub(in crate::terraform) mod unit_value;
pub(in crate::terraform) mod var_files;
mod zones;
