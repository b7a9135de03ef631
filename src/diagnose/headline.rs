//! The headline: the verdicts of all destinations and the causes in one line.
//!
//! Owns only this line. `blocker` has the clauses about components.

use std::collections::BTreeSet;

use super::blocker::{To, merged};
use super::context::Context;
use super::groups::Group;
use super::wording::join;
use super::{Finding, FindingVerdict};
use crate::evidence::Caller;
use crate::reach::Verdict;

/// One line about all destinations of the application.
pub(super) fn headline(context: &Context<'_>, findings: &[Finding], groups: &[Group<'_>]) -> String {
    let application: Vec<&Finding> =
        findings.iter().filter(|finding| finding.need.caller == Caller::Application).collect();
    let count = |verdict| application.iter().filter(|finding| finding.verdict() == verdict).count();
    let (blocked, intermittent) = (count(FindingVerdict::Blocked), count(FindingVerdict::Intermittent));
    let unknown = count(FindingVerdict::Unknown);
    let total = application.len();
    if total == 0 {
        return "No destination to test: paste a log line or add a destination.".to_owned();
    }
    if blocked + intermittent + unknown == 0 {
        return format!("{} reachable.", all_destinations_are(total));
    }
    if unknown == total {
        return format!("{} unknown.", all_destinations_are(total));
    }
    if blocked + intermittent == 0 {
        return format!("{} {} unknown, the others are reachable.", share(unknown, total), be(unknown));
    }
    let mut parts = Vec::new();
    if blocked > 0 {
        let subnets = context.subnets.len();
        let from = if subnets > 1 { format!(" from all {subnets} subnets") } else { String::new() };
        parts.push(format!("{} {} blocked{from}", share(blocked, total), be(blocked)));
    }
    if intermittent > 0 {
        let subject = if parts.is_empty() { share(intermittent, total) } else { format!("{intermittent}") };
        let pattern = pattern(context, &application);
        parts.push(format!("{subject} {} intermittent ({pattern})", be(intermittent)));
    }
    if unknown > 0 {
        parts.push(format!("{unknown} {} unknown", be(unknown)));
    }
    let to = if blocked + intermittent == 1 { To::It } else { To::Them };
    format!("{}{}", parts.join(", "), reason(context, groups, to))
}

/// The end of the headline: the cause, or the components of all causes.
fn reason(context: &Context<'_>, groups: &[Group<'_>], to: To<'_>) -> String {
    match groups {
        [] => ".".to_owned(),
        [one] => format!(": {}.", one.blocker.clause(context, to)),
        groups => {
            let blockers = merged(groups.iter().map(|group| group.blocker.clone()));
            if let [one] = blockers.as_slice() {
                return format!(": {}.", one.clause(context, to));
            }
            let mut labels: Vec<String> = Vec::new();
            for label in blockers.iter().map(|blocker| blocker.label(context)) {
                if !labels.contains(&label) {
                    labels.push(label);
                }
            }
            let count = groups.len();
            let link = if labels.len() == count { ":" } else { " in" };
            format!(". There are {count} causes{link} {}.", join(&labels, "and"))
        }
    }
}

/// When intermittent destinations fail: `fail from 2 of 3 subnets, so about 2 of 3 new instances`.
fn pattern(context: &Context<'_>, findings: &[&Finding]) -> String {
    let failing = findings.iter().filter(|finding| finding.verdict() == FindingVerdict::Intermittent);
    let (mut broken_subnets, mut some_addresses) = (BTreeSet::new(), false);
    let mut failing_count = 0;
    for finding in failing {
        failing_count += 1;
        let partial = finding.traces.iter().any(|trace| matches!(trace.verdict, Verdict::Partial { .. }));
        some_addresses |= partial;
        if !partial {
            broken_subnets
                .insert(finding.traces.iter().filter(|trace| trace.verdict == Verdict::Blocked).count());
        }
    }
    let total = context.subnets.len();
    let verb = if failing_count == 1 { "fails" } else { "fail" };
    let range = match (broken_subnets.first(), broken_subnets.last()) {
        (Some(least), Some(most)) if least == most => Some(most.to_string()),
        (Some(least), Some(most)) => Some(format!("{least} to {most}")),
        _ => None,
    };
    match (range, some_addresses) {
        (Some(range), false) => {
            format!("{verb} from {range} of {total} subnets, about {range} of {total} new instances")
        }
        (Some(range), true) => format!("{verb} from {range} of {total} subnets, or for some addresses"),
        (None, _) => format!("{verb} for some addresses"),
    }
}

fn all_destinations_are(total: usize) -> String {
    match total {
        1 => "The destination is".to_owned(),
        _ => format!("All {total} destinations are"),
    }
}

/// `2 of 4 destinations`.
fn share(count: usize, total: usize) -> String {
    if total == 1 { "The destination".to_owned() } else { format!("{count} of {total} destinations") }
}

fn be(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}
