//! `egress-doctor snapshot`: saves the account's network state. Values of variables and secrets are never
//! saved.

use std::path::Path;

use color_eyre::eyre::Result;

use super::emit::{emit, note};
use super::exit::Exit;
use super::source;
use crate::cli::Live;
use crate::discover::save_snapshot;

/// Reads live AWS and saves the snapshot. Prints each gap to standard error.
pub(super) fn run(live: &Live, service: Option<&str>, output: &Path) -> Result<Exit> {
    let snapshot = source::live(live, service, &[])?;
    save_snapshot(&snapshot, output)?;
    for gap in &snapshot.gaps {
        note(&format!("not read: {gap}"));
    }
    let count = snapshot.workloads.len();
    let noun = if count == 1 { "service" } else { "services" };
    emit(&format!("Saved {count} {noun} of {} with their network to {}\n", snapshot.region, output.display()))
}
