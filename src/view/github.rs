//! Findings as workflow commands of GitHub's runner, which shows them as annotations at the lines of a pull request.

use crate::diag::render::{escape, escape_lines};
use crate::record::{Annotation, Level};

/// A line for each finding: `::error file=…,line=…,col=…,title=…::…`.
#[must_use]
pub fn github(findings: &[Annotation]) -> String {
    findings.iter().map(line).collect()
}

fn line(finding: &Annotation) -> String {
    let command = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let place = finding
        .at
        .as_ref()
        .map_or(String::new(), |at| format!("file={},line={},col={},", property(&at.file), at.line, at.column));
    format!("::{command} {place}title={}::{}\n", property(&finding.code), data(&finding.text()))
}

/// A text that the runner reads back unchanged; invisible characters are made visible first.
fn data(text: &str) -> String {
    percent(&escape_lines(text), &['%', '\r', '\n'])
}

fn property(text: &str) -> String {
    percent(&escape(text), &['%', '\r', '\n', ':', ','])
}

/// Not `percent-encoding`: that encodes all non-ASCII characters too, and the runner does not decode them.
fn percent(text: &str, reserved: &[char]) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, character| {
        if reserved.contains(&character) {
            out.push_str(&format!("%{:02X}", u32::from(character)));
        } else {
            out.push(character);
        }
        out
    })
}
