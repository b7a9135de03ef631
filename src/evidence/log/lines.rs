//! Lines of a log of any size, in bounded memory; gzip is unpacked, UTF-16 (as PowerShell's `>` writes) becomes UTF-8.

use std::io::{self, BufRead, BufReader, Read};

use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::bufread::MultiGzDecoder;
use memchr::memchr;

/// Bytes of a line that are kept; the rest is skipped.
pub(super) const LONGEST: usize = 64 * 1024;
const BUFFER: usize = 256 * 1024;

/// The log, unpacked where it is packed.
pub(super) fn unpacked<'a>(mut reader: impl BufRead + 'a) -> io::Result<impl BufRead + 'a> {
    let packed = reader.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let reader: Box<dyn Read + 'a> =
        if packed { Box::new(MultiGzDecoder::new(reader)) } else { Box::new(reader) };
    // Only a byte order mark makes UTF-16 of it; everything else passes as it is.
    let reader = DecodeReaderBytesBuilder::new().utf8_passthru(true).build(reader);
    Ok(BufReader::with_capacity(BUFFER, reader))
}

/// What was read of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Whole,
    /// Its tail past the limit was skipped.
    Cut,
    /// There is none.
    End,
}

/// One line into `line`, its tail past the limit dropped.
pub(super) fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Line> {
    line.clear();
    let mut got = Line::End;
    loop {
        let buffer = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            buffer => buffer?,
        };
        if buffer.is_empty() {
            return Ok(got);
        }
        let end = memchr(b'\n', buffer);
        let used = end.map_or(buffer.len(), |at| at + 1);
        let room = LONGEST.saturating_sub(line.len());
        let length = end.unwrap_or(used);
        got = if got == Line::Cut || length > room { Line::Cut } else { Line::Whole };
        line.extend_from_slice(buffer.get(..length.min(room)).unwrap_or_default());
        reader.consume(used);
        if end.is_some() {
            return Ok(got);
        }
    }
}
