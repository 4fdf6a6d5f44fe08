//! Writes the parts of a text in their order, each comment before the part that it preceded.

use granit_parser::ScalarStyle;

use super::inline::{self, anchored, joined, width};
use super::tree::{Comment, Document, Member, Part, Shape, is_block};
use super::words::Around;

/// The longest line with a list in brackets or a map in braces, in characters.
pub(in crate::yaml) const WIDTH: usize = 120;

/// The formatted document. `None` where it is neither a list nor a map, or has a text whose lines are not understood.
pub(super) fn print(text: &str, document: &Document<'_>) -> Option<String> {
    let Document { marker, root, comments } = document;
    let mut printer = Printer { text, comments, out: String::new(), line: Line::None };
    if let Some(marker) = *marker {
        printer.begin(marker, 0);
        printer.out.push_str("---");
    }
    if let Some(anchor) = &root.anchor {
        printer.begin(root.start, 0);
        printer.out.push_str(&format!("&{anchor}"));
    }
    match &root.shape {
        Shape::Flow(_) if let Some(flow) = inline::flow(text, root).filter(|flow| width(flow) <= WIDTH) => {
            printer.begin(root.start, 0);
            printer.out.push_str(&flow);
        }
        Shape::Block(members) | Shape::Flow(members) => printer.members(root, members, Place::ROOT)?,
        Shape::Word { .. } | Shape::Alias => return None,
    }
    printer.comments_before(text.len(), 0);
    printer.out.push('\n');
    Some(printer.out)
}

/// Where the members of a list or map are written.
#[derive(Clone, Copy)]
struct Place {
    /// The column in which they are written.
    indent: usize,
    /// The old column of the parent: comments below that are further to the right belong to the members.
    holder: Option<usize>,
    /// The start of the next part that does not belong to the members.
    until: usize,
}

impl Place {
    const ROOT: Self = Self { indent: 0, holder: None, until: usize::MAX };
}

/// The state of the last line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    /// There is no line yet.
    None,
    /// A value, a comment or the line end may follow.
    Open,
    /// The first member of an item's list or map follows behind the dash.
    Dash,
    /// The line end must follow: the line has a comment, or is the last of a text.
    Full,
    /// The line end must follow, without a blank line, which would be part of the text above.
    Kept,
}

struct Printer<'a> {
    text: &'a str,
    /// Comments that are not written yet.
    comments: &'a [Comment<'a>],
    out: String,
    line: Line,
}

impl Printer<'_> {
    fn members(&mut self, part: &Part, members: &[Member], place: Place) -> Option<()> {
        let Place { indent, until, .. } = place;
        let column = members.first().map(|first| self.column(first.start));
        for (index, member) in members.iter().enumerate() {
            let until = members.get(index + 1).map_or(until, |next| next.start);
            self.begin(member.start, indent);
            match &member.key {
                Some(key) => {
                    let key = anchored(key, &inline::key(self.text, key, Around::Line)?);
                    self.out.push_str(&key);
                    self.out.push(':');
                }
                None => self.out.push('-'),
            }
            self.value(member, Place { indent, holder: column, until })?;
        }
        self.comments_of(part, place);
        Some(())
    }

    /// The value after a key or a dash; `place` is that of its siblings.
    fn value(&mut self, member: &Member, place: Place) -> Option<()> {
        let part = &member.value;
        let deeper = Place { indent: place.indent + 2, ..place };
        let anchor = part.anchor.as_ref().map_or(String::new(), |name| format!("&{name}"));
        let text = match &part.shape {
            Shape::Word { style, text } if is_block(*style) => {
                return self.block_text(part, text, &anchor, deeper.indent);
            }
            Shape::Word { style: ScalarStyle::Plain, .. } if part.start == part.end => anchor,
            Shape::Word { .. } | Shape::Alias => joined(&anchor, &inline::lines(self.text, part, deeper.indent)?),
            Shape::Block(members) => return self.block(member, members, &anchor, deeper),
            Shape::Flow(members) => match inline::flow(self.text, part).map(|flow| joined(&anchor, &flow)) {
                Some(flow) if members.is_empty() || self.fits(part, &flow, deeper.indent) => flow,
                _ => return self.block(member, members, &anchor, deeper),
            },
        };
        if !text.is_empty() {
            self.behind(part.start, &text, deeper.indent);
        }
        Some(())
    }

    /// Members below their key or dash; those of an item begin behind its dash.
    fn block(&mut self, member: &Member, members: &[Member], anchor: &str, deeper: Place) -> Option<()> {
        let part = &member.value;
        if !anchor.is_empty() {
            self.out.push(' ');
            self.out.push_str(anchor);
        } else if member.key.is_none() {
            self.line = Line::Dash;
        }
        // A comment after brackets is about the whole list, so it follows the key when the brackets are removed.
        if member.key.is_some()
            && let (Shape::Flow(_), [first, rest @ ..]) = (&part.shape, self.comments)
            && self.text.get(part.end..first.start).is_some_and(|between| between.trim_matches([' ', '\t']).is_empty())
        {
            self.comments = rest;
            self.out.push(' ');
            self.out.push_str(first.text);
            self.line = Line::Full;
        }
        self.members(part, members, deeper)
    }

    /// `|` or `>` and its lines, which move with their parent.
    fn block_text(&mut self, part: &Part, value: &str, anchor: &str, indent: usize) -> Option<()> {
        let raw = self.text.get(part.start..)?;
        let (first, body) = raw.split_once('\n').unwrap_or((raw, ""));
        let header = first.split([' ', '\t']).next()?;
        if !header.starts_with(['|', '>']) {
            return None;
        }
        self.behind(part.start, &joined(anchor, header), indent);
        self.comments_before(part.start + first.len(), indent);
        self.line = Line::Full;
        let keeps = header.contains('+');
        if keeps {
            self.line = Line::Kept;
        }
        let filled = |line: &&str| !line.trim_matches(' ').is_empty();
        let spaces = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let Some(shown) = value.lines().find(filled) else {
            // Only line ends, of which `+` alone keeps some.
            self.out.push_str(&"\n".repeat(value.len()));
            return Some(());
        };
        let old = spaces(body.lines().find(filled)?).checked_sub(spaces(shown))?;
        let indent = header.chars().find_map(|c| c.to_digit(10)).map_or(indent, |digit| indent - 2 + digit as usize);
        let mut lines: Vec<&str> = body.lines().take_while(|line| !filled(line) || spaces(line) >= old).collect();
        if !keeps {
            lines.truncate(lines.iter().rposition(|line| line.len() > old)? + 1);
        }
        for line in lines {
            self.out.push('\n');
            if let Some(content) = line.get(old..).filter(|content| !content.is_empty()) {
                self.out.push_str(&" ".repeat(indent));
                self.out.push_str(content);
            }
        }
        Some(())
    }

    /// Whether a text fits behind the rest of the line, or below it where a comment is in between.
    fn fits(&self, part: &Part, text: &str, indent: usize) -> bool {
        let before = match self.comments.first() {
            Some(comment) if comment.start < part.start => indent,
            _ => width(self.out.rsplit('\n').next().unwrap_or_default()) + 1,
        };
        before + width(text) <= WIDTH
    }

    /// Writes a value behind its key or dash, or below where a comment is in between.
    fn behind(&mut self, start: usize, text: &str, indent: usize) {
        if self.comments.first().is_some_and(|comment| comment.start < start) {
            self.comments_before(start, indent);
            self.new_line(indent);
        } else {
            self.out.push(' ');
        }
        self.out.push_str(text);
    }

    /// Begins the line of a member that began at `start`.
    fn begin(&mut self, start: usize, indent: usize) {
        self.comments_before(start, indent);
        if self.line == Line::Dash {
            self.out.push(' ');
            self.line = Line::Open;
            return;
        }
        self.blank_line_before(start);
        self.new_line(indent);
    }

    fn new_line(&mut self, indent: usize) {
        if self.line != Line::None {
            self.out.push('\n');
        }
        self.out.push_str(&" ".repeat(indent));
        self.line = Line::Open;
    }

    /// Keeps one of several blank lines.
    fn blank_line_before(&mut self, start: usize) {
        let before = self.text.get(..start).unwrap_or_default();
        let mut above = before.rsplit('\n').skip(1);
        let blank = above.next().is_some_and(|line| line.trim().is_empty());
        if blank && !matches!(self.line, Line::None | Line::Kept) {
            self.out.push('\n');
        }
    }

    /// Writes the comments below a list or map that belong to it.
    fn comments_of(&mut self, part: &Part, place: Place) {
        if matches!(part.shape, Shape::Flow(_)) {
            return self.comments_before(part.end, place.indent);
        }
        while let [first, rest @ ..] = self.comments
            && first.start < place.until
            && (self.is_behind(first) || place.holder.is_none_or(|holder| self.column(first.start) > holder))
        {
            self.comments = rest;
            self.comment(first, place.indent);
        }
    }

    fn comments_before(&mut self, start: usize, indent: usize) {
        while let [first, rest @ ..] = self.comments
            && first.start < start
        {
            self.comments = rest;
            self.comment(first, indent);
        }
    }

    /// Writes a comment behind its old neighbour, in its old column if that is free, or else on a line of its own.
    fn comment(&mut self, comment: &Comment<'_>, indent: usize) {
        let fits = matches!(self.line, Line::Open | Line::Dash);
        if fits && self.is_behind(comment) {
            let used = width(self.out.rsplit('\n').next().unwrap_or_default());
            let gap = self.column(comment.start).saturating_sub(used).max(1);
            self.out.push_str(&" ".repeat(gap));
        } else {
            self.blank_line_before(comment.start);
            self.new_line(indent);
        }
        self.out.push_str(comment.text);
        self.line = Line::Full;
    }

    /// Whether something precedes a comment on its line.
    fn is_behind(&self, comment: &Comment<'_>) -> bool {
        !self.line_to(comment.start).trim().is_empty()
    }

    fn column(&self, offset: usize) -> usize {
        width(self.line_to(offset))
    }

    fn line_to(&self, offset: usize) -> &str {
        self.text.get(..offset).unwrap_or_default().rsplit('\n').next().unwrap_or_default()
    }
}
