use indexmap::IndexMap;
use serde_json::json;

use super::*;
use crate::diag::{Sources, Span};
use crate::kinds::KINDS;
use crate::model::{Layer, Policy};
use crate::secret::{Secret, SecretSource};

const REF: &str = "abcdefghijklmnopqrst";

fn origin() -> Origin {
    let source = Sources::new().add("projects/acme.yaml", "project: acme\n");
    Origin { span: Span::new(source, 0, 7), layer: Layer::Document }
}

fn info(kind: &str) -> &'static KindInfo {
    crate::kind::find(KINDS, kind).expect("a kind").info()
}

fn settings(kind: &str, wanted: &[(&str, DesiredValue)]) -> Settings {
    let fields = wanted.iter().map(|(name, value)| {
        let field = info(kind).field(name).expect("a field");
        (field.name, Setting { field, value: value.clone(), origin: origin(), parts: vec![], over: vec![] })
    });
    Settings { fields: fields.collect::<IndexMap<_, _>>(), ..Settings::default() }
}

fn document(kind: &str, wanted: &[(&str, DesiredValue)]) -> Section {
    Section {
        origin: origin(),
        policy: Policy::default(),
        hands_off: std::collections::BTreeSet::new(),
        body: SectionBody::Settings(settings(kind, wanted)),
    }
}

fn env(name: &str) -> SecretUse {
    SecretUse::one(SecretSource::Env(name.to_owned()))
}

fn vault() -> Vault {
    let mut vault = Vault::new();
    vault.put(SecretSource::Env("KNOWN".to_owned()), Secret::new("test-secret".to_owned()));
    vault
}

fn compare_with(kind: &str, section_: &Section, live: &LiveKind) -> Difference {
    let reference = ProjectRef::parse(REF).expect("a ref");
    let vault = vault();
    section(info(kind), DiffContext { project: "acme", reference: Some(&reference), vault: &vault }, section_, live)
}

fn live(value: &Value) -> LiveKind {
    LiveKind::Settings(value.as_object().cloned().unwrap_or_default())
}

fn names(found: &Difference) -> Vec<String> {
    found.changes.iter().flat_map(|change| change.fields.iter().map(|diff| diff.name().to_owned())).collect()
}

#[test]
fn unmanaged_fields_are_counted_and_not_touched() {
    let found =
        compare_with("auth", &document("auth", &[]), &live(&json!({"jwt_exp": 60, "smtp_pass": null, "new": 1})));
    assert!(found.changes.is_empty());
    assert_eq!(found.unmanaged.fields, 2, "rows of the table that live shows");
}

#[test]
fn a_value_differs_or_not() {
    let wanted = document("auth", &[("jwt_exp", DesiredValue::Value(json!(3600)))]);
    assert!(compare_with("auth", &wanted, &live(&json!({"jwt_exp": 3600}))).changes.is_empty());
    assert_eq!(names(&compare_with("auth", &wanted, &live(&json!({"jwt_exp": 60})))), ["jwt_exp"]);
    assert_eq!(names(&compare_with("auth", &wanted, &LiveKind::NotYet)), ["jwt_exp"]);
}

#[test]
fn null_is_satisfied_by_the_platforms_default() {
    let wanted = document("auth", &[("jwt_exp", DesiredValue::Clear)]);
    assert!(compare_with("auth", &wanted, &live(&json!({"jwt_exp": 3600}))).changes.is_empty());
    assert_eq!(names(&compare_with("auth", &wanted, &live(&json!({"jwt_exp": 60})))), ["jwt_exp"]);
}

#[test]
fn secrets_compare_by_digest_and_never_show_one() {
    let digest = Digest::HmacOfRef.of("test-secret", REF).expect("a digest");
    let wanted = document("auth", &[("smtp_pass", DesiredValue::Secret(env("KNOWN")))]);
    assert!(compare_with("auth", &wanted, &live(&json!({"smtp_pass": digest}))).changes.is_empty());
    let found = compare_with("auth", &wanted, &live(&json!({"smtp_pass": "0".repeat(64)})));
    assert_eq!(names(&found), ["smtp_pass"]);
    assert_eq!(found.changes[0].fields[0].before, DisplayValue::SecretSet);
    assert!(!format!("{found:?}").contains(&digest));
    // A text that is not a digest (stars) cannot be compared: a note, no difference.
    let masked = compare_with("auth", &wanted, &live(&json!({"smtp_pass": "****"})));
    assert!(masked.changes.is_empty());
    assert_eq!(masked.notes.len(), 1);
}

#[test]
fn a_secret_that_live_lacks_is_a_difference_also_without_its_value() {
    let wanted = document("auth", &[("smtp_pass", DesiredValue::Secret(env("UNKNOWN")))]);
    for seen in [json!({"smtp_pass": null}), json!({"smtp_pass": ""}), json!({})] {
        let found = compare_with("auth", &wanted, &live(&seen));
        assert!(!found.changes[0].fields[0].at_hand && found.not_compared.is_empty());
    }
    let item = Item::Present(settings("secrets", &[("value", DesiredValue::Secret(env("UNKNOWN")))]), origin());
    let found = compare_with("secrets", &items(vec![("NEW", item)], false), &live_items(&["OTHER"]));
    assert_eq!(actions(&found), [("NEW".to_owned(), Action::Create)]);
    assert!(!found.changes[0].fields[0].at_hand && found.notes.is_empty());
}

#[test]
fn a_secret_that_live_has_is_not_compared_without_its_value() {
    let wanted = document("auth", &[("smtp_pass", DesiredValue::Secret(env("UNKNOWN")))]);
    let found = compare_with("auth", &wanted, &live(&json!({"smtp_pass": "0".repeat(64)})));
    assert!(found.changes.is_empty() && found.notes.is_empty());
    let named: Vec<_> = found.not_compared.iter().map(|it| format!("{}.{} {}", it.at, it.field, it.secret)).collect();
    assert_eq!(named, ["acme/auth.smtp_pass $UNKNOWN"]);
}

#[test]
fn clearing_a_secret_is_destructive() {
    let wanted = document("auth", &[("smtp_pass", DesiredValue::Clear)]);
    let found = compare_with("auth", &wanted, &live(&json!({"smtp_pass": "0".repeat(64)})));
    assert!(found.changes[0].fields[0].risks.iter().any(|(impact, _)| *impact == Impact::Destructive));
    assert!(compare_with("auth", &wanted, &live(&json!({"smtp_pass": ""}))).changes.is_empty());
}

fn items(wanted: Vec<(&str, Item)>, prune: bool) -> Section {
    let body = SectionBody::Items(wanted.into_iter().map(|(name, item)| (name.to_owned(), item)).collect());
    Section {
        origin: origin(),
        policy: Policy { prune, ..Policy::default() },
        hands_off: std::collections::BTreeSet::new(),
        body,
    }
}

fn plain(value: &str) -> Item {
    let secret = SecretUse::one(SecretSource::Plain(value.to_owned()));
    Item::Present(settings("secrets", &[("value", DesiredValue::Secret(secret))]), origin())
}

fn live_items(names: &[&str]) -> LiveKind {
    let digest = Digest::Sha256.of("bar", "").expect("a digest");
    let item = |name: &&str| {
        let members = json!({"name": name, "value": digest});
        ((*name).to_owned(), members.as_object().cloned().unwrap_or_default())
    };
    LiveKind::Items(names.iter().map(item).collect())
}

fn actions(found: &Difference) -> Vec<(String, Action)> {
    found
        .changes
        .iter()
        .map(|change| (change.at.subject.item().unwrap_or_default().to_owned(), change.action))
        .collect()
}

#[test]
fn items_are_made_changed_and_removed_only_when_told() {
    let wanted =
        vec![("NEW", plain("x")), ("SAME", plain("bar")), ("OTHER", plain("x")), ("GONE", Item::Absent(origin()))];
    let seen = live_items(&["SAME", "OTHER", "GONE", "THEIRS"]);
    let found = compare_with("secrets", &items(wanted, false), &seen);
    let expected = [("GONE", Action::Delete), ("NEW", Action::Create), ("OTHER", Action::Update)];
    assert_eq!(actions(&found), expected.map(|(name, action)| (name.to_owned(), action)));
    assert_eq!(found.unmanaged.items["secrets"], ["THEIRS"]);
}

#[test]
fn prune_removes_unwritten_items_and_spares_unmanaged_ones() {
    let wanted = vec![("SAME", plain("bar")), ("HANDS_OFF", Item::Unmanaged(origin()))];
    let found = compare_with("secrets", &items(wanted, true), &live_items(&["SAME", "HANDS_OFF", "THEIRS"]));
    assert_eq!(actions(&found), [("THEIRS".to_owned(), Action::Delete)]);
}
