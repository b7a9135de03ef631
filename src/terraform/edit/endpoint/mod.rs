//! VPC endpoints, their route tables and their security groups.
//!
//! Must not edit the security group of the connector.

pub(super) mod associations;
pub(super) mod call;
pub(super) mod client;
pub(super) mod clients;
pub(super) mod computed_associations;
pub(super) mod element;
pub(super) mod element_copy;
pub(super) mod entry;
pub(super) mod existing;
pub(super) mod first_element;
pub(super) mod group;
pub(super) mod group_in_aws;
pub(super) mod list;
pub(super) mod map;
pub(super) mod names;
pub(super) mod new;
pub(super) mod pending;
pub(super) mod reenable;
pub(super) mod registry_unit_endpoints;
pub(super) mod rules;
pub(super) mod service_entries;
pub(super) mod unknown_range;
pub(super) mod vpc_module_switch;
