//! Loading: the root, the manifests, the selection, and the secrets that it needs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::merge::Merge;
use super::options::Format;
use super::tracked::Tracked;
use super::{Failure, Run, given as files};
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources, Span, codes::run as codes};
use crate::exit::Exit;
use crate::files::Root;
use crate::kinds::KINDS;
use crate::manifest::{self, Built, Needs, Selection, Shard};
use crate::model::{AllowRule, Desired, DesiredProject, IgnoreRule, Listed, Live, Plan, SectionBody};
use crate::plan::revisions::{Matched, matched};
use crate::secret::Vault;
use crate::secret::given::Given;
use crate::secret::sources::{Missing, Places, Resolved, resolve};

/// What is desired, as selected, and the values of its secrets.
pub(super) struct Workspace {
    pub sources: Sources,
    pub desired: Desired,
    pub vault: Arc<Vault>,
    /// The files whose texts are shown, and a place that names each.
    pub shown: BTreeMap<String, Span>,
    /// How many files were read.
    pub files: usize,
    pub root: Root,
    /// The rules of `ignore:` that hold today.
    pub ignore: Vec<Arc<IgnoreRule>>,
    rules: Vec<IgnoreRule>,
    /// The rules of `allow:`, which count only once they are merged.
    pub allow: Vec<AllowRule>,
    /// All documents, selected or not, without their sections.
    documents: Vec<DesiredProject>,
    selection: Selection,
    shard: Option<Shard>,
    /// What is worth a look, and forbids nothing.
    pub warnings: Diagnostics,
    missing: Vec<Missing>,
}

/// The folder that the workspace lies in.
pub(super) fn root(run: &Run) -> Result<Root, Failure> {
    let here = std::env::current_dir().unwrap_or_default();
    manifest::workspace::find(run.global.root.as_deref(), &here).map_err(Failure::of)
}

/// Reads and validates the whole workspace and selects; offline, without secrets and environment.
pub(super) fn load(run: &Run) -> Result<Workspace, Failure> {
    load_merged(run, None)
}

/// The same, as it would be merged.
pub(super) fn load_merged(run: &Run, merge: Option<&Merge>) -> Result<Workspace, Failure> {
    let workspace = offline(run, merge, None)?;
    // In other formats the command has a place of its own for them.
    if run.global.format == Format::Text {
        run.show(&workspace.warnings.sorted(), &workspace.sources);
    }
    Ok(workspace)
}

/// The same, with the secrets of what is selected.
pub(super) fn load_with_secrets(run: &Run) -> Result<Workspace, Failure> {
    load_merged_with_secrets(run, None)
}

/// The same, as it would be merged.
pub(super) fn load_merged_with_secrets(run: &Run, merge: Option<&Merge>) -> Result<Workspace, Failure> {
    let environment = run.untrusted.is_none().then(|| run.environment.variables().clone());
    let mut workspace = offline(run, merge, environment)?;
    let rules = std::mem::take(&mut workspace.rules);
    workspace.ignore = manifest::ignore::holding(rules, run.today(), &mut workspace.warnings);
    run.show(&workspace.warnings.sorted(), &workspace.sources);
    if run.untrusted.is_some() {
        return Ok(Workspace { vault: Arc::new(Vault::closed()), ..workspace });
    }
    let given = given(run)?;
    let folders: Vec<Root> = run.global.secret_dir.iter().map(Root::new).collect();
    let places = Places {
        environment: run.environment.variables(),
        given: given.as_ref(),
        root: &workspace.root,
        secret_dirs: &folders,
        allow_exec: run.global.allow_exec,
        exec_timeout: Duration::from_secs(run.global.exec_timeout),
        exec_deadline: run.session.ends(),
        clock: run.session.clock(),
        scheduler: run.session.scheduler(),
        stop: run.session.stop(),
    };
    let Resolved { vault, missing, errors } =
        resolve(manifest::secrets(&workspace.desired, &workspace.selection), places);
    if run.session.stop().is_raised() {
        return Err(super::session::interrupted());
    }
    let workspace = Workspace { vault: Arc::new(vault), missing, ..workspace };
    if errors.has_errors() {
        return Err(Failure::invalid(errors, workspace.sources));
    }
    if run.global.require_secrets {
        workspace.require_secrets()?;
    }
    Ok(workspace)
}

/// Reads, validates and selects; `environment` is what `{env: …}` of fields that are shown may take from.
fn offline(
    run: &Run,
    merge: Option<&Merge>,
    environment: Option<BTreeMap<String, String>>,
) -> Result<Workspace, Failure> {
    let root = root(run)?;
    let options = manifest::Options { environment, ..run.manifest_options(&root) };
    let (files, built) = if let Some(merge) = merge {
        merge.build(run, &root, &options)?
    } else {
        let mut found = manifest::workspace::read(&root);
        let texts = Tracked::of(run, &root)?;
        texts.keep(&mut found)?;
        let files = found.files.len();
        let mut built = manifest::build(found.files, &texts, KINDS, &options);
        found.diagnostics.extend(std::mem::take(&mut built.diagnostics));
        (files, Built { diagnostics: found.diagnostics, ..built })
    };
    let (sources, mut desired, findings) = (built.sources, built.desired, built.diagnostics);
    if findings.has_errors() {
        return Err(Failure::invalid(findings, sources));
    }
    let selection = Selection::parse(&run.global.select, &desired, KINDS);
    let selection = selection.map_err(|findings| Failure::invalid(findings, Sources::new()))?;
    let bare = |project: &DesiredProject| DesiredProject { sections: BTreeMap::new(), ..project.clone() };
    let documents = desired.projects.values().map(bare).collect();
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
        shard: run.global.shard,
        warnings: findings,
        missing: vec![],
    };
    workspace.select(&mut desired);
    Ok(Workspace { desired, ..workspace })
}

/// What `--secrets-from` names: a file, `-` for stdin, `env:VAR` for a variable.
fn given(run: &Run) -> Result<Option<Given>, Failure> {
    let Some(from) = run.global.secrets_from.as_deref() else { return Ok(None) };
    let bad = |why: String| Failure::new(Exit::Invalid, codes::BAD_OPTION, format!("--secrets-from {from}: {why}"));
    let text = match from.strip_prefix("env:") {
        Some(name) => {
            let value = run.environment.get(name);
            // Of an empty one nothing is at hand, which is told where a secret is needed.
            if value.is_some_and(|value| value.trim().is_empty()) {
                return Ok(Some(Given::default()));
            }
            value.map(|value| value.to_owned().into()).ok_or_else(|| bad("there is no such variable".to_owned()))?
        }
        None if from == "-" => files::stdin(files::MOST_SECRETS, "--secrets-from -: stdin")?,
        None => files::text(Path::new(from), files::MOST_SECRETS, "--secrets-from").map_err(piped)?,
    };
    Given::parse(&text, from).map(Some).map_err(Failure::of)
}

/// Shells make pipes of what `<(…)` prints.
fn piped(mut failure: Failure) -> Failure {
    failure.findings.since(0).iter_mut().filter(|finding| !finding.hints.is_empty()).for_each(|finding| {
        finding.hints =
            vec!["Give what a command prints on stdin: `COMMAND | supaform … --secrets-from -`.".to_owned()];
    });
    failure
}

impl Run {
    /// The day by which rules end.
    pub(super) fn today(&self) -> Date {
        self.global.today.unwrap_or_else(|| Timestamp::now().to_zoned(TimeZone::UTC).date())
    }
}

impl Workspace {
    /// Leaves of what is desired what is selected.
    pub(super) fn select(&self, desired: &mut Desired) {
        desired
            .projects
            .retain(|name, project| self.selection.project(project) && self.shard.is_none_or(|shard| shard.has(name)));
        for project in desired.projects.values_mut() {
            let mut sections = std::mem::take(&mut project.sections);
            sections.retain(|kind, _| self.selection.kind(project, kind));
            project.sections = sections;
        }
    }

    /// What a base says of what is selected here; what is live tells more, where it was read.
    pub(super) fn matched(&self, base: &Desired, live: Option<&Live>) -> Matched {
        let mut matched = matched(KINDS, base, &self.desired, live);
        for (name, before) in &mut matched.desired.projects {
            let Some(project) = self.desired.projects.get(name) else { continue };
            before.sections.retain(|kind, _| self.selection.kind(project, kind));
        }
        let selected = |name: &String, before: &mut DesiredProject| {
            self.selection.project(before) && self.shard.is_none_or(|shard| shard.has(name))
        };
        matched.gone.retain(selected);
        matched
    }

    /// The listed projects that no document adopts, in the organizations of those that one does. A selection is of the
    /// documents' projects only, so that nothing is said of others; of several shards one tells each.
    pub(super) fn unadopted(&self, listed: &[Listed]) -> Vec<Listed> {
        let adopted = |listed: &&Listed| self.documents.iter().any(|document| listed.is_of(document));
        let organizations: BTreeSet<&str> = listed.iter().filter(adopted).map(|it| it.organization.as_str()).collect();
        let mine = |listed: &&Listed| self.shard.is_none_or(|shard| shard.has(listed.reference.as_str()));
        let mut all: Vec<Listed> = listed
            .iter()
            .filter(|_| self.selection.is_all())
            .filter(|listed| organizations.contains(listed.organization.as_str()) && !adopted(listed) && mine(listed))
            .cloned()
            .collect();
        all.sort_by(|a, b| (&a.organization, &a.name, &a.reference).cmp(&(&b.organization, &b.name, &b.reference)));
        all
    }

    /// What CI has to provide for what is selected.
    pub(super) fn needs(&self) -> Needs {
        manifest::needs(&self.desired, &self.selection)
    }

    /// The project of this name.
    pub(super) fn project(&self, name: &str) -> Result<&DesiredProject, Failure> {
        self.desired.projects.get(name).ok_or_else(|| {
            let message = format!("there is no project `{name}` in the manifests");
            let names = self.desired.projects.keys().map(String::as_str);
            Failure::of(Diagnostic::new(codes::NO_SUCH_PROJECT, Severity::Error, message).did_you_mean(name, names))
        })
    }

    /// Fails where a secret could not be resolved (R17). Those of creations are asked for once it is known what is there.
    pub(super) fn require_secrets(&self) -> Result<(), Failure> {
        self.require(|missing| !missing.for_creation)
    }

    /// Fails where a project is to be created and the password of its database could not be resolved (R18).
    pub(super) fn require_passwords(&self, plan: &Plan) -> Result<(), Failure> {
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
    pub(super) fn managed_fields(&self) -> usize {
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
