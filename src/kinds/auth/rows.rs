//! Constants that many rows of `auth` share.

use crate::schema::{Case, Digest, Field, Impact, Literal, Risk, When, flag, int, text};

/// The greatest number that the API stores in a plain integer.
pub(super) const MOST: i64 = 2_147_483_647;
/// The greatest number that the API stores in a small integer.
pub(super) const MOST_SMALL: i64 = 32_767;

/// A switch that is off on an untouched project.
pub(super) const fn off(name: &'static str) -> Field {
    flag(name).resets_to(&[Literal::Bool(false), Literal::Null])
}

/// A switch that is on on an untouched project.
pub(super) const fn on(name: &'static str) -> Field {
    flag(name).resets_to(&[Literal::Bool(true), Literal::Null])
}

/// A text that an untouched project does not have.
pub(super) const fn absent(name: &'static str) -> Field {
    text(name).resets_to(UNSET)
}

/// A secret, which the API shows as an HMAC.
pub(super) const fn secret(name: &'static str) -> Field {
    text(name).secret(Digest::HmacOfRef).cleared_as(UNSET)
}

/// The risk of more attempts, or more messages, in the same time.
const OFTENER: &[Risk] =
    &[weakens(When::Higher, "codes and passwords can be tried, and mails and SMS sent, more often")];

/// How often something may happen: at least once.
pub(super) const fn rate(name: &'static str) -> Field {
    int(name, 1, MOST).risks(OFTENER)
}

/// The live values of a missing text: the API makes no difference between the two.
pub(super) const UNSET: &[Literal] = &[Literal::Null, Literal::Text("")];

/// The risk of switching off a way to sign in that some people may have as their only one.
pub(super) const SIGN_IN: &[Risk] = &[NO_WAY_IN];
/// The same risk, to combine with others.
pub(super) const NO_WAY_IN: Risk =
    Risk { when: When::Off, impact: Impact::Access, why: "people who sign in this way no longer can" };

/// The risk of sending through another account, whose owner sees what is sent.
pub(super) const SENDS: &[Risk] =
    &[weakens(When::Set, "mails or SMS with codes and links are sent through this account")];
/// The risk of another apparent sender.
pub(super) const SENDER: &[Risk] = &[weakens(When::Set, "people see this as the sender of codes and links")];
/// The risk of a shorter wait between two messages.
pub(super) const SOONER: &[Risk] = &[weakens(When::Lower, "messages with codes can be requested more often")];

/// The time after which somebody must sign in again becomes longer; zero means never.
pub(super) static LONGER: Case = Case {
    when: "when it becomes longer, or 0, which means never",
    holds: |before, after| {
        let [before, after] = [before, after].map(|value| value.as_f64().unwrap_or_default());
        before != 0.0 && (after == 0.0 || after > before)
    },
};

/// A change that makes the project easier to attack.
pub(super) const fn weakens(when: When, why: &'static str) -> Risk {
    Risk { when, impact: Impact::Security, why }
}
