//! List prices as AWS told them, in exact decimals.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What AWS's Price List says of a region, without tax and discount; `None` where it said nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListPrices {
    /// $ for an interface endpoint, for an hour in one zone.
    pub interface_endpoint_hour: Option<Decimal>,
    /// $ for a gigabyte through interface endpoints, in the first tier.
    pub interface_endpoint_gb: Option<Decimal>,
    /// $ for a NAT gateway, for an hour.
    pub nat_gateway_hour: Option<Decimal>,
    /// $ for a gigabyte through a NAT gateway.
    pub nat_gateway_gb: Option<Decimal>,
    /// $ for a public IPv4 address in use, for an hour.
    pub public_ipv4_hour: Option<Decimal>,
}
