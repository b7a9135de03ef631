//! Printing: answers to standard output, everything else to standard error.

use std::io::{self, ErrorKind, Write as _};

use color_eyre::eyre::{Result, WrapErr as _};

use super::exit::Exit;
use crate::report::clean;

/// Prints an answer. A reader that went away is no error.
pub(super) fn emit(text: &str) -> Result<Exit> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).wrap_err("cannot print the answer"),
        _ => Ok(Exit::Done),
    }
}

/// Says something beside the answer.
pub(super) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "egress-doctor: {}", clean(text));
}
