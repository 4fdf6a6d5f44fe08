//! What many rows of `auth` have in common.

use crate::schema::{Digest, Field, Impact, Lit, Risk, When, flag, int, text};

/// The greatest number that the API stores in a plain integer.
pub(super) const MOST: i64 = 2_147_483_647;
/// The greatest number that the API stores in a small integer.
pub(super) const MOST_SMALL: i64 = 32_767;

/// A switch that is off on an untouched project.
pub(super) const fn off(name: &'static str) -> Field {
    flag(name).resets_to(&[Lit::Bool(false), Lit::Null])
}

/// A switch that is on on an untouched project.
pub(super) const fn on(name: &'static str) -> Field {
    flag(name).resets_to(&[Lit::Bool(true), Lit::Null])
}

/// A text that an untouched project does not have.
pub(super) const fn absent(name: &'static str) -> Field {
    text(name).resets_to(UNSET)
}

/// A secret, which the API shows as an HMAC.
pub(super) const fn secret(name: &'static str) -> Field {
    text(name).secret(Digest::HmacOfRef).unset(UNSET)
}

/// How often something may happen: at least once.
pub(super) const fn rate(name: &'static str) -> Field {
    int(name, 1, MOST)
}

/// What live shows where there is no text: the API makes no difference between the two.
pub(super) const UNSET: &[Lit] = &[Lit::Null, Lit::Text("")];

/// A way to sign in that some people may have as their only one.
pub(super) const SIGN_IN: &[Risk] =
    &[Risk { when: When::Off, impact: Impact::Access, why: "people who sign in this way no longer can" }];

/// A change that makes the project easier to attack.
pub(super) const fn weakens(when: When, why: &'static str) -> Risk {
    Risk { when, impact: Impact::Security, why }
}
