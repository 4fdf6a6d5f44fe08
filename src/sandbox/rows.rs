//! The facts of fields that the sandbox uses.

use crate::kind::KindInfo;
use crate::schema::Field;

/// The rows of a kind: the facts of its fields.
pub(super) fn rows(kind: &str) -> &'static KindInfo {
    crate::kind::find(crate::kinds::KINDS, kind).expect("the kind is registered").info()
}

/// Whether auth has a setting of this name.
pub(super) fn is_auth_field(name: &str) -> bool {
    rows("auth").field(name).is_some()
}

/// Whether a setting of auth is a secret, of which a world has only the digest.
pub(super) fn is_secret(name: &str) -> bool {
    rows("auth").field(name).is_some_and(Field::is_secret)
}
