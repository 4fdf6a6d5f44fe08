//! The parts that schemas are built from.

use serde_json::{Map, Value, json};

use crate::record::OutcomeRecord;

/// A member: its name, its description, and its schema.
pub(super) type Member = (&'static str, &'static str, Value);

pub(super) fn document(
    title: &str,
    (format, version): (&'static str, u32),
    members: &[Member],
    own: impl IntoIterator<Item = (&'static str, Value)>,
) -> Value {
    let head = [
        ("format", "What this is.", json!({"const": format})),
        (
            "version",
            "The version of the format; it grows when a member changes its meaning or is removed.",
            json!({"const": version}),
        ),
    ];
    let seal = ("seal", "A hash over all but places, which detects edits.", hash());
    let mut schema = object(&[&head[..], members, &[seal]].concat());
    schema["$schema"] = "http://json-schema.org/draft-07/schema#".into();
    schema["title"] = title.into();
    schema["definitions"] = definitions(own);
    schema
}

pub(super) fn definitions(own: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let place = object(&[
        ("file", "The file, relative to the root.", text()),
        ("line", "The line, from 1.", number()),
        ("column", "The column in characters, from 1.", number()),
    ]);
    let address = json!({
        "type": "string",
        "description": "A project, a section of it, or an item: `acme/secrets/STRIPE_KEY`.",
    });
    let all = [("place", place), ("address", address)].into_iter().chain(own);
    Value::Object(all.map(|(name, schema)| (name.to_owned(), schema)).collect::<Map<_, _>>())
}

pub(super) fn counts() -> Value {
    object(&[
        ("add", "Resources to create.", number()),
        ("change", "Resources to change.", number()),
        ("fields", "Fields to change in them.", number()),
        ("remove", "Resources to delete.", number()),
        ("calls", "Writing requests.", number()),
        ("blocked", "Projects that could not be planned.", number()),
    ])
}

pub(super) fn problem() -> Value {
    object(&[
        ("code", "The code of the finding, for `supaform explain`.", code()),
        ("message", "What is wrong.", text()),
        ("hints", "What to do.", list(&text())),
        ("exit", "How a run ends because of it, as an exit code.", exit()),
        ("at", "Where the subject is written.", or_null(&reference("place"))),
    ])
}

pub(super) fn object(members: &[Member]) -> Value {
    let properties = members.iter().map(|(name, description, schema)| {
        // A reference is within `allOf`, because draft-07 ignores the keywords beside a `$ref`.
        let mut schema = if schema.get("$ref").is_some() { json!({"allOf": [schema]}) } else { schema.clone() };
        schema["description"] = (*description).into();
        ((*name).to_owned(), schema)
    });
    let required: Vec<&str> = members.iter().map(|(name, ..)| *name).collect();
    json!({
        "type": "object",
        "properties": properties.collect::<Map<_, _>>(),
        "required": required,
        "additionalProperties": false,
    })
}

pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/definitions/{name}")})
}

pub(super) fn or_null(schema: &Value) -> Value {
    json!({"anyOf": [{"type": "null"}, schema]})
}

pub(super) fn list(item: &Value) -> Value {
    json!({"type": "array", "items": item})
}

pub(super) fn map(value: &Value) -> Value {
    json!({"type": "object", "additionalProperties": value})
}

pub(super) fn text() -> Value {
    json!({"type": "string"})
}

pub(super) fn flag() -> Value {
    json!({"type": "boolean"})
}

pub(super) fn number() -> Value {
    json!({"type": "integer", "minimum": 0})
}

pub(super) fn hash() -> Value {
    json!({"type": "string", "pattern": "^[0-9a-f]{32}$"})
}

pub(super) fn method() -> Value {
    json!({"enum": ["GET", "POST", "PATCH", "PUT", "DELETE"]})
}

pub(super) fn outcome() -> Value {
    json!({"enum": OutcomeRecord::ALL})
}

pub(super) fn exit() -> Value {
    json!({"enum": [0, 1, 2, 3, 4, 5, 6, 7, 8, 130]})
}

pub(super) fn code() -> Value {
    json!({"type": "string", "pattern": "^E[0-9]{4}$"})
}
