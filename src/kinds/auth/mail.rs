//! Sending mail and signing in by mail. The texts are in `templates`.

use super::forms::{EMAIL, HOST};
use super::rows::{MOST, MOST_SMALL, SENDER, SENDS, SOONER, absent, off, on, secret, weakens};
use crate::schema::{Along, Case, Field, Impact, Literal, Needs, Risk, Unit, When, Wire, int};

/// The fields without which there is no mail relay: all of them or none.
pub(super) const RELAY: &[&str] = &["smtp_admin_email", "smtp_host", "smtp_port", "smtp_user", "smtp_pass"];

/// A complete mail relay, in the manifest or live. The API refuses the whole request otherwise.
pub(super) const WITH_RELAY: &[Needs] = &[Needs { when: When::Set, fields: RELAY }];

/// A relay is set where there was none.
static FIRST: Case =
    Case { when: "when it is set for the first time", holds: |before, after| before.is_null() && !after.is_null() };

/// Fields that the API changes when a relay is set or cleared.
const ALONG: &[Along] = &[
    Along {
        when: When::Cleared,
        fields: &[
            "smtp_port",
            "smtp_user",
            "smtp_pass",
            "smtp_admin_email",
            "smtp_sender_name",
            "rate_limit_email_sent",
        ],
        from: None,
        becomes: None,
        sure: true,
        why: "",
    },
    Along {
        when: When::Cleared,
        fields: &["mailer_subjects_*", "mailer_templates_*"],
        from: None,
        becomes: None,
        sure: false,
        why: "on the free plan is reset to the built-in text without the relay, and cannot be recovered from Supabase",
    },
    Along {
        when: When::Where(&FIRST),
        fields: &["rate_limit_email_sent"],
        from: Some(Literal::Int(2)),
        becomes: Some(Literal::Int(30)),
        sure: true,
        why: "",
    },
];

/// The mail relay.
pub(super) const SMTP: &[Field] = &[
    absent("smtp_host")
        .form(&HOST)
        .needs(WITH_RELAY)
        .stricter_than_spec("an empty host switches the relay off and reads back as null (write null), and a relay is found by its host alone")
        .risks(&[
            weakens(When::Set, "mails with codes and links are sent through this relay"),
            Risk {
                when: When::Cleared,
                impact: Impact::Access,
                why: "the built-in mail service sends two mails an hour, and only to members of the organization",
            },
        ])
        .takes_along(ALONG)
        .example("mail.example.com")
        .doc("The host of your mail relay; `null` switches to the built-in mail service, which is meant for trials."),
    int("smtp_port", 1, 65_535)
        .wire(Wire::NumberAsText)
        .resets_to(&[Literal::Null, Literal::Text("")])
        .needs(WITH_RELAY)
        .stricter_than_spec("a port is a number; the API accepts any text")
        .risks(&[weakens(When::Set, "mails with codes and links are sent through this relay")])
        .example("587")
        .doc("The port of your mail relay, usually 465 or 587."),
    absent("smtp_user")
        .needs(WITH_RELAY)
        .risks(SENDS)
        .example("postmaster@example.com")
        .doc("The name with which to sign in at your mail relay."),
    secret("smtp_pass").needs(WITH_RELAY).doc("The password with which to sign in at your mail relay."),
    absent("smtp_admin_email")
        .form(&EMAIL)
        .needs(WITH_RELAY)
        .risks(SENDER)
        .example("no-reply@example.com")
        .doc("The address from which mail is sent."),
    absent("smtp_sender_name")
        .prose()
        .needs(WITH_RELAY)
        .risks(SENDER)
        .example("Acme")
        .doc("The name from which mail is sent, beside the address."),
    int("smtp_max_frequency", 0, MOST_SMALL)
        .unit(Unit::Seconds)
        .resets_to(&[Literal::Int(60), Literal::Null])
        .risks(SOONER)
        .doc("How long one person must wait between two mails."),
];

/// Signing in by mail.
pub(super) const MAIL: &[Field] = &[
    off("mailer_autoconfirm")
        .risks(&[weakens(When::On, "people can sign up with an address that is not theirs")])
        .doc("Treat new addresses as confirmed, without sending a mail."),
    off("mailer_allow_unverified_email_sign_ins")
        .risks(&[weakens(When::On, "people can sign in before they have shown that the address is theirs")])
        .doc("Let people sign in before they have confirmed their address."),
    on("mailer_secure_email_change_enabled")
        .risks(&[weakens(When::Off, "whoever holds a session can move the account to another address")])
        .doc("Ask for a confirmation from both the old and the new address when an address changes."),
    int("mailer_otp_exp", 0, MOST)
        .unit(Unit::Seconds)
        .default(Literal::Int(3600))
        .risks(&[weakens(When::Doubled, "a mailed code or link works for more than twice as long")])
        .doc("How long a mailed code or link stays valid."),
    int("mailer_otp_length", 6, 10)
        .resets_to(&[Literal::Int(8), Literal::Null])
        .risks(&[weakens(When::Lower, "mailed codes are easier to guess")])
        .doc("How many digits a mailed code has."),
];
