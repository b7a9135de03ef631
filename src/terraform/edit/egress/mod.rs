//! The egress of the service: `egress_type`, and its VPC connector.
//!
//! Must not edit the network.

pub(super) mod by_switch;
pub(super) mod connector;
pub(super) mod connector_in_module;
pub(super) mod connector_of_entry;
pub(super) mod default;
pub(super) mod dynamic;
pub(super) mod elsewhere;
pub(super) mod environment;
pub(super) mod of_call;
pub(super) mod override_file;
pub(super) mod switch;
pub(super) mod value;
pub(super) mod variable;
