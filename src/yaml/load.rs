//! Builds nodes from parser events. One pass with a stack of its own, so that no input can overflow the call stack.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle};
use unicode_normalization::UnicodeNormalization as _;

use super::node::{Content, Entry, Key, Node, Style};
use super::{limits, refusals, scalar, syntax};
use crate::diag::codes::yaml as codes;
use crate::diag::{Diagnostic, Severity, SourceId, Span};

/// Builds the only document of a text; `invisible` has the places of its invisible characters.
pub(super) fn load(source: SourceId, text: &str, invisible: Vec<usize>) -> (Option<Node>, Vec<Diagnostic>) {
    let mut loader = Loader {
        source,
        text,
        invisible,
        found: vec![],
        open: vec![],
        anchors: BTreeMap::new(),
        total: Size::default(),
        documents: 0,
        root: None,
    };
    if loader.run().is_ok() {
        loader.finish();
    }
    let refused = loader.found.iter().any(|finding| finding.severity == Severity::Error);
    (loader.root.filter(|_| !refused), loader.found)
}

/// Stops reading: what follows would be guesswork, or enough errors are reported.
struct Stop;

struct Loader<'a> {
    source: SourceId,
    text: &'a str,
    invisible: Vec<usize>,
    found: Vec<Diagnostic>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Anchored>,
    total: Size,
    documents: usize,
    root: Option<Node>,
}

/// A list or map whose members are being read.
struct Open {
    start: usize,
    end: usize,
    anchor: usize,
    size: Size,
    members: Members,
}

enum Members {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, places: BTreeMap<String, Span>, key: Option<Key> },
}

/// The node of an anchor.
enum Anchored {
    /// Still being read.
    Unfinished,
    /// Complete, with the size of each copy.
    Whole(Node, Size),
}

/// The size of a node with everything in it.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    nodes: usize,
    bytes: usize,
    height: usize,
}

impl Size {
    const fn scalar(bytes: usize) -> Self {
        Self { nodes: 1, bytes, height: 0 }
    }

    const fn empty_collection() -> Self {
        Self { nodes: 1, bytes: 0, height: 1 }
    }

    fn add(&mut self, member: Self) {
        self.nodes += member.nodes;
        self.bytes += member.bytes;
        self.height = self.height.max(member.height + 1);
    }
}

impl<'a> Loader<'a> {
    fn run(&mut self) -> Result<(), Stop> {
        let options = granit_parser::options! {
            disallow_directives: true,
            emit_unresolved_aliases: true,
            emit_comments: false,
            flow_nesting_limit: limits::DEPTH,
            block_nesting_limit: limits::DEPTH,
        };
        for event in Parser::new_from_str_with_options(self.text, options) {
            match event {
                Ok((event, place)) => self.event(event, place)?,
                Err(error) => return self.fatal(syntax::explain(&error, self.source, self.text)),
            }
        }
        Ok(())
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the parser may learn more events; each that matters stands here"
    )]
    fn event(&mut self, event: Event<'_>, place: granit_parser::Span) -> Result<(), Stop> {
        let span = self.span(place);
        if let Some(tag) = place.tag_span().map(|tag| self.span(tag)) {
            self.refuse(refusals::tag(tag, self.slice(tag)))?;
        }
        match event {
            Event::DocumentStart(..) => self.document(span),
            Event::Scalar(text, style, anchor, _) => self.scalar(&text, style, anchor, span),
            Event::SequenceStart(_, anchor, _) => self.begin(Members::List(vec![]), anchor, span),
            Event::MappingStart(_, anchor, _) => {
                self.begin(Members::Map { entries: vec![], places: BTreeMap::new(), key: None }, anchor, span)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.end(span);
                Ok(())
            }
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::UnresolvedAlias(name) => self.unresolved(&name, span),
            _ => Ok(()),
        }
    }

    fn document(&mut self, span: Span) -> Result<(), Stop> {
        self.documents += 1;
        if self.documents == 1 { Ok(()) } else { self.fatal(refusals::second_document(span)) }
    }

    fn begin(&mut self, members: Members, anchor: usize, span: Span) -> Result<(), Stop> {
        if self.expects_key() {
            return self.fatal(refusals::complex_key(span));
        }
        if self.open.len() == limits::DEPTH {
            return self.fatal(refusals::too_deep(span));
        }
        let size = Size::empty_collection();
        self.spend(size, span)?;
        if anchor != 0 {
            self.anchors.insert(anchor, Anchored::Unfinished);
        }
        self.open.push(Open { start: span.start as usize, end: span.end as usize, anchor, size, members });
        Ok(())
    }

    fn end(&mut self, span: Span) {
        let Some(open) = self.open.pop() else { return };
        // A bracket ends a flow collection; a block has no end of its own but that of its last member.
        let bracket = matches!(self.slice(span), "]" | "}");
        let end = if bracket { span.end as usize } else { open.end };
        let content = match open.members {
            Members::List(items) => Content::List(items),
            Members::Map { entries, .. } => Content::Map(entries),
        };
        let node = Node { span: Span::new(self.source, open.start, end), content };
        self.keep(open.anchor, &node, open.size);
        self.place(node, open.size, end);
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, span: Span) -> Result<(), Stop> {
        let size = Size::scalar(text.len());
        self.spend(size, span)?;
        if text.len() > limits::TEXT_BYTES {
            self.refuse(refusals::too_long(span, text.len()))?;
        }
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        if let Some(tab) = refusals::tab_before(self.source, self.text, span.start as usize).filter(|_| !is_block) {
            self.refuse(tab)?;
        }
        if style == ScalarStyle::DoubleQuoted {
            for hidden in refusals::hidden_escapes(span, self.slice(span)) {
                self.refuse(hidden)?;
            }
        }
        let node = Node { span, content: self.content(text, style, span)? };
        self.keep(anchor, &node, size);
        if self.expects_key() {
            return self.key(&node, text, style, size);
        }
        self.place(node, size, span.end as usize);
        Ok(())
    }

    fn content(&mut self, text: &str, style: ScalarStyle, span: Span) -> Result<Content, Stop> {
        let style = match style {
            // The parser reports `~` for an empty value.
            ScalarStyle::Plain if span.start == span.end => return Ok(Content::Null { written: false }),
            ScalarStyle::Plain => match scalar::resolve(text) {
                Ok(content) => return Ok(content),
                Err(unclear) => {
                    let (message, hint) = unclear.says();
                    self.refuse(Diagnostic::error(codes::NUMBER, span, message).hint(hint))?;
                    Style::Plain
                }
            },
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        };
        Ok(Content::Text { text: text.to_owned(), style })
    }

    fn key(&mut self, node: &Node, text: &str, style: ScalarStyle, size: Size) -> Result<(), Stop> {
        let span = node.span;
        // Nearly every key is ASCII, which normalizing would only copy.
        let name: String = if text.is_ascii() { text.to_owned() } else { text.nfc().collect() };
        if let Some(refusal) = refusals::key(node, &name, style) {
            self.refuse(refusal)?;
        }
        self.check_key_is_seen(span)?;
        let Some(Open { members: Members::Map { places, key, .. }, size: whole, end, .. }) = self.open.last_mut()
        else {
            return Ok(());
        };
        whole.add(size);
        *end = span.end as usize;
        *key = Some(Key { name: name.clone(), span });
        match places.insert(name.clone(), span) {
            Some(first) => self.refuse(refusals::duplicate_key(span, first, &name)),
            None => Ok(()),
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Stop> {
        if self.expects_key() {
            return self.fatal(refusals::alias_as_key(span));
        }
        let size = match self.anchors.get(&anchor) {
            Some(Anchored::Whole(_, size)) => *size,
            Some(Anchored::Unfinished) => {
                self.refuse(refusals::alias_in_itself(span, self.slice(span)))?;
                return self.nothing(span);
            }
            None => return self.nothing(span),
        };
        if self.open.len() + size.height > limits::DEPTH {
            return self.fatal(refusals::too_deep(span));
        }
        self.spend(size, span)?;
        if let Some(Anchored::Whole(node, _)) = self.anchors.get(&anchor) {
            let copy = node.clone();
            self.place(copy, size, span.end as usize);
        }
        Ok(())
    }

    fn unresolved(&mut self, name: &str, span: Span) -> Result<(), Stop> {
        if self.expects_key() {
            return self.fatal(refusals::alias_as_key(span));
        }
        self.refuse(refusals::unknown_anchor(span, name))?;
        self.nothing(span)
    }

    /// Puts a null in the place of a refused value.
    fn nothing(&mut self, span: Span) -> Result<(), Stop> {
        let size = Size::scalar(0);
        self.spend(size, span)?;
        self.place(Node { span, content: Content::Null { written: true } }, size, span.end as usize);
        Ok(())
    }

    /// Puts a finished value into its parent.
    fn place(&mut self, mut node: Node, size: Size, end: usize) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        open.size.add(size);
        let written = node.content != (Content::Null { written: false });
        match &mut open.members {
            Members::List(items) => items.push(node),
            Members::Map { entries, key, .. } => {
                let Some(key) = key.take() else { return };
                if !written {
                    node.span = key.span;
                }
                entries.push(Entry { key, value: node });
            }
        }
        if written {
            open.end = open.end.max(end);
        }
    }

    fn keep(&mut self, anchor: usize, node: &Node, size: Size) {
        if anchor != 0 {
            self.anchors.insert(anchor, Anchored::Whole(node.clone(), size));
        }
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { members: Members::Map { key: None, .. }, .. }))
    }

    /// Takes a value's size from the budget.
    fn spend(&mut self, size: Size, span: Span) -> Result<(), Stop> {
        self.total.add(size);
        if self.total.nodes <= limits::NODES && self.total.bytes <= limits::EXPANDED_BYTES {
            return Ok(());
        }
        self.fatal(refusals::over_budget(span, self.total.nodes))
    }

    fn check_key_is_seen(&mut self, span: Span) -> Result<(), Stop> {
        let first = self.invisible.partition_point(|&at| at < span.start as usize);
        let last = self.invisible.partition_point(|&at| at < span.end as usize);
        let inside = self.invisible.drain(first..last).next();
        let Some(at) = inside else { return Ok(()) };
        let (place, character) = self.character(at);
        self.refuse(refusals::invisible_in_key(place, character))
    }

    /// Reports what is known only at the end.
    fn finish(&mut self) {
        if self.root.as_ref().is_none_or(|root| matches!(root.content, Content::Null { .. })) {
            let span = self.root.as_ref().map_or(Span::new(self.source, 0, 0), |root| root.span);
            self.found.push(refusals::says_nothing(span));
        }
        let told = self.invisible.len().min(limits::INVISIBLE_WARNINGS);
        let more = self.invisible.len() - told;
        for (index, at) in self.invisible.iter().take(told).enumerate() {
            let (place, character) = self.character(*at);
            let warning = refusals::invisible(place, character);
            let last = index + 1 == told && more > 0;
            self.found.push(if last { warning.hint(format!("The file holds {more} more.")) } else { warning });
        }
    }

    fn character(&self, at: usize) -> (Span, char) {
        let character = self.text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or_default();
        (Span::new(self.source, at, at + character.len_utf8()), character)
    }

    /// Adds an error and goes on, unless there are enough.
    fn refuse(&mut self, error: Diagnostic) -> Result<(), Stop> {
        self.found.push(error);
        if self.found.len() < limits::ERRORS { Ok(()) } else { Err(Stop) }
    }

    /// Adds an error after which reading makes no sense.
    fn fatal(&mut self, error: Diagnostic) -> Result<(), Stop> {
        self.found.push(error);
        Err(Stop)
    }

    fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    fn span(&self, place: granit_parser::Span) -> Span {
        syntax::span(self.source, self.text, place)
    }
}
