//! From a workspace to a client, a plan and an apply: where the shells meet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::base::{self, Base};
use super::lock::Locks;
use super::workspace::Workspace;
use super::{Failure, Run, given};
use crate::api::{ClientOptions, Https, InProcess, Origin, Reader, Token, Transport, Writer};
use crate::apply::{Context, Event, Report};
use crate::clock::{Clock, JumpClock, RealClock};
use crate::diag::codes::{plan as plan_codes, run as codes};
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources};
use crate::exit::Exit;
use crate::kinds::KINDS;
use crate::model::{
    Address, Blocked, Desired, Layer, Live, Note, Origin as ModelOrigin, Plan, Policy, Section, SectionBody, Settings,
    Status, Why,
};
use crate::observe::{Finding, Observed, observe};
use crate::plan::attribution::Attribution;
use crate::plan::revisions::Matched;
use crate::plan::{Inputs, ignore, make};
use crate::sandbox::{Options, Sandbox, TOKEN, state_file};
use crate::secret::{Vault, variables};
use crate::text::short_id;

/// A plan, and what it was made of.
pub(super) struct Planned<'a> {
    pub workspace: &'a Workspace,
    pub plan: Plan,
    pub live: Live,
    /// Addresses that the person has allowed.
    pub allowed: BTreeSet<String>,
    /// Addresses whose drift is left alone, because only what the branch means is written.
    pub left: Vec<String>,
    /// What the bases say of the same projects, in their order.
    pub matched: Vec<Matched>,
    peer: Peer,
    /// The client that may write, where the plan was made to be applied. What it has learnt of rate limits stays with it.
    writer: Option<Writer>,
    /// Held until it was applied.
    locks: Option<Locks>,
}

/// The other side: the API, or the sandbox within this process.
struct Peer {
    clock: Arc<dyn Clock>,
    sandbox: Option<Arc<Sandbox>>,
}

/// The revisions that a plan is held against.
#[derive(Clone, Copy, Default)]
pub(super) struct Against<'b> {
    /// What they protect stays protected in this run.
    pub bases: &'b [Base],
    /// Whether what has drifted from the first is left alone.
    pub leaves_drift: bool,
}

/// Makes a plan with a client that cannot write.
pub(super) fn plan<'a>(run: &Run, workspace: &'a mut Workspace, against: Against<'_>) -> Result<Planned<'a>, Failure> {
    let (peer, options) = connect(run, workspace)?;
    let reader = Reader::new(options);
    plan_with(run, workspace, peer, &reader, None, Finding::Cheapest, against)
}

/// The same, and looks for projects that no document adopts.
pub(super) fn plan_by_list<'a>(run: &Run, workspace: &'a mut Workspace) -> Result<Planned<'a>, Failure> {
    let (peer, options) = connect(run, workspace)?;
    let reader = Reader::new(options);
    plan_with(run, workspace, peer, &reader, None, Finding::ByList, Against::default())
}

/// Finds the live projects of the documents, and reads nothing of them.
pub(super) fn find(run: &Run, workspace: &Workspace) -> Result<Observed, Failure> {
    run.require_trust_to_look()?;
    let (peer, options) = connect(run, workspace)?;
    let reader = Reader::new(options);
    let mut desired = workspace.desired.clone();
    desired.projects.values_mut().for_each(|project| project.sections.clear());
    let observed = run.session.wait(observe(&reader, KINDS, &desired, Finding::Cheapest));
    peer.save()?;
    Ok(observed)
}

/// Reads sections of some projects, whether their manifests manage them or not, with a client that cannot write.
pub(super) fn look(
    run: &Run,
    workspace: &mut Workspace,
    names: &[&str],
    kinds: &BTreeSet<&'static str>,
) -> Result<Observed, Failure> {
    run.require_trust_to_look()?;
    workspace.desired.projects.retain(|name, _| names.contains(&name.as_str()));
    for project in workspace.desired.projects.values_mut() {
        project.sections.retain(|kind, _| kinds.contains(kind));
        for kind in kinds {
            project.sections.entry(kind).or_insert_with(|| Section {
                origin: ModelOrigin { span: project.span, layer: Layer::Document },
                policy: Policy::default(),
                hands_off: BTreeSet::new(),
                body: SectionBody::Settings(Settings::default()),
            });
        }
    }
    let (peer, options) = connect(run, workspace)?;
    let reader = Reader::new(options);
    let observed = run.session.wait(observe(&reader, KINDS, &workspace.desired, Finding::Cheapest));
    peer.save()?;
    Ok(observed)
}

/// Why a project could not be read, or is not up, as a failure.
pub(super) fn unread(name: &str, observed: &Observed, sources: &Sources) -> Option<Failure> {
    let (finding, exit) = match (observed.blocked.get(name), observed.live.projects.get(name)) {
        (Some(blocked), _) => (why_blocked(name, blocked), blocked.exit),
        (None, Some(live)) if live.status == Status::Usable => return None,
        (None, _) => {
            let message = format!("{name}: the project is coming up, so that nothing of it can be read");
            let hint = "It takes some minutes: run this again then.";
            (Diagnostic::new(plan_codes::PROJECT_BUSY, Severity::Error, message).hint(hint), Exit::Attention)
        }
    };
    let mut findings = Diagnostics::new();
    findings.push(finding);
    Some(Failure { exit, findings, sources: sources.clone() })
}

/// Why nothing is known of a project that was planned without being read, because it is coming up.
pub(super) fn coming_up(planned: &Planned<'_>, name: &str) -> Option<Blocked> {
    let live = planned.live.projects.get(name).filter(|live| live.status == Status::ComingUp);
    live.and_then(|_| planned.workspace.desired.projects.get(name)).map(crate::observe::coming_up)
}

/// Why a project could not be planned, as a finding.
pub(super) fn why_blocked(name: &str, blocked: &Blocked) -> Diagnostic {
    let mut finding = Diagnostic::new(blocked.code, Severity::Error, format!("{name}: {}", blocked.message));
    finding.hints.clone_from(&blocked.hints);
    match &blocked.origin {
        Some(origin) => finding.label(origin.span, ""),
        None => finding,
    }
}

/// Makes a plan that is to be applied: every secret must be there (R17).
pub(super) fn plan_to_write<'a>(
    run: &Run,
    workspace: &'a mut Workspace,
    against: Against<'_>,
    lock_timeout: Duration,
) -> Result<Planned<'a>, Failure> {
    workspace.require_secrets()?;
    // What another apply is about to change is not read before it has ended.
    let mut locks = Locks::take(run, origin(run)?.as_str(), &workspace.desired, lock_timeout)?;
    let (peer, options) = connect(run, workspace)?;
    let writer = Writer::new(options);
    let reader = writer.reader().clone();
    let desired = workspace.desired.clone();
    let mut planned = plan_with(run, workspace, peer, &reader, Some(writer), Finding::Cheapest, against)?;
    locks.found(run, &desired, &planned.live)?;
    planned.locks = Some(locks);
    Ok(planned)
}

fn plan_with<'a>(
    run: &Run,
    workspace: &'a mut Workspace,
    peer: Peer,
    reader: &Reader,
    writer: Option<Writer>,
    finding: Finding,
    against: Against<'_>,
) -> Result<Planned<'a>, Failure> {
    let origin = origin(run)?;
    let observed = run.session.wait(observe(reader, KINDS, &workspace.desired, finding));
    observed.fill_in(&mut workspace.desired);
    let Workspace { desired, vault, ignore: rules, .. } = workspace;
    let ignored = ignore::leave(KINDS, desired, &observed.live, vault, rules);
    let matched: Vec<Matched> =
        against.bases.iter().map(|base| workspace.matched(&base.desired, Some(&observed.live))).collect();
    let protected = keep_protected(workspace, against.bases, &matched);
    let left = match matched.first().filter(|_| against.leaves_drift) {
        Some(base) => leave_drift(workspace, &observed, origin.as_str(), &base.desired),
        None => vec![],
    };
    let workspace: &'a Workspace = workspace;
    let desired = &workspace.desired;
    let inputs = Inputs {
        registry: KINDS,
        api: origin.as_str(),
        desired,
        live: &observed.live,
        blocked: &observed.blocked,
        vault: &workspace.vault,
    };
    let unadopted = match finding {
        Finding::ByList => workspace.unadopted(&observed.listed),
        Finding::Cheapest => vec![],
    };
    let mut plan = Plan { ignored, unadopted, ..make(inputs) };
    for (name, text) in protected {
        if let Some(project) = plan.projects.get_mut(&name) {
            project.notes.push(Note { at: Address::of_project(&name), text, origin: None });
        }
    }
    peer.save()?;
    Ok(Planned {
        workspace,
        plan,
        live: observed.live,
        allowed: BTreeSet::new(),
        left,
        matched,
        peer,
        writer,
        locks: None,
    })
}

/// Whoever takes a protection away does not do at once what it forbids: what a base protects is protected in this run, too. Tells
/// of which projects that holds, and why.
fn keep_protected(workspace: &mut Workspace, bases: &[Base], matched: &[Matched]) -> BTreeMap<String, String> {
    const LATER: &str = "what that forbids takes a change of its own, after this one";
    let mut kept = BTreeMap::new();
    for (base, matched) in bases.iter().zip(matched) {
        let commit = short_id(&base.commit);
        for (name, project) in workspace.desired.projects.iter_mut().filter(|(_, project)| !project.protected) {
            let why = match matched.unprotected.get(name) {
                Some(document) => format!("stays protected in this run, as `{document}` is in {commit}: {LATER}"),
                None if base.whole => continue,
                None => format!("counts as protected in this run, as what {commit} protects is not known"),
            };
            project.protected = true;
            kept.insert(name.clone(), why);
        }
    }
    kept
}

/// Lets be what has drifted from what another revision wants, too; tells the addresses.
fn leave_drift(workspace: &mut Workspace, observed: &Observed, api: &str, base: &Desired) -> Vec<String> {
    let live = &observed.live;
    let of_base = plan_of(workspace, live, api, base);
    let Workspace { desired, vault, .. } = workspace;
    let head = make(Inputs { registry: KINDS, api, desired, live, blocked: &observed.blocked, vault });
    let of = Attribution::of(&head, &of_base);
    let is_drift = |at: &Address, field: Option<&str>| (of.at(at, field) == Some(Why::Drift)).then_some(());
    let left = ignore::leave_where(KINDS, desired, live, vault, is_drift);
    left.into_iter()
        .map(|(at, _, field, ())| field.map_or(at.to_string(), |field| format!("{at}/{}", field.name)))
        .collect()
}

/// Where the differences of a plan come from, given what another revision wants.
pub(super) fn attribution(planned: &Planned<'_>, base: &Matched) -> Attribution {
    let Planned { workspace, plan, live, .. } = planned;
    Attribution::of(plan, &plan_of(workspace, live, &plan.api, &base.desired))
}

/// The same, given also what that revision wanted before: what of it is not applied yet.
pub(super) fn attribution_over_time(
    run: &Run,
    planned: &Planned<'_>,
    (base, matched): (&Base, &Matched),
    fork: Option<&str>,
) -> Attribution {
    let Planned { workspace, plan, live, .. } = planned;
    let of = |desired: &Desired| plan_of(workspace, live, &plan.api, desired);
    let mut found = attribution(planned, matched);
    let earlier = if found.has_drift() { base::earlier(workspace, &base.commit) } else { vec![] };
    let states = fork.map(str::to_owned).into_iter().chain(earlier);
    for (at, commit) in states.enumerate() {
        if !found.has_drift() {
            break;
        }
        let Some(earlier) = base::quietly(run, workspace, &commit) else { continue };
        let before = workspace.matched(&earlier.desired, Some(live)).desired;
        // What the base says only since the branch began is new, so that it cannot have been applied long ago.
        let since_fork = at == 0 && fork.is_some();
        found.not_applied(plan, &of(&before), |at, field| since_fork || before.says(at, field));
    }
    found
}

/// The plan that other manifests would have, made of the same reads: of what both manage, nothing else was read.
pub(super) fn plan_of(workspace: &Workspace, live: &Live, api: &str, other: &Desired) -> Plan {
    let mut other = other.clone();
    other.projects.retain(|name, project| {
        let Some(head) = workspace.desired.projects.get(name) else { return false };
        project.sections.retain(|kind, _| head.sections.contains_key(kind));
        if let Some(reference) = live.projects.get(name).and_then(|live| live.reference.as_ref()) {
            project.fill_in(reference);
        }
        true
    });
    let vault = &workspace.vault;
    ignore::leave(KINDS, &mut other, live, vault, &workspace.ignore);
    make(Inputs { registry: KINDS, api, desired: &other, live, blocked: &BTreeMap::new(), vault })
}

/// The plan that somebody sees who has no value of any secret.
pub(super) fn blind(planned: &Planned<'_>) -> Plan {
    let Planned { workspace, plan, live, .. } = planned;
    let blocked = plan.projects.iter().filter_map(|(name, project)| Some((name.clone(), project.blocked.clone()?)));
    make(Inputs {
        registry: KINDS,
        api: &plan.api,
        desired: &workspace.desired,
        live,
        blocked: &blocked.collect(),
        vault: &Vault::new(),
    })
}

/// Carries out a plan.
pub(super) fn apply(run: &Run, planned: &Planned<'_>, events: &(dyn Fn(Event<'_>) + Sync)) -> Result<Report, Failure> {
    let Planned { workspace, plan, live, peer, writer, locks, .. } = planned;
    debug_assert!(locks.is_some(), "what is applied is locked");
    let writer = writer.clone().expect("what is applied was planned to be written");
    let context = Context {
        registry: KINDS,
        writer,
        clock: Arc::clone(&peer.clock),
        desired: &workspace.desired,
        live,
        vault: &workspace.vault,
        events,
    };
    let report = run.session.wait(crate::apply::apply(&context, plan));
    peer.save()?;
    Ok(report)
}

fn connect(run: &Run, workspace: &Workspace) -> Result<(Peer, ClientOptions), Failure> {
    let (clock, sandbox): (Arc<dyn Clock>, _) = match &run.global.sandbox {
        None => (RealClock::start(), None),
        Some(folder) => {
            let clock: Arc<dyn Clock> = JumpClock::start();
            let state = Some(state_file(folder));
            let options = Options { world: run.global.world.clone(), state, ..Options::default() };
            let opened = Sandbox::open(options, Arc::clone(&clock));
            let sandbox = opened.map_err(|error| Failure::new(Exit::Invalid, codes::BAD_STATE, error.to_string()))?;
            (clock, Some(sandbox))
        }
    };
    let peer = Peer { clock, sandbox };
    let options = peer.options(run, workspace)?;
    Ok((peer, options))
}

impl Peer {
    fn options(&self, run: &Run, workspace: &Workspace) -> Result<ClientOptions, Failure> {
        let origin = origin(run)?;
        let (transport, token): (Box<dyn Transport>, Token) = match &self.sandbox {
            Some(sandbox) => (Box::new(InProcess::new(sandbox.router())), parse(TOKEN, "the sandbox's token")?),
            None => {
                let https = Https::new(&origin, run.global.no_proxy);
                let https = https.map_err(|why| Failure::new(Exit::Failed, codes::API_FAILED, why))?;
                (Box::new(https), token(run)?)
            }
        };
        Ok(ClientOptions {
            transport,
            origin,
            token,
            clock: Arc::clone(&self.clock),
            vault: Arc::clone(&workspace.vault),
            stop: run.session.stop().clone(),
            deadline: self.clock.now() + run.session.left(),
        })
    }

    fn save(&self) -> Result<(), Failure> {
        let saved = self.sandbox.as_ref().map_or(Ok(()), |sandbox| sandbox.save());
        saved.map_err(|error| {
            let message = format!("the sandbox's state cannot be written: {error}");
            Failure::new(Exit::Failed, codes::BAD_STATE, message)
        })
    }
}

impl Planned<'_> {
    /// Gives the run more time, such as somebody took to answer a question.
    pub(super) fn extend(&self, by: Duration) {
        if let Some(writer) = &self.writer {
            writer.extend(by);
        }
    }
}

/// Whether there is something to read from: a token or a sandbox.
pub(super) fn can_read(run: &Run) -> bool {
    let has_token = run.global.token_file.is_some() || run.environment.given(variables::TOKEN).is_some();
    run.global.sandbox.is_some() || has_token
}

fn origin(run: &Run) -> Result<Origin, Failure> {
    if run.global.sandbox.is_some() {
        // It has no address; the plan's hashes need one that is the same everywhere.
        return Origin::parse("http://localhost", &[]).map_err(|error| bad(error.to_string(), None));
    }
    Origin::parse(&run.global.api_url, &run.global.allow_token_to_host).map_err(|error| {
        let hint = match &error {
            crate::api::OriginError::Foreign(host) => {
                Some(format!("If that host may see it, add `--allow-token-to-host {host}`."))
            }
            _ => None,
        };
        bad(error.to_string(), hint)
    })
}

fn bad(message: String, hint: Option<String>) -> Failure {
    match hint {
        Some(hint) => Failure::with_hint(Exit::Invalid, codes::BAD_OPTION, message, hint),
        None => Failure::new(Exit::Invalid, codes::BAD_OPTION, message),
    }
}

/// The token, of `--token-file` or the environment.
fn token(run: &Run) -> Result<Token, Failure> {
    match (&run.global.token_file, run.environment.given(variables::TOKEN)) {
        (Some(path), _) => {
            let text = given::text(path, given::MOST_LINE, "the token in")?;
            if text.trim().is_empty() {
                return Err(no_token());
            }
            parse(&text, &format!("the token in `{}`", path.display()))
        }
        (None, Some(text)) => parse(text, "the token in SUPABASE_ACCESS_TOKEN"),
        (None, None) => Err(no_token()),
    }
}

fn no_token() -> Failure {
    let hint = "Set SUPABASE_ACCESS_TOKEN, give `--token-file FILE`, or try the sandbox with `--sandbox DIR`.";
    Failure::with_hint(Exit::Denied, codes::NO_TOKEN, "there is no access token", hint)
}

fn parse(text: &str, name: &str) -> Result<Token, Failure> {
    Token::parse(text).map_err(|why| bad(format!("{name} {why}"), None))
}
