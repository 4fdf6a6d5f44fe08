//! Differences that rules leave alone: for this run, the live value is the desired one.
//!
//! Pure. Changes the desired state before a plan is made of it, so that plan, apply and the reading back agree, and a write
//! of a whole object carries the live value along. Main function: [`leave`].

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::diff::{self, DiffContext};
use crate::kind::{self, Registry};
use crate::model::{
    Action, Address, Change, Desired, DesiredValue, FieldChange, FieldKey, IgnoreRule, Ignored, Item, Live, LiveKind,
    Section, SectionBody, Settings,
};
use crate::schema::wire;
use crate::secret::Vault;

/// A difference that is left alone: its address, the action that would have happened, its field, and the reason.
pub type Left<T> = (Address, Action, Option<FieldChange>, T);

/// Removes from the desired state what rules ignore, and returns the differences.
pub fn leave(
    registry: Registry,
    desired: &mut Desired,
    live: &Live,
    vault: &Vault,
    rules: &[Arc<IgnoreRule>],
) -> Vec<Ignored> {
    if rules.is_empty() {
        return vec![];
    }
    let rule_for = |at: &Address, field: Option<&str>| rules.iter().find(|rule| rule.path.is_match(at, field)).cloned();
    let left = leave_where(registry, desired, live, vault, rule_for);
    left.into_iter().map(|(at, action, field, rule)| Ignored { at, action, field, rule }).collect()
}

/// Removes differences from the desired state where there is a reason. Before anything is live, nothing is known to differ.
pub fn leave_where<T>(
    registry: Registry,
    desired: &mut Desired,
    live: &Live,
    vault: &Vault,
    reason: impl Fn(&Address, Option<&str>) -> Option<T>,
) -> Vec<Left<T>> {
    let mut left = vec![];
    for (name, project) in &mut desired.projects {
        let Some(live) = live.projects.get(name).filter(|live| !live.is_new(project)) else { continue };
        for (kind_name, section) in &mut project.sections {
            let Some(kind) = kind::find(registry, kind_name) else { continue };
            let seen = live.kinds.get(kind_name).unwrap_or(&LiveKind::NotYet);
            let context = DiffContext { project: name, reference: live.reference.as_ref(), vault };
            for change in diff::section(kind.info(), context, section, seen).changes {
                left.extend(of_change(&change, section, seen, |field| reason(&change.at, field)));
            }
        }
    }
    left
}

/// The differences of a change that are left alone.
fn of_change<T>(
    change: &Change,
    section: &mut Section,
    seen: &LiveKind,
    reason: impl Fn(Option<&str>) -> Option<T>,
) -> Vec<Left<T>> {
    let Change { at, action, fields, origin } = change;
    let left = |field: Option<&FieldChange>, why| (at.clone(), *action, field.cloned(), why);
    if *action != Action::Update {
        let (Some(why), Some(name), SectionBody::Items(items)) = (reason(None), at.subject.item(), &mut section.body)
        else {
            return vec![];
        };
        let origin = origin.clone().unwrap_or_else(|| section.origin.clone());
        items.insert(name.to_owned(), Item::Unmanaged(origin));
        return vec![left(None, why)];
    }
    let (Some(settings), live) = (settings_of(section, at), members_of(seen, at)) else { return vec![] };
    let mut all = vec![];
    for field in fields {
        if let Some(why) = reason(Some(field.name())) {
            let_be(settings, field, live);
            all.push(left(Some(field), why));
        }
    }
    all
}

fn settings_of<'s>(section: &'s mut Section, at: &Address) -> Option<&'s mut Settings> {
    match (&mut section.body, at.subject.item()) {
        (SectionBody::Settings(settings), None) => Some(settings),
        (SectionBody::Items(items), Some(name)) => match items.get_mut(name) {
            Some(Item::Present(settings, _)) => Some(settings),
            _ => None,
        },
        _ => None,
    }
}

fn members_of<'l>(seen: &'l LiveKind, at: &Address) -> Option<&'l Map<String, Value>> {
    match (seen, at.subject.item()) {
        (LiveKind::Settings(members), None) => Some(members),
        (LiveKind::Items(items), Some(name)) => items.get(name),
        _ => None,
    }
}

/// Makes the live value of a field the desired one; stops managing the field where the API shows no value that could be
/// written.
fn let_be(settings: &mut Settings, diff: &FieldChange, live: Option<&Map<String, Value>>) {
    let FieldKey::Known(path) = &diff.key else {
        let name = diff.name();
        // Files are sent together or not at all.
        if let Some(content) = settings.content.as_mut().filter(|content| content.says(name)) {
            content.files.clear();
            content.facts.clear();
        }
        settings.extra_secrets.remove(name);
        if let Some(wanted) = settings.extra.get_mut(name) {
            match live.and_then(|live| live.get(name)) {
                Some(seen) => *wanted = seen.clone(),
                None => drop(settings.extra.shift_remove(name)),
            }
        }
        return;
    };
    let row = path.row();
    let seen = live.and_then(|live| path.get(live)).filter(|seen| !row.is_secret() && !seen.is_null());
    let value = seen.map(|seen| (wire::from_wire(row, seen), seen));
    let value = value.filter(|(value, seen)| diff::same_value(row, value, seen)).map(|(value, _)| value);
    let wanted = settings.fields.get_mut(path.top().name).map(|setting| &mut setting.value);
    match (wanted, path.within_top(), value) {
        (Some(wanted), None, Some(value)) => *wanted = DesiredValue::Value(value),
        (Some(DesiredValue::Value(Value::Object(object))), Some(inner), Some(value)) => inner.put(object, value),
        (Some(DesiredValue::Value(Value::Object(object))), Some(inner), None) => drop(inner.take(object)),
        (_, _, _) => drop(settings.fields.shift_remove(path.top().name)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::kinds::KINDS;
    use crate::manifest::{NoTexts, Options, build};
    use crate::model::{LiveProject, ProjectRef, Status};
    use crate::plan::{Inputs, make};

    const REF: &str = "aaaaaaaaaaaaaaaaaaaa";

    /// The ignored differences of a document and the remaining changes, over `live`.
    fn left(document: &str, paths: &[&str], status: Status, live: &Value) -> (Vec<String>, Vec<String>) {
        let rules = paths.iter().map(|path| format!("  - {{path: {path}, reason: r, owner: o, until: 2027-01-31}}\n"));
        let marker = format!("version: 1\nignore:\n{}", rules.collect::<String>());
        let text = format!("project: a\nref: {REF}\n{document}");
        let files = vec![("supaform.yaml".to_owned(), marker), ("a.yaml".to_owned(), text)];
        let built = build(files, &NoTexts, KINDS, &Options::default());
        assert!(built.diagnostics.is_empty(), "{:?}", built.diagnostics);
        let rules: Vec<_> = built.ignore.into_iter().map(Arc::new).collect();
        let kinds = live.as_object().unwrap().iter().map(|(name, live)| {
            let kind = kind::find(KINDS, name).unwrap().info();
            let members = live.as_object().unwrap().clone();
            let live = match kind.shape {
                kind::Shape::Settings { .. } => LiveKind::Settings(members),
                kind::Shape::Collection { .. } => LiveKind::Items(
                    members.into_iter().map(|(name, it)| (name, it.as_object().unwrap().clone())).collect(),
                ),
            };
            (kind.name, live)
        });
        let project = LiveProject {
            parent: None,
            reference: ProjectRef::parse(REF),
            name: "a".to_owned(),
            organization: "acme".to_owned(),
            region: "eu-central-1".to_owned(),
            status,
            kinds: kinds.collect(),
        };
        let live = Live { projects: BTreeMap::from([("a".to_owned(), project)]) };
        let (mut desired, vault) = (built.desired, Vault::new());
        let ignored = leave(KINDS, &mut desired, &live, &vault, &rules);
        let again = leave(KINDS, &mut desired.clone(), &live, &vault, &rules);
        assert!(again.is_empty(), "what is ignored once differs no longer: {again:?}");
        let blocked = BTreeMap::new();
        let inputs = Inputs {
            registry: KINDS,
            api: "http://localhost",
            desired: &desired,
            live: &live,
            blocked: &blocked,
            vault: &vault,
        };
        let plan = make(inputs);
        let ignored = ignored.iter().map(|it| match &it.field {
            Some(field) => format!("{}/{}", it.at, field.name()),
            None => format!("{:?} {}", it.action, it.at),
        });
        let changes = plan.projects["a"].changes.iter().map(|change| {
            let names: Vec<_> = change.fields.iter().map(FieldChange::name).collect();
            format!("{:?} {} {}", change.action, change.at, names.join(" ")).trim_end().to_owned()
        });
        (ignored.collect(), changes.collect())
    }

    fn assert_left(document: &str, paths: &[&str], live: &Value, ignored: &[&str], changes: &[&str]) {
        let (found, left) = left(document, paths, Status::Usable, live);
        assert_eq!(found, ignored, "{document}");
        assert_eq!(left, changes, "{document}");
    }

    #[test]
    fn a_field_is_left_as_it_is_live_and_the_others_are_not() {
        let live = json!({"auth": {"jwt_exp": 60, "site_url": "https://live.example", "smtp_host": "mail.example", "later": 1}});
        let document = "auth: {jwt_exp: 30m, site_url: \"https://a.example\", smtp_host: null, extra: {later: 2}}";
        let paths = ["a/auth/site_url", "a/auth/smtp_host", "a/auth/later"];
        let ignored = ["a/auth/site_url", "a/auth/smtp_host", "a/auth/later"];
        assert_left(document, &paths, &live, &ignored, &["Update a/auth jwt_exp"]);
    }

    #[test]
    fn a_member_of_an_object_is_left_and_its_neighbour_is_not() {
        let features = json!({"imageTransformation": {"enabled": false}, "s3Protocol": {"enabled": false}});
        let live = json!({"storage": {"fileSizeLimit": 1, "features": features}});
        let document = "storage: {features: {imageTransformation: {enabled: true}, s3Protocol: {enabled: true}}}";
        let path = "a/storage/features.imageTransformation";
        let left = ["Update a/storage features.s3Protocol.enabled"];
        assert_left(document, &[path], &live, &["a/storage/features.imageTransformation.enabled"], &left);
    }

    #[test]
    fn items_neither_come_nor_go() {
        let live =
            json!({"secrets": {"GONE": {"name": "GONE", "value": "x"}, "THEIRS": {"name": "THEIRS", "value": "x"}}});
        let document = "manage: {secrets: {prune: true}}\nsecrets: {NEW: {plain: x}, GONE: null, OTHER: {plain: x}}";
        let paths = ["a/secrets/NEW", "a/secrets/GONE", "a/secrets/THEIRS"];
        let ignored = ["Delete a/secrets/GONE", "Create a/secrets/NEW", "Delete a/secrets/THEIRS"];
        assert_left(document, &paths, &live, &ignored, &["Create a/secrets/OTHER value"]);
    }

    #[test]
    fn a_project_that_comes_up_is_left_alone_without_being_read() {
        let (ignored, changes) =
            left("auth: {jwt_exp: 30m, disable_signup: true}", &["a/auth/jwt_exp"], Status::ComingUp, &json!({}));
        assert_eq!(
            (ignored, changes),
            (vec!["a/auth/jwt_exp".to_owned()], vec!["Update a/auth disable_signup".to_owned()])
        );
    }

    #[test]
    fn a_new_project_gets_all_that_is_wanted() {
        let (ignored, changes) =
            left("auth: {jwt_exp: 30m}", &["a/auth/jwt_exp"], Status::Created, &json!({"auth": {"jwt_exp": 60}}));
        assert_eq!((ignored, changes), (vec![], vec!["Update a/auth jwt_exp".to_owned()]));
    }
}
