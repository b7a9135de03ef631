//! NAT gateways and NAT instances, also those that registry modules create.
//!
//! Must not edit security groups or the egress of the service.

pub(super) mod cloudposse;
pub(super) mod count;
pub(super) mod entry;
pub(super) mod flagged_entry;
pub(super) mod gateway;
pub(super) mod in_code;
pub(super) mod instance;
pub(super) mod keys;
pub(super) mod number;
pub(super) mod other_nat;
pub(super) mod reenable;
pub(super) mod registry_unit;
pub(super) mod repair;
pub(super) mod vpc_module;
pub(super) mod wrapped_vpc;
pub(super) mod zones;
