//! Findings as SARIF 2.1.0, for code scanning.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::diag::codes;
use crate::record::annotation::{DIFFERENCE, NOTE};
use crate::record::{Annotation, Level};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The file of a finding without a place, because code scanning requires one: the marker of the workspace's root.
const ROOT: &str = "supaform.yaml";

/// A log of one run; its rules are the codes that were found.
#[must_use]
pub fn sarif(findings: &[Annotation]) -> Value {
    let mut indexes: BTreeMap<&str, usize> = findings.iter().map(|finding| (finding.code.as_str(), 0)).collect();
    indexes.values_mut().enumerate().for_each(|(index, place)| *place = index);
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "supaform",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": indexes.keys().map(|code| rule(code)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": findings.iter().map(|finding| result(finding, &indexes)).collect::<Vec<_>>(),
        }],
    })
}

fn rule(code: &str) -> Value {
    let (title, explanation) = match (code, codes::find(code)) {
        (_, Some(known)) => (known.info().title, known.info().explanation),
        (DIFFERENCE, _) => ("live differs", "The live value differs from the desired one."),
        (NOTE, _) => ("worth knowing", "A fact that is not a difference but worth knowing."),
        _ => ("unknown", "A code that this version does not know."),
    };
    json!({
        "id": code,
        "shortDescription": {"text": message(title)},
        "fullDescription": {"text": message(explanation)},
        "help": {"text": message(explanation)},
    })
}

fn result(finding: &Annotation, indexes: &BTreeMap<&str, usize>) -> Value {
    let level = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    let (file, line, column) = match &finding.at {
        Some(at) => (at.file.as_str(), at.line, at.column),
        None => (ROOT, 1, 1),
    };
    json!({
        "ruleId": finding.code,
        "ruleIndex": indexes.get(finding.code.as_str()),
        "level": level,
        "message": {"text": message(&finding.text())},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(file), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": line, "startColumn": column},
        }}],
    })
}

/// A plain text message: braces are doubled (§3.11.5), and `[text](target)` is not a link (§3.11.6).
fn message(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut backslashes = 0;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '{' | '}' => out.push(character),
            ']' if characters.peek() == Some(&'(') && backslashes % 2 == 0 => out.push('\\'),
            _ => {}
        }
        backslashes = if character == '\\' { backslashes + 1 } else { 0 };
        out.push(character);
    }
    out
}

/// Every character except the unreserved ones of a URI and the separator of a path.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// A path as a URI reference.
fn uri(path: &str) -> String {
    utf8_percent_encode(path, RESERVED).to_string()
}
