//! Costs as text: list prices in $/month and $/GB.

use rust_decimal::Decimal;

use crate::remedy::{BreakEven, Estimate, Span};

/// `$43.80/mo + $0.01/GB`: money is two numbers, never one.
#[must_use]
pub fn money(fixed: Option<Decimal>, per_gb: Option<Decimal>) -> String {
    let fixed = fixed.map_or("price unknown".to_owned(), |amount| format!("${amount}/mo"));
    match per_gb {
        Some(amount) if amount == Decimal::ZERO => fixed,
        Some(amount) => format!("{fixed} + ${amount}/GB"),
        None => format!("{fixed} + unknown/GB"),
    }
}

/// `$43.80`, or `$36.50 to $41.00` where it depends on the way that the traffic takes.
#[must_use]
pub fn span_in_words(span: Span) -> String {
    let Span { low, high } = span;
    if low == high { format!("${high:.2}") } else { format!("${low:.2} to ${high:.2}") }
}

/// The sum without traffic and with a terabyte, where traffic is charged at all.
#[must_use]
pub fn without_traffic(estimate: &Estimate) -> Option<String> {
    let (none, much) = (estimate.per_month(Decimal::ZERO)?, estimate.per_month(Decimal::from(1024))?);
    (none != much)
        .then(|| format!("{} without traffic, {} with 1 TB", span_in_words(none), span_in_words(much)))
}

/// Which of two is cheaper, from how much traffic on.
#[must_use]
pub fn break_even_in_words(one: BreakEven) -> String {
    match one {
        BreakEven::Same => "costs the same".to_owned(),
        BreakEven::First => "never cheaper".to_owned(),
        BreakEven::Second => "never dearer".to_owned(),
        BreakEven::FirstUpTo(gb) => format!("cheaper from {gb} GB a month on"),
        BreakEven::SecondUpTo(gb) => format!("cheaper up to {gb} GB a month"),
    }
}
