//! Loads the manifests of the working tree or of a merge, and selects.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::start::Session;
use super::workspace::Workspace;
use crate::diag::Sources;
use crate::failure::Failure;
use crate::files::Root;
use crate::git::{Merge, Tracked};
use crate::kinds::KINDS;
use crate::manifest::{self, Built, Selection};
use crate::model::{Desired, DesiredProject};
use crate::secret::Vault;
use crate::workspace;

impl Session {
    /// The merge of the working tree's commit with a base, and a note about it; `None` where the commit has all of the
    /// base.
    pub fn merge(&self, revision: &str) -> Result<Option<Merge>, Failure> {
        let merge = Merge::of(&self.root()?, revision, self.options.untrusted.is_some())?;
        if let Some(merge) = &merge {
            self.observer.note(&merge.told());
        }
        Ok(merge)
    }

    /// Reads and validates the whole workspace and selects; offline, without secrets and environment.
    pub fn load(&self) -> Result<Workspace, Failure> {
        self.offline(None, None)
    }

    /// The same for a merge.
    pub fn load_merged(&self, merge: Option<&Merge>) -> Result<Workspace, Failure> {
        self.offline(merge, None)
    }

    /// The same with the secrets of the selection, where the manifests are trusted.
    pub async fn load_with_secrets(&self, merge: Option<&Merge>) -> Result<Workspace, Failure> {
        let is_trusted = self.options.untrusted.is_none();
        let environment = is_trusted.then(|| self.options.environment.variables().clone());
        let mut workspace = self.offline(merge, environment)?;
        let rules = std::mem::take(&mut workspace.rules);
        workspace.ignore = manifest::ignore::holding(rules, self.today(), &mut workspace.warnings);
        self.observer.warn(&workspace.warnings, &workspace.sources);
        if !is_trusted {
            return Ok(Workspace { vault: Arc::new(Vault::closed()), ..workspace });
        }
        let workspace = self.resolve(workspace).await?;
        if self.options.secrets.required {
            workspace.require_secrets()?;
        }
        Ok(workspace)
    }

    /// Reads, validates and selects; `environment` has the variables for `{env: …}` of shown fields.
    fn offline(
        &self,
        merge: Option<&Merge>,
        environment: Option<BTreeMap<String, String>>,
    ) -> Result<Workspace, Failure> {
        let root = self.root()?;
        let untrusted = self.options.untrusted.is_some();
        let options = manifest::Options { environment, ..self.manifest_options(&root) };
        let (files, built) = if let Some(merge) = merge {
            merge.build(&root, untrusted, &options)?
        } else {
            let mut found = workspace::read(&root);
            if found.is_unread() {
                return Err(Failure::invalid(found.diagnostics, Sources::new()));
            }
            let texts = Tracked::of(&root, untrusted)?;
            texts.keep(&mut found)?;
            let files = found.files.len();
            let mut built = manifest::build(found.files, &texts, KINDS, &options);
            found.diagnostics.extend(std::mem::take(&mut built.diagnostics));
            (files, Built { diagnostics: found.diagnostics, ..built })
        };
        self.selected(root, files, built)
    }

    /// The workspace of manifests that were built, as selected.
    pub(super) fn selected(&self, root: Root, files: usize, built: Built) -> Result<Workspace, Failure> {
        let (sources, mut desired, findings) = (built.sources, built.desired, built.diagnostics);
        if findings.has_errors() {
            return Err(Failure::invalid(findings, sources));
        }
        let selection = Selection::parse(&self.options.select, &desired, KINDS);
        let selection = selection.map_err(|findings| Failure::invalid(findings, Sources::new()))?;
        let bare = |project: &DesiredProject| DesiredProject { sections: BTreeMap::new(), ..project.clone() };
        let documents = desired.projects.values().map(bare).collect();
        let part = self.options.shard.map(|shard| shard.part(desired.projects.keys().map(String::as_str)));
        let workspace = Workspace {
            sources,
            shown: built.shown,
            desired: Desired::default(),
            vault: Arc::default(),
            root,
            ignore: vec![],
            rules: built.ignore,
            allow: built.allow,
            files,
            documents,
            selection,
            part,
            warnings: findings,
            missing: vec![],
        };
        workspace.select(&mut desired);
        Ok(Workspace { desired, ..workspace })
    }
}
