//! Compares the diagnoses of one workload before and after changes.

use crate::diagnose::{Diagnosis, FindingVerdict};

/// The effect of the changes on the hosts of a diagnosis, by [`Need::name`](crate::evidence::Need::name).
pub(super) struct Comparison {
    /// Hosts that become reachable.
    pub fixes: Vec<String>,
    /// Hosts that are not reachable before and after.
    pub still_blocked: Vec<String>,
    /// The verdict after the changes of each host of `still_blocked`.
    pub verdicts: Vec<FindingVerdict>,
    /// Hosts of `still_blocked` that are blocked before and unknown after.
    pub unknown_after: Vec<String>,
    /// One sentence for each host whose verdict becomes worse.
    pub breaks: Vec<String>,
}

/// Compares two diagnoses of the same needs.
pub(super) fn compare(before: &Diagnosis, after: &Diagnosis) -> Comparison {
    let (mut fixes, mut still_blocked, mut breaks) = (Vec::new(), Vec::new(), Vec::new());
    let (mut verdicts, mut unknown_after) = (Vec::new(), Vec::new());
    for (old, new) in before.findings.iter().zip(&after.findings) {
        let host = old.need.name();
        match (old.verdict(), new.verdict()) {
            (FindingVerdict::Reachable, FindingVerdict::Reachable) => {}
            (FindingVerdict::Reachable, verdict) => {
                breaks.push(format!("{host} becomes {}", verdict.word()));
            }
            (FindingVerdict::Unknown, verdict @ (FindingVerdict::Blocked | FindingVerdict::Intermittent)) => {
                breaks.push(format!("{host} becomes {}; it is unknown now", verdict.word()));
            }
            (_, FindingVerdict::Reachable) => fixes.push(host),
            (old, verdict) => {
                if verdict == FindingVerdict::Unknown && old != FindingVerdict::Unknown {
                    unknown_after.push(host.clone());
                }
                verdicts.push(verdict);
                still_blocked.push(host);
            }
        }
    }
    Comparison { fixes, still_blocked, verdicts, unknown_after, breaks }
}
