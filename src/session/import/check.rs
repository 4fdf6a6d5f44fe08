//! The manifests of an import, held against the rules and against what was read, before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use super::edits::{apart, texts};
use super::ground::Ground;
use super::result::{ImportedProject, SecretsFound};
use crate::diag::codes::run as codes;
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources, Span};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::import::{Draft, Left};
use crate::kinds::KINDS;
use crate::manifest::Built;
use crate::model::{
    Change, Desired, DesiredValue, FieldKey, Item, Live, LiveProject, Plan, Problem, SectionBody, Settings,
};
use crate::observe::{Surveyed, itself};
use crate::plan::{Inputs, make};
use crate::secret::Vault;
use crate::session::Session;
use crate::session::rewrite::Changed;
use crate::yaml::{Content, Node, read};

/// Manifests that have no errors, and whose plan is empty.
#[derive(Default)]
pub(super) struct Checked {
    pub created: BTreeMap<String, String>,
    pub changed: Vec<Changed>,
    /// What is in them, as it was drafted.
    pub draft: Draft,
}

/// What a draft is checked against.
#[derive(Clone, Copy)]
pub(super) struct Against<'a> {
    pub session: &'a Session,
    pub ground: &'a Ground,
    /// What was read, in the order of the projects.
    pub surveyed: &'a [Surveyed],
    /// The API's origin.
    pub api: &'a str,
}

/// Takes out of the draft what no manifest can hold, and makes sure that the rest changes nothing.
pub(super) async fn checked(
    against: Against<'_>,
    mut draft: Draft,
    projects: &mut [ImportedProject],
) -> Result<Checked, Failure> {
    let Against { session, ground, .. } = against;
    draft.take_out_unwritable();
    loop {
        let texts = texts(ground, &mut draft)?;
        let mut built = ground.built(session, &texts);
        if built.diagnostics.has_errors() {
            if take_out_wrong(&mut draft, &built) {
                continue;
            }
            return Err(Failure::invalid(std::mem::take(&mut built.diagnostics), built.sources));
        }
        let is_read = |it: &&ImportedProject| built.desired.projects.contains_key(&it.chosen.document);
        if let Some(project) = projects.iter().find(|it| !is_read(it)) {
            let message = format!("`{}` would not be read as a manifest", project.file);
            let hint = "`manifests:` in supaform.yaml, or an ignore file, leaves it out: give another file with `--into FILE`.";
            return Err(Failure::with_hint(Exit::Refused, codes::NOT_IMPORTED, message, hint));
        }
        let drafted = Drafted::of(&draft);
        let seen = Seen::of(&against, &built, &drafted, projects);
        // What is at hand in this environment must not decide what is written.
        let plan = seen.plan(against.api, &Vault::new());
        let refused = plan.projects.values().flat_map(|project| &project.refusals);
        let mut is_less = false;
        for refusal in refused {
            let span = refusal.finding.origin.as_ref().map(|origin| origin.span);
            is_less |= take_out(&mut draft, &built.sources, span, &refusal.finding.message);
        }
        if is_less {
            continue;
        }
        if let_go(&mut draft, &plan, &drafted) {
            continue;
        }
        settle(&plan, &drafted, projects, &built)?;
        let vault = session.with_secrets_of(ground, seen.desired.clone()).await?.vault;
        tell_secrets(&seen.plan(against.api, &vault), &drafted, projects, &built, &vault);
        let (created, changed) = apart(ground, texts)?;
        return Ok(Checked { created, changed, draft });
    }
}

/// The addresses that the draft writes: all of a new project, some of a known one.
struct Drafted {
    new: BTreeSet<String>,
    names: BTreeSet<(String, String, String)>,
}

impl Drafted {
    fn of(draft: &Draft) -> Self {
        let new = draft.projects.iter().filter(|it| !it.envelope.is_empty()).map(|it| it.document.clone());
        let names = draft.projects.iter().flat_map(|project| {
            let sections = project.sections.iter();
            sections.flat_map(|(kind, fields)| {
                fields.keys().map(|name| (project.document.clone(), kind.clone(), name.clone()))
            })
        });
        Self { new: new.collect(), names: names.collect() }
    }

    fn has(&self, document: &str, kind: &str, name: &str) -> bool {
        let name = name.split('.').next().unwrap_or(name);
        self.new.contains(document) || self.names.contains(&(document.to_owned(), kind.to_owned(), name.to_owned()))
    }

    fn has_section(&self, document: &str, kind: &str) -> bool {
        self.new.contains(document)
            || self.names.iter().any(|(project, section, _)| project == document && section == kind)
    }
}

/// Takes out what the rules of manifests refuse; false where nothing of that is of the draft.
pub(super) fn take_out_wrong(draft: &mut Draft, built: &Built) -> bool {
    let mut is_less = false;
    for found in built.diagnostics.sorted().into_iter().filter(|found| found.severity == Severity::Error) {
        let span = found.labels.first().map(|label| label.span);
        is_less |= take_out(draft, &built.sources, span, &found.message);
    }
    is_less
}

/// Takes out the section, or the field or item in it, that a finding is about; false where it is about none of the draft.
fn take_out(draft: &mut Draft, sources: &Sources, span: Option<Span>, why: &str) -> bool {
    let Some((document, kind, name)) = span.and_then(|span| blamed(sources, span)) else { return false };
    let Some(project) = draft.projects.iter_mut().find(|it| it.document == document) else { return false };
    let why = why.trim_end_matches('.').to_owned();
    let at = match name {
        Some(name) if project.sections.get(&kind).is_some_and(|fields| fields.contains_key(&name)) => {
            project.remove(&kind, &name);
            let at = format!("{document}/{kind}/{name}");
            draft.drop_sources(&at);
            at
        }
        None if project.sections.shift_remove(&kind).is_some() => format!("{document}/{kind}"),
        Some(_) | None => return false,
    };
    draft.left.push(Left { at, why });
    true
}

/// The document, the section and the field or item at a place.
fn blamed(sources: &Sources, span: Span) -> Option<(String, String, Option<String>)> {
    fn walk(node: &Node, span: Span, way: &mut Vec<String>) {
        let Content::Map(entries) = &node.content else { return };
        let holds = |outer: Span| outer.start <= span.start && span.end <= outer.end;
        let found = entries.iter().find(|entry| holds(entry.key.span) || holds(entry.value.span));
        if let Some(entry) = found {
            way.push(entry.key.name.clone());
            walk(&entry.value, span, way);
        }
    }
    let root = read(sources, span.source, &mut Diagnostics::new())?;
    let mut way = vec![];
    walk(&root, span, &mut way);
    let mut way = way.into_iter();
    let document = match root.get("project").and_then(Node::as_text) {
        Some(document) => document.to_owned(),
        None => way.next().filter(|key| key == "projects").and_then(|_| way.next())?,
    };
    Some((document, way.next()?, way.next()))
}

/// The new manifests and what was read, both of what the draft writes.
struct Seen {
    desired: Desired,
    live: Live,
    blocked: BTreeMap<String, Problem>,
}

impl Seen {
    fn of(against: &Against<'_>, built: &Built, drafted: &Drafted, projects: &[ImportedProject]) -> Self {
        let mut desired = built.desired.clone();
        let (mut live, mut blocked) = (Live::default(), BTreeMap::new());
        desired.projects.retain(|name, _| projects.iter().any(|it| it.chosen.document == *name));
        for (project, surveyed) in projects.iter().zip(against.surveyed) {
            let name = &project.chosen.document;
            let Some(wanted) = desired.projects.get_mut(name) else { continue };
            wanted.sections.retain(|kind, _| {
                drafted.has_section(name, kind) && surveyed.kinds.get(kind).is_some_and(Result::is_ok)
            });
            wanted.fill_in(&surveyed.listed.reference);
            let mut seen: LiveProject = surveyed.listed.live();
            itself(wanted, &mut seen);
            for (kind, found) in &surveyed.kinds {
                let (Ok(found), Some(row)) = (found, crate::kind::find(KINDS, kind)) else { continue };
                let aligned = match wanted.sections.get(kind) {
                    Some(section) => row.align(name, section, found.clone()),
                    None => Ok(found.clone()),
                };
                match aligned {
                    Ok(found) => drop(seen.kinds.insert(kind, found)),
                    Err(problem) => drop(blocked.insert(name.clone(), *problem)),
                }
            }
            live.projects.insert(name.clone(), seen);
        }
        Self { desired, live, blocked }
    }

    fn plan(&self, api: &str, vault: &Vault) -> Plan {
        let Self { desired, live, blocked } = self;
        make(Inputs { registry: KINDS, api, desired, live, blocked, vault })
    }
}

/// Leaves the items alone whose sources would not be found again as they are live: some files are named by no import, and the
/// same files may mean something else beside others.
fn let_go(draft: &mut Draft, plan: &Plan, drafted: &Drafted) -> bool {
    let mut is_less = false;
    for change in plan.projects.values().flat_map(|project| &project.changes) {
        let (document, kind) = (&change.at.project, change.at.subject.kind().unwrap_or_default());
        let Some(name) = change.at.subject.item().filter(|name| drafted.has(document, kind, name)) else { continue };
        let field = change.fields.iter().find(|field| matches!(field.key, FieldKey::File(_)));
        if let Some(field) = field.filter(|_| draft.let_go(document, kind, name)) {
            let why = format!("what is found of its sources would differ (`{}`): it is left alone", field.name());
            draft.left.push(Left { at: change.at.to_string(), why });
            is_less = true;
        }
    }
    is_less
}

/// Fails where the plan has a difference.
fn settle(plan: &Plan, drafted: &Drafted, projects: &[ImportedProject], built: &Built) -> Result<(), Failure> {
    let mut findings = Diagnostics::new();
    for name in projects.iter().map(|project| &project.chosen.document) {
        let Some(planned) = plan.projects.get(name) else { continue };
        if let Some(blocked) = &planned.blocked {
            findings.push(blocked.finding.diagnostic_of(name));
        }
        for address in planned.changes.iter().flat_map(|change| differences(change, drafted, name)) {
            let message = format!("{address} would differ from what was just read");
            findings.push(Diagnostic::new(codes::IMPORT_DIFFERS, Severity::Error, message));
        }
    }
    if findings.has_errors() {
        return Err(Failure { exit: Exit::Failed, findings, sources: built.sources.clone() });
    }
    Ok(())
}

/// Counts the references to secrets, those whose values are at hand, and those of which live has another value.
fn tell_secrets(plan: &Plan, drafted: &Drafted, projects: &mut [ImportedProject], built: &Built, vault: &Vault) {
    for project in projects {
        let name = &project.chosen.document;
        let Some(planned) = plan.projects.get(name) else { continue };
        let other: BTreeSet<String> =
            planned.changes.iter().flat_map(|change| differences(change, drafted, name)).collect();
        let unclear: BTreeSet<String> = planned
            .notes
            .iter()
            .map(|note| match note.at.subject.item() {
                Some(_) => note.at.to_string(),
                None => format!("{}/{}", note.at, note.text.split(':').next().unwrap_or_default()),
            })
            .collect();
        let mut secrets = SecretsFound::default();
        for (kind, section) in built.desired.projects.get(name).into_iter().flat_map(|it| &it.sections) {
            for (field, at_hand) in references(&section.body, vault) {
                if drafted.has(name, kind, &field) {
                    let address = format!("{name}/{kind}/{field}");
                    secrets.all += 1;
                    secrets.same += usize::from(at_hand && !other.contains(&address) && !unclear.contains(&address));
                }
            }
        }
        project.secrets = SecretsFound { other: other.into_iter().collect(), ..secrets };
    }
}

/// The addresses that differ in what the draft writes.
fn differences(change: &Change, drafted: &Drafted, document: &str) -> Vec<String> {
    let kind = change.at.subject.kind().unwrap_or_default();
    if let Some(item) = change.at.subject.item() {
        return drafted.has(document, kind, item).then(|| change.at.to_string()).into_iter().collect();
    }
    let fields = change.fields.iter().filter(|field| !field.along && drafted.has(document, kind, field.name()));
    fields.map(|field| format!("{}/{}", change.at, field.name())).collect()
}

/// The references to secrets of a section by field or item, each with whether its value is at hand.
fn references(body: &SectionBody, vault: &Vault) -> Vec<(String, bool)> {
    let of = |settings: &Settings| -> Vec<(String, bool)> {
        let secrets = settings.fields.values().filter_map(|setting| match &setting.value {
            DesiredValue::Secret(secret) => Some((setting.field.name.to_owned(), vault.reveal(secret).is_some())),
            DesiredValue::Value(_) | DesiredValue::Clear => None,
        });
        secrets.collect()
    };
    match body {
        SectionBody::Settings(settings) => of(settings),
        SectionBody::Items(items) => items
            .iter()
            .flat_map(|(name, item)| match item {
                Item::Present(settings, _) => {
                    of(settings).into_iter().map(|(_, at_hand)| (name.clone(), at_hand)).collect()
                }
                Item::Absent(_) | Item::Unmanaged(_) => vec![],
            })
            .collect(),
    }
}
