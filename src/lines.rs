//! The differences of two texts by line, and of two lines by word. The only place that computes them: the algorithm is generic, and large wherever it is
//! instantiated.

use std::convert::Infallible;
use std::fmt::Display;

use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::udiff::UnifiedHunkHeader;
use similar::{DiffOp, DiffableStr as _, group_diff_ops};

pub use similar::{Change, ChangeTag};

/// How one text differs from another.
#[derive(Debug)]
pub struct LineDiff<'t> {
    before: Vec<&'t str>,
    after: Vec<&'t str>,
    ops: Vec<DiffOp>,
}

impl<'t> LineDiff<'t> {
    /// Compares two texts. Each line keeps its end.
    #[must_use]
    pub fn between(before: &'t str, after: &'t str) -> Self {
        let (before, after) = (before.tokenize_lines(), after.tokenize_lines());
        let mut hook = Compact::new(Replace::new(Capture::new()), &before[..], &after[..]);
        let Ok(()) = whole(&mut hook, &before, &after);
        let ops = hook.into_inner().into_inner().into_ops();
        Self { before, after, ops }
    }

    /// Every line of both texts, shared ones once.
    pub fn changes(&self) -> impl Iterator<Item = Change<&'t str>> {
        self.ops.iter().flat_map(|op| self.of(op))
    }

    /// The places that differ, each with some lines around it: its heading, then its lines.
    pub fn hunks(&self, around: usize) -> impl Iterator<Item = (impl Display, Vec<Change<&'t str>>)> {
        let hunks = group_diff_ops(self.ops.clone(), around).into_iter().filter(|ops| !ops.is_empty());
        hunks.map(|ops| (UnifiedHunkHeader::new(&ops), ops.iter().flat_map(|op| self.of(op)).collect()))
    }

    fn of(&self, op: &DiffOp) -> impl Iterator<Item = Change<&'t str>> {
        op.iter_changes(&self.before[..], &self.after[..])
    }
}

/// The most words of two lines that are compared: the time that it takes grows with their square.
const WORDS: usize = 2_000;

/// Every word of both lines, shared ones once. Lines of too many words differ as a whole.
pub fn word_changes<'t>(before: &'t str, after: &'t str) -> Vec<(ChangeTag, &'t str)> {
    let (before_words, after_words) = (words(before), words(after));
    if before_words.len() + after_words.len() > WORDS {
        return vec![(ChangeTag::Delete, before), (ChangeTag::Insert, after)];
    }
    let mut hook = Compact::new(Replace::new(Capture::new()), &before_words[..], &after_words[..]);
    let Ok(()) = whole(&mut hook, &before_words, &after_words);
    let ops = hook.into_inner().into_inner().into_ops();
    let changes = ops.iter().flat_map(|op| op.iter_changes(&before_words[..], &after_words[..]));
    changes.map(|it| (it.tag(), it.value())).collect()
}

/// Words, and each other character by itself.
fn words(line: &str) -> Vec<&str> {
    let mut words = vec![];
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len()).max(first.len_utf8());
        let (word, more) = rest.split_at(end);
        words.push(word);
        rest = more;
    }
    words
}

type Hook<'l, 't> = Compact<'l, 'l, [&'t str], [&'t str], Replace<Capture>>;

fn whole<'t>(hook: &mut Hook<'_, 't>, before: &[&'t str], after: &[&'t str]) -> Result<(), Infallible> {
    myers::diff(hook, before, 0..before.len(), after, 0..after.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_stay_are_told_once() {
        let diff = LineDiff::between("a\nb\r\nc\n", "a\nx\nc\nd");
        let told: Vec<String> = diff.changes().map(|it| format!("{}{:?}", it.tag(), it.value())).collect();
        assert_eq!(told, [" \"a\\n\"", "-\"b\\r\\n\"", "+\"x\\n\"", " \"c\\n\"", "+\"d\""]);
    }

    #[test]
    fn lines_differ_by_word() {
        let told = |before, after| {
            let all = word_changes(before, after).into_iter();
            all.map(|(tag, word)| format!("{tag}{word}")).collect::<Vec<_>>().join("|")
        };
        assert_eq!(told("a-über, c", "a-b, c"), " a| -|-über|+b| ,|  | c");
        assert_eq!(told("", ""), "");
        let (long, longer) = ("x ".repeat(WORDS), "x ".repeat(WORDS + 1));
        assert_eq!(word_changes(&long, &longer).len(), 2);
    }

    #[test]
    fn a_place_has_the_lines_around_it() {
        let before: String = (1..=300).map(|number| format!("{number}\n")).collect();
        let after = before.replace("\n7\n", "\nseven\n").replace("299\n", "");
        let diff = LineDiff::between(&before, &after);
        let hunks = diff.hunks(1).map(|(heading, lines)| (heading.to_string(), lines.len())).collect::<Vec<_>>();
        assert_eq!(hunks, [("@@ -6,3 +6,3 @@".to_owned(), 4), ("@@ -298,3 +298,2 @@".to_owned(), 3)]);
        assert_eq!(LineDiff::between("a\n", "a\n").hunks(1).count(), 0);
        assert_eq!(LineDiff::between("", "").changes().count(), 0);
    }
}
