//! The Data API: PostgREST over the database.

use serde_json::Value;

use crate::diag::codes::value as codes;
use crate::kind::prelude::*;
use crate::kind::{default_calls, default_observe};

/// `data_api`: switched off by an empty list of schemas, which manifests write as `enabled: false`.
pub struct DataApi;

/// The schema that the dashboard exposes when it switches the Data API on again.
const FIRST_SCHEMA: &str = "public";

/// Why the settings of the pool harm nobody.
const POOL: &str = "it is how many connections are kept, not who may ask";

/// Schemas that are the platform's, or that hold what extensions keep.
const PLATFORM: [&str; 14] = [
    "auth",
    "storage",
    "vault",
    "pgsodium",
    "extensions",
    "net",
    "cron",
    "realtime",
    "supabase_functions",
    "supabase_migrations",
    "pgbouncer",
    "graphql",
    "information_schema",
    "pg_catalog",
];

fn schemas(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

static INTERNAL: Case = Case {
    when: "when a schema of the platform is added",
    holds: |before, after| {
        let had = schemas(before);
        schemas(after).iter().any(|schema| !had.contains(schema) && PLATFORM.contains(schema))
    },
};

/// What is looked up is found elsewhere: all but the removal of schemas.
static SEARCHED: Case = Case {
    when: "when a schema is added or moved",
    holds: |before, after| {
        let (had, has) = (schemas(before), schemas(after));
        let kept: Vec<&str> = had.into_iter().filter(|schema| has.contains(schema)).collect();
        kept != has
    },
};

static INFO: KindInfo = KindInfo {
    name: "data_api",
    doc: "The Data API (PostgREST): which schemas it exposes, and its limits; every write reloads it.",
    shape: Shape::Settings { path: "/v1/projects/{ref}/postgrest", write: Writes::Patch, seen_at: None, sent_at: None },
    fields: &[&[
        flag("enabled")
            .stands_for("db_schema")
            .default(Lit::Bool(true))
            .risks(&[
                Risk { when: When::Off, impact: Impact::Access, why: "the Data API answers no request any more" },
                Risk { when: When::On, impact: Impact::Security, why: "opens the Data API" },
            ])
            .takes_along(&[
                Along {
                    when: When::Off,
                    fields: &["db_schema"],
                    from: None,
                    becomes: Some(Lit::Text("")),
                    sure: true,
                    why: "",
                },
                Along {
                    when: When::On,
                    fields: &["db_schema"],
                    from: None,
                    becomes: Some(Lit::Text(FIRST_SCHEMA)),
                    sure: true,
                    why: "",
                },
            ])
            .doc("Whether there is a Data API at all; switched on again without `db_schema`, it exposes the schema `public`."),
        list("db_schema", &Type::Text(TextRule { form: None, max_chars: None, long: false }), ListAs::Sequence)
            .wire(Wire::Joined(","))
            .default(Lit::Text("public,graphql_public"))
            .example("[api, public]")
            .risks(&[
                Risk { when: When::Grows, impact: Impact::Security, why: "the Data API exposes more schemas" },
                Risk {
                    when: When::Where(&INTERNAL),
                    impact: Impact::Security,
                    why: "exposes a schema of the platform, which holds accounts, secrets or files",
                },
            ])
            .doc("The schemas that the Data API exposes; the first is the one that requests mean by default."),
        list("db_extra_search_path", &Type::Text(TextRule { form: None, max_chars: None, long: false }), ListAs::Sequence)
            .wire(Wire::Joined(","))
            .default(Lit::Text("public, extensions"))
            .example("[public, extensions, util]")
            .risks(&[Risk {
                when: When::Where(&SEARCHED),
                impact: Impact::Security,
                why: "other functions and types can take the place of those that requests mean",
            }])
            .doc("Schemas in which requests find functions and types without naming them."),
        int("max_rows", 0, 1_000_000)
            .default(Lit::Int(1000))
            .risks(&[Risk { when: When::Higher, impact: Impact::Security, why: "one request can read more rows" }])
            .doc("How many rows one answer may have."),
        int("db_pool", 0, 1000).harmless(POOL).doc("How many database connections it keeps; once set, it can be changed and not be taken back."),
        int("db_pool_acquisition_timeout", 0, 60).unit(Unit::Seconds).harmless(POOL).doc("How long a request waits for a database connection."),
        int("db_pool_max_lifetime", 0, 3600).unit(Unit::Seconds).harmless(POOL).doc("How long a database connection is used at most."),
        int("db_pool_max_idletime", 0, 60).unit(Unit::Seconds).harmless(POOL).doc("How long an idle database connection is kept."),
    ]],
    headings: &[],
    own_members: &[],
    after: &["postgres"],
    example: "data_api:\n  db_schema: [public, graphql_public]\n  max_rows: 500",
};

impl Kind for DataApi {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    /// Not `rest`: it is unhealthy for good while the Data API is off, as it may be where a paused project comes up again.
    fn services(&self) -> &'static [&'static str] {
        &["db"]
    }

    /// `enabled` is ours; and the answer's key material is dropped at once.
    fn observe(&self, answers: &[Answer]) -> Result<LiveKind, Surprise> {
        let mut live = default_observe(&INFO, answers)?;
        if let LiveKind::Settings(document) = &mut live {
            document.remove("jwt_secret");
            let enabled =
                document.get("db_schema").and_then(Value::as_str).is_some_and(|schemas| !schemas.trim().is_empty());
            document.insert("enabled".to_owned(), enabled.into());
        }
        Ok(live)
    }

    fn check(&self, section: &Section, out: &mut Diagnostics) {
        let SectionBody::Settings(settings) = &section.body else { return };
        let Some(schemas) = settings.fields.get("db_schema") else { return };
        if schemas.value == Datum::Value(Value::Array(vec![])) {
            let finding = Diagnostic::error(codes::NO_SCHEMAS, schemas.origin.span, "`db_schema` has no schema");
            out.push(finding.hint("To switch the Data API off, write `enabled: false`."));
        }
        if let Some(enabled) = settings.fields.get("enabled").filter(|it| it.value == Datum::Value(false.into())) {
            let finding = Diagnostic::error(
                codes::NO_SCHEMAS,
                schemas.origin.span,
                "`db_schema` is set and the Data API is switched off",
            );
            out.push(finding.label(enabled.origin.span, "switched off here").hint("Take one of the two out."));
        }
    }

    fn calls(&self, job: &Job<'_>) -> Vec<Draft> {
        let mut drafts = default_calls(&INFO, job);
        for draft in &mut drafts {
            let Body::Json(body) = &mut draft.call.body else { continue };
            let Some(members) = body.value.as_object_mut() else { continue };
            match members.shift_remove("enabled") {
                Some(Value::Bool(false)) => members.insert("db_schema".to_owned(), "".into()),
                Some(_) if !members.contains_key("db_schema") => {
                    members.insert("db_schema".to_owned(), FIRST_SCHEMA.into())
                }
                _ => None,
            };
        }
        drafts
    }
}
