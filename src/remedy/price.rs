//! The price book: list prices by Region, from `assets/prices.json` and AWS's price list, in exact decimals.
//!
//! An unknown price is `None`, never zero. If the built-in table is broken, a test fails; the program then
//! reports all of its prices as unknown, with the reason.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::Change;
use super::charge::Charge;
use super::estimate::{Estimate, LineItem, Tier, TrafficPath};
use crate::model::{
    ListPrices, NatConnectivity, NatGateway, NatPlacement, Region, RouteTableId, Snapshot, Subnet, SubnetId,
};
use crate::reach::ViaKind;

const PRICES: &str = include_str!("../../assets/prices.json");

/// Hours in a month, as in AWS's pricing calculator.
const HOURS_PER_MONTH: u32 = 730;

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

#[derive(Clone, Debug, Default, Deserialize)]
struct RegionPrices {
    interface_endpoint_hour: Option<Price>,
    interface_endpoint_gb_first_tier: Option<Price>,
    nat_gateway_hour: Option<Price>,
    nat_gateway_gb: Option<Price>,
    public_ipv4_hour: Option<Price>,
    internet_out_gb: Option<Tiers>,
    inter_az_gb_each_way: Option<Price>,
}

#[derive(Clone, Debug, Deserialize)]
struct Price {
    usd: Option<Decimal>,
}

#[derive(Clone, Debug, Deserialize)]
struct Tiers {
    tiers_usd: Vec<Option<Decimal>>,
}

fn usd(price: Option<&Price>) -> Option<Decimal> {
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

    fn prices(&self, region: &Region) -> RegionPrices {
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

    /// The cost of the changes in the snapshot's Region: of the resources that they create, and of the traffic on `paths`, the paths of
    /// the destinations that become reachable.
    #[must_use]
    pub fn estimate(&self, snapshot: &Snapshot, changes: &[Change], paths: &BTreeSet<ViaKind>) -> Estimate {
        let prices = &self.prices(&snapshot.region);
        let mut bill = Bill { items: Vec::new(), traffic_paths: Vec::new(), not_included: Vec::new() };
        let of_paths = paths.iter().map(|kind| Charge::Path(*kind));
        for charge in changes.iter().flat_map(Change::charges).chain(of_paths) {
            match charge {
                Charge::Free(what) => bill.free(what),
                Charge::GatewayEndpoint(service) => {
                    let what = format!("gateway endpoint {service}");
                    bill.per_gb(&format!("data through the {what}"), flat(Some(Decimal::ZERO)));
                    bill.free(what);
                }
                Charge::InterfaceEndpointHours { service, azs } => {
                    let price = usd(prices.interface_endpoint_hour.as_ref());
                    bill.hourly(format!("interface endpoint {service}"), azs, "AZ-hours", price);
                }
                Charge::InterfaceEndpointData | Charge::Path(ViaKind::InterfaceEndpoint) => {
                    bill.per_gb("data through interface endpoints", self.endpoint_tiers(prices));
                }
                Charge::NatGatewayHours { azs } => {
                    let (nat, address) = (&prices.nat_gateway_hour, &prices.public_ipv4_hour);
                    bill.hourly("NAT gateway".to_owned(), azs, "hours", usd(nat.as_ref()));
                    bill.hourly("public IPv4 address".to_owned(), azs, "hours", usd(address.as_ref()));
                }
                Charge::NatGatewayData => bill.nat_gateway_data(prices),
                Charge::Path(ViaKind::Nat) => {
                    bill.nat_gateway_data(prices);
                    bill.internet_out(prices);
                }
                Charge::Path(ViaKind::GatewayEndpoint) => bill.free_path("data through gateway endpoints"),
                Charge::Path(ViaKind::Internet | ViaKind::EgressOnly | ViaKind::DefaultEgress) => {
                    bill.internet_out(prices);
                }
                Charge::Path(ViaKind::Local | ViaKind::AppRunner) => {}
                Charge::RegionalNatGateway => bill.not_included(
                    "a regional NAT gateway is charged per AZ; its hourly price is assumed to equal that of a zonal NAT gateway, \
                     as observed in eu-west-1"
                        .to_owned(),
                ),
                Charge::PublicAddressHours => {
                    let address = usd(prices.public_ipv4_hour.as_ref());
                    bill.hourly("public IPv4 address".to_owned(), 1, "hours", address);
                }
                Charge::PeeringData | Charge::Path(ViaKind::Peering) => bill.peering(),
                Charge::OtherAz => bill.cross_az(prices),
                Charge::InternetOut => bill.internet_out(prices),
                Charge::CrossAzTo { nat, route_tables } => {
                    let nat = snapshot.network.nat_gateways.get(nat);
                    if let Some(NatPlacement::Subnet(subnet)) = nat.map(|nat| &nat.placement)
                        && serves_other_azs(snapshot, Some(subnet), route_tables)
                    {
                        bill.cross_az(prices);
                    }
                }
                Charge::CrossAz { subnet, route_tables } => {
                    if serves_other_azs(snapshot, subnet, route_tables) {
                        bill.cross_az(prices);
                    }
                }
            }
        }
        bill.sum(self)
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
    fn date_and_source(&self) -> (String, String) {
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
    fn endpoint_tiers(&self, prices: &RegionPrices) -> Vec<Tier> {
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
fn flat(usd: Option<Decimal>) -> Vec<Tier> {
    usd.map(|usd| Tier { from_gb: Decimal::ZERO, usd: Some(usd) }).into_iter().collect()
}

struct Bill {
    items: Vec<LineItem>,
    traffic_paths: Vec<TrafficPath>,
    not_included: Vec<String>,
}

impl Bill {
    fn free(&mut self, what: String) {
        let zero = Some(Decimal::ZERO);
        let unit = "months".to_owned();
        self.items.push(LineItem { what, quantity: Decimal::ONE, unit, unit_price: zero, per_month: zero });
    }

    fn hourly(&mut self, what: String, count: usize, unit: &str, price: Option<Decimal>) {
        let quantity = Decimal::from(count) * Decimal::from(HOURS_PER_MONTH);
        let per_month = price.map(|price| price * quantity);
        self.items.push(LineItem { what, quantity, unit: unit.to_owned(), unit_price: price, per_month });
    }

    fn nat_gateway_data(&mut self, prices: &RegionPrices) {
        let price = usd(prices.nat_gateway_gb.as_ref());
        self.per_gb("data through the NAT gateway", flat(price));
    }

    /// Adds a path with its price per GB, once.
    fn per_gb(&mut self, what: &str, tiers: Vec<Tier>) {
        if !self.traffic_paths.iter().any(|path| path.what == what) {
            self.traffic_paths.push(TrafficPath { what: what.to_owned(), tiers });
        }
    }

    /// Adds a path that is free, if other paths are charged.
    fn free_path(&mut self, what: &str) {
        let is_free = |path: &TrafficPath| path.first() == Some(Decimal::ZERO);
        if !self.traffic_paths.is_empty() && !self.traffic_paths.iter().any(is_free) {
            self.per_gb(what, flat(Some(Decimal::ZERO)));
        }
    }

    /// <https://aws.amazon.com/vpc/pricing/>: traffic within an AZ is free.
    fn peering(&mut self) {
        self.not_included(
            "traffic through the VPC peering connection is free within an AZ; between AZs it is charged per GB in each direction"
                .to_owned(),
        );
    }

    /// Adds a charge that is not part of the sum, once.
    fn not_included(&mut self, what: String) {
        if !self.not_included.contains(&what) {
            self.not_included.push(what);
        }
    }

    fn cross_az(&mut self, prices: &RegionPrices) {
        let price = usd(prices.inter_az_gb_each_way.as_ref())
            .map_or("price unknown".to_owned(), |usd| format!("${usd}/GB in each direction"));
        self.not_included(format!("traffic from other AZs to the NAT gateway: {price}"));
    }

    fn internet_out(&mut self, prices: &RegionPrices) {
        let tiers = prices.internet_out_gb.as_ref().map(|tiers| &tiers.tiers_usd);
        let price = tiers
            .and_then(|tiers| tiers.first().copied().flatten())
            .map_or("price unknown".to_owned(), |usd| format!("${usd}/GB for the first 10 TB, 100 GB free"));
        self.not_included(format!("data transfer out to the internet: {price}"));
    }

    fn sum(mut self, book: &PriceBook) -> Estimate {
        let fixed_per_month = self.items.iter().map(|item| item.per_month).sum::<Option<Decimal>>();
        for path in self.traffic_paths.iter().filter(|path| path.first() != Some(Decimal::ZERO)) {
            let (what, unit_price) = (path.what.clone(), path.first());
            let unit = "GB".to_owned();
            self.items.push(LineItem { what, quantity: Decimal::ZERO, unit, unit_price, per_month: None });
        }
        let (as_of, source) = book.date_and_source();
        Estimate {
            fixed_per_month: fixed_per_month.map(with_cents),
            traffic_paths: self.traffic_paths,
            items: self.items,
            not_included: self.not_included,
            as_of,
            source,
        }
    }
}

/// The amount with at least two decimal places.
fn with_cents(amount: Decimal) -> Decimal {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount
}

/// Whether a subnet of one of the route tables is in another AZ than the NAT gateway's subnet.
fn serves_other_azs(snapshot: &Snapshot, nat_subnet: Option<&SubnetId>, tables: &[RouteTableId]) -> bool {
    let network = &snapshot.network;
    let az = nat_subnet.and_then(|id| network.subnets.get(id)).map(|subnet| &subnet.zone);
    let is_in_other_az = |subnet: &Subnet| az != Some(&subnet.zone);
    let is_associated = |id: &SubnetId| network.route_tables.iter().any(|table| table.subnets.contains(id));
    tables.iter().filter_map(|id| network.route_tables.get(id)).any(|table| {
        table.subnets.iter().filter_map(|id| network.subnets.get(id)).any(is_in_other_az)
            || table.main
                && network.subnets.iter().any(|subnet| {
                    subnet.vpc == table.vpc && is_in_other_az(subnet) && !is_associated(&subnet.id)
                })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails at the first error")]

    use super::*;
    use crate::model::VpcId;

    fn cost_in(region: &str, changes: &[Change]) -> String {
        let snapshot = Snapshot::new(Region::from(region), "2026-11-25T00:00:00Z".parse().unwrap());
        let estimate = PriceBook::builtin().estimate(&snapshot, changes, &BTreeSet::new());
        let text = |amount: Option<Decimal>| amount.map_or("unknown".to_owned(), |amount| amount.to_string());
        format!("{} + {}/GB", text(estimate.fixed_per_month), text(estimate.per_gb()))
    }

    fn endpoint(service: &str, zones: usize) -> Change {
        Change::CreateInterfaceEndpoint {
            vpc: VpcId::from("vpc-1"),
            service: format!("com.amazonaws.us-west-2.{service}"),
            private_names: Vec::new(),
            subnets: (0..zones).map(|n| SubnetId::new(format!("subnet-{n}"))).collect(),
            allowed_ranges: Vec::new(),
            ports: vec![443],
        }
    }

    fn nat() -> Change {
        Change::CreateNat {
            vpc: VpcId::from("vpc-1"),
            subnet: Some(SubnetId::from("subnet-1")),
            route_tables: Vec::new(),
        }
    }

    #[test]
    fn endpoints_and_a_nat_gateway_in_oregon() {
        let endpoints = [endpoint("secretsmanager", 3), endpoint("bedrock-runtime", 3)];
        assert_eq!(cost_in("us-west-2", &endpoints), "43.80 + 0.01/GB");
        assert_eq!(cost_in("us-west-2", &[nat()]), "36.50 + 0.045/GB");
        let s3 = Change::CreateGatewayEndpoint {
            vpc: VpcId::from("vpc-1"),
            service: "com.amazonaws.us-west-2.s3".to_owned(),
            route_tables: Vec::new(),
        };
        assert_eq!(cost_in("us-west-2", &[s3]), "0.00 + 0/GB");
    }

    #[test]
    fn prices_read_from_aws_apply_unless_they_are_implausible() {
        let cost = |text: &str| {
            let mut snapshot =
                Snapshot::new(Region::from("us-west-2"), "2026-11-25T00:00:00Z".parse().unwrap());
            let usd = Some(text.parse().unwrap());
            snapshot.prices =
                Some(ListPrices { nat_gateway_hour: usd, nat_gateway_gb: usd, ..ListPrices::default() });
            let estimate = PriceBook::of(&snapshot).estimate(&snapshot, &[nat()], &BTreeSet::new());
            let month = estimate.per_month(Decimal::from(100)).unwrap().high;
            format!(
                "{} + {}/GB, {month:.2} with 100 GB",
                estimate.fixed_per_month.unwrap(),
                estimate.per_gb().unwrap()
            )
        };
        assert_eq!(cost("0.05"), "40.15 + 0.05/GB, 45.15 with 100 GB");
        for implausible in ["-0.01", "0", "79228162514264337593543950335"] {
            assert_eq!(cost(implausible), "36.50 + 0.045/GB, 41.00 with 100 GB", "{implausible}");
        }
    }

    #[test]
    fn prices_of_a_region_without_prices_are_unknown_not_zero() {
        assert_eq!(cost_in("xx-nowhere-1", &[nat()]), "unknown + unknown/GB");
    }

    /// <https://docs.aws.amazon.com/general/latest/gr/apprunner.html>
    #[test]
    fn every_region_of_app_runner_has_prices() {
        let expected = [
            "ap-northeast-1: nat 48.91 + 0.062/GB, endpoint 10.22 + 0.01/GB",
            "ap-south-1: nat 44.53 + 0.056/GB, endpoint 9.49 + 0.01/GB",
            "ap-southeast-1: nat 46.72 + 0.059/GB, endpoint 9.49 + 0.01/GB",
            "ap-southeast-2: nat 46.72 + 0.059/GB, endpoint 9.49 + 0.01/GB",
            "eu-central-1: nat 41.61 + 0.052/GB, endpoint 8.76 + 0.01/GB",
            "eu-west-1: nat 38.69 + 0.048/GB, endpoint 8.03 + 0.01/GB",
            "eu-west-2: nat 40.15 + 0.05/GB, endpoint 8.03 + 0.01/GB",
            "eu-west-3: nat 40.15 + 0.05/GB, endpoint 8.03 + 0.01/GB",
            "us-east-1: nat 36.50 + 0.045/GB, endpoint 7.30 + 0.01/GB",
            "us-east-2: nat 36.50 + 0.045/GB, endpoint 7.30 + 0.01/GB",
            "us-west-2: nat 36.50 + 0.045/GB, endpoint 7.30 + 0.01/GB",
        ];
        for line in expected {
            let region = line.split(':').next().unwrap();
            let (nat, endpoint) = (cost_in(region, &[nat()]), cost_in(region, &[endpoint("s3", 1)]));
            assert_eq!(format!("{region}: nat {nat}, endpoint {endpoint}"), line);
        }
    }

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
        let estimate =
            PriceBook { table: &BROKEN, today: None }.estimate(&snapshot, &[nat()], &BTreeSet::new());
        assert_eq!((estimate.fixed_per_month, estimate.per_gb()), (None, None));
        let reason = "the built-in price table cannot be read: missing field";
        assert!(estimate.source.starts_with(reason), "{}", estimate.source);
    }
}
