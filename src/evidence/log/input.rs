//! Reads the lines of a file of any size in bounded memory. Decompresses gzip and converts UTF-16, which
//! PowerShell's `>` writes.

use std::io::{self, BufRead, BufReader, Read};

use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::bufread::MultiGzDecoder;
use memchr::memchr2;

/// Maximum number of bytes per line; the rest is skipped.
pub(super) const LONGEST: usize = 64 * 1024;
const BUFFER: usize = 256 * 1024;

/// The log without compression.
pub(super) fn decompressed<'a>(mut reader: impl BufRead + 'a) -> io::Result<impl BufRead + 'a> {
    let is_gzip = reader.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let reader: Box<dyn Read + 'a> =
        if is_gzip { Box::new(MultiGzDecoder::new(reader)) } else { Box::new(reader) };
    // Only a byte order mark marks UTF-16; other text is not changed.
    let reader = DecodeReaderBytesBuilder::new().utf8_passthru(true).build(reader);
    Ok(BufReader::with_capacity(BUFFER, reader))
}

/// The result of reading a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Complete,
    /// The bytes after the limit were skipped.
    Truncated,
    /// The end of the file.
    End,
}

/// Reads lines that end with LF, CRLF or CR. Terminals send a CR for each line of pasted text.
pub(super) struct Lines<R> {
    reader: R,
    /// Whether the previous line ended with CR: an LF after it belongs to the same line end.
    after_cr: bool,
}

impl<R: BufRead> Lines<R> {
    pub fn new(reader: R) -> Self {
        Self { reader, after_cr: false }
    }

    /// Reads one line into `line`, up to the limit.
    pub fn read(&mut self, line: &mut Vec<u8>) -> io::Result<Line> {
        line.clear();
        let mut result = Line::End;
        loop {
            let mut buffer = match self.reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                buffer => buffer?,
            };
            let mut used = 0;
            if self.after_cr
                && let Some(rest) = buffer.strip_prefix(b"\n")
            {
                (buffer, used) = (rest, 1);
            }
            if buffer.is_empty() && used == 0 {
                return Ok(result);
            }
            self.after_cr = false;
            let end = memchr2(b'\n', b'\r', buffer);
            let length = end.unwrap_or(buffer.len());
            let room = LONGEST.saturating_sub(line.len());
            if end.is_some() || length > 0 {
                let is_truncated = result == Line::Truncated || length > room;
                result = if is_truncated { Line::Truncated } else { Line::Complete };
            }
            line.extend_from_slice(buffer.get(..length.min(room)).unwrap_or_default());
            self.after_cr = end.and_then(|at| buffer.get(at)) == Some(&b'\r');
            used += end.map_or(length, |at| at + 1);
            self.reader.consume(used);
            if end.is_some() {
                return Ok(result);
            }
        }
    }
}
