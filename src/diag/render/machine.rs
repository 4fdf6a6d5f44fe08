//! Diagnostics for programs: a line each, or JSON.

use serde_json::{Value, json};

use super::{escape, printable_path, severity_name};
use crate::diag::{Diagnostic, Fix, Label, Sources, Span};

/// One line each: `path:line:column: error[E0301]: message`.
#[must_use]
pub fn short(found: &[&Diagnostic], sources: &Sources) -> String {
    found.iter().map(|finding| line(finding, sources)).collect()
}

fn line(finding: &Diagnostic, sources: &Sources) -> String {
    let what = format!("{}[{}]: {}", severity_name(finding.severity), finding.code.id(), escape(&finding.message));
    let Some(label) = finding.labels.first() else { return format!("{what}\n") };
    let place = sources.position(label.span);
    let path = printable_path(&sources.get(label.span.source).path);
    format!("{path}:{}:{}: {what}\n", place.line, place.column)
}

/// An array of all findings. Lines and columns count from 1, columns in characters, ends are exclusive.
#[must_use]
pub fn json(found: &[&Diagnostic], sources: &Sources) -> Value {
    found.iter().map(|finding| one(finding, sources)).collect()
}

fn one(finding: &Diagnostic, sources: &Sources) -> Value {
    let mut members = json!({
        "code": finding.code.id(),
        "severity": severity_name(finding.severity),
        "message": finding.message,
    });
    let main = finding.labels.first();
    extend(&mut members, main.map(|label| place(label.span, sources)));
    let others = finding.labels.iter().skip(1).map(|label| labelled(label, sources));
    let labels: Value = main
        .filter(|label| !label.text.is_empty())
        .map(|label| labelled(label, sources))
        .into_iter()
        .chain(others)
        .collect();
    extend(&mut members, Some(json!({"labels": labels, "hints": finding.hints})));
    let fix = finding.fix.as_ref().map_or(Value::Null, |fix| fix_of(fix, sources));
    extend(&mut members, Some(json!({"fix": fix})));
    members
}

fn place(span: Span, sources: &Sources) -> Value {
    let start = sources.position(span);
    let end = sources.end(span);
    json!({
        "file": sources.get(span.source).path,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    })
}

fn labelled(label: &Label, sources: &Sources) -> Value {
    let mut members = place(label.span, sources);
    extend(&mut members, Some(json!({"text": label.text})));
    members
}

fn fix_of(fix: &Fix, sources: &Sources) -> Value {
    let mut members = place(fix.span, sources);
    extend(&mut members, Some(json!({"replacement": fix.replacement})));
    members
}

fn extend(members: &mut Value, more: Option<Value>) {
    if let (Value::Object(members), Some(Value::Object(more))) = (members, more) {
        members.extend(more);
    }
}
