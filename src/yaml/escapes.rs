//! Escapes in double quotes: their places and their characters.

use std::ops::Range;

/// Every escape of a double-quoted text of the file, with its character. Escapes that the parser refuses, and line
/// continuations, are left out.
pub(super) fn escapes(raw: &str) -> impl Iterator<Item = (Range<usize>, char)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        loop {
            let start = rest + raw.get(rest..)?.find('\\')?;
            let letter = raw.get(start + 1..)?.chars().next()?;
            rest = start + 1 + letter.len_utf8();
            if let Some((length, character)) = meaning(raw.get(start + 1..)?) {
                rest = start + 1 + length;
                return Some((start..rest, character));
            }
        }
    })
}

/// The length of the escape after the backslash, in bytes, and its character.
fn meaning(after: &str) -> Option<(usize, char)> {
    let simple = match after.as_bytes().first()? {
        b'0' => '\0',
        b'a' => '\u{7}',
        b'b' => '\u{8}',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\u{b}',
        b'f' => '\u{c}',
        b'r' => '\r',
        b'e' => '\u{1b}',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        b'x' => return Some((3, char::from_u32(hex(after, 1..3)?)?)),
        b'u' => return four_digits(after),
        b'U' => return Some((9, char::from_u32(hex(after, 1..9)?)?)),
        _ => return None,
    };
    Some((1, simple))
}

/// `uXXXX`, or a pair of surrogates as JSON writes it: `uD83D\uDE00`.
fn four_digits(after: &str) -> Option<(usize, char)> {
    let first = hex(after, 1..5)?;
    if let Some(character) = char::from_u32(first) {
        return Some((5, character));
    }
    let second = hex(after, 7..11).filter(|_| after.get(5..7) == Some("\\u"))?;
    let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let character = char::decode_utf16(pair).next()?.ok()?;
    Some((11, character))
}

fn hex(text: &str, digits: Range<usize>) -> Option<u32> {
    u32::from_str_radix(text.get(digits)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(raw: &str) -> Vec<(&str, char)> {
        escapes(raw).map(|(range, character)| (raw.get(range).unwrap(), character)).collect()
    }

    #[test]
    fn every_form_is_found_where_it_stands() {
        assert_eq!(found(r#""a\e[2J\x00""#), [(r"\e", '\u{1b}'), (r"\x00", '\0')]);
        assert_eq!(found(r#""\u202E\U000E0041""#), [(r"\u202E", '\u{202e}'), (r"\U000E0041", '\u{e0041}')]);
        assert_eq!(found(r#""\udb40\udc41""#), [(r"\udb40\udc41", '\u{e0041}')]);
    }

    #[test]
    fn an_escaped_backslash_hides_what_follows() {
        assert_eq!(found(r#""\\e \" \\\n""#), [(r"\n", '\n')]);
    }

    #[test]
    fn broken_escapes_are_left_to_the_parser() {
        for raw in ["\"\\", "\"\\x", "\"\\xg\u{fc}", "\"\\ud83d\\n", "\"\\u12", "\"\\\u{fc}", "\"\\U00110000"] {
            let _all = found(raw);
        }
    }
}
