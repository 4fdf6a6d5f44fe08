//! Splits one file into documents: their type, their keys outside of the sections, and their sections with fields looked
//! up.

use std::collections::{BTreeMap, BTreeSet};

use super::envelope::Envelope;
use super::index::Index;
use super::listing::NOT_OURS;
use super::meant;
use super::names::{MARKER, bad_name, is_pattern, name_is_valid};
use super::role::Role;
use super::secrecy::may_hold_secret;
use super::section::{self, RawSection};
use super::variables;
use crate::diag::{Diagnostic, Diagnostics, Span, codes::manifest as codes};
use crate::kinds::aliases;
use crate::yaml::{Entry, Key, Node};

/// The keys that only it has.
pub(super) const MARKER_KEYS: [&str; 4] = ["version", "manifests", super::ignore::KEY, super::allow::KEY];

/// The keys that decide the type of a document; it has one of them.
pub(super) const ROLES: [&str; 3] = ["project", "projects", "profile"];

/// Whether a text looks as if it was meant as a document: a line of it begins with a key that decides a document's type.
pub(super) fn looks_like_one(text: &str) -> bool {
    let begins = |line: &str| {
        ROLES.into_iter().any(|role| line.strip_prefix(role).is_some_and(|rest| rest.trim_start().starts_with(':')))
    };
    text.lines().any(begins)
}

/// Whether a tree has a key that decides a document's type.
pub(super) fn is_document(node: &Node) -> bool {
    ROLES.into_iter().any(|role| node.get(role).is_some())
}

/// A document as it is written.
#[derive(Debug)]
pub(super) struct Document<'n> {
    pub(super) role: Role,
    /// Its name; of `common`, an empty text.
    pub(super) name: &'n str,
    pub(super) name_span: Span,
    pub(super) envelope: Envelope<'n>,
    pub(super) sections: Vec<RawSection<'n>>,
    /// What it wants of branches by patterns of their names.
    pub(super) previews: Vec<Self>,
    /// Whether no refused key changes the meaning of the document: a key of its identity, an unknown one, a whole section.
    pub(super) whole: bool,
    /// The variables that its texts use.
    pub(super) uses: BTreeSet<&'n str>,
    /// The `common` beside it, as an index among the commons.
    pub(super) common: Option<usize>,
}

/// All documents of a workspace.
#[derive(Debug, Default)]
pub(super) struct Documents<'n> {
    pub(super) projects: Vec<Document<'n>>,
    pub(super) commons: Vec<Document<'n>>,
    pub(super) profiles: BTreeMap<&'n str, Document<'n>>,
}

impl<'n> Documents<'n> {
    /// Adds the documents of a file. `marker` is the place of `supaform.yaml` at the root, which may hold none.
    pub(super) fn take(&mut self, node: &'n Node, marker: bool, index: &Index, out: &mut Diagnostics) {
        let Some(entries) = node.as_map() else {
            out.push(not_a_manifest(node.span, marker));
            return;
        };
        let rest: Vec<&'n Entry> =
            entries.iter().filter(|entry| !(marker && MARKER_KEYS.contains(&entry.key.name.as_str()))).collect();
        let has = |name: &str| rest.iter().copied().find(|entry| entry.key.name == name);
        let roles: Vec<&Entry> = ROLES.into_iter().filter_map(has).collect();
        match roles.as_slice() {
            [] if rest.is_empty() && marker => {}
            [] if has("common").is_some() => {
                let common = has("common").map_or(node.span, |entry| entry.key.span);
                out.push(
                    Diagnostic::error(codes::MIXED_DOCUMENT, common, "`common` without `projects`")
                        .hint("`common` goes under each project of the same file; share across files with a profile."),
                );
            }
            [] if marker => {
                for entry in rest {
                    let guess = out.may_guess();
                    out.push(unknown_in_marker(&entry.key, guess));
                }
            }
            [] => out.push(not_a_manifest(node.span, false)),
            [one] if one.key.name == "projects" => self.many(one, &rest, marker, index, out),
            [one] => {
                let role = if one.key.name == "project" { Role::Project } else { Role::Profile };
                let Some(name) = name_of(one, out) else { return };
                let others = rest.iter().copied().filter(|entry| entry.key.name != one.key.name);
                let document = read(role, name, one.value.span, others, marker, index, out);
                self.add(document, out);
            }
            [first, second, ..] => {
                let message = format!("a document has `{}` or `{}`, not both", first.key.name, second.key.name);
                out.push(
                    Diagnostic::error(codes::MIXED_DOCUMENT, second.key.span, message)
                        .label(first.key.span, "the first is here")
                        .hint("Put each into its own file, or all projects under `projects:`."),
                );
            }
        }
    }

    /// `projects:` is a map of documents; `common:` goes under each.
    fn many(&mut self, projects: &'n Entry, rest: &[&'n Entry], marker: bool, index: &Index, out: &mut Diagnostics) {
        let (mut common, mut whole) = (None, true);
        for entry in rest.iter().copied().filter(|entry| entry.key.name != "projects") {
            if entry.key.name != "common" {
                let message = format!("`{}` is beside `projects`", entry.key.name);
                out.push(
                    Diagnostic::error(codes::UNKNOWN_KEY, entry.key.span, message)
                        .hint("Write it under one of the projects, or under `common:` for all of them."),
                );
            } else if let Some(members) = map_of(&entry.value, "common", out) {
                common = Some(self.commons.len());
                self.commons.push(read(Role::Common, "", entry.key.span, members.iter(), marker, index, out));
            } else {
                whole = false;
            }
        }
        let Some(members) = map_of(&projects.value, "projects", out) else { return };
        for entry in members {
            if !name_is_valid(&entry.key.name) {
                out.push(bad_name("a project", &entry.key.name, entry.key.span));
            } else if let Some(own) = map_of(&entry.value, &entry.key.name, out) {
                let mut document = read(Role::Project, &entry.key.name, entry.key.span, own.iter(), marker, index, out);
                document.common = common;
                document.whole &= whole;
                self.add(document, out);
            }
        }
    }

    fn add(&mut self, document: Document<'n>, out: &mut Diagnostics) {
        if document.role != Role::Profile {
            self.projects.push(document);
            return;
        }
        if let Some(first) = self.profiles.get(document.name) {
            let message = format!("the profile `{}` is declared twice", document.name);
            out.push(
                Diagnostic::error(codes::SECOND_PROFILE, document.name_span, message)
                    .label(first.name_span, "the first is here"),
            );
        } else {
            self.profiles.insert(document.name, document);
        }
    }
}

fn read<'n>(
    role: Role,
    name: &'n str,
    name_span: Span,
    entries: impl Iterator<Item = &'n Entry>,
    marker: bool,
    index: &Index,
    out: &mut Diagnostics,
) -> Document<'n> {
    let mut whole = true;
    let mut envelope = Envelope::default();
    let (mut sections, mut previews) = (vec![], vec![]);
    let mut uses = BTreeSet::new();
    for entry in entries {
        // Below a misspelt key, too, so that one mistake causes one finding.
        let name = entry.key.name.as_str();
        if ["name", "region", "database_password"].contains(&name) || !role.keys().any(|key| key == name) {
            variables::uses(&entry.value, &mut uses);
        }
        let before = out.len();
        if envelope.take(role, entry, index, out) {
            // Without the other keys the document is still the intended project.
            let decides = match name {
                "vars" | "labels" => entry.value.as_map().is_none(),
                other => ["ref", "branch_of", "organization", "region", "extends", "create"].contains(&other),
            };
            whole &= out.len() == before || !decides;
            continue;
        }
        match index.kind(name) {
            Some(kind) if kind.info.patterns && role == Role::Preview => {
                let message = format!("`{name}` of a branch: a branch has none of its own");
                out.push(Diagnostic::error(codes::BAD_PATTERN, entry.key.span, message));
                whole = false;
            }
            Some(kind) => {
                if kind.info.patterns {
                    for entry in patterns(entry) {
                        let preview = preview(entry, marker, index, out);
                        whole &= preview.is_some();
                        previews.extend(preview);
                    }
                }
                let section = section::read(kind, entry, index, out);
                whole &= section.is_some();
                sections.extend(section);
            }
            None => {
                whole = false;
                let guess = out.may_guess();
                out.push(unknown_key(role, entry, marker, index, guess));
            }
        }
    }
    Document { role, name, name_span, envelope, sections, previews, whole, uses, common: None }
}

/// The entries of a section whose names are patterns.
fn patterns(section: &Entry) -> impl Iterator<Item = &Entry> {
    section.value.as_map().into_iter().flatten().filter(|entry| is_pattern(&entry.key.name))
}

/// What is wanted of the branches that a pattern matches.
fn preview<'n>(entry: &'n Entry, marker: bool, index: &Index, out: &mut Diagnostics) -> Option<Document<'n>> {
    let name = entry.key.name.as_str();
    let Some(members) = entry.value.as_map() else {
        let message = format!("`{name}` is a pattern, so it must be a map, not {}", entry.value.what());
        let hint = "Write what holds for each branch that it matches, such as `{extends: [preview]}`.";
        out.push(Diagnostic::error(codes::BAD_PATTERN, entry.value.span, message).hint(hint));
        return None;
    };
    let document = read(Role::Preview, name, entry.key.span, members.iter(), marker, index, out);
    Some(document)
}

fn name_of<'n>(entry: &'n Entry, out: &mut Diagnostics) -> Option<&'n str> {
    match entry.value.as_text() {
        Some(name) if name_is_valid(name) => return Some(name),
        Some(name) => out.push(bad_name(&format!("a {}", entry.key.name), name, entry.value.span)),
        None => {
            let message = format!("`{}` must be a name, not {}", entry.key.name, entry.value.what());
            out.push(Diagnostic::error(codes::BAD_NAME, entry.value.span, message));
        }
    }
    None
}

fn map_of<'n>(node: &'n Node, name: &str, out: &mut Diagnostics) -> Option<&'n [Entry]> {
    if node.as_map().is_none() {
        // `acme-dev:` with nothing below would be a project without anything to manage, which is a mistake.
        let message = format!("`{name}` must be a map, not {}", node.what());
        out.push(Diagnostic::error(codes::BAD_ENVELOPE, node.span, message));
    }
    node.as_map()
}

fn not_a_manifest(span: Span, marker: bool) -> Diagnostic {
    let start = Span { end: span.start.saturating_add(1).min(span.end), ..span };
    let found = Diagnostic::error(codes::NOT_A_MANIFEST, start, "this file is neither a project nor a profile");
    if marker {
        found.hint("Write `version: 1`.")
    } else {
        found.hint("Start it with `project: NAME`, `projects:` or `profile: NAME`.").hint(NOT_OURS)
    }
}

fn unknown_in_marker(key: &Key, guess: bool) -> Diagnostic {
    let found = Diagnostic::error(codes::UNKNOWN_KEY, key.span, format!("`{MARKER}` has no key `{}`", key.name));
    let known = MARKER_KEYS.into_iter().chain(["project", "projects"]).filter(|_| guess);
    found
        .did_you_mean(&key.name, known)
        .hint("Limits, permissions and the API's address are flags, so that no change to a manifest weakens a check.")
}

/// The finding for a key that is neither of the envelope nor a section; says where it belongs, if that is known.
fn unknown_key(role: Role, entry: &Entry, marker: bool, index: &Index, guess: bool) -> Diagnostic {
    let name = entry.key.name.as_str();
    let mut found = Diagnostic::error(codes::UNKNOWN_KEY, entry.key.span, format!("unknown key `{name}`"));
    let fields = index.kinds_with(name);
    if role.refuses(name) {
        found.message = format!("`{name}` does not belong in {}", role.place());
        found = found.hint(Role::belongs(name));
    } else if let [only] = fields.as_slice() {
        found.message = format!("`{name}` is a field of `{}`", only.info.name);
        found = found.hint(format!("Write it below `{}:`.", only.info.name));
    } else if !fields.is_empty() {
        let names: Vec<_> = fields.iter().map(|kind| format!("`{}`", kind.info.name)).collect();
        found.message = format!("`{name}` is a field of {}", names.join(" and of "));
        found = found.hint("Write it below that section.");
    } else if MARKER_KEYS.contains(&name) {
        found = found.hint(format!("It belongs in `{MARKER}` at the root."));
    } else {
        let known: Vec<&str> = role.keys().chain(index.kinds.iter().map(|kind| kind.info.name)).collect();
        // A field at the left, by another tool's name.
        let fields =
            || index.kinds.iter().find_map(|kind| meant::field(&found, kind, entry).map(|it| (kind.info.name, it)));
        found = match guess
            .then(fields)
            .flatten()
            .filter(|_| aliases::section(name).is_none() && !aliases::is_to_come(name))
        {
            Some((section, answered)) => answered.hint(format!("Write it below `{section}:`.")),
            None if guess => meant::section(found, name, &known),
            None => found,
        };
        if marker {
            found = found.hint("Limits, permissions and the API's address are flags, never in a manifest.");
        }
    }
    if may_hold_secret(&entry.value, name, fields.iter().copied(), guess) { found.private() } else { found }
}
