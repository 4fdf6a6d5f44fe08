//! The folder: its files by their names, and the items that they are.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::table::SQL;
use crate::diag::codes::value as codes;
use crate::files::relative;
use crate::kind::prelude::*;
use crate::kind::{SourceFiles, written};
use crate::model::{Content, Setting};

/// How files are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Through {
    /// By SQL that records the file's own version.
    Query,
    /// By the API, which stamps a version.
    Api,
}

/// A file of the folder.
#[derive(Debug, Clone, Copy)]
pub(super) struct File<'a> {
    /// The name of its item: the file's, without its ending.
    pub(super) item: &'a str,
    /// Its version: the digits that its name begins with.
    pub(super) version: &'a str,
    /// The rest of its name.
    pub(super) name: &'a str,
    /// Its path from the root.
    pub(super) path: &'a str,
    pub(super) sql: &'a str,
    pub(super) through: Through,
}

/// The version and the name of a file's name: digits, `_`, and the rest.
pub(super) fn parts(item: &str) -> Option<(&str, &str)> {
    let (version, name) = item.split_once('_')?;
    let digits = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    digits.then_some((version, name))
}

/// Versions count as numbers: one may have more digits than another.
pub(super) fn order(version: &str) -> (usize, &str) {
    let digits = version.trim_start_matches('0');
    (digits.len(), digits)
}

pub(super) fn load(settings: &mut Settings, files: &mut dyn SourceFiles) {
    let Some(setting) = settings.fields.get("path") else { return };
    let (origin, at) = (setting.origin.clone(), setting.origin.span);
    let Some(path) = written(settings, "path") else { return };
    let Some(folder) = files.beside(path, at) else { return };
    let Some(listed) = files.list(&folder, at) else {
        let message = format!("`{folder}` is no folder whose files can be read");
        // Paths begin where the manifest is, and people think of the root.
        let own = folder.strip_suffix(path).filter(|own| !own.is_empty());
        let hint = match own {
            Some(own) if files.list(path, at).is_some_and(|listed| !listed.is_empty()) => {
                format!("A path begins in the folder of its manifest: write `{}`.", relative(own, path))
            }
            _ => "Make the folder with its first file, such as `20260131120000_first.sql`.".to_owned(),
        };
        return files.tell(Diagnostic::error(codes::NO_FOLDER, at, message).hint(hint));
    };
    let mut content = BTreeMap::new();
    for path in listed {
        // Folders within it are not the CLI's migrations, either.
        let Some(item) = below(&folder, &path).and_then(|name| name.strip_suffix(".sql")) else { continue };
        if parts(item).is_none() {
            let message = format!("`{path}` is passed over: its name does not begin with a version and `_`");
            files.tell(
                Diagnostic::warning(codes::NO_VERSION, at, message)
                    .hint("Name it like `20260131120000_what_it_does.sql`."),
            );
            continue;
        }
        let Some(read) = files.read(&path, at) else { continue };
        if read.text().is_none() {
            files.tell(Diagnostic::error(codes::BAD_SQL, at, format!("`{path}` is no text in UTF-8")));
            continue;
        }
        content.insert(path, read);
    }
    settings.content = Some(Box::new(Content {
        files: content,
        facts: BTreeMap::new(),
        along: BTreeMap::new(),
        said: BTreeMap::new(),
        origin,
    }));
}

/// The name of a file that lies in a folder, and not in one below it.
fn below<'p>(folder: &str, path: &'p str) -> Option<&'p str> {
    let name = if folder.is_empty() { path } else { path.strip_prefix(folder)?.strip_prefix('/')? };
    (!name.contains('/')).then_some(name)
}

/// Each file becomes an item, whose one value is its SQL.
pub(super) fn spread(section: &mut Section) {
    let SectionBody::Settings(settings) = &section.body else { return };
    let Some(content) = &settings.content else { return };
    let through = written(settings, "through").unwrap_or("query").to_owned();
    let items = content.files.iter().filter_map(|(path, file)| {
        let item = path.rsplit('/').next()?.strip_suffix(".sql")?.to_owned();
        // Line ends are the same on every system, so that plans are the same.
        let text = file.text()?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        let origin = content.origin.clone();
        let value = DesiredValue::Value(text.into());
        let sql = Setting { field: &SQL, value, origin: origin.clone(), parts: vec![], over: vec![] };
        let one = Content {
            files: BTreeMap::new(),
            facts: BTreeMap::new(),
            // Its text is the value that is compared.
            along: BTreeMap::from([(path.clone(), file.clone())]),
            said: BTreeMap::from([("through", json!(through))]),
            origin: origin.clone(),
        };
        let mut settings = Settings { content: Some(Box::new(one)), ..Settings::default() };
        settings.fields.insert(SQL.name, sql);
        Some((item, Item::Present(settings, origin)))
    });
    section.body = SectionBody::Items(items.collect());
}

/// The files of some items, in the order of their versions.
pub(super) fn files(items: &BTreeMap<String, Item>) -> Vec<File<'_>> {
    let mut files: Vec<_> = items.iter().filter_map(|(item, it)| file(item, it)).collect();
    files.sort_by(|one, other| (order(one.version), one.item).cmp(&(order(other.version), other.item)));
    files
}

fn file<'a>(item: &'a str, it: &'a Item) -> Option<File<'a>> {
    let Item::Present(settings, _) = it else { return None };
    let content = settings.content.as_ref()?;
    let (version, name) = parts(item)?;
    let through = if content.said.get("through") == Some(&Value::from("api")) { Through::Api } else { Through::Query };
    let sql = written(settings, SQL.name)?;
    Some(File { item, version, name, path: content.along.keys().next()?, sql, through })
}
