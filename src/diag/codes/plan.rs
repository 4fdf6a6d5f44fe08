//! The codes of planning.

use super::codes;

codes! {
    TOO_MANY_ITEMS = "E0501", "more items than the API stores",
        "The API stores a limited number of items of this kind in a project, and the plan would leave more than that. Items that no manifest manages count too.",
        "";
    HOOK_WITHOUT_SECRET = "E0510", "a hook without a secret",
        "Calls to an http or https hook are signed, so that the hook can tell the auth service from anybody else. The auth service refuses such a hook without a secret of the form `v1,whsec_…`, neither in the manifest nor live.",
        "auth:\n  hook_send_email_enabled: true\n  hook_send_email_uri: https://hooks.example.com/mail";
    NO_SMS_PROVIDER = "E0511", "phone sign-in without a way to send SMS",
        "People could sign in by phone, but the chosen SMS provider lacks settings that it cannot send without, so nobody would get a code. Set them, choose another provider, or use a `send_sms` hook. Where that is what you want, allow it by name.",
        "auth: {external_phone_enabled: true, sms_provider: vonage}";
    PASSKEYS_LOST = "E0512", "another domain for passkeys",
        "A passkey belongs to the domain that it was made for. With another `webauthn_rp_id` all passkeys of today stop working, and people without another way to sign in are locked out. Where that is what you want, allow it by name.",
        "auth: {webauthn_rp_id: example.org}";
}
