//! The price book: list prices by region, from `assets/prices.json`, in exact decimals.
//!
//! Months are 730 hours. A price that is not known is `None`, never zero.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::estimate::{Tier, Way};
use super::{Change, Estimate, LineItem, simulate};
use crate::model::{
    ListPrices, NatConnectivity, NatGateway, NatPlacement, Region, RouteTableId, Snapshot, Subnet, SubnetId,
};

const PRICES: &str = include_str!("../../assets/prices.json");

static BUILTIN: LazyLock<PriceTable> = LazyLock::new(|| {
    serde_json::from_str(PRICES).unwrap_or_else(|_| PriceTable {
        as_of: "never".to_owned(),
        price_basis: "no price table".to_owned(),
        hours_per_month: 730,
        defaults: Defaults::default(),
        regions: HashMap::new(),
    })
});

/// List prices: the table that comes with the program, and what AWS said today.
#[derive(Debug)]
pub struct PriceBook {
    table: &'static PriceTable,
    /// The region that today's prices are of, when they were read, and they.
    today: Option<(Region, String, ListPrices)>,
}

#[derive(Debug, Deserialize)]
struct PriceTable {
    as_of: String,
    price_basis: String,
    hours_per_month: u32,
    defaults: Defaults,
    regions: HashMap<String, RegionPrices>,
}

#[derive(Debug, Default, Deserialize)]
struct Defaults {
    interface_endpoint_gb_tiers: TierTable,
}

#[derive(Debug, Default, Deserialize)]
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
    /// The table that comes with the program.
    #[must_use]
    pub fn builtin() -> Self {
        Self { table: &BUILTIN, today: None }
    }

    /// The prices of a snapshot's region: what AWS said where it was read, and the table for the rest.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let date = snapshot.taken_at.strftime("%Y-%m-%d").to_string();
        let today = snapshot.prices.clone().map(|prices| (snapshot.region.clone(), date, prices));
        Self { table: &BUILTIN, today }
    }

    fn prices(&self, region: &Region) -> RegionPrices {
        let mut prices = self.table.regions.get(region.as_str()).cloned().unwrap_or_default();
        if let Some((_, _, today)) = self.today.as_ref().filter(|(of, ..)| of == region) {
            // What no price can be is not taken for one: the table stands.
            let is_price = |usd: &Decimal| *usd > Decimal::ZERO && *usd < Decimal::ONE_THOUSAND;
            let fill = |known: &mut Option<Price>, read: Option<Decimal>| {
                if let Some(usd) = read.filter(is_price) {
                    *known = Some(Price { usd: Some(usd) });
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

    /// What the changes cost in the snapshot's region. Only what they create is charged.
    #[must_use]
    pub fn estimate(&self, snapshot: &Snapshot, changes: &[Change]) -> Estimate {
        let prices = &self.prices(&snapshot.region);
        let mut bill = Bill {
            hours: self.table.hours_per_month,
            items: Vec::new(),
            ways: Vec::new(),
            apart: Vec::new(),
        };
        for change in changes {
            match change {
                Change::CreateGatewayEndpoint { service, .. }
                | Change::AssociateRouteTables { service, .. } => {
                    let what = format!("gateway endpoint {}", simulate::short(service));
                    bill.by_traffic(&format!("data through the {what}"), flat(Some(Decimal::ZERO)));
                    bill.free(what);
                }
                Change::CreateInterfaceEndpoint { service, subnets, .. } => {
                    let what = format!("interface endpoint {}", simulate::short(service));
                    bill.hourly(
                        what,
                        subnets.len(),
                        "zone-hours",
                        usd(prices.interface_endpoint_hour.as_ref()),
                    );
                    bill.by_traffic("data through interface endpoints", self.endpoint_tiers(prices));
                }
                Change::EnablePrivateDns { service, .. } => {
                    bill.free(format!("private DNS of {}", simulate::short(service)));
                    bill.by_traffic("data through interface endpoints", self.endpoint_tiers(prices));
                }
                Change::AllowEgress { .. }
                | Change::AllowEndpointIngress { .. }
                | Change::AllowNacl { .. } => {
                    bill.free("rules".to_owned());
                }
                Change::EnableVpcDns { .. } => bill.free("DNS attributes".to_owned()),
                Change::MoveConnector { .. } => bill.free("VPC connector".to_owned()),
                Change::CreateNat { subnet, route_tables, .. }
                | Change::RepairNat { subnet, route_tables, .. } => {
                    bill.nat(prices, 1, serves_other_zones(snapshot, subnet, route_tables));
                }
                Change::RouteToNat { .. } => {
                    bill.free("routes to a NAT gateway that is there".to_owned());
                    bill.by_traffic(
                        "data through the NAT gateway",
                        flat(usd(prices.nat_gateway_gb.as_ref())),
                    );
                    bill.internet_out(prices);
                }
                Change::RouteToInternet { .. } => {
                    bill.free("a route to the internet gateway".to_owned());
                    bill.by_traffic(
                        "data through the NAT gateway",
                        flat(usd(prices.nat_gateway_gb.as_ref())),
                    );
                    bill.internet_out(prices);
                }
                Change::CreateRegionalNat { zones, .. } => {
                    bill.nat(prices, zones.len(), false);
                    bill.apart_once(
                        "a regional NAT gateway is charged for each zone that it serves; its hours are taken to cost what a \
                         zonal one's do, as was seen in eu-west-1"
                            .to_owned(),
                    );
                }
                Change::UseDefaultEgress { .. } => {
                    bill.free("DEFAULT egress".to_owned());
                    bill.internet_out(prices);
                }
            }
        }
        bill.sum(self)
    }

    /// $/month of a NAT gateway that is there, beside its traffic.
    pub(super) fn standing(&self, region: &Region, nat: &NatGateway) -> Option<Decimal> {
        let prices = self.prices(region);
        let zones = match &nat.placement {
            NatPlacement::Subnet(_) => 1,
            NatPlacement::Regional { zones, .. } => zones.iter().collect::<BTreeSet<_>>().len().max(1),
        };
        let address = match nat.connectivity {
            NatConnectivity::Private => Decimal::ZERO,
            NatConnectivity::Public | NatConnectivity::Other(_) => usd(prices.public_ipv4_hour.as_ref())?,
        };
        let hour = usd(prices.nat_gateway_hour.as_ref())? + address;
        Some(cents(hour * Decimal::from(zones) * Decimal::from(self.table.hours_per_month)))
    }

    /// The account's tiers where the region's first one is theirs; of others only the first is known.
    fn endpoint_tiers(&self, prices: &RegionPrices) -> Vec<Tier> {
        let first = usd(prices.interface_endpoint_gb_first_tier.as_ref());
        let table = &self.table.defaults.interface_endpoint_gb_tiers.tiers;
        let is_theirs = first.is_some() && table.first().map(|row| row.usd) == first;
        let tier = |row: &TierRow| Tier { from_gb: row.from_gb, usd: is_theirs.then_some(row.usd) };
        let mut tiers = flat(first);
        if !tiers.is_empty() {
            tiers.extend(table.iter().skip(1).map(tier));
        }
        tiers
    }
}

/// One price whatever the traffic.
fn flat(usd: Option<Decimal>) -> Vec<Tier> {
    usd.map(|usd| Tier { from_gb: Decimal::ZERO, usd: Some(usd) }).into_iter().collect()
}

struct Bill {
    hours: u32,
    items: Vec<LineItem>,
    ways: Vec<Way>,
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
    fn by_traffic(&mut self, what: &str, tiers: Vec<Tier>) {
        if !self.ways.iter().any(|known| known.what == what) {
            self.ways.push(Way { what: what.to_owned(), tiers });
        }
    }

    fn apart_once(&mut self, what: String) {
        if !self.apart.contains(&what) {
            self.apart.push(what);
        }
    }

    fn nat(&mut self, prices: &RegionPrices, zones: usize, serves_other_zones: bool) {
        self.hourly("NAT gateway".to_owned(), zones, "hours", usd(prices.nat_gateway_hour.as_ref()));
        self.hourly("public IPv4 address".to_owned(), zones, "hours", usd(prices.public_ipv4_hour.as_ref()));
        self.by_traffic("data through the NAT gateway", flat(usd(prices.nat_gateway_gb.as_ref())));
        self.internet_out(prices);
        if serves_other_zones {
            let price = usd(prices.inter_az_gb_each_way.as_ref())
                .map_or("unknown".to_owned(), |usd| format!("${usd}"));
            self.apart_once(format!(
                "traffic from the other zones to the one NAT gateway: {price}/GB each way"
            ));
        }
    }

    fn internet_out(&mut self, prices: &RegionPrices) {
        let first =
            prices.internet_out_gb.as_ref().and_then(|tiers| tiers.tiers_usd.first().copied().flatten());
        let price = first
            .map_or("price unknown".to_owned(), |usd| format!("${usd}/GB for the first 10 TB, 100 GB free"));
        self.apart_once(format!("data transfer out to the internet: {price}"));
    }

    fn sum(mut self, book: &PriceBook) -> Estimate {
        let fixed_per_month = self.items.iter().map(|item| item.per_month).sum::<Option<Decimal>>();
        for way in self.ways.iter().filter(|way| way.first() != Some(Decimal::ZERO)) {
            let (what, unit_price) = (way.what.clone(), way.first());
            let unit = "GB".to_owned();
            self.items.push(LineItem { what, quantity: Decimal::ZERO, unit, unit_price, per_month: None });
        }
        Estimate {
            fixed_per_month: fixed_per_month.map(cents),
            ways: self.ways,
            items: self.items,
            apart: self.apart,
            as_of: book.today.as_ref().map_or(&book.table.as_of, |(_, date, _)| date).clone(),
            source: match &book.today {
                Some(_) => format!("AWS Price List; what it did not tell is of {}", book.table.as_of),
                None => book.table.price_basis.clone(),
            },
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

/// Whether one of the tables is that of a subnet in another zone than the gateway's own.
fn serves_other_zones(snapshot: &Snapshot, standing: &SubnetId, tables: &[RouteTableId]) -> bool {
    let network = &snapshot.network;
    let zone = network.subnets.get(standing).map(|subnet| &subnet.zone);
    let elsewhere = |subnet: &Subnet| zone != Some(&subnet.zone);
    let explicit = |id: &SubnetId| network.route_tables.iter().any(|table| table.subnets.contains(id));
    tables.iter().filter_map(|id| network.route_tables.get(id)).any(|table| {
        table.subnets.iter().filter_map(|id| network.subnets.get(id)).any(elsewhere)
            || table.main
                && network
                    .subnets
                    .iter()
                    .any(|subnet| subnet.vpc == table.vpc && elsewhere(subnet) && !explicit(&subnet.id))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]

    use super::*;
    use crate::model::VpcId;

    fn money(region: &str, changes: &[Change]) -> String {
        let snapshot = Snapshot::new(Region::from(region), "2026-11-25T00:00:00Z".parse().unwrap());
        let estimate = PriceBook::builtin().estimate(&snapshot, changes);
        let text = |amount: Option<Decimal>| amount.map_or("unknown".to_owned(), |amount| amount.to_string());
        format!("{} + {}/GB", text(estimate.fixed_per_month), text(estimate.per_gb()))
    }

    fn endpoint(service: &str, zones: usize) -> Change {
        Change::CreateInterfaceEndpoint {
            vpc: VpcId::from("vpc-1"),
            service: format!("com.amazonaws.us-west-2.{service}"),
            private_names: Vec::new(),
            subnets: (0..zones).map(|n| SubnetId::new(format!("subnet-{n}"))).collect(),
            admits: Vec::new(),
            ports: vec![443],
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
    fn what_was_read_today_counts_unless_no_price_can_be_so() {
        let told = |text: &str| {
            let mut snapshot =
                Snapshot::new(Region::from("us-west-2"), "2026-11-25T00:00:00Z".parse().unwrap());
            let usd = Some(text.parse().unwrap());
            snapshot.prices =
                Some(ListPrices { nat_gateway_hour: usd, nat_gateway_gb: usd, ..ListPrices::default() });
            let estimate = PriceBook::of(&snapshot).estimate(&snapshot, &[nat()]);
            let month = estimate.per_month(Decimal::from(100)).unwrap().high;
            format!(
                "{} + {}/GB, {month:.2} with 100 GB",
                estimate.fixed_per_month.unwrap(),
                estimate.per_gb().unwrap()
            )
        };
        assert_eq!(told("0.05"), "40.15 + 0.05/GB, 45.15 with 100 GB");
        for nonsense in ["-0.01", "0", "79228162514264337593543950335"] {
            assert_eq!(told(nonsense), "36.50 + 0.045/GB, 41.00 with 100 GB", "{nonsense}");
        }
    }

    #[test]
    fn a_region_without_prices_is_unknown_not_free() {
        assert_eq!(money("xx-nowhere-1", &[nat()]), "unknown + unknown/GB");
    }

    /// <https://docs.aws.amazon.com/general/latest/gr/apprunner.html>
    #[test]
    fn every_region_of_app_runner_is_priced() {
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
            let (nat, endpoint) = (money(region, &[nat()]), money(region, &[endpoint("s3", 1)]));
            assert_eq!(format!("{region}: nat {nat}, endpoint {endpoint}"), line);
        }
    }
}
