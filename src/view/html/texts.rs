//! Long texts side by side, with the words that differ.

use askama::Template;

use crate::lines::{ChangeTag, word_changes};
use crate::view::Detail;
use crate::view::document::{Edit, Piece};

/// The lines of a long text before and after.
#[derive(Template)]
#[template(path = "texts.html")]
pub(super) struct Sides {
    added: usize,
    removed: usize,
    rows: Vec<Row>,
}

/// A line before, and the line after that stands beside it.
#[derive(Debug, PartialEq)]
enum Row {
    /// It stays.
    Same(String),
    /// Lines that stay are left out here.
    Gap,
    /// It changes, is removed or is added.
    Sides(Option<Vec<Word>>, Option<Vec<Word>>),
}

/// A part of a line.
#[derive(Debug, PartialEq)]
struct Word {
    text: String,
    differs: bool,
}

impl Sides {
    pub(super) fn of(all: &[Piece], detail: Detail) -> Self {
        let (added, removed) = Edit::tally(all);
        let lines = Detail { uncut: true, brief: false, counts: false, ..detail }.lines(all);
        let (mut rows, mut before, mut after) = (vec![], vec![], vec![]);
        for line in lines {
            match line {
                Some(Piece::Remove(text)) => before.push(text),
                Some(Piece::Add(text)) => after.push(text),
                Some(Piece::Keep(text)) => {
                    rows.extend(beside(&mut before, &mut after));
                    rows.push(Row::Same(text));
                }
                None => {
                    rows.extend(beside(&mut before, &mut after));
                    rows.push(Row::Gap);
                }
            }
        }
        rows.extend(beside(&mut before, &mut after));
        Self { added, removed, rows }
    }
}

/// Lines that were removed beside those that came in their place, as far as there are as many.
fn beside(before: &mut Vec<String>, after: &mut Vec<String>) -> Vec<Row> {
    let many = before.len().max(after.len());
    let (mut before, mut after) = (before.drain(..), after.drain(..));
    let row = |_| match (before.next(), after.next()) {
        (Some(before), Some(after)) => {
            let (before, after) = words(&before, &after);
            Row::Sides(Some(before), Some(after))
        }
        (before, after) => Row::Sides(before.map(whole), after.map(whole)),
    };
    (0..many).map(row).collect()
}

fn whole(text: String) -> Vec<Word> {
    vec![Word { text, differs: false }]
}

/// The words of two lines. Where the lines have too little in common, no word is marked: all of them differ.
fn words(before: &str, after: &str) -> (Vec<Word>, Vec<Word>) {
    let (mut left, mut right): (Vec<Word>, Vec<Word>) = (vec![], vec![]);
    let mut same = 0;
    for (tag, text) in word_changes(before, after) {
        let differs = tag != ChangeTag::Equal;
        same += if differs { 0 } else { text.trim().len() };
        let sides: &mut [&mut Vec<Word>] = match tag {
            ChangeTag::Delete => &mut [&mut left],
            ChangeTag::Insert => &mut [&mut right],
            ChangeTag::Equal => &mut [&mut left, &mut right],
        };
        for side in sides {
            match side.last_mut() {
                Some(last) if last.differs == differs => last.text.push_str(text),
                Some(_) | None => side.push(Word { text: text.to_owned(), differs }),
            }
        }
    }
    if same * 3 < before.len().min(after.len()) {
        return (whole(before.to_owned()), whole(after.to_owned()));
    }
    (left, right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(all: &[Word]) -> String {
        let word = |word: &Word| if word.differs { format!("[{}]", word.text) } else { word.text.clone() };
        all.iter().map(word).collect()
    }

    #[test]
    fn changed_words_are_marked_where_lines_are_alike() {
        let marked = |before, after| {
            let (before, after) = words(before, after);
            (told(&before), told(&after))
        };
        assert_eq!(
            marked("<p>Dear friend,</p>", "<p>Dear new friend!</p>"),
            ("<p>Dear friend[,]</p>".to_owned(), "<p>Dear [new ]friend[!]</p>".to_owned())
        );
        assert_eq!(marked("one thing", "quite another"), ("one thing".to_owned(), "quite another".to_owned()));
        assert_eq!(marked("", "x"), (String::new(), "[x]".to_owned()));
    }

    #[test]
    fn lines_stand_beside_those_that_come_in_their_place() {
        let all = [
            Piece::Remove("a b c d".to_owned()),
            Piece::Remove("e".to_owned()),
            Piece::Add("a b x d".to_owned()),
            Piece::Keep("f".to_owned()),
            Piece::Add("g".to_owned()),
        ];
        let Sides { added, removed, rows } = Sides::of(&all, Detail::default());
        assert_eq!((added, removed, rows.len()), (2, 2, 4));
        let Row::Sides(Some(before), Some(after)) = &rows[0] else { panic!("{rows:?}") };
        assert_eq!((told(before), told(after)), ("a b [c] d".to_owned(), "a b [x] d".to_owned()));
        assert!(matches!(&rows[1], Row::Sides(Some(_), None)) && matches!(&rows[3], Row::Sides(None, Some(_))));
        assert_eq!(rows[2], Row::Same("f".to_owned()));
    }
}
