//! Names of things: projects and what is in them.

use std::fmt;

/// Where a resource is: `acme-prod`, `acme-prod/auth`, `acme-prod/secrets/STRIPE_KEY`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The name of the project's document.
    pub project: String,
    /// The section; empty for the project itself.
    pub kind: &'static str,
    /// The item of a collection.
    pub item: Option<String>,
}

impl Address {
    /// The address of a section.
    #[must_use]
    pub fn section(project: &str, kind: &'static str) -> Self {
        Self { project: project.to_owned(), kind, item: None }
    }

    /// The address of an item.
    #[must_use]
    pub fn item(project: &str, kind: &'static str, item: &str) -> Self {
        Self { project: project.to_owned(), kind, item: Some(item.to_owned()) }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.project)?;
        if !self.kind.is_empty() {
            write!(out, "/{}", self.kind)?;
        }
        match &self.item {
            Some(item) => write!(out, "/{item}"),
            None => Ok(()),
        }
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
    /// Stands in desired values for a ref that is not known yet. It has the form of one, so that every offline check
    /// (an address, a length) holds as it will; no project has it.
    pub const STAND_IN: &str = "refaftercreationonly";

    /// How a manifest names the ref of its own project.
    pub const VARIABLE: &str = "${project.ref}";

    /// Takes a ref that has the right form.
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
