//! Variables backwards: the value of a variable with which texts become others.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::variables::{Piece, pieces};
use crate::model::DesiredProject;

/// A text around one variable, which it may use more than once.
pub(super) struct Around<'t> {
    /// `None` stands for the variable.
    parts: Vec<Option<Cow<'t, str>>>,
}

impl<'t> Around<'t> {
    /// Takes a text apart; `None` where a part of it is not known before the project is found.
    pub(super) fn of(text: &'t str, project: &'t DesiredProject) -> Option<Self> {
        let part = |piece| {
            Some(match piece {
                Piece::Text(text) => Some(text.into()),
                Piece::Variable(_) => None,
                Piece::Label(name) => Some(project.labels.get(name)?.into()),
                Piece::Reference => Some(project.reference.as_ref()?.value.as_str().into()),
                Piece::Name => Some(project.live_name().into()),
                Piece::Document => Some(project.document.as_str().into()),
            })
        };
        let parts: Option<Vec<_>> = pieces(text).ok()?.into_iter().map(part).collect();
        Some(Self { parts: parts? })
    }

    /// Whether there is nothing around the variable, so that it may be more than a text.
    pub(super) fn is_bare(&self) -> bool {
        matches!(self.parts.as_slice(), [None])
    }

    /// The text with a value of the variable.
    fn with(&self, value: &str) -> String {
        self.parts.iter().map(|part| part.as_deref().unwrap_or(value)).collect()
    }

    /// The value with which the text is this one.
    pub(super) fn value(&self, whole: &str) -> Option<String> {
        let start: usize = self.parts.iter().map_while(Option::as_deref).map(str::len).sum();
        let around: usize = self.parts.iter().flatten().map(|part| part.len()).sum();
        let times = self.parts.iter().filter(|part| part.is_none()).count();
        let rest = whole.len().checked_sub(around)?;
        let length = rest.checked_div(times).filter(|length| length * times == rest)?;
        let value = whole.get(start..start + length)?;
        (self.with(value) == whole).then(|| value.to_owned())
    }
}

/// The variables of texts, by their names.
pub(super) fn names<'t>(texts: &[&'t str]) -> BTreeSet<&'t str> {
    let all = texts.iter().filter_map(|text| pieces(text).ok()).flatten();
    all.filter_map(|piece| if let Piece::Variable(name) = piece { Some(name) } else { None }).collect()
}

/// The value of the only variable of a list with which its items are those, where exactly one value is.
pub(super) fn of_items(items: &[&str], project: &DesiredProject, wanted: &[&str], ordered: bool) -> Option<String> {
    let written: Vec<Around<'_>> = items.iter().map(|item| Around::of(item, project)).collect::<Option<_>>()?;
    let is_wanted = |value: &String| {
        let filled: Vec<String> = written.iter().map(|item| item.with(value)).collect();
        if ordered {
            return filled == wanted;
        }
        let (mut filled, mut wanted) = (filled, wanted.to_vec());
        filled.sort_unstable();
        wanted.sort_unstable();
        filled == wanted
    };
    let candidates = written.iter().flat_map(|item| wanted.iter().filter_map(|whole| item.value(whole)));
    let values: BTreeSet<String> = candidates.filter(is_wanted).collect();
    if values.len() == 1 { values.into_iter().next() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> DesiredProject {
        let text = "projects: {acme: {labels: {env: prod}}}".to_owned();
        let built = crate::manifest::build(
            vec![("a.yaml".to_owned(), text)],
            &crate::manifest::NoTexts,
            crate::kinds::KINDS,
            &crate::manifest::Options::default(),
        );
        built.desired.projects["acme"].clone()
    }

    #[test]
    fn a_variable_is_what_is_left_of_the_text() {
        let project = project();
        for (text, live, expected) in [
            ("https://${var.d}", "https://b.dev", Some("b.dev")),
            ("https://${var.d}/x", "https://b.dev/x", Some("b.dev")),
            ("https://${var.d}/x", "https://b.dev/y", None),
            ("https://${var.d}/x", "http://b.dev/x", None),
            ("${var.d}, ${var.d}", "b, b", Some("b")),
            ("${var.d}${var.d}", "bcbc", Some("bc")),
            ("${var.d}${var.d}", "bcb", None),
            ("${var.d}, ${var.d}", "b, c", None),
            ("${label.env}.${var.d} of ${document}", "prod.ä of acme", Some("ä")),
            ("${label.env}.${var.d}", "dev.b", None),
            // Of two bytes of one letter, none is cut off.
            ("${var.d}${var.d}", "ä", None),
            ("a${var.d}", "a", Some("")),
            ("ab${var.d}ba", "aba", None),
            ("$${x}${var.d}", "${x}b", Some("b")),
            ("a", "a", None),
        ] {
            let found = Around::of(text, &project).unwrap().value(live);
            assert_eq!(found.as_deref(), expected, "{text:?} {live:?}");
        }
        for text in ["${label.none}${var.d}", "${project.ref}${var.d}", "${nothing}"] {
            assert!(Around::of(text, &project).is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_variable_explains_all_of_a_list() {
        let project = project();
        for (items, live, ordered, expected) in [
            (&["https://${var.d}/a", "x"][..], &["x", "https://b/a"][..], false, Some("b")),
            (&["https://${var.d}/a", "x"], &["x", "https://b/a"], true, None),
            (&["${var.d}/a", "${var.d}/b"], &["c/a", "c/b"], true, Some("c")),
            (&["${var.d}/a", "${var.d}/b"], &["c/a", "d/b"], true, None),
            (&["https://${var.d}/a", "x"], &["https://b/a", "y"], false, None),
            (&["${var.d}", "x"], &["y"], false, None),
            (&["${var.d}", "x"], &["x", "y"], false, Some("y")),
        ] {
            assert_eq!(of_items(items, &project, live, ordered).as_deref(), expected, "{items:?} {live:?}");
        }
    }
}
