//! `render`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::cli::args::global::Format;
use crate::cli::run::{Done, Run};
use crate::compare::{Identity, Side, compare};
use crate::diag::render::{escape, escape_json};
use crate::exit::Exit;
use crate::kind::find;
use crate::kinds::KINDS;
use crate::manifest::spell::in_words;
use crate::model::{
    DesiredProject, DesiredValue, Item, Origin, Preview, ProjectRef, Section, SectionBody, Setting, Settings,
};
use crate::plan::review::renamed;
use crate::record::{Named as _, Presence, RenderedRecord, Revised, Revisions, origin_text, revisions_json};
use crate::secret::{SecretSource, SecretUse};
use crate::session::Workspace;
use crate::view::Detail;
use crate::view::build::revisions_document;
use crate::yaml::edit::member;
use crate::yaml::format::word_in_brackets;

/// Print the effective manifests, with profiles merged and variables replaced; offline
///
/// With --base REV, it shows what the working tree changes in them: it renders both and shows the differences, equal
/// changes of many projects together. The other revision is read from git's objects; the working tree is not touched.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Shows for each value its file, line, column and layer
    #[arg(long)]
    origin: bool,
    /// Shows instead the differences from this git revision
    #[arg(long, value_name = "REV", conflicts_with = "origin")]
    pub base: Option<String>,
    /// Ends with 2 if there are differences from --base
    #[arg(long, requires = "base")]
    exit_code: bool,
    /// Unchanged lines around a changed one in long texts, with --base
    #[arg(long, value_name = "N", default_value_t = 2, requires = "base")]
    context: usize,
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    let merge = args.base.as_deref().map(|base| run.session.merge(base)).transpose()?.flatten();
    let mut workspace = run.load_merged(merge.as_ref())?;
    if args.base.is_none() && run.global.format != Format::Json {
        run.terminal.out(&text(&workspace, args.origin));
        return Ok(Exit::Done);
    }
    workspace.desired.projects.values_mut().for_each(DesiredProject::spell_out);
    if let Some(base) = &args.base {
        return revisions(run, args, &workspace, base);
    }
    run.json(&json(&workspace));
    Ok(Exit::Done)
}

/// What the working tree changes in the effective manifests of another revision.
fn revisions(run: &Run, args: &Args, workspace: &Workspace, revision: &str) -> Done {
    let mut base = run.session.base(workspace, revision)?;
    base.desired.projects.values_mut().for_each(DesiredProject::spell_out);
    let matched = workspace.matched(&base.desired, None);
    let (before, after) = (&matched.desired.projects, &workspace.desired.projects);
    let names: BTreeSet<&str> = after.keys().map(String::as_str).collect();
    // Another document may have the name of a removed one now.
    let gone = matched.gone.iter().filter(|(name, _)| before.contains_key(*name) || !after.contains_key(*name));
    let gone: Vec<(String, &DesiredProject)> = gone
        .map(|(name, project)| {
            (if after.contains_key(name) { format!("{name} (before)") } else { name.clone() }, project)
        })
        .collect();
    let side = |project: Option<&DesiredProject>| {
        project.map_or_else(Side::default, |project| Side::rendered(project, KINDS, Identity::Whole))
    };
    let projects = names.into_iter().map(|name| {
        let (one, other) = (before.get(name).or(matched.gone.get(name)), after.get(name));
        let presence = match (one, other) {
            (None, _) => Presence::New,
            (_, None) => Presence::Gone,
            _ => Presence::Both,
        };
        let labels = other.or(one).map(|project| project.labels.clone()).unwrap_or_default();
        let former = matched.renamed.get(name).zip(other);
        let renamed = former.map(|(former, project)| (former.clone(), renamed(former, project)));
        (name, Revised { presence, renamed, labels, found: compare(&side(one), &side(other)) })
    });
    let gone = gone.iter().map(|(name, project)| {
        let (found, labels) = (compare(&side(Some(project)), &Side::default()), project.labels.clone());
        (name.as_str(), Revised { presence: Presence::Gone, renamed: None, labels, found })
    });
    let revisions = Revisions {
        base: revision,
        commit: &base.commit,
        before: &base.sources,
        after: &workspace.sources,
        projects: projects.chain(gone).collect(),
    };
    let detail = Detail { context: args.context, ..Detail::default() };
    run.result(detail, || revisions_json(&revisions), || revisions_document(&revisions))?;
    let differs = revisions
        .projects
        .values()
        .any(|it| it.presence != Presence::Both || it.renamed.is_some() || !it.found.differences.is_empty());
    Ok(if args.exit_code && differs { Exit::Differences } else { Exit::Done })
}

/// The projects under `projects:`, as they could be in a manifest.
fn text(workspace: &Workspace, origins: bool) -> String {
    let mut text = "projects:\n".to_owned();
    for (name, project) in &workspace.desired.projects {
        line(&mut text, 1, &key(name));
        for (key, value, origin) in envelope(project) {
            let origin = origin.filter(|_| origins).map(|origin| origin_text(&workspace.sources, origin));
            entry(&mut text, 2, key, &value, origin.as_deref());
        }
        for (kind, section) in &project.sections {
            let mut values = values(section, Form::OfManifests);
            values.extend(patterns(workspace, name, kind, Form::OfManifests));
            // An empty value would be read as a forgotten one.
            let empty = if values.is_empty() { " {}" } else { "" };
            line(&mut text, 2, &format!("{}{empty}", key(kind)));
            let place = |origin: &Origin| origins.then(|| origin_text(&workspace.sources, origin));
            for (name, value, origin) in values {
                entry(&mut text, 3, &name, &value, place(origin).as_deref());
            }
        }
    }
    text
}

fn json(workspace: &Workspace) -> Value {
    let project = |(name, project): (&String, &DesiredProject)| {
        let mut members: Map<String, Value> =
            envelope(project).into_iter().map(|(key, value, _)| (key.to_owned(), value)).collect();
        for (kind, section) in &project.sections {
            let fields: Map<String, Value> = values(section, Form::OfPrograms)
                .into_iter()
                .chain(patterns(workspace, name, kind, Form::OfPrograms))
                .map(|(name, value, origin)| {
                    let at = origin_text(&workspace.sources, origin);
                    (name, json!({"value": value, "at": at}))
                })
                .collect();
            members.insert((*kind).to_owned(), fields.into());
        }
        (name.clone(), Value::Object(members))
    };
    let projects: Map<String, Value> = workspace.desired.projects.iter().map(project).collect();
    RenderedRecord { projects }.json()
}

/// How values are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As people write them: `2h`.
    OfManifests,
    /// As programs compare them: `7200`.
    OfPrograms,
}

type Line<'a> = (&'static str, Value, Option<&'a Origin>);

fn envelope(project: &DesiredProject) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = vec![];
    let texts = [
        ("organization", project.organization.as_ref()),
        ("name", project.name.as_ref()),
        ("region", project.region.as_ref()),
    ];
    if let Some(of) = &project.branch_of {
        lines.push(("branch_of", json!({"project": of.project, "branch": of.branch}), Some(&of.origin)));
    }
    if let Some(reference) = &project.reference {
        lines.push(("ref", reference.value.as_str().into(), Some(&reference.origin)));
    }
    for (key, value) in texts {
        lines.extend(value.map(|value| (key, value.value.as_str().into(), Some(&value.origin))));
    }
    if project.protected {
        lines.push(("protected", true.into(), None));
    }
    if let Some(create) = &project.create {
        lines.push(("create", create.value.into(), Some(&create.origin)));
    }
    if !project.labels.is_empty() {
        lines.push(("labels", json!(project.labels), None));
    }
    lines
}

/// What a section wants of live items by patterns of their names.
fn patterns<'w>(
    workspace: &'w Workspace,
    project: &'w str,
    kind: &str,
    form: Form,
) -> impl Iterator<Item = (String, Value, &'w Origin)> {
    let is_one = find(KINDS, kind).is_some_and(|kind| kind.info().patterns);
    let previews = workspace.desired.previews.iter().filter(move |preview| is_one && preview.parent == project);
    previews.map(move |Preview { pattern, wanted, origin, .. }| {
        let mut members: Map<String, Value> =
            envelope(wanted).into_iter().map(|(key, value, _)| (key.to_owned(), value)).collect();
        for (kind, section) in &wanted.sections {
            let fields: Map<String, Value> =
                values(section, form).into_iter().map(|(name, value, _)| (name, value)).collect();
            members.insert((*kind).to_owned(), fields.into());
        }
        (pattern.clone(), members.into(), origin)
    })
}

/// Fields or items of a section, as they are written.
fn values(section: &Section, form: Form) -> Vec<(String, Value, &Origin)> {
    match &section.body {
        SectionBody::Settings(settings) => settings_values(settings, form),
        SectionBody::Items(items) => items
            .iter()
            .map(|(name, item)| match item {
                Item::Absent(origin) => (name.clone(), Value::Null, origin),
                Item::Unmanaged(origin) => (name.clone(), json!({"unmanaged": true}), origin),
                Item::Present(settings, origin) => (name.clone(), item_value(settings, form), origin),
            })
            .collect(),
    }
}

/// An item of one scalar field is written without the field's name.
fn item_value(settings: &Settings, form: Form) -> Value {
    let mut fields = settings_values(settings, form);
    match fields.as_mut_slice() {
        [(name, value, _)] if name == "value" => value.take(),
        _ => Value::Object(fields.into_iter().map(|(name, value, _)| (name, value)).collect()),
    }
}

fn settings_values(settings: &Settings, form: Form) -> Vec<(String, Value, &Origin)> {
    let written = |setting: &Setting| match &setting.value {
        DesiredValue::Value(value) if form == Form::OfManifests => in_words(setting.field, value),
        DesiredValue::Value(value) => value.clone(),
        DesiredValue::Clear => Value::Null,
        DesiredValue::Secret(secret) => reference(secret),
    };
    settings.fields.values().map(|setting| (setting.field.name.to_owned(), written(setting), &setting.origin)).collect()
}

fn reference(secret: &SecretUse) -> Value {
    let one = |source: &SecretSource| match source {
        SecretSource::Named { name, .. } => json!({"secret": name}),
        SecretSource::Env(name) => json!({"env": name}),
        SecretSource::File(path) => json!({"file": path}),
        SecretSource::Exec(command) => json!({"exec": command}),
        SecretSource::Plain(value) => json!({"plain": value}),
    };
    match secret.parts.as_slice() {
        [only] => one(only),
        parts => parts.iter().map(one).collect::<Vec<_>>().into(),
    }
}

/// A member as the writer of manifests has it; its origin is a comment in its first line.
fn entry(text: &mut String, depth: usize, name: &str, value: &Value, origin: Option<&str>) {
    let value = literal(value);
    let mut lines = member(name, &value, 2 * depth);
    if lines.iter().any(|line| escape_json(line) != *line) {
        // What a terminal would act on, or nobody sees, is escaped, as JSON has it: on one line.
        lines = vec![format!("{}{} {}", "  ".repeat(depth), key(name), escape_json(&value.to_string()))];
    }
    let comment = origin.map_or(String::new(), |origin| format!("  # {}", escape(origin)));
    for (number, line) in lines.iter().enumerate() {
        writeln!(text, "{line}{}", if number == 0 { &comment } else { "" }).expect("writing to a text");
    }
}

/// The value with `${` escaped so that it stays, and with the variable in place of a ref that is not known yet.
fn literal(value: &Value) -> Value {
    match value {
        Value::String(text) => text.replace("${", "$${").replace(ProjectRef::STAND_IN, ProjectRef::VARIABLE).into(),
        Value::Array(items) => items.iter().map(literal).collect::<Vec<_>>().into(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.replace("${", "$${"), literal(value)));
            Value::Object(members.collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn key(name: &str) -> String {
    format!("{}:", word_in_brackets(name))
}

fn line(text: &mut String, depth: usize, content: &str) {
    writeln!(text, "{}{}", "  ".repeat(depth), escape_json(content)).expect("writing to a text");
}
