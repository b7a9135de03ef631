//! A fix for the diagnosis, as data: its changes, its effects, its requirements and its cost.

use std::collections::BTreeMap;

use super::estimate::{Estimate, Saving};
use super::{Change, RemedyId};
use crate::diagnose::{Diagnosis, FindingVerdict};
use crate::model::without_planned_ids;

/// What the service loses with DEFAULT egress, as far as the VPC has it: which private resources the service uses is not known.
pub(super) const LOSES_PRIVATE_RESOURCES: &str =
    "The service can no longer reach databases, caches or other private resources in the VPC.";

/// The side effect of each fix that changes the service.
pub(super) const DEPLOYS_SERVICE: &str = "App Runner deploys the service again.";

/// One or more remedies, simulated together on the snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The remedies, in the order of [`RemedyId`].
    pub remedies: Vec<RemedyId>,
    /// `S3 gateway endpoint`
    pub title: String,
    /// The changes, in the order in which they are applied.
    pub changes: Vec<Change>,
    /// The remedy of each change, in the same order.
    pub owners: Vec<RemedyId>,
    /// The title of each remedy.
    pub titles: BTreeMap<RemedyId, String>,
    /// Hosts that are not reachable and become reachable. `cures` in JSON.
    pub fixes: Vec<String>,
    /// Hosts that are not reachable and do not become reachable. `leaves` in JSON.
    pub still_blocked: Vec<String>,
    /// The reason for each host of `still_blocked`, in the same order.
    pub still_blocked_because: Vec<String>,
    /// The verdict with the fix of each host of `still_blocked`, in the same order.
    pub still_blocked_verdicts: Vec<FindingVerdict>,
    /// Hosts of `still_blocked` that are blocked now and whose verdict becomes unknown: nothing that egress-doctor checks blocks
    /// them with this fix.
    pub unknown_after: Vec<String>,
    /// Each host that is reachable and becomes unreachable, for this service or another workload, as a
    /// sentence.
    pub breaks: Vec<String>,
    /// Other effects on this and other workloads, as sentences.
    pub side_effects: Vec<String>,
    /// Its requirements, each with the fact that decides its status.
    pub preconditions: Vec<Precondition>,
    /// Its cost.
    pub estimate: Estimate,
    /// Resources that the user can delete afterwards. The fix itself deletes nothing.
    pub savings: Vec<Saving>,
    /// For several remedies: the destinations that each remedy alone does not fix, as sentences.
    /// `why_together` in JSON.
    pub why_combined: Vec<String>,
    /// The time until it takes effect: `in about a minute, no deployment of the service`.
    pub takes_effect: String,
    /// The rollback in AWS. `reversal` in JSON.
    pub rollback: String,
    /// The reason of the recommendation; `None` if egress-doctor does not recommend it.
    pub recommended: Option<String>,
    /// The diagnosis of the changed snapshot.
    pub after: Diagnosis,
}

impl Proposal {
    /// Its texts without the ids of resources that another simulated fix creates.
    pub(super) fn with_planned_resources_named(mut self) -> Self {
        let conditions = self.preconditions.iter_mut().map(|condition| &mut condition.text);
        let own = [&mut self.title, &mut self.takes_effect, &mut self.rollback].into_iter();
        let lists = [
            &mut self.still_blocked_because,
            &mut self.breaks,
            &mut self.side_effects,
            &mut self.why_combined,
        ];
        let savings = self.savings.iter_mut().map(|saving| &mut saving.what);
        let texts = own.chain(conditions).chain(self.titles.values_mut()).chain(savings);
        for text in texts.chain(lists.into_iter().flatten()) {
            if let Some(named) = without_planned_ids(text) {
                *text = named;
            }
        }
        self
    }

    /// `s3-gateway`, or `s3-gateway+interface-endpoints` for several remedies.
    #[must_use]
    pub fn id(&self) -> String {
        self.remedies.iter().map(ToString::to_string).collect::<Vec<_>>().join("+")
    }

    /// Its name on the screen and in sentences: the title, or the short titles of several remedies.
    #[must_use]
    pub fn name(&self) -> String {
        match self.remedies.as_slice() {
            [_] => self.title.clone(),
            remedies => remedies.iter().map(|id| id.short_title()).collect::<Vec<_>>().join(" + "),
        }
    }

    /// The proposal without the changes of some remedies, for a plan of the others. Its effects stay those of all changes.
    #[must_use]
    pub fn without(&self, remedies: &[RemedyId]) -> Self {
        let kept = || self.owners.iter().map(|owner| !remedies.contains(owner));
        let changes = self.changes.iter().zip(kept()).filter(|(_, is_kept)| *is_kept);
        Self {
            remedies: self.remedies.iter().copied().filter(|id| !remedies.contains(id)).collect(),
            changes: changes.map(|(change, _)| change.clone()).collect(),
            owners: self.owners.iter().copied().filter(|owner| !remedies.contains(owner)).collect(),
            ..self.clone()
        }
    }

    /// What it breaks although `breaks` does not list it, because the data does not show what the service uses. A sentence of
    /// `side_effects`.
    #[must_use]
    pub fn may_break(&self) -> Option<&'static str> {
        self.remedies.contains(&RemedyId::DefaultEgress).then_some(LOSES_PRIVATE_RESOURCES)
    }

    /// Whether it changes the service itself.
    #[must_use]
    pub fn changes_the_service(&self) -> bool {
        let changes = |id: &RemedyId| {
            matches!(id, RemedyId::DefaultEgress | RemedyId::MoveConnector | RemedyId::PrivateSubnets)
        };
        self.remedies.iter().any(changes)
    }

    /// Whether it can be recommended: it is possible, fixes a destination, breaks nothing and does not change the service.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.is_possible() && self.breaks.is_empty() && !self.fixes.is_empty() && !self.changes_the_service()
    }

    /// The hosts that it leaves and that need another fix: not those that are unknown now and with the fix, unless it leaves only such.
    pub fn to_fix(&self) -> impl Iterator<Item = &String> {
        let is_unknown = |(host, verdict): &(&String, &FindingVerdict)| {
            **verdict == FindingVerdict::Unknown && !self.unknown_after.contains(host)
        };
        let hosts = || self.still_blocked.iter().zip(&self.still_blocked_verdicts);
        let all_unknown = hosts().all(|one| is_unknown(&one));
        hosts().filter(move |one| all_unknown || !is_unknown(one)).map(|(host, _)| host)
    }

    /// Whether it leaves no destination that is known to need a fix: none, or those that are unknown now and with the fix.
    pub(super) fn leaves_nothing_to_fix(&self) -> bool {
        self.still_blocked
            .iter()
            .zip(&self.still_blocked_verdicts)
            .all(|(host, verdict)| *verdict == FindingVerdict::Unknown && !self.unknown_after.contains(host))
    }

    /// Whether it fixes a destination, or can fix one whose verdict is then unknown.
    #[must_use]
    pub fn may_fix(&self) -> bool {
        self.is_possible() && !(self.fixes.is_empty() && self.unknown_after.is_empty())
    }

    /// Whether every requirement is met or unknown.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.preconditions.iter().all(|precondition| precondition.status != PreconditionStatus::NotMet)
    }
}

/// A requirement of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precondition {
    /// The fact that decides its status, `vpc-0a1 has an internet gateway (igw-0b2)`.
    pub text: String,
    /// Whether it is met.
    pub status: PreconditionStatus,
}

impl Precondition {
    /// A requirement that is met.
    pub(super) fn met(text: impl Into<String>) -> Self {
        Self { text: text.into(), status: PreconditionStatus::Met }
    }

    /// A requirement that is not met.
    pub(super) fn not_met(text: impl Into<String>) -> Self {
        Self { text: text.into(), status: PreconditionStatus::NotMet }
    }

    /// A requirement that could not be checked.
    pub(super) fn unknown(text: impl Into<String>) -> Self {
        Self { text: text.into(), status: PreconditionStatus::Unknown }
    }
}

/// Whether a requirement is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreconditionStatus {
    /// It is met.
    Met,
    /// It is not met: the proposal cannot work.
    NotMet,
    /// It could not be checked.
    Unknown,
}

impl PreconditionStatus {
    /// The word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Met => "yes",
            Self::NotMet => "no",
            Self::Unknown => "unknown",
        }
    }
}
