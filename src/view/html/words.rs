//! Sentences, names and signs.

use askama::Template;
use askama::filters::Safe;

use crate::text::count;
use crate::view::document::{Happens, Inline, Phrase, Projects};

/// Up to how many projects are named where they are spoken of.
const NAMED: usize = 6;

/// Up to how many are named even if a label or a number says as much.
const FEW: usize = 2;

/// Our words as they are, names as code.
#[derive(Template)]
#[template(
    ext = "html",
    source = "{% for part in parts %}{% match part %}\
        {% when Inline::Words(text) %}{{ text }}\
        {% when Inline::Name(text) %}<code>{{ text }}</code>\
        {% when Inline::Sentence(text) %}{{ self::prose(text) }}\
        {% endmatch %}{% endfor %}"
)]
pub(super) struct Phrased<'a> {
    parts: &'a [Inline],
}

pub(super) fn phrase(phrase: &Phrase) -> Safe<Phrased<'_>> {
    Safe(Phrased { parts: &phrase.0 })
}

/// A sentence; text in back quotes becomes code.
#[derive(Template)]
#[template(
    ext = "html",
    source = "{% for part in text.split('`') %}\
        {% if loop.index0 % 2 == 1 %}<code>{{ part }}</code>{% else %}{{ part }}{% endif %}{% endfor %}"
)]
pub(super) struct Prose<'a> {
    text: &'a str,
}

pub(super) fn prose(text: &str) -> Safe<Prose<'_>> {
    Safe(Prose { text })
}

/// What happens to something: its sign for the eye, its word for the ear.
#[derive(Template)]
#[template(
    ext = "html",
    source = "<span class=\"sign {{ word }}\" aria-hidden=\"true\">{{ sign }}</span><span class=\"ear\">{{ word }}: </span>"
)]
pub(super) struct Sign {
    sign: char,
    word: &'static str,
}

pub(super) fn sign(happens: Happens) -> Safe<Sign> {
    let word = match happens {
        Happens::Added => "added",
        Happens::Changed => "changed",
        Happens::Removed => "removed",
    };
    Safe(Sign { sign: happens.sign(), word })
}

/// The origin of a difference without its brackets; `None` is an intended one.
pub(super) fn origin(words: Option<&str>) -> &str {
    words.map_or("intended", |words| words.trim_matches(['(', ')']))
}

/// A set of projects in a few words.
pub(super) fn who(projects: &Projects) -> String {
    match projects {
        all if all.names().len() <= FEW => all.names().join(", "),
        Projects::All(names) => format!("all {}", count(names.len(), "project")),
        Projects::Label(names, label) => format!("{} (all of {label})", count(names.len(), "project")),
        Projects::Named(names) if names.len() <= NAMED => names.join(", "),
        Projects::Named(names) => count(names.len(), "project"),
    }
}

/// The names of a set of projects, where its words do not have them.
#[derive(Template)]
#[template(
    ext = "html",
    source = "{% if !names.is_empty() %}<details class=\"names\"><summary>Which projects</summary>\
        <p>{{ names.join(\", \") }}</p></details>{% endif %}"
)]
pub(super) struct Names<'a> {
    names: &'a [String],
}

pub(super) fn names(projects: &Projects) -> Safe<Names<'_>> {
    let names = match projects {
        all if all.names().len() <= FEW => &[],
        Projects::All(_) => &[],
        Projects::Named(names) if names.len() <= NAMED => &[],
        Projects::Label(names, _) | Projects::Named(names) => names.as_slice(),
    };
    Safe(Names { names })
}
