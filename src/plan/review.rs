//! Changes of a branch to the rules: not to live, but to what is allowed from now on. Shown before all else.

use std::collections::{BTreeMap, BTreeSet};

use super::revisions::{Matched, named_secrets};
use crate::model::{Desired, DesiredProject, DesiredValue, Item, SectionBody, Settings};
use crate::secret::variables::variable_prefix;
use crate::secret::{SecretSource, SecretUse};

/// A change of the rules: its document, or `None` for the workspace, and what changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The name of the document.
    pub project: Option<String>,
    /// What changes: lower case, no full stop.
    pub what: String,
}

/// What the rules of a workspace allow.
#[derive(Debug, Default)]
pub struct Rules<'a> {
    /// The paths of `ignore:`.
    pub ignored: BTreeSet<&'a str>,
    /// What `allow:` allows: `restart of env=dev`.
    pub allowed: BTreeSet<String>,
}

/// What `desired` allows that its base did not.
#[must_use]
pub fn review(base: &Matched, desired: &Desired, was: &Rules<'_>, is: &Rules<'_>) -> Vec<Review> {
    let mut all = vec![];
    for (name, project) in &desired.projects {
        let mut say = |what: String| all.push(Review { project: Some(name.clone()), what });
        if let Some(former) = base.renamed.get(name) {
            say(renamed(former, project));
        }
        if let Some(document) = base.unprotected.get(name) {
            say(if document == name {
                "is no longer protected".to_owned()
            } else {
                format!("is no longer protected, as `{document}` was")
            });
        }
        if let Some((one, other)) = base.moved.get(name) {
            say(format!("is another project: `ref` {one} → {other}; all its secrets go there"));
        }
        // A document with another project is still known to a reviewer by its name.
        let Some(before) = base.desired.projects.get(name).or(base.gone.get(name)) else { continue };
        let organization = |it: &DesiredProject| it.organization.as_ref().map(|it| it.value.clone());
        if let (Some(one), Some(other)) = (organization(before), organization(project))
            && one != other
        {
            say(format!("is in another organization: {one} → {other}"));
        }
        let (were, are) = (references(before), references(project));
        for (place, is) in are {
            if let Some(was) = were.get(&place).filter(|was| !same_source(was, is)) {
                // People see only the name of a command.
                let before = if is.to_string() == was.to_string() {
                    "the same with other arguments".to_owned()
                } else {
                    was.to_string()
                };
                say(format!("`{place}` comes from {is} from now on, before from {before}"));
            }
        }
        for (kind, _) in project.sections.iter().filter(|(_, section)| section.policy.prune) {
            if !before.sections.get(kind).is_some_and(|section| section.policy.prune) {
                say(format!("deletes items that no manifest has from now on: `manage: {{{kind}: {{prune: true}}}}`"));
            }
        }
        for (kind, _) in project.sections.iter().filter(|(_, section)| section.policy.rest_default) {
            if !before.sections.get(kind).is_some_and(|section| section.policy.rest_default) {
                let rule = format!("`manage: {{{kind}: {{rest: default}}}}`");
                say(format!("resets fields that no manifest sets to the values of an untouched project: {rule}"));
            }
        }
    }
    let mut say = |what: String| all.push(Review { project: None, what });
    for path in is.ignored.difference(&was.ignored) {
        say(format!("differences of {path} are ignored once this is merged"));
    }
    for what in is.allowed.difference(&was.allowed) {
        say(format!("{what} needs no permission once this is merged"));
    }
    all
}

/// The secrets of a project by their places.
fn references(project: &DesiredProject) -> BTreeMap<String, &SecretUse> {
    let mut all = BTreeMap::new();
    for (kind, section) in &project.sections {
        match &section.body {
            SectionBody::Settings(settings) => of_settings(kind, settings, &mut all),
            SectionBody::Items(items) => {
                for (name, item) in items {
                    if let Item::Present(settings, _) = item {
                        of_settings(&format!("{kind}.{name}"), settings, &mut all);
                    }
                }
            }
        }
    }
    all
}

fn of_settings<'p>(place: &str, settings: &'p Settings, all: &mut BTreeMap<String, &'p SecretUse>) {
    for setting in settings.fields.values() {
        if let DesiredValue::Secret(secret) = &setting.value {
            all.insert(format!("{place}.{}", setting.field.name), secret);
        }
    }
    all.extend(settings.extra_secrets.iter().map(|(name, (secret, _))| (format!("{place}.{name}"), secret)));
}

/// Whether two uses have the same sources; a renamed document is reported by itself.
fn same_source(one: &SecretUse, other: &SecretUse) -> bool {
    let same = |(one, other): (&SecretSource, &SecretSource)| match (one, other) {
        (SecretSource::Named { name: one, .. }, SecretSource::Named { name: other, .. }) => one == other,
        (one, other) => one == other,
    };
    let (ones, others) = (&one.parts, &other.parts);
    one.between == other.between && ones.len() == others.len() && ones.iter().zip(others).all(same)
}

/// A renamed document, with the secrets that are looked up by another name because of it.
#[must_use]
pub fn renamed(former: &str, project: &DesiredProject) -> String {
    let name = |document: &str, secret: &str| format!("`{}{secret}`", variable_prefix(document));
    let secrets = named_secrets(project);
    let secrets: Vec<String> = secrets
        .iter()
        .map(|secret| format!("{} (before {})", name(&project.document, secret), name(former, secret)))
        .collect();
    if secrets.is_empty() {
        return format!("was `{former}` before");
    }
    format!("was `{former}` before; its secrets are looked up as {}", secrets.join(", "))
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::kinds::KINDS;
    use crate::manifest::{NoTexts, Options, build};
    use crate::plan::revisions::matched;

    fn desired(text: &str) -> Desired {
        let files =
            vec![("supaform.yaml".to_owned(), "version: 1\n".to_owned()), ("a.yaml".to_owned(), text.to_owned())];
        let built = build(files, &NoTexts, KINDS, &Options::default());
        assert!(!built.diagnostics.has_errors(), "{:?}", built.diagnostics);
        built.desired
    }

    #[test]
    fn another_source_of_a_secret_is_reported() {
        let of = |secrets: &str| desired(&format!("project: a\nref: aaaaaaaaaaaaaaaaaaaa\n{secrets}\n"));
        let was =
            of("secrets: {A: {env: A}, B: {exec: [op, read, b]}, C: {secret: C}}\nauth: {smtp_pass: {secret: S}}");
        let is = of(
            "secrets: {A: {env: B}, B: {exec: [op, read, c]}, C: {secret: C}, D: {env: D}}\nauth: {smtp_pass: {file: s}}",
        );
        let none = Rules::default();
        let lines = review(&matched(KINDS, &was, &is, None), &is, &none, &none);
        let said: Vec<_> = lines.into_iter().map(|it| it.what).collect();
        assert_eq!(
            said,
            [
                "`auth.smtp_pass` comes from file s from now on, before from secret S",
                "`secrets.A.value` comes from $B from now on, before from $A",
                "`secrets.B.value` comes from exec op from now on, before from the same with other arguments",
            ]
        );
    }

    #[test]
    fn rules_that_allow_more_are_reported_and_others_are_not() {
        const LAX: &str = "project: a\nref: bbbbbbbbbbbbbbbbbbbb\norganization: other\nmanage: {secrets: {prune: true}}\nsecrets: {}\n";
        const STRICT: &str =
            "project: a\nref: aaaaaaaaaaaaaaaaaaaa\norganization: acme\nprotected: true\nsecrets: {}\n";
        let (lax, strict) = (desired(LAX), desired(STRICT));
        let said = |one: &Desired, other: &Desired| -> Vec<String> {
            let rules = |ignored: &[&'static str], allowed: &[&str]| Rules {
                ignored: ignored.iter().copied().collect(),
                allowed: allowed.iter().map(|it| (*it).to_owned()).collect(),
            };
            let (was, is) = (rules(&["a/auth"], &["restart of a"]), rules(&["a/auth", "a/auth/*"], &["restart of *"]));
            let lines = review(&matched(KINDS, one, other, None), other, &was, &is);
            lines.into_iter().map(|it| format!("{}: {}", it.project.unwrap_or_default(), it.what)).collect()
        };
        assert_eq!(
            said(&strict, &lax),
            [
                "a: is no longer protected",
                "a: is another project: `ref` aaaaaaaaaaaaaaaaaaaa → bbbbbbbbbbbbbbbbbbbb; all its secrets go there",
                "a: is in another organization: acme → other",
                "a: deletes items that no manifest has from now on: `manage: {secrets: {prune: true}}`",
                ": differences of a/auth/* are ignored once this is merged",
                ": restart of * needs no permission once this is merged",
            ]
        );
        assert_eq!(said(&strict, &strict).len(), 2);
        let fewer = Rules { ignored: BTreeSet::from(["x"]), allowed: BTreeSet::from(["y".to_owned()]) };
        let same = matched(KINDS, &lax, &lax, None);
        assert_eq!(review(&same, &lax, &fewer, &Rules::default()), vec![]);
    }
}
