//! The mails: subject and text of each, and the switches of the notifications.
//!
//! The built-in texts are here as data, because live shows them where nobody wrote others.

use super::rows::{off, weakens};
use crate::schema::{Field, Literal, Risk, When, long_text, text};

/// The risk of no notification: the owner of a stolen account does not learn of the change.
const UNTOLD: &[Risk] = &[weakens(When::Off, "people no longer hear of this change to their account")];

/// The variables of a mail with a link; the auth service gives a mail no others.
const LINKS: &[&str] = &["ConfirmationURL", "Data", "Email", "RedirectTo", "SiteURL", "Token", "TokenHash"];
const FACTOR: &[&str] = &["Data", "Email", "FactorType", "SiteURL"];
const IDENTITY: &[&str] = &["Data", "Email", "Provider", "SiteURL"];

/// Subject and text of a mail.
macro_rules! mail {
    ($id:literal, $what:literal, $variables:expr, $subject:literal, $content:expr) => {
        &[mail!(@subject $id, $what, $variables, $subject), mail!(@content $id, $what, $variables, $content)]
    };
    (@subject $id:expr, $what:literal, $variables:expr, $subject:literal) => {
        text(concat!("mailer_subjects_", $id))
            .variables($variables)
            .prose()
            .resets_to(&[Literal::Text($subject), Literal::Null])
            .judged()
            .doc(concat!("The subject of the mail ", $what, "."))
    };
    (@content $id:expr, $what:literal, $variables:expr, $content:expr) => {
        long_text(concat!("mailer_templates_", $id, "_content"))
            .variables($variables)
            .resets_to(&[Literal::Text($content), Literal::Null])
            .judged()
            .example(concat!("{file: templates/", $id, ".html}"))
        .doc(concat!("The HTML text of the mail ", $what, ", usually as `{file: …}`."))
    };
}

/// A mail that can be switched off: its switch, subject and text.
macro_rules! notice {
    ($id:literal, $what:literal, $variables:expr, $subject:literal, $content:expr) => {
        &[
            off(concat!("mailer_notifications_", $id, "_enabled")).risks(UNTOLD).doc(concat!("Send the mail ", $what, ".")),
            mail!(@subject concat!($id, "_notification"), $what, $variables, $subject),
            mail!(@content concat!($id, "_notification"), $what, $variables, $content),
        ]
    };
}

/// Every mail.
pub(super) const MAILS: &[(&str, &[Field])] = &[
    (
        "Mail: confirm a sign-up",
        mail!(
            "confirmation",
            "that asks a new person to confirm their address",
            LINKS,
            "Confirm Your Signup",
            concat!(
                "<h2>Confirm your signup</h2>\n\n",
                "<p>Follow this link to confirm your user:</p>\n",
                "<p><a href=\"{{ .ConfirmationURL }}\">Confirm your mail</a></p>"
            )
        ),
    ),
    (
        "Mail: invitation",
        mail!(
            "invite",
            "that invites somebody",
            LINKS,
            "You have been invited",
            concat!(
                "<h2>You have been invited</h2>\n\n",
                "<p>You have been invited to create a user on {{ .SiteURL }}. Follow this link to accept the invite:</p>\n",
                "<p><a href=\"{{ .ConfirmationURL }}\">Accept the invite</a></p>"
            )
        ),
    ),
    (
        "Mail: magic link",
        mail!(
            "magic_link",
            "with a link or code to sign in with",
            LINKS,
            "Your Magic Link",
            concat!(
                "<h2>Magic Link</h2>\n\n",
                "<p>Follow this link to login:</p>\n",
                "<p><a href=\"{{ .ConfirmationURL }}\">Log In</a></p>"
            )
        ),
    ),
    (
        "Mail: reset a password",
        mail!(
            "recovery",
            "with a link or code to set a new password",
            LINKS,
            "Reset Your Password",
            concat!(
                "<h2>Reset Password</h2>\n\n",
                "<p>Follow this link to reset the password for your user:</p>\n",
                "<p><a href=\"{{ .ConfirmationURL }}\">Reset Password</a></p>"
            )
        ),
    ),
    (
        "Mail: confirm a new address",
        mail!(
            "email_change",
            "that asks to confirm a change of address",
            &[
                "ConfirmationURL",
                "Data",
                "Email",
                "NewEmail",
                "RedirectTo",
                "SendingTo",
                "SiteURL",
                "Token",
                "TokenHash"
            ],
            "Confirm Email Change",
            concat!(
                "<h2>Confirm Change of Email</h2>\n\n",
                "<p>Follow this link to confirm the update of your email from {{ .Email }} to {{ .NewEmail }}:</p>\n",
                "<p><a href=\"{{ .ConfirmationURL }}\">Change Email</a></p>"
            )
        ),
    ),
    (
        "Mail: reauthentication",
        mail!(
            "reauthentication",
            "with a code that a signed-in person enters before something delicate",
            &["Data", "Email", "SiteURL", "Token"],
            "Confirm Reauthentication",
            concat!("<h2>Confirm reauthentication</h2>\n\n", "<p>Enter the code: {{ .Token }}</p>")
        ),
    ),
    (
        "Mail: password changed",
        notice!(
            "password_changed",
            "that tells somebody that their password was changed",
            &["Data", "Email", "SiteURL"],
            "Your password has been changed",
            concat!(
                "<h2>Your password has been changed</h2>\n\n",
                "<p>This is a confirmation that the password for your account {{ .Email }} has just been changed.</p>\n",
                "<p>If you did not make this change, please contact support.</p>"
            )
        ),
    ),
    (
        "Mail: address changed",
        notice!(
            "email_changed",
            "that tells somebody that their e-mail address was changed",
            &["Data", "Email", "OldEmail", "SiteURL"],
            "Your email address has been changed",
            concat!(
                "<h2>Your email address has been changed</h2>\n\n",
                "<p>The email address for your account has been changed from {{ .OldEmail }} to {{ .Email }}.</p>\n",
                "<p>If you did not make this change, please contact support.</p>"
            )
        ),
    ),
    (
        "Mail: phone number changed",
        notice!(
            "phone_changed",
            "that tells somebody that their phone number was changed",
            &["Data", "Email", "OldPhone", "Phone", "SiteURL"],
            "Your phone number has been changed",
            concat!(
                "<h2>Your phone number has been changed</h2>\n\n",
                "<p>The phone number for your account {{ .Email }} has been changed from {{ .OldPhone }} to {{ .Phone }}.</p>\n",
                "<p>If you did not make this change, please contact support immediately.</p>"
            )
        ),
    ),
    (
        "Mail: second factor added",
        notice!(
            "mfa_factor_enrolled",
            "that tells somebody that a second factor was added",
            FACTOR,
            "A new MFA factor has been enrolled",
            concat!(
                "<h2>A new MFA factor has been enrolled</h2>\n\n",
                "<p>A new factor ({{ .FactorType }}) has been enrolled for your account {{ .Email }}.</p>\n",
                "<p>If you did not make this change, please contact support immediately.</p>"
            )
        ),
    ),
    (
        "Mail: second factor removed",
        notice!(
            "mfa_factor_unenrolled",
            "that tells somebody that a second factor was removed",
            FACTOR,
            "An MFA factor has been unenrolled",
            concat!(
                "<h2>An MFA factor has been unenrolled</h2>\n\n",
                "<p>A factor ({{ .FactorType }}) has been unenrolled for your account {{ .Email }}.</p>\n",
                "<p>If you did not make this change, please contact support immediately.</p>"
            )
        ),
    ),
    (
        "Mail: identity linked",
        notice!(
            "identity_linked",
            "that tells somebody that an identity was linked to their account",
            IDENTITY,
            "A new identity has been linked",
            concat!(
                "<h2>A new identity has been linked</h2>\n\n",
                "<p>A new identity ({{ .Provider }}) has been linked to your account {{ .Email }}.</p>\n",
                "<p>If you did not make this change, please contact support immediately.</p>"
            )
        ),
    ),
    (
        "Mail: identity unlinked",
        notice!(
            "identity_unlinked",
            "that tells somebody that an identity was taken off their account",
            IDENTITY,
            "An identity has been unlinked",
            concat!(
                "<h2>An identity has been unlinked</h2>\n\n",
                "<p>An identity ({{ .Provider }}) has been unlinked from your account {{ .Email }}.</p>\n",
                "<p>If you did not make this change, please contact support immediately.</p>"
            )
        ),
    ),
];
