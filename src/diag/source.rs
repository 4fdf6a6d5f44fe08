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
    /// What no excerpt shows, in order.
    hidden: Vec<Span>,
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

/// A place for people: both from 1, columns in characters.
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

    /// Takes in a text and says how to refer to it.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        let id = SourceId(u32::try_from(self.files.len()).expect("a run reads at most 2,000 files"));
        let text = text.into();
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        self.files.push(Source { path: path.into(), text, line_starts, hidden: vec![] });
        id
    }

    /// Keeps places of a text from being shown; in order.
    pub fn hide(&mut self, id: SourceId, places: Vec<Span>) {
        self.files[id.0 as usize].hidden = places;
    }

    /// What is hidden on the lines that a place is on.
    pub fn hidden_on_lines_of(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        let source = self.get(span.source);
        let end = (span.end as usize).max(span.start as usize + 1);
        let start = (span.start as usize).min(source.text.len());
        let first = source.text.as_bytes().get(..start).unwrap_or_default().iter().rposition(|byte| *byte == b'\n');
        let last = source.text.as_bytes().get(end - 1..).unwrap_or_default().iter().position(|byte| *byte == b'\n');
        let (first, last) = (first.map_or(0, |at| at + 1), last.map_or(source.text.len(), |at| end - 1 + at));
        source.hidden.iter().copied().filter(move |it| (it.start as usize) < last && first < it.end as usize)
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

    /// The bytes of a span.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        let text = &self.get(span.source).text;
        text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Line and column where a span starts.
    #[must_use]
    pub fn position(&self, span: Span) -> Position {
        let source = self.get(span.source);
        let start = span.start as usize;
        let line = source.line_starts.partition_point(|&at| at <= start).max(1);
        let before = source.text.get(source.line_starts[line - 1]..start).unwrap_or_default();
        Position { line, column: before.chars().count() + 1 }
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
