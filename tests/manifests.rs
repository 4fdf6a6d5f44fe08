//! The manifest language, by example: each file of `manifests/valid` and `manifests/invalid` is a small workspace whose
//! name says the rule, and a snapshot beside it says what comes of it.
//!
//! A line `#--- PATH` starts a file of the workspace; without one, the whole text is `acme.yaml`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod table;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use libtest_mimic::Trial;
use supaform::diag::{Code, Severity, Sources, codes};
use supaform::kind::Registry;
use supaform::manifest::{Built, Options, build};
use supaform::model::{DesiredProject, DesiredValue, Item, Layer, Origin, SectionBody, Settings};
use supaform::yaml::format::format;

pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    let valid = crate::trials("manifests/valid", "yaml", |name, text| {
        says_what_is_desired(name, text);
        has_one_form(text);
        is_the_same_in_another_order_of_files(text);
    });
    let invalid = crate::trials("manifests/invalid", "yaml", says_where_and_what_to_do);
    let codes = [codes::manifest::ALL, codes::value::ALL, codes::secret::ALL].into_iter().flatten();
    let examples = codes.filter(|code| !code.info().example.is_empty()).map(|code| {
        Trial::test(format!("examples::{}", code.id()), || {
            shows_its_code(*code);
            Ok(())
        })
    });
    valid.chain(invalid).chain(examples)
}

fn build_case(text: &str, registry: Registry) -> Built {
    built_of(split(text), registry)
}

fn split(text: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = vec![];
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("#--- ") {
            files.push((path.to_owned(), String::new()));
        } else {
            if files.is_empty() {
                files.push(("acme.yaml".to_owned(), String::new()));
            }
            let (_, text) = files.last_mut().unwrap();
            text.push_str(line);
            text.push('\n');
        }
    }
    if !files.iter().any(|(path, _)| path == "supaform.yaml") {
        files.push(("supaform.yaml".to_owned(), "version: 1\n".to_owned()));
    }
    files
}

fn built_of(files: Vec<(String, String)>, registry: Registry) -> Built {
    let (manifests, texts): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|(path, _)| Path::new(path).extension().is_some_and(|extension| extension == "yaml"));
    let texts = texts.into_iter().collect::<BTreeMap<_, _>>();
    let options = Options {
        allow_env: ["SITE_URL".to_owned(), "GITHUB_TOKEN".to_owned()].into(),
        environment: Some(BTreeMap::from([("SITE_URL".to_owned(), "https://env.example".to_owned())])),
        ..Options::default()
    };
    build(manifests, &texts, registry, &options)
}

fn findings(built: &Built) -> String {
    let mut text = String::new();
    for found in built.diagnostics.sorted() {
        let place = found.labels.first().map_or_else(String::new, |label| built.sources.locate(label.span));
        let word = if found.severity == Severity::Error { "error" } else { "warning" };
        writeln!(text, "{word}[{}] {place}: {}", found.code.id(), found.message).unwrap();
        match found.labels.first() {
            Some(_) if found.private => writeln!(text, "  | (not shown)").unwrap(),
            Some(first) => {
                let shown = built.sources.slice(first.span).lines().next().unwrap_or_default();
                writeln!(text, "  | {shown} {}", first.text).unwrap();
            }
            None => {}
        }
        for label in found.labels.iter().skip(1) {
            writeln!(text, "  at {}: {}", built.sources.locate(label.span), label.text).unwrap();
        }
        for hint in &found.hints {
            writeln!(text, "  help: {hint}").unwrap();
        }
        if let Some(fix) = &found.fix {
            writeln!(text, "  fix: `{}` -> `{}`", built.sources.slice(fix.span), fix.replacement).unwrap();
        }
    }
    text
}

fn origin(sources: &Sources, origin: &Origin) -> String {
    let layer = match &origin.layer {
        Layer::Profile(name) => format!("profile {name}"),
        Layer::Common => "common".to_owned(),
        Layer::Document => "document".to_owned(),
    };
    format!("{} {layer}", sources.locate(origin.span))
}

fn show_settings(text: &mut String, at: &str, settings: &Settings, sources: &Sources) {
    for (name, setting) in &settings.fields {
        let value = match &setting.value {
            DesiredValue::Value(value) => value.to_string(),
            DesiredValue::Clear => "(clear)".to_owned(),
            DesiredValue::Secret(secret) => format!("({secret})"),
        };
        writeln!(text, "{at}.{name} = {value}  # {}", origin(sources, &setting.origin)).unwrap();
    }
    for (name, value) in &settings.extra {
        let place = origin(sources, &settings.places[name]);
        writeln!(text, "{at}.extra.{name} = {value}  # {place}").unwrap();
    }
    for (name, (secret, place)) in &settings.extra_secrets {
        writeln!(text, "{at}.extra.{name} = ({secret})  # {}", origin(sources, place)).unwrap();
    }
}

fn show(project: &DesiredProject, sources: &Sources) -> String {
    let mut text = format!("project {}", project.document);
    let mut say = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            write!(text, " {name}={value}").unwrap();
        }
    };
    say("ref", project.reference.as_ref().map(|it| it.value.to_string()));
    say("organization", project.organization.as_ref().map(|it| it.value.clone()));
    say("name", project.name.as_ref().map(|it| format!("{:?}", it.value)));
    say("region", project.region.as_ref().map(|it| it.value.clone()));
    say("protected", project.protected.then(|| "true".to_owned()));
    say("create", project.create.as_ref().map(|it| it.value.to_string()));
    say("labels", (!project.labels.is_empty()).then(|| format!("{:?}", project.labels)));
    text.push('\n');
    for (kind, section) in &project.sections {
        writeln!(text, "{kind}  # {} prune={}", origin(sources, &section.origin), section.policy.prune).unwrap();
        match &section.body {
            SectionBody::Settings(settings) => show_settings(&mut text, kind, settings, sources),
            SectionBody::Items(items) => {
                for (name, item) in items {
                    let at = format!("{kind}/{name}");
                    match item {
                        Item::Present(settings, place) => {
                            writeln!(text, "{at}  # {}", origin(sources, place)).unwrap();
                            show_settings(&mut text, &at, settings, sources);
                        }
                        Item::Absent(place) => writeln!(text, "{at} absent  # {}", origin(sources, place)).unwrap(),
                        Item::Unmanaged(place) => {
                            writeln!(text, "{at} hands off  # {}", origin(sources, place)).unwrap();
                        }
                    }
                }
            }
        }
    }
    text
}

fn says_what_is_desired(name: &str, text: &str) {
    let built = build_case(text, table::TABLE);
    assert!(!built.diagnostics.has_errors(), "{}", findings(&built));
    let shown: Vec<_> = built.desired.projects.values().map(|project| show(project, &built.sources)).collect();
    snapshot("manifests/valid", name, &format!("{}{}", shown.join("\n"), findings(&built)));
}

fn says_where_and_what_to_do(name: &str, text: &str) {
    let built = build_case(text, table::TABLE);
    assert!(built.diagnostics.has_errors(), "it is valid");
    let shown = findings(&built);
    assert!(!shown.contains("hunter2"), "it shows a secret:\n{shown}");
    snapshot("manifests/invalid", name, &shown);
}

fn snapshot(folder: &str, name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => folder, prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

/// The example of a code shows that code.
fn shows_its_code(code: Code) {
    let example = code.info().example;
    let whole = ["project:", "profile:", "version:", "services:"].iter().any(|start| example.starts_with(start));
    let text = match example {
        _ if example.starts_with("version:") => format!("#--- supaform.yaml\n{example}\n"),
        _ if whole => example.to_owned(),
        _ => format!("project: a\nref: aaaaaaaaaaaaaaaaaaaa\n{example}"),
    };
    let built = build_case(&text, supaform::kinds::KINDS);
    // The value of a secret is looked at only where something is applied.
    let later = code == codes::secret::EXEC_REFUSED;
    let found = built.diagnostics.sorted().iter().any(|found| found.code == code);
    assert!(later || found, "{example}\n{}", findings(&built));
}

/// A manifest is in its one form, and comes back to it when it is indented twice as much.
fn has_one_form(text: &str) {
    for (path, text) in
        split(text).into_iter().filter(|(path, _)| Path::new(path).extension().is_some_and(|it| it == "yaml"))
    {
        let indented = |line: &str| format!("{}{line}\n", " ".repeat(line.len() - line.trim_start_matches(' ').len()));
        let twice: String = text.lines().map(indented).collect();
        assert_eq!(format(&text).as_ref(), Some(&text), "{path}");
        assert_eq!(format(&twice).as_ref(), Some(&text), "{path}");
    }
}

/// The order in which files are read changes nothing that is desired.
fn is_the_same_in_another_order_of_files(text: &str) {
    let mut files = split(text);
    let there = built_of(files.clone(), table::TABLE);
    files.reverse();
    let back = built_of(files, table::TABLE);
    let shown = |built: &Built| {
        built.desired.projects.values().map(|project| show(project, &built.sources)).collect::<String>()
    };
    assert_eq!(shown(&there), shown(&back));
}
