//! The keys of a document outside of its sections: its identity, what it extends, variables, labels, and how it is managed.

use super::index::{Index, KindIndex};
use super::names::{bad_name, name_is_valid};
use super::role::Role;
use crate::diag::{Diagnostic, Diagnostics, Span, codes::manifest as codes};
use crate::kind::{KindInfo, Shape};
use crate::model::{ProjectRef, slug_is_valid};
use crate::schema::check::{nothing, perhaps_unfilled, revealed, unfilled};
use crate::yaml::{Content, Entry, Key, Node};

/// A value and its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) span: Span,
}

/// What `manage: {SECTION: …}` says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Managed {
    pub(super) kind: &'static KindInfo,
    pub(super) span: Span,
    /// `false`: the section is not managed.
    pub(super) on: bool,
    pub(super) prune: Option<bool>,
    pub(super) restart_later: Option<bool>,
    /// `rest: default` or `rest: unmanaged`, and its place.
    pub(super) rest_default: Option<Placed<bool>>,
}

/// The envelope of a document.
#[derive(Debug, Default)]
pub(super) struct Envelope<'n> {
    /// The keys that were written; none in a document of sections only.
    pub(super) keys: Vec<&'n Key>,
    pub(super) reference: Option<Placed<ProjectRef>>,
    /// The document and the branch, and where they are written.
    pub(super) branch_of: Option<Placed<(&'n str, &'n str)>>,
    pub(super) organization: Option<Placed<&'n str>>,
    pub(super) name: Option<&'n Node>,
    pub(super) region: Option<&'n Node>,
    pub(super) extends: Vec<Placed<&'n str>>,
    pub(super) requires: Vec<Placed<&'n str>>,
    pub(super) vars: Vec<&'n Entry>,
    /// Names of variables and labels whose definition was refused: not missing, but without a usable value.
    pub(super) refused: Vec<&'n str>,
    pub(super) labels: Vec<(&'n str, Placed<&'n str>)>,
    pub(super) protected: Option<Placed<bool>>,
    pub(super) create: Option<Placed<bool>>,
    pub(super) database_password: Option<&'n Node>,
    pub(super) manage: Vec<Managed>,
}

impl<'n> Envelope<'n> {
    /// Reads a key; `false` if it is not a key of an envelope.
    pub(super) fn take(&mut self, role: Role, entry: &'n Entry, index: &Index, out: &mut Diagnostics) -> bool {
        let name = entry.key.name.as_str();
        if !role.keys().any(|key| key == name) {
            return false;
        }
        self.keys.push(&entry.key);
        let node = &entry.value;
        if matches!(node.content, Content::Null { written: false }) {
            out.push(nothing(name, node.span, false));
            return true;
        }
        match name {
            "ref" => self.reference = reference(node, out),
            "branch_of" => self.branch_of = branch_of(node, out),
            "organization" => self.organization = organization(node, out),
            "name" => self.name = text(name, node, out).map(|_| node),
            "region" => self.region = text(name, node, out).map(|_| node),
            "extends" => self.extends = names(name, node, out),
            "requires" => self.requires = names(name, node, out),
            "vars" => self.vars = vars(node, &mut self.refused, out),
            "labels" => self.labels = labels(node, &mut self.refused, out),
            "protected" => self.protected = boolean(name, node, out),
            "create" => self.create = boolean(name, node, out),
            "database_password" => self.database_password = Some(node),
            "manage" => self.manage = manage(node, index, out),
            _ => return false,
        }
        true
    }
}

fn wrong(name: &str, node: &Node, wanted: &str) -> Diagnostic {
    Diagnostic::error(codes::BAD_ENVELOPE, node.span, format!("`{name}` must be {wanted}, not {}", node.what()))
}

fn text<'n>(name: &str, node: &'n Node, out: &mut Diagnostics) -> Option<&'n str> {
    match node.as_text() {
        Some(text) if text.trim().is_empty() || text.chars().any(char::is_control) => {
            let message = format!("`{name}` must be a text of one line that is not empty");
            out.push(Diagnostic::error(codes::BAD_ENVELOPE, node.span, message));
            None
        }
        Some(text) => {
            // Display names are free; identifiers that find a project are not.
            let is_free = !["ref", "organization", "region"].contains(&name);
            let refused = revealed(name, text, node.span)
                .or_else(|| (!is_free).then(|| unfilled(name, text, node.span)).flatten());
            if let Some(found) = refused {
                out.push(found);
                return None;
            }
            if let Some(found) = perhaps_unfilled(name, text, node.span).filter(|_| is_free) {
                out.push(found);
            }
            Some(text)
        }
        None => {
            let found = wrong(name, node, "a text");
            let scalar = matches!(node.content, Content::Int(_) | Content::Float(_) | Content::Bool(_));
            out.push(if scalar { found.hint("Put it into quotes.") } else { found });
            None
        }
    }
}

fn boolean(name: &str, node: &Node, out: &mut Diagnostics) -> Option<Placed<bool>> {
    if let Content::Bool(value) = node.content {
        return Some(Placed { value, span: node.span });
    }
    out.push(wrong(name, node, "`true` or `false`"));
    None
}

fn reference(node: &Node, out: &mut Diagnostics) -> Option<Placed<ProjectRef>> {
    let text = text("ref", node, out)?;
    let reference = ProjectRef::parse(text);
    if reference.is_none() {
        let message = "`ref` must be 20 lower-case letters";
        let hint = "It is the last part of the address of the project's dashboard.";
        out.push(Diagnostic::error(codes::BAD_REF, node.span, message).hint(hint));
    }
    reference.map(|value| Placed { value, span: node.span })
}

fn branch_of<'n>(node: &'n Node, out: &mut Diagnostics) -> Option<Placed<(&'n str, &'n str)>> {
    let unclear = |node: &Node| {
        wrong("branch_of", node, "a project and one of its branches")
            .hint("Write `branch_of: {project: NAME, branch: NAME}`; the project is named as its document is.")
    };
    let Some(entries) = node.as_map() else {
        out.push(unclear(node));
        return None;
    };
    let (mut project, mut branch) = (None, None);
    for entry in entries {
        let name = entry.key.name.as_str();
        match name {
            "project" => project = text(name, &entry.value, out),
            "branch" => branch = text(name, &entry.value, out),
            other => {
                let message = format!("`branch_of` has no key `{other}`");
                let found = Diagnostic::error(codes::UNKNOWN_KEY, entry.key.span, message);
                out.push(
                    found.hint("It has `project`, the document of the project, and `branch`, the name of the branch."),
                );
            }
        }
    }
    let missing = |name: &str| entries.iter().all(|entry| entry.key.name != name);
    if missing("project") || missing("branch") {
        out.push(unclear(node));
    }
    Some(Placed { value: (project?, branch?), span: node.span })
}

fn organization<'n>(node: &'n Node, out: &mut Diagnostics) -> Option<Placed<&'n str>> {
    let value = text("organization", node, out)?;
    if slug_is_valid(value) {
        return Some(Placed { value, span: node.span });
    }
    let message = "`organization` must be the organization's slug";
    let hint = "A slug has letters, digits, `-` and `_`; it is in the address of the organization's dashboard.";
    out.push(Diagnostic::error(codes::BAD_ENVELOPE, node.span, message).hint(hint));
    None
}

fn names<'n>(name: &str, node: &'n Node, out: &mut Diagnostics) -> Vec<Placed<&'n str>> {
    let Some(items) = node.as_list() else {
        let mut found = wrong(name, node, "a list of names");
        if let Some(text) = node.as_text() {
            found = found.hint(format!("Write `[{text}]`.")).fix(node.span, format!("[{text}]"));
        }
        out.push(found);
        return vec![];
    };
    let mut names = vec![];
    for item in items {
        match item.as_text() {
            Some(value) if name_is_valid(value) => names.push(Placed { value, span: item.span }),
            Some(value) => {
                out.push(bad_name(if name == "extends" { "a profile" } else { "a variable" }, value, item.span));
            }
            None => out.push(wrong(name, item, "names")),
        }
    }
    names
}

fn vars<'n>(node: &'n Node, refused: &mut Vec<&'n str>, out: &mut Diagnostics) -> Vec<&'n Entry> {
    let Some(entries) = node.as_map() else {
        out.push(wrong("vars", node, "a map of names and values"));
        return vec![];
    };
    let mut vars = vec![];
    for entry in entries {
        if name_is_valid(&entry.key.name) {
            let before = out.len();
            variable(&entry.key.name, &entry.value, out);
            refused.extend((out.len() > before).then_some(entry.key.name.as_str()));
            vars.push(entry);
        } else {
            out.push(bad_name("a variable", &entry.key.name, entry.key.span));
        }
    }
    vars
}

/// A variable is a text, a number, a boolean, or a list of them; a secret is refused.
fn variable(name: &str, node: &Node, out: &mut Diagnostics) {
    match &node.content {
        Content::Null { .. } => out.push(
            Diagnostic::error(codes::BAD_ENVELOPE, node.span, format!("the variable `{name}` has no value"))
                .hint("Give it a value, or remove it; to clear a field, write `null` in the field itself."),
        ),
        Content::Text { text, .. } => {
            if let Some(found) = revealed(name, text, node.span) {
                out.push(found);
            } else if text.contains("${") {
                let message = format!("the variable `{name}` holds `${{`, which is not replaced in variables");
                let hint = "Combine variables in the field that uses them.";
                out.push(Diagnostic::error(codes::BAD_INTERPOLATION, node.span, message).hint(hint));
            }
        }
        Content::List(items) => items.iter().for_each(|item| variable(name, item, out)),
        Content::Map(_) => out.push(
            Diagnostic::error(codes::BAD_ENVELOPE, node.span, format!("the variable `{name}` is a map"))
                .hint("A variable is a text, a number, a boolean or a list."),
        ),
        Content::Bool(_) | Content::Int(_) | Content::Float(_) => {}
    }
}

fn labels<'n>(node: &'n Node, refused: &mut Vec<&'n str>, out: &mut Diagnostics) -> Vec<(&'n str, Placed<&'n str>)> {
    let Some(entries) = node.as_map() else {
        out.push(wrong("labels", node, "a map of names and texts"));
        return vec![];
    };
    let mut labels = vec![];
    for entry in entries {
        let name = entry.key.name.as_str();
        if !name_is_valid(name) {
            out.push(bad_name("a label", name, entry.key.span));
        } else if let Some(value) = text(name, &entry.value, out) {
            if value.contains("${") {
                let message = format!("the label `{name}` holds `${{`, which is not replaced in labels");
                out.push(Diagnostic::error(codes::BAD_INTERPOLATION, entry.value.span, message));
                refused.push(name);
            }
            labels.push((name, Placed { value, span: entry.value.span }));
        } else {
            refused.push(name);
        }
    }
    labels
}

fn manage(node: &Node, index: &Index, out: &mut Diagnostics) -> Vec<Managed> {
    let Some(entries) = node.as_map() else {
        out.push(wrong("manage", node, "a map of sections").hint("For example `{secrets: {prune: true}}`."));
        return vec![];
    };
    let mut managed = vec![];
    for entry in entries {
        let name = entry.key.name.as_str();
        let Some(kind) = index.kind(name) else {
            let found = Diagnostic::error(codes::BAD_POLICY, entry.key.span, format!("there is no section `{name}`"));
            let known: Vec<&str> = index.kinds.iter().map(|kind| kind.info.name).collect();
            let found = if out.may_guess() { super::meant::section(found, name, &known) } else { found };
            out.push(found);
            continue;
        };
        let mut says = Managed {
            kind: kind.info,
            span: entry.value.span,
            on: true,
            prune: None,
            restart_later: None,
            rest_default: None,
        };
        match &entry.value.content {
            Content::Bool(on) => says.on = *on,
            Content::Map(members) => members.iter().for_each(|member| policy(&mut says, kind, member, out)),
            Content::Null { .. } | Content::Int(_) | Content::Float(_) | Content::Text { .. } | Content::List(_) => out
                .push(
                    Diagnostic::error(
                        codes::BAD_POLICY,
                        entry.value.span,
                        format!("`manage` of `{name}` cannot be read"),
                    )
                    .hint(choices(kind.info)),
                ),
        }
        managed.push(says);
    }
    managed
}

/// The values of `rest`, the suggested one first.
const REST: [&str; 2] = ["default", "unmanaged"];

fn policy(says: &mut Managed, kind: &KindIndex, member: &Entry, out: &mut Diagnostics) {
    let collection = matches!(kind.info.shape, Shape::Collection { .. });
    let restarts = kind.info.can_wait();
    match (member.key.name.as_str(), &member.value.content) {
        ("prune", Content::Bool(prune)) if collection => says.prune = Some(*prune),
        ("restart", Content::Text { text, .. }) if restarts && text == "later" => says.restart_later = Some(true),
        ("restart", Content::Text { text, .. }) if restarts && text == "now" => says.restart_later = Some(false),
        ("rest", Content::Text { text, .. }) if kind.info.has_untouched() && REST.contains(&text.as_str()) => {
            says.rest_default = Some(Placed { value: text == REST[0], span: member.value.span });
        }
        (name, _) => {
            let message = format!("`manage` of `{}` does not allow this `{name}`", kind.info.name);
            out.push(Diagnostic::error(codes::BAD_POLICY, member.key.span, message).hint(choices(kind.info)));
        }
    }
}

fn choices(info: &KindInfo) -> String {
    if matches!(info.shape, Shape::Collection { .. }) {
        return "A collection can have `false` (not managed) or `{prune: true}` (items that no manifest has are deleted).".to_owned();
    }
    let mut choices = vec!["`false` (not managed)"];
    if info.has_untouched() {
        choices.push("`{rest: default}` (fields that are not written are reset to the values of an untouched project)");
    }
    if info.can_wait() {
        choices.extend(["`{restart: later}`", "`{restart: now}`"]);
    }
    if choices.len() == 1 {
        choices.push("`true`");
    }
    let last = choices.pop().unwrap_or_default();
    format!("This section can have {} or {last}.", choices.join(", "))
}
