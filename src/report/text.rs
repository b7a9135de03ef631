//! Plain text output for a terminal or a log.

use super::by_hand::by_hand_text;
use super::cost::{cost_with_traffic, money};
use super::history::history_lines;
use super::labels::{self, NotFixed};
use super::lines::Lines;
use crate::case::Case;
use crate::diagnose::{Finding, FindingVerdict, PublicSource, public_sources};
use crate::evidence::Caller;
use crate::model::{Call, Egress, SubnetId, without_planned_ids};
use crate::reach::{Outcome, Trace};
use crate::remedy::{FollowUp, NothingToDo, PreconditionStatus, Proposal};
use crate::terraform::{ChangeSet, diff};
use crate::text::clean;

/// The diagnosis with its causes, fixes and gaps.
#[must_use]
pub fn diagnosis(case: &Case) -> String {
    let mut out = Lines::default();
    let egress = match &case.workload.egress {
        Egress::Default => "DEFAULT egress",
        Egress::Vpc(_) => "VPC egress",
        Egress::Direct { .. } => "subnets from the command line",
        Egress::Unknown(_) => "egress unknown",
    };
    out.line(format_args!("{}  {}  {egress}", case.workload.name, case.snapshot.region));
    out.line(&case.diagnosis.headline);
    out.blank();
    put_causes(&mut out, case);
    put_fixes(&mut out, case);
    if let Some(nothing) = case.nothing_to_do() {
        let may_fix = case.proposals.iter().any(Proposal::may_fix);
        out.append(&nothing_lines(&nothing, may_fix, &case.diagnosis.headline));
        out.blank();
    }
    out.section("Notes", case.diagnosis.remarks.iter().cloned());
    out.section(labels::NOT_THE_CAUSE, case.diagnosis.misleading.iter().cloned());
    out.section(
        labels::DOES_NOT_HELP,
        case.ineffective_fixes.iter().map(|item| format!("{}: {}", item.idea, item.reason)),
    );
    let sources = public_sources(&case.snapshot, &case.diagnosis);
    out.section(labels::PUBLIC_ADDRESSES, sources.iter().flat_map(PublicSource::lines));
    put_findings(&mut out, &case.diagnosis.findings);
    for gap in case.snapshot.shown_gaps() {
        out.line(format_args!("Not read: {gap}"));
    }
    out.into_text()
}

/// `fix` without a change set: the reason and the next steps.
#[must_use]
pub fn no_fix(nothing: &NothingToDo) -> String {
    nothing_lines(nothing, false, "").into_text()
}

/// `above` is the sentence that is printed already.
fn nothing_lines(nothing: &NothingToDo, may_fix: bool, above: &str) -> Lines {
    let mut out = Lines::default();
    let label = labels::nothing_to_do(nothing, may_fix);
    if nothing.message == above {
        out.line(label);
    } else {
        out.line(format_args!("{label}: {}", nothing.message));
    }
    nothing.next_steps.iter().for_each(|step| out.line(format_args!("  {}: {step}", labels::NEXT_STEP)));
    out
}

/// The numbered causes, each with the destinations and subnets that it explains.
fn put_causes(out: &mut Lines, case: &Case) {
    let total = case.diagnosis.subnets.len();
    let lines = case.diagnosis.causes.iter().flat_map(|cause| {
        let first = format!("{}. {}", cause.number, cause.without_paths);
        let paths = cause.paths.iter().map(move |paths| format!("   {}", labels::blocks(paths, total)));
        let step = case.shown_step(cause).map(|step| format!("   {}: {step}", labels::MANUAL_STEP));
        let history =
            history_lines(case, cause).into_iter().map(|line| format!("   {}: {line}", labels::HISTORY));
        [first].into_iter().chain(paths).chain(step).chain(history)
    });
    out.section("Causes", lines);
}

/// The fixes that fix a destination or can fix one, then the others, each with the reason.
fn put_fixes(out: &mut Lines, case: &Case) {
    let is_useful = |proposal: &&Proposal| proposal.may_fix();
    let (useful, others): (Vec<&Proposal>, Vec<&Proposal>) = case.proposals.iter().partition(is_useful);
    if !useful.is_empty() {
        out.line("Fixes");
        for proposal in useful {
            out.append(&proposal_lines(proposal));
        }
        if let Some(reasons) = case.not_recommended() {
            out.line(format_args!("  {}: none. {reasons}", labels::RECOMMENDED_ALONE));
        }
        out.blank();
    }
    let reasons = |proposal: &Proposal| {
        let unmet = proposal.preconditions.iter().filter(|one| one.status == PreconditionStatus::NotMet);
        let unmet: Vec<String> = unmet.map(|one| one.text.clone()).collect();
        match (unmet.as_slice(), labels::still(proposal).next()) {
            ([], Some(NotFixed { host, why, label })) => {
                let count = proposal.still_blocked.len();
                vec![format!("fixes 0 of {count}. {label}: {host}: {why}")]
            }
            _ => unmet,
        }
    };
    out.section(labels::NOT_POSSIBLE, by_reason(others.into_iter().map(|one| (one.id(), reasons(one)))));
}

/// One line for each reason with the fixes that have it; the reasons of the same fixes are in one line.
fn by_reason(fixes: impl Iterator<Item = (String, Vec<String>)>) -> Vec<String> {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for (id, reason) in fixes.flat_map(|(id, reasons)| reasons.into_iter().map(move |one| (id.clone(), one)))
    {
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, ids)) => ids.push(id),
            None => reasons.push((reason, vec![id])),
        }
    }
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    for (reason, ids) in reasons {
        match lines.iter_mut().find(|(_, known)| *known == ids) {
            Some((text, _)) => *text = format!("{text}; {reason}"),
            None => lines.push((reason, ids)),
        }
    }
    lines.into_iter().map(|(reasons, ids)| format!("{}: {reasons}", ids.join(", "))).collect()
}

/// The destinations of the application with their paths, then those of App Runner itself. Equal paths are printed once.
fn put_findings(out: &mut Lines, findings: &[Finding]) {
    let is_own = |finding: &&Finding| finding.need.caller == Caller::Application;
    for (number, finding) in findings.iter().enumerate().filter(|(_, finding)| is_own(finding)) {
        let earlier = findings.iter().take(number).filter(is_own);
        put_finding(out, finding, earlier.into_iter().find(|other| has_equal_paths(other, finding)));
    }
    let of_platform = findings.iter().filter(|finding| !is_own(finding)).map(|finding| {
        let evidence: Vec<String> = finding.need.evidence.iter().map(ToString::to_string).collect();
        format!("{} {}  ({})", glyph(finding.verdict()), finding.need.label(), evidence.join(", "))
    });
    out.section(labels::OF_APP_RUNNER, of_platform);
}

/// Whether both destinations have the same hops, texts included, from every subnet.
fn has_equal_paths(one: &Finding, two: &Finding) -> bool {
    let path = |trace: &Trace| {
        let hops = trace.hops.iter().map(|hop| (hop.layer, hop.outcome, hop.rule.to_string()));
        (trace.subnet.clone(), trace.verdict.word(), hops.collect::<Vec<_>>())
    };
    !one.traces.is_empty() && one.traces.iter().map(path).eq(two.traces.iter().map(path))
}

/// A planned edit: the fix, the diff, and the steps to test it and to roll it back.
#[must_use]
pub fn fix(case: &Case, proposal: &Proposal, changes: &ChangeSet) -> String {
    let mut notes = Lines::default();
    for note in &changes.notes {
        notes.line(format_args!("note: {note}"));
    }
    let by_hand = by_hand_text(case, proposal, &changes.by_hand, true);
    format!(
        "{}{}\n\n{}{}\n{by_hand}{}",
        self::proposal(proposal),
        changes.tally(),
        clean(&diff::patch(changes)),
        notes.into_text(),
        follow_up(&case.follow_up(proposal, Some(changes)))
    )
}

/// The mark of a verdict.
fn glyph(verdict: FindingVerdict) -> char {
    match verdict {
        FindingVerdict::Reachable => '+',
        FindingVerdict::Blocked => 'x',
        FindingVerdict::Intermittent => '~',
        FindingVerdict::Unknown => '?',
    }
}

/// A destination with its verdict and its paths.
#[must_use]
pub fn finding(finding: &Finding) -> String {
    let mut out = Lines::default();
    put_finding(&mut out, finding, None);
    out.into_text()
}

/// `same` is an earlier destination with equal paths.
fn put_finding(out: &mut Lines, finding: &Finding, same: Option<&Finding>) {
    let evidence: Vec<String> = finding.need.evidence.iter().map(ToString::to_string).collect();
    out.line(format_args!(
        "{} {}  {}  ({})",
        glyph(finding.verdict()),
        finding.need.label(),
        finding.verdict().word(),
        evidence.join(", ")
    ));
    out.line(format_args!("    {}", finding.explanation));
    if !finding.other_causes.is_empty() {
        out.line(format_args!("    {}:", labels::OTHER_CAUSES));
    }
    for (index, cause) in finding.other_causes.iter().enumerate() {
        out.line(format_args!("      {}. {}", index + 1, cause.text));
        for command in &cause.commands {
            out.line(format_args!("         {command}"));
        }
    }
    if let Some(same) = same {
        out.line(format_args!("    The paths are the same as to {}.", same.need.label()));
        return out.blank();
    }
    // Subnets with the same path are printed together.
    let mut printed: Vec<&Trace> = Vec::new();
    for trace in &finding.traces {
        let same = |other: &&Trace| other.hops == trace.hops && other.verdict == trace.verdict;
        if printed.iter().any(same) {
            continue;
        }
        printed.push(trace);
        let subnets = finding.traces.iter().filter(same).filter_map(|trace| trace.subnet.as_ref());
        let subnets: Vec<&str> = subnets.map(SubnetId::as_str).collect();
        put_trace(out, trace, &subnets.join(", "));
    }
    out.blank();
}

/// The path from one subnet.
#[must_use]
pub fn path(trace: &Trace) -> String {
    let mut out = Lines::default();
    put_trace(&mut out, trace, trace.subnet.as_ref().map_or("", SubnetId::as_str));
    out.into_text()
}

/// `from` has the subnets; it is empty for a path outside the VPC.
fn put_trace(out: &mut Lines, trace: &Trace, from: &str) {
    let from = if from.is_empty() { "App Runner, outside the VPC" } else { from };
    let named = without_planned_ids(from);
    let from = named.as_deref().unwrap_or(from);
    out.line(format_args!("    from {from}: {}", trace.verdict.word()));
    for hop in &trace.hops {
        let (mark, code) = match hop.outcome {
            Outcome::Pass => ('+', String::new()),
            Outcome::Block(code) => ('x', format!("  [{code}]")),
            Outcome::Unknown(deciding) => {
                let action = deciding.missing_call().and_then(Call::iam_action);
                ('?', action.map_or(String::new(), |action| format!("  [needs {action}]")))
            }
        };
        out.line(format_args!("      {mark} {:<15}{}{code}", hop.label(), hop.rule));
    }
}

/// A fix with its cost, effects and unmet requirements.
#[must_use]
pub fn proposal(proposal: &Proposal) -> String {
    proposal_lines(proposal).into_text()
}

fn proposal_lines(proposal: &Proposal) -> Lines {
    let mut out = Lines::default();
    let mark = if proposal.recommended.is_some() { '>' } else { ' ' };
    let total = proposal.fixes.len() + proposal.still_blocked.len();
    let cost = money(proposal.estimate.fixed_per_month, proposal.estimate.per_gb());
    let range = cost_with_traffic(&proposal.estimate).map_or_else(String::new, |range| format!(" ({range})"));
    out.line(format_args!("{mark} {:<34} {}", proposal.id(), proposal.title));
    out.line(format_args!("      {}: {cost}{range}", labels::COST));
    let hosts =
        if proposal.fixes.is_empty() { String::new() } else { format!(": {}", proposal.fixes.join(", ")) };
    if !proposal.fixes.is_empty() || proposal.unknown_after.is_empty() {
        out.line(format_args!("      {} {} of {total}{hosts}", labels::FIXES, proposal.fixes.len()));
    }
    if let Some(reason) = &proposal.recommended {
        out.line(format_args!("      {}: {reason}", labels::recommended(proposal)));
    }
    for group in labels::still_by_reason(proposal).iter().filter(|_| proposal.is_possible()) {
        out.line(format_args!("      {}: {}: {}", group.label, group.hosts.join(", "), group.why));
    }
    for broken in &proposal.breaks {
        out.line(format_args!("      {}: {broken}", labels::BREAKS));
    }
    if let Some(sentence) = proposal.may_break() {
        out.line(format_args!("      {}: {sentence}", labels::MAY_BREAK));
    }
    // `may_break` is one of them.
    for effect in proposal.side_effects.iter().filter(|effect| proposal.may_break() != Some(effect.as_str()))
    {
        out.line(format_args!("      {}: {effect}", labels::SIDE_EFFECT));
    }
    for sentence in &proposal.why_combined {
        out.line(format_args!("      {}: {sentence}", labels::WHY_COMBINED));
    }
    for saving in &proposal.savings {
        out.line(format_args!("      {}: {}", labels::CAN_DELETE, saving.sentence()));
    }
    for precondition in
        proposal.preconditions.iter().filter(|precondition| precondition.status != PreconditionStatus::Met)
    {
        let label = if precondition.status == PreconditionStatus::NotMet {
            labels::REQUIREMENT_NOT_MET
        } else {
            labels::REQUIREMENT_UNKNOWN
        };
        out.line(format_args!("      {label}: {}", precondition.text));
    }
    out
}

/// How to test an applied fix, what to expect, and how to roll it back.
#[must_use]
pub fn follow_up(plan: &FollowUp) -> String {
    let mut out = Lines::default();
    for (title, actions) in [("Test", &plan.test), (labels::ROLLBACK, &plan.roll_back)] {
        if title == labels::ROLLBACK {
            out.line(labels::EXPECT);
            for sentence in &plan.watch {
                out.line(format_args!("  {sentence}"));
            }
        }
        out.line(title);
        for (number, action) in actions.iter().enumerate() {
            out.line(format_args!("  {}. {}", number + 1, action.what));
            if let Some(command) = &action.command {
                out.line(format_args!("     {command}"));
            }
        }
    }
    out.into_text()
}
