//! The settings of a tree, as values of manifests.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::options::Options;
use super::rows::{ELSEWHERE, LOCAL, ON, SENDERS, SWITCHED, named};
use super::values::{self, boolean};
use crate::diag::codes::import as codes;
use crate::diag::codes::secret::FORBIDDEN_VARIABLE;
use crate::diag::{Diagnostic, Diagnostics, Sources, Span};
use crate::import::draft::Left;
use crate::import::leaves::{Leaf, Leaves};
use crate::import::names::secret_name;
use crate::kind::{Kind, KindInfo, find};
use crate::kinds::aliases::{self, How, Meant};
use crate::schema::FieldPath;
use crate::secret::foreign::env_call;
use crate::secret::variables::is_forbidden;
use crate::yaml::{Content, Node};

/// A table's switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Switch {
    On,
    Off,
    Unwritten,
}

/// What all trees of a file share.
pub(super) struct Shared<'a> {
    pub(super) options: &'a Options<'a>,
    pub(super) sources: &'a Sources,
    pub(super) left: BTreeSet<Left>,
    /// Settings of the developer's machine, by their patterns.
    pub(super) local: BTreeSet<&'static str>,
    pub(super) out: Diagnostics,
}

impl Shared<'_> {
    /// The value of a variable that stands in a manifest; nothing after a finding.
    pub(super) fn variable(&mut self, name: &str, at: Span) -> Option<String> {
        let value = self.options.environment.get(name).filter(|value| !value.trim().is_empty());
        let found = match value {
            _ if is_forbidden(name) => {
                let message = format!("the variable `{name}` is a credential, and no manifest may hold it");
                Diagnostic::error(FORBIDDEN_VARIABLE, at, message)
            }
            Some(value) => return Some(value.clone()),
            None => {
                let message = format!("the variable `{name}` is not set, or is empty");
                Diagnostic::error(codes::VARIABLE_NOT_SET, at, message)
            }
        };
        self.out.push(found.private());
        None
    }
}

/// Reads the settings of one tree.
pub(super) struct Reader<'s, 'o, 'a> {
    pub(super) shared: &'s mut Shared<'o>,
    pub(super) tree: &'a Node,
    /// The profile or document that the values are for.
    pub(super) scope: &'a str,
    pub(super) leaves: Leaves,
    /// Paths that are dealt with, and all below them.
    taken: BTreeSet<Vec<&'a str>>,
}

/// The values of a tree.
pub(super) fn leaves(shared: &mut Shared<'_>, tree: &Node, scope: &str) -> Leaves {
    let mut reader = Reader { shared, tree, scope, leaves: Leaves::new(), taken: BTreeSet::new() };
    reader.groups();
    reader.switched();
    reader.senders();
    let mut all = vec![];
    each(tree, &mut vec![], &mut all);
    for (path, node) in all {
        if !reader.is_taken(&path) {
            reader.setting(&path, node);
        }
    }
    reader.leaves
}

/// Every value that is no table, with its path.
fn each<'a>(node: &'a Node, path: &mut Vec<&'a str>, all: &mut Vec<(Vec<&'a str>, &'a Node)>) {
    let Some(entries) = node.as_map() else { return all.push((path.clone(), node)) };
    for entry in entries {
        path.push(&entry.key.name);
        each(&entry.value, path, all);
        path.pop();
    }
}

impl<'a> Reader<'_, '_, 'a> {
    pub(super) fn get(&self, path: &str) -> Option<&'a Node> {
        path.split('.').try_fold(self.tree, |node, name| node.get(name))
    }

    pub(super) fn take(&mut self, path: &[&'a str]) {
        self.taken.insert(path.to_vec());
    }

    fn is_taken(&self, path: &[&str]) -> bool {
        (1..=path.len()).any(|end| path.get(..end).is_some_and(|start| self.taken.contains(start)))
    }

    /// The name and place of a setting, for people.
    pub(super) fn at(&self, path: &[&str], span: Span) -> String {
        let place = self.shared.sources.position(span);
        format!("{} ({}:{})", path.join("."), self.shared.options.path, place.line)
    }

    pub(super) fn leave(&mut self, path: &[&str], span: Span, why: impl Into<String>) {
        let at = self.at(path, span);
        self.shared.left.insert(Left { at, why: why.into() });
    }

    /// A node with the values of variables for its calls of `env()`; `None` after a finding.
    pub(super) fn resolved(&mut self, node: &Node) -> Option<Node> {
        let content = match &node.content {
            Content::Text { text, style } => {
                let Some(name) = env_call(text) else { return Some(node.clone()) };
                Content::Text { text: self.shared.variable(name, node.span)?, style: *style }
            }
            Content::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.resolved(item)).collect();
                Content::List(items.into_iter().collect::<Option<_>>()?)
            }
            other @ (Content::Null { .. }
            | Content::Bool(_)
            | Content::Int(_)
            | Content::Float(_)
            | Content::Map(_)) => other.clone(),
        };
        Some(Node { span: node.span, content })
    }

    /// The switch of a table.
    pub(super) fn switch(&mut self, table: &'a Node) -> Switch {
        let Some(node) = table.get("enabled") else { return Switch::Unwritten };
        match self.resolved(node).as_ref().and_then(boolean) {
            Some(true) => Switch::On,
            Some(false) => Switch::Off,
            None => Switch::Unwritten,
        }
    }

    /// Sets a value by the name of a field or item of ours.
    pub(super) fn put(&mut self, kind: &'static str, name: &str, value: Value, path: &[&str], span: Span) {
        let leaf = Leaf { value, text: None, at: self.at(path, span) };
        self.leaves.insert((kind, name.to_owned()), leaf);
    }

    pub(super) fn info(&self, kind: &str) -> Option<&'static KindInfo> {
        find(self.shared.options.registry, kind).map(Kind::info)
    }

    /// Tables of which a switch decides whether anything else of them is sent.
    fn switched(&mut self) {
        let mut tables = vec![];
        for pattern in SWITCHED {
            let (above, one) = match pattern.strip_suffix(".*") {
                Some(above) => (above, None),
                None => (*pattern, Some(*pattern)),
            };
            let Some(node) = self.get(above) else { continue };
            match one {
                Some(path) => tables.push((path.split('.').collect::<Vec<&str>>(), node)),
                None => tables.extend(
                    node.as_map()
                        .into_iter()
                        .flatten()
                        .map(|entry| (above.split('.').chain([entry.key.name.as_str()]).collect(), &entry.value)),
                ),
            }
        }
        for (path, table) in tables {
            if !self.is_taken(&path) {
                self.table(&path, table);
            }
        }
    }

    fn table(&mut self, path: &[&'a str], table: &'a Node) {
        let relay = path == ["auth", "email", "smtp"];
        match self.switch(table) {
            Switch::Unwritten if table.get("enabled").is_some() => self.take(path),
            Switch::On if relay => self.take(&[path, &["enabled"]].concat()),
            Switch::On => {}
            Switch::Unwritten if ON.iter().any(|pattern| named(pattern, path).is_some()) => {}
            Switch::Unwritten => {
                self.leave(path, table.span, "`enabled` is not written, so `config push` sends nothing of it");
                self.take(path);
            }
            Switch::Off => {
                let at = [path, &["enabled"]].concat();
                if let Some(node) = table.get("enabled") {
                    if relay {
                        self.put("auth", "smtp_host", Value::Null, &at, node.span);
                    } else {
                        self.setting(&at, node);
                    }
                }
                self.take(path);
            }
        }
    }

    /// The one service that sends SMS.
    fn senders(&mut self) {
        let mut on = vec![];
        for name in SENDERS {
            let Some(table) = self.get(&format!("auth.sms.{name}")) else { continue };
            if self.switch(table) == Switch::On {
                on.push((*name, table));
                self.take(&["auth", "sms", name, "enabled"]);
            } else {
                self.take(&["auth", "sms", name]);
            }
        }
        match on.as_slice() {
            [] => {}
            [(name, table)] => {
                self.put("auth", "sms_provider", (*name).into(), &["auth", "sms", name, "enabled"], table.span);
            }
            several => {
                for (name, table) in several {
                    self.leave(&["auth", "sms", name], table.span, "several services are switched on, and one can be");
                    self.take(&["auth", "sms", name]);
                }
            }
        }
    }

    /// Any other setting.
    fn setting(&mut self, path: &[&'a str], node: &'a Node) {
        if let Some((info, field, how)) = self.meant(path) {
            return self.field(info, &field, path, node, how);
        }
        if let Some((pattern, why)) = ELSEWHERE.iter().find(|(pattern, _)| named(pattern, path).is_some()) {
            // An address that is empty is none.
            if node.as_text() != Some("") {
                let start = named(pattern, path).unwrap_or(path);
                let span = self.get(&start.join(".")).map_or(node.span, |node| node.span);
                self.leave(start, span, *why);
            }
        } else if let Some(pattern) = LOCAL.iter().find(|pattern| named(pattern, path).is_some()) {
            self.shared.local.insert(pattern);
        } else {
            self.leave(path, node.span, "no setting of this name is known");
        }
    }

    /// The field of ours that a path stands for.
    fn meant(&self, path: &[&str]) -> Option<(&'static KindInfo, FieldPath, How)> {
        let ([kind @ ("auth" | "api" | "storage"), name @ ..] | [kind @ "db", "settings", name @ ..]) = path else {
            return None;
        };
        let info = self.info(aliases::section(kind).unwrap_or(kind))?;
        match aliases::field(info, &name.join("."))? {
            Meant::Field(ours, how @ (How::Same | How::Turned)) => Some((info, info.find(&ours)?, how)),
            Meant::Field(_, How::Told(_)) | Meant::Nothing(_) => None,
        }
    }

    pub(super) fn field(&mut self, info: &'static KindInfo, field: &FieldPath, path: &[&str], node: &Node, how: How) {
        if field.row().is_secret() {
            if let Some(value) = self.secret(field.name(), path, node) {
                self.put(info.name, field.name(), value, path, node.span);
            }
            return;
        }
        let Some(resolved) = self.resolved(node) else { return };
        match values::value(field.row(), &resolved, how) {
            Ok(value) => self.put(info.name, field.name(), value, path, node.span),
            Err(why) => self.leave(path, node.span, why),
        }
    }

    /// The reference to a secret; `None` where none is written.
    pub(super) fn secret(&mut self, name: &str, path: &[&str], node: &Node) -> Option<Value> {
        let text = node.as_text();
        if text == Some("") {
            return None;
        }
        if let Some(variable) = text.and_then(env_call).filter(|variable| !is_forbidden(variable)) {
            return Some(json!({"env": variable}));
        }
        let name = secret_name(name);
        let why = match text {
            Some(text) if text.starts_with("encrypted:") => "is encrypted",
            Some(text) if text.starts_with("env(") => "comes from a variable that no manifest may read",
            _ => "is a secret",
        };
        self.leave(path, node.span, format!("the value {why} and was not copied: give it as the secret `{name}`"));
        Some(json!({"secret": name}))
    }
}
