//! Decodes the bytes of a file that a user saved.

/// The reason why bytes are no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not UTF-8 text, or UTF-16 text with a byte order mark")]
pub struct DecodeError;

/// The text of UTF-8 with or without a byte order mark, or of UTF-16 with one, which `>` of PowerShell writes.
///
/// # Errors
/// The bytes are in another encoding.
pub fn decode(bytes: Vec<u8>) -> Result<String, DecodeError> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks();
        let units: Vec<u16> = pairs.iter().copied().map(unit).collect();
        if rest.is_empty() { String::from_utf16(&units).map_err(|_| DecodeError) } else { Err(DecodeError) }
    };
    match bytes.as_slice() {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).map_err(|_| DecodeError),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => String::from_utf8(bytes).map_err(|_| DecodeError),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_byte_order_mark_selects_the_encoding() {
        let utf16 =
            |unit: fn(u16) -> [u8; 2]| "\u{feff}{ü}".encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        for bytes in [
            "{ü}".as_bytes().to_vec(),
            "\u{feff}{ü}".as_bytes().to_vec(),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
        ] {
            assert_eq!(decode(bytes), Ok("{ü}".to_owned()));
        }
        for bytes in [vec![b'{', 0xfc, b'}'], vec![0xff, 0xfe, b'{'], vec![0xfe, 0xff, 0xd8, 0]] {
            assert_eq!(decode(bytes), Err(DecodeError));
        }
    }
}
