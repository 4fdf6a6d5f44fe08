//! Which projects share a profile beside that of all, and what it is called.

use std::collections::{BTreeMap, BTreeSet};

use super::{Factor, Key};
use crate::import::slug;

/// The most groups that are tried for each.
const MOST_TRIED: usize = 12;

impl Factor<'_> {
    /// The groups of at least two projects with the same value of a label, by a name for it that no profile has.
    pub(super) fn labelled(&self, label: impl Fn(&str) -> Option<String>) -> Vec<(String, Vec<usize>)> {
        let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for member in 0..self.members.len() {
            if let Some(value) = label(&self.project(member).document) {
                groups.entry(value).or_default().push(member);
            }
        }
        let mut taken: BTreeSet<String> = self.draft.profiles.keys().cloned().collect();
        let mut named = vec![];
        for (value, group) in groups.into_iter().filter(|(_, group)| group.len() > 1) {
            let name = Some(slug(&value)).filter(|name| !name.is_empty()).unwrap_or_else(|| "group".to_owned());
            let mut free = std::iter::once(name.clone()).chain((2..).map(|number| format!("{name}-{number}")));
            let name = free.find(|name| !taken.contains(name)).unwrap_or(name);
            taken.insert(name.clone());
            named.push((name, group));
        }
        named
    }

    /// The group of at least two projects whose profile would save the most lines, at least four.
    pub(super) fn best_group(&mut self) -> Option<Vec<usize>> {
        let mut groups: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        let keys: BTreeSet<&Key> = self.cells.iter().flat_map(BTreeMap::keys).collect();
        for key in keys {
            let mut by_value: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (member, cells) in self.cells.iter().enumerate() {
                let Some(general) = cells.get(key).and_then(|cell| self.general(member, cell)) else { continue };
                by_value.entry(format!("{general:?}")).or_default().push(member);
            }
            // Those who have the same field may have it alike but for a word.
            let having: Vec<usize> =
                by_value.values().flatten().copied().collect::<BTreeSet<_>>().into_iter().collect();
            for group in by_value.into_values().chain([having]).filter(|group| group.len() > 1) {
                *groups.entry(group).or_default() += 1;
            }
        }
        let mut groups: Vec<(Vec<usize>, usize)> = groups.into_iter().collect();
        groups.sort_by_key(|(group, keys)| (std::cmp::Reverse((group.len() - 1) * keys), group.clone()));
        groups.truncate(MOST_TRIED);
        let mut best: Option<(usize, Vec<usize>)> = None;
        for (group, _) in groups {
            let before = self.variables.clone();
            self.find_words(&group);
            let alike = self.alike(&group).values.len();
            self.variables = before;
            let saved = (group.len() - 1) * alike;
            if alike > 1 && saved >= 4 && best.as_ref().is_none_or(|(most, _)| saved > *most) {
                best = Some((saved, group));
            }
        }
        best.map(|(_, group)| group)
    }

    /// A name for the profile of a group: a word that the names of its documents have and no other's.
    pub(super) fn name(&self, group: &[usize], profile: &str, taken: &BTreeSet<String>) -> String {
        let words = |member: usize| -> BTreeSet<&str> { self.project(member).document.split(['-', '_']).collect() };
        let others = (0..self.members.len()).filter(|member| !group.contains(member));
        let foreign: BTreeSet<&str> = others.flat_map(words).collect();
        let mut own = group.iter().map(|member| words(*member));
        let first = own.next().unwrap_or_default();
        let common = own.fold(first, |common, words| common.intersection(&words).copied().collect());
        let is_name = |word: &&str| {
            word.len() > 1 && !foreign.contains(word) && word.starts_with(|c: char| c.is_ascii_alphabetic())
        };
        let own = common.into_iter().filter(is_name).map(str::to_owned);
        let numbered = (2..).map(|number| format!("{profile}-{number}"));
        own.chain(numbered).find(|name| !taken.contains(name)).unwrap_or_else(|| profile.to_owned())
    }
}
