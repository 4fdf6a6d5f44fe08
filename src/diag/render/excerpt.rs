//! Lines of a source as they may be shown: escaped, long ones cut around the place, concealed places masked.

use super::escape::{is_inner_command, is_unsafe, push_escaped};
use crate::diag::redact::MASK;
use crate::diag::{SourceId, Sources, Span};

/// Characters of a line that are shown before the place.
const BEFORE: usize = 60;
/// Characters of a line that are shown from the place on.
const AFTER: usize = 140;

/// Some lines that follow each other.
pub(super) struct Excerpt {
    /// The lines.
    pub(super) text: String,
    /// The number of the first.
    pub(super) first_line: usize,
    /// Whether the lines are shown exactly as they are in the source.
    pub(super) faithful: bool,
    /// Bytes of the source and the bytes of the excerpt that they became, in order.
    places: Vec<(usize, usize)>,
}

impl Excerpt {
    /// The lines from that of `first` to that of `last`, cut so that `focus` (sorted) stay in sight.
    pub(super) fn new(sources: &Sources, first: Span, last: usize, focus: &[usize], concealed: &[Span]) -> Self {
        let text = &*sources.get(first.source).text;
        let start = line_start(text, first.start as usize);
        let end = line_end(text, last);
        let mut excerpt =
            Self { text: String::new(), first_line: sources.position(first).line, faithful: true, places: vec![] };
        let lines = Span::new(first.source, start, end);
        let concealed: Vec<Span> = concealed.iter().copied().chain(sources.hidden_on_lines_of(lines)).collect();
        let mut at = start;
        loop {
            let stop = line_end(text, at);
            let wanted = focus.iter().copied().find(|place| (at..=stop).contains(place)).unwrap_or(at);
            excerpt.line(text, at, stop, wanted, first.source, &concealed);
            if stop >= end {
                break;
            }
            excerpt.text.push('\n');
            at = stop + 1;
        }
        excerpt
    }

    fn line(&mut self, text: &str, start: usize, end: usize, focus: usize, source: SourceId, concealed: &[Span]) {
        let line = text.get(start..end).unwrap_or_default();
        let visible = line.strip_suffix('\r').unwrap_or(line);
        let (from, to) = window(visible, focus.saturating_sub(start));
        if from > 0 {
            self.text.push('…');
        }
        self.faithful &= from == 0 && to == visible.len();
        // A line may have too many hidden places to look through for each character.
        let shown = start + from..start + to;
        let meets = |span: &&Span| {
            span.source == source && (span.start as usize) < shown.end && shown.start < span.end as usize
        };
        let concealed: Vec<&Span> = concealed.iter().filter(meets).collect();
        let mut masked = None;
        for (offset, character) in visible.get(from..to).unwrap_or_default().char_indices() {
            let at = start + from + offset;
            let mask = concealed.iter().copied().find(|span| covers(span, at));
            self.places.push((at, self.text.len()));
            match mask {
                Some(mask) if masked == Some(mask) => {}
                Some(mask) => {
                    masked = Some(mask);
                    self.faithful = false;
                    self.text.push_str(MASK);
                }
                None if is_unsafe(character) && character != '\t' => push_escaped(&mut self.text, character),
                None if visible.get(from + offset..).is_some_and(|rest| is_inner_command(&self.text, rest)) => {
                    push_escaped(&mut self.text, character);
                }
                None => self.text.push(character),
            }
        }
        self.places.push((start + to, self.text.len()));
        if to < visible.len() {
            self.text.push('…');
        }
    }

    /// Where some bytes of the source are in the excerpt.
    pub(super) fn range(&self, start: usize, end: usize) -> std::ops::Range<usize> {
        let start = self.place(start);
        start..self.place(end).max(start)
    }

    /// Where a byte of the source is in the excerpt; the nearest place if it is not shown.
    fn place(&self, at: usize) -> usize {
        let next = self.places.partition_point(|(original, _)| *original < at);
        self.places.get(next).or(self.places.last()).map_or(0, |(_, shown)| *shown)
    }
}

/// The end of the line that byte `at` is in, without its line feed.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |newline| at + newline)
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

fn covers(span: &Span, at: usize) -> bool {
    (span.start as usize..span.end as usize).contains(&at)
}

/// The bytes of a line that are shown.
fn window(line: &str, focus: usize) -> (usize, usize) {
    let (before, after) = (line.get(..focus).unwrap_or(line), line.get(focus..).unwrap_or_default());
    let from = before.char_indices().rev().nth(BEFORE).map_or(0, |(at, character)| at + character.len_utf8());
    // A short beginning leaves more room for the end.
    let room = AFTER + BEFORE - before.get(from..).unwrap_or_default().chars().count();
    let to = after.char_indices().nth(room).map_or(line.len(), |(at, _)| focus + at);
    (from, to)
}
