//! Equal changes of many projects as one block, so that a fleet's plan reads like that of one project.

use std::collections::{BTreeMap, BTreeSet};

use super::attribution::marked;
use super::value::{before, change};
use super::{Detail, Line, Page, Role};
use crate::diag::render::escape;
use crate::record::{ChangeRecord, FieldRecord, PlanRecord, ProjectRecord};
use crate::text::count;

/// From how many projects on equal changes are told together.
pub(super) const TOGETHER: usize = 3;

/// At most so many are named in a line, unless all are asked for.
const NAMED: usize = 10;

/// Names of a list in one line: all of them, or the first and how many more `--full` shows.
pub(super) fn named<'a>(all: impl ExactSizeIterator<Item = &'a str>, full: bool, between: &str) -> String {
    let most = if full || all.len() <= NAMED { all.len() } else { NAMED };
    let more = all.len() - most;
    let named = all.take(most).collect::<Vec<_>>().join(between);
    if more == 0 { named } else { format!("{named}{between}… {more} more (--full)") }
}

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
    pub(super) who: Who,
    /// The fields.
    pub(super) fields: Vec<Shared<'a>>,
}

/// A field that becomes the same in some projects.
pub(super) struct Shared<'a> {
    /// The change as most have it.
    pub(super) usual: &'a FieldRecord,
    /// What the changes can do.
    pub(super) risks: BTreeSet<&'a str>,
    /// Where it was otherwise before, and what; safe to print.
    pub(super) differ: Vec<String>,
}

/// A set of projects, for people; safe to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    /// All that there are.
    All(usize),
    /// Just those with a label: `env=prod`.
    Label(usize, String),
    /// These.
    Named(Vec<String>),
}

impl Who {
    /// `3 projects (all of env=prod)`; of many that have no word in common the first are named, or all.
    pub(super) fn told(&self, full: bool) -> String {
        match self {
            Self::All(many) => format!("{} (all)", count(*many, "project")),
            Self::Label(many, label) => format!("{} (all of {label})", count(*many, "project")),
            Self::Named(names) => {
                let list = named(names.iter().map(String::as_str), full, ", ");
                format!("{} ({list})", count(names.len(), "project"))
            }
        }
    }
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
    pub(super) fn tells(&self, change: &ChangeRecord, field: &FieldRecord) -> bool {
        let at = (change.address.kind.as_str(), field.name.as_str());
        change.is_section() && self.shared.contains_key(&(at, becomes(field)))
    }

    /// The blocks, one for each section and set of projects.
    pub(super) fn blocks(&self, plan: &PlanRecord, detail: Detail) -> Vec<Block<'a>> {
        let mut blocks: BTreeMap<(&str, Vec<&str>), Vec<Shared<'a>>> = BTreeMap::new();
        for (((kind, _), _), members) in &self.shared {
            let projects = members.iter().map(|(project, _)| *project).collect();
            blocks.entry((kind, projects)).or_default().extend(Shared::of(members, detail));
        }
        let labels = plan.projects.iter().map(|project| (project.project.as_str(), &project.labels)).collect();
        blocks
            .into_iter()
            .map(|((kind, projects), fields)| Block { kind, who: who(&labels, &projects), fields })
            .collect()
    }

    /// Adds the blocks to a page.
    pub(super) fn push(&self, plan: &PlanRecord, detail: Detail, page: &mut Page) {
        for Block { kind, who, fields } in self.blocks(plan, detail) {
            page.gap();
            let who = who.told(detail.full);
            page.push(Line::of(Role::Change, format!("~ {}", escape(kind))).plain(format!(" in {who}")));
            for field in fields {
                field.push(detail, page);
            }
        }
    }
}

/// A project's changes without those that are told for many projects at once, and what those are about.
pub(super) fn remaining(
    project: &ProjectRecord,
    tells: impl Fn(&ChangeRecord, &FieldRecord) -> bool,
) -> (Vec<ChangeRecord>, BTreeSet<String>) {
    let mut told = BTreeSet::new();
    let mut rest = vec![];
    for change in &project.changes {
        let mut kept = change.clone();
        kept.fields.retain(|field| !tells(change, field));
        let gone = change.fields.iter().filter(|field| tells(change, field));
        told.extend(gone.map(|field| format!("{}.{}", change.address.local(), field.name)));
        if !kept.fields.is_empty() || change.fields.is_empty() {
            rest.push(kept);
        }
    }
    (rest, told)
}

/// All of what is live, to compare by.
fn unabridged(field: &FieldRecord) -> String {
    before(field, Detail::ALL)
}

/// What a field becomes, to compare by.
fn becomes(field: &FieldRecord) -> String {
    serde_json::to_string(&(&field.after, field.why)).unwrap_or_default()
}

impl<'a> Shared<'a> {
    fn of(members: &Members<'a>, detail: Detail) -> Option<Self> {
        let mut befores: BTreeMap<String, usize> = BTreeMap::new();
        for (_, field) in members {
            *befores.entry(unabridged(field)).or_default() += 1;
        }
        let usual = befores.iter().max_by_key(|(_, many)| **many).map(|(before, _)| before.clone())?;
        let (_, first) = members.iter().find(|(_, field)| unabridged(field) == usual)?;
        let mut risks = BTreeSet::new();
        risks.extend(members.iter().flat_map(|(_, field)| &field.risks).map(|risk| risk.why.as_str()));
        let differ: Vec<String> = members
            .iter()
            .filter(|(_, field)| unabridged(field) != usual)
            .map(|(project, field)| format!("{} {}", escape(project), before(field, detail)))
            .collect();
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
        if !self.differ.is_empty() {
            let differ = named(self.differ.iter().map(String::as_str), detail.full, ", ");
            page.push(Line::of(Role::Dim, format!("      differs before: {differ}")));
        }
    }
}

/// How a set of projects is called, given the labels of all: all of a label, all, or by name.
pub(super) fn who(all: &BTreeMap<&str, &BTreeMap<String, String>>, projects: &[&str]) -> Who {
    if projects.len() == all.len() {
        return Who::All(all.len());
    }
    let labels: BTreeSet<(&String, &String)> =
        projects.iter().filter_map(|name| all.get(name)).flat_map(|labels| labels.iter()).collect();
    let is_exactly = |(key, value): &(&String, &String)| {
        let with: Vec<&str> =
            all.iter().filter(|(_, labels)| labels.get(*key) == Some(*value)).map(|(name, _)| *name).collect();
        with == projects
    };
    match labels.into_iter().find(is_exactly) {
        Some((key, value)) => Who::Label(projects.len(), format!("{}={}", escape(key), escape(value))),
        None => Who::Named(projects.iter().map(|name| escape(name).into_owned()).collect()),
    }
}
