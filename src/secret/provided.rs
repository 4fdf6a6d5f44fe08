//! The secrets of `--secrets-from`: by document and name, as YAML, JSON or `NAME=value` lines.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::Secret;
use super::lines::{self, Fault};
use super::variables::variable_prefix;
use crate::diag::{Diagnostic, Severity, codes::secret as codes};

/// Secrets by `document.NAME`, or by `DOCUMENT__NAME` if they were lines.
#[derive(Debug, Default)]
pub struct ProvidedSecrets {
    values: BTreeMap<String, Secret>,
}

impl ProvidedSecrets {
    /// The secret of a document.
    #[must_use]
    pub fn get(&self, document: &str, name: &str) -> Option<&Secret> {
        let dotted = self.values.get(&format!("{document}.{name}"));
        dotted.or_else(|| self.values.get(&format!("{}{name}", variable_prefix(document))))
    }

    /// Parses a text. `from` names its source, for messages; nothing of the text is ever shown.
    ///
    /// # Errors
    /// When the text is neither a map nor lines.
    pub fn parse(text: &str, from: &str) -> Result<Self, Diagnostic> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match lines::parse(text) {
            Ok(values) => return Ok(Self { values }),
            Err(Fault::Line(why)) => return Err(refused(from, &why)),
            Err(Fault::Other) => {}
        }
        let mut values = BTreeMap::new();
        // JSON is YAML. The parser's error is not shown, because it quotes the text.
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
                value @ (Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Sequence(_)
                | Value::Tagged(_)) => put(&mut values, key, &value, from)?,
            }
        }
        Ok(Self { values })
    }
}

/// The variables of a `.env` file. `from` names it, for messages; nothing of the text is ever shown.
///
/// # Errors
/// When the text has other lines than `NAME=value`.
pub fn variables(text: &str, from: &str) -> Result<BTreeMap<String, Secret>, Diagnostic> {
    let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_blank) {
        return Ok(BTreeMap::new());
    }
    lines::parse(text.strip_prefix('\u{feff}').unwrap_or(text)).map_err(|fault| {
        let why = if let Fault::Line(why) = fault { why } else { "it has no lines `NAME=value`".to_owned() };
        let message = format!("the variables of `{from}` cannot be read: {why}");
        Diagnostic::new(codes::UNREADABLE_SOURCE, Severity::Error, message)
    })
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

fn refused(from: &str, why: &str) -> Diagnostic {
    let message = format!("the secrets of `{from}` cannot be read: {why}");
    Diagnostic::new(codes::UNREADABLE_SOURCE, Severity::Error, message)
        .hint("Write `DOCUMENT: {NAME: value}` in YAML or JSON, or lines such as `DOCUMENT__NAME=value`.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(given: &ProvidedSecrets, document: &str, name: &str) -> Option<String> {
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
            let given = ProvidedSecrets::parse(text, "x").unwrap();
            assert_eq!(value(&given, "acme-prod", "SMTP").as_deref(), Some("a b"), "{text}");
            assert_eq!(value(&given, "acme-dev", "SMTP"), None, "no fallback to another document");
        }
    }

    #[test]
    fn lines_have_quotes_escapes_and_signs() {
        let given =
            ProvidedSecrets::parse("A__X=\"1\\n2\\\"\"\nA__Y=a=b#c # d\nA__Z='$HOME \\n'\nA__E=\n", "x").unwrap();
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
            let said = format!("{:?}", ProvidedSecrets::parse(text, "file").unwrap_err());
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}
