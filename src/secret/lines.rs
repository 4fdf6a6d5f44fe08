//! `NAME=value` lines of `.env` files: comments, quotes, and values of several lines within quotes.

use std::collections::BTreeMap;

use super::Secret;

/// Why a text has no such lines. No value is shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// No line is `NAME=value`, so the text is something else.
    Other,
    /// A line is wrong.
    Line(String),
}

/// Reads the lines.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, Secret>, Fault> {
    let text = text.replace("\r\n", "\n");
    let mut seen: BTreeMap<String, (usize, Secret)> = BTreeMap::new();
    let mut rest = text.as_str();
    let mut number = 1;
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let start = line.trim_start();
        if start.is_empty() || start.starts_with('#') {
            (rest, number) = (after, number + 1);
            continue;
        }
        let fault =
            |why: &str| if seen.is_empty() { Fault::Other } else { Fault::Line(format!("line {number} {why}")) };
        let assignment = start.strip_prefix("export ").map_or(start, str::trim_start);
        let (name, _) = assignment.split_once('=').ok_or_else(|| fault("is no `NAME=value`"))?;
        let name = name.trim_end();
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if name.is_empty() || !name.chars().all(fine) {
            return Err(fault("has no name of letters, digits, `_`, `-` and `.`"));
        }
        // The value may continue on the next lines.
        let equals = rest.find('=').unwrap_or_default();
        let (value, end) = value(rest.get(equals + 1..).unwrap_or_default())
            .map_err(|why| Fault::Line(format!("line {number}: {why}")))?;
        let used = equals + 1 + end;
        let first = number;
        number += rest.get(..used).unwrap_or_default().matches('\n').count();
        rest = rest.get(used..).unwrap_or_default();
        if let Some((earlier, _)) = seen.insert(name.to_owned(), (first, Secret::new(value))) {
            return Err(Fault::Line(format!("`{name}` is in line {earlier} and again in line {first}")));
        }
    }
    if seen.is_empty() {
        return Err(Fault::Other);
    }
    Ok(seen.into_iter().map(|(name, (_, value))| (name, value)).collect())
}

/// A value, and its length in bytes including the line end. In single quotes it is literal, in double quotes `
/// `, `\"` and `\\` are escapes as in shells, and without quotes it ends at a comment.
fn value(text: &str) -> Result<(String, usize), &'static str> {
    let blanks = text.len() - text.trim_start_matches([' ', '\t']).len();
    let inner = text.get(blanks..).unwrap_or_default();
    match inner.chars().next() {
        Some(quote @ ('\'' | '"')) => {
            let (value, end) = quoted(inner.get(1..).unwrap_or_default(), quote).ok_or("a quote is not closed")?;
            let used = blanks + 1 + end;
            let (tail, _) = rest_of_line(text.get(used..).unwrap_or_default());
            if !tail.trim().is_empty() && !tail.trim_start().starts_with('#') {
                return Err("something stands after the closing quote");
            }
            Ok((value, used + line_length(text.get(used..).unwrap_or_default())))
        }
        _ => {
            let (line, _) = rest_of_line(text);
            let value = line.split(" #").next().unwrap_or_default().trim();
            Ok((value.to_owned(), line_length(text)))
        }
    }
}

fn rest_of_line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

fn line_length(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |at| at + 1)
}

/// The text before the closing quote, and the end of the quote.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Some((value, at + 1)),
            '\\' if quote == '"' => match chars.next()?.1 {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let parsed = parse(text).unwrap();
        parsed.into_iter().map(|(name, value)| (name, value.expose().to_owned())).collect()
    }

    fn fault(text: &str) -> String {
        match parse(text) {
            Err(Fault::Line(why)) => why,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_value_in_quotes_goes_on_over_several_lines() {
        for quote in ['"', '\''] {
            for end in ["\n", "\r\n"] {
                let lines =
                    ["# keys", &format!("A={quote}-----BEGIN"), "a b", &format!("-----END{quote} # why"), "B=x"];
                let text = lines.join(end);
                let found = read(&text);
                assert_eq!(found[0], ("A".to_owned(), "-----BEGIN\na b\n-----END".to_owned()), "{text}");
                assert_eq!(found[1], ("B".to_owned(), "x".to_owned()), "{text}");
            }
        }
    }

    #[test]
    fn lines_end_in_either_way_and_no_value_keeps_the_end() {
        assert_eq!(read("A=x\r\nexport B = 'y z' \r\nC=\r\n\r\n"), [("A", "x"), ("B", "y z"), ("C", "")].map(owned));
        assert_eq!(
            read("A=\"1\\n2\\\"\"\nB=a=b#c # d\nC='$HOME \\n'"),
            [("A", "1\n2\""), ("B", "a=b#c"), ("C", "$HOME \\n")].map(owned)
        );
    }

    fn owned((name, value): (&str, &str)) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn what_is_wrong_has_its_line_and_no_value() {
        assert_eq!(fault("A=1\n\n# x\nA=hunter2\n"), "`A` is in line 1 and again in line 4");
        assert_eq!(fault("A='1\n2'\nB=3\nB=4"), "`B` is in line 3 and again in line 4");
        assert_eq!(fault("A=1\nhunter2\n"), "line 2 is no `NAME=value`");
        assert_eq!(fault("A=1\nhunter 2=x\n"), "line 2 has no name of letters, digits, `_`, `-` and `.`");
        assert_eq!(fault("A=1\nB=\"hunter2\nC=3\n"), "line 2: a quote is not closed");
        assert_eq!(fault("A=1\nB='hunter2'x\n"), "line 2: something stands after the closing quote");
        assert_eq!(parse("a: {b: c}").unwrap_err(), Fault::Other);
        assert_eq!(parse("# nothing\n").unwrap_err(), Fault::Other);
    }
}
