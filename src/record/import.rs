//! The result of `import`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::done::Named;

/// The result of `import`.
#[derive(Debug, Serialize)]
pub struct ImportRecord {
    /// Whether files were written.
    pub written: bool,
    /// The files of another tool that were read; none where the projects themselves were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The addresses that Terraform must let go of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to_let_go: Vec<String>,
    /// New files, by path from the root.
    pub created: Vec<String>,
    /// Manifests that got something.
    pub changed: Vec<String>,
    /// The projects.
    pub projects: Vec<ImportedProjectRecord>,
    /// What is live and is not in the manifests, and why.
    pub left: Vec<LeftRecord>,
    /// The profiles that were made.
    pub profiles: Vec<ProfileRecord>,
    /// Projects that are not up, and so were not imported: sentences.
    pub skipped: Vec<String>,
    /// Addresses that somebody has changed since they were read.
    pub moved: Vec<String>,
}

/// An imported project.
#[derive(Debug, Serialize)]
pub struct ImportedProjectRecord {
    /// The name of its document.
    pub project: String,
    /// Its ref; empty where it is not known.
    pub r#ref: String,
    /// Its name at Supabase.
    pub name: String,
    /// Its organization's slug; empty where it is not known.
    pub organization: String,
    /// The file of its document.
    pub file: String,
    /// Whether the workspace had no document of it.
    pub new: bool,
    /// How many settings and items were written, by section.
    pub written: BTreeMap<String, usize>,
    /// How many settings and items its own document has; the others are in profiles.
    pub own: usize,
    /// How many fields are as on an untouched project, by section.
    pub default: BTreeMap<&'static str, usize>,
    /// Live keys that Supaform does not know, by section.
    pub unknown: BTreeMap<&'static str, Vec<String>>,
    /// Sections that could not be read.
    pub unreadable: Vec<UnreadableRecord>,
    /// Its secrets, of which the manifest has references.
    pub secrets: ImportedSecretsRecord,
}

/// A section that could not be read.
#[derive(Debug, Serialize)]
pub struct UnreadableRecord {
    /// The section.
    pub section: &'static str,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// The API's message.
    pub why: String,
}

/// The secrets of an imported project.
#[derive(Debug, Serialize)]
pub struct ImportedSecretsRecord {
    /// References that were written.
    pub references: usize,
    /// Of these, those whose value is at hand and live.
    pub same: usize,
    /// Addresses of those whose value is at hand, while another one is live.
    pub other: Vec<String>,
}

/// A profile of what several projects have alike.
#[derive(Debug, Serialize)]
pub struct ProfileRecord {
    /// Its name.
    pub profile: String,
    /// Its file.
    pub file: String,
    /// How many settings and items it has.
    pub values: usize,
    /// How many projects extend it.
    pub projects: usize,
    /// The variables that it uses.
    pub variables: Vec<String>,
    /// Addresses that have another value of their own.
    pub apart: Vec<String>,
}

/// The result of `factor`.
#[derive(Debug, Serialize)]
pub struct FactoredRecord {
    /// Whether files were written.
    pub written: bool,
    /// New files, by path from the root.
    pub created: Vec<String>,
    /// Manifests that say less.
    pub changed: Vec<String>,
    /// How many projects were looked at.
    pub projects: usize,
    /// The profiles that were made.
    pub profiles: Vec<ProfileRecord>,
}

/// Something that is live and is not in the manifests.
#[derive(Debug, Serialize)]
pub struct LeftRecord {
    /// What it is.
    pub at: String,
    /// Why: a clause.
    pub why: String,
}

impl Named for ImportRecord {
    const FORMAT: &'static str = "supaform.import";
}

impl Named for FactoredRecord {
    const FORMAT: &'static str = "supaform.factor";
}
