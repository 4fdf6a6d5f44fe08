//! Database Webhooks: requests that triggers make. What makes them is a schema, whose presence alone shows that they are on.

use serde_json::{Map, Value, json};

use crate::diag::codes::plan;
use crate::kind::no_further_fields;
use crate::kind::prelude::*;
use crate::model::{Finding, ProjectRef};

/// `database_webhooks`: switched on by a request without a body, and never off; read by SQL.
pub struct DatabaseWebhooks;

const ENABLE: &str = "/v1/projects/{ref}/database/webhooks/enable";

/// The schema with the function that makes the requests.
const SEEN: &str = "select 1 from pg_namespace where nspname = 'supabase_functions'";

static INFO: KindInfo = KindInfo {
    name: "database_webhooks",
    doc: "Whether triggers of the database can make HTTP requests (Database Webhooks); the triggers themselves are SQL.",
    shape: Shape::Settings {
        path: Operation::READ_SQL.template,
        write: Writes::Enable(ENABLE),
        seen_at: None,
        sent_at: None,
    },
    fields: &[&[flag("enabled")
        .default(Literal::Bool(false))
        .harmless("it adds a schema that nothing uses until a trigger calls it")
        .doc("Switches Database Webhooks on, which adds the schema `supabase_functions`; the API cannot switch them off again.")]],
    example: "database_webhooks: {enabled: true}",
    services: &["db"],
    ..KindInfo::PLAIN
};

impl Kind for DatabaseWebhooks {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    fn operations(&self) -> Vec<Operation> {
        vec![Operation::READ_SQL, Operation { method: Method::Post, template: ENABLE }]
    }

    fn reads(&self, reference: &ProjectRef) -> Vec<ReadCall> {
        vec![ReadCall::sql(reference, SEEN)]
    }

    fn observe(&self, answers: &[Answer]) -> Result<LiveKind, UnexpectedShape> {
        let rows = answers.first().and_then(|answer| answer.body.as_array());
        let expected = || UnexpectedShape { pointer: String::new(), expected: "a list of rows".to_owned() };
        let rows = rows.ok_or_else(expected)?;
        Ok(LiveKind::Settings(Map::from_iter([("enabled".to_owned(), json!(!rows.is_empty()))])))
    }

    fn check(&self, section: &Section, out: &mut Diagnostics) {
        no_further_fields(&INFO, section, out);
    }

    fn validate(&self, context: &PlanContext<'_>, out: &mut Vec<Refusal>) {
        let is = |side: &Map<String, Value>, on: bool| side.get("enabled") == Some(&on.into());
        if is(context.live, true) && is(context.overlaid, false) {
            out.push(Refusal {
                at: Address::section(context.target.project, INFO.name),
                finding: Finding {
                    code: plan::ONE_WAY,
                    message: "the API cannot switch Database Webhooks off".to_owned(),
                    hints: vec![
                        "Remove the section, or write `enabled: true`; drop the triggers that make requests."
                            .to_owned(),
                    ],
                    origin: Some(context.section.origin.clone()),
                },
                allow: None,
            });
        }
    }
}
