//! A run that failed before it had a plan or a report: its findings.

use serde_json::{Value, json};

use super::annotation::{Annotation, Level};
use super::place::Place;
use super::seal::{FAILURE, VERSION};
use crate::diag::{Diagnostic, Sources, render};
use crate::exit::Exit;

/// Why there is no plan or report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureRecord {
    /// The command that failed.
    pub command: String,
    /// How the run ended.
    pub exit: u8,
    /// The findings.
    pub findings: Vec<Annotation>,
}

impl FailureRecord {
    /// The JSON of a failure, as every command prints it with `--format json`.
    #[must_use]
    pub fn json(command: &str, found: &[&Diagnostic], sources: &Sources, exit: Exit) -> Value {
        json!({
            "format": FAILURE,
            "version": VERSION,
            "command": command,
            "exit": exit.code(),
            "diagnostics": render::json(found, sources),
        })
    }

    /// The record as JSON: of each finding, the members that it has.
    pub(super) fn as_json(&self) -> Value {
        let one = |it: &Annotation| {
            let severity = if it.level == Level::Error { "error" } else { "warning" };
            let mut members = json!({
                "code": it.code, "severity": severity, "message": it.message, "labels": [], "hints": it.hints, "fix": null,
            });
            if let Some(at) = &it.at {
                members["file"] = at.file.as_str().into();
                members["line"] = at.line.into();
                members["column"] = at.column.into();
            }
            members
        };
        let findings: Vec<Value> = self.findings.iter().map(one).collect();
        json!({
            "format": FAILURE, "version": VERSION, "command": self.command, "exit": self.exit, "diagnostics": findings,
        })
    }

    /// Reads a failure; `None` where the JSON is something else.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let command = value.get("command")?.as_str()?.to_owned();
        let exit = u8::try_from(value.get("exit")?.as_u64()?).ok()?;
        let findings: Option<Vec<_>> = value.get("diagnostics")?.as_array()?.iter().map(finding).collect();
        Some(Self { command, exit, findings: findings? })
    }
}

fn finding(value: &Value) -> Option<Annotation> {
    let text = |key: &str| value.get(key)?.as_str().map(str::to_owned);
    let number = |key: &str| usize::try_from(value.get(key)?.as_u64()?).ok();
    let place = || Some(Place { file: text("file")?, line: number("line")?, column: number("column")? });
    let hints = value.get("hints").and_then(Value::as_array).into_iter().flatten();
    Some(Annotation {
        code: text("code")?,
        level: if text("severity")? == "error" { Level::Error } else { Level::Warning },
        message: text("message")?,
        hints: hints.filter_map(|hint| hint.as_str().map(str::to_owned)).collect(),
        at: place(),
    })
}
