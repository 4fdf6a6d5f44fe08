//! Takes a member out of a map.

use std::ops::Range;

use super::super::format::comments;
use super::super::{Content, Entry, Node};
use super::set::with_ends_of;
use super::{Obstacle, at, indent_of, line_end, line_start, tree};

/// A text without a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// The text.
    pub text: String,
    /// The comments of the member: of the lines right above it, and behind it.
    pub comments: Vec<String>,
}

/// The text without the member at a path of keys, and without the maps that it leaves empty. Its comments go along: those
/// right above it, and behind it.
///
/// # Errors
/// When anything else would change or be lost: a comment within the value, or all of the text.
pub fn remove(text: &str, path: &[&str]) -> Result<Removed, Obstacle> {
    let plain = text.replace("\r\n", "\n");
    let old = tree(&plain).ok_or(Obstacle::Form)?;
    let wanted = without(&old, path).ok_or(Obstacle::Form)?;
    let entry = member(&old, path).ok_or(Obstacle::Form)?.1;
    let mut rest = path;
    let (start, end) = loop {
        let (members, own) = member(&old, rest).ok_or(Obstacle::Form)?;
        let (_, above) = rest.split_last().ok_or(Obstacle::Form)?;
        match (members.len(), is_in_brackets(&plain, members)) {
            (1, _) => rest = above,
            (_, true) => break in_brackets(members, own).ok_or(Obstacle::Form)?,
            (_, false) => break lines(&plain, own).ok_or(Obstacle::Form)?,
        }
    };
    let edited = format!("{}{}", plain.get(..start).unwrap_or_default(), plain.get(end..).unwrap_or_default());
    let edited = with_ends_of(text, &plain, &edited);
    if !tree(&edited).ok_or(Obstacle::Form)?.means_same(&wanted) {
        return Err(if plain.contains('&') && plain.contains('*') { Obstacle::Shared } else { Obstacle::Form });
    }
    let gone = comments(&plain).ok_or(Obstacle::Form)?.into_iter().filter(|(at, _)| (start..end).contains(at));
    let (within, own): (Vec<_>, Vec<_>) = gone.partition(|(at, _)| written(&plain, entry).contains(at));
    if !within.is_empty() {
        return Err(Obstacle::Comment);
    }
    Ok(Removed { text: edited, comments: own.into_iter().map(|(_, text)| text).collect() })
}

/// A member, and all of its map.
fn member<'n>(root: &'n Node, path: &[&str]) -> Option<(&'n [Entry], &'n Entry)> {
    let (name, above) = path.split_last()?;
    let members = above.iter().try_fold(root, |node, key| node.get(key))?.as_map()?;
    Some((members, members.iter().find(|entry| entry.key.name == *name)?))
}

/// Where the value of a member is written.
fn written(text: &str, entry: &Entry) -> Range<usize> {
    let start = at(entry.key.span.end);
    let end = at(entry.value.span.end).max(start);
    start..text.get(..end).map_or(end, |before| before.trim_end().len())
}

/// Whether members stand on one line, or in brackets over several.
fn is_in_brackets(text: &str, members: &[Entry]) -> bool {
    members.iter().any(|entry| indent_of(text, at(entry.key.span.start)).is_none())
        || members.windows(2).any(|two| {
            let [one, other] = two else { return false };
            text.get(at(one.value.span.end)..at(other.key.span.start))
                .is_some_and(|between| between.trim_start().starts_with(','))
        })
}

/// Within brackets, with the comma before it, or else the one after it.
fn in_brackets(members: &[Entry], own: &Entry) -> Option<(usize, usize)> {
    let index = members.iter().position(|entry| entry.key == own.key)?;
    if let Some(before) = index.checked_sub(1).and_then(|before| members.get(before)) {
        return Some((
            at(before.value.span.end).max(at(before.key.span.end)),
            at(own.value.span.end).max(at(own.key.span.end)),
        ));
    }
    Some((at(own.key.span.start), at(members.get(1)?.key.span.start)))
}

/// Whole lines, with those of comments right above at the same depth.
fn lines(text: &str, own: &Entry) -> Option<(usize, usize)> {
    let key = at(own.key.span.start);
    let indent = indent_of(text, key)?;
    let stop = line_end(text, written(text, own).end);
    let mut start = line_start(text, key);
    while let Some(end) = start.checked_sub(1) {
        let begin = line_start(text, end);
        if !text.get(begin..end)?.strip_prefix(indent).is_some_and(|rest| rest.starts_with('#')) {
            break;
        }
        start = begin;
    }
    let end = (stop + 1).min(text.len());
    // One blank line is enough, and none at the end.
    let is_blank = text.get(..start)?.ends_with("\n\n");
    let is_last = text.get(end..)?.starts_with('\n') || end == text.len();
    Some((if is_blank && is_last { start - 1 } else { start }, end))
}

/// The tree without a member, and without the maps that it leaves empty; `None` where nothing is left.
fn without(node: &Node, path: &[&str]) -> Option<Node> {
    let (first, rest) = path.split_first()?;
    let mut members = node.as_map()?.to_vec();
    let index = members.iter().position(|entry| entry.key.name == *first)?;
    match if rest.is_empty() { None } else { without(&members.get(index)?.value, rest) } {
        Some(value) => members.get_mut(index)?.value = value,
        None if rest.is_empty() || member(node, path).is_some() => drop(members.remove(index)),
        None => return None,
    }
    (!members.is_empty()).then_some(Node { span: node.span, content: Content::Map(members) })
}

/// The text with comments on lines of their own above the member at a path; `None` where it is not at the start of a line.
#[must_use]
pub fn remark(text: &str, path: &[&str], comments: &[String]) -> Option<String> {
    let old = tree(text)?;
    let (name, above) = path.split_last()?;
    let parent = above.iter().try_fold(&old, |node, key| node.get(key))?;
    let entry = parent.as_map()?.iter().find(|entry| entry.key.name == *name)?;
    let indent = indent_of(text, at(entry.key.span.start))?;
    let (before, after) = text.split_at_checked(line_start(text, at(entry.key.span.start)))?;
    let lines: String = comments.iter().map(|comment| format!("{indent}{comment}\n")).collect();
    let new = format!("{before}{lines}{after}");
    tree(&new)?.means_same(&old).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn gives(text: &str, path: &str, wanted: &str, comments: &[&str]) {
        let path: Vec<&str> = path.split('/').collect();
        let found = remove(text, &path).map(|it| (it.text, it.comments));
        assert_eq!(found, Ok((wanted.to_owned(), comments.iter().map(|it| (*it).to_owned()).collect())));
    }

    #[test]
    fn a_member_goes_with_its_comments_and_all_else_stays() {
        let doc = "# head\n\n# of a\na: 1 # one\nb:\n  # of c\n  # two lines\n  c: |\n    text\n\n  # of d\n  d: [1,\n    2]\n\ne: {f: 1, g: 2, h: 3}\n";
        gives(doc, "a", &doc.replace("# of a\na: 1 # one\n", ""), &["# of a", "# one"]);
        gives("a: 1\n\nb: 2\n\nc: 3\n", "b", "a: 1\n\nc: 3\n", &[]);
        gives(doc, "b/c", &doc.replace("  # of c\n  # two lines\n  c: |\n    text\n", ""), &["# of c", "# two lines"]);
        gives(doc, "b/d", &doc.replace("\n  # of d\n  d: [1,\n    2]\n", ""), &["# of d"]);
        gives(doc, "e/f", &doc.replace("f: 1, ", ""), &[]);
        gives(doc, "e/g", &doc.replace(", g: 2", ""), &[]);
        gives(doc, "e/h", &doc.replace(", h: 3", ""), &[]);
        gives(doc, "e", doc.strip_suffix("\ne: {f: 1, g: 2, h: 3}\n").unwrap(), &[]);
        gives("a: 1\nb: 2", "b", "a: 1\n", &[]);
        gives("a:\nb: 2\n", "a", "b: 2\n", &[]);
        gives("a: 1\r\n# why\r\nb: 2\r\nc: 3\r\n", "b", "a: 1\r\nc: 3\r\n", &["# why"]);
        gives(
            "# of a\na: # here\n  # of b\n  b: 1 # one\nc: 2\n",
            "a/b",
            "c: 2\n",
            &["# of a", "# here", "# of b", "# one"],
        );
        gives("a: {b: {c: 1}, d: 2}\n", "a/b/c", "a: {d: 2}\n", &[]);
        gives("a: {b: 1}\nc: 2\n", "a/b", "c: 2\n", &[]);
        gives("a: {\n  b: 1,\n  c: 2\n}\n", "a/c", "a: {\n  b: 1\n}\n", &[]);
        gives("a: \"#1\" # so\nb: 2\n", "a", "b: 2\n", &["# so"]);
    }

    #[test]
    fn what_cannot_be_removed_alone_stays() {
        for (text, path, why) in [
            ("a: 1\n", "a", Obstacle::Form),
            ("a: {b: 1}\n", "a/b", Obstacle::Form),
            ("a: {b: 1}\nc: 2\n", "a/x", Obstacle::Form),
            ("a: {b: 1}\nc: 2\n", "x/b", Obstacle::Form),
            ("a:\n  # kept\n  b: 1\nc: 2\n", "a", Obstacle::Comment),
            ("a:\n  b:\n    - 1 # kept\n    - 2\nc: 2\n", "a/b", Obstacle::Comment),
            ("a: &x {b: 1, c: 2}\nd: *x\n", "a/b", Obstacle::Shared),
            ("a: &x 1\nd: *x\n", "a", Obstacle::Form),
            ("a: 1\nb: 2\n", "c", Obstacle::Form),
            ("a: [\n", "a", Obstacle::Form),
        ] {
            let path: Vec<&str> = path.split('/').collect();
            assert_eq!(remove(text, &path), Err(why), "{text}");
        }
    }

    #[test]
    fn comments_stand_above_their_member() {
        let comments = ["# why".to_owned(), "# so".to_owned()];
        let found = remark("a:\n  b: 1\n  c: 2\n", &["a", "c"], &comments);
        assert_eq!(found.as_deref(), Some("a:\n  b: 1\n  # why\n  # so\n  c: 2\n"));
        assert_eq!(remark("a: {b: 1}\n", &["a", "b"], &comments), None);
    }
}
