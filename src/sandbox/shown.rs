//! What answers show of secrets, and keys of a later version of the API: where a switch says so.

use serde_json::{Value, json};

use super::answer::Answer;
use super::switches::{SecretForms, Switches};
use crate::secret::looks_like_digest;

/// A key that no version of the specification has.
const LATER: &str = "setting_of_a_later_version";

/// The answer to a read as the switches have it.
pub(super) fn as_switched(mut answer: Answer, switches: Switches, route: &str) -> Answer {
    let Some(template) = route.strip_prefix("GET /v1/projects/{ref}/") else { return answer };
    let Some(body) = answer.body.as_mut().filter(|_| answer.status == 200) else { return answer };
    if template == "config/auth" || template == "secrets" {
        show(body, switches.secret_forms);
    }
    if let (true, Value::Object(members)) = (switches.unknown_keys && is_settings(template), body) {
        members.insert(LATER.to_owned(), json!("on"));
    }
    answer
}

fn is_settings(template: &str) -> bool {
    template.starts_with("config/") || template == "postgrest"
}

/// Shows digests in another form.
fn show(value: &mut Value, forms: SecretForms) {
    match value {
        Value::String(text) if looks_like_digest(text) => match forms {
            SecretForms::Digest => {}
            SecretForms::Stars => "********".clone_into(text),
            SecretForms::Absent => *value = Value::Null,
        },
        Value::Array(items) => items.iter_mut().for_each(|item| show(item, forms)),
        Value::Object(members) => members.values_mut().for_each(|value| show(value, forms)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
