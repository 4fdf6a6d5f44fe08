//! What several projects of a draft have alike, as profiles; what they differ in stays with them.
//!
//! Nothing of a project changes by it: a profile gives what the project had, word by word. Deterministic: the same projects, in
//! the same order, give the same profiles.

mod groups;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use words::{Variable, abstracted, variables};

use super::draft::{Draft, DraftProject, Sections};
use crate::files;
use crate::kind::{Registry, Shape, find, infos};

/// The most values of a project that shares a file with others.
const FEW: usize = 12;
/// The most profiles of groups.
const MOST_GROUPS: usize = 8;
/// The longest text in which words are looked for, in bytes; in longer ones, words that were found in others take their place.
const LONGEST: usize = 2000;

/// How to factor.
#[derive(Debug, Clone)]
pub struct Factoring {
    /// The name of the profile of all projects.
    pub profile: String,
    /// The label whose values make the groups of projects that get profiles, too; without one, those that have most alike do.
    pub by: Option<String>,
    /// Whether small projects of one profile come into one file.
    pub gathers: bool,
}

/// A profile that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// Its name.
    pub profile: String,
    /// How many settings and items it has.
    pub values: usize,
    /// How many projects extend it.
    pub projects: usize,
    /// The variables that they give.
    pub variables: Vec<String>,
    /// What is otherwise in some of them: addresses.
    pub apart: Vec<String>,
}

/// A field or an item: its section and its name.
type Key = (String, String);

/// The value of a field in a project; the text of the file that it names, if it names one.
#[derive(Debug, Clone, PartialEq)]
struct Cell {
    value: Value,
    text: Option<(String, String)>,
}

/// What a group of projects has alike.
struct Alike {
    values: BTreeMap<Key, Cell>,
    /// Fields of which some have another value, and who.
    apart: Vec<(Key, Vec<usize>)>,
}

struct Factor<'a> {
    draft: &'a mut Draft,
    registry: Registry,
    /// The projects, by their index in the draft.
    members: Vec<usize>,
    /// Their values.
    cells: Vec<BTreeMap<Key, Cell>>,
    variables: Vec<Variable>,
}

/// Moves what the projects have alike into profiles.
pub fn factor(
    draft: &mut Draft,
    registry: Registry,
    how: &Factoring,
    is_meant: impl Fn(&DraftProject) -> bool,
    label_of: impl Fn(&str, &str) -> Option<String>,
) -> Vec<Shared> {
    let members: Vec<usize> = (0..draft.projects.len()).filter(|index| is_meant(&draft.projects[*index])).collect();
    if members.len() < 2 {
        return vec![];
    }
    let cells = members.iter().map(|index| cells(draft, &draft.projects[*index])).collect();
    let mut factor = Factor { draft, registry, members, cells, variables: vec![] };
    let all: Vec<usize> = (0..factor.members.len()).collect();
    factor.find_words(&all);
    let mut made: Vec<Shared> = vec![];
    let alike = factor.alike(&all);
    made.extend(factor.profile(&how.profile, &all, &alike));
    let mut taken: BTreeSet<String> =
        std::iter::once(how.profile.clone()).chain(factor.draft.profiles.keys().cloned()).collect();
    let mut add = |factor: &mut Factor<'_>, group: &[usize], name: Option<String>| {
        factor.find_words(group);
        let alike = factor.alike(group);
        let name = name.unwrap_or_else(|| factor.name(group, &how.profile, &taken));
        taken.insert(name.clone());
        made.extend(factor.profile(&name, group, &alike));
        made.len()
    };
    match &how.by {
        Some(label) => {
            for (value, group) in factor.labelled(|document| label_of(document, label)) {
                add(&mut factor, &group, Some(value));
            }
        }
        None => {
            while let Some(group) = factor.best_group() {
                if add(&mut factor, &group, None) > MOST_GROUPS {
                    break;
                }
            }
        }
    }
    if how.gathers {
        factor.gather();
    }
    made
}

/// The values of a project, each with the text that it names.
fn cells(draft: &Draft, project: &DraftProject) -> BTreeMap<Key, Cell> {
    let cell = |value: &Value| {
        let path = value.get("file").and_then(Value::as_str).and_then(|path| files::beside(&project.file, path).ok());
        let text = path.and_then(|path| Some((path.clone(), draft.texts.get(&path)?.clone())));
        Cell { value: value.clone(), text }
    };
    let fields = project.sections.iter().flat_map(|(kind, fields)| fields.iter().map(move |field| (kind, field)));
    fields.map(|(kind, (name, value))| ((kind.clone(), name.clone()), cell(value))).collect()
}

impl Factor<'_> {
    fn project(&self, member: usize) -> &DraftProject {
        &self.draft.projects[self.members[member]]
    }

    /// Finds the words in which all projects of a group differ.
    fn find_words(&mut self, group: &[usize]) {
        let envelope = |member: usize, key: &str| self.project(member).envelope.get(key).and_then(Value::as_str);
        let known = |name: &str, word: &dyn Fn(usize) -> String| Variable {
            name: name.to_owned(),
            words: group.iter().map(|member| word(*member)).collect(),
        };
        let name = |member| envelope(member, "name").unwrap_or(&self.project(member).document).to_owned();
        let known = vec![
            known("project.ref", &|member| envelope(member, "ref").unwrap_or_default().to_owned()),
            known("document", &|member| self.project(member).document.clone()),
            known("project.name", &name),
        ];
        let columns = self.columns(group);
        let fields: Vec<Vec<&str>> = columns.iter().map(|column| column.iter().map(String::as_str).collect()).collect();
        let host = |member: &usize| {
            let url = self.cells[*member].get(&("auth".to_owned(), "site_url".to_owned()))?.value.as_str()?;
            let host = url.split_once("://")?.1.split(['/', ':', '?', '#']).next()?;
            Some(host.to_owned())
        };
        let words_of = |it: &Variable| group.iter().map(|member| it.words[*member].clone()).collect();
        let have = self.variables.iter().filter(|it| group.iter().all(|member| !it.words[*member].is_empty()));
        let have: Vec<Variable> = have.map(|it| Variable { name: it.name.clone(), words: words_of(it) }).collect();
        let hosts: Option<Vec<String>> = group.iter().map(host).collect();
        let found = variables(&fields, &have, known, hosts.as_ref());
        for Variable { name, words } in found {
            let is_free = |it: &Variable| it.name == name && group.iter().all(|member| it.words[*member].is_empty());
            let index = self.variables.iter().position(is_free).unwrap_or_else(|| {
                self.variables.push(Variable { name: name.clone(), words: vec![String::new(); self.members.len()] });
                self.variables.len() - 1
            });
            for (member, word) in group.iter().zip(words) {
                self.variables[index].words[*member] = word;
            }
        }
    }

    /// The texts that fields have in all projects of a group, and that differ.
    fn columns(&self, group: &[usize]) -> Vec<Vec<String>> {
        let keys: BTreeSet<&Key> = group.iter().flat_map(|member| self.cells[*member].keys()).collect();
        let mut columns = vec![];
        for key in keys {
            let texts: Option<Vec<Vec<String>>> =
                group.iter().map(|member| self.cells[*member].get(key).map(leaves)).collect();
            let Some(texts) = texts else { continue };
            let count = texts.first().map_or(0, Vec::len);
            if texts.iter().any(|all| all.len() != count) {
                continue;
            }
            for leaf in 0..count {
                let column: Vec<String> = texts.iter().map(|all| all[leaf].clone()).collect();
                let is_short = column.iter().all(|text| text.len() <= LONGEST);
                if is_short && column.iter().collect::<BTreeSet<_>>().len() > 1 {
                    columns.push(column);
                }
            }
        }
        columns
    }

    /// A cell with variables in place of words; `None` where that cannot be written.
    fn general(&self, member: usize, cell: &Cell) -> Option<(Value, Option<String>)> {
        if let Some((_, text)) = &cell.text {
            let text = text.replace("${", "$${");
            return Some((Value::Null, Some(abstracted(&text, &self.variables, member)?)));
        }
        Some((self.generalized(member, &cell.value)?, None))
    }

    fn generalized(&self, member: usize, value: &Value) -> Option<Value> {
        if is_reference(value) {
            return Some(value.clone());
        }
        Some(match value {
            Value::String(text) => abstracted(text, &self.variables, member)?.into(),
            Value::Array(items) => {
                items.iter().map(|item| self.generalized(member, item)).collect::<Option<Vec<_>>>()?.into()
            }
            Value::Object(members) => {
                let members = members.iter().map(|(key, value)| Some((key.clone(), self.generalized(member, value)?)));
                Value::Object(members.collect::<Option<_>>()?)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        })
    }

    /// Whether these projects have a value alike, and its form with variables where it needs them.
    fn same(&self, group: &[usize], key: &Key) -> Option<Cell> {
        let cells: Vec<(usize, &Cell)> =
            group.iter().map(|member| Some((*member, self.cells[*member].get(key)?))).collect::<Option<_>>()?;
        let (first, cell) = cells.first()?;
        let raw = |cell: &Cell| {
            (
                if cell.text.is_some() { Value::Null } else { cell.value.clone() },
                cell.text.as_ref().map(|(_, text)| text.clone()),
            )
        };
        if cells.iter().all(|(_, other)| raw(other) == raw(cell)) {
            return Some((*cell).clone());
        }
        let general = self.general(*first, cell)?;
        if !cells.iter().all(|(member, other)| self.general(*member, other).as_ref() == Some(&general)) {
            return None;
        }
        let path = cell.text.as_ref().map(|(path, _)| path.clone());
        let (value, text) = general;
        Some(match (text, path) {
            (Some(text), Some(path)) => Cell { value: json!({"fill": true}), text: Some((path, text)) },
            _ => Cell { value, text: None },
        })
    }

    /// The values that all of a group have alike; and of a large group those that all but a few have, with the addresses of
    /// the others.
    fn alike(&self, group: &[usize]) -> Alike {
        let keys: BTreeSet<&Key> = group.iter().flat_map(|member| self.cells[*member].keys()).collect();
        let (mut found, mut apart) = (BTreeMap::new(), vec![]);
        for key in keys {
            if let Some(cell) = self.same(group, key) {
                found.insert(key.clone(), cell);
            } else if let Some((cell, others)) = self.mostly(group, key) {
                found.insert(key.clone(), cell);
                apart.push((key.clone(), others));
            }
        }
        Alike { values: found, apart }
    }

    /// The value that at least four in five have, and who has another one of its own.
    fn mostly(&self, group: &[usize], key: &Key) -> Option<(Cell, Vec<usize>)> {
        let mut by_value: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for member in group {
            let cell = self.cells[*member].get(key)?;
            let general = self.general(*member, cell)?;
            by_value.entry(format!("{general:?}")).or_default().push(*member);
        }
        let most = by_value.into_values().max_by_key(Vec::len)?;
        if most.len() * 5 < group.len() * 4 || most.len() < 4 {
            return None;
        }
        let others = group.iter().copied().filter(|member| !most.contains(member)).collect();
        Some((self.same(&most, key)?, others))
    }

    /// Makes a profile of values, and takes them out of its projects.
    fn profile(&mut self, name: &str, group: &[usize], alike: &Alike) -> Option<Shared> {
        let Alike { values: keys, apart } = alike;
        let same = |key: &str| {
            let value = |member: &usize| self.project(*member).envelope.get(key);
            let first = value(group.first()?)?;
            group.iter().all(|member| value(member) == Some(first)).then(|| (key.to_owned(), first.clone()))
        };
        let mut above: Map<String, Value> = ["organization", "region"].into_iter().filter_map(same).collect();
        if keys.is_empty() {
            return None;
        }
        let mut used: BTreeSet<String> = BTreeSet::new();
        let mut sections = Sections::new();
        for (key, cell) in self.in_order(keys) {
            let value = match &cell.text {
                Some((path, text)) => {
                    let path = self.shared_path(name, path, group.len() == self.members.len());
                    let fill = cell.value.get("fill").is_some();
                    self.draft.texts.insert(path.clone(), text.clone());
                    let mut value = Map::from_iter([("file".to_owned(), json!(format!("../{path}")))]);
                    value.extend(fill.then(|| ("fill".to_owned(), json!(true))));
                    used.extend(fill.then(|| self.used_in(text)).into_iter().flatten());
                    Value::Object(value)
                }
                None => {
                    used.extend(self.used_in(&cell.value.to_string()));
                    cell.value.clone()
                }
            };
            sections.entry(key.0.clone()).or_default().insert(key.1.clone(), value);
        }
        let own: Vec<String> = used.iter().filter_map(|name| name.strip_prefix("var.").map(str::to_owned)).collect();
        let lifted: Vec<String> = above.keys().cloned().collect();
        if !own.is_empty() {
            above.insert("requires".to_owned(), json!(own));
        }
        for member in group {
            let kept: Vec<&Key> =
                apart.iter().filter(|(_, others)| others.contains(member)).map(|(key, _)| key).collect();
            let index = self.members[*member];
            let project = &mut self.draft.projects[index];
            for key in keys.keys().filter(|key| !kept.contains(key)) {
                project.remove(&key.0, &key.1);
                self.cells[*member].remove(key);
            }
            for key in &lifted {
                project.envelope.shift_remove(key);
            }
            if used.contains("project.name") && !project.envelope.contains_key("name") {
                project.envelope.insert("name".to_owned(), project.document.clone().into());
            }
            let extends = project.envelope.entry("extends").or_insert_with(|| json!([]));
            if let Value::Array(profiles) = extends {
                profiles.push(name.into());
            }
            let has = |it: &&Variable| used.contains(&it.name) && !it.words[*member].is_empty();
            let variables = self.variables.iter().filter(has);
            let given: Map<String, Value> = variables
                .filter_map(|it| {
                    Some((it.name.strip_prefix("var.")?.to_owned(), it.words.get(*member)?.as_str().into()))
                })
                .collect();
            if !given.is_empty()
                && let Value::Object(vars) = project.envelope.entry("vars").or_insert_with(|| json!({}))
            {
                vars.extend(given);
            }
        }
        self.draft.profiles.insert(name.to_owned(), (above, sections));
        let this = &*self;
        let apart = apart.iter().flat_map(|((kind, field), others)| {
            others.iter().map(move |member| format!("{}/{kind}/{field}", this.project(*member).document))
        });
        let apart = apart.collect();
        Some(Shared {
            profile: name.to_owned(),
            values: keys.len(),
            projects: group.len(),
            variables: used.into_iter().collect(),
            apart,
        })
    }

    /// The variables of a text.
    fn used_in(&self, text: &str) -> Vec<String> {
        let names = self.variables.iter().map(|it| it.name.clone());
        names.filter(|name| text.contains(&format!("${{{name}}}"))).collect()
    }

    /// The path of a text that several projects share.
    fn shared_path(&self, profile: &str, path: &str, by_all: bool) -> String {
        let mut parts = path.split('/');
        let (folder, file) = (parts.next().unwrap_or("templates"), parts.next_back().unwrap_or(path));
        let shared = if by_all { format!("{folder}/{file}") } else { format!("{folder}/{profile}/{file}") };
        let is_free = |path: &String| !self.draft.texts.contains_key(path);
        let numbered = (2..).map(|number| format!("{folder}/{profile}-{number}/{file}"));
        std::iter::once(shared.clone()).chain(numbered).find(is_free).unwrap_or(shared)
    }

    /// Values in the order of the documentation.
    fn in_order<'k>(&self, keys: &'k BTreeMap<Key, Cell>) -> Vec<(&'k Key, &'k Cell)> {
        let kinds: Vec<&str> = infos(self.registry).map(|info| info.name).collect();
        let place = |(kind, name): &Key| {
            let field = find(self.registry, kind).and_then(|it| match it.info().shape {
                Shape::Settings { .. } => it.info().all_fields().position(|row| row.name == name),
                Shape::Collection { .. } => None,
            });
            (kinds.iter().position(|it| it == kind), field)
        };
        let mut all: Vec<_> = keys.iter().collect();
        all.sort_by_cached_key(|(key, _)| (place(key), (*key).clone()));
        all
    }

    /// Puts small projects of the same profiles into one file.
    fn gather(&mut self) {
        let mut by_profiles: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for index in &self.members {
            let project = &self.draft.projects[*index];
            let values: usize = project.sections.values().map(Map::len).sum();
            let own = project.file == format!("projects/{}.yaml", project.document);
            if let Some(Value::Array(profiles)) = project.envelope.get("extends").filter(|_| own && values <= FEW) {
                let last = profiles.last().and_then(Value::as_str).unwrap_or_default();
                by_profiles.entry(last.to_owned()).or_default().push(*index);
            }
        }
        for (profile, projects) in by_profiles.into_iter().filter(|(_, projects)| projects.len() > 2) {
            let file = format!("projects/{profile}.yaml");
            if self.draft.projects.iter().any(|it| it.file == file) {
                continue;
            }
            for index in projects {
                self.draft.projects[index].file.clone_from(&file);
            }
        }
    }
}

/// Whether a value is a reference to a secret or a file, which is taken as it is.
fn is_reference(value: &Value) -> bool {
    let is_name = |members: &Map<String, Value>| {
        members.keys().all(|key| ["secret", "env", "file", "exec", "fill"].contains(&key.as_str()))
    };
    value.as_object().is_some_and(|members| !members.is_empty() && is_name(members))
}

/// The texts of a cell: of the file that it names, or within its value.
fn leaves(cell: &Cell) -> Vec<String> {
    fn walk(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::String(text) => out.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| walk(item, out)),
            Value::Object(members) if !is_reference(value) => members.values().for_each(|value| walk(value, out)),
            Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    if let Some((_, text)) = &cell.text {
        return vec![text.replace("${", "$${")];
    }
    let mut out = vec![];
    if !is_reference(&cell.value) {
        walk(&cell.value, &mut out);
    }
    out
}
