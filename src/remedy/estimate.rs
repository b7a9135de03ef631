//! What a proposal costs: a fixed part and a part by traffic, in exact decimals.
//!
//! A price that is not known is `None`, never zero. Months are 730 hours.

use rust_decimal::Decimal;

/// What a proposal costs, in list prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// $/month whatever the traffic; `None` when a price is not known.
    pub fixed_per_month: Option<Decimal>,
    /// The ways that the workload's traffic may take; none where nothing is charged by traffic.
    pub ways: Vec<Way>,
    /// How the sum comes about.
    pub items: Vec<LineItem>,
    /// What is charged besides, in words (internet transfer out).
    pub apart: Vec<String>,
    /// Date of the prices, `2026-11-23`.
    pub as_of: String,
    /// Where the prices are from.
    pub source: String,
}

/// A way that is charged by traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// `data through the NAT gateway`
    pub what: String,
    /// Its prices, the first from 0 GB; empty when not known.
    pub tiers: Vec<Tier>,
}

/// A price from so much traffic in a month on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// From this many GB on.
    pub from_gb: Decimal,
    /// $/GB; `None` when not known from there on.
    pub usd: Option<Decimal>,
}

/// One line of an estimate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItem {
    /// What is charged, `interface endpoint secretsmanager`.
    pub what: String,
    /// How much of it.
    pub quantity: Decimal,
    /// In what, `zone-hours`.
    pub unit: String,
    /// $ for one unit; `None` when not known.
    pub unit_price: Option<Decimal>,
    /// $/month; `None` for a price by traffic, or when not known.
    pub per_month: Option<Decimal>,
}

/// Something that would not be needed any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saving {
    /// What, and why it is not needed, a whole sentence.
    pub what: String,
    /// $/month that it costs now, beside its traffic; `None` when not known.
    pub per_month: Option<Decimal>,
}

/// A sum of money that depends on which way the traffic takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// All traffic takes the cheapest way.
    pub low: Decimal,
    /// All traffic takes the dearest way.
    pub high: Decimal,
}

/// From how much traffic on another proposal is the cheaper one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakEven {
    /// They cost the same, whatever the traffic.
    Same,
    /// The first is never dearer.
    First,
    /// The second is never dearer.
    Second,
    /// Up to this many GB a month the first is cheaper, beyond it the second.
    FirstUpTo(Decimal),
    /// Up to this many GB a month the second is cheaper, beyond it the first.
    SecondUpTo(Decimal),
}

impl Way {
    /// $ for so many GB in a month.
    fn cost(&self, gb: Decimal) -> Option<Decimal> {
        let mut sum = if self.tiers.is_empty() { None } else { Some(Decimal::ZERO) };
        for (place, tier) in self.tiers.iter().enumerate() {
            let to = self.tiers.get(place + 1).map_or(gb, |next| next.from_gb.min(gb));
            if to > tier.from_gb {
                sum = Some(sum? + tier.usd? * (to - tier.from_gb));
            }
        }
        sum
    }

    /// $ for the first GB.
    #[must_use]
    pub fn first(&self) -> Option<Decimal> {
        self.tiers.first().and_then(|tier| tier.usd)
    }
}

impl Estimate {
    /// $/GB of the dearest way for the first GB; `None` when a price is not known.
    #[must_use]
    pub fn per_gb(&self) -> Option<Decimal> {
        let prices: Option<Vec<Decimal>> = self.ways.iter().map(Way::first).collect();
        prices.map(|prices| prices.into_iter().max().unwrap_or(Decimal::ZERO).normalize())
    }

    /// $/month with so many GB; `None` when a price is not known.
    #[must_use]
    pub fn per_month(&self, gb: Decimal) -> Option<Span> {
        let fixed = self.fixed_per_month?;
        let ways: Option<Vec<Decimal>> = self.ways.iter().map(|way| way.cost(gb)).collect();
        let ways = ways?;
        let low = ways.iter().min().copied().unwrap_or_default();
        let high = ways.iter().max().copied().unwrap_or_default();
        Some(Span { low: fixed + low, high: fixed + high })
    }

    /// From how much traffic on which of two is cheaper, each by its dearest way. `None` when a price is not known.
    #[must_use]
    pub fn break_even(&self, other: &Self) -> Option<BreakEven> {
        // Between these points both sums are straight lines.
        let mut points: Vec<Decimal> = [self, other]
            .iter()
            .flat_map(|one| &one.ways)
            .flat_map(|way| &way.tiers)
            .map(|t| t.from_gb)
            .collect();
        points.push(Decimal::ZERO);
        points.sort_unstable();
        points.dedup();
        let last = points.last().copied().unwrap_or_default();
        let far = last + Decimal::from(1_000_000);
        points.extend([far, far + Decimal::from(1_000_000)]);
        let gap = |gb: Decimal| Some(self.per_month(gb)?.high - other.per_month(gb)?.high);
        let gaps: Option<Vec<(Decimal, Decimal)>> =
            points.into_iter().map(|gb| Some((gb, gap(gb)?))).collect();
        let gaps = gaps?;
        if gaps.iter().all(|(_, gap)| gap.is_zero()) {
            return Some(BreakEven::Same);
        }
        if gaps.iter().all(|(_, gap)| *gap <= Decimal::ZERO) {
            return Some(BreakEven::First);
        }
        if gaps.iter().all(|(_, gap)| *gap >= Decimal::ZERO) {
            return Some(BreakEven::Second);
        }
        // Where they cross first.
        let mut known: Option<(Decimal, Decimal)> = None;
        for (gb, gap) in gaps.into_iter().filter(|(_, gap)| !gap.is_zero()) {
            match known {
                Some((at, before)) if before.is_sign_negative() != gap.is_sign_negative() => {
                    let crossing = (at + (gb - at) * before / (before - gap)).round_dp(0);
                    return Some(if before.is_sign_negative() {
                        BreakEven::FirstUpTo(crossing)
                    } else {
                        BreakEven::SecondUpTo(crossing)
                    });
                }
                _ => known = Some((gb, gap)),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests stop at the first surprise")]

    use super::*;

    fn estimate(fixed: i64, ways: &[&[(i64, i64)]]) -> Estimate {
        let tier = |(from, cents): &(i64, i64)| Tier {
            from_gb: Decimal::from(*from),
            usd: Some(Decimal::new(*cents, 3)),
        };
        Estimate {
            fixed_per_month: Some(Decimal::from(fixed)),
            ways: ways
                .iter()
                .map(|tiers| Way { what: "data".to_owned(), tiers: tiers.iter().map(tier).collect() })
                .collect(),
            items: Vec::new(),
            apart: Vec::new(),
            as_of: String::new(),
            source: String::new(),
        }
    }

    #[test]
    fn tiers_are_charged_each_for_its_own_part() {
        let one = estimate(10, &[&[(0, 10), (1000, 6), (5000, 4)]]);
        let sum = |gb: i64| one.per_month(Decimal::from(gb)).map(|span| span.high.normalize().to_string());
        assert_eq!(sum(0).as_deref(), Some("10"));
        assert_eq!(sum(1000).as_deref(), Some("20"));
        assert_eq!(sum(6000).as_deref(), Some("48"));
    }

    #[test]
    fn of_two_ways_the_span_tells_both() {
        let both = estimate(36, &[&[(0, 0)], &[(0, 45)]]);
        let span = both.per_month(Decimal::from(100));
        assert_eq!(span, Some(Span { low: Decimal::from(36), high: Decimal::new(40_500, 3) }));
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
    fn a_price_that_is_not_known_makes_no_sum() {
        let mut unknown = estimate(10, &[&[(0, 10)]]);
        unknown.ways[0].tiers.clear();
        assert_eq!(unknown.per_month(Decimal::ZERO), None);
        assert_eq!(unknown.break_even(&estimate(0, &[])), None);
        assert_eq!(unknown.per_gb(), None);
    }
}
