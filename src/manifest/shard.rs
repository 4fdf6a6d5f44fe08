//! `--shard I/N`: the I-th of N parts of the projects, for fleets that are too large for one job.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// Which part of how many; counted from 1, as test runners count theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    of: usize,
}

/// A part of the projects: those whose names' hashes lie between two bounds.
///
/// Names are sorted by their hashes and cut into parts of equal length. So the parts differ by at most one project, and a project
/// that comes or goes moves at most one other across each cut. Any other name, such as that of a project whose document was
/// removed, falls into exactly one part, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    from: Option<u64>,
    to: Option<u64>,
}

impl Shard {
    /// Which part of how many, counted from 1.
    #[must_use]
    pub const fn place(self) -> (usize, usize) {
        (self.index, self.of)
    }

    /// Its part of these projects, of all that the workspace has.
    #[must_use]
    pub fn part<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Part {
        let mut hashes: Vec<u64> = names.into_iter().map(hash).collect();
        hashes.sort_unstable();
        let start = |index: usize| match index {
            0 => Some(0),
            _ => hashes.get((index * hashes.len()).div_ceil(self.of)).copied(),
        };
        Part { from: start(self.index - 1), to: if self.index == self.of { None } else { start(self.index) } }
    }
}

impl Part {
    /// Whether a name falls into it.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let hash = hash(name);
        self.from.is_some_and(|from| from <= hash) && self.to.is_none_or(|to| hash < to)
    }
}

fn hash(name: &str) -> u64 {
    let start = Sha256::digest(name.as_bytes()).into_iter().take(8);
    start.fold(0, |number, byte| number << 8 | u64::from(byte))
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.parse::<usize>().ok().filter(|it| (1..=10_000).contains(it));
        let numbers = text.split_once('/').and_then(|(index, of)| number(index).zip(number(of)));
        let shard = numbers.filter(|(index, of)| index <= of).map(|(index, of)| Self { index, of });
        shard.ok_or("expected I/N, the I-th of N parts, counted from 1, such as `2/8`")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(names: &[String], of: usize) -> Vec<Part> {
        (1..=of).map(|index| Shard { index, of }.part(names.iter().map(String::as_str))).collect()
    }

    fn fleet(many: usize) -> Vec<String> {
        (0..many).map(|number| format!("project-{number}")).collect()
    }

    #[test]
    fn a_shard_is_a_part_counted_from_one() {
        for text in ["1/1", "2/8", "8/8"] {
            assert!(text.parse::<Shard>().is_ok(), "{text}");
        }
        for text in ["", "1", "0/8", "9/8", "-1/8", "1/0", "1/8/2", "a/b", "1/10001"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_stays_in_its_part_from_release_to_release() {
        let names = ["acme-dev", "acme-staging", "acme-prod", "beta", "gamma"].map(str::to_owned);
        let of = names.clone().map(|name| parts(&names, 3).iter().position(|part| part.has(&name)));
        assert_eq!(of, [Some(0), Some(1), Some(1), Some(2), Some(0)]);
    }

    proptest! {
        #[test]
        fn each_name_falls_into_exactly_one_part_and_parts_differ_by_one(
            names in prop::collection::btree_set("[a-z0-9_-]{1,12}", 0..60), other in "[a-z]{1,8}", of in 1_usize..20,
        ) {
            let names: Vec<String> = names.into_iter().collect();
            let parts = parts(&names, of);
            let count = |name: &str| parts.iter().filter(|part| part.has(name)).count();
            prop_assert!(names.iter().all(|name| count(name) == 1));
            prop_assert_eq!(count(&other), 1);
            let sizes = || parts.iter().map(|part| names.iter().filter(|name| part.has(name)).count());
            prop_assert!(sizes().max() <= sizes().min().map(|least| least + 1));
        }
    }

    #[test]
    fn few_projects_move_when_one_comes_or_goes() {
        let names = fleet(1000);
        let of = |names: &[String]| {
            let parts = parts(names, 16);
            names.iter().map(|name| (name.clone(), parts.iter().position(|part| part.has(name)))).collect::<Vec<_>>()
        };
        let before = of(&names);
        for gone in [0, 250, 999] {
            let mut fewer = names.clone();
            fewer.remove(gone);
            let after = of(&fewer);
            let moved = after.iter().filter(|it| !before.contains(it)).count();
            assert!(moved <= 15, "{moved} of 1000 move");
        }
    }
}
