//! Formatting: the manifests in one form.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::rewrite::Changed;
use super::start::Session;
use crate::diag::codes::run as codes;
use crate::diag::{Diagnostic, Diagnostics, Severity, SourceId, Sources};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::Root;
use crate::kinds::KINDS;
use crate::manifest;
use crate::workspace;
use crate::yaml::format::format;

/// Manifests as they would be formatted.
pub struct Formatted {
    /// The folder of the workspace.
    pub root: Root,
    /// How many manifests were checked.
    pub files: usize,
    /// Manifests that are not formatted.
    pub changed: Vec<Changed>,
    /// Manifests that could not be read, or are left as they are.
    pub findings: Diagnostics,
    /// The sources of the manifests.
    pub sources: Sources,
    /// Whether the workspace is valid. If not, a secret may be where a reference belongs, and nothing is shown.
    pub is_valid: bool,
}

impl Session {
    /// Formats manifests, or folders of them; the whole workspace where no path is given. Writes nothing.
    pub fn format(&self, paths: &[PathBuf]) -> Result<Formatted, Failure> {
        let here = std::env::current_dir().unwrap_or_default();
        let root = self.root()?;
        let found = workspace::read(&root);
        let (sources, documents, unread) = manifest::documents(found.files.clone(), KINDS);
        let path = |id: SourceId| sources.get(id).path.as_str();
        let place = |finding: &Diagnostic| finding.labels.first().map(|label| path(label.span.source));
        let unread = unread.sorted();
        let names = documents.iter().map(|id| path(*id)).chain(unread.iter().filter_map(|finding| place(finding)));
        let chosen = choose(&root, &here, paths, &names.collect())?;
        let mut findings = if paths.is_empty() { found.diagnostics } else { Diagnostics::new() };
        for finding in unread {
            if place(finding).is_none_or(|path| chosen.contains(path)) {
                findings.push(finding.clone());
            }
        }
        let documents: Vec<SourceId> = documents.into_iter().filter(|id| chosen.contains(path(*id))).collect();
        let mut changed = vec![];
        for &id in &documents {
            let before = &*sources.get(id).text;
            match format(before) {
                Some(after) if after == before => {}
                Some(after) => changed.push(Changed { path: path(id).to_owned(), before: before.to_owned(), after }),
                None => {
                    let message = format!("`{}` is left unformatted", path(id));
                    findings.push(Diagnostic::new(codes::NOT_FORMATTED, Severity::Warning, message));
                }
            }
        }
        let options = self.manifest_options(&root);
        let is_valid = !manifest::build(found.files, &root, KINDS, &options).diagnostics.has_errors();
        Ok(Formatted { root, files: documents.len(), changed, findings, sources, is_valid })
    }
}

/// The files that paths name, by their paths from the root; all files where there are no paths.
fn choose<'f>(
    root: &Root,
    here: &Path,
    paths: &[PathBuf],
    files: &BTreeSet<&'f str>,
) -> Result<BTreeSet<&'f str>, Failure> {
    if paths.is_empty() {
        return Ok(files.clone());
    }
    let mut chosen = BTreeSet::new();
    for given in paths {
        let path = below(root, &here.join(given));
        let is_named = |file: &str| {
            path.as_ref().is_some_and(|path| {
                let rest = file.strip_prefix(path.as_str());
                path.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };
        let named: Vec<&str> = files.iter().copied().filter(|file| is_named(file)).collect();
        if named.is_empty() {
            let message =
                format!("`{}` is neither a manifest of the workspace nor a folder of manifests", given.display());
            return Err(Failure::new(Exit::Invalid, codes::NO_MANIFEST, message));
        }
        chosen.extend(named);
    }
    Ok(chosen)
}

/// A path from the root, with `/`; `None` where it does not exist, or is not below the root.
fn below(root: &Root, path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    let path = path.strip_prefix(root.path().canonicalize().ok()?).ok()?;
    Some(path.to_str()?.replace(std::path::MAIN_SEPARATOR, "/"))
}
