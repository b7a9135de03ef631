//! Converts AWS's answers to the model.
//!
//! Live answers and saved answers both use this conversion. It makes no calls and reads no files. Enum
//! values that it does not support are kept as text.

mod endpoint;
mod fields;
mod gateway;
mod named_resource;
mod prefix_list;
mod routing;
mod rules;
mod service;
mod vpc;

pub(super) use endpoint::{endpoint, endpoint_service, network_interface};
pub(super) use fields::is_gone;
pub(super) use gateway::{egress_only_internet_gateway, internet_gateway, nat_gateway};
pub(super) use named_resource::{NamedAnswers, peering_connection};
pub(super) use prefix_list::{lists_in_use, prefix_list, ranges};
#[cfg(feature = "live")]
pub(super) use prefix_list::{lists_of_aws, lists_of_vpc};
pub(super) use routing::route_table;
pub(super) use rules::{network_acl, security_group};
#[cfg(feature = "live")]
pub(super) use service::listed;
pub(super) use service::{connector, service, service_name, undescribed};
pub(super) use vpc::{encryption, resolver_rule, subnet, vpc};
