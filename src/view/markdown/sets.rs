//! Projects that are too many to be named: how many there are, and of which label.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::escape::code;
use crate::text::count;
use crate::view::document::{Block, Document, Section};

/// Up to so many are named all the same.
const NAMED: usize = 3;
/// A label with more values than that tells little.
const VALUES: usize = 8;

/// The labels of the projects of a document.
pub(super) struct Sets<'a>(BTreeMap<&'a str, &'a BTreeMap<String, String>>);

impl<'a> Sets<'a> {
    pub(super) fn of(document: &'a Document) -> Self {
        let sections = document.blocks.iter();
        let sections = sections.filter_map(|it| if let Block::Section(section) = it { Some(section) } else { None });
        Self(sections.map(|Section { name, labels, .. }| (name.as_str(), labels)).collect())
    }

    /// Where no labels are known.
    pub(super) fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// Who they are: by name where they are few, else `1,200 projects (700 of env=prod, 500 of env=dev)`.
    pub(super) fn called(&self, names: &[&str]) -> String {
        if names.len() <= NAMED {
            return names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ");
        }
        let many = count(names.len(), "project");
        let Some(values) = self.divided(names) else { return many };
        let of = values.iter().map(|(label, many)| format!("{many} of {}", code(label)));
        format!("{many} ({})", of.collect::<Vec<_>>().join(", "))
    }

    /// How many there are of each value of the label that divides them into the fewest parts.
    fn divided(&self, names: &[&str]) -> Option<BTreeMap<String, usize>> {
        let labels: Vec<_> = names.iter().filter_map(|name| self.0.get(name)).collect();
        let keys: BTreeSet<&String> = labels.iter().flat_map(|labels| labels.keys()).collect();
        let parts = keys.into_iter().map(|key| {
            let mut parts: BTreeMap<String, usize> = BTreeMap::new();
            for value in labels.iter().filter_map(|labels| labels.get(key)) {
                *parts.entry(format!("{key}={value}")).or_default() += 1;
            }
            parts
        });
        // A label that many lack says little of them.
        let most = |parts: &BTreeMap<String, usize>| parts.values().sum::<usize>();
        parts.filter(|parts| parts.len() <= VALUES).max_by_key(|parts| (most(parts), std::cmp::Reverse(parts.len())))
    }

    /// A line for all of which the same is said.
    pub(super) fn lines<'s>(&self, all: impl Iterator<Item = (&'s str, String)>) -> String {
        let mut alike: IndexMap<String, Vec<&str>> = IndexMap::new();
        for (name, says) in all {
            alike.entry(says).or_default().push(name);
        }
        alike.iter().map(|(says, names)| format!("- {}: {says}\n", self.called(names))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Impact;
    use crate::view::document::{
        Cause, Class, Edit, FieldChange, Happens, Phrase, Projects, Resource, Risk, Risks, Tone, Topic, Verdict,
    };
    use crate::view::{Detail, markdown};

    #[test]
    fn the_label_that_tells_most_divides_them() {
        let label = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let names: Vec<String> = (0..40).map(|number| format!("p{number}")).collect();
        let labels: Vec<_> = (0..40_usize)
            .map(|at| {
                let own = format!("o{at}");
                let env = ["prod", "dev", "dev", "dev"][at % 4];
                let mut labels = label(&[("own", &own), ("env", env)]);
                if at == 0 {
                    labels.insert("all".to_owned(), "a".to_owned());
                }
                labels
            })
            .collect();
        let sets = Sets(names.iter().map(String::as_str).zip(&labels).collect());
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(sets.called(&names), "40 projects (30 of `env=dev`, 10 of `env=prod`)");
        assert_eq!(sets.called(&names[..2]), "`p0`, `p1`");
        assert_eq!(Sets::none().called(&names), "40 projects");
        let says = |name: &&str| if name.ends_with('0') { "not planned".to_owned() } else { "1 changed".to_owned() };
        let lines = sets.lines(names.iter().map(|name| (*name, says(name))));
        assert_eq!(
            lines,
            "- 4 projects (2 of `env=dev`, 2 of `env=prod`): not planned\n\
             - 36 projects (28 of `env=dev`, 8 of `env=prod`): 1 changed\n"
        );
    }

    /// What is said of two thousand projects, each of which has something of its own to tell, fits into a comment.
    #[test]
    fn a_fleet_is_told_by_label() {
        let resource = || Resource {
            name: "auth".to_owned(),
            is_item: false,
            happens: Happens::Changed,
            origin: None,
            risks: vec![],
            at: None,
            fields: vec![FieldChange {
                name: "site_url".to_owned(),
                edit: Edit::New("x".repeat(2000)),
                origin: None,
                risks: vec![],
                was_at: None,
                at: None,
            }],
        };
        let section = |at: usize| {
            let env = ["prod", "dev"][at % 2];
            Block::Section(Section {
                name: format!("project-{at}"),
                happens: Happens::Changed,
                facts: vec![],
                labels: BTreeMap::from([("env".to_owned(), env.to_owned())]),
                counts: format!("{} changed", at % 4 + 1),
                outline: vec![("auth".to_owned(), vec!["site_url".to_owned()])],
                blocks: vec![Block::Changes(vec![resource()])],
            })
        };
        let named: Vec<String> = (0..1000).map(|at| format!("project-{at}")).collect();
        let what = vec![("postgres.max_connections".to_owned(), Some("90 → 100".to_owned()))];
        let cause = Cause { what, projects: Projects::Named(named) };
        let risk = Risk { why: "restarts the database".to_owned(), causes: vec![cause] };
        let mut blocks: Vec<_> = (0..2000).map(section).collect();
        blocks.insert(0, Block::Risks(Risks { classes: vec![Class { impact: Impact::Restart, risks: vec![risk] }] }));
        let verdict = Verdict::of(Tone::Neutral, "Plan", Phrase::words(": 2000 changed"));
        let document = Document { topic: Topic::Plan, stack: None, links: None, title: None, verdict, blocks };
        let told = markdown(&document, Detail::default(), 4000).unwrap();
        assert!(!told.is_whole);
        let lines: Vec<&str> = told.text.lines().filter(|line| line.contains("projects")).collect();
        assert_eq!(
            lines,
            [
                "> - `postgres.max_connections` `90 → 100` in 1000 projects (500 of `env=dev`, 500 of `env=prod`): restarts the database",
                "- 500 projects (500 of `env=prod`): 1 changed",
                "- 500 projects (500 of `env=dev`): 2 changed",
                "- 500 projects (500 of `env=prod`): 3 changed",
                "- 500 projects (500 of `env=dev`): 4 changed",
            ]
        );
    }
}
