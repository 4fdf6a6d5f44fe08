//! Merges the layers of a project, from weak to strong: by field; in collections by item, then by field.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::document::Document;
use super::envelope::Placed;
use super::section::{Raw, RawBody, RawItem, Written, says};
use crate::diag::{Diagnostic, Diagnostics, Span, codes::manifest as codes};
use crate::kind::KindInfo;
use crate::model::{Layer, Origin, Policy};
use crate::schema::{Field, members::members};
use crate::yaml::{Content, Entry, Node};

/// A document and its layer in a project.
#[derive(Debug, Clone)]
pub(super) struct Layered<'d, 'n> {
    pub(super) layer: Layer,
    pub(super) document: &'d Document<'n>,
}

/// A section after merging.
#[derive(Debug)]
pub(super) struct Merged<'n> {
    pub(super) kind: &'static KindInfo,
    pub(super) origin: Origin,
    pub(super) policy: Policy,
    /// Where `rest: default` is written.
    pub(super) rest: Option<Origin>,
    /// Whether no part of the section was refused so far.
    pub(super) whole: bool,
    pub(super) body: MergedBody<'n>,
}

#[derive(Debug)]
pub(super) enum MergedBody<'n> {
    Settings(MergedSettings<'n>),
    Items(BTreeMap<&'n str, MergedItem<'n>>),
}

#[derive(Debug)]
pub(super) enum MergedItem<'n> {
    Present(MergedSettings<'n>, Origin),
    Absent(Origin),
    Unmanaged(Origin),
}

/// Fields by their place in the table.
#[derive(Debug, Default)]
pub(super) struct MergedSettings<'n> {
    pub(super) fields: BTreeMap<usize, MergedField<'n>>,
    /// The fields that are `{unmanaged: true}`.
    pub(super) released: BTreeSet<&'static str>,
    pub(super) extra: BTreeMap<&'n str, (&'n Entry, Layer)>,
    pub(super) extra_secrets: BTreeMap<&'n str, (&'n Entry, Layer)>,
}

#[derive(Debug)]
pub(super) struct MergedField<'n> {
    pub(super) field: &'static Field,
    pub(super) node: Cow<'n, Node>,
    pub(super) layer: Layer,
    /// Of an object: where each member was written, by its name with dots.
    pub(super) members: BTreeMap<String, Origin>,
    /// Where weaker layers set the same, the weakest first.
    pub(super) over: Vec<Origin>,
}

/// Merges the sections of all layers, weakest first, and leaves out what is not managed.
pub(super) fn merge<'n>(layers: &[Layered<'_, 'n>], out: &mut Diagnostics) -> Vec<Merged<'n>> {
    let mut merged: Vec<Merged<'n>> = vec![];
    let mut doubtful = Diagnostics::new();
    for Layered { layer, document } in layers {
        for section in &document.sections {
            let found = merged.iter().position(|other| std::ptr::eq(other.kind, section.kind));
            let at = found.unwrap_or_else(|| {
                merged.push(Merged {
                    kind: section.kind,
                    origin: Origin { span: section.key, layer: layer.clone() },
                    policy: Policy::default(),
                    rest: None,
                    whole: true,
                    body: match section.body {
                        RawBody::Settings(_) => MergedBody::Settings(MergedSettings::default()),
                        RawBody::Items(_) => MergedBody::Items(BTreeMap::new()),
                    },
                });
                merged.len() - 1
            });
            // A part that was refused in a weaker layer may be the one that seems to be missing here.
            let out = if merged[at].whole { &mut *out } else { &mut doubtful };
            let before = out.len();
            match (&mut merged[at].body, &section.body) {
                (MergedBody::Settings(below), RawBody::Settings(raw)) => below.put(raw, layer, out),
                (MergedBody::Items(below), RawBody::Items(items)) => {
                    for (key, item) in items {
                        put_item(below, &key.name, item, layer, out);
                    }
                }
                // A kind is either settings or a collection, so both layers have the same.
                _ => {}
            }
            merged[at].whole &= section.whole && out.len() == before;
        }
    }
    manage(layers, &mut merged, out);
    merged
}

impl Merged<'_> {
    fn settings(&self) -> impl Iterator<Item = &MergedSettings<'_>> {
        let (own, items) = match &self.body {
            MergedBody::Settings(settings) => (Some(settings), None),
            MergedBody::Items(items) => (None, Some(items)),
        };
        let present = items.into_iter().flat_map(BTreeMap::values).filter_map(|item| match item {
            MergedItem::Present(settings, _) => Some(settings),
            MergedItem::Absent(_) | MergedItem::Unmanaged(_) => None,
        });
        own.into_iter().chain(present)
    }

    /// The places of all values, each with its layer.
    pub(super) fn places(&self) -> impl Iterator<Item = (&Layer, Span)> {
        self.settings().flat_map(|settings| {
            let fields = settings.fields.values().map(|field| (&field.layer, field.node.span));
            let extra = settings.extra.values().chain(settings.extra_secrets.values());
            fields.chain(extra.map(|(entry, layer)| (layer, entry.value.span)))
        })
    }

    /// Removes the values at these places.
    pub(super) fn forget(&mut self, places: &BTreeSet<Span>) {
        let forget = |settings: &mut MergedSettings<'_>| {
            settings.fields.retain(|_, field| !places.contains(&field.node.span));
            settings.extra.retain(|_, (entry, _)| !places.contains(&entry.value.span));
            settings.extra_secrets.retain(|_, (entry, _)| !places.contains(&entry.value.span));
        };
        match &mut self.body {
            MergedBody::Settings(settings) => forget(settings),
            MergedBody::Items(items) => items.values_mut().for_each(|item| {
                if let MergedItem::Present(settings, _) = item {
                    forget(settings);
                }
            }),
        }
    }
}

fn put_item<'n>(
    below: &mut BTreeMap<&'n str, MergedItem<'n>>,
    name: &'n str,
    item: &RawItem<'n>,
    layer: &Layer,
    out: &mut Diagnostics,
) {
    let origin = |span: Span| Origin { span, layer: layer.clone() };
    match item {
        RawItem::Absent(span) => {
            below.insert(name, MergedItem::Absent(origin(*span)));
        }
        RawItem::Unmanaged(span) => {
            below.insert(name, MergedItem::Unmanaged(origin(*span)));
        }
        RawItem::Present(raw, span) => {
            let mut settings = match below.remove(name) {
                Some(MergedItem::Present(settings, _)) => settings,
                _ => MergedSettings::default(),
            };
            settings.put(raw, layer, out);
            below.insert(name, MergedItem::Present(settings, origin(*span)));
        }
    }
}

impl<'n> MergedSettings<'n> {
    fn put(&mut self, raw: &Raw<'n>, layer: &Layer, out: &mut Diagnostics) {
        for written in &raw.fields {
            let at = written.row.position;
            let node = match written.says {
                Written::Value(node) => match members(written.row.field) {
                    Some(rows) if node.as_map().is_some() => {
                        let below = self.fields.get(&at).map(|field| field.node.as_ref());
                        Cow::Owned(by_member(rows, below, node, out))
                    }
                    _ => Cow::Borrowed(node),
                },
                Written::Unmanaged => {
                    self.fields.remove(&at);
                    self.released.insert(written.row.field.name);
                    continue;
                }
                Written::Edit { append, remove, span } => {
                    let below = self.fields.get(&at).map(|field| field.node.as_ref());
                    match edit(written.row.field.name, below, append, remove, span, out) {
                        Some(node) => Cow::Owned(node),
                        None => continue,
                    }
                }
            };
            let field = written.row.field;
            self.released.remove(field.name);
            let (mut places, mut over) = (BTreeMap::new(), vec![]);
            if let Some(weaker) = self.fields.remove(&at) {
                (places, over) = (weaker.members, weaker.over);
                over.push(Origin { span: weaker.node.span, layer: weaker.layer });
            }
            if let Written::Value(node) = written.says {
                place(field, field.name, node, layer, &mut places);
            }
            self.fields.insert(at, MergedField { field, node, layer: layer.clone(), members: places, over });
        }
        for entry in &raw.extra {
            self.extra.insert(&entry.key.name, (entry, layer.clone()));
        }
        for entry in &raw.extra_secrets {
            self.extra_secrets.insert(&entry.key.name, (entry, layer.clone()));
        }
    }
}

/// Where the members of an object are written.
fn place(row: &Field, name: &str, node: &Node, layer: &Layer, places: &mut BTreeMap<String, Origin>) {
    let (Some(rows), Content::Map(entries)) = (members(row), &node.content) else { return };
    for entry in entries {
        let Some(row) = rows.iter().find(|row| row.name == entry.key.name) else { continue };
        let name = format!("{name}.{}", row.name);
        place(row, &name, &entry.value, layer, places);
        places.insert(name, Origin { span: entry.value.span, layer: layer.clone() });
    }
}

/// An object merged over the inherited one: its members are fields of their own.
fn by_member(rows: &[Field], below: Option<&Node>, above: &Node, out: &mut Diagnostics) -> Node {
    let mut entries = below.and_then(Node::as_map).map(<[Entry]>::to_vec).unwrap_or_default();
    for entry in above.as_map().into_iter().flatten() {
        let name = entry.key.name.as_str();
        let at = entries.iter().position(|other| other.key.name == name);
        let inherited = at.map(|at| entries.remove(at).value);
        let row = rows.iter().find(|row| row.name == name);
        let value = match row.map(|row| (row, says(row, &entry.value, out))) {
            // An unknown member is reported where the value is checked.
            None => Some(entry.value.clone()),
            Some((row, Some(Written::Value(node)))) => Some(match members(row).filter(|_| node.as_map().is_some()) {
                Some(rows) => by_member(rows, inherited.as_ref(), node, out),
                None => node.clone(),
            }),
            Some((_, Some(Written::Edit { append, remove, span }))) => {
                edit(name, inherited.as_ref(), append, remove, span, out)
            }
            Some((_, Some(Written::Unmanaged) | None)) => None,
        };
        if let Some(value) = value {
            let at = at.unwrap_or(entries.len());
            entries.insert(at, Entry { value, ..entry.clone() });
        }
    }
    Node { span: above.span, content: Content::Map(entries) }
}

/// Edits an inherited list: removes first, then appends.
fn edit(
    name: &str,
    below: Option<&Node>,
    append: &[Node],
    remove: &[Node],
    span: Span,
    out: &mut Diagnostics,
) -> Option<Node> {
    let mut items: Vec<Node> = match below {
        Some(Node { content: Content::List(items), .. }) => items.clone(),
        // A variable that holds the list, or the one text of a field that allows a text or a list.
        Some(node @ Node { content: Content::Text { .. }, .. }) => vec![node.clone()],
        _ => {
            let message = format!("`{name}` has no inherited list to edit");
            out.push(
                Diagnostic::error(codes::NOTHING_INHERITED, span, message)
                    .hint("Write the whole list, or give one in a profile or in `common`."),
            );
            return None;
        }
    };
    for gone in remove {
        let before = items.len();
        items.retain(|item| !says_the_same(item, gone));
        if items.len() == before {
            let what = gone.as_text().map_or_else(|| gone.what().to_owned(), |text| format!("`{text}`"));
            let mut found =
                Diagnostic::error(codes::NOTHING_TO_REMOVE, gone.span, format!("`{name}` does not inherit {what}"));
            if let Some(text) = gone.as_text()
                && out.may_guess()
            {
                found = found.did_you_mean(text, items.iter().filter_map(Node::as_text));
            }
            out.push(if crate::secret::tokens::sniff(&what).is_some() { found.private() } else { found });
        }
    }
    items.extend_from_slice(append);
    Some(Node { span, content: Content::List(items) })
}

/// Whether two nodes have the same value, wherever and however they are written.
fn says_the_same(a: &Node, b: &Node) -> bool {
    match (&a.content, &b.content) {
        (Content::Text { text: a, .. }, Content::Text { text: b, .. }) => a == b,
        (Content::List(a), Content::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| says_the_same(a, b)),
        (Content::Map(a), Content::Map(b)) => {
            let same = |entry: &Entry| {
                b.iter().any(|other| entry.key.name == other.key.name && says_the_same(&entry.value, &other.value))
            };
            a.len() == b.len() && a.iter().all(same)
        }
        (a, b) => a == b,
    }
}

/// What `manage:` sets for each section, the strongest layer last.
fn manage<'n>(layers: &[Layered<'_, 'n>], merged: &mut Vec<Merged<'n>>, out: &mut Diagnostics) {
    // By kind: the merged policy, and the layer that last set whether the section is managed at all.
    let mut says: BTreeMap<&str, (bool, usize, Span, Policy)> = BTreeMap::new();
    let mut rests: BTreeMap<&str, Origin> = BTreeMap::new();
    for (depth, Layered { layer, document }) in layers.iter().enumerate() {
        for managed in &document.envelope.manage {
            let entry = says.entry(managed.kind.name).or_insert((true, depth, managed.span, Policy::default()));
            (entry.0, entry.1, entry.2) = (managed.on, depth, managed.span);
            entry.3.prune = managed.prune.unwrap_or(entry.3.prune);
            entry.3.restart_later = managed.restart_later.unwrap_or(entry.3.restart_later);
            if let Some(Placed { value, span }) = managed.rest_default {
                entry.3.rest_default = value;
                rests.insert(managed.kind.name, Origin { span, layer: layer.clone() });
            }
        }
    }
    for (name, (on, depth, span, policy)) in says {
        if on {
            match merged.iter_mut().find(|section| section.kind.name == name) {
                Some(section) => {
                    section.policy = policy;
                    section.rest = rests.remove(name).filter(|_| policy.rest_default);
                }
                None if policy.rest_default => {
                    let message = format!("`rest: default` for `{name}`, but there is no section `{name}`");
                    let hint = format!("Write `{name}: {{}}` to reset all of its fields.");
                    out.push(Diagnostic::error(codes::BAD_POLICY, span, message).hint(hint));
                }
                None if policy.prune => {
                    let message = format!("`prune: true` for `{name}`, but there is no section `{name}`");
                    let hint = format!("Write `{name}: {{}}` to delete all of its live items.");
                    out.push(Diagnostic::error(codes::BAD_POLICY, span, message).hint(hint));
                }
                None => {}
            }
            continue;
        }
        let above = layers.iter().skip(depth).flat_map(|layered| &layered.document.sections);
        if let Some(section) = above.into_iter().find(|section| section.kind.name == name) {
            let message = format!("`{name}` has settings here, but is not managed");
            out.push(
                Diagnostic::error(codes::NOT_MANAGED, section.key, message)
                    .label(span, "switched off here")
                    .hint(format!("Remove one of them, or write `manage: {{{name}: true}}`.")),
            );
        }
        merged.retain(|section| section.kind.name != name);
    }
}
