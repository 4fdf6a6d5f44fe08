//! Events to nodes: one loop with its own stack, within budgets.

use std::collections::BTreeMap;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span as Range};
use unicode_normalization::UnicodeNormalization as _;

use super::node::{Content, Entry, Key, Node, Style};
use super::scalar::resolve;
use super::screen::screen;
use super::{DEEPEST, LONGEST_TEXT, MOST_NODES};
use crate::diag::codes::yaml as codes;
use crate::diag::render::is_deceptive;
use crate::diag::{Diagnostic, Diagnostics, SourceId, Sources, Span};

/// Reads a file. Gives nothing where it cannot be read at all; then there is an error in `out`.
pub fn read(sources: &Sources, id: SourceId, out: &mut Diagnostics) -> Option<Node> {
    if !screen(sources, id, out) {
        return None;
    }
    let text = &*sources.get(id).text;
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_comments: false,
        // One more than ours, so that it is our loader that finds the level that is too deep.
        flow_nesting_limit: DEEPEST + 1,
        block_nesting_limit: DEEPEST + 1,
    };
    let mut loader =
        Loader { text, id, out, stack: vec![], anchors: BTreeMap::new(), nodes: 0, root: None, documents: 0 };
    for event in Parser::new_from_str_with_options(text, options) {
        let taken = match event {
            Ok((event, range)) => loader.take(event, range),
            Err(error) => Err(Box::new(loader.syntax(&error))),
        };
        if let Err(finding) = taken {
            loader.out.push(*finding);
            return None;
        }
    }
    let root = loader.root.filter(|root| !matches!(root.content, Content::Null { .. }));
    if root.is_none() {
        let finding = Diagnostic::error(codes::EMPTY_FILE, Span::new(id, 0, 0), "the file says nothing");
        out.push(finding.hint("Write a document, or name the file in `.supaformignore`."));
    }
    root
}

/// What has been read, and where an anchor is, how many values it holds.
struct Anchored {
    node: Node,
    nodes: usize,
}

/// A list or map that is not closed yet.
struct Open {
    span: Span,
    anchor: usize,
    /// How many values there were when it was opened.
    nodes: usize,
    inside: Inside,
}

enum Inside {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, places: BTreeMap<String, Span>, key: Option<Key> },
}

struct Loader<'a> {
    text: &'a str,
    id: SourceId,
    out: &'a mut Diagnostics,
    stack: Vec<Open>,
    anchors: BTreeMap<usize, Anchored>,
    nodes: usize,
    root: Option<Node>,
    documents: usize,
}

/// An error after which nothing can be read.
type Taken = Result<(), Box<Diagnostic>>;

impl Loader<'_> {
    fn take(&mut self, event: Event<'_>, range: Range) -> Taken {
        let span = self.span(&range);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let finding = Diagnostic::error(codes::SECOND_DOCUMENT, span, "a second document in the file");
                    return Err(Box::new(
                        finding.hint("Put several projects under `projects:`, or each into its own file."),
                    ));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.untagged(tag.is_some(), &range)?;
                self.count(1, span)?;
                self.scalar(text.into_owned(), style, anchor, span)?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.untagged(tag.is_some(), &range)?;
                self.open(Inside::List(vec![]), anchor, span)?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.untagged(tag.is_some(), &range)?;
                let map = Inside::Map { entries: vec![], places: BTreeMap::new(), key: None };
                self.open(map, anchor, span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            Event::Alias(anchor) => self.alias(anchor, span)?,
            Event::UnresolvedAlias(_) => {
                return Err(Box::new(Diagnostic::error(
                    codes::BAD_ALIAS,
                    span,
                    "an alias without an anchor before it",
                )));
            }
            // Marks of the stream, comments and whatever a later parser may tell besides values.
            _ => {}
        }
        Ok(())
    }

    fn span(&self, range: &Range) -> Span {
        let (start, end) = (range.start.byte_offset().unwrap_or_default(), range.end.byte_offset().unwrap_or_default());
        Span::new(self.id, start, end.max(start))
    }

    fn untagged(&mut self, tagged: bool, range: &Range) -> Taken {
        if !tagged {
            return Ok(());
        }
        let span = range.tag_span().map_or_else(|| self.span(range), |tag| self.span(&tag));
        let finding = Diagnostic::error(codes::TAG, span, "tags are not supported");
        Err(Box::new(finding.hint("Write the value itself, or a reference such as `{env: NAME}` or `{file: PATH}`.")))
    }

    fn count(&mut self, more: usize, span: Span) -> Taken {
        self.nodes += more;
        if self.nodes <= MOST_NODES {
            return Ok(());
        }
        let message = format!("more than {MOST_NODES} values after expanding aliases");
        Err(Box::new(Diagnostic::error(codes::TOO_LARGE, span, message)))
    }

    fn open(&mut self, inside: Inside, anchor: usize, span: Span) -> Taken {
        if self.stack.len() >= DEEPEST {
            return Err(Box::new(too_deep(span)));
        }
        self.count(1, span)?;
        self.no_complex_key(span)?;
        self.stack.push(Open { span, anchor, nodes: self.nodes - 1, inside });
        Ok(())
    }

    /// A list or map where a key must stand.
    fn no_complex_key(&self, span: Span) -> Taken {
        match self.stack.last().map(|open| &open.inside) {
            Some(Inside::Map { key: None, .. }) => {
                Err(Box::new(Diagnostic::error(codes::BAD_KEY, span, "a list or a map cannot be a key")))
            }
            _ => Ok(()),
        }
    }

    fn close(&mut self, end: Span) -> Taken {
        let Some(Open { span, anchor, nodes, inside }) = self.stack.pop() else { return Ok(()) };
        let content = match inside {
            Inside::List(items) => Content::List(items),
            Inside::Map { entries, .. } => Content::Map(entries),
        };
        // A block ends where the next token starts: white space at its end is not part of it.
        let whole = self.text.get(span.start as usize..end.end as usize).unwrap_or_default();
        let end = span.start as usize + whole.trim_end().len();
        let node = Node { span: Span::new(self.id, span.start as usize, end), content };
        self.keep(anchor, &node, nodes);
        self.place(node)
    }

    fn keep(&mut self, anchor: usize, node: &Node, nodes_before: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, Anchored { node: node.clone(), nodes: self.nodes - nodes_before });
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Taken {
        self.no_complex_key(span)?;
        let Some(anchored) = self.anchors.get(&anchor) else {
            return Err(Box::new(Diagnostic::error(codes::BAD_ALIAS, span, "an alias inside its own anchor")));
        };
        let more = anchored.nodes;
        self.count(more, span)?;
        // The place of an aliased value is where the alias stands: that is where people look.
        let node = Node { span, content: self.anchors[&anchor].node.content.clone() };
        self.place(node)
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, anchor: usize, span: Span) -> Taken {
        if text.len() > LONGEST_TEXT {
            let message = format!("a text of {} bytes; at most {LONGEST_TEXT} are read", text.len());
            return Err(Box::new(Diagnostic::error(codes::TOO_LARGE, span, message)));
        }
        let is_key = matches!(self.stack.last(), Some(Open { inside: Inside::Map { key: None, .. }, .. }));
        self.deceptive(&text, span, is_key);
        let style_ = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
            _ => Style::Quoted,
        };
        let content = if style_ == Style::Plain {
            resolve(&text).unwrap_or_else(|why| {
                self.out.push(Diagnostic::error(codes::BAD_NUMBER, span, format!("`{text}`: {why}")));
                Content::Text { text, style: style_ }
            })
        } else {
            Content::Text { text, style: style_ }
        };
        let node = Node { span, content };
        let before = self.nodes - 1;
        self.keep(anchor, &node, before);
        self.place(node)
    }

    /// Looks for characters that do not belong, raw or written as an escape.
    fn deceptive(&mut self, text: &str, span: Span, is_key: bool) {
        let Some(c) = text.chars().find(|&c| is_deceptive(c) && (is_key || !matches!(c, '\n' | '\t'))) else { return };
        let code_point = format!("U+{:04X}", u32::from(c));
        let raw = self.text.get(span.start as usize..span.end as usize).is_some_and(|slice| slice.contains(c));
        let finding = if c.is_control() {
            Diagnostic::error(codes::CONTROL_CHARACTER, span, format!("the control character {code_point}"))
        } else if is_key || !raw {
            Diagnostic::error(codes::DECEPTIVE_CHARACTER, span, format!("the invisible character {code_point}"))
        } else {
            Diagnostic::warning(codes::DECEPTIVE_CHARACTER, span, format!("the invisible character {code_point}"))
        };
        self.out.push(finding);
    }

    /// Puts a finished node where it belongs: into a list, as a key, as a value, or as the root.
    fn place(&mut self, mut node: Node) -> Taken {
        let Some(open) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.inside {
            Inside::List(items) => items.push(node),
            Inside::Map { entries, places, key } => {
                if let Some(key) = key.take() {
                    if matches!(node.content, Content::Null { written: false }) {
                        node.span = key.span;
                    }
                    entries.push(Entry { key, value: node });
                } else {
                    let new = key_of(node, self.out)?;
                    if let Some(first) = places.insert(new.name.clone(), new.span) {
                        let message = format!("`{}` is written twice", new.name);
                        let finding = Diagnostic::error(codes::DUPLICATE_KEY, new.span, message);
                        self.out
                            .push(finding.here("again here").label(first, "first here").hint("Take one of them out."));
                    }
                    *key = Some(new);
                }
            }
        }
        Ok(())
    }

    /// What the parser could not read, in our words.
    fn syntax(&self, error: &ScanError) -> Diagnostic {
        let at = error.marker().byte_offset().unwrap_or_default().min(self.text.len());
        let point = Span::new(self.id, at, (at + 1).min(self.text.len()));
        match error.kind() {
            ErrorKind::RecursionLimitExceeded => return too_deep(point),
            ErrorKind::DirectiveDisallowed => {
                return Diagnostic::error(codes::DIRECTIVE, point, "directives are not supported");
            }
            ErrorKind::UnknownAnchor => {
                return Diagnostic::error(codes::BAD_ALIAS, point, "an alias without an anchor before it");
            }
            _ => {}
        }
        if let Some(finding) = self.unquoted_interpolation(at) {
            return finding;
        }
        let said = error.kind().to_string();
        let finding = Diagnostic::error(codes::SYNTAX, point, said.trim_end_matches('.').to_owned());
        let line = self.line_at(at).1;
        if line.starts_with('\t') { finding.hint("Indent with spaces, not with tabs.") } else { finding }
    }

    /// The start and the text of the line that holds a byte.
    fn line_at(&self, at: usize) -> (usize, &str) {
        let start = self.text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        (start, self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default())
    }

    /// `[${var.x}]` is no YAML: finds the values of that line and shows them in quotes.
    fn unquoted_interpolation(&self, at: usize) -> Option<Diagnostic> {
        let (start, line) = self.line_at(at);
        if !line.contains(['[', '{']) || !line.contains("${") {
            return None;
        }
        let bare = regex_lite::Regex::new(r#"[^\s,\[\]{}"']*\$\{[^}"']*\}[^\s,\[\]{}"']*"#).ok()?;
        let first = bare.find(line)?;
        let quoted = bare.replace_all(line, |found: &regex_lite::Captures<'_>| format!("\"{}\"", &found[0]));
        let span = Span::new(self.id, start + first.start(), start + first.end());
        let finding = Diagnostic::error(codes::UNQUOTED_INTERPOLATION, span, "`${…}` within brackets needs quotes");
        let whole = Span::new(self.id, start, start + line.len());
        Some(finding.fix(whole, quoted.into_owned()))
    }
}

fn too_deep(span: Span) -> Diagnostic {
    let point = Span { end: span.start + 1, ..span };
    Diagnostic::error(codes::TOO_DEEP, point, format!("nesting deeper than {DEEPEST}"))
}

/// A key must be a text; names that look like something else go in quotes.
fn key_of(node: Node, out: &mut Diagnostics) -> Result<Key, Box<Diagnostic>> {
    let span = node.span;
    match node.content {
        Content::Text { text, style: Style::Plain } if text == "<<" => {
            let finding = Diagnostic::error(codes::MERGE_KEY, span, "merge keys are not supported");
            Err(Box::new(finding.hint("What projects share goes into a profile that they name in `extends`.")))
        }
        Content::Text { text, .. } => Ok(Key { name: text.nfc().collect(), span }),
        Content::List(_) | Content::Map(_) => {
            Err(Box::new(Diagnostic::error(codes::BAD_KEY, span, "a list or a map cannot be a key")))
        }
        Content::Null { .. } | Content::Bool(_) | Content::Int(_) | Content::Float(_) => {
            let what = Node { span, content: node.content }.what();
            let finding = Diagnostic::error(codes::BAD_KEY, span, format!("a key must be a text, this is {what}"));
            out.push(finding.hint("If it is a name, put quotes around it."));
            Ok(Key { name: format!("{what} at {}", span.start), span })
        }
    }
}
