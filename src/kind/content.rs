//! What a kind reads of the workspace when a section of a manifest is made: the files that the section is about.

use std::sync::Arc;

use crate::diag::{Diagnostic, Span};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::model::FileContent;
use crate::secret::hex;

/// The files of the workspace, by their paths from the root, with `/`. What is refused (links, hidden files, files that git
/// ignores, what leads out) becomes a finding at the place that names the file; every file that is read counts as shown.
pub trait SourceFiles {
    /// The path from the root of what is written in the manifest of a place: `../a` in `projects/b.yaml` is `a`.
    fn beside(&mut self, written: &str, at: Span) -> Option<String>;

    /// What a file holds; `None` where it does not exist, or after a finding.
    fn read(&mut self, path: &str, at: Span) -> Option<FileContent>;

    /// The paths of all files below a folder, sorted; `None` where it does not exist, or after a finding.
    fn list(&mut self, folder: &str, at: Span) -> Option<Vec<String>>;

    /// Reports a finding.
    fn tell(&mut self, found: Diagnostic);
}

/// The sources of a live item, as a manifest that names the item finds them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoundSources {
    /// Their texts, by path from the root.
    pub texts: Vec<(String, String)>,
    /// The fields that say where they are, where they are not looked for there anyway.
    pub fields: Vec<(&'static str, String)>,
}

impl FileContent {
    /// As it is compared and shown: a text, or the size and the digest of other bytes.
    #[must_use]
    pub fn shown(&self) -> Value {
        match self.text() {
            Some(text) => text.into(),
            None => json!({"bytes": self.0.len(), "sha256": hex(&Sha256::digest(&self.0))}),
        }
    }

    /// As a text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl From<&str> for FileContent {
    fn from(text: &str) -> Self {
        Self(Arc::from(text.as_bytes()))
    }
}
