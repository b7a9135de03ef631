//! The monthly cost of a fix and of its alternatives by traffic, for the cost chart.

use rust_decimal::Decimal;

use super::cost::break_even_text;
use crate::case::Case;
use crate::remedy::{BreakEven, Estimate, Proposal};

/// The costs of fixes that fix the same destinations.
#[derive(Debug)]
pub struct CostCurves<'a> {
    /// The fix, then its alternatives.
    pub curves: Vec<Curve<'a>>,
    /// The traffic at which two of them cost the same.
    pub crossings: Vec<Crossing>,
    /// The greatest traffic of the chart, in GB per month.
    pub max_gb: Decimal,
}

/// The cost of one fix.
#[derive(Debug)]
pub struct Curve<'a> {
    /// Its title.
    pub title: String,
    /// Its cost.
    pub estimate: &'a Estimate,
}

/// Two fixes cost the same.
#[derive(Debug, PartialEq, Eq)]
pub struct Crossing {
    /// The traffic in GB per month.
    pub gb: Decimal,
    /// The cost in $/month.
    pub usd: Decimal,
    /// `NAT gateway costs less from 209 GB per month`
    pub text: String,
}

/// The most curves of a chart.
const CURVES: usize = 4;
/// A crossing beyond this traffic is not shown.
const FAR: u32 = 100_000;
/// The least width of the chart in GB per month.
const LEAST: u32 = 200;

/// The costs of a fix and of the fixes that fix the same destinations; `None` if fewer than two have a known price.
#[must_use]
pub fn cost_curves<'a>(case: &'a Case, proposal: &'a Proposal, traffic: u32) -> Option<CostCurves<'a>> {
    let own = Curve { title: short_title(proposal), estimate: &proposal.estimate };
    proposal.estimate.per_month(Decimal::ZERO)?;
    let mut curves = vec![own];
    let mut crossings = Vec::new();
    for (other, break_even) in case.alternatives(proposal).into_iter().take(CURVES - 1) {
        if let BreakEven::FirstUpTo(gb) | BreakEven::SecondUpTo(gb) = break_even
            && gb <= Decimal::from(FAR)
            && let Some(cost) = proposal.estimate.per_month(gb)
        {
            let text = format!("{} {}", short_title(other), break_even_text(break_even));
            crossings.push(Crossing { gb, usd: cost.high, text });
        }
        curves.push(Curve { title: short_title(other), estimate: &other.estimate });
    }
    if curves.len() < 2 {
        return None;
    }
    let widest = crossings.iter().map(|crossing| crossing.gb).max().unwrap_or_default();
    let widest = widest.max(Decimal::from(traffic)) * Decimal::new(15, 1);
    let max_gb = rounded_up(widest.max(Decimal::from(LEAST)));
    Some(CostCurves { curves, crossings, max_gb })
}

/// The title, or the short titles of the remedies of a combined fix.
fn short_title(proposal: &Proposal) -> String {
    match proposal.remedies.as_slice() {
        [_] => proposal.title.clone(),
        remedies => remedies.iter().map(|id| id.short_title()).collect::<Vec<_>>().join(" + "),
    }
}

/// 1, 2 or 5 times a power of ten.
fn rounded_up(value: Decimal) -> Decimal {
    let mut power = Decimal::from(100);
    loop {
        for factor in [1, 2, 5] {
            let candidate = power * Decimal::from(factor);
            if candidate >= value || candidate > Decimal::from(u32::MAX) {
                return candidate;
            }
        }
        power *= Decimal::TEN;
    }
}
