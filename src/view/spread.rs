//! Changes that many projects have, each with a value of its own: told by field, a line a project.

use std::collections::{BTreeMap, BTreeSet};

use super::attribution::marked;
use super::fleet::{Fleet, TOGETHER, Who, who};
use super::plan::{one_place, place as told_place};
use super::value::{Told, change, new_value, tell};
use super::{Detail, Line, Page, Role};
use crate::diag::render::escape;
use crate::model::Action;
use crate::record::{ChangeRecord, FieldRecord, PlanRecord, ProjectRecord};

/// Of a field that differs everywhere so many projects are shown, unless all are asked for.
const SHOWN: usize = 3;

/// A field, or an item of one field: section, item, field.
type At<'a> = (&'a str, Option<&'a str>, &'a str);

/// The fields that are told by project; the parts of the projects leave them out.
#[derive(Debug, Default)]
pub(super) struct Spread<'a> {
    rows: BTreeMap<At<'a>, Vec<Row<'a>>>,
}

/// A project's change of a field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    /// The name of the document.
    pub(super) project: &'a str,
    /// What happens to the section or the item.
    pub(super) action: Action,
    /// The change.
    pub(super) field: &'a FieldRecord,
}

/// A field with the projects that it changes in.
pub(super) struct Block<'a> {
    /// `auth.site_url`, `secrets.STRIPE_KEY`.
    pub(super) name: String,
    /// Whether it is made everywhere.
    pub(super) is_new: bool,
    /// In which projects.
    pub(super) who: Who,
    /// What the changes can do.
    pub(super) risks: BTreeSet<&'a str>,
    /// The changes.
    pub(super) rows: &'a [Row<'a>],
}

impl<'a> Spread<'a> {
    /// Finds the fields that at least three projects change, each on its own line, and that the fleet does not tell.
    pub(super) fn of(plan: &'a PlanRecord, fleet: &Fleet<'_>) -> Self {
        let mut rows: BTreeMap<At<'a>, Vec<Row<'a>>> = BTreeMap::new();
        for project in &plan.projects {
            for (change, field) in candidates(project).filter(|(change, field)| !fleet.tells(change, field)) {
                let row = Row { project: &project.project, action: change.action, field };
                rows.entry(at(change, field)).or_default().push(row);
            }
        }
        rows.retain(|_, rows| rows.len() >= TOGETHER);
        Self { rows }
    }

    /// Whether a change of a project's field is told here.
    pub(super) fn tells(&self, change: &ChangeRecord, field: &FieldRecord) -> bool {
        is_candidate(change, field) && self.rows.contains_key(&at(change, field))
    }

    /// The blocks, by section.
    pub(super) fn blocks<'b>(&'b self, plan: &PlanRecord) -> impl Iterator<Item = Block<'b>> {
        let labels: BTreeMap<_, _> = plan.projects.iter().map(|it| (it.project.as_str(), &it.labels)).collect();
        self.rows.iter().map(move |(at, rows)| {
            let projects: Vec<&str> = rows.iter().map(|row| row.project).collect();
            let risks = rows.iter().flat_map(|row| &row.field.risks).map(|risk| risk.why.as_str()).collect();
            let is_new = rows.iter().all(|row| row.action == Action::Create);
            Block { name: name(at), is_new, who: who(&labels, &projects), risks, rows }
        })
    }

    /// Adds the blocks to a page.
    pub(super) fn push(&self, plan: &PlanRecord, detail: Detail, page: &mut Page) {
        for block in self.blocks(plan) {
            let Block { name, is_new, who, risks, rows } = &block;
            page.gap();
            let (role, mark) = if *is_new { (Role::Add, '+') } else { (Role::Change, '~') };
            let place = block.place();
            let head = Line::of(role, format!("{mark} {}", escape(name)));
            page.push(head.plain(format!(", different in {}", who.told(detail.full))).at(place.clone()));
            for why in risks {
                page.push(Line::of(Role::Risk, format!("      ! {}", escape(why))));
            }
            let shown = if detail.full { rows.len() } else { SHOWN.min(rows.len()) };
            let width = rows.iter().take(shown).map(|row| row.project.chars().count()).max().unwrap_or_default() + 6;
            for row in rows.iter().take(shown) {
                let start = Line::new().plain(format!("    {}", escape(row.project))).pad(width);
                let told = match row.action {
                    Action::Create => new_value(row.field, detail),
                    Action::Update | Action::Delete => change(row.field, detail).into_iter().next().unwrap_or_default(),
                };
                let at = if place.is_none() { told_place(row.field.at.as_ref(), None) } else { None };
                page.push(marked(start.append(told), row.field.why).at(at));
            }
            if rows.len() > shown {
                page.push(Line::of(Role::Dim, format!("    … {} more (--full)", rows.len() - shown)));
            }
        }
    }
}

impl Block<'_> {
    /// The place that says it, where that is one for all.
    fn place(&self) -> Option<String> {
        told_place(one_place(self.rows.iter().map(|row| row.field.at.as_ref())), None)
    }
}

fn at<'a>(change: &'a ChangeRecord, field: &'a FieldRecord) -> At<'a> {
    (&change.address.kind, change.address.item.as_deref(), &field.name)
}

/// `auth.site_url`; an item of one field goes by its name.
fn name((kind, item, field): &At<'_>) -> String {
    format!("{kind}.{}", item.unwrap_or(field))
}

fn candidates(project: &ProjectRecord) -> impl Iterator<Item = (&ChangeRecord, &FieldRecord)> {
    let fields = project.changes.iter().flat_map(|change| change.fields.iter().map(move |field| (change, field)));
    fields.filter(|(change, field)| is_candidate(change, field))
}

/// Whether a change fits on a line: a setting, or an item of one field that comes or changes.
fn is_candidate(change: &ChangeRecord, field: &FieldRecord) -> bool {
    let has_place = change.is_section() || (change.address.item.is_some() && change.fields.len() == 1);
    has_place
        && change.action != Action::Delete
        && matches!(tell(field, Detail::default()), Told::New(_) | Told::Swap(..) | Told::Secret(..))
}
