//! Values in the code that decide whether a resource exists: switches, variables, data files, and the notes and refusals about them.
//!
//! Must not write a new resource.

pub(super) mod all_environments;
pub(super) mod argument_value;
pub(super) mod data_file;
pub(super) mod deciding_value;
pub(super) mod disabled_code;
pub(super) mod enable;
pub(super) mod json_values;
pub(super) mod reenable;
pub(super) mod requirement;
pub(super) mod sibling_call;
pub(super) mod switched;
pub(super) mod unknown_workspace;
pub(super) mod unmet;
pub(super) mod variable;
pub(super) mod where_to_give;
