//! Decides what happens to our comments on a request, without I/O.

use super::Comment;

/// How a new comment relates to the old ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Mode {
    /// One comment, kept up to date
    #[default]
    Update,
    /// A new comment each time
    New,
    /// A new comment; the old ones are hidden
    HideAndNew,
    /// A new comment; the old ones are removed
    DeleteAndNew,
}

/// The content of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// Something to look at.
    Something(&'a str),
    /// Nothing to report: written only where a comment exists.
    Nothing(&'a str),
}

impl<'a> Message<'a> {
    /// The same with another text.
    #[must_use]
    pub(super) const fn with(self, text: &'a str) -> Self {
        match self {
            Self::Something(_) => Self::Something(text),
            Self::Nothing(_) => Self::Nothing(text),
        }
    }

    /// The text.
    #[must_use]
    pub const fn text(self) -> &'a str {
        let (Self::Something(text) | Self::Nothing(text)) = self;
        text
    }
}

/// The actions, in order. No comment is removed or hidden before its successor exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Create a comment with the text.
    Create,
    /// Replace the text of this comment.
    Update(Comment),
    /// Hide this one.
    Hide(Comment),
    /// Remove this one.
    Delete(Comment),
}

/// Whether a comment begins with a marker; elsewhere in a text a marker has no meaning.
#[must_use]
pub fn marked(comment: &Comment, start: &str) -> bool {
    comment.body.trim_start().starts_with(start)
}

/// Our comments: by our own author, with our marker. A marker in somebody else's comment does not count.
#[must_use]
pub fn ours(comments: Vec<Comment>, me: &str, start: &str) -> Vec<Comment> {
    comments.into_iter().filter(|it| it.author == me && marked(it, start)).collect()
}

/// The actions, given our existing comments from the oldest to the newest.
#[must_use]
pub fn decide(mode: Mode, says: Message<'_>, mut ours: Vec<Comment>) -> Vec<Action> {
    let (text, quiet) = (says.text(), matches!(says, Message::Nothing(_)));
    if quiet && ours.is_empty() {
        return vec![];
    }
    // "Nothing to report" replaces the existing comment in every mode.
    if mode == Mode::Update || quiet {
        let Some(newest) = ours.pop() else { return vec![Action::Create] };
        // Two runs at once have created two comments: one stays.
        let older = ours.into_iter().map(if mode == Mode::HideAndNew { Action::Hide } else { Action::Delete });
        let older: Vec<Action> = if mode == Mode::New { vec![] } else { older.collect() };
        let same = newest.body.trim() == text.trim();
        return (!same).then_some(Action::Update(newest)).into_iter().chain(older).collect();
    }
    let after =
        |action: fn(Comment) -> Action| std::iter::once(Action::Create).chain(ours.into_iter().map(action)).collect();
    match mode {
        Mode::HideAndNew => after(Action::Hide),
        Mode::DeleteAndNew => after(Action::Delete),
        Mode::New | Mode::Update => vec![Action::Create],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(id: &str, author: &str, body: &str) -> Comment {
        Comment { id: id.to_owned(), node: String::new(), author: author.to_owned(), body: body.to_owned() }
    }

    fn actions(mode: Mode, says: Message<'_>, ids: &[&str]) -> Vec<String> {
        let ours = ids.iter().map(|id| comment(id, "me", "<m>\nold")).collect();
        let told = |action: &Action| match action {
            Action::Create => "create".to_owned(),
            Action::Update(it) => format!("update {}", it.id),
            Action::Hide(it) => format!("hide {}", it.id),
            Action::Delete(it) => format!("delete {}", it.id),
        };
        decide(mode, says, ours).iter().map(told).collect()
    }

    #[test]
    fn each_mode_in_each_case() {
        let (some, none) = (Message::Something("<m>\nnew"), Message::Nothing("<m>\nnothing"));
        for (mode, says, there, expected) in [
            (Mode::Update, some, &[][..], vec!["create"]),
            (Mode::Update, some, &["1"], vec!["update 1"]),
            (Mode::Update, some, &["1", "2"], vec!["update 2", "delete 1"]),
            (Mode::Update, Message::Something("<m>\nold\n"), &["1"], vec![]),
            (Mode::Update, none, &[], vec![]),
            (Mode::Update, none, &["1"], vec!["update 1"]),
            (Mode::New, some, &["1"], vec!["create"]),
            (Mode::New, none, &[], vec![]),
            (Mode::New, none, &["1", "2"], vec!["update 2"]),
            (Mode::HideAndNew, some, &[], vec!["create"]),
            (Mode::HideAndNew, some, &["1", "2"], vec!["create", "hide 1", "hide 2"]),
            (Mode::HideAndNew, none, &["1", "2"], vec!["update 2", "hide 1"]),
            (Mode::DeleteAndNew, some, &["1", "2"], vec!["create", "delete 1", "delete 2"]),
            (Mode::DeleteAndNew, none, &["1"], vec!["update 1"]),
        ] {
            assert_eq!(actions(mode, says, there), expected, "{mode:?} {says:?} {there:?}");
        }
    }

    #[test]
    fn only_marked_comments_of_our_own_are_ours() {
        let all = vec![
            comment("1", "me", "<m>\nours"),
            comment("2", "mallory", "<m>\nforged"),
            comment("3", "me", "quoted: <m>"),
            comment("4", "me", "\n <m> ours"),
            comment("5", "me", "<n>\nof another stack"),
        ];
        let ids: Vec<String> = ours(all, "me", "<m>").into_iter().map(|it| it.id).collect();
        assert_eq!(ids, ["1", "4"]);
    }
}
