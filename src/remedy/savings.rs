//! NAT gateways that nothing known needs any more once the changes are made: pointed out, never removed.

use super::estimate::Saving;
use super::others::Others;
use super::{Change, PriceBook};
use crate::diagnose::Diagnosis;
use crate::model::{NatConnectivity, NatGateway, NatState, RouteTable, RouteTarget, Snapshot};
use crate::reach::{Verdict, ViaKind, route_table_of};

pub(super) fn savings(
    prices: &PriceBook,
    snapshot: &Snapshot,
    before: &Diagnosis,
    after: &Diagnosis,
    changes: &[Change],
    others: &Others<'_>,
) -> Vec<Saving> {
    let mut savings = Vec::new();
    for nat in snapshot.network.nat_gateways.iter() {
        if !matches!(nat.state, NatState::Available | NatState::Pending) {
            continue;
        }
        let is_replaced = changes
            .iter()
            .any(|change| matches!(change, Change::RepairNat { replaces, .. } if *replaces == nat.id));
        let may_serve_privately = nat.connectivity == NatConnectivity::Private;
        let what = if is_replaced && !may_serve_privately {
            format!("{} leads nowhere: it can be deleted once its routes are gone.", nat.id)
        } else if carries(before, nat)
            && !carries(after, nat)
            && !serves_others(snapshot, nat, before, others)
        {
            format!(
                "{} would carry nothing that is known: if nothing else needs the internet, it can go.",
                nat.id
            )
        } else {
            continue;
        };
        savings.push(Saving { what, per_month: prices.standing(&snapshot.region, nat) });
    }
    savings
}

/// Whether a destination is reached by it.
fn carries(diagnosis: &Diagnosis, nat: &NatGateway) -> bool {
    diagnosis.findings.iter().flat_map(|finding| &finding.traces).any(|trace| {
        matches!(&trace.verdict, Verdict::Reachable(via)
            if via.kind == ViaKind::Nat && via.id.as_ref().is_some_and(|id| id.as_str() == nat.id.as_str()))
    })
}

/// Whether anybody else is, or may be, behind it: in a subnet whose table leads to it.
fn serves_others(snapshot: &Snapshot, nat: &NatGateway, before: &Diagnosis, others: &Others<'_>) -> bool {
    let leads = |table: &RouteTable| {
        table.routes.iter().any(|route| route.target == RouteTarget::NatGateway(nat.id.clone()))
    };
    let inhabited = others.subnets();
    snapshot
        .network
        .subnets
        .iter()
        .filter(|subnet| subnet.vpc == nat.vpc)
        .filter(|subnet| route_table_of(snapshot, subnet).is_none_or(|(table, _)| leads(table)))
        .any(|subnet| {
            inhabited.contains(&subnet.id)
                || !before.subnets.contains(&subnet.id)
                || others.is_used_by_another(&subnet.id)
        })
}
