//! The price of an edit that makes another number of NAT gateways than the fix counts: a switch of the code can create one in each AZ, and
//! another subnet of a NAT gateway replaces it.

use std::collections::BTreeSet;

use crate::remedy::{Change, Estimate, PriceBook, Proposal};
use crate::terraform::edit::draft::Draft;
use crate::terraform::lang::address::ResourceAddress;

/// The price of the edit, and a sentence about it; `None` if it is that of the fix.
pub(super) fn of_edit(draft: &Draft<'_>, proposal: &Proposal) -> Option<(Estimate, Option<String>)> {
    let counted = proposal.changes.iter().filter(|change| creates_gateway(change)).count();
    let is_nat = |address: &&ResourceAddress| address.kind == "aws_nat_gateway";
    let own: BTreeSet<String> =
        draft.adds.iter().chain(&draft.reenabled).filter(is_nat).map(ToString::to_string).collect();
    let instances = |address: &String| {
        let known = draft.instances.iter().find(|(known, _)| known.to_string() == *address);
        known.map_or(1, |(_, number)| *number)
    };
    let made: usize = own.iter().map(instances).sum();
    let removed = draft.destroys.iter().filter(is_nat).count();
    let more = made.checked_sub(removed)?;
    // The number of instances that a switch makes is not always known.
    if counted == 0 || more == counted || more < counted && removed == 0 {
        return None;
    }
    let snapshot = draft.finder.snapshot;
    let prices = PriceBook::of(snapshot);
    let with = |number: usize| prices.with_nat_gateways(snapshot, &proposal.estimate, number);
    let estimate = with(more);
    let price = |estimate: &Estimate| match estimate.fixed_per_month {
        Some(price) => format!("${price:.2}"),
        None => "an unknown price".to_owned(),
    };
    let note = (removed == 0).then(|| {
        format!(
            "This edit creates {made} NAT gateways and the fix counts {counted}: without traffic it costs {} per month, not {}.",
            price(&estimate),
            price(&with(counted))
        )
    });
    Some((estimate, note))
}

/// Whether a change creates one NAT gateway in a subnet.
fn creates_gateway(change: &Change) -> bool {
    matches!(
        change,
        Change::CreateNat { .. } | Change::RepairNat { .. } | Change::CreatePrivateSubnets { nat: None, .. }
    )
}
