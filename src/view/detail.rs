//! How much of a document is shown.

use super::document::Piece;

/// How much of a document a format shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
pub struct Detail {
    /// Unchanged lines around a changed one in long texts.
    pub context: usize,
    /// Show long texts whole, and unmanaged items by name.
    pub full: bool,
    /// Show one line per resource.
    pub brief: bool,
    /// Show long texts as numbers of lines.
    pub counts: bool,
    /// Cut no line, because the reader decides by it.
    pub uncut: bool,
}

impl Default for Detail {
    fn default() -> Self {
        Self { context: 2, full: false, brief: false, counts: false, uncut: false }
    }
}

/// The longest text of a one-line display, in characters, without `--full`.
const LONGEST: usize = 120;

/// The start of a long text, with its length and a remark.
pub(super) fn shortened(text: &str, more: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST).collect();
    format!("{kept}… ({} characters{more})", text.chars().count())
}

impl Detail {
    /// A value on one line, cut where it is long, unless `uncut` is set.
    pub(super) fn cut(self, text: &str) -> String {
        if self.uncut { text.to_owned() } else { shortened(text, ", --full shows all") }
    }

    /// The lines of a long text that are shown: changed lines, and as many lines around them as asked for. `None` stands
    /// for left-out lines.
    pub(super) fn lines(self, all: &[Piece]) -> Vec<Option<Piece>> {
        if self.brief || self.counts {
            return vec![];
        }
        let cut = |piece: &Piece| match piece {
            Piece::Add(text) => Piece::Add(self.cut(text)),
            Piece::Remove(text) => Piece::Remove(self.cut(text)),
            Piece::Keep(text) => Piece::Keep(self.cut(text)),
        };
        let is_change = |piece: &Piece| !matches!(piece, Piece::Keep(_));
        let around = if self.full { all.len() } else { self.context };
        let changes: Vec<usize> = (0..all.len()).filter(|at| is_change(&all[*at])).collect();
        let mut shown = vec![];
        let mut next = 0;
        for at in changes {
            let from = at.saturating_sub(around);
            if from > next && next > 0 {
                shown.push(None);
            }
            let to = (at + around + 1).min(all.len());
            shown.extend(all.iter().take(to).skip(from.max(next)).map(|piece| Some(cut(piece))));
            next = next.max(to);
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, context: usize) -> String {
        let piece = |c: char| match c {
            '+' => Piece::Add(String::new()),
            '-' => Piece::Remove(String::new()),
            _ => Piece::Keep(String::new()),
        };
        let all: Vec<Piece> = text.chars().map(piece).collect();
        let sign = |piece: Option<Piece>| match piece {
            Some(Piece::Add(_)) => '+',
            Some(Piece::Remove(_)) => '-',
            Some(Piece::Keep(_)) => '.',
            None => '|',
        };
        Detail { context, ..Detail::default() }.lines(&all).into_iter().map(sign).collect()
    }

    #[test]
    fn unchanged_lines_are_shown_around_what_changes() {
        assert_eq!(lines("....+....", 2), "..+..");
        assert_eq!(lines("+....-", 2), "+....-");
        assert_eq!(lines("+.....-", 2), "+..|..-");
        assert_eq!(lines(".+-.", 0), "+-");
        assert_eq!(lines("+.-", 0), "+|-");
        assert_eq!(lines("...", 2), "");
    }
}
