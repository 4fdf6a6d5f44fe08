//! The order of a key's life: what a manifest cannot want at once, and what the API refuses.

use serde_json::Value;

use super::table::{INFO, aim, field, rotates, status, wanted};
use crate::diag::codes::{plan, value as codes};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::kind::{KindChanges, live_of};
use crate::model::{Action, Change, DisplayValue, Finding, LiveKind, Refusal, Section};
use crate::schema::Impact;

/// How many `previously_used` keys a project may have that are not revoked.
const MOST_PREVIOUS: usize = 3;

/// The API has one key in standby and one in use.
pub(super) fn check(section: &Section, out: &mut Diagnostics) {
    for only in ["standby", "in_use"] {
        let mut keys = wanted(section).filter(|(_, _, aim)| *aim == Some(only));
        let Some((first, settings, _)) = keys.next() else { continue };
        let place = settings.fields.get("status").map(|setting| setting.origin.span);
        for (name, settings, _) in keys {
            let Some(at) = settings.fields.get("status").map(|setting| setting.origin.span) else { continue };
            let message = format!("`{first}` and `{name}` are both to be `{only}`, and only one key can");
            let found = Diagnostic::error(codes::ONE_OF_A_KIND, at, message);
            let found = place.map_or(found.clone(), |place| found.label(place, "the other is here"));
            out.push(found.hint("A key that is replaced is `previously_used`; a further one is added later."));
        }
    }
}

/// What the plan of one key depends on in the others.
struct Around<'a> {
    job: &'a KindChanges<'a>,
    /// The key that is put into use.
    rotated: Option<&'a str>,
}

impl Around<'_> {
    fn live_with(&self, wanted: &str) -> Vec<&str> {
        let LiveKind::Items(live) = self.job.live else { return vec![] };
        let keys = live.iter().filter(|(_, key)| status(Some(key)) == Some(wanted));
        keys.map(|(name, _)| name.as_str()).collect()
    }

    /// Why a new key cannot be added: what is wrong, and what to do.
    fn add(&self, change: &Change) -> Option<(Code, String, &'static str)> {
        let lacks = |name: &str| field(change, name).is_none_or(|diff| diff.after == DisplayValue::Absent);
        if lacks("algorithm") || lacks("private_jwk") {
            let way = "`supabase gen signing-key` makes one; its `kid` is the name.";
            return Some((plan::MISSING_COMPANION, "a new key needs `algorithm` and `private_jwk`".to_owned(), way));
        }
        let to = aim(self.job.section, change);
        if matches!(to, Some("previously_used" | "revoked")) {
            let way = "Remove it from the manifest, if it is gone.";
            return Some((plan::KEY_ORDER, format!("the project has no such key, which can be {} then", to?), way));
        }
        if let Some(other) = self.live_with("standby").first() {
            let message = format!("the project has a key in standby, `{other}`, and takes one at a time");
            let way = "Put that one into use first, or revoke and delete it in the dashboard.";
            return Some((plan::KEY_ORDER, message, way));
        }
        let is_new = |other: &&Change| other.action == Action::Create;
        let first = self.job.changes.iter().find(is_new);
        if first.is_some_and(|first| first.at != change.at) {
            let message = "two keys are new, and a project has one in standby at a time".to_owned();
            return Some((plan::KEY_ORDER, message, "Add one of them, put it into use, and then add the other."));
        }
        let LiveKind::Items(live) = self.job.live else { return None };
        if live.is_empty() && self.job.target.reference.is_some() {
            let message = "the project still signs with its JWT secret, which has to become a key first".to_owned();
            let way = "Migrate it in the dashboard under JWT Keys: the secret becomes a key in use, and a key in standby \
                       comes along. Then `supaform import` writes both.";
            return Some((plan::KEY_ORDER, message, way));
        }
        None
    }

    /// Why a live key cannot change like this.
    fn change(&self, change: &Change) -> Option<(Code, String, &'static str)> {
        if field(change, "algorithm").is_some() {
            let way = "Add another key of that algorithm, put it into use, and let this one go.";
            return Some((plan::CANNOT_BECOME, "the algorithm of a key cannot change".to_owned(), way));
        }
        if field(change, "private_jwk").is_some() {
            let message =
                "the private key at hand is not the one that is installed: their public parts differ".to_owned();
            let way = "Give the key of this `kid`, or remove `private_jwk`, which a live key does not need.";
            return Some((plan::CANNOT_BECOME, message, way));
        }
        let is = status(live_of(self.job, change))?;
        let name = change.at.subject.item()?;
        let refused = |message: String, way: &'static str| Some((plan::KEY_ORDER, message, way));
        match (aim(self.job.section, change)?, is) {
            ("standby" | "in_use", "revoked") => refused(
                "the key was revoked, and a revoked key is not used again".to_owned(),
                "Write `status: revoked`, and add a new key.",
            ),
            ("in_use", "standby" | "previously_used") => {
                let before = self.live_with("previously_used").into_iter().filter(|other| *other != name).count();
                let many = before >= MOST_PREVIOUS && !self.live_with("in_use").is_empty();
                let other = self.live_with("standby").into_iter().find(|other| *other != name);
                if many {
                    let message =
                        format!("the project has {before} keys that are `previously_used`, and takes no more");
                    return refused(message, "Revoke one of them first, in a run of its own.");
                }
                match other.filter(|_| is == "previously_used") {
                    Some(other) => refused(
                        format!("it goes through standby, in which the project has `{other}`"),
                        "Leave it as it is, and put that one into use.",
                    ),
                    None => None,
                }
            }
            ("previously_used", _) if self.rotated.is_none() => refused(
                format!("a key that is `{is}` does not step back by itself"),
                "Write `status: in_use` at the key that replaces it.",
            ),
            ("previously_used", "standby") => refused(
                "a key in standby has not been used, and does not step back".to_owned(),
                "Write `status: standby` for it.",
            ),
            ("revoked", "standby") => refused(
                "a key in standby has signed nothing, and is not revoked".to_owned(),
                "Leave it in standby, or delete it in the dashboard.",
            ),
            ("revoked", "in_use") => refused(
                "the key in use is not revoked: every user would be signed out".to_owned(),
                "Put another key into use, which makes this one `previously_used`, and revoke it in a later run.",
            ),
            ("revoked", "previously_used") if self.rotated.is_some() => refused(
                "a key is not revoked in the run that puts another one into use".to_owned(),
                "Put the other one into use, see that everybody can sign in, and revoke this one then.",
            ),
            ("revoked", "previously_used") if self.signs_legacy_keys(change) => {
                let message = "the legacy API keys are signed with it, and they are accepted".to_owned();
                Some((plan::IN_USE, message, "Switch them off first: `legacy_api_keys: {enabled: false}`."))
            }
            _ => None,
        }
    }

    fn signs_legacy_keys(&self, change: &Change) -> bool {
        let is_legacy = live_of(self.job, change).and_then(|key| key.get("legacy")) == Some(&Value::Bool(true));
        is_legacy && self.job.beside.after("legacy_api_keys", "enabled") == Some(Value::Bool(true))
    }
}

pub(super) fn refuse(job: &KindChanges<'_>, out: &mut Vec<Refusal>) {
    let rotated = job.changes.iter().find(|change| rotates(job, change)).and_then(|change| change.at.subject.item());
    let around = Around { job, rotated };
    for change in job.changes {
        let refused = match change.action {
            Action::Create => around.add(change),
            Action::Update => around.change(change),
            Action::Delete => {
                let way =
                    "Write `status: revoked`; then delete it in the dashboard. To leave it alone, remove its line.";
                Some((plan::KEY_ORDER, format!("a manifest deletes nothing of `{}`", INFO.name), way))
            }
        };
        if let Some((code, message, hint)) = refused {
            let origin = field(change, "status").and_then(|diff| diff.origin.as_ref()).or(change.origin.as_ref());
            let finding = Finding::new(code, message).hint(hint).at(origin);
            out.push(Refusal { at: change.at.clone(), finding, allow: None });
            continue;
        }
        let risk = field(change, "status").and_then(|diff| Some((diff, diff.risks.first()?)));
        if let Some((diff, (Impact::Security, why))) = risk {
            let finding = Finding::new(plan::NEEDS_ALLOW, *why).at(diff.origin.as_ref());
            out.push(Refusal { at: change.at.setting("status"), finding, allow: Some(Impact::Security) });
        }
    }
}
