//! The change of a value.

/// The text for a missing value.
pub const NOT_SET: &str = "(not set)";

/// The change of a value. Values are as people read them: quoted, with units, escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// A value where none was read before.
    New(String),
    /// The last value of something that is removed.
    Gone(String),
    /// One value replaces another, or none.
    Swap(Option<String>, String),
    /// A secret, whose value is never shown.
    Secret(SecretEdit),
    /// The items of a list that are added and removed.
    Items(Vec<Piece>),
    /// All lines of a long text, with those that are added and removed.
    Lines(Vec<Piece>),
}

impl Edit {
    /// How many pieces are added, and how many are removed.
    #[must_use]
    pub fn tally(pieces: &[Piece]) -> (usize, usize) {
        let many = |is: fn(&Piece) -> bool| pieces.iter().filter(|piece| is(piece)).count();
        (many(|piece| matches!(piece, Piece::Add(_))), many(|piece| matches!(piece, Piece::Remove(_))))
    }
}

/// The change of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretEdit {
    /// The secret is set from the source.
    Set(String),
    /// The live value differs from that of the source.
    Replaced(String),
    /// The secret is cleared.
    Cleared,
    /// No secret is live, and the source has the desired one.
    Missing(String),
    /// The live value is not that of the source.
    Other(String),
    /// A secret is live, and none is desired.
    Unwanted,
}

impl SecretEdit {
    /// The change in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Set(from) => format!("is set from {from}"),
            Self::Replaced(from) => format!("live differs from {from}"),
            Self::Cleared => "is cleared".to_owned(),
            Self::Missing(from) => format!("is not set; the manifests say from {from}"),
            Self::Other(from) => format!("is not the value from {from}"),
            Self::Unwanted => "is set; the manifests say none".to_owned(),
        }
    }
}

/// One item or line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// The piece is added.
    Add(String),
    /// The piece is removed.
    Remove(String),
    /// The piece stays.
    Keep(String),
}
