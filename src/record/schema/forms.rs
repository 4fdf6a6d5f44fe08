//! The schemas of plans, reports and events.

use serde_json::{Value, json};

use super::parts::{
    Member, counts, definitions, document, exit, hash, list, method, number, object, or_null, outcome, problem,
    reference, text,
};
use super::plan as of_plan;
use crate::record::OutcomeRecord;
use crate::record::seal::{PLAN, PLAN_VERSION, REPORT, VERSION};

/// The schema of `plan --format json` and of what `plan --out FILE` saves.
#[must_use]
pub fn plan() -> Value {
    let members = [
        ("id", "A hash over the sorted hashes of the steps.", hash()),
        ("api", "The API's origin.", text()),
        ("summary", "The changes of the plan in numbers.", reference("counts")),
        ("projects", "The projects, by the name of their document.", list(&reference("project"))),
        ("steps", "The writing requests, in order.", list(&reference("step"))),
        ("ignored", "Differences that rules of `ignore` leave alone.", list(&reference("ignored"))),
        ("base", "The revision that the plan was held against, with `--base`.", or_null(&reference("base"))),
        ("shard", "The part of the fleet that it is about, with `--shard`: `3/8`.", or_null(&text())),
    ];
    document("Supaform plan", (PLAN, PLAN_VERSION), &members, of_plan::definitions())
}

/// The schema of `apply --format json`.
#[must_use]
pub fn report() -> Value {
    let members = [
        ("plan", "The id of the plan that was carried out.", hash()),
        ("api", "The API's origin.", text()),
        ("exit", "How the run ended: the process's exit code.", exit()),
        ("projects", "The projects that had something to do or could not be planned.", list(&reference("project"))),
        ("shard", "The part of the fleet that it is about, with `--shard`: `3/8`.", or_null(&text())),
        ("requests", "The merged requests whose changes it is about, with `--approved-by`.", list(&number())),
    ];
    let project = object(&[
        ("project", "The name of the document.", text()),
        ("exit", "How the project ended, as an exit code.", exit()),
        ("steps", "The outcome of each step, in order.", list(&reference("step"))),
        ("created", "The ref of the project, where the run created it.", or_null(&text())),
        ("problem", "Why the project as a whole stopped early.", or_null(&reference("problem"))),
    ]);
    let times = object(&[
        ("began_ms", "When it began.", number()),
        ("ended_ms", "When it was read back, or ended otherwise.", number()),
    ]);
    let step = object(&[
        ("id", "The step's id within the plan.", text()),
        ("address", "What it is about: an item, or a section.", reference("address")),
        ("method", "The request's method.", method()),
        ("path", "The request's path.", text()),
        ("outcome", "How it ended.", outcome()),
        ("problem", "The problem.", or_null(&reference("problem"))),
        ("notes", "Notes.", list(&text())),
        (
            "times",
            "When it was under way, in milliseconds since the apply began; null where it was not begun.",
            or_null(&times),
        ),
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
        ("hash", "The hash of the step.", hash()),
        ("address", "What it is about: an item, or a section.", reference("address")),
        ("method", "The request's method.", method()),
        ("path", "The request's path.", text()),
    ];
    let of_step = |name: &str, more: &[Member]| event_of(name, &[&step, more].concat());
    let first = [
        ("format", "Always `supaform.events`.", json!({"const": "supaform.events"})),
        ("version", "The version of the format.", json!({"const": VERSION})),
    ];
    let counted: Vec<Member> =
        OutcomeRecord::ALL.map(|outcome| (outcome.word(), "How many steps had this outcome.", number())).to_vec();
    let whole =
        object(&[("address", "The subject.", reference("address")), ("problem", "The problem.", reference("problem"))]);
    let events = [
        event_of(
            "begun",
            &[
                &first[..],
                &[
                    ("plan", "The id of the plan that is carried out.", hash()),
                    ("api", "The API's origin.", text()),
                    ("summary", "The changes of the plan in numbers.", reference("counts")),
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
            &[("outcome", "How it ended.", outcome()), ("problem", "The problem.", or_null(&reference("problem")))],
        ),
        event_of(
            "finished",
            &[
                ("exit", "How the run ended: the process's exit code.", exit()),
                ("steps", "The number of steps by outcome.", object(&counted)),
                ("problems", "Why projects as a whole stopped early.", list(&whole)),
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

fn event_of(name: &str, members: &[Member]) -> Value {
    object(&[&[("event", "What happens.", json!({"const": name}))], members].concat())
}
