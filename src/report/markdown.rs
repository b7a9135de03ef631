//! For tickets and incident reports.

use std::fmt::Write as _;

use super::clean::clean;
use super::cost::money;
use crate::case::Case;
use crate::remedy::{Action, Proposal};
use crate::terraform::{ChangeSet, diff};

/// The diagnosis as an incident report.
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
    let _ = writeln!(out, "| destination | verdict | how we know |\n|---|---|---|");
    for finding in &case.diagnosis.findings {
        let evidence: Vec<String> = finding.need.evidence.iter().map(ToString::to_string).collect();
        let row =
            [finding.need.destination.to_string(), finding.verdict().word().to_owned(), evidence.join(", ")];
        let _ = writeln!(out, "| {} |", row.map(|text| cell(&text)).join(" | "));
    }
    let sections = [
        ("Causes", case.diagnosis.causes.iter().map(|cause| cause.explanation.clone()).collect::<Vec<_>>()),
        ("To bear in mind", case.diagnosis.remarks.clone()),
        ("What does not explain it", case.diagnosis.misleading.clone()),
        (
            "What would not help",
            case.futile.iter().map(|one| format!("{}: {}", one.idea, one.reason)).collect(),
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
        let _ =
            writeln!(out, "\n## Fixes\n\n| fix | cures | leaves | breaks | cost |\n|---|---|---|---|---|");
        for proposal in &case.proposals {
            let count = |list: &[String]| if list.is_empty() { "-".to_owned() } else { list.join(", ") };
            let title = if proposal.recommended.is_some() {
                format!("**{}**", proposal.title)
            } else {
                proposal.title.clone()
            };
            let row = [
                title,
                count(&proposal.cures),
                count(&proposal.leaves),
                count(&proposal.breaks),
                money(proposal.estimate.fixed_per_month, proposal.estimate.per_gb()),
            ];
            let _ = writeln!(out, "| {} |", row.map(|text| cell(&text)).join(" | "));
        }
    }
    clean(&out)
}

/// A planned edit.
#[must_use]
pub fn fix(case: &Case, proposal: &Proposal, changes: &ChangeSet) -> String {
    let mut out = format!("# {}\n\n", cell(&proposal.title));
    let price = money(proposal.estimate.fixed_per_month, proposal.estimate.per_gb());
    let lists = [("Cures", &proposal.cures), ("Leaves", &proposal.leaves), ("Breaks", &proposal.breaks)];
    for (title, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        let _ = writeln!(out, "- {title}: {}", cell(&list.join(", ")));
    }
    let _ = writeln!(out, "- Costs: {price}\n- Files: {}", changes.tally());
    for note in &changes.notes {
        let _ = writeln!(out, "- Note: {}", cell(note));
    }
    // A fence longer than any run of backticks inside cannot be closed from inside.
    let patch = diff::patch(changes);
    let longest = patch.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let _ = writeln!(out, "\n{fence}diff\n{patch}{fence}");
    let plan = case.follow_up(proposal, &changes.imports);
    let actions = |title: &str, list: &[Action]| {
        let lines = list.iter().enumerate().map(|(place, one)| {
            let command = one
                .command
                .as_ref()
                .map_or(String::new(), |command| format!("\n\n       {}\n", command.replace('\n', " ")));
            format!("{}. {}{command}\n", place + 1, cell(&one.what))
        });
        format!("\n## {title}\n\n{}", lines.collect::<String>())
    };
    out.push_str(&actions("Test", &plan.test));
    let _ = writeln!(out, "\n## Watch for\n");
    for sentence in &plan.watch {
        let _ = writeln!(out, "- {}", cell(sentence));
    }
    out.push_str(&actions("Go back", &plan.roll_back));
    clean(&out)
}

/// Text that cannot leave its table cell.
fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}
