//! Places as text and numbers that outlive the run.

use serde::{Deserialize, Serialize};

use crate::diag::{Sources, Span};
use crate::model::Origin;

/// A place in a file; both count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The file, relative to the root.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Place {
    /// Where a span starts.
    #[must_use]
    pub fn of(span: Span, sources: &Sources) -> Self {
        let position = sources.position(span);
        Self { file: sources.get(span.source).path.clone(), line: position.line, column: position.column }
    }

    pub(super) fn of_origin(origin: Option<&Origin>, sources: &Sources) -> Option<Self> {
        origin.map(|origin| Self::of(origin.span, sources))
    }
}

/// The address of a resource as text that outlives the run: `acme/secrets/STRIPE_KEY`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct AddressRecord {
    /// The name of the project's document.
    pub project: String,
    /// The section; empty for the project itself.
    pub kind: String,
    /// The item of a collection, or a field.
    pub item: Option<String>,
}

impl AddressRecord {
    /// The section or item within its project: `auth`, `secrets.STRIPE_KEY`; `project` for the project itself.
    #[must_use]
    pub fn local(&self) -> String {
        match (&self.item, self.kind.as_str()) {
            (Some(item), kind) => format!("{kind}.{item}"),
            (None, "") => "project".to_owned(),
            (None, kind) => kind.to_owned(),
        }
    }
}

impl From<String> for AddressRecord {
    fn from(text: String) -> Self {
        let mut parts = text.splitn(3, '/').map(str::to_owned);
        let project = parts.next().unwrap_or_default();
        Self { project, kind: parts.next().unwrap_or_default(), item: parts.next() }
    }
}

impl From<AddressRecord> for String {
    fn from(address: AddressRecord) -> Self {
        address.to_string()
    }
}

impl From<&crate::model::Address> for AddressRecord {
    fn from(address: &crate::model::Address) -> Self {
        let crate::model::Address { project, subject } = address;
        let kind = subject.kind().unwrap_or_default().to_owned();
        Self { project: project.clone(), kind, item: subject.name().map(str::to_owned) }
    }
}

impl std::fmt::Display for AddressRecord {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.project)?;
        if !self.kind.is_empty() || self.item.is_some() {
            write!(out, "/{}", self.kind)?;
        }
        self.item.as_ref().map_or(Ok(()), |item| write!(out, "/{item}"))
    }
}
