//! Manifests that are not written yet.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::{Map, Value};

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
    /// How many fields and items the sections of its projects have.
    #[must_use]
    pub fn values(&self) -> usize {
        let sections = self.projects.iter().flat_map(|project| project.sections.values());
        sections.map(Map::len).sum()
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
