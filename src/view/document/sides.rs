//! Two projects beside each other.

use super::{Listed, Piece, Projects};
use crate::record::Place;

/// How two projects differ within a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sides {
    /// The section.
    pub section: String,
    /// The names of the two.
    pub names: [String; 2],
    /// What both have, with different values.
    pub both: Vec<Beside>,
    /// What only the first has, and what only the second has.
    pub only: [Vec<Listed>; 2],
    /// What cannot be compared.
    pub unknown: Vec<Listed>,
}

/// A field with the value of each of two projects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// The field.
    pub name: String,
    /// The value of the first.
    pub one: Side,
    /// The value of the second.
    pub other: Side,
    /// The lines of a long text, from the first to the second.
    pub lines: Vec<Piece>,
}

/// The value of one of two projects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The value, in lines.
    pub says: Vec<String>,
    /// Where it is written.
    pub at: Option<Place>,
}

/// How several projects differ within a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Among {
    /// The section.
    pub section: String,
    /// The fields with several values.
    pub fields: Vec<AmongField>,
    /// What cannot be compared.
    pub unknown: Vec<String>,
}

/// A field with several values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmongField {
    /// Its name.
    pub name: String,
    /// Each value, with the projects that have it.
    pub values: Vec<(Side, Projects)>,
}
