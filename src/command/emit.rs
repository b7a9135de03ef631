//! Prints answers to standard output and everything else to standard error. The only other output
//! is the progress line of `source`.

use std::io::{self, ErrorKind, Write as _};

use color_eyre::eyre::{Result, WrapErr as _};

use super::exit::Exit;
use crate::files::explained;
use crate::text::{clean, one_line};

/// Prints an answer, and replaces unsafe characters. A closed pipe is not an error, so that `| head` works.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn emit(text: &str) -> Result<Exit> {
    let mut out = io::stdout().lock();
    match out.write_all(clean(text).as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(explained(error)).wrap_err("cannot write to standard output")
        }
        _ => Ok(Exit::Done),
    }
}

/// Prints one line to standard error.
pub(super) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "egress-doctor: {}", one_line(text));
}
