//! Values of earlier steps that later ones need: named in the plan, filled in by apply.

use std::collections::BTreeMap;

/// A value that is known only after a step of the same plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// The ref that the creation of this document's project returns.
    RefOf(String),
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Plain text.
    Text(String),
    /// A value of a step.
    Later(Reference),
}

/// The values of steps.
pub type Outputs = BTreeMap<Reference, String>;

impl Piece {
    /// The pieces of a text in which `stand_in` stands for a reference; `None` where it does not occur.
    #[must_use]
    pub fn split(text: &str, stand_in: &str, reference: &Reference) -> Option<Vec<Self>> {
        let mut pieces = vec![];
        for (index, part) in text.split(stand_in).enumerate() {
            if index > 0 {
                pieces.push(Self::Later(reference.clone()));
            }
            if !part.is_empty() {
                pieces.push(Self::Text(part.to_owned()));
            }
        }
        pieces.iter().any(|piece| matches!(piece, Self::Later(_))).then_some(pieces)
    }

    /// The text, once all its values are known.
    #[must_use]
    pub fn join(pieces: &[Self], outputs: &Outputs) -> Option<String> {
        let part = |piece: &Self| match piece {
            Self::Text(text) => Some(text.clone()),
            Self::Later(reference) => outputs.get(reference).cloned(),
        };
        pieces.iter().map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_at_what_is_not_known_and_joined_once_it_is() {
        let reference = Reference::RefOf("acme".to_owned());
        let split = |text: &str| Piece::split(text, "???", &reference);
        assert_eq!(split("https://acme.dev"), None);
        let text = |text: &str| Piece::Text(text.to_owned());
        let later = || Piece::Later(reference.clone());
        assert_eq!(split("???"), Some(vec![later()]));
        let pieces = split("https://???.supabase.co/???").unwrap();
        assert_eq!(pieces, [text("https://"), later(), text(".supabase.co/"), later()]);
        assert_eq!(Piece::join(&pieces, &Outputs::new()), None);
        let outputs = Outputs::from([(reference.clone(), "abc".to_owned())]);
        assert_eq!(Piece::join(&pieces, &outputs).as_deref(), Some("https://abc.supabase.co/abc"));
    }
}
