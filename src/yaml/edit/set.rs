//! Sets a value at a place of the tree.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Value};

use crate::lines::{ChangeTag, LineDiff};

use super::super::format::{comments, word_in_brackets};
use super::super::{Content, Entry, Key, Node};
use super::write::{flow, lines, member, node_of};
use super::{at, indent_of, line_end, line_start, list, tree};

/// Why a value cannot be written without changing or losing anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// An alias shares the value, so other places would change, too.
    Shared,
    /// A comment within the replaced text would be lost.
    Comment,
    /// The text is not a map, or has a form in which a single value cannot be set.
    Form,
}

/// A path of keys, and the value to be there.
pub type Setting<'s> = (&'s [&'s str], &'s Value);

/// The text with this value at a path of keys; missing keys are added. Each line keeps its line end.
///
/// # Errors
/// When anything else would change or be lost.
pub fn set(text: &str, path: &[&str], value: &Value) -> Result<String, Obstacle> {
    set_all(text, &[(path, value)]).map_err(|(_, why)| why)
}

/// The text with all these values, as if one after the other was set. It is read as often as values come to the same place, not
/// once for each of them.
///
/// # Errors
/// When anything else would change or be lost, with the index of a value by which it would.
pub fn set_all(text: &str, settings: &[Setting<'_>]) -> Result<String, (usize, Obstacle)> {
    let all: Vec<usize> = (0..settings.len()).collect();
    set_these(text.to_owned(), settings, &all)
}

fn set_these(text: String, settings: &[Setting<'_>], these: &[usize]) -> Result<String, (usize, Obstacle)> {
    match (set_apart(&text, settings, these), these) {
        (Ok((edited, left)), _) if left.is_empty() => Ok(edited),
        (Ok((edited, left)), _) => set_these(edited, settings, &left),
        (Err(_), []) => Ok(text),
        (Err(why), [only]) => Err((*only, why)),
        (Err(_), several) => {
            // It is found out which of them it is.
            let (first, second) = several.split_at(several.len() / 2);
            set_these(set_these(text, settings, first)?, settings, second)
        }
    }
}

/// The text with those of these values that come to places of their own, and the others.
fn set_apart(text: &str, settings: &[Setting<'_>], these: &[usize]) -> Result<(String, Vec<usize>), Obstacle> {
    let plain = text.replace("\r\n", "\n");
    let old = tree(&plain).ok_or(Obstacle::Form)?;
    let found = |index: &usize| {
        let (path, value) = settings.get(*index)?;
        Some((splice(&plain, &old, path, value)?, *index))
    };
    let found: Option<Vec<_>> = these.iter().map(found).collect();
    let (mut splices, mut left, mut taken, mut wanted) = (vec![], vec![], Taken::default(), old.clone());
    for (splice, index) in found.ok_or(Obstacle::Form)? {
        if taken.take(&splice.place) {
            let (path, value) = settings.get(index).ok_or(Obstacle::Form)?;
            put(&mut wanted, path, value).ok_or(Obstacle::Form)?;
            splices.push(splice);
        } else {
            left.push(index);
        }
    }
    splices.sort_by_key(|splice| splice.place.start);
    let (mut edited, mut from, mut removed) = (String::with_capacity(plain.len()), 0, vec![]);
    for Splice { place, new, gone } in splices {
        edited.push_str(plain.get(from..place.start).ok_or(Obstacle::Form)?);
        edited.push_str(&new);
        from = place.end;
        removed.extend(gone);
    }
    edited.push_str(plain.get(from..).ok_or(Obstacle::Form)?);
    let edited_ends = with_ends_of(text, &plain, &edited);
    if !tree(&edited_ends).ok_or(Obstacle::Form)?.means_same(&wanted) {
        return Err(if plain.contains('&') && plain.contains('*') { Obstacle::Shared } else { Obstacle::Form });
    }
    if keeps_comments(&plain, &edited, &removed) { Ok((edited_ends, left)) } else { Err(Obstacle::Comment) }
}

/// The places of a text that values come to: their starts and ends, of which no two touch.
#[derive(Default)]
struct Taken(BTreeMap<usize, usize>);

impl Taken {
    /// Takes a place, and tells whether all of it was free. A value after one that has to wait waits, too.
    fn take(&mut self, place: &Range<usize>) -> bool {
        let (mut start, mut end, mut is_free) = (place.start, place.end, true);
        while let Some((&from, &to)) = self.0.range(..=end).next_back().filter(|(_, to)| **to >= start) {
            self.0.remove(&from);
            (start, end, is_free) = (start.min(from), end.max(to), false);
        }
        self.0.insert(start, end);
        is_free
    }
}

/// An edited text with the line ends of the original: an unchanged line keeps its own, a new one has that of the line
/// before.
pub(super) fn with_ends_of(text: &str, plain: &str, edited: &str) -> String {
    if !text.contains("\r\n") {
        return edited.to_owned();
    }
    let windows: Vec<bool> = text.split_inclusive('\n').map(|line| line.ends_with("\r\n")).collect();
    let mut last = windows.first().copied().unwrap_or_default();
    let mut out = String::with_capacity(edited.len() + windows.len());
    for change in LineDiff::between(plain, edited).changes() {
        if let Some(own) = change.old_index().and_then(|at| windows.get(at)) {
            // The last line may have no end, so it does not decide that of the next one.
            last = if change.value().ends_with('\n') { *own } else { last };
        }
        if change.tag() != ChangeTag::Delete {
            let line = change.value();
            match line.strip_suffix('\n').filter(|_| last) {
                Some(line) => out.extend([line, "\r\n"]),
                None => out.push_str(line),
            }
        }
    }
    out
}

/// What comes in place of a part of a text.
struct Splice {
    place: Range<usize>,
    new: String,
    /// The bytes that go with items of a list.
    gone: Vec<Range<usize>>,
}

impl Splice {
    fn of(place: Range<usize>, new: String) -> Self {
        Self { place, new, gone: vec![] }
    }

    /// Lines below the line of `offset`.
    fn below(text: &str, offset: usize, lines: &[String]) -> Self {
        let end = line_end(text, offset);
        Self::of(end..end, format!("\n{}", lines.join("\n")))
    }
}

fn splice(text: &str, root: &Node, path: &[&str], value: &Value) -> Option<Splice> {
    let (mut node, mut entry, mut rest) = (root, None, path);
    let mut in_flow = is_flow(text, root);
    while let [first, below @ ..] = rest
        && let Some(found) = node.as_map()?.iter().find(|entry| entry.key.name == *first)
    {
        (node, entry, rest) = (&found.value, Some(found), below);
        // A member within brackets is on the line of the brackets, except the last one.
        in_flow |= is_flow(text, node) && !rest.is_empty();
        if matches!(node.content, Content::Null { .. }) {
            break;
        }
    }
    let Some((first, inner)) = rest.split_first() else { return replace(text, entry?, value, in_flow) };
    let value =
        inner.iter().rev().fold(value.clone(), |value, key| Map::from_iter([((*key).to_owned(), value)]).into());
    Some(match &node.content {
        Content::Map(_) if is_flow(text, node) => {
            let end = at(node.span.end) - 1;
            let before = text.get(..end)?.trim_end();
            let comma = if before.ends_with('{') { "" } else { ", " };
            Splice::of(before.len()..end, format!("{comma}{}: {}", word_in_brackets(first), flow(&value)))
        }
        Content::Map(members) => {
            let indent = indent_of(text, at(members.first()?.key.span.start))?.len();
            let end = text.get(..at(members.last()?.value.span.end))?.trim_end().len();
            Splice::below(text, end, &opened(first, &value, inner.len(), indent))
        }
        Content::Null { written: false } => {
            let key = &entry?.key;
            let indent = indent_of(text, at(key.span.start))?.len() + 2;
            Splice::below(text, at(key.span.end), &opened(first, &value, inner.len(), indent))
        }
        Content::Null { .. }
        | Content::Bool(_)
        | Content::Int(_)
        | Content::Float(_)
        | Content::Text { .. }
        | Content::List(_) => return None,
    })
}

/// A member whose first keys have lines of their own.
fn opened(key: &str, value: &Value, keys: usize, indent: usize) -> Vec<String> {
    match (keys.checked_sub(1), value.as_object().and_then(|members| members.iter().next())) {
        (Some(left), Some((inner, value))) => {
            let start = format!("{:indent$}{}:", "", word_in_brackets(key));
            std::iter::once(start).chain(opened(inner, value, left, indent + 2)).collect()
        }
        _ => member(key, value, indent),
    }
}

fn replace(text: &str, entry: &Entry, value: &Value, in_flow: bool) -> Option<Splice> {
    let old = &entry.value;
    let key = at(entry.key.span.end);
    let colon = key + text.get(key..)?.find(':')? + 1;
    let start = if matches!(old.content, Content::Null { written: false }) { colon } else { at(old.span.end) };
    let end = text.get(..start)?.trim_end().len().max(colon);
    if in_flow {
        return Some(Splice::of(colon..end, format!(" {}", flow(value))));
    }
    if let (Content::List(_), Value::Array(items), false) = (&old.content, value, is_flow(text, old))
        && let Some((place, new, gone)) = list::edit(text, old, items)
    {
        return Some(Splice { place, new, gone });
    }
    let begin = line_start(text, key);
    let indent = text.get(begin..)?.find(|c: char| c != ' ')?;
    let mut new = lines(value, indent, text.get(begin..colon)?.chars().count() + 1).into_iter();
    let first = new.next().filter(|first| !first.is_empty()).map_or_else(String::new, |first| format!(" {first}"));
    // A comment after the key or the old value moves behind the first line of the new one.
    let (own, stop) = (line_end(text, colon), line_end(text, end));
    let behind_key =
        if own < at(old.span.start) { text.get(colon..own)?.find(" #").map(|it| colon + it) } else { None };
    let comment = match behind_key {
        Some(from) => text.get(from..own)?.trim_end(),
        None => text.get(end..stop)?,
    };
    let rest: String = new.map(|line| format!("\n{line}")).collect();
    Some(Splice::of(colon..stop, format!("{first}{comment}{rest}")))
}

fn is_flow(text: &str, node: &Node) -> bool {
    matches!(node.content, Content::Map(_) | Content::List(_))
        && text.get(at(node.span.start)..).is_some_and(|rest| rest.starts_with(['{', '[']))
}

/// Puts a value into the tree at a path; a new member is at the end of its map.
fn put(node: &mut Node, path: &[&str], value: &Value) -> Option<()> {
    let Some((first, rest)) = path.split_first() else {
        *node = node_of(value, node.span)?;
        return Some(());
    };
    let span = node.span;
    if matches!(node.content, Content::Null { written: false }) {
        node.content = Content::Map(vec![]);
    }
    let Content::Map(members) = &mut node.content else { return None };
    if let Some(member) = members.iter_mut().find(|member| member.key.name == *first) {
        return put(&mut member.value, rest, value);
    }
    let mut member = Entry {
        key: Key { name: (*first).to_owned(), span },
        value: Node { span, content: Content::Null { written: false } },
    };
    put(&mut member.value, rest, value)?;
    members.push(member);
    Some(())
}

/// Whether all comments keep their places among each other, except those of removed lines.
fn keeps_comments(old: &str, new: &str, removed: &[Range<usize>]) -> bool {
    let (Some(old), Some(new)) = (comments(old), comments(new)) else { return false };
    let old = old.iter().filter(|(at, _)| !removed.iter().any(|gone| gone.contains(at)));
    old.map(|(_, text)| text).eq(new.iter().map(|(_, text)| text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn gives(text: &str, path: &str, value: &Value, wanted: &str) {
        let path: Vec<&str> = path.split('/').collect();
        let found = set(text, &path, value).ok();
        assert_eq!(found.as_deref(), Some(wanted), "\n{}", found.as_deref().unwrap_or("nothing"));
    }

    #[test]
    fn one_value_changes_and_all_else_stays() {
        let doc = "# head\nproject: acme   # ours\n\nauth:\n  jwt_exp: 1h   # why\n  'site_url' :  \"https://a.dev\"\n";
        gives(doc, "auth/jwt_exp", &json!("2h"), &doc.replace("1h", "2h"));
        gives(doc, "auth/jwt_exp", &json!(null), &doc.replace("1h", "null"));
        gives(doc, "auth/site_url", &json!("no"), &doc.replace(":  \"https://a.dev\"", ": \"no\""));
        gives(&doc.replace('\n', "\r\n"), "auth/jwt_exp", &json!(60), &doc.replace("1h", "60").replace('\n', "\r\n"));
        gives("a: {b: {c: 1, d: x}}  # why\n", "a/b/c", &json!("x: y"), "a: {b: {c: \"x: y\", d: x}}  # why\n");
        gives("a: {b: [1]}", "a/b", &json!([1, "two"]), "a: {b: [1, two]}");
        gives("a: [1]  # why\nb: 2", "a", &json!({"k": false}), "a: {k: false}  # why\nb: 2");
        gives("a: x", "a", &json!("1"), "a: \"1\"");
    }

    #[test]
    fn of_many_values_the_one_that_cannot_be_set_is_told() {
        let doc: String = (0..50).map(|n| format!("p{n}:\n  # of {n}\n  a: {n}\n  b: [1]\n")).collect();
        let paths: Vec<[String; 2]> = (0..50).map(|n| [format!("p{n}"), "a".to_owned()]).collect();
        let ways: Vec<Vec<&str>> = paths.iter().map(|path| path.iter().map(String::as_str).collect()).collect();
        let value = json!("new");
        let mut all: Vec<Setting<'_>> = ways.iter().map(|way| (way.as_slice(), &value)).collect();
        let wanted: String = (0..50).map(|n| format!("p{n}:\n  # of {n}\n  a: new\n  b: [1]\n")).collect();
        assert_eq!(set_all(&doc, &all), Ok(wanted));
        let through_a_list = ["p17", "b", "x"];
        all.insert(23, (&through_a_list, &value));
        assert_eq!(set_all(&doc, &all), Err((23, Obstacle::Form)));
        assert_eq!(set_all(&doc, &[]).as_deref(), Ok(doc.as_str()));
    }

    #[test]
    fn what_is_missing_is_written_at_the_end_of_its_map() {
        let doc = "project: acme\nauth:\n  # one\n  jwt_exp: 1h # two\n\n# three\nsecrets: {A: {plain: a}}\nssl:\n";
        gives(
            doc,
            "auth/site_url",
            &json!("https://a.dev"),
            &doc.replace("# two\n", "# two\n  site_url: https://a.dev\n"),
        );
        gives(doc, "secrets/B", &json!(null), &doc.replace("a}}", "a}, B: null}"));
        gives(doc, "secrets/A/x", &json!([]), &doc.replace("a}}", "a, x: []}}"));
        gives(doc, "ssl/enforced", &json!(true), &format!("{doc}  enforced: true\n"));
        gives(doc, "data/api/rows", &json!(5), &format!("{doc}data:\n  api:\n    rows: 5\n"));
        gives("a: {}", "a/b/c", &json!(1), "a: {b: {c: 1}}");
        gives("a:\n  b: |\n    x\n    y\n\nc: 1", "a/d", &json!(1), "a:\n  b: |\n    x\n    y\n  d: 1\n\nc: 1");
    }

    #[test]
    fn only_the_lines_of_added_and_removed_items_change() {
        let doc = "a:\n  # first\n  - x   # of x\n  # before y\n  - y\n  - z # of z\nb: 1\n";
        gives(
            doc,
            "a",
            &json!(["x", "z", "new"]),
            &doc.replace("  - y\n", "").replace("# of z\n", "# of z\n  - new\n"),
        );
        gives(
            doc,
            "a",
            &json!(["x", "w", "y"]),
            &doc.replace("  # before", "  - w\n  # before").replace("  - z # of z\n", ""),
        );
        gives("a:\n- x\n- y", "a", &json!(["y", "z"]), "a:\n- y\n- z");
        gives("a:\n- x\nb: 1", "a", &json!([]), "a: []\nb: 1");
        gives("a:\n- x\nb: 1", "a", &json!(["w"]), "a:\n- w\nb: 1");
        assert_eq!(set(doc, &["a"], &json!([])), Err(Obstacle::Comment), "its comments would be lost");
    }

    #[test]
    fn texts_of_several_lines_are_blocks() {
        gives("a: x # why\nb: 1", "a", &json!("one\n\ntwo\n"), "a: | # why\n  one\n\n  two\nb: 1");
        gives("a: |\n  one\n  two\nb: 1", "a", &json!("three"), "a: three\nb: 1");
        gives("a: >-\n  one\n  two\n\n# c\nb: 1", "a", &json!("1\n2"), "a: |-\n  1\n  2\n\n# c\nb: 1");
        gives("a: {b: x}", "a/b", &json!("1\n2"), "a: {b: \"1\\n2\"}");
        gives("a: x", "a", &json!("\tx\n y"), "a: \"\\tx\\n y\"");
        let long = json!(["a".repeat(70), "b".repeat(70)]);
        gives("a: []\nb: 1", "a", &long, &format!("a:\n  - {}\n  - {}\nb: 1", "a".repeat(70), "b".repeat(70)));
    }

    #[test]
    fn values_that_cannot_be_changed_alone_are_refused() {
        use Obstacle::{Comment, Form, Shared};
        for (text, path, why) in [
            ("a: &x {b: 1}\nc: *x\n", "a/b", Shared),
            ("a: &x {b: 1}\nc: *x\n", "c/b", Shared),
            ("a: &x 1\nc: *x\n", "a", Form),
            ("a: text\n", "a/b", Form),
            ("a: null\n", "a/b", Form),
            ("a:\n  # kept\n  b: 1\n", "a", Comment),
            ("a: [1, # one\n  2]\n", "a", Comment),
            ("- a\n", "a", Form),
            ("a: [", "a", Form),
        ] {
            let path: Vec<&str> = path.split('/').collect();
            for text in [text.to_owned(), text.replace('\n', "\r\n")] {
                assert_eq!(set(&text, &path, &json!({"new": 1})), Err(why), "{text}");
            }
        }
    }

    #[test]
    fn line_ends_and_marks_of_other_systems_stay() {
        let doc = "# head\na: x   # why\nb:\n  # one\n  - p\n  - q # two\nc: |\n  text\n\n  more\nd: {e: 1}\n";
        for (path, value) in [
            ("a", json!("y")),
            ("b", json!(["p", "r", "q"])),
            ("b", json!(["q"])),
            ("c", json!("one\n\ntwo\n")),
            ("a", json!("one\ntwo")),
            ("d/f", json!("z")),
            ("g/h", json!(null)),
        ] {
            let path: Vec<&str> = path.split('/').collect();
            let plain = set(doc, &path, &value).unwrap();
            let windows = set(&doc.replace('\n', "\r\n"), &path, &value);
            assert_eq!(windows, Ok(plain.replace('\n', "\r\n")), "{path:?}");
            assert_eq!(set(&format!("\u{feff}{doc}"), &path, &value), Ok(format!("\u{feff}{plain}")), "{path:?}");
        }
        // Where both are used, each line keeps its own.
        gives("a: 1\r\nb: 2\nc: 3\r\n", "b", &json!(4), "a: 1\r\nb: 4\nc: 3\r\n");
        gives("a: 1\r\nb: 2\nc: 3\r\n", "c", &json!("x\ny\n"), "a: 1\r\nb: 2\nc: |\r\n  x\r\n  y\r\n");
        gives("a: 1\nb: 2\r\n", "d", &json!(5), "a: 1\nb: 2\r\nd: 5\r\n");
    }
}
