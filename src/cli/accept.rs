//! `accept`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;

use super::connect::{self, Against, Planned};
use super::options::Format;
use super::rewrite::{Changed, differences, write};
use super::workspace::Workspace;
use super::{Done, Failure, Run, workspace};
use crate::compare::{Identity, Side, compare};
use crate::diag::codes::run as codes;
use crate::diag::render::escape;
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources};
use crate::exit::Exit;
use crate::files::{Refused, Root};
use crate::kinds::KINDS;
use crate::manifest::accept::{Edit, Into, Manifests, Wanted, written};
use crate::manifest::{self, Built, Texts};
use crate::model::{Action, AddressPattern, Change, LiveKind, Plan};
use crate::view::Line;

/// Write what is live into the manifests, where somebody has changed it for good
///
/// Takes live values of what a plan says differs, and writes each into the file that says it, as it is written there: comments and
/// all else stay. Before anything is written, the manifests are read and planned again as they will be: just these differences
/// must be gone. It refuses where it is not plain which file should say it, and where the value is a secret.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What is accepted: a field, an item or a section, such as acme-prod/auth/site_url; `*` and `?` stand within a part
    #[arg(required = true, value_parser = pattern)]
    address: Vec<AddressPattern>,
    /// Where a value goes that a profile or `common:` gives
    #[arg(long, value_enum)]
    into: Option<Into>,
    /// Accepts what can be accepted; what is refused stays as it is and is told, and the end is 4
    #[arg(long)]
    skip_refused: bool,
    /// Shows what would be written, and writes nothing
    #[arg(long)]
    dry_run: bool,
}

fn pattern(text: &str) -> Result<AddressPattern, String> {
    // Plans write `auth.site_url`.
    let slashes = match text.split_once('/') {
        Some((project, rest)) if !rest.contains('/') => format!("{project}/{}", rest.replacen('.', "/", 1)),
        _ => text.to_owned(),
    };
    AddressPattern::parse(&slashes)
        .ok_or_else(|| "an address is PROJECT/SECTION, with /FIELD or /ITEM below it".to_owned())
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    run.require_trust_to_look()?;
    let mut workspace = workspace::load_with_secrets(run)?;
    narrow(&mut workspace, &args.address)?;
    let planned = connect::plan(run, &mut workspace, Against::default())?;
    readable(&planned)?;
    let wanted = wanted(&planned, &args.address);
    if wanted.is_empty() && run.global.format != Format::Json {
        run.terminal.out("Nothing to accept: live is as the manifests say\n");
        return Ok(Exit::Done);
    }
    let (accepted, texts, left) = texts(&planned, wanted, args)?;
    let wanted = accepted;
    let again = Again::read(run, planned.workspace, &texts)?;
    again.settles(&planned, &wanted)?;
    if args.into != Some(Into::Profile) {
        again.stays_within(&planned)?;
    }
    let changed: Vec<Changed<'_>> = texts
        .iter()
        .map(|(path, (before, after))| Changed { path, before, after: after.clone() })
        .filter(|changed| changed.before != changed.after)
        .collect();
    if !args.dry_run {
        write(&planned.workspace.root, &changed)?;
    }
    tell(run, args, &planned, &wanted, &changed, &again, &left);
    Ok(if left.is_empty() { Exit::Done } else { Exit::Refused })
}

/// Leaves of what is desired what the addresses may be about, so that nothing else is read.
fn narrow(workspace: &mut Workspace, addresses: &[AddressPattern]) -> Result<(), Failure> {
    let mut findings = Diagnostics::new();
    let paths: Vec<&AddressPattern> = addresses.iter().collect();
    manifest::ignore::unmatched(&paths, &workspace.desired, |index, message, known| {
        let found = Diagnostic::new(codes::NO_SUCH_TOPIC, Severity::Error, message);
        findings.push_guessing(found, paths[index].as_str(), known.iter().map(String::as_str));
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

/// Fails where a project could not be read, or is not there.
fn readable(planned: &Planned<'_>) -> Result<(), Failure> {
    let (mut findings, mut exits) = (Diagnostics::new(), vec![]);
    for (name, project) in &planned.plan.projects {
        if let Some(blocked) = &project.blocked {
            findings.push(connect::why_blocked(name, blocked));
            exits.push(blocked.exit);
        } else if let Some(coming_up) = connect::coming_up(planned, name) {
            exits.push(coming_up.exit);
            findings.push(connect::why_blocked(name, &coming_up));
        } else if project.changes.iter().any(Change::is_creation) {
            let message = format!("{name}: the project is not there yet, so nothing of it is live");
            findings.push(Diagnostic::new(codes::NOT_ACCEPTED, Severity::Error, message));
            exits.push(Exit::Refused);
        }
    }
    if exits.is_empty() {
        return Ok(());
    }
    Err(Failure { exit: Exit::worst(exits, false), findings, sources: planned.workspace.sources.clone() })
}

/// The differences at the addresses.
fn wanted<'p>(planned: &'p Planned<'_>, addresses: &[AddressPattern]) -> Vec<Wanted<'p>> {
    let meant = |change: &Change, field: Option<&str>| addresses.iter().any(|it| it.is_match(&change.at, field));
    let mut all = vec![];
    for change in planned.plan.projects.values().flat_map(|project| &project.changes) {
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
        // What would change along with another field is as no manifest says: there is nothing to accept of it.
        let fields = change.fields.iter().filter(|field| !field.along && meant(change, Some(&field.name)));
        all.extend(fields.map(|field| Wanted { change, field: Some(field), live }));
    }
    all
}

fn refused(findings: Diagnostics, sources: &Sources) -> Failure {
    Failure { exit: Exit::Refused, findings, sources: sources.clone() }
}

type Rewritten = BTreeMap<String, (String, String)>;

/// What is accepted, the texts of the files before and after, and what is left because it is refused.
///
/// # Errors
/// When one is refused, or with `--skip-refused` all of them.
fn texts<'w>(
    planned: &Planned<'_>,
    wanted: Vec<Wanted<'w>>,
    args: &Args,
) -> Result<(Vec<Wanted<'w>>, Rewritten, Diagnostics), Failure> {
    let Workspace { sources, root, desired, .. } = planned.workspace;
    let manifests = Manifests::new(sources, KINDS, args.into);
    let (mut accepted, mut left) = (vec![], Diagnostics::new());
    for one in wanted {
        let Some(project) = desired.projects.get(&one.change.at.project) else { continue };
        match manifests.edit(project, &one) {
            Ok(edit) => accepted.push((one, edit)),
            Err(finding) => left.push(finding),
        }
    }
    let read = |path: &str| {
        let known = sources.ids().find(|id| sources.get(*id).path == path);
        known
            .map(|id| sources.get(id).text.to_string())
            .or_else(|| root.read_text(path, manifest::workspace::MOST_TEXT).ok())
    };
    loop {
        let edits: Vec<&Edit> = accepted.iter().map(|(_, edit)| edit).collect();
        let (index, why) = match written(&edits, read) {
            Ok(_) if !left.is_empty() && (accepted.is_empty() || !args.skip_refused) => {
                return Err(refused(left, sources));
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
        let message = format!("{} is not accepted: `{}` cannot say it without changing more", one.address(), edit.path);
        left.push(Diagnostic::new(codes::NOT_ACCEPTED, Severity::Error, message).hint(why.hint()));
    }
}

/// The manifests as they will be.
struct Again {
    built: Built,
    /// Projects that are told something else, too, and were not asked about.
    also: BTreeSet<String>,
}

impl Again {
    fn read(run: &Run, workspace: &Workspace, texts: &Rewritten) -> Result<Self, Failure> {
        let Workspace { sources, root, .. } = workspace;
        let options = manifest::Options {
            environment: run.untrusted.is_none().then(|| run.environment.variables().clone()),
            ..run.manifest_options(root)
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
        let built = manifest::build(files(texts), &Overlay { root, texts }, KINDS, &options);
        if built.diagnostics.has_errors() {
            let mut findings = built.diagnostics;
            let message = "nothing is written: with it, the manifests would not be valid";
            findings.push(Diagnostic::new(codes::NOT_ACCEPTED, Severity::Error, message));
            return Err(refused(findings, &built.sources));
        }
        let side = |project| Side::rendered(project, KINDS, Identity::Whole);
        let also = built.desired.projects.iter().filter(|(name, project)| {
            let old = before.projects.get(*name).filter(|_| !workspace.desired.projects.contains_key(*name));
            old.is_some_and(|old| !compare(&side(old), &side(project)).differences.is_empty())
        });
        let also = also.map(|(name, _)| name.clone()).collect();
        Ok(Self { built, also })
    }

    /// Fails unless just the wanted differences are gone.
    fn settles(&self, planned: &Planned<'_>, wanted: &[Wanted<'_>]) -> Result<(), Failure> {
        let Planned { workspace, plan, live, .. } = planned;
        let after = differing(&connect::plan_of(workspace, live, &plan.api, &self.built.desired));
        let mut left = differing(plan);
        for one in wanted {
            left.remove(&one.address());
        }
        let mut findings = Diagnostics::new();
        for address in after.difference(&left) {
            let asked = wanted.iter().any(|one| one.address() == *address);
            let why = if asked { "written, it would still differ" } else { "this would differ by it" };
            let message = format!("{address} is not accepted: {why}");
            findings.push(Diagnostic::new(codes::NOT_ACCEPTED, Severity::Error, message).hint("Write it by hand."));
        }
        if findings.has_errors() { Err(refused(findings, &workspace.sources)) } else { Ok(()) }
    }

    /// Fails where other projects would be told something else, and nobody has asked for that: a text that two documents name.
    fn stays_within(&self, planned: &Planned<'_>) -> Result<(), Failure> {
        if self.also.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = self.also.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("not accepted: it would change {}, too", names.join(", "));
        let mut findings = Diagnostics::new();
        let finding = Diagnostic::new(codes::NOT_ACCEPTED, Severity::Error, message);
        findings.push(finding.hint("They name the same file: give each one of its own, or write it by hand for all."));
        Err(refused(findings, &planned.workspace.sources))
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

/// The files as they will be.
struct Overlay<'a> {
    root: &'a Root,
    texts: &'a Rewritten,
}

impl Texts for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Arc<str>, Refused> {
        match self.texts.get(path) {
            Some((_, after)) => Ok(after.as_str().into()),
            None => Texts::read(self.root, path),
        }
    }
}

fn tell(
    run: &Run,
    args: &Args,
    planned: &Planned<'_>,
    wanted: &[Wanted<'_>],
    changed: &[Changed<'_>],
    again: &Again,
    left: &Diagnostics,
) {
    let sources = &planned.workspace.sources;
    let addresses: Vec<String> = wanted.iter().map(Wanted::address).collect();
    let files: Vec<&str> = changed.iter().map(|changed| changed.path).collect();
    if run.global.format == Format::Json {
        run.json(&json!({
            "format": "supaform.accepted", "version": 1, "written": !args.dry_run,
            "accepted": addresses, "files": files, "also": again.also,
            "refused": left.sorted().iter().map(|found| &found.message).collect::<Vec<_>>(),
        }));
        return;
    }
    let mut page = differences(changed);
    if !again.also.is_empty() {
        let names: Vec<_> = again.also.iter().map(|name| escape(name)).collect();
        page.push(Line::new().plain(format!("Also for: {}", names.join(", "))));
    }
    let verb = if args.dry_run { "Would accept" } else { "Accepted" };
    let (all, names) = (differing(&planned.plan).len(), files.iter().map(|it| escape(it)).collect::<Vec<_>>());
    let noun = if all == 1 { "difference" } else { "differences" };
    page.push(Line::new().plain(format!("{verb}: {} of {all} {noun}, in {}", wanted.len(), names.join(", "))));
    run.terminal.page(&page);
    run.show(&left.sorted(), sources);
}
