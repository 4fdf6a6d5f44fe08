//! Accepting: the live value is written into the manifests, where somebody has changed it for good.
//!
//! Before anything is written, the manifests are read and planned again as they will be: exactly these differences must be
//! gone.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{Against, Planned};
use super::replan::plan_of;
use super::rewrite::{Changed, Overlay};
use super::start::Session;
use super::workspace::Workspace;
use crate::compare::{Identity, Side, compare};
use crate::diag::codes::run as codes;
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::kind::{find, infos};
use crate::kinds::KINDS;
use crate::manifest::accept::{Edit, Hindrance, Into, Manifests, Wanted, written};
use crate::manifest::{self, Built};
use crate::model::{Action, Address, AddressPattern, Change, LiveKind, Plan};
use crate::workspace;

/// What to accept.
#[derive(Debug, Clone)]
pub struct Acceptance {
    /// Fields, items, sections or projects.
    pub addresses: Vec<AddressPattern>,
    /// Where to write a value that a layer below the document, or a variable, gives.
    pub into: Option<Into>,
    /// Whether to accept the rest where a value is refused.
    pub skip_refused: bool,
}

/// What is accepted once it is written.
pub struct Accepted {
    /// The addresses.
    pub addresses: Vec<String>,
    /// How many differences there are in all.
    pub differences: usize,
    /// The files with the values.
    pub changed: Vec<Changed>,
    /// Other projects that inherit the values, too.
    pub also: BTreeSet<String>,
    /// Why addresses were refused.
    pub refused: Diagnostics,
    /// The workspace as it was read.
    pub workspace: Workspace,
}

impl Session {
    /// Computes the edits that make the manifests as live is; writes nothing.
    pub async fn accept(&self, mut workspace: Workspace, asked: &Acceptance) -> Result<Accepted, Failure> {
        self.require_trust_to_look()?;
        narrow(&mut workspace, &asked.addresses)?;
        let planned = self.plan(workspace, Against::default()).await?;
        readable(&planned)?;
        let strayed = strayed(&planned);
        let wanted = wanted(&planned, &strayed, &asked.addresses);
        if wanted.is_empty() {
            return Ok(Accepted {
                addresses: vec![],
                differences: differing(&planned.plan).len() + strayed.len(),
                changed: vec![],
                also: BTreeSet::new(),
                refused: Diagnostics::new(),
                workspace: planned.workspace,
            });
        }
        let (mut accepted, texts, left) = texts(&planned, wanted, asked)?;
        let again = Again::read(self, &planned.workspace, &texts)?;
        // A variable that one value changes may explain another, for which alone no edit is clear.
        let after = again.differing(&planned);
        let (along, left): (Vec<_>, Vec<_>) = left.into_iter().partition(|(one, _)| !after.contains(&one.address()));
        accepted.extend(along.into_iter().map(|(one, _)| one));
        let refused = findings(left);
        if !refused.is_empty() && !asked.skip_refused {
            return Err(refusal(refused, &planned.workspace.sources));
        }
        if asked.into == Some(Into::Var) {
            again.keeps_the_rest(&planned, &accepted)?;
        }
        again.settles(&planned, &accepted)?;
        if asked.into != Some(Into::Profile) {
            again.stays_within(&planned)?;
        }
        let addresses = accepted.iter().map(Wanted::address).collect();
        let differences = differing(&planned.plan).len() + strayed.len();
        let changed = texts.into_iter().map(|(path, (before, after))| Changed { path, before, after });
        let changed = changed.filter(|changed| changed.before != changed.after).collect();
        Ok(Accepted { addresses, differences, changed, also: again.also, refused, workspace: planned.workspace })
    }
}

/// Removes from the desired state what the addresses cannot match, so that nothing else is read.
fn narrow(workspace: &mut Workspace, addresses: &[AddressPattern]) -> Result<(), Failure> {
    let mut findings = Diagnostics::new();
    // Of items that are files, live may have others.
    let of_files = |address: &AddressPattern| {
        let kinds = || infos(KINDS).filter(|info| !info.of_files.is_empty());
        let mut managed = workspace.desired.projects.iter().flat_map(|(name, project)| {
            kinds().filter(|info| project.sections.contains_key(info.name)).map(move |info| (name, info.name))
        });
        managed.any(|(project, kind)| address.is_within(project, kind))
    };
    let paths: Vec<&AddressPattern> = addresses.iter().filter(|address| !of_files(address)).collect();
    let projects: Vec<String> = workspace.desired.projects.keys().cloned().collect();
    manifest::ignore::unmatched(&paths, &workspace.desired, |index, message, known| {
        let asked = paths[index].as_str();
        let name = asked.split('/').next().unwrap_or_default();
        let parent = name.split_once('@').map(|(parent, _)| parent);
        if workspace.desired.previews.iter().any(|preview| Some(preview.parent.as_str()) == parent) {
            let message = format!("`{name}` has no document: it gets what a pattern below `branches:` wants");
            let hint = format!(
                "Write the value at the pattern, for all branches that it matches; or give this one a document of its own: \
                 `supaform import {name}`."
            );
            findings.push(Diagnostic::new(codes::NOT_ACCEPTED, Severity::Error, message).hint(hint));
            return;
        }
        if asked.contains('/') || projects.iter().any(|name| name == asked) {
            let found = Diagnostic::new(codes::NO_SUCH_TOPIC, Severity::Error, message);
            findings.push_guessing(found, asked, known.iter().map(String::as_str));
            return;
        }
        let message = format!("no project is called `{asked}`");
        let found = Diagnostic::new(codes::NO_SUCH_TOPIC, Severity::Error, message)
            .hint("An address starts with the project: `PROJECT`, `PROJECT/SECTION`, `PROJECT/SECTION/FIELD`.");
        findings.push_guessing(found, asked, projects.iter().map(String::as_str));
    });
    if findings.has_errors() {
        return Err(Failure::invalid(findings, Sources::new()));
    }
    workspace.desired.projects.retain(|name, project| {
        project.sections.retain(|kind, _| addresses.iter().any(|address| address.is_within(name, kind)));
        !project.sections.is_empty()
    });
    Ok(())
}

/// Fails where a project could not be read, or does not exist.
fn readable(planned: &Planned) -> Result<(), Failure> {
    let (mut findings, mut exits) = (Diagnostics::new(), vec![]);
    for (name, project) in &planned.plan.projects {
        if let Some(blocked) = &project.blocked {
            findings.push(blocked.finding.diagnostic_of(name));
            exits.push(blocked.exit);
        } else if let Some(coming_up) = planned.coming_up(name) {
            exits.push(coming_up.exit);
            findings.push(coming_up.finding.diagnostic_of(name));
        } else if project.changes.iter().any(Change::is_creation) {
            let message = format!("{name}: the project does not exist yet, so nothing of it is live");
            findings.push(Diagnostic::new(codes::NOT_ACCEPTED, Severity::Error, message));
            exits.push(Exit::Refused);
        }
    }
    if exits.is_empty() {
        return Ok(());
    }
    Err(Failure { exit: Exit::worst(exits, false), findings, sources: planned.workspace.sources.clone() })
}

/// Where live has gone away from files.
fn strayed(planned: &Planned) -> Vec<Change> {
    let mut all = vec![];
    for (name, live) in &planned.live.projects {
        let Some(desired) = planned.workspace.desired.projects.get(name) else { continue };
        for (kind, seen) in &live.kinds {
            if let (Some(kind), Some(section)) = (find(KINDS, kind), desired.sections.get(kind)) {
                all.extend(kind.strayed(&desired.document, section, seen));
            }
        }
    }
    all
}

/// The differences at the addresses.
fn wanted<'p>(planned: &'p Planned, strayed: &'p [Change], addresses: &[AddressPattern]) -> Vec<Wanted<'p>> {
    let meant = |change: &Change, field: Option<&str>| addresses.iter().any(|it| it.is_match(&change.at, field));
    let mut all = vec![];
    let planned_changes = planned.plan.projects.values().flat_map(|project| &project.changes);
    for change in planned_changes.chain(strayed) {
        let project = planned.live.projects.get(&change.at.project);
        let kind = project.and_then(|live| live.kinds.get(change.at.subject.kind()?));
        let live = match (kind, change.at.subject.item()) {
            (Some(LiveKind::Settings(members)), None) => Some(members),
            (Some(LiveKind::Items(items)), Some(item)) => items.get(item),
            _ => None,
        };
        if change.action != Action::Update {
            all.extend(meant(change, None).then_some(Wanted { change, field: None, live }));
            continue;
        }
        // Fields that the API would change along with another have no desired value, so there is nothing to accept.
        let fields = change.fields.iter().filter(|field| !field.along && meant(change, Some(field.name())));
        all.extend(fields.map(|field| Wanted { change, field: Some(field), live }));
    }
    all
}

fn refusal(findings: Diagnostics, sources: &Sources) -> Failure {
    Failure { exit: Exit::Refused, findings, sources: sources.clone() }
}

/// What is refused, and why.
type Refused<'w> = (Wanted<'w>, Diagnostic);

fn findings(refused: Vec<Refused<'_>>) -> Diagnostics {
    let mut findings = Diagnostics::new();
    for (_, finding) in refused {
        findings.push(finding);
    }
    findings
}

type Rewritten = BTreeMap<String, (String, String)>;

/// The accepted differences, the texts of the files before and after, and the refused ones.
///
/// # Errors
/// When one is refused; if refused ones are skipped, or a variable may explain them, when all are.
fn texts<'w>(
    planned: &Planned,
    wanted: Vec<Wanted<'w>>,
    asked: &Acceptance,
) -> Result<(Vec<Wanted<'w>>, Rewritten, Vec<Refused<'w>>), Failure> {
    let Workspace { sources, root, desired, .. } = &planned.workspace;
    let manifests = Manifests::new(sources, KINDS, asked.into);
    let (mut accepted, mut left) = (vec![], vec![]);
    let goes_on = asked.skip_refused || asked.into == Some(Into::Var);
    for one in wanted {
        let Some(project) = desired.projects.get(&one.change.at.project) else { continue };
        match manifests.edit(project, &one) {
            Ok(edit) => accepted.push((one, edit)),
            Err(finding) => left.push((one, finding)),
        }
    }
    let read = |path: &str| {
        let known = sources.ids().find(|id| sources.get(*id).path == path);
        known.map(|id| sources.get(id).text.to_string()).or_else(|| root.read_text(path, workspace::MOST_TEXT).ok())
    };
    loop {
        let edits: Vec<&Edit> = accepted.iter().map(|(_, edit)| edit).collect();
        let (index, why) = match written(&edits, read) {
            Ok(_) if !left.is_empty() && (accepted.is_empty() || !goes_on) => {
                return Err(refusal(findings(left), sources));
            }
            Ok(after) => {
                let texts =
                    after.into_iter().map(|(path, after)| (path.clone(), (read(&path).unwrap_or_default(), after)));
                let texts = texts.collect();
                return Ok((accepted.into_iter().map(|(one, _)| one).collect(), texts, left));
            }
            Err(hindered) => hindered,
        };
        let (one, edit) = accepted.remove(index);
        let told = match why {
            Hindrance::Contradicted => "another accepted value would be written to the same place",
            Hindrance::Unread | Hindrance::Twice | Hindrance::At(_) => "more than the value would change",
        };
        let message = format!("{} is not accepted: {told} in `{}`", one.address(), edit.path);
        left.push((one, Diagnostic::new(codes::NOT_ACCEPTED, Severity::Error, message).hint(why.hint())));
    }
}

/// The manifests as they will be.
struct Again {
    built: Built,
    /// Other projects that inherit the values, too.
    also: BTreeSet<String>,
    /// What differs in the projects themselves from what the manifests say now.
    moved: Vec<(Address, String)>,
}

impl Again {
    fn read(session: &Session, workspace: &Workspace, texts: &Rewritten) -> Result<Self, Failure> {
        let Workspace { sources, root, .. } = workspace;
        let options = manifest::Options {
            environment: session.untrusted().is_none().then(|| session.options.environment.variables().clone()),
            ..session.manifest_options(root)
        };
        let files = |texts: &Rewritten| {
            let text = |id| {
                let source = sources.get(id);
                let new = texts.get(&source.path).map(|(_, after)| after.clone());
                (source.path.clone(), new.unwrap_or_else(|| source.text.to_string()))
            };
            sources.ids().map(text).collect()
        };
        let before = manifest::build(files(&BTreeMap::new()), root, KINDS, &options).desired;
        let after = texts.iter().map(|(path, (_, after))| (path.as_str(), after.as_str())).collect();
        let built = manifest::build(files(texts), &Overlay { root, texts: after }, KINDS, &options);
        if built.diagnostics.has_errors() {
            let mut findings = built.diagnostics;
            let message = "nothing is written: the manifests would not be valid with the accepted value";
            findings.push(Diagnostic::new(codes::NOT_ACCEPTED, Severity::Error, message));
            return Err(refusal(findings, &built.sources));
        }
        let side = |project| Side::rendered(project, KINDS, Identity::Whole);
        let also = built.desired.projects.iter().filter(|(name, project)| {
            let old = before.projects.get(*name).filter(|_| !workspace.desired.projects.contains_key(*name));
            old.is_some_and(|old| !compare(&side(old), &side(project)).differences.is_empty())
        });
        let also = also.map(|(name, _)| name.clone()).collect();
        let mut moved = vec![];
        for name in workspace.desired.projects.keys() {
            let (old, new) = (before.projects.get(name).map(side), built.desired.projects.get(name).map(side));
            let found = compare(&old.unwrap_or_default(), &new.unwrap_or_default());
            let at = |subject| Address { project: name.clone(), subject };
            moved.extend(found.differences.into_iter().map(|it| (at(it.place.subject), it.place.field)));
        }
        Ok(Self { built, also, moved })
    }

    /// What will differ.
    fn differing(&self, planned: &Planned) -> BTreeSet<String> {
        let Planned { workspace, plan, live, .. } = planned;
        differing(&plan_of(workspace, live, &plan.api, &self.built.desired))
    }

    /// Fails unless exactly the accepted differences are gone.
    fn settles(&self, planned: &Planned, wanted: &[Wanted<'_>]) -> Result<(), Failure> {
        let Planned { workspace, plan, .. } = planned;
        let after = self.differing(planned);
        let mut left = differing(plan);
        for one in wanted {
            left.remove(&one.address());
        }
        let mut findings = Diagnostics::new();
        for address in after.difference(&left) {
            let asked = wanted.iter().any(|one| one.address() == *address);
            let why = if asked {
                "the value would still differ once written"
            } else {
                "this field would differ once the value is written"
            };
            let message = format!("{address} is not accepted: {why}");
            findings.push(Diagnostic::new(codes::NOT_ACCEPTED, Severity::Error, message).hint("Write it by hand."));
        }
        if findings.has_errors() { Err(refusal(findings, &workspace.sources)) } else { Ok(()) }
    }

    /// Fails where other values of the projects would change unasked: those that use the same variable.
    fn keeps_the_rest(&self, planned: &Planned, wanted: &[Wanted<'_>]) -> Result<(), Failure> {
        let is_asked = |at: &Address, field: &str| {
            wanted.iter().any(|one| one.change.at == *at && one.field.is_none_or(|asked| asked.name() == field))
        };
        let unasked = self.moved.iter().filter(|(at, field)| !is_asked(at, field));
        let names: Vec<String> = unasked.map(|(at, field)| format!("`{at}/{field}`")).collect();
        if names.is_empty() {
            return Ok(());
        }
        let message = format!("not accepted: this would change {}, too", names.join(", "));
        let mut findings = Diagnostics::new();
        let finding = Diagnostic::new(codes::NOT_ACCEPTED, Severity::Error, message);
        findings.push(finding.hint(
            "The same variable is used there: accept that along, if live differs there, too, or write the value in its place by hand.",
        ));
        Err(refusal(findings, &planned.workspace.sources))
    }

    /// Fails where the values of other projects would change unasked: two documents name the same file.
    fn stays_within(&self, planned: &Planned) -> Result<(), Failure> {
        if self.also.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = self.also.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("not accepted: this would change {}, too", names.join(", "));
        let mut findings = Diagnostics::new();
        let finding = Diagnostic::new(codes::NOT_ACCEPTED, Severity::Error, message);
        findings.push(
            finding.hint(
                "The projects name the same file: give each a file of its own, or write the value by hand for all.",
            ),
        );
        Err(refusal(findings, &planned.workspace.sources))
    }
}

/// The addresses of all differences.
fn differing(plan: &Plan) -> BTreeSet<String> {
    let changes = plan.projects.values().flat_map(|project| &project.changes);
    let all = changes.flat_map(|change| {
        let own = Wanted { change, field: None, live: None };
        let fields =
            change.fields.iter().filter(|field| !field.along).map(move |field| Wanted { field: Some(field), ..own });
        let own = (change.action != Action::Update).then_some(own);
        own.into_iter().chain(fields.filter(move |_| change.action == Action::Update)).map(|one| one.address())
    });
    all.collect()
}
