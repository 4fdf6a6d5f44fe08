//! Laws of formatting: every readable text is formatted, means the same, has the same comments, and is formatted to itself.

use proptest::prelude::*;

use super::{format, meaning, tree};
use crate::yaml::Content;

fn comments(text: &str) -> Vec<String> {
    tree::parse(text).expect("YAML").comments.iter().map(|comment| comment.text.to_owned()).collect()
}

fn holds(text: &str) -> Result<(), TestCaseError> {
    let Some(before) = meaning(text).filter(|node| matches!(node.content, Content::Map(_) | Content::List(_))) else {
        return Ok(());
    };
    let Some(formatted) = format(text) else { return Err(TestCaseError::fail(format!("not formatted:\n{text}"))) };
    let after = meaning(&formatted).expect("YAML");
    prop_assert!(before.means_same(&after), "{text}\n->\n{formatted}");
    prop_assert_eq!(comments(text), comments(&formatted));
    let again = format(&formatted);
    prop_assert_eq!(again.as_deref(), Some(formatted.as_str()), "from\n{}", text);
    let messy = formatted.lines().filter(|line| line.ends_with([' ', '\t'])).count();
    prop_assert!(messy == 0 || text.contains(['|', '>', '"', '\'']), "blanks at the end of a line:\n{formatted}");
    Ok(())
}

/// Pieces of YAML in an order that often is YAML.
fn pieces() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "a: 1",
        "b:",
        "c: text # behind",
        "d: 'quoted'",
        "e: [1, two,  'no', {f: 2}]   # behind brackets",
        "g: {h : 1,i: [ ]}",
        "j: |",
        "k: >-  # behind a header",
        "l: |+",
        "m: &x",
        "n: *x",
        "- one",
        "- o: 1",
        "-",
        "- - two",
        "- # behind a dash",
        "-   [3,",
        "4, # in brackets",
        "]",
        "p: {",
        "q: 5,",
        "}",
        "# a comment",
        "more text",
        "r: \"over",
        "lines\"",
        "? s",
        ": t",
        "",
        "",
        "u: https://a.example/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "v: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, {cccccccccccccccccccc: [d]}]",
    ]);
    prop::collection::vec((0..4_usize, line), 1..9)
        .prop_map(|lines| lines.into_iter().map(|(depth, line)| format!("{}{line}\n", "  ".repeat(depth))).collect())
}

/// A manifest of ours, with lines changed: indented more, set apart, commented.
fn manifests() -> impl Strategy<Value = String> {
    let texts = vec![
        include_str!("../../../examples/environments/environments.yaml"),
        include_str!("../../../examples/environments/profiles/acme.yaml"),
        include_str!("../../../examples/quickstart/profiles/acme.yaml"),
    ];
    let change =
        prop::sample::select(vec!["", "", "", "\n", "\n\n\n", "# c\n", "      # deep\n", " # behind\n", "  \n"]);
    (prop::sample::select(texts), prop::collection::vec(change, 60)).prop_map(|(text, changes)| {
        let mut changes = changes.into_iter().cycle();
        text.lines().map(|line| format!("{}{line}\n", changes.next().unwrap_or_default())).collect()
    })
}

#[test]
fn a_word_that_would_begin_a_document_keeps_its_meaning() {
    for text in ["\n  --- a:", "  ... a: 1\n", "  ---: 1\n  b: --- c\n", "  --- \"a\": 1\n", "  --- [a: 1\n"] {
        holds(text).expect(text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hold_for_pieces(text in pieces()) {
        holds(&text)?;
    }

    #[test]
    fn hold_for_lines_at_random(text in "([a-c]: ?[a-c]?|- ?|  |\n|\n  |\n    |#c|\\[|\\]|\\{|\\}|, |'|\\||&a |\\*a|\"){1,24}") {
        holds(&text)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hold_for_manifests(text in manifests()) {
        holds(&text)?;
    }
}
