//! The cost of a proposal as data: a fixed monthly price and a price per GB, in exact decimals.
//!
//! An unknown price is `None`, never zero. A month has 730 hours.

use rust_decimal::Decimal;

/// The cost of a proposal, at list prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// $/month at any traffic volume; `None` if a price is unknown.
    pub fixed_per_month: Option<Decimal>,
    /// The paths that the workload's traffic may take, each with its price per GB. Empty if no traffic is
    /// charged.
    pub traffic_paths: Vec<TrafficPath>,
    /// The cost breakdown.
    pub items: Vec<LineItem>,
    /// Charges that are not included, for example data transfer to the internet.
    pub not_included: Vec<String>,
    /// The date of the prices, `2026-11-23`.
    pub as_of: String,
    /// The source of the prices.
    pub source: String,
}

/// A path that is charged per GB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrafficPath {
    /// `data through the NAT gateway`
    pub what: String,
    /// Its prices, the first from 0 GB; empty if unknown.
    pub tiers: Vec<Tier>,
}

/// A price that applies from a monthly traffic volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// The volume in GB per month.
    pub from_gb: Decimal,
    /// $/GB; `None` if unknown from this volume.
    pub usd: Option<Decimal>,
}

/// One line of an estimate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItem {
    /// The charged resource, `interface endpoint secretsmanager`.
    pub what: String,
    /// The quantity per month.
    pub quantity: Decimal,
    /// The unit of the quantity, `AZ-hours`.
    pub unit: String,
    /// $ per unit; `None` if unknown.
    pub unit_price: Option<Decimal>,
    /// $/month; `None` for a price per GB, or if unknown.
    pub per_month: Option<Decimal>,
}

/// A resource that is no longer needed after the fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saving {
    /// The resource and why it is not needed, as a sentence.
    pub what: String,
    /// $/month that it costs now without traffic; `None` if unknown.
    pub per_month: Option<Decimal>,
}

impl Saving {
    /// The resource, why it is not needed, and what it costs.
    #[must_use]
    pub fn sentence(&self) -> String {
        let sum = self.per_month.map_or("an unknown sum".to_owned(), |sum| format!("${sum:.2} a month"));
        format!("{} It costs {sum}.", self.what)
    }
}

/// A sum in $ that depends on the path of the traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostRange {
    /// The sum if all traffic takes the cheapest path.
    pub low: Decimal,
    /// The sum if all traffic takes the most expensive path.
    pub high: Decimal,
}

/// The cheaper of two proposals, with the traffic volume at which this changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakEven {
    /// They cost the same at any traffic volume.
    Same,
    /// The first never costs more.
    First,
    /// The second never costs more.
    Second,
    /// The first costs less up to this many GB per month, the second above.
    FirstUpTo(Decimal),
    /// The second costs less up to this many GB per month, the first above.
    SecondUpTo(Decimal),
}

impl TrafficPath {
    /// $ for a traffic volume in GB per month.
    fn cost(&self, gb: Decimal) -> Option<Decimal> {
        let mut sum = if self.tiers.is_empty() { None } else { Some(Decimal::ZERO) };
        for (index, tier) in self.tiers.iter().enumerate() {
            let to = self.tiers.get(index + 1).map_or(gb, |next| next.from_gb.min(gb));
            if to > tier.from_gb {
                sum = Some(sum? + tier.usd? * (to - tier.from_gb));
            }
        }
        sum
    }

    /// $ per GB in the first tier.
    #[must_use]
    pub fn first(&self) -> Option<Decimal> {
        self.tiers.first().and_then(|tier| tier.usd)
    }
}

impl Estimate {
    /// $/GB of the most expensive path in its first tier; `None` if a price is unknown.
    #[must_use]
    pub fn per_gb(&self) -> Option<Decimal> {
        let prices: Option<Vec<Decimal>> = self.traffic_paths.iter().map(TrafficPath::first).collect();
        prices.map(|prices| prices.into_iter().max().unwrap_or(Decimal::ZERO).normalize())
    }

    /// $/month with a traffic volume in GB per month; `None` if a price is unknown.
    #[must_use]
    pub fn per_month(&self, gb: Decimal) -> Option<CostRange> {
        let fixed = self.fixed_per_month?;
        let costs: Option<Vec<Decimal>> = self.traffic_paths.iter().map(|path| path.cost(gb)).collect();
        let costs = costs?;
        let low = costs.iter().min().copied().unwrap_or_default();
        let high = costs.iter().max().copied().unwrap_or_default();
        Some(CostRange { low: fixed + low, high: fixed + high })
    }

    /// Compares two estimates, each by its most expensive path. `None` if a price is unknown.
    #[must_use]
    pub fn break_even(&self, other: &Self) -> Option<BreakEven> {
        // Between these points both costs are linear.
        let mut points: Vec<Decimal> = [self, other]
            .iter()
            .flat_map(|estimate| &estimate.traffic_paths)
            .flat_map(|path| &path.tiers)
            .map(|tier| tier.from_gb)
            .collect();
        points.push(Decimal::ZERO);
        points.sort_unstable();
        points.dedup();
        let million = Decimal::from(1_000_000);
        let beyond = points.last().copied().unwrap_or_default() + million;
        points.extend([beyond, beyond + million]);
        let difference = |gb: Decimal| Some(self.per_month(gb)?.high - other.per_month(gb)?.high);
        let differences: Option<Vec<(Decimal, Decimal)>> =
            points.into_iter().map(|gb| Some((gb, difference(gb)?))).collect();
        let differences = differences?;
        if differences.iter().all(|(_, difference)| difference.is_zero()) {
            return Some(BreakEven::Same);
        }
        if differences.iter().all(|(_, difference)| *difference <= Decimal::ZERO) {
            return Some(BreakEven::First);
        }
        if differences.iter().all(|(_, difference)| *difference >= Decimal::ZERO) {
            return Some(BreakEven::Second);
        }
        // The first point at which they cross.
        let mut previous: Option<(Decimal, Decimal)> = None;
        for (gb, difference) in differences.into_iter().filter(|(_, difference)| !difference.is_zero()) {
            match previous {
                Some((at, before)) if before.is_sign_negative() != difference.is_sign_negative() => {
                    let crossing = (at + (gb - at) * before / (before - difference)).round_dp(0);
                    return Some(if before.is_sign_negative() {
                        BreakEven::FirstUpTo(crossing)
                    } else {
                        BreakEven::SecondUpTo(crossing)
                    });
                }
                _ => previous = Some((gb, difference)),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests stop at the first surprise")]

    use super::*;

    fn estimate(fixed: i64, paths: &[&[(i64, i64)]]) -> Estimate {
        let tier = |(from, cents): &(i64, i64)| Tier {
            from_gb: Decimal::from(*from),
            usd: Some(Decimal::new(*cents, 3)),
        };
        Estimate {
            fixed_per_month: Some(Decimal::from(fixed)),
            traffic_paths: paths
                .iter()
                .map(|tiers| TrafficPath { what: "data".to_owned(), tiers: tiers.iter().map(tier).collect() })
                .collect(),
            items: Vec::new(),
            not_included: Vec::new(),
            as_of: String::new(),
            source: String::new(),
        }
    }

    #[test]
    fn each_tier_is_charged_for_its_own_part() {
        let one = estimate(10, &[&[(0, 10), (1000, 6), (5000, 4)]]);
        let sum = |gb: i64| one.per_month(Decimal::from(gb)).map(|range| range.high.normalize().to_string());
        assert_eq!(sum(0).as_deref(), Some("10"));
        assert_eq!(sum(1000).as_deref(), Some("20"));
        assert_eq!(sum(6000).as_deref(), Some("48"));
    }

    #[test]
    fn the_range_covers_the_cheapest_and_the_most_expensive_path() {
        let both = estimate(36, &[&[(0, 0)], &[(0, 45)]]);
        let range = both.per_month(Decimal::from(100));
        assert_eq!(range, Some(CostRange { low: Decimal::from(36), high: Decimal::new(40_500, 3) }));
    }

    #[test]
    fn the_break_even_of_endpoints_and_a_nat_gateway() {
        let endpoints = estimate(44, &[&[(0, 10)]]);
        let nat = estimate(37, &[&[(0, 45)]]);
        assert_eq!(nat.break_even(&endpoints), Some(BreakEven::FirstUpTo(Decimal::from(200))));
        assert_eq!(endpoints.break_even(&nat), Some(BreakEven::SecondUpTo(Decimal::from(200))));
        let free = estimate(0, &[]);
        assert_eq!(free.break_even(&nat), Some(BreakEven::First));
        assert_eq!(nat.break_even(&free), Some(BreakEven::Second));
        assert_eq!(free.break_even(&free), Some(BreakEven::Same));
    }

    #[test]
    fn an_unknown_price_makes_no_sum() {
        let mut unknown = estimate(10, &[&[(0, 10)]]);
        unknown.traffic_paths[0].tiers.clear();
        assert_eq!(unknown.per_month(Decimal::ZERO), None);
        assert_eq!(unknown.break_even(&estimate(0, &[])), None);
        assert_eq!(unknown.per_gb(), None);
    }
}
