//! What a source imports, found as a text: the same approximation as the Supabase CLI's, so that both upload the same files.

use std::sync::LazyLock;

use regex_lite::Regex;
use serde_json::{Map, Value};

use super::paths::{joined, split};

static IMPORT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)(?:import|export)\s+(?:type\s+)?(?:\{[^{}]+\}|.*?)\s*(?:from)?\s*['"](.*?)['"]|import\(\s*['"](.*?)['"]\s*[),]"#,
    )
    .expect("a pattern")
});

/// The imports of an import map or of a configuration of Deno, and those within folders.
#[derive(Debug, Default)]
pub(super) struct ImportMap {
    /// The folder of the map.
    folder: String,
    imports: Vec<(String, String)>,
    /// By the folder within which they hold, the longest first.
    scopes: Vec<(String, Vec<(String, String)>)>,
}

impl ImportMap {
    /// Reads a map in a folder, and the path of another map that it names; `None` where it is no JSON.
    pub(super) fn read(text: &str, folder: &str) -> Option<(Self, Option<String>)> {
        let whole: Value = serde_json::from_str(&plain(text)).ok()?;
        let pairs = |map: Option<&Value>| {
            let entries = map.and_then(Value::as_object).into_iter().flatten();
            let pairs = entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
            let mut pairs: Vec<_> = pairs.collect();
            pairs.sort_by_key(|(key, _)| std::cmp::Reverse(key.len()));
            pairs
        };
        let scopes = whole.get("scopes").and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
        let mut scopes: Vec<_> = scopes.iter().map(|(scope, map)| (joined(folder, scope), pairs(Some(map)))).collect();
        scopes.sort_by_key(|(scope, _)| std::cmp::Reverse(scope.len()));
        let other = whole.get("importMap").and_then(Value::as_str).filter(|path| !path.contains("://"));
        let map = Self { folder: folder.to_owned(), imports: pairs(whole.get("imports")), scopes };
        Some((map, other.map(|path| joined(folder, path))))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.imports.is_empty() && self.scopes.is_empty()
    }

    /// What a specifier stands for in a file: a key by itself, or one that ends with `/` and begins the specifier.
    fn substituted(&self, specifier: &str, importer: &str) -> Option<String> {
        let within =
            |scope: &str| importer.strip_prefix(scope).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let scoped = self.scopes.iter().filter(|(scope, _)| within(scope)).flat_map(|(_, pairs)| pairs);
        scoped.chain(&self.imports).find_map(|(key, value)| {
            let rest = specifier.strip_prefix(key.as_str())?;
            (rest.is_empty() || key.ends_with('/')).then(|| format!("{value}{rest}"))
        })
    }
}

/// The paths from the root of the files that a source imports.
pub(super) fn imported(source: &str, importer: &str, map: &ImportMap) -> Vec<String> {
    let (folder, _) = split(importer);
    let matches = IMPORT.captures_iter(source).filter_map(|found| found.get(1).or_else(|| found.get(2)));
    let paths = matches.filter_map(|found| {
        let specifier = found.as_str().trim();
        let (path, folder) = match map.substituted(specifier, importer) {
            Some(substituted) => (substituted, map.folder.as_str()),
            None => (specifier.to_owned(), folder),
        };
        let name = path.rsplit('/').next().unwrap_or_default();
        let is_file = name.rsplit_once('.').is_some_and(|(_, end)| !end.is_empty());
        let is_local = path.starts_with("./") || path.starts_with("../");
        (is_file && is_local).then(|| joined(folder, &path))
    });
    paths.collect()
}

/// JSON without comments and without commas before a closing bracket.
fn plain(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut out, mut chars) = (String::with_capacity(text.len()), text.chars().peekable());
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('"', _) => {
                out.push(c);
                while let Some(inner) = chars.next() {
                    out.push(inner);
                    match inner {
                        '\\' => out.extend(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            ('/', Some('/')) => while chars.next_if(|next| *next != '\n').is_some() {},
            ('/', Some('*')) => {
                chars.next();
                let mut before = ' ';
                for inner in chars.by_ref() {
                    if before == '*' && inner == '/' {
                        break;
                    }
                    before = inner;
                }
            }
            ('}' | ']', _) => {
                let kept = out.trim_end();
                if let Some(kept) = kept.strip_suffix(',') {
                    out.truncate(kept.len());
                }
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found_as_texts() {
        let source = r#"
import { serve } from "https://deno.land/std/http/server.ts";
import { cors } from '../_shared/cors.ts'
import type { Row } from "./types.d.ts";
import {
  one,
  two,
} from "./many.ts";
import "./effect.ts";
export * from "./again.ts";
const later = await import("./later.ts");
import data from "./data.json" with { type: "json" };
import { x } from "@/lib/x.ts";
import y from "y";
import z from "./no_extension";
import n from "npm:zod@3";
"#;
        let map = r#"{
  // a comment, and a comma too many
  "imports": {"@/": "./", "y": "../vendor/y.js", "npm-thing": "npm:thing",},
}"#;
        let (map, other) = ImportMap::read(map, "supabase/functions/hello").expect("a map");
        assert!(other.is_none());
        let found = imported(source, "supabase/functions/hello/index.ts", &map);
        let here = |name: &str| format!("supabase/functions/{name}");
        let expected = [
            "_shared/cors.ts",
            "hello/types.d.ts",
            "hello/many.ts",
            "hello/effect.ts",
            "hello/again.ts",
            "hello/later.ts",
            "hello/data.json",
            "hello/lib/x.ts",
            "vendor/y.js",
        ];
        assert_eq!(found, expected.map(here));
    }

    #[test]
    fn a_scope_holds_within_its_folder_and_a_longer_key_comes_first() {
        let map =
            r#"{"imports": {"a/": "./one/", "a/b/": "./two/", "c": "./c.ts"}, "scopes": {"./in/": {"c": "./d.ts"}}}"#;
        let (map, _) = ImportMap::read(map, "f").expect("a map");
        let of = |specifier: &str, importer: &str| imported(&format!("import x from '{specifier}'"), importer, &map);
        assert_eq!(of("a/b/x.ts", "f/index.ts"), ["f/two/x.ts"]);
        assert_eq!(of("a/x.ts", "f/index.ts"), ["f/one/x.ts"]);
        assert_eq!(
            (of("c", "f/index.ts"), of("c", "f/in/x.ts")),
            (vec!["f/c.ts".to_owned()], vec!["f/d.ts".to_owned()])
        );
        assert_eq!(of("cc", "f/index.ts"), Vec::<String>::new());
    }

    #[test]
    fn comments_are_no_json_and_strings_stay() {
        let text = "{\"a\": \"// not /* one */ \\\" ,}\", /* b */ \"c\": [1, 2, ], // d\n}";
        let value: Value = serde_json::from_str(&plain(text)).expect("JSON");
        assert_eq!(value, serde_json::json!({"a": "// not /* one */ \" ,}", "c": [1, 2]}));
        assert!(ImportMap::read("{", "").is_none());
        let (_, other) = ImportMap::read("{\"importMap\": \"./x/map.json\"}", "f").expect("a map");
        assert_eq!(other.as_deref(), Some("f/x/map.json"));
    }
}
