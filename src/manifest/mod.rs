//! Manifests to [`Desired`]: documents read, profiles merged, variables replaced, values checked against the table.
//!
//! ```text
//!   text ─yaml─▶ Node ─document─▶ Document ─profiles, merge─▶ Merged ─variables, values─▶ Desired
//! ```
//!
//! Pure: [`workspace`](crate::workspace) finds and reads files, and the texts that `{file: …}` names are handed in as [`Texts`].
//! Nothing here knows what is live, and no secret is resolved here: see [`secrets`].

pub mod accept;
mod allow;
mod content;
mod document;
mod dormant;
mod envelope;
pub mod ignore;
mod index;
mod input;
mod lineage;
pub mod listing;
pub mod marker;
mod meant;
mod merge;
mod names;
mod needs;
mod private;
mod profiles;
mod project;
mod role;
mod rules;
mod secrecy;
mod section;
mod select;
mod shard;
pub mod spell;
mod unfill;
mod usage;
mod values;
mod variables;

use std::collections::{BTreeMap, BTreeSet};

pub use input::{NoTexts, Options, Texts};
pub use names::{MARKER, name_is_valid};
pub use needs::{Needs, Use, needs};
pub use select::Selection;
pub use shard::{Part, Shard};

use crate::diag::{Diagnostic, Diagnostics, Severity, SourceId, Sources, Span, codes::manifest as codes};
use crate::kind::Registry;
use crate::model::{AllowRule, Desired, DesiredProject, DesiredValue, IgnoreRule, Item, SectionBody, Settings};
use crate::secret::sources::SecretRequest;
use crate::secret::variables::variable_prefix;
use crate::yaml;

use document::{Document, Documents};
use index::Index;
use project::Shared;
use values::Named;

/// The result of building manifests.
#[derive(Debug)]
pub struct Built {
    /// The texts that were read.
    pub sources: Sources,
    /// The desired state. Not to be used where the findings have errors.
    pub desired: Desired,
    /// The rules of `ignore:`, including expired ones.
    pub ignore: Vec<IgnoreRule>,
    /// The rules of `allow:`.
    pub allow: Vec<AllowRule>,
    /// All findings.
    pub diagnostics: Diagnostics,
    /// The files whose texts are shown, by path from the root, with a place that names each.
    pub shown: BTreeMap<String, Span>,
    /// The paths of files that hold secrets.
    pub secret_files: BTreeSet<String>,
}

/// Builds the desired state from the files of a workspace: paths from the root, with `/`, and their texts.
#[must_use]
pub fn build(files: Vec<(String, String)>, texts: &dyn Texts, registry: Registry, options: &Options) -> Built {
    let mut out = Diagnostics::new();
    let index = Index::new(registry);
    let Read { sources, ids, nodes } = read(files, &index, &mut out);
    let whole = nodes.len() == ids.len();
    let limits = marker::read(&sources, &ids, &nodes, &mut out);
    let marker = nodes.iter().find_map(|(marker, node)| marker.then_some(node));
    let ignore = marker.map_or_else(Vec::new, |node| ignore::read(node, &sources, registry, &mut out));
    let allow = marker.map_or_else(Vec::new, |node| allow::read(node, &sources, &mut out));
    let mut documents = Documents::default();
    for (marker, node) in &nodes {
        let path = &sources.get(node.span.source).path;
        if *marker || (limits.allow(path) && !marker::is_nested(path)) {
            documents.take(node, *marker, &index, &mut out);
        }
    }
    // The content of an unreadable file is unknown, and so is what the files mean together: only these errors are reported.
    let before = out.len();
    let (desired, named) =
        if whole { projects(&documents, &sources, texts, registry, options, &mut out) } else { Default::default() };
    let secret_files: BTreeSet<String> = named.secret.keys().chain(&options.private).cloned().collect();
    let bared = bared(&named.shown, &secret_files);
    if !bared.is_empty() {
        // Findings about the projects may quote the unreadable text.
        out.truncate(before);
        for (path, span) in bared {
            let found = shown_secret(path, span);
            out.push(named.secret.get(path).map_or(found.clone(), |at| found.label(*at, "the secret is here")));
        }
    }
    if !out.has_errors() {
        ignore::idle(&ignore, &desired, &mut out);
        allow::idle(&allow, &desired, registry, &mut out);
    }
    out.spread_privacy(&sources);
    out.redact(&sources);
    Built { sources, desired, ignore, allow, diagnostics: out, shown: named.shown, secret_files }
}

/// Of the files whose texts are shown, those that hold secrets or are in a folder of secrets.
#[must_use]
pub fn bared<'s>(shown: &'s BTreeMap<String, Span>, secret: &BTreeSet<String>) -> Vec<(&'s str, Span)> {
    let secret: BTreeSet<String> = secret.iter().map(|path| listing::folded(path)).collect();
    let is_one = |path: &str| {
        let path = listing::folded(path);
        secret.contains(&path) || listing::folders(&path).skip(1).any(|folder| secret.contains(folder))
    };
    shown.iter().filter(|(path, _)| is_one(path)).map(|(path, span)| (path.as_str(), *span)).collect()
}

/// The finding that a file with a secret would be shown.
#[must_use]
pub fn shown_secret(path: &str, span: Span) -> Diagnostic {
    let message = format!("`{path}` is used as a secret elsewhere, and its text would be shown here");
    Diagnostic::error(codes::SHOWN_SECRET, span, message)
        .hint("Put a text that everybody may read into a file of its own that git tracks.")
        .private()
}

/// The rules of `allow:` of one `supaform.yaml`.
///
/// # Errors
/// When the file or its rules cannot be read.
pub fn allowances(text: String) -> Result<Vec<AllowRule>, (Diagnostics, Sources)> {
    let mut out = Diagnostics::new();
    let Read { sources, nodes, .. } = read(vec![(MARKER.to_owned(), text)], &Index::new(&[]), &mut out);
    let rules = nodes.first().map_or_else(Vec::new, |(_, node)| allow::read(node, &sources, &mut out));
    if out.has_errors() { Err((out, sources)) } else { Ok(rules) }
}

/// The files of a workspace that are manifests, and the findings about those that cannot be read.
///
/// Files that `manifests:` leaves out, and files that are no documents, are not included.
pub fn documents(files: Vec<(String, String)>, registry: Registry) -> (Sources, Vec<SourceId>, Diagnostics) {
    let mut out = Diagnostics::new();
    let Read { sources, ids, nodes } = read(files, &Index::new(registry), &mut out);
    out.spread_privacy(&sources);
    out.redact(&sources);
    let limits = marker::read(&sources, &ids, &nodes, &mut Diagnostics::new());
    let is_one = |(marker, node): &&(bool, yaml::Node)| {
        *marker || (document::is_document(node) && limits.allow(&sources.get(node.span.source).path))
    };
    let found = nodes.iter().filter(is_one).map(|(_, node)| node.span.source).collect();
    (sources, found, out)
}

/// Files and their trees, each with whether it is `supaform.yaml`; unreadable files have no tree.
struct Read {
    sources: Sources,
    ids: Vec<SourceId>,
    nodes: Vec<(bool, yaml::Node)>,
}

fn read(files: Vec<(String, String)>, index: &Index, out: &mut Diagnostics) -> Read {
    let mut sources = Sources::new();
    let ids: Vec<_> = files.into_iter().map(|(path, text)| sources.add(path, text)).collect();
    let mut nodes = vec![];
    for &id in &ids {
        let before = out.len();
        let marker = sources.get(id).path == MARKER;
        let node = yaml::read(&sources, id, out);
        let places = private::places(&sources, id, node.as_ref(), index);
        sources.hide(id, places);
        nodes.extend(node.map(|node| (marker, node)));
        hide_doubtful(out.since(before), &sources);
        // Such files are templates and multi-document files of other tools.
        if !marker
            && !document::looks_like_one(&sources.get(id).text)
            && let Some(error) = out.since(before).iter_mut().find(|found| found.severity == Severity::Error)
        {
            error.hints.push(listing::NOT_OURS.to_owned());
        }
    }
    Read { sources, ids, nodes }
}

/// Hides the lines of syntax errors: the reader knows no fields, and such a line may hold a secret, as in `smtp_pass:
/// 0123`.
fn hide_doubtful(findings: &mut [Diagnostic], sources: &Sources) {
    for found in findings {
        let lines = found.labels.iter().map(|label| {
            let text = &sources.get(label.span.source).text;
            let (before, after) = text.split_at_checked(label.span.start as usize).unwrap_or((text, ""));
            let start = before.rsplit('\n').next().unwrap_or_default();
            (start, after.lines().next().unwrap_or_default())
        });
        let doubtful: Vec<_> = lines.filter(|(start, _)| secrecy::sounds_secret(start)).collect();
        if !doubtful.is_empty() {
            found.private = true;
            found.fix = None;
            found.hints.retain(|hint| doubtful.iter().all(|(_, rest)| rest.is_empty() || !hint.contains(rest)));
        }
    }
}

fn projects(
    documents: &Documents<'_>,
    sources: &Sources,
    texts: &dyn Texts,
    registry: Registry,
    options: &Options,
    out: &mut Diagnostics,
) -> (Desired, Named) {
    let mut by_name: BTreeMap<&str, Vec<&Document<'_>>> = BTreeMap::new();
    for document in &documents.projects {
        by_name.entry(document.name).or_default().push(document);
    }
    let mut shared = Shared {
        documents,
        sources,
        texts,
        options,
        registry,
        cache: BTreeMap::new(),
        contents: BTreeMap::new(),
        named: Named::default(),
        reached: BTreeSet::new(),
        torn: vec![],
        checked: BTreeSet::new(),
        undefined: variables::Undefined::default(),
        usage: usage::Usage::default(),
        previews: vec![],
    };
    let mut desired = Desired::default();
    for (name, documents) in &by_name {
        if let Some(project) = project::make(&mut shared, name, documents, out) {
            desired.projects.insert((*name).to_owned(), project);
        }
    }
    profiles::idle(documents, &shared.reached, !shared.torn.is_empty(), out);
    // A project that could not be merged may use any variable.
    if shared.torn.is_empty() {
        std::mem::take(&mut shared.usage).report(out);
    }
    dormant::check(&mut shared, out);
    shared.undefined.report(out);
    let claim = |project: &DesiredProject| project.claim(sources.locate(project.span));
    desired.claims = desired.projects.values().map(claim).collect();
    desired.previews = std::mem::take(&mut shared.previews);
    distinct(&desired, out);
    lineage::check(&desired, |name| by_name.contains_key(name), out);
    if desired.projects.is_empty() && !out.has_errors() {
        out.push(Diagnostic::new(codes::EMPTY_WORKSPACE, Severity::Error, "no document describes a project").hint(
            "Write `project: NAME` into a YAML file below the root, or check `.supaformignore` and `manifests:`.",
        ));
    }
    (desired, shared.named)
}

/// Refuses two documents for one project.
fn distinct(desired: &Desired, out: &mut Diagnostics) {
    let mut references = BTreeMap::new();
    let mut found: BTreeMap<(&str, &str), &DesiredProject> = BTreeMap::new();
    let mut prefixes = BTreeMap::new();
    for project in desired.projects.values() {
        if let Some(reference) = &project.reference
            && let Some(first) = references.insert(reference.value.clone(), project)
        {
            let message = format!("`{}` and `{}` have the same ref", first.document, project.document);
            let earlier = first.reference.as_ref().map_or(first.span, |reference| reference.origin.span);
            let found = Diagnostic::error(codes::SAME_REF, reference.origin.span, message);
            out.push(found.label(earlier, "the first is here"));
        }
        // In a pinned project, `name:` is the desired name and identifies nothing.
        let is_named = project.reference.is_none() || project.name.is_some();
        if let Some(organization) = project.organization.as_ref().filter(|_| is_named)
            && let Some(first) = found.insert((&organization.value, project.live_name()), project)
            && (first.reference.is_none() || project.reference.is_none())
        {
            let message = format!("`{}` and `{}` stand for the same project", first.document, project.document);
            out.push(
                Diagnostic::error(codes::SAME_PROJECT, project.span, message)
                    .label(first.span, "the first is here")
                    .hint("Give each a `name:` of its own, or a `ref:`."),
            );
        }
        if let Some(first) = prefixes.insert(variable_prefix(&project.document), project) {
            let message = format!("`{}` and `{}` differ in case or punctuation only", first.document, project.document);
            out.push(
                Diagnostic::error(codes::SAME_PROJECT, project.span, message)
                    .label(first.span, "the first is here")
                    .hint(format!("The secrets of both would be variables `{}…`.", variable_prefix(&project.document))),
            );
        }
    }
}

/// The secrets that the selected resources use, for [`crate::secret::sources::resolve`].
#[must_use]
pub fn secrets<'d>(desired: &'d Desired, selection: &Selection) -> Vec<SecretRequest<'d>> {
    let mut wanted = vec![];
    let previews = desired.previews.iter().map(|preview| &preview.wanted);
    for project in desired.projects.values().chain(previews) {
        if let Some(password) = project.database_password.as_ref().filter(|_| project.creates()) {
            let at = format!("{}.database_password", project.document);
            wanted.push(SecretRequest {
                uses: &password.value,
                at,
                span: password.origin.span,
                most: None,
                form: None,
                for_creation: true,
            });
        }
        for (kind, section) in &project.sections {
            // Branches are selected together with the section that names them.
            if desired.projects.contains_key(&project.document) && !selection.kind(project, kind) {
                continue;
            }
            match &section.body {
                SectionBody::Settings(settings) => wanted_of(settings, project, kind, None, &mut wanted),
                SectionBody::Items(items) => {
                    for (name, item) in items {
                        if let Item::Present(settings, _) = item {
                            wanted_of(settings, project, kind, Some(name), &mut wanted);
                        }
                    }
                }
            }
        }
    }
    wanted
}

fn wanted_of<'d>(
    settings: &'d Settings,
    project: &DesiredProject,
    kind: &str,
    item: Option<&str>,
    into: &mut Vec<SecretRequest<'d>>,
) {
    let place = item.map_or_else(String::new, |item| format!("/{item}"));
    let address = format!("{}/{kind}{place}", project.document);
    for setting in settings.fields.values() {
        if let DesiredValue::Secret(uses) = &setting.value {
            let (most, form) = match setting.field.ty {
                crate::schema::Type::Text(rule) => (rule.max_chars, rule.form),
                crate::schema::Type::Bool
                | crate::schema::Type::Int { .. }
                | crate::schema::Type::Number { .. }
                | crate::schema::Type::Choice(_)
                | crate::schema::Type::List(..)
                | crate::schema::Type::Map(_)
                | crate::schema::Type::Object(_)
                | crate::schema::Type::Any => (None, None),
            };
            let at = if item.is_some() { address.clone() } else { format!("{address}.{}", setting.field.name) };
            into.push(SecretRequest { uses, at, span: setting.origin.span, most, form, for_creation: false });
        }
    }
    for (name, (uses, origin)) in &settings.extra_secrets {
        let at = format!("{address}.{name}");
        into.push(SecretRequest { uses, at, span: origin.span, most: None, form: None, for_creation: false });
    }
}
