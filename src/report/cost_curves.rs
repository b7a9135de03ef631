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

/// The costs of a fix and of the fixes that fix the same destinations; `None` if fewer than two have a known price, or if
/// the fix is not possible.
#[must_use]
pub fn cost_curves<'a>(case: &'a Case, proposal: &'a Proposal, traffic: u32) -> Option<CostCurves<'a>> {
    proposal.estimate.per_month(Decimal::ZERO).filter(|_| proposal.is_possible())?;
    let mut others: Vec<&Proposal> =
        case.alternatives(proposal).into_iter().map(|(other, _)| other).collect();
    // Without a fix of the same destinations, those that fix more are shown.
    let is_same = |other: &&Proposal| other.fixes.len() == proposal.fixes.len();
    if others.iter().any(is_same) {
        others.retain(is_same);
    }
    // The cheapest ones with the expected traffic; of two with the same cost, the one that fixes more.
    let cost = |fix: &&Proposal| fix.estimate.per_month(Decimal::from(traffic)).map(|cost| cost.high);
    others.sort_by_key(|fix| (cost(fix), std::cmp::Reverse(fix.fixes.len())));
    let fixes: Vec<&Proposal> = std::iter::once(proposal).chain(others).take(CURVES).collect();
    if fixes.len() < 2 {
        return None;
    }
    let mut crossings = Vec::new();
    for (at, first) in fixes.iter().enumerate() {
        for second in fixes.iter().skip(at + 1) {
            let than = (at > 0).then(|| format!("compared with {}", first.name()));
            let notes: Vec<String> = than.into_iter().chain(leaves(case, first, second)).collect();
            let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
            crossings.extend(
                crossing(first, second)
                    .map(|found| Crossing { text: format!("{}{notes}", found.text), ..found }),
            );
        }
    }
    let curves: Vec<Curve<'_>> =
        fixes.iter().map(|fix| Curve { title: fix.name(), estimate: &fix.estimate }).collect();
    let widest = crossings.iter().map(|crossing| crossing.gb).max().unwrap_or_default();
    let widest = widest.max(Decimal::from(traffic)) * Decimal::new(15, 1);
    let max_gb = rounded_up(widest.max(Decimal::from(LEAST)));
    Some(CostCurves { curves, crossings, max_gb })
}

/// `Okta is still blocked`, if the second fix does not fix what the first one does.
fn leaves(case: &Case, first: &Proposal, second: &Proposal) -> Option<String> {
    let left = first.fixes.iter().filter(|host| !second.fixes.contains(host));
    let name = |host: &String| {
        let finding = second.after.findings.iter().find(|finding| finding.need.name() == *host);
        match finding {
            Some(finding) => format!(
                "{} is still {}",
                finding.need.short_name(&case.snapshot.region),
                finding.verdict().word()
            ),
            None => format!("{host} is not fixed"),
        }
    };
    let names: Vec<String> = left.map(name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Where two fixes cost the same, if that traffic is not far away.
fn crossing(first: &Proposal, second: &Proposal) -> Option<Crossing> {
    let break_even = first.estimate.break_even(&second.estimate)?;
    let (BreakEven::FirstUpTo(gb) | BreakEven::SecondUpTo(gb)) = break_even else { return None };
    let cost = first.estimate.per_month(gb).filter(|_| gb <= Decimal::from(FAR))?;
    let text = format!("{} {}", second.name(), break_even_text(break_even));
    Some(Crossing { gb, usd: cost.high, text })
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
