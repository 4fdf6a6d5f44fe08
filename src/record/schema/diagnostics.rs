//! The schema of findings.

use serde_json::{Value, json};

use super::parts::{code, exit, list, number, object, or_null, reference, text};
use crate::record::seal::{FAILURE, VERSION};

/// The schema of the findings that a command prints with `--format json` instead of another result, and that `plan --out`
/// saves where there is no plan.
#[must_use]
pub fn diagnostics() -> Value {
    let place = [
        ("file", "The file, relative to the root.", text()),
        ("line", "The line, from 1.", number()),
        ("column", "The column in characters, from 1.", number()),
        ("end_line", "The line of its end.", number()),
        ("end_column", "The column behind its end.", number()),
    ];
    let at = |own| object(&[&place[..], &[own]].concat());
    let rest = [
        ("code", "The code, for `supaform explain`.", code()),
        ("severity", "How severe it is.", json!({"enum": ["error", "warning", "note"]})),
        ("message", "What is wrong: lower case, no full stop.", text()),
        ("labels", "Further places, each with why.", list(&reference("label"))),
        ("hints", "What to do: sentences.", list(&text())),
        ("fix", "What to write instead, where that is known.", or_null(&reference("fix"))),
    ];
    let mut finding = object(&[&rest[..], &place].concat());
    // A finding without a file has no place.
    finding["required"] = json!(rest.iter().map(|(name, ..)| name).collect::<Vec<_>>());
    let mut schema = object(&[
        ("format", "What this is.", json!({"const": FAILURE})),
        ("version", "The version of the format.", json!({"const": VERSION})),
        ("command", "The command that found them.", text()),
        ("exit", "How the run ended: the process's exit code.", exit()),
        ("diagnostics", "The findings, in the order of their places.", list(&reference("finding"))),
    ]);
    schema["$schema"] = "http://json-schema.org/draft-07/schema#".into();
    schema["title"] = "Supaform diagnostics".into();
    schema["definitions"] = json!({
        "finding": finding,
        "label": at(("text", "A remark on the place.", text())),
        "fix": at(("replacement", "The text.", text())),
    });
    schema
}
