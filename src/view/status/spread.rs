//! One setting over a fleet: its live values, how many projects have each, who they are, and where the value is written.

use std::collections::{BTreeMap, BTreeSet};

use super::super::build::health::usual_label;
use super::super::build::{spread_verdict, value_of};
use super::super::text::verdict_line;
use super::super::{Line, Role, StyledText};
use super::{FEW, some};
use crate::diag::Sources;
use crate::record::{Basis, Place, Spread, SpreadProject, Standing};
use crate::text::{columns, count};

/// The most columns of a value.
const WIDEST: usize = 40;

/// The values of a setting, the most frequent one first.
pub fn spread_page(spread: &Spread<'_>, sources: &Sources, full: bool) -> StyledText {
    let mut page = StyledText::new();
    let labels = Values::of(&spread.projects);
    let mut values: BTreeMap<String, Vec<&SpreadProject<'_>>> = BTreeMap::new();
    for project in &spread.projects {
        values.entry(value_of(spread, project)).or_default().push(project);
    }
    let mut values: Vec<_> = values.into_iter().map(|(value, projects)| (cut(&value, full), projects)).collect();
    values.sort_by_key(|(_, projects)| std::cmp::Reverse(projects.len()));
    let width = values.iter().map(|(value, _)| columns(value)).max().unwrap_or_default().min(WIDEST);
    let digits = spread.projects.len().to_string().len();
    let most = if full { usize::MAX } else { FEW };
    for (value, projects) in values {
        let names = |standing: Standing| -> Vec<&str> {
            let standings = projects.iter().filter(|_| spread.basis == Basis::Live);
            standings.filter(|it| it.standing() == standing).map(|it| it.project).collect()
        };
        let all: Vec<&str> = projects.iter().map(|it| it.project).collect();
        let mut line = Line::new().plain("  ").then(Role::Heading, value).pad_to(2 + width);
        line = line.plain(format!("  {:>digits$}  ", projects.len())).plain(labels.called(&all, most));
        let mut apart = vec![];
        for (standing, role, what) in
            [(Standing::Differs, Role::Change, "not as written"), (Standing::Unmanaged, Role::Dim, "in no manifest")]
        {
            let these = names(standing);
            if these.len() == all.len() {
                line = line.plain("  ").then(role, what);
            } else if !these.is_empty() {
                let indent = Line::new().plain(" ".repeat(2 + width + 2 + digits + 2));
                apart.push(indent.then(role, format!("{what}: {}", some(&these, most))));
            }
        }
        page.push(line.at(place(&projects, spread.basis, sources)));
        for line in apart {
            page.push(line);
        }
    }
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    spread.unread.iter().for_each(|(project, why)| reasons.entry(why).or_default().push(project));
    for (why, names) in reasons {
        page.gap();
        page.push(Line::of(Role::Heading, "Not read").plain(format!("  {}: {why}", some(&names, most))));
    }
    if spread.projects.is_empty() && spread.unread.is_empty() {
        page.push(Line::new().plain("No project is selected."));
        return page;
    }
    page.gap();
    page.push(verdict_line(&spread_verdict(spread)));
    page
}

/// A value on one line.
fn cut(value: &str, full: bool) -> String {
    if full || value.chars().count() <= WIDEST {
        return value.to_owned();
    }
    value.chars().take(WIDEST - 1).chain(['…']).collect()
}

/// Where the value is written, if that is one place; else in how many.
fn place(projects: &[&SpreadProject<'_>], basis: Basis, sources: &Sources) -> Option<String> {
    let given = projects.iter().filter(|it| basis == Basis::Desired || it.standing() == Standing::Given);
    let origins = given.filter_map(|it| it.wanted.and_then(|wanted| wanted.origin.as_ref()));
    let places: BTreeSet<String> = origins
        .map(|origin| Place::of(origin.span, sources))
        .map(|Place { file, line, column: _ }| format!("{file}:{line}"))
        .collect();
    let first = places.first()?;
    Some(if places.len() == 1 { first.clone() } else { count(places.len(), "place") })
}

/// The projects by their value of the usual label.
struct Values<'a> {
    key: Option<&'a str>,
    all: BTreeMap<&'a str, BTreeSet<&'a str>>,
    many: usize,
}

impl<'a> Values<'a> {
    fn of(projects: &'a [SpreadProject<'a>]) -> Self {
        let key = usual_label(projects.iter().map(|it| it.labels));
        let mut all: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for project in projects {
            if let Some(value) = key.and_then(|key| project.labels.get(key)) {
                all.entry(value.as_str()).or_default().insert(project.project);
            }
        }
        Self { key, all, many: projects.len() }
    }

    /// Projects by labels that none but they have, and the rest by name.
    fn called(&self, projects: &[&str], most: usize) -> String {
        if projects.len() == self.many && self.many > 1 {
            return "all".to_owned();
        }
        let mut rest: BTreeSet<&str> = projects.iter().copied().collect();
        let mut said = vec![];
        for (value, these) in self.all.iter().filter(|(_, these)| these.len() > 1) {
            if these.is_subset(&rest) {
                rest.retain(|name| !these.contains(name));
                said.push(format!("{}={value}", self.key.unwrap_or_default()));
            }
        }
        let rest: Vec<&str> = rest.into_iter().collect();
        said.extend((!rest.is_empty()).then(|| some(&rest, most)));
        said.join(", ")
    }
}
