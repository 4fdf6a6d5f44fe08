//! Bytes of a file to text.

use thiserror::Error;

/// Why bytes are no UTF-8 text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The file begins with the byte order mark of another encoding.
    #[error("this is {0}, not UTF-8")]
    OtherEncoding(&'static str),
    /// A byte is not valid in UTF-8.
    #[error("not UTF-8 at byte {0}")]
    NotUtf8(usize),
}

/// The byte order marks of other encodings; the longer ones first, because UTF-32's begins with UTF-16's.
const FOREIGN_MARKS: &[(&[u8], &str)] = &[
    (b"\xff\xfe\0\0", "UTF-32 (little endian)"),
    (b"\0\0\xfe\xff", "UTF-32 (big endian)"),
    (b"\xff\xfe", "UTF-16 (little endian)"),
    (b"\xfe\xff", "UTF-16 (big endian)"),
];

/// The text of a file.
pub fn decode(bytes: &[u8]) -> Result<String, DecodeError> {
    if let Some((_, name)) = FOREIGN_MARKS.iter().find(|(mark, _)| bytes.starts_with(mark)) {
        return Err(DecodeError::OtherEncoding(name));
    }
    match str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(DecodeError::NotUtf8(error.valid_up_to())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> String {
        decode(bytes).unwrap_err().to_string()
    }

    #[test]
    fn utf8_is_read_with_and_without_its_mark() {
        assert_eq!(decode("a: ü".as_bytes()).unwrap(), "a: ü");
        assert_eq!(decode(b"\xef\xbb\xbfa: 1").unwrap(), "\u{feff}a: 1");
    }

    #[test]
    fn other_encodings_are_named() {
        assert_eq!(refusal(b"\xff\xfea\0"), "this is UTF-16 (little endian), not UTF-8");
        assert_eq!(refusal(b"\xfe\xff\0a"), "this is UTF-16 (big endian), not UTF-8");
        assert_eq!(refusal(b"\xff\xfe\0\0a\0\0\0"), "this is UTF-32 (little endian), not UTF-8");
        assert_eq!(refusal(b"\0\0\xfe\xff\0\0\0a"), "this is UTF-32 (big endian), not UTF-8");
        assert_eq!(refusal(b"name: Z\xfcrich"), "not UTF-8 at byte 7");
    }
}
