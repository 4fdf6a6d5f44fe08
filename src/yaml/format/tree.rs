//! The parts of a text that a formatter moves, and its comments; each knows its bytes.

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
    List(Vec<Part>),
    Map(Vec<(Part, Part)>),
}

/// A document.
#[derive(Debug)]
pub(super) struct Document<'a> {
    /// Where `---` stands, if it does.
    pub(super) marker: Option<usize>,
    pub(super) root: Part,
    pub(super) comments: Vec<Comment<'a>>,
}

/// Takes a text apart that was read before; nothing where it is not understood.
pub(super) fn parse(text: &str) -> Option<Document<'_>> {
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_comments: true,
        emit_anchor_events: true,
        flow_nesting_limit: limits::DEPTH,
        block_nesting_limit: limits::DEPTH,
    };
    let mut comments = vec![];
    let mut marker = None;
    // Collections that are open, each with its members so far; the root is the member of the last one.
    let mut open: Vec<Vec<Part>> = vec![vec![]];
    let mut starts = vec![];
    let mut anchored: Vec<Option<String>> = vec![];
    let mut last_opened = false;
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, place) = event.ok()?;
        let (start, end) = (place.start.byte_offset()?, place.end.byte_offset()?);
        match event {
            Event::Comment(..) => comments.push(Comment { start, text: text.get(start..end)?.trim_end() }),
            Event::DocumentStart(true, _) => marker = Some(start),
            Event::Scalar(value, style, ..) => {
                let long = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                let (start, end) = if long { whole(text, start, end, &comments)? } else { (start, end) };
                let shape = Shape::Word { style, text: value.into_owned() };
                open.last_mut()?.push(Part { start, end, anchor: None, shape });
                last_opened = false;
            }
            Event::Alias(_) => {
                open.last_mut()?.push(Part { start, end, anchor: None, shape: Shape::Alias });
                last_opened = false;
            }
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                open.push(vec![]);
                starts.push(start);
                anchored.push(None);
                last_opened = true;
            }
            Event::Anchor(_, name) => {
                let anchor = if last_opened { anchored.last_mut()? } else { &mut open.last_mut()?.last_mut()?.anchor };
                *anchor = Some(name.into_owned());
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let (members, start, anchor) = (open.pop()?, starts.pop()?, anchored.pop()?);
                let flow = text.get(start..start + 1).is_some_and(|first| first == "[" || first == "{");
                let end = if flow { end } else { members.last().map_or(start, |last| last.end) };
                let shape = match event {
                    Event::SequenceEnd => Shape::List(members),
                    _ => Shape::Map(pairs(members)),
                };
                open.last_mut()?.push(Part { start, end, anchor, shape });
                last_opened = false;
            }
            _ => {}
        }
    }
    let root = open.pop()?.pop()?;
    comments.sort_by_key(|comment: &Comment<'_>| comment.start);
    Some(Document { marker, root, comments })
}

/// A long text from its `|` or `>` to the end of its last line; the parser tells where its lines begin, and where the next
/// part does.
fn whole(text: &str, lines: usize, next: usize, comments: &[Comment<'_>]) -> Option<(usize, usize)> {
    let mut start = lines;
    loop {
        start = text.get(..start)?.rfind(['|', '>'])?;
        if !comments.iter().any(|it| it.start <= start && start < it.start + it.text.len()) {
            break;
        }
    }
    let (before, indentation) = text.get(..next)?.rsplit_once('\n').unwrap_or((text.get(..next)?, "-"));
    Some((start, if indentation.trim().is_empty() { before.len() } else { next }))
}

fn pairs(members: Vec<Part>) -> Vec<(Part, Part)> {
    let mut pairs = vec![];
    let mut members = members.into_iter();
    while let (Some(key), Some(value)) = (members.next(), members.next()) {
        pairs.push((key, value));
    }
    pairs
}

impl Part {
    /// Whether it has no members.
    pub(super) fn is_empty(&self) -> bool {
        match &self.shape {
            Shape::List(items) => items.is_empty(),
            Shape::Map(entries) => entries.is_empty(),
            Shape::Word { .. } | Shape::Alias => true,
        }
    }

    /// Whether it stands in brackets or braces.
    pub(super) fn is_flow(&self, text: &str) -> bool {
        let collection = matches!(self.shape, Shape::List(_) | Shape::Map(_));
        collection && matches!(text.as_bytes().get(self.start), Some(b'[' | b'{'))
    }

    /// Whether it is written in members below each other: in a block, or in brackets over several lines.
    pub(super) fn is_block(&self, text: &str) -> bool {
        !self.is_empty()
            && (!self.is_flow(text) || text.get(self.start..self.end).is_some_and(|raw| raw.contains('\n')))
    }
}
