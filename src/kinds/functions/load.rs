//! The sources of a function, found as the Supabase CLI finds them: the import map first, then static files, then everything
//! that is imported from files of the workspace.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::imports::{ImportMap, imported};
use super::paths::{glob, joined, split};
use crate::diag::Span;
use crate::diag::codes::value as codes;
use crate::kind::SourceFiles;
use crate::kind::prelude::*;
use crate::kind::written;
use crate::model::{Content, FileContent, Origin};

/// The folder of functions in a project of the CLI.
pub(super) const FUNCTIONS: &str = "supabase/functions";

/// Ends of file names that are sources rather than folders.
const SOURCES: [&str; 6] = ["ts", "tsx", "js", "jsx", "mjs", "mts"];

/// The configurations of Deno, in the order in which they are looked for.
pub(super) const CONFIGS: [&str; 2] = ["deno.json", "deno.jsonc"];

/// Reads the sources, if there are any: without the folder that is looked for by default, only the settings are managed.
pub(super) fn load(slug: &str, settings: &mut Settings, origin: &Origin, files: &mut dyn SourceFiles) {
    let at = |name: &str| settings.fields.get(name).map_or(origin, |setting| &setting.origin).clone();
    let place = at("path");
    let path = match written(settings, "path") {
        Some(path) => match files.beside(path, place.span) {
            Some(path) => path,
            None => return,
        },
        None => format!("{FUNCTIONS}/{slug}"),
    };
    let (folder, name) = match ends(&path).filter(|end| SOURCES.contains(end)) {
        Some(_) => split(&path),
        None => (path.as_str(), "index.ts"),
    };
    let name = written(settings, "entrypoint").unwrap_or(name);
    let Some(entrypoint) = below(folder, name, at("entrypoint").span, files) else { return };
    let Some(source) = files.read(&entrypoint, place.span) else {
        let is_told =
            ["path", "entrypoint", "import_map", "static_files"].iter().any(|it| settings.fields.contains_key(it));
        if is_told {
            let message = format!("`{slug}` has no file `{entrypoint}` to begin with");
            let hint = "Write `path:`, from the file of the manifest, or `entrypoint:`, from that folder.";
            files.tell(Diagnostic::error(codes::NO_SOURCES, place.span, message).hint(hint));
        } else {
            tell_without(slug, &path, place.span, files);
        }
        return;
    };
    let mut found = Found { files, all: BTreeMap::new(), at: place.span };
    let map_at = at("import_map").span;
    let Some(import_map) = found.import_map(settings, folder, &entrypoint, map_at) else { return };
    let map = found.configuration(&import_map);
    let (patterns, along) = found.statics(settings, folder, at("static_files").span);
    found.closure(entrypoint.clone(), source, &map);
    let facts = BTreeMap::from([
        ("entrypoint_path", entrypoint.into()),
        ("import_map_path", if import_map.is_empty() { Value::Null } else { import_map.into() }),
    ]);
    let said =
        if patterns.is_empty() { BTreeMap::new() } else { BTreeMap::from([("static_patterns", json!(patterns))]) };
    let files = std::mem::take(&mut found.all);
    settings.content = Some(Box::new(Content { files, facts, along, said, origin: place }));
}

/// Tells of a folder where a function is looked for, and which has something else.
fn tell_without(slug: &str, folder: &str, at: Span, files: &mut dyn SourceFiles) {
    let there = files.list(folder, at).unwrap_or_default();
    if there.is_empty() {
        return;
    }
    let is_source = |name: &&str| !name.contains('/') && ends(name).is_some_and(|end| SOURCES.contains(&end));
    let names = there.iter().filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/'));
    let mut names = names.filter(is_source);
    let hint = match (names.next(), names.next()) {
        (Some(name), None) => format!("Write `{slug}: {{entrypoint: {name}}}` if the function begins there."),
        _ => "Write `entrypoint:`, from that folder, or `{unmanaged: true}` where another tool deploys it.".to_owned(),
    };
    let message = format!("`{folder}` has no `index.ts`, so that the sources of `{slug}` are not managed");
    files.tell(Diagnostic::warning(codes::NO_SOURCES, at, message).hint(hint));
}

/// The ending of a path's name.
fn ends(path: &str) -> Option<&str> {
    path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, end)| end)
}

struct Found<'f> {
    files: &'f mut dyn SourceFiles,
    all: BTreeMap<String, FileContent>,
    at: Span,
}

impl Found<'_> {
    /// The import map, written or found, or empty where there is none; `None` where what is written is not there.
    fn import_map(&mut self, settings: &Settings, folder: &str, entrypoint: &str, at: Span) -> Option<String> {
        if let Some(name) = written(settings, "import_map") {
            let path = below(folder, name, at, self.files)?;
            if self.take(&path) {
                return Some(path);
            }
            let message = format!("there is no import map `{path}`");
            self.files.tell(Diagnostic::error(codes::NO_SOURCES, at, message));
            return None;
        }
        let (beside, _) = split(entrypoint);
        if let Some(config) = CONFIGS.iter().map(|name| joined(beside, name)).find(|path| self.take(path)) {
            return Some(config);
        }
        let own = joined(beside, "import_map.json");
        if self.files.read(&own, at).is_some() {
            let message = format!("`{own}` is not used unless it is named");
            let hint = "Write `import_map: import_map.json`, or put its imports into a `deno.json` beside it.";
            self.files.tell(Diagnostic::warning(codes::IMPORT_MAP, at, message).hint(hint));
        }
        let shared = format!("{FUNCTIONS}/import_map.json");
        if !entrypoint.starts_with(FUNCTIONS) || !self.take(&shared) {
            return Some(String::new());
        }
        let message = format!("`{shared}` is used, because there is no `deno.json` beside `{entrypoint}`");
        let hint = "Give each function a `deno.json` of its own: a map for all of them is no longer recommended.";
        self.files.tell(Diagnostic::warning(codes::IMPORT_MAP, at, message).hint(hint));
        Some(shared)
    }

    /// What the import map says, with the map that a configuration of Deno names.
    fn configuration(&mut self, path: &str) -> ImportMap {
        if path.is_empty() {
            return ImportMap::default();
        }
        let read = |found: &Self, path: &str| {
            let text = found.all.get(path).and_then(FileContent::text).unwrap_or_default();
            ImportMap::read(text, split(path).0)
        };
        let Some((map, other)) = read(self, path) else {
            let message = format!("`{path}` is no import map: it is not JSON");
            self.files.tell(Diagnostic::error(codes::IMPORT_MAP, self.at, message));
            return ImportMap::default();
        };
        match other {
            Some(other) if map.is_empty() && self.take(&other) => {
                read(self, &other).map(|(map, _)| map).unwrap_or_default()
            }
            _ => map,
        }
    }

    /// Adds a file, if it is there.
    fn take(&mut self, path: &str) -> bool {
        let read = self.files.read(path, self.at);
        let is_there = read.is_some();
        self.all.extend(read.map(|content| (path.to_owned(), content)));
        is_there
    }

    /// The static files and their patterns, from the root.
    fn statics(&mut self, settings: &Settings, folder: &str, at: Span) -> (Vec<String>, BTreeMap<String, FileContent>) {
        let listed = settings.fields.get("static_files").map(|setting| &setting.value);
        let Some(DesiredValue::Value(Value::Array(listed))) = listed else { return (vec![], BTreeMap::new()) };
        let mut patterns = vec![];
        let mut along = BTreeMap::new();
        for pattern in listed.iter().filter_map(Value::as_str) {
            let Some(pattern) = below(folder, pattern, at, self.files) else { continue };
            let Some(matcher) = glob(&pattern) else {
                let message = format!("`{pattern}` is no pattern of files");
                self.files.tell(Diagnostic::error(codes::NO_SOURCES, at, message));
                continue;
            };
            let fixed = pattern.find(['*', '?', '[', '{']).and_then(|at| pattern.get(..at)).unwrap_or(&pattern);
            let paths = self.files.list(split(fixed).0, at).unwrap_or_default();
            let before = along.len();
            for path in paths.into_iter().filter(|path| matcher.is_match(path)) {
                along.extend(self.files.read(&path, at).map(|content| (path, content)));
            }
            if along.len() == before {
                let message = format!("no file is called `{pattern}`");
                self.files.tell(Diagnostic::warning(codes::STATIC_FILES, at, message));
            }
            patterns.push(pattern);
        }
        if !along.is_empty() {
            let message = "static files are uploaded, and are not there when the function runs";
            let hint = "The platform drops them when it bundles. Import their texts from a source, or deploy with `supabase functions deploy`, which bundles locally, and write `{unmanaged: true}` for the function.";
            self.files.tell(Diagnostic::warning(codes::STATIC_FILES, at, message).hint(hint));
        }
        (patterns, along)
    }

    /// Adds a source, and what it imports from the workspace.
    fn closure(&mut self, path: String, source: FileContent, map: &ImportMap) {
        let mut left = vec![];
        self.add(path, source, map, &mut left);
        while let Some((importer, path)) = left.pop() {
            if self.all.contains_key(&path) {
                continue;
            }
            if path.starts_with("../") {
                let message = format!("`{importer}` imports `{path}`, which is outside of the workspace");
                let hint = "Put `supaform.yaml` into a folder that holds both.";
                self.files.tell(Diagnostic::error(codes::NO_SOURCES, self.at, message).hint(hint));
                continue;
            }
            match self.files.read(&path, self.at) {
                Some(source) => self.add(path, source, map, &mut left),
                None => {
                    let message = format!("`{importer}` imports `{path}`, which is not there");
                    let hint =
                        "Imports are found in the text, comments included; an import in a comment needs no file.";
                    self.files.tell(Diagnostic::warning(codes::MISSING_IMPORT, self.at, message).hint(hint));
                }
            }
        }
    }

    fn add(&mut self, path: String, source: FileContent, map: &ImportMap, left: &mut Vec<(String, String)>) {
        let found = source.text().map(|text| imported(text, &path, map)).unwrap_or_default();
        left.extend(found.into_iter().map(|target| (path.clone(), target)));
        self.all.insert(path, source);
    }
}

/// A path below a folder, from the root; a finding where it leads out of the workspace.
fn below(folder: &str, name: &str, at: Span, files: &mut dyn SourceFiles) -> Option<String> {
    let path = joined(folder, name);
    if path.starts_with("../") || name.starts_with('/') {
        let message = format!("`{name}` leads out of the workspace");
        files.tell(Diagnostic::error(codes::NO_SOURCES, at, message));
        return None;
    }
    Some(path)
}
