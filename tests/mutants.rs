//! Every rule of the manifest language broken once: each mutant of a valid workspace gets its code at its exact place,
//! as one finding, and none gets past `validate`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod disk;
mod documents;
mod harness;
mod language;
mod rows;
mod values;
mod yaml;

use std::collections::BTreeSet;

use harness::{Mutant, base, validate};
use supaform::diag::{codes, render};

#[test]
fn the_base_is_valid() {
    let built = validate(base());
    assert!(built.diagnostics.is_empty(), "{}", render::human(&built.diagnostics.sorted(), &built.sources, false, 100));
    assert_eq!(built.desired.projects.len(), 4);
}

/// Judges mutants, half of them beside the other half, and says which codes they got.
fn judge(mutants: &[Mutant], base: &harness::Files) -> BTreeSet<&'static str> {
    let half = |mutants: &[Mutant]| {
        let mut codes = vec![];
        let wrong: Vec<String> = mutants.iter().filter_map(|mutant| mutant.judge(base, &mut codes).err()).collect();
        (codes, wrong)
    };
    let (first, second) = mutants.split_at(mutants.len() / 2);
    let (mut one, mut other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(second));
        (half(first), other.join().unwrap())
    });
    one.1.append(&mut other.1);
    assert!(one.1.is_empty(), "{} of {} mutants:\n{}", one.1.len(), mutants.len(), one.1.join("\n"));
    one.0.into_iter().chain(other.0).collect()
}

/// Codes that no manifest gets from `validate`, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    ("E0282", "the day counts when something is planned"),
    ("E0307", "no row of a text that is shown has a greatest length so far"),
    ("E0411", AT_WORK),
    ("E0412", AT_WORK),
    ("E0413", AT_WORK),
    ("E0414", AT_WORK),
    ("E0415", AT_WORK),
    ("E0416", AT_WORK),
    ("E0417", AT_WORK),
    ("E0465", AT_WORK),
];
const AT_WORK: &str = "the values of secrets are looked for when something is planned";

#[test]
fn every_rule_broken_once_is_told_at_its_place() {
    let mutants = [yaml::mutants(), documents::mutants(), language::mutants(), values::mutants()].concat();
    let mut hit = judge(&mutants, &base());
    assert!(mutants.len() >= 400, "{} mutants", mutants.len());

    let rows = rows::mutants();
    hit.append(&mut judge(&rows, &rows::base()));
    assert!(rows.len() >= 2000, "{} mutants of rows", rows.len());

    hit.append(&mut disk::codes());
    let groups = [codes::yaml::ALL, codes::manifest::ALL, codes::value::ALL, codes::secret::ALL];
    let all: BTreeSet<_> = groups.iter().copied().flatten().map(|code| code.id()).collect();
    let missed: Vec<_> = all.difference(&hit).copied().collect();
    let listed: Vec<_> = ELSEWHERE.iter().map(|(code, _)| *code).collect();
    assert_eq!(missed, listed, "codes that no mutant gets, and those that are listed with a reason");
}
