//! Edits a list whose items have lines of their own: only the lines of added or removed items change.

use std::ops::Range;

use serde_json::Value;

use super::super::{Content, Node, Style};
use super::write::{item, node_of};
use super::{at, line_end, line_start};

/// Other lines in place of those of a list, and the bytes that were removed with items. `None` where items share lines.
pub(super) fn edit(text: &str, list: &Node, wanted: &[Value]) -> Option<(Range<usize>, String, Vec<Range<usize>>)> {
    let old = list.as_list().filter(|old| !old.is_empty() && !wanted.is_empty())?;
    let places = old.iter().map(|item| own_lines(text, item)).collect::<Option<Vec<_>>>()?;
    let first = places.first()?;
    let indent = text.get(first.clone())?.find('-')?;
    let kept = kept(old, wanted);
    let before = first.start.checked_sub(1)?;
    let (mut out, mut removed, mut done, mut from) = (String::new(), vec![], 0, before);
    for (index, place) in places.iter().enumerate() {
        let lead = text.get(from..place.start.checked_sub(1)?)?;
        from = place.end;
        if let Some((_, goal)) = kept.iter().find(|(item, _)| *item == index) {
            push(&mut out, wanted.get(done..*goal)?, indent);
            done = goal + 1;
            out.push_str(lead);
            out.push('\n');
            out.push_str(text.get(place.clone())?);
        } else {
            out.push_str(lead);
            removed.push(place.clone());
        }
    }
    push(&mut out, wanted.get(done..)?, indent);
    Some((before..from, out, removed))
}

/// The lines of an item, without the last line break; `None` where it shares them.
fn own_lines(text: &str, item: &Node) -> Option<Range<usize>> {
    let mut start = line_start(text, at(item.span.start));
    let is_first = match item.content {
        // The place of a block text is that of its lines; its dash is before `|` or `>`.
        Content::Text { style: Style::Block, .. } => {
            start = line_start(text, text.get(..start)?.trim_end().len());
            text.get(start..)?.trim_start_matches(' ').starts_with(['-'])
        }
        Content::Null { .. }
        | Content::Bool(_)
        | Content::Int(_)
        | Content::Float(_)
        | Content::Text { .. }
        | Content::List(_)
        | Content::Map(_) => text.get(start..at(item.span.start))?.trim() == "-",
    };
    let end = text.get(..at(item.span.end))?.trim_end().len();
    is_first.then(|| start..line_end(text, end))
}

/// The old items that stay, each with its place among the desired ones.
fn kept(old: &[Node], wanted: &[Value]) -> Vec<(usize, usize)> {
    let mut kept: Vec<(usize, usize)> = vec![];
    for (goal, value) in wanted.iter().enumerate() {
        let from = kept.last().map_or(0, |(item, _)| item + 1);
        let same = |item: &&Node| node_of(value, item.span).is_some_and(|value| item.means_same(&value));
        if let Some(item) = old.iter().skip(from).position(|item| same(&item)) {
            kept.push((from + item, goal));
        }
    }
    kept
}

fn push(out: &mut String, items: &[Value], indent: usize) {
    for line in items.iter().flat_map(|value| item(value, indent)) {
        out.push('\n');
        out.push_str(&line);
    }
}
