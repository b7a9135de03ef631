//! Opens the log that `--log` names.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use color_eyre::eyre::{Result, WrapErr as _};

use crate::evidence::{LogFinding, read_log};

/// What the log says; nothing when there is none.
pub(super) fn read(path: Option<&Path>) -> Result<Vec<LogFinding>> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let found = if path == Path::new("-") {
        read_log(io::stdin().lock())
    } else {
        File::open(path).and_then(|file| read_log(BufReader::new(file)))
    };
    found.wrap_err_with(|| format!("cannot read the log {}", path.display()))
}
