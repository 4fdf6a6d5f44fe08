//! The field table as JSON Schema (draft-07) for editors: completion, hover texts, and errors while typing.
//!
//! The tool's own checks decide. A schema cannot tell `key:` from `key: null`, nor merge profiles; it accepts documents
//! that become valid by merging.

mod definitions;
mod field;

use serde_json::{Map, Value, json};

use super::{Impact, KindInfo, Shape};
use definitions::common_definitions;
use field::{definition, members_of};

const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// The schema of a manifest file: a project, several, or a profile.
#[must_use]
pub fn manifest(kinds: impl IntoIterator<Item = &'static KindInfo>) -> Value {
    let kinds: Vec<_> = kinds.into_iter().collect();
    let mut definitions = common_definitions();
    definitions.extend(kinds.iter().map(|info| (format!("section_{}", info.name), section(info))));
    definitions.insert("manage".to_owned(), manage(&kinds));
    definitions.insert("ignored".to_owned(), ignored());
    definitions.insert("allowed".to_owned(), allowed());
    let sections = |envelope: Map<String, Value>| {
        let mut members = envelope;
        members.extend(kinds.iter().map(|info| {
            (
                info.name.to_owned(),
                json!({"title": info.name, "description": info.doc, "allOf": [definition(&format!("section_{}", info.name))]}),
            )
        }));
        members
    };
    definitions.insert("preview".to_owned(), object(sections(preview_envelope())));
    let project = sections(project_envelope());
    let profile = sections(profile_envelope());
    definitions.insert("project".to_owned(), object(project.clone()));
    definitions.insert("common".to_owned(), object(sections(common_envelope())));

    // One flat list of members, so that editors complete them; `oneOf` says which go together.
    let mut members = project;
    members.extend(profile);
    members.extend(members_of(&[
        ("project", "The name of the project that this document describes.", definition("name")),
        ("projects", "Several projects by their names, in one file.", json!({"type": "object", "propertyNames": definition("name"), "additionalProperties": definition("project")})),
        ("common", "Values under each project of this file.", definition("common")),
        ("profile", "The name of the profile that this document describes: values that projects share by `extends`.", definition("name")),
        ("version", "The version of the manifest language; in `supaform.yaml` only.", json!({"const": 1})),
        ("manifests", "Where the manifests are, below the folder of `supaform.yaml`.", list_of(&json!({"type": "string"}))),
        ("ignore", "Known differences that are left alone until a day; in `supaform.yaml` only.", list_of(&definition("ignored"))),
        ("allow", "Changes that need not be allowed each time, as the base revision has them; in `supaform.yaml` only.", list_of(&definition("allowed"))),
    ]));
    json!({
        "$schema": DRAFT,
        "title": "Supaform manifest",
        "type": "object",
        "properties": members,
        "additionalProperties": false,
        "anyOf": [
            {"required": ["version"], "not": {"required": ["profile"]}},
            {"required": ["project"], "not": {"anyOf": any_required(&["projects", "common", "profile", "requires"])}},
            {"required": ["projects"], "propertyNames": {"enum": ["projects", "common", "version", "manifests", "ignore", "allow"]}},
            {"required": ["profile"], "not": {"anyOf": any_required(&["projects", "common", "project", "ref", "name", "branch_of", "create"])}},
        ],
        "definitions": definitions,
    })
}

/// The schema of the section of one kind.
#[must_use]
pub fn kind_schema(info: &KindInfo) -> Value {
    let mut schema = Map::from_iter([("$schema".to_owned(), json!(DRAFT)), ("title".to_owned(), json!(info.name))]);
    if let Value::Object(section) = section(info) {
        schema.extend(section);
    }
    let mut definitions = common_definitions();
    if info.patterns {
        // The other kinds are not part of this schema.
        definitions.insert("preview".to_owned(), json!({"type": "object"}));
    }
    schema.insert("definitions".to_owned(), definitions.into());
    schema.into()
}

fn section(info: &KindInfo) -> Value {
    let rows = || info.all_fields().map(|row| (row.name.to_owned(), field::schema(info, row)));
    let extra = members_of(&[
        (
            "extra",
            "Fields that Supaform does not know yet, sent as they are and compared as JSON.",
            json!({"type": "object"}),
        ),
        (
            "extra_secrets",
            "Secret fields that Supaform does not know yet, as references.",
            json!({"type": "object", "additionalProperties": definition("secret")}),
        ),
    ]);
    let (mut schema, what) = match info.shape {
        Shape::Settings { .. } => (object(rows().chain(extra).collect()), "fields"),
        Shape::Collection { scalar, .. } => {
            let mut whole = object(rows().chain(extra).collect());
            if let Some(name) = scalar {
                whole["required"] = json!([name]);
            }
            let item = match scalar.and_then(|name| info.field(name)) {
                Some(row) => field::scalar_item(info, row, whole),
                None => json!({"description": info.doc, "anyOf": [whole, definition("unmanaged"), {"type": "null"}]}),
            };
            let mut items = json!({"type": "object", "additionalProperties": item});
            if info.patterns {
                items["patternProperties"] = json!({"[*?]": definition("preview")});
            }
            (items, "items")
        }
    };
    schema["title"] = format!("{what} of {}", info.name).into();
    schema["description"] = info.doc.into();
    schema
}

/// `manage:`: leave a section alone, prune a collection, reset the rest, restart later.
fn manage(kinds: &[&'static KindInfo]) -> Value {
    let members = kinds.iter().map(|info| {
        let mut policy = Map::new();
        if matches!(info.shape, Shape::Collection { .. }) {
            policy.extend(members_of(&[(
                "prune",
                "Delete live items that no manifest has.",
                json!({"type": "boolean"}),
            )]));
        }
        if info.has_untouched() {
            policy.extend(members_of(&[(
                "rest",
                "`default`: fields that are not written are reset to the values of an untouched project.",
                json!({"enum": ["default", "unmanaged"]}),
            )]));
        }
        if info.can_wait() {
            policy.extend(members_of(&[(
                "restart",
                "`later`: store changes that need a restart, without restarting.",
                json!({"enum": ["later", "now"]}),
            )]));
        }
        let way = json!({"anyOf": [{"type": "boolean"}, object(policy)]});
        (info.name, "How far the section is managed; `false` leaves it alone.", way)
    });
    object(members_of(&members.collect::<Vec<_>>()))
}

/// A rule of `ignore:`.
fn ignored() -> Value {
    let mut rule = object(members_of(&[
        (
            "path",
            "What is left alone: PROJECT/SECTION, and FIELD, ITEM or ITEM/FIELD below it; `*` and `?` are wildcards within a part.",
            json!({"type": "string", "pattern": "^[^/]+(/[^/]+){1,3}$"}),
        ),
        ("reason", "Why.", definition("named")),
        ("owner", "Who is responsible for it.", definition("named")),
        (
            "until",
            "The last day on which it holds, such as `2027-01-31`.",
            json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
        ),
    ]));
    rule["required"] = json!(["path", "reason", "owner", "until"]);
    rule
}

/// A rule of `allow:`.
fn allowed() -> Value {
    let some = |of: Value| json!({"anyOf": [of, {"type": "array", "items": of, "minItems": 1}]});
    let classes = json!({"enum": Impact::ALL.map(Impact::word)});
    let mut rule = object(members_of(&[
        ("classes", "The classes of harm.", some(classes)),
        (
            "select",
            "The projects and sections: `LABEL=VALUE`, `PROJECT` or `PROJECT/SECTION`; a comma means `and`, `!` means `not`.",
            some(json!({"type": "string", "minLength": 1})),
        ),
        ("reason", "Why.", definition("named")),
    ]));
    rule["required"] = json!(["classes", "select", "reason"]);
    rule
}

/// Keys of a project alone.
fn project_envelope() -> Map<String, Value> {
    let mut members = shared_envelope();
    members.extend(members_of(&[
        (
            "ref",
            "The project's ref: 20 lower-case letters. Without it the project is found by organization and name.",
            json!({"type": "string", "pattern": "^[a-z]{20}$"}),
        ),
        ("name", "The project's name at Supabase, where it is not the document's.", definition("named")),
        ("branch_of", "The branch that this document describes, instead of a project of its own.", branch_of()),
    ]));
    members.extend(common_envelope());
    members
}

fn branch_of() -> Value {
    let mut of = object(members_of(&[
        ("project", "The document of the project.", definition("name")),
        ("branch", "The name of the branch.", definition("named")),
    ]));
    of["required"] = json!(["project", "branch"]);
    of
}

/// Keys of `common:`.
fn common_envelope() -> Map<String, Value> {
    let mut members = shared_envelope();
    let create = json!({"type": "boolean"});
    members.extend(members_of(&[("create", "Create the project where it does not exist.", create)]));
    members
}

/// Keys of a profile.
fn profile_envelope() -> Map<String, Value> {
    let mut members = shared_envelope();
    let names = list_of(&definition("name"));
    members.extend(members_of(&[("requires", "Variables that a project must define.", names)]));
    members
}

/// Keys of a pattern of branches.
fn preview_envelope() -> Map<String, Value> {
    let of_projects = ["organization", "region", "database_password"];
    shared_envelope().into_iter().filter(|(name, _)| !of_projects.contains(&name.as_str())).collect()
}

fn shared_envelope() -> Map<String, Value> {
    members_of(&[
        ("extends", "Profiles whose values are inherited, the strongest last.", list_of(&definition("name"))),
        (
            "vars",
            "Values for `${var.NAME}`.",
            json!({"type": "object", "propertyNames": definition("name"), "additionalProperties": definition("value")}),
        ),
        (
            "labels",
            "Names and values to select projects by, and for `${label.NAME}`.",
            json!({
                "type": "object",
                "propertyNames": definition("name"),
                "additionalProperties": {"allOf": [definition("named"), {"not": {"pattern": r"\$\{"}}]},
            }),
        ),
        ("organization", "The slug of the organization.", json!({"type": "string", "pattern": "^[A-Za-z0-9_-]+$"})),
        ("region", "Where the project runs, such as `eu-central-1`.", definition("named")),
        (
            "database_password",
            "The password of the database, needed only when the project is created.",
            definition("secret"),
        ),
        ("protected", "Refuse changes that delete, clear secrets or lock out.", json!({"type": "boolean"})),
        ("manage", "How far each section is managed.", definition("manage")),
    ])
}

fn object(members: Map<String, Value>) -> Value {
    let mut schema = Map::from_iter([("type".to_owned(), json!("object"))]);
    schema.insert("properties".to_owned(), members.into());
    schema.insert("additionalProperties".to_owned(), false.into());
    schema.into()
}

fn list_of(item: &Value) -> Value {
    json!({"type": "array", "items": item})
}

fn any_required(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| json!({"required": [name]})).collect()
}
