//! Compares two sides of one form: a project with another, or with itself at another revision.
//!
//! Pure. A [`Side`] has all facts of one project, rendered or live; [`compare`] finds the differences. Digests of secrets
//! are compared here and never leave this module.

mod among;
mod side;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

pub use among::{Among, Apart, among};

use crate::diff;
use crate::kind::KindInfo;
use crate::model::{DisplayValue, Origin, Subject};
use crate::schema::{Digest, Field, wire};
use crate::secret::{SecretSource, SecretUse, looks_like_digest};

/// The place of a fact within a project; sorted by section, item and row of the table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The project itself, a section, or an item of one.
    pub subject: Subject,
    row: usize,
    /// The field; empty where an item has none.
    pub field: String,
}

/// A fact of one side at a place.
#[derive(Debug, Clone)]
pub struct Fact {
    /// The row, where the table has one.
    pub field: Option<&'static Field>,
    /// The value.
    pub says: StatedValue,
    /// Where a manifest sets it.
    pub origin: Option<Origin>,
    /// Where weaker layers set it, too, the weakest first.
    pub over: Vec<Origin>,
    live: Option<Raw>,
}

/// The value of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum StatedValue {
    /// A value, a reference to a secret, or "not set".
    DisplayValue(DisplayValue),
    /// A written `null` of a field: clear it.
    Cleared,
    /// A written `null` of an item: make it absent.
    Gone,
    /// `{unmanaged: true}`.
    Unmanaged,
}

/// A value as the API shows it; it may be the digest of a secret.
#[derive(Clone)]
struct Raw(Value);

impl fmt::Debug for Raw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[live]")
    }
}

/// All facts of one project.
#[derive(Debug, Default)]
pub struct Side {
    facts: BTreeMap<Place, Fact>,
}

/// How much of the project itself belongs to a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// Everything: the same project at two revisions.
    Whole,
    /// Without its identity: `ref` and `name`.
    Without,
}

/// Two sides compared.
#[derive(Debug, Default)]
pub struct Comparison {
    /// What differs or cannot be compared, in order.
    pub differences: Vec<Difference>,
    /// How many facts are equal.
    pub equal: usize,
}

/// A place at which the sides differ, or cannot be compared.
#[derive(Debug, Clone)]
pub struct Difference {
    /// Where.
    pub place: Place,
    /// The fact of the first side, if any.
    pub before: Option<Fact>,
    /// The fact of the second side, if any.
    pub after: Option<Fact>,
    /// How certain the difference is.
    pub verdict: Verdict,
}

/// The result of comparing two facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They differ.
    Differs,
    /// Both have a secret, and it is unknown whether it is the same.
    Unknown,
}

fn subject(info: &KindInfo, item: Option<&str>) -> Subject {
    item.map_or_else(|| Subject::of(info), |item| Subject::Item(info.name, item.to_owned()))
}

impl Place {
    /// A place of which nothing may be said.
    #[must_use]
    pub fn of(info: &'static KindInfo, item: Option<&str>, field: Option<&str>) -> Self {
        let field = field.or(info.scalar()).unwrap_or_default();
        let row = info.all_fields().position(|row| row.name == field).unwrap_or_default();
        Self { subject: subject(info, item), row, field: field.to_owned() }
    }
}

/// Compares two sides.
#[must_use]
pub fn compare(before: &Side, after: &Side) -> Comparison {
    let mut found = Comparison::default();
    let places: BTreeSet<&Place> = before.facts.keys().chain(after.facts.keys()).collect();
    for place in places {
        let (one, other) = (before.facts.get(place), after.facts.get(place));
        let verdict = match (one, other) {
            (Some(one), Some(other)) => judge(one, other),
            _ => Some(Verdict::Differs),
        };
        match verdict {
            None => found.equal += 1,
            Some(verdict) => {
                let (before, after) = (one.cloned(), other.cloned());
                found.differences.push(Difference { place: place.clone(), before, after, verdict });
            }
        }
    }
    found
}

/// Whether live is as desired; `None` where that is unknown without the value of a secret.
#[must_use]
pub fn is_as_wanted(wanted: &Fact, live: Option<&Fact>) -> Option<bool> {
    let seen = live.and_then(|fact| fact.live.as_ref()).map_or(&Value::Null, |raw| &raw.0);
    match (&wanted.says, wanted.field) {
        (StatedValue::DisplayValue(DisplayValue::Value(value)), Some(field)) => {
            Some(diff::same_value(field, value, seen))
        }
        (StatedValue::DisplayValue(DisplayValue::Value(value)), None) => Some(value == seen),
        (StatedValue::DisplayValue(DisplayValue::Secret(_)), _)
            if live.is_some_and(|it| it.says == StatedValue::DisplayValue(DisplayValue::SecretSet)) =>
        {
            None
        }
        (StatedValue::DisplayValue(_), _) => Some(false),
        (StatedValue::Cleared, Some(field)) => Some(diff::is_unset(field, seen)),
        (StatedValue::Cleared, None) => Some(seen.is_null()),
        (StatedValue::Gone, _) => Some(live.is_none()),
        (StatedValue::Unmanaged, _) => None,
    }
}

/// `None` where two facts are equal.
fn judge(one: &Fact, other: &Fact) -> Option<Verdict> {
    let same = match (&one.says, &other.says) {
        (StatedValue::DisplayValue(DisplayValue::SecretSet), StatedValue::DisplayValue(DisplayValue::SecretSet)) => {
            return judge_digests(one, other);
        }
        (StatedValue::DisplayValue(DisplayValue::Secret(a)), StatedValue::DisplayValue(DisplayValue::Secret(b))) => {
            same_reference(a, b)
        }
        (StatedValue::DisplayValue(DisplayValue::Value(a)), StatedValue::DisplayValue(DisplayValue::Value(b))) => {
            match (one.field, &other.live) {
                (Some(field), Some(Raw(seen))) => diff::same_value(field, a, seen),
                (Some(field), None) => wire::canonical(field, a) == wire::canonical(field, b),
                (None, _) => a == b,
            }
        }
        // Live shows "not set" in more than one way.
        (StatedValue::DisplayValue(DisplayValue::Absent), StatedValue::DisplayValue(DisplayValue::Value(value)))
        | (StatedValue::DisplayValue(DisplayValue::Value(value)), StatedValue::DisplayValue(DisplayValue::Absent)) => {
            one.live.is_some() && one.field.is_some_and(|field| diff::same_value(field, value, &Value::Null))
        }
        (a, b) => a == b,
    };
    (!same).then_some(Verdict::Differs)
}

/// Most digests are keyed by the project's ref, so those of two projects cannot be compared.
fn judge_digests(one: &Fact, other: &Fact) -> Option<Verdict> {
    let comparable = one.field.is_some_and(|field| field.secret == Some(Digest::Sha256));
    match (&one.live, &other.live) {
        (Some(Raw(Value::String(a))), Some(Raw(Value::String(b))))
            if comparable && looks_like_digest(a) && looks_like_digest(b) =>
        {
            (a != b).then_some(Verdict::Differs)
        }
        _ => Some(Verdict::Unknown),
    }
}

/// Whether two projects name the same secret: `{secret: NAME}` is one reference in whichever document.
fn same_reference(a: &SecretUse, b: &SecretUse) -> bool {
    let same = |(a, b): (&SecretSource, &SecretSource)| match (a, b) {
        (SecretSource::Named { name: a, .. }, SecretSource::Named { name: b, .. }) => a == b,
        (a, b) => a == b,
    };
    a.parts.len() == b.parts.len() && a.parts.iter().zip(&b.parts).all(same)
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use super::*;
    use crate::kind::Shape;
    use crate::kinds::KINDS;
    use crate::manifest::{NoTexts, Options, build};
    use crate::model::Desired;
    use crate::model::LiveKind;

    fn desired(projects: &str) -> Desired {
        let files = vec![
            ("supaform.yaml".to_owned(), "version: 1".to_owned()),
            ("a.yaml".to_owned(), format!("common: {{organization: acme}}\nprojects:\n{projects}")),
        ];
        let built = build(files, &NoTexts, KINDS, &Options::default());
        assert!(!built.diagnostics.has_errors(), "{:?}", built.diagnostics);
        built.desired
    }

    fn said(found: &Comparison) -> Vec<String> {
        let side = |fact: &Option<Fact>| fact.as_ref().map_or("-".to_owned(), |fact| format!("{:?}", fact.says));
        let line = |it: &Difference| {
            let unknown = if it.verdict == Verdict::Unknown { " unknown" } else { "" };
            format!(
                "{}.{}: {} | {}{unknown}",
                it.place.subject.told(),
                it.place.field,
                side(&it.before),
                side(&it.after)
            )
        };
        found.differences.iter().map(line).collect()
    }

    fn rendered(a: &str, b: &str) -> Comparison {
        let desired = desired(&format!("  a: {{{a}}}\n  b: {{{b}}}\n"));
        let side = |name: &str| Side::rendered(&desired.projects[name], KINDS, Identity::Without);
        compare(&side("a"), &side("b"))
    }

    #[test]
    fn what_means_the_same_is_equal() {
        let found = rendered(
            "name: A, auth: {jwt_exp: 1h, uri_allow_list: [https://x.dev, https://y.dev], smtp_pass: {secret: S}}",
            "name: B, auth: {jwt_exp: 3600, uri_allow_list: [https://y.dev, https://x.dev], smtp_pass: {secret: S}}",
        );
        assert_eq!(said(&found), Vec::<String>::new());
        // Organization, `protected`, `create` and three fields.
        assert_eq!(found.equal, 6);
    }

    #[test]
    fn what_differs_is_told_in_the_order_of_the_table() {
        let found = rendered(
            "protected: true, auth: {smtp_pass: {env: A}, site_url: https://a.dev}, secrets: {X: null, Y: {plain: y}}",
            "labels: {env: b}, manage: {secrets: {prune: true}}, auth: {smtp_pass: null, jwt_exp: 60, site_url: https://b.dev}, \
             secrets: {X: {plain: x}, Z: {unmanaged: true}}",
        );
        insta::assert_debug_snapshot!(said(&found));
    }

    #[test]
    fn a_revision_compares_the_ref_and_the_name_too() {
        let desired = desired("  a: {ref: aaaaaaaaaaaaaaaaaaaa}\n  b: {ref: bbbbbbbbbbbbbbbbbbbb, name: B}\n");
        let side = |name: &str| Side::rendered(&desired.projects[name], KINDS, Identity::Whole);
        let found = compare(&side("a"), &side("b"));
        let fields: Vec<_> = found.differences.iter().map(|it| it.place.field.as_str()).collect();
        assert_eq!(fields, ["ref", "name"]);
    }

    fn live(kind: &'static str, a: Value, b: Value) -> Comparison {
        let desired = desired("  a: {}\n");
        let side = |value: Value| {
            let members = |value: Value| value.as_object().cloned().unwrap_or_default();
            let settings = matches!(crate::kind::find(KINDS, kind).unwrap().info().shape, Shape::Settings { .. });
            let seen = if settings {
                LiveKind::Settings(members(value))
            } else {
                LiveKind::Items(members(value).into_iter().map(|(name, item)| (name, members(item))).collect())
            };
            Side::live(&BTreeMap::from([(kind, seen)]), KINDS, &desired.projects["a"])
        };
        compare(&side(a), &side(b))
    }

    #[test]
    fn live_sides_are_compared_by_meaning() {
        let a = json!({"jwt_exp": 60, "uri_allow_list": "x,y", "smtp_host": null, "site_url": "https://a.dev"});
        let b = json!({"jwt_exp": 60, "uri_allow_list": "y,x", "smtp_host": "", "site_url": "https://b.dev"});
        let found = live("auth", a, b);
        assert_eq!(found.equal, 3);
        assert_eq!(found.differences[0].place.field, "site_url");
    }

    #[test]
    fn digests_are_compared_only_where_they_are_comparable() {
        let (one, two) = ("1".repeat(64), "2".repeat(64));
        let auth = live("auth", json!({"smtp_pass": one}), json!({"smtp_pass": one}));
        assert_eq!(said(&auth), ["auth.smtp_pass: DisplayValue(SecretSet) | DisplayValue(SecretSet) unknown"]);
        let auth = live("auth", json!({"smtp_pass": one}), json!({"smtp_pass": null}));
        assert_eq!(said(&auth), ["auth.smtp_pass: DisplayValue(SecretSet) | DisplayValue(Absent)"]);
        let item = |digest: &str| json!({"name": "K", "value": digest});
        assert_eq!(live("secrets", json!({"K": item(&one)}), json!({"K": item(&one)})).equal, 1);
        let differs = live("secrets", json!({"K": item(&one)}), json!({"K": item(&two)}));
        assert_eq!(said(&differs), ["secrets.K.value: DisplayValue(SecretSet) | DisplayValue(SecretSet)"]);
        assert!(!format!("{differs:?}").contains(&one), "a digest is shown");
        let masked = live("secrets", json!({"K": item("****")}), json!({"K": item("****")}));
        assert_eq!(masked.differences[0].verdict, Verdict::Unknown);
    }
}
