//! Reads a log file.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use crate::evidence::{LogReading, read_log};

/// The failures in a log file.
///
/// # Errors
/// The file cannot be opened or read at all.
pub fn read_log_file(path: &Path) -> io::Result<LogReading> {
    read_log(BufReader::new(File::open(path)?))
}
