//! Findings as SARIF 2.1.0, for code scanning.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::diag::codes;
use crate::record::annotation::{DIFFERENCE, NOTE};
use crate::record::{Annotation, Level};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const HOME: &str = env!("CARGO_PKG_REPOSITORY");

/// The file of a finding without a place, because code scanning requires one: the marker of the workspace's root.
const ROOT: &str = "supaform.yaml";

/// A log of one run; its rules are the codes that were found. Results are made as they are written: a fleet has many.
#[must_use]
pub fn sarif(findings: &[Annotation]) -> impl Serialize {
    let mut indexes: BTreeMap<&str, usize> = findings.iter().map(|finding| (finding.code.as_str(), 0)).collect();
    indexes.values_mut().enumerate().for_each(|(index, place)| *place = index);
    let driver = json!({
        "name": "supaform",
        "version": env!("CARGO_PKG_VERSION"),
        "informationUri": HOME,
        "rules": indexes.keys().map(|code| rule(code)).collect::<Vec<_>>(),
    });
    let results = Results { findings, indexes };
    let run = Run { tool: json!({"driver": driver}), column_kind: "unicodeCodePoints", results };
    Log { schema: SCHEMA, version: "2.1.0", runs: [run] }
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    column_kind: &'static str,
    results: Results<'a>,
}

struct Results<'a> {
    findings: &'a [Annotation],
    indexes: BTreeMap<&'a str, usize>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.findings.iter().map(|finding| result(finding, &self.indexes)))
    }
}

fn rule(code: &str) -> Value {
    let known = codes::find(code).map(codes::Code::info);
    let (title, explanation, example) = match (code, known) {
        (_, Some(known)) => (known.title, known.explanation, known.example),
        (DIFFERENCE, _) => ("live differs", "The live value differs from the desired one.", ""),
        (NOTE, _) => ("worth knowing", "A fact that is not a difference but worth knowing.", ""),
        _ => ("unknown", "A code that this version does not know.", ""),
    };
    let help = if example.is_empty() { explanation.to_owned() } else { format!("{explanation}\n\n{example}") };
    let mut rule = json!({
        "id": code,
        "shortDescription": {"text": message(title)},
        "fullDescription": {"text": message(explanation)},
        "help": {"text": message(help.trim_end())},
    });
    if known.is_some() {
        rule["helpUri"] = json!(format!("{HOME}/blob/main/docs/errors.md#{}", anchor(&format!("{code}: {title}"))));
    }
    rule
}

/// The anchor of a heading, as code hosts make it.
fn anchor(heading: &str) -> String {
    let heading = heading.to_lowercase().replace(' ', "-");
    heading.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
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
        "partialFingerprints": {"supaform/v1": fingerprint(finding, file)},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(file), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": line, "startColumn": column},
        }}],
    })
}

/// What tells a finding from others wherever it moves to in its file.
fn fingerprint(finding: &Annotation, file: &str) -> String {
    let digest = Sha256::digest([&finding.code, file, &finding.message].join("\0"));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
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
