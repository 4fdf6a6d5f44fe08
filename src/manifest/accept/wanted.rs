//! A difference that is to be removed, and why it is not.

use serde_json::{Map, Value};

use crate::diag::{Diagnostic, codes::run as codes};
use crate::model::{Change, FieldChange, Layer, Origin};

/// A difference to remove by writing the live value into the manifests.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The resource that differs.
    pub change: &'a Change,
    /// The field; `None` where a whole item is only live or only desired.
    pub field: Option<&'a FieldChange>,
    /// The live members of the resource, where it is live.
    pub live: Option<&'a Map<String, Value>>,
}

impl Wanted<'_> {
    /// The address: `acme/auth/jwt_exp`, `acme/secrets/KEY`.
    #[must_use]
    pub fn address(&self) -> String {
        let at = &self.change.at;
        self.field.map_or_else(|| at.to_string(), |field| format!("{at}/{}", field.name()))
    }

    pub(super) fn origin(&self) -> Option<&Origin> {
        self.field.map_or(self.change.origin.as_ref(), |field| field.origin.as_ref())
    }
}

pub(super) fn doubt(wanted: &Wanted<'_>, why: &str) -> Diagnostic {
    let message = format!("{} is not accepted: {why}", wanted.address());
    match wanted.origin() {
        Some(origin) => Diagnostic::error(codes::NOT_ACCEPTED, origin.span, message),
        None => Diagnostic::new(codes::NOT_ACCEPTED, crate::diag::Severity::Error, message),
    }
}

pub(super) fn layer_text(layer: &Layer) -> String {
    match layer {
        Layer::Profile(name) => format!("the profile `{name}`"),
        Layer::Common => "`common:`".to_owned(),
        Layer::Document => "the document".to_owned(),
    }
}

pub(super) const BY_HAND: &str = "Write it by hand.";
