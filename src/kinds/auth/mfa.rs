//! Second factors and passkeys.

use super::rows::{MOST, MOST_SMALL, SOONER, UNSET, absent, off, on, weakens};
use crate::schema::{
    Field, Impact, ListAs, Literal, Needs, Risk, TextRule, Type, Unit, When, Wire, flag, int, list, long_text,
};

const ORIGIN: Type = Type::Text(TextRule { form: Some(&super::forms::ORIGIN), max_chars: None, long: false });

const DROPS_FACTOR: Risk = weakens(When::Off, "people who have this second factor sign in without it");
const NO_MORE_FACTORS: &[Risk] = &[weakens(When::Off, "people can no longer set up this second factor")];
const BILLED: Risk = Risk { when: When::On, impact: Impact::Billed, why: "turns on an add-on that costs $75 a month" };

/// Second factors.
pub(super) const MFA: &[Field] = &[
    int("mfa_max_enrolled_factors", 0, MOST)
        .resets_to(&[Literal::Int(10), Literal::Null])
        .harmless("it is how many factors a person may have, not whether one is needed")
        .doc("How many second factors one person may have."),
    on("mfa_totp_enroll_enabled")
        .needs(&[Needs { when: When::On, fields: &["mfa_totp_verify_enabled"] }])
        .risks(&[weakens(When::Off, "people can no longer set up an authenticator app")])
        .doc("Let people set up an authenticator app as a second factor."),
    on("mfa_totp_verify_enabled").risks(&[DROPS_FACTOR]).doc("Accept codes of authenticator apps as a second factor."),
    off("mfa_phone_enroll_enabled")
        .entitlement("auth.mfa_phone")
        .needs(&[Needs { when: When::On, fields: &["mfa_phone_verify_enabled"] }])
        .risks(NO_MORE_FACTORS)
        .doc("Let people set up their phone as a second factor."),
    off("mfa_phone_verify_enabled")
        .entitlement("auth.mfa_phone")
        .risks(&[BILLED, DROPS_FACTOR])
        .doc("Accept codes sent by SMS as a second factor, which is an add-on with a price."),
    int("mfa_phone_otp_length", 0, MOST_SMALL)
        .resets_to(&[Literal::Int(6), Literal::Null])
        .entitlement("auth.mfa_phone")
        .risks(&[weakens(When::Lower, "codes are easier to guess")])
        .doc("How many digits the code of a second factor has."),
    int("mfa_phone_max_frequency", 0, MOST_SMALL)
        .unit(Unit::Seconds)
        .resets_to(&[Literal::Int(5), Literal::Null])
        .entitlement("auth.mfa_phone")
        .risks(SOONER)
        .doc("How long one person must wait between two SMS with a second factor."),
    long_text("mfa_phone_template")
        .variables(super::sms::VARIABLES)
        .resets_to(&[Literal::Text("Your code is {{ .Code }}"), Literal::Null])
        .entitlement("auth.mfa_phone")
        .judged()
        .doc("The text of an SMS with a second factor; `{{ .Code }}` stands for the code."),
    off("mfa_web_authn_enroll_enabled")
        .entitlement("auth.mfa_web_authn")
        .needs(&[Needs { when: When::On, fields: &["mfa_web_authn_verify_enabled"] }])
        .risks(NO_MORE_FACTORS)
        .doc("Let people set up a security key or their device as a second factor."),
    off("mfa_web_authn_verify_enabled")
        .entitlement("auth.mfa_web_authn")
        .risks(&[BILLED, DROPS_FACTOR])
        .doc("Accept security keys and devices as a second factor, which is an add-on with a price."),
];

/// Passkeys.
pub(super) const PASSKEYS: &[Field] = &[
    flag("passkey_enabled")
        .default(Literal::Bool(false))
        .needs(&[Needs { when: When::On, fields: &["webauthn_rp_id", "webauthn_rp_origins"] }])
        .risks(super::rows::SIGN_IN)
        .doc("Let people sign in with a passkey instead of a password."),
    absent("webauthn_rp_id")
        .form(&super::forms::DOMAIN)
        .stricter_than_spec("browsers take a bare domain and nothing else")
        .judged()
        .example("example.com")
        .doc("The domain that passkeys belong to, such as `example.com`; passkeys of another domain stop working."),
    absent("webauthn_rp_display_name").prose().example("Acme")
        .harmless("it is a name that people see when they create a passkey")
        .doc("The name of your site that devices show when they create a passkey."),
    list("webauthn_rp_origins", &ORIGIN, ListAs::Set)
        .wire(Wire::Joined(","))
        .resets_to(UNSET)
        .risks(&[weakens(When::Grows, "passkeys may be used from every one of these origins")])
        .example("[https://example.com]")
        .doc("The origins from which passkeys may be used, such as `https://example.com`; only localhost may be plain http."),
];
