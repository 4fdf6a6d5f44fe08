//! Names of projects and of what is in them.

use std::cmp::Ordering;
use std::fmt;

use crate::schema::KindInfo;

/// What an address stands for within a project.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The project itself.
    Project,
    /// A section: the settings of one kind, or all its items.
    Section(&'static str),
    /// A setting of a section, where it alone is allowed.
    Setting(&'static str, String),
    /// An item of a collection by its name.
    Item(&'static str, String),
}

impl Subject {
    /// The subject of a whole kind: its section, or the project itself.
    #[must_use]
    pub fn of(info: &KindInfo) -> Self {
        if info.name == KindInfo::PROJECT { Self::Project } else { Self::Section(info.name) }
    }

    /// The kind of its section; `None` for the project itself.
    #[must_use]
    pub const fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Project => None,
            Self::Section(kind) | Self::Setting(kind, _) | Self::Item(kind, _) => Some(kind),
        }
    }

    /// The name of its kind, including that of the project itself.
    #[must_use]
    pub const fn kind_name(&self) -> &'static str {
        match self {
            Self::Project => KindInfo::PROJECT,
            Self::Section(kind) | Self::Setting(kind, _) | Self::Item(kind, _) => kind,
        }
    }

    /// The name of an item.
    #[must_use]
    pub fn item(&self) -> Option<&str> {
        match self {
            Self::Item(_, name) => Some(name),
            Self::Project | Self::Section(_) | Self::Setting(..) => None,
        }
    }

    /// The name of an item or a setting, which is the last part of an address.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Setting(_, name) | Self::Item(_, name) => Some(name),
            Self::Project | Self::Section(_) => None,
        }
    }

    /// Its name within its project, with its parts joined: `project`, `auth`, `secrets.STRIPE_KEY`.
    #[must_use]
    pub fn told(&self) -> String {
        let kind = self.kind_name();
        self.name().map_or_else(|| kind.to_owned(), |name| format!("{kind}.{name}"))
    }
}

/// The project itself first, then by kind, each section before its contents.
impl Ord for Subject {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.kind(), self.name(), self.item()).cmp(&(other.kind(), other.name(), other.item()))
    }
}

impl PartialOrd for Subject {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Where a resource is: `acme-prod`, `acme-prod/auth`, `acme-prod/secrets/STRIPE_KEY`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The name of the project's document.
    pub project: String,
    /// The subject within the project.
    pub subject: Subject,
}

impl Address {
    /// The address of a project itself.
    #[must_use]
    pub fn of_project(project: &str) -> Self {
        Self { project: project.to_owned(), subject: Subject::Project }
    }

    /// The address of a whole kind.
    #[must_use]
    pub fn of(project: &str, info: &KindInfo) -> Self {
        Self { project: project.to_owned(), subject: Subject::of(info) }
    }

    /// The address of a section.
    #[must_use]
    pub fn section(project: &str, kind: &'static str) -> Self {
        Self { project: project.to_owned(), subject: Subject::Section(kind) }
    }

    /// The address of an item.
    #[must_use]
    pub fn item(project: &str, kind: &'static str, item: &str) -> Self {
        Self { project: project.to_owned(), subject: Subject::Item(kind, item.to_owned()) }
    }

    /// The address of the setting of a section; an item's address, or that of the project itself, includes its settings.
    #[must_use]
    pub fn setting(&self, name: &str) -> Self {
        match self.subject {
            Subject::Section(kind) => {
                Self { project: self.project.clone(), subject: Subject::Setting(kind, name.to_owned()) }
            }
            Subject::Project | Subject::Setting(..) | Subject::Item(..) => self.clone(),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.project)?;
        let parts = self.subject.kind().into_iter().chain(self.subject.name());
        parts.into_iter().try_for_each(|part| write!(out, "/{part}"))
    }
}

impl serde::Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The API's id of a project: 20 lower-case letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct ProjectRef(String);

impl ProjectRef {
    /// Stands in desired values for a ref that is not known yet. It has the form of a ref, so that every offline check (of
    /// an address, of a length) gives the final result; no project has it.
    pub const STAND_IN: &str = "refaftercreationonly";

    /// How a manifest refers to the ref of its own project.
    pub const VARIABLE: &str = "${project.ref}";

    /// A ref, if the text has the right form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let valid = text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_lowercase());
        valid.then(|| Self(text.to_owned()))
    }

    /// The ref as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProjectRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Whether a text can be an organization's slug: letters, digits, `_` and `-`.
#[must_use]
pub fn slug_is_valid(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}
