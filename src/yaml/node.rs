//! The tree of a document: every value and every key has its place.

use serde_json::Value;

use crate::diag::Span;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The place of the value; of an empty value, the place of the key.
    pub span: Span,
    /// The value.
    pub content: Content,
}

/// What a node is, by the core schema of YAML 1.2.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// `null` or `~`; `written: false` for an empty value (`key:`), which is not a null in a manifest.
    Null {
        /// Whether a word for null was written.
        written: bool,
    },
    /// `true` or `false`.
    Bool(bool),
    /// A whole number; wider than any field, so that a range error can show the written number.
    Int(i128),
    /// A finite number with a fraction or an exponent.
    Float(f64),
    /// A text.
    Text {
        /// The text.
        text: String,
        /// Its style.
        style: Style,
    },
    /// A list.
    List(Vec<Node>),
    /// A map; keys are texts, each once, in the order of the file.
    Map(Vec<Entry>),
}

/// The style of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In quotes.
    Quoted,
    /// `|` or `>`.
    Block,
}

/// A member of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// The value.
    pub value: Node,
}

/// A key and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key, after NFC.
    pub name: String,
    /// Its place.
    pub span: Span,
}

impl Node {
    /// The text, if the node is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Text { text, .. } => Some(text),
            Content::Null { .. }
            | Content::Bool(_)
            | Content::Int(_)
            | Content::Float(_)
            | Content::List(_)
            | Content::Map(_) => None,
        }
    }

    /// The members, if the node is a map.
    #[must_use]
    pub fn as_map(&self) -> Option<&[Entry]> {
        match &self.content {
            Content::Map(entries) => Some(entries),
            Content::Null { .. }
            | Content::Bool(_)
            | Content::Int(_)
            | Content::Float(_)
            | Content::Text { .. }
            | Content::List(_) => None,
        }
    }

    /// The items, if the node is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match &self.content {
            Content::List(items) => Some(items),
            Content::Null { .. }
            | Content::Bool(_)
            | Content::Int(_)
            | Content::Float(_)
            | Content::Text { .. }
            | Content::Map(_) => None,
        }
    }

    /// What it says, without its form.
    #[must_use]
    pub fn plain(&self) -> Value {
        match &self.content {
            Content::Null { .. } => Value::Null,
            Content::Bool(value) => Value::Bool(*value),
            Content::Int(value) => i64::try_from(*value)
                .map_or_else(|_| Value::String(value.to_string()), |number| Value::Number(number.into())),
            Content::Float(value) => (*value).into(),
            Content::Text { text, .. } => Value::String(text.clone()),
            Content::List(items) => items.iter().map(Self::plain).collect(),
            Content::Map(entries) => {
                Value::Object(entries.iter().map(|entry| (entry.key.name.clone(), entry.value.plain())).collect())
            }
        }
    }

    /// The member of this name, if the node is a map that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_map()?.iter().find(|entry| entry.key.name == name).map(|entry| &entry.value)
    }

    /// Whether both have the same keys in the same order, and the same values of the same types; places and styles are
    /// ignored.
    #[must_use]
    pub fn means_same(&self, other: &Self) -> bool {
        match (&self.content, &other.content) {
            (Content::Text { text: one, .. }, Content::Text { text: other, .. }) => one == other,
            (Content::List(one), Content::List(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.means_same(other))
            }
            (Content::Map(one), Content::Map(other)) => {
                let same = |(one, other): (&Entry, &Entry)| {
                    one.key.name == other.key.name && one.value.means_same(&other.value)
                };
                one.len() == other.len() && one.iter().zip(other).all(same)
            }
            (one, other) => one == other,
        }
    }

    /// The type in words, for errors: "a text", "a list".
    #[must_use]
    pub const fn what(&self) -> &'static str {
        match self.content {
            Content::Null { written: true } => "null",
            Content::Null { written: false } => "nothing",
            Content::Bool(_) => "a boolean",
            Content::Int(_) => "a whole number",
            Content::Float(_) => "a number",
            Content::Text { .. } => "a text",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
        }
    }
}
