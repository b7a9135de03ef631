//! The price book: list prices by Region, from `assets/prices.json` and AWS's price list, in exact decimals. `bill` adds them up.
//!
//! An unknown price is `None`, never zero. If the built-in table is broken, a test fails; the program then
//! reports all of its prices as unknown, with the reason.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::estimate::Tier;
use crate::model::{ListPrices, NatConnectivity, NatGateway, NatPlacement, Region, Snapshot};

const PRICES: &str = include_str!("../../assets/prices.json");

/// Hours in a month, as in AWS's pricing calculator.
pub(super) const HOURS_PER_MONTH: u32 = 730;

static BUILTIN: LazyLock<Result<PriceTable, serde_json::Error>> = LazyLock::new(|| parse(PRICES));

fn parse(text: &str) -> Result<PriceTable, serde_json::Error> {
    serde_json::from_str(text)
}

/// List prices: the built-in table, and the prices that were read from AWS.
#[derive(Debug)]
pub struct PriceBook {
    table: &'static Result<PriceTable, serde_json::Error>,
    /// The prices that were read from AWS, with their Region and date.
    today: Option<(Region, String, ListPrices)>,
}

#[derive(Debug, Deserialize)]
struct PriceTable {
    as_of: String,
    price_basis: String,
    defaults: Defaults,
    regions: HashMap<String, RegionPrices>,
}

#[derive(Debug, Deserialize)]
struct Defaults {
    interface_endpoint_gb_tiers: TierTable,
}

#[derive(Debug, Deserialize)]
struct TierTable {
    tiers: Vec<TierRow>,
}

#[derive(Debug, Deserialize)]
struct TierRow {
    from_gb: Decimal,
    usd: Decimal,
}

/// The list prices of one Region.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct RegionPrices {
    pub interface_endpoint_hour: Option<Price>,
    pub interface_endpoint_gb_first_tier: Option<Price>,
    pub nat_gateway_hour: Option<Price>,
    pub nat_gateway_gb: Option<Price>,
    pub public_ipv4_hour: Option<Price>,
    pub internet_out_gb: Option<Tiers>,
    pub inter_az_gb_each_way: Option<Price>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Price {
    usd: Option<Decimal>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Tiers {
    pub tiers_usd: Vec<Option<Decimal>>,
}

/// The amount of a price, if it is known.
pub(super) fn usd(price: Option<&Price>) -> Option<Decimal> {
    price.and_then(|price| price.usd)
}

impl PriceBook {
    /// The built-in table.
    #[must_use]
    pub fn builtin() -> Self {
        Self { table: &BUILTIN, today: None }
    }

    /// The prices of a snapshot's Region: those that were read from AWS, and the built-in table for the rest.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let today = snapshot.prices.clone().map(|prices| {
            let date = prices.read_at.unwrap_or(snapshot.taken_at).strftime("%Y-%m-%d").to_string();
            (snapshot.region.clone(), date, prices)
        });
        Self { table: &BUILTIN, today }
    }

    pub(super) fn prices(&self, region: &Region) -> RegionPrices {
        let table = self.table.as_ref().ok();
        let mut prices =
            table.and_then(|table| table.regions.get(region.as_str())).cloned().unwrap_or_default();
        if let Some((_, _, today)) = self.today.as_ref().filter(|(of, ..)| of == region) {
            // An implausible value is ignored; the built-in price applies.
            let is_plausible = |usd: &Decimal| *usd > Decimal::ZERO && *usd < Decimal::ONE_THOUSAND;
            let fill = |price: &mut Option<Price>, read: Option<Decimal>| {
                if let Some(usd) = read.filter(is_plausible) {
                    *price = Some(Price { usd: Some(usd) });
                }
            };
            fill(&mut prices.interface_endpoint_hour, today.interface_endpoint_hour);
            fill(&mut prices.interface_endpoint_gb_first_tier, today.interface_endpoint_gb);
            fill(&mut prices.nat_gateway_hour, today.nat_gateway_hour);
            fill(&mut prices.nat_gateway_gb, today.nat_gateway_gb);
            fill(&mut prices.public_ipv4_hour, today.public_ipv4_hour);
        }
        prices
    }

    /// $/month of an existing NAT gateway without traffic.
    pub(super) fn existing_nat_gateway(&self, region: &Region, nat: &NatGateway) -> Option<Decimal> {
        let prices = self.prices(region);
        let azs = match &nat.placement {
            NatPlacement::Subnet(_) => 1,
            NatPlacement::Regional { zones, .. } => zones.iter().collect::<BTreeSet<_>>().len().max(1),
        };
        let address = match nat.connectivity {
            NatConnectivity::Private => Decimal::ZERO,
            NatConnectivity::Public | NatConnectivity::Other(_) => usd(prices.public_ipv4_hour.as_ref())?,
        };
        let hour = usd(prices.nat_gateway_hour.as_ref())? + address;
        Some(with_cents(hour * Decimal::from(azs) * Decimal::from(HOURS_PER_MONTH)))
    }

    /// The date and the source of the prices.
    pub(super) fn date_and_source(&self) -> (String, String) {
        let (as_of, basis) = match self.table {
            Ok(table) => (table.as_of.clone(), table.price_basis.clone()),
            Err(error) => ("unknown".to_owned(), format!("the built-in price table cannot be read: {error}")),
        };
        match &self.today {
            Some((_, date, _)) if self.table.is_ok() => {
                (date.clone(), format!("AWS Price List; missing prices are from {as_of}"))
            }
            Some((_, date, _)) => (date.clone(), format!("AWS Price List; {basis}")),
            None => (as_of, basis),
        }
    }

    /// The tiers of traffic through interface endpoints. The built-in table has one list of tiers: if the
    /// Region's first price differs from it, the prices of the other tiers are unknown.
    pub(super) fn endpoint_tiers(&self, prices: &RegionPrices) -> Vec<Tier> {
        let first = usd(prices.interface_endpoint_gb_first_tier.as_ref());
        let mut tiers = flat(first);
        if let Ok(table) = self.table
            && !tiers.is_empty()
        {
            let rows = &table.defaults.interface_endpoint_gb_tiers.tiers;
            let is_default = rows.first().map(|row| row.usd) == first;
            let tier = |row: &TierRow| Tier { from_gb: row.from_gb, usd: is_default.then_some(row.usd) };
            tiers.extend(rows.iter().skip(1).map(tier));
        }
        tiers
    }
}

/// One price at any traffic volume.
pub(super) fn flat(usd: Option<Decimal>) -> Vec<Tier> {
    usd.map(|usd| Tier { from_gb: Decimal::ZERO, usd: Some(usd) }).into_iter().collect()
}

/// The amount with at least two decimal places.
pub(super) fn with_cents(amount: Decimal) -> Decimal {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails at the first error")]

    use super::*;
    use crate::model::VpcId;
    use crate::remedy::Change;

    #[test]
    fn the_built_in_price_table_is_valid() {
        let table = parse(PRICES).unwrap();
        assert!(!table.regions.is_empty() && !table.defaults.interface_endpoint_gb_tiers.tiers.is_empty());
        let asset: serde_json::Value = serde_json::from_str(PRICES).unwrap();
        assert_eq!(asset["hours_per_month"], HOURS_PER_MONTH);
    }

    #[test]
    fn a_broken_price_table_is_reported_and_no_price_is_zero() {
        static BROKEN: LazyLock<Result<PriceTable, serde_json::Error>> =
            LazyLock::new(|| parse(r#"{ "as_of": "2026-11-23" }"#));
        let snapshot = Snapshot::new(Region::from("us-west-2"), "2026-11-25T00:00:00Z".parse().unwrap());
        let nat = Change::CreateNat { vpc: VpcId::from("vpc-1"), subnet: None, route_tables: Vec::new() };
        let estimate =
            PriceBook { table: &BROKEN, today: None }.estimate(&snapshot, &[nat], &BTreeSet::new());
        assert_eq!((estimate.fixed_per_month, estimate.per_gb()), (None, None));
        let reason = "the built-in price table cannot be read: missing field";
        assert!(estimate.source.starts_with(reason), "{}", estimate.source);
    }
}
