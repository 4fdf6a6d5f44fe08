//! Equal changes of many projects as one block, so that a fleet's plan reads like that of one project.

use std::collections::{BTreeMap, BTreeSet};

use super::attribution::marked;
use super::plan::count;
use super::record::{ChangeRecord, FieldRecord, PlanRecord, ProjectRecord};
use super::value::{before, change};
use super::{Detail, Line, Page, Role};
use crate::diag::render::escape;

/// From how many projects on equal changes are told together.
pub(super) const TOGETHER: usize = 3;

/// At most so many projects that differ are named.
pub(super) const NAMED: usize = 5;

/// A field of a section.
type At<'a> = (&'a str, &'a str);

/// The projects in which a field becomes the same, each with its change.
type Members<'a> = Vec<(&'a str, &'a FieldRecord)>;

/// The fields that are told together; the parts of the projects leave them out.
#[derive(Debug, Default)]
pub(super) struct Fleet<'a> {
    shared: BTreeMap<(At<'a>, String), Members<'a>>,
}

/// Fields of a section that become the same in some projects.
pub(super) struct Block<'a> {
    /// The section.
    pub(super) kind: &'a str,
    /// In which projects, for people; safe to print.
    pub(super) who: String,
    /// The fields.
    pub(super) fields: Vec<Shared<'a>>,
}

/// A field that becomes the same in some projects.
pub(super) struct Shared<'a> {
    /// The change as most have it.
    pub(super) usual: &'a FieldRecord,
    /// What the changes can do.
    pub(super) risks: BTreeSet<&'a str>,
    /// What was otherwise before, and where; safe to print.
    pub(super) differ: Option<String>,
}

impl<'a> Fleet<'a> {
    /// Finds the changes of settings that at least three projects share: the same field becomes the same.
    pub(super) fn of(plan: &'a PlanRecord) -> Self {
        let mut shared: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for project in &plan.projects {
            for change in project.changes.iter().filter(|change| change.is_section()) {
                for field in &change.fields {
                    let at = (change.address.kind.as_str(), field.name.as_str());
                    let members: &mut Members<'_> = shared.entry((at, becomes(field))).or_default();
                    members.push((project.project.as_str(), field));
                }
            }
        }
        shared.retain(|_, members| members.len() >= TOGETHER);
        Self { shared }
    }

    /// Whether a change of a project's field is told with the fleet.
    fn tells(&self, kind: &str, field: &FieldRecord) -> bool {
        self.shared.contains_key(&((kind, field.name.as_str()), becomes(field)))
    }

    /// A project's changes without what is told with the fleet, and the names of the fields that are.
    pub(super) fn rest(&self, project: &ProjectRecord) -> (Vec<ChangeRecord>, BTreeSet<String>) {
        let mut told = BTreeSet::new();
        let mut rest = vec![];
        for change in &project.changes {
            let mut kept = change.clone();
            if change.is_section() {
                let kind = &change.address.kind;
                kept.fields.retain(|field| !self.tells(kind, field));
                let tells = change.fields.iter().filter(|field| self.tells(kind, field));
                told.extend(tells.map(|field| format!("{kind}.{}", field.name)));
            }
            if !kept.fields.is_empty() || change.fields.is_empty() {
                rest.push(kept);
            }
        }
        (rest, told)
    }

    /// The blocks, one for each section and set of projects.
    pub(super) fn blocks(&self, plan: &PlanRecord) -> Vec<Block<'a>> {
        let mut blocks: BTreeMap<(&str, Vec<&str>), Vec<Shared<'a>>> = BTreeMap::new();
        for (((kind, _), _), members) in &self.shared {
            let projects = members.iter().map(|(project, _)| *project).collect();
            blocks.entry((kind, projects)).or_default().extend(Shared::of(members));
        }
        let labels = plan.projects.iter().map(|project| (project.project.as_str(), &project.labels)).collect();
        let block = |((kind, projects), fields): ((&'a str, Vec<&str>), _)| {
            let who = format!("{}{}", count(projects.len(), "project"), who(&labels, &projects));
            Block { kind, who, fields }
        };
        blocks.into_iter().map(block).collect()
    }

    /// Adds the blocks to a page.
    pub(super) fn push(&self, plan: &PlanRecord, detail: Detail, page: &mut Page) {
        for Block { kind, who, fields } in self.blocks(plan) {
            page.gap();
            page.push(Line::of(Role::Change, format!("~ {}", escape(kind))).plain(format!(" in {who}")));
            for field in fields {
                field.push(detail, page);
            }
        }
    }
}

/// What a field becomes, to compare by.
fn becomes(field: &FieldRecord) -> String {
    serde_json::to_string(&(&field.after, field.why)).unwrap_or_default()
}

impl<'a> Shared<'a> {
    fn of(members: &Members<'a>) -> Option<Self> {
        let mut befores: BTreeMap<String, usize> = BTreeMap::new();
        for (_, field) in members {
            *befores.entry(before(field)).or_default() += 1;
        }
        let usual = befores.iter().max_by_key(|(_, many)| **many).map(|(before, _)| before.clone())?;
        let (_, first) = members.iter().find(|(_, field)| before(field) == usual)?;
        let mut risks = BTreeSet::new();
        risks.extend(members.iter().flat_map(|(_, field)| &field.risks).map(|risk| risk.why.as_str()));
        let differ: Vec<String> = members
            .iter()
            .filter(|(_, field)| before(field) != usual)
            .map(|(project, field)| format!("{} {}", escape(project), before(field)))
            .collect();
        let more = differ.len().saturating_sub(NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let named: Vec<&str> = differ.iter().take(NAMED).map(String::as_str).collect();
        let differ = (!differ.is_empty()).then(|| format!("differs before: {}{more}", named.join(", ")));
        Some(Self { usual: first, risks, differ })
    }

    fn push(&self, detail: Detail, page: &mut Page) {
        let name = escape(&self.usual.name);
        let mut place = self.usual.at.as_ref().map(|at| format!("{}:{}", escape(&at.file), at.line));
        for (index, line) in change(self.usual, detail).into_iter().enumerate() {
            let start =
                if index == 0 { Line::new().plain(format!("    {name}  ")) } else { Line::new().plain("      ") };
            let line = if index == 0 { marked(line, self.usual.why) } else { line };
            page.push(start.append(line).at(place.take()));
        }
        for why in &self.risks {
            page.push(Line::of(Role::Risk, format!("      ! {}", escape(why))));
        }
        if let Some(differ) = &self.differ {
            page.push(Line::of(Role::Dim, format!("      {differ}")));
        }
    }
}

/// How a set of projects is called, given the labels of all: all of a label, all, or by name.
pub(super) fn who(all: &BTreeMap<&str, &BTreeMap<String, String>>, projects: &[&str]) -> String {
    if projects.len() == all.len() {
        return " (all)".to_owned();
    }
    let labels: BTreeSet<(&String, &String)> =
        projects.iter().filter_map(|name| all.get(name)).flat_map(|labels| labels.iter()).collect();
    let is_exactly = |(key, value): &(&String, &String)| {
        let with: Vec<&str> =
            all.iter().filter(|(_, labels)| labels.get(*key) == Some(*value)).map(|(name, _)| *name).collect();
        with == projects
    };
    match labels.into_iter().find(is_exactly) {
        Some((key, value)) => format!(" (all of {}={})", escape(key), escape(value)),
        None => {
            let named: Vec<_> = projects.iter().take(NAMED).map(|name| escape(name)).collect();
            let more = if projects.len() > NAMED { ", …" } else { "" };
            format!(" ({}{more})", named.join(", "))
        }
    }
}
