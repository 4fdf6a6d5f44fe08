//! An unquoted `${…}` inside brackets, which is no valid YAML.

use crate::diag::codes::yaml as codes;
use crate::diag::{Diagnostic, SourceId, Span};

/// The finding for a syntax error at byte `at`, if it is the brace of an unquoted `${`.
pub(super) fn explain(source: SourceId, text: &str, at: usize) -> Option<Diagnostic> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |before| before + 1);
    let end = text.get(at..)?.find('\n').map_or(text.len(), |after| at + after);
    let line = text.get(start..end)?.trim_end_matches('\r');
    let quoted = quote(line)?;
    let dollar = at.checked_sub(1).filter(|&before| text.get(before..=at) == Some("${"))?;
    let width = text.get(dollar..end)?.find('}').map_or(2, |brace| brace + 1);
    let message = "`${…}` inside `[…]` or `{…}` needs quotes";
    Some(
        Diagnostic::error(codes::INTERPOLATION_IN_FLOW, Span::new(source, dollar, dollar + width), message)
            .hint("Put quotes around the text that holds it.")
            .fix(Span::new(source, start, start + line.len()), quoted),
    )
}

/// The line with quotes around each word with a variable; `None` if there is none.
fn quote(line: &str) -> Option<String> {
    let mut quoted = String::with_capacity(line.len() + 8);
    let mut copied = 0;
    for word in words(line).filter(|word| word.interpolates) {
        quoted.push_str(line.get(copied..word.start)?);
        quoted.push('"');
        quoted.push_str(&line.get(word.start..word.end)?.replace('\\', "\\\\").replace('"', "\\\""));
        quoted.push('"');
        copied = word.end;
    }
    quoted.push_str(line.get(copied..)?);
    (copied > 0).then_some(quoted)
}

/// A word between the punctuation of a flow collection, without the spaces around it.
struct Word {
    start: usize,
    end: usize,
    interpolates: bool,
}

/// The words of a line of flow collections. `${…}` belongs to its word, a quoted text is left alone.
fn words(line: &str) -> impl Iterator<Item = Word> {
    let bytes = line.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() && is_sign(bytes, at) {
            at += 1;
        }
        let comment = bytes.get(at) == Some(&b'#') && at.checked_sub(1).is_none_or(|before| bytes[before] == b' ');
        if comment {
            at = bytes.len();
        }
        let start = at;
        let (mut end, mut interpolates, mut quote) = (start, false, None);
        while at < bytes.len() && (quote.is_some() || !is_sign(bytes, at) || bytes[at] == b' ') {
            if bytes[at..].starts_with(b" #") && quote.is_none() {
                at = bytes.len();
                break;
            }
            match (quote, bytes[at]) {
                (None, b'\'' | b'"') if at == start => quote = Some(bytes[at]),
                (Some(b'"'), b'\\') => at += 1,
                (Some(open), byte) if byte == open => quote = None,
                (None, b'$') if bytes.get(at + 1) == Some(&b'{') => {
                    interpolates = true;
                    at += bytes[at..].iter().position(|&byte| byte == b'}').unwrap_or(1);
                }
                _ => {}
            }
            if bytes.get(at) != Some(&b' ') {
                end = (at + 1).min(bytes.len());
            }
            at += 1;
        }
        (start < bytes.len()).then_some(Word { start, end, interpolates })
    })
}

/// Whether a byte separates words: brackets, commas, spaces, and a colon before a space.
fn is_sign(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b'[' | b']' | b'{' | b'}' | b',' | b' ' | b'\t' => true,
        b':' => matches!(bytes.get(at + 1), None | Some(b' ' | b'\t')),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_that_interpolates_is_quoted() {
        for (line, quoted) in [
            ("list: [https://${var.domain}/**]", r#"list: ["https://${var.domain}/**"]"#),
            ("list: [${var.a}, b, x ${var.c}]", r#"list: ["${var.a}", b, "x ${var.c}"]"#),
            ("a: {name: ${project.name}, b: 'x ${y}'} # ${z}", r#"a: {name: "${project.name}", b: 'x ${y}'} # ${z}"#),
            (r#"["${a}", ${b}, "c\"${d}"]"#, r#"["${a}", "${b}", "c\"${d}"]"#),
            ("[${a", "[\"${a\""),
        ] {
            assert_eq!(quote(line).as_deref(), Some(quoted), "{line}");
        }
        assert_eq!(quote(r#"["${a}"]"#), None);
    }
}
