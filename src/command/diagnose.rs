//! `egress-doctor diagnose`.

use color_eyre::eyre::Result;

use super::emit::emit;
use super::exit::Exit;
use super::workload;
use crate::cli::{DiagnosisOptions, Format};
use crate::diagnose::{Diagnosis, FindingVerdict};
use crate::report;

/// Prints the diagnosis.
pub(super) fn run(options: &DiagnosisOptions, format: Format) -> Result<Exit> {
    let case = workload::open(options)?;
    emit(&match format {
        Format::Text => report::diagnosis_text(&case),
        Format::Json => format!("{:#}\n", report::diagnosis_json(&case)),
        Format::Markdown => report::diagnosis_markdown(&case),
    })?;
    Ok(exit(&case.diagnosis))
}

/// Blocked outweighs unknown: what is known to be broken is worth waking up for.
fn exit(diagnosis: &Diagnosis) -> Exit {
    if diagnosis.count(FindingVerdict::Blocked) + diagnosis.count(FindingVerdict::Intermittent) > 0 {
        Exit::Blocked
    } else if diagnosis.count(FindingVerdict::Unknown) > 0 {
        Exit::Unknown
    } else {
        Exit::Done
    }
}
