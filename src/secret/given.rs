//! What `--secrets-from` gives: secrets by document and name, as YAML, JSON or `NAME=value` lines.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::Secret;
use super::sources::variable_prefix;
use crate::diag::{Diagnostic, Severity, codes::secret as codes};

/// Secrets by `document.NAME`, or by `DOCUMENT__NAME` where they came as lines.
#[derive(Debug, Default)]
pub struct Given {
    values: BTreeMap<String, Secret>,
}

impl Given {
    /// The secret of a document.
    #[must_use]
    pub fn get(&self, document: &str, name: &str) -> Option<&Secret> {
        let dotted = self.values.get(&format!("{document}.{name}"));
        dotted.or_else(|| self.values.get(&format!("{}{name}", variable_prefix(document))))
    }

    /// Reads a text. `from` says where it came from, for the message; nothing of the text is ever shown.
    ///
    /// # Errors
    /// When it is neither a map nor lines.
    pub fn parse(text: &str, from: &str) -> Result<Self, Diagnostic> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if let Some(given) = lines(text) {
            return Ok(given);
        }
        let mut values = BTreeMap::new();
        // JSON is YAML. The error of the parser is not shown, because it quotes what it read.
        let read: Value =
            serde_yaml::from_str(text).map_err(|_| refused(from, "it is no YAML, no JSON and no lines"))?;
        let Value::Mapping(members) = read else { return Err(refused(from, "it is no map")) };
        for (key, value) in members {
            let Some(key) = key.as_str() else { return Err(refused(from, "a key is no text")) };
            match value {
                Value::Mapping(inner) => {
                    for (name, value) in inner {
                        let Some(name) = name.as_str() else { return Err(refused(from, "a key is no text")) };
                        put(&mut values, &format!("{key}.{name}"), &value, from)?;
                    }
                }
                value => put(&mut values, key, &value, from)?,
            }
        }
        Ok(Self { values })
    }
}

fn put(values: &mut BTreeMap<String, Secret>, key: &str, value: &Value, from: &str) -> Result<(), Diagnostic> {
    let Some(text) = value.as_str() else {
        return Err(refused(from, &format!("`{}` is no text; put it into quotes", key.escape_debug())));
    };
    if values.insert(key.to_owned(), Secret::new(text.to_owned())).is_some() {
        return Err(refused(from, &format!("`{}` is there twice", key.escape_debug())));
    }
    Ok(())
}

/// `NAME=value` lines, with comments and quotes as shells have them; nothing where a line is none.
fn lines(text: &str) -> Option<Given> {
    let mut values = BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
        let name = name.trim_end();
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if name.is_empty() || !name.chars().all(fine) {
            return None;
        }
        values.insert(name.to_owned(), Secret::new(unquoted(value.trim())?));
    }
    (!values.is_empty()).then_some(Given { values })
}

/// A value of a line: in single quotes as it is, in double quotes with `\n`, `\"` and `\\`, else up to a comment.
fn unquoted(value: &str) -> Option<String> {
    if let Some(inner) = value.strip_prefix('\'') {
        return inner.strip_suffix('\'').map(str::to_owned);
    }
    let Some(inner) = value.strip_prefix('"') else {
        return Some(value.split(" #").next().unwrap_or_default().trim_end().to_owned());
    };
    let mut text = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return chars.as_str().trim_start().chars().next().is_none_or(|c| c == '#').then_some(text),
            '\\' => match chars.next()? {
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                't' => text.push('\t'),
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
    None
}

fn refused(from: &str, why: &str) -> Diagnostic {
    let message = format!("the secrets of `{from}` cannot be read: {why}");
    Diagnostic::new(codes::UNREADABLE_SOURCE, Severity::Error, message)
        .hint("Write `DOCUMENT: {NAME: value}` in YAML or JSON, or lines such as `DOCUMENT__NAME=value`.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(given: &Given, document: &str, name: &str) -> Option<String> {
        given.get(document, name).map(|secret| secret.expose().to_owned())
    }

    #[test]
    fn yaml_json_and_lines_give_the_same() {
        for text in [
            "acme-prod: {SMTP: a b}\n",
            "acme-prod:\n  SMTP: 'a b'\nother: {SMTP: c}\n",
            "acme-prod.SMTP: a b",
            "{\"acme-prod\": {\"SMTP\": \"a b\"}}",
            "# comment\nACME_PROD__SMTP=a b\n",
            "export ACME_PROD__SMTP=\"a b\" # why\n",
            "acme-prod.SMTP='a b'\r\n",
            "\u{feff}acme-prod: {SMTP: a b}",
        ] {
            let given = Given::parse(text, "x").unwrap();
            assert_eq!(value(&given, "acme-prod", "SMTP").as_deref(), Some("a b"), "{text}");
            assert_eq!(value(&given, "acme-dev", "SMTP"), None, "no fallback to another document");
        }
    }

    #[test]
    fn lines_have_quotes_escapes_and_signs() {
        let given = Given::parse("A__X=\"1\\n2\\\"\"\nA__Y=a=b#c # d\nA__Z='$HOME \\n'\nA__E=\n", "x").unwrap();
        assert_eq!(value(&given, "a", "X").as_deref(), Some("1\n2\""));
        assert_eq!(value(&given, "a", "Y").as_deref(), Some("a=b#c"));
        assert_eq!(value(&given, "a", "Z").as_deref(), Some("$HOME \\n"));
        assert_eq!(value(&given, "a", "E").as_deref(), Some(""));
    }

    #[test]
    fn what_cannot_be_read_is_not_shown() {
        for text in
            ["hunter2", "[hunter2]", "a: {b: [hunter2]}", "a: {b: 1}", "a: {hunter2: !!binary", "1: hunter2", ""]
        {
            let said = format!("{:?}", Given::parse(text, "file").unwrap_err());
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}
