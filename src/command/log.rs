//! Opens the log that `--log` names.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use color_eyre::eyre::{Result, WrapErr as _};

use super::emit::note;
use crate::discover::ServiceLog;
use crate::evidence::{LogFinding, read_log};

/// How much of the service's own log was read.
pub(super) fn say_what_came(log: &ServiceLog) {
    if log.group.is_empty() || !log.gaps.is_empty() {
        return;
    }
    let cut = if log.is_cut { ", the most that are read" } else { "" };
    note(&format!("read {} lines of {}{cut}", log.lines, log.group));
}

/// What the log says; nothing when there is none.
pub(super) fn read(path: Option<&Path>) -> Result<Vec<LogFinding>> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let reading = if path == Path::new("-") {
        read_log(io::stdin().lock())
    } else {
        File::open(path).and_then(|file| read_log(BufReader::new(file)))
    };
    let reading = reading.wrap_err_with(|| format!("cannot read the log {}", path.display()))?;
    if reading.is_binary {
        note(&format!("{} looks like no text: what little of it could be read was read", path.display()));
    } else if reading.findings.is_empty() {
        let count = lines(reading.lines);
        note(&format!("{count} of {} told of no connection that failed", path.display()));
    }
    if reading.truncated_lines > 0 {
        let count = lines(reading.truncated_lines);
        note(&format!(
            "{count} of {} longer than 64 KiB: what stands behind that was not read",
            path.display()
        ));
    }
    if let Some(error) = &reading.read_error {
        let count = lines(reading.lines);
        note(&format!("{} ends early after {count} ({error}): what they say is used", path.display()));
    }
    Ok(reading.findings)
}

fn lines(count: usize) -> String {
    if count == 1 { "1 line".to_owned() } else { format!("{count} lines") }
}
