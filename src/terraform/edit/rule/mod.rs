//! Rules of security groups and network ACLs.
//!
//! Must not create a security group.

pub(super) mod acl_ports;
pub(super) mod by_variable;
pub(super) mod client_list;
pub(super) mod cloudposse;
pub(super) mod commented_out;
pub(super) mod data_file;
pub(super) mod database_groups;
pub(super) mod default_group;
pub(super) mod entries;
pub(super) mod existing;
pub(super) mod group_code;
pub(super) mod in_code;
pub(super) mod inbound;
pub(super) mod inline;
pub(super) mod nacl;
pub(super) mod peer;
pub(super) mod registry;
pub(super) mod registry_acl;
pub(super) mod registry_group;
pub(super) mod rules;
pub(super) mod unknown_range;
pub(super) mod values;
pub(super) mod variable;
