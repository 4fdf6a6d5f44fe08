//! Diagnostics as JSON.

use serde_json::{Value, json};

use super::escape::is_unsafe;
use crate::diag::{Diagnostic, Severity, Sources, Span};

/// Findings as a list of objects.
#[must_use]
pub fn json(findings: &[&Diagnostic], sources: &Sources) -> Value {
    findings.iter().map(|found| one(found, sources)).collect::<Vec<_>>().into()
}

fn one(found: &Diagnostic, sources: &Sources) -> Value {
    let labels: Vec<Value> = found
        .labels
        .iter()
        .map(|label| {
            let mut place = place(label.span, sources);
            place["text"] = label.text.as_str().into();
            place
        })
        .collect();
    json!({
        "code": found.code.id(),
        "severity": match found.severity { Severity::Error => "error", Severity::Warning => "warning" },
        "message": found.message,
        "at": found.labels.first().map(|label| place(label.span, sources)),
        "labels": labels,
        "hints": found.hints,
        "fix": found.fix.as_ref().filter(|_| !found.private).map(|fix| {
            let mut place = place(fix.span, sources);
            place["replacement"] = fix.replacement.as_str().into();
            place
        }),
    })
}

fn place(span: Span, sources: &Sources) -> Value {
    let start = sources.position(span);
    let end = sources.position(Span { start: span.end, ..span });
    json!({
        "file": sources.get(span.source).path,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    })
}

/// A document as indented JSON that is safe to print: what could deceive a terminal is written as `\u001b`.
#[must_use]
pub fn json_text(document: &Value) -> String {
    let text = serde_json::to_string_pretty(document).expect("a JSON value can be written");
    let mut safe = String::with_capacity(text.len() + 1);
    let mut units = [0; 2];
    for c in text.chars() {
        if is_unsafe(c) && c != '\n' {
            // Within a text of JSON: the writer has escaped the other controls already.
            safe.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            safe.push(c);
        }
    }
    safe.push('\n');
    safe
}
