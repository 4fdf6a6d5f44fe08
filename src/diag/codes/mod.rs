//! The code table: every kind of finding has a stable code, a title, an explanation and an example.
//!
//! `supaform explain E0301` prints a row. Codes are never reused. Groups: `E01xx` reading YAML and files, `E02xx`
//! the manifest language, `E03xx` values, `E04xx` secrets, `E05xx` planning, `E06xx` talking to the API and applying,
//! `E07xx` what CI may trust, `E08xx` importing.

mod code;
pub mod import;
pub mod manifest;
pub mod plan;
pub mod run;
pub mod secret;
pub mod trust;
pub mod value;
pub mod yaml;

pub use code::{Code, CodeInfo};

use super::render::escape;

/// Every code, by group.
pub const GROUPS: &[&[Code]] =
    &[yaml::ALL, manifest::ALL, value::ALL, secret::ALL, plan::ALL, run::ALL, trust::ALL, import::ALL];

/// What the groups are about, in their order.
const TITLES: &[&str] = &[
    "Reading YAML",
    "The manifest language",
    "Values",
    "Secrets",
    "Planning",
    "Talking to the API and applying",
    "What CI may trust",
    "Importing",
];

/// The page of all codes, as Markdown.
#[must_use]
pub fn page() -> String {
    let mut page = "<!-- Made from the table of codes: do not edit. -->\n# Errors\n\nEvery finding has a code; `supaform explain E0301` prints what stands here.\n".to_owned();
    for (title, group) in TITLES.iter().zip(GROUPS) {
        page.push_str(&format!("\n## {title}\n"));
        for code in *group {
            let CodeInfo { id, title, explanation, example } = code.info();
            page.push_str(&format!("\n### {id}: {title}\n\n{explanation}\n"));
            if !example.is_empty() {
                // An attack is shown, not carried out.
                let lines: Vec<_> = example.trim_end().lines().map(escape).collect();
                page.push_str(&format!("\n```\n{}\n```\n", lines.join("\n")));
            }
        }
    }
    page
}

/// The code with this id; upper and lower case are the same.
#[must_use]
pub fn find(id: &str) -> Option<Code> {
    GROUPS.iter().copied().flatten().copied().find(|code| code.id().eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_ordered_and_explained() {
        assert_eq!(TITLES.len(), GROUPS.len());
        let all: Vec<Code> = GROUPS.iter().copied().flatten().copied().collect();
        for pair in all.windows(2) {
            assert!(pair[0].id() < pair[1].id(), "{:?} stands before {:?}", pair[0], pair[1]);
        }
        for code in all {
            let CodeInfo { id, title, explanation, example: _ } = code.info();
            assert!(id.len() == 5 && id.starts_with('E'), "{id} is not of the form E0000");
            assert!(!title.is_empty() && !title.ends_with('.'), "{id}: the title is a few words");
            assert!(explanation.ends_with('.') && explanation.len() > 40, "{id}: the explanation is sentences");
        }
    }
}
