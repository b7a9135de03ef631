//! Reads the log file of `--log`, and reports how much of a log was read.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use color_eyre::eyre::{Result, WrapErr as _};

use super::emit::note;
use crate::discover::ServiceLog;
use crate::evidence::{LogFinding, read_log};

/// Reports how much of the service's own log was read, unless it has a gap.
pub(super) fn report_service_log(log: &ServiceLog, has_gap: bool) {
    if log.group.is_empty() || has_gap {
        return;
    }
    let cut = if log.is_cut { ", the maximum for one run" } else { "" };
    note(&format!("read {} lines of {}{cut}", log.lines, log.group));
}

/// The failures in the log; none without a log. Reports lines that could not be used.
///
/// # Errors
/// The log cannot be opened or read at all.
pub(super) fn read(path: Option<&Path>) -> Result<Vec<LogFinding>> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let reading = if path == Path::new("-") {
        read_log(io::stdin().lock())
    } else {
        File::open(path).and_then(|file| read_log(BufReader::new(file)))
    };
    let reading = reading.wrap_err_with(|| format!("cannot read the log {}", path.display()))?;
    if reading.is_binary {
        note(&format!("{} is not a text file: only its readable parts were used", path.display()));
    } else if reading.findings.is_empty() {
        let count = lines(reading.lines);
        note(&format!("no failed connection found in {count} of {}", path.display()));
    }
    if reading.truncated_lines > 0 {
        let count = lines(reading.truncated_lines);
        note(&format!(
            "{count} of {} longer than 64 KiB: only the first 64 KiB of such a line are used",
            path.display()
        ));
    }
    if reading.other_hosts > 0 {
        note(&format!(
            "{} has failures of more hosts than egress-doctor tests: at least {} hosts, those with the fewest failures, are left out",
            path.display(),
            reading.other_hosts
        ));
    }
    if let Some(error) = &reading.read_error {
        let count = lines(reading.lines);
        note(&format!("cannot read {} beyond {count} ({error}): only these lines are used", path.display()));
    }
    Ok(reading.findings)
}

fn lines(count: usize) -> String {
    if count == 1 { "1 line".to_owned() } else { format!("{count} lines") }
}
