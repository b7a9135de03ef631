//! The bill of a fix: the charges of its changes and of the traffic on its paths, at the prices of the Region.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::Change;
use super::charge::Charge;
use super::estimate::{Estimate, LineItem, Tier, TrafficPath};
use super::price::{HOURS_PER_MONTH, PriceBook, RegionPrices, flat, usd, with_cents};
use crate::model::{NatPlacement, RouteTableId, Snapshot, Subnet, SubnetId};
use crate::reach::ViaKind;

impl PriceBook {
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
                Charge::NatGatewayHours { azs } => bill.nat_gateway_hours(prices, azs),
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
                    "a difference between the hourly prices of a regional NAT gateway in one AZ and of a zonal one; they were equal \
                     in eu-west-1"
                        .to_owned(),
                ),
                Charge::PublicAddressHours => {
                    let address = usd(prices.public_ipv4_hour.as_ref());
                    bill.hourly(ADDRESS.to_owned(), 1, "hours", address);
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

    /// An estimate for another number of NAT gateways, each with its public IPv4 address.
    #[must_use]
    pub fn with_nat_gateways(&self, snapshot: &Snapshot, estimate: &Estimate, number: usize) -> Estimate {
        let prices = self.prices(&snapshot.region);
        let mut hours = Bill { items: Vec::new(), traffic_paths: Vec::new(), not_included: Vec::new() };
        if number > 0 {
            hours.nat_gateway_hours(&prices, number);
        }
        let is_hours = |item: &LineItem| [NAT_GATEWAY, ADDRESS].contains(&item.what.as_str());
        let mut estimate = estimate.clone();
        let at = estimate.items.iter().position(is_hours).unwrap_or(0);
        estimate.items.retain(|item| !is_hours(item));
        estimate.items.splice(at..at, hours.items);
        let fixed = estimate.items.iter().filter(|item| item.unit != GB);
        estimate.fixed_per_month = fixed.map(|item| item.per_month).sum::<Option<Decimal>>().map(with_cents);
        estimate
    }
}

const GB: &str = "GB";
const NAT_GATEWAY: &str = "NAT gateway";
const ADDRESS: &str = "public IPv4 address";

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

    fn nat_gateway_hours(&mut self, prices: &RegionPrices, number: usize) {
        let (nat, address) = (&prices.nat_gateway_hour, &prices.public_ipv4_hour);
        self.hourly(NAT_GATEWAY.to_owned(), number, "hours", usd(nat.as_ref()));
        self.hourly(ADDRESS.to_owned(), number, "hours", usd(address.as_ref()));
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
            let unit = GB.to_owned();
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
    #![allow(clippy::unwrap_used, reason = "a test fails at the first error")]

    use super::*;
    use crate::model::{ListPrices, Region, VpcId};

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
    fn an_estimate_has_the_price_of_another_number_of_nat_gateways() {
        let snapshot = Snapshot::new(Region::from("us-west-2"), "2026-11-25T00:00:00Z".parse().unwrap());
        let book = PriceBook::builtin();
        let with = |number: usize| {
            let one = book.estimate(&snapshot, &[endpoint("s3", 1), nat()], &BTreeSet::new());
            let other = book.with_nat_gateways(&snapshot, &one, number);
            let hours = other.items.iter().filter(|item| item.what == NAT_GATEWAY).map(|item| item.quantity);
            (other.fixed_per_month.unwrap().to_string(), hours.sum::<Decimal>().to_string())
        };
        assert_eq!(with(1), ("43.80".to_owned(), "730".to_owned()));
        assert_eq!(with(2), ("80.30".to_owned(), "1460".to_owned()));
        assert_eq!(with(0), ("7.30".to_owned(), "0".to_owned()));
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
}
