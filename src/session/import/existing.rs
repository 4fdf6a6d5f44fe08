//! What the projects of a workspace say alike, moved into profiles. Offline: no project changes by it, which is checked on the
//! effective manifests before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::edits::apart;
use super::ground::Ground;
use super::result::{profile, put};
use crate::compare::{Identity, Side, compare};
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::Root;
use crate::import::factor::{Factoring, Shared, factor};
use crate::import::{Draft, DraftProject, files as printed, move_references, profile_file};
use crate::kinds::KINDS;
use crate::manifest::accept::Manifests;
use crate::model::{Desired, DesiredProject, Item, SectionBody};
use crate::record::FactoredRecord;
use crate::session::Session;
use crate::session::rewrite::Changed;
use crate::yaml::edit::{Place, insert, remark, remove, set, tree};

/// A workspace whose projects share profiles, before it is written.
pub struct Factored {
    root: Root,
    /// New files with their texts, by path from the root.
    pub created: BTreeMap<String, String>,
    /// Manifests that say less.
    pub changed: Vec<Changed>,
    /// The profiles that were made.
    shared: Vec<Shared>,
    /// How many projects there are.
    projects: usize,
}

/// What stands above the sections of a document.
const ABOVE: [&str; 8] = ["project", "ref", "name", "organization", "region", "labels", "extends", "vars"];

/// A field or an item of any project: its section and its name.
type Key = (String, String);

/// Where the document of a project stands in its file, and where what it says does.
struct Own {
    way: Vec<String>,
    members: Vec<Member>,
}

/// A field or an item as it is written: the file, and its keys from the top.
struct Member {
    path: String,
    way: Vec<String>,
    key: Key,
}

impl Session {
    /// Moves what the selected projects say alike into profiles; writes nothing.
    pub fn factor(&self, how: &Factoring) -> Result<Factored, Failure> {
        let ground = Ground::of(self)?;
        let manifests = ground.manifests();
        let before = ground.workspace.desired.clone();
        if let Some(label) = &how.by
            && before.projects.values().all(|it| !it.labels.contains_key(label))
        {
            let message = format!("--by {label}: none of the selected projects has this label");
            let labels: BTreeSet<&String> = before.projects.values().flat_map(|it| it.labels.keys()).collect();
            let labels: Vec<String> = labels.into_iter().map(|it| format!("`{it}`")).collect();
            let hint = match labels.as_slice() {
                [] => "Give them one with `labels: {env: prod}`.".to_owned(),
                all => format!("They have {}.", all.join(", ")),
            };
            return Err(Failure::with_hint(Exit::Invalid, codes::BAD_OPTION, message, &hint));
        }
        let mut kept: BTreeSet<Key> = BTreeSet::new();
        loop {
            let (mut draft, own) = drafted(&ground, &manifests, &kept);
            if draft.projects.len() < 2 {
                let message = "fewer than two projects are selected, which have nothing to share";
                return Err(Failure::new(Exit::Invalid, codes::BAD_OPTION, message));
            }
            let whole = draft.clone();
            let label_of = |document: &str, label: &str| before.projects.get(document)?.labels.get(label).cloned();
            let shared = factor(&mut draft, KINDS, how, |_| true, label_of);
            if let Some(taken) = shared.iter().find(|it| ground.texts().contains_key(&profile_file(&it.profile))) {
                let message = format!("`{}` exists, and no file is replaced", profile_file(&taken.profile));
                let hint = "Give the new profile another name with `--profile NAME`.";
                return Err(Failure::with_hint(Exit::Refused, codes::NOT_FACTORED, message, hint));
            }
            let (texts, stuck) = texts(&ground, &whole, &draft, &own)?;
            if !stuck.is_empty() {
                kept.extend(stuck);
                continue;
            }
            let built = ground.built(self, &texts);
            if built.diagnostics.has_errors() {
                return Err(Failure::invalid(built.diagnostics, built.sources));
            }
            let moved = differing(&before, &built.desired);
            if moved.is_empty() {
                let (created, changed) = apart(&ground, texts)?;
                return Ok(Factored { root: ground.root, created, changed, shared, projects: draft.projects.len() });
            }
            let known = kept.len();
            kept.extend(moved);
            if kept.len() == known {
                let message = "the profiles would change what some projects are";
                let hint = "Select fewer projects, which have more in common, with `--select`.";
                return Err(Failure::with_hint(Exit::Refused, codes::NOT_FACTORED, message, hint));
            }
        }
    }
}

/// What the documents of the projects say, but for what is kept; and where each of it stands.
fn drafted(ground: &Ground, manifests: &Manifests<'_>, kept: &BTreeSet<Key>) -> (Draft, Vec<Own>) {
    let (mut draft, mut own) = (Draft::default(), vec![]);
    for project in ground.workspace.desired.projects.values() {
        let Some((file, way)) = manifests.place(project, "") else { continue };
        let Some(Value::Object(mut envelope)) = manifests.node(&file, &way).map(crate::yaml::Node::plain) else {
            continue;
        };
        envelope.retain(|key, _| ["ref", "name", "organization", "region", "extends", "vars"].contains(&key.as_str()));
        let mut drafted = DraftProject {
            document: project.document.clone(),
            file: file.clone(),
            envelope,
            ..DraftProject::default()
        };
        let mut members = vec![];
        for kind in KINDS.iter().map(|kind| kind.info().name).filter(|kind| !has_content(project, kind)) {
            let Some((path, mut way)) = manifests.place(project, kind) else { continue };
            way.push(kind.to_owned());
            let mut fields = Map::new();
            for member in manifests.node(&path, &way).and_then(crate::yaml::Node::as_map).unwrap_or_default() {
                let key = (kind.to_owned(), member.key.name.clone());
                if kept.contains(&key) {
                    continue;
                }
                let mut value = member.value.plain();
                // As a profile would name the same file.
                move_references(&mut value, &path, &profile_file("any"));
                fields.insert(member.key.name.clone(), value);
                let way = way.iter().cloned().chain([member.key.name.clone()]).collect();
                members.push(Member { path: path.clone(), way, key });
            }
            if !fields.is_empty() {
                drafted.sections.insert(kind.to_owned(), fields);
            }
        }
        draft.projects.push(drafted);
        own.push(Own { way, members });
    }
    (draft, own)
}

/// Whether a section is about files, which it names from where it stands.
fn has_content(project: &DesiredProject, kind: &str) -> bool {
    project.sections.get(kind).is_some_and(|section| match &section.body {
        SectionBody::Settings(settings) => settings.content.is_some(),
        SectionBody::Items(items) => {
            items.values().any(|item| matches!(item, Item::Present(settings, _) if settings.content.is_some()))
        }
    })
}

/// The texts as they will be, with comments along with what they are about; and what cannot be taken out of its place.
fn texts(
    ground: &Ground,
    whole: &Draft,
    draft: &Draft,
    own: &[Own],
) -> Result<(BTreeMap<String, String>, BTreeSet<Key>), Failure> {
    let mut after = ground.texts();
    let mut comments: BTreeMap<Key, Vec<String>> = BTreeMap::new();
    let mut stuck: BTreeSet<Key> = BTreeSet::new();
    for ((before, project), Own { way, members }) in whole.projects.iter().zip(&draft.projects).zip(own) {
        // What a document gets comes first, so that it is never left empty.
        for key in project.envelope.keys().chain(before.envelope.keys()) {
            let (old, new) = (before.envelope.get(key), project.envelope.get(key));
            if old == new {
                continue;
            }
            let way: Vec<&str> = way.iter().map(String::as_str).chain([key.as_str()]).collect();
            let text = after.get(&project.file).and_then(|text| match new {
                Some(value) => put_above(text, &way, value),
                None => remove(text, &way).ok().map(|removed| removed.text),
            });
            after.insert(project.file.clone(), text.ok_or_else(|| in_the_way(project, key))?);
        }
        let stays = |key: &Key| project.sections.get(&key.0).is_some_and(|fields| fields.contains_key(&key.1));
        for Member { path, way, key } in members.iter().filter(|it| !stays(&it.key)) {
            let way: Vec<&str> = way.iter().map(String::as_str).collect();
            let Some(Ok(removed)) = after.get(path).map(|text| remove(text, &way)) else {
                stuck.insert(key.clone());
                continue;
            };
            after.insert(path.clone(), removed.text);
            let known = comments.entry(key.clone()).or_default();
            let new = removed.comments.into_iter().filter(|comment| !known.contains(comment));
            known.extend(new.collect::<Vec<_>>());
        }
    }
    let profiles = Draft { profiles: draft.profiles.clone(), ..Draft::default() };
    for (path, mut text) in printed(&profiles) {
        for ((kind, name), comments) in comments.iter().filter(|(_, comments)| !comments.is_empty()) {
            text = remark(&text, &[kind, name], comments).unwrap_or(text);
        }
        after.insert(path, text);
    }
    Ok((after, stuck))
}

/// A text with a key of a document: a new one behind those that stand above the sections, where that can be done.
fn put_above(text: &str, way: &[&str], value: &Value) -> Option<String> {
    let (key, document) = way.split_last()?;
    let behind = |text: &str| {
        let tree = tree(text)?;
        let node = document.iter().try_fold(&tree, |node, key| node.get(key))?;
        if node.get(key).is_some() {
            return None;
        }
        let last = node.as_map()?.iter().rfind(|entry| ABOVE.contains(&entry.key.name.as_str()))?;
        insert(text, Place::After(last), key, "new")
    };
    let placed = behind(text).and_then(|text| set(&text, way, value).ok());
    placed.or_else(|| set(text, way, value).ok())
}

fn in_the_way(project: &DraftProject, key: &str) -> Failure {
    let message = format!("`{key}` of `{}` cannot be written into `{}` alone", project.document, project.file);
    let hint = "An alias, or a comment within the value, is in the way: write it in full, without.";
    Failure::with_hint(Exit::Refused, codes::NOT_FACTORED, message, hint)
}

/// The fields and items that are not what they were, and so must stay where they are.
fn differing(before: &Desired, after: &Desired) -> BTreeSet<Key> {
    let side = |project: Option<&DesiredProject>| {
        project.map_or_else(Side::default, |project| Side::rendered(project, KINDS, Identity::Whole))
    };
    let mut keys = BTreeSet::new();
    for (name, project) in &before.projects {
        let found = compare(&side(Some(project)), &side(after.projects.get(name)));
        keys.extend(found.differences.iter().map(|difference| {
            let subject = &difference.place.subject;
            let name = subject.item().map_or_else(|| difference.place.field.clone(), str::to_owned);
            (subject.kind().unwrap_or_default().to_owned(), name)
        }));
    }
    keys
}

impl Factored {
    /// The result, for people and programs.
    #[must_use]
    pub fn record(&self, written: bool) -> FactoredRecord {
        FactoredRecord {
            written,
            created: self.created.keys().cloned().collect(),
            changed: self.changed.iter().map(|changed| changed.path.clone()).collect(),
            projects: self.projects,
            profiles: self.shared.iter().map(profile).collect(),
        }
    }

    /// Writes the files.
    pub fn write(&self) -> Result<(), Failure> {
        put(&self.root, &self.created, &self.changed)
    }
}
