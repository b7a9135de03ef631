//! The host catalogue: the kind of a host, by its name alone.
//!
//! Built from `assets/hosts.json` and `assets/endpoint-services.json` on first use. An entry shows that an
//! endpoint service exists in AWS. Only `DescribeVpcEndpointServices` shows whether this region has it.

mod assets;
mod lookup;
mod names;

pub(super) use lookup::{classify, is_region, is_service};
pub use names::{distinct_names, private_names, short_name};

use crate::model::Region;

/// Replaces the placeholders of a host template. `{dual}` stays if the dual-stack suffix is not known.
pub(super) fn fill_host(template: &str, region: &Region) -> String {
    lookup::fill(template, region.as_str(), lookup::CATALOGUE.dns_suffix(region.as_str()))
}
