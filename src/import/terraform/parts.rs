//! Resources as projects with their sections.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::given::{Given, Resource};
use super::items;
use super::options::Options;
use super::resources::left_out;
use crate::import::draft::Left;
use crate::import::leaves::{Leaves, Part, put};
use crate::import::names::slug;
use crate::kind::find;
use crate::model::ProjectRef;
use crate::schema::{Field, Type};
use crate::secret::variables::variable_prefix;

/// What tells a project from others.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    Ref(ProjectRef),
    /// The address of a project whose ref only Terraform knows.
    Address(String),
}

struct Project {
    key: Key,
    /// What it may be called, the best first.
    names: Vec<String>,
    envelope: Map<String, Value>,
    leaves: Leaves,
}

/// Turns resources into projects.
pub(super) struct Projects<'a> {
    pub(super) options: &'a Options<'a>,
    found: Vec<Project>,
    /// The keys of `supabase_project` resources, by address.
    keys: IndexMap<String, Key>,
    left: BTreeSet<Left>,
    addresses: Vec<String>,
}

/// The projects of some resources, what is left of them, and the addresses of those that were taken over.
pub(super) fn parts(
    options: &Options<'_>,
    resources: &[Resource],
    left: BTreeSet<Left>,
) -> (Vec<Part>, BTreeSet<Left>, Vec<String>) {
    let mut projects = Projects { options, found: vec![], keys: IndexMap::new(), left, addresses: vec![] };
    let (own, others): (Vec<_>, Vec<_>) = resources.iter().partition(|it| it.kind == "supabase_project");
    let single = own.len() == 1;
    for resource in own {
        projects.project(resource, single);
    }
    for resource in others {
        projects.resource(resource);
    }
    let mut parts: Vec<Part> = vec![];
    for project in projects.found {
        let free = |name: &&String| parts.iter().all(|other| variable_prefix(&other.name) != variable_prefix(name));
        let first = project.names.first().cloned().unwrap_or_default();
        let numbered: Vec<String> = (2..=parts.len() + 2).map(|number| format!("{first}-{number}")).collect();
        let name = project.names.iter().chain(&numbered).find(free).cloned().unwrap_or(first);
        let leaves = project.leaves.into_iter().map(|((kind, field), leaf)| {
            let row = find(options.registry, kind).and_then(|kind| kind.info().field(&field));
            let leaf = if row.is_some_and(is_long) { leaf.in_file(&name, &field) } else { leaf };
            ((kind, field), leaf)
        });
        let leaves = leaves.collect();
        parts.push(Part { name, profile: false, envelope: project.envelope, leaves });
    }
    (parts, projects.left, projects.addresses)
}

/// Whether the texts of a field are long, such as mails.
fn is_long(row: &Field) -> bool {
    matches!(row.ty, Type::Text(rule) if rule.long)
}

impl Projects<'_> {
    pub(super) fn leave(&mut self, resource: &Resource, what: &str, why: impl Into<String>) {
        let at = resource.at(what);
        self.left.insert(Left { at, why: why.into() });
    }

    /// The project of a key, which is new where none has it.
    fn of(&mut self, key: &Key) -> &mut Project {
        let index = self.found.iter().position(|project| project.key == *key).unwrap_or_else(|| {
            let envelope = match key {
                Key::Ref(reference) => Map::from_iter([("ref".to_owned(), json!(reference.as_str()))]),
                Key::Address(_) => Map::new(),
            };
            self.found.push(Project { key: key.clone(), names: vec![], envelope, leaves: Leaves::new() });
            self.found.len() - 1
        });
        &mut self.found[index]
    }

    fn project(&mut self, resource: &Resource, single: bool) {
        let id = resource.get("id").text().and_then(ProjectRef::parse);
        let reference = id.or_else(|| self.options.reference.clone().filter(|_| single));
        let key = reference.map_or_else(|| Key::Address(resource.address.clone()), Key::Ref);
        self.keys.insert(resource.address.clone(), key.clone());
        let mut above = Map::new();
        for (theirs, ours) in [("organization_id", "organization"), ("name", "name"), ("region", "region")] {
            match resource.get(theirs).known() {
                Ok(Value::String(text)) => drop(above.insert(ours.to_owned(), text.replace("${", "$${").into())),
                Ok(_) => {}
                Err(why) => self.leave(resource, theirs, why),
            }
        }
        let findable = ["organization", "name"].iter().all(|name| above.contains_key(*name));
        if matches!(key, Key::Address(_)) && !findable {
            self.leave(resource, "", "its ref is not known, nor its organization and name");
            return;
        }
        let names = [resource.get("name").text().map(slug), Some(slug(&resource.name))];
        let project = self.of(&key);
        project.names.extend(names.into_iter().flatten().filter(|name| !name.is_empty()));
        project.envelope.extend(above);
        if resource.get("instance_size").text().is_some() {
            self.leave(resource, "instance_size", "compute sizes are not managed");
        }
        if let Given::Bool(on) = resource.get("legacy_api_keys_enabled") {
            let at = resource.at("legacy_api_keys_enabled");
            put(&mut self.of(&key).leaves, ("legacy_api_keys", "enabled"), json!(on), at);
        }
        self.addresses.push(resource.address.clone());
    }

    fn resource(&mut self, resource: &Resource) {
        if let Some(why) = left_out(&resource.kind) {
            return self.leave(resource, "", why);
        }
        let key = match self.key(resource) {
            Ok(key) => key,
            Err(why) => return self.leave(resource, "", why),
        };
        let mut leaves = Leaves::new();
        let read = match resource.kind.as_str() {
            "supabase_settings" => self.settings(resource, &mut leaves),
            "supabase_apikey" => items::api_key(resource, &mut leaves),
            "supabase_branch" => items::branch(resource, &mut leaves),
            "supabase_edge_function_secrets" => self.secrets(resource, &mut leaves),
            _ => items::issuer(resource, &mut leaves),
        };
        if let Err(why) = read {
            return self.leave(resource, "", why);
        }
        let last = resource.address.rsplit_once(&format!("{}.", resource.kind)).map(|(_, last)| last);
        let name = slug(last.unwrap_or(&resource.name));
        let project = self.of(&key);
        project.names.push(if name.is_empty() { "supabase".to_owned() } else { name });
        project.leaves.extend(leaves);
        self.addresses.push(resource.address.clone());
    }

    /// The project that a resource is of.
    fn key(&self, resource: &Resource) -> Result<Key, String> {
        let member = if resource.kind == "supabase_branch" { "parent_project_ref" } else { "project_ref" };
        let own = resource.get(member);
        let given = if matches!(own, Given::Null) { resource.get("id") } else { own };
        match given {
            Given::Text(text) => ProjectRef::parse(text)
                .map(Key::Ref)
                .ok_or_else(|| format!("its `{member}` is not the ref of a project")),
            Given::Project(address) => {
                self.keys.get(address).cloned().ok_or_else(|| format!("its project `{address}` was left out"))
            }
            Given::Null
            | Given::Bool(_)
            | Given::Number(_)
            | Given::List(_)
            | Given::Map(_)
            | Given::Variable(_)
            | Given::Unknown(_) => match (&self.options.reference, given.known()) {
                (Some(reference), _) => Ok(Key::Ref(reference.clone())),
                (None, Ok(_)) => Err("it does not say its project: name it with `--project-ref`".to_owned()),
                (None, Err(why)) => Err(format!("its project is not known ({why}): name it with `--project-ref`")),
            },
        }
    }
}
