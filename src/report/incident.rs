//! The incident report: one Markdown file with the diagnosis, the paths, the fixes with their costs, the diff, the tests and the
//! rollback, and the path map as an SVG file beside it.

use std::iter;
use std::sync::Arc;

use super::by_hand::put_by_hand;
use super::cost::{break_even_text, cost_range_text, money};
use super::labels;
use super::markdown::{put_diagnosis, put_headline, steps};
use super::markdown_text::{Cell, Markdown};
use super::text::finding as finding_text;
use crate::case::Case;
use crate::diagnose::{Diagnosis, Finding, FindingVerdict};
use crate::evidence::Caller;
use crate::path_map::{CharacterSet, Grid, path_map, svg};
use crate::remedy::Proposal;
use crate::terraform::{ByHandPart, ChangeSet, diff};
use rust_decimal::Decimal;

/// The two files of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// The Markdown file.
    pub markdown: String,
    /// The SVG file.
    pub svg: String,
}

/// The width of the maps in the report.
const WIDTH: usize = 180;
/// The traffic of the costs in GB per month.
const TRAFFIC: u32 = 100;

/// What the user did before the report.
#[derive(Clone, Debug, Default)]
pub struct IncidentProgress {
    /// The titles of the written fixes that are simulated in the network of the case.
    pub simulated: Vec<String>,
    /// The planned or written edit of a fix.
    pub edit: Option<ReportedEdit>,
}

/// A planned or written edit.
#[derive(Clone, Debug)]
pub struct ReportedEdit {
    /// The fix.
    pub fix: Proposal,
    /// Its changes; `None` if the user makes the whole fix by hand.
    pub changes: Option<ChangeSet>,
    /// The parts that the user makes by hand.
    pub by_hand: Vec<ByHandPart>,
    /// What was done with them.
    pub status: EditStatus,
}

/// What was done with an edit, and the network after it.
#[derive(Clone, Debug)]
pub enum EditStatus {
    /// It is not written.
    NotWritten,
    /// It is written; the network after it is not known.
    Written,
    /// It is written, and AWS was read after it.
    Read(Arc<Diagnosis>),
    /// It is written, and its result was simulated on a copy of the snapshot.
    Simulated(Arc<Diagnosis>),
    /// It was written and undone.
    Undone,
}

/// The incident report. Without an edit it has the recommended fix without a diff. `svg_name` is the file name of the path map, relative
/// to the report; `None` if there is no such file.
#[must_use]
pub fn incident(case: &Case, progress: &IncidentProgress, svg_name: Option<&str>) -> Incident {
    let recommended = case.recommended_steps().map(|(first, _)| first);
    let edit = progress.edit.as_ref();
    let fix = edit.map(|edit| &edit.fix).or(recommended);
    let before = path_map(&case.snapshot, &case.workload, &case.diagnosis, None, WIDTH);
    let after = fix.map(|fix| path_map(&case.snapshot, &case.workload, &fix.after, None, WIDTH));
    let title = fix.map(|fix| format!("After {}, simulated", fix.title));
    let mut maps: Vec<(&str, &Grid)> = vec![("Now", &before)];
    maps.extend(title.as_deref().zip(after.as_ref()));
    let mut out = Markdown::default();
    put_headline(&mut out, case);
    if !progress.simulated.is_empty() {
        out.paragraph(&format!(
            "This network is simulated: a copy of the snapshot with the changes of {}. In AWS nothing was changed.",
            progress.simulated.join(", ")
        ));
    }
    if let Some(edit) = edit {
        put_result(&mut out, case, edit);
    }
    put_diagnosis(&mut out, case);
    put_maps(&mut out, &maps, svg_name);
    put_paths(&mut out, case);
    if let Some(fix) = fix {
        put_costs(&mut out, case, fix);
        put_fix(&mut out, case, fix, edit);
    }
    let service = format!("Path map of {} in {}", case.workload.name, case.snapshot.region);
    Incident { markdown: out.into_text(), svg: svg(&service, &maps) }
}

/// What was done with the edit, and the verdicts before and after it.
fn put_result(out: &mut Markdown, case: &Case, edit: &ReportedEdit) {
    let title = &edit.fix.title;
    let root = edit.changes.as_ref().map(|changes| format!(" in {}", changes.root.display()));
    let in_second_run = edit.by_hand.iter().filter(|part| part.other_root.is_some()).count();
    let rest = match edit.by_hand.len() - in_second_run {
        0 => "a second run writes the rest in another root module",
        _ if in_second_run == 0 => "the rest is made by hand",
        _ => "the rest is made by hand and in a second run",
    };
    let written = match &root {
        Some(root) if edit.by_hand.is_empty() => format!("The fix {title} is written{root}."),
        Some(root) => format!("A part of the fix {title} is written{root}; {rest}."),
        None => format!("The fix {title} is made by hand."),
    };
    let root = root.unwrap_or_default();
    let (text, after) = match &edit.status {
        EditStatus::NotWritten => return,
        EditStatus::Undone => {
            (format!("The fix {title} was written{root} and undone: the files are restored."), None)
        }
        EditStatus::Written => {
            (format!("{written} This report is about the network before terraform apply."), None)
        }
        EditStatus::Read(after) => {
            (format!("{written} The result is read from AWS."), Some(("After the fix", after)))
        }
        EditStatus::Simulated(after) => (
            format!(
                "{written} The result is simulated on a copy of the snapshot: AWS was not changed and not read again."
            ),
            Some(("After the fix, simulated", after)),
        ),
    };
    out.heading(2, "Result");
    out.paragraph(&text);
    let Some((head, after)) = after else { return };
    let own = case.diagnosis.findings.iter().filter(|finding| finding.need.caller == Caller::Application);
    let rows = own.map(|before| {
        let same = |after: &&Finding| after.need.destination == before.need.destination;
        let after = after.findings.iter().filter(|after| after.need.caller == before.need.caller).find(same);
        let after = after.map_or("unknown", |after| after.verdict().word());
        [before.need.destination.to_string(), before.verdict().word().to_owned(), after.to_owned()]
            .map(Cell::from)
    });
    out.table(["Destination", "Before", head], rows.collect::<Vec<_>>());
}

fn put_maps(out: &mut Markdown, maps: &[(&str, &Grid)], svg_name: Option<&str>) {
    out.heading(2, "Path map");
    if let Some(name) = svg_name {
        out.image("Path map", name);
    }
    for (heading, grid) in maps {
        out.heading(3, heading);
        out.code_block("text", &grid.text(CharacterSet::Ascii));
    }
}

/// The checks of each path of a destination that is not reachable.
fn put_paths(out: &mut Markdown, case: &Case) {
    let findings = case.diagnosis.findings.iter();
    let shown: Vec<_> = findings.filter(|finding| finding.verdict() != FindingVerdict::Reachable).collect();
    if shown.is_empty() {
        return;
    }
    out.heading(2, "Paths");
    for finding in shown {
        out.heading(3, &finding.need.destination.to_string());
        out.code_block("text", &finding_text(finding));
    }
}

fn put_costs(out: &mut Markdown, case: &Case, fix: &Proposal) {
    out.heading(2, labels::COST);
    let possible = case.proposals.iter().filter(|proposal| proposal.is_possible());
    let rows = possible.map(|proposal| {
        let estimate = &proposal.estimate;
        let total = estimate.per_month(Decimal::from(TRAFFIC));
        [
            Cell { text: proposal.title.clone(), is_bold: proposal.remedies == fix.remedies },
            money(estimate.fixed_per_month, estimate.per_gb()).into(),
            total.map_or("unknown".to_owned(), cost_range_text).into(),
        ]
    });
    out.table(["Fix", "$/month + $/GB", "$/month with 100 GB"], rows.collect::<Vec<_>>());
    for (other, break_even) in case.alternatives(fix) {
        out.item(&format!("{}: {} {}", labels::ALTERNATIVE, other.title, break_even_text(break_even)));
    }
    out.item(&format!("Prices as of {}: {}", fix.estimate.as_of, fix.estimate.source));
}

/// The fix with its diff, its tests and its rollback.
fn put_fix(out: &mut Markdown, case: &Case, fix: &Proposal, edit: Option<&ReportedEdit>) {
    let changes = edit.and_then(|edit| edit.changes.as_ref());
    out.heading(2, &format!("Fix: {}", fix.title));
    if let Some(reason) = &fix.recommended {
        out.item(&format!("{}: {reason}", labels::recommended(fix)));
    }
    let lists = iter::once((labels::FIXES, fix.fixes.clone()))
        .chain(labels::not_fixed(fix))
        .chain(iter::once((labels::BREAKS, fix.breaks.clone())));
    for (title, list) in lists.filter(|(_, list)| !list.is_empty()) {
        out.item(&format!("{title}: {}", list.join(", ")));
    }
    for effect in &fix.side_effects {
        out.item(&format!("{}: {effect}", labels::SIDE_EFFECT));
    }
    match changes {
        Some(changes) => {
            out.item(&format!("Files: {}", changes.tally()));
            changes.notes.iter().for_each(|note| out.item(&format!("Note: {note}")));
            out.code_block("diff", &diff::patch(changes));
        }
        None if edit.is_some() => {}
        None => out.item("No edit is planned: egress-doctor fix --terraform DIR shows the diff."),
    }
    let by_hand = edit.map(|edit| edit.by_hand.as_slice()).unwrap_or_default();
    put_by_hand(out, case, fix, by_hand, changes.is_some());
    let plan = case.follow_up(fix, changes);
    steps(out, "Test", &plan.test);
    out.heading(2, labels::EXPECT);
    plan.watch.iter().for_each(|sentence| out.item(sentence));
    steps(out, labels::ROLLBACK, &plan.roll_back);
}
