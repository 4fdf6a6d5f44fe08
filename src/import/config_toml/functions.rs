//! Edge functions: what the CLI deploys with each.

use serde_json::{Map, Value};

use super::reader::{Reader, Switch};
use super::values::{boolean, escaped, plain};
use crate::files::{beside, relative};
use crate::yaml::Node;

/// Where manifests look for a function, from the root of the workspace; what they say of its files begins there.
const FUNCTIONS: &str = "supabase/functions";

impl<'a> Reader<'_, '_, 'a> {
    /// Functions, by names that people choose. What is not written is the CLI's default, and ours.
    pub(super) fn functions(&mut self) {
        for entry in self.get("functions").and_then(Node::as_map).unwrap_or_default() {
            let (slug, table) = (entry.key.name.as_str(), &entry.value);
            let path = ["functions", slug];
            if table.as_map().is_none() {
                continue;
            }
            self.take(&path);
            if self.switch(table) == Switch::Off {
                self.leave(&path, table.span, "it is switched off, so that the CLI does not deploy it");
            } else if let Some(value) = self.function(slug, table) {
                self.put("functions", slug, value.into(), &path, table.span);
            }
        }
    }

    fn function(&mut self, slug: &'a str, table: &'a Node) -> Option<Map<String, Value>> {
        let own = format!("{FUNCTIONS}/{slug}");
        let mut fields = Map::new();
        for entry in table.as_map().unwrap_or_default() {
            let (name, node) = (entry.key.name.as_str(), &entry.value);
            let path = ["functions", slug, name];
            match name {
                "enabled" => {}
                "verify_jwt" => {
                    let resolved = self.resolved(node)?;
                    match boolean(&resolved) {
                        Some(on) => drop(fields.insert(name.to_owned(), on.into())),
                        None => self.leave(&path, node.span, "it is not `true` or `false`"),
                    }
                }
                "entrypoint" | "import_map" => {
                    let resolved = self.resolved(node)?;
                    let written = plain(&resolved).unwrap_or_default();
                    match self.source(&written) {
                        _ if written.is_empty() => {}
                        Ok(file) => {
                            fields.insert(name.to_owned(), escaped(&relative(&own, &file)).into());
                        }
                        Err(why) => {
                            self.leave(&path[..2], table.span, format!("its `{name}` {why}"));
                            return None;
                        }
                    }
                }
                "static_files" => {
                    let resolved = self.resolved(node)?;
                    let patterns = resolved.as_list().map(|items| items.iter().map(plain).collect::<Option<Vec<_>>>());
                    let patterns = patterns.flatten().unwrap_or_default();
                    match patterns.iter().map(|pattern| self.place(pattern)).collect::<Result<Vec<_>, _>>() {
                        Ok(places) => {
                            let places = places.iter().map(|place| escaped(&relative(&own, place)));
                            fields.insert(name.to_owned(), places.collect::<Vec<_>>().into());
                        }
                        Err(why) => self.leave(&path, node.span, format!("a pattern {why}")),
                    }
                }
                "env" => {
                    let why = "variables are of all functions of a project: name them under `secrets`";
                    self.leave(&path, node.span, why);
                }
                _ => self.leave(&path, node.span, "no setting of this name is known"),
            }
        }
        if !fields.contains_key("entrypoint") {
            match self.source(&format!("functions/{slug}/index.ts")) {
                Ok(file) => drop(fields.insert("entrypoint".to_owned(), escaped(&relative(&own, &file)).into())),
                Err(why) => {
                    self.leave(&["functions", slug], table.span, format!("its `index.ts` {why}"));
                    return None;
                }
            }
        }
        // A function without an entry point is looked for in `index.ts`.
        if fields.get("entrypoint").and_then(Value::as_str) == Some("index.ts") {
            fields.shift_remove("entrypoint");
        }
        fields.sort_keys();
        Some(fields)
    }

    /// A file that is there, from the root of the workspace; why it cannot be taken over, after the name of the setting.
    fn source(&self, written: &str) -> Result<String, String> {
        let options = self.shared.options;
        let inside = beside(options.path, written).map_err(|why| format!("is not read: {why}"))?;
        options.texts.read(&inside).map_err(|why| format!("is not read: {why}"))?;
        self.place(written)
    }

    fn place(&self, written: &str) -> Result<String, String> {
        let outside = || "is outside of the workspace".to_owned();
        let folder = self.shared.options.folder.as_deref().ok_or_else(outside)?;
        beside(format!("{folder}/file").trim_start_matches('/'), written).map_err(|_| outside())
    }
}
