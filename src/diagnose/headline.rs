//! The headline: the verdicts of all destinations and the causes in one sentence.
//!
//! Owns only this sentence, which has at most two lines on the smallest usual screen: a longer one has the short clauses, then only
//! the number of causes. `blocker` and `brief` have the clauses about components.

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

/// The sentence about all destinations of the application.
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
        let sentence = |needed: String| format!("It is unknown whether {whether} reachable{needed}.");
        if !answered.is_empty() {
            return sentence(answered);
        }
        let actions = missing_actions(&application);
        let all = match actions.len() {
            0 => String::new(),
            _ => format!(": the verdicts need {}", join(&actions, "and")),
        };
        return shortest(&[
            sentence(all),
            sentence(format!(": the verdicts need {} actions", actions.len())),
        ]);
    }
    if blocked + intermittent == 0 {
        return format!("{} {} unknown, the others are reachable.", share(unknown, total), be(unknown));
    }
    let whole = || format!(" ({})", pattern(context, &application, false));
    let short = || format!(" ({})", pattern(context, &application, true));
    let subnets = context.subnets.len();
    let from = if subnets > 1 { format!(" from all {subnets} subnets") } else { String::new() };
    let counts = |pattern: &dyn Fn() -> String, is_named: bool| {
        let mut parts = Vec::new();
        let name = |verdict| if is_named { only_name(context, &application, verdict) } else { String::new() };
        if blocked > 0 {
            let name = name(FindingVerdict::Blocked);
            parts.push(format!("{}{name} {} blocked{from}", share(blocked, total), be(blocked)));
        }
        if intermittent > 0 {
            let subject =
                if parts.is_empty() { share(intermittent, total) } else { format!("{intermittent}") };
            let name = name(FindingVerdict::Intermittent);
            parts.push(format!("{subject}{name} {} intermittent{}", be(intermittent), pattern()));
        }
        if unknown > 0 {
            parts.push(format!("{unknown} {} unknown", be(unknown)));
        }
        parts.join(", ")
    };
    let to = if blocked + intermittent == 1 { To::It } else { To::Them };
    let sentences = additions(context, &application, groups);
    let addition = as_clause(&sentences);
    let (full, brief) = (reason(context, groups, to), brief_reason(context, groups, to));
    let short_addition = as_clause(&without_reasons(&sentences));
    let label = match groups {
        [] => String::new(),
        [one] => format!(": the cause is in {}", one.blocker.brief_label(context)),
        groups => {
            let blockers = merged(groups.iter().map(|group| group.blocker.clone()));
            number_of_causes(groups, blockers.iter().map(|blocker| blocker.brief_label(context)))
        }
    };
    let number = match groups.len() {
        0 | 1 => String::new(),
        count => format!(": there are {count} causes"),
    };
    let long = counts(&whole, true);
    shortest(&[
        format!("{long}{full}{addition}."),
        format!("{long}{full}{short_addition}."),
        format!("{long}{brief}{addition}."),
        format!("{long}{brief}{short_addition}."),
        format!("{long}{full}."),
        format!("{long}{brief}."),
        format!("{}{brief}.", counts(&short, true)),
        format!("{}{brief}.", counts(&short, false)),
        format!("{}{brief}.", counts(&short, false).replace(&from, "")),
        format!("{}{label}.", counts(&short, false)),
        format!("{}{number}.", counts(&short, false)),
        format!("{}{number}.", counts(&String::new, false)),
    ])
}

/// What explains the failures beside the causes, as sentences.
fn additions(context: &Context<'_>, application: &[&Finding], groups: &[Group<'_>]) -> String {
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
    format!("{endpoints} {}", assumption.map_or(String::new(), |(text, _)| text))
}

/// A sentence and the headline in one sentence; only the first one if both have more than two lines.
#[must_use]
pub fn headline_after(sentence: &str, headline: &str) -> String {
    shortest(&[format!("{}{}.", sentence.trim_end_matches('.'), as_clause(headline)), sentence.to_owned()])
}

/// Columns of the smallest usual screen, without its margins.
const WIDTH: usize = 78;

/// The first of these texts that has at most two lines on the smallest usual screen, or the last one.
fn shortest(texts: &[String]) -> String {
    let fits = |text: &&String| lines(text) <= 2;
    texts.iter().find(fits).or(texts.last()).cloned().unwrap_or_default()
}

/// The number of lines of a text that is wrapped between its words.
fn lines(text: &str) -> usize {
    let (mut lines, mut taken) = (1, 0);
    for word in text.split(' ').map(|word| word.chars().count()) {
        match taken {
            0 => taken = word,
            _ if taken + 1 + word <= WIDTH => taken += 1 + word,
            _ => (lines, taken) = (lines + 1, word),
        }
    }
    lines
}

/// The sentences without the reasons in them.
fn without_reasons(sentences: &str) -> String {
    let fact = |sentence: &str| {
        let ends = [", so ", ", because ", ": "];
        ends.iter()
            .fold(sentence.to_owned(), |fact, end| fact.split(end).next().unwrap_or_default().to_owned())
    };
    sentences.split(". ").map(fact).collect::<Vec<_>>().join(". ")
}

/// Sentences as the end of the headline: `; private DNS of interface endpoint vpce-1 is off`.
fn as_clause(sentences: &str) -> String {
    let text = sentences.trim().trim_end_matches('.').replace(". ", "; ");
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => format!("; {}{}", first.to_lowercase(), characters.as_str()),
        None => String::new(),
    }
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

/// The permissions that decide. Empty if another fact is missing.
fn missing_actions(findings: &[&Finding]) -> Vec<String> {
    let unknowns = findings.iter().flat_map(|finding| &finding.traces).flat_map(Trace::unknowns);
    let actions = unknowns.map(|(_, deciding)| deciding.missing_call().and_then(Call::iam_action));
    let actions: Option<BTreeSet<&str>> = actions.collect();
    actions.unwrap_or_default().into_iter().map(str::to_owned).collect()
}

/// The end of the headline: the cause, or the components of all causes.
fn reason(context: &Context<'_>, groups: &[Group<'_>], to: To<'_>) -> String {
    match groups {
        [] => String::new(),
        [one] => format!(": {}", one.blocker.clause(context, to)),
        groups => {
            let blockers = merged(groups.iter().map(|group| group.blocker.clone()));
            if let Some(one) = single(groups, &blockers) {
                return format!(": {}", one.clause(context, to));
            }
            let name = |names: &[String]| join(names, "or");
            if let Some(clauses) = clauses(context, groups, &blockers, name, Blocker::clause) {
                return format!(": {clauses}");
            }
            if let [one] = blockers.as_slice()
                && one.code == Code::NoRouteToDestination
            {
                return format!(": routes are missing in {}", one.label(context));
            }
            number_of_causes(groups, blockers.iter().map(|blocker| blocker.label(context)))
        }
    }
}

/// The same with the short clauses. Destinations and route tables are counted.
fn brief_reason(context: &Context<'_>, groups: &[Group<'_>], to: To<'_>) -> String {
    match groups {
        [] => String::new(),
        [one] => format!(": {}", one.blocker.brief(context, to)),
        groups => {
            let blockers = merged(groups.iter().map(|group| group.blocker.clone()));
            if let Some(one) = single(groups, &blockers) {
                return format!(": {}", one.brief(context, to));
            }
            let all: BTreeSet<String> = groups.iter().flat_map(Group::names).collect();
            let name = |names: &[String]| match names.len() {
                count if count == all.len() => to.words().to_owned(),
                1 => names.concat(),
                count => format!("{count} of them"),
            };
            if let Some(clauses) = clauses(context, groups, &blockers, name, Blocker::brief) {
                return format!(": {clauses}");
            }
            if let [one] = blockers.as_slice()
                && one.code == Code::NoRouteToDestination
            {
                return format!(": routes are missing in {}", one.brief_label(context));
            }
            number_of_causes(groups, blockers.iter().map(|blocker| blocker.brief_label(context)))
        }
    }
}

/// The only blocker, if one clause about it is true for each destination of each of its route tables.
fn single<'a, 'b>(groups: &[Group<'_>], blockers: &'a [Blocker<'b>]) -> Option<&'a Blocker<'b>> {
    let names: BTreeSet<Vec<String>> = groups.iter().map(Group::names).collect();
    match blockers {
        [one] if names.len() == 1 => Some(one),
        _ => None,
    }
}

/// `: there are 2 causes: route table rtb-1 and network ACL acl-1`
fn number_of_causes(groups: &[Group<'_>], of_blockers: impl Iterator<Item = String>) -> String {
    let mut labels: Vec<String> = Vec::new();
    for label in of_blockers {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    let count = groups.len();
    let link = if labels.len() == count { "," } else { " in" };
    format!(": there are {count} causes{link} {}", join(&labels, "and"))
}

/// The clauses of two causes, each with the destinations that it blocks; `None` for more causes.
fn clauses<'a>(
    context: &Context<'_>,
    groups: &[Group<'_>],
    blockers: &[Blocker<'a>],
    name: impl Fn(&[String]) -> String,
    clause: fn(&Blocker<'a>, &Context<'_>, To<'_>) -> String,
) -> Option<String> {
    if blockers.len() > 2 {
        return None;
    }
    let clause = |blocker: &Blocker<'a>| {
        let is_part = |group: &&Group<'_>| {
            (group.blocker.layer, group.blocker.code) == (blocker.layer, blocker.code)
                && group.blocker.components.iter().all(|component| blocker.components.contains(component))
        };
        let mut names = groups.iter().filter(is_part).map(Group::names);
        let first = names.next()?;
        names.all(|other| other == first).then(|| clause(blocker, context, To::Names(&name(&first))))
    };
    let clauses: Option<Vec<String>> = blockers.iter().map(clause).collect();
    let mut clauses = clauses?;
    // The short clauses of one component in two places are equal.
    clauses.dedup();
    Some(clauses.join("; "))
}

/// When intermittent destinations fail: `fail from 2 of 3 subnets, about 2 of 3 new instances`; the short one has no instances.
fn pattern(context: &Context<'_>, findings: &[&Finding], is_short: bool) -> String {
    let failing = findings.iter().filter(|finding| finding.verdict() == FindingVerdict::Intermittent);
    let (mut broken_subnets, mut some_addresses, mut is_rest_unknown) = (BTreeSet::new(), false, false);
    let mut unknown_subnets = 0;
    let mut failing_count = 0;
    for finding in failing {
        failing_count += 1;
        let unknown = finding.traces.iter().filter(|trace| trace.verdict == Verdict::Unknown).count();
        unknown_subnets = unknown_subnets.max(unknown);
        let partial = finding.traces.iter().any(|trace| matches!(trace.verdict, Verdict::Partial { .. }));
        some_addresses |= partial;
        is_rest_unknown |= partial && finding.traces.iter().any(|trace| trace.unknowns().count() > 0);
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
        (Some(range), false) if is_short => format!("{verb} from {range} of {total} subnets"),
        (Some(range), false) => {
            format!("{verb} from {range} of {total} subnets, about {range} of {total} new instances")
        }
        (Some(range), true) => format!("{verb} from {range} of {total} subnets, or for some addresses"),
        (None, _) if is_rest_unknown => format!("{verb} for some addresses, unknown for the others"),
        (None, _) => format!("{verb} for some addresses"),
    }
}

fn all_destinations_are(total: usize) -> String {
    match total {
        1 => "The destination is".to_owned(),
        2 => "Both destinations are".to_owned(),
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
