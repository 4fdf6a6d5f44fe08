//! Importing what other tools have in files. Nothing is read from Supabase: whether live is so, the next plan tells.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::check::take_out_wrong;
use super::edits::{apart, texts};
use super::ground::Ground;
use super::result::put;
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::{Refused, Root, given_text};
use crate::import::{Draft, config_toml, terraform};
use crate::kinds::KINDS;
use crate::manifest::Texts;
use crate::model::ProjectRef;
use crate::record::{ImportRecord, ImportedProjectRecord, ImportedSecretsRecord, LeftRecord};
use crate::secret::provided::variables;
use crate::session::Session;
use crate::session::inputs::stdin;
use crate::session::rewrite::Changed;

/// The largest state; those of large companies have some megabytes.
const MOST: u64 = 64 << 20;

/// Where another tool has its settings.
#[derive(Debug, Clone)]
pub enum Elsewhere {
    /// `supabase/config.toml` of the Supabase CLI.
    ConfigToml(PathBuf),
    /// A state of Terraform, a file or a folder of `*.tf`, or `-` for stdin.
    Terraform(PathBuf),
}

/// What to import, and how.
#[derive(Debug, Clone)]
pub struct ImportFiles {
    /// Where it is.
    pub from: Elsewhere,
    /// The project that it is for, where it does not say so.
    pub reference: Option<ProjectRef>,
    /// The file for the documents; without it, each gets one of its own.
    pub into: Option<String>,
}

/// What is imported once it is written.
pub struct ImportedFiles {
    /// The folder of the workspace.
    pub root: Root,
    /// What was read, as people name it.
    pub from: String,
    /// New files with their texts, by path from the root.
    pub created: BTreeMap<String, String>,
    /// Manifests that get something.
    pub changed: Vec<Changed>,
    /// The manifests.
    pub draft: Draft,
    /// The addresses that Terraform must let go of.
    pub addresses: Vec<String>,
}

impl Session {
    /// Reads what another tool has in files, and makes manifests of it; writes nothing.
    pub fn import_files(&self, asked: &ImportFiles) -> Result<ImportedFiles, Failure> {
        self.require_trust_to_look()?;
        let ground = Ground::of(self)?;
        let (from, mut draft, addresses) = match &asked.from {
            Elsewhere::ConfigToml(path) => self.config_toml(path, asked, &ground.root)?,
            Elsewhere::Terraform(path) => terraform_of(path, asked)?,
        };
        if let Some(into) = &asked.into {
            draft.move_projects(into);
        }
        for project in &draft.projects {
            let same_ref = |known: &str| project.envelope.get("ref").and_then(serde_json::Value::as_str) == Some(known);
            let known = ground.workspace.desired.projects.values().find(|known| {
                known.document == project.document
                    || known.reference.as_ref().is_some_and(|reference| same_ref(reference.value.as_str()))
            });
            if let Some(known) = known {
                let message = format!("`{}` is a project of this workspace already", known.document);
                let hint =
                    "Import into a folder of its own with `--root FOLDER`, and take over from there what is missing.";
                return Err(Failure::with_hint(Exit::Refused, codes::NOT_IMPORTED, message, hint));
            }
        }
        if let Some(into) = &asked.into {
            ground.free(into, true)?;
        }
        draft.take_out_unwritable();
        let texts = loop {
            let texts = texts(&ground, &mut draft)?;
            let built = ground.built(self, &texts);
            if !built.diagnostics.has_errors() {
                break texts;
            }
            // What the files of the workspace do not allow: the rest can be imported without it.
            if !take_out_wrong(&mut draft, &built) {
                return Err(Failure::invalid(built.diagnostics, built.sources));
            }
        };
        let (created, changed) = apart(&ground, texts)?;
        Ok(ImportedFiles { root: ground.root, from, created, changed, draft, addresses })
    }

    /// The draft of `config.toml`, or of the `config.json` beside it, which wins.
    fn config_toml(
        &self,
        path: &Path,
        asked: &ImportFiles,
        root: &Root,
    ) -> Result<(String, Draft, Vec<String>), Failure> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let json = folder.join("config.json");
        let path = if json.is_file() { json } else { path.to_owned() };
        let text = read(&path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_usual = folder.file_name().is_some_and(|name| name == "supabase");
        let (project, inside) = match folder.parent().filter(|_| is_usual) {
            Some(project) => (project, format!("supabase/{name}")),
            None => (folder, name),
        };
        let project = if project.as_os_str().is_empty() { Path::new(".") } else { project };
        let mut environment = self.options.environment.variables().clone();
        if text.contains("env(") {
            for (name, value) in dotenv(&[folder, project], &environment)? {
                environment.entry(name).or_insert(value);
            }
        }
        let linked = given_text(&folder.join(".temp/project-ref"), 64).ok();
        let linked = linked.as_deref().map(str::trim).and_then(ProjectRef::parse);
        let options = config_toml::Options {
            path: &inside,
            folder: below(root, folder),
            reference: asked.reference.clone().or(linked),
            environment: &environment,
            texts: &Below(Root::new(project)),
            registry: KINDS,
        };
        let draft = config_toml::draft(&text, &options).map_err(|(found, sources)| Failure::invalid(found, sources))?;
        Ok((path.display().to_string(), draft, vec![]))
    }
}

/// A folder from the root, where it is below the root.
fn below(root: &Root, folder: &Path) -> Option<String> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let (root, folder) = (root.path().canonicalize().ok()?, folder.canonicalize().ok()?);
    let names = folder.strip_prefix(root).ok()?.components();
    let names: Option<Vec<&str>> = names.map(|name| name.as_os_str().to_str()).collect();
    names.map(|names| names.join("/"))
}

/// The variables of `.env` files, the first of which wins: those beside the file before those of the project.
fn dotenv(folders: &[&Path], environment: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Failure> {
    let stage = environment.get("SUPABASE_ENV").filter(|stage| !stage.is_empty());
    let stage = stage.map_or("development", String::as_str);
    let mut names = vec![format!(".env.{stage}.local")];
    names.extend((stage != "test").then(|| ".env.local".to_owned()));
    names.extend([format!(".env.{stage}"), ".env".to_owned()]);
    let mut found = BTreeMap::new();
    for path in folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name))) {
        if !path.is_file() {
            continue;
        }
        let from = path.display().to_string();
        for (name, value) in variables(&read(&path)?, &from).map_err(Failure::of)? {
            found.entry(name).or_insert_with(|| value.expose().to_owned());
        }
    }
    Ok(found)
}

/// The draft of a state or of files of Terraform.
fn terraform_of(path: &Path, asked: &ImportFiles) -> Result<(String, Draft, Vec<String>), Failure> {
    let from = path.display().to_string();
    let (folder, files) = if path == Path::new("-") {
        let text = stdin(MOST, "--from-terraform -: stdin")?;
        (PathBuf::from("."), vec![("stdin".to_owned(), text.to_string())])
    } else if path.is_dir() {
        (path.to_owned(), of_folder(path)?)
    } else {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (path.parent().map(Path::to_owned).unwrap_or_default(), vec![(name, read(path)?)])
    };
    let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
    let texts = Below(Root::new(folder));
    let options =
        terraform::Options { files: &files, reference: asked.reference.clone(), texts: &texts, registry: KINDS };
    let imported = terraform::draft(&options).map_err(|(found, sources)| Failure::invalid(found, sources))?;
    Ok((from, imported.draft, imported.addresses))
}

/// The files of a folder that Terraform reads: its own, and the values of variables.
fn of_folder(folder: &Path) -> Result<Vec<(String, String)>, Failure> {
    let cannot = |why: &dyn std::fmt::Display| {
        let message = format!("`{}` cannot be read: {why}", folder.display());
        Failure::new(Exit::Invalid, codes::BAD_OPTION, message)
    };
    let listed = Root::new(folder).list(Path::new("")).map_err(|why| cannot(&why))?;
    let names = listed.into_iter().map(|(name, _)| name.to_string_lossy().into_owned());
    let is_one = |name: &String| match name.rsplit_once('.') {
        Some((_, "tf")) => true,
        Some((stem, "tfvars")) => stem == "terraform" || stem.rsplit('.').next() == Some("auto"),
        Some(_) | None => false,
    };
    let files = names.filter(is_one).map(|name| Ok((name.clone(), read(&folder.join(&name))?)));
    let files = files.collect::<Result<Vec<_>, Failure>>()?;
    if files.is_empty() { Err(cannot(&"it has no files `*.tf`")) } else { Ok(files) }
}

fn read(path: &Path) -> Result<String, Failure> {
    given_text(path, MOST).map_err(|why| {
        let message = format!("`{}` cannot be read: {why}", path.display());
        Failure::new(Exit::Invalid, codes::BAD_OPTION, message)
    })
}

/// Texts below a folder, without hidden files, which hold secrets.
struct Below(Root);

impl Texts for Below {
    fn read(&self, path: &str) -> Result<Arc<str>, Refused> {
        if path.split('/').any(|part| part.starts_with('.')) {
            return Err(Refused::Hidden);
        }
        self.0.read_text(path, crate::workspace::MOST_TEXT).map(Arc::from)
    }
}

impl ImportedFiles {
    /// The result, for people and programs.
    #[must_use]
    pub fn record(&self, written: bool) -> ImportRecord {
        let projects = self.draft.projects.iter().map(|project| {
            let above = |name: &str| project.envelope.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
            let says =
                |kind: &String, name: &String| project.sections.get(kind).is_some_and(|it| it.contains_key(name));
            let extended = project.envelope.get("extends").and_then(serde_json::Value::as_array);
            let shared = extended.into_iter().flatten().filter_map(|name| self.draft.profiles.get(name.as_str()?));
            let shared = shared.flat_map(|(_, sections)| sections).flat_map(|(kind, fields)| {
                fields.iter().filter(move |(name, _)| !says(kind, name)).map(|(_, value)| value)
            });
            let own = project.sections.values().flat_map(serde_json::Map::values);
            let references = own.chain(shared).filter(|it| is_secret(it));
            ImportedProjectRecord {
                project: project.document.clone(),
                r#ref: above("ref").unwrap_or_default(),
                name: above("name").unwrap_or_else(|| project.document.clone()),
                organization: above("organization").unwrap_or_default(),
                file: project.file.clone(),
                new: true,
                written: project.sections.iter().map(|(kind, fields)| (kind.clone(), fields.len())).collect(),
                own: project.sections.values().map(serde_json::Map::len).sum(),
                default: BTreeMap::new(),
                unknown: BTreeMap::new(),
                unreadable: vec![],
                secrets: ImportedSecretsRecord { references: references.count(), same: 0, other: vec![] },
            }
        });
        let left = self.draft.left.iter().map(|left| LeftRecord { at: left.at.clone(), why: left.why.clone() });
        ImportRecord {
            written,
            from: Some(self.from.clone()),
            created: self.created.keys().cloned().collect(),
            changed: self.changed.iter().map(|changed| changed.path.clone()).collect(),
            projects: projects.collect(),
            profiles: vec![],
            left: left.collect(),
            skipped: vec![],
            moved: vec![],
            to_let_go: self.addresses.clone(),
        }
    }

    /// Writes the files.
    pub fn write(&self) -> Result<(), Failure> {
        put(&self.root, &self.created, &self.changed)
    }
}

/// Whether a value is a reference to a secret.
fn is_secret(value: &serde_json::Value) -> bool {
    value.as_object().is_some_and(|it| ["secret", "env"].iter().any(|name| it.contains_key(*name)))
}
