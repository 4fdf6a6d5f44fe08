//! `--shard I/N`: the I-th of N parts of the projects, for fleets that are too large for one job.

use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// A part of the projects; counted from 1, as test runners count theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u64,
    of: u64,
}

impl Shard {
    /// Whether a name falls into this part. A name always falls into the same one, whatever others there are.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        let start = Sha256::digest(name.as_bytes()).into_iter().take(8);
        let number = start.fold(0_u64, |number, byte| number << 8 | u64::from(byte));
        number % self.of == self.index - 1
    }
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.parse::<u64>().ok().filter(|it| (1..=10_000).contains(it));
        let numbers = text.split_once('/').and_then(|(index, of)| number(index).zip(number(of)));
        let shard = numbers.filter(|(index, of)| index <= of).map(|(index, of)| Self { index, of });
        shard.ok_or("expected I/N, the I-th of N parts, counted from 1, such as `2/8`")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
        let parts = ["acme-dev", "acme-staging", "acme-prod", "beta"]
            .map(|name| (1..=4).find(|index| Shard { index: *index, of: 4 }.has(name)));
        assert_eq!(parts, [Some(1), Some(3), Some(3), Some(2)]);
    }

    proptest! {
        #[test]
        fn each_name_falls_into_exactly_one_part(name in "[a-z0-9_-]{1,20}", of in 1_u64..20) {
            prop_assert_eq!((1..=of).filter(|index| Shard { index: *index, of }.has(&name)).count(), 1);
        }
    }

    #[test]
    fn parts_are_about_as_large_as_each_other() {
        for index in 1..=8 {
            let many = (0..800).filter(|number| Shard { index, of: 8 }.has(&format!("project-{number}"))).count();
            assert!((70..=130).contains(&many), "{index}/8 has {many} of 800");
        }
    }
}
