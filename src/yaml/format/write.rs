//! Parts and comments, written anew.

use granit_parser::ScalarStyle;

use super::WIDTH;
use super::tree::{Comment, Document, Part, Shape};
use super::words::written;

/// The document as it should be; nothing where a part of it is in a form that is not understood.
pub(super) fn write(text: &str, document: &Document<'_>) -> Option<String> {
    let mut writer = Writer { text, comments: &document.comments, out: String::new() };
    if let Some(marker) = document.marker {
        writer.comments_before(marker, 0);
        writer.line(marker, 0, "---");
        writer.trailing(marker + 3);
    }
    match &document.root.shape {
        _ if document.root.is_block(text) => writer.block(&document.root, 0, text.len(), Start::Line)?,
        _ => {
            writer.comments_before(document.root.start, 0);
            writer.gap(document.root.start);
            writer.value(&document.root, 0)?;
            writer.trailing(document.root.end);
        }
    }
    writer.comments_before(text.len(), 0);
    Some(writer.out + "\n")
}

/// Where the first member of a block goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    /// On a line of its own.
    Line,
    /// Behind the dash that is written already.
    Dash,
}

struct Writer<'a> {
    text: &'a str,
    /// Those that are not written yet.
    comments: &'a [Comment<'a>],
    out: String,
}

impl Writer<'_> {
    /// Members below each other; those comments behind the last that stand as far in as they do are theirs.
    fn block(&mut self, part: &Part, indent: usize, end: usize, start: Start) -> Option<()> {
        let mut starts = vec![];
        let mut begin = |writer: &mut Self, at: usize| {
            if starts.is_empty() && start == Start::Dash && !writer.has_comment_before(at) {
                starts.push(at);
                return;
            }
            writer.comments_before(at, indent);
            writer.line(at, indent, "");
            starts.push(at);
        };
        let flow = part.is_flow(self.text);
        match &part.shape {
            Shape::Map(entries) => {
                for (index, (key, value)) in entries.iter().enumerate() {
                    begin(self, key.start);
                    let next = entries.get(index + 1).map_or(end, |(next, _)| next.start);
                    self.entry(key, value, indent, next)?;
                }
            }
            Shape::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    let dash = if flow { item.start } else { self.dash(item.start)? };
                    begin(self, dash);
                    let next = items.get(index + 1).map_or(end, |next| next.start);
                    self.out.push('-');
                    self.item(item, dash, indent, next)?;
                }
            }
            Shape::Word { .. } | Shape::Alias => return None,
        }
        let column = self.column(*starts.first()?);
        while let Some(comment) = self.comments.first().filter(|it| it.start < end && !flow) {
            if self.column(comment.start) < column || self.column(comment.start) == 0 && indent > 0 {
                break;
            }
            self.comments_before(comment.start + 1, indent);
        }
        if flow {
            self.comments_before(part.end, indent);
        }
        Some(())
    }

    fn entry(&mut self, key: &Part, value: &Part, indent: usize, end: usize) -> Option<()> {
        self.word(key, indent, false)?;
        self.out.push(':');
        self.anchor(value);
        if value.is_block(self.text) || self.is_wide(value, indent) {
            self.trailing(self.before(value, key.end));
            return self.block(value, indent + 2, end.min(self.end_of(value, end)), Start::Line);
        }
        if value.start == value.end && value.anchor.is_none() {
            self.trailing(key.end + 1);
            return Some(());
        }
        if self.has_comment_before(value.start) {
            self.trailing(key.end + 1);
            self.comments_before(value.start, indent + 2);
            self.line(value.start, indent + 2, "");
        } else {
            self.out.push(' ');
        }
        self.value(value, indent)?;
        self.trailing(value.end);
        Some(())
    }

    fn item(&mut self, item: &Part, dash: usize, indent: usize, end: usize) -> Option<()> {
        self.anchor(item);
        if item.is_block(self.text) || self.is_wide(item, indent) {
            let inline = item.anchor.is_none() && !self.has_comment_before(item.start);
            if inline {
                self.out.push(' ');
                return self.block(item, indent + 2, end, Start::Dash);
            }
            self.trailing(dash + 1);
            return self.block(item, indent + 2, end, Start::Line);
        }
        if item.start == item.end && item.anchor.is_none() {
            self.trailing(dash + 1);
            return Some(());
        }
        if self.has_comment_before(item.start) {
            self.trailing(dash + 1);
            self.comments_before(item.start, indent + 2);
            self.line(item.start, indent + 2, "");
        } else {
            self.out.push(' ');
        }
        self.value(item, indent)?;
        self.trailing(item.end);
        Some(())
    }

    /// A value that begins in the line that is being written.
    fn value(&mut self, value: &Part, indent: usize) -> Option<()> {
        match &value.shape {
            Shape::List(_) | Shape::Map(_) => {
                let inline = self.inline(value)?;
                self.out.push_str(&inline);
                Some(())
            }
            Shape::Word { .. } | Shape::Alias => self.word(value, indent, false),
        }
    }

    fn word(&mut self, part: &Part, indent: usize, flow: bool) -> Option<()> {
        let raw = self.text.get(part.start..part.end)?;
        match &part.shape {
            Shape::Word { style: ScalarStyle::Literal | ScalarStyle::Folded, .. } => return self.long(part, indent),
            Shape::Word { text, style } if !raw.contains('\n') => self.out.push_str(&written(raw, text, *style, flow)),
            // Line breaks within quotes or a plain text mean a space, however far in the next line begins.
            Shape::Word { .. } => {
                let mut lines = raw.lines().map(str::trim);
                self.out.push_str(lines.next()?);
                for line in lines {
                    self.out.push('\n');
                    if !line.is_empty() {
                        self.out.push_str(&" ".repeat(indent + 2));
                        self.out.push_str(line);
                    }
                }
            }
            Shape::Alias => self.out.push_str(raw.trim_end()),
            Shape::List(_) | Shape::Map(_) => return None,
        }
        Some(())
    }

    /// A text of several lines, each moved as far as the first.
    fn long(&mut self, part: &Part, indent: usize) -> Option<()> {
        let raw = self.text.get(part.start..part.end)?;
        let (head, body) = raw.split_once('\n').unwrap_or((raw, ""));
        let head = head.split(['#', ' ', '\r']).next()?;
        // With an indicator of its own the first line does not tell how far in the text stands.
        if head.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.out.push_str(head);
        let eol = part.start + raw.find('\n').unwrap_or(raw.len());
        if self.comments.first().is_some_and(|comment| comment.start < eol) {
            self.trailing(part.start + head.len());
        }
        let lines: Vec<&str> = body.lines().collect();
        let first = lines.iter().find(|line| !line.trim().is_empty());
        let depth = first.map_or(0, |line| line.len() - line.trim_start_matches(' ').len());
        let kept = if head.contains('+') {
            lines.len()
        } else {
            lines.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |last| last + 1)
        };
        for line in lines.iter().take(kept) {
            self.out.push('\n');
            let line = line.get(depth.min(line.len())..)?;
            if !line.is_empty() {
                self.out.push_str(&" ".repeat(indent + 2));
                self.out.push_str(line);
            }
        }
        Some(())
    }

    /// In one line, as in brackets.
    fn inline(&self, part: &Part) -> Option<String> {
        let raw = self.text.get(part.start..part.end)?;
        let mut out = String::new();
        if let Some(anchor) = &part.anchor {
            out.push_str(&format!("&{anchor} "));
        }
        match &part.shape {
            Shape::List(_) | Shape::Map(_) if !part.is_flow(self.text) => out.push_str(raw),
            Shape::List(items) => {
                let items: Option<Vec<_>> = items.iter().map(|item| self.inline(item)).collect();
                out.push_str(&format!("[{}]", items?.join(", ")));
            }
            Shape::Map(entries) => {
                let entries: Option<Vec<_>> = entries
                    .iter()
                    .map(|(key, value)| {
                        let key = self.inline(key)?;
                        let value = self.inline(value)?;
                        Some(if value.is_empty() { format!("{key}:") } else { format!("{key}: {value}") })
                    })
                    .collect();
                out.push_str(&format!("{{{}}}", entries?.join(", ")));
            }
            Shape::Word { style, text } => out.push_str(&written(raw, text, *style, true)),
            Shape::Alias => out.push_str(raw.trim_end()),
        }
        Some(out)
    }

    /// Whether a collection in brackets is too long for its line.
    fn is_wide(&self, part: &Part, indent: usize) -> bool {
        if !part.is_flow(self.text) || part.is_empty() {
            return false;
        }
        let line = self.out.rsplit('\n').next().unwrap_or_default().chars().count().max(indent);
        self.inline(part).is_some_and(|inline| line + 1 + inline.chars().count() > WIDTH)
    }

    fn anchor(&mut self, part: &Part) {
        if let Some(anchor) = &part.anchor
            && (part.is_block(self.text) || matches!(part.shape, Shape::Word { .. }))
        {
            self.out.push_str(&format!(" &{anchor}"));
        }
    }

    /// Begins a line; an empty one before it stays, unless it is the first of all or of a block.
    fn line(&mut self, at: usize, indent: usize, begins: &str) {
        self.gap(at);
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out.push_str(&" ".repeat(indent));
        self.out.push_str(begins);
    }

    fn gap(&mut self, at: usize) {
        let before = self.text.get(..at).unwrap_or_default();
        let mut lines = before.rsplit('\n').skip(1);
        // A long text that keeps the empty lines behind it has written them.
        let opens = self.out.ends_with([':', '-', '\n']);
        if !self.out.is_empty() && !opens && lines.next().is_some_and(|line| line.trim().is_empty()) {
            self.out.push('\n');
        }
    }

    fn has_comment_before(&self, at: usize) -> bool {
        self.comments.first().is_some_and(|comment| comment.start < at)
    }

    /// Writes the comments up to a place, each on a line of its own.
    fn comments_before(&mut self, at: usize, indent: usize) {
        while let Some((comment, rest)) = self.comments.split_first().filter(|(comment, _)| comment.start < at) {
            self.line(comment.start, indent, comment.text);
            self.comments = rest;
        }
    }

    /// Writes the comment that stands behind something in its line, in its column where that is free.
    fn trailing(&mut self, end: usize) {
        let Some((comment, rest)) = self.comments.split_first() else { return };
        let between = self.text.get(end.min(comment.start)..comment.start).unwrap_or("\n");
        if between.contains('\n') {
            return;
        }
        let line = self.out.rsplit('\n').next().unwrap_or_default().chars().count();
        let column = self.column(comment.start).max(line + 2);
        self.out.push_str(&" ".repeat(column - line));
        self.out.push_str(comment.text);
        self.comments = rest;
    }

    /// How far in something stands, in characters.
    fn column(&self, at: usize) -> usize {
        self.text.get(..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default().chars().count()
    }

    /// The last place in the line of a key before its block begins.
    fn before(&self, value: &Part, key_end: usize) -> usize {
        let line = self.text.get(key_end..).and_then(|rest| rest.find('\n')).map_or(self.text.len(), |at| key_end + at);
        if value.is_flow(self.text) && value.start < line { value.start + 1 } else { key_end }
    }

    /// Where what belongs to a value ends: brackets close, a block goes on to what is next.
    fn end_of(&self, value: &Part, next: usize) -> usize {
        if value.is_flow(self.text) { value.end } else { next }
    }

    /// The dash of an item, which is the only thing before it that is neither space nor comment.
    fn dash(&self, item: usize) -> Option<usize> {
        let mut at = item;
        loop {
            at = self.text.get(..at)?.rfind('-')?;
            let in_comment = self.comments.iter().any(|it| it.start <= at && at < it.start + it.text.len());
            if !in_comment {
                return Some(at);
            }
        }
    }
}
