//! Compares two diagnoses of one workload, before and after changes.

use crate::diagnose::{Diagnosis, FindingVerdict};

/// What changed for the hosts that were asked about.
pub(super) struct Comparison {
    pub cures: Vec<String>,
    pub leaves: Vec<String>,
    pub breaks: Vec<String>,
}

/// Hosts cured, left and broken, by comparing the verdicts.
pub(super) fn compare(before: &Diagnosis, after: &Diagnosis) -> Comparison {
    let (mut cures, mut leaves, mut breaks) = (Vec::new(), Vec::new(), Vec::new());
    for (old, new) in before.findings.iter().zip(&after.findings) {
        let host = old.need.destination.host.clone();
        match (old.verdict(), new.verdict()) {
            (FindingVerdict::Reachable, FindingVerdict::Reachable) => {}
            (FindingVerdict::Reachable, now) => breaks.push(format!("{host} would be {}", now.word())),
            (FindingVerdict::Unknown, FindingVerdict::Blocked | FindingVerdict::Intermittent) => {
                breaks.push(format!("{host} would be {}, it is not known to be now", new.verdict().word()));
            }
            (_, FindingVerdict::Reachable) => cures.push(host),
            (_, _) => leaves.push(host),
        }
    }
    Comparison { cures, leaves, breaks }
}
