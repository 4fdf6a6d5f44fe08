//! A plain reader: the first document of a text, as nodes.

use granit_parser::{Event, Parser, ScalarStyle};

use super::{Content, Entry, Key, Node, Style};
use crate::diag::{Diagnostic, Diagnostics, SourceId, Sources, Span, codes::yaml as codes};

enum Frame {
    List(Span, Vec<Node>),
    Map(Span, Vec<Entry>, Option<Key>),
}

/// Reads a text; nothing where it is empty or cannot be read.
pub fn read(sources: &Sources, id: SourceId, out: &mut Diagnostics) -> Option<Node> {
    let text = sources.get(id).text.clone();
    let mut parser = Parser::new_from_str(&text);
    let mut open: Vec<Frame> = vec![];
    loop {
        let (event, at) = match parser.next_event()? {
            Ok(pair) => pair,
            Err(error) => {
                let place = error.marker().byte_offset().unwrap_or(0);
                out.push(Diagnostic::error(codes::SYNTAX, Span::new(id, place, place + 1), error.info()));
                return None;
            }
        };
        let range = at.byte_range().unwrap_or(0..0);
        let span = Span::new(id, range.start, range.end);
        let done = match event {
            Event::Scalar(text, style, ..) => scalar(&text, style, span),
            Event::SequenceStart(..) => {
                open.push(Frame::List(span, vec![]));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Frame::Map(span, vec![], None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop()? {
                Frame::List(start, items) => {
                    Node { span: Span { end: span.end, ..start }, content: Content::List(items) }
                }
                Frame::Map(start, entries, _) => {
                    Node { span: Span { end: span.end, ..start }, content: Content::Map(entries) }
                }
            },
            Event::StreamEnd => return None,
            _ => continue,
        };
        match open.last_mut() {
            None if matches!(done.content, Content::Null { .. }) => return None,
            None => return Some(done),
            Some(Frame::List(_, items)) => items.push(done),
            Some(Frame::Map(_, entries, key)) => match key.take() {
                None => {
                    *key = Some(Key {
                        name: sources.slice(done.span).trim_matches(['"', '\'']).to_owned(),
                        span: done.span,
                    })
                }
                Some(key) => {
                    let span =
                        if matches!(done.content, Content::Null { written: false }) { key.span } else { done.span };
                    entries.push(Entry { key, value: Node { span, ..done } });
                }
            },
        }
    }
}

fn scalar(text: &str, style: ScalarStyle, span: Span) -> Node {
    let style = match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
        ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
    };
    let content = match text {
        "" if style == Style::Plain => Content::Null { written: false },
        "null" | "~" if style == Style::Plain => Content::Null { written: true },
        "true" | "false" if style == Style::Plain => Content::Bool(text == "true"),
        _ if style == Style::Plain => match (text.parse::<i128>(), text.parse::<f64>()) {
            (Ok(whole), _) => Content::Int(whole),
            (_, Ok(number)) if number.is_finite() && text.contains(|c: char| c.is_ascii_digit()) => {
                Content::Float(number)
            }
            _ => Content::Text { text: text.to_owned(), style },
        },
        _ => Content::Text { text: text.to_owned(), style },
    };
    Node { span, content }
}
