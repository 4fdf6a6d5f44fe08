//! The code table: every kind of finding has a stable code, a title, an explanation and an example.
//!
//! `supaform explain E0301` prints a row. Codes are never reused. Groups: `E01xx` reading YAML and files, `E02xx`
//! the manifest language, `E03xx` values, `E04xx` secrets, `E05xx` planning, `E06xx` talking to the API and applying,
//! `E07xx` what CI may trust.

pub mod manifest;
pub mod plan;
pub mod run;
pub mod secret;
pub mod trust;
pub mod value;
pub mod yaml;

use std::fmt;

use super::render::escape;

/// A row of the code table.
#[derive(Debug)]
pub struct CodeInfo {
    /// `E0301`; never reused.
    pub id: &'static str,
    /// A few words, lower case.
    pub title: &'static str,
    /// What it means, why it is refused and what to do: sentences.
    pub explanation: &'static str,
    /// Input that shows it, or nothing where none is possible.
    pub example: &'static str,
}

/// A kind of finding: a reference to its row.
#[derive(Clone, Copy)]
pub struct Code(&'static CodeInfo);

impl Code {
    /// The code of a row.
    #[must_use]
    pub const fn of(info: &'static CodeInfo) -> Self {
        Self(info)
    }

    /// The row.
    #[must_use]
    pub const fn info(self) -> &'static CodeInfo {
        self.0
    }

    /// `E0301`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.0.id
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0.id)
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for Code {}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Code {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.id.cmp(other.0.id)
    }
}

/// Makes the constants of a group and its slice `ALL`.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $title:literal, $explanation:expr, $example:expr;)*) => {
        $($(#[$doc])* #[doc = $title]
        pub const $name: $crate::diag::codes::Code = {
            static INFO: $crate::diag::codes::CodeInfo = $crate::diag::codes::CodeInfo {
                id: $id, title: $title, explanation: $explanation, example: $example,
            };
            $crate::diag::codes::Code::of(&INFO)
        };)*
        /// All codes of this group.
        pub const ALL: &[$crate::diag::codes::Code] = &[$($name),*];
    };
}
pub(crate) use codes;

/// Every code, by group.
pub const GROUPS: &[&[Code]] = &[yaml::ALL, manifest::ALL, value::ALL, secret::ALL, plan::ALL, run::ALL, trust::ALL];

/// What the groups are about, in their order.
const TITLES: &[&str] = &[
    "Reading YAML",
    "The manifest language",
    "Values",
    "Secrets",
    "Planning",
    "Talking to the API and applying",
    "What CI may trust",
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

/// The code with this id, in any case (`e0301` too).
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
