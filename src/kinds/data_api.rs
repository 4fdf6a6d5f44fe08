//! The Data API: PostgREST over the database.

use serde_json::Value;

use crate::diag::codes::value as codes;
use crate::kind::prelude::*;

/// `data_api`: switched off by an empty list of schemas, which manifests write as `enabled: false`.
pub struct DataApi;

/// The schema that the dashboard exposes when it switches the Data API on again.
const FIRST_SCHEMA: &str = "public";

/// Why the settings of the pool are harmless.
const POOL: &str = "it is how many connections are kept, not who may use them";

/// Schemas of the platform, or of extensions.
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

/// Names may be resolved differently: for every change but the removal of schemas.
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
            .api_name("db_schema")
            .wire(Wire::Switch { list: "db_schema", first: FIRST_SCHEMA })
            .default(Literal::Bool(true))
            .risks(&[
                Risk { when: When::Off, impact: Impact::Access, why: "the Data API no longer answers requests" },
                Risk { when: When::On, impact: Impact::Security, why: "opens the Data API" },
            ])
            .takes_along(&[
                Along {
                    when: When::Off,
                    fields: &["db_schema"],
                    from: None,
                    becomes: Some(Literal::Text("")),
                    sure: true,
                    why: "",
                },
                Along {
                    when: When::On,
                    fields: &["db_schema"],
                    from: None,
                    becomes: Some(Literal::Text(FIRST_SCHEMA)),
                    sure: true,
                    why: "",
                },
            ])
            .doc("Whether the Data API is on; switched on again without `db_schema`, it exposes the schema `public`."),
        list("db_schema", &Type::Text(TextRule { form: None, max_chars: None, long: false }), ListAs::Sequence)
            .wire(Wire::Joined(","))
            .default(Literal::Text("public,graphql_public"))
            .example("[api, public]")
            .risks(&[
                Risk { when: When::Grows, impact: Impact::Security, why: "the Data API exposes more schemas" },
                Risk {
                    when: When::Where(&INTERNAL),
                    impact: Impact::Security,
                    why: "exposes a schema of the platform with accounts, secrets or files",
                },
            ])
            .doc("The schemas that the Data API exposes; the first is the default of requests."),
        list(
            "db_extra_search_path",
            &Type::Text(TextRule { form: None, max_chars: None, long: false }),
            ListAs::Sequence,
        )
        .wire(Wire::Joined(","))
        .default(Literal::Text("public, extensions"))
        .example("[public, extensions, util]")
        .risks(&[Risk {
            when: When::Where(&SEARCHED),
            impact: Impact::Security,
            why: "other functions and types can replace those that requests call",
        }])
        .doc("Schemas whose functions and types requests find without naming the schema."),
        int("max_rows", 0, 1_000_000)
            .default(Literal::Int(1000))
            .risks(&[Risk { when: When::Higher, impact: Impact::Security, why: "one request can read more rows" }])
            .doc("How many rows one answer may have."),
        int("db_pool", 0, 1000)
            .harmless(POOL)
            .doc("How many database connections the Data API keeps; once set, the value can be changed but not reset."),
        int("db_pool_acquisition_timeout", 0, 60)
            .unit(Unit::Seconds)
            .harmless(POOL)
            .doc("How long a request waits for a database connection."),
        int("db_pool_max_lifetime", 0, 3600)
            .unit(Unit::Seconds)
            .harmless(POOL)
            .doc("How long a database connection is used at most."),
        int("db_pool_max_idletime", 0, 60)
            .unit(Unit::Seconds)
            .harmless(POOL)
            .doc("How long an idle database connection is kept."),
    ]],
    after: &["postgres", "migrations"],
    example: "data_api:\n  db_schema: [public, graphql_public]\n  max_rows: 500",
    services: &["db"],
    dropped: &["jwt_secret"],
    aggregate: Some(Aggregate {
        at: "/api",
        as_own: Aggregate::as_it_is,
        effective: &["db_pool_acquisition_timeout", "db_pool_max_lifetime", "db_pool_max_idletime"],
    }),
    ..KindInfo::PLAIN
};

impl Kind for DataApi {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    fn check(&self, section: &Section, out: &mut Diagnostics) {
        let SectionBody::Settings(settings) = &section.body else { return };
        let Some(schemas) = settings.fields.get("db_schema") else { return };
        if schemas.value == DesiredValue::Value(Value::Array(vec![])) {
            let finding = Diagnostic::error(codes::NO_SCHEMAS, schemas.origin.span, "`db_schema` has no schema");
            out.push(finding.hint("To switch the Data API off, write `enabled: false`."));
        }
        if let Some(enabled) = settings.fields.get("enabled").filter(|it| it.value == DesiredValue::Value(false.into()))
        {
            let finding = Diagnostic::error(
                codes::NO_SCHEMAS,
                schemas.origin.span,
                "`db_schema` is set, but the Data API is switched off",
            );
            out.push(finding.label(enabled.origin.span, "switched off here").hint("Remove one of the two."));
        }
    }
}
