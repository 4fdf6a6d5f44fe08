//! Live functions: what the list does not show of them, brought into the form of the workspace.
//!
//! The API shows the path of a file below a folder of its bundler, whose name has the version; and more files than were
//! uploaded. Paths are compared as they lie around the file where the function begins: wherever it was deployed from.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use globset::GlobMatcher;
use serde_json::{Map, Value};

use super::load::{CONFIGS, FUNCTIONS};
use super::paths::{glob, joined, split};
use super::table::{BODY, ONE, wanted};
use crate::files::relative;
use crate::kind::FoundSources;
use crate::kind::prelude::*;
use crate::model::{Content, FileContent, ProjectRef};

/// The member of a live item with its files.
pub(super) fn files_member() -> &'static str {
    FieldKey::FILES.trim_end_matches('.')
}

/// The member of a live item that is listed and does not answer by its name.
pub(super) const SILENT: &str = "does_not_answer";

/// Names of files that the bundler makes by itself, or takes from elsewhere.
const MADE: [&str; 3] = ["deno.json", "deno.jsonc", LOCK];

const LOCK: &str = "deno.lock";

/// The folder of the bundler; the rest of its name has the project, the function and the version.
const BUNDLER: &str = "/tmp/user_fn_";

pub(super) fn reads(section: Option<&Section>, reference: &ProjectRef, live: &LiveKind) -> Vec<(String, ReadCall)> {
    let LiveKind::Items(live) = live else { return vec![] };
    let read = |slug: &str, template| {
        let read = ReadCall::get(template).param("ref", reference.as_str()).param("function_slug", slug).or_missing();
        (slug.to_owned(), if template == BODY { read.as_form() } else { read })
    };
    let reads = live.keys().filter_map(|slug| {
        let Some(section) = section else { return Some(read(slug, BODY)) };
        let SectionBody::Items(items) = &section.body else { return None };
        match items.get(slug) {
            Some(Item::Present(settings, _)) => settings.content.as_ref().map(|_| read(slug, BODY)),
            Some(Item::Absent(_)) => Some(read(slug, ONE)),
            None if section.policy.prune => Some(read(slug, ONE)),
            Some(Item::Unmanaged(_)) | None => None,
        }
    });
    reads.collect()
}

/// Puts an answer into its item.
pub(super) fn merge(section: Option<&Section>, slug: &str, item: &mut Map<String, Value>, answer: &Answer) {
    let content = section.and_then(|section| wanted(section, slug)).and_then(|settings| settings.content.as_deref());
    if answer.body.get("slug").is_some() {
        return;
    }
    if answer.status == 404 && content.is_none() && section.is_some() {
        item.insert(SILENT.to_owned(), true.into());
    } else if answer.status == 404 {
        // Its row is there, and its bundle is lost: only a deployment heals that.
        item.insert(files_member().to_owned(), Map::new().into());
    } else if let Some(parts) = answer.body.get("parts").and_then(Value::as_array) {
        put_files(item, parts, content);
    }
}

/// A file of the bundle.
struct File<'p> {
    path: String,
    /// Whether it lies where sources do.
    is_source: bool,
    part: &'p Value,
}

fn put_files(item: &mut Map<String, Value>, parts: &[Value], content: Option<&Content>) {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let metadata = parts.iter().find(|part| text(part, "name").as_deref() == Some("metadata"));
    let metadata = metadata.and_then(|part| serde_json::from_str::<Value>(&text(part, "text")?).ok());
    let told = metadata.and_then(|metadata| text(&metadata, "deno2_entrypoint_path"));
    let files: Vec<File<'_>> = parts
        .iter()
        .filter(|part| text(part, "name").as_deref() != Some("metadata"))
        .filter_map(|part| {
            let (path, is_source) = source_path(&text(part, "path")?)?;
            Some(File { path, is_source, part })
        })
        .collect();
    let shown = |name: &str| item.get(name).and_then(Value::as_str).and_then(source_path).map(|(path, _)| path);
    let entrypoint = told.as_deref().and_then(source_path).map(|(path, _)| path).or_else(|| shown("entrypoint_path"));
    let import_map = shown("import_map_path").filter(|path| !path.is_empty());
    let place = Place::of(entrypoint.as_deref(), content);
    let mut found = Map::new();
    for File { path, is_source, part } in files {
        let path = place.here(&path);
        if place.is_wanted(&path) || is_source && !place.is_left_out(&path) {
            found.insert(path, shown_as(part));
        }
    }
    found.sort_keys();
    let facts = [("entrypoint_path", &entrypoint), ("import_map_path", &import_map)];
    let facts = facts
        .map(|(name, path)| (name.to_owned(), path.as_deref().map_or(Value::Null, |path| place.here(path).into())));
    item.extend(facts);
    item.insert(files_member().to_owned(), found.into());
}

/// Gives the files of an item that was read without a section the places that they have around the wanted ones.
pub(super) fn relocate(item: &mut Map<String, Value>, content: &Content) {
    let Some(Value::Object(files)) = item.remove(files_member()) else { return };
    let begins = item.get("entrypoint_path").and_then(Value::as_str).map(str::to_owned);
    let place = Place::of(begins.as_deref(), Some(content));
    let files = files.into_iter().map(|(path, shown)| (place.here(&path), shown));
    let mut files: Map<String, Value> =
        files.filter(|(path, _)| place.is_wanted(path) || !place.is_left_out(path)).collect();
    files.sort_keys();
    for name in ["entrypoint_path", "import_map_path"] {
        if let Some(Value::String(path)) = item.get_mut(name) {
            *path = place.here(path);
        }
    }
    item.insert(files_member().to_owned(), files.into());
}

/// Where the files of a live function are in the workspace, and which of them count.
struct Place<'c> {
    content: Option<&'c Content>,
    /// The folders of the file where it begins: there and here.
    folders: Option<(String, String)>,
    statics: Vec<GlobMatcher>,
}

impl<'c> Place<'c> {
    fn of(begins: Option<&str>, content: Option<&'c Content>) -> Self {
        let ours = content.and_then(|content| content.facts.get("entrypoint_path")).and_then(Value::as_str);
        let folders = begins.zip(ours).map(|(theirs, ours)| (split(theirs).0.to_owned(), split(ours).0.to_owned()));
        let patterns = content.and_then(|content| content.said.get("static_patterns")).and_then(Value::as_array);
        let statics = patterns.into_iter().flatten().filter_map(|it| glob(it.as_str()?)).collect();
        Self { content, folders, statics }
    }

    fn here(&self, path: &str) -> String {
        self.folders.as_ref().map_or_else(|| path.to_owned(), |(theirs, ours)| moved(path, theirs, ours))
    }

    fn is_wanted(&self, path: &str) -> bool {
        self.content.is_some_and(|content| content.files.contains_key(path))
    }

    /// Whether it is none of the sources: the bundler made it, or it is a static file.
    fn is_left_out(&self, path: &str) -> bool {
        let name = split(path).1;
        let is_made = if self.content.is_some() { MADE.contains(&name) } else { name == LOCK };
        is_made || self.statics.iter().any(|glob| glob.is_match(path))
    }
}

/// The sources of a live function: where they were deployed from, if that is below the folder of functions; or else around the
/// file where the CLI looks for the function, or all of them below that folder.
pub(super) fn sources(slug: &str, item: &Map<String, Value>) -> Result<FoundSources, String> {
    let by_hand = "its settings are written; write its sources and `path:` by hand";
    let none = || format!("the API does not show its sources: {by_hand}");
    let files =
        item.get(files_member()).and_then(Value::as_object).filter(|files| !files.is_empty()).ok_or_else(none)?;
    let said = |name: &str| item.get(name).and_then(Value::as_str).filter(|path| !path.is_empty());
    let begins = said("entrypoint_path").ok_or_else(none)?;
    let own = format!("{FUNCTIONS}/{slug}");
    let (from, is_usual) = (split(begins).0, is_within(begins));
    let around = |path: &str| moved(path, from, &own);
    let place: Box<dyn Fn(&str) -> String> = if is_usual {
        Box::new(str::to_owned)
    } else if files.keys().all(|path| is_within(&around(path))) {
        Box::new(around)
    } else {
        Box::new(|path| joined(&own, path))
    };
    let mut texts = vec![];
    for (path, text) in files {
        let text = text.as_str().ok_or_else(|| format!("`{path}` is no text: {by_hand}"))?;
        texts.push((place(path), text.to_owned()));
    }
    let begins = place(begins);
    let mut fields = vec![];
    if begins != format!("{own}/index.ts") {
        fields.push(("entrypoint", relative(&own, &begins)));
    }
    let is_there = |path: &String| texts.iter().any(|(other, _)| other == path);
    let found = CONFIGS.iter().map(|name| joined(split(&begins).0, name)).find(is_there);
    if let Some(map) = said("import_map_path").map(place).filter(|map| found.as_ref() != Some(map)) {
        fields.push(("import_map", relative(&own, &map)));
    }
    Ok(FoundSources { texts, fields })
}

/// Whether a path lies below the folder of functions.
fn is_within(path: &str) -> bool {
    path.strip_prefix(FUNCTIONS).is_some_and(|rest| rest.starts_with('/'))
}

/// A content as [`FileContent::shown`] has it.
fn shown_as(part: &Value) -> Value {
    match (part.get("text"), part.get("base64").and_then(Value::as_str)) {
        (Some(text), _) => text.clone(),
        (None, Some(coded)) => FileContent(BASE64_STANDARD.decode(coded).unwrap_or_default().into()).shown(),
        (None, None) => Value::Null,
    }
}

/// The path of a file as it was uploaded, and whether it lies where sources do; `None` for a module from elsewhere.
fn source_path(shown: &str) -> Option<(String, bool)> {
    let path = shown.strip_prefix("file://").unwrap_or(shown);
    let path = match path.strip_prefix(BUNDLER) {
        Some(rest) => rest.split_once('/').map(|(_, path)| path)?,
        None if path.starts_with('/') || path.contains("://") => return None,
        None => path,
    };
    let path = joined("", path);
    match path.strip_prefix("source/") {
        Some(path) => Some((path.to_owned(), true)),
        None => Some((path, false)),
    }
}

/// A path that lies around a folder as it lies around another one.
fn moved(path: &str, from: &str, to: &str) -> String {
    joined(to, &relative(from, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_what_was_uploaded_whatever_the_bundler_makes_of_it() {
        let of = |shown: &str| source_path(shown);
        let source = |path: &str| Some((path.to_owned(), true));
        assert_eq!(of("file:///tmp/user_fn_abc_123_7/source/a/index.ts"), source("a/index.ts"));
        assert_eq!(of("/tmp/user_fn_abc_123_8/source/./a/../index.ts"), source("index.ts"));
        assert_eq!(of("source/index.ts"), source("index.ts"));
        assert_eq!(of("index.ts"), Some(("index.ts".to_owned(), false)));
        assert_eq!(of("https://deno.land/x/mod.ts"), None);
        assert_eq!(of("/root/.cache/npm/x.js"), None);
    }

    #[test]
    fn files_keep_their_place_around_the_file_where_it_begins() {
        let here = "supabase/functions/hello";
        assert_eq!(moved("index.ts", "", here), "supabase/functions/hello/index.ts");
        assert_eq!(moved("a/_shared/x.ts", "a/b", here), "supabase/functions/_shared/x.ts");
        assert_eq!(moved("a/b/c/x.ts", "a/b", here), "supabase/functions/hello/c/x.ts");
        assert_eq!(moved("supabase/functions/hello/index.ts", here, here), "supabase/functions/hello/index.ts");
        assert_eq!(moved("x.ts", "a/b/c/d/e", "f"), "../../../../x.ts");
    }
}
