//! Signing in by SMS and the services that send them.

use super::forms::{DATE_TIME, DIGITS};
use super::rows::{MOST, MOST_SMALL, SENDER, SENDS, SOONER, UNSET, absent, off, secret, weakens};
use crate::schema::{Field, Literal, TextRule, Type, Unit, When, Wire, choice, int, long_text, map};

const CODE: Type = Type::Text(TextRule { form: Some(&DIGITS), max_chars: None, long: false });

/// The variables of an SMS template.
pub(super) const VARIABLES: &[&str] = &["Code"];

/// The services that send SMS, each with the fields that the auth service's own checks require.
pub(super) const SENDERS: &[(&str, &[&str])] = &[
    ("messagebird", &["sms_messagebird_originator", "sms_messagebird_access_key"]),
    ("textlocal", &["sms_textlocal_sender", "sms_textlocal_api_key"]),
    ("twilio", &["sms_twilio_account_sid", "sms_twilio_message_service_sid", "sms_twilio_auth_token"]),
    (
        "twilio_verify",
        &["sms_twilio_verify_account_sid", "sms_twilio_verify_message_service_sid", "sms_twilio_verify_auth_token"],
    ),
    ("vonage", &["sms_vonage_from", "sms_vonage_api_key", "sms_vonage_api_secret"]),
];

/// Signing in by SMS.
pub(super) const SMS: &[Field] = &[
    choice("sms_provider", &["messagebird", "textlocal", "twilio", "twilio_verify", "vonage"])
        .resets_to(&[Literal::Text("twilio"), Literal::Null])
        .risks(&[weakens(When::Changed, "codes are sent through another service")])
        .doc("The service that sends SMS; only the settings of this one count."),
    off("sms_autoconfirm")
        .risks(&[weakens(When::On, "people can sign up with a number that is not theirs")])
        .doc("Treat new phone numbers as confirmed, without sending an SMS."),
    int("sms_otp_exp", 0, MOST)
        .unit(Unit::Seconds)
        .resets_to(&[Literal::Int(60), Literal::Null])
        .risks(&[weakens(When::Doubled, "a code works for more than twice as long")])
        .doc("How long a code that was sent by SMS stays valid."),
    int("sms_otp_length", 0, MOST_SMALL)
        .default(Literal::Int(6))
        .risks(&[weakens(When::Lower, "codes are easier to guess")])
        .doc("How many digits a code that is sent by SMS has."),
    int("sms_max_frequency", 0, MOST_SMALL)
        .unit(Unit::Seconds)
        .resets_to(&[Literal::Int(5), Literal::Null])
        .risks(SOONER)
        .doc("How long one person must wait between two SMS."),
    long_text("sms_template")
        .variables(VARIABLES)
        .resets_to(&[Literal::Text("Your code is {{ .Code }}"), Literal::Null])
        .judged()
        .doc("The text of an SMS; `{{ .Code }}` stands for the code."),
    map("sms_test_otp", &CODE)
        .wire(Wire::Pairs)
        .resets_to(UNSET)
        .risks(&[weakens(When::Grows, "these numbers sign in with a fixed code, without an SMS")])
        .example("{\"15551234567\": \"123456\"}")
        .doc("Phone numbers for tests, each with the fixed code that signs it in."),
    absent("sms_test_otp_valid_until")
        .form(&DATE_TIME)
        .wire(Wire::Moment)
        .risks(&[weakens(When::Changed, "decides until when the numbers for tests sign in with a fixed code")])
        .example("2027-01-31T12:00:00Z")
        .doc("The moment from which the numbers of `sms_test_otp` no longer work."),
];

/// Twilio, with a message service of yours.
pub(super) const TWILIO: &[Field] = &[
    absent("sms_twilio_account_sid")
        .risks(SENDS)
        .example("AC0123456789")
        .doc("The SID of your Twilio account, which starts with `AC`."),
    absent("sms_twilio_message_service_sid")
        .risks(SENDS)
        .example("MG0123456789")
        .doc("The SID of the Twilio message service that sends, or the number that it sends from."),
    absent("sms_twilio_content_sid")
        .risks(SENDER)
        .example("HX0123456789")
        .doc("The SID of the Twilio content template, which WhatsApp messages need."),
    secret("sms_twilio_auth_token").doc("The auth token of your Twilio account."),
];

/// Twilio Verify, which makes and checks the codes itself.
pub(super) const TWILIO_VERIFY: &[Field] = &[
    absent("sms_twilio_verify_account_sid")
        .risks(SENDS)
        .example("AC0123456789")
        .doc("The SID of the Twilio account that has the Verify service."),
    absent("sms_twilio_verify_message_service_sid")
        .risks(SENDS)
        .example("VA0123456789")
        .doc("The SID of the Verify service, which starts with `VA`."),
    secret("sms_twilio_verify_auth_token").doc("The auth token of the Twilio account that has the Verify service."),
];

/// `MessageBird`.
pub(super) const MESSAGEBIRD: &[Field] = &[
    absent("sms_messagebird_originator")
        .prose()
        .risks(SENDER)
        .example("Acme")
        .doc("The number or name that MessageBird shows as the sender."),
    secret("sms_messagebird_access_key").doc("The access key of your MessageBird account."),
];

/// Textlocal.
pub(super) const TEXTLOCAL: &[Field] = &[
    absent("sms_textlocal_sender")
        .prose()
        .risks(SENDER)
        .example("Acme")
        .doc("The name that Textlocal shows as the sender."),
    secret("sms_textlocal_api_key").doc("The API key of your Textlocal account."),
];

/// Vonage.
pub(super) const VONAGE: &[Field] = &[
    absent("sms_vonage_from")
        .prose()
        .risks(SENDER)
        .example("Acme")
        .doc("The number or name that Vonage shows as the sender."),
    absent("sms_vonage_api_key")
        .risks(SENDS)
        .example("abcd1234")
        .doc("The API key of your Vonage account, which names the account and is no secret."),
    secret("sms_vonage_api_secret").doc("The API secret of your Vonage account."),
];
