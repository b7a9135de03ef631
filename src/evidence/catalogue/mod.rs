//! The host catalogue: what a host is, by its name alone.
//!
//! Built from `assets/hosts.json` and `assets/endpoint-services.json` on first use. An entry shows that an endpoint service
//! exists, not that this region has it: only `DescribeVpcEndpointServices` shows that.

mod assets;
mod lookup;
mod names;

pub(super) use lookup::{classify, is_region, is_service};
pub use names::{private_names, short_name};
