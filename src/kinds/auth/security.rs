//! Passwords, bots, sessions and rate limits.

use super::forms::TAG;
use super::mail::WITH_RELAY;
use super::rows::{LONGER, MOST_SMALL, UNSET, off, rate, secret, weakens};
use crate::schema::{
    Case, Field, ListAs, Literal, Needs, Risk, TextRule, Type, Unit, When, Wire, choice, int, list, number,
};

const TAG_TEXT: Type = Type::Text(TextRule { form: Some(&TAG), max_chars: None, long: false });
const HOURS_OF_A_YEAR: f64 = 8760.0;

const LETTERS_DIGITS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:0123456789";
const LOWER_UPPER_DIGITS: &str = "abcdefghijklmnopqrstuvwxyz:ABCDEFGHIJKLMNOPQRSTUVWXYZ:0123456789";
/// The two backslashes are in the API's own value.
const LOWER_UPPER_DIGITS_SYMBOLS: &str =
    r#"abcdefghijklmnopqrstuvwxyz:ABCDEFGHIJKLMNOPQRSTUVWXYZ:0123456789:!@#$%^&*()_+-=[]{};'\\:"|<>?,./`~"#;

/// Fewer classes of characters are required.
static FEWER_KINDS: Case = Case {
    when: "when it asks for fewer kinds of characters",
    holds: |before, after| {
        let kinds = |value: &serde_json::Value| {
            let asked = value.as_str().unwrap_or_default();
            [LETTERS_DIGITS, LOWER_UPPER_DIGITS, LOWER_UPPER_DIGITS_SYMBOLS].iter().position(|it| *it == asked)
        };
        kinds(after) < kinds(before)
    },
};

const SIMPLER: &[Risk] = &[weakens(When::Where(&FEWER_KINDS), "simpler passwords are easier to guess")];
/// A session lasts longer.
const LASTS: &[Risk] = &[weakens(When::Where(&LONGER), "a session that was stolen lasts longer")];

/// Passwords.
pub(super) const PASSWORDS: &[Field] = &[
    int("password_min_length", 6, MOST_SMALL)
        .resets_to(&[Literal::Int(6), Literal::Null])
        .risks(&[weakens(When::Lower, "shorter passwords are easier to guess")])
        .example("12")
        .doc("How many characters a password must have at least."),
    choice("password_required_characters", &[LETTERS_DIGITS, LOWER_UPPER_DIGITS, LOWER_UPPER_DIGITS_SYMBOLS, ""])
        .aliases(&[
            ("letters_digits", LETTERS_DIGITS),
            ("lower_upper_letters_digits", LOWER_UPPER_DIGITS),
            ("lower_upper_letters_digits_symbols", LOWER_UPPER_DIGITS_SYMBOLS),
        ])
        .resets_to(UNSET)
        .risks(SIMPLER)
        .doc("The classes of characters of which a password must have one each; `null` requires none."),
    off("password_hibp_enabled")
        .entitlement("auth.password_hibp")
        .risks(&[weakens(When::Off, "accepts passwords that are known to have leaked")])
        .doc("Refuse passwords that are known to have leaked, by asking HaveIBeenPwned, which does not learn the password."),
    off("security_update_password_require_reauthentication")
        .risks(&[weakens(When::Off, "whoever holds a session can set a new password")])
        .doc("Ask people who want a new password to sign in again or to enter a mailed code first."),
    off("security_update_password_require_current_password")
        .risks(&[weakens(When::Off, "whoever holds a session can set a new password without knowing the old one")])
        .doc("Ask people who want a new password for the current one."),
];

/// Bots and proxies.
pub(super) const ABUSE: &[Field] = &[
    off("security_captcha_enabled")
        .needs(&[Needs { when: When::On, fields: &["security_captcha_provider", "security_captcha_secret"] }])
        .risks(&[weakens(When::Off, "bots can sign up and try passwords")])
        .doc("Ask for a solved captcha with sign-up, sign-in and password reset."),
    choice("security_captcha_provider", &["turnstile", "hcaptcha"])
        .resets_to(&[Literal::Text("hcaptcha"), Literal::Null])
        .risks(&[weakens(When::Changed, "another service decides who is a bot")])
        .doc("The service that makes and checks captchas: Cloudflare Turnstile or hCaptcha."),
    secret("security_captcha_secret").doc("The secret key of your account at the captcha service."),
    off("security_sb_forwarded_for_enabled")
        .risks(&[weakens(
            When::On,
            "whoever holds a secret key chooses the client address by which rate limits count",
        )])
        .doc("Read the client's address from `Sb-Forwarded-For`, for servers of yours that send requests on people's behalf."),
];

/// Sessions.
pub(super) const SESSIONS: &[Field] = &[
    number("sessions_timebox", 0.0, HOURS_OF_A_YEAR)
        .unit(Unit::Hours)
        .resets_to(&[Literal::Int(0), Literal::Null])
        .entitlement("auth.user_sessions")
        .stricter_than_spec("the API's description names a maximum of 8760 hours")
        .risks(LASTS)
        .example("30d")
        .doc("How long after signing in a person must sign in again; 0 means never."),
    number("sessions_inactivity_timeout", 0.0, HOURS_OF_A_YEAR)
        .unit(Unit::Hours)
        .resets_to(&[Literal::Int(0), Literal::Null])
        .entitlement("auth.user_sessions")
        .stricter_than_spec("the API's description names a maximum of 8760 hours")
        .risks(LASTS)
        .example("12h")
        .doc("How long a session may be idle before a person must sign in again; 0 means no limit."),
    off("sessions_single_per_user")
        .entitlement("auth.user_sessions")
        .risks(&[weakens(When::Off, "a stolen session stays open beside the owner's")])
        .doc("Keep only the latest session of each person, so that signing in ends all others."),
    list("sessions_tags", &TAG_TEXT, ListAs::Set)
        .wire(Wire::Joined(","))
        .resets_to(UNSET)
        .entitlement("auth.user_sessions")
        .risks(&[weakens(When::Grows, "one person may have more sessions open")])
        .example("[web, mobile]")
        .doc("The tags of kinds of clients; one session of each kind may be open."),
];

/// Rate limits.
pub(super) const RATE_LIMITS: &[Field] = &[
    // With a relay the platform raises its default from 2 to 30.
    rate("rate_limit_email_sent")
        .resets_to(&[Literal::Int(2), Literal::Int(30), Literal::Null])
        .needs(WITH_RELAY)
        .example("100")
        .doc(
            "How many mails are sent per hour in all; with a mail relay of yours the platform raises it from 2 to 30.",
        ),
    rate("rate_limit_sms_sent")
        .resets_to(&[Literal::Int(30), Literal::Null])
        .doc("How many SMS are sent in an hour in all."),
    rate("rate_limit_otp")
        .resets_to(&[Literal::Int(30), Literal::Null])
        .doc("How often one IP address may sign up, sign in or ask for a code in five minutes."),
    rate("rate_limit_verify")
        .resets_to(&[Literal::Int(30), Literal::Null])
        .doc("How many codes and mailed links one IP address may present in five minutes."),
    rate("rate_limit_token_refresh")
        .resets_to(&[Literal::Int(150), Literal::Null])
        .doc("How many sessions one IP address may refresh in five minutes."),
    rate("rate_limit_anonymous_users")
        .resets_to(&[Literal::Int(30), Literal::Null])
        .doc("How many anonymous sessions one IP address may start in an hour."),
    rate("rate_limit_web3")
        .resets_to(&[Literal::Int(30), Literal::Null])
        .doc("How often one IP address may sign in with a wallet in five minutes."),
];
