//! The rows of signing keys, and what a section wants of each key.

use serde_json::{Map, Value};

use crate::kind::UUID;
use crate::kind::prelude::*;
use crate::model::FieldChange;

pub(super) const LIST: &str = "/v1/projects/{ref}/config/auth/signing-keys";

pub(super) static INFO: KindInfo = KindInfo {
    name: "signing_keys",
    doc: "The keys that sign the tokens of users, each by its `kid`: added in standby, put into use, and revoked once nothing of it is left.",
    shape: Shape::Collection {
        path: LIST,
        key: "id",
        scalar: None,
        reserved: None,
        bad_name,
        delete_risk: "every token that it signed is refused, and the key cannot be recovered",
        items: None,
    },
    fields: &[&[
        choice("algorithm", &["ES256", "RS256", "HS256"])
            .stricter_than_spec("EdDSA is announced, and not available yet")
            .fixed()
            .harmless("it is set when the key is added")
            .example("ES256")
            .doc("How it signs, which a new key needs and a live one keeps."),
        text("private_jwk")
            .secret(Digest::JwkThumbprint)
            .api_name("private_jwk")
            .fixed()
            .example("{env: SIGNING_KEY_JWK}")
            .doc("The private key in JSON, as `supabase gen signing-key` prints it, with that `kid`: needed to add it; its public part is compared."),
        choice("status", &["standby", "in_use", "previously_used", "revoked"])
            .api_name("status")
            .reached(reached)
            .judged()
            .example("standby")
            .doc("How far it is to be: a key that is further along than `standby` or `previously_used` is left there."),
    ]],
    own_members: &["status"],
    after: &["auth"],
    services: &["auth"],
    read_only: &["id", "updated_at", "seen_at", "is_unchanged", "public_jwk"],
    example: "\
signing_keys:
  0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d:
    algorithm: ES256
    private_jwk: {env: SIGNING_KEY_JWK}
    status: standby",
    ..KindInfo::PLAIN
};

fn bad_name(name: &str) -> Option<String> {
    (!(UUID.holds)(name)).then(|| "a signing key is named by its `kid`, a UUID in lower case".to_owned())
}

/// Whether a key is as far as it is wanted, or further.
fn reached(wanted: &Value, seen: &Value) -> bool {
    match wanted.as_str() {
        Some("standby") => seen == "in_use" || seen == "previously_used",
        Some("previously_used") => seen == "revoked",
        _ => false,
    }
}

/// The keys of a section that are to be there, with the status that they are to have.
pub(super) fn wanted(section: &Section) -> impl Iterator<Item = (&str, &Settings, Option<&str>)> {
    let items = match &section.body {
        SectionBody::Items(items) => Some(items),
        SectionBody::Settings(_) => None,
    };
    items.into_iter().flatten().filter_map(|(name, item)| match item {
        Item::Present(settings, _) => {
            let status = settings.fields.get("status").map(|it| &it.value);
            let status = if let Some(DesiredValue::Value(status)) = status { status.as_str() } else { None };
            Some((name.as_str(), settings, status))
        }
        Item::Absent(_) | Item::Unmanaged(_) => None,
    })
}

/// The status that a key is to have.
pub(super) fn aim<'s>(section: &'s Section, change: &Change) -> Option<&'s str> {
    let name = change.at.subject.item()?;
    wanted(section).find(|(kid, ..)| *kid == name)?.2
}

pub(super) fn field<'a>(change: &'a Change, name: &str) -> Option<&'a FieldChange> {
    change.fields.iter().find(|diff| diff.name() == name)
}

pub(super) fn status(live: Option<&Map<String, Value>>) -> Option<&str> {
    live?.get("status").and_then(Value::as_str)
}

/// Whether a change puts its key into use.
pub(super) fn rotates(job: &KindChanges<'_>, change: &Change) -> bool {
    aim(job.section, change) == Some("in_use") && field(change, "status").is_some()
}
