//! More than two sides: of each place where they differ, the values and who has each.

use std::collections::BTreeSet;

use super::{Fact, Place, Side, Verdict, judge};

/// The result for several sides.
#[derive(Debug, Default)]
pub struct Among<'a> {
    /// The places that differ, and those that cannot be compared.
    pub differences: Vec<Apart<'a>>,
    /// How many places all have with one value.
    pub equal: usize,
}

/// A place with its values.
#[derive(Debug)]
pub struct Apart<'a> {
    /// Where.
    pub place: &'a Place,
    /// Each value, or none, with the numbers of the sides that have it; in the order of the sides.
    pub values: Vec<(Option<&'a Fact>, Vec<usize>)>,
    /// How certain the difference is.
    pub verdict: Verdict,
}

/// Compares several sides.
#[must_use]
pub fn among<'a>(sides: &[&'a Side]) -> Among<'a> {
    let mut found = Among::default();
    let places: BTreeSet<&Place> = sides.iter().flat_map(|side| side.facts.keys()).collect();
    for place in places {
        let mut values: Vec<(Option<&Fact>, Vec<usize>)> = vec![];
        let mut verdict = Verdict::Unknown;
        for (number, side) in sides.iter().enumerate() {
            let fact = side.facts.get(place);
            let verdicts: Vec<_> = values.iter().map(|(other, _)| between(*other, fact)).collect();
            if let Some(at) = verdicts.iter().position(Option::is_none) {
                values[at].1.push(number);
                continue;
            }
            if verdicts.contains(&Some(Verdict::Differs)) {
                verdict = Verdict::Differs;
            }
            values.push((fact, vec![number]));
        }
        if values.len() == 1 {
            found.equal += 1;
        } else {
            found.differences.push(Apart { place, values, verdict });
        }
    }
    found
}

/// How two values differ; `None` where they are the same.
fn between(one: Option<&Fact>, other: Option<&Fact>) -> Option<Verdict> {
    match (one, other) {
        (Some(one), Some(other)) => judge(one, other),
        (None, None) => None,
        _ => Some(Verdict::Differs),
    }
}
