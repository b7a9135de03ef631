//! `egress-doctor snapshot`: saves the account's network state. Values of variables and secrets are never
//! saved.

use color_eyre::eyre::Result;

use super::emit::{emit, note};
use super::exit::Exit;
use super::source;
use crate::cli::SnapshotOptions;
use crate::discover::{LiveRequest, load_snapshot, redact, save_snapshot};
use crate::files::is_stdout;
use crate::model::Snapshot;
use crate::text::one_line;

/// Reads live AWS or a saved snapshot, and saves the snapshot. Prints each gap of live AWS to standard error.
pub(super) fn run(options: &SnapshotOptions) -> Result<Exit> {
    let snapshot = match &options.from {
        Some(file) => load_snapshot(file)?,
        None => read(options)?,
    };
    let snapshot = if options.redact { redacted(&snapshot) } else { snapshot };
    save_snapshot(&snapshot, &options.output)?;
    let count = snapshot.workloads.len();
    let noun = if count == 1 { "service" } else { "services" };
    let saved = format!("{count} {noun} of {} with their network", snapshot.region);
    if is_stdout(&options.output) {
        note(&format!("wrote {saved} to standard output"));
        return Ok(Exit::Done);
    }
    emit(&format!("Saved {}\n", one_line(&format!("{saved} to {}", options.output.display()))))
}

fn read(options: &SnapshotOptions) -> Result<Snapshot> {
    let request = LiveRequest { service: options.service.clone(), ..source::request(&options.live)? };
    let snapshot = source::live(&request)?.snapshot;
    for gap in &snapshot.gaps {
        note(&format!("not read: {gap}"));
    }
    Ok(snapshot)
}

/// The snapshot without anything that identifies the account. Prints the new names of the services.
fn redacted(snapshot: &Snapshot) -> Snapshot {
    let (redacted, redaction) = redact(snapshot);
    for workload in snapshot.workloads.iter() {
        if let Some(name) = redaction.service_name(&workload.name) {
            note(&format!("{} is {name} in the file", workload.name));
        }
    }
    redacted
}
