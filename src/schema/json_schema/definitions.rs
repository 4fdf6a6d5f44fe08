//! The shared definitions that the schemas of fields refer to: references, interpolation, units, markers.

use serde_json::{Map, Value, json};

use super::field::{FROM, definition, members_of, snippet};
use crate::schema::Unit;

/// The shared definitions. What they are stands in `$comment`: an editor takes a `description` or `title` of the way that a
/// value is written for the hover text of its field.
pub(super) fn common_definitions() -> Map<String, Value> {
    let form = |pattern: &str, what: &str| json!({"type": ["string"], "pattern": pattern, "errorMessage": what});
    let text = json!({"type": "string", "minLength": 1});
    let name = form(
        r"^(?![0-9])([A-Za-z0-9_]|\$\{[^{}]+\})+$",
        "The name of an environment variable has letters, digits and `_`.",
    );
    let unmanaged = || ("unmanaged", "`true`: stops managing a value that a profile sets.", json!({"const": true}));
    let secrets = || {
        vec![
            ("secret", "A secret of this document, from `--secrets-from` or a variable of its name.", name.clone()),
            ("env", "An environment variable.", name.clone()),
            ("file", "A file below the root or the folder of secrets.", text.clone()),
            (
                "exec",
                "The output of a command; refused without `--allow-exec`.",
                json!({"type": "array", "items": text, "minItems": 1}),
            ),
        ]
    };
    let plain = ("plain", "Not a secret: the value may be shown.", text.clone());
    let mut texts = reference(
        FROM,
        &[
            ("file", "The file with the text, relative to this one.", text.clone()),
            ("fill", "Replace `${…}` within the text of the file.", json!({"type": "boolean"})),
            ("env", "An environment variable, which needs `--allow-env NAME`.", name.clone()),
        ],
        &[("{file: ", "PATH", "}"), ("{env: ", "NAME", "}")],
    );
    texts["maxProperties"] = 2.into();
    texts["dependencies"] = json!({"fill": ["file"], "env": {"maxProperties": 1}});
    let others = [("{env: ", "NAME", "}"), ("{file: ", "PATH", "}"), ("{exec: [", "COMMAND", "]}")];
    let entries = [
        ("name", form("^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$", "A name has up to 64 letters, digits, `-` and `_`.")),
        ("named", form(r"^(?=.*\S)[^\u0000-\u001f\u007f-\u009f]*$", "Write a text of one line that is not empty.")),
        (
            "value",
            json!({
                "$comment": "A text, a number, a boolean, or a list of them.",
                "anyOf": [
                    {"type": ["number", "boolean"]},
                    {"type": "string", "not": {"pattern": r"\$\{"}},
                    {"type": "array", "items": definition("value")},
                ],
            }),
        ),
        ("line", form(r"^[^\u0000-\u001f\u007f-\u009f]*$", &format!("Write a text of one line. {FROM}"))),
        (
            "variable",
            form(r"^\$\{var\.[A-Za-z0-9_][A-Za-z0-9_-]*\}$", "A variable alone, `${var.NAME}`, keeps its type."),
        ),
        ("interpolated", form(r"(^|[^$])\$\{[^{}]+\}", "Write a text with variables, such as `${var.NAME}`.")),
        ("duration", form(&Unit::Seconds.pattern(), "Write a duration such as `90s` or `1h30m`.")),
        ("size", form(&Unit::Bytes.pattern(), "Write a size such as `50MiB`.")),
        (
            "unmanaged",
            json!({
                "type": "object",
                "properties": members_of(&[unmanaged()]),
                "required": ["unmanaged"],
                "additionalProperties": false,
                "defaultSnippets": [snippet("{unmanaged: true}")],
            }),
        ),
        ("text_reference", texts),
        ("secret", reference(&format!("{SECRET}."), &secrets(), &others)),
        (
            "secret_or_plain",
            reference(
                &format!("{SECRET}, or `{{plain: TEXT}}` where it is none."),
                &[secrets(), vec![plain]].concat(),
                &[others.as_slice(), &[("{plain: ", "TEXT", "}")]].concat(),
            ),
        ),
    ];
    entries.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

const SECRET: &str = "A secret is never written here: refer to it by `{secret: NAME}`, `{env: NAME}`, `{file: PATH}` or `{exec: [COMMAND]}`";

/// One of several keys. One object with all of them, so that an editor offers and names them; its type is in a list, because
/// yaml-language-server replaces the `errorMessage` of a single one by names of types.
fn reference(message: &str, keys: &[(&str, &str, Value)], snippets: &[(&str, &str, &str)]) -> Value {
    let offered = snippets.iter().map(|(before, word, after)| {
        json!({"label": format!("{before}{word}{after}"), "body": format!("{before}${{1:{word}}}{after}")})
    });
    json!({
        "type": ["object"],
        "properties": members_of(keys),
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": false,
        "errorMessage": message,
        "defaultSnippets": offered.collect::<Vec<_>>(),
    })
}
