//! Importing: manifests of what is live, which change nothing.
//!
//! ```text
//!   list ─choose─▶ projects ─survey─▶ live ─draft─▶ manifests ─check─▶ their plan, which is empty ─▶ files
//! ```
//!
//! Nothing is written before the plan of the new manifests, against what was just read, is empty.

mod branches;
mod check;
mod choose;
mod copy;
mod edits;
mod elsewhere;
mod existing;
mod ground;
mod result;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use branches::Addresses;
use choose::Chosen;
pub use choose::Which;
pub use copy::CopiedWorld;
pub use elsewhere::{Elsewhere, ImportFiles, ImportedFiles};
pub use existing::Factored;
use ground::Ground;
pub use result::{Imported, ImportedProject, SecretsFound, write_imported};

use super::start::Session;
use crate::api::Reader;
use crate::failure::Failure;
use crate::import::factor::{Factoring, factor};
use crate::import::live::{Source, add};
use crate::import::{Draft, DraftProject, Left};
use crate::kind::{Kind, Shape, find};
use crate::kinds::KINDS;
use crate::manifest::accept::Manifests;
use crate::model::{DesiredProject, Item, Listed, ReadCall, SectionBody};
use crate::observe::{Surveyed, blocked_by, projects, survey};
use crate::workspace::MOST_CONTENT;

/// What to import, and how.
#[derive(Debug, Clone, Default)]
pub struct Import {
    /// The projects.
    pub which: Which,
    /// The file for the documents of new projects; without it, each gets one of its own.
    pub into: Option<String>,
    /// Whether fields are written that are as on an untouched project.
    pub all_fields: bool,
    /// How to put what projects have alike into profiles; without it, each says everything itself.
    pub factoring: Option<Factoring>,
}

impl Session {
    /// Reads live projects and makes the manifests that say the same; writes nothing.
    pub async fn import(&self, asked: &Import) -> Result<Imported, Failure> {
        self.require_trust_to_look()?;
        let ground = Ground::of(self)?;
        let (connection, options) = self.connect(&ground.workspace)?;
        let reader = Reader::new(options);
        let listed = projects(&reader).await.map_err(|why| {
            let problem = blocked_by(&why, None);
            Failure { exit: problem.exit, ..Failure::of(problem.finding.diagnostic()) }
        })?;
        connection.save()?;
        let choose::Choice { chosen, skipped } =
            chosen(&asked.which, &reader, &listed, &ground.workspace.documents).await?;
        let surveyed = self.survey(&reader, &chosen).await;
        let lacks = lacks(&reader, &chosen).await;
        connection.save()?;
        self.lifetime.go_on()?;
        let (mut draft, mut projects, nothing) = (Draft::default(), vec![], BTreeSet::new());
        let manifests = ground.manifests();
        for (chosen, surveyed) in chosen.into_iter().zip(&surveyed) {
            let lacks = lacks.get(&chosen.listed.organization).unwrap_or(&nothing);
            projects.push(drafted(&mut draft, chosen, surveyed, (&ground, &manifests, lacks), asked)?);
        }
        let api = connection.peer.origin.as_str();
        let against = check::Against { session: self, ground: &ground, surveyed: &surveyed, api };
        let checked = if projects.is_empty() {
            check::Checked::default()
        } else {
            check::checked(against, draft, &mut projects).await?
        };
        tell_written(&mut projects, &checked.draft);
        let (checked, shared) = match &asked.factoring {
            Some(how) if projects.len() > 1 => {
                let mut draft = checked.draft;
                let shared = factor(&mut draft, KINDS, how, |project| !project.envelope.is_empty(), |_, _| None);
                (check::checked(against, draft, &mut projects).await?, shared)
            }
            _ => (checked, vec![]),
        };
        for project in &mut projects {
            let drafted = checked.draft.projects.iter().find(|it| it.document == project.chosen.document);
            project.file = drafted.map_or_else(|| project.file.clone(), |it| it.file.clone());
            project.own = drafted.map_or(0, |it| it.sections.values().map(Map::len).sum());
        }
        let left: BTreeSet<Left> = checked.draft.left.into_iter().collect();
        let check::Checked { created, changed, .. } = checked;
        Ok(Imported {
            root: ground.root,
            created,
            changed,
            projects,
            left: left.into_iter().collect(),
            shared,
            skipped,
        })
    }

    async fn survey(&self, reader: &Reader, chosen: &[Chosen]) -> Vec<Surveyed> {
        let wanted = |kind: &&&'static dyn Kind| chosen.iter().any(|it| it.has(kind.info().name));
        let kinds: Vec<&'static dyn Kind> = KINDS.iter().filter(wanted).copied().collect();
        let listed = chosen.iter().map(|it| it.listed.clone()).collect();
        survey(reader, &kinds, listed, self.progress()).await
    }
}

/// What the plan of each organization does not include. Nothing of one whose plan the token may not see.
async fn lacks(reader: &Reader, chosen: &[Chosen]) -> BTreeMap<String, BTreeSet<String>> {
    let is_gated = |one: &Chosen| KINDS.iter().any(|kind| one.has(kind.info().name) && kind.info().has_gated_switch());
    let slugs: BTreeSet<&String> = chosen.iter().filter(|it| is_gated(it)).map(|it| &it.listed.organization).collect();
    let mut all = BTreeMap::new();
    for slug in slugs {
        let read = ReadCall::get("/v1/organizations/{slug}/entitlements").param("slug", slug);
        let Ok(answer) = reader.read(&read).await else { continue };
        let features = answer.body.get("entitlements").and_then(Value::as_array);
        let without = features.into_iter().flatten().filter(|it| it.get("hasAccess") == Some(&Value::Bool(false)));
        let keys = without.filter_map(|it| it.pointer("/feature/key")?.as_str().map(str::to_owned));
        all.insert(slug.clone(), keys.collect());
    }
    all
}

/// The projects and branches to import.
async fn chosen(
    which: &Which,
    reader: &Reader,
    listed: &[Listed],
    documents: &[DesiredProject],
) -> Result<choose::Choice, Failure> {
    let addresses = Addresses::of(&which.addresses, documents);
    let which = Which { addresses: addresses.of_projects.clone(), ..which.clone() };
    let mut choice = if addresses.are_of_branches() {
        choose::Choice::default()
    } else {
        choose::choose(&which, listed.to_vec(), documents)?
    };
    addresses.add(&mut choice, reader, listed, documents).await?;
    Ok(choice)
}

/// Counts what each project gets.
fn tell_written(projects: &mut [ImportedProject], draft: &Draft) {
    for project in projects {
        let drafted = draft.projects.iter().find(|it| it.document == project.chosen.document);
        let sections = drafted.into_iter().flat_map(|it| &it.sections);
        project.written = sections.map(|(kind, fields)| (kind.clone(), fields.len())).collect();
    }
}

/// Adds a project to the draft: everything that no manifest says.
fn drafted(
    draft: &mut Draft,
    chosen: Chosen,
    surveyed: &Surveyed,
    (ground, manifests, lacks): (&Ground, &Manifests<'_>, &BTreeSet<String>),
    asked: &Import,
) -> Result<ImportedProject, Failure> {
    let known = ground.workspace.desired.projects.get(&chosen.document);
    let file = match (known, &asked.into) {
        (Some(known), _) => ground.workspace.sources.get(known.span.source).path.clone(),
        (None, Some(into)) => into.clone(),
        (None, None) => format!("projects/{}.yaml", chosen.document),
    };
    if known.is_none() {
        ground.free(&file, asked.into.is_some())?;
    }
    let mut project = DraftProject { document: chosen.document.clone(), file: file.clone(), ..DraftProject::default() };
    if known.is_none() {
        project.envelope = envelope(&chosen);
    }
    let (mut kinds, mut unreadable) = (BTreeMap::new(), vec![]);
    for (kind, live) in &surveyed.kinds {
        let Some(kind) = find(KINDS, kind).filter(|_| chosen.has(kind)) else { continue };
        // A branch has no branches.
        if kind.info().patterns && chosen.branch_of.is_some() {
            continue;
        }
        let name = kind.info().name;
        match live {
            Ok(live) => {
                let place = known.and_then(|known| manifests.place(known, name)).map_or(file.clone(), |(path, _)| path);
                let there = |path: &str| {
                    ground.root.read(path, MOST_CONTENT).ok().map(|it| String::from_utf8_lossy(&it).into())
                };
                let (document, all_fields) = (chosen.document.as_str(), asked.all_fields);
                let source = Source { document, file: &place, all_fields, lacks, there: &there };
                let counts = add(draft, &mut project, &source, kind, live);
                kinds.insert(name, counts);
            }
            Err(why) => unreadable.push((name, why.status, why.message.clone())),
        }
    }
    for (kind, fields) in &mut project.sections {
        fields.retain(|name, _| {
            let path = format!("{}/{kind}/{name}", chosen.document);
            let meant = chosen.parts.is_empty() || chosen.parts.iter().any(|part| matches(part.as_str(), &path));
            meant && known.is_none_or(|known| !says(known, kind, name))
        });
    }
    project.sections.retain(|_, fields| !fields.is_empty());
    // What is in the files stays as it is, comments too.
    if known.is_some() {
        project.unknown.clear();
    }
    // Sections in the order of the documentation.
    let order = |name: &str| KINDS.iter().position(|kind| kind.info().name == name);
    project.sections.sort_by(|a, _, b, _| order(a).cmp(&order(b)));
    draft.projects.push(project);
    Ok(ImportedProject {
        chosen,
        file,
        written: BTreeMap::new(),
        own: 0,
        kinds,
        unreadable,
        secrets: SecretsFound::default(),
    })
}

fn matches(pattern: &str, path: &str) -> bool {
    let parts = pattern.split('/').zip(path.split('/'));
    parts.into_iter().all(|(pattern, part)| wildmatch::WildMatch::new(pattern).matches(part))
}

/// Whether the manifests say something of a field or an item, if only that it is left alone.
fn says(known: &DesiredProject, kind: &str, name: &str) -> bool {
    let Some(section) = known.sections.get(kind) else { return false };
    match &section.body {
        SectionBody::Settings(settings) => {
            settings.fields.contains_key(name) || settings.extra.contains_key(name) || section.hands_off.contains(name)
        }
        SectionBody::Items(items) => {
            // The fields of a section whose items are files of a folder are not among its items.
            let is_folder = find(KINDS, kind).is_some_and(|it| matches!(it.info().shape, Shape::Settings { .. }));
            is_folder || matches!(items.get(name), Some(Item::Present(..) | Item::Absent(_) | Item::Unmanaged(_)))
        }
    }
}

fn envelope(chosen: &Chosen) -> Map<String, Value> {
    let text = |text: &str| Value::from(text.replace("${", "$${"));
    let Chosen { listed, document, branch_of, .. } = chosen;
    if let Some((project, branch)) = branch_of {
        return Map::from_iter([("branch_of".to_owned(), json!({"project": project, "branch": text(branch)}))]);
    }
    let name = (listed.name != *document).then(|| ("name".to_owned(), text(&listed.name)));
    let first =
        [("ref".to_owned(), text(listed.reference.as_str())), ("organization".to_owned(), text(&listed.organization))];
    first.into_iter().chain(name).chain([("region".to_owned(), text(&listed.region))]).collect()
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn an_address_means_itself_and_what_lies_below() {
        for (pattern, path, expected) in [
            ("acme/auth", "acme/auth/site_url", true),
            ("acme/auth/site_url", "acme/auth/site_url", true),
            ("acme/auth/smtp_*", "acme/auth/smtp_host", true),
            ("acme/auth/smtp", "acme/auth/smtp_host", false),
            ("acme/secrets", "acme/auth/site_url", false),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }
}
