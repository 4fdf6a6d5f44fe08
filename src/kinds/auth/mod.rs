//! The auth service: sign-up and sign-in, tokens and sessions, mail and SMS, hooks, providers.
//!
//! Every field that the API can write has a row; `tests/specification.rs` compares them with the API's specification.

mod forms;
mod general;
mod hooks;
mod links;
mod mail;
mod mfa;
mod providers;
mod rows;
mod rules;
mod security;
mod sms;
mod table;
mod templates;
#[cfg(test)]
mod tests;
pub(in crate::kinds) mod uses;

use serde_json::Value;

use table::INFO;

use crate::kind::References;
use crate::kind::prelude::*;
use crate::model::{DisplayValue, FieldChange};

/// `auth`.
pub struct Auth;

impl Kind for Auth {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    fn check(&self, section: &Section, out: &mut Diagnostics) {
        rules::check(section, out);
    }

    fn leans_on(&self, section: &Section) -> &'static [&'static str] {
        if uses::may_call_functions(section) { &["functions"] } else { &[] }
    }

    fn references(&self, job: &KindChanges<'_>) -> References {
        uses::references(job)
    }

    fn couple_items(&self, job: &KindChanges<'_>, out: &mut Vec<Refusal>) {
        uses::check(job, out);
    }

    fn validate(&self, context: &PlanContext<'_>, out: &mut Vec<Refusal>) {
        rules::validate(context, out);
    }

    fn add_risks(&self, sides: Sides<'_>, changes: &mut [Change]) {
        links::add_risks(sides.after, changes);
    }

    /// SAML providers can be removed only while SAML is on, so SAML is switched off after them. And people are sent to a host
    /// only once it answers.
    fn yields_to(&self, job: &KindChanges<'_>) -> Vec<&'static str> {
        let fields = || job.changes.iter().flat_map(|change| &change.fields);
        let off =
            |diff: &FieldChange| diff.name() == "saml_enabled" && diff.after != DisplayValue::Value(Value::Bool(true));
        let host = job.beside.after("custom_hostname", "custom_hostname");
        let host = host.as_ref().and_then(Value::as_str).map(str::to_owned);
        let label = job.beside.after("vanity_subdomain", "vanity_subdomain");
        let vanity = label.as_ref().and_then(Value::as_str).map(|label| format!("//{label}.supabase.co"));
        let leads_to = |host: Option<&str>| {
            let there = |diff: &FieldChange| match (&diff.after, host) {
                (DisplayValue::Value(value), Some(host)) => value.to_string().contains(host),
                _ => false,
            };
            fields().any(there)
        };
        let before = [
            ("sso_providers", fields().any(off)),
            ("custom_hostname", leads_to(host.as_deref())),
            ("vanity_subdomain", leads_to(vanity.as_deref())),
            // A migration may make the database function.
            ("migrations", uses::calls_database(job)),
        ];
        before.into_iter().filter_map(|(kind, is)| is.then_some(kind)).collect()
    }
}
