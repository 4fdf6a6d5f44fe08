//! The pages below `docs/kinds`, as Markdown.

use std::fmt::Write as _;

use super::facts;
use crate::schema::FieldPath;
use crate::schema::{Field, KindInfo, Shape};

/// How to read the pages, and the list of them.
const INDEX: &str = "\
<!-- Made from the field table: do not edit. -->
# Kinds

A section of a project or a profile, such as `auth`, is a kind of resource. Each has a page with all its fields;
`supaform explain auth.jwt_exp` prints a row of it, and `supaform explain acme/auth/jwt_exp` adds the desired and the live value of a project.

- **Fields have the API's own names.** A field that no manifest mentions is not touched.
- **takes**: what may be written. Durations and sizes may be written with units, and are sent as the API counts.
- **default**: what an untouched project has, where that is the same for all.
- **`null`** clears a field or resets it to its default. Where the API has no way back, a page says that `null` is refused: write
  the desired value.
- **Risk**: what changing it can do, which a plan tells first: *access* or *lock-out* (somebody no longer gets in), *security*
  (somebody gets in or sees more), *restart*, *cost*, *loss*. What locks out or cannot be undone needs `--allow`.
- **Secrets** are [references](../secrets.md), never literals.
- **Features** of an organization's plan: without it the API refuses the field, and a plan says so where the API lets it know.
- What the API has and a page does not goes under `extra:` in the section, and is sent as it is.

| section | what it is |
|---|---|
";

/// The page that lists the kinds.
#[must_use]
pub fn index<'a>(infos: impl Iterator<Item = &'a KindInfo>) -> String {
    let mut page = INDEX.to_owned();
    for info in infos {
        let _ = writeln!(page, "| [`{name}`]({name}.md) | {} |", info.doc, name = info.name);
    }
    page
}

/// The page of a kind.
#[must_use]
pub fn kind_page(info: &KindInfo) -> String {
    let mut page = format!("<!-- Made from the field table: do not edit. -->\n# `{}`\n\n{}\n", info.name, info.doc);
    let _ = write!(page, "\n```yaml\n{}\n```\n", info.example.trim_end());
    for fact in about(info) {
        let _ = write!(page, "\n{fact}\n");
    }
    for (heading, rows) in info.groups() {
        let _ = write!(page, "\n## {}\n\n", if heading.is_empty() { "Fields" } else { heading });
        page.push_str("| field | what it is | takes | default |\n|---|---|---|---|\n");
        for path in rows.iter().flat_map(FieldPath::leaves) {
            let row = path.row();
            let name = if info.scalar() == Some(row.name) { "NAME" } else { path.name() };
            let default = facts::default(row).map_or_else(String::new, |default| format!("`{default}`"));
            let cells = [format!("`{name}`"), remarks(info, row), facts::takes(row), default];
            let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
            let _ = writeln!(page, "| {} |", cells.join(" | "));
        }
    }
    let _ = write!(page, "\nHow to read this: [Kinds](README.md). API: `{}`.\n", super::api(info));
    page
}

/// Facts about the whole kind, a paragraph each.
fn about(info: &KindInfo) -> Vec<String> {
    let mut facts = vec![];
    if let Shape::Collection { key, delete_risk, .. } = info.shape {
        let item = if key == "id" { "`null` for an item, named by its id," } else { "`null` for an item" };
        facts.push(format!(
            "A collection of named items. {item} deletes it, which needs `--allow`, because {delete_risk}. Items that no \
             manifest has stay, unless `manage: {{{}: {{prune: true}}}}` makes the manifests authoritative.",
            info.name
        ));
    }
    if info.can_wait() {
        facts.push(format!(
            "A change that needs a restart restarts at once, unless `manage: {{{}: {{restart: later}}}}` stores it until the next restart.",
            info.name
        ));
    }
    if takes_no_null(info) {
        facts.push("No field can be `null`: write the desired value.".to_owned());
    }
    if !info.after.is_empty() {
        let names: Vec<_> = info.after.iter().map(|name| format!("[`{name}`]({name}.md)")).collect();
        facts.push(format!("Applied after {}.", names.join(", ")));
    }
    facts
}

fn takes_no_null(info: &KindInfo) -> bool {
    // The null of a field that is the whole item deletes the item.
    info.scalar().is_none() && info.leaves().all(|path| !path.row().nullable())
}

/// The sentence of a field, and below it the other facts.
fn remarks(info: &KindInfo, row: &Field) -> String {
    let mut remarks = row.doc.to_owned();
    if !row.nullable() && !takes_no_null(info) && info.scalar().is_none() {
        remarks.push_str(" Cannot be `null`.");
    }
    for need in facts::needs(row) {
        let _ = write!(remarks, " Needs {need}.");
    }
    if let Some(variables) = facts::variables(row) {
        let _ = write!(remarks, " Variables: {variables}.");
    }
    if let Some(key) = row.entitlement {
        let _ = write!(remarks, " Only with the feature `{key}`.");
    }
    for risk in facts::risks(row) {
        let _ = write!(remarks, "<br>**Risk:** {risk}.");
    }
    if let Some(why) = row.deprecated {
        let _ = write!(remarks, "<br>**Instead:** {why}.");
    }
    remarks
}
