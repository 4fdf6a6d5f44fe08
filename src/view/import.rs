//! The result of `import`, for people.

use std::collections::{BTreeMap, BTreeSet};

use super::{Line, Role, StyledText};
use crate::manifest::MARKER;
use crate::manifest::listing::is_yaml;
use crate::record::{FactoredRecord, ImportRecord, ImportedProjectRecord, ProfileRecord};

/// The most projects whose unreadable sections are told one by one.
const MOST: usize = 10;

/// What was imported, for people.
pub fn import_page(record: &ImportRecord) -> StyledText {
    let mut page = StyledText::new();
    let ImportRecord { written, from, to_let_go, created, changed, projects, left, profiles: _, skipped: _, moved } =
        record;
    let is_empty = changed.is_empty() && created.is_empty();
    let read = format!("Read {}.", many(projects.len(), "project"));
    if projects.is_empty() {
        return page;
    }
    if let Some(from) = from {
        page.push(Line::new().plain(format!("Read {from}.")));
        files(record, &mut page);
    } else if is_empty {
        page.push(
            Line::new().plain(format!("{read} The manifests say already what is not as on an untouched project.")),
        );
    } else {
        page.push(Line::new().plain(format!("{read} What is not as on an untouched project:")));
        files(record, &mut page);
    }
    unreadable(projects, &mut page);
    unknown(projects, &mut page);
    if !left.is_empty() {
        page.push(Line::new());
        page.push(Line::of(Role::Heading, "Left out"));
        for one in left {
            page.push(Line::new().plain("  ").then(Role::Heading, &one.at).plain(format!("  {}", one.why)));
        }
    }
    page.push(Line::new());
    secrets(projects, &mut page);
    if is_empty {
        page.push(Line::new().plain("Nothing was written."));
        return page;
    }
    if from.is_some() {
        let next = if *written {
            "Supabase was not asked: `supaform plan` tells what these files would change."
        } else {
            "Nothing was written, and Supabase was not asked."
        };
        page.push(Line::new().plain(next));
        let_go(to_let_go, &mut page);
        return page;
    }
    let checked = if *written {
        "Checked: the plan of these files is empty."
    } else {
        "The plan of these files would be empty; none was written."
    };
    if moved.is_empty() && projects.iter().all(|it| it.secrets.other.is_empty()) {
        page.push(Line::of(Role::Good, checked).plain(" Nothing was written to Supabase."));
    } else if !moved.is_empty() {
        page.push(Line::of(Role::Risk, format!("Changed by somebody since it was read: {}", moved.join(", "))));
    }
    page
}

/// What a copy of live projects has, each thing that it has otherwise with the reason, and what to do with it, for people.
pub fn copied_page<'a>(
    projects: usize,
    left: impl ExactSizeIterator<Item = (&'a str, &'a str)>,
    file: &str,
) -> StyledText {
    let mut page = StyledText::new();
    page.push(Line::new().plain(format!("Copied {} into {file}.", many(projects, "project"))));
    if left.len() > 0 {
        page.push(Line::new());
        page.push(Line::of(Role::Heading, "Not as it is live"));
        for (at, why) in left {
            page.push(Line::new().plain("  ").then(Role::Heading, at).plain(format!("  {why}")));
        }
    }
    page.push(Line::new());
    page.push(Line::new().plain("It has digests of secrets and no values. Rehearse on it:"));
    page.push(Line::new().plain(format!("  supaform plan --sandbox .sandbox --world {file}")));
    page
}

/// What projects were found to have alike, for people.
pub fn factored_page(record: &FactoredRecord) -> StyledText {
    let FactoredRecord { written, created: _, changed, projects, profiles } = record;
    let mut page = StyledText::new();
    if profiles.is_empty() {
        let text =
            format!("Looked at {}: they have nothing alike that is worth a profile.", many(*projects, "project"));
        page.push(Line::new().plain(text));
        return page;
    }
    page.push(Line::new().plain(format!("Looked at {}. What they have alike:", many(*projects, "project"))));
    let rows: Vec<(String, String)> = profiles.iter().map(profile).collect();
    columns(rows, &mut page);
    page.push(Line::new());
    let says = if changed.len() == 1 { "says" } else { "say" };
    let less = format!(" {} {says} less; the effective manifests are the same.", many(changed.len(), "manifest"));
    let checked = if *written { "Checked:" } else { "Checked, and nothing was written:" };
    page.push(Line::of(Role::Good, checked).plain(less));
    page
}

/// How Terraform lets go of what the manifests have now.
fn let_go(addresses: &[String], page: &mut StyledText) {
    if addresses.is_empty() {
        return;
    }
    page.push(Line::new());
    page.push(Line::of(Role::Heading, "For Terraform to let go of them, once the plan is as you want it"));
    for address in addresses {
        page.push(Line::new().plain(format!("  terraform state rm '{}'", address.replace('\'', "'\\''"))));
    }
}

/// Each file with what is in it; texts by folder.
fn files(record: &ImportRecord, page: &mut StyledText) {
    let mut rows: Vec<(String, String)> = record.profiles.iter().map(profile).collect();
    let mut by_file: BTreeMap<&str, Vec<&ImportedProjectRecord>> = BTreeMap::new();
    record.projects.iter().for_each(|project| by_file.entry(&project.file).or_default().push(project));
    for (file, projects) in by_file {
        let is_named = record.created.iter().chain(&record.changed).any(|path| path == file);
        if is_named {
            rows.push((file.to_owned(), contents(&projects)));
        }
    }
    let mut texts: BTreeMap<&str, usize> = BTreeMap::new();
    let is_text = |path: &&String| !is_yaml(path);
    for path in record.created.iter().filter(is_text) {
        *texts.entry(path.rsplit_once('/').map_or("", |(folder, _)| folder)).or_default() += 1;
    }
    // Of many projects, the folders of each kind of text are one row.
    let mut by_top: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (folder, count) in &texts {
        let (folders, all) = by_top.entry(folder.split('/').next().unwrap_or_default()).or_default();
        *folders += 1;
        *all += count;
    }
    if texts.len() > MOST {
        let told = |(top, (folders, all))| {
            (format!("{top}/"), format!("{} in {}", many(all, "text"), many(folders, "folder")))
        };
        rows.extend(by_top.into_iter().map(told));
    } else {
        rows.extend(texts.into_iter().map(|(folder, count)| (format!("{folder}/"), many(count, "text"))));
    }
    let named: BTreeSet<&String> = rows.iter().map(|(path, _)| path).collect();
    let others = record.created.iter().chain(&record.changed).filter(|path| !is_text(path) && !named.contains(path));
    let what = |path: &str| if path == MARKER { "marks the root of the workspace" } else { "" };
    let others: Vec<(String, String)> = others.map(|path| (path.clone(), what(path).to_owned())).collect();
    rows.extend(others);
    columns(rows, page);
}

/// Files, and what is in each.
fn columns(rows: Vec<(String, String)>, page: &mut StyledText) {
    let width = rows.iter().map(|(path, _)| path.chars().count()).max().unwrap_or_default() + 4;
    for (path, what) in rows {
        page.push(Line::new().plain("  ").then(Role::Heading, path).pad(width).plain(what));
    }
}

/// What is in a profile.
fn profile(profile: &ProfileRecord) -> (String, String) {
    let ProfileRecord { file, values, projects, variables, apart, .. } = profile;
    let alike = match projects - apart.iter().filter_map(|at| at.split('/').next()).collect::<BTreeSet<_>>().len() {
        all if all == *projects => format!("the same in {projects}"),
        some => format!("the same in {some} of {projects}"),
    };
    let own: Vec<&str> = variables.iter().filter_map(|name| name.strip_prefix("var.")).collect();
    let turned = match own.as_slice() {
        [] => String::new(),
        [one] => format!(" ({one} became a variable)"),
        [all @ .., last] => format!(" ({} and {last} became variables)", all.join(", ")),
    };
    let apart = if apart.is_empty() { String::new() } else { format!(" · apart: {}", apart.join(", ")) };
    (file.clone(), format!("{}, {alike}{turned}{apart}", many(*values, "setting")))
}

/// How much of what is in the documents of a file.
fn contents(projects: &[&ImportedProjectRecord]) -> String {
    if projects.iter().any(|project| project.own < project.written.values().sum()) {
        let counts = || projects.iter().map(|project| project.own);
        let each = match (counts().min().unwrap_or_default(), counts().max().unwrap_or_default()) {
            (_, 0) if projects.len() == 1 => return "nothing of its own but its ref".to_owned(),
            (_, 0) => return format!("{}, nothing of their own but their refs", many(projects.len(), "project")),
            (least, most) if least == most => many(most, "setting"),
            (least, most) => format!("{least}–{}", many(most, "setting")),
        };
        return format!("{}, {each}{}", many(projects.len(), "project"), if projects.len() > 1 { " each" } else { "" });
    }
    let mut sections: BTreeMap<&str, usize> = BTreeMap::new();
    for (section, count) in projects.iter().flat_map(|project| &project.written) {
        *sections.entry(section).or_default() += count;
    }
    let parts: Vec<String> = sections.iter().map(|(section, count)| format!("{section} {count}")).collect();
    let count = if projects.len() > 1 { format!("{}: ", many(projects.len(), "project")) } else { String::new() };
    let parts = if parts.is_empty() { "nothing but its ref".to_owned() } else { parts.join(", ") };
    count + &parts
}

/// Sections that could not be read, the same answer once.
fn unreadable(projects: &[ImportedProjectRecord], page: &mut StyledText) {
    let mut by_answer: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
    for project in projects {
        for one in &project.unreadable {
            let status = one.status.map_or(String::new(), |status| format!("{status}: "));
            by_answer.entry((one.section, status + &one.why)).or_default().push(&project.project);
        }
    }
    if by_answer.is_empty() {
        return;
    }
    page.push(Line::new());
    page.push(Line::of(Role::Heading, "Not readable"));
    for ((section, why), names) in by_answer {
        let who = if names.len() == projects.len() && names.len() > 1 {
            "all projects".to_owned()
        } else if names.len() > MOST {
            many(names.len(), "project")
        } else {
            names.join(", ")
        };
        page.push(Line::new().plain("  ").then(Role::Heading, section).plain(format!("  {why}  ({who})")));
    }
}

/// Live keys that Supaform does not know.
fn unknown(projects: &[ImportedProjectRecord], page: &mut StyledText) {
    let mut keys: BTreeMap<String, usize> = BTreeMap::new();
    for (section, names) in projects.iter().flat_map(|project| &project.unknown) {
        for name in names {
            *keys.entry(format!("{section}.{name}")).or_default() += 1;
        }
    }
    if keys.is_empty() {
        return;
    }
    page.push(Line::new());
    page.push(Line::of(Role::Heading, "Not known to this version of Supaform"));
    let names: Vec<&str> = keys.keys().map(String::as_str).collect();
    page.push(Line::new().plain(format!("  {}", names.join(", "))));
}

fn secrets(projects: &[ImportedProjectRecord], page: &mut StyledText) {
    let all: usize = projects.iter().map(|project| project.secrets.references).sum();
    if all == 0 {
        return;
    }
    let same: usize = projects.iter().map(|project| project.secrets.same).sum();
    let other: Vec<&str> = projects.iter().flat_map(|it| &it.secrets.other).map(String::as_str).collect();
    let are = if all == 1 { "secret is a reference" } else { "secrets are references" };
    let mut line = format!("{all} {are}");
    if same > 0 {
        line.push_str(&format!("; the values of {same} are at hand and match"));
    }
    page.push(Line::new().plain(format!("{line}; `supaform needs --missing` lists what is not at hand.")));
    if !other.is_empty() {
        let text = format!("Another value is live than is at hand: {}", other.join(", "));
        page.push(Line::of(Role::Risk, text));
    }
}

fn many(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
