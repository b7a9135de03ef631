//! Lines of a log of any size, in bounded memory; gzip is unpacked.

use std::io::{self, BufRead, BufReader, Read};

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
    Ok(BufReader::with_capacity(BUFFER, reader))
}

/// One line into `line`, its tail past the limit dropped. `false` at the end.
pub(super) fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut any = false;
    loop {
        let buffer = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            buffer => buffer?,
        };
        if buffer.is_empty() {
            return Ok(any);
        }
        any = true;
        let end = memchr(b'\n', buffer);
        let used = end.map_or(buffer.len(), |at| at + 1);
        let room = LONGEST.saturating_sub(line.len());
        line.extend_from_slice(buffer.get(..end.unwrap_or(used).min(room)).unwrap_or_default());
        reader.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}
