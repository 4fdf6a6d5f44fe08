//! The auth service's settings: an atomic PATCH whose answer differs from GET, digests for secrets, and rules across
//! fields.

use serde_json::{Map, Value, json};

use crate::kind::KindInfo;
use crate::sandbox::answer::{Answer, Answered, answer, not_included, refuse};
use crate::sandbox::catalogue;
use crate::sandbox::validate::object;
use crate::sandbox::values::check;
use crate::sandbox::visit::RequestContext;
use crate::schema::{Field, Literal};

/// Members that GET shows beside the settings: not writable; a PATCH of them is accepted and ignored.
const READ_ONLY: &[(&str, Literal)] = &[
    ("mfa_allow_low_aal", Literal::Bool(false)),
    ("audit_log_disable_postgres", Literal::Bool(true)),
    ("index_worker_ensure_user_search_indexes_exist", Literal::Bool(true)),
    ("saml_allow_encrypted_assertions", Literal::Bool(false)),
    ("custom_oauth_max_providers", Literal::Int(3)),
    // The specification requires it; recorded answers leave it out.
    ("nimbus_oauth_email_optional", Literal::Bool(false)),
];

/// Fields that the answer of a PATCH shows as null until they are set, while GET shows the default.
const NULL_IN_PATCH: &[&str] = &["sms_provider", "security_captcha_provider", "rate_limit_email_sent"];

/// The API's bounds where our rows are stricter (each row says why).
const WIDER: &[(&str, i64, i64)] = &[
    ("security_refresh_token_reuse_interval", 0, 2_147_483_647),
    ("db_max_pool_size", i64::MIN, i64::MAX),
    ("api_max_request_duration", i64::MIN, i64::MAX),
];

/// The fields of a mail relay; all of them are needed.
const RELAY: &[&str] = &["smtp_admin_email", "smtp_host", "smtp_port", "smtp_user", "smtp_pass"];

/// The entitlement of hooks, a set.
const HOOKS: &str = "auth.hooks";

/// The default number of mails per hour with the platform's own relay, and with another.
const MAILS: (i64, i64) = (2, 30);

fn info() -> &'static KindInfo {
    crate::sandbox::rows::rows("auth")
}

/// The settings as GET shows them.
pub(super) fn shown(stored: &Map<String, Value>) -> Map<String, Value> {
    let defaults = info().all_fields().map(|field| {
        let default = field.default.map_or(Value::Null, Literal::to_value);
        (field.name.to_owned(), stored.get(field.name).cloned().unwrap_or(default))
    });
    defaults.chain(READ_ONLY.iter().map(|(name, value)| ((*name).to_owned(), value.to_value()))).collect()
}

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    answer(Value::Object(shown(&visit.project()?.auth)))
}

pub(super) fn patch(visit: &mut RequestContext<'_>) -> Answered {
    let (reference, google_folds) = (visit.param("ref").to_owned(), visit.switches.google_folds);
    visit.project()?;
    let body = visit.body.take();
    let wanted = object(body.as_ref())?;
    // Members that the API does not know are ignored, like the read-only ones.
    let known: Vec<(&Field, &Value)> =
        wanted.iter().filter_map(|(name, value)| Some((info().field(name)?, value))).collect();
    for (field, value) in &known {
        check(field, value, WIDER)?;
    }
    let (project, plan) = visit.project_and_plan()?;
    let had_relay = has_relay(&project.auth);
    gate_hooks(&plan, &known)?;
    gate(&plan, &known)?;
    for (field, value) in &known {
        set(&mut project.auth, field, value, &reference);
    }
    relay(&mut project.auth, wanted, had_relay, &plan)?;
    gate_templates(&project.auth, &plan, &known)?;
    enrolment(&shown(&project.auth), wanted)?;
    fold(&mut project.auth, "external_apple_client_id", "external_apple_additional_client_ids");
    if google_folds {
        fold(&mut project.auth, "external_google_client_id", "external_google_additional_client_ids");
    }
    let mut answered = shown(&project.auth);
    for name in NULL_IN_PATCH.iter().filter(|name| !project.auth.contains_key(**name)) {
        answered.insert((*name).to_owned(), Value::Null);
    }
    answer(Value::Object(answered))
}

fn set(stored: &mut Map<String, Value>, field: &Field, value: &Value, reference: &str) {
    let value = match (field.secret, value) {
        (Some(_), Value::String(text)) if text.is_empty() => Value::Null,
        (Some(digest), Value::String(text)) => digest.of(text, reference).map_or(Value::Null, Value::from),
        _ => value.clone(),
    };
    if value.is_null() {
        stored.remove(field.name);
    } else {
        stored.insert(field.name.to_owned(), value);
    }
}

fn is_set(stored: &Map<String, Value>, name: &str) -> bool {
    stored.get(name).is_some_and(|value| !value.is_null() && value.as_str() != Some(""))
}

fn has_relay(stored: &Map<String, Value>) -> bool {
    RELAY.iter().all(|name| is_set(stored, name))
}

/// Checks that the mail relay is complete or absent, and sets its own default limit of mails.
fn relay(
    stored: &mut Map<String, Value>,
    wanted: &Map<String, Value>,
    had_relay: bool,
    plan: &str,
) -> Result<(), Answer> {
    let taken_away = wanted.get("smtp_host").is_some_and(|host| host.is_null() || host.as_str() == Some(""));
    if taken_away {
        for name in RELAY.iter().chain(["smtp_sender_name", "rate_limit_email_sent"].iter()) {
            stored.remove(*name);
        }
        if plan == "free" {
            stored.retain(|name, _| !is_template(name));
        }
    }
    let asks = |name: &str| wanted.get(name).is_some_and(|value| !value.is_null());
    if !has_relay(stored) && (asks("rate_limit_email_sent") || asks("smtp_sender_name")) {
        let missing: Vec<String> =
            RELAY.iter().filter(|name| !is_set(stored, name)).map(|name| name.to_uppercase()).collect();
        return Err(refuse(
            401,
            format!(
                "Custom SMTP required to configure SMTP_SENDER_NAME or RATE_LIMIT_EMAIL_SENT. Missing {} fields.",
                missing.join(", ")
            ),
        ));
    }
    if has_relay(stored) && !had_relay && !asks("rate_limit_email_sent") {
        let limit = stored.get("rate_limit_email_sent").and_then(Value::as_i64).unwrap_or(MAILS.0);
        if limit == MAILS.0 {
            stored.insert("rate_limit_email_sent".to_owned(), MAILS.1.into());
        }
    }
    Ok(())
}

fn is_template(name: &str) -> bool {
    name.starts_with("mailer_subjects_") || name.starts_with("mailer_templates_")
}

/// On the free plan, texts of mails cannot be changed while the platform's own relay sends them.
fn gate_templates(stored: &Map<String, Value>, plan: &str, known: &[(&Field, &Value)]) -> Result<(), Answer> {
    let touches = known.iter().any(|(field, _)| is_template(field.name));
    if plan == "free" && touches && !has_relay(stored) {
        return Err(refuse(
            400,
            "Email template modification is not available for free tier projects using the default email provider. \
             Please upgrade your plan or configure a custom SMTP provider.",
        ));
    }
    Ok(())
}

/// A feature that the plan does not include can only have its default.
fn gate(plan: &str, known: &[(&Field, &Value)]) -> Result<(), Answer> {
    for (field, value) in known {
        let Some(entitlement) = field.entitlement.filter(|key| *key != HOOKS) else { continue };
        let default = field.default.map_or(Value::Null, Literal::to_value);
        let silent = value.is_null() || **value == default || [json!(0), json!(false), json!("")].contains(value);
        if !silent && !catalogue::includes(plan, entitlement) {
            return Err(not_included(entitlement, field.name));
        }
    }
    Ok(())
}

/// A factor can only be enrolled if it is also accepted.
fn enrolment(shown: &Map<String, Value>, wanted: &Map<String, Value>) -> Result<(), Answer> {
    for factor in ["mfa_totp", "mfa_phone", "mfa_web_authn"] {
        let [enroll, verify] = ["enroll", "verify"].map(|what| format!("{factor}_{what}_enabled"));
        let asked = wanted.contains_key(&enroll) || wanted.contains_key(&verify);
        if asked && shown.get(&enroll) == Some(&true.into()) && shown.get(&verify) != Some(&true.into()) {
            return Err(refuse(400, format!("{enroll} cannot be true while {verify} is false")));
        }
    }
    Ok(())
}

/// Two of the hooks need the team or enterprise plan; on other plans, sending one of their fields is refused.
fn gate_hooks(plan: &str, known: &[(&Field, &Value)]) -> Result<(), Answer> {
    let included = matches!(plan, "team" | "enterprise" | "platform");
    let gated = |name: &str| {
        name.starts_with("hook_mfa_verification_attempt_") || name.starts_with("hook_password_verification_attempt_")
    };
    if !included && known.iter().any(|(field, _)| gated(field.name)) {
        return Err(refuse(400, "Auth Hooks can only be configured on Team or Enterprise Plans."));
    }
    Ok(())
}

/// Further client ids are moved to the first field, and read back as null.
fn fold(stored: &mut Map<String, Value>, list: &str, more: &str) {
    let ids = |stored: &Map<String, Value>, name: &str| -> Vec<String> {
        let text = stored.get(name).and_then(Value::as_str).unwrap_or_default();
        text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect()
    };
    let further = ids(stored, more);
    if further.is_empty() {
        return;
    }
    let mut all = ids(stored, list);
    all.extend(further);
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|id| seen.insert(id.clone()));
    stored.insert(list.to_owned(), all.join(",").into());
    stored.remove(more);
}
