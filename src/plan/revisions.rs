//! A base revision as its head sees it: which document, and which item of a collection, is which.
//!
//! A project is identified by its ref, then by organization and name, then by its document; an item whose name is ours is
//! identified by the values that identify it to the API. So a renamed document is no new one, and keeps its protection.
//! Main function: [`matched`].

use std::collections::{BTreeMap, BTreeSet};

use crate::kind::{self, Kind, Registry};
use crate::model::{
    Claim, Desired, DesiredProject, DesiredValue, Item, Live, LiveProject, ProjectRef, Section, SectionBody, Settings,
};
use crate::secret::SecretSource;

/// The base's documents for the projects of its head.
#[derive(Debug, Default)]
pub struct Matched {
    /// The desired state of the base, under the names that documents and items have now.
    pub desired: Desired,
    /// Renamed documents, with their former names.
    pub renamed: BTreeMap<String, String>,
    /// Documents of the base that no document of the head continues, selected or not.
    pub gone: BTreeMap<String, DesiredProject>,
    /// Documents whose `ref:` is that of another project than in the base: the ref before and now.
    pub moved: BTreeMap<String, (ProjectRef, ProjectRef)>,
    /// Projects that the base protects and the head does not, each with the document that protects it there.
    pub unprotected: BTreeMap<String, String>,
}

/// Finds for each project of `head` its document in `base`; the live state helps, where it was read.
#[must_use]
pub fn matched(registry: Registry, base: &Desired, head: &Desired, live: Option<&Live>) -> Matched {
    let mut found = Matched::default();
    let mut met: BTreeSet<&str> = BTreeSet::new();
    for (name, project) in &head.projects {
        let is = Known::of(project, live.and_then(|live| live.projects.get(name)));
        let same = base.projects.get(name);
        let all = || base.projects.values();
        let former = all()
            .find(|before| is.has_ref(before))
            .or_else(|| all().find(|before| is.has_name(before)))
            .or_else(|| same.filter(|before| !is.contradicts(before)));
        let protects = |before: &&DesiredProject| before.protected;
        if let Some(before) =
            all().filter(|before| is.has_ref(before) || is.has_name(before)).chain(same).find(protects)
            && !project.protected
        {
            found.unprotected.insert(name.clone(), before.document.clone());
        }
        let refs = |it: &DesiredProject| it.reference.as_ref().map(|it| it.value.clone());
        if let Some((before, now)) = same.and_then(refs).zip(refs(project))
            && before != now
        {
            found.moved.insert(name.clone(), (before, now));
        }
        let Some(before) = former else { continue };
        met.insert(&before.document);
        if before.document != *name {
            found.renamed.insert(name.clone(), before.document.clone());
        }
        let mut before = DesiredProject { document: name.clone(), ..before.clone() };
        for (kind_name, section) in &mut before.sections {
            let now = project.sections.get(kind_name);
            if let Some((kind, now)) = kind::find(registry, kind_name).zip(now) {
                under_names_of(kind, section, now);
            }
        }
        found.desired.projects.insert(name.clone(), before);
    }
    let left_out = || head.claims.iter().filter(|claim| !head.projects.contains_key(&claim.document));
    let gone = base.projects.values().filter(|before| !met.contains(before.document.as_str()));
    let gone = gone.filter(|before| !left_out().any(|claim| goes_on(claim, before)));
    found.gone = gone.map(|before| (before.document.clone(), before.clone())).collect();
    found
}

/// What identifies the projects of the head.
struct Known<'a> {
    reference: Option<&'a ProjectRef>,
    /// Organizations with names.
    names: Vec<(&'a str, &'a str)>,
}

impl<'a> Known<'a> {
    fn of(project: &'a DesiredProject, live: Option<&'a LiveProject>) -> Self {
        let written = project.reference.as_ref().map(|reference| &reference.value);
        let live_name = live.map(|live| (live.organization.as_str(), live.name.as_str()));
        Self {
            reference: live.and_then(|live| live.reference.as_ref()).or(written),
            names: name_of(project).into_iter().chain(live_name).collect(),
        }
    }

    fn has_ref(&self, before: &DesiredProject) -> bool {
        before.reference.as_ref().is_some_and(|before| self.reference == Some(&before.value))
    }

    fn has_name(&self, before: &DesiredProject) -> bool {
        !self.contradicts(before) && name_of(before).is_some_and(|name| self.names.contains(&name))
    }

    fn contradicts(&self, before: &DesiredProject) -> bool {
        before.reference.as_ref().zip(self.reference).is_some_and(|(before, now)| before.value != *now)
    }
}

/// Organization and name; a pinned project without `name:` has no known name.
fn name_of(project: &DesiredProject) -> Option<(&str, &str)> {
    let organization = project.organization.as_ref()?;
    let is_known = project.reference.is_none() || project.name.is_some();
    is_known.then(|| (organization.value.as_str(), project.live_name()))
}

/// Whether an unselected document of the head continues a former one.
fn goes_on(claim: &Claim, before: &DesiredProject) -> bool {
    let reference = before.reference.as_ref().map(|reference| &reference.value);
    if let Some((before, now)) = reference.zip(claim.reference.as_ref()) {
        return before == now;
    }
    let is_named = claim.organization.as_deref().zip(Some(claim.name.as_str())) == name_of(before);
    claim.document == before.document || (is_named && claim.organization.is_some())
}

/// Gives the items of a section the names that the same items have now.
fn under_names_of(kind: &dyn Kind, before: &mut Section, now: &Section) {
    let (SectionBody::Items(items), SectionBody::Items(now)) = (&mut before.body, &now.body) else { return };
    let names = same_items(kind, items, now);
    *items = std::mem::take(items)
        .into_iter()
        .map(|(name, item)| (names.get(&name).cloned().unwrap_or(name), item))
        .collect();
}

/// A value that identifies an item: how certain that is, and the value.
type Key = (usize, String);

/// The present names of renamed items; an item that no longer exists gets an unused name.
fn same_items(
    kind: &dyn Kind,
    before: &BTreeMap<String, Item>,
    now: &BTreeMap<String, Item>,
) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let (mut open, now) = (keys_of(kind, before), keys_of(kind, now));
    let mut there = now.clone();
    let ranks: BTreeSet<usize> = open.values().flatten().map(|(rank, _)| *rank).collect();
    for rank in ranks {
        let shares = |one: &[Key], other: &[Key]| one.iter().any(|key| key.0 == rank && other.contains(key));
        for (name, keys) in open.clone() {
            let same: Vec<&String> = there.iter().filter(|(_, it)| shares(&keys, it)).map(|(other, _)| other).collect();
            let one = same.iter().find(|other| ***other == name).or(same.first().filter(|_| same.len() == 1));
            if let Some(one) = one.map(|one| (*one).clone()) {
                there.remove(&one);
                open.remove(&name);
                names.insert(name, one);
            }
        }
    }
    for (name, keys) in open {
        let Some(other) = now.get(&name) else { continue };
        // Without comparable values, an item is the one of the same name.
        let comparable = other.iter().any(|(rank, _)| keys.iter().any(|(it, _)| it == rank));
        if let Some((_, value)) = keys.first().filter(|_| comparable || !there.contains_key(&name)) {
            names.insert(name.clone(), format!("{name} ({value})"));
        }
    }
    names
}

/// The identifying values of a collection's items, where their names are ours.
fn keys_of(kind: &dyn Kind, items: &BTreeMap<String, Item>) -> BTreeMap<String, Vec<Key>> {
    let keys = items.iter().map(|(name, item)| {
        let keys = match item {
            Item::Present(settings, _) => kind.known_by(settings),
            // Such an item is named by its id.
            Item::Absent(_) | Item::Unmanaged(_) => vec![],
        };
        (name.clone(), keys)
    });
    keys.filter(|(_, keys)| !keys.is_empty()).collect()
}

/// The secrets that a project names under its document, each once.
#[must_use]
pub fn named_secrets(project: &DesiredProject) -> BTreeSet<&str> {
    let mut all = BTreeSet::new();
    for section in project.sections.values() {
        let settings: Vec<&Settings> = match &section.body {
            SectionBody::Settings(settings) => vec![settings],
            SectionBody::Items(items) => items
                .values()
                .filter_map(|item| match item {
                    Item::Present(settings, _) => Some(settings),
                    Item::Absent(_) | Item::Unmanaged(_) => None,
                })
                .collect(),
        };
        for settings in settings {
            let fields = settings.fields.values().filter_map(|setting| match &setting.value {
                DesiredValue::Secret(secret) => Some(secret),
                DesiredValue::Value(_) | DesiredValue::Clear => None,
            });
            for secret in fields.chain(settings.extra_secrets.values().map(|(secret, _)| secret)) {
                all.extend(secret.parts.iter().filter_map(|part| match part {
                    SecretSource::Named { name, .. } => Some(name.as_str()),
                    SecretSource::Env(_) | SecretSource::File(_) | SecretSource::Exec(_) | SecretSource::Plain(_) => {
                        None
                    }
                }));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::KINDS;
    use crate::manifest::{NoTexts, Options, build};

    const A: &str = "aaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbb";

    fn desired(projects: &str) -> Desired {
        let marker = ("supaform.yaml".to_owned(), "version: 1\n".to_owned());
        let built =
            build(vec![marker, ("a.yaml".to_owned(), projects.to_owned())], &NoTexts, KINDS, &Options::default());
        assert!(!built.diagnostics.has_errors(), "{:?}", built.diagnostics);
        built.desired
    }

    fn of(base: &str, head: &str) -> Matched {
        matched(KINDS, &desired(base), &desired(head), None)
    }

    fn one(name: &str, envelope: &str) -> String {
        format!("projects:\n  {name}: {{{envelope}, auth: {{jwt_exp: 1h}}}}\n")
    }

    fn pairs<T: ToString>(map: &BTreeMap<String, T>) -> Vec<(String, String)> {
        map.iter().map(|(name, it)| (name.clone(), it.to_string())).collect()
    }

    fn pair(one: &str, other: &str) -> Vec<(String, String)> {
        vec![(one.to_owned(), other.to_owned())]
    }

    #[test]
    fn a_renamed_document_is_found_by_its_ref_and_by_organization_and_name() {
        let names = ["organization: acme, name: Shop", "organization: acme, name: Shop, protected: true"];
        let refs = [format!("ref: {A}"), format!("ref: {A}, protected: true")];
        for [lax, strict] in [names.map(str::to_owned), refs] {
            let found = of(&one("old", &strict), &one("new", &lax));
            assert_eq!(pairs(&found.renamed), pair("new", "old"));
            assert_eq!(pairs(&found.unprotected), pair("new", "old"));
            assert!(found.gone.is_empty() && found.desired.projects["new"].document == "new");
            assert!(of(&one("old", &lax), &one("new", &lax)).unprotected.is_empty());
            assert!(of(&one("old", &strict), &one("new", &strict)).unprotected.is_empty());
        }
        // By the name of the document, too, if nothing else identifies the project.
        let found = of(
            &one("shop", "organization: acme, name: A, protected: true"),
            &one("shop", "organization: acme, name: B"),
        );
        assert_eq!((found.renamed.len(), pairs(&found.unprotected)), (0, pair("shop", "shop")));
        let found = of(&one("old", "organization: acme"), &one("new", "organization: acme"));
        assert!(found.renamed.is_empty() && found.gone.contains_key("old"), "another name is another project");
    }

    #[test]
    fn what_is_live_tells_that_a_pinned_document_was_found_by_name() {
        let live = LiveProject {
            parent: None,
            reference: ProjectRef::parse(A),
            name: "Shop".to_owned(),
            organization: "acme".to_owned(),
            region: String::new(),
            status: crate::model::Status::Usable,
            kinds: BTreeMap::new(),
        };
        let live = Live { projects: BTreeMap::from([("new".to_owned(), live)]) };
        let by_name = one("old", "organization: acme, name: Shop, protected: true");
        let by_ref = one("old", &format!("ref: {A}, protected: true"));
        let pinned = one("new", &format!("ref: {A}"));
        let unpinned = one("new", "organization: acme, name: Shop");
        for (base, head) in [(&by_name, &pinned), (&by_ref, &unpinned)] {
            let found = matched(KINDS, &desired(base), &desired(head), Some(&live));
            assert_eq!(pairs(&found.unprotected), pair("new", "old"));
            assert_eq!(pairs(&found.renamed), pair("new", "old"));
        }
    }

    #[test]
    fn documents_that_change_their_refs_are_followed_by_them() {
        let two = |a: &str, b: &str| {
            format!("projects:\n  a: {{ref: {a}, protected: true, auth: {{}}}}\n  b: {{ref: {b}, auth: {{}}}}\n")
        };
        let found = of(&two(A, B), &two(B, A));
        assert_eq!(found.renamed.len(), 2);
        assert_eq!(found.moved.len(), 2);
        assert_eq!(pairs(&found.unprotected), pair("b", "a"));
        // One document gets the project of the other.
        let found = of(&two(A, B), &one("b", &format!("ref: {A}")));
        assert_eq!(pairs(&found.renamed), pair("b", "a"));
        assert_eq!(pairs(&found.unprotected), pair("b", "a"));
        assert!(found.gone.contains_key("b") && found.moved.contains_key("b"));
        // A ref that the base does not know is another project; nobody removes its document's protection unseen.
        let found = of(&one("a", &format!("ref: {A}, protected: true")), &one("a", &format!("ref: {B}")));
        assert!(found.desired.projects.is_empty() && found.gone.contains_key("a"));
        assert_eq!(pairs(&found.unprotected), pair("a", "a"));
    }

    #[test]
    fn a_protection_of_a_profile_and_a_moved_or_split_document_count_alike() {
        let profile = "profile: strict\nprotected: true\n";
        let files = |files: &[(&str, &str)]| {
            let marker = ("supaform.yaml".to_owned(), "version: 1\n".to_owned());
            let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
            let built = build(std::iter::once(marker).chain(files).collect(), &NoTexts, KINDS, &Options::default());
            assert!(!built.diagnostics.has_errors(), "{:?}", built.diagnostics);
            built.desired
        };
        let base = files(&[
            ("p.yaml", profile),
            ("a.yaml", "project: a\norganization: acme\nextends: [strict]\nauth: {}\ndata_api: {}\n"),
        ]);
        let head = files(&[
            ("x/all.yaml", "projects: {a: {organization: acme, auth: {}}}\n"),
            ("y.yaml", "project: a\ndata_api: {}\n"),
        ]);
        let found = matched(KINDS, &base, &head, None);
        assert_eq!(pairs(&found.unprotected), pair("a", "a"));
        assert!(found.renamed.is_empty() && found.gone.is_empty());
    }

    #[test]
    fn what_is_not_selected_is_not_gone() {
        let base = desired(
            "projects:\n  a: {organization: acme, auth: {}}\n  b: {organization: acme, auth: {}}\n  c: {organization: acme, auth: {}}\n",
        );
        let mut head =
            desired("projects:\n  a: {organization: acme, auth: {}}\n  new: {organization: acme, name: b, auth: {}}\n");
        head.projects.remove("a");
        head.projects.remove("new");
        let found = matched(KINDS, &base, &head, None);
        assert_eq!(found.gone.keys().collect::<Vec<_>>(), ["c"]);
    }

    #[test]
    fn items_whose_names_are_ours_are_found_by_what_the_api_knows_them_by() {
        let names = |section: &str, before: &str, now: &str| -> Vec<String> {
            let project = |items: &str| one("a", &format!("organization: acme, {section}: {{{items}}}"));
            let found = of(&project(before), &project(now));
            let SectionBody::Items(items) = &found.desired.projects["a"].sections[section].body else {
                panic!("items")
            };
            items.keys().cloned().collect()
        };
        let (one, two) = ("{oidc_issuer_url: \"https://one.dev\"}", "{jwks_url: \"https://two.dev\"}");
        let three = "{oidc_issuer_url: \"https://three.dev\"}";
        let issuers = |before: &str, now: &str| names("third_party_auth", before, now);
        assert_eq!(issuers(&format!("old: {one}"), &format!("new: {one}")), ["new"]);
        assert_eq!(issuers(&format!("x: {one}, y: {two}"), &format!("y: {one}, x: {two}")), ["x", "y"]);
        assert_eq!(issuers(&format!("x: {one}"), &format!("x: {three}")), ["x (https://one.dev)"], "another address");
        assert_eq!(issuers(&format!("x: {one}"), &format!("y: {one}, x: {three}")), ["y"]);
        assert_eq!(issuers(&format!("x: {one}, z: {two}"), &format!("y: {one}")), ["y", "z"]);
        let url = |url: &str, domain: &str| format!("{{metadata_url: \"https://{url}.dev/xml\", domains: [{domain}]}}");
        let providers = |before: &str, now: &str| names("sso_providers", before, now);
        assert_eq!(providers(&format!("x: {}", url("a", "a.com")), &format!("y: {}", url("b", "A.com"))), ["y"]);
        assert_eq!(
            providers(
                &format!("x: {}", url("a", "a.com")),
                &format!("y: {}, z: {}", url("a", "b.com"), url("b", "a.com"))
            ),
            ["y"],
            "the address is surer than the domain"
        );
        assert_eq!(
            providers(&format!("x: {}", url("a", "a.com")), &format!("x: {}", url("b", "b.com"))),
            ["x (https://a.dev/xml)"]
        );
        assert_eq!(names("secrets", "X: {plain: a}", "Y: {plain: a}"), ["X"], "the API knows these by name");
    }
}
