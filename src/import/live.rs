//! What a live project has, as the sections of a manifest.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::draft::{Draft, DraftProject, Left};
use super::names::{slug, text_name};
use crate::diff::{is_unset, same_value};
use crate::kind::{Kind, KindInfo, Shape, Writes};
use crate::manifest::listing::{is_yaml, never_shown};
use crate::manifest::spell::spell;
use crate::model::LiveKind;
use crate::schema::{Field, Type, Wire, members, wire};

/// The longest text of one line that stands in the manifest itself, in characters.
const INLINE: usize = 100;

/// A live project, and how it is to be written.
pub struct Source<'a> {
    /// The name of its document.
    pub document: &'a str,
    /// The file of the document, by its path from the root.
    pub file: &'a str,
    /// Whether fields are written that are as on an untouched project.
    pub all_fields: bool,
    /// What the plan of its organization does not include: a switch of it is off on an untouched project.
    pub lacks: &'a BTreeSet<String>,
    /// The text of a file of the workspace, where there is one.
    pub there: &'a dyn Fn(&str) -> Option<String>,
}

/// What became of the fields of a section.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Fields that are as on an untouched project.
    pub default: usize,
    /// Live keys that Supaform does not know, with what they have.
    pub unknown: Vec<(String, Value)>,
}

/// Adds a live section to the draft of its project.
pub fn add(
    draft: &mut Draft,
    project: &mut DraftProject,
    source: &Source<'_>,
    kind: &dyn Kind,
    live: &LiveKind,
) -> Counts {
    let info = kind.info();
    let mut writer = Writer { draft, source, counts: Counts::default(), folder: String::new() };
    let fields = match live {
        LiveKind::Settings(live) => {
            writer.counts.unknown = unknown(info, live);
            project
                .unknown
                .extend(writer.counts.unknown.iter().map(|(name, value)| (info.name, name.clone(), value.clone())));
            writer.fields(info, live, kind.not_imported(live), None)
        }
        LiveKind::Items(items) if matches!(info.shape, Shape::Settings { .. }) => writer.files(kind, items),
        LiveKind::Items(items) => writer.items(kind, items),
        LiveKind::NotYet => Map::new(),
    };
    let counts = writer.counts;
    if !fields.is_empty() {
        project.sections.insert(info.name.to_owned(), fields);
    }
    counts
}

/// The live keys that neither the table nor the kind knows, those of its objects among them.
fn unknown(info: &KindInfo, live: &Map<String, Value>) -> Vec<(String, Value)> {
    let known = |name: &str| {
        let takes = |row: &Field| match row.wire {
            Wire::Switch { list, .. } => list == name,
            Wire::Folded(more) => more == name,
            Wire::Plain | Wire::Joined(_) | Wire::Pairs | Wire::NumberAsText | Wire::Moment => false,
        };
        info.own_members.contains(&name)
            || info.read_only.contains(&name)
            || info.all_fields().any(|row| row.name == name || takes(row))
    };
    let mut found: Vec<_> = live.iter().filter(|(name, _)| !known(name)).map(owned).collect();
    for row in info.all_fields() {
        if let (Some(rows), Some(Value::Object(inner))) = (members::members(row), live.get(row.name)) {
            within(row.name, rows, inner, &mut found);
        }
    }
    found
}

/// The members of an object that its rows do not name.
fn within(path: &str, rows: &[Field], live: &Map<String, Value>, found: &mut Vec<(String, Value)>) {
    for (name, value) in live {
        let path = format!("{path}.{name}");
        match rows.iter().find(|row| row.name == name) {
            None => found.push((path, value.clone())),
            Some(row) => {
                if let (Some(rows), Value::Object(inner)) = (members::members(row), value) {
                    within(&path, rows, inner, found);
                }
            }
        }
    }
}

fn owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

struct Writer<'a> {
    draft: &'a mut Draft,
    source: &'a Source<'a>,
    counts: Counts,
    /// The folder of the texts of an item.
    folder: String,
}

impl Writer<'_> {
    /// The fields of a document or item that are not as on an untouched project.
    fn fields(
        &mut self,
        info: &'static KindInfo,
        live: &Map<String, Value>,
        left_out: &[&str],
        item: Option<&str>,
    ) -> Map<String, Value> {
        let mut fields = Map::new();
        for row in info.all_fields().filter(|row| !row.identity && !row.local && !left_out.contains(&row.name)) {
            let Some(seen) = live.get(row.name) else { continue };
            if let Some(value) = self.value(info, row, seen, item) {
                fields.insert(row.name.to_owned(), value);
            }
        }
        fields
    }

    /// The value of a field, as a manifest has it; `None` where it is left out.
    fn value(&mut self, info: &KindInfo, row: &'static Field, seen: &Value, item: Option<&str>) -> Option<Value> {
        if row.is_secret() {
            let is_set = !matches!(seen, Value::Null) && seen.as_str() != Some("");
            self.counts.default += usize::from(!is_set);
            return is_set.then(|| json!({"secret": variable(row, item)}));
        }
        if let (Some(rows), Value::Object(inner)) = (members::members(row), seen) {
            let inner: Map<String, Value> = rows
                .iter()
                .filter_map(|row| Some((row.name.to_owned(), self.value(info, row, inner.get(row.name)?, item)?)))
                .collect();
            return (!inner.is_empty()).then_some(inner.into());
        }
        if !self.is_worth_writing(info, row, seen, item) {
            self.counts.default += 1;
            return None;
        }
        if seen.is_null() {
            return Some(Value::Null);
        }
        let people = wire::from_wire(row, seen);
        match (&people, &row.ty) {
            (Value::String(text), Type::Text(rule))
                if rule.long && (text.contains('\n') || text.chars().count() > INLINE) =>
            {
                Some(json!({"file": self.text(info, row, text, item)}))
            }
            _ => Some(spell(row, &people, true)),
        }
    }

    /// Whether the value says something that an untouched project does not, and a manifest can say it.
    fn is_worth_writing(&self, info: &KindInfo, row: &Field, seen: &Value, item: Option<&str>) -> bool {
        // Of an overlay, live shows only what somebody has set.
        let is_set = matches!(info.shape, Shape::Settings { write: Writes::Overlay, .. });
        let is_empty = match seen {
            Value::Null => true,
            // Of a document, an empty list may mean as much as any other.
            Value::Array(items) => items.is_empty() && item.is_some(),
            Value::Object(members) => members.is_empty(),
            Value::Bool(on) => !on && !is_set,
            Value::Number(_) | Value::String(_) => false,
        };
        let untouched = members::untouched(row).filter(|_| item.is_none() || row.default.is_some());
        let is_untouched = match &untouched {
            Some(Value::Null) => is_unset(row, seen),
            Some(value) => same_value(row, value, seen),
            // Nobody knows what an untouched project has; an empty value says nothing.
            None => is_empty,
        };
        if seen.is_null() {
            // Written, null clears the field: that must be what live has, and not what it has anyway.
            let means_default =
                untouched.is_none_or(|value| value.is_null() || is_unset(row, &wire::to_wire(row, &value)));
            return row.nullable() && is_unset(row, seen) && !means_default;
        }
        // Nobody has switched off what the plan does not include.
        let is_out = *seen == Value::Bool(false) && row.entitlement.is_some_and(|key| self.source.lacks.contains(key));
        self.source.all_fields || !(is_untouched || is_out)
    }

    /// Puts a long text into a file of its own: how the manifest names the file.
    fn text(&mut self, info: &KindInfo, row: &Field, text: &str, item: Option<&str>) -> String {
        let text = wire::lines(text);
        let start = text.trim_start();
        let ending = match (start.starts_with("<?xml"), start.starts_with('<'), row.name.ends_with("_xml")) {
            (true, ..) | (_, _, true) => "xml",
            (_, true, _) => "html",
            _ => "txt",
        };
        let folder = if row.name.starts_with("mailer_templates_") { "templates" } else { info.name };
        let name = match item {
            Some(_) => format!("{}.{ending}", self.folder),
            None => format!("{}.{ending}", text_name(row.name)),
        };
        let path = format!("{folder}/{}/{name}", self.source.document);
        let up = "../".repeat(self.source.file.matches('/').count());
        self.draft.texts.insert(path.clone(), text);
        up + &path
    }

    /// Items that are files of a folder: all of them, or none, because the folder says what the whole is.
    fn files(&mut self, kind: &dyn Kind, live: &BTreeMap<String, Map<String, Value>>) -> Map<String, Value> {
        let info = kind.info();
        let folder = format!("{}/{}", info.name, self.source.document);
        let (mut files, mut left) = (vec![], vec![]);
        for (name, item) in live {
            match kind.file_of(name, item) {
                Ok((file, text)) => files.push((format!("{folder}/{file}"), text)),
                Err(why) => left.push(Left { at: format!("{}/{}/{name}", self.source.document, info.name), why }),
            }
        }
        if !left.is_empty() || files.is_empty() {
            self.draft.left.extend(left);
            return Map::new();
        }
        self.draft.texts.extend(files);
        let up = "../".repeat(self.source.file.matches('/').count());
        Map::from_iter([("path".to_owned(), format!("{up}{folder}").into())])
    }

    fn items(&mut self, kind: &dyn Kind, live: &BTreeMap<String, Map<String, Value>>) -> Map<String, Value> {
        let info = kind.info();
        let unclear = unclear(kind, live);
        let mut items = Map::new();
        // The ids of two projects with the same items are in no order.
        let mut sorted: Vec<_> = live.iter().filter(|(_, item)| !kind.is_apart(item)).collect();
        sorted.sort_by_cached_key(|(key, item)| match kind.name_of(item) {
            Some(name) => (name, said(info, item)),
            None => ((*key).clone(), String::new()),
        });
        for (key, item) in sorted {
            let name = named(kind, key, item, &items);
            let at = format!("{}/{}/{name}", self.source.document, info.name);
            if unclear.contains(key.as_str()) && info.field("id").is_none() {
                let why = format!(
                    "another live item has the same address, so that a manifest cannot tell them apart (id {key})"
                );
                self.draft.left.push(Left { at, why });
                continue;
            }
            if let Shape::Collection { bad_name, .. } = info.shape
                && let Some(why) = bad_name(&name)
            {
                self.draft.left.push(Left { at, why });
                continue;
            }
            let mut places = vec![];
            match kind.sources_of(&name, item) {
                Ok(sources) => {
                    if let Some(why) = self.sources(&at, sources.texts) {
                        self.draft.left.push(Left { at, why });
                        continue;
                    }
                    places = sources.fields;
                }
                Err(why) => self.draft.left.push(Left { at, why }),
            }
            self.folder.clone_from(&name);
            let mut fields =
                self.fields(info, item, kind.not_imported(item), info.scalar().map(|_| name.as_str()).or(Some("")));
            fields.extend(places.into_iter().map(|(field, path)| (field.to_owned(), path.replace("${", "$${").into())));
            if unclear.contains(key.as_str()) {
                fields.insert("id".to_owned(), key.as_str().into());
            }
            let value = match info.scalar().and_then(|field| fields.swap_remove(field)) {
                Some(value) => value,
                // The API does not say that its value is set, so no reference could be held against it.
                None if info.scalar().is_some() => json!({"unmanaged": true}),
                None => fields.into(),
            };
            items.insert(name, value);
        }
        items
    }
}

impl Writer<'_> {
    /// Takes the sources of an item into the draft; why that cannot be done, where one must not be written or another text has
    /// its place.
    fn sources(&mut self, at: &str, sources: Vec<(String, String)>) -> Option<String> {
        for (path, text) in &sources {
            let there = self.draft.texts.get(path).cloned().or_else(|| (self.source.there)(path));
            match there {
                Some(there) if there == *text => {}
                Some(_) => return Some(format!("`{path}` is there already with another text")),
                None => {
                    if let Some(why) = never_written(path) {
                        return Some(format!("one of its files is not written: {why}"));
                    }
                }
            }
        }
        for (path, text) in sources {
            if (self.source.there)(&path).is_none() {
                self.draft.found.entry(path.clone()).or_default().insert(at.to_owned());
                self.draft.texts.insert(path, text);
            }
        }
        None
    }
}

/// The folder of the sources that an import writes. What somebody deploys must not be able to name a workflow of the CI
/// system, or a file that programs run.
const SOURCES: &str = "supabase/functions/";

/// Why a file that somebody else has named is not written.
fn never_written(path: &str) -> Option<String> {
    let shown = path.escape_debug();
    let is_path = path.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    if !is_path || path.contains('\\') || path.contains(|c: char| c.is_control()) {
        return Some(format!("`{shown}` is no path"));
    }
    if !path.starts_with(SOURCES) {
        return Some(format!("`{shown}` is outside of `{SOURCES}`"));
    }
    if let Some(why) = never_shown(path) {
        return Some(format!("`{shown}` is {why}"));
    }
    is_yaml(path).then(|| format!("`{shown}` would be read as a manifest"))
}

/// What a live item says but for its id, to tell apart items of one name.
fn said(info: &KindInfo, item: &Map<String, Value>) -> String {
    let rows = info.all_fields().filter(|row| !row.identity);
    rows.filter_map(|row| item.get(row.name)).map(Value::to_string).collect::<Vec<_>>().join(",")
}

/// The name of a live item in the manifest.
fn named(kind: &dyn Kind, key: &str, item: &Map<String, Value>, taken: &Map<String, Value>) -> String {
    let Some(known) = kind.name_of(item) else { return key.to_owned() };
    let host = known.split_once("://").map_or(known.as_str(), |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let name = slug(host.strip_prefix("www.").unwrap_or(host));
    let name = if name.is_empty() { key.to_owned() } else { name };
    let free = |name: &String| !taken.contains_key(name);
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.clone()).chain(numbered).find(free).unwrap_or(name)
}

/// The live items that share what the API's ids stand for with another one.
fn unclear<'l>(kind: &dyn Kind, live: &'l BTreeMap<String, Map<String, Value>>) -> BTreeSet<&'l str> {
    let mut found = BTreeSet::new();
    for way in kind.match_by() {
        let mut owners: BTreeMap<String, &str> = BTreeMap::new();
        for (id, item) in live {
            for key in (way.live)(item) {
                if let Some(other) = owners.insert(key, id)
                    && other != id
                {
                    found.extend([other, id.as_str()]);
                }
            }
        }
    }
    found
}

/// The name under which a secret is looked up: that of its field in capitals, or that of the item whose one value it is.
fn variable(row: &Field, item: Option<&str>) -> String {
    match item {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => row.name.to_ascii_uppercase(),
    }
}
