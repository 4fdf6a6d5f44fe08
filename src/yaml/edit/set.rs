//! Sets a value at a place of the tree.

use std::ops::Range;

use serde_json::{Map, Value};

use crate::lines::{ChangeTag, LineDiff};

use super::super::format::{comments, word_in_brackets};
use super::super::{Content, Entry, Key, Node};
use super::write::{flow, lines, member, node_of};
use super::{at, below, indent_of, line_end, line_start, list, tree};

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

/// The text with this value at a path of keys; missing keys are added. Each line keeps its line end.
///
/// # Errors
/// When anything else would change or be lost.
pub fn set(text: &str, path: &[&str], value: &Value) -> Result<String, Obstacle> {
    let plain = text.replace("\r\n", "\n");
    let old = tree(&plain).ok_or(Obstacle::Form)?;
    let (edited, removed) = edit(&plain, &old, path, value).ok_or(Obstacle::Form)?;
    let wanted = with(&old, path, value).ok_or(Obstacle::Form)?;
    let edited_ends = with_ends_of(text, &plain, &edited);
    if !tree(&edited_ends).ok_or(Obstacle::Form)?.means_same(&wanted) {
        return Err(if plain.contains('&') && plain.contains('*') { Obstacle::Shared } else { Obstacle::Form });
    }
    if keeps_comments(&plain, &edited, &removed) { Ok(edited_ends) } else { Err(Obstacle::Comment) }
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

type Edited = (String, Vec<Range<usize>>);

fn edit(text: &str, root: &Node, path: &[&str], value: &Value) -> Option<Edited> {
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
    let edited = match &node.content {
        Content::Map(_) if is_flow(text, node) => {
            let (before, after) = text.split_at_checked(at(node.span.end) - 1)?;
            let comma = if before.trim_end().ends_with('{') { "" } else { ", " };
            format!("{}{comma}{}: {}{after}", before.trim_end(), word_in_brackets(first), flow(&value))
        }
        Content::Map(members) => {
            let indent = indent_of(text, at(members.first()?.key.span.start))?.len();
            let end = text.get(..at(members.last()?.value.span.end))?.trim_end().len();
            below(text, end, &opened(first, &value, inner.len(), indent).join("\n"))
        }
        Content::Null { written: false } => {
            let key = &entry?.key;
            let indent = indent_of(text, at(key.span.start))?.len() + 2;
            below(text, at(key.span.end), &opened(first, &value, inner.len(), indent).join("\n"))
        }
        Content::Null { .. }
        | Content::Bool(_)
        | Content::Int(_)
        | Content::Float(_)
        | Content::Text { .. }
        | Content::List(_) => return None,
    };
    Some((edited, vec![]))
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

fn replace(text: &str, entry: &Entry, value: &Value, in_flow: bool) -> Option<Edited> {
    let old = &entry.value;
    let key = at(entry.key.span.end);
    let colon = key + text.get(key..)?.find(':')? + 1;
    let start = if matches!(old.content, Content::Null { written: false }) { colon } else { at(old.span.end) };
    let end = text.get(..start)?.trim_end().len().max(colon);
    if in_flow {
        return Some((format!("{} {}{}", text.get(..colon)?, flow(value), text.get(end..)?), vec![]));
    }
    if let (Content::List(_), Value::Array(items), false) = (&old.content, value, is_flow(text, old))
        && let Some(edited) = list::edit(text, old, items)
    {
        return Some(edited);
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
    Some((format!("{}{first}{comment}{rest}{}", text.get(..colon)?, text.get(stop..)?), vec![]))
}

fn is_flow(text: &str, node: &Node) -> bool {
    matches!(node.content, Content::Map(_) | Content::List(_))
        && text.get(at(node.span.start)..).is_some_and(|rest| rest.starts_with(['{', '[']))
}

/// The tree with a value at a path; a new member is at the end of its map.
fn with(node: &Node, path: &[&str], value: &Value) -> Option<Node> {
    let Some((first, rest)) = path.split_first() else { return node_of(value, node.span) };
    let mut members = match &node.content {
        Content::Map(members) => members.clone(),
        Content::Null { written: false } => vec![],
        Content::Null { .. }
        | Content::Bool(_)
        | Content::Int(_)
        | Content::Float(_)
        | Content::Text { .. }
        | Content::List(_) => return None,
    };
    if let Some(member) = members.iter_mut().find(|member| member.key.name == *first) {
        member.value = with(&member.value, rest, value)?;
    } else {
        let empty = Node { span: node.span, content: Content::Null { written: false } };
        let key = Key { name: (*first).to_owned(), span: node.span };
        members.push(Entry { key, value: with(&empty, rest, value)? });
    }
    Some(Node { span: node.span, content: Content::Map(members) })
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
