//! `egress-doctor snapshot`: saves the account's network state. Values of variables and secrets are never
//! saved.

use std::sync::Arc;

use color_eyre::eyre::{Result, eyre};

use super::emit::{emit, note};
use super::exit::Exit;
use super::source;
use crate::cli::SnapshotOptions;
use crate::discover::{LiveRequest, load_snapshot, redact, save_snapshot};
use crate::files::is_stdout;
use crate::model::Snapshot;
use crate::text::one_line;

/// Reads live AWS or a saved snapshot, and saves the snapshot.
pub(super) fn run(options: &SnapshotOptions) -> Result<Exit> {
    let output = options.output.as_ref().or(options.refresh.as_ref());
    let output = output.ok_or_else(|| eyre!("no file to write: give --output FILE"))?;
    let snapshot = match (&options.from, &options.refresh) {
        (Some(file), _) => load_snapshot(file)?,
        (None, Some(file)) => {
            if let Some(snapshot) = refresh(options, load_snapshot(file)?)? {
                snapshot
            } else {
                let file = file.display();
                let text = format!("No call failed in {file}: give --service NAME to read a service again");
                return emit(&format!("{}\n", one_line(&text)));
            }
        }
        (None, None) => read(options, None)?,
    };
    let snapshot = if options.redact { redacted(&snapshot) } else { snapshot };
    save_snapshot(&snapshot, output)?;
    let count = snapshot.workloads.len();
    let noun = if count == 1 { "service" } else { "services" };
    let saved = format!("{count} {noun} of {} with their network", snapshot.region);
    if is_stdout(output) {
        note(&format!("wrote {saved} to standard output"));
        return Ok(Exit::Done);
    }
    emit(&format!("Saved {}\n", one_line(&format!("{saved} to {}", output.display()))))
}

/// Reads one service of the snapshot again, or the calls that failed; `None` if there is nothing to read.
fn refresh(options: &SnapshotOptions, saved: Snapshot) -> Result<Option<Snapshot>> {
    if options.service.is_none() && saved.gaps.is_empty() {
        return Ok(None);
    }
    read(options, Some(Arc::new(saved))).map(Some)
}

/// Reads live AWS, or a part of it into `base`. Prints each gap to standard error.
fn read(options: &SnapshotOptions, base: Option<Arc<Snapshot>>) -> Result<Snapshot> {
    let request = LiveRequest { service: options.service.clone(), base, ..source::request(&options.live)? };
    let snapshot = source::live(&request)?.snapshot;
    for gap in snapshot.shown_gaps() {
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
