//! The hashes of a plan's steps in a comment, where nobody sees them.

use std::collections::BTreeSet;

use crate::plan::identity::is_hash;
use crate::plan::plan_id;

/// The start of the hashes in a comment.
const START: &str = "<!-- supaform:steps ";

/// The most steps whose hashes are put into a comment: 33 characters each.
pub const MOST_STEPS: usize = 600;

/// The most characters of their hashes in a comment.
pub const MOST_HIDDEN: usize = MOST_STEPS * 33 + 40;

/// The hashes of a plan's steps in the form of a comment; `None` where there are too many.
#[must_use]
pub fn hidden<'a>(steps: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let all: BTreeSet<&str> = steps.into_iter().collect();
    (all.len() <= MOST_STEPS).then(|| format!("\n{START}{} -->\n", all.into_iter().collect::<Vec<_>>().join(" ")))
}

/// The hashes of a comment as they stand in it, for the one that takes its place.
pub(super) fn carried(body: &str) -> Option<&str> {
    let (from, _) = body.match_indices(START).last()?;
    let rest = body.get(from..)?;
    rest.get(..rest.find("-->")? + "-->".len())
}

/// The hashes in a comment, if their id is this one.
pub(super) fn held(body: &str, id: &str) -> Option<BTreeSet<String>> {
    body.split(START).skip(1).find_map(|rest| {
        let steps: BTreeSet<&str> = rest.split("-->").next()?.split_whitespace().collect();
        // The id is a hash over all of them in a row, so it does not fix where one ends.
        let whole = steps.iter().all(|step| is_hash(step));
        (whole && plan_id(steps.iter().copied()) == id).then(|| steps.into_iter().map(str::to_owned).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(of: char) -> String {
        of.to_string().repeat(32)
    }

    #[test]
    fn hashes_count_only_under_their_id() {
        let all = [hash('a'), hash('b')];
        let text = hidden(all.iter().map(String::as_str)).unwrap();
        let id = plan_id(all.iter().map(String::as_str));
        let before = format!("Applied\n{text}");
        let kept = carried(&before).expect("they are carried on");
        assert_eq!(held(&format!("anew\n\n{kept}\n"), &id), held(&text, &id));
        assert_eq!(carried("<!-- supaform:steps "), None);
        assert_eq!(held(&format!("<p>{text}</p>"), &id), Some(all.clone().into()));
        let forged = text.replace(&hash('b'), &hash('c'));
        assert_eq!(held(&forged, &id), None);
        assert_eq!(held(&format!("{forged}{text}"), &id), Some(all.into()), "others stand in nobody's way");
        assert_eq!(held("none", &id), None);
        let run_together = text.replace(&format!("{} ", hash('a')), &hash('a'));
        assert_eq!(held(&run_together, &id), None, "the same in a row, and other hashes");
        assert_eq!(hidden(std::iter::repeat_n("x", 5)), Some(format!("\n{START}x -->\n")));
        let many: Vec<String> = (0..=MOST_STEPS).map(|at| at.to_string()).collect();
        assert_eq!(hidden(many.iter().map(String::as_str)), None);
    }
}
