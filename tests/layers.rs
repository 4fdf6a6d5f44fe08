//! The layers of the house: a module uses only those below it. See the table in `src/lib.rs`.

mod circles;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use supaform::kind::infos;
use supaform::kinds::KINDS;

/// From the bottom up; modules of one layer may use each other.
const LAYERS: &[&[&str]] = &[
    &["clock", "stop", "exit", "text", "diag", "failure", "files", "json", "lines", "sql", "yaml"],
    &["schema", "secret"],
    &["model"],
    &["kind", "kinds"],
    &["manifest", "import", "diff", "compare", "plan"],
    &["workspace", "api", "observe", "apply", "forge"],
    &["record"],
    &["git", "ci"],
    &["session"],
    &["view"],
    &["cli"],
];

/// What the sandbox may see: the facts of a field, plain data, and the one way to open and write files.
const SANDBOX_SEES: &[&str] =
    &["clock", "files", "json", "sql", "schema", "secret", "model", "kind", "kinds", "sandbox"];

/// Modules that do no I/O and have no `async`.
const PURE: &[&str] = &[
    "yaml", "json", "diag", "schema", "model", "kind", "kinds", "manifest", "import", "diff", "compare", "plan",
    "record", "view", "exit", "text", "lines", "sql",
];

/// Modules that lead a run without a command line: they print nothing and know no option.
const QUIET: &[&str] = &["git", "ci", "session"];

fn sources(at: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(at).expect("src is there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Each source file with its top module and its text, without comments and tests.
fn files() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = vec![];
    sources(&root, &mut found);
    found.retain(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().ends_with("tests.rs")));
    found.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
        let module = name.split(['/', '.']).next().unwrap_or_default().to_owned();
        let text = fs::read_to_string(&path).expect("a readable file");
        let code = without_tests(&text);
        let code = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join(
            "
",
        );
        (name, module, code)
    };
    found.into_iter().map(read).collect()
}

/// A text without the items that only tests have: modules, imports, functions, each to its end.
fn without_tests(text: &str) -> String {
    const TEST: &str = "#[cfg(test)]";
    let (mut kept, mut inside) = (String::new(), None);
    for line in text.lines() {
        inside = inside.or_else(|| line.trim_start().starts_with(TEST).then_some(line.len() - line.trim_start().len()));
        match inside {
            None => kept.extend([line, "\n"]),
            // An item ends with its line, or with the brace that stands below its first letter.
            Some(indent) => {
                let own = line.len() - line.trim_start().len() == indent && !line.trim_start().starts_with('#');
                if own && (line.ends_with(';') || line.trim_start().starts_with('}')) {
                    inside = None;
                }
            }
        }
    }
    kept
}

#[test]
fn what_stands_behind_a_test_counts() {
    let text = "a\n#[cfg(test)]\nmod b;\nc\n#[cfg(test)]\n#[path = \"x\"]\nmod d {\n    e;\n    }\n}\nf\n";
    assert_eq!(without_tests(text), "a\nc\nf\n");
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The top modules that a text names by `crate::…`, one by one or in braces.
fn used(code: &str) -> Vec<String> {
    let mut names = vec![];
    for (at, _) in code.match_indices("crate::") {
        let rest: String =
            code.chars().skip(code.get(..at).unwrap_or_default().chars().count() + 7).take(400).collect();
        if let Some(braced) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            for c in braced.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => names.push(std::mem::take(&mut word)),
                    _ if depth == 0 => word.push(c),
                    _ => {}
                }
            }
            names.push(word);
        } else {
            names.push(rest);
        }
    }
    let first = |name: String| {
        name.trim().split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned()
    };
    names.into_iter().map(first).filter(|name| !name.is_empty()).collect()
}

#[test]
fn modules_use_only_what_is_below_them() {
    let mut wrong = vec![];
    for (file, module, code) in files() {
        for other in used(&code) {
            let fine = match (module.as_str(), other.as_str()) {
                ("sandbox", other) => SANDBOX_SEES.contains(&other),
                ("lib" | "main", _) | ("cli" | "session", "sandbox") => true,
                (module, other) => layer(other).is_some_and(|below| layer(module).is_some_and(|own| below <= own)),
            };
            if !fine {
                wrong.push(format!("{file} uses crate::{other}"));
            }
        }
    }
    assert!(wrong.is_empty(), "upward uses:\n{}", wrong.join("\n"));
}

#[test]
fn the_core_does_no_io() {
    let mut wrong = vec![];
    for (file, module, code) in files() {
        if !PURE.contains(&module.as_str()) {
            continue;
        }
        for word in ["async fn", "tokio::", "std::fs", "std::io", "std::env", "reqwest"] {
            if code.contains(word) {
                wrong.push(format!("{file} has {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "I/O in the core:\n{}", wrong.join("\n"));
}

/// Everything else opens and writes through `files`, which follows no link and bounds what it reads.
#[test]
fn files_are_opened_in_one_place() {
    let mut wrong = vec![];
    for (file, module, code) in files().into_iter().filter(|(_, module, _)| module != "files") {
        for word in
            ["fs::write", "fs::read", "fs::rename", "fs::copy", "fs::remove", "fs::hard_link", "File::", "OpenOptions"]
        {
            if code.contains(word) {
                wrong.push(format!("{file} ({module}) has {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "files that are opened elsewhere:\n{}", wrong.join("\n"));
}

/// A file that one reads alone leads to no other that leads back to it; what a module hands on (`pub use`) leads nowhere.
#[test]
fn no_two_files_of_a_module_lead_to_each_other() {
    let mut modules: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for (file, module, code) in files() {
        modules.entry(module).or_default().push((file, code));
    }
    let found: Vec<String> = modules.values().flat_map(|files| circles::circles(files)).collect();
    assert!(found.is_empty(), "files that lead to each other:\n{}", found.join("\n"));
}

#[test]
fn a_session_prints_nothing_and_knows_no_command_line() {
    let mut wrong = vec![];
    for (file, _, code) in files().into_iter().filter(|(_, module, _)| QUIET.contains(&module.as_str())) {
        for word in ["clap", "stdout()", "stderr()", "println!", "print!", "is_terminal"] {
            if code.contains(word) {
                wrong.push(format!("{file} has {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "what belongs to the command line:\n{}", wrong.join("\n"));
}

/// Asynchronous work is waited for in one place; everywhere else functions are `async`.
#[test]
fn one_place_builds_the_runtime() {
    let words = ["block_on", "runtime::Builder", "Runtime::new", "Handle::current"];
    let at: BTreeSet<String> = files()
        .into_iter()
        .filter(|(_, _, code)| words.iter().any(|word| code.contains(word)))
        .map(|(file, ..)| file)
        .collect();
    assert_eq!(at, BTreeSet::from(["cli/mod.rs".to_owned()]));
}

#[test]
fn no_kind_is_named_outside_of_its_file() {
    let mut wrong = vec![];
    for (file, module, code) in files() {
        if ["kinds", "sandbox", "lib", "main"].contains(&module.as_str()) {
            continue;
        }
        for name in infos(KINDS).map(|info| format!("\"{}\"", info.name)) {
            if code.contains(&format!("== {name}")) || code.contains(&format!("{name} =>")) {
                wrong.push(format!("{file} asks for {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "a method of `Kind` is missing where code asks which kind it is:\n{}", wrong.join("\n"));
}

/// What the requests of a kind are is data, but where the API is irregular.
#[test]
fn at_most_a_third_of_the_kinds_make_their_requests_by_code() {
    let overriding = |(file, module, code): &(String, String, String)| {
        (module == "kinds" && code.contains("fn calls(&self")).then(|| file.clone())
    };
    let own: Vec<String> = files().iter().filter_map(overriding).collect();
    // The project itself is no section, and a kind nevertheless.
    assert!(own.len() * 3 <= KINDS.len() + 1, "{} of {} kinds: {own:?}", own.len(), KINDS.len() + 1);
    assert!(own.iter().any(|file| file == "kinds/project.rs"), "the search finds nothing: {own:?}");
}

/// What prints documents: these make text of blocks, and know nothing of what those were made of.
const FORMATS: &[&str] =
    &["view/text", "view/markdown", "view/html", "view/lists", "view/document", "view/detail", "view/junit"];

#[test]
fn no_format_knows_a_plan() {
    let mut wrong = vec![];
    for (file, _, code) in
        files().into_iter().filter(|(file, ..)| FORMATS.iter().any(|format| file.starts_with(format)))
    {
        for word in
            ["PlanRecord", "ProjectRecord", "ChangeRecord", "FieldRecord", "crate::plan", "crate::model", "view::build"]
        {
            if code.contains(word) {
                wrong.push(format!("{file} names {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "a second walk of a plan:\n{}", wrong.join("\n"));
}

#[test]
fn files_are_short() {
    let mut found = vec![];
    for folder in ["src", "tests"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    }
    let lines = |path: &PathBuf| fs::read_to_string(path).expect("a readable file").lines().count();
    let all = found.into_iter().map(|path| (lines(&path), path));
    let long: Vec<_> = all
        .filter(|(lines, _)| *lines > 500)
        .map(|(lines, path)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "files that want to be two:\n{}", long.join("\n"));
}
