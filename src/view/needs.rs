//! What CI has to provide: for people, as the `env:` of a GitHub workflow, as a list for GitLab, as JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Line, Role, StyledText};
use crate::diag::Sources;
use crate::diag::render::escape;
use crate::manifest::{Needs, Use};
use crate::record::{Place, VERSION};

/// The variable of the access token.
const TOKEN: &str = "SUPABASE_ACCESS_TOKEN";

/// What is needed, and the texts that it was written in.
#[derive(Debug, Clone, Copy)]
pub struct Needed<'a> {
    /// What secrets need.
    pub needs: &'a Needs,
    /// Variables that fields which are shown may take from.
    pub variables: &'a BTreeSet<String>,
    /// The texts.
    pub sources: &'a Sources,
}

type Uses = BTreeMap<String, BTreeSet<Use>>;

/// The needs for people.
pub fn needs_text(needed: Needed<'_>) -> StyledText {
    let mut page = StyledText::new();
    page.push(Line::of(Role::Heading, TOKEN).pad(40).plain("the access token"));
    rows(needed, "", &needed.needs.secrets, &mut page);
    for name in needed.variables {
        page.push(Line::of(Role::Heading, escape(name)).pad(40).plain("no secret, by --allow-env"));
    }
    rows(needed, "file ", &needed.needs.files, &mut page);
    rows(needed, "command ", &needed.needs.commands, &mut page);
    page
}

fn rows(needed: Needed<'_>, what: &str, all: &Uses, page: &mut StyledText) {
    for (name, uses) in all {
        let mut start = Line::of(Role::Heading, format!("{what}{}", escape(name))).pad(40);
        for it in uses {
            let Place { file, line, column: _ } = Place::of(it.span, needed.sources);
            page.push(start.plain(escape(&told(it))).at(Some(format!("{}:{line}", escape(&file)))));
            start = Line::new().pad(40);
        }
    }
}

fn told(it: &Use) -> String {
    let when = if it.for_creation { ", only when the project is created" } else { "" };
    format!("{}{when}", it.at)
}

/// What uses something, in one line.
fn users(uses: &BTreeSet<Use>) -> String {
    uses.iter().map(|it| escape(&told(it)).into_owned()).collect::<Vec<_>>().join("; ")
}

/// The needs as the `env:` of a job or a step of GitHub Actions.
#[must_use]
pub fn needs_github(needed: Needed<'_>) -> String {
    let mut text = format!("env:\n  {TOKEN}: ${{{{ secrets.{TOKEN} }}}}\n");
    for (name, uses) in &needed.needs.secrets {
        text.push_str(&format!("  # {}\n", users(uses)));
        text.push_str(&format!("  {name}: ${{{{ secrets.{name} }}}}\n"));
    }
    for name in needed.variables {
        text.push_str(&format!("  {}: ${{{{ vars.{} }}}}\n", escape(name), escape(name)));
    }
    text + &aside(needed)
}

/// The needs as a list for GitLab, whose jobs have the variables of the project without being told so.
#[must_use]
pub fn needs_gitlab(needed: Needed<'_>) -> String {
    let mut text = "# Settings > CI/CD > Variables. Masked ones are not shown in logs, protected ones are for protected branches.\n\
                    # GitLab masks values of one line with at least 8 characters.\n"
        .to_owned();
    let mut row = |name: &str, flags: &str, uses: &str| {
        text.push_str(format!("{:<40}{flags:<20}{uses}", escape(name)).trim_end());
        text.push('\n');
    };
    row(TOKEN, "masked protected", "# the access token");
    for (name, uses) in &needed.needs.secrets {
        row(name, "masked protected", &format!("# {}", users(uses)));
    }
    needed.variables.iter().for_each(|name| row(name, "", "# no secret, by --allow-env"));
    text + &aside(needed)
}

/// What no variable provides, as comments.
fn aside(needed: Needed<'_>) -> String {
    let lines = |what: &str, all: &Uses| {
        all.iter().map(|(name, uses)| format!("# {what} {}: {}\n", escape(name), users(uses))).collect::<String>()
    };
    lines("needs the file", &needed.needs.files) + &lines("runs, with --allow-exec,", &needed.needs.commands)
}

/// The needs for programs.
#[must_use]
pub fn needs_json(needed: Needed<'_>) -> Value {
    let all = |key: &str, all: &Uses| -> Vec<Value> {
        let uses = |uses: &BTreeSet<Use>| -> Vec<Value> {
            let of = |it: &Use| {
                let at = Place::of(it.span, needed.sources);
                json!({"address": it.at, "for_creation": it.for_creation, "at": at})
            };
            uses.iter().map(of).collect()
        };
        all.iter().map(|(name, of)| json!({key: name, "uses": uses(of)})).collect()
    };
    json!({
        "format": "supaform.needs",
        "version": VERSION,
        "token": TOKEN,
        "secrets": all("variable", &needed.needs.secrets),
        "variables": needed.variables,
        "files": all("path", &needed.needs.files),
        "commands": all("program", &needed.needs.commands),
    })
}
