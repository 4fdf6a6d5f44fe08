//! The parts of a plan.

use serde_json::{Value, json};

use super::parts::{
    Member, code, counts, flag, hash, list, map, method, number, object, or_null, problem, reference, text,
};

/// What a plan is made of.
pub(super) fn definitions() -> Vec<(&'static str, Value)> {
    let of_code = || ("code", "The code of the finding, for `supaform explain`.", code());
    let hints = || ("hints", "What to do.", list(&text()));
    let names = || list(&text());
    let why = || {
        let words = json!({"enum": ["intended", "drift", "both", "unapplied", null]});
        (
            "why",
            "With `--base`: whether the branch wants it, live has moved, or both; or it was merged and is not applied yet.",
            words,
        )
    };
    vec![
        ("counts", counts()),
        (
            "project",
            object(
                &[
                    whose(),
                    vec![
                        ("sections", "The sections that are managed.", names()),
                        ("changes", "What differs, by address.", list(&reference("change"))),
                        ("notes", "What is worth knowing and no difference.", list(&reference("note"))),
                        (
                            "not_compared",
                            "Secrets that live has, and whose values are not at hand.",
                            list(&not_compared()),
                        ),
                        ("refusals", "What forbids applying.", list(&reference("refusal"))),
                        ("blocked", "Why the project could not be planned.", or_null(&problem())),
                        ("unmanaged", "What is live and not managed.", unmanaged()),
                    ],
                ]
                .concat(),
            ),
        ),
        (
            "change",
            object(&[
                ("address", "The resource that differs.", reference("address")),
                ("action", "What happens to it.", json!({"enum": ["create", "update", "delete"]})),
                written_at(),
                why(),
                ("fields", "Its fields that differ.", list(&reference("field"))),
                ("patch", "The change as a JSON patch (RFC 6902), without secrets.", list(&json!({"type": "object"}))),
            ]),
        ),
        (
            "field",
            object(&[
                ("name", "The API's name of the field.", text()),
                ("before", "What is live.", or_null(&reference("value"))),
                ("after", "What is wanted.", or_null(&reference("value"))),
                ("certainty", "Whether the two were compared, or cannot be.", json!({"enum": ["known", "unknowable"]})),
                ("at_hand", "Whether the value of a wanted secret is at hand; true where none is wanted.", flag()),
                why(),
                ("risks", "What the change can do.", list(&risk())),
                written_at(),
            ]),
        ),
        (
            "value",
            json!({
                "description": "A value; or a secret: where all of it comes from, or `true` for one that is live.",
                "oneOf": [
                    {"type": "object", "properties": {"value": {}}, "required": ["value"], "additionalProperties": false},
                    {
                        "type": "object", "properties": {"secret": {"anyOf": [{"const": true}, reference("secret")]}},
                        "required": ["secret"], "additionalProperties": false,
                    },
                ],
            }),
        ),
        (
            "ignored",
            object(&[
                ("address", "The section or item that differs.", reference("address")),
                ("action", "What would happen to it.", json!({"enum": ["create", "update", "delete"]})),
                ("field", "The field that differs; null where a whole item does.", or_null(&reference("field"))),
                ("rule", "The rule.", ignore_rule()),
            ]),
        ),
        (
            "base",
            object(&[
                ("revision", "The revision, as it was named.", text()),
                ("commit", "Its commit.", text()),
                (
                    "behind",
                    "How many of its commits the branch lacks; with any, the plan is of the merge of both.",
                    number(),
                ),
                ("merge", "The tree of that merge, as git knows it.", json!({"type": ["string", "null"]})),
                ("review", "What the plan lets pass that it did not.", list(&reference("review"))),
                ("released", "What it manages and the plan does not.", list(&reference("released"))),
            ]),
        ),
        (
            "review",
            object(&[
                ("project", "The name of the document, unless it is about the workspace.", or_null(&text())),
                ("what", "What changes.", text()),
            ]),
        ),
        (
            "released",
            object(&[
                ("project", "The name of the document.", text()),
                ("place", "What: `auth.jwt_exp`, `secrets.STRIPE_KEY`, or `project`.", text()),
                ("stays", "What is live, where it was read.", or_null(&reference("value"))),
            ]),
        ),
        (
            "note",
            object(&[
                ("address", "What it is about.", reference("address")),
                ("text", "What is worth knowing.", text()),
                written_at(),
            ]),
        ),
        (
            "refusal",
            object(&[
                of_code(),
                ("address", "What it is about.", reference("address")),
                ("message", "What is refused, and why.", text()),
                hints(),
                ("allow", "The address that `--allow` takes, if that lifts it.", json!({"type": ["string", "null"]})),
                written_at(),
            ]),
        ),
        ("request", request()),
        ("secret", secret()),
        (
            "step",
            object(&[
                ("id", "The step's id within the plan.", text()),
                (
                    "hash",
                    "What it does, as a hash over the request, what is waited for and the changes: an approval is of a set of these.",
                    hash(),
                ),
                ("address", "The section that it writes.", reference("address")),
                ("settles", "The changes that it settles.", list(&reference("address"))),
                ("method", "The request's method.", method()),
                ("path", "The request's path and query.", text()),
                ("request", "The whole request.", reference("request")),
                ("wait", "What is waited for afterwards.", or_null(&wait())),
                ("after", "The steps that must be done before.", names()),
                (
                    "flags",
                    "What it can do.",
                    list(&object(&[
                        impact(),
                        ("what", "Which resource and field.", text()),
                        ("why", "What happens.", text()),
                    ])),
                ),
                ("also_sends", "Fields that are sent along unchanged, because the API wants them.", names()),
            ]),
        ),
    ]
}

/// A secret that was not compared.
pub(super) fn not_compared() -> Value {
    object(&[
        ("address", "The section or item that it is of.", reference("address")),
        ("field", "The field.", text()),
        ("secret", "Where its value would come from.", text()),
        written_at(),
    ])
}

/// What is live and not managed.
pub(super) fn unmanaged() -> Value {
    let touched = object(&[
        ("kind", "The section.", text()),
        ("name", "The field.", text()),
        ("live", "What is live.", or_null(&reference("value"))),
        ("untouched", "What an untouched project has.", or_null(&reference("value"))),
    ]);
    object(&[
        ("fields", "How many fields.", number()),
        ("touched", "Those that an untouched project has otherwise.", list(&touched)),
        ("items", "The names of items, by kind.", map(&list(&text()))),
    ])
}

/// A rule of `ignore:`.
pub(super) fn ignore_rule() -> Value {
    object(&[
        ("path", "What it is about, with `*` and `?`.", text()),
        ("reason", "Why.", text()),
        ("owner", "Who answers for it.", text()),
        ("until", "The last day on which it holds.", text()),
        written_at(),
    ])
}

/// What a change can do.
pub(super) fn risk() -> Value {
    object(&[impact(), ("why", "What happens.", text())])
}

pub(super) fn written_at() -> Member {
    ("at", "Where it was written.", or_null(&reference("place")))
}

fn impact() -> Member {
    ("impact", "What kind of harm.", json!({"enum": IMPACTS}))
}

/// Which project a plan or a report of drift is about.
pub(super) fn whose() -> Vec<Member> {
    vec![
        ("project", "The name of the document.", text()),
        ("ref", "The project's ref, where it exists.", json!({"type": ["string", "null"]})),
        ("name", "The project's name at Supabase.", text()),
        ("organization", "The organization's slug, where known.", text()),
        ("region", "The region, where known.", text()),
        ("protected", "Whether the project is protected.", flag()),
        ("labels", "The labels.", map(&text())),
    ]
}

/// A request, with all that makes it what it is.
fn request() -> Value {
    let param = one_of(&[
        ("known", "A value.", text()),
        ("ref_of", "The ref that the creation of this document's project brings.", text()),
    ]);
    let mut request = object(&[
        ("method", "The method.", method()),
        ("template", "The path's template.", text()),
        ("params", "What fills it.", map(&param)),
        ("query", "The query: names and values, in order.", list(&list(&text()))),
        (
            "body",
            "The body without its secrets. With `over`, what is set over what is read; null where there is none.",
            json!({}),
        ),
        ("secrets", "The secrets that go into it, by JSON pointer.", map(&reference("secret"))),
        (
            "over",
            "What the body is laid over, just before the write.",
            or_null(&object(&[
                ("read", "How it is read.", reference("request")),
                ("at", "The part of the answer, as a JSON pointer.", text()),
                ("unset", "Keys that are left out.", list(&text())),
                ("only", "What of it goes along, as JSON pointers; null: all.", or_null(&list(&text()))),
            ])),
        ),
        (
            "repeat",
            "What may be done when its fate is unknown: send it again, look first, or never.",
            json!({"enum": ["safe", "idempotent", "once_only"]}),
        ),
    ]);
    let later = "Left out where it is empty: texts that go into it once an earlier step has made what they need, by JSON pointer, each \
                 in pieces.";
    let mut pieces = map(&list(&param));
    pieces["description"] = later.into();
    request["properties"]["later"] = pieces;
    request
}

/// A secret, by where all of it comes from.
fn secret() -> Value {
    let source = one_of(&[
        ("secret", "The document that says it, and its name.", list(&text())),
        ("env", "A variable.", text()),
        ("file", "A file, relative to the root.", text()),
        ("exec", "A command, with every argument.", list(&text())),
        ("plain", "No secret.", text()),
    ]);
    object(&[("parts", "The sources, in order.", list(&source)), ("between", "What goes between them.", text())])
}

fn wait() -> Value {
    let within = || ("deadline", "Within so many seconds.", number());
    let services = |name| (name, "The services that must be healthy.", list(&text()));
    one_of(&[
        (
            "settled",
            "Until a read shows values, and services are healthy.",
            object(&[
                ("read", "The path that is read.", text()),
                ("until", "JSON pointers, and the values there.", list(&json!({"type": "array"}))),
                services("healthy"),
                within(),
            ]),
        ),
        ("up", "Until a new project is up, and services are healthy.", object(&[services("services"), within()])),
        ("healthy", "Until services are healthy.", object(&[services("services"), within()])),
    ])
}

/// An object with exactly one of these members.
fn one_of(members: &[Member]) -> Value {
    json!({"oneOf": members.iter().map(|member| object(std::slice::from_ref(member))).collect::<Vec<_>>()})
}

const IMPACTS: [&str; 6] = ["destructive", "lock-out", "restart", "access", "billed", "security"];
