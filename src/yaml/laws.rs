//! Laws of reading: it never panics, and another reader understands the same.

use proptest::prelude::*;
use serde_yaml::Value;

use super::*;

fn read_text(text: &str) -> (Option<Node>, Diagnostics) {
    let mut sources = Sources::new();
    let id = sources.add("t", text);
    let mut out = Diagnostics::new();
    let node = read(&sources, id, &mut out);
    for finding in out.sorted() {
        for label in &finding.labels {
            let Span { start, end, .. } = label.span;
            assert!(start <= end && end as usize <= text.len(), "{finding:?} points outside");
            assert!(text.get(start as usize..end as usize).is_some(), "{finding:?} cuts a character");
        }
    }
    let shown = crate::diag::render::human(&out.sorted(), &sources, false, 80);
    assert!(!shown.contains(|character: char| character.is_control() && character != '\n'), "{shown:?}");
    (node, out)
}

/// The value that the other reader should find.
fn plain(node: &Node) -> Value {
    match &node.content {
        Content::Null { .. } => Value::Null,
        Content::Bool(value) => Value::Bool(*value),
        Content::Int(value) => Value::Number(i64::try_from(*value).unwrap().into()),
        Content::Float(value) => Value::Number((*value).into()),
        Content::Text { text, .. } => Value::String(text.clone()),
        Content::List(items) => Value::Sequence(items.iter().map(plain).collect()),
        Content::Map(entries) => {
            Value::Mapping(entries.iter().map(|entry| (entry.key.name.clone().into(), plain(&entry.value))).collect())
        }
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| Value::Number(number.into())),
        (-1.0e6_f64..1.0e6)
            .prop_filter("minus zero", |number: &f64| *number != 0.0)
            .prop_map(|number: f64| Value::Number(number.into())),
        "[ -~üж東]{0,20}".prop_map(Value::String),
        "[ -~]{0,10}(\n[ -~]{0,10}){1,3}\n?".prop_map(Value::String),
        prop::sample::select(vec!["no", "on", "0123", "0x1F", "~", "null", "1e3", ".inf", "2024-01-01", "1:30", "<<"])
            .prop_map(|word| Value::String(word.to_owned())),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Sequence),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..6)
                .prop_map(|map| Value::Mapping(map.into_iter().map(|(key, value)| (key.into(), value)).collect())),
        ]
    })
}

/// Pieces of YAML in any order: mostly invalid, sometimes valid.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b: ",
        ": ",
        "- ",
        "? ",
        "\n",
        "\n  ",
        "\n    ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "'",
        "\"",
        "|\n",
        ">-\n",
        "&a ",
        "*a",
        "!t ",
        "#",
        " # c",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "\t",
        "\r\n",
        "\r",
        "<<: ",
        "${x}",
        "0x1F",
        "12",
        "null",
        "\\",
        "\\e",
        "\\ud800",
        "ü",
        "\u{202e}",
        "\u{feff}",
        "\0",
        "true",
        "~",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        let (node, out) = read_text(&text);
        prop_assert_eq!(node.is_none(), out.has_errors());
    }

    #[test]
    fn any_pieces_of_yaml_are_read_or_refused(text in pieces()) {
        // The other reader adds a line break to some long texts at the end of the file; libyaml does as we do.
        let text = format!("{text}\n");
        let (node, out) = read_text(&text);
        prop_assert_eq!(node.is_none(), out.has_errors());
        if let (Some(node), Ok(other)) = (node, serde_yaml::from_str::<Value>(&text)) {
            // Readers disagree on the end of a text alone in a file, and no manifest is one.
            prop_assert!(node.as_text().is_some() || plain(&node) == other, "{:?}, not {:?}", plain(&node), other);
        }
    }

    #[test]
    fn what_another_writes_is_read_the_same(value in values()) {
        let text = serde_yaml::to_string(&value).unwrap();
        let (node, out) = read_text(&text);
        match node {
            Some(node) => prop_assert_eq!(plain(&node), value),
            None => prop_assert!(value == Value::Null, "{}\n{:?}", text, out),
        }
    }

    #[test]
    fn json_is_read_the_same(value in values()) {
        let text = serde_json::to_string_pretty(&value).unwrap();
        let (node, out) = read_text(&text);
        match node {
            Some(node) => prop_assert_eq!(plain(&node), value),
            None => prop_assert!(value == Value::Null, "{}\n{:?}", text, out),
        }
    }
}
