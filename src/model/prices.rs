//! AWS list prices, as exact decimals.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::default_value::is_default;

/// Prices of a region from AWS's Price List, without tax and discount; `None` for a price that is not in the
/// list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListPrices {
    /// When they were read from AWS; `None` in a snapshot of an earlier version, which has the time of the snapshot.
    #[serde(default, skip_serializing_if = "is_default")]
    pub read_at: Option<Timestamp>,
    /// $ per hour and AZ for an interface endpoint.
    pub interface_endpoint_hour: Option<Decimal>,
    /// $ per GB through interface endpoints, first tier.
    pub interface_endpoint_gb: Option<Decimal>,
    /// $ per hour for a NAT gateway.
    pub nat_gateway_hour: Option<Decimal>,
    /// $ per GB through a NAT gateway.
    pub nat_gateway_gb: Option<Decimal>,
    /// $ per hour for a public IPv4 address in use.
    pub public_ipv4_hour: Option<Decimal>,
}
