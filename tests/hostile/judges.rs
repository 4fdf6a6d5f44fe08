//! The parsers that judge: of Markdown, XML and JSON those that others have written; of CI commands small ones, written
//! from how the runners read lines.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use supaform::diag::render::escape;

use crate::support::forge::described::slack_fault;

/// Which commands to CI systems an output may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ours {
    No,
    Annotations,
}

/// An annotation as GitHub's runner reads it.
pub(crate) struct Annotation {
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) message: String,
}

/// GitHub's runner: `::name key=value,…::message`, white space before it aside.
fn github(line: &str) -> Option<(String, Annotation)> {
    let (head, message) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let (name, list) = head.split_once(' ').unwrap_or((head, ""));
    let decode = |text: &str, more: bool| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n");
        let text = if more { text.replace("%3A", ":").replace("%2C", ",") } else { text };
        text.replace("%25", "%")
    };
    let pair = |pair: &str| pair.split_once('=').map(|(key, value)| (key.to_owned(), decode(value, true)));
    let properties = list.split(',').filter_map(pair).collect();
    (!name.is_empty()).then(|| (name.to_owned(), Annotation { properties, message: decode(message, false) }))
}

/// GitHub's older form, Azure's and TeamCity's commands, which may stand anywhere in a line: `##…[`.
fn inner(line: &str) -> bool {
    ["##[", "##vso[", "##teamcity["].iter().any(|start| line.to_ascii_lowercase().contains(start))
}

/// Nothing in a text steers a terminal, hides, reorders, or is a command to a CI system.
pub(crate) fn lines(text: &str, ours: Ours) {
    for line in text.split('\n') {
        let steers = |c: char| {
            (c.is_control() && c != '\t')
                || matches!(u32::from(c),
            0xad | 0x34f | 0x61c | 0x115f | 0x1160 | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f
            | 0x3164 | 0xfeff | 0xffa0 | 0xfff9..=0xfffb | 0xfffe | 0xffff | 0xe0000..=0xe01ef)
        };
        // GitLab's sections need a carriage return, which is among these.
        assert!(!line.contains(steers), "steers: {line:?}");
        let command = github(line);
        match ours {
            Ours::No => assert!(command.is_none(), "a command to GitHub: {line:?}"),
            Ours::Annotations if line.is_empty() => {}
            Ours::Annotations => {
                let (name, _) = command.unwrap_or_else(|| panic!("no annotation: {line:?}"));
                assert!(["error", "warning", "notice"].contains(&name.as_str()), "{line:?}");
            }
        }
        assert!(!inner(line), "a command within a line: {line:?}");
    }
}

/// Annotations, read back.
pub(crate) fn annotations(text: &str) -> Vec<Annotation> {
    let read = text.lines().map(|line| github(line).expect("an annotation").1);
    read.inspect(|one| {
        let known = ["file", "line", "col", "title"];
        assert!(one.properties.keys().all(|key| known.contains(&key.as_str())), "{:?}", one.properties);
    })
    .collect()
}

/// What a Markdown shows as code.
pub(crate) struct Shown(String);

impl Shown {
    /// It shows this text, made visible.
    pub(crate) fn has(&self, text: &str) {
        assert!(self.0.contains(&*escape(text)), "{text:?} is not shown in {}", self.0);
    }
}

/// Markdown holds code, words, and our own markup; says what it shows as code.
pub(crate) fn markdown(text: &str) -> Shown {
    let (mut shown, mut html, mut in_code) = (String::new(), String::new(), false);
    for event in Parser::new_ext(text, Options::all()) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(text) if in_code => shown.push_str(&text),
            Event::Code(code) => {
                shown.push('\n');
                shown.push_str(&code);
            }
            Event::Text(words) => is_words(&words),
            Event::Html(block) => html.push_str(&block),
            Event::Start(Tag::HtmlBlock) => html.clear(),
            Event::End(TagEnd::HtmlBlock) => is_our_html(&html, &mut shown),
            Event::Start(
                Tag::Paragraph
                | Tag::Heading { level: HeadingLevel::H3, .. }
                | Tag::Strong
                | Tag::List(None)
                | Tag::Item
                | Tag::BlockQuote(_)
                | Tag::Table(_)
                | Tag::TableHead
                | Tag::TableRow
                | Tag::TableCell,
            )
            | Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(HeadingLevel::H3)
                | TagEnd::Strong
                | TagEnd::List(false)
                | TagEnd::Item
                | TagEnd::BlockQuote(_)
                | TagEnd::Table
                | TagEnd::TableHead
                | TagEnd::TableRow
                | TagEnd::TableCell,
            )
            | Event::SoftBreak => {}
            other => panic!("{other:?} in {text}"),
        }
    }
    Shown(shown)
}

/// What stands in a page of HTML. It is read as XML, which takes no shortcuts: nothing but our elements and attributes is in it.
pub(crate) fn html(page: &str) -> Shown {
    is_allowed_by_its_policy(page);
    let page = page.strip_prefix("<!DOCTYPE html>\n").expect("a page");
    let document = roxmltree::Document::parse(page).unwrap_or_else(|why| panic!("{why}: {page}"));
    assert!(!document.descendants().any(|node| node.is_pi() || node.is_comment()), "{page}");
    let body = document.descendants().find(|node| node.has_tag_name("body")).expect("a body");
    let script = document.descendants().find(|node| node.has_tag_name("script")).expect("a script");
    let (within, around): (Vec<_>, Vec<_>) = document
        .descendants()
        .filter(|node| node.is_element() && *node != script)
        .partition(|node| node.ancestors().any(|above| above == body));
    let names: Vec<_> = around.iter().map(|node| node.tag_name().name()).collect();
    assert_eq!(names, ["html", "head", "meta", "meta", "meta", "meta", "title", "style"]);
    for element in within {
        let name = element.tag_name().name();
        assert!(OUR_ELEMENTS.contains(&name), "<{name}> in {page}");
        for attribute in element.attributes() {
            let value = attribute.value();
            let ours = match attribute.name() {
                "class" | "id" | "name" | "type" | "role" | "scope" | "colspan" | "rowspan" | "tabindex" | "data-r"
                | "autocomplete" => {
                    value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || " -".contains(c))
                }
                "viewBox" | "preserveAspectRatio" => name == "svg" && ["0 0 1000 8", "none"].contains(&value),
                "x" | "width" | "height" => name == "rect" && value.parse::<u16>().is_ok(),
                "open" | "hidden" | "data-n" => value.is_empty(),
                "data-p" | "data-v" => value.chars().all(|c| c.is_ascii_digit() || c == ' '),
                "value" => name == "option",
                "href" => name == "a" && is_ours(value),
                // What is read out, and what is searched by: it is only ever compared.
                "aria-hidden" | "aria-live" | "aria-label" | "data-k" | "data-o" => true,
                _ => false,
            };
            assert!(ours, "{attribute:?} in {page}");
        }
    }
    let texts = body.descendants().filter(|node| node.is_text() && node.parent() != Some(script));
    Shown(texts.filter_map(|node| node.text()).collect())
}

/// Whether an address is within the page, or of a file at a code host; what a path has in it is encoded.
fn is_ours(address: &str) -> bool {
    let within = address.strip_prefix('#').is_some_and(|id| id.chars().all(char::is_alphanumeric));
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-%#".contains(c);
    within || address.strip_prefix("https://code.example/").is_some_and(|path| path.chars().all(plain))
}

/// The policy of a page lets in its one style and its one script, by their hashes, and nothing else.
fn is_allowed_by_its_policy(page: &str) {
    let content = |tag: &str| {
        let (start, end) = (format!("<{tag}>"), format!("</{tag}>"));
        let mut parts = page.split(&start).skip(1);
        let part = parts.next().unwrap_or_else(|| panic!("<{tag}>"));
        assert!(parts.next().is_none(), "<{tag}> twice");
        part.split_once(&end).expect("its end").0
    };
    let hash = |tag| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(content(tag))));
    let policy = format!(
        "content=\"default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'\"",
        hash("style"),
        hash("script")
    );
    assert!(page.contains(&policy), "not {policy} in {page}");
}

const OUR_ELEMENTS: [&str; 40] = [
    "body", "header", "main", "footer", "h1", "h2", "h3", "h4", "section", "ul", "ol", "li", "table", "thead", "tbody",
    "tr", "th", "td", "details", "summary", "code", "pre", "ins", "del", "mark", "span", "div", "strong", "em", "p",
    "a", "form", "label", "input", "select", "option", "button", "output", "svg", "rect",
];

/// The same of a Markdown that is read where HTML is shown as it is.
pub(crate) fn markdown_without_html(text: &str) -> Shown {
    let html = |event: &Event<'_>| matches!(event, Event::Html(_) | Event::InlineHtml(_));
    assert!(!Parser::new_ext(text, Options::all()).any(|event| html(&event)), "HTML in {text}");
    markdown(text)
}

/// Words: nothing that GitHub, GitLab or others make more of than text.
fn is_words(words: &str) {
    let harmless = |c: char| c.is_ascii_alphanumeric() || " .,;:()?'-·\u{2019}\u{2018}\u{2026}".contains(c);
    assert!(words.chars().all(harmless), "not only words: {words:?}");
    for word in words.split([' ', ',', ';', '(', ')']) {
        let commit = word.len() >= 7 && word.chars().all(|c| c.is_ascii_hexdigit());
        let reference =
            word.split_once('-').is_some_and(|(_, number)| number.starts_with(|c: char| c.is_ascii_digit()));
        let emoji = word.len() > 2 && word.starts_with(':') && word.ends_with(':');
        let address = word.to_ascii_lowercase().starts_with("www.");
        assert!(!commit && !reference && !emoji && !address, "more than a word: {word:?} in {words:?}");
    }
}

const OUR_HTML: [&str; 7] = [
    "<!-- supaform:plan -->",
    "<!-- supaform:drift -->",
    "<!-- supaform:report -->",
    "<!-- supaform:findings -->",
    "<details>",
    "<details open>",
    "</details>",
];

/// Our markers, and parts that fold, in whose summary there are words and code.
fn is_our_html(html: &str, shown: &mut String) {
    for line in html.lines() {
        let summary = line.strip_prefix("<summary>").and_then(|rest| rest.strip_suffix("</summary>"));
        match (line, summary) {
            (line, _) if OUR_HTML.contains(&line) => {}
            (_, Some(_)) => {
                let document = roxmltree::Document::parse(line).unwrap_or_else(|why| panic!("{why}: {line}"));
                for node in document.root_element().children() {
                    let text = node.text().unwrap_or_default();
                    if node.is_text() {
                        is_words(text);
                    } else {
                        assert!(node.has_tag_name("code") && node.attributes().len() == 0, "{line}");
                        assert!(node.children().all(|inner| inner.is_text()), "{line}");
                        shown.push('\n');
                        shown.push_str(text);
                    }
                }
            }
            _ => panic!("HTML that is not ours: {line:?}"),
        }
    }
}

/// What the schema of Jenkins' xUnit plugin (junit-10) takes: an element's parents, the attributes that it must have, and others.
type Rule = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);
const RULES: &[Rule] = &[
    ("testsuites", &[], &[], &["name", "time", "tests", "failures", "errors"]),
    (
        "testsuite",
        &["testsuites", "testsuite"],
        &["name", "tests", "failures", "errors"],
        &["group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"],
    ),
    ("testcase", &["testsuite"], &["name"], &["time", "classname", "group"]),
    ("failure", &["testcase"], &[], &["type", "message"]),
    ("error", &["testcase"], &[], &["type", "message"]),
    ("skipped", &["testcase"], &[], &["type", "message"]),
    ("system-out", &["testcase"], &[], &[]),
];

/// JUnit's XML is well formed, holds our elements only, and a suite for each name.
pub(crate) fn junit(xml: &str, names: &[&str]) {
    let document = roxmltree::Document::parse(xml).unwrap_or_else(|why| panic!("{why}: {xml}"));
    let elements = || document.descendants().filter(roxmltree::Node::is_element);
    for element in elements() {
        let name = element.tag_name().name();
        let rule = RULES.iter().find(|rule| rule.0 == name).unwrap_or_else(|| panic!("<{name}> in {xml}"));
        let (_, parents, must, may) = rule;
        let parent = element.parent_element().map(|parent| parent.tag_name().name().to_owned());
        assert!(parent.map_or(parents.is_empty(), |parent| parents.contains(&parent.as_str())), "<{name}> in {xml}");
        assert!(element.attributes().all(|it| must.contains(&it.name()) || may.contains(&it.name())), "{element:?}");
        assert!(must.iter().all(|it| element.has_attribute(*it)), "{element:?}");
        // Only what ends a case, and what is told of it, has text.
        let text = element
            .children()
            .filter(roxmltree::Node::is_text)
            .any(|it| !it.text().unwrap_or_default().trim().is_empty());
        assert!(!text || ["failure", "error", "skipped", "system-out"].contains(&name), "text in {element:?}");
        let ends = element.children().filter(|it| it.is_element() && !it.has_tag_name("system-out"));
        assert!(name != "testcase" || ends.count() <= 1, "{xml}");
    }
    assert!(!document.descendants().any(|node| node.is_pi() || node.is_comment()), "{xml}");
    let suites = elements().filter(|element| element.has_tag_name("testsuite"));
    let suites: Vec<_> = suites.map(|suite| suite.attribute("name").unwrap_or_default().to_owned()).collect();
    let expected: Vec<String> = names.iter().map(|name| escape(name).into_owned()).collect();
    assert_eq!(suites, expected);
}

/// A result of a SARIF log, read back.
pub(crate) struct Result {
    pub(crate) message: String,
    pub(crate) file: String,
}

/// SARIF is JSON of the form that readers want, without a link in a message.
pub(crate) fn sarif(log: &str) -> Vec<Result> {
    let log: Value = serde_json::from_str(log).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = run["results"].as_array().expect("results").iter();
    results
        .map(|result| {
            let rule = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("an index");
            assert_eq!(rules[rule]["id"], result["ruleId"]);
            assert!(["error", "warning", "note"].contains(&result["level"].as_str().expect("a level")));
            let text = result["message"]["text"].as_str().expect("a message");
            assert!(!has_link(text), "{text}");
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().expect("a URI");
            assert!(uri.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte)), "{uri}");
            assert!(place["region"]["startLine"].as_u64() >= Some(1));
            Result { message: plain(text), file: percent_decoded(uri) }
        })
        .collect()
}

/// `[text](target)` with brackets that are not escaped (SARIF 2.1.0, 3.11.6).
fn has_link(text: &str) -> bool {
    let mut escaped = false;
    let mut open = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => open = true,
            ']' if open && characters.peek() == Some(&'(') => return true,
            ']' => open = false,
            _ => {}
        }
    }
    false
}

/// A message without its escape of braces.
fn plain(text: &str) -> String {
    text.replace("{{", "{").replace("}}", "}")
}

/// A text without backslashes before `](`: how many there are is what the format cannot carry.
pub(crate) fn without_escaped_links(text: &str) -> String {
    let parts: Vec<&str> = text.split("](").collect();
    let (last, before) = parts.split_last().expect("a part");
    before.iter().map(|part| format!("{}](", part.trim_end_matches('\\'))).chain([(*last).to_owned()]).collect()
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = vec![];
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits: Vec<u8> = rest.by_ref().take(2).collect();
            let digits = std::str::from_utf8(&digits).expect("digits");
            bytes.push(u8::from_str_radix(digits, 16).expect("digits"));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// The one event of a line.
pub(crate) fn ndjson(text: &str) -> Value {
    let line = text.strip_suffix('\n').expect("a line");
    assert!(!line.contains('\n'), "several lines");
    serde_json::from_str(line).expect("JSON")
}

#[test]
fn judges_find_what_they_look_for() {
    assert!(github("  ::error file=a::b").is_some() && github("a ::error::b").is_none());
    assert!(inner("x ##[group]y") && inner("##VSO[a]b") && !inner("## a [b]"));
    assert!(has_link("a [b](c)") && !has_link(r"a [b\](c)") && has_link(r"a [b\\](c)"));
    let caught = |text: &'static str| std::panic::catch_unwind(|| markdown(text)).is_err();
    for text in [
        "[x](y)",
        "<b>",
        "# h",
        "@me",
        "see #1",
        "![i](u)",
        "https://a.example",
        "GH-1",
        "</details><b>",
        "$x$",
        "- [x] a",
    ] {
        assert!(caught(text), "{text}");
    }
    for text in [
        "words and `@code`, too\n",
        "<details>\n<summary><code>a</code>: words</summary>\n\n```diff\n@@ #1\n```\n\n</details>\n",
    ] {
        assert!(!caught(text), "{text}");
    }
}

/// A message for Slack: within its limits, and without a link, a mention or markup from outside.
pub(crate) fn slack(message: &Value) {
    assert_eq!(slack_fault(message), None);
    let blocks = message["blocks"].as_array().expect("blocks");
    assert!(blocks.len() <= 50, "{} blocks", blocks.len());
    assert!(message["blocks"][0]["text"]["text"].as_str().is_some_and(|title| title.chars().count() <= 150));
    let elements = blocks.iter().flat_map(|block| block["elements"].as_array().into_iter().flatten());
    for text in blocks.iter().map(|block| &block["text"]).filter(|text| !text.is_null()).chain(elements) {
        let said = text["text"].as_str().expect("a text");
        assert!((1..=3_000).contains(&said.chars().count()), "{} characters", said.chars().count());
        lines(said, Ours::No);
        assert!(!said.contains(['<', '>']), "markup: {said:?}");
        let entities = said.split('&').skip(1);
        entities.for_each(|rest| assert!(["amp;", "lt;", "gt;"].iter().any(|it| rest.starts_with(it)), "{said:?}"));
        for line in said.lines() {
            let outside: String = line.split('`').step_by(2).collect();
            assert!(line.matches('`').count().is_multiple_of(2) && !outside.contains(['_', '~']), "markup: {line:?}");
        }
    }
}
