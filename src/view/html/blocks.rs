//! Blocks, each in its form.

use askama::Template;
use askama::filters::Safe;

use super::change::{Change, Edited, FoundBy, edit, found_by, harms};
use super::context::Context;
use super::index::{kind, kind_of_address};
use super::texts::Sides;
use super::words::{names, origin, phrase, prose, sign, who};
use crate::text::count;
use crate::view::document::{
    Block, Cause, Edit, FieldChange, Happens, Harm, Label, Listed, Piece, Point, ProjectChange, Resource, Risk,
    Section, SharedField, Side, Step, Steps,
};
use crate::view::lists::{List, list};

/// How many causes of a risk are told before the rest is folded.
const CAUSES: usize = 6;

/// Blocks, one after the other.
#[derive(Template)]
#[template(path = "blocks.html")]
pub(super) struct Blocks<'a> {
    all: &'a [Block],
    /// Whether they are those of a section.
    is_within: bool,
    context: Context<'a>,
}

/// An attribute or two that name a project by its number.
#[derive(Template)]
#[template(
    ext = "html",
    source = "{% if let Some(number) = number %} id=\"p{{ number }}\" data-p=\"{{ number }}\"{% endif %}"
)]
struct OfProject {
    number: Option<usize>,
}

impl<'a> Blocks<'a> {
    pub(super) const fn of(all: &'a [Block], context: Context<'a>) -> Self {
        Self { all, is_within: false, context }
    }

    /// The blocks that are shown: within a section, its risks were told first, with all others.
    fn shown(&self) -> impl Iterator<Item = &'a Block> {
        let full = self.context.detail.full;
        let is_within = self.is_within;
        self.all.iter().filter(move |block| {
            let is_told = if let Block::Section(section) = block { section.is_told(full) } else { true };
            is_told && !(is_within && (matches!(block, Block::Risks(_)) || (!full && block.is_footer())))
        })
    }

    /// Whether any block is shown.
    pub(super) fn has_any(&self) -> bool {
        self.shown().next().is_some()
    }

    fn within(&self, section: &'a Section) -> Safe<Self> {
        Safe(Self { all: &section.blocks, is_within: true, context: self.context })
    }

    fn of_project(&self, name: &str) -> Safe<OfProject> {
        Safe(OfProject { number: self.context.index.number(name) })
    }

    fn shared(&self, section: &'a str, field: &'a SharedField) -> Safe<Change<'a>> {
        let SharedField { change, risks, differ } = field;
        let found_by = found_by(&[risks]);
        Safe(Change { risks, found_by, differ, ..self.change(section, &change.name, change) })
    }

    fn row(&self, name: &'a str, row: &'a ProjectChange) -> Safe<Change<'a>> {
        let number = self.context.index.number(&row.project);
        Safe(Change { number, ..self.change(name, &row.project, &row.change) })
    }

    fn field(&self, resource: &'a Resource, field: &'a FieldChange) -> Safe<Change<'a>> {
        let found_by = found_by(&[&field.risks, &resource.risks]);
        Safe(Change { found_by, ..self.change(&resource.name, &field.name, field) })
    }

    fn change(&self, of: &'a str, name: &'a str, field: &'a FieldChange) -> Change<'a> {
        let FieldChange { risks, .. } = field;
        let (kind, found_by, context) = (kind(of), found_by(&[risks]), self.context);
        Change { number: None, kind, name, field, risks, found_by, differ: &[], context }
    }

    fn edit(&self, edited: &'a Edit) -> Safe<Edited<'a>> {
        edit(edited, self.context.detail)
    }

    fn says(&self, side: &'a Side) -> Safe<Says<'a>> {
        Safe(Says { side, context: self.context })
    }

    /// A block of less weight.
    fn listed(&self, block: &Block) -> Safe<Listing<'a>> {
        Safe(Listing { list: list(block), context: self.context })
    }

    fn lines(&self, pieces: &[Piece]) -> Safe<Sides> {
        Safe(Sides::of(pieces, self.context.detail))
    }

    fn points<'p>(&self, all: &'p [Point]) -> Safe<Points<'p>>
    where
        'a: 'p,
    {
        Safe(Points { all, context: self.context })
    }

    /// The projects of a change: one by its name, several in a fold of their names.
    fn in_projects(&self, all: &[String]) -> String {
        match all {
            [only] => only.clone(),
            [one, other] => format!("{one} and {other}"),
            many if many.len() == self.context.index.projects.len() => format!("all {}", count(many.len(), "project")),
            many => count(many.len(), "project"),
        }
    }
}

/// Refusals, failures and notes.
#[derive(Template)]
#[template(path = "points.html")]
struct Points<'a> {
    all: &'a [Point],
    context: Context<'a>,
}

const fn tone(label: Label) -> &'static str {
    match label {
        Label::Refused | Label::NotPlanned | Label::Problem | Label::Error => "bad",
        Label::HeldBack | Label::NotCompared | Label::Awaited | Label::Warning => "doubtful",
        Label::Allowed => "good",
        Label::Note => "idle",
    }
}

/// Fields or items that have a risk, with their changes where these are few words.
#[derive(Template)]
#[template(
    ext = "html",
    source = "<div>{% for (what, change) in cause.what %}{% if !loop.first %}, {% endif %}<code>{{ what }}</code>\
        {% if let Some(change) = change %} <span class=\"says\">{{ change }}</span>{% endif %}{% endfor %} in {{ self::who(cause.projects) }}</div>{{ self::names(cause.projects) }}"
)]
struct Caused<'a> {
    cause: &'a Cause,
}

const fn caused(cause: &Cause) -> Safe<Caused<'_>> {
    Safe(Caused { cause })
}

/// The causes of a risk, the first of them apart.
type Told<'a> = (&'a Risk, &'a [Cause], &'a [Cause]);

fn told(risk: &Risk) -> Told<'_> {
    let (first, rest) = risk.causes.split_at(risk.causes.len().min(CAUSES));
    (risk, first, rest)
}

fn risky(risks: &[Harm]) -> Safe<FoundBy> {
    Safe(found_by(&[risks]))
}

/// A resource without fields, in a word.
const fn whole(happens: Happens) -> &'static str {
    match happens {
        Happens::Added => "added",
        Happens::Changed => "changed",
        Happens::Removed => "removed",
    }
}

/// How steps ended, in numbers.
fn outcomes(steps: &[Step]) -> String {
    let mut many: indexmap::IndexMap<&str, usize> = indexmap::IndexMap::new();
    for step in steps {
        *many.entry(step.outcome).or_default() += 1;
    }
    many.into_iter().map(|(word, many)| format!("{many} {word}")).collect::<Vec<_>>().join(" · ")
}

fn calls(steps: &Steps) -> String {
    let many = count(steps.stages.iter().map(Vec::len).sum(), "call");
    if steps.projects.names().len() > 1 { format!("{many} each") } else { many }
}

/// What only the first of two has, and what only the second has.
fn only(sides: &[Vec<Listed>; 2]) -> impl Iterator<Item = (bool, &Listed)> {
    let [first, second] = sides;
    first.iter().map(|it| (true, it)).chain(second.iter().map(|it| (false, it)))
}

/// The value of one of two projects.
#[derive(Template)]
#[template(
    ext = "html",
    source = "{% for line in side.says %}<div class=\"says\">{{ line }}</div>{% endfor %}{{ context.at(side.at.as_ref()) }}"
)]
struct Says<'a> {
    side: &'a Side,
    context: Context<'a>,
}

/// A block of less weight.
#[derive(Template)]
#[template(path = "list.html")]
struct Listing<'a> {
    list: Option<List>,
    context: Context<'a>,
}
