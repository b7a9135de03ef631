//! Markdown output for tickets and incident reports.

use std::iter;

use super::by_hand::put_by_hand;
use super::cost::money;
use super::history::history_lines;
use super::labels::{self, NotFixed};
use super::markdown_text::{Cell, Markdown};
use crate::case::Case;
use crate::diagnose::{Finding, FindingVerdict, PublicSource, public_sources};
use crate::evidence::Caller;
use crate::remedy::{Action, NothingToDo, PreconditionStatus, Proposal};
use crate::terraform::{ChangeSet, diff};

/// The diagnosis with its causes and fixes as an incident report.
#[must_use]
pub fn diagnosis(case: &Case) -> String {
    let mut out = Markdown::default();
    put_headline(&mut out, case);
    put_diagnosis(&mut out, case);
    out.into_text()
}

/// The result in one sentence, and the time of the data.
pub(super) fn put_headline(out: &mut Markdown, case: &Case) {
    out.heading(1, &format!("{} in {}", case.workload.name, case.snapshot.region));
    out.paragraph(&case.diagnosis.headline);
    out.paragraph(&format!("Read at {}.", case.snapshot.taken_at));
}

/// The sections of the diagnosis.
pub(super) fn put_diagnosis(out: &mut Markdown, case: &Case) {
    out.heading(2, "Destinations");
    let row = |finding: &Finding| {
        let evidence: Vec<String> = finding.need.evidence.iter().map(ToString::to_string).collect();
        [finding.need.label(), finding.verdict().word().to_owned(), evidence.join(", ")].map(Cell::from)
    };
    let (own, of_platform): (Vec<&Finding>, Vec<&Finding>) =
        case.diagnosis.findings.iter().partition(|finding| finding.need.caller == Caller::Application);
    let titles = ["Destination", "Verdict", "Evidence"];
    out.table(titles, own.into_iter().map(row));
    if !of_platform.is_empty() {
        out.paragraph(&format!("{}:", labels::OF_APP_RUNNER));
        out.table(titles, of_platform.into_iter().map(row));
    }
    explanations(out, &case.diagnosis.findings);
    causes(out, case);
    if !case.proposals.is_empty() {
        out.heading(2, "Fixes");
        let rows = case.proposals.iter().filter(|proposal| proposal.is_possible()).map(|proposal| {
            let hosts =
                |list: &[String]| Cell::from(if list.is_empty() { "-".to_owned() } else { list.join(", ") });
            let known = labels::still(proposal).filter(|one| !one.is_unknown());
            let still_blocked: Vec<String> = known.map(|one| one.host.to_owned()).collect();
            let may_break = proposal.may_break().map(|text| format!("{}: {text}", labels::MAY_BREAK));
            let breaks: Vec<String> = proposal.breaks.iter().cloned().chain(may_break).collect();
            [
                Cell { text: proposal.title.clone(), is_bold: proposal.recommended.is_some() },
                hosts(&proposal.fixes),
                hosts(&still_blocked),
                hosts(&breaks),
                money(proposal.estimate.fixed_per_month, proposal.estimate.per_gb()).into(),
            ]
        });
        out.table(["Fix", labels::FIXES, labels::STILL_BLOCKED, labels::BREAKS, labels::COST], rows);
        for proposal in &case.proposals {
            let unmet = proposal.preconditions.iter();
            for unmet in unmet.filter(|condition| condition.status == PreconditionStatus::NotMet) {
                out.item(&format!("{}: not possible: {}", proposal.title, unmet.text));
            }
        }
        if let Some(reasons) = case.not_recommended() {
            out.item(&format!("{}: none. {reasons}", labels::RECOMMENDED_ALONE));
        }
        for proposal in case.proposals.iter().filter(|proposal| proposal.is_possible()) {
            for NotFixed { host, why, label } in labels::still(proposal).filter(NotFixed::is_unknown) {
                out.item(&format!("{}: {label}: {host}: {why}.", proposal.title));
            }
        }
    }
    if let Some(nothing) = case.nothing_to_do() {
        put_nothing(out, &nothing, case.proposals.iter().any(Proposal::may_fix));
    }
    let sections = [
        ("Notes", case.diagnosis.remarks.clone()),
        (labels::NOT_THE_CAUSE, case.diagnosis.misleading.clone()),
        (
            labels::DOES_NOT_HELP,
            case.ineffective_fixes.iter().map(|item| format!("{}: {}", item.idea, item.reason)).collect(),
        ),
        (
            labels::PUBLIC_ADDRESSES,
            public_sources(&case.snapshot, &case.diagnosis).iter().flat_map(PublicSource::lines).collect(),
        ),
        ("Not read", case.snapshot.shown_gaps().map(|gap| gap.to_string()).collect()),
    ];
    for (title, lines) in sections {
        if !lines.is_empty() {
            out.heading(2, title);
            for line in &lines {
                out.item(line);
            }
        }
    }
}

/// `fix` without a change set: the reason and the next steps.
#[must_use]
pub fn no_fix(nothing: &NothingToDo) -> String {
    let mut out = Markdown::default();
    put_nothing(&mut out, nothing, false);
    out.into_text()
}

fn put_nothing(out: &mut Markdown, nothing: &NothingToDo, may_fix: bool) {
    out.heading(2, labels::nothing_to_do(nothing, may_fix));
    out.paragraph(&nothing.message);
    nothing.next_steps.iter().for_each(|step| out.item(&format!("{}: {step}", labels::NEXT_STEP)));
}

/// What is known about destinations that are not blocked: the sections of causes and fixes do not contain it.
fn explanations(out: &mut Markdown, findings: &[Finding]) {
    let is_explained = |finding: &&Finding| {
        let in_log = finding.need.evidence.iter().any(|evidence| evidence.symptom().is_some());
        finding.need.caller == Caller::Application
            && match finding.verdict() {
                FindingVerdict::Reachable => in_log,
                FindingVerdict::Intermittent | FindingVerdict::Unknown => true,
                FindingVerdict::Blocked => false,
            }
    };
    let explained: Vec<&Finding> = findings.iter().filter(is_explained).collect();
    if explained.is_empty() {
        return;
    }
    out.heading(2, labels::EXPLANATIONS);
    for finding in &explained {
        out.item(&finding.explanation);
    }
    for finding in explained.iter().filter(|finding| !finding.other_causes.is_empty()) {
        out.heading(3, &format!("{}: {}", labels::OTHER_CAUSES, finding.need.destination));
        for (index, cause) in finding.other_causes.iter().enumerate() {
            out.numbered(index + 1, &cause.text, cause.commands.iter().map(String::as_str));
        }
    }
}

/// The numbered causes, each with the destinations and subnets that it explains.
fn causes(out: &mut Markdown, case: &Case) {
    let (list, total) = (&case.diagnosis.causes, case.diagnosis.subnets.len());
    if list.is_empty() {
        return;
    }
    out.heading(2, "Causes");
    for cause in list {
        out.numbered_item(cause.number, &cause.without_paths);
        for paths in &cause.paths {
            out.sub_item(&labels::blocks(paths, total));
        }
        if let Some(step) = case.shown_step(cause) {
            out.sub_item(&format!("{}: {step}", labels::MANUAL_STEP));
        }
        for line in history_lines(case, cause) {
            out.sub_item(&format!("{}: {line}", labels::HISTORY));
        }
    }
}

/// A planned edit with its test and rollback steps.
#[must_use]
pub fn fix(case: &Case, proposal: &Proposal, changes: &ChangeSet) -> String {
    let mut out = Markdown::default();
    out.heading(1, &proposal.title);
    let lists = iter::once((labels::FIXES, proposal.fixes.clone()))
        .chain(labels::not_fixed(proposal))
        .chain(iter::once((labels::BREAKS, proposal.breaks.clone())));
    for (title, list) in lists.filter(|(_, list)| !list.is_empty()) {
        out.item(&format!("{title}: {}", list.join(", ")));
    }
    let price = money(proposal.estimate.fixed_per_month, proposal.estimate.per_gb());
    out.item(&format!("{}: {price}", labels::COST));
    out.item(&format!("Files: {}", changes.tally()));
    for note in &changes.notes {
        out.item(&format!("Note: {note}"));
    }
    out.code_block("diff", &diff::patch(changes));
    put_by_hand(&mut out, case, proposal, &changes.by_hand, true);
    let plan = case.follow_up(proposal, Some(changes));
    steps(&mut out, "Test", &plan.test);
    out.heading(2, labels::EXPECT);
    plan.watch.iter().for_each(|sentence| out.item(sentence));
    steps(&mut out, labels::ROLLBACK, &plan.roll_back);
    out.into_text()
}

pub(super) fn steps(out: &mut Markdown, title: &str, actions: &[Action]) {
    out.heading(2, title);
    for (index, action) in actions.iter().enumerate() {
        out.numbered(index + 1, &action.what, action.command.as_deref());
    }
}
