//! What happens to a value.

/// What is said of a value that is not there.
pub const NOT_SET: &str = "(not set)";

/// What happens to a value. Values are as people read them: quoted, with units, visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// A value where nothing was read before.
    New(String),
    /// What it was, of something that is removed.
    Gone(String),
    /// One value takes the place of another, or of none.
    Swap(Option<String>, String),
    /// A secret, of which no value is shown.
    Secret(SecretEdit),
    /// Items of a list come and go.
    Items(Vec<Piece>),
    /// Lines of a long text: all of them.
    Lines(Vec<Piece>),
}

impl Edit {
    /// How many pieces come, and how many go.
    #[must_use]
    pub fn tally(pieces: &[Piece]) -> (usize, usize) {
        let many = |is: fn(&Piece) -> bool| pieces.iter().filter(|piece| is(piece)).count();
        (many(|piece| matches!(piece, Piece::Add(_))), many(|piece| matches!(piece, Piece::Remove(_))))
    }
}

/// What happens to a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretEdit {
    /// It is set, from there.
    Set(String),
    /// Live has another than what comes from there.
    Replaced(String),
    /// It is cleared.
    Cleared,
    /// None is live, and one should come from there.
    Missing(String),
    /// What is live is another than what comes from there.
    Other(String),
    /// One is live, and none should be.
    Unwanted,
}

impl SecretEdit {
    /// The same in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Set(from) => format!("is set from {from}"),
            Self::Replaced(from) => format!("live differs from {from}"),
            Self::Cleared => "is cleared".to_owned(),
            Self::Missing(from) => format!("is not set; the manifests say from {from}"),
            Self::Other(from) => format!("is another value than from {from}"),
            Self::Unwanted => "is set; the manifests say none".to_owned(),
        }
    }
}

/// One item or line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// It comes.
    Add(String),
    /// It goes.
    Remove(String),
    /// It stays.
    Keep(String),
}
