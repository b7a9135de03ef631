//! Labels of facts about a fix. The screen and the reports use the same labels.

use crate::diagnose::{BlockedPaths, FindingVerdict};
use crate::model::SubnetId;
use crate::remedy::{NoFixReason, NothingToDo, Proposal};

/// Why a fix is the first that egress-doctor recommends, and leaves destinations for another fix.
pub const RECOMMENDED: &str = "Recommended first step";
/// Why a fix is recommended that fixes everything.
pub const RECOMMENDED_ALONE: &str = "Recommended";
/// A change of a cause's resource, by CloudTrail.
pub const HISTORY: &str = "Last change";
/// Fixes that cannot work in this network or have no effect, with the reason.
pub const NOT_POSSIBLE: &str = "Not possible or without effect here";
/// Destinations of App Runner itself.
pub const OF_APP_RUNNER: &str = "Calls of App Runner itself (outside the VPC, not counted above)";
/// Destinations that a fix makes reachable.
pub const FIXES: &str = "Fixes";
/// Destinations that are still blocked after a fix.
pub const STILL_BLOCKED: &str = "Still blocked";
/// A destination that is intermittent after a fix.
pub const STILL_INTERMITTENT: &str = "Still intermittent";
/// A destination whose verdict is unknown after a fix.
pub const STILL_UNKNOWN: &str = "Still unknown";
/// The verdict is unknown with the fix, and blocked without it.
pub const UNKNOWN_AFTER: &str = "Unknown with this fix";
/// Destinations that a fix makes unreachable, for this service or another workload.
pub const BREAKS: &str = "Breaks";
/// What the user does next.
pub const NEXT_STEP: &str = "Next step";
/// What a fix breaks if the service uses it, which the data does not show.
pub const MAY_BREAK: &str = "May break";
/// Whether the edit of a fix can be written in the Terraform folder.
pub const TERRAFORM: &str = "Terraform";
/// Sum of the costs.
pub const COST: &str = "Cost";
/// Items of the costs.
pub const COST_BREAKDOWN: &str = "Cost breakdown";
/// Costs that the sum does not contain.
pub const NOT_INCLUDED: &str = "Not included";
/// The traffic at which another fix costs less.
pub const ALTERNATIVE: &str = "Alternative";
/// Why a combined fix needs each of its parts.
pub const WHY_COMBINED: &str = "Why combined";
/// Resources that are not needed after a fix.
pub const CAN_DELETE: &str = "You can delete";
/// Time until a fix works.
pub const TAKES_EFFECT: &str = "Takes effect";
/// A met precondition.
pub const REQUIREMENT_MET: &str = "Requirement met";
/// A precondition that is not met: the fix cannot work.
pub const REQUIREMENT_NOT_MET: &str = "Requirement not met";
/// A precondition that could not be checked.
pub const REQUIREMENT_UNKNOWN: &str = "Requirement unknown";
/// Effect of a fix on this service or on other workloads.
pub const SIDE_EFFECT: &str = "Side effect";
/// Visible effects during and after a change.
pub const EXPECT: &str = "Expect";
/// How to restore the old state in AWS.
pub const ROLLBACK: &str = "Rollback";
/// The public addresses that a partner adds to an access list.
pub const PUBLIC_ADDRESSES: &str = "Public addresses for an allow-list";
/// Changes that do not help, with the reason.
pub const DOES_NOT_HELP: &str = "Does not help";
/// What the user does by hand about a cause.
pub const MANUAL_STEP: &str = "Manual step";
/// Checked, but does not cause the problem.
pub const NOT_THE_CAUSE: &str = "Not the cause";
/// Possible causes that the trace cannot see, of a reachable destination whose log shows timeouts.
pub const OTHER_CAUSES: &str = "Other possible causes";
/// One of them.
pub const OTHER_CAUSE: &str = "Other possible cause";
/// What is known about a destination that is not blocked.
pub const EXPLANATIONS: &str = "Explanations";

/// The label of the reason for a recommendation.
#[must_use]
pub fn recommended(proposal: &Proposal) -> &'static str {
    if proposal.still_blocked.is_empty() { RECOMMENDED_ALONE } else { RECOMMENDED }
}

/// The label of a diagnosis without a fix. `may_fix` is whether a fix is shown of which it is unknown whether it is enough.
#[must_use]
pub fn nothing_to_do(nothing: &NothingToDo, may_fix: bool) -> &'static str {
    match nothing.reason {
        NoFixReason::AllReachable if nothing.has_failures => "No network fix",
        NoFixReason::NothingAsked | NoFixReason::AllReachable => "Nothing to do",
        NoFixReason::NoFixKnown if may_fix => "No certain fix",
        NoFixReason::NoFixKnown | NoFixReason::Unknown => "No fix",
    }
}

/// The destinations that a cause blocks, with the subnets: `Blocks a.example.com from all 3 subnets`. `total`
/// is the number of the workload's subnets.
#[must_use]
pub fn blocks(paths: &BlockedPaths, total: usize) -> String {
    const SHOWN: usize = 20;
    let shown = paths.destinations.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    let destinations = match paths.destinations.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    };
    match paths.subnets.as_slice() {
        [] => format!("Blocks {destinations}"),
        [id] => format!("Blocks {destinations} from {id}"),
        all if all.len() == total => format!("Blocks {destinations} from all {total} subnets"),
        some => {
            let ids: Vec<&str> = some.iter().map(SubnetId::as_str).collect();
            format!("Blocks {destinations} from {}", ids.join(", "))
        }
    }
}

/// A destination that a fix does not make reachable.
#[derive(Clone, Copy, Debug)]
pub struct NotFixed<'a> {
    /// Its name.
    pub host: &'a str,
    /// The reason.
    pub why: &'a str,
    /// The label of its verdict after the fix.
    pub label: &'static str,
}

impl NotFixed<'_> {
    /// Whether its verdict is unknown after the fix.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self.label, UNKNOWN_AFTER | STILL_UNKNOWN)
    }
}

/// The destinations that a fix does not make reachable.
pub fn still(proposal: &Proposal) -> impl Iterator<Item = NotFixed<'_>> {
    // These hosts are in the same order.
    let mut unknown_after = proposal.unknown_after.iter().peekable();
    let reasons = proposal.still_blocked.iter().zip(&proposal.still_blocked_because);
    reasons.zip(&proposal.still_blocked_verdicts).map(move |((host, why), verdict)| {
        let label = match verdict {
            FindingVerdict::Unknown if unknown_after.next_if_eq(&host).is_some() => UNKNOWN_AFTER,
            FindingVerdict::Unknown => STILL_UNKNOWN,
            FindingVerdict::Intermittent => STILL_INTERMITTENT,
            FindingVerdict::Blocked | FindingVerdict::Reachable => STILL_BLOCKED,
        };
        NotFixed { host, why, label }
    })
}

/// The destinations that a fix does not make reachable for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFixedTogether<'a> {
    /// Their names.
    pub hosts: Vec<&'a str>,
    /// The reason.
    pub why: &'a str,
    /// The label of their verdict after the fix.
    pub label: &'static str,
}

/// The destinations that a fix does not make reachable, by verdict and reason.
#[must_use]
pub fn still_by_reason(proposal: &Proposal) -> Vec<NotFixedTogether<'_>> {
    let mut groups: Vec<NotFixedTogether<'_>> = Vec::new();
    for NotFixed { host, why, label } in still(proposal) {
        match groups.iter_mut().find(|group| (group.label, group.why) == (label, why)) {
            Some(group) => group.hosts.push(host),
            None => groups.push(NotFixedTogether { hosts: vec![host], why, label }),
        }
    }
    groups
}

/// The destinations that a fix does not make reachable, under the label of their verdict after it.
#[must_use]
pub fn not_fixed(proposal: &Proposal) -> Vec<(&'static str, Vec<String>)> {
    [STILL_BLOCKED, STILL_INTERMITTENT, UNKNOWN_AFTER, STILL_UNKNOWN]
        .into_iter()
        .map(|label| {
            let hosts = still(proposal).filter(|one| one.label == label);
            (label, hosts.map(|one| one.host.to_owned()).collect::<Vec<_>>())
        })
        .filter(|(_, hosts)| !hosts.is_empty())
        .collect()
}
