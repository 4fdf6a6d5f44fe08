//! Hostile and broken files, each with the code and the place of what is said of it.

use super::*;
use crate::diag::Severity;

fn read_text(text: &str) -> (Option<Node>, Vec<String>) {
    let mut sources = Sources::new();
    let id = sources.add("t", text);
    let mut out = Diagnostics::new();
    let node = read(&sources, id, &mut out);
    assert_eq!(node.is_none(), out.has_errors(), "nothing is read exactly where an error says why");
    let said = out.sorted().into_iter().map(|finding| {
        let mark = if finding.severity == Severity::Warning { "warning " } else { "" };
        let places: Vec<_> = finding.labels.iter().map(|label| sources.locate(label.span).replace("t:", "")).collect();
        format!("{mark}{:?} {} {}", finding.code, places.join(" "), finding.message)
    });
    (node, said.collect())
}

/// What is said of a text, as `CODE line:column message`.
fn said(text: &str) -> Vec<String> {
    read_text(text).1
}

fn node(text: &str) -> Node {
    let (node, said) = read_text(text);
    node.unwrap_or_else(|| panic!("{text:?}: {said:?}"))
}

/// Checks `CODE line:column` of everything that is said.
fn check(text: &str, expected: &[&str]) {
    let found = said(text);
    let matches =
        found.len() == expected.len() && found.iter().zip(expected).all(|(line, start)| line.starts_with(start));
    assert!(matches, "{:?}\n found    {found:?}\n expected {expected:?}", text.get(..200).unwrap_or(text));
}

#[test]
fn alias_bombs_are_refused_at_the_alias_that_crosses() {
    let lists = "a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n\
                 c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n";
    check(lists, &["E0104 4:36 more than 10000 keys and values"]);
    let doubling = |n| format!("k{n}: &k{n} {{a: *k{}, b: *k{}}}\n", n - 1, n - 1);
    let maps: Vec<String> = (1..30).map(doubling).collect();
    check(&format!("k0: &k0 x\n{}", maps.concat()), &["E0104 12:15 more than 10000"]);
}

#[test]
fn text_that_aliases_repeat_has_a_budget() {
    let text = format!("a: &a {}\nb: [{}*a]\n", "x".repeat(200_000), "*a, ".repeat(100));
    check(&text, &["E0104 2:81 more than 4194304 bytes of text"]);
}

#[test]
fn an_alias_inside_its_own_anchor_is_refused() {
    check("a: &a [*a]\n", &["E0116 1:8"]);
    check("a: &a {b: [1, {c: *a}]}\n", &["E0116 1:19"]);
}

#[test]
fn merge_keys_are_refused() {
    check("a: &a {x: 1}\nb:\n  <<: *a\n", &["E0113 3:3"]);
    assert_eq!(node("\"<<\": 1").as_map().unwrap()[0].key.name, "<<", "in quotes it is a text like others");
}

#[test]
fn deep_files_are_refused_on_a_small_stack() {
    let deep = || {
        check(&"- ".repeat(50_000), &["E0106 1:65"]);
        check(&"[".repeat(100_000), &["E0106 1:33"]);
        check(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)), &["E0106 1:33"]);
        check(&"{a: ".repeat(25_000), &["E0106 1:129"]);
        check(&"? ".repeat(50_000), &["E0112 1:3"]);
        let indented: Vec<String> = (0..300).map(|depth| " ".repeat(depth) + "a:\n").collect();
        check(&indented.concat(), &["E0106 33:33"]);
        check(&format!("{}x{}", "[".repeat(33), "]".repeat(33)), &["E0106 1:33"]);
        node(&format!("{}x{}", "[".repeat(32), "]".repeat(32)));
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(deep).unwrap().join().unwrap();
}

#[test]
fn aliases_do_not_nest_deeper_than_files() {
    let twenty = |inner: &str| format!("{}{inner}{}", "[".repeat(20), "]".repeat(20));
    check(&format!("a: &a {}\nb: {}\n", twenty("x"), twenty("*a")), &["E0106 2:24"]);
}

#[test]
fn large_files_and_texts_are_refused() {
    check(&"a: 1\n".repeat(300_000), &["E0103 1:1 the file has 1500000 bytes, and 1048576 are allowed"]);
    check(&format!("a: {}", "x".repeat(300_000)), &["E0105 1:4 a text of 300000 bytes"]);
    check(&format!("[{}x]", "x, ".repeat(10_000)), &["E0104 1:29999"]);
    node(&format!("[{}x]", "x, ".repeat(9_998)));
}

#[test]
fn duplicate_keys_show_both_places() {
    check("a: 1\nb: 2\n\"a\": 3\n", &["E0111 3:1 1:1 key `a` stands twice"]);
    check("{é: 1, e\u{301}: 2}", &["E0111 1:8 1:2"]);
    node("a: {x: 1}\nb: {x: 1}\n");
}

#[test]
fn raw_control_characters_are_refused() {
    for (character, name) in
        [('\0', "U+0000"), ('\u{1b}', "U+001B"), ('\u{7f}', "U+007F"), ('\u{9b}', "U+009B"), ('\u{8}', "U+0008")]
    {
        check(&format!("a: 1\nb: x{character}"), &[&format!("E0107 2:5 control character {name}")]);
        check(&format!("a: 1 # x{character}"), &[&format!("E0107 1:9 control character {name}")]);
    }
}

#[test]
fn escaped_control_characters_are_refused() {
    check(r#"a: "\e[2J""#, &["E0107 1:5 an escape for the control character U+001B"]);
    check(r#"a: ["x\x00", "\u202e"]"#, &["E0107 1:7", "E0109 1:15"]);
    check(r#""\x41\r": 1"#, &["E0107 1:6"]);
    check(r#"a: "\N\L""#, &["E0107 1:5", "E0107 1:7"]);
    assert_eq!(node(r#"a: "x\n\t\u00fc\\e""#).get("a").unwrap().as_text(), Some("x\n\tü\\e"));
}

#[test]
fn a_byte_order_mark_is_allowed_at_the_start_only() {
    let read = node("\u{feff}a: 1\n");
    assert_eq!(read.get("a").unwrap().content, Content::Int(1));
    check("a: 1\nb: \u{feff}x\n", &["E0101 2:4 a byte order mark inside the document"]);
    check("\u{feff}a: 1\na: 2\n", &["E0111 2:1 1:2"]);
}

#[test]
fn tabs_are_refused_as_indentation() {
    check("a:\n\tb: 1\n", &["E0110 2:1"]);
    check("\ta: 1\n", &["E0110 1:1"]);
    check("a:\n  b: 1\n \t c: 2\n", &["E0110 3:2"]);
    check("- a\n-\tb: 1\n", &["E0110 2:2"]);
    assert_eq!(node("a: |\n  x\n  \ty\n").get("a").unwrap().as_text(), Some("x\n\ty\n"));
    node("a:\tb\t# c\n");
}

#[test]
fn line_breaks_that_readers_disagree_on_are_refused() {
    check("a: 1\rb: 2\n", &["E0108 1:5"]);
    check("a: x\u{85}y\nb: \u{2028}\nc: \u{2029}", &["E0108 1:5", "E0108 2:4", "E0108 3:4"]);
    let windows = node("a: 1\r\nb: |\r\n  x\r\n  y\r\n");
    assert_eq!(windows.get("b").unwrap().as_text(), Some("x\ny\n"));
    check("a: 1\r\nb: 2\r\na: 3\r\n", &["E0111 3:1 1:1"]);
}

#[test]
fn invisible_characters_are_refused_or_warned_about() {
    check("ab\u{200b}: 1\n", &["E0109 1:3 the key holds the invisible character U+200B"]);
    check("a: x\u{202e}y # \u{2066}\n", &["warning E0109 1:5", "warning E0109 1:10"]);
    check("a: \u{e0041}x\n", &["warning E0109 1:4 invisible character U+E0041"]);
    let many = said(&format!("a: x{}\n", "\u{200b}".repeat(500)));
    assert_eq!(many.len(), limits::INVISIBLE_WARNINGS);
    check("a: ❤\u{fe0f}\n", &[]);
}

#[test]
fn ambiguous_numbers_are_refused() {
    check("a: 0123\nb: [0x1F, .inf]\nc: -0.0\n", &["E0120 1:4", "E0120 2:5", "E0120 2:11", "E0120 3:4"]);
    assert_eq!(node("a: 18446744073709551616").get("a").unwrap().content, Content::Int(1 << 64));
    node("a: '0123'\n");
}

#[test]
fn tags_are_refused() {
    for tag in ["!!python/object/apply:os.system", "!include", "!env", "!!binary", "!!str", "!", "!<tag:x>"] {
        check(&format!("a: {tag} x\n"), &["E0114 1:4 tags are not supported"]);
        check(&format!("a: {tag}\n  b: 1\n"), &["E0114 1:4"]);
    }
}

#[test]
fn aliases_without_anchor_and_directives_are_refused() {
    check("a: *b\nb: *c\n", &["E0115 1:4", "E0115 2:4"]);
    check("a: *b\nc: &b 1\n", &["E0115 1:4"]);
    check("%YAML 9.9\n---\na: 1\n", &["E0117 1:1"]);
    check(&"%TAG !a! x\n".repeat(45_000), &["E0117 1:1"]);
}

#[test]
fn empty_files_are_refused() {
    for text in ["", "\n\n", "# only a comment\n", "null\n", "~", "---\n", "\u{feff}", "---\n...\n"] {
        let found = said(text);
        assert!(matches!(found.as_slice(), [one] if one.starts_with("E0119")), "{text:?}: {found:?}");
    }
    check("---\n---\n", &["E0118 2:1"]);
}

#[test]
fn a_second_document_is_refused_where_it_begins() {
    check("a: 1\n---\nb: 2\n", &["E0118 2:1"]);
    check("a: 1\n---\n", &["E0118 2:1"]);
    node("---\na: 1\n...\n");
}

#[test]
fn keys_that_are_not_texts_are_refused() {
    check("1: a\ntrue: b\n~: c\n1.5: d\n", &["E0112 1:1", "E0112 2:1", "E0112 3:1", "E0112 4:1"]);
    check("? [a]\n: b\n", &["E0112 1:3"]);
    check("{{a: 1}: b}", &["E0112 1:2"]);
    check(": a\n", &["E0112 1:1 nothing stands where a key belongs"]);
    check("a: &a x\n*a : b\n", &["E0112 2:1"]);
    check("\"a\\nb\": 1\n", &["E0112 1:1"]);
    check(&format!("? {}\n: 1\n", "k".repeat(300_000)), &["E0105 1:3"]);
    node("no: 1\n2024-01-01: 2\n\"1\": 3\n");
}

#[test]
fn an_unquoted_interpolation_in_brackets_gets_its_quotes() {
    for (text, place, fixed) in [
        ("a: [https://${var.d}/**, b]\n", "E0121 1:13", "a: [\"https://${var.d}/**\", b]"),
        ("a: {b: ${var.x}, c: ${var.y}}\n", "E0121 1:8", "a: {b: \"${var.x}\", c: \"${var.y}\"}"),
        ("a: [\n  ${x},\n]\n", "E0121 2:3", "  \"${x}\","),
    ] {
        check(text, &[place]);
        let mut sources = Sources::new();
        let id = sources.add("t", text);
        let mut out = Diagnostics::new();
        assert_eq!(read(&sources, id, &mut out), None);
        assert_eq!(out.sorted()[0].fix.as_ref().map(|fix| fix.replacement.as_str()), Some(fixed));
    }
    node("a: ${var.x}\nb: [\"${var.y}\"]\n");
}

#[test]
fn syntax_errors_have_places_and_words() {
    check("a: [x\n", &["E0101 1:4 `[` is not closed"]);
    check("a: 'x\n", &["E0101 1:4 a quote is not closed"]);
    check("a: b: c\n", &["E0101 1:5 a `:` cannot stand here"]);
    check("a:\n    b: 1\n  c: 2\n", &["E0101 3:3 a key belongs here"]);
    check("a: @x\n", &["E0101 1:4 a text cannot begin with this character"]);
}

#[test]
fn several_errors_are_told_at_once_but_not_endlessly() {
    check("a: 0x1\nb: !t x\na: *c\n", &["E0120 1:4", "E0114 2:4", "E0111 3:1 1:1", "E0115 3:4"]);
    assert_eq!(said(&"- 007\n".repeat(1000)).len(), limits::ERRORS);
}

#[test]
fn spans_cover_what_was_written() {
    let text = "a: [x, 'y']\nb:\n  c: |\n    t\n  d:\ne: &e {f: ~}\ng: *e\n";
    let mut sources = Sources::new();
    let id = sources.add("t", text);
    let root = read(&sources, id, &mut Diagnostics::new()).unwrap();
    let written = |node: &Node| sources.slice(node.span).to_owned();
    assert_eq!(written(root.get("a").unwrap()), "[x, 'y']");
    assert_eq!(written(&root.get("a").unwrap().as_list().unwrap()[1]), "'y'");
    assert_eq!(written(root.get("b").unwrap()), "c: |\n    t\n  d");
    let empty = root.get("b").unwrap().get("d").unwrap();
    assert_eq!((written(empty).as_str(), &empty.content), ("d", &Content::Null { written: false }));
    let null = root.get("g").unwrap().get("f").unwrap();
    assert_eq!((written(null).as_str(), &null.content), ("~", &Content::Null { written: true }));
    assert_eq!(written(root.get("g").unwrap()), "{f: ~}", "an alias shows where its value is written");
}

/// Shapes that would take hours if any step of reading were quadratic: that they end is what is tested.
#[test]
fn hostile_shapes_come_to_an_end() {
    let shapes: [fn(usize) -> String; 16] = [
        |n| format!("[{}]", "a,".repeat(n / 16)),
        |n| format!("{{{}}}", (0..n / 32).map(|key| key.to_string() + "k: 1,").collect::<Vec<_>>().concat()),
        |n| (0..n / 32).map(|key| format!("k{key}: 1\n")).collect::<Vec<_>>().concat(),
        |n| format!("a: \"{}\"", "\\n".repeat(n)),
        |n| format!("a: \"{}", "x\n ".repeat(n)),
        |n| format!("a: '{}'", "'' ".repeat(n)),
        |n| format!("a: |\n{}", "  x\n".repeat(n)),
        |n| format!("a: >\n{}", " \n".repeat(n)),
        |n| format!("a: x{}", "\n x".repeat(n)),
        |n| format!("a:{}x", " ".repeat(2 * n)),
        |n| "# c\n".repeat(n),
        |n| "\n".repeat(4 * n),
        |n| format!("a: 1{}", " # c\n".repeat(n)),
        |n| "- &a x\n".repeat(n / 16),
        |n| format!("a: x{}", "\u{200b}".repeat(n)),
        |n| format!("? {}\n: 1\n", "k ".repeat(n)),
    ];
    for (index, shape) in shapes.iter().enumerate() {
        let mut sources = Sources::new();
        let id = sources.add("t", shape(100_000));
        let mut out = Diagnostics::new();
        let node = read(&sources, id, &mut out);
        assert!(node.is_some() != out.has_errors(), "shape {index} is either read or refused");
    }
}
