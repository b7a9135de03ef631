//! The verdicts after a fix, in words.

use crate::diagnose::{Diagnosis, FindingVerdict};
use crate::text::listed;

/// `still blocked` or `still blocked or intermittent`: the verdicts of hosts that a fix does not make
/// reachable.
pub(super) fn still(after: &Diagnosis, hosts: &[String]) -> String {
    let has = |verdict: &FindingVerdict| hosts.iter().any(|host| after.verdict_of(host) == Some(*verdict));
    let verdicts = [FindingVerdict::Blocked, FindingVerdict::Intermittent, FindingVerdict::Unknown];
    let words: Vec<&str> = verdicts.into_iter().filter(has).map(FindingVerdict::word).collect();
    match words.as_slice() {
        [] => "still blocked".to_owned(),
        words => format!("still {}", listed(words, "or")),
    }
}
