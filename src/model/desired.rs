//! What the manifests ask for, after merging: every value knows where it was written.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::ProjectRef;
use crate::diag::Span;
use crate::schema::Field;
use crate::secret::SecretUse;

/// Which layer of the merge a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layer {
    /// `profile: NAME`.
    Profile(Arc<str>),
    /// `common:` beside `projects:`.
    Common,
    /// The project's own document.
    Document,
}

/// Where a value was written.
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

/// All that is desired: projects by the name of their document.
#[derive(Debug, Default)]
pub struct Desired {
    /// The projects, by name.
    pub projects: BTreeMap<String, DesiredProject>,
}

/// What is desired of one project.
#[derive(Debug)]
pub struct DesiredProject {
    /// The name of the document.
    pub document: String,
    /// The place of that name.
    pub span: Span,
    /// `ref:`.
    pub reference: Option<Spanned<ProjectRef>>,
    /// `organization:`.
    pub organization: Option<Spanned<String>>,
    /// `name:`: the project's name at Supabase.
    pub name: Option<Spanned<String>>,
    /// `region:`.
    pub region: Option<Spanned<String>>,
    /// `protected: true`.
    pub protected: bool,
    /// `create: true`.
    pub create: Option<Spanned<bool>>,
    /// `labels:`.
    pub labels: BTreeMap<String, String>,
    /// The managed sections, by kind.
    pub sections: BTreeMap<&'static str, Section>,
}

impl DesiredProject {
    /// The name by which the project is found at Supabase: `name:`, else the document's.
    #[must_use]
    pub fn live_name(&self) -> &str {
        self.name.as_ref().map_or(&self.document, |name| &name.value)
    }
}

/// What is desired of one kind in a project.
#[derive(Debug)]
pub struct Section {
    /// The first place that says something of it.
    pub origin: Origin,
    /// What `manage:` says of it.
    pub policy: Policy,
    /// The settings or items.
    pub body: SectionBody,
}

/// What `manage: {SECTION: …}` says.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// `prune: true`: what is live and not written goes.
    pub prune: bool,
    /// `restart: later`: changes that need a restart are stored, not put into effect.
    pub restart_later: bool,
}

/// The settings of a section, or its items.
#[derive(Debug)]
pub enum SectionBody {
    /// One document.
    Settings(Settings),
    /// Items by name, sorted.
    Items(BTreeMap<String, Item>),
}

/// An item of a collection.
#[derive(Debug)]
pub enum Item {
    /// Is to be, with these settings.
    Present(Settings, Origin),
    /// `NAME: null`: is not to be.
    Absent(Origin),
    /// `{unmanaged: true}`: hands off, also for pruning.
    Unmanaged(Origin),
}

/// Settings by the name of their field, in the order of the table.
#[derive(Debug, Default)]
pub struct Settings {
    /// What is known to the table.
    pub fields: IndexMap<&'static str, Setting>,
    /// `extra:`: sent verbatim, compared as JSON.
    pub extra: Map<String, Value>,
    /// The places of the keys of `extra`.
    pub extra_origins: BTreeMap<String, Origin>,
    /// `extra_secrets:`.
    pub extra_secrets: BTreeMap<String, (SecretUse, Origin)>,
}

/// One setting as written.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Its row.
    pub field: &'static Field,
    /// What is wanted.
    pub value: Datum,
    /// Where it was written.
    pub origin: Origin,
    /// Where weaker layers say it, too, the weakest first.
    pub over: Vec<Origin>,
}

/// A wanted value. (Absent from the settings: not managed.)
#[derive(Debug, Clone, PartialEq)]
pub enum Datum {
    /// This value, in the form in which people write it; units are resolved.
    Value(Value),
    /// A written `null`: clear it.
    Clear,
    /// A secret.
    Secret(SecretUse),
}
