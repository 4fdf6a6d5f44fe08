//! Changes that many projects share, shown once, so that a fleet's plan reads like that of one project: fields that get the
//! same value in all of them, and fields that get a value of their own in each.

use std::collections::BTreeMap;

use super::changes::{field_change, harms};
use super::edit::{self, before, edit, new_value};
use super::projects::{Labels, TOGETHER, called, one_place};
use crate::model::Action;
use crate::record::{ChangeRecord, FieldRecord, PlanRecord};
use crate::view::document::{Block, ByProject, Happens, ProjectChange, Shared, SharedField};

/// A field of a section, and its new value.
type Same<'a> = (&'a str, &'a str, String);

/// A field, or an item of one field: section, item, field.
type At<'a> = (&'a str, Option<&'a str>, &'a str);

/// The projects in which a field gets the same value, each with its change.
type Members<'a> = Vec<(&'a str, &'a FieldRecord)>;

/// The fields that are shown for many projects at once; the sections of the projects leave them out.
pub(super) struct Together<'a> {
    same: BTreeMap<Same<'a>, Members<'a>>,
    apart: BTreeMap<At<'a>, Vec<(&'a str, Action, &'a FieldRecord)>>,
}

impl<'a> Together<'a> {
    /// Finds the fields that at least three projects change.
    pub(super) fn of(plan: &'a PlanRecord) -> Self {
        let mut same: BTreeMap<_, Members<'_>> = BTreeMap::new();
        for (project, change, field) in fields(plan).filter(|(_, change, _)| change.is_section()) {
            same.entry(becomes(change, field)).or_default().push((project, field));
        }
        same.retain(|_, members| members.len() >= TOGETHER);
        let mut found = Self { same, apart: BTreeMap::new() };
        let mut apart: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let rest =
            fields(plan).filter(|(_, change, field)| fits_a_line(change, field) && !found.is_same(change, field));
        for (project, change, field) in rest {
            apart.entry(at(change, field)).or_default().push((project, change.action, field));
        }
        apart.retain(|_, rows| rows.len() >= TOGETHER);
        found.apart = apart;
        found
    }

    fn is_same(&self, change: &ChangeRecord, field: &FieldRecord) -> bool {
        change.is_section() && self.same.contains_key(&becomes(change, field))
    }

    /// Whether a change of a project's field is shown here.
    pub(super) fn tells(&self, change: &ChangeRecord, field: &FieldRecord) -> bool {
        self.is_same(change, field) || (fits_a_line(change, field) && self.apart.contains_key(&at(change, field)))
    }

    /// The blocks: fields with one new value, by section and set of projects; then fields with several new values, by
    /// field.
    pub(super) fn blocks(&self, labels: &Labels<'_>) -> Vec<Block> {
        let mut shared: BTreeMap<(&str, Vec<&str>), Vec<SharedField>> = BTreeMap::new();
        for ((section, ..), members) in &self.same {
            let projects = members.iter().map(|(project, _)| *project).collect();
            shared.entry((section, projects)).or_default().extend(shared_field(members));
        }
        let shared = shared.into_iter().map(|((section, projects), fields)| {
            Block::Shared(Shared { section: section.to_owned(), projects: called(labels, &projects), fields })
        });
        let apart = self.apart.iter().map(|((section, item, field), rows)| {
            let projects: Vec<&str> = rows.iter().map(|(project, ..)| *project).collect();
            let is_new = rows.iter().all(|(_, action, _)| *action == Action::Create);
            Block::ByProject(ByProject {
                name: format!("{section}.{}", item.unwrap_or(field)),
                happens: if is_new { Happens::Added } else { Happens::Changed },
                projects: called(labels, &projects),
                risks: harms(rows.iter().map(|(.., field)| *field)),
                rows: rows.iter().map(project_change).collect(),
                at: one_place(rows.iter().map(|(.., field)| field.at.as_ref())),
            })
        });
        shared.chain(apart).collect()
    }
}

fn fields(plan: &PlanRecord) -> impl Iterator<Item = (&str, &ChangeRecord, &FieldRecord)> {
    let changes = plan.projects.iter().flat_map(|project| project.changes.iter().map(move |change| (project, change)));
    changes
        .flat_map(|(project, change)| change.fields.iter().map(move |field| (project.project.as_str(), change, field)))
}

/// The field and its new value.
fn becomes<'a>(change: &'a ChangeRecord, field: &'a FieldRecord) -> Same<'a> {
    let becomes = serde_json::to_string(&(&field.after, field.why)).unwrap_or_default();
    (&change.address.kind, &field.name, becomes)
}

fn at<'a>(change: &'a ChangeRecord, field: &'a FieldRecord) -> At<'a> {
    (&change.address.kind, change.address.item.as_deref(), &field.name)
}

/// Whether a change fits on a line: of a setting, or of an item of one field that is added or changed.
fn fits_a_line(change: &ChangeRecord, field: &FieldRecord) -> bool {
    let has_place = change.is_section() || (change.address.item.is_some() && change.fields.len() == 1);
    has_place && change.action != Action::Delete && edit::fits_a_line(field)
}

fn shared_field(members: &Members<'_>) -> Option<SharedField> {
    let mut befores: BTreeMap<String, usize> = BTreeMap::new();
    for (_, field) in members {
        *befores.entry(before(field)).or_default() += 1;
    }
    let usual = befores.iter().max_by_key(|(_, many)| **many).map(|(before, _)| before.clone())?;
    let (_, first) = members.iter().find(|(_, field)| before(field) == usual)?;
    let differ = members.iter().map(|(project, field)| ((*project).to_owned(), before(field)));
    Some(SharedField {
        change: field_change(first, edit(first)),
        risks: harms(members.iter().map(|(_, field)| *field)),
        differ: differ.filter(|(_, before)| *before != usual).collect(),
    })
}

fn project_change((project, action, field): &(&str, Action, &FieldRecord)) -> ProjectChange {
    let edit = if *action == Action::Create { new_value(field) } else { edit(field) };
    ProjectChange { project: (*project).to_owned(), happens: (*action).into(), change: field_change(field, edit) }
}
