//! Reads the log file of `--log`, and reports how much of a log was read.

use std::io;
use std::path::Path;

use color_eyre::eyre::{Result, WrapErr as _};

use super::emit::note;
use crate::discover::ServiceLog;
use crate::evidence::{LogFinding, read_log};
use crate::terminal::read_log_file;

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
    let reading = if path == Path::new("-") { read_log(io::stdin().lock()) } else { read_log_file(path) };
    let reading = reading.wrap_err_with(|| format!("cannot read the log {}", path.display()))?;
    for remark in reading.remarks(&path.display().to_string()) {
        note(&remark);
    }
    Ok(reading.findings)
}
