//! The parts of a text that the formatter moves, and its comments; each with its bytes.

use granit_parser::{Event, Parser, ScalarStyle};

use super::super::limits;

/// A comment, without the spaces behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comment<'a> {
    pub(super) start: usize,
    pub(super) text: &'a str,
}

/// A value or a key.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) anchor: Option<String>,
    pub(super) shape: Shape,
}

#[derive(Debug)]
pub(super) enum Shape {
    Word { style: ScalarStyle, text: String },
    Alias,
    Block(Vec<Member>),
    Flow(Vec<Member>),
}

/// A member of a list or a map.
#[derive(Debug)]
pub(super) struct Member {
    /// Its first byte: its dash, if it has one, else its key or value.
    pub(super) start: usize,
    /// The key, in a map.
    pub(super) key: Option<Part>,
    pub(super) value: Part,
}

/// A document.
#[derive(Debug)]
pub(super) struct Document<'a> {
    /// The place of `---`, if there is one.
    pub(super) marker: Option<usize>,
    pub(super) root: Part,
    pub(super) comments: Vec<Comment<'a>>,
}

/// A list or map whose members are being read.
struct Open {
    start: usize,
    anchor: Option<String>,
    parts: Vec<Part>,
}

/// Splits a text into its parts; `None` where it cannot be read.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the parser may learn more events; each that is printed stands here"
)]
pub(super) fn parse(text: &str) -> Option<Document<'_>> {
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_comments: true,
        emit_anchor_events: true,
        flow_nesting_limit: limits::DEPTH,
        block_nesting_limit: limits::DEPTH,
    };
    let (mut comments, mut marker) = (vec![], None);
    // The root is the only part of the outermost level.
    let mut open = vec![Open { start: 0, anchor: None, parts: vec![] }];
    let mut just_opened = false;
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, place) = event.ok()?;
        let (start, end) = (place.start.byte_offset()?, place.end.byte_offset()?);
        let opens = matches!(event, Event::SequenceStart(..) | Event::MappingStart(..));
        let inner = open.last_mut()?;
        match event {
            Event::Comment(..) => {
                comments.push(Comment { start, text: text.get(start..end)?.trim_end() });
                continue;
            }
            Event::DocumentStart(true, _) => marker = Some(start),
            Event::Scalar(value, style, ..) => {
                let shape = Shape::Word { style, text: value.into_owned() };
                inner.parts.push(Part { start, end, anchor: None, shape });
            }
            Event::Alias(_) => inner.parts.push(Part { start, end, anchor: None, shape: Shape::Alias }),
            // An anchor directly precedes its value.
            Event::Anchor(_, name) => {
                let anchor = if just_opened { &mut inner.anchor } else { &mut inner.parts.last_mut()?.anchor };
                *anchor = Some(name.into_owned());
            }
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                open.push(Open { start, anchor: None, parts: vec![] });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let closed = open.pop()?;
                let part = closed.close(text, end, event == Event::MappingEnd);
                open.last_mut()?.parts.push(part);
            }
            _ => {}
        }
        just_opened = opens;
    }
    let root = open.pop()?.parts.pop()?;
    comments.sort_by_key(|comment: &Comment<'_>| comment.start);
    Some(Document { marker, root, comments })
}

impl Open {
    fn close(self, text: &str, end: usize, is_map: bool) -> Part {
        let Self { start, anchor, parts } = self;
        let flow = matches!(text.as_bytes().get(start), Some(b'[' | b'{'));
        let end = if flow { end } else { parts.last().map_or(start, |last| last.end) };
        let mut members: Vec<Member> = vec![];
        let mut parts = parts.into_iter();
        while let Some(first) = parts.next() {
            let second = if is_map { parts.next() } else { None };
            let before = members.last().map_or(start, |member| member.value.end);
            let mut member = match second {
                Some(value) => Member { start: first.start, key: Some(first), value },
                None if flow => Member { start: first.start, key: None, value: first },
                None => Member { start: mark(text, before, first.start, &['-']), key: None, value: first },
            };
            if matches!(member.value.shape, Shape::Word { style, .. } if is_block(style)) {
                // The parser has the start of its lines, but no place for an empty text.
                let before = member.key.as_ref().map_or(member.start + 1, |key| key.end);
                member.value.start = mark(text, before, member.value.start, &['|', '>']);
            }
            members.push(member);
        }
        let shape = if flow { Shape::Flow(members) } else { Shape::Block(members) };
        Part { start, end, anchor, shape }
    }
}

/// The first of these characters between two places, outside of comments and anchors; else the second place.
fn mark(text: &str, from: usize, to: usize, marks: &[char]) -> usize {
    let mut rest = text.get(from..to).unwrap_or_default();
    loop {
        rest = rest.trim_start_matches([' ', '\n', '\t', ':']);
        if rest.starts_with(marks) {
            return to - rest.len();
        }
        let end = match rest.chars().next() {
            Some('#') => '\n',
            Some('&') => ' ',
            _ => return to,
        };
        rest = rest.split_once(end).map_or("", |(_, rest)| rest);
    }
}

impl Part {
    /// The text of the part.
    pub(super) fn raw<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// Whether a text has lines of its own, below `|` or `>`.
pub(super) const fn is_block(style: ScalarStyle) -> bool {
    matches!(style, ScalarStyle::Literal | ScalarStyle::Folded)
}
