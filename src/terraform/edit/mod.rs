//! Turns a proposal into a change set. Writes nothing.

pub(in crate::terraform) mod amend;
pub(in crate::terraform) mod connector;
pub(in crate::terraform) mod default_egress;
pub(in crate::terraform) mod draft;
pub(in crate::terraform) mod endpoints;
pub(in crate::terraform) mod import;
pub(in crate::terraform) mod manual;
pub(in crate::terraform) mod nat;
pub(in crate::terraform) mod reenable;
pub(in crate::terraform) mod reenable_nat;
pub(in crate::terraform) mod rules;
pub(in crate::terraform) mod self_check;
pub(in crate::terraform) mod splice;
pub(in crate::terraform) mod vpc;
pub(in crate::terraform) mod vpc_module;
