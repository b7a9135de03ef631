//! Makes the proposals for a workload, sorts them, and recommends one.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use strum::VariantArray as _;

use super::context::is_blocked;
use super::own_url::OwnUrl;
use super::planner::{ORDER, Planner};
use super::proposal::DEPLOYS_SERVICE;
use super::wording::still;
use super::{Change, PriceBook, Proposal, RemedyId, sets};
use crate::diagnose::{Diagnosis, FindingVerdict};
use crate::evidence::Need;
use crate::model::{Snapshot, SubnetId, Workload};
use crate::reach::{Deciding, Layer, Trace};
use crate::text::listed;

/// Every proposal that applies, the best first. Those that are not possible come last, with the requirement
/// that is not met.
#[must_use]
pub fn propose(
    snapshot: &Arc<Snapshot>,
    workload: &Workload,
    diagnosis: &Diagnosis,
    prices: &PriceBook,
) -> Vec<Proposal> {
    let planner = Planner::new(snapshot, workload, diagnosis, prices);
    let mut proposals: Vec<Proposal> = RemedyId::VARIANTS
        .iter()
        .filter_map(|id| planner.extend(&planner.start(), *id))
        .map(|sequence| planner.proposal(&sequence))
        .collect();
    // `nat` adds routes to an existing NAT gateway too: the same fix is offered once.
    let by_id = |id| proposals.iter().find(|proposal| proposal.remedies == [id]);
    let routes = by_id(RemedyId::NatRoute).map(|proposal| proposal.changes.clone());
    proposals.retain(|proposal| {
        proposal.remedies != [RemedyId::Nat] || routes.as_ref() != Some(&proposal.changes)
    });
    let is_path_blocked = is_path_blocked(diagnosis);
    proposals.retain(|proposal| is_path_blocked || proposal.is_possible() || !is_new_gateway(proposal));
    let combined = sets::combined(&planner, &proposals);
    proposals.extend(combined);
    proposals.sort_by_key(rank);
    recommend(&mut proposals, snapshot, diagnosis, prices);
    proposals
}

/// The requested remedies that do not apply to a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotApplicable(pub Vec<RemedyId>);

impl fmt::Display for NotApplicable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(Into::into).collect();
        let verb = if names.len() > 1 { "do" } else { "does" };
        write!(f, "{} {verb} not apply to this network", listed(&names, "and"))
    }
}

/// One proposal of given remedies, simulated together.
///
/// # Errors
/// Some of the remedies do not apply.
pub fn compose(
    snapshot: &Arc<Snapshot>,
    workload: &Workload,
    diagnosis: &Diagnosis,
    prices: &PriceBook,
    remedies: &[RemedyId],
) -> Result<Proposal, NotApplicable> {
    let planner = Planner::new(snapshot, workload, diagnosis, prices);
    let mut sequence = planner.start();
    let mut others = Vec::new();
    // `endpoint-ingress` once covered databases too: a request with this id also applies `destination-ingress`.
    let renamed = |id: RemedyId| match id {
        RemedyId::DestinationIngress => remedies.contains(&RemedyId::EndpointIngress),
        _ => false,
    };
    for id in ORDER.iter().copied().filter(|id| remedies.contains(id) || renamed(*id)) {
        // Keep a requested remedy even if an earlier remedy makes it redundant.
        let next = planner.extend(&sequence, id).or_else(|| planner.extend_with_redundant(&sequence, id));
        match next {
            Some(next) => sequence = next,
            None if remedies.contains(&id) => others.push(id),
            None => {}
        }
    }
    let is_renamed = sequence.remedies.contains(&RemedyId::DestinationIngress);
    others.retain(|id| *id != RemedyId::EndpointIngress || !is_renamed);
    if others.is_empty() { Ok(planner.proposal(&sequence)) } else { Err(NotApplicable(others)) }
}

/// Whether the path to a destination is blocked. A missing rule of a security group or network ACL needs no NAT gateway.
fn is_path_blocked(diagnosis: &Diagnosis) -> bool {
    let blocked = diagnosis.findings.iter().filter(|finding| is_blocked(finding));
    let mut blockers = blocked.flat_map(|finding| &finding.traces).flat_map(Trace::blockers);
    blockers.any(|(hop, _)| matches!(hop.layer, Layer::Route | Layer::Nat | Layer::Internet))
}

fn is_new_gateway(proposal: &Proposal) -> bool {
    let is_gateway =
        |id: &RemedyId| matches!(id, RemedyId::Nat | RemedyId::NatPerZone | RemedyId::NatRegional);
    proposal.remedies.iter().all(is_gateway)
}

/// Sort key, in this order: the proposal is possible, fixes a destination, breaks nothing and does not
/// change the service, is free, costs less.
fn rank(proposal: &Proposal) -> (bool, bool, bool, usize, Decimal, RemedyId) {
    let cost = proposal.estimate.fixed_per_month.unwrap_or(Decimal::MAX);
    (
        !proposal.is_possible(),
        proposal.fixes.is_empty(),
        proposal.changes_the_service() || !proposal.breaks.is_empty(),
        usize::from(cost > Decimal::ZERO),
        cost,
        proposal.remedies.first().copied().unwrap_or(RemedyId::DefaultEgress),
    )
}

/// Recommends the first proposal that fixes the destinations that fail in the log (all blocked destinations
/// if none fails there), or else the first that fixes any destination, and moves it to the front. A
/// recommended proposal breaks nothing, and changes the service only if that spares a paid step or if nothing else fixes the rest.
fn recommend(proposals: &mut [Proposal], snapshot: &Snapshot, diagnosis: &Diagnosis, prices: &PriceBook) {
    let own_url = OwnUrl::new(snapshot, diagnosis);
    let failing: Vec<&Need> = diagnosis
        .findings
        .iter()
        .filter(|finding| is_blocked(finding))
        .filter(|finding| finding.need.evidence.iter().any(|evidence| evidence.symptom().is_some()))
        .map(|finding| &finding.need)
        .collect();
    // A URL of an endpoint that exists makes a path to the internet unnecessary.
    let is_needless = |proposal: &Proposal| !is_free(proposal) && own_url.has_endpoints(&proposal.fixes);
    let is_safe = |proposal: &Proposal| proposal.is_safe() && !is_needless(proposal);
    let fixes_failing = |proposal: &Proposal| {
        if failing.is_empty() {
            proposal.still_blocked.is_empty()
        } else {
            failing.iter().all(|need| proposal.fixes.contains(&need.name()))
        }
    };
    // Private subnets are what AWS documents for a VPC with public subnets only. A connector in other subnets is the step if it
    // serves as many AZs as the present one.
    let fits = |proposal: &Proposal| {
        let zones = zones_of_connector(snapshot, proposal);
        (proposal.remedies.contains(&RemedyId::PrivateSubnets)
            || zones.is_some_and(|new| new >= zones_of(snapshot, &diagnosis.subnets)))
            && proposal.is_possible()
            && proposal.breaks.is_empty()
            && proposal.still_blocked.is_empty()
            && !is_needless(proposal)
    };
    let blocked: Vec<&Need> = diagnosis
        .findings
        .iter()
        .filter(|finding| is_blocked(finding))
        .map(|finding| &finding.need)
        .collect();
    let wanted = if failing.is_empty() { &blocked } else { &failing };
    let best = proposals
        .iter()
        .position(|proposal| is_safe(proposal) && fixes_failing(proposal) && is_free(proposal))
        .or_else(|| proposals.iter().position(|proposal| fixes_in_region(proposal, wanted)))
        .or_else(|| proposals.iter().position(|proposal| is_safe(proposal) && fixes_failing(proposal)))
        .or_else(|| proposals.iter().position(fits))
        .or_else(|| proposals.iter().position(is_safe))
        .or_else(|| proposals.iter().position(|proposal| removes_causes(proposal, diagnosis, wanted)))
        .or_else(|| proposals.iter().position(|proposal| fixes_the_rest(proposal) && !is_needless(proposal)));
    let Some(index) = best.map(|index| whole_instead(proposals, index).unwrap_or(index)) else { return };
    let next = proposals.get(index).and_then(|first| {
        // A proposal that contains the first one also fixes the rest.
        let fixes_rest =
            |other: &&Proposal| is_safe(other) && first.to_fix().all(|host| other.fixes.contains(host));
        let next = second_step(proposals, first).or_else(|| proposals.iter().find(fixes_rest));
        next.filter(|_| !own_url.has_endpoints(&first.still_blocked)).map(Proposal::name)
    });
    let attempt = proposals
        .get(index)
        .filter(|first| first.estimate.fixed_per_month != Some(Decimal::ZERO))
        .and_then(|_| proposals.iter().find(|other| removes_causes(other, diagnosis, wanted)))
        .map(|other| {
            format!(
                " At no cost, the fix \"{}\" removes the known cause; whether the destinations are then reachable is unknown.",
                other.title
            )
        });
    let Some(proposal) = proposals.get_mut(index) else { return };
    let price = if is_free(proposal) { " at no cost" } else { "" };
    let what = if fixes_in_region(proposal, wanted) {
        in_region(proposal, wanted, snapshot)
    } else if proposal.fixes.is_empty() && !proposal.unknown_after.is_empty() {
        format!("Removes the known cause{price}; whether the destinations are then reachable is unknown.")
    } else if proposal.still_blocked.is_empty() {
        format!(
            "Fixes all blocked destinations{price}{}.",
            if proposal.breaks.is_empty() { " and breaks no known destination" } else { "" }
        )
    } else if !failing.is_empty() && fixes_failing(proposal) {
        let mut names: Vec<String> = failing.iter().map(|need| need.short_name(&snapshot.region)).collect();
        names.dedup();
        format!("Fixes the failing calls in the log ({}){price}.", listed(&names, "and"))
    } else {
        format!("Fixes some of the blocked destinations{price} and breaks no known destination.")
    };
    let is_said = proposal.fixes.is_empty() || fixes_in_region(proposal, wanted);
    let rest = if is_said { String::new() } else { rest(proposal, next.as_deref()) };
    let deploys = if proposal.changes_the_service() { format!(" {DEPLOYS_SERVICE}") } else { String::new() };
    let alternative = own_url.alternative(proposal, prices);
    proposal.recommended = Some(format!("{what}{rest}{deploys}{alternative}{}", attempt.unwrap_or_default()));
    if let Some(front) = proposals.get_mut(..=index) {
        front.rotate_right(1);
    }
}

/// The fix for what a proposal leaves: the first that is possible, breaks nothing and fixes all of it. One that changes the service
/// is used only if there is no other. `None` if the proposal leaves nothing. A destination that stays unknown is left out, unless all
/// of them do: nobody knows whether it needs a fix.
#[must_use]
pub fn second_step<'a>(proposals: &'a [Proposal], first: &Proposal) -> Option<&'a Proposal> {
    let fixes_rest = |other: &&Proposal| {
        other.is_possible()
            && other.breaks.is_empty()
            && other.may_break().is_none()
            && first.remedies.iter().all(|id| !other.remedies.contains(id))
            && first.to_fix().all(|host| other.fixes.contains(host))
    };
    let rest = || proposals.iter().filter(|_| !first.still_blocked.is_empty()).filter(fixes_rest);
    rest().find(|other| other.is_safe()).or_else(|| rest().next())
}

/// Whether a proposal fixes all destinations, as far as they are known, and breaks nothing. It may deploy the service again.
fn fixes_the_rest(proposal: &Proposal) -> bool {
    proposal.is_possible()
        && !proposal.fixes.is_empty()
        && proposal.breaks.is_empty()
        && proposal.may_break().is_none()
        && proposal.leaves_nothing_to_fix()
}

/// The proposal that makes a proposal unnecessary that costs money and fixes only some destinations: the first that fixes all at the
/// same price or less, or else the next step, if it fixes also what the paid one fixes.
fn whole_instead(proposals: &[Proposal], index: usize) -> Option<usize> {
    let part = proposals.get(index).filter(|part| !part.leaves_nothing_to_fix())?;
    let paid = part.estimate.fixed_per_month.filter(|cost| *cost > Decimal::ZERO)?;
    let fixes_as_much = |other: &Proposal| part.fixes.iter().all(|host| other.fixes.contains(host));
    let is_cheaper_whole = |other: &Proposal| {
        fixes_the_rest(other)
            && fixes_as_much(other)
            && other.estimate.fixed_per_month.is_some_and(|cost| cost <= paid)
    };
    let next = || {
        let next = second_step(proposals, part).filter(|next| fixes_as_much(next))?;
        proposals.iter().position(|other| other.remedies == next.remedies)
    };
    proposals.iter().position(is_cheaper_whole).or_else(next)
}

/// The number of AZs of some subnets.
fn zones_of(snapshot: &Snapshot, subnets: &[SubnetId]) -> usize {
    let known = subnets.iter().filter_map(|id| snapshot.network.subnets.get(id));
    known.map(|subnet| &subnet.zone).collect::<BTreeSet<_>>().len()
}

/// The number of AZs of the new connector, if it is in subnets that exist.
fn zones_of_connector(snapshot: &Snapshot, proposal: &Proposal) -> Option<usize> {
    proposal.changes.iter().find_map(|change| match change {
        Change::MoveConnector { subnets, .. } => Some(zones_of(snapshot, subnets)),
        _ => None,
    })
}

/// Whether a proposal without a fixed price breaks nothing and removes every known cause of these destinations, some of which then
/// are unknown. The causes of a name whose receiver is assumed are not known.
fn removes_causes(proposal: &Proposal, diagnosis: &Diagnosis, needs: &[&Need]) -> bool {
    let is_assumed = |need: &&Need| {
        let own = diagnosis.findings.iter().filter(|finding| finding.need == **need);
        let mut unknowns = own.flat_map(|finding| &finding.traces).flat_map(Trace::unknowns);
        unknowns.any(|(hop, _)| hop.layer == Layer::Dns)
    };
    let is_unknown = |need: &&Need| proposal.unknown_after.contains(&need.name());
    proposal.is_possible()
        && proposal.breaks.is_empty()
        && !proposal.changes_the_service()
        && proposal.estimate.fixed_per_month == Some(Decimal::ZERO)
        && needs.iter().any(is_unknown)
        && !needs.iter().any(is_assumed)
        && needs.iter().all(|need| is_unknown(need) || proposal.fixes.contains(&need.name()))
}

fn is_free(proposal: &Proposal) -> bool {
    proposal.estimate.fixed_per_month == Some(Decimal::ZERO)
        && proposal.estimate.per_gb() == Some(Decimal::ZERO)
}

/// Whether a free proposal fixes all of these destinations, some of them only if their bucket is in the region of the network.
fn fixes_in_region(proposal: &Proposal, needs: &[&Need]) -> bool {
    let depends = |need: &&&Need| depends_on_bucket_region(proposal, need);
    let is_fixed = |need: &&Need| proposal.fixes.contains(&need.name()) || depends(&need);
    is_free(proposal)
        && proposal.is_possible()
        && proposal.breaks.is_empty()
        && !proposal.changes_the_service()
        && needs.iter().all(is_fixed)
        && needs.iter().any(|need| depends(&need))
}

/// Whether the verdict of a blocked destination is unknown with the proposal, and the region of its bucket decides it.
fn depends_on_bucket_region(proposal: &Proposal, need: &Need) -> bool {
    let after = proposal.after.findings.iter().filter(|finding| finding.need.destination == need.destination);
    let mut unknowns = after
        .flat_map(|finding| &finding.traces)
        .flat_map(Trace::unknowns)
        .map(|(_, deciding)| deciding)
        .peekable();
    proposal.unknown_after.contains(&need.name())
        && unknowns.peek().is_some()
        && unknowns.all(|deciding| deciding == Deciding::BucketRegion)
}

/// `It fixes reports.s3.amazonaws.com at no cost if the bucket is in us-east-1: …`
fn in_region(proposal: &Proposal, needs: &[&Need], snapshot: &Snapshot) -> String {
    let depending: Vec<&&Need> =
        needs.iter().filter(|need| depends_on_bucket_region(proposal, need)).collect();
    let names: Vec<String> = depending.iter().map(|need| need.name()).collect();
    let bucket = depending.iter().find_map(|need| need.destination.bucket_of_unknown_region());
    format!(
        "It fixes {} at no cost if the bucket is in {}: aws s3api get-bucket-location --bucket {} shows its Region (null is \
         us-east-1). A bucket in another Region needs another fix.",
        listed(&names, "and"),
        snapshot.region,
        bucket.unwrap_or("BUCKET"),
    )
}

/// ` 3 destinations are still blocked: NAT gateway fixes them. 1 is unknown.` `next` is the title of that fix, if one fixes all of
/// them. A long title is in quotes.
fn rest(proposal: &Proposal, next: Option<&str>) -> String {
    const SHORT: usize = 3;
    let is_short = |title: &str| title.split(' ').count() <= SHORT;
    let next =
        next.map(|title| if is_short(title) { title.to_owned() } else { format!("the fix \"{title}\"") });
    let to_fix: Vec<String> = proposal.to_fix().cloned().collect();
    let state = still(&proposal.after, &to_fix);
    let is_unknown =
        to_fix.iter().all(|host| proposal.after.verdict_of(host) == Some(FindingVerdict::Unknown));
    let text = match (to_fix.len(), next) {
        (0, _) => String::new(),
        (1, Some(next)) => format!(" 1 destination is {state}: {next} fixes it."),
        (count, Some(next)) => format!(" {count} destinations are {state}: {next} fixes them."),
        (1, None) if is_unknown => format!(" 1 destination is {state}."),
        (count, None) if is_unknown => format!(" {count} destinations are {state}."),
        (1, None) => format!(" 1 destination is {state} and needs another fix."),
        (count, None) => format!(" {count} destinations are {state} and need another fix."),
    };
    let unknown = match proposal.still_blocked.len() - to_fix.len() {
        0 => String::new(),
        1 => " 1 is unknown.".to_owned(),
        count => format!(" {count} are unknown."),
    };
    format!("{text}{unknown}")
}
