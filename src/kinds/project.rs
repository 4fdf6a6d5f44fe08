//! The project itself: created where it is desired and does not exist, renamed where a pinned project has another name.
//!
//! No section of a manifest stands for it: its fields are keys of the envelope. So it is no entry of
//! [`KINDS`](super::KINDS), and the plan refers to it by name.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::kind::prelude::*;
use crate::model::{DesiredProject, Origin, Policy, Setting, Spanned};

/// The project itself: its name, and the fields of its creation.
pub struct Project;

const PATH: &str = "/v1/projects/{ref}";
const LIST: &str = "/v1/projects";

/// Groups of regions: Supabase picks one region of the group, so a group is not compared with the live region.
pub const REGION_GROUPS: &[&str] = &["americas", "emea", "apac"];

static INFO: KindInfo = KindInfo {
    name: KindInfo::PROJECT,
    doc: "The project itself.",
    shape: Shape::Settings { path: PATH, write: Writes::Patch, seen_at: None, sent_at: None },
    fields: &[&[
        text("name")
            .max_chars(256)
            .harmless("it is a name for people only")
            .doc("The project's name in the dashboard."),
        text("organization")
            .api_name("organization_slug")
            .doc("The slug of the organization that owns and pays for the project.")
            .risks(&[Risk {
                when: When::Set,
                impact: Impact::Billed,
                why: "creates a project, which costs money unless the organization is on the free plan",
            }]),
        text("region")
            .harmless("it is chosen once, when the project is created")
            .doc("Where the project runs; it cannot be moved."),
        text("database_password")
            .api_name("db_pass")
            .secret(Digest::Never)
            .doc("The password of the database's owner, which nobody can read back."),
    ]],
    example: "",
    ..KindInfo::PLAIN
};

/// The desired fields of a project that is to be created.
#[must_use]
pub fn to_create(desired: &DesiredProject) -> Section {
    let here = desired.origin();
    let text = |written: &Option<Spanned<String>>| {
        written.as_ref().map(|written| (DesiredValue::Value(written.value.clone().into()), written.origin.clone()))
    };
    let name =
        text(&desired.name).or_else(|| Some((DesiredValue::Value(desired.document.clone().into()), here.clone())));
    let password = desired.database_password.as_ref();
    let password = password.map(|password| (DesiredValue::Secret(password.value.clone()), password.origin.clone()));
    let origin = desired.create.as_ref().map_or(here, |create| create.origin.clone());
    let all = [
        ("name", name),
        ("organization", text(&desired.organization)),
        ("region", text(&desired.region)),
        ("database_password", password),
    ];
    section(origin, all)
}

/// The desired name of a pinned project; without `ref:`, the name finds the project instead.
#[must_use]
pub fn to_rename(desired: &DesiredProject) -> Option<Section> {
    let name = desired.name.as_ref().filter(|_| desired.reference.is_some())?;
    let value = DesiredValue::Value(name.value.clone().into());
    Some(section(name.origin.clone(), [("name", Some((value, name.origin.clone())))]))
}

fn section<const N: usize>(origin: Origin, written: [(&str, Option<(DesiredValue, Origin)>); N]) -> Section {
    let mut settings = Settings::default();
    for (name, written) in written {
        if let (Some(field), Some((value, origin))) = (INFO.field(name), written) {
            settings.fields.insert(field.name, Setting { field, value, origin, parts: vec![], over: vec![] });
        }
    }
    Section {
        origin,
        policy: Policy::default(),
        hands_off: std::collections::BTreeSet::new(),
        body: SectionBody::Settings(settings),
    }
}

impl Kind for Project {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    fn calls(&self, job: &KindChanges<'_>) -> Vec<PlannedCall> {
        let SectionBody::Settings(settings) = &job.section.body else { return vec![] };
        if job.target.reference.is_some() {
            return crate::kind::settings_calls(&INFO, job, None);
        }
        let value = |name: &str| match settings.fields.get(name).map(|setting| &setting.value) {
            Some(DesiredValue::Value(value)) => value.clone(),
            _ => Value::Null,
        };
        let region = value("region");
        let (member, region) = if region.as_str().is_some_and(|region| REGION_GROUPS.contains(&region)) {
            ("region_selection", json!({"type": "smartGroup", "code": region}))
        } else {
            ("region", region)
        };
        let body = json!({"name": value("name"), "organization_slug": value("organization"), member: region});
        let mut secrets = BTreeMap::new();
        if let Some(DesiredValue::Secret(secret)) =
            settings.fields.get("database_password").map(|setting| &setting.value)
        {
            secrets.insert(BodyPlace::member(["db_pass"]), secret.clone());
        }
        let call = Call::new(Method::Post, LIST, Repeat::OnceOnly).body(Body::Json(JsonBody::of(body, secrets)));
        vec![PlannedCall::of(call, vec![0])]
    }
}
