//! Lists in sentences, and the verdicts after a fix.

use crate::diagnose::{Diagnosis, FindingVerdict};

/// `S3, Okta and Secrets Manager`
pub(super) fn join_and(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [name] => name.clone(),
        [names @ .., last] => format!("{} and {last}", names.join(", ")),
    }
}

/// `subnet-1, subnet-2 or subnet-3`
pub(super) fn join_or(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [name] => name.clone(),
        [names @ .., last] => format!("{} or {last}", names.join(", ")),
    }
}

/// `still blocked` or `still blocked or intermittent`: the verdicts of hosts that a fix does not make
/// reachable.
pub(super) fn still(after: &Diagnosis, hosts: &[String]) -> String {
    let has = |verdict: &FindingVerdict| hosts.iter().any(|host| after.verdict_of(host) == Some(*verdict));
    let verdicts = [FindingVerdict::Blocked, FindingVerdict::Intermittent, FindingVerdict::Unknown];
    let words: Vec<&str> = verdicts.into_iter().filter(has).map(FindingVerdict::word).collect();
    match words.as_slice() {
        [] => "still blocked".to_owned(),
        [word] => format!("still {word}"),
        [words @ .., last] => format!("still {} or {last}", words.join(", ")),
    }
}
