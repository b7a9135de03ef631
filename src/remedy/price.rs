//! The price book: list prices by region, from `assets/prices.json`, in exact decimals.
//!
//! Months are 730 hours. A price that is not known is `None`, never zero.

use std::collections::HashMap;
use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::model::Region;

use super::{Change, Estimate, LineItem, simulate};

const PRICES: &str = include_str!("../../assets/prices.json");

static BUILTIN: LazyLock<PriceBook> = LazyLock::new(|| {
    serde_json::from_str(PRICES).unwrap_or_else(|_| PriceBook {
        as_of: "never".to_owned(),
        price_basis: "no price table".to_owned(),
        hours_per_month: 730,
        regions: HashMap::new(),
    })
});

/// List prices.
#[derive(Debug, Deserialize)]
pub struct PriceBook {
    as_of: String,
    price_basis: String,
    hours_per_month: u32,
    regions: HashMap<String, RegionPrices>,
}

#[derive(Debug, Default, Deserialize)]
struct RegionPrices {
    interface_endpoint_hour: Option<Price>,
    interface_endpoint_gb_first_tier: Option<Price>,
    nat_gateway_hour: Option<Price>,
    nat_gateway_gb: Option<Price>,
    public_ipv4_hour: Option<Price>,
    internet_out_gb: Option<Tiers>,
    inter_az_gb_each_way: Option<Price>,
}

#[derive(Debug, Deserialize)]
struct Price {
    usd: Option<Decimal>,
}

#[derive(Debug, Deserialize)]
struct Tiers {
    tiers_usd: Vec<Option<Decimal>>,
}

fn usd(price: Option<&Price>) -> Option<Decimal> {
    price.and_then(|price| price.usd)
}

impl PriceBook {
    /// The table that comes with the program.
    #[must_use]
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// What the changes cost in a region.
    #[must_use]
    pub fn estimate(&self, region: &Region, changes: &[Change]) -> Estimate {
        let unknown = RegionPrices::default();
        let prices = self.regions.get(region.as_str()).unwrap_or(&unknown);
        let mut bill =
            Bill { hours: self.hours_per_month, items: Vec::new(), per_gb: Vec::new(), apart: Vec::new() };
        for change in changes {
            match change {
                Change::CreateGatewayEndpoint { service, .. }
                | Change::AssociateRouteTables { service, .. } => {
                    bill.free(format!("gateway endpoint {}", simulate::short(service)));
                }
                Change::CreateInterfaceEndpoint { service, subnets, .. } => {
                    let what = format!("interface endpoint {}", simulate::short(service));
                    bill.hourly(
                        what,
                        subnets.len(),
                        "zone-hours",
                        usd(prices.interface_endpoint_hour.as_ref()),
                    );
                    bill.by_traffic(
                        "data through interface endpoints",
                        usd(prices.interface_endpoint_gb_first_tier.as_ref()),
                    );
                }
                Change::AllowEgress { .. }
                | Change::AllowEndpointIngress { .. }
                | Change::AllowNacl { .. } => {
                    bill.free("rules".to_owned());
                }
                Change::EnableVpcDns { .. } => bill.free("DNS attributes".to_owned()),
                Change::MoveConnector { .. } => bill.free("VPC connector".to_owned()),
                Change::CreateNat { .. } | Change::RepairNat { .. } => bill.nat(prices),
                Change::UseDefaultEgress { .. } => {
                    bill.free("DEFAULT egress".to_owned());
                    bill.internet_out(prices);
                }
            }
        }
        bill.sum(self)
    }
}

struct Bill {
    hours: u32,
    items: Vec<LineItem>,
    per_gb: Vec<(String, Option<Decimal>)>,
    apart: Vec<String>,
}

impl Bill {
    fn free(&mut self, what: String) {
        let zero = Some(Decimal::ZERO);
        let unit = "months".to_owned();
        self.items.push(LineItem { what, quantity: Decimal::ONE, unit, unit_price: zero, per_month: zero });
    }

    fn hourly(&mut self, what: String, how_many: usize, unit: &str, price: Option<Decimal>) {
        let quantity = Decimal::from(how_many) * Decimal::from(self.hours);
        let per_month = price.map(|price| price * quantity);
        self.items.push(LineItem { what, quantity, unit: unit.to_owned(), unit_price: price, per_month });
    }

    /// A price by traffic. Traffic takes one way, so the same price is listed once.
    fn by_traffic(&mut self, what: &str, price: Option<Decimal>) {
        if !self.per_gb.iter().any(|(known, _)| known == what) {
            self.per_gb.push((what.to_owned(), price));
        }
    }

    fn nat(&mut self, prices: &RegionPrices) {
        self.hourly("NAT gateway".to_owned(), 1, "hours", usd(prices.nat_gateway_hour.as_ref()));
        self.hourly("public IPv4 address".to_owned(), 1, "hours", usd(prices.public_ipv4_hour.as_ref()));
        self.by_traffic("data through the NAT gateway", usd(prices.nat_gateway_gb.as_ref()));
        self.internet_out(prices);
        let price =
            usd(prices.inter_az_gb_each_way.as_ref()).map_or("unknown".to_owned(), |usd| format!("${usd}"));
        self.apart.push(format!("traffic from the other zones to the one NAT gateway: {price}/GB each way"));
    }

    fn internet_out(&mut self, prices: &RegionPrices) {
        let first =
            prices.internet_out_gb.as_ref().and_then(|tiers| tiers.tiers_usd.first().copied().flatten());
        let price = first
            .map_or("price unknown".to_owned(), |usd| format!("${usd}/GB for the first 10 TB, 100 GB free"));
        self.apart.push(format!("data transfer out to the internet: {price}"));
    }

    fn sum(mut self, book: &PriceBook) -> Estimate {
        let fixed_per_month = self.items.iter().map(|item| item.per_month).sum::<Option<Decimal>>();
        // Each gigabyte takes one of the ways; the dearest is the honest single number.
        let prices: Option<Vec<Decimal>> = self.per_gb.iter().map(|(_, price)| *price).collect();
        let per_gb = prices.map(|prices| prices.into_iter().max().unwrap_or(Decimal::ZERO));
        for (what, unit_price) in self.per_gb {
            let unit = "GB".to_owned();
            self.items.push(LineItem { what, quantity: Decimal::ZERO, unit, unit_price, per_month: None });
        }
        Estimate {
            fixed_per_month: fixed_per_month.map(cents),
            per_gb: per_gb.map(|price| price.normalize()),
            items: self.items,
            apart: self.apart,
            as_of: book.as_of.clone(),
            source: book.price_basis.clone(),
        }
    }
}

/// Two places at least, so that money reads as money.
fn cents(amount: Decimal) -> Decimal {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]

    use super::*;
    use crate::model::{SubnetId, VpcId};

    fn money(region: &str, changes: &[Change]) -> String {
        let estimate = PriceBook::builtin().estimate(&Region::from(region), changes);
        let text = |amount: Option<Decimal>| amount.map_or("unknown".to_owned(), |amount| amount.to_string());
        format!("{} + {}/GB", text(estimate.fixed_per_month), text(estimate.per_gb))
    }

    fn endpoint(service: &str, zones: usize) -> Change {
        Change::CreateInterfaceEndpoint {
            vpc: VpcId::from("vpc-1"),
            service: format!("com.amazonaws.us-west-2.{service}"),
            private_names: Vec::new(),
            subnets: (0..zones).map(|n| SubnetId::new(format!("subnet-{n}"))).collect(),
            admits: Vec::new(),
        }
    }

    fn nat() -> Change {
        Change::CreateNat {
            vpc: VpcId::from("vpc-1"),
            subnet: SubnetId::from("subnet-1"),
            route_tables: Vec::new(),
        }
    }

    #[test]
    fn the_founding_story_in_oregon() {
        let endpoints = [endpoint("secretsmanager", 3), endpoint("bedrock-runtime", 3)];
        assert_eq!(money("us-west-2", &endpoints), "43.80 + 0.01/GB");
        assert_eq!(money("us-west-2", &[nat()]), "36.50 + 0.045/GB");
        let s3 = Change::CreateGatewayEndpoint {
            vpc: VpcId::from("vpc-1"),
            service: "com.amazonaws.us-west-2.s3".to_owned(),
            route_tables: Vec::new(),
        };
        assert_eq!(money("us-west-2", &[s3]), "0.00 + 0/GB");
    }

    #[test]
    fn a_region_without_prices_is_unknown_not_free() {
        assert_eq!(money("xx-nowhere-1", &[nat()]), "unknown + unknown/GB");
    }
}
