//! The codes of group `value`.

use super::codes;

codes! {
    HOOK_ADDRESS = "E0350", "an address that the auth service does not call",
        "A hook is called at an `https://` address, or is a function of the database, written `pg-functions://postgres/SCHEMA/FUNCTION`. Plain `http://` is called on localhost only, because a hook sees people's data and decides who comes in.",
        "auth:\n  hook_send_email_uri: http://hooks.example.com/mail";
    HOOK_SECRETS_UNUSED = "E0351", "a secret for a hook that is not signed",
        "Calls to an https hook are signed with its secrets. A function of the database is called directly, without a signature, and the platform refuses secrets beside it. Remove them, or write null to clear what is live.",
        "auth:\n  hook_send_sms_uri: pg-functions://postgres/public/send_sms\n  hook_send_sms_secrets: {secret: HOOK_SECRET}";
    INSECURE_ORIGIN = "E0352", "a plain http origin for passkeys",
        "Browsers offer passkeys on https pages only, and the API refuses other origins. Only localhost may be plain http, for development.",
        "auth:\n  webauthn_rp_origins: [http://example.com]";
    FOLDED_FIELD = "E0353", "a field that the API moves elsewhere",
        "The API moves additional client ids into the field of the first id and then shows this field as null, so that what is written here would differ for ever. Write all ids as one list in the first field; it is compared as a set.",
        "auth:\n  external_apple_additional_client_ids: com.example.app";
    TEST_NUMBER = "E0354", "a test number that is no phone number",
        "The keys of `sms_test_otp` are phone numbers of 1 to 15 digits, with the country's code first and without `+`. In YAML they stand in quotes, because keys are texts.",
        "auth:\n  sms_test_otp: {\"+1 555 123 4567\": \"123456\"}";
    HALF_A_RELAY = "E0355", "a mail relay that is both set and cleared",
        "A mail relay is its host, port, user, password and sending address: all of them or none. Clearing one of them clears the rest, so a manifest that clears one and sets another contradicts itself.",
        "auth:\n  smtp_host: mail.example.com\n  smtp_pass: null";
}
