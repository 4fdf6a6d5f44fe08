//! What an import comes to.

use std::collections::BTreeMap;

use super::choose::Chosen;
use crate::diag::Diagnostic;
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::Root;
use crate::import::factor::Shared;
use crate::import::live::Counts;
use crate::import::{Left, profile_file};
use crate::manifest::MARKER;
use crate::record::{
    ImportRecord, ImportedProjectRecord, ImportedSecretsRecord, LeftRecord, ProfileRecord, UnreadableRecord,
};
use crate::session::rewrite::{self, Changed};

/// What is imported once it is written.
pub struct Imported {
    /// The folder of the workspace.
    pub root: Root,
    /// New files with their texts, by path from the root.
    pub created: BTreeMap<String, String>,
    /// Manifests that get something.
    pub changed: Vec<Changed>,
    /// The projects.
    pub projects: Vec<ImportedProject>,
    /// What is live and is not in the manifests.
    pub left: Vec<Left>,
    /// The profiles that were made.
    pub shared: Vec<Shared>,
    /// Projects that are asked for and are not up, each with how such a run ends.
    pub skipped: Vec<(Diagnostic, Exit)>,
}

/// An imported project.
pub struct ImportedProject {
    /// The project, and its document.
    pub chosen: Chosen,
    /// The file of its document.
    pub file: String,
    /// How many fields and items were written, by section.
    pub written: BTreeMap<String, usize>,
    /// How many of them its own document has; the others are in profiles.
    pub own: usize,
    /// What became of its other fields, by kind.
    pub kinds: BTreeMap<&'static str, Counts>,
    /// Kinds that could not be read, and why.
    pub unreadable: Vec<(&'static str, Option<u16>, String)>,
    /// Its secrets that became references.
    pub secrets: SecretsFound,
}

/// What is known of secrets whose references were written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecretsFound {
    /// All of them.
    pub all: usize,
    /// The value is at hand, and live has the same.
    pub same: usize,
    /// The value is at hand, and live has another: the addresses.
    pub other: Vec<String>,
}

impl Imported {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.created.keys().all(|path| path == MARKER)
    }
}

impl Imported {
    /// The result, for people and programs; `moved` has what somebody has changed since it was read.
    #[must_use]
    pub fn record(&self, written: bool, moved: Vec<String>) -> ImportRecord {
        let left = self.left.iter().map(|Left { at, why }| LeftRecord { at: at.clone(), why: why.clone() });
        ImportRecord {
            written,
            from: None,
            to_let_go: vec![],
            created: self.created.keys().cloned().collect(),
            changed: self.changed.iter().map(|changed| changed.path.clone()).collect(),
            projects: self.projects.iter().map(ImportedProject::record).collect(),
            left: left.collect(),
            profiles: self.shared.iter().map(profile).collect(),
            skipped: self.skipped.iter().map(|(found, _)| found.message.clone()).collect(),
            moved,
        }
    }
}

pub(super) fn profile(shared: &Shared) -> ProfileRecord {
    let Shared { profile, values, projects, variables, apart } = shared;
    ProfileRecord {
        profile: profile.clone(),
        file: profile_file(profile),
        values: *values,
        projects: *projects,
        variables: variables.clone(),
        apart: apart.clone(),
    }
}

impl ImportedProject {
    fn record(&self) -> ImportedProjectRecord {
        let Self { chosen, file, written, own, kinds, unreadable, secrets } = self;
        let unknown = kinds.iter().filter(|(_, counts)| !counts.unknown.is_empty());
        ImportedProjectRecord {
            project: chosen.document.clone(),
            r#ref: chosen.listed.reference.as_str().to_owned(),
            name: chosen.listed.name.clone(),
            organization: chosen.listed.organization.clone(),
            file: file.clone(),
            new: !chosen.is_known,
            written: written.clone(),
            own: *own,
            default: kinds.iter().filter(|(_, it)| it.default > 0).map(|(kind, it)| (*kind, it.default)).collect(),
            unknown: unknown
                .map(|(kind, counts)| (*kind, counts.unknown.iter().map(|(name, _)| name.clone()).collect()))
                .collect(),
            unreadable: unreadable
                .iter()
                .map(|(section, status, why)| UnreadableRecord { section, status: *status, why: why.clone() })
                .collect(),
            secrets: ImportedSecretsRecord {
                references: secrets.all,
                same: secrets.same,
                other: secrets.other.clone(),
            },
        }
    }
}

/// Writes what was imported: the new files, then what existing ones get.
pub fn write_imported(imported: &Imported) -> Result<(), Failure> {
    put(&imported.root, &imported.created, &imported.changed)
}

/// Writes new files, then what existing ones get.
pub(super) fn put(root: &Root, created: &BTreeMap<String, String>, changed: &[Changed]) -> Result<(), Failure> {
    for (path, text) in created {
        root.create(path, text).map_err(|why| {
            let message = format!("`{path}` cannot be written: {why}");
            Failure::new(Exit::Failed, codes::CANNOT_WRITE, message)
        })?;
    }
    rewrite::write(root, changed)
}
