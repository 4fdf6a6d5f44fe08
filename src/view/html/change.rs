//! A changed field: its name, its values, its consequences, its place.

use std::collections::BTreeSet;

use askama::Template;
use askama::filters::Safe;

use super::context::Context;
use super::texts::Sides;
use super::words::{origin, prose};
use crate::record::Place;
use crate::schema::Impact;
use crate::view::Detail;
use crate::view::document::{Edit, FieldChange, Harm, Links, NOT_SET, Piece};

/// A change as an entry of a list, with what it is searched by.
#[derive(Template)]
#[template(path = "change.html")]
pub(super) struct Change<'a> {
    /// The number of its project, unless what is around it says that.
    pub(super) number: Option<usize>,
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    pub(super) field: &'a FieldChange,
    pub(super) risks: &'a [Harm],
    /// By which harms it is found.
    pub(super) found_by: FoundBy,
    /// Projects with another value before, and that value.
    pub(super) differ: &'a [(String, String)],
    pub(super) context: Context<'a>,
}

impl Change<'_> {
    fn found_by(&self) -> Safe<&FoundBy> {
        Safe(&self.found_by)
    }

    fn edit(&self) -> Safe<Edited<'_>> {
        edit(&self.field.edit, self.context.detail)
    }
}

/// The change of a value.
#[derive(Template)]
#[template(path = "edit.html")]
pub(super) struct Edited<'a> {
    edit: &'a Edit,
    detail: Detail,
}

pub(super) fn edit(edit: &Edit, detail: Detail) -> Safe<Edited<'_>> {
    Safe(Edited { edit, detail })
}

impl<'a> Context<'a> {
    /// Where something is written.
    pub(super) const fn at(self, place: Option<&'a Place>) -> Safe<At<'a>> {
        Safe(At { place, links: self.links })
    }
}

/// Where something is written.
#[derive(Template)]
#[template(
    ext = "html",
    source = "{% if let Some(at) = place %}{% if let Some(links) = links %}\
        <a class=\"at\" href=\"{{ links.to(at) }}\">{{ at.file }}:{{ at.line }}</a>{% else %}\
        <span class=\"at\">{{ at.file }}:{{ at.line }}</span>{% endif %}{% endif %}"
)]
pub(super) struct At<'a> {
    place: Option<&'a Place>,
    links: Option<&'a Links>,
}

/// Consequences in sentences.
#[derive(Template)]
#[template(
    ext = "html",
    source = "{% for harm in all %}<div class=\"harm {{ harm.impact.word() }}\">{{ self::prose(harm.why) }}</div>{% endfor %}"
)]
pub(super) struct Harms<'a> {
    all: &'a [Harm],
}

pub(super) fn harms(all: &[Harm]) -> Safe<Harms<'_>> {
    Safe(Harms { all })
}

/// The attribute by whose words changes with consequences are found.
#[derive(Template)]
#[template(
    ext = "html",
    source = "{% if !all.is_empty() %} data-r=\"{% for impact in all %}{{ impact.word() }} {% endfor %}\"{% endif %}"
)]
pub(super) struct FoundBy {
    all: BTreeSet<Impact>,
}

pub(super) fn found_by(harms: &[&[Harm]]) -> FoundBy {
    FoundBy { all: harms.iter().flat_map(|all| all.iter()).map(|harm| harm.impact).collect() }
}
