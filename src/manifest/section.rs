//! The sections of a document: their fields and items looked up, markers told from values. Nothing is merged or checked
//! yet.

use std::collections::BTreeMap;

use super::index::{Index, KindIndex, Row};
use super::meant;
use super::names::is_pattern;
use super::secrecy::may_hold_secret;
use crate::diag::{Diagnostic, Diagnostics, Span, codes::manifest as codes};
use crate::kind::{KindInfo, Shape};
use crate::schema::check::nothing;
use crate::schema::{Field, Type};
use crate::yaml::{Content, Entry, Key, Node};

/// A section as written in one document.
#[derive(Debug)]
pub(super) struct RawSection<'n> {
    pub(super) kind: &'static KindInfo,
    pub(super) key: Span,
    /// Whether no part of it was refused.
    pub(super) whole: bool,
    pub(super) body: RawBody<'n>,
}

#[derive(Debug)]
pub(super) enum RawBody<'n> {
    Settings(Raw<'n>),
    Items(Vec<(&'n Key, RawItem<'n>)>),
}

/// An item as written.
#[derive(Debug)]
pub(super) enum RawItem<'n> {
    Present(Raw<'n>, Span),
    Absent(Span),
    Unmanaged(Span),
}

/// Fields as written.
#[derive(Debug, Default)]
pub(super) struct Raw<'n> {
    pub(super) fields: Vec<RawField<'n>>,
    pub(super) extra: Vec<&'n Entry>,
    pub(super) extra_secrets: Vec<&'n Entry>,
}

/// A field as written.
#[derive(Debug)]
pub(super) struct RawField<'n> {
    pub(super) row: Row,
    pub(super) says: Written<'n>,
}

/// What a document sets a field to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Written<'n> {
    /// This value.
    Value(&'n Node),
    /// `{unmanaged: true}`.
    Unmanaged,
    /// `{append: […], remove: […]}`.
    Edit { append: &'n [Node], remove: &'n [Node], span: Span },
}

/// Reads a section; `None` where it is not a map.
pub(super) fn read<'n>(
    kind: &KindIndex,
    entry: &'n Entry,
    index: &Index,
    out: &mut Diagnostics,
) -> Option<RawSection<'n>> {
    let Some(entries) = entry.value.as_map() else {
        let message = format!("`{}` is a section, so it must be a map, not {}", entry.key.name, entry.value.what());
        let found = Diagnostic::error(codes::BAD_SECTION, entry.value.span, message);
        let collection = matches!(kind.info.shape, Shape::Collection { .. });
        out.push(found.hint(format!(
            "Write its {} below it, or remove it; an empty section is written `{{}}`.",
            if collection { "items" } else { "fields" }
        )));
        return None;
    };
    let before = out.len();
    let body = match kind.info.shape {
        Shape::Settings { .. } => RawBody::Settings(fields(kind, entries, index, out)),
        Shape::Collection { scalar, bad_name, .. } => {
            let mut items = vec![];
            // A pattern is no item: it is read with the document.
            for entry in entries.iter().filter(|entry| !(kind.info.patterns && is_pattern(&entry.key.name))) {
                if let Some(why) = bad_name(&entry.key.name) {
                    out.push(Diagnostic::error(codes::BAD_ITEM_NAME, entry.key.span, why));
                } else if let Some(item) = item(kind, scalar, entry, index, out) {
                    items.push((&entry.key, item));
                }
            }
            RawBody::Items(items)
        }
    };
    Some(RawSection { kind: kind.info, key: entry.key.span, whole: out.len() == before, body })
}

fn item<'n>(
    kind: &KindIndex,
    scalar: Option<&'static str>,
    entry: &'n Entry,
    index: &Index,
    out: &mut Diagnostics,
) -> Option<RawItem<'n>> {
    let node = &entry.value;
    match &node.content {
        Content::Null { written: true } => return Some(RawItem::Absent(node.span)),
        Content::Null { written: false } => {
            out.push(nothing(&entry.key.name, node.span, false));
            return None;
        }

        Content::Bool(_)
        | Content::Int(_)
        | Content::Float(_)
        | Content::Text { .. }
        | Content::List(_)
        | Content::Map(_) => {}
    }
    if let Some(marker) = marker(node, "unmanaged") {
        return is_true(marker, out).then_some(RawItem::Unmanaged(node.span));
    }
    if let Some(company) = company(node) {
        out.push(company);
        return None;
    }
    let short = scalar.filter(|name| node.get(name).is_none()).and_then(|name| kind.row(name));
    if let Some(row) = short {
        let raw = Raw { fields: vec![RawField { row, says: Written::Value(node) }], ..Raw::default() };
        return Some(RawItem::Present(raw, node.span));
    }
    let Some(entries) = node.as_map() else {
        let message = format!("`{}` must be a map of fields, not {}", entry.key.name, node.what());
        out.push(Diagnostic::error(codes::BAD_SECTION, node.span, message));
        return None;
    };
    Some(RawItem::Present(fields(kind, entries, index, out), node.span))
}

fn fields<'n>(kind: &KindIndex, entries: &'n [Entry], index: &Index, out: &mut Diagnostics) -> Raw<'n> {
    let mut raw = Raw { fields: Vec::with_capacity(entries.len()), ..Raw::default() };
    for entry in entries {
        let name = entry.key.name.as_str();
        if let Some(row) = kind.row(name) {
            raw.fields.extend(says(row.field, &entry.value, out).map(|says| RawField { row, says }));
        } else if name == "extra" || name == "extra_secrets" {
            let Some(members) = entry.value.as_map() else {
                let message = format!("`{name}` must be a map, not {}", entry.value.what());
                out.push(Diagnostic::error(codes::BAD_SECTION, entry.value.span, message).private());
                continue;
            };
            let into = if name == "extra" { &mut raw.extra } else { &mut raw.extra_secrets };
            for member in members {
                if kind.row(&member.key.name).is_some() {
                    let message = format!("`{}` is a known field", member.key.name);
                    let hint = format!("Write it in `{}` itself, where it is checked.", kind.info.name);
                    out.push(Diagnostic::error(codes::EXTRA_KNOWN, member.key.span, message).hint(hint).private());
                } else {
                    into.push(member);
                }
            }
        } else {
            let guess = out.may_guess();
            out.push(unknown_field(kind, entry, index, guess));
        }
    }
    let plain: BTreeMap<&str, &Entry> = raw.extra.iter().map(|entry| (entry.key.name.as_str(), *entry)).collect();
    for entry in &raw.extra_secrets {
        if let Some(other) = plain.get(entry.key.name.as_str()) {
            let message = format!("`{}` is under `extra` and under `extra_secrets`", entry.key.name);
            let found = Diagnostic::error(codes::EXTRA_KNOWN, entry.key.span, message);
            out.push(found.label(other.key.span, "the other is here").private());
        }
    }
    raw
}

/// Tells a marker from a value.
pub(super) fn says<'n>(field: &Field, node: &'n Node, out: &mut Diagnostics) -> Option<Written<'n>> {
    if let Some(marker) = marker(node, "unmanaged") {
        return is_true(marker, out).then_some(Written::Unmanaged);
    }
    // In a free map the words of markers are data.
    if !matches!(field.ty, Type::Map(_) | Type::Any)
        && let Some(company) = company(node)
    {
        out.push(company);
        return None;
    }
    let Some(entries) = node.as_map() else { return Some(Written::Value(node)) };
    let edits = |entry: &Entry| entry.key.name == "append" || entry.key.name == "remove";
    if !matches!(field.ty, Type::List(..)) || !entries.iter().any(edits) {
        return Some(Written::Value(node));
    }
    if let Some(other) = entries.iter().find(|entry| !edits(entry)) {
        let message = format!("`{}` beside `append` or `remove`", other.key.name);
        out.push(
            Diagnostic::error(codes::BAD_MARKER, other.key.span, message)
                .hint("A list is either written whole, or edited with `append` and `remove`."),
        );
        return None;
    }
    let mut lists: [&'n [Node]; 2] = [&[], &[]];
    for entry in entries {
        let Some(items) = entry.value.as_list() else {
            let message = format!("`{}` must be a list, not {}", entry.key.name, entry.value.what());
            out.push(Diagnostic::error(codes::BAD_MARKER, entry.value.span, message));
            return None;
        };
        lists[usize::from(entry.key.name == "remove")] = items;
    }
    let [append, remove] = lists;
    Some(Written::Edit { append, remove, span: node.span })
}

/// The value of a marker that is the only key of its map.
fn marker<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    match node.as_map()? {
        [only] if only.key.name == name => Some(&only.value),
        _ => None,
    }
}

/// The finding for keys beside an `unmanaged` that must be alone.
fn company(node: &Node) -> Option<Diagnostic> {
    let entries = node.as_map().filter(|entries| entries.iter().any(|entry| entry.key.name == "unmanaged"))?;
    let other = entries.iter().find(|entry| entry.key.name != "unmanaged")?;
    let message = format!("`{}` beside `unmanaged`", other.key.name);
    let found = Diagnostic::error(codes::BAD_MARKER, other.key.span, message);
    // The other key may hold a secret.
    Some(found.hint("Write the value, or `{unmanaged: true}` alone to stop managing the field.").private())
}

fn is_true(node: &Node, out: &mut Diagnostics) -> bool {
    let fine = node.content == Content::Bool(true);
    if !fine {
        let found = Diagnostic::error(codes::BAD_MARKER, node.span, "`unmanaged` can only be `true`")
            .hint("To manage the field, write its value.");
        // The value may be a secret.
        out.push(if matches!(node.content, Content::Bool(_)) { found } else { found.private() });
    }
    fine
}

/// The finding for a key that is no field of the section; says where it belongs, if that is known.
fn unknown_field(kind: &KindIndex, entry: &Entry, index: &Index, guess: bool) -> Diagnostic {
    let (name, section) = (entry.key.name.as_str(), kind.info.name);
    let mut found =
        Diagnostic::error(codes::UNKNOWN_FIELD, entry.key.span, format!("`{section}` has no field `{name}`"));
    let others = index.kinds_with(name);
    if let [only, ..] = others.as_slice() {
        found = found.hint(format!("`{name}` is a field of `{}`.", only.info.name));
    } else if index.kind(name).is_some() {
        found = found.hint("It is a section of its own: write it without indentation, beside the other sections.");
    } else if super::role::Role::Project.keys().any(|key| key == name) {
        found = found.hint("It belongs to the document: write it without indentation, beside the sections.");
    } else if let Some(answered) = guess.then(|| meant::field(&found, kind, entry)).flatten() {
        found = answered;
    } else {
        let known = kind.info.all_fields().map(|field| field.name).chain(["extra", "extra_secrets"]);
        if guess {
            found = found.did_you_mean(name, known);
        }
        if found.hints.is_empty() {
            found = found.hint(format!("`supaform explain {section}` lists the fields."));
        }
    }
    if may_hold_secret(&entry.value, name, [kind], guess) { found.private() } else { found }
}
