//! `egress-doctor snapshot`: saves the account's network state. Values of variables and secrets are never
//! saved.

use std::path::Path;

use color_eyre::eyre::Result;

use super::emit::{emit, note};
use super::exit::Exit;
use super::source;
use crate::cli::Live;
use crate::discover::{LiveRequest, save_snapshot};
use crate::files::is_stdout;
use crate::text::one_line;

/// Reads live AWS and saves the snapshot. Prints each gap to standard error.
pub(super) fn run(live: &Live, service: Option<&str>, output: &Path) -> Result<Exit> {
    let request = LiveRequest { service: service.map(str::to_owned), ..source::request(live)? };
    let snapshot = source::live(&request)?.snapshot;
    save_snapshot(&snapshot, output)?;
    for gap in &snapshot.gaps {
        note(&format!("not read: {gap}"));
    }
    let count = snapshot.workloads.len();
    let noun = if count == 1 { "service" } else { "services" };
    let saved = format!("{count} {noun} of {} with their network", snapshot.region);
    if is_stdout(output) {
        note(&format!("wrote {saved} to standard output"));
        return Ok(Exit::Done);
    }
    emit(&format!("Saved {}\n", one_line(&format!("{saved} to {}", output.display()))))
}
