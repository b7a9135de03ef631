//! Reads the lines of a file of any size in bounded memory. Decompresses gzip and converts UTF-16, which
//! PowerShell's `>` writes.

use std::io::{self, BufRead, BufReader, Read};

use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::bufread::MultiGzDecoder;
use memchr::memchr;

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

/// Reads one line into `line`, up to the limit.
pub(super) fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Line> {
    line.clear();
    let mut result = Line::End;
    loop {
        let buffer = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            buffer => buffer?,
        };
        if buffer.is_empty() {
            return Ok(result);
        }
        let end = memchr(b'\n', buffer);
        let used = end.map_or(buffer.len(), |at| at + 1);
        let room = LONGEST.saturating_sub(line.len());
        let length = end.unwrap_or(used);
        result = if result == Line::Truncated || length > room { Line::Truncated } else { Line::Complete };
        line.extend_from_slice(buffer.get(..length.min(room)).unwrap_or_default());
        reader.consume(used);
        if end.is_some() {
            return Ok(result);
        }
    }
}
