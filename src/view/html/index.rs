//! What a page can be searched by: its projects, and the kinds, harms and origins of their changes.

use std::collections::{BTreeMap, BTreeSet};

use super::words::origin;
use crate::schema::Impact;
use crate::text::count;
use crate::view::document::{
    Block, ByProject, Deviation, Document, FieldChange, Harm, Label, Resource, Run, Section, Shared, Tone,
};

/// From how many changes on there is something to search.
const SEARCHED: usize = 2;

/// The projects of a page and what their changes have in common.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The projects with a change, a refusal or a step, by name.
    pub(super) projects: Vec<Project>,
    numbers: BTreeMap<String, usize>,
    pub(super) kinds: BTreeSet<String>,
    risks: BTreeSet<Impact>,
    pub(super) origins: BTreeSet<String>,
    /// How many changes there are.
    pub(super) changes: usize,
    full: bool,
}

/// A project in numbers.
#[derive(Debug, Default)]
pub(super) struct Project {
    pub(super) name: String,
    pub(super) labels: String,
    pub(super) changes: usize,
    pub(super) stopped: usize,
    risks: BTreeSet<Impact>,
    /// Whether the page has a part of its own for it.
    pub(super) has_part: bool,
}

impl Project {
    /// The classes of harm in words, the worst first.
    pub(super) fn harms(&self) -> String {
        self.risks.iter().map(|impact| impact.heading()).collect::<Vec<_>>().join(", ")
    }

    /// The place of the worst harm; greater is worse.
    pub(super) fn severity(&self) -> usize {
        let worst = self.risks.first();
        worst.map_or(0, |worst| Impact::ALL.iter().skip_while(|impact| *impact != worst).count())
    }
}

/// A change, as far as it is searched by.
struct Change<'a> {
    projects: &'a [String],
    name: &'a str,
    harms: &'a [Harm],
    origin: Option<&'static str>,
}

impl Index {
    /// The index of a document.
    pub(super) fn of(document: &Document, full: bool) -> Self {
        let mut projects: BTreeMap<String, Project> = BTreeMap::new();
        let mut index = Self { full, ..Self::default() };
        index.walk(&document.blocks, None, &mut projects);
        projects.retain(|_, it| it.changes > 0 || it.stopped > 0 || it.has_part);
        index.numbers = projects.keys().cloned().zip(0..).collect();
        index.projects = projects.into_iter().map(|(name, it)| Project { name, ..it }).collect();
        index
    }

    fn walk(&mut self, blocks: &[Block], of: Option<&str>, projects: &mut BTreeMap<String, Project>) {
        for block in blocks {
            match block {
                Block::Shared(Shared { section, projects: set, fields }) => {
                    for it in fields {
                        let (name, origin) = (section.as_str(), it.change.origin);
                        self.add(&Change { projects: set.names(), name, harms: &it.risks, origin }, projects);
                    }
                }
                Block::ByProject(ByProject { name, rows, .. }) => {
                    for row in rows {
                        let FieldChange { origin, risks, .. } = &row.change;
                        let who = std::slice::from_ref(&row.project);
                        self.add(&Change { projects: who, name, harms: risks, origin: *origin }, projects);
                    }
                }
                Block::Section(section @ Section { name, labels, blocks, .. }) => {
                    if section.is_told(self.full) || !section.outline.is_empty() {
                        let project = projects.entry(name.clone()).or_default();
                        project.labels = in_words(labels);
                        project.has_part = section.is_told(self.full);
                    }
                    self.walk(blocks, Some(name), projects);
                }
                Block::Changes(resources) => {
                    let who: Vec<String> = of.map(str::to_owned).into_iter().collect();
                    for Resource { name, origin, risks, fields, .. } in resources {
                        if fields.is_empty() {
                            self.add(&Change { projects: &who, name, harms: risks, origin: *origin }, projects);
                        }
                        for FieldChange { origin, risks: own, .. } in fields {
                            let harms = [risks.as_slice(), own].concat();
                            self.add(&Change { projects: &who, name, harms: &harms, origin: *origin }, projects);
                        }
                    }
                }
                Block::Deviations(all) => {
                    for Deviation { named, labels, name, risks, .. } in all {
                        self.add(&Change { projects: named, name, harms: risks, origin: None }, projects);
                        for (name, labels) in named.iter().zip(labels) {
                            projects.entry(name.clone()).or_default().labels = in_words(labels);
                        }
                    }
                }
                Block::Run(Run { name, steps, failed, .. }) => {
                    let project = projects.entry(name.clone()).or_default();
                    project.has_part = true;
                    project.stopped = *failed;
                    project.changes = steps.iter().filter(|step| step.tone == Tone::Good).count();
                    self.changes += steps.len();
                    self.kinds.extend(steps.iter().map(|step| kind_of_address(&step.subject).to_owned()));
                }
                Block::Obstacles(all) => {
                    let stops = |label| matches!(label, Label::Refused | Label::NotPlanned | Label::HeldBack);
                    for name in all.iter().filter(|it| stops(it.label)).flat_map(|it| it.projects.names()) {
                        projects.entry(name.clone()).or_default().stopped += 1;
                    }
                }
                Block::Headline(..)
                | Block::Risks(_)
                | Block::Points(_)
                | Block::Sides(_)
                | Block::Among(_)
                | Block::States(_)
                | Block::Steps(_)
                | Block::Ways(_)
                | Block::Review(_)
                | Block::Against(_)
                | Block::SentAlong(_)
                | Block::Ignored(_)
                | Block::Listing(_) => {}
            }
        }
    }

    fn add(&mut self, change: &Change<'_>, projects: &mut BTreeMap<String, Project>) {
        let Change { projects: who, name, harms, origin: words } = change;
        self.changes += who.len();
        self.kinds.insert(kind(name).to_owned());
        self.risks.extend(harms.iter().map(|harm| harm.impact));
        self.origins.insert(origin(*words).to_owned());
        for name in *who {
            let project = projects.entry(name.clone()).or_default();
            project.changes += 1;
            project.risks.extend(harms.iter().map(|harm| harm.impact));
        }
    }

    /// The number of a project, by which the page calls it.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    /// The numbers of projects, as the page has them.
    pub(super) fn numbers(&self, names: &[String]) -> String {
        let numbers = names.iter().filter_map(|name| self.number(name)).map(|number| number.to_string());
        numbers.collect::<Vec<_>>().join(" ")
    }

    /// The classes of harm that there are, the worst first: their words, and how a person calls them.
    pub(super) fn classes(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.risks.iter().map(|impact| (impact.word(), impact.heading()))
    }

    /// Whether there is something to search.
    pub(super) fn is_searched(&self) -> bool {
        self.changes >= SEARCHED
    }

    pub(super) fn has_labels(&self) -> bool {
        self.projects.iter().any(|project| !project.labels.is_empty())
    }

    pub(super) fn has_stopped(&self) -> bool {
        self.projects.iter().any(|project| project.stopped > 0)
    }

    pub(super) fn count(&self) -> String {
        count(self.projects.len(), "project")
    }
}

/// Labels in a line: `env=prod, team=pay`.
fn in_words(labels: &BTreeMap<String, String>) -> String {
    labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ")
}

/// The kind of a resource or field: `auth` of `auth.jwt_exp`.
pub(super) fn kind(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// The kind in an address: `auth` of `acme/auth`.
pub(super) fn kind_of_address(address: &str) -> &str {
    address.split('/').nth(1).unwrap_or("project")
}
