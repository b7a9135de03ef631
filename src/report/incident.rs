//! The incident report: one Markdown file with the diagnosis, the paths, the fixes with their costs, the diff, the tests and the
//! rollback, and the path map as an SVG file beside it.

use std::iter;

use super::cost::{break_even_text, cost_range_text, money};
use super::labels;
use super::markdown::{put_diagnosis, steps};
use super::markdown_text::{Cell, Markdown};
use super::text::finding as finding_text;
use crate::case::Case;
use crate::diagnose::FindingVerdict;
use crate::path_map::{CharacterSet, Grid, path_map, svg};
use crate::remedy::Proposal;
use crate::terraform::{ChangeSet, diff};
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

/// The incident report. `planned` is the planned edit of a fix; without it, the report has the recommended fix without a diff. `svg_name`
/// is the file name of the path map, relative to the report; `None` if there is no such file.
#[must_use]
pub fn incident(case: &Case, planned: Option<(&Proposal, &ChangeSet)>, svg_name: Option<&str>) -> Incident {
    let recommended = case.recommended_steps().map(|(first, _)| first);
    let fix = planned.map(|(proposal, _)| proposal).or(recommended);
    let before = path_map(&case.snapshot, &case.workload, &case.diagnosis, None, WIDTH);
    let after = fix.map(|fix| path_map(&case.snapshot, &case.workload, &fix.after, None, WIDTH));
    let title = fix.map(|fix| format!("After {}, simulated", fix.title));
    let mut maps: Vec<(&str, &Grid)> = vec![("Now", &before)];
    maps.extend(title.as_deref().zip(after.as_ref()));
    let mut out = Markdown::default();
    put_diagnosis(&mut out, case);
    put_maps(&mut out, &maps, svg_name);
    put_paths(&mut out, case);
    if let Some(fix) = fix {
        put_costs(&mut out, case, fix);
        put_fix(&mut out, case, fix, planned.map(|(_, changes)| changes));
    }
    let service = format!("Path map of {} in {}", case.workload.name, case.snapshot.region);
    Incident { markdown: out.into_text(), svg: svg(&service, &maps) }
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
        out.item(&format!("{} {}: {}", labels::COMPARED_WITH, other.title, break_even_text(break_even)));
    }
    out.item(&format!("Prices as of {}: {}", fix.estimate.as_of, fix.estimate.source));
}

/// The fix with its diff, its tests and its rollback.
fn put_fix(out: &mut Markdown, case: &Case, fix: &Proposal, changes: Option<&ChangeSet>) {
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
        None => out.item("No edit is planned: egress-doctor fix --terraform DIR shows the diff."),
    }
    let imports = changes.map(|changes| changes.imports.clone()).unwrap_or_default();
    let plan = case.follow_up(fix, &imports);
    steps(out, "Test", &plan.test);
    out.heading(2, labels::EXPECT);
    plan.watch.iter().for_each(|sentence| out.item(sentence));
    steps(out, labels::ROLLBACK, &plan.roll_back);
}
