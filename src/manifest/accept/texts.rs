//! Edits of files, and the texts that come of them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::schema::wire;
use crate::yaml::edit::{Obstacle, Setting, set_all};

/// A value to write, and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The file, by its path from the root.
    pub path: String,
    /// The part of the file.
    pub what: Part,
}

/// The part of a file that is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// A value, by its keys from the top.
    Value(Vec<String>, Value),
    /// All of it: a text that a manifest names with `{file: …}`.
    Whole(String),
}

/// Why an edit would change more than the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// The file cannot be read.
    Unread,
    /// Another edit replaces the same file with another text.
    Twice,
    /// Another edit writes another value to the same place.
    Contradicted,
    /// The value is written in a form that cannot be edited alone.
    At(Obstacle),
}

impl Hindrance {
    /// What the obstacle is, and what to do.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Unread => "The file cannot be read. Write the value by hand.",
            Self::Twice => "Another accepted value would be written to the same file. Accept one of them.",
            Self::Contradicted => "Accept one of them, or write the values by hand.",
            Self::At(Obstacle::Shared) => "The value has an anchor and counts in other places, too. Write it by hand.",
            Self::At(Obstacle::Comment) => "A comment within the replaced text would be lost. Write the value by hand.",
            Self::At(Obstacle::Form) => {
                "The text there has a form into which no single value can be written. Write the value by hand."
            }
        }
    }
}

/// The texts of the files with all edits, by their paths; `read` gives those that are no manifests.
///
/// # Errors
/// The edit that would change more than its value, by its place, and why.
pub fn written(
    edits: &[&Edit],
    read: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, String>, (usize, Hindrance)> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let mut values: BTreeMap<&str, Values<'_>> = BTreeMap::new();
    for (index, edit) in edits.iter().enumerate() {
        match &edit.what {
            Part::Whole(text) => {
                let text = read(&edit.path).map_or_else(|| text.clone(), |before| as_written(&before, text));
                // Two values of one file must be the same.
                if texts.insert(edit.path.clone(), text.clone()).is_some_and(|other| other != text) {
                    return Err((index, Hindrance::Twice));
                }
            }
            Part::Value(way, value) => {
                // Several projects inherit a value, and several values are made of a variable.
                let Values { places, order } = values.entry(&edit.path).or_default();
                match places.insert(way, value) {
                    Some(other) if other != value => return Err((index, Hindrance::Contradicted)),
                    Some(_) => {}
                    None => order.push((index, way.iter().map(String::as_str).collect(), value)),
                }
            }
        }
    }
    for (path, Values { order, .. }) in values {
        let first = order.first().map_or(0, |(index, ..)| *index);
        let text = texts.remove(path).or_else(|| read(path)).ok_or((first, Hindrance::Unread))?;
        let settings: Vec<Setting<'_>> = order.iter().map(|(_, way, value)| (way.as_slice(), *value)).collect();
        let text = set_all(&text, &settings);
        let text = text.map_err(|(at, why)| (order.get(at).map_or(first, |(index, ..)| *index), Hindrance::At(why)))?;
        texts.insert(path.to_owned(), text);
    }
    Ok(texts)
}

/// The values that are written into a file.
#[derive(Default)]
struct Values<'e> {
    places: BTreeMap<&'e [String], &'e Value>,
    /// Each with the index of its edit.
    order: Vec<(usize, Vec<&'e str>, &'e Value)>,
}

/// A text with the line ends and the byte order mark that the existing file has.
fn as_written(before: &str, text: &str) -> String {
    let (mark, body) = before.strip_prefix('\u{feff}').map_or(("", before), |body| ("\u{feff}", body));
    let ends = body.matches('\n').count();
    let windows = ends > 0 && body.matches("\r\n").count() == ends;
    let text = wire::lines(text);
    if windows { format!("{mark}{}", text.replace('\n', "\r\n")) } else { format!("{mark}{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_line_ends_and_its_mark() {
        for (before, text, wanted) in [
            ("a\r\nb\r\n", "x\ny\n", "x\r\ny\r\n"),
            ("a\r\nb\n", "x\ny\n", "x\ny\n"),
            ("a\nb\n", "x\r\ny\r\n", "x\ny\n"),
            ("\u{feff}a\r\n", "x\r\n", "\u{feff}x\r\n"),
            ("\u{feff}", "x\n", "\u{feff}x\n"),
            ("", "x", "x"),
        ] {
            assert_eq!(as_written(before, text), wanted, "{before:?}");
        }
    }

    #[test]
    fn each_obstacle_to_an_edit_is_named() {
        let edit = |way: &str| Edit {
            path: "a.yaml".to_owned(),
            what: Part::Value(way.split('/').map(str::to_owned).collect(), Value::from(2)),
        };
        let why = |text: &str, way: &str| written(&[&edit(way)], |_| Some(text.to_owned())).map_err(|(_, why)| why);
        for (text, way, wanted) in [
            ("a: &x {b: 1}\r\nc: *x\r\n", "a/b", Obstacle::Shared),
            ("a:\r\n  # kept\r\n  b: 1\r\n", "a", Obstacle::Comment),
            ("a: text\r\n", "a/b", Obstacle::Form),
        ] {
            assert_eq!(why(text, way), Err(Hindrance::At(wanted)), "{text:?}");
        }
        let fine = why("a: {b: 1}\r\nc: 1\nd: 3\r\n", "a/b").unwrap();
        assert_eq!(fine["a.yaml"], "a: {b: 2}\r\nc: 1\nd: 3\r\n");
        assert_eq!(written(&[&edit("a")], |_| None), Err((0, Hindrance::Unread)));
        let other = Edit { what: Part::Value(vec!["a".to_owned()], Value::from(3)), ..edit("a") };
        let read = |_: &str| Some("a: 1\n".to_owned());
        assert_eq!(written(&[&edit("a"), &other], read), Err((1, Hindrance::Contradicted)));
        assert_eq!(written(&[&edit("a"), &edit("a")], read).unwrap()["a.yaml"], "a: 2\n");
        let whole = |text: &str| Edit { path: "a.html".to_owned(), what: Part::Whole(text.to_owned()) };
        assert_eq!(written(&[&whole("a"), &whole("b")], |_| None), Err((1, Hindrance::Twice)));
    }
}
