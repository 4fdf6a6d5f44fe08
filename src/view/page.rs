//! Lines whose parts say what they mean.

use std::borrow::Cow;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

/// What a part of a line means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nothing in particular.
    Plain,
    /// The name of a project.
    Heading,
    /// Something that is added.
    Add,
    /// Something that changes.
    Change,
    /// Something that is removed.
    Remove,
    /// Something risky.
    Risk,
    /// Something refused or failed.
    Bad,
    /// Something done.
    Good,
    /// A place in a file, or something of less weight.
    Dim,
}

impl Role {
    fn style(self) -> Style {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(anstyle::Color::Ansi(colour)));
        match self {
            Self::Plain => Style::new(),
            Self::Heading => Style::new().bold(),
            Self::Add | Self::Good => colour(AnsiColor::Green),
            Self::Change => colour(AnsiColor::Yellow),
            Self::Remove | Self::Bad => colour(AnsiColor::Red),
            Self::Risk => colour(AnsiColor::Magenta).bold(),
            Self::Dim => Style::new().dimmed(),
        }
    }
}

/// One line: parts and, at its right, a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    parts: Vec<(Role, String)>,
    place: Option<String>,
}

/// The column in which places start.
const PLACE_COLUMN: usize = 88;

impl Line {
    /// An empty line.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A line of one part.
    #[must_use]
    pub fn of(role: Role, text: impl Into<String>) -> Self {
        Self::new().then(role, text)
    }

    /// Adds a part.
    #[must_use]
    pub fn then(mut self, role: Role, text: impl Into<String>) -> Self {
        self.parts.push((role, text.into()));
        self
    }

    /// Adds a plain part.
    #[must_use]
    pub fn plain(self, text: impl Into<String>) -> Self {
        self.then(Role::Plain, text)
    }

    /// Fills up with spaces to a width in characters; always at least two spaces.
    #[must_use]
    pub fn pad(self, width: usize) -> Self {
        let missing = width.saturating_sub(self.width()).max(2);
        self.plain(" ".repeat(missing))
    }

    /// Fills up with spaces to a width, where it is not reached yet.
    #[must_use]
    pub fn pad_to(self, width: usize) -> Self {
        let missing = width.saturating_sub(self.width());
        self.plain(" ".repeat(missing))
    }

    /// Puts a place at the right.
    #[must_use]
    pub fn at(mut self, place: Option<String>) -> Self {
        self.place = place;
        self
    }

    /// Joins another line's parts to this one's.
    #[must_use]
    pub fn append(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }

    /// The number of characters.
    #[must_use]
    pub fn width(&self) -> usize {
        self.parts.iter().map(|(_, text)| text.chars().count()).sum()
    }

    fn write(&self, colour: bool, out: &mut String) {
        let mut part = |role: Role, text: &str| {
            let style = role.style();
            if colour && style != Style::new() {
                write!(out, "{style}{text}{style:#}").expect("writing to a text");
            } else {
                out.push_str(text);
            }
        };
        for (role, text) in &self.parts {
            part(*role, text);
        }
        if let Some(place) = &self.place {
            part(Role::Plain, &" ".repeat(PLACE_COLUMN.saturating_sub(self.width()).max(2)));
            part(Role::Dim, place);
        }
    }
}

/// Lines in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "a page is made to be printed"]
pub struct Page {
    lines: Vec<Line>,
}

impl Page {
    /// No lines yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a line.
    pub fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// Adds an empty line, unless there is one at the end or nothing yet.
    pub fn gap(&mut self) {
        if self.lines.last().is_some_and(|last| *last != Line::new()) {
            self.lines.push(Line::new());
        }
    }

    /// The page as text, each line with its line break.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let mut text = String::new();
        for line in &self.lines {
            let mut one = String::new();
            line.write(colour, &mut one);
            text.push_str(&without_command(one.trim_end_matches(' ')));
            text.push('\n');
        }
        text
    }
}

/// GitHub's runner takes a line that begins with `::` for a command, white space before it aside.
pub(super) fn without_command(line: &str) -> Cow<'_, str> {
    let (space, rest) = line.split_at(line.len() - line.trim_start().len());
    match rest.strip_prefix(':') {
        Some(after) if after.starts_with(':') => Cow::Owned(format!("{space}\\u{{3a}}{after}")),
        _ => Cow::Borrowed(line),
    }
}
