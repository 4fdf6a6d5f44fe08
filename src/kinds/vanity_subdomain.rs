//! The vanity subdomain of a project: `myapp` for `https://myapp.supabase.co`.

use serde_json::{Value, json};

use crate::diag::codes::plan as codes;
use crate::kind::no_further_fields;
use crate::kind::prelude::*;
use crate::model::{DisplayValue, Finding};

/// `vanity_subdomain`: one label, or none.
pub struct VanitySubdomain;

const PATH: &str = "/v1/projects/{ref}/vanity-subdomain";
const CHECK: &str = "/v1/projects/{ref}/vanity-subdomain/check-availability";
const ACTIVATE: &str = "/v1/projects/{ref}/vanity-subdomain/activate";

/// Where a project has a custom hostname, which excludes a vanity subdomain.
const HAS_HOSTNAME: &str = "custom-domain-used";

const ACTIVATION: &str = "moves sign-ins to the new address at once: OAuth providers must know its callback, and SAML \
                          providers its entity id";

static LABEL: Form = Form {
    expected: "one label such as `myapp`: lower-case letters, digits and `-`, without a dot",
    pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    holds: |text| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (1..=63).contains(&text.len()) && text.chars().all(inner) && !text.starts_with('-') && !text.ends_with('-')
    },
    refuses: None,
};

/// A label that the project has is given up, for another one or for none.
static GIVEN_UP: Case = Case { when: "when it gives up the present one", holds: |was, is| !was.is_null() && was != is };

static INFO: KindInfo = KindInfo {
    name: "vanity_subdomain",
    doc: "A name of your own below `supabase.co` for the project's APIs, in place of its ref; on paid plans.",
    shape: Shape::Settings { path: PATH, write: Writes::Post(ACTIVATE), seen_at: None, sent_at: None },
    fields: &[&[text("vanity_subdomain")
        .form(&LABEL)
        .api_name("vanity_subdomain")
        .resets_to(&[Literal::Null])
        .entitlement("vanity_subdomain")
        .risks(&[
            Risk {
                when: When::Where(&GIVEN_UP),
                impact: Impact::Destructive,
                why: "gives up the present name, which anybody can take from then on",
            },
            Risk { when: When::Set, impact: Impact::Security, why: ACTIVATION },
        ])
        .example("myapp")
        .doc("The label before `.supabase.co`, which no other project has; `null` gives it up.")]],
    excludes: &["custom_hostname"],
    read_only: &["status"],
    example: "vanity_subdomain:\n  vanity_subdomain: myapp",
    ..KindInfo::PLAIN
};

fn wanted(section: &Section) -> Option<&DesiredValue> {
    match &section.body {
        SectionBody::Settings(settings) => settings.fields.get(INFO.name).map(|setting| &setting.value),
        SectionBody::Items(_) => None,
    }
}

/// Whether the same manifests take a custom hostname away.
fn hostname_goes(job: &KindChanges<'_>) -> bool {
    let managed = job.beside.desired.contains_key("custom_hostname");
    managed && job.beside.after("custom_hostname", "custom_hostname").is_some_and(|host| host.is_null())
}

impl Kind for VanitySubdomain {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    /// A label is written, and a whole host is read.
    fn observe(&self, answers: &[Answer]) -> Result<LiveKind, UnexpectedShape> {
        let unexpected = |pointer: &str, expected: &str| UnexpectedShape {
            pointer: pointer.to_owned(),
            expected: expected.to_owned(),
        };
        let body = answers.first().map_or(&Value::Null, |answer| &answer.body);
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let label = match text("status") {
            Some("active") => {
                let label = text("custom_domain").and_then(|host| host.split('.').next());
                Some(label.ok_or_else(|| unexpected("/custom_domain", "a host"))?)
            }
            Some("not-used" | HAS_HOSTNAME) => None,
            _ => return Err(unexpected("/status", "a known status")),
        };
        let live = json!({"vanity_subdomain": label, "status": text("status")});
        Ok(LiveKind::Settings(live.as_object().cloned().unwrap_or_default()))
    }

    fn check(&self, section: &Section, out: &mut Diagnostics) {
        no_further_fields(&INFO, section, out);
    }

    fn operations(&self) -> Vec<Operation> {
        let all = [(Method::Get, PATH), (Method::Post, CHECK), (Method::Post, ACTIVATE), (Method::Delete, PATH)];
        all.map(|(method, template)| Operation { method, template }).into()
    }

    /// A name that is taken needs a word, and a custom hostname that nobody takes away excludes it.
    fn couple_items(&self, job: &KindChanges<'_>, out: &mut Vec<Refusal>) {
        let mut fields = job.changes.iter().flat_map(|change| &change.fields);
        let Some(diff) = fields.find(|diff| diff.after != DisplayValue::Absent) else { return };
        let at = Address::section(job.target.project, INFO.name);
        let status = match job.live {
            LiveKind::Settings(live) => live.get("status").and_then(Value::as_str),
            LiveKind::Items(_) | LiveKind::NotYet => None,
        };
        if status == Some(HAS_HOSTNAME) && !hostname_goes(job) {
            let message = "the project has a custom hostname, which excludes a vanity subdomain";
            let hint = "Keep the custom hostname and remove this section, or take it away with \
                        `custom_hostname: {custom_hostname: null}`.";
            let found = Finding::new(codes::EXCLUDED, message).hint(hint).at(diff.origin.as_ref());
            out.push(Refusal { at: at.clone(), finding: found, allow: None });
        }
        if job.target.reference.is_some() {
            out.push(Refusal {
                at: at.setting(diff.name()),
                finding: Finding::new(codes::NEEDS_ALLOW, ACTIVATION).at(diff.origin.as_ref()),
                allow: Some(Impact::Security),
            });
        }
    }

    /// Whether the name is free is asked just before it is taken, since asking is a write of which the API takes ten a minute. What
    /// counts is whether it could be taken: somebody else may be faster.
    fn calls(&self, job: &KindChanges<'_>) -> Vec<PlannedCall> {
        if job.changes.is_empty() {
            return vec![];
        }
        let to = |method, path, repeat| Call::new(method, path, repeat).param("ref", job.target.param());
        let Some(DesiredValue::Value(label)) = wanted(job.section) else {
            return vec![PlannedCall::of(to(Method::Delete, PATH, Repeat::Idempotent), vec![0])];
        };
        let body = || Body::json(json!({"vanity_subdomain": label}));
        let taken = format!("{label} is taken by another project");
        let answers = Answers { shows: Some(("/available", true.into(), taken)), ..Answers::default() };
        let check = PlannedCall::of(to(Method::Post, CHECK, Repeat::Safe).body(body()), vec![]);
        let activate = PlannedCall::of(to(Method::Post, ACTIVATE, Repeat::Idempotent).body(body()), vec![0]);
        vec![PlannedCall { answers, ..check }, activate]
    }

    /// One of the two is there at a time.
    fn yields_to(&self, job: &KindChanges<'_>) -> Vec<&'static str> {
        let takes = matches!(wanted(job.section), Some(DesiredValue::Value(_)));
        if takes && hostname_goes(job) { vec!["custom_hostname"] } else { vec![] }
    }
}
