//! NAT gateways that no known traffic uses after the changes. They are reported, never deleted.

use super::estimate::Saving;
use super::side_effects::SideEffects;
use super::{Change, PriceBook};
use crate::diagnose::Diagnosis;
use crate::model::{NatConnectivity, NatGateway, NatState, RouteTable, RouteTarget, Snapshot};
use crate::reach::route_table_of;

pub(super) fn savings(
    prices: &PriceBook,
    snapshot: &Snapshot,
    before: &Diagnosis,
    after: &Diagnosis,
    changes: &[Change],
    side_effects: &SideEffects<'_>,
) -> Vec<Saving> {
    let mut savings = Vec::new();
    for nat in snapshot.network.nat_gateways.iter() {
        if !matches!(nat.state, NatState::Available | NatState::Pending) {
            continue;
        }
        let is_replaced = changes
            .iter()
            .any(|change| matches!(change, Change::RepairNat { replaces, .. } if *replaces == nat.id));
        // A private NAT gateway may still serve private networks.
        let is_private = nat.connectivity == NatConnectivity::Private;
        let what = if is_replaced && is_private {
            format!(
                "{} has no internet access: you can delete it after its routes are gone, if no private network needs it.",
                nat.id
            )
        } else if is_replaced {
            format!("{} does not work: you can delete it after its routes are gone.", nat.id)
        } else if carries_traffic(before, nat)
            && !carries_traffic(after, nat)
            && !serves_others(snapshot, nat, before, side_effects)
        {
            format!(
                "After the fix, no known traffic uses {}. Check the other workloads of the VPC before you delete it.",
                nat.id
            )
        } else {
            continue;
        };
        savings.push(Saving { what, per_month: prices.existing_nat_gateway(&snapshot.region, nat) });
    }
    savings
}

/// Whether a path leads to the NAT gateway, working or not.
fn carries_traffic(diagnosis: &Diagnosis, nat: &NatGateway) -> bool {
    let mut traces = diagnosis.findings.iter().flat_map(|finding| &finding.traces);
    traces.any(|trace| trace.hops.iter().any(|hop| hop.component.as_str() == nat.id.as_str()))
}

/// Whether other workloads use or may use the NAT gateway: they are in a subnet whose route table has a
/// route to it, or is unknown.
fn serves_others(
    snapshot: &Snapshot,
    nat: &NatGateway,
    before: &Diagnosis,
    side_effects: &SideEffects<'_>,
) -> bool {
    let targets_nat = |table: &RouteTable| {
        table.routes.iter().any(|route| route.target == RouteTarget::NatGateway(nat.id.clone()))
    };
    let used = side_effects.subnets();
    snapshot
        .network
        .subnets
        .iter()
        .filter(|subnet| subnet.vpc == nat.vpc)
        .filter(|subnet| route_table_of(snapshot, subnet).is_none_or(|(table, _)| targets_nat(table)))
        .any(|subnet| {
            used.contains(&subnet.id)
                || !before.subnets.contains(&subnet.id)
                || side_effects.is_used_by_another(&subnet.id)
        })
}
