//! The parts of a plan.

use serde_json::{Value, json};

use super::parts::{
    Member, code, counts, flag, hash, list, map, method, number, object, or_null, problem, reference, text,
};

/// The definitions of a plan's parts.
pub(super) fn definitions() -> Vec<(&'static str, Value)> {
    let of_code = || ("code", "The code of the finding, for `supaform explain`.", code());
    let hints = || ("hints", "What to do.", list(&text()));
    let names = || list(&text());
    let why = || {
        let words = json!({"enum": ["intended", "drift", "both", "unapplied", null]});
        (
            "why",
            "With `--base`: whether the branch changes it, live has changed, or both; or it was merged and is not applied yet.",
            words,
        )
    };
    vec![
        ("counts", counts()),
        (
            "project",
            with_awaited(
                &[
                    whose(),
                    vec![
                        ("sections", "The sections that are managed.", names()),
                        ("changes", "The changes, by address.", list(&reference("change"))),
                        ("notes", "Notes that are no differences.", list(&reference("note"))),
                        (
                            "not_compared",
                            "Secrets that live has, and whose values are not at hand.",
                            list(&not_compared()),
                        ),
                        ("refusals", "The refusals.", list(&reference("refusal"))),
                        ("blocked", "Why the project could not be planned.", or_null(&problem())),
                        ("unmanaged", "Live settings that are not managed.", unmanaged()),
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
                ("before", "The live value.", or_null(&reference("value"))),
                ("after", "The desired value.", or_null(&reference("value"))),
                ("certainty", "Whether the two were compared, or cannot be.", json!({"enum": ["known", "unknowable"]})),
                ("at_hand", "Whether the value of a desired secret is at hand; true where none is desired.", flag()),
                why(),
                ("risks", "The risks of the change.", list(&risk())),
                written_at(),
            ]),
        ),
        (
            "value",
            json!({
                "description": "A value; or a secret: all of its sources, or `true` for one that is live.",
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
                ("revision", "The revision as the command line names it.", text()),
                ("commit", "Its commit.", text()),
                (
                    "behind",
                    "How many of its commits the branch lacks; with any, the plan is of the merge of both.",
                    number(),
                ),
                ("merge", "The tree of that merge, as git knows it.", json!({"type": ["string", "null"]})),
                ("review", "Changes of what the plan allows and the base does not.", list(&reference("review"))),
                ("released", "Settings that the base manages and the plan does not.", list(&reference("released"))),
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
                ("place", "The place: `auth.jwt_exp`, `secrets.STRIPE_KEY`, or `project`.", text()),
                ("stays", "The live value, where it was read.", or_null(&reference("value"))),
            ]),
        ),
        (
            "note",
            object(&[("address", "The subject.", reference("address")), ("text", "The note.", text()), written_at()]),
        ),
        (
            "awaited",
            object(&[
                ("address", "The section or item.", reference("address")),
                ("text", "What is awaited.", text()),
                ("todo", "What to do; empty where only time has to pass.", list(&text())),
                written_at(),
            ]),
        ),
        (
            "refusal",
            object(&[
                of_code(),
                ("address", "The subject.", reference("address")),
                ("message", "The refused change, and the reason.", text()),
                hints(),
                ("allow", "The address for `--allow`, if that lifts the refusal.", json!({"type": ["string", "null"]})),
                (
                    "class",
                    "The class of harm, if a word of somebody lifts the refusal.",
                    or_null(&json!({"enum": IMPACTS})),
                ),
                written_at(),
            ]),
        ),
        ("request", request()),
        ("secret", secret()),
        (
            "step",
            object(&[
                ("id", "The step's id within the plan.", text()),
                ("hash", "The hash over its request, its wait and its changes; an approval is a set of these.", hash()),
                ("address", "The section that it writes.", reference("address")),
                ("settles", "The changes that it settles.", list(&reference("address"))),
                ("method", "The request's method.", method()),
                ("path", "The request's path and query.", text()),
                ("request", "The whole request.", reference("request")),
                ("wait", "The condition that is waited for afterwards.", or_null(&wait())),
                ("after", "The steps that must be done before.", names()),
                (
                    "flags",
                    "The risks of the step.",
                    list(&object(&[
                        impact(),
                        ("what", "The resource and field.", text()),
                        ("why", "The consequence.", text()),
                    ])),
                ),
                ("also_sends", "Fields that are sent along unchanged, because the API requires them.", names()),
            ]),
        ),
    ]
}

/// An object that also says what is awaited, if anything is.
pub(super) fn with_awaited(members: &[Member]) -> Value {
    let mut object = object(members);
    let mut awaited = list(&reference("awaited"));
    awaited["description"] = "What waits for somebody outside; left out where nothing does.".into();
    object["properties"]["awaited"] = awaited;
    object
}

/// A secret that was not compared.
pub(super) fn not_compared() -> Value {
    object(&[
        ("address", "The section or item with the secret.", reference("address")),
        ("field", "The field.", text()),
        ("secret", "The source of its value.", text()),
        written_at(),
    ])
}

/// Live settings that are not managed.
pub(super) fn unmanaged() -> Value {
    let touched = object(&[
        ("kind", "The section.", text()),
        ("name", "The field.", text()),
        ("live", "The live value.", or_null(&reference("value"))),
        ("untouched", "The value of an untouched project.", or_null(&reference("value"))),
    ]);
    object(&[
        ("fields", "How many fields.", number()),
        ("touched", "Fields with another value than on an untouched project.", list(&touched)),
        ("items", "The names of items, by kind.", map(&list(&text()))),
    ])
}

/// A rule of `ignore:`.
pub(super) fn ignore_rule() -> Value {
    object(&[
        ("path", "The address pattern, with `*` and `?`.", text()),
        ("reason", "Why.", text()),
        ("owner", "Who is responsible for it.", text()),
        ("until", "The last day on which it holds.", text()),
        written_at(),
    ])
}

/// A risk of a change.
pub(super) fn risk() -> Value {
    object(&[impact(), ("why", "The consequence.", text())])
}

pub(super) fn written_at() -> Member {
    ("at", "Where the subject is written.", or_null(&reference("place")))
}

fn impact() -> Member {
    ("impact", "The class of harm.", json!({"enum": IMPACTS}))
}

/// Members that identify the project of a plan or of drift.
pub(super) fn whose() -> Vec<Member> {
    vec![
        ("project", "The name of the document.", text()),
        ("ref", "The project's ref, where it exists.", json!({"type": ["string", "null"]})),
        ("name", "The project's name in the dashboard.", text()),
        ("organization", "The organization's slug, where known.", text()),
        ("region", "The region, where known.", text()),
        ("protected", "Whether the project is protected.", flag()),
        ("labels", "The labels.", map(&text())),
    ]
}

/// A request, with everything that identifies it.
fn request() -> Value {
    let param = one_of(&[
        ("known", "A value.", text()),
        ("ref_of", "The ref that the creation of this document's project returns.", text()),
    ]);
    let mut request = object(&[
        ("method", "The method.", method()),
        ("template", "The path's template.", text()),
        ("params", "The parameters of the template.", map(&param)),
        ("query", "The query: names and values, in order.", list(&list(&text()))),
        (
            "body",
            "The body without its secrets. With `over`, the values that are set over what is read; null where there is none.",
            json!({}),
        ),
        ("secrets", "The secrets of the body, by JSON pointer.", map(&reference("secret"))),
        (
            "over",
            "The document that the body is laid over, read just before the write.",
            or_null(&object(&[
                ("read", "How it is read.", reference("request")),
                ("at", "The part of the answer, as a JSON pointer.", text()),
                ("unset", "Keys that are left out.", list(&text())),
                ("only", "The parts of it that are sent along, as JSON pointers; null: all.", or_null(&list(&text()))),
            ])),
        ),
        (
            "repeat",
            "What may be done when the outcome is unknown: send it again, read first, or never.",
            json!({"enum": ["safe", "idempotent", "once_only"]}),
        ),
    ]);
    let later = "Left out where it is empty: texts of the body that need values from an earlier step, by JSON pointer, each \
                 in pieces.";
    let mut pieces = map(&list(&param));
    pieces["description"] = later.into();
    request["properties"]["later"] = pieces;
    let mut objects = map(&list(&text()));
    objects["description"] =
        "Left out where it is empty: the secrets that are sent as objects, by JSON pointer, each with the \
                              member that it must have and its value."
            .into();
    request["properties"]["objects"] = objects;
    request
}

/// A secret, by all of its sources.
fn secret() -> Value {
    let source = one_of(&[
        ("secret", "The document with the reference, and the name.", list(&text())),
        ("env", "A variable.", text()),
        ("file", "A file, relative to the root.", text()),
        ("exec", "A command, with every argument.", list(&text())),
        ("plain", "A plain value, which is not secret.", text()),
    ]);
    object(&[("parts", "The sources, in order.", list(&source)), ("between", "The separator between them.", text())])
}

fn wait() -> Value {
    let within = || ("deadline", "The longest wait, in seconds.", number());
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
        ("due", "Before it is sent: that nothing is awaited any more.", object(&[])),
        (
            "outside",
            "Until nothing is awaited from outside any more.",
            object(&[("patience", "After how many seconds it is left to the next run.", number())]),
        ),
        ("up", "Until a new project is up, and services are healthy.", object(&[services("services"), within()])),
        (
            "branch",
            "Until a branch of the project is up, and has its schema.",
            object(&[("name", "Its name.", text()), within()]),
        ),
        ("healthy", "Until services are healthy.", object(&[services("services"), within()])),
    ])
}

/// An object with exactly one of these members.
fn one_of(members: &[Member]) -> Value {
    json!({"oneOf": members.iter().map(|member| object(std::slice::from_ref(member))).collect::<Vec<_>>()})
}

const IMPACTS: [&str; 7] = ["destructive", "lock-out", "history", "restart", "security", "access", "billed"];
