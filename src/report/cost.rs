//! Costs as text: list prices in $/month and $/GB.

use rust_decimal::Decimal;

use crate::remedy::{BreakEven, CostRange, Estimate};

/// `$43.80/mo + $0.01/GB`: the fixed cost per month and the cost per GB of traffic.
#[must_use]
pub fn money(fixed: Option<Decimal>, per_gb: Option<Decimal>) -> String {
    let fixed = fixed.map_or("price unknown".to_owned(), |amount| format!("${amount}/mo"));
    match per_gb {
        Some(amount) if amount == Decimal::ZERO => fixed,
        Some(amount) => format!("{fixed} + ${amount}/GB"),
        None => format!("{fixed} + unknown/GB"),
    }
}

/// `$43.80`, or `$36.50 to $41.00` if the cost depends on the path of the traffic.
#[must_use]
pub fn cost_range_text(range: CostRange) -> String {
    let CostRange { low, high } = range;
    if low == high { format!("${high:.2}") } else { format!("${low:.2} to ${high:.2}") }
}

/// The cost per month without traffic and with 1 TB; `None` if traffic is free or a price is unknown.
#[must_use]
pub fn cost_with_traffic(estimate: &Estimate) -> Option<String> {
    let (without, with_terabyte) =
        (estimate.per_month(Decimal::ZERO)?, estimate.per_month(Decimal::from(1024))?);
    (without != with_terabyte).then(|| {
        format!("{} without traffic, {} with 1 TB", cost_range_text(without), cost_range_text(with_terabyte))
    })
}

/// Compares the cost of the second of two fixes with the cost of the first, by traffic.
#[must_use]
pub fn break_even_text(break_even: BreakEven) -> String {
    match break_even {
        BreakEven::Same => "costs the same".to_owned(),
        BreakEven::First => "costs the same or more at any traffic volume".to_owned(),
        BreakEven::Second => "costs the same or less at any traffic volume".to_owned(),
        BreakEven::FirstUpTo(gb) => format!("costs less from {gb} GB per month"),
        BreakEven::SecondUpTo(gb) => format!("costs less up to {gb} GB per month"),
    }
}
