//! The JSON forms as JSON Schema (draft-07). They describe this version exactly; later ones may add members.

mod diagnostics;
mod plan;

pub use diagnostics::diagnostics;
use serde_json::{Map, Value, json};

use super::{OutcomeRecord, PLAN, PLAN_VERSION, REPORT, VERSION};

/// The schema of `plan --format json` and of what `plan --out FILE` saves.
#[must_use]
pub fn plan() -> Value {
    let members = [
        ("id", "A hash over the sorted hashes of the steps.", hash()),
        ("api", "The API's origin.", text()),
        ("summary", "What the plan does, in numbers.", reference("counts")),
        ("projects", "The projects, by the name of their document.", list(&reference("project"))),
        ("steps", "The writing requests, in order.", list(&reference("step"))),
        ("ignored", "Differences that rules of `ignore` leave alone.", list(&reference("ignored"))),
        (
            "unadopted",
            "Live projects that no document adopts; only `drift` looks for them.",
            list(&reference("unadopted")),
        ),
        ("base", "The revision that the plan was held against, with `--base`.", or_null(&reference("base"))),
    ];
    document("Supaform plan", (PLAN, PLAN_VERSION), &members, plan::definitions())
}

/// The schema of `apply --format json`.
#[must_use]
pub fn report() -> Value {
    let members = [
        ("plan", "The id of the plan that was carried out.", hash()),
        ("api", "The API's origin.", text()),
        ("exit", "How the run ended: the process's exit code.", exit()),
        ("projects", "The projects that had something to do or could not be planned.", list(&reference("project"))),
    ];
    let project = object(&[
        ("project", "The name of the document.", text()),
        ("exit", "How the project ended, as an exit code.", exit()),
        ("steps", "What became of each step, in order.", list(&reference("step"))),
        ("created", "The ref of the project, where the run created it.", or_null(&text())),
        ("problem", "Why the project as a whole went no further.", or_null(&reference("problem"))),
    ]);
    let step = object(&[
        ("id", "The step's id within the plan.", text()),
        ("address", "The section that it writes.", reference("address")),
        ("method", "The request's method.", method()),
        ("path", "The request's path.", text()),
        ("outcome", "How it ended.", outcome()),
        ("problem", "What went wrong.", or_null(&reference("problem"))),
        ("notes", "What is worth knowing.", list(&text())),
    ]);
    document(
        "Supaform report",
        (REPORT, VERSION),
        &members,
        [("project", project), ("step", step), ("problem", problem())],
    )
}

/// The schema of each line of `apply --format ndjson`.
#[must_use]
pub fn event() -> Value {
    let step = [
        ("project", "The name of the document.", text()),
        ("step", "The step's id within the plan.", text()),
        ("hash", "What the step does, as a hash.", hash()),
        ("address", "The section that it writes.", reference("address")),
        ("method", "The request's method.", method()),
        ("path", "The request's path.", text()),
    ];
    let of_step = |name: &str, more: &[Member]| event_of(name, &[&step, more].concat());
    let first = [
        ("format", "Always `supaform.events`.", json!({"const": "supaform.events"})),
        ("version", "The version of the format.", json!({"const": VERSION})),
    ];
    let counted: Vec<Member> =
        OutcomeRecord::ALL.map(|outcome| (outcome.word(), "How many steps ended so.", number())).to_vec();
    let whole = object(&[
        ("address", "What it is about.", reference("address")),
        ("problem", "What went wrong.", reference("problem")),
    ]);
    let events = [
        event_of(
            "begun",
            &[
                &first[..],
                &[
                    ("plan", "The id of the plan that is carried out.", hash()),
                    ("api", "The API's origin.", text()),
                    ("summary", "What the plan does, in numbers.", reference("counts")),
                ],
            ]
            .concat(),
        ),
        of_step("started", &[]),
        of_step("waiting", &[("for", "What the step waits for.", text())]),
        event_of(
            "waiting",
            &[("project", "The name of the document.", text()), ("for", "What the project waits for.", text())],
        ),
        of_step(
            "ended",
            &[("outcome", "How it ended.", outcome()), ("problem", "What went wrong.", or_null(&reference("problem")))],
        ),
        event_of(
            "finished",
            &[
                ("exit", "How the run ended: the process's exit code.", exit()),
                ("steps", "How many steps ended how.", object(&counted)),
                ("problems", "Why projects as a whole went no further.", list(&whole)),
            ],
        ),
        event_of(
            "failed",
            &[
                &first[..],
                &[
                    ("exit", "How the run ended: the process's exit code.", exit()),
                    ("diagnostics", "Why nothing was carried out.", list(&json!({"type": "object"}))),
                ],
            ]
            .concat(),
        ),
    ];
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Supaform event",
        "oneOf": events,
        "definitions": definitions([("counts", counts()), ("problem", problem())]),
    })
}

/// A member: its name, what it is, and its schema.
type Member = (&'static str, &'static str, Value);

fn event_of(name: &str, members: &[Member]) -> Value {
    object(&[&[("event", "What happens.", json!({"const": name}))], members].concat())
}

fn document(
    title: &str,
    (format, version): (&'static str, u32),
    members: &[Member],
    own: impl IntoIterator<Item = (&'static str, Value)>,
) -> Value {
    let head = [
        ("format", "What this is.", json!({"const": format})),
        (
            "version",
            "The version of the format; it grows when a member changes its meaning or goes.",
            json!({"const": version}),
        ),
    ];
    let seal = ("seal", "A hash over all but places: tells a file that was edited.", hash());
    let mut schema = object(&[&head[..], members, &[seal]].concat());
    schema["$schema"] = "http://json-schema.org/draft-07/schema#".into();
    schema["title"] = title.into();
    schema["definitions"] = definitions(own);
    schema
}

fn definitions(own: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
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

fn counts() -> Value {
    object(&[
        ("add", "Resources that are made.", number()),
        ("change", "Resources that change.", number()),
        ("fields", "Fields that change in them.", number()),
        ("remove", "Resources that are removed.", number()),
        ("calls", "Writing requests.", number()),
        ("blocked", "Projects that could not be planned.", number()),
    ])
}

fn problem() -> Value {
    object(&[
        ("code", "The code of the finding, for `supaform explain`.", code()),
        ("message", "What is wrong.", text()),
        ("hints", "What to do.", list(&text())),
        ("exit", "How a run ends because of it, as an exit code.", exit()),
        ("at", "Where it was written.", or_null(&reference("place"))),
    ])
}

fn object(members: &[Member]) -> Value {
    let properties = members.iter().map(|(name, description, schema)| {
        // A reference stands within `allOf`, because draft-07 ignores what stands beside it.
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

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/definitions/{name}")})
}

fn or_null(schema: &Value) -> Value {
    json!({"anyOf": [{"type": "null"}, schema]})
}

fn list(item: &Value) -> Value {
    json!({"type": "array", "items": item})
}

fn map(value: &Value) -> Value {
    json!({"type": "object", "additionalProperties": value})
}

fn text() -> Value {
    json!({"type": "string"})
}

fn flag() -> Value {
    json!({"type": "boolean"})
}

fn number() -> Value {
    json!({"type": "integer", "minimum": 0})
}

fn hash() -> Value {
    json!({"type": "string", "pattern": "^[0-9a-f]{32}$"})
}

fn method() -> Value {
    json!({"enum": ["GET", "POST", "PATCH", "PUT", "DELETE"]})
}

fn outcome() -> Value {
    json!({"enum": OutcomeRecord::ALL})
}

fn exit() -> Value {
    json!({"enum": [0, 1, 2, 3, 4, 5, 6, 7, 8, 130]})
}

fn code() -> Value {
    json!({"type": "string", "pattern": "^E[0-9]{4}$"})
}
