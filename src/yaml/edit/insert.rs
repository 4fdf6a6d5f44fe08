//! Writing one member into a map.

use super::super::{Content, Entry, Key, Node, Style};
use super::{at, below, indent_of, tree};

/// Where a member is written.
#[derive(Debug, Clone, Copy)]
pub enum Place<'n> {
    /// Below this member of a map, at the same depth.
    After(&'n Entry),
    /// As the first member of this entry's map.
    Within(&'n Entry),
}

/// The text with `key: value` at a place of its tree. `None` where an insertion cannot do that, or where the result would
/// not be the same tree with one more member: with anchors or odd indentation.
#[must_use]
pub fn insert(text: &str, place: Place<'_>, key: &str, value: &str) -> Option<String> {
    let line = format!("{key}: {value}");
    let inserted = match place {
        Place::After(entry) => {
            let start = at(entry.key.span.start);
            let indent = indent_of(text, start)?;
            below(text, at(entry.value.span.end), &format!("{indent}{line}"))
        }
        Place::Within(entry) => match &entry.value.content {
            Content::Null { written: false } => {
                let indent = indent_of(text, at(entry.key.span.start))?;
                below(text, at(entry.key.span.end), &format!("{indent}  {line}"))
            }
            Content::Map(_) if text.get(at(entry.value.span.start)..)?.starts_with('{') => {
                let (before, after) = text.split_at_checked(at(entry.value.span.start) + 1)?;
                let comma = if after.trim_start().starts_with('}') { "" } else { ", " };
                format!("{before}{line}{comma}{}", after.trim_start_matches(' '))
            }
            Content::Map(members) => {
                let start = at(members.first()?.key.span.start);
                let indent = indent_of(text, start)?;
                let (before, after) = text.split_at_checked(start)?;
                format!("{before}{line}\n{indent}{after}")
            }
            Content::Null { .. }
            | Content::Bool(_)
            | Content::Int(_)
            | Content::Float(_)
            | Content::Text { .. }
            | Content::List(_) => return None,
        },
    };
    is_one_more(text, &inserted, place, key, value).then_some(inserted)
}

/// Whether the new text is the old tree with the member at its place.
fn is_one_more(old: &str, new: &str, place: Place<'_>, key: &str, value: &str) -> bool {
    let (Some(old), Some(new)) = (tree(old), tree(new)) else { return false };
    let text = Content::Text { text: value.to_owned(), style: Style::Plain };
    let member =
        Entry { key: Key { name: key.to_owned(), span: old.span }, value: Node { span: old.span, content: text } };
    let mut placed = 0;
    // A node with an alias occurs twice, and would change twice.
    new.means_same(&with_member(&old, place, &member, &mut placed)) && placed == 1
}

/// The tree with a member added at a place, and how often the place occurs.
fn with_member(node: &Node, place: Place<'_>, member: &Entry, placed: &mut usize) -> Node {
    let (Place::After(wanted) | Place::Within(wanted)) = place;
    let Content::Map(entries) = &node.content else { return node.clone() };
    let mut members = vec![];
    for entry in entries {
        if entry.key.span != wanted.key.span {
            let value = with_member(&entry.value, place, member, placed);
            members.push(Entry { key: entry.key.clone(), value });
            continue;
        }
        *placed += 1;
        if matches!(place, Place::After(_)) {
            members.extend([entry.clone(), member.clone()]);
        } else {
            let rest = entry.value.as_map().unwrap_or_default();
            let content = Content::Map(std::iter::once(member).chain(rest).cloned().collect());
            members.push(Entry { key: entry.key.clone(), value: Node { span: entry.value.span, content } });
        }
    }
    Node { span: node.span, content: Content::Map(members) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REF: &str = "abcdefghijklmnopqrst";

    fn tree(text: &str) -> Node {
        super::tree(text).expect("a tree")
    }

    fn within(text: &str, name: &str) -> Option<String> {
        let root = tree(text);
        let projects = root.get("projects").expect("projects").as_map().expect("a map");
        let entry = projects.iter().find(|entry| entry.key.name == name).expect("the entry");
        insert(text, Place::Within(entry), "ref", REF)
    }

    fn after_first(text: &str) -> Option<String> {
        let root = tree(text);
        insert(text, Place::After(root.as_map()?.first()?), "ref", REF)
    }

    #[test]
    fn comments_and_forms_stay() {
        let doc = "# head\nproject: acme   # ours\n\n# the rest\nauth: {jwt_exp: 1h}\n";
        assert_eq!(
            after_first(doc).unwrap(),
            format!("# head\nproject: acme   # ours\nref: {REF}\n\n# the rest\nauth: {{jwt_exp: 1h}}\n")
        );
        assert_eq!(after_first("project: \"acme\"").unwrap(), format!("project: \"acme\"\nref: {REF}"));
        let many =
            "projects:\n  a:   # one\n    # why\n    name: A\n  b: {name: B}   # two\n  c: {}\n  d:\n  e: # last";
        assert_eq!(within(many, "a").unwrap(), many.replace("    name: A", &format!("    ref: {REF}\n    name: A")));
        assert_eq!(within(many, "b").unwrap(), many.replace("{name: B}", &format!("{{ref: {REF}, name: B}}")));
        assert_eq!(within(many, "c").unwrap(), many.replace("{}", &format!("{{ref: {REF}}}")));
        assert_eq!(within(many, "d").unwrap(), many.replace("  d:\n", &format!("  d:\n    ref: {REF}\n")));
        assert_eq!(within(many, "e").unwrap(), format!("{many}\n    ref: {REF}"));
    }

    #[test]
    fn insertions_that_would_change_more_are_refused() {
        // Another member shares the map of the alias.
        assert_eq!(within("projects:\n  a: &base\n    name: A\n  b: *base\n", "b"), None);
        assert_eq!(within("projects:\n  a: &base\n    name: A\n  b: *base\n", "a"), None);
        assert_eq!(within("projects: {a: {name: A}, b: text}\n", "b"), None);
        assert_eq!(within("projects: &all\n  a: {name: A}\nothers: *all\n", "a"), None);
        assert_eq!(within("others: &all\n  a: {name: A}\nprojects: *all\n", "a"), None);
    }
}
