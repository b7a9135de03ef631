//! Markdown output for tickets and incident reports.

use std::fmt::Write as _;

use super::clean::clean;
use super::cost::money;
use super::labels;
use crate::case::Case;
use crate::remedy::{Action, Proposal};
use crate::terraform::{ChangeSet, diff};

/// The diagnosis with its causes and fixes as an incident report.
#[must_use]
pub fn diagnosis(case: &Case) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "# {} in {}\n\n{}\n",
        cell(&case.workload.name),
        case.snapshot.region,
        case.diagnosis.headline
    );
    let _ = writeln!(out, "Read at {}.\n\n## Destinations\n", case.snapshot.taken_at);
    let _ = writeln!(out, "| Destination | Verdict | Evidence |\n|---|---|---|");
    for finding in &case.diagnosis.findings {
        let evidence: Vec<String> = finding.need.evidence.iter().map(ToString::to_string).collect();
        let row =
            [finding.need.destination.to_string(), finding.verdict().word().to_owned(), evidence.join(", ")];
        let _ = writeln!(out, "| {} |", row.map(|text| cell(&text)).join(" | "));
    }
    let sections = [
        ("Causes", case.diagnosis.causes.iter().map(|cause| cause.explanation.clone()).collect::<Vec<_>>()),
        ("Notes", case.diagnosis.remarks.clone()),
        (labels::NOT_THE_CAUSE, case.diagnosis.misleading.clone()),
        (
            labels::DOES_NOT_HELP,
            case.ineffective_fixes.iter().map(|item| format!("{}: {}", item.idea, item.reason)).collect(),
        ),
        ("Not read", case.snapshot.gaps.iter().map(ToString::to_string).collect()),
    ];
    for (title, lines) in sections {
        if !lines.is_empty() {
            let _ = writeln!(out, "\n## {title}\n");
            for line in lines {
                let _ = writeln!(out, "- {}", cell(&line));
            }
        }
    }
    if !case.proposals.is_empty() {
        let _ = writeln!(
            out,
            "\n## Fixes\n\n| Fix | {} | {} | {} | {} |\n|---|---|---|---|---|",
            labels::FIXES,
            labels::STILL_BLOCKED,
            labels::BREAKS,
            labels::COST,
        );
        for proposal in &case.proposals {
            let hosts = |list: &[String]| if list.is_empty() { "-".to_owned() } else { list.join(", ") };
            let title = if proposal.recommended.is_some() {
                format!("**{}**", proposal.title)
            } else {
                proposal.title.clone()
            };
            let row = [
                title,
                hosts(&proposal.fixes),
                hosts(&proposal.still_blocked),
                hosts(&proposal.breaks),
                money(proposal.estimate.fixed_per_month, proposal.estimate.per_gb()),
            ];
            let _ = writeln!(out, "| {} |", row.map(|text| cell(&text)).join(" | "));
        }
    }
    clean(&out)
}

/// A planned edit with its test and rollback steps.
#[must_use]
pub fn fix(case: &Case, proposal: &Proposal, changes: &ChangeSet) -> String {
    let mut out = format!("# {}\n\n", cell(&proposal.title));
    let price = money(proposal.estimate.fixed_per_month, proposal.estimate.per_gb());
    let lists = [
        (labels::FIXES, &proposal.fixes),
        (labels::STILL_BLOCKED, &proposal.still_blocked),
        (labels::BREAKS, &proposal.breaks),
    ];
    for (title, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        let _ = writeln!(out, "- {title}: {}", cell(&list.join(", ")));
    }
    let _ = writeln!(out, "- {}: {price}\n- Files: {}", labels::COST, changes.tally());
    for note in &changes.notes {
        let _ = writeln!(out, "- Note: {}", cell(note));
    }
    // The fence is longer than any run of backticks in the patch, so the patch cannot close it.
    let patch = diff::patch(changes);
    let longest = patch.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let _ = writeln!(out, "\n{fence}diff\n{patch}{fence}");
    let plan = case.follow_up(proposal, &changes.imports);
    let actions = |title: &str, list: &[Action]| {
        let lines = list.iter().enumerate().map(|(index, action)| {
            let command = action
                .command
                .as_ref()
                .map_or(String::new(), |command| format!("\n\n       {}\n", command.replace('\n', " ")));
            format!("{}. {}{command}\n", index + 1, cell(&action.what))
        });
        format!("\n## {title}\n\n{}", lines.collect::<String>())
    };
    out.push_str(&actions("Test", &plan.test));
    let _ = writeln!(out, "\n## {}\n", labels::EXPECT);
    for sentence in &plan.watch {
        let _ = writeln!(out, "- {}", cell(sentence));
    }
    out.push_str(&actions(labels::ROLLBACK, &plan.roll_back));
    clean(&out)
}

/// Escapes text for a table cell.
fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}
