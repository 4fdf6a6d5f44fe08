//! What CI has to provide: for people, as the `env:` of a GitHub workflow, as a list for GitLab, as JSON.

use std::collections::{BTreeMap, BTreeSet};

use super::{Line, Role, StyledText};
use crate::diag::render::escape;
use crate::manifest::Use;
use crate::record::{Needed, Place, TOKEN};

type Uses = BTreeMap<String, BTreeSet<Use>>;

/// The needs for people.
pub fn needs_text(needed: Needed<'_>) -> StyledText {
    let mut page = StyledText::new();
    if needed.token {
        page.push(Line::of(Role::Heading, TOKEN).pad(40).plain("the access token"));
    }
    rows(needed, "", &needed.needs.secrets, &mut page);
    for name in needed.variables {
        page.push(Line::of(Role::Heading, escape(name)).pad(40).plain("not a secret, by --allow-env"));
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

/// The users of something, in one line.
fn users(uses: &BTreeSet<Use>) -> String {
    uses.iter().map(|it| escape(&told(it)).into_owned()).collect::<Vec<_>>().join("; ")
}

/// The needs as the `env:` of a job or a step of GitHub Actions.
#[must_use]
pub fn needs_github(needed: Needed<'_>) -> String {
    let mut text = "env:\n".to_owned();
    if needed.token {
        text.push_str(&format!("  {TOKEN}: ${{{{ secrets.{TOKEN} }}}}\n"));
    }
    for (name, uses) in &needed.needs.secrets {
        text.push_str(&format!("  # {}\n", users(uses)));
        text.push_str(&format!("  {name}: ${{{{ secrets.{name} }}}}\n"));
    }
    for name in needed.variables {
        text.push_str(&format!("  {}: ${{{{ vars.{} }}}}\n", escape(name), escape(name)));
    }
    text + &footer(needed)
}

/// The needs as a list for GitLab, whose jobs have the variables of the project without declaring them.
#[must_use]
pub fn needs_gitlab(needed: Needed<'_>) -> String {
    let mut text = "# Settings > CI/CD > Variables. Masked ones are not shown in logs, protected ones are for protected branches.\n\
                    # GitLab masks values of one line with at least 8 characters.\n"
        .to_owned();
    let mut row = |name: &str, flags: &str, uses: &str| {
        text.push_str(format!("{:<40}{flags:<20}{uses}", escape(name)).trim_end());
        text.push('\n');
    };
    if needed.token {
        row(TOKEN, "masked protected", "# the access token");
    }
    for (name, uses) in &needed.needs.secrets {
        row(name, "masked protected", &format!("# {}", users(uses)));
    }
    needed.variables.iter().for_each(|name| row(name, "", "# not a secret, by --allow-env"));
    text + &footer(needed)
}

/// Needs that no variable provides, as comments.
fn footer(needed: Needed<'_>) -> String {
    let lines = |what: &str, all: &Uses| {
        all.iter().map(|(name, uses)| format!("# {what} {}: {}\n", escape(name), users(uses))).collect::<String>()
    };
    lines("needs the file", &needed.needs.files) + &lines("runs, with --allow-exec,", &needed.needs.commands)
}
