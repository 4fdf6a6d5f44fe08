//! The texts of the files of a draft.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::draft::{Draft, DraftProject, Sections};
use crate::yaml::edit::member;
use crate::yaml::format::word_in_brackets;

/// The file of a new profile, by its path from the root.
#[must_use]
pub fn profile_file(name: &str) -> String {
    format!("profiles/{name}.yaml")
}

/// The texts of all files of a draft, by path from the root: manifests in the form of `fmt`, and the texts that they name.
#[must_use]
pub fn files(draft: &Draft) -> BTreeMap<String, String> {
    let mut files = draft.texts.clone();
    for (name, (above, sections)) in &draft.profiles {
        let above = std::iter::once(("profile".to_owned(), json!(name))).chain(above.clone()).collect();
        files.insert(profile_file(name), document(&above, sections));
    }
    let mut by_file: IndexMap<&str, Vec<&DraftProject>> = IndexMap::new();
    for project in &draft.projects {
        by_file.entry(&project.file).or_default().push(project);
    }
    for (path, projects) in by_file {
        let text = match projects.as_slice() {
            [only] => {
                let name = std::iter::once(("project".to_owned(), json!(only.document)));
                document(&name.chain(only.envelope.clone()).collect(), &only.sections) + &remarks(only, 0)
            }
            several => together(several),
        };
        files.insert(path.to_owned(), text);
    }
    files
}

/// A document or profile of its own: what stands above, and each section after a blank line.
fn document(above: &Map<String, Value>, sections: &Sections) -> String {
    let mut lines: Vec<String> = above.iter().flat_map(|(key, value)| member(key, value, 0)).collect();
    for (kind, fields) in sections {
        lines.push(String::new());
        lines.extend(section(kind, fields, 0));
    }
    lines.join("\n") + "\n"
}

/// Several documents under `projects:`; what stands above all of their sections alike is under `common:`.
fn together(projects: &[&DraftProject]) -> String {
    let alike = |key: &str| {
        let first = projects.first()?.envelope.get(key)?;
        projects.iter().all(|it| it.envelope.get(key) == Some(first)).then(|| (key.to_owned(), first.clone()))
    };
    let common: Map<String, Value> = COMMON.into_iter().filter_map(alike).collect();
    let mut lines = if common.is_empty() { vec![] } else { member("common", &common.clone().into(), 0) };
    lines.push("projects:".to_owned());
    for project in projects {
        let mut above = project.envelope.clone();
        above.retain(|key, _| !common.contains_key(key));
        let is_short = project.sections.is_empty() && project.unknown.is_empty();
        let short = is_short.then(|| member(&project.document, &above.clone().into(), 2));
        if let Some(short) = short.filter(|short| short.len() == 1) {
            lines.extend(short);
            continue;
        }
        lines.push(format!("  {}:", word_in_brackets(&project.document)));
        lines.extend(above.iter().flat_map(|(key, value)| member(key, value, 4)));
        lines.extend(project.sections.iter().flat_map(|(kind, fields)| section(kind, fields, 4)));
        lines.extend(remarks(project, 4).lines().filter(|line| !line.is_empty()).map(str::to_owned));
    }
    lines.join("\n") + "\n"
}

/// What is live and no manifest can say, as comments: names, and switches and numbers, which are no secrets.
fn remarks(project: &DraftProject, indent: usize) -> String {
    if project.unknown.is_empty() {
        return String::new();
    }
    let start = format!("{:indent$}#", "");
    let mut lines = vec![String::new(), format!("{start} Live, and not known to this version of Supaform:")];
    for (kind, name, value) in &project.unknown {
        let name: String = name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        let value = match value {
            Value::Bool(_) | Value::Number(_) => format!(": {value}"),
            Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => String::new(),
        };
        lines.push(format!("{start} {kind}.{name}{value}"));
    }
    lines.join("\n") + "\n"
}

/// What `common:` can say.
const COMMON: [&str; 3] = ["extends", "organization", "region"];

/// A section, its fields in lines of their own.
fn section(kind: &str, fields: &Map<String, Value>, indent: usize) -> Vec<String> {
    if fields.is_empty() {
        return member(kind, &json!({}), indent);
    }
    let head = format!("{:indent$}{kind}:", "");
    std::iter::once(head).chain(fields.iter().flat_map(|(name, value)| member(name, value, indent + 2))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(document: &str, sections: Value) -> DraftProject {
        let Value::Object(sections) = sections else { unreachable!("sections") };
        let sections =
            sections.into_iter().map(|(kind, fields)| (kind, fields.as_object().cloned().unwrap_or_default()));
        DraftProject {
            document: document.to_owned(),
            file: "projects/all.yaml".to_owned(),
            envelope: Map::from_iter([("ref".to_owned(), json!("abcdefghijklmnopqrst"))]),
            sections: sections.collect(),
            unknown: vec![],
        }
    }

    #[test]
    fn files_have_the_form_of_fmt() {
        let auth = json!({"auth": {"site_url": "https://a.dev", "on": "no", "uri_allow_list": ["https://a.dev/*"],
            "smtp_pass": {"secret": "SMTP_PASS"}, "text": "one\ntwo\n", "jwt_exp": null},
            "secrets": {"A": {"secret": "A"}}, "api_keys": {}});
        let mut draft = Draft { projects: vec![project("one", auth.clone())], ..Draft::default() };
        let one = files(&draft);
        insta::assert_snapshot!(one["projects/all.yaml"]);
        draft.projects.extend([project("two", auth), project("three", json!({}))]);
        draft.profiles.insert("base".to_owned(), (Map::new(), draft.projects[0].sections.clone()));
        let three = files(&draft);
        insta::assert_snapshot!(three["projects/all.yaml"]);
        let new = [("new_switch", json!(true)), ("new_key", json!("a secret?")), ("new.list", json!([1]))];
        let unknown: Vec<_> = new.into_iter().map(|(name, value)| ("auth", name.to_owned(), value)).collect();
        for project in &mut draft.projects {
            project.unknown.clone_from(&unknown);
        }
        let remarked = files(&draft);
        insta::assert_snapshot!(remarked["projects/all.yaml"]);
        draft.projects.truncate(1);
        let alone = files(&draft);
        insta::assert_snapshot!(alone["projects/all.yaml"]);
        for text in [&one, &three, &remarked, &alone].into_iter().flat_map(BTreeMap::values) {
            assert_eq!(crate::yaml::format::format(text).as_deref(), Some(text.as_str()), "{text}");
        }
    }
}
