//! The headline: the verdicts of all destinations and the causes in one line.
//!
//! Owns only this line. `blocker` has the clauses about components.

use std::collections::BTreeSet;

use super::answers::{self, capturing_endpoint, contradicting_answer};
use super::blocker::{Blocker, To, merged};
use super::context::Context;
use super::groups::Group;
use super::wording::join;
use super::{Finding, FindingVerdict};
use super::{inactive_endpoint, next_step};
use crate::evidence::{Caller, Symptom};
use crate::model::Call;
use crate::reach::{Code, Trace, Verdict};

/// One line about all destinations of the application.
pub(super) fn headline(context: &Context<'_>, findings: &[Finding], groups: &[Group<'_>]) -> String {
    let application: Vec<&Finding> =
        findings.iter().filter(|finding| finding.need.caller == Caller::Application).collect();
    let count = |verdict| application.iter().filter(|finding| finding.verdict() == verdict).count();
    let (blocked, intermittent) = (count(FindingVerdict::Blocked), count(FindingVerdict::Intermittent));
    let unknown = count(FindingVerdict::Unknown);
    let total = application.len();
    if total == 0 {
        return "No destination of the application is known.".to_owned();
    }
    if blocked + intermittent + unknown == 0 {
        let failures = failures_in_log(context, &application);
        return format!("{} reachable{failures}.", all_destinations_are(total));
    }
    if unknown == total {
        let whether = if total == 1 { "the destination is" } else { "the destinations are" };
        let answered = match application.as_slice() {
            [one] => replied(one).map_or(String::new(), |symptom| {
                format!(", but the log shows a reply ({symptom}): the network was not the cause at that time")
            }),
            _ => String::new(),
        };
        let needed = if answered.is_empty() { missing_actions(&application) } else { answered };
        return format!("It is unknown whether {whether} reachable{needed}.");
    }
    if blocked + intermittent == 0 {
        return format!("{} {} unknown, the others are reachable.", share(unknown, total), be(unknown));
    }
    let mut parts = Vec::new();
    if blocked > 0 {
        let subnets = context.subnets.len();
        let from = if subnets > 1 { format!(" from all {subnets} subnets") } else { String::new() };
        let name = only_name(context, &application, FindingVerdict::Blocked);
        parts.push(format!("{}{name} {} blocked{from}", share(blocked, total), be(blocked)));
    }
    if intermittent > 0 {
        let subject = if parts.is_empty() { share(intermittent, total) } else { format!("{intermittent}") };
        let pattern = pattern(context, &application);
        let name = only_name(context, &application, FindingVerdict::Intermittent);
        parts.push(format!("{subject}{name} {} intermittent ({pattern})", be(intermittent)));
    }
    if unknown > 0 {
        parts.push(format!("{unknown} {} unknown", be(unknown)));
    }
    let to = if blocked + intermittent == 1 { To::It } else { To::Them };
    // The endpoints explain the missing route only if all blocked destinations have one.
    let destinations =
        || groups.iter().flat_map(|group| &group.blocked).map(|(destination, ..)| *destination);
    let is_explained =
        |destination| !inactive_endpoint::sentences(context, std::iter::once(destination)).is_empty();
    let endpoints = if destinations().all(is_explained) {
        inactive_endpoint::sentences(context, destinations())
    } else {
        String::new()
    };
    let failing = |finding: &&&Finding| {
        matches!(finding.verdict(), FindingVerdict::Blocked | FindingVerdict::Intermittent)
    };
    let assumption = match application.iter().filter(failing).collect::<Vec<_>>().as_slice() {
        [one] => next_step::assumption(context.snapshot, &one.need, &one.traces),
        _ => None,
    };
    let assumption = assumption.map_or(String::new(), |(sentence, _)| format!(" {sentence}"));
    format!("{}{}{endpoints}{assumption}", parts.join(", "), reason(context, groups, to))
}

/// The failures that the log shows of reachable destinations: `, but the log shows a connect timeout`. Empty without a failure.
fn failures_in_log(context: &Context<'_>, findings: &[&Finding]) -> String {
    let failing: Vec<(&Finding, Symptom)> =
        findings.iter().filter_map(|finding| Some((*finding, finding.failure_in_log()?))).collect();
    let what = match failing.as_slice() {
        [] => return String::new(),
        [(_, symptom)] if findings.len() == 1 => symptom.with_article(),
        [(finding, symptom)] => format!("{} for {}", symptom.with_article(), finding.need.name()),
        failing => format!("failures for {} of them", failing.len()),
    };
    let suspect = failing.iter().find_map(|(finding, symptom)| {
        let endpoint = capturing_endpoint(&finding.need, context.snapshot, context.workload);
        endpoint.filter(|_| *symptom == Symptom::AccessDenied)
    });
    let suspect = suspect.map(|endpoint| {
        format!(
            ". The first suspect is {}, an interface endpoint for execute-api with private DNS",
            endpoint.id
        )
    });
    format!(", but the log shows {what}{}", suspect.unwrap_or_default())
}

/// The reply of an unknown destination in the log.
fn replied(finding: &Finding) -> Option<Symptom> {
    let reply = contradicting_answer(&finding.need).or_else(|| answers::reply(&finding.need))?;
    Some(reply.1)
}

/// The permissions that decide: `: this needs ec2:DescribeRouteTables`. Empty if another fact is missing.
fn missing_actions(findings: &[&Finding]) -> String {
    let unknowns = findings.iter().flat_map(|finding| &finding.traces).flat_map(Trace::unknowns);
    let actions = unknowns.map(|(_, deciding)| deciding.missing_call().and_then(Call::iam_action));
    let actions: Option<BTreeSet<&str>> = actions.collect();
    match actions {
        Some(actions) if !actions.is_empty() => {
            let actions: Vec<String> = actions.into_iter().map(str::to_owned).collect();
            format!(": the verdicts need {}", join(&actions, "and"))
        }
        _ => String::new(),
    }
}

/// The end of the headline: the cause, or the components of all causes.
fn reason(context: &Context<'_>, groups: &[Group<'_>], to: To<'_>) -> String {
    match groups {
        [] => ".".to_owned(),
        [one] => format!(": {}.", one.blocker.clause(context, to)),
        groups => {
            let blockers = merged(groups.iter().map(|group| group.blocker.clone()));
            // One clause about several route tables must be true for each destination of each table.
            let names: BTreeSet<Vec<String>> = groups.iter().map(Group::names).collect();
            if let ([one], 1) = (blockers.as_slice(), names.len()) {
                return format!(": {}.", one.clause(context, to));
            }
            if let Some(clauses) = clauses(context, groups, &blockers) {
                return format!(". Causes: {clauses}.");
            }
            if let [one] = blockers.as_slice()
                && one.code == Code::NoRouteToDestination
            {
                return format!(": routes are missing in {}.", one.label(context));
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

/// The clauses of two causes, each with the destinations that it blocks; `None` for more causes.
fn clauses(context: &Context<'_>, groups: &[Group<'_>], blockers: &[Blocker<'_>]) -> Option<String> {
    if blockers.len() > 2 {
        return None;
    }
    let clause = |blocker: &Blocker<'_>| {
        let is_part = |group: &&Group<'_>| {
            (group.blocker.layer, group.blocker.code) == (blocker.layer, blocker.code)
                && group.blocker.components.iter().all(|component| blocker.components.contains(component))
        };
        let mut names = groups.iter().filter(is_part).map(Group::names);
        let first = names.next()?;
        names.all(|other| other == first).then(|| blocker.clause(context, To::Names(&join(&first, "or"))))
    };
    let clauses: Option<Vec<String>> = blockers.iter().map(clause).collect();
    Some(clauses?.join("; "))
}

/// When intermittent destinations fail: `fail from 2 of 3 subnets, so about 2 of 3 new instances`.
fn pattern(context: &Context<'_>, findings: &[&Finding]) -> String {
    let failing = findings.iter().filter(|finding| finding.verdict() == FindingVerdict::Intermittent);
    let (mut broken_subnets, mut some_addresses) = (BTreeSet::new(), false);
    let mut unknown_subnets = 0;
    let mut failing_count = 0;
    for finding in failing {
        failing_count += 1;
        let unknown = finding.traces.iter().filter(|trace| trace.verdict == Verdict::Unknown).count();
        unknown_subnets = unknown_subnets.max(unknown);
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
        (Some(range), false) if unknown_subnets > 0 => {
            format!("{verb} from {range} of {total} subnets, unknown from {unknown_subnets}")
        }
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

/// The name of the only destination with a verdict, if others have another one: ` (Okta)`.
fn only_name(context: &Context<'_>, findings: &[&Finding], verdict: FindingVerdict) -> String {
    let with: Vec<&&Finding> = findings.iter().filter(|finding| finding.verdict() == verdict).collect();
    match with.as_slice() {
        [one] if findings.len() > 1 => format!(" ({})", one.need.short_name(&context.snapshot.region)),
        _ => String::new(),
    }
}

/// `2 of 4 destinations`.
fn share(count: usize, total: usize) -> String {
    if total == 1 { "The destination".to_owned() } else { format!("{count} of {total} destinations") }
}

fn be(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}
