//! Equal changes of many projects as one block, so that a fleet's plan reads like that of one project.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::count;
use super::value::{before, change};
use super::{Detail, Line, Page, Role};
use crate::diag::Sources;
use crate::diag::render::escape;
use crate::model::{Change, FieldDiff, Plan, ProjectPlan};

/// From how many projects on equal changes are told together.
pub(super) const TOGETHER: usize = 3;

/// At most so many projects that differ are named.
pub(super) const NAMED: usize = 5;

/// A field of a section.
type Place = (&'static str, String);

/// The projects in which a field becomes the same, each with its change.
type Members<'a> = Vec<(&'a str, &'a FieldDiff)>;

/// The fields that are told together; the parts of the projects leave them out.
#[derive(Debug, Default)]
pub(super) struct Fleet<'a> {
    shared: BTreeMap<(Place, String), Members<'a>>,
}

impl<'a> Fleet<'a> {
    /// Finds the changes of settings that at least three projects share: the same field becomes the same.
    pub(super) fn of(plan: &'a Plan) -> Self {
        let mut shared: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (name, project) in &plan.projects {
            for change in project.changes.iter().filter(|change| change.at.item.is_none()) {
                for diff in &change.fields {
                    let place = (change.at.kind, diff.name.clone());
                    let key = (place, format!("{:?}", diff.after));
                    shared.entry(key).or_default().push((name.as_str(), diff));
                }
            }
        }
        shared.retain(|_, members| members.len() >= TOGETHER);
        Self { shared }
    }

    /// Whether a change of a project's field is told with the fleet.
    fn tells(&self, kind: &'static str, diff: &FieldDiff) -> bool {
        self.shared.contains_key(&((kind, diff.name.clone()), format!("{:?}", diff.after)))
    }

    /// A project's plan without what is told with the fleet, and the names of the fields that are.
    pub(super) fn rest(&self, project: &ProjectPlan) -> (Vec<Change>, BTreeSet<String>) {
        let mut told = BTreeSet::new();
        let mut rest = project.changes.clone();
        if self.shared.is_empty() {
            return (rest, told);
        }
        for change in rest.iter_mut().filter(|change| change.at.item.is_none()) {
            let kind = change.at.kind;
            change.fields.retain(|diff| {
                let tells = self.tells(kind, diff);
                if tells {
                    told.insert(format!("{kind}.{}", diff.name));
                }
                !tells
            });
        }
        rest.retain(|change| change.at.item.is_some() || !change.fields.is_empty());
        (rest, told)
    }

    /// The blocks, one for each section and set of projects.
    pub(super) fn push(&self, plan: &Plan, sources: &Sources, detail: Detail, page: &mut Page) {
        let mut blocks: BTreeMap<(&str, Vec<&str>), Vec<&Members<'_>>> = BTreeMap::new();
        for (((kind, _), _), members) in &self.shared {
            let projects = members.iter().map(|(project, _)| *project).collect();
            blocks.entry((kind, projects)).or_default().push(members);
        }
        let labels = plan.projects.iter().map(|(name, project)| (name.as_str(), &project.labels)).collect();
        for ((kind, projects), fields) in blocks {
            page.gap();
            let who = who(&labels, &projects);
            page.push(
                Line::of(Role::Change, format!("~ {kind}"))
                    .plain(format!(" in {}{who}", count(projects.len(), "project"))),
            );
            for members in fields {
                field(members, sources, detail, page);
            }
        }
    }
}

fn field(members: &[(&str, &FieldDiff)], sources: &Sources, detail: Detail, page: &mut Page) {
    let mut befores: BTreeMap<String, usize> = BTreeMap::new();
    for (_, diff) in members {
        *befores.entry(before(diff)).or_default() += 1;
    }
    let usual = befores.iter().max_by_key(|(_, many)| **many).map(|(before, _)| before.clone()).unwrap_or_default();
    let is_usual = |diff: &FieldDiff| before(diff) == usual;
    let Some((_, first)) = members.iter().find(|(_, diff)| is_usual(diff)) else { return };
    let name = escape(&first.name);
    let mut place = first.origin.as_ref().map(|origin| {
        let position = sources.position(origin.span);
        format!("{}:{}", escape(&sources.get(origin.span.source).path), position.line)
    });
    for (index, line) in change(first, detail).into_iter().enumerate() {
        let start = if index == 0 { Line::new().plain(format!("    {name}  ")) } else { Line::new().plain("      ") };
        page.push(start.append(line).at(place.take()));
    }
    let mut risks: BTreeSet<&str> = BTreeSet::new();
    risks.extend(members.iter().flat_map(|(_, diff)| &diff.risks).map(|(_, why)| *why));
    for why in risks {
        page.push(Line::of(Role::Risk, format!("      ! {}", escape(why))));
    }
    let differ: Vec<String> = members
        .iter()
        .filter(|(_, diff)| !is_usual(diff))
        .map(|(project, diff)| format!("{} {}", escape(project), before(diff)))
        .collect();
    if !differ.is_empty() {
        let more = differ.len().saturating_sub(NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let named: Vec<&str> = differ.iter().take(NAMED).map(String::as_str).collect();
        page.push(Line::of(Role::Dim, format!("      differs before: {}{more}", named.join(", "))));
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
