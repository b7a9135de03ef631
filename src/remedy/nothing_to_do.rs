//! Why a diagnosis has no fix: nothing was asked, everything is reachable, no fix is known, or the verdict is
//! unknown.
//!
//! Owns these four cases and their sentences, for the commands, the reports and the screen.

use super::Proposal;
use super::manual_step::manual_step;
use crate::diagnose::{Cause, Diagnosis, Finding, FindingVerdict, after_reachable_failure, step_to_be_sure};
use crate::evidence::{Caller, Symptom};
use crate::model::{Snapshot, Workload};
use crate::reach::Code;

/// What a user does whose calls fail although the network allows them.
const ASK_FOR_LOG: &str = "If calls still fail, give their log: --log FILE, or paste it on the screen. egress-doctor reads the configuration only; it sends \
                           no packets to the destinations.";

/// The case of a diagnosis without a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum NoFixReason {
    /// No destination of the application is known.
    NothingAsked,
    /// All destinations are reachable.
    AllReachable,
    /// A destination is blocked, and no fix is known.
    NoFixKnown,
    /// No destination is blocked, and at least one is unknown.
    Unknown,
}

impl NoFixReason {
    /// The value in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// A diagnosis without a fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NothingToDo {
    /// The case.
    pub reason: NoFixReason,
    /// Whether the log shows failures although all destinations are reachable.
    pub has_failures: bool,
    /// The case as a sentence.
    pub message: String,
    /// What the user does next, as sentences; empty if all destinations are reachable.
    pub next_steps: Vec<String>,
}

impl NothingToDo {
    /// The message and the next steps in one line.
    #[must_use]
    pub fn text(&self) -> String {
        let sentences = [&self.message].into_iter().chain(&self.next_steps);
        sentences.map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

/// Why no proposal can be written; `None` if a possible proposal fixes a destination.
#[must_use]
pub fn nothing_to_do(
    snapshot: &Snapshot,
    workload: &Workload,
    diagnosis: &Diagnosis,
    proposals: &[Proposal],
) -> Option<NothingToDo> {
    let is_useful = |proposal: &Proposal| proposal.is_possible() && !proposal.fixes.is_empty();
    let own = || diagnosis.findings.iter().filter(|finding| finding.need.caller == Caller::Application);
    let total = own().count();
    let with = |verdicts: &'static [FindingVerdict]| {
        own().filter(|finding| verdicts.contains(&finding.verdict())).collect::<Vec<&Finding>>()
    };
    let blocked = with(&[FindingVerdict::Blocked, FindingVerdict::Intermittent]);
    let unknown = with(&[FindingVerdict::Unknown]);
    if total == 0 {
        return Some(NothingToDo {
            reason: NoFixReason::NothingAsked,
            has_failures: false,
            message: format!("No destination of {} is known.", workload.name),
            next_steps: vec![
                "Give one with --to HOST:PORT, or --log FILE with the lines of the connection errors."
                    .to_owned(),
            ],
        });
    }
    if blocked.is_empty() && unknown.is_empty() {
        let failing: Vec<&Finding> = own().filter(|finding| finding.failure_in_log().is_some()).collect();
        let message = match (total, failing.is_empty()) {
            (1, true) => "The destination is reachable.".to_owned(),
            (2, true) => "Both destinations are reachable.".to_owned(),
            (_, true) => format!("All {total} destinations are reachable."),
            (1, false) => "The network allows the connection, so no change of it helps.".to_owned(),
            (_, false) => {
                format!(
                    "The network allows the connections to all {total} destinations, so no change of it helps."
                )
            }
        };
        return Some(NothingToDo {
            reason: NoFixReason::AllReachable,
            has_failures: !failing.is_empty(),
            message,
            next_steps: if failing.is_empty() {
                vec![ASK_FOR_LOG.to_owned()]
            } else {
                failing.into_iter().map(|finding| after_failure(snapshot, workload, finding)).collect()
            },
        });
    }
    if proposals.iter().any(is_useful) {
        return None;
    }
    let share = |count: usize| match total {
        1 => "The destination is".to_owned(),
        _ if count == 1 => format!("1 of {total} destinations is"),
        _ => format!("{count} of {total} destinations are"),
    };
    if blocked.is_empty() {
        return Some(NothingToDo {
            reason: NoFixReason::Unknown,
            has_failures: false,
            message: format!("{} unknown, so no fix can be proposed.", share(unknown.len())),
            next_steps: distinct(unknown.iter().filter_map(|finding| finding.next_step.clone())),
        });
    }
    let causes = with_routes_together(&diagnosis.causes);
    let steps = causes.iter().map(|cause| manual_step(snapshot, workload, cause));
    let to_be_sure = blocked.iter().filter_map(|finding| step_to_be_sure(snapshot, finding));
    let steps = steps.chain(to_be_sure);
    let verdict = match with(&[FindingVerdict::Blocked]).len() {
        0 => "intermittent",
        _ => "blocked",
    };
    // Without the rule that blocks, another check can still be unknown.
    let may_fix = proposals.iter().find(|proposal| proposal.may_fix());
    let fix = match may_fix {
        Some(proposal) => format!("it is unknown whether this fix is enough: {}", proposal.title),
        None if causes.len() > 1 => "no automatic fix for these causes is known".to_owned(),
        None => "no automatic fix for this cause is known".to_owned(),
    };
    Some(NothingToDo {
        reason: NoFixReason::NoFixKnown,
        has_failures: false,
        message: format!("{} {verdict}, and {fix}.", share(blocked.len())),
        next_steps: distinct(steps),
    })
}

/// What the user does about a failure in the log of a reachable destination.
fn after_failure(snapshot: &Snapshot, workload: &Workload, finding: &Finding) -> String {
    let host = finding.need.name();
    let symptom = finding.failure_in_log().map(Symptom::with_article).unwrap_or_default();
    match finding.other_causes.first() {
        None => {
            let advice = after_reachable_failure(&finding.need, snapshot, workload);
            format!("The log shows {symptom} for {host}. {advice}")
        }
        Some(first) => format!(
            "The log shows {symptom} for {host}. Check the other possible causes in its explanation, in their order. The first: {}",
            first.text
        ),
    }
}

/// The causes, with all route tables without a route to the same destinations as one: they need the same step.
fn with_routes_together(causes: &[Cause]) -> Vec<Cause> {
    let mut together: Vec<Cause> = Vec::new();
    for cause in causes {
        let has_same_step = |other: &&mut Cause| {
            cause.code == Code::NoRouteToDestination
                && (other.code, other.layer, &other.destinations)
                    == (cause.code, cause.layer, &cause.destinations)
        };
        match together.iter_mut().find(has_same_step) {
            Some(other) => other.blockers.extend(cause.blockers.iter().cloned()),
            None => together.push(cause.clone()),
        }
    }
    together
}

fn distinct(sentences: impl Iterator<Item = String>) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for sentence in sentences {
        if !list.contains(&sentence) {
            list.push(sentence);
        }
    }
    list
}
