//! SQL as text: where its statements begin and end, and what the first words of each say that it does.
//!
//! This is the lexical part of PostgreSQL's grammar (comments, strings, dollar quotes, identifiers) and where `psql` ends a
//! statement; no statement is parsed. A parser of a whole dialect refuses what a newer server accepts, and here a text that is not
//! understood must still be sent: the server judges it.

mod effect;
mod lexer;

pub use effect::{Harm, Transaction};
pub use lexer::{Statement, Token, Unfinished, statements};

/// The statements of a text without what has no meaning: comments, white space, and the end of the last statement. Two texts that
/// have the same are the same SQL.
///
/// # Errors
/// When a comment, a string or a quoted name does not end.
pub fn canonical(text: &str) -> Result<Vec<Vec<&str>>, Unfinished> {
    let all = statements(text)?.into_iter();
    Ok(all.map(|statement| statement.tokens.into_iter().map(|(token, _)| token.text()).collect()).collect())
}

/// The statements of a text with the comments around each, as the Supabase CLI splits them; the whole text where it does not end.
#[must_use]
pub fn pieces(text: &str) -> Vec<&str> {
    let Ok(all) = lexer::parts(text) else { return vec![text] };
    all.into_iter().map(|(part, _)| part.trim()).filter(|part| !part.is_empty()).collect()
}

/// A piece of a text with its end, which stands below a comment that goes to the end of the line.
#[must_use]
pub fn ended(piece: &str) -> String {
    let here = format!("{piece};");
    let is_end = lexer::parts(&here).is_ok_and(|parts| parts.last().is_some_and(|(rest, _)| rest.is_empty()));
    if is_end { here } else { format!("{piece}\n;") }
}

/// A text as a literal of SQL.
#[must_use]
pub fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    // With a backslash, an escape string means the same whatever the server's setting is.
    if text.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

/// The number of the line of a place, from 1.
#[must_use]
pub fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_keep_their_comments_and_come_back_from_what_is_ended() {
        for (text, expected) in [
            ("", vec![]),
            (";; \n;", vec![]),
            ("-- a\nselect 1; -- b", vec!["-- a\nselect 1", "-- b"]),
            ("select 1 -- ;\n;\nselect 2 /* c */;", vec!["select 1 -- ;", "select 2 /* c */"]),
            ("select 1; -- between\n; select 2", vec!["select 1", "-- between", "select 2"]),
            ("select 'a", vec!["select 'a"]),
        ] {
            assert_eq!(pieces(text), expected, "{text}");
            if statements(text).is_ok() {
                let whole = expected.iter().map(|piece| ended(piece)).collect::<Vec<_>>().join("\n\n");
                assert_eq!(pieces(&whole), expected, "{whole}");
            }
        }
    }
}
