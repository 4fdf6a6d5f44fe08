//! Rules across fields: contradictions in the manifest, and settings that cannot work on top of what is live.

use serde_json::{Map, Value};

use super::hooks::HOOKS;
use super::mail::RELAY;
use super::providers::FOLDED;
use super::sms::SENDERS;
use crate::diag::codes::{plan, value};
use crate::diag::{Diagnostic, Diagnostics};
use crate::kind::PlanContext;
use crate::model::{Address, DesiredValue, Finding, Refusal, Section, SectionBody, Setting, Settings};

/// Checks the manifest alone.
pub(super) fn check(section: &Section, out: &mut Diagnostics) {
    let SectionBody::Settings(settings) = &section.body else { return };
    check_hooks(settings, out);
    check_origins(settings, out);
    check_folded(settings, out);
    check_test_numbers(settings, out);
    check_relay(settings, out);
}

fn check_hooks(settings: &Settings, out: &mut Diagnostics) {
    for (_, rows) in HOOKS {
        let [_, uri, secrets] = rows else { continue };
        let Some((setting, address)) = written_text(settings, uri.name) else { continue };
        match scheme(address) {
            "pg-functions" => {
                let signed = settings.fields.get(secrets.name).filter(|it| it.value != DesiredValue::Clear);
                if let Some(signed) = signed {
                    out.push(
                        Diagnostic::error(
                            value::HOOK_SECRETS_UNUSED,
                            signed.origin.span,
                            format!(
                                "`{}` is for signed calls, and calls of a database function are not signed",
                                secrets.name
                            ),
                        )
                        .label(setting.origin.span, "a function of the database")
                        .hint(format!("Remove `{0}`, or write `{0}: null` to clear what is live.", secrets.name)),
                    );
                }
            }
            "http" => out.push(
                Diagnostic::error(
                    value::HOOK_ADDRESS,
                    setting.origin.span,
                    format!("`{}` is plain http, which is not called", uri.name),
                )
                .hint("Use `https://…`."),
            ),
            // https: the form of the row allows nothing else.
            _ => {}
        }
    }
}

fn check_origins(settings: &Settings, out: &mut Diagnostics) {
    let Some(setting) = settings.fields.get("webauthn_rp_origins") else { return };
    let DesiredValue::Value(Value::Array(origins)) = &setting.value else { return };
    let domain = written_text(settings, "webauthn_rp_id");
    for (index, origin) in origins.iter().filter_map(Value::as_str).map(str::trim).enumerate() {
        if scheme(origin) == "http" && !is_local(origin) {
            out.push(
                Diagnostic::error(
                    value::INSECURE_ORIGIN,
                    setting.place(index),
                    format!("passkeys cannot be used from `{origin}`, which is plain http"),
                )
                .hint("Use `https://…`; only localhost may be plain http."),
            );
        } else if let Some((id, domain)) = domain.filter(|(_, domain)| !is_within(origin, domain)) {
            let message = format!("`{origin}` is outside of `{domain}`, the domain of the passkeys");
            let found = Diagnostic::error(value::ORIGIN_OUTSIDE, setting.place(index), message);
            out.push(found.label(id.origin.span, "the domain of passkeys").hint(OF_THE_DOMAIN));
        }
    }
}

const OF_THE_DOMAIN: &str = "Each origin must be in the domain of `webauthn_rp_id`, or in one below it.";

/// The API moves ids from this field and then shows it as null, so the field would always differ.
fn check_folded(settings: &Settings, out: &mut Diagnostics) {
    for (list, more) in FOLDED {
        let Some(setting) = settings.fields.get(more).filter(|it| it.value != DesiredValue::Clear) else { continue };
        let mut found = Diagnostic::error(
            value::FOLDED_FIELD,
            setting.origin.span,
            format!("`{more}` is moved into `{list}` by the API"),
        )
        .hint(format!("Write all ids as a list in `{list}`."));
        if let Some(first) = settings.fields.get(list) {
            found = found.label(first.origin.span, "the ids belong here");
        }
        out.push(found);
    }
}

fn check_test_numbers(settings: &Settings, out: &mut Diagnostics) {
    let Some(setting) = settings.fields.get("sms_test_otp") else { return };
    let DesiredValue::Value(Value::Object(codes)) = &setting.value else { return };
    let wrong = |number: &str| number.len() > 15 || !super::forms::is_digits(number);
    for (index, number) in codes.keys().enumerate().filter(|(_, number)| wrong(number)) {
        out.push(
            Diagnostic::error(value::TEST_NUMBER, setting.place(index), format!("`{number}` is not a phone number"))
                .hint("Write 1 to 15 digits with the country's code first and without `+`, such as `\"15551234567\"`."),
        );
    }
}

fn check_relay(settings: &Settings, out: &mut Diagnostics) {
    let of_relay = |cleared: bool| {
        RELAY
            .iter()
            .filter_map(|name| settings.fields.get(name))
            .find(move |setting| (setting.value == DesiredValue::Clear) == cleared)
    };
    if let (Some(cleared), Some(set)) = (of_relay(true), of_relay(false)) {
        out.push(
            Diagnostic::error(
                value::HALF_A_RELAY,
                cleared.origin.span,
                format!("`{}` is cleared and `{}` is set", cleared.field.name, set.field.name),
            )
            .label(set.origin.span, "set here")
            .hint(format!("Set all of {}, or none of them.", names(RELAY))),
        );
    }
}

/// Checks the manifest together with what is live.
pub(super) fn validate(context: &PlanContext<'_>, out: &mut Vec<Refusal>) {
    couple_hooks(context, out);
    couple_passkeys(context, out);
    couple_origins(context, out);
    couple_senders(context, out);
}

fn couple_hooks(context: &PlanContext<'_>, out: &mut Vec<Refusal>) {
    for (_, rows) in HOOKS {
        let [enabled, uri, secrets] = rows else { continue };
        let address = context.overlaid.get(uri.name).and_then(Value::as_str).unwrap_or_default();
        let called = is_true(context.overlaid, enabled.name) && matches!(scheme(address), "http" | "https");
        if called
            && !is_there(context.overlaid, secrets.name)
            && changes(context, &[enabled.name, uri.name, secrets.name])
        {
            let message = format!("the hook at `{}` would be called without a secret that signs the calls", uri.name);
            let hint = format!("Set `{}` to a reference whose value is `v1,whsec_…`.", secrets.name);
            let fields = [uri.name, enabled.name, secrets.name];
            out.push(refusal(context, &fields, Finding::new(plan::HOOK_WITHOUT_SECRET, message).hint(hint)));
        }
    }
}

fn couple_passkeys(context: &PlanContext<'_>, out: &mut Vec<Refusal>) {
    const DOMAIN: &str = "webauthn_rp_id";
    let in_use = is_true(context.live, "passkey_enabled") && is_there(context.live, DOMAIN);
    if in_use && changes(context, &[DOMAIN]) {
        let domain = context.live.get(DOMAIN).and_then(Value::as_str).unwrap_or_default();
        let message = format!("passkeys that were made for `{domain}` would no longer work");
        let finding = Finding::new(plan::PASSKEYS_LOST, message)
            .hint("People who have no other way to sign in would be locked out.");
        let allow = Some(crate::schema::Impact::LockOut);
        out.push(Refusal { allow, ..refusal(context, &[DOMAIN], finding) });
    }
}

/// The origins and the domain; where only one of the two is written, the other is live.
fn couple_origins(context: &PlanContext<'_>, out: &mut Vec<Refusal>) {
    const FIELDS: [&str; 2] = ["webauthn_rp_origins", "webauthn_rp_id"];
    let [origins, domain] = FIELDS.map(|name| context.overlaid.get(name).and_then(Value::as_str).unwrap_or_default());
    if domain.is_empty() || !changes(context, &FIELDS) {
        return;
    }
    let outside = |origin: &&str| !origin.is_empty() && !is_within(origin, domain);
    for origin in origins.split(',').map(str::trim).filter(outside) {
        let message = format!("`{origin}` is outside of `{domain}`, the domain of the passkeys");
        let finding = Finding::new(value::ORIGIN_OUTSIDE, message).hint(OF_THE_DOMAIN);
        out.push(refusal(context, &FIELDS, finding));
    }
}

/// Signing in by phone needs a source of codes: a service, a hook, or the list of test numbers.
fn couple_senders(context: &PlanContext<'_>, out: &mut Vec<Refusal>) {
    const USES: [&str; 2] = ["external_phone_enabled", "mfa_phone_verify_enabled"];
    const INSTEAD: [&str; 3] = ["hook_send_sms_enabled", "sms_autoconfirm", "sms_test_otp"];
    let on = |name: &str| is_true(context.overlaid, name);
    let Some(used) = USES.into_iter().find(|name| on(name)) else { return };
    if on(INSTEAD[0]) || on(INSTEAD[1]) || is_there(context.overlaid, INSTEAD[2]) {
        return;
    }
    let service = context.overlaid.get("sms_provider").and_then(Value::as_str).filter(|name| !name.is_empty());
    let service = service.unwrap_or("twilio");
    let Some((_, needed)) = SENDERS.iter().find(|(name, _)| *name == service) else { return };
    let missing: Vec<&str> = needed.iter().copied().filter(|name| !is_there(context.overlaid, name)).collect();
    let touched: Vec<&str> = [&USES, &INSTEAD[..], &["sms_provider"], needed].concat();
    if missing.is_empty() || !changes(context, &touched) {
        return;
    }
    let message = format!("`{used}` is on, but nothing sends the SMS: `{service}` needs {}", names(&missing));
    let hint =
        "Set them, or switch on a hook with `hook_send_sms_enabled`; the numbers of `sms_test_otp` need neither.";
    out.push(refusal(context, &touched, Finding::new(plan::MISSING_COMPANION, message).hint(hint)));
}

/// A refusal that points to the first of `fields` that the manifest sets.
fn refusal(context: &PlanContext<'_>, fields: &[&str], finding: Finding) -> Refusal {
    let setting = match &context.section.body {
        SectionBody::Settings(settings) => fields.iter().find_map(|name| settings.fields.get(name)),
        SectionBody::Items(_) => None,
    };
    let origin = setting.map_or(&context.section.origin, |setting| &setting.origin);
    let at = Address::section(context.target.project, super::table::INFO.name);
    Refusal { at, finding: finding.at(Some(origin)), allow: None }
}

fn changes(context: &PlanContext<'_>, fields: &[&str]) -> bool {
    context.changes.iter().flat_map(|change| &change.fields).any(|diff| fields.contains(&diff.name()))
}

fn written_text<'a>(settings: &'a Settings, name: &str) -> Option<(&'a Setting, &'a str)> {
    let setting = settings.fields.get(name)?;
    match &setting.value {
        DesiredValue::Value(Value::String(text)) => Some((setting, text)),
        DesiredValue::Value(_) | DesiredValue::Clear | DesiredValue::Secret(_) => None,
    }
}

fn is_true(document: &Map<String, Value>, name: &str) -> bool {
    document.get(name) == Some(&Value::Bool(true))
}

fn is_there(document: &Map<String, Value>, name: &str) -> bool {
    !matches!(document.get(name), None | Some(Value::Null)) && document.get(name).and_then(Value::as_str) != Some("")
}

fn scheme(address: &str) -> &str {
    address.split_once("://").map_or("", |(scheme, _)| scheme)
}

/// Whether a URL is on this machine, as the auth service sees it.
fn is_local(address: &str) -> bool {
    let host = url::Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]" | "host.docker.internal"))
}

/// Whether an origin is in a domain or in one below it. Android apps are in none.
fn is_within(origin: &str, domain: &str) -> bool {
    let host = url::Url::parse(origin).ok().and_then(|url| url.host_str().map(str::to_owned));
    match host {
        None => scheme(origin).is_empty(),
        Some(host) => host == domain || host.strip_suffix(domain).is_some_and(|before| before.ends_with('.')),
    }
}

fn names(fields: &[&str]) -> String {
    fields.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
