//! The texts that were read, and places in them.

use std::sync::Arc;

/// A file that was read: its path as people see it (relative to the root, with `/`) and its text.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path as it is printed.
    pub path: String,
    /// The whole text.
    pub text: Arc<str>,
    line_starts: Vec<usize>,
    /// Places that no excerpt shows, in order.
    hidden: Vec<Span>,
    /// How many characters there are before each [`STEP`]-th byte, because a line may be as long as a file and have many
    /// findings.
    characters: Vec<usize>,
}

/// The most bytes that are counted for one column.
const STEP: usize = 1024;

impl Source {
    fn new(path: String, text: Arc<str>) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut before = 0;
        let step = |bytes: &[u8]| {
            let here = before;
            before += characters(bytes);
            here
        };
        let characters = text.as_bytes().chunks(STEP).map(step).collect();
        Self { path, text, line_starts, hidden: vec![], characters }
    }

    /// How many characters there are before a byte.
    fn before(&self, at: usize) -> usize {
        let step = at / STEP;
        let rest = self.text.as_bytes().get(step * STEP..at).unwrap_or_default();
        match self.characters.get(step) {
            Some(before) => before + characters(rest),
            // The end of a text that fills its last step exactly.
            None => characters(self.text.as_bytes()),
        }
    }
}

/// The characters that begin in these bytes.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

/// Which [`Source`] of [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// A range of bytes in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The source that the bytes are in.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A place as people read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// All texts of one run, in the order in which they were read.
#[derive(Debug, Default, Clone)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// No texts yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text and returns its id.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        let id = SourceId(u32::try_from(self.files.len()).expect("a run reads at most 2,000 files"));
        self.files.push(Source::new(path.into(), text.into()));
        id
    }

    /// Keeps places of a text from being shown; in order.
    pub fn hide(&mut self, id: SourceId, places: Vec<Span>) {
        self.files[id.0 as usize].hidden = places;
    }

    /// What is hidden on the lines that a place is on.
    pub fn hidden_on_lines_of(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        let source = self.get(span.source);
        let end = span.end.max(span.start.saturating_add(1)) as usize;
        // Found by lines and not by bytes: a line may be as long as a file, and have as many findings.
        let after = source.line_starts.partition_point(|at| *at <= span.start as usize);
        let first = after.checked_sub(1).map_or(0, |line| source.line_starts[line]);
        let next = source.line_starts.partition_point(|at| *at < end);
        let last = source.line_starts.get(next).map_or(source.text.len(), |at| at - 1);
        let stop = source.hidden.partition_point(|it| (it.start as usize) < last);
        let hidden = source.hidden.get(..stop).unwrap_or_default();
        hidden.iter().copied().filter(move |it| first < it.end as usize)
    }

    /// All texts, in the order in which they were taken in.
    pub fn ids(&self) -> impl Iterator<Item = SourceId> {
        (0..).map(SourceId).take(self.files.len())
    }

    /// The text behind an id.
    #[must_use]
    pub fn get(&self, id: SourceId) -> &Source {
        &self.files[id.0 as usize]
    }

    /// The bytes of a span: whole characters.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        let text = &self.get(span.source).text;
        let (start, end) = (text.floor_char_boundary(span.start as usize), text.ceil_char_boundary(span.end as usize));
        text.get(start..end).unwrap_or_default()
    }

    /// Line and column where a span starts. Columns are counted here and nowhere else: in characters (code points), from 1, as
    /// SARIF's `unicodeCodePoints`; JSON, annotations, text and saved records take them from here.
    #[must_use]
    pub fn position(&self, span: Span) -> Position {
        let text = &self.get(span.source).text;
        self.at(span.source, text.floor_char_boundary(span.start as usize))
    }

    /// Line and column just behind a span. A character in which the span ends counts as part of it.
    #[must_use]
    pub fn end(&self, span: Span) -> Position {
        let text = &self.get(span.source).text;
        self.at(span.source, text.ceil_char_boundary(span.end as usize))
    }

    fn at(&self, source: SourceId, start: usize) -> Position {
        let source = self.get(source);
        let line = source.line_starts.partition_point(|&at| at <= start).max(1);
        Position { line, column: source.before(start) - source.before(source.line_starts[line - 1]) + 1 }
    }

    /// `path:line:column` where a span starts.
    #[must_use]
    pub fn locate(&self, span: Span) -> String {
        let Position { line, column } = self.position(span);
        format!("{}:{line}:{column}", self.get(span.source).path)
    }
}

impl Span {
    /// A span of `source` from byte `start` up to, without, byte `end`.
    #[must_use]
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { source, start: clamp(start), end: clamp(end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_never_begin_within_one() {
        let mut sources = Sources::new();
        let id = sources.add("a.yaml", "日本: é\n\u{1f600}x\n");
        let at = |start, end| {
            let span = Span::new(id, start, end);
            let (start, end) = (sources.position(span), sources.end(span));
            ((start.line, start.column), (end.line, end.column))
        };
        assert_eq!(at(0, 6), ((1, 1), (1, 3)));
        assert_eq!(at(0, 1), ((1, 1), (1, 2)), "a byte of a character is that character");
        assert_eq!(at(4, 5), ((1, 2), (1, 3)));
        assert_eq!(at(8, 10), ((1, 5), (1, 6)));
        assert_eq!(at(11, 15), ((2, 1), (2, 2)));
        assert_eq!(at(16, 99), ((2, 3), (3, 1)), "and the end is the end of the text");
        assert_eq!(sources.slice(Span::new(id, 0, 1)), "日");
        let long = sources.add("b.yaml", "é\n".repeat(700) + &"é".repeat(5000));
        for characters in [0, 1, 511, 512, 513, 1024, 4999, 5000] {
            let span = Span::new(long, 0, 2100 + 2 * characters);
            let Position { line, column } = sources.end(span);
            assert_eq!((line, column), (701, characters + 1));
        }
    }
}
