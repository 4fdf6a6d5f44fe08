//! The desired state, after merging: every value has its place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value};
use wildmatch::WildMatch;

use super::{Address, Claim, ProjectRef};
use crate::diag::Span;
use crate::schema::Field;
use crate::secret::SecretUse;

/// The layer of the merge that a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layer {
    /// `profile: NAME`.
    Profile(Arc<str>),
    /// `common:` beside `projects:`.
    Common,
    /// The project's own document.
    Document,
}

/// Where a value is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The place of the value.
    pub span: Span,
    /// The layer.
    pub layer: Layer,
}

/// A value of the envelope and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub origin: Origin,
}

/// The desired state: projects by the name of their document.
#[derive(Debug, Clone, Default)]
pub struct Desired {
    /// The projects by name, as selected.
    pub projects: BTreeMap<String, DesiredProject>,
    /// How the projects of all documents are found, selected or not.
    pub claims: Vec<Claim>,
    /// What is wanted of branches that no document describes, by patterns of their names.
    pub previews: Vec<Preview>,
}

impl Desired {
    /// Whether a section, an item or a field is in the manifests.
    #[must_use]
    pub fn says(&self, at: &Address, field: Option<&str>) -> bool {
        let Some(section) = self.projects.get(&at.project).and_then(|project| project.sections.get(at.subject.kind()?))
        else {
            return false;
        };
        let row = field.and_then(|field| field.split('.').next());
        let has = |settings: &Settings| {
            row.is_none_or(|row| settings.fields.contains_key(row))
                || field.is_some_and(|it| settings.extra.contains_key(it) || settings.extra_secrets.contains_key(it))
                || settings.content.as_ref().is_some_and(|content| field.is_some_and(|field| content.says(field)))
        };
        match (&section.body, at.subject.item()) {
            (SectionBody::Settings(settings), _) => has(settings),
            (SectionBody::Items(items), Some(item)) => match items.get(item) {
                Some(Item::Present(settings, _)) => has(settings),
                Some(Item::Absent(_)) => true,
                Some(Item::Unmanaged(_)) | None => false,
            },
            (SectionBody::Items(_), None) => true,
        }
    }
}

/// What is wanted of the branches of a project whose names match a pattern, as far as no document describes them. Which there are
/// is known live only.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The document of the project.
    pub parent: String,
    /// The pattern, with `*` and `?`.
    pub pattern: String,
    /// Where it is written.
    pub origin: Origin,
    /// What is wanted of each.
    pub wanted: DesiredProject,
}

impl Preview {
    /// The document whose secrets the branches of a project use that have none of their own.
    #[must_use]
    pub fn secrets(parent: &str) -> String {
        format!("{parent}-preview")
    }

    /// What is wanted of a branch that no document describes: of several patterns that match its name, that with the most letters.
    #[must_use]
    pub fn of(all: &[Self], parent: &str, branch: &str) -> Option<DesiredProject> {
        let fits = |it: &&Self| it.parent == parent && WildMatch::new(&it.pattern).matches(branch);
        let letters = |it: &&Self| it.pattern.chars().filter(|it| !"*?".contains(*it)).count();
        let Self { origin, wanted, .. } = all.iter().filter(fits).max_by_key(letters)?;
        let of = BranchOf { project: parent.to_owned(), branch: branch.to_owned(), origin: origin.clone() };
        Some(DesiredProject { document: Self::document(parent, branch), branch_of: Some(of), ..wanted.clone() })
    }

    /// The document that a branch gets which has none.
    #[must_use]
    pub fn document(parent: &str, branch: &str) -> String {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_' || letter == '.';
        let name: String = branch.chars().map(|letter| if plain(letter) { letter } else { '-' }).collect();
        format!("{parent}@{name}")
    }
}

/// The branch that a document describes, in place of a project that stands for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchOf {
    /// The document of the project.
    pub project: String,
    /// The name of the branch.
    pub branch: String,
    /// Where that is written.
    pub origin: Origin,
}

/// The desired state of one project.
#[derive(Debug, Clone)]
pub struct DesiredProject {
    /// The name of the document.
    pub document: String,
    /// The place of that name.
    pub span: Span,
    /// `ref:`.
    pub reference: Option<Spanned<ProjectRef>>,
    /// `branch_of:`.
    pub branch_of: Option<BranchOf>,
    /// `organization:`.
    pub organization: Option<Spanned<String>>,
    /// `name:`: the project's name in the dashboard.
    pub name: Option<Spanned<String>>,
    /// `region:`.
    pub region: Option<Spanned<String>>,
    /// `protected: true`.
    pub protected: bool,
    /// `create: true`.
    pub create: Option<Spanned<bool>>,
    /// `database_password:`, which only the creation of the project needs.
    pub database_password: Option<Spanned<SecretUse>>,
    /// `labels:`.
    pub labels: BTreeMap<String, String>,
    /// The managed sections, by kind.
    pub sections: BTreeMap<&'static str, Section>,
}

impl DesiredProject {
    /// How the project is found, given the place of its document.
    #[must_use]
    pub fn claim(&self, place: String) -> Claim {
        let text = |written: &Option<Spanned<String>>| written.as_ref().map(|it| it.value.clone());
        Claim {
            document: self.document.clone(),
            place,
            reference: self.reference.as_ref().map(|it| it.value.clone()),
            organization: text(&self.organization),
            name: self.live_name().to_owned(),
            region: text(&self.region),
            branch_of: self.branch_of.as_ref().map(|of| (of.project.clone(), of.branch.clone())),
        }
    }

    /// The project's name in the dashboard: `name:`, else the document's.
    #[must_use]
    pub fn live_name(&self) -> &str {
        self.name.as_ref().map_or(&self.document, |name| &name.value)
    }

    /// The place of the document's name.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin { span: self.span, layer: Layer::Document }
    }

    /// Whether the project is to be created where it does not exist.
    #[must_use]
    pub fn creates(&self) -> bool {
        self.reference.is_none() && self.create.as_ref().is_some_and(|create| create.value)
    }

    /// Whether both name the same live project in the same way.
    #[must_use]
    pub fn is_same_project(&self, other: &Self) -> bool {
        let value = |it: &Option<Spanned<ProjectRef>>| it.as_ref().map(|it| it.value.clone());
        let text = |it: &Option<Spanned<String>>| it.as_ref().map(|it| it.value.clone());
        let branch = |it: &Self| it.branch_of.as_ref().map(|of| (of.project.clone(), of.branch.clone()));
        if self.branch_of.is_some() || other.branch_of.is_some() {
            return branch(self) == branch(other);
        }
        value(&self.reference) == value(&other.reference)
            && text(&self.organization) == text(&other.organization)
            && (self.reference.is_some() || self.live_name() == other.live_name())
    }

    /// Puts the ref into the values that use it, once it is known.
    pub fn fill_in(&mut self, reference: &ProjectRef) {
        self.put_ref(reference.as_str());
    }

    /// Puts `${project.ref}` back where the ref is not known, for people to read.
    pub fn spell_out(&mut self) {
        self.put_ref(ProjectRef::VARIABLE);
    }

    fn put_ref(&mut self, reference: &str) {
        let fill = |text: &mut String| *text = text.replace(ProjectRef::STAND_IN, reference);
        for section in self.sections.values_mut() {
            section.each_value(&mut |value| match value {
                DesiredValue::Value(value) => each_text(value, &fill),
                DesiredValue::Secret(secret) => secret.each_plain(&fill),
                DesiredValue::Clear => {}
            });
        }
    }
}

/// Applies a change to every text in a value.
pub fn each_text(value: &mut Value, change: &dyn Fn(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Value::Object(members) => members.values_mut().for_each(|member| each_text(member, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The desired state of one kind in a project.
#[derive(Debug, Clone)]
pub struct Section {
    /// The first place that sets something in it.
    pub origin: Origin,
    /// The policy of `manage:`.
    pub policy: Policy,
    /// The settings with `{unmanaged: true}`.
    pub hands_off: BTreeSet<&'static str>,
    /// The settings or items.
    pub body: SectionBody,
}

impl Section {
    fn each_value(&mut self, change: &mut dyn FnMut(&mut DesiredValue)) {
        let mut all = |settings: &mut Settings| settings.fields.values_mut().for_each(|it| change(&mut it.value));
        match &mut self.body {
            SectionBody::Settings(settings) => all(settings),
            SectionBody::Items(items) => items.values_mut().for_each(|item| {
                if let Item::Present(settings, _) = item {
                    all(settings);
                }
            }),
        }
    }
}

/// The policy of `manage: {SECTION: …}`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// `prune: true`: live items that no manifest has are deleted.
    pub prune: bool,
    /// `restart: later`: changes that need a restart are stored, not put into effect.
    pub restart_later: bool,
    /// `rest: default`: fields that are not written are reset to the values of an untouched project.
    pub rest_default: bool,
}

/// The settings of a section, or its items.
#[derive(Debug, Clone)]
pub enum SectionBody {
    /// One document.
    Settings(Settings),
    /// Items by name, sorted.
    Items(BTreeMap<String, Item>),
}

/// An item of a collection.
#[derive(Debug, Clone)]
pub enum Item {
    /// The item is desired, with these settings.
    Present(Settings, Origin),
    /// `NAME: null`: the item is to be deleted.
    Absent(Origin),
    /// `{unmanaged: true}`: the item is not managed, not even by pruning.
    Unmanaged(Origin),
}

/// Settings by the name of their field, in the order of the table.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The fields of the table.
    pub fields: IndexMap<&'static str, Setting>,
    /// `extra:`: sent unchanged, compared as JSON.
    pub extra: Map<String, Value>,
    /// The places of the keys of `extra`, and of the members of objects by their names with dots.
    pub places: BTreeMap<String, Origin>,
    /// `extra_secrets:`.
    pub extra_secrets: BTreeMap<String, (SecretUse, Origin)>,
    /// What is in the files that the settings name.
    pub content: Option<Box<Content>>,
}

/// The files that the settings of a section or an item name, read where the manifests are.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// What each holds, by its path from the root.
    pub files: BTreeMap<String, FileContent>,
    /// Members of the API that say something about the files, such as the one where a program begins; null: none does.
    pub facts: BTreeMap<&'static str, Value>,
    /// Files that are sent along, though no read shows them.
    pub along: BTreeMap<String, FileContent>,
    /// Members that are sent along, though no read shows them.
    pub said: BTreeMap<&'static str, Value>,
    /// The place that names the files.
    pub origin: Origin,
}

impl Content {
    /// What the name of a file begins with, as a field; live files are in a member of this name, without the dot.
    pub const FILES: &str = "files.";

    /// Its members and its files by their names as fields, each as it is compared and shown.
    pub fn fields(&self) -> impl Iterator<Item = (String, Value)> {
        let facts = self.facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let name = |path: &str| format!("{}{path}", Self::FILES);
        facts.chain(self.files.iter().map(move |(path, content)| (name(path), content.shown())))
    }

    /// Whether it is about a file, by its name as a field, or about a member of the API.
    #[must_use]
    pub fn says(&self, field: &str) -> bool {
        field.starts_with(Self::FILES) || self.facts.contains_key(field)
    }
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileContent(pub Arc<[u8]>);

/// One setting of a manifest.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Its row.
    pub field: &'static Field,
    /// The desired value.
    pub value: DesiredValue,
    /// Where it is written.
    pub origin: Origin,
    /// Of a list or a map: the places of its items or keys.
    pub parts: Vec<Span>,
    /// Where weaker layers set the same, the weakest first.
    pub over: Vec<Origin>,
}

impl Setting {
    /// The place of an item of a list, or of a key of a map; the place of the whole value where it is unknown.
    #[must_use]
    pub fn place(&self, index: usize) -> Span {
        self.parts.get(index).copied().unwrap_or(self.origin.span)
    }
}

/// A desired value. (A setting that is not managed has none.)
#[derive(Debug, Clone, PartialEq)]
pub enum DesiredValue {
    /// This value, in the form in which people write it; units are resolved.
    Value(Value),
    /// A written `null`: the field is cleared.
    Clear,
    /// A secret.
    Secret(SecretUse),
}
