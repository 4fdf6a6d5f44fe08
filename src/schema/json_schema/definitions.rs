//! What the schemas of fields refer to: references, interpolation, units, markers.

use serde_json::{Map, Value, json};

use super::field::any_of;

/// What the schemas of fields refer to.
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
    let command = json!({"type": "array", "items": text, "minItems": 1});
    let file = json!({
        "type": "object",
        "description": "The text of a file, relative to this one.",
        "properties": {"file": text, "fill": {"type": "boolean", "description": "Fill in `${…}` within the text."}},
        "required": ["file"],
        "additionalProperties": false,
    });
    let entries = [
        ("name", json!({"type": "string", "minLength": 1})),
        ("variable", form(r"^\$\{[^{}]+\}$", "A variable, which keeps its type.")),
        ("interpolated", form(r"\$\{[^{}]+\}", "A text that is filled in.")),
        ("duration", form(r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+$", "A duration such as `90s` or `1h30m`.")),
        ("size", form(r"^[0-9]+(\.[0-9]+)?(B|KiB|MiB|GiB)$", "A size such as `50MiB`.")),
        (
            "unmanaged",
            json!({
                "type": "object",
                "description": "Lets go of a value that a profile gives.",
                "properties": {"unmanaged": {"const": true}},
                "required": ["unmanaged"],
                "additionalProperties": false,
            }),
        ),
        (
            "text_reference",
            any_of(vec![
                file,
                reference("env", text.clone(), "An environment variable, which needs `--allow-env NAME`."),
            ]),
        ),
        (
            "secret",
            any_of(vec![
                reference(
                    "secret",
                    text.clone(),
                    "A secret of this document, from `--secrets-from` or a variable of its name.",
                ),
                reference("env", text.clone(), "An environment variable."),
                reference("file", text, "A file below the root or the folder of secrets."),
                reference("exec", command, "What a command prints; refused without `--allow-exec`."),
                reference("plain", json!({"type": "string"}), "No secret at all: it may be shown."),
            ]),
        ),
    ];
    entries.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}
