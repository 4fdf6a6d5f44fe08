//! The field table as text: what `supaform explain` prints, and the pages below `docs/kinds`.

pub mod facts;
mod page;

use std::fmt::Write as _;

pub use page::{index, kind_page};

use super::FieldPath;
use super::{KindInfo, Shape, Writes};

/// The width to which text for the terminal is wrapped.
const WIDTH: usize = 80;
/// The width of the labels of [`explain_field`].
const LABEL: usize = 10;

/// The description of a kind for the terminal.
#[must_use]
pub fn explain_kind(info: &KindInfo) -> String {
    let mut text = format!("{}\n\n", info.name);
    paragraph(&mut text, "  ", "  ", info.doc);
    text.push('\n');
    label(&mut text, "API", &api(info));
    if !info.after.is_empty() {
        label(&mut text, "After", &info.after.join(", "));
    }
    for (heading, rows) in info.groups() {
        let _ = write!(text, "\n  {}\n", if heading.is_empty() { "Fields" } else { heading });
        let paths: Vec<_> = rows.iter().flat_map(FieldPath::leaves).collect();
        let width = paths.iter().map(|path| path.name().len()).max().unwrap_or_default();
        for path in paths {
            let (name, row) = (path.name(), path.row());
            let hang = " ".repeat(width + 6);
            paragraph(&mut text, &format!("    {name:width$}  "), &hang, row.doc);
        }
    }
    example(&mut text, info.example);
    text
}

/// The description of a field for the terminal; `None` where the kind has no field of this name.
#[must_use]
pub fn explain_field(info: &KindInfo, name: &str) -> Option<String> {
    let path = info.find(name)?;
    let (way, field): (Vec<&str>, _) = (path.way().collect(), path.row());
    let mut text = format!("{}.{name}\n\n", info.name);
    paragraph(&mut text, "  ", "  ", field.doc);
    text.push('\n');
    label(&mut text, "Takes", &facts::takes(field));
    if let Some(variables) = facts::variables(field) {
        label(&mut text, "Variables", &variables);
    }
    if let Some(default) = facts::default(field) {
        label(&mut text, "Default", &default);
    }
    label(&mut text, "null", facts::null(field));
    for need in facts::needs(field) {
        label(&mut text, "Needs", &need);
    }
    for risk in facts::risks(field) {
        label(&mut text, "Risk", &risk);
    }
    if let Some(key) = field.entitlement {
        label(&mut text, "Plan", &format!("needs the feature `{key}` of the organization's plan"));
    }
    if let Some(carried) = facts::carried(field) {
        label(&mut text, "API", &carried);
    }
    if let Some(why) = field.deprecated {
        label(&mut text, "Instead", why);
    }
    let outer = match info.shape {
        Shape::Settings { .. } => vec![info.name],
        Shape::Collection { .. } => vec![info.name, "NAME"],
    };
    let mut section = String::new();
    for (depth, name) in outer.iter().chain(way.iter().rev().skip(1).rev()).enumerate() {
        let _ = writeln!(section, "{}{name}:", "  ".repeat(depth));
    }
    let depth = outer.len() + way.len() - 1;
    example(&mut text, &format!("{section}{}{}", "  ".repeat(depth), facts::example(info, field)));
    Some(text)
}

/// How the kind is read and written.
fn api(info: &KindInfo) -> String {
    match info.shape {
        Shape::Settings { path, write: Writes::Patch, .. } => format!("GET and PATCH {path}"),
        Shape::Settings { path, write: Writes::Put | Writes::Overlay | Writes::PutQuery, .. } => {
            format!("GET and PUT {path}")
        }
        Shape::Settings { path, write: Writes::Post(apply), .. } => format!("GET {path}, POST {apply}"),
        Shape::Settings { path, write: Writes::Enable(write) | Writes::Append(write), .. } => {
            format!("POST {path}, POST {write}")
        }
        // How items are written differs from kind to kind, so only the list is named.
        Shape::Collection { path, .. } => path.to_owned(),
    }
}

fn example(text: &mut String, yaml: &str) {
    text.push_str("\n  Example\n");
    for line in yaml.lines() {
        let _ = writeln!(text, "    {line}");
    }
}

fn label(text: &mut String, label: &str, what: &str) {
    paragraph(text, &format!("  {label:LABEL$}"), &" ".repeat(LABEL + 2), what);
}

/// Adds words line by line: `first` starts the first line, `hang` all others.
fn paragraph(text: &mut String, first: &str, hang: &str, words: &str) {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in words.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(line.trim_end());
            text.push('\n');
            hang.clone_into(&mut line);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    text.push_str(line.trim_end());
    text.push('\n');
}
