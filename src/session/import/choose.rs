//! Which live projects are imported, and into which documents.

use std::collections::BTreeSet;

use crate::diag::codes::{plan as plan_codes, run as codes};
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources, nearest};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::import::slug;
use crate::manifest::{MARKER, name_is_valid};
use crate::model::{AddressPattern, DesiredProject, Listed, Status};

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Which {
    /// Projects by document, ref, name or its short form, or parts of them: `acme`, `acme/auth`, `acme/auth/site_url`.
    pub addresses: Vec<String>,
    /// All projects of this organization.
    pub organization: Option<String>,
    /// All projects that the token sees.
    pub all: bool,
}

/// A project to import.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// As the API lists it.
    pub listed: Listed,
    /// The name of its document.
    pub document: String,
    /// Whether the workspace has the document.
    pub is_known: bool,
    /// Of a branch, the document of its project and its name.
    pub branch_of: Option<(String, String)>,
    /// The parts to import; empty: everything.
    pub parts: Vec<AddressPattern>,
}

impl Chosen {
    /// Whether a section is asked for.
    pub fn has(&self, kind: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|part| part.is_within(&self.document, kind))
    }
}

/// What was chosen.
#[derive(Default)]
pub(super) struct Choice {
    /// The projects to import.
    pub chosen: Vec<Chosen>,
    /// Those that are not up, each with how such a run ends.
    pub skipped: Vec<(Diagnostic, Exit)>,
}

/// The projects to import, and those that are asked for and are not up, with how a run that wants them ends.
pub(super) fn choose(which: &Which, listed: Vec<Listed>, documents: &[DesiredProject]) -> Result<Choice, Failure> {
    let everything = which.all || which.organization.is_some();
    if which.addresses.is_empty() && !everything && listed.len() > 1 {
        return Err(ambiguous(&listed));
    }
    let mut taken: BTreeSet<String> = documents.iter().map(|it| it.document.to_ascii_lowercase()).collect();
    let mut unmet: BTreeSet<&str> = which.addresses.iter().map(String::as_str).collect();
    let (mut chosen, mut left) = (vec![], vec![]);
    let mut sorted = listed;
    sorted.sort_by(|a, b| (&a.organization, &a.name, &a.reference).cmp(&(&b.organization, &b.name, &b.reference)));
    for listed in &sorted {
        if which.organization.as_ref().is_some_and(|slug| *slug != listed.organization) {
            continue;
        }
        let document = known(listed, documents);
        let names = [
            document.map(|it| it.document.clone()),
            Some(listed.reference.as_str().to_owned()),
            Some(listed.name.clone()),
            Some(slug(&listed.name)),
        ];
        let is_meant = |address: &str| {
            let project = address.split('/').next().unwrap_or_default();
            names.iter().flatten().any(|name| wildmatch::WildMatch::new(project).matches(name))
        };
        let meant: Vec<&str> = which.addresses.iter().map(String::as_str).filter(|it| is_meant(it)).collect();
        if meant.is_empty() && !which.addresses.is_empty() {
            continue;
        }
        for address in &meant {
            unmet.remove(address);
        }
        if let Some(left_out) = not_up(listed) {
            left.push(left_out);
            continue;
        }
        let name = document.map_or_else(|| free(listed, &sorted, &taken), |document| document.document.clone());
        taken.insert(name.to_ascii_lowercase());
        let whole = meant.iter().any(|address| !address.contains('/'));
        let part = |address: &&str| AddressPattern::parse(&format!("{name}/{}", address.split_once('/')?.1));
        let parts = if whole { vec![] } else { meant.iter().filter_map(part).collect() };
        chosen.push(Chosen {
            listed: listed.clone(),
            document: name,
            is_known: document.is_some(),
            branch_of: None,
            parts,
        });
    }
    if let Some(address) = unmet.first() {
        return Err(unknown(address, &sorted, documents));
    }
    if chosen.is_empty() && left.is_empty() {
        return Err(nothing(which));
    }
    Ok(Choice { chosen, skipped: left })
}

/// The document of a project.
pub(super) fn known<'d>(one: &Listed, documents: &'d [DesiredProject]) -> Option<&'d DesiredProject> {
    documents.iter().find(|document| match (&document.reference, &document.organization) {
        (Some(reference), _) => reference.value == one.reference,
        (None, Some(slug)) => slug.value == one.organization && document.live_name() == one.name,
        (None, None) => false,
    })
}

/// A name for the document of a project that has none. Where several projects have one name, what tells them apart is a part of
/// it.
fn free(listed: &Listed, all: &[Listed], taken: &BTreeSet<String>) -> String {
    let name = slug(&listed.name);
    let name = if name_is_valid(&name) { name } else { listed.reference.as_str().to_owned() };
    let name = if is_reserved(&name) { format!("{name}-project") } else { name };
    let twins: Vec<&Listed> =
        all.iter().filter(|it| it.reference != listed.reference && slug(&it.name) == slug(&listed.name)).collect();
    let tells = |part: fn(&Listed) -> &str| twins.iter().all(|it| part(it) != part(listed));
    let own = match () {
        // A ref is nobody else's.
        () if twins.is_empty() || name == listed.reference.as_str() => name,
        () if tells(|it| &it.organization) => format!("{name}-{}", slug(&listed.organization)),
        () if tells(|it| &it.region) => format!("{name}-{}", listed.region),
        () => format!("{name}-{}", listed.reference),
    };
    let numbered = (2..).map(|number| format!("{own}-{number}"));
    let mut names = std::iter::once(own.clone()).chain(numbered);
    names.find(|name| !taken.contains(name)).unwrap_or(own)
}

/// Whether a file of this name is no manifest: it marks a workspace, or it is a device to Windows.
fn is_reserved(name: &str) -> bool {
    let is_numbered = |start| name.strip_prefix(start).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']));
    MARKER.split('.').next() == Some(name)
        || ["con", "prn", "aux", "nul"].contains(&name)
        || ["com", "lpt"].into_iter().any(is_numbered)
}

/// The status of a project of which a service is down.
const UNHEALTHY: &str = "ACTIVE_UNHEALTHY";

/// Why a project cannot be read now.
pub(super) fn not_up(listed: &Listed) -> Option<(Diagnostic, Exit)> {
    let (code, exit, why, hint) = match Status::of(&listed.status) {
        Status::Usable if listed.status == UNHEALTHY => (
            plan_codes::PROJECT_BUSY,
            Exit::Attention,
            format!("is not healthy ({UNHEALTHY}), and what it answers may lack something"),
            "`supaform status` tells which of its services is down: import the project once it is up.",
        ),
        Status::Usable | Status::Absent | Status::Created => return None,
        Status::Paused | Status::Parked => (
            plan_codes::PROJECT_PAUSED,
            Exit::Refused,
            "is paused (INACTIVE), and the API shows empty lists of a paused project".to_owned(),
            "Restore it in the dashboard, wait until it is healthy, and import it then.",
        ),
        Status::ComingUp | Status::Changing(_) => (
            plan_codes::PROJECT_BUSY,
            Exit::Attention,
            format!("is in a transition ({})", listed.status),
            "The transition ends by itself: import the project in a few minutes.",
        ),
        Status::Failed(word) => (
            plan_codes::PROJECT_FAILED,
            Exit::Failed,
            format!("is down ({word}), which does not end by itself"),
            "Look at the project in the dashboard; Supabase's support can help.",
        ),
    };
    let message = format!("{} ({}) is not imported: it {why}", listed.name, listed.reference);
    Some((Diagnostic::new(code, Severity::Error, message).hint(hint), exit))
}

fn ambiguous(listed: &[Listed]) -> Failure {
    let message = format!("the token sees {} projects, and none is named", listed.len());
    let names: BTreeSet<String> = listed.iter().map(|it| slug(&it.name)).collect();
    let names: Vec<String> = names.into_iter().take(3).collect();
    let hint = format!(
        "Name some by their name or ref (`supaform import {}`), or import all of an organization with `--organization {}`, or \
         all with `--all`.",
        names.join(" "),
        listed.first().map_or("SLUG", |it| it.organization.as_str()),
    );
    Failure::with_hint(Exit::Invalid, codes::BAD_OPTION, message, &hint)
}

pub(super) fn unknown(address: &str, listed: &[Listed], documents: &[DesiredProject]) -> Failure {
    let project = address.split('/').next().unwrap_or_default();
    let names: Vec<String> =
        documents.iter().map(|it| it.document.clone()).chain(listed.iter().map(|it| slug(&it.name))).collect();
    let mut findings = Diagnostics::new();
    if documents.iter().any(|it| it.document == project) {
        let message = format!("the document `{project}` describes a project that the token does not see");
        let hint = "Write its `ref:`, or `organization:` and `name:` as the dashboard has them.";
        findings.push(Diagnostic::new(codes::NO_SUCH_PROJECT, Severity::Error, message).hint(hint));
        return Failure::invalid(findings, Sources::new());
    }
    let message = format!("no project that the token sees has the document, the ref or the name `{project}`");
    let found = Diagnostic::new(codes::NO_SUCH_PROJECT, Severity::Error, message);
    let found = match nearest(project, names.iter().map(String::as_str)) {
        Some(near) => found.hint(format!("Did you mean `{near}`?")),
        None => found.hint("`supaform import --all --dry-run` shows what there is."),
    };
    findings.push(found);
    Failure::invalid(findings, Sources::new())
}

fn nothing(which: &Which) -> Failure {
    let message = match &which.organization {
        Some(slug) => format!("the token sees no project in the organization `{slug}`"),
        None => "the token sees no project".to_owned(),
    };
    Failure::new(Exit::Failed, codes::NOT_IMPORTED, message)
}
