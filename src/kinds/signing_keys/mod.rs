//! The keys that sign the tokens of a project's users, by their `kid`.
//!
//! A key goes one way: published in standby, put into use, stepped back when another one is put into use, revoked. Between these steps
//! time has to pass: until copies of the public keys are renewed, and until what a key has signed has expired. Each run does what is
//! due; a manifest deletes no key.

mod due;
mod rules;
mod table;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use self::table::{INFO, LIST, aim, field, status, wanted};
use crate::kind::live_of;
use crate::kind::prelude::*;
use crate::model::{DisplayValue, Meant, ProjectRef};

/// `signing_keys`: a collection by `kid`.
pub struct SigningKeys;

const ONE: &str = "/v1/projects/{ref}/config/auth/signing-keys/{id}";
const LEGACY: &str = "/v1/projects/{ref}/config/auth/signing-keys/legacy";
const AUTH: &str = "/v1/projects/{ref}/config/auth";

/// What the API says of a change that comes too soon after another one, and how long a run tries again, in seconds.
const NOT_YET: (&[&str], u32) = (&["Please wait until", "please wait until"], 60);

const ROTATES: &str =
    "signs all new tokens with this key: whoever checks tokens by an older copy of the public keys refuses them";
const ROTATES_BACK: &str = "was replaced elsewhere, and is put into use again: all new tokens are signed with it, and those of the present key run out";
const REVOKES: &str = "every token that it signed is refused within seconds, and with it whoever has one";

impl Kind for SigningKeys {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    /// Of the public key, the thumbprint: the private key at hand has the same. A key that both sides share shows none.
    fn observe(&self, answers: &[Answer]) -> Result<LiveKind, UnexpectedShape> {
        let unexpected = |pointer: String, expected: &str| UnexpectedShape { pointer, expected: expected.to_owned() };
        let answer = answers.first();
        let list = answer.and_then(|answer| answer.body.get("keys")).and_then(Value::as_array);
        let list = list.ok_or_else(|| unexpected("/keys".to_owned(), "a list of keys"))?;
        let seen_at = answer.and_then(|answer| answer.at).map(|at| at.to_string());
        let mut keys = BTreeMap::new();
        for (index, key) in list.iter().enumerate() {
            let text = |name: &str| {
                let text = key.get(name).and_then(Value::as_str);
                text.ok_or_else(|| unexpected(format!("/keys/{index}/{name}"), "a text"))
            };
            let public = key.get("public_jwk").filter(|it| it.is_object()).map(Value::to_string);
            let thumbprint = public.and_then(|public| Digest::JwkThumbprint.of(&public, ""));
            let item = json!({
                "id": text("id")?,
                "algorithm": text("algorithm")?,
                "status": text("status")?,
                "private_jwk": thumbprint.unwrap_or_else(|| "not shown".to_owned()),
                "updated_at": text("updated_at")?,
                "is_unchanged": key.get("created_at") == key.get("updated_at"),
                "seen_at": seen_at,
                "public_jwk": key.get("public_jwk"),
            });
            keys.insert(text("id")?.to_owned(), item.as_object().cloned().unwrap_or_default());
        }
        Ok(LiveKind::Items(keys))
    }

    /// Before a key is revoked: how long tokens are valid, and whether it is the legacy JWT secret.
    fn detail_reads(
        &self,
        section: Option<&Section>,
        reference: &ProjectRef,
        live: &LiveKind,
    ) -> Vec<(String, ReadCall)> {
        let (Some(section), LiveKind::Items(live)) = (section, live) else { return vec![] };
        let get = |path| ReadCall::get(path).param("ref", reference.as_str());
        let going = wanted(section).filter(|(name, _, aim)| {
            *aim == Some("revoked") && status(live.get(*name)).is_some_and(|status| status != "revoked")
        });
        // A token that may not see the settings of auth can do without; and this endpoint is going to be removed.
        let reads =
            |name: &str| [get(AUTH).or_refused(403, ""), get(LEGACY).or_missing()].map(|read| (name.to_owned(), read));
        going.flat_map(|(name, ..)| reads(name)).collect()
    }

    fn merge_detail(
        &self,
        _: Option<&Section>,
        name: &str,
        item: &mut Map<String, Value>,
        answer: &Answer,
    ) -> Result<(), UnexpectedShape> {
        if let Some(lifetime) = answer.body.get("jwt_exp").filter(|it| it.is_u64()) {
            item.insert("jwt_exp".to_owned(), lifetime.clone());
        } else if answer.body.get("id").and_then(Value::as_str) == Some(name) {
            item.insert("legacy".to_owned(), true.into());
        }
        Ok(())
    }

    fn operations(&self) -> Vec<Operation> {
        let all = [
            (Method::Get, LIST),
            (Method::Get, LEGACY),
            (Method::Get, AUTH),
            (Method::Post, LIST),
            (Method::Patch, ONE),
        ];
        all.map(|(method, template)| Operation { method, template }).into()
    }

    fn check(&self, section: &Section, out: &mut Diagnostics) {
        rules::check(section, out);
    }

    /// Those that a project is made with, as long as nobody has done anything with them.
    fn is_apart(&self, item: &Map<String, Value>) -> bool {
        item.get("is_unchanged") == Some(&true.into())
            && matches!(status(Some(item)), Some("in_use" | "previously_used"))
    }

    /// Nothing of a private key is known, and an algorithm may be newer than this program.
    fn not_imported(&self, live: &Map<String, Value>) -> &'static [&'static str] {
        match live.get("algorithm").and_then(Value::as_str) {
            Some("ES256" | "RS256" | "HS256") => &["private_jwk"],
            _ => &["private_jwk", "algorithm"],
        }
    }

    fn locate(&self, _: &Section, _: &Call, said: &str) -> Option<String> {
        let is_taken = said.contains("Signing key with kid") && said.contains("already exists");
        is_taken.then(|| "the key belongs to another project, and a `kid` is there only once".to_owned())
    }

    fn add_risks(&self, sides: Sides<'_>, changes: &mut [Change]) {
        let LiveKind::Items(before) = sides.before else { return };
        for change in changes {
            let was = change.at.subject.item().and_then(|name| status(before.get(name)));
            let Some(diff) = change.fields.iter_mut().find(|diff| diff.name() == "status") else { continue };
            let DisplayValue::Value(to) = &diff.after else { continue };
            diff.risks.extend(match (to.as_str(), was) {
                (Some("in_use"), Some("previously_used")) => Some((Impact::Security, ROTATES_BACK)),
                (Some("in_use"), _) => Some((Impact::Security, ROTATES)),
                (Some("revoked"), _) => Some((Impact::LockOut, REVOKES)),
                _ => None,
            });
        }
    }

    fn leans_on(&self, section: &Section) -> &'static [&'static str] {
        if wanted(section).any(|(_, _, aim)| aim == Some("revoked")) { &["legacy_api_keys"] } else { &[] }
    }

    fn couple_items(&self, job: &KindChanges<'_>, out: &mut Vec<Refusal>) {
        rules::refuse(job, out);
    }

    fn awaited(&self, project: &str, section: &Section, live: &LiveKind) -> Vec<Awaited> {
        due::awaited(project, section, live)
    }

    /// The legacy API keys are tokens that the legacy JWT secret has signed.
    fn yields_to(&self, job: &KindChanges<'_>) -> Vec<&'static str> {
        let revokes = job.changes.iter().any(|change| aim(job.section, change) == Some("revoked"));
        if revokes { vec!["legacy_api_keys"] } else { vec![] }
    }

    /// A new key is added in standby, whatever it is to become: it is put into use once it is known to those who check tokens.
    fn calls(&self, job: &KindChanges<'_>) -> Vec<PlannedCall> {
        let steps_back = |change: &Change| aim(job.section, change) == Some("previously_used");
        let back: Vec<usize> = (0..job.changes.len()).filter(|&index| steps_back(&job.changes[index])).collect();
        let mut calls = vec![];
        for (index, change) in job.changes.iter().enumerate() {
            let Some(name) = change.at.subject.item() else { continue };
            let becomes = |status: &str, settled: Vec<usize>| {
                let call = Call::new(Method::Patch, ONE, Repeat::Idempotent)
                    .param("ref", job.target.param())
                    .param("id", Param::Known(name.to_owned()))
                    .body(Body::json(json!({"status": status})));
                PlannedCall { answers: answers(), ..PlannedCall::of(call, settled) }
            };
            let with_those_that_step_back = || std::iter::once(index).chain(back.iter().copied()).collect();
            match (change.action, aim(job.section, change)) {
                (Action::Create, to) => {
                    let goes_on = to == Some("in_use");
                    let settled = if goes_on { with_those_that_step_back() } else { vec![index] };
                    let wait = goes_on.then_some(Wait::Outside { patience: 0 });
                    calls.push(PlannedCall { wait, ..add(job, change, name, settled) });
                }
                (Action::Update, Some("in_use")) if field(change, "status").is_some() => {
                    // It was published all the time.
                    let was_used = status(live_of(job, change)) == Some("previously_used");
                    if was_used {
                        calls.push(becomes("standby", vec![]));
                    }
                    let wait = (!was_used).then_some(Wait::Due);
                    calls.push(PlannedCall { wait, ..becomes("in_use", with_those_that_step_back()) });
                }
                (Action::Update, Some("revoked")) => {
                    calls.push(PlannedCall { wait: Some(Wait::Due), ..becomes("revoked", vec![index]) });
                }
                (Action::Update | Action::Delete, _) => {}
            }
        }
        calls
    }
}

fn answers() -> Answers {
    Answers { not_yet: Some(NOT_YET), ..Answers::default() }
}

/// The request for a new key: the API names it by the `kid` of the private key, which must be the name in the manifest.
fn add(job: &KindChanges<'_>, change: &Change, name: &str, settled: Vec<usize>) -> PlannedCall {
    let algorithm = match field(change, "algorithm").map(|diff| &diff.after) {
        Some(DisplayValue::Value(algorithm)) => algorithm.clone(),
        _ => Value::Null,
    };
    let mut body = JsonBody::of(json!({"algorithm": algorithm, "status": "standby"}), BTreeMap::new());
    if let Some(DisplayValue::Secret(secret)) = field(change, "private_jwk").map(|diff| &diff.after) {
        let place = BodyPlace::member(["private_jwk"]);
        body.secrets.insert(place.clone(), secret.clone());
        body.objects.insert(place, Meant { member: "kid", value: name.to_owned() });
    }
    // Sent twice, the second is refused: a `kid` is there only once.
    let call = Call::new(Method::Post, LIST, Repeat::Idempotent).param("ref", job.target.param());
    PlannedCall { answers: answers(), ..PlannedCall::of(call.body(Body::Json(body)), settled) }
}
