//! Which files of one module lean on each other: a file that one reads alone leads to no other that leads back to it.

use std::collections::{BTreeMap, BTreeSet};

/// The paths of modules that a text names, from `crate`, `super` or `self` on, one by one or in braces. What is only handed on
/// (`pub use`) or says who may see something (`pub(in …)`) is not among them.
fn paths(code: &str, children: &[&str]) -> Vec<Vec<String>> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = vec![];
    let statements = code.split(';').filter(|statement| {
        let start = statement.rsplit('\n').find(|line| !line.trim().is_empty()).unwrap_or_default().trim_start();
        let whole = statement.trim_start();
        !(whole.starts_with("pub") && whole.contains(" use ") && !whole.contains('=') && !whole.contains("fn ")
            || start.starts_with("pub use"))
    });
    for statement in statements {
        for start in ["crate", "super", "self"].iter().chain(children) {
            for (at, _) in statement.match_indices(&format!("{start}::")) {
                let before = statement.get(..at).unwrap_or_default();
                if before.ends_with(is_word) || before.ends_with("::") || before.ends_with("(in ") {
                    continue;
                }
                let mut path = if children.contains(start) { vec!["self".to_owned()] } else { vec![] };
                tree(statement.get(at..).unwrap_or_default(), &mut path, &mut found);
            }
        }
    }
    found
}

/// Reads `a::b` or `a::{b, c::d}`; what follows it.
fn tree<'t>(text: &'t str, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> &'t str {
    let text = text.trim_start();
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (word, mut rest) = text.split_at(end);
    let depth = path.len();
    path.push(word.to_owned());
    if let Some(inner) = rest.strip_prefix("::{") {
        rest = inner;
        loop {
            rest = tree(rest, path, found).trim_start();
            match rest.strip_prefix(',') {
                Some(next) if !next.trim_start().starts_with('}') => rest = next,
                Some(next) => rest = next.trim_start(),
                None => {}
            }
            match rest.strip_prefix('}') {
                Some(next) => {
                    rest = next;
                    break;
                }
                None if rest.is_empty() || !rest.starts_with(|c: char| c.is_alphabetic() || c.is_whitespace()) => break,
                None => {}
            }
        }
    } else if let Some(next) = rest.strip_prefix("::") {
        rest = tree(next, path, found);
    } else {
        found.push(path.clone());
        if let Some(renamed) = rest.strip_prefix(" as ") {
            rest = renamed.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        }
    }
    path.truncate(depth);
    rest
}

/// What a module hands on, and from which module: `pub use child::Name`.
fn handed_on(code: &str) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for statement in code.split(';') {
        let Some((who, what)) = statement.trim_start().split_once("use ") else { continue };
        if who.starts_with("pub") {
            let mut found = vec![];
            tree(what, &mut vec![], &mut found);
            all.extend(found.into_iter().filter_map(|path| Some((path.last()?.clone(), path))));
        }
    }
    all
}

/// The files of a module that lead to one another, each group once, with the names that tie them.
pub(crate) fn circles(files: &[(String, String)]) -> Vec<String> {
    let module = |name: &str| -> Vec<String> {
        let path = name.trim_end_matches(".rs");
        path.strip_suffix("/mod").unwrap_or(path).split('/').map(str::to_owned).collect()
    };
    let codes: BTreeMap<Vec<String>, &str> = files.iter().map(|(name, code)| (module(name), code.as_str())).collect();
    let deepest = |from: &[String], path: &[String]| -> (Vec<String>, usize) {
        let (mut at, mut used) = (from.to_vec(), 0);
        for segment in path {
            let next: Vec<String> = at.iter().cloned().chain([segment.clone()]).collect();
            if !codes.contains_key(&next) {
                break;
            }
            (at, used) = (next, used + 1);
        }
        (at, used)
    };
    let uses = |own: &Vec<String>, code: &str| -> BTreeMap<Vec<String>, BTreeSet<String>> {
        let children: Vec<&str> = codes
            .keys()
            .filter(|other| other.len() == own.len() + 1 && other.starts_with(own))
            .filter_map(|other| other.last().map(String::as_str))
            .collect();
        let mut all: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        for path in paths(code, &children) {
            let ups = path.iter().take_while(|segment| *segment == "super").count();
            let (from, rest) = match path.first().map(String::as_str) {
                Some("crate") => (vec![], path.get(1..)),
                Some("self") => (own.clone(), path.get(1..)),
                _ => (own.get(..own.len().saturating_sub(ups)).unwrap_or_default().to_vec(), path.get(ups..)),
            };
            let rest = rest.unwrap_or_default();
            let (mut at, used) = deepest(&from, rest);
            let given = codes.get(&at).map(|code| handed_on(code)).unwrap_or_default();
            if let Some(path) = rest.get(used).and_then(|name| given.get(name)) {
                at = deepest(&at, path).0;
            }
            if at != *own && codes.contains_key(&at) {
                all.entry(at).or_default().extend(path.last().cloned());
            }
        }
        all
    };
    let edges: BTreeMap<_, _> = codes.iter().map(|(own, code)| (own.clone(), uses(own, code))).collect();
    let reached = |from: &Vec<String>| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(at) = next.pop() {
            next.extend(
                edges.get(&at).into_iter().flat_map(BTreeMap::keys).filter(|it| seen.insert((*it).clone())).cloned(),
            );
        }
        seen
    };
    let reached: BTreeMap<_, _> = edges.keys().map(|own| (own.clone(), reached(own))).collect();
    let groups = reached.iter().filter(|(own, all)| all.contains(*own)).map(|(own, all)| {
        let group: Vec<&Vec<String>> =
            all.iter().filter(|other| reached.get(*other).is_some_and(|it| it.contains(own))).collect();
        let told = group.iter().map(|path| path.join("::")).collect::<Vec<_>>().join(" ↔ ");
        let ties = group.iter().flat_map(|from| edges.get(*from).into_iter().flatten().map(move |to| (from, to)));
        let ties = ties.filter(|(_, (to, _))| group.contains(to)).map(|(from, (to, names))| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("\n  {} → {}: {}", from.join("::"), to.join("::"), names.join(", "))
        });
        told + &ties.collect::<String>()
    });
    groups.collect::<BTreeSet<_>>().into_iter().collect()
}

#[test]
fn a_circle_is_found_however_it_is_written() {
    let of = |module: &str, b: &str, c: &str| {
        let files = [("a/mod.rs", module), ("a/b.rs", b), ("a/c.rs", c)];
        let found = circles(&files.map(|(name, code)| (name.to_owned(), code.to_owned())));
        found.iter().map(|circle| circle.lines().next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let none = Vec::<String>::new();
    let circle = ["a::b ↔ a::c"];
    assert_eq!(of("", "use super::c::C;", "fn f() { super::b::g() }"), circle);
    assert_eq!(of("", "use super::{x, c::{C, D}};", "use crate::a::{b::B, y};"), circle);
    assert_eq!(of("", "use super::{c::{self, C}, x};", "use super::{y, b as z};"), circle);
    let handed_on = "mod b;\nmod c;\npub use c::{C, D};";
    assert_eq!(of(handed_on, "use super::C;", "use super::b::B;"), circle);
    assert_eq!(of(handed_on, "use super::C;", "pub(in crate::a::b) fn f() {}"), none);
    assert_eq!(of("mod b;\nfn f() { b::g() }", "use super::f;", ""), ["a ↔ a::b"]);
    assert_eq!(of("mod b;\nuse b::B;", "use crate::x::b::Y;", "use super::b::B;"), none);
}

#[test]
fn a_circle_is_told_with_the_names_that_tie_it() {
    let files = [("a/b.rs", "use super::c::{C, D};"), ("a/c.rs", "fn f() { super::b::g() }")];
    let files = files.map(|(name, code)| (name.to_owned(), code.to_owned()));
    assert_eq!(circles(&files), ["a::b ↔ a::c\n  a::b → a::c: C, D\n  a::c → a::b: g"]);
}
