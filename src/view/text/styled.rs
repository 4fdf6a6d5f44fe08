//! Styled text: lines whose parts say what they mean.

use std::borrow::Cow;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use crate::diag::render::{escape, whole_words};
use crate::text::columns;

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

/// One line: parts and, on its right, a place. Where the terminal is too narrow, the line continues below.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    parts: Vec<(Role, String)>,
    place: Option<String>,
    /// The column in which a line that is too long continues: behind its name.
    hang: Option<usize>,
    /// Whether the line is for copying, so that it is never broken.
    whole: bool,
    /// A remark at the end: in full, and in short where it does not fit into the row.
    remark: Option<(Role, String, String)>,
}

/// The least width of a line; the most for which places are moved to the right, so that they stay near what they belong to.
const NARROWEST: usize = 60;
const WIDEST: usize = 120;

/// The indentation of a continued line, where `hang` is not set.
const INDENT: usize = 4;

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

    /// Adds a part. Characters that would control a terminal are made visible.
    #[must_use]
    pub fn then(mut self, role: Role, text: impl Into<String>) -> Self {
        let text = text.into();
        let visible = if let Cow::Owned(visible) = escape(&text) { visible } else { text };
        self.parts.push((role, visible));
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
        self.plain(" ".repeat(missing)).hanging()
    }

    /// Lets the line continue in this column, where it is too long.
    fn hanging(mut self) -> Self {
        self.hang = Some(self.width());
        self
    }

    /// Fills up with spaces to a width, where it is not reached yet.
    #[must_use]
    pub fn pad_to(self, width: usize) -> Self {
        let missing = width.saturating_sub(self.width());
        self.plain(" ".repeat(missing)).hanging()
    }

    /// Puts a place at the right.
    #[must_use]
    pub fn at(mut self, place: Option<String>) -> Self {
        self.place = place.map(|place| escape(&place).into_owned());
        self
    }

    /// Ends with a remark: in full where the line stays one row with it, else in short.
    #[must_use]
    pub fn remark(mut self, role: Role, full: impl Into<String>, short: impl Into<String>) -> Self {
        self.remark = Some((role, full.into(), short.into()));
        self
    }

    /// The line with its remark, as far as it fits.
    fn remarked(&self, width: usize) -> Cow<'_, Self> {
        let Some((role, full, short)) = &self.remark else { return Cow::Borrowed(self) };
        let place = self.place.as_ref().map_or(0, |place| columns(place) + 2);
        let said = if self.width() + 2 + columns(full) + place <= width { full } else { short };
        Cow::Owned(Self { remark: None, ..self.clone() }.plain("  ").then(*role, said))
    }

    /// Keeps the line in one row, however long: it is for copying.
    #[must_use]
    pub const fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// Joins another line's parts to this one's.
    #[must_use]
    pub fn append(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }

    /// The number of columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.parts.iter().map(|(_, text)| columns(text)).sum()
    }

    /// The line for a terminal of `width` columns, with its line break.
    fn printed(&self, colour: bool, width: usize) -> String {
        let (mut rows, mut text) = (String::new(), String::new());
        let width = width.max(NARROWEST);
        self.remarked(width).write(colour, width, &mut rows);
        for row in rows.split('\n') {
            text.push_str(&without_command(row.trim_end_matches(' ')));
            text.push('\n');
        }
        text
    }

    /// Writes the line within a width: as many rows as necessary, no word broken, the place at the end of the first row.
    fn write(&self, colour: bool, width: usize, out: &mut String) {
        let place = self.place.as_ref().map_or(0, |place| columns(place) + 2);
        let mut rows = self.rows(width.saturating_sub(place), width).into_iter();
        self.row(&rows.next().unwrap_or_default(), colour, width, true, out);
        for row in rows {
            out.push('\n');
            self.row(&row, colour, width, false, out);
        }
    }

    /// The parts of each row, the first at most `first` wide and the others at most `width`.
    fn rows(&self, first: usize, width: usize) -> Vec<Vec<(Role, String)>> {
        let words = self.words();
        let indent = words.first().map_or(0, |word| word.space);
        let hang = self.hang.filter(|hang| *hang < width / 2).unwrap_or(indent + INDENT);
        let (mut rows, mut used) = (vec![vec![]], 0);
        let mut words = words.into_iter().peekable();
        while let Some(word) = words.next() {
            let limit = if self.whole {
                usize::MAX
            } else if rows.len() == 1 {
                first
            } else {
                width
            };
            let is_start = rows.last().is_none_or(Vec::is_empty);
            let mut space = word.space;
            // It goes on with what it is the sign of, where both fit into one row.
            let next = words.peek().filter(|_| word.is_sign()).map_or(0, |next| next.space + next.width);
            let together = if hang + word.width + next <= width { word.width + next } else { word.width };
            if !is_start && used + space + together > limit {
                rows.push(vec![]);
                (space, used) = (hang, 0);
            }
            used += space + word.width;
            if let Some(row) = rows.last_mut() {
                row.push((Role::Plain, " ".repeat(space)));
                row.extend(word.parts);
            }
        }
        rows
    }

    /// The words, each with the spaces before it; a word may have parts with different meanings.
    fn words(&self) -> Vec<Word> {
        let mut words: Vec<Word> = vec![];
        let mut space = 0;
        for (role, text) in &self.parts {
            for (index, piece) in whole_words(text).into_iter().enumerate() {
                space += usize::from(index > 0);
                if piece.is_empty() {
                    continue;
                }
                let joined = if space == 0 { words.last_mut() } else { None };
                let word = match joined {
                    Some(word) => word,
                    None => {
                        words.push(Word { space, ..Word::default() });
                        words.last_mut().expect("one was pushed")
                    }
                };
                word.width += columns(piece);
                word.parts.push((*role, piece.to_owned()));
                space = 0;
            }
        }
        words
    }

    fn row(&self, parts: &[(Role, String)], colour: bool, width: usize, with_place: bool, out: &mut String) {
        let mut part = |role: Role, text: &str| {
            let style = role.style();
            if colour && style != Style::new() && !text.trim().is_empty() {
                write!(out, "{style}{text}{style:#}").expect("writing to a text");
            } else {
                out.push_str(text);
            }
        };
        for (role, text) in joined(parts) {
            part(role, &text);
        }
        if let Some(place) = self.place.as_ref().filter(|_| with_place) {
            let used: usize = parts.iter().map(|(_, text)| columns(text)).sum();
            // Where it does not fit into the usual column, it stands at the edge.
            let gap = |width: usize| width.checked_sub(used + columns(place)).filter(|gap| *gap >= 2);
            part(Role::Plain, &" ".repeat(gap(width.min(WIDEST)).or_else(|| gap(width)).unwrap_or(2)));
            part(Role::Dim, place);
        }
    }
}

/// A word and the spaces before it.
#[derive(Debug, Default)]
struct Word {
    space: usize,
    width: usize,
    parts: Vec<(Role, String)>,
}

impl Word {
    /// Whether it is nothing without the word behind it: the sign of a piece, the method of a request.
    fn is_sign(&self) -> bool {
        let leads = |text: &str| matches!(text, "+" | "-" | "GET" | "POST" | "PUT" | "PATCH" | "DELETE");
        matches!(self.parts.as_slice(), [(_, text)] if leads(text))
    }
}

/// Joins neighbours with the same meaning, including the spaces between them.
fn joined(parts: &[(Role, String)]) -> Vec<(Role, String)> {
    let mut all: Vec<(Role, String)> = vec![];
    for (index, (role, text)) in parts.iter().enumerate() {
        let is_space = text.trim().is_empty();
        let next = parts.get(index + 1).map(|(role, _)| *role);
        match all.last_mut() {
            Some((last, before)) if *last == *role || (is_space && next == Some(*last)) => before.push_str(text),
            _ => all.push((*role, text.clone())),
        }
    }
    all
}

/// Lines in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "it is made to be printed"]
pub struct StyledText {
    lines: Vec<Line>,
}

impl StyledText {
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

    /// The whole text for a terminal of `width` columns, each line with its line break.
    #[must_use]
    pub fn render(&self, colour: bool, width: usize) -> String {
        self.lines.iter().map(|line| line.printed(colour, width)).collect()
    }

    /// The same, line by line: each is gone when the next one is made.
    pub fn into_lines(self, colour: bool, width: usize) -> impl Iterator<Item = String> {
        self.lines.into_iter().map(move |line| line.printed(colour, width))
    }
}

/// GitHub's runner treats a line that begins with `::` as a command, even after white space.
pub(in crate::view) fn without_command(line: &str) -> Cow<'_, str> {
    let (space, rest) = line.split_at(line.len() - line.trim_start().len());
    match rest.strip_prefix(':') {
        Some(after) if after.starts_with(':') => Cow::Owned(format!("{space}\\u{{3a}}{after}")),
        _ => Cow::Borrowed(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(line: Line, width: usize) -> String {
        let mut text = StyledText::new();
        text.push(line);
        text.render(false, width)
    }

    #[test]
    fn a_line_goes_on_below_its_value_and_its_place_stays_on_the_first() {
        let line =
            || Line::new().plain("  site_url").pad(14).plain("one two three four five six seven eight nine ten eleven");
        let at = line().at(Some("projects/acme.yaml:12".to_owned()));
        assert_eq!(
            printed(at, 60),
            "  site_url    one two three four five  projects/acme.yaml:12\n              six seven eight nine ten eleven\n"
        );
        assert_eq!(printed(line(), 200).lines().count(), 1);
    }

    #[test]
    fn no_word_is_broken_and_no_place_stands_alone() {
        let word = "x".repeat(90);
        let line = Line::of(Role::Add, format!("  + {word} end")).at(Some(":7".to_owned()));
        assert_eq!(printed(line, 60), format!("  +{}:7\n      {word}\n      end\n", " ".repeat(55)));
    }

    #[test]
    fn places_end_in_one_column_and_further_right_only_where_they_must() {
        let line = |name: &str, at: &str| Line::new().plain(name).at(Some(at.to_owned()));
        let rows = [("a", ":7"), ("b", "projects/acme.yaml:12"), (&*"x".repeat(110), ":10")];
        let ends = |width: usize| rows.map(|(name, at)| columns(printed(line(name, at), width).trim_end()));
        assert_eq!(ends(140), [120, 120, 120]);
        assert_eq!(columns(printed(line(&"x".repeat(117), ":10"), 140).trim_end()), 140);
        assert_eq!(columns(printed(line("a", ":7"), 80).trim_end()), 80);
    }

    #[test]
    fn a_remark_is_short_where_it_would_not_fit() {
        let line =
            || Line::new().plain("a").at(Some(":7".to_owned())).remark(Role::Risk, "(weakened: x y)", "(weakened)");
        assert_eq!(printed(line(), 60), format!("a  (weakened: x y){}:7\n", " ".repeat(40)));
        let long = Line { parts: vec![(Role::Plain, "b".repeat(42))], ..line() };
        assert_eq!(printed(long, 60), format!("{}  (weakened)    :7\n", "b".repeat(42)));
    }

    #[test]
    fn a_sign_stays_with_its_text() {
        let text = format!("+ https://{}", "x".repeat(28));
        let line = Line::new().plain("  uri_allow_list").pad(20).plain(&text).at(Some(":7".to_owned()));
        assert_eq!(printed(line, 60).lines().nth(1), Some(format!("{}{text}", " ".repeat(20)).as_str()));
    }

    #[test]
    fn what_stands_in_back_quotes_stays_together() {
        let line = Line::new().plain(format!("{} `supaform plan --full` shows all", "x".repeat(50)));
        assert_eq!(printed(line, 60).lines().nth(1), Some("    `supaform plan --full` shows all"));
    }

    #[test]
    fn columns_count_and_colours_end_where_their_words_do() {
        let line = Line::of(Role::Bad, "日本 日本").plain(" → ").then(Role::Bad, "b");
        assert_eq!(line.width(), 13);
        let mut text = StyledText::new();
        text.push(line);
        assert_eq!(text.render(true, 80), "\u{1b}[31m日本 日本\u{1b}[0m → \u{1b}[31mb\u{1b}[0m\n");
    }

    #[test]
    fn no_row_that_begins_anew_is_a_command() {
        let line = Line::new().plain(format!("  {} ::error::x", "y".repeat(58)));
        assert!(printed(line, 60).lines().all(|row| !row.trim_start().starts_with("::")));
    }

    proptest::proptest! {
        #[test]
        fn every_word_is_there_and_fits_if_it_can(text in "[a-z ]{0,200}", width in 60_usize..200) {
            let rows = printed(Line::new().plain(text.clone()), width);
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            proptest::prop_assert_eq!(words(&rows), words(&text));
            let long = |row: &str| columns(row) > width && words(row).len() > 1;
            let indent = text.len() - text.trim_start().len() + INDENT;
            proptest::prop_assert!(indent > width / 2 || !rows.lines().any(long), "{}", rows);
        }
    }
}
