//! `egress-doctor diagnose`: which destinations are not reachable, from which subnets, and why.
//!
//! Exit codes: 0 all destinations are reachable; 1 at least one is blocked or intermittent; 3 none is
//! blocked or intermittent, but at least one is unknown; 2 error, or no destination of the application is known.

use color_eyre::eyre::Result;

use super::emit::emit;
use super::exit::Exit;
use super::workload;
use crate::cli::{DiagnosisOptions, Format};
use crate::diagnose::{Diagnosis, FindingVerdict};
use crate::remedy::NoFixReason;
use crate::report;

/// Prints the diagnosis in the requested format.
pub(super) fn run(options: &DiagnosisOptions, format: Format) -> Result<Exit> {
    let case = workload::open(options)?;
    let nothing = case.nothing_to_do().filter(|nothing| nothing.reason == NoFixReason::NothingAsked);
    if let Some(nothing) = &nothing
        && case.diagnosis.findings.is_empty()
        && format == Format::Text
    {
        return Err(workload::nothing_asked(&case, nothing));
    }
    emit(&match format {
        Format::Text => report::diagnosis_text(&case),
        Format::Json => report::json_text(&report::diagnosis_json(&case)),
        Format::Markdown => report::diagnosis_markdown(&case),
    })?;
    match nothing {
        Some(nothing) => Err(workload::nothing_asked(&case, &nothing)),
        None => Ok(exit(&case.diagnosis)),
    }
}

/// A blocked or intermittent destination takes precedence over an unknown destination.
fn exit(diagnosis: &Diagnosis) -> Exit {
    if diagnosis.count(FindingVerdict::Blocked) + diagnosis.count(FindingVerdict::Intermittent) > 0 {
        Exit::Blocked
    } else if diagnosis.count(FindingVerdict::Unknown) > 0 {
        Exit::Unknown
    } else {
        Exit::Done
    }
}
