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

/// The statements of a text with the comments before each, as the Supabase CLI splits them; the whole text where it does not end.
#[must_use]
pub fn pieces(text: &str) -> Vec<&str> {
    let Ok(all) = statements(text) else { return vec![text] };
    let mut from = 0;
    let mut found = vec![];
    for statement in all {
        let end = statement.start() + statement.text.len();
        found.push(text.get(from..end).unwrap_or_default().trim_start_matches([';', ' ', '\t', '\r', '\n']));
        from = end;
    }
    found
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
