//! `render`.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::options::Format;
use super::workspace::Workspace;
use super::{Done, Run, workspace};
use crate::diag::Sources;
use crate::exit::Exit;
use crate::model::{Datum, DesiredProject, Item, Layer, Origin, Section, SectionBody, Setting, Settings};
use crate::secret::{SecretSource, SecretUse};

/// Print the effective manifests, with profiles merged and variables filled in; offline
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Tells of each value its file, line, column and layer
    #[arg(long)]
    origin: bool,
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    let workspace = workspace::load(run)?;
    match run.global.format {
        Format::Json => run.json(&json(&workspace)),
        _ => run.terminal.out(&text(&workspace, args.origin)),
    }
    Ok(Exit::Done)
}

/// One YAML document a project, under `projects:`, as it could stand in a manifest.
fn text(workspace: &Workspace, origins: bool) -> String {
    let mut text = "projects:\n".to_owned();
    for (name, project) in &workspace.desired.projects {
        line(&mut text, 1, &key(name), None);
        for (key, value, origin) in envelope(project) {
            let origin = origin.filter(|_| origins).map(|origin| place(&workspace.sources, origin));
            entry(&mut text, 2, key, &value, origin.as_deref());
        }
        for (kind, section) in &project.sections {
            line(&mut text, 2, &key(kind), None);
            let place = |origin: &Origin| origins.then(|| place(&workspace.sources, origin));
            for (name, value, origin) in values(section) {
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
            let fields: Map<String, Value> = values(section)
                .into_iter()
                .map(|(name, value, origin)| {
                    let at = place(&workspace.sources, origin);
                    (name, json!({"value": value, "at": at}))
                })
                .collect();
            members.insert((*kind).to_owned(), fields.into());
        }
        (name.clone(), Value::Object(members))
    };
    let projects: Map<String, Value> = workspace.desired.projects.iter().map(project).collect();
    json!({"format": "supaform.render", "version": 1, "projects": projects})
}

type Line<'a> = (&'static str, Value, Option<&'a Origin>);

fn envelope(project: &DesiredProject) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = vec![];
    let texts = [
        ("organization", project.organization.as_ref()),
        ("name", project.name.as_ref()),
        ("region", project.region.as_ref()),
    ];
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

/// Fields or items of a section, as they are written.
fn values(section: &Section) -> Vec<(String, Value, &Origin)> {
    match &section.body {
        SectionBody::Settings(settings) => settings_values(settings),
        SectionBody::Items(items) => items
            .iter()
            .map(|(name, item)| match item {
                Item::Absent(origin) => (name.clone(), Value::Null, origin),
                Item::Unmanaged(origin) => (name.clone(), json!({"unmanaged": true}), origin),
                Item::Present(settings, origin) => (name.clone(), item_value(settings), origin),
            })
            .collect(),
    }
}

/// An item of one scalar field is written without the field's name.
fn item_value(settings: &Settings) -> Value {
    let mut fields = settings_values(settings);
    match fields.as_mut_slice() {
        [(name, value, _)] if name == "value" => value.take(),
        _ => Value::Object(fields.into_iter().map(|(name, value, _)| (name, value)).collect()),
    }
}

fn settings_values(settings: &Settings) -> Vec<(String, Value, &Origin)> {
    let written = |setting: &Setting| match &setting.value {
        Datum::Value(value) => value.clone(),
        Datum::Clear => Value::Null,
        Datum::Secret(secret) => reference(secret),
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

/// `profiles/acme.yaml:8:3 (profile acme)`.
fn place(sources: &Sources, origin: &Origin) -> String {
    let layer = match &origin.layer {
        Layer::Profile(name) => format!(" (profile {name})"),
        Layer::Common => " (common)".to_owned(),
        Layer::Document => String::new(),
    };
    sources.locate(origin.span) + &layer
}

fn entry(text: &mut String, depth: usize, name: &str, value: &Value, origin: Option<&str>) {
    // JSON is YAML, on one line, with all quotes that both versions of YAML need; `${` is written so that it stays.
    let value = value.to_string().replace("${", "$${");
    line(text, depth, &format!("{} {value}", key(name)), origin);
}

fn key(name: &str) -> String {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && !matches!(
            name.to_ascii_lowercase().as_str(),
            "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
        );
    if plain { format!("{name}:") } else { format!("{}:", Value::from(name)) }
}

fn line(text: &mut String, depth: usize, content: &str, origin: Option<&str>) {
    let content = crate::diag::render::escape_json(content);
    let comment = origin.map_or(String::new(), |origin| format!("  # {}", crate::diag::render::escape(origin)));
    writeln!(text, "{}{content}{comment}", "  ".repeat(depth)).expect("writing to a text");
}
