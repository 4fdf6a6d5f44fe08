//! All rows, in the order of the documentation, and the other data of the kind.

use super::{general, hooks, mail, mfa, providers, security, sms, templates};
use crate::kind::prelude::*;

type Group = (&'static str, &'static [Field]);

/// The rows in the order of the documentation, each group with its heading.
const GROUPS: &[&[Group]] = &[
    &[
        ("Site", general::SITE),
        ("Sign-up and sign-in", general::SIGN_UP),
        ("Tokens", general::TOKENS),
        ("Sessions", security::SESSIONS),
        ("Passwords", security::PASSWORDS),
        ("Second factors", mfa::MFA),
        ("Passkeys", mfa::PASSKEYS),
        ("Bots and proxies", security::ABUSE),
        ("Rate limits", security::RATE_LIMITS),
        ("Mail relay", mail::SMTP),
        ("Signing in by mail", mail::MAIL),
    ],
    templates::MAILS,
    &[
        ("Signing in by SMS", sms::SMS),
        ("SMS: Twilio", sms::TWILIO),
        ("SMS: Twilio Verify", sms::TWILIO_VERIFY),
        ("SMS: MessageBird", sms::MESSAGEBIRD),
        ("SMS: Textlocal", sms::TEXTLOCAL),
        ("SMS: Vonage", sms::VONAGE),
    ],
    hooks::HOOKS,
    providers::PROVIDERS,
    &[
        ("SAML single sign-on", general::SAML),
        ("OAuth server and own providers", general::OAUTH_SERVER),
        ("Performance", general::PERFORMANCE),
    ],
];

const COUNT: usize = {
    let (mut count, mut part) = (0, 0);
    while part < GROUPS.len() {
        count += GROUPS[part].len();
        part += 1;
    }
    count
};

/// [`GROUPS`] as the two parallel slices that a kind has.
const FLAT: ([&str; COUNT], [&[Field]; COUNT]) = {
    let mut flat = ([""; COUNT], [&[] as &[Field]; COUNT]);
    let (mut at, mut part) = (0, 0);
    while part < GROUPS.len() {
        let mut index = 0;
        while index < GROUPS[part].len() {
            (flat.0[at], flat.1[at]) = GROUPS[part][index];
            at += 1;
            index += 1;
        }
        part += 1;
    }
    flat
};
static HEADINGS: [&str; COUNT] = FLAT.0;
static FIELDS: [&[Field]; COUNT] = FLAT.1;

pub(super) static INFO: KindInfo = KindInfo {
    name: "auth",
    doc: "The auth service: who may sign in and how, tokens and sessions, mail and SMS, hooks and providers.",
    shape: Shape::Settings {
        path: "/v1/projects/{ref}/config/auth",
        write: Writes::Patch,
        seen_at: None,
        sent_at: None,
    },
    fields: &FIELDS,
    headings: &HEADINGS,
    read_only: &[
        "audit_log_disable_postgres",
        "custom_oauth_max_providers",
        "index_worker_ensure_user_search_indexes_exist",
        "mfa_allow_low_aal",
        "nimbus_oauth_email_optional",
        "saml_allow_encrypted_assertions",
    ],
    example: "\
auth:
  site_url: https://example.com
  uri_allow_list: [https://example.com/callback]
  jwt_exp: 1h
  password_min_length: 12
  password_required_characters: lower_upper_letters_digits
  external_google_enabled: true
  external_google_client_id: 1234567890-abc.apps.googleusercontent.com
  external_google_secret: {secret: GOOGLE_SECRET}
  smtp_host: mail.example.com
  smtp_port: 587
  smtp_user: postmaster@example.com
  smtp_pass: {secret: SMTP_PASS}
  smtp_admin_email: no-reply@example.com
  mailer_templates_confirmation_content: {file: templates/confirmation.html}
  hook_send_sms_enabled: true
  hook_send_sms_uri: pg-functions://postgres/public/send_sms",
    services: &["auth"],
    aggregate: Some(Aggregate { at: "/auth", as_own: Aggregate::as_it_is, effective: &[] }),
    ..KindInfo::PLAIN
};
