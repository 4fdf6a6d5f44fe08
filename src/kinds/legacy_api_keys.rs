//! The switch of the API keys that publishable and secret keys replace.

use crate::model::Finding;
use serde_json::{Value, json};

use crate::diag::codes::plan;
use crate::kind::prelude::*;
use crate::kind::{default_observe, no_further_fields};

/// `legacy_api_keys`: one switch for both keys, which the API is going to remove.
pub struct LegacyApiKeys;

const PATH: &str = "/v1/projects/{ref}/api-keys/legacy";

/// Set in the live state where the API no longer has the switch.
const GONE: &str = "gone";

static INFO: KindInfo = KindInfo {
    name: "legacy_api_keys",
    doc: "Whether the project accepts the legacy `anon` and `service_role` keys, which are tokens that never change.",
    shape: Shape::Settings { path: PATH, write: Writes::PutQuery, seen_at: None, sent_at: None },
    fields: &[&[flag("enabled")
        .default(Literal::Bool(true))
        .doc("Whether both legacy keys are accepted; a change takes up to a minute to have an effect.")
        .risks(&[
            Risk {
                when: When::Off,
                impact: Impact::LockOut,
                why: "locks out every client that still uses the legacy `anon` or `service_role` key",
            },
            Risk {
                when: When::On,
                impact: Impact::Security,
                why: "gives access to whoever still holds the legacy `anon` or `service_role` key",
            },
        ])]],
    // The keys that replace the legacy ones must exist before those are switched off.
    after: &["api_keys", "secrets"],
    example: "legacy_api_keys: {enabled: false}",
    may_be_missing: true,
    ..KindInfo::PLAIN
};

impl Kind for LegacyApiKeys {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    /// A 404 of the whole route means that the keys are gone for good; any other 404 says nothing about them.
    fn observe(&self, answers: &[Answer]) -> Result<LiveKind, UnexpectedShape> {
        match answers.first() {
            Some(Answer { status: 404, body, .. }) => {
                let said = body.get("message").and_then(Value::as_str).unwrap_or_default();
                if said.starts_with("Cannot GET ") {
                    let gone = json!({"enabled": false, GONE: true});
                    return Ok(LiveKind::Settings(gone.as_object().cloned().unwrap_or_default()));
                }
                Err(UnexpectedShape {
                    pointer: "/enabled".to_owned(),
                    expected: format!("not 404 ({said}), but a value"),
                })
            }
            _ => default_observe(&INFO, answers),
        }
    }

    fn notes(&self, live: &LiveKind) -> Vec<String> {
        let note = "the API no longer has the switch, so the legacy keys are gone for good; remove the section, too";
        if is_gone(live) { vec![note.to_owned()] } else { vec![] }
    }

    fn check(&self, section: &Section, out: &mut Diagnostics) {
        no_further_fields(&INFO, section, out);
    }

    fn validate(&self, context: &PlanContext<'_>, out: &mut Vec<Refusal>) {
        if context.live.contains_key(GONE) {
            out.push(Refusal {
                at: Address::section(context.target.project, INFO.name),
                finding: Finding {
                    code: plan::NO_LONGER_THERE,
                    message: "the API no longer has legacy keys, so they cannot be switched on".to_owned(),
                    hints: vec!["Use keys of `api_keys`, and remove the section.".to_owned()],
                    origin: Some(context.section.origin.clone()),
                },
                allow: None,
            });
        }
    }
}

fn is_gone(live: &LiveKind) -> bool {
    matches!(live, LiveKind::Settings(live) if live.contains_key(GONE))
}
