use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(text: &str, wanted: &str) {
    let written = format(text).expect("it can be formatted");
    assert_eq!(written, wanted, "\n{written}");
    assert_eq!(format(&written).as_deref(), Ok(wanted), "formatting again changes it");
}

#[test]
fn levels_are_two_spaces_and_lists_stand_below_their_key() {
    check(
        "a:\n    b:\n     c: 1\nlist:\n- x\n-   k: 1\n    z: 2\n",
        "a:\n  b:\n    c: 1\nlist:\n  - x\n  - k: 1\n    z: 2\n",
    );
    check("a:\n  - - 1\n    - 2\n  -   - 3\n", "a:\n  - - 1\n    - 2\n  - - 3\n");
}

#[test]
fn spaces_are_one_and_quotes_are_needed() {
    check(
        "a:   'acme'\nb:  [ 1,2 ,3 ]\nc: {x: 1,k:  \"no\" }\nd: no\n",
        "a: acme\nb: [1, 2, 3]\nc: {x: 1, k: \"no\"}\nd: \"no\"\n",
    );
    check("a:\n  value\n", "a: value\n");
    check("a: []\nb: {}\nc:\nd: ~\n", "a: []\nb: {}\nc:\nd: ~\n");
}

#[test]
fn comments_stay_where_they_are() {
    check(
        "# top\n\n\n#  second\na: 1   # one\n\n\n\nb:      # two\n    # three\n    c: 2 #four\n    # five\n# six\nd: 3\n# end\n",
        "# top\n\n#  second\na: 1   # one\n\nb:      # two\n  # three\n  c: 2   #four\n  # five\n# six\nd: 3\n# end\n",
    );
    check("a:\n  # why\n  value # what\n", "a:\n  # why\n  value # what\n".replace("value #", "value  #").as_str());
    check(
        "list:\n  # first\n  - a # A\n  # second\n  - # dash\n    b: 1\n  # last\nc: 1\n",
        "list:\n  # first\n  - a # A\n  # second\n  - # dash\n    b: 1\n  # last\nc: 1\n"
            .replace("a # A", "a  # A")
            .replace("- # dash", "-  # dash")
            .as_str(),
    );
}

#[test]
fn brackets_over_lines_become_lines() {
    check(
        "a: [\n  x, # X\n  z\n]\nb: {\n  k: 1,\n  l: [1, 2]\n}\n",
        "a:\n  - x  # X\n  - z\nb:\n  k: 1\n  l: [1, 2]\n",
    );
    let long = format!("a: [{}]\n", ["abcdefghij"; 12].join(", "));
    check(&long, &format!("a:\n{}", "  - abcdefghij\n".repeat(12)));
}

#[test]
fn long_texts_move_as_a_whole() {
    check(
        "a:\n    b: |\n        one\n          two\n\n        three\n    c: >-   # folded\n      x\n      y\n\n\nd: 1\n",
        "a:\n  b: |\n    one\n      two\n\n    three\n  c: >-   # folded\n    x\n    y\n\nd: 1\n"
            .replace(">-   #", ">-     #")
            .as_str(),
    );
    check("a: |+\n  x\n\nb: 1\n", "a: |+\n  x\n\nb: 1\n");
    check("a: one\n      two\nb: \"three\n     four\"\n", "a: one\n  two\nb: \"three\n  four\"\n");
}

#[test]
fn anchors_and_aliases_keep_their_names() {
    check("a:   &x\n   b: 1\nc:  *x\nd: &y  [1,2]\ne: &z   word\n", "a: &x\n  b: 1\nc: *x\nd: &y [1, 2]\ne: &z word\n");
}

#[test]
fn markers_and_line_ends() {
    check("# c\n---\na: 1", "# c\n---\na: 1\n");
    check("a: 1\r\nb:   2\r\n", "a: 1\nb: 2\n");
    check("\n\na: 1   \n\n\n", "a: 1\n");
}

#[test]
fn what_is_no_yaml_is_left_alone() {
    for text in ["a: [", "a: 1\na: 2\n", "a: !t x\n", "", "a: |2\n    x\n"] {
        assert_eq!(format(text), Err(Unformatted), "{text:?}");
    }
}

/// Manifests with all that one can write: odd indentation, comments anywhere, quotes, brackets, long texts.
fn manifests() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "acme",
        "'acme'",
        "\"no\"",
        "no",
        "12",
        "\"12\"",
        "~",
        "''",
        "true",
        "1h",
        "${var.x}",
        "\"${var.x}, b\"",
        "'it''s'",
        "https://a.dev/x",
        "[a, 'b']",
        "[ ]",
        "{k:  v}",
        "{ }",
        "{k: [1,{l: 2}]}",
        "\"a: b\"",
        "\"#\"",
        "a#b",
        "2026-01-31",
        "one\n          two",
        "[\n          a, # in\n          b ]",
        "|\n          long\n            text",
        ">-\n          x\n\n          y",
    ]);
    let comment = prop::sample::select(vec!["", "", "", " # c", "   # - d: 'x'", " #"]);
    let before = prop::sample::select(vec!["", "", "", "\n", "\n\n\n", "{}# above\n", "\n{}#above: 1\n\n", "# left\n"]);
    let entry = (word, comment, before, 0..4_usize, any::<bool>());
    prop::collection::vec(entry, 1..12).prop_map(|entries| {
        let mut text = String::new();
        for (index, (word, comment, before, depth, in_list)) in entries.into_iter().enumerate() {
            let indent = |level: usize| " ".repeat((1 + index % 4) * level);
            write!(text, "{}k{index}:", before.replace("{}", "")).expect("a text");
            for level in 1..=depth {
                write!(text, "\n{}n{level}:", indent(level)).expect("a text");
            }
            let inner = indent(depth + 1);
            if in_list {
                let between = before.replace("{}", &inner);
                writeln!(text, "{comment}\n{inner}- {word}\n{between}{inner}-   {word}").expect("a text");
            } else {
                // What looks like a comment at the end of a long text is a part of it.
                let comment = if word.contains("\n  ") && !word.starts_with('[') { "" } else { comment };
                writeln!(text, " {word}{comment}").expect("a text");
            }
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, max_global_rejects: 4000, ..ProptestConfig::default() })]
    #[test]
    fn what_is_read_is_formatted_and_says_the_same(text in manifests()) {
        prop_assume!(bare(&text).is_some());
        // The same tree and the same comments are what `format` itself insists on.
        let written = format(&text);
        prop_assert!(written.is_ok(), "not formatted:\n{}", text);
        let written = written.expect("just looked");
        prop_assert_eq!(format(&written), Ok(written.clone()), "not stable:\n{}", text);
        prop_assert!(written.lines().all(|line| !line.ends_with(' ')), "{}", written);
    }
}
