//! What an issue has already told, in a line of it that nobody sees, so that more of it can be told as news.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use crate::secret::hex;

/// The start of that line.
const START: &str = "<!-- supaform:told ";

/// The start of the line with the day on which the issue was opened.
const SINCE: &str = "<!-- supaform:since ";

/// The most names that it has: 9 characters each.
const MOST: usize = 600;

/// The line for these names.
#[must_use]
pub fn told(names: &BTreeSet<String>) -> String {
    let all: Vec<String> = names.iter().take(MOST).map(|name| short(name)).collect();
    format!("\n{START}{} -->\n", all.join(" "))
}

/// The line for the day on which the issue was opened.
#[must_use]
pub fn opened(day: &str) -> String {
    format!("\n{SINCE}{day} -->\n")
}

/// The day on which an issue with this text was opened, where the text has it.
#[must_use]
pub fn since(body: &str) -> Option<&str> {
    let (day, _) = body.rsplit_once(SINCE)?.1.split_once(" -->")?;
    let is_day = day.len() == 10 && day.chars().all(|c| c.is_ascii_digit() || c == '-');
    is_day.then_some(day)
}

/// The names that an issue with this text has not told; none where the text does not say what it has told.
#[must_use]
pub fn news<'n>(body: &str, names: &'n BTreeSet<String>) -> Vec<&'n str> {
    let line = body.rsplit_once(START).and_then(|(_, rest)| rest.split_once("-->"));
    let Some((line, _)) = line else { return vec![] };
    let before: BTreeSet<&str> = line.split_whitespace().collect();
    // A line that is full does not say what it lacks.
    if before.len() >= MOST {
        return vec![];
    }
    names.iter().map(String::as_str).filter(|name| !before.contains(short(name).as_str())).collect()
}

fn short(name: &str) -> String {
    let mut text = hex(&Sha256::digest(name));
    text.truncate(8);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_the_opening_is_kept() {
        assert_eq!(since(&format!("Drift\n{}", opened("2026-11-28"))), Some("2026-11-28"));
        for body in ["Drift", "<!-- supaform:since never -->", "<!-- supaform:since 2026-11-28`@org -->"] {
            assert_eq!(since(body), None);
        }
    }

    #[test]
    fn only_what_was_not_told_is_news() {
        let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let body = format!("Drift\n{}", told(&names(&["a", "b --> c"])));
        assert_eq!(body.matches("-->").count(), 1);
        assert_eq!(news(&body, &names(&["a", "b --> c", "d"])), ["d"]);
        assert_eq!(news(&body, &names(&["a"])), Vec::<&str>::new());
        assert_eq!(news("written by an older release", &names(&["a"])), Vec::<&str>::new());
        let many: BTreeSet<String> = (0..700).map(|number| number.to_string()).collect();
        assert!(news(&told(&many), &many).is_empty());
    }
}
