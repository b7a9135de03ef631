//! Plain text output for a terminal or a log.

use std::fmt::Write as _;

use super::clean::clean;
use super::cost::{cost_with_traffic, money};
use super::labels;
use crate::case::Case;
use crate::diagnose::{Finding, FindingVerdict};
use crate::model::{Egress, SubnetId};
use crate::reach::{Outcome, Trace};
use crate::remedy::{FollowUp, PreconditionStatus, Proposal};

/// The diagnosis with its causes, fixes and gaps.
#[must_use]
pub fn diagnosis(case: &Case) -> String {
    let mut out = String::new();
    let egress = match &case.workload.egress {
        Egress::Default => "DEFAULT egress",
        Egress::Vpc(_) => "VPC egress",
        Egress::Direct { .. } => "subnets from the command line",
        Egress::Unknown(_) => "egress unknown",
    };
    let _ = writeln!(out, "{}  {}  {egress}", case.workload.name, case.snapshot.region);
    let _ = writeln!(out, "{}\n", case.diagnosis.headline);
    for finding in &case.diagnosis.findings {
        put_finding(&mut out, finding);
    }
    if !case.diagnosis.causes.is_empty() {
        let _ = writeln!(out, "Causes");
        for cause in &case.diagnosis.causes {
            let _ = writeln!(out, "  {}", cause.explanation);
        }
        let _ = writeln!(out);
    }
    if !case.diagnosis.remarks.is_empty() {
        let _ = writeln!(out, "Notes");
        for sentence in &case.diagnosis.remarks {
            let _ = writeln!(out, "  {sentence}");
        }
        let _ = writeln!(out);
    }
    if !case.diagnosis.misleading.is_empty() {
        let _ = writeln!(out, "{}", labels::NOT_THE_CAUSE);
        for sentence in &case.diagnosis.misleading {
            let _ = writeln!(out, "  {sentence}");
        }
        let _ = writeln!(out);
    }
    if !case.proposals.is_empty() {
        let _ = writeln!(out, "Fixes");
        for item in &case.proposals {
            out.push_str(&proposal(item));
        }
        let _ = writeln!(out);
    }
    if !case.ineffective_fixes.is_empty() {
        let _ = writeln!(out, "{}", labels::DOES_NOT_HELP);
        for item in &case.ineffective_fixes {
            let _ = writeln!(out, "  {}: {}", item.idea, item.reason);
        }
        let _ = writeln!(out);
    }
    for gap in &case.snapshot.gaps {
        let _ = writeln!(out, "Not read: {gap}");
    }
    clean(&out)
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
    let mut out = String::new();
    put_finding(&mut out, finding);
    clean(&out)
}

fn put_finding(out: &mut String, finding: &Finding) {
    let evidence: Vec<String> = finding.need.evidence.iter().map(ToString::to_string).collect();
    let _ = writeln!(
        out,
        "{} {}  {}  ({}; {})",
        glyph(finding.verdict()),
        finding.need.destination,
        finding.verdict().word(),
        finding.need.caller.word(),
        evidence.join(", ")
    );
    let _ = writeln!(out, "    {}", finding.explanation);
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
        put_trace(
            out,
            trace,
            &if subnets.is_empty() { "outside the VPC".to_owned() } else { subnets.join(", ") },
        );
    }
    out.push('\n');
}

fn put_trace(out: &mut String, trace: &Trace, from: &str) {
    let _ = writeln!(out, "    from {from}: {}", trace.verdict.word());
    for hop in &trace.hops {
        let (mark, code) = match hop.outcome {
            Outcome::Pass => ('+', String::new()),
            Outcome::Block(code) => ('x', format!("  [{code}]")),
            Outcome::Unknown { missing } => {
                let action = missing.and_then(crate::model::Call::iam_action);
                ('?', action.map_or(String::new(), |action| format!("  [needs {action}]")))
            }
        };
        let _ = writeln!(out, "      {mark} {:<15}{}{code}", hop.layer.word(), hop.rule);
    }
}

/// A fix with its cost, effects and unmet requirements.
#[must_use]
pub fn proposal(proposal: &Proposal) -> String {
    let mut out = String::new();
    let mark = if proposal.recommended.is_some() { '>' } else { ' ' };
    let total = proposal.fixes.len() + proposal.still_blocked.len();
    let _ = writeln!(
        out,
        "{mark} {:<34} fixes {}/{total}  {}",
        proposal.id(),
        proposal.fixes.len(),
        money(proposal.estimate.fixed_per_month, proposal.estimate.per_gb())
    );
    if let Some(reason) = &proposal.recommended {
        let _ = writeln!(out, "      {}: {reason}", labels::RECOMMENDED);
    }
    if let Some(range) = cost_with_traffic(&proposal.estimate) {
        let _ = writeln!(out, "      {range}");
    }
    let still_blocked = proposal.still_blocked.iter().zip(&proposal.still_blocked_because);
    for (host, why) in still_blocked.filter(|_| proposal.is_possible()) {
        let _ = writeln!(out, "      {}: {host}: {why}", labels::STILL_BLOCKED);
    }
    for broken in &proposal.breaks {
        let _ = writeln!(out, "      {}: {broken}", labels::BREAKS);
    }
    for sentence in &proposal.why_combined {
        let _ = writeln!(out, "      {}: {sentence}", labels::WHY_COMBINED);
    }
    for saving in &proposal.savings {
        let sum = saving.per_month.map_or("price unknown".to_owned(), |sum| format!("${sum:.2} a month"));
        let _ = writeln!(out, "      {}: {} It costs {sum}.", labels::CAN_DELETE, saving.what);
    }
    for precondition in
        proposal.preconditions.iter().filter(|precondition| precondition.status != PreconditionStatus::Met)
    {
        let label = if precondition.status == PreconditionStatus::NotMet {
            labels::REQUIREMENT_NOT_MET
        } else {
            labels::REQUIREMENT_UNKNOWN
        };
        let _ = writeln!(out, "      {label}: {}", precondition.text);
    }
    clean(&out)
}

/// How to test an applied fix, what to expect, and how to roll it back.
#[must_use]
pub fn follow_up(plan: &FollowUp) -> String {
    let mut out = String::new();
    for (title, actions) in [("Test", &plan.test), (labels::ROLLBACK, &plan.roll_back)] {
        if title == labels::ROLLBACK {
            let _ = writeln!(out, "{}", labels::EXPECT);
            for sentence in &plan.watch {
                let _ = writeln!(out, "  {sentence}");
            }
        }
        let _ = writeln!(out, "{title}");
        for (number, action) in actions.iter().enumerate() {
            let _ = writeln!(out, "  {}. {}", number + 1, action.what);
            if let Some(command) = &action.command {
                let _ = writeln!(out, "     {command}");
            }
        }
    }
    clean(&out)
}
