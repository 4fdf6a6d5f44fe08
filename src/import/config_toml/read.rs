//! The text of `config.toml` or `config.json` as a tree with places.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::diag::codes::import as codes;
use crate::diag::{Diagnostic, Diagnostics, SourceId, Sources, Span};
use crate::yaml::{self, Content, Entry, Key, Node, Style, limits};

/// Reads the text of a source. Without a result, `out` has the reason.
pub(super) fn read(sources: &Sources, id: SourceId, out: &mut Diagnostics) -> Option<Node> {
    let source = sources.get(id);
    if source.text.len() > limits::FILE_BYTES {
        let message = format!("the file is larger than {} bytes", limits::FILE_BYTES);
        out.push(Diagnostic::error(codes::UNREADABLE, Span::new(id, 0, 0), message));
        return None;
    }
    let is_json = Path::new(&source.path).extension().is_some_and(|extension| extension == "json");
    if is_json { json(sources, id, out) } else { toml(&source.text, id, out) }
}

/// JSON is YAML, whose reader knows places.
fn json(sources: &Sources, id: SourceId, out: &mut Diagnostics) -> Option<Node> {
    let mut found = Diagnostics::new();
    let node = yaml::read(sources, id, &mut found);
    for mut finding in found.sorted().into_iter().cloned() {
        finding.private = true;
        finding.fix = None;
        finding.hints.clear();
        out.push(finding);
    }
    node
}

fn toml(text: &str, id: SourceId, out: &mut Diagnostics) -> Option<Node> {
    match DeTable::parse(text) {
        Ok(table) => {
            let span = Span::new(id, table.span().start, table.span().end);
            Some(Node { span, content: map(id, table.into_inner()) })
        }
        Err(error) => {
            let at = error.span().unwrap_or(0..0);
            // The line may hold a secret.
            let message = format!("the file is not TOML: {}", error.message().lines().next().unwrap_or_default());
            out.push(Diagnostic::error(codes::UNREADABLE, Span::new(id, at.start, at.end), message).private());
            None
        }
    }
}

fn map(id: SourceId, table: DeTable<'_>) -> Content {
    let mut entries: Vec<Entry> = table
        .into_iter()
        .map(|(key, value)| Entry {
            key: Key { span: Span::new(id, key.span().start, key.span().end), name: key.into_inner().into_owned() },
            value: node(id, Span::new(id, value.span().start, value.span().end), value.into_inner()),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key.span);
    Content::Map(entries)
}

/// A value; the reader of TOML bounds how deep they are within each other.
fn node(id: SourceId, span: Span, value: DeValue<'_>) -> Node {
    let text = |text: String| Content::Text { text, style: Style::Quoted };
    let content = match value {
        DeValue::String(it) => text(it.into_owned()),
        DeValue::Integer(it) => {
            i128::from_str_radix(it.as_str(), it.radix()).map_or_else(|_| text(it.as_str().to_owned()), Content::Int)
        }
        DeValue::Float(it) => match it.as_str().parse::<f64>() {
            Ok(number) if number.is_finite() => Content::Float(number),
            _ => text(it.as_str().to_owned()),
        },
        DeValue::Boolean(it) => Content::Bool(it),
        DeValue::Datetime(it) => text(it.to_string()),
        DeValue::Array(items) => Content::List(
            items
                .into_iter()
                .map(|item| {
                    let span = Span::new(id, item.span().start, item.span().end);
                    node(id, span, item.into_inner())
                })
                .collect(),
        ),
        DeValue::Table(table) => map(id, table),
    };
    Node { span, content }
}

/// The tree with another laid over it: tables are joined key by key, everything else is replaced.
pub(super) fn merge(base: &Node, over: &Node) -> Node {
    let (Some(ours), Some(theirs)) = (base.as_map(), over.as_map()) else { return over.clone() };
    let mut entries = ours.to_vec();
    for entry in theirs {
        match entries.iter_mut().find(|it| it.key.name == entry.key.name) {
            Some(found) => found.value = merge(&found.value, &entry.value),
            None => entries.push(entry.clone()),
        }
    }
    Node { span: base.span, content: Content::Map(entries) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(path: &str, text: &str) -> Result<(Sources, Node), Vec<String>> {
        let (mut sources, mut out) = (Sources::new(), Diagnostics::new());
        let id = sources.add(path, text);
        match read(&sources, id, &mut out) {
            Some(node) => Ok((sources, node)),
            None => Err(out.sorted().into_iter().map(|found| format!("{found:?}")).collect()),
        }
    }

    #[test]
    fn values_have_their_places() {
        let (sources, node) = read_as("config.toml", "[a]\nb = \"x\"\nc = 0x1F\n[a.d]\ne = [1, 2.5, inf]\n").unwrap();
        let a = node.get("a").unwrap();
        assert_eq!(sources.locate(a.get("b").unwrap().span), "config.toml:2:5");
        assert_eq!(a.get("c").unwrap().content, Content::Int(31));
        assert_eq!(a.get("d").unwrap().get("e").unwrap().as_list().unwrap()[2].as_text(), Some("inf"));
        let (sources, node) = read_as("config.json", "{\"a\": {\"b\": true}}").unwrap();
        assert_eq!(sources.locate(node.get("a").unwrap().get("b").unwrap().span), "config.json:1:13");
    }

    #[test]
    fn tables_are_joined_and_lists_replaced() {
        let text = "[base]\nkept = 1\nlist = [1]\n[base.in]\nx = 1\n[over]\nlist = [2]\n[over.in]\ny = 2\n";
        let (_, node) = read_as("config.toml", text).unwrap();
        let merged = merge(node.get("base").unwrap(), node.get("over").unwrap());
        let keys: Vec<_> = merged.as_map().unwrap().iter().map(|entry| entry.key.name.as_str()).collect();
        assert_eq!(keys, ["kept", "list", "in"]);
        assert_eq!(merged.get("list").unwrap().as_list().unwrap()[0].content, Content::Int(2));
        assert_eq!(merged.get("in").unwrap().as_map().unwrap().len(), 2);
    }

    #[test]
    fn hostile_texts_are_refused_and_not_quoted() {
        let deep = "a=".to_owned() + &"[".repeat(100_000);
        let tables = format!("[{}]", vec!["a"; 100_000].join("."));
        let large = "a".repeat(limits::FILE_BYTES + 1);
        let texts =
            [&deep, &tables, &large, "a = 1\na = 2", "pass = hunter2-canary", "a = \u{0}", "= =", "[a", "a = \"x"];
        for text in texts {
            let found = read_as("config.toml", text).expect_err("it is refused");
            assert!(!found.concat().contains("hunter2"), "{found:?}");
        }
        for text in ["{\"pass\": hunter2-canary, \"pass\": 1", &"[".repeat(100_000)] {
            let found = read_as("config.json", text).expect_err("it is refused");
            assert!(found.iter().all(|found| found.contains("private: true")), "{found:?}");
        }
    }
}
