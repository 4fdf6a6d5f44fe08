//! The shared definitions that the schemas of fields refer to: references, interpolation, units, markers.

use serde_json::{Map, Value, json};

use super::field::{any_of, definition};
use crate::schema::Unit;

/// The shared definitions.
pub(super) fn common_definitions() -> Map<String, Value> {
    let reference = |key: &str, value: Value, description: &str| {
        json!({
            "type": "object",
            "description": description,
            "properties": {key: value},
            "required": [key],
            "additionalProperties": false,
        })
    };
    let form =
        |pattern: &str, description: &str| json!({"type": "string", "pattern": pattern, "description": description});
    let text = json!({"type": "string", "minLength": 1});
    let name = json!({"type": "string", "pattern": r"^(?![0-9])([A-Za-z0-9_]|\$\{[^{}]+\})+$"});
    let command = json!({"type": "array", "items": text, "minItems": 1});
    let file = json!({
        "type": "object",
        "description": "The text of a file, relative to this one.",
        "properties": {"file": text, "fill": {"type": "boolean", "description": "Replace `${…}` within the text."}},
        "required": ["file"],
        "additionalProperties": false,
    });
    let references = vec![
        reference(
            "secret",
            name.clone(),
            "A secret of this document, from `--secrets-from` or a variable of its name.",
        ),
        reference("env", name.clone(), "An environment variable."),
        reference("file", text.clone(), "A file below the root or the folder of secrets."),
        reference("exec", command, "The output of a command; refused without `--allow-exec`."),
    ];
    let entries = [
        ("name", form("^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$", "Letters, digits, `-` and `_`.")),
        ("named", form(r"^(?=.*\S)[^\u0000-\u001f\u007f-\u009f]*$", "A text of one line that is not empty.")),
        (
            "value",
            json!({
                "description": "A text, a number, a boolean, or a list of them.",
                "anyOf": [
                    {"type": ["number", "boolean"]},
                    {"type": "string", "not": {"pattern": r"\$\{"}},
                    {"type": "array", "items": definition("value")},
                ],
            }),
        ),
        ("line", form(r"^[^\u0000-\u001f\u007f-\u009f]*$", "A text of one line.")),
        ("variable", form(r"^\$\{var\.[A-Za-z0-9_][A-Za-z0-9_-]*\}$", "A variable, which keeps its type.")),
        ("interpolated", form(r"(^|[^$])\$\{[^{}]+\}", "A text with variables.")),
        ("duration", form(&Unit::Seconds.pattern(), "A duration such as `90s` or `1h30m`.")),
        ("size", form(&Unit::Bytes.pattern(), "A size such as `50MiB`.")),
        (
            "unmanaged",
            json!({
                "type": "object",
                "description": "Stops managing a value that a profile sets.",
                "properties": {"unmanaged": {"const": true}},
                "required": ["unmanaged"],
                "additionalProperties": false,
            }),
        ),
        (
            "text_reference",
            any_of(vec![file, reference("env", name, "An environment variable, which needs `--allow-env NAME`.")]),
        ),
        ("secret", any_of(references.clone())),
        (
            "secret_or_plain",
            any_of([references, vec![reference("plain", text, "Not a secret: the value may be shown.")]].concat()),
        ),
    ];
    entries.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}
