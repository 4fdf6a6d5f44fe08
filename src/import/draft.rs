//! Manifests that are not written yet.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::diag::chars;
use crate::files::beside;
use crate::yaml::unwritable;

/// Sections by the name of their kind, each with its fields or items, in the order in which they are written. Values have the
/// form in which people write them: `1h`, `{secret: SMTP_PASS}`, `{file: mail.html}`; a `${` that is no variable is `$${`.
pub type Sections = IndexMap<String, Map<String, Value>>;

/// Manifests that are not written yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// The profiles by name: what stands above their sections (`extends`, `vars`, `requires`), and these.
    pub profiles: BTreeMap<String, (Map<String, Value>, Sections)>,
    /// The projects, in the order in which they are written.
    pub projects: Vec<DraftProject>,
    /// The texts of files that values name with `{file: …}`, by path from the root.
    pub texts: BTreeMap<String, String>,
    /// Those of the texts that no value names, because a kind finds them by itself, each with the addresses of its items.
    pub found: BTreeMap<String, BTreeSet<String>>,
    /// What the source has and the draft has not.
    pub left: Vec<Left>,
}

/// One project of a draft.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DraftProject {
    /// The name of its document.
    pub document: String,
    /// The file, by its path from the root. Projects of one file are written under `projects:`.
    pub file: String,
    /// What stands above the sections: `ref`, `organization`, `name`, `region`, `extends`, `labels`, `vars`.
    pub envelope: Map<String, Value>,
    /// Its sections.
    pub sections: Sections,
    /// What is live in a section and no manifest can say: the section, the key, and what it has.
    pub unknown: Vec<(&'static str, String, Value)>,
}

/// Something that was not taken over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// What it is, in the source's own words: `acme/auth/smtp_pass`, `storage.buckets.avatars`,
    /// `supabase_settings.main (main.tf:12)`.
    pub at: String,
    /// Why: a clause without a full stop.
    pub why: String,
}

impl Draft {
    /// Puts all projects into one file. The files that their values name stay where they are.
    pub fn move_projects(&mut self, file: &str) {
        for project in &mut self.projects {
            let from = std::mem::replace(&mut project.file, file.to_owned());
            for value in project.sections.values_mut().flat_map(Map::values_mut) {
                move_references(value, &from, file);
            }
        }
    }

    /// Takes out what no manifest may hold: texts with characters that are refused there, even escaped.
    pub fn take_out_unwritable(&mut self) {
        for project in &mut self.projects {
            let DraftProject { document, envelope, sections, .. } = project;
            let name = envelope.get("name").and_then(Value::as_str);
            let unfit = name.and_then(|name| {
                let is_blank = name.trim().is_empty().then(|| "it is empty".to_owned());
                is_blank
                    .or_else(|| name.contains('\n').then(|| "it has several lines".to_owned()))
                    .or_else(|| why(name))
            });
            if let Some(why) = unfit {
                envelope.shift_remove("name");
                self.left.push(Left { at: format!("{document}, its name"), why });
            }
            for (kind, fields) in sections.iter_mut() {
                fields.retain(|name, value| {
                    let found = why(name).or_else(|| unwritable_in(value));
                    let is_kept = found.is_none();
                    let at = format!("{document}/{kind}/{}", name.escape_debug());
                    self.left.extend(found.map(|why| Left { at, why }));
                    is_kept
                });
            }
            sections.retain(|_, fields| !fields.is_empty());
        }
        for (name, (_, sections)) in &mut self.profiles {
            for (kind, fields) in sections.iter_mut() {
                fields.retain(|field, value| {
                    let found = unwritable_in(value);
                    let is_kept = found.is_none();
                    self.left.extend(found.map(|why| Left { at: format!("{name}/{kind}/{field}"), why }));
                    is_kept
                });
            }
            sections.retain(|_, fields| !fields.is_empty());
        }
    }

    /// Leaves an item alone, and drops the sources that are its own. False where the draft has no such item.
    pub fn let_go(&mut self, document: &str, kind: &str, name: &str) -> bool {
        let project = self.projects.iter_mut().find(|project| project.document == document);
        let value = project.and_then(|project| project.sections.get_mut(kind)?.get_mut(name));
        let Some(value) = value.filter(|value| !is_let_go(value)) else { return false };
        *value = json!({"unmanaged": true});
        self.drop_sources(&format!("{document}/{kind}/{name}"));
        true
    }

    /// Drops the sources that an item alone has.
    pub fn drop_sources(&mut self, address: &str) {
        let texts = &mut self.texts;
        self.found.retain(|path, items| {
            let stays = !(items.remove(address) && items.is_empty());
            if !stays {
                texts.remove(path);
            }
            stays
        });
    }

    /// How many fields and items the sections of its projects have.
    #[must_use]
    pub fn values(&self) -> usize {
        let sections = self.projects.iter().flat_map(|project| project.sections.values());
        sections.map(Map::len).sum()
    }
}

/// Why a text cannot be written.
fn why(text: &str) -> Option<String> {
    let found = unwritable(text)?;
    Some(format!("it has the character {}, which no manifest may hold", chars::name(found)))
}

fn unwritable_in(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => why(text),
        Value::Array(items) => items.iter().find_map(unwritable_in),
        Value::Object(members) => members.iter().find_map(|(name, value)| why(name).or_else(|| unwritable_in(value))),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn is_let_go(value: &Value) -> bool {
    *value == json!({"unmanaged": true})
}

/// Lets `{file: PATH}` of another file name the same text.
pub fn move_references(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::Object(members) => {
            let path = members.get("file").and_then(Value::as_str).and_then(|path| beside(from, path).ok());
            if let Some(path) = path {
                let up = "../".repeat(to.matches('/').count());
                members.insert("file".to_owned(), format!("{up}{path}").into());
            }
            members.values_mut().for_each(|value| move_references(value, from, to));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| move_references(item, from, to)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl DraftProject {
    /// Takes out a field or an item, and its section where that leaves it empty.
    pub fn remove(&mut self, kind: &str, name: &str) {
        if let Some(fields) = self.sections.get_mut(kind) {
            fields.shift_remove(name);
            if fields.is_empty() {
                self.sections.shift_remove(kind);
            }
        }
    }
}
