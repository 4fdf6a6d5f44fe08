//! Hooks: functions of yours that the auth service calls.

use super::forms::{HOOK, HOOK_SECRETS};
use super::rows::{absent, off, secret};
use crate::schema::{Field, Impact, Needs, Risk, When, Wire};

const CALLED: &[Risk] = &[
    Risk {
        when: When::On,
        impact: Impact::Security,
        why: "the auth service sends people's data to this hook and follows its answer",
    },
    Risk {
        when: When::Off,
        impact: Impact::Security,
        why: "the hook is no longer called, so it no longer refuses, changes or reports anything",
    },
];
const MOVED: &[Risk] = &[Risk {
    when: When::Set,
    impact: Impact::Security,
    why: "the auth service sends people's data to this address and follows its answer",
}];

/// The three rows of a hook: its switch, its address, its secrets, in this order.
macro_rules! hook {
    ($id:literal, $called:literal) => {
        &[
            off(concat!("hook_", $id, "_enabled"))
                .entitlement("auth.hooks")
                .needs(&[Needs { when: When::On, fields: &[concat!("hook_", $id, "_uri")] }])
                .risks(CALLED)
                .doc(concat!("Call a hook of yours ", $called, ".")),
            absent(concat!("hook_", $id, "_uri"))
                .form(&HOOK)
                .stricter_than_spec("the auth service calls no other addresses, and does not start with one")
                .entitlement("auth.hooks")
                .risks(MOVED)
                .example(concat!("https://example.com/hooks/", $id))
        .doc(concat!(
                    "The hook that is called ",
                    $called,
                    ": `https://…`, or `pg-functions://postgres/SCHEMA/FUNCTION` for a function of the database."
                )),
            secret(concat!("hook_", $id, "_secrets"))
                .form(&HOOK_SECRETS)
                .stricter_than_spec("the auth service accepts no other secrets")
                .wire(Wire::Joined("|"))
                .entitlement("auth.hooks")
                .doc(concat!(
                    "The secrets that sign the calls made ",
                    $called,
                    ", each `v1,whsec_…`: one reference, or a list of them while you rotate; an https hook needs one, a database function has none."
                )),
        ]
    };
}

/// Every hook.
pub(super) const HOOKS: &[(&str, &[Field])] = &[
    (
        "Hook: custom access token",
        hook!("custom_access_token", "before an access token is given out, to change its claims"),
    ),
    ("Hook: send SMS", hook!("send_sms", "in place of sending an SMS")),
    ("Hook: send e-mail", hook!("send_email", "in place of sending a mail")),
    ("Hook: before a user is created", hook!("before_user_created", "before a user is created, to refuse some")),
    ("Hook: after a user is created", hook!("after_user_created", "after a user was created")),
    (
        "Hook: MFA verification attempt",
        hook!("mfa_verification_attempt", "when somebody presents a second factor, to let it count or not"),
    ),
    (
        "Hook: password verification attempt",
        hook!("password_verification_attempt", "when somebody presents a password, to let it count or not"),
    ),
];
