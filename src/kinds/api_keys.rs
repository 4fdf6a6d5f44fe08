//! The API keys of a project: publishable ones for apps, secret ones for servers.
//!
//! The value of a key is never requested, and any part of it in an answer is dropped at once. The API allows several keys
//! of one name; which of them a manifest manages is not guessed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::diag::codes::{plan, value as codes};
use crate::exit::Exit;
use crate::kind::live_of;
use crate::kind::prelude::*;
use crate::model::{DisplayValue, Finding, Origin, Problem};

/// `api_keys`: a collection by name; the API identifies each item by an id.
pub struct ApiKeys;

const LIST: &str = "/v1/projects/{ref}/api-keys";
const ONE: &str = "/v1/projects/{ref}/api-keys/{id}";

static INFO: KindInfo =
    KindInfo {
        name: "api_keys",
        doc: "Publishable and secret API keys; their values are never read, printed or stored.",
        shape: Shape::Collection {
            path: LIST,
            key: "name",
            scalar: None,
            reserved: Some(is_reserved),
            bad_name,
            delete_risk: "whoever uses the key is locked out at once, and the key cannot be recovered",
            items: Some(Items::Each {
                path: ONE,
                id: ("id", "id"),
                named: true,
                made_with: &[],
                update: Some(Update::Patch),
            }),
        },
        fields: &[&[
            choice("type", &["publishable", "secret"]).example("secret").judged().fixed().doc(
                "Whether the key ships with an app or stays on servers; a new key needs it, and a live one keeps it.",
            ),
            text("description")
                .prose()
                .cleared_as(&[Literal::Null, Literal::Text("")])
                .example("Nightly reports")
                .harmless("it is a description for people only")
                .doc("The purpose of the key, shown in the dashboard."),
            map("secret_jwt_template", &Type::Any)
                .cleared_as(&[Literal::Null])
                .risks(&[Risk {
                    when: When::Changed,
                    impact: Impact::Security,
                    why: "decides the role of whoever holds the key",
                }])
                .example("{role: service_role}")
                .doc("The claims of the token for which a secret key is exchanged; replaced as a whole."),
        ]],
        example: "\
api_keys:
  mobile: {type: publishable}
  reports:
    type: secret
    description: Nightly reports
    secret_jwt_template: {role: service_role}",
        dropped: &["api_key", "hash", "prefix"],
        read_back: ReadBack::Together,
        ..KindInfo::PLAIN
    };

/// The keys that come with a project; they are ignored.
fn is_reserved(name: &str) -> bool {
    matches!(name, "default" | "anon" | "service_role")
}

fn bad_name(name: &str) -> Option<String> {
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if is_reserved(name) {
        Some(format!("`{name}` is a key that comes with the project and cannot be managed"))
    } else if !(4..=64).contains(&name.len())
        || !name.chars().all(rest)
        || name.starts_with(|c: char| c.is_ascii_digit())
    {
        Some("the name of a key is 4 to 64 lower-case letters, digits and `_`, not starting with a digit".to_owned())
    } else {
        None
    }
}

fn items_of(section: &Section) -> impl Iterator<Item = (&String, &Item)> {
    let items = if let SectionBody::Items(items) = &section.body { Some(items) } else { None };
    items.into_iter().flatten()
}

/// The type in the manifest.
fn type_of(settings: &Settings) -> Option<&str> {
    match settings.fields.get("type").map(|setting| &setting.value) {
        Some(DesiredValue::Value(value)) => value.as_str(),
        _ => None,
    }
}

fn text_of<'a>(item: &'a Map<String, Value>, member: &str) -> Option<&'a str> {
    item.get(member).and_then(Value::as_str)
}

impl Kind for ApiKeys {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    /// Keys by name; keys that share a name by id, which is no valid name. Legacy keys and keys of unknown types are not
    /// items.
    fn observe(&self, answers: &[Answer]) -> Result<LiveKind, UnexpectedShape> {
        let unexpected = |at: String, expected: &str| UnexpectedShape { pointer: at, expected: expected.to_owned() };
        let list = answers.first().and_then(|answer| answer.body.as_array());
        let list = list.ok_or_else(|| unexpected(String::new(), "a list of keys"))?;
        let (mut keys, mut seen, mut shared) = (vec![], BTreeSet::new(), BTreeSet::new());
        for (index, key) in list.iter().enumerate() {
            let mut key = key.as_object().cloned().ok_or_else(|| unexpected(format!("/{index}"), "an object"))?;
            let text = |member: &str| {
                text_of(&key, member)
                    .map(str::to_owned)
                    .ok_or_else(|| unexpected(format!("/{index}/{member}"), "a text"))
            };
            let (name, id) = (text("name")?, text("id")?);
            if is_reserved(&name) || !matches!(text_of(&key, "type"), Some("publishable" | "secret")) {
                continue;
            }
            key.retain(|member, _| !INFO.dropped.contains(&member.as_str()));
            if !seen.insert(name.clone()) {
                shared.insert(name.clone());
            }
            keys.push((name, id, key));
        }
        let keys = keys.into_iter().map(|(name, id, key)| (if shared.contains(&name) { id } else { name }, key));
        Ok(LiveKind::Items(keys.collect()))
    }

    /// Keys that share a name stay apart; managing or pruning that name is refused.
    fn align(&self, project: &str, section: &Section, live: LiveKind) -> Result<LiveKind, Box<Problem>> {
        let LiveKind::Items(mut live) = live else { return Ok(live) };
        let SectionBody::Items(items) = &section.body else { return Ok(LiveKind::Items(live)) };
        let named = |key: &Map<String, Value>| text_of(key, "name").unwrap_or_default().to_owned();
        let keys = live.iter().map(|(id, key)| (id, named(key)));
        let shared: BTreeSet<String> = keys.filter(|(id, name)| *id != name).map(|(_, name)| name).collect();
        for name in shared {
            let origin = match items.get(&name) {
                Some(Item::Unmanaged(_)) => {
                    live.retain(|_, key| named(key) != name);
                    continue;
                }
                None if !section.policy.prune => continue,
                None => &section.origin,
                Some(Item::Present(_, origin) | Item::Absent(origin)) => origin,
            };
            return Err(Box::new(unclear(project, &name, &live, origin)));
        }
        Ok(LiveKind::Items(live))
    }

    fn check(&self, section: &Section, out: &mut Diagnostics) {
        for (name, item) in items_of(section) {
            let Item::Present(settings, _) = item else { continue };
            let template = settings.fields.get("secret_jwt_template").filter(|it| it.value != DesiredValue::Clear);
            if let (Some("publishable"), Some(template)) = (type_of(settings), template) {
                let message = format!("`{name}` is publishable, so it is not exchanged for a token");
                let found = Diagnostic::error(codes::KEY_TEMPLATE, template.origin.span, message);
                out.push(found.hint("Remove the template, or write `type: secret`."));
            }
        }
    }

    /// A new secret key gives more rights than a publishable one.
    fn add_risks(&self, _: Sides<'_>, changes: &mut [Change]) {
        for change in changes.iter_mut().filter(|change| change.action == Action::Create) {
            let secret = DisplayValue::Value("secret".into());
            let made = change.fields.iter_mut().find(|diff| diff.name() == "type" && diff.after == secret);
            if let Some(diff) = made {
                let why = "creates a key that bypasses row-level security, unless its template restricts it";
                diff.risks.push((Impact::Security, why));
            }
        }
    }

    fn couple_items(&self, job: &KindChanges<'_>, out: &mut Vec<Refusal>) {
        let SectionBody::Items(items) = &job.section.body else { return };
        for change in job.changes {
            let Some(Item::Present(settings, _)) = change.at.subject.item().and_then(|name| items.get(name)) else {
                continue;
            };
            let field = |name: &str| change.fields.iter().find(|diff| diff.name() == name);
            let publishable = live_of(job, change).and_then(|key| text_of(key, "type")) == Some("publishable");
            let (code, message, hint) = match change.action {
                Action::Create if type_of(settings).is_none() => (
                    plan::MISSING_COMPANION,
                    "a new key needs a `type`",
                    "Write `type: publishable` for apps, or `type: secret` for servers.",
                ),
                Action::Update if field("type").is_some() => (
                    plan::CANNOT_BECOME,
                    "the type of a key cannot change",
                    "Create a key of that type under another name, move the clients over, and then remove this one.",
                ),
                Action::Update if publishable && field("secret_jwt_template").is_some() => (
                    plan::CANNOT_BECOME,
                    "the key is publishable, so it is not exchanged for a token",
                    "Remove the template, or create a key of `type: secret` under another name.",
                ),
                Action::Create | Action::Update | Action::Delete => continue,
            };
            out.push(Refusal {
                at: change.at.clone(),
                finding: Finding {
                    code,
                    message: message.to_owned(),
                    hints: vec![hint.to_owned()],
                    origin: change.origin.clone(),
                },
                allow: None,
            });
        }
    }
}

fn unclear(project: &str, name: &str, live: &BTreeMap<String, Map<String, Value>>, origin: &Origin) -> Problem {
    let same = live.iter().filter(|(_, key)| text_of(key, "name") == Some(name));
    let keys: Vec<_> = same.map(|(id, key)| format!("{} {id}", text_of(key, "type").unwrap_or_default())).collect();
    let hint =
        "Remove or rename all but one of them in the dashboard, or stop managing the name with `{unmanaged: true}`.";
    Problem {
        finding: Finding {
            code: plan::SAME_NAME,
            message: format!(
                "{}: several live keys have this name: {}",
                Address::item(project, INFO.name, name),
                keys.join(" and ")
            ),
            hints: vec![hint.to_owned()],
            origin: Some(origin.clone()),
        },
        exit: Exit::Attention,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_those_that_the_api_takes() {
        let long = "a".repeat(64);
        for fine in ["web_", "_abc", "mobile2", long.as_str()] {
            assert_eq!(bad_name(fine), None, "{fine}");
        }
        let longer = "a".repeat(65);
        for bad in ["", "abc", "Web1", "1abc", "a-bc", "wéb_", "default", "anon", "service_role", longer.as_str()] {
            assert!(bad_name(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn no_material_of_a_key_outlives_the_answer() {
        let key = |id: &str, name: &str, of: &str| json!({"id": id, "name": name, "type": of, "api_key": "canary", "hash": "canary", "prefix": "canary"});
        let body = json!([
            key("anon", "anon", "legacy"),
            key("1", "default", "publishable"),
            key("2", "default", "secret"),
            key("3", "mobile", "publishable"),
            key("4", "twins", "publishable"),
            key("5", "twins", "secret"),
            key("6", "later", "of another type"),
        ]);
        let Ok(LiveKind::Items(live)) = ApiKeys.observe(&[Answer { status: 200, body, at: None }]) else {
            panic!("items")
        };
        assert_eq!(live.keys().collect::<Vec<_>>(), ["4", "5", "mobile"]);
        assert!(!format!("{live:?}").contains("canary"));
    }
}
