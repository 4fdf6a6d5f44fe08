//! Splits a text into tokens and statements.

/// A token of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'t> {
    /// A word: a keyword, a name, or a number.
    Word(&'t str),
    /// A name in double quotes.
    Name(&'t str),
    /// A string in single quotes, with its prefix.
    String(&'t str),
    /// A string in dollar quotes.
    Dollar(&'t str),
    /// Anything else: one character.
    Sign(&'t str),
}

impl<'t> Token<'t> {
    /// Its text.
    #[must_use]
    pub const fn text(self) -> &'t str {
        match self {
            Self::Word(text) | Self::Name(text) | Self::String(text) | Self::Dollar(text) | Self::Sign(text) => text,
        }
    }

    /// Whether it is this keyword, or this sign.
    #[must_use]
    pub fn is(self, word: &str) -> bool {
        match self {
            Self::Word(text) | Self::Sign(text) => text.eq_ignore_ascii_case(word),
            Self::Name(_) | Self::String(_) | Self::Dollar(_) => false,
        }
    }

    /// What a string in quotes says; `None` for other tokens, and for strings with a prefix other than `E`.
    #[must_use]
    pub fn said(self) -> Option<String> {
        match self {
            Self::Dollar(text) => dollar_body(text).map(str::to_owned),
            Self::String(text) => {
                let (escapes, inner) = match text.strip_prefix(['E', 'e']) {
                    Some(inner) => (true, inner),
                    None => (false, text),
                };
                let inner = inner.strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'");
                Some(if escapes { inner.replace("\\\\", "\\") } else { inner })
            }
            Self::Word(_) | Self::Name(_) | Self::Sign(_) => None,
        }
    }
}

/// What is between dollar quotes.
pub(super) fn dollar_body(text: &str) -> Option<&str> {
    let tag = text.get(..=text.get(1..)?.find('$')? + 1)?;
    text.strip_prefix(tag)?.strip_suffix(tag)
}

/// A statement: its tokens, each with its place in the text. It has at least one.
#[derive(Debug, Clone)]
pub struct Statement<'t> {
    /// The tokens, each with the offset of its first byte.
    pub tokens: Vec<(Token<'t>, usize)>,
    /// Its text, from its first token to its last.
    pub text: &'t str,
}

impl Statement<'_> {
    /// The offset of its first byte.
    #[must_use]
    pub fn start(&self) -> usize {
        self.tokens.first().map_or(0, |(_, at)| *at)
    }

    /// Whether it begins with these keywords.
    #[must_use]
    pub fn begins(&self, words: &[&str]) -> bool {
        self.tokens.len() >= words.len() && words.iter().zip(&self.tokens).all(|(word, (token, _))| token.is(word))
    }
}

/// A comment, a string or a quoted name that does not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} does not end")]
pub struct Unfinished {
    /// What it is: "a string in single quotes".
    pub what: &'static str,
    /// The offset of its first byte.
    pub at: usize,
}

/// The statements of a text; empty ones are left out.
///
/// A semicolon within parentheses ends nothing (`CREATE RULE … DO (a; b)`), nor does one within `BEGIN ATOMIC … END`, the body of a
/// function in standard SQL.
///
/// # Errors
/// When a comment, a string or a quoted name does not end.
pub fn statements(text: &str) -> Result<Vec<Statement<'_>>, Unfinished> {
    let parts = parts(text)?.into_iter();
    Ok(parts.filter(|(_, tokens)| !tokens.is_empty()).map(|(_, tokens)| statement(text, tokens)).collect())
}

/// A part of a text and its tokens.
type Part<'t> = (&'t str, Vec<(Token<'t>, usize)>);

/// What is between the semicolons that end statements.
pub(super) fn parts(text: &str) -> Result<Vec<Part<'_>>, Unfinished> {
    let (mut found, mut tokens, mut from) = (vec![], vec![], 0);
    let (mut parentheses, mut blocks) = (0_usize, 0_usize);
    let mut lexer = Lexer { text, at: 0 };
    while let Some((token, at)) = lexer.next()? {
        let ends = token.is(";") && parentheses == 0 && blocks == 0;
        if token.is("(") {
            parentheses += 1;
        } else if token.is(")") {
            parentheses = parentheses.saturating_sub(1);
        } else if blocks > 0 && token.is("end") {
            blocks -= 1;
        } else if blocks > 0 && (token.is("case") || token.is("begin")) || opens_body(&tokens, token) {
            blocks += 1;
        }
        if ends {
            found.push((text.get(from..at).unwrap_or_default(), std::mem::take(&mut tokens)));
            from = at + 1;
        } else {
            tokens.push((token, at));
        }
    }
    found.push((text.get(from..).unwrap_or_default(), tokens));
    Ok(found)
}

fn statement<'t>(text: &'t str, tokens: Vec<(Token<'t>, usize)>) -> Statement<'t> {
    let start = tokens.first().map_or(0, |(_, at)| *at);
    let end = tokens.last().map_or(0, |(token, at)| at + token.text().len());
    Statement { tokens, text: text.get(start..end).unwrap_or_default() }
}

/// Whether a token is the `ATOMIC` of a function's or procedure's body.
fn opens_body(before: &[(Token<'_>, usize)], token: Token<'_>) -> bool {
    let is = |at: usize, word: &str| before.get(at).is_some_and(|(token, _)| token.is(word));
    let kind = if is(1, "or") && is(2, "replace") { 3 } else { 1 };
    token.is("atomic")
        && before.last().is_some_and(|(last, _)| last.is("begin"))
        && is(0, "create")
        && (is(kind, "function") || is(kind, "procedure"))
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

const fn begins_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

const fn continues_word(byte: u8) -> bool {
    begins_word(byte) || byte == b'$'
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Takes so many bytes.
    fn take(&mut self, bytes: usize) -> &'t str {
        let rest = self.rest();
        let taken = rest.get(..bytes).unwrap_or(rest);
        self.at += taken.len();
        taken
    }

    fn next(&mut self) -> Result<Option<(Token<'t>, usize)>, Unfinished> {
        self.pass_over_comments()?;
        let (at, rest) = (self.at, self.rest());
        let bytes = rest.as_bytes();
        let Some(&first) = bytes.first() else { return Ok(None) };
        let unfinished = |what| Unfinished { what, at };
        let token = match first {
            b'\'' => Token::String(self.quoted(0, false).ok_or(unfinished("a string in single quotes"))?),
            b'"' => Token::Name(self.named(0).ok_or(unfinished("a name in double quotes"))?),
            b'$' => match tag(rest) {
                Some(tag) => {
                    let body = rest.get(tag.len()..).unwrap_or_default();
                    let end = body.find(tag).ok_or(unfinished("a string in dollar quotes"))?;
                    Token::Dollar(self.take(end + 2 * tag.len()))
                }
                None => Token::Sign(self.take(1)),
            },
            _ if begins_word(first) => {
                let length = bytes.iter().take_while(|byte| continues_word(**byte)).count();
                let word = rest.get(..length).unwrap_or_default();
                match (word.to_ascii_lowercase().as_str(), rest.get(length..).unwrap_or_default().as_bytes()) {
                    ("e", [b'\'', ..]) => {
                        Token::String(self.quoted(1, true).ok_or(unfinished("a string in single quotes"))?)
                    }
                    ("b" | "x" | "n", [b'\'', ..]) => {
                        Token::String(self.quoted(1, false).ok_or(unfinished("a string in single quotes"))?)
                    }
                    ("u", [b'&', b'\'', ..]) => {
                        Token::String(self.quoted(2, false).ok_or(unfinished("a string in single quotes"))?)
                    }
                    ("u", [b'&', b'"', ..]) => Token::Name(self.named(2).ok_or(unfinished("a name in double quotes"))?),
                    _ => Token::Word(self.take(length)),
                }
            }
            _ => Token::Sign(self.take(rest.chars().next().map_or(1, char::len_utf8))),
        };
        Ok(Some((token, at)))
    }

    /// A string in single quotes, after a prefix of so many bytes.
    fn quoted(&mut self, prefix: usize, escapes: bool) -> Option<&'t str> {
        let bytes = self.rest().as_bytes();
        let mut end = prefix + 1;
        loop {
            match bytes.get(end)? {
                b'\\' if escapes => end += 2,
                b'\'' if bytes.get(end + 1) == Some(&b'\'') => end += 2,
                b'\'' => return Some(self.take(end + 1)),
                _ => end += 1,
            }
        }
    }

    /// A name in double quotes, after a prefix of so many bytes.
    fn named(&mut self, prefix: usize) -> Option<&'t str> {
        let bytes = self.rest().as_bytes();
        let mut end = prefix + 1;
        loop {
            match bytes.get(end)? {
                b'"' if bytes.get(end + 1) == Some(&b'"') => end += 2,
                b'"' => return Some(self.take(end + 1)),
                _ => end += 1,
            }
        }
    }

    fn pass_over_comments(&mut self) -> Result<(), Unfinished> {
        loop {
            let rest = self.rest();
            let start = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}', '\u{feff}']);
            self.at += rest.len() - start.len();
            if start.starts_with("--") {
                self.at += start.find('\n').unwrap_or(start.len());
            } else if start.starts_with("/*") {
                let end = comment(start).ok_or(Unfinished { what: "a comment", at: self.at })?;
                self.at += end;
            } else {
                return Ok(());
            }
        }
    }
}

/// The length of the comment at the start of a text; comments nest.
fn comment(text: &str) -> Option<usize> {
    let (bytes, mut depth, mut at) = (text.as_bytes(), 0_usize, 0);
    loop {
        match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'/', Some(b'*')) => (depth, at) = (depth + 1, at + 2),
            (b'*', Some(b'/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

/// The opening of a string in dollar quotes: `$$`, `$body$`. `$1` is a parameter.
fn tag(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('$')?;
    let end = inner.find('$')?;
    let name = inner.get(..end)?;
    let digit = name.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    (!digit && name.bytes().all(begins_word)).then(|| text.get(..end + 2))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        statements(text).unwrap().into_iter().map(|statement| statement.text).collect()
    }

    #[test]
    fn statements_end_where_the_server_ends_them() {
        for (text, expected) in [
            ("", vec![]),
            (" ; ;; -- nothing\n", vec![]),
            ("select 1", vec!["select 1"]),
            ("-- first\nselect 1; /* ; */ select 2 -- ;\n;", vec!["select 1", "select 2"]),
            ("select ';', ';;', 'it''s;'; x", vec!["select ';', ';;', 'it''s;'", "x"]),
            (r"select E'\';', 'a\'; x", vec![r"select E'\';', 'a\'", "x"]),
            ("select \"a;\"\"b\"; x", vec!["select \"a;\"\"b\"", "x"]),
            ("do $$ begin; end $$; x", vec!["do $$ begin; end $$", "x"]),
            ("select $a$ $$; $b$ $a$; x", vec!["select $a$ $$; $b$ $a$", "x"]),
            ("select $1; select a$b; c$d", vec!["select $1", "select a$b", "c$d"]),
            ("/* a /* b; */ c; */ x; y", vec!["x", "y"]),
            ("create rule r as on insert to t do (a; b); x", vec!["create rule r as on insert to t do (a; b)", "x"]),
            (
                "create or replace function f() returns int begin atomic select case when 1 then 2 end; select 2; end; x",
                vec![
                    "create or replace function f() returns int begin atomic select case when 1 then 2 end; select 2; end",
                    "x",
                ],
            ),
            ("begin; select 1; end", vec!["begin", "select 1", "end"]),
            ("select U&'\\0041;' ; x", vec!["select U&'\\0041;'", "x"]),
            ("sélect 'ü;'; ö", vec!["sélect 'ü;'", "ö"]),
        ] {
            assert_eq!(texts(text), expected, "{text}");
        }
    }

    #[test]
    fn what_does_not_end_is_found_where_it_begins() {
        for (text, what, at) in [
            ("select 'a", "a string in single quotes", 7),
            ("select 1; /* a /* b */", "a comment", 10),
            ("x \"a", "a name in double quotes", 2),
            ("do $x$ begin $$;", "a string in dollar quotes", 3),
            (r"E'\'", "a string in single quotes", 0),
        ] {
            assert_eq!(statements(text).map(|_| ()), Err(Unfinished { what, at }), "{text}");
        }
    }

    #[test]
    fn strings_say_what_is_in_them() {
        for text in ["", "a", "it's", r"C:\new", r"'\''", "$$", "ü\n"] {
            let literal = super::super::literal(text);
            let found = statements(&literal).unwrap();
            assert_eq!(found[0].tokens[0].0.said().as_deref(), Some(text), "{literal}");
        }
        assert_eq!(statements("$a$x'$a$").unwrap()[0].tokens[0].0.said().as_deref(), Some("x'"));
    }
}
