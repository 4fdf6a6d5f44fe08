//! A zoo of findings as people and programs see them.

use super::*;
use crate::diag::codes::yaml as codes;
use crate::diag::{Diagnostics, Sources, Span};
use crate::yaml;

fn zoo() -> (Sources, Diagnostics) {
    let long = format!("a: [{}, 0x1F, {}]\n", vec!["filler"; 3_000].join(", "), vec!["more"; 3_000].join(", "));
    let files: &[(&str, &str)] = &[
        ("duplicate.yaml", "auth:\n  jwt_exp: 3600\n  site_url: https://acme.com\n  \"jwt_exp\": 7200\n"),
        ("far.yaml", "a: 1\n#\n#\n#\n#\n#\n#\na: 2\n"),
        ("flow.yaml", "auth:\n  uri_allow_list: [https://${var.domain}/**, 'https://b.com', x ${var.y}]\n"),
        ("open.yaml", "auth:\n  hosts: [a, b\n  x: 1\n"),
        ("tab.yaml", "auth:\n\tsite_url: x\n"),
        ("deep.yaml", &"[".repeat(40)),
        ("empty.yaml", "# nothing yet\n"),
        ("hostile\u{1b}[2J\u{202e}.yaml", "a: \"\\e]0;x\\a\"\nb\u{200b}: \u{2066}x\n"),
        ("raw.yaml", "a: \u{1b}[31mred\u{9b}\n"),
        ("::error file=x.yaml", "a: x\u{202e}y\n"),
        ("documents.yaml", "a: 1\n---\nb: 1\n"),
        ("tag.yaml", "url: !env SITE_URL\nother: *nowhere\n<<: {a: 1}\n7: x\n"),
        ("wide.yaml", "náme: ❤\u{fe0f} 東京 0x1F\n東京: [東京, 0x1F]\n"),
        ("long.yaml", &long),
    ];
    let mut sources = Sources::new();
    let mut out = Diagnostics::new();
    for (path, text) in files {
        let id = sources.add(*path, *text);
        assert_eq!(yaml::read(&sources, id, &mut out).is_none(), *path != "::error file=x.yaml", "{path}");
    }
    (sources, out)
}

#[test]
fn people_see_lines_carets_and_ways_out() {
    let (sources, out) = zoo();
    insta::assert_snapshot!(human(&out.sorted(), &sources, false, 100));
}

#[test]
fn programs_see_a_line_each() {
    let (sources, out) = zoo();
    insta::assert_snapshot!(short(&out.sorted(), &sources));
}

#[test]
fn programs_see_json() {
    let (sources, out) = zoo();
    let some: Vec<_> = out.sorted().into_iter().take(3).collect();
    insta::assert_json_snapshot!(json(&some, &sources));
}

#[test]
fn nothing_hostile_is_printed() {
    let (sources, out) = zoo();
    let plain = human(&out.sorted(), &sources, false, 100);
    let coloured = human(&out.sorted(), &sources, true, 100);
    let lines = short(&out.sorted(), &sources);
    for text in [&plain, &lines] {
        assert_eq!(escape_lines(text), text.as_str());
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "a command for a CI system:\n{text}");
    }
    assert!(coloured.contains("\u{1b}["), "colour was asked for");
    assert!(!coloured.contains("\u{1b}[2J") && !coloured.contains("\u{1b}]"), "only colours of our own");
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain, "colour changes no text");
}

#[test]
fn concealed_places_are_hidden_by_every_finding() {
    let mut sources = Sources::new();
    let id = sources.add("s.yaml", "smtp_pass: hunter2 # note\n");
    let key = Diagnostic::error(codes::NUMBER, Span::new(id, 0, 9), "about the line");
    let value = Diagnostic::error(codes::NUMBER, Span::new(id, 11, 18), "a literal secret")
        .conceal(Span::new(id, 11, 18))
        .fix(Span::new(id, 0, 18), "smtp_pass: {env: SMTP_PASS}");
    let page = human(&[&key, &value], &sources, false, 80);
    assert!(!page.contains("hunter2"), "{page}");
    assert!(page.contains("smtp_pass: ‹hidden› # note"), "{page}");
    insta::assert_snapshot!(page);
}

#[test]
fn findings_without_a_place_and_counts() {
    let sources = Sources::new();
    let error = Diagnostic::new(codes::NOT_UTF8, Severity::Error, "not UTF-8 at byte 7").hint("Save it as UTF-8.");
    let warning = Diagnostic::new(codes::NUMBER, Severity::Warning, "odd");
    insta::assert_snapshot!(human(&[&error, &warning], &sources, false, 80));
    assert_eq!(short(&[&error], &sources), "error[E0102]: not UTF-8 at byte 7\n");
    assert_eq!(summary(&[]), None);
    assert_eq!(summary(&[&error, &error, &warning]).unwrap(), "2 errors, 1 warning");
    let many = vec![&error; 150];
    assert!(human(&many, &sources, false, 80).contains("and 50 more that are not shown\n150 errors\n"));
}

#[test]
fn places_beyond_the_text_do_no_harm() {
    let mut sources = Sources::new();
    let id = sources.add("x.yaml", "ü\n");
    for (start, end) in [(1, 2), (0, 1), (3, 3), (4, 90), (90, 99), (2, 0)] {
        let odd =
            Diagnostic::error(codes::SYNTAX, Span::new(id, start, end), "odd").fix(Span::new(id, start, end), "x");
        let _page = (human(&[&odd], &sources, false, 80), short(&[&odd], &sources), json(&[&odd], &sources));
    }
}

#[test]
fn a_code_is_explained_with_an_example() {
    insta::assert_snapshot!(explain(codes::DUPLICATE_KEY));
}

#[test]
fn what_stands_in_back_quotes_is_one_word() {
    assert_eq!(whole_words("run `supaform plan` now"), ["run", "`supaform plan`", "now"]);
    assert_eq!(whole_words(" a  `b c"), ["", "a", "", "`b", "c"]);
    assert_eq!(whole_words(""), [""]);
}
