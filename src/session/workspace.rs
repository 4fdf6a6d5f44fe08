//! A loaded workspace, and its selection.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, Severity, Sources, Span, codes::run as codes, codes::secret};
use crate::failure::Failure;
use crate::files::Root;
use crate::kinds::KINDS;
use crate::manifest::{self, Needs, Part, Selection, Use};
use crate::model::{AllowRule, Desired, DesiredProject, IgnoreRule, Listed, Live, Plan, Preview, SectionBody};
use crate::plan::revisions::{Matched, matched};
use crate::record::AtHand;
use crate::secret::sources::Missing;
use crate::secret::{SecretSource, Vault};

/// The selected desired state, and the values of its secrets.
pub struct Workspace {
    /// The sources of the manifests.
    pub sources: Sources,
    /// The desired state, as selected.
    pub desired: Desired,
    /// The values of its secrets, where they were looked up.
    pub vault: Arc<Vault>,
    /// The files whose texts are shown, each with a place that names it.
    pub shown: BTreeMap<String, Span>,
    /// How many files were read.
    pub files: usize,
    /// The folder.
    pub root: Root,
    /// The rules of `ignore:` that hold today.
    pub ignore: Vec<Arc<IgnoreRule>>,
    pub(super) rules: Vec<IgnoreRule>,
    /// The rules of `allow:`, which count only once they are merged.
    pub allow: Vec<AllowRule>,
    /// All documents, selected or not, without their sections.
    pub(super) documents: Vec<DesiredProject>,
    pub(super) selection: Selection,
    pub(super) part: Option<Part>,
    /// What is worth a look, and forbids nothing.
    pub warnings: Diagnostics,
    pub(super) missing: Vec<Missing>,
}

impl Workspace {
    /// Removes from the desired state what is not selected.
    pub fn select(&self, desired: &mut Desired) {
        desired
            .projects
            .retain(|name, project| self.selection.project(project) && self.part.is_none_or(|part| part.has(name)));
        for project in desired.projects.values_mut() {
            let mut sections = std::mem::take(&mut project.sections);
            sections.retain(|kind, _| self.selection.kind(project, kind));
            project.sections = sections;
        }
        let Desired { projects, previews, .. } = desired;
        let names =
            |preview: &Preview| projects.get(&preview.parent).is_some_and(|it| it.sections.contains_key("branches"));
        previews.retain(names);
    }

    /// The base's documents for the selected projects; the live state helps, where it was read.
    #[must_use]
    pub fn matched(&self, base: &Desired, live: Option<&Live>) -> Matched {
        let mut matched = matched(KINDS, base, &self.desired, live);
        for (name, before) in &mut matched.desired.projects {
            let Some(project) = self.desired.projects.get(name) else { continue };
            before.sections.retain(|kind, _| self.selection.kind(project, kind));
        }
        let selected = |name: &String, before: &mut DesiredProject| {
            self.selection.project(before) && self.part.is_none_or(|part| part.has(name))
        };
        matched.gone.retain(selected);
        matched
    }

    /// The listed projects that no document adopts, in the organizations of adopted ones. A selection is of documents, so
    /// it has none of these; with shards, one of them reports each.
    #[must_use]
    pub fn unadopted(&self, listed: &[Listed]) -> Vec<Listed> {
        let (mut references, mut names) = (BTreeSet::new(), BTreeSet::new());
        for document in &self.documents {
            match (&document.reference, &document.organization) {
                (Some(reference), _) => drop(references.insert(&reference.value)),
                (None, Some(slug)) => drop(names.insert((slug.value.as_str(), document.live_name()))),
                (None, None) => {}
            }
        }
        let adopted = |listed: &&Listed| {
            references.contains(&listed.reference)
                || names.contains(&(listed.organization.as_str(), listed.name.as_str()))
        };
        let organizations: BTreeSet<&str> = listed.iter().filter(adopted).map(|it| it.organization.as_str()).collect();
        let mine = |listed: &&Listed| self.part.is_none_or(|part| part.has(listed.reference.as_str()));
        let mut all: Vec<Listed> = listed
            .iter()
            .filter(|_| self.selection.is_all())
            .filter(|listed| organizations.contains(listed.organization.as_str()) && !adopted(listed) && mine(listed))
            .cloned()
            .collect();
        all.sort_by(|a, b| (&a.organization, &a.name, &a.reference).cmp(&(&b.organization, &b.name, &b.reference)));
        all
    }

    /// What CI has to provide for the selection.
    #[must_use]
    pub fn needs(&self) -> Needs {
        manifest::needs(&self.desired, &self.selection)
    }

    /// What of it is not at hand, where the secrets were looked up; commands only if they ran.
    #[must_use]
    pub fn missing(&self) -> Needs {
        let is_known = |missing: &&Missing| missing.code != secret::EXEC_REFUSED;
        let missing = self.missing.iter().filter(is_known);
        missing.fold(Needs::default(), |mut needs, Missing { source, at, span, for_creation, .. }| {
            needs.add(source, Use { at: at.clone(), span: *span, for_creation: *for_creation });
            needs
        })
    }

    /// The secrets of each project, and how many of their values are at hand; without those that only a creation needs.
    #[must_use]
    pub fn at_hand(&self) -> BTreeMap<String, AtHand> {
        let mut all: BTreeMap<String, AtHand> = BTreeMap::new();
        let is_secret = |source: &SecretSource| !matches!(source, SecretSource::Plain(_));
        for wanted in manifest::secrets(&self.desired, &self.selection) {
            if wanted.for_creation || !wanted.uses.parts.iter().any(is_secret) {
                continue;
            }
            let project = wanted.at.split(['/', '.']).next().unwrap_or_default();
            let count = all.entry(project.to_owned()).or_default();
            count.all += 1;
            count.at_hand += usize::from(self.vault.reveal(wanted.uses).is_some());
        }
        all
    }

    /// The project of this name.
    pub fn project(&self, name: &str) -> Result<&DesiredProject, Failure> {
        self.desired.projects.get(name).ok_or_else(|| {
            let message = format!("there is no project `{name}` in the manifests");
            let names = self.desired.projects.keys().map(String::as_str);
            Failure::of(Diagnostic::new(codes::NO_SUCH_PROJECT, Severity::Error, message).did_you_mean(name, names))
        })
    }

    /// Fails where a secret was not found. Those of creations are required only once it is known that the project does not
    /// exist.
    pub fn require_secrets(&self) -> Result<(), Failure> {
        self.require(|missing| !missing.for_creation)
    }

    /// Fails where a project is to be created and the password of its database was not found.
    pub fn require_passwords(&self, plan: &Plan) -> Result<(), Failure> {
        let created: BTreeSet<String> =
            plan.creations().map(|step| format!("{}.database_password", step.at.project)).collect();
        self.require(|missing| missing.for_creation && created.contains(&missing.at))
    }

    fn require(&self, needed: impl Fn(&Missing) -> bool) -> Result<(), Failure> {
        let mut findings = Diagnostics::new();
        self.missing.iter().filter(|missing| needed(missing)).for_each(|missing| findings.push(missing.diagnostic()));
        if findings.has_errors() { Err(Failure::invalid(findings, self.sources.clone())) } else { Ok(()) }
    }

    /// How many fields and items are managed.
    #[must_use]
    pub fn managed_fields(&self) -> usize {
        let sections = self.desired.projects.values().flat_map(|project| project.sections.values());
        sections
            .map(|section| match &section.body {
                SectionBody::Settings(settings) => {
                    settings.fields.len() + settings.extra.len() + settings.extra_secrets.len()
                }
                SectionBody::Items(items) => items.len(),
            })
            .sum()
    }
}
