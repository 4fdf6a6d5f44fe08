//! The codes of values: what a field may hold. From E0350 on: rules across the fields of a kind.

use super::code::codes;

codes! {
    NOTHING_WRITTEN = "E0301", "a field without a value",
        "Nothing stands after the colon. A forgotten value must not clear a live setting, so null has to be written: `null` clears the field, and without the line the field is not managed.",
        "auth:\n  smtp_pass:";
    NULL_REFUSED = "E0302", "null in a field that cannot be cleared",
        "Null resets a field, and the API has no reset for this one. Write the desired value, or remove the line, which leaves the live value as it is.",
        "ssl_enforcement: {database: null}";
    WRONG_TYPE = "E0303", "a value of the wrong type",
        "The field has another type. YAML 1.2 decides the type of a value: `yes` and `on` are texts, `true` is a boolean, `0123` is a number, and quotes always make a text.",
        "auth: {jwt_exp: [3600]}";
    OUT_OF_RANGE = "E0304", "a number outside of its bounds",
        "The API refuses numbers below the least or above the greatest value of the field. The message names both, in the unit that the API counts in.",
        "auth: {jwt_exp: 700000}";
    UNKNOWN_WORD = "E0305", "a value that is none of the field's",
        "The field has one of a few values. The message or the hint lists them; `supaform explain KIND.FIELD` does as well.",
        "auth: {sms_provider: twillio}";
    BAD_FORM = "E0306", "a text of the wrong form",
        "The API accepts only texts of a certain form. The message says which; nothing that the API would refuse is sent.",
        "auth: {smtp_admin_email: nobody}";
    TOO_LONG = "E0307", "a text that is too long",
        "The API stores a limited number of characters in this field. Characters are counted, not bytes.",
        "";
    BAD_AMOUNT = "E0308", "an amount that cannot be read",
        "Durations are written with `ms s m h d w`, also together (`1h30m`); sizes with `B KiB MiB GiB`. They must be a whole number of the unit that the API counts in; only session timeouts, which count in hours, may have hundredths (`90m` is 1.5). A plain number is in that unit.",
        "auth: {jwt_exp: 1 hour}";
    BAD_ITEM = "E0309", "an item that the API cannot keep apart",
        "The API stores this list as one text with a separator between the items. An item that holds the separator, is empty, or has blanks at its ends would come back as something else.",
        "auth: {uri_allow_list: [\"https://a.example,https://b.example\"]}";
    CONTROL_CHARACTER = "E0310", "a control character in a text",
        "Control characters can forge what a terminal or a log shows, and no field has a use for them. Texts of many lines, such as mail templates, may hold line breaks and tabs.",
        "auth: {smtp_sender_name: \"Acme\\nInc\"}";
    UNKNOWN_MEMBER = "E0311", "an unknown part of a value",
        "The value is a map with parts of known names, and this part is none of them.",
        "";
    NOT_JSON = "E0312", "a number that JSON cannot carry",
        "The number is greater than what the API's JSON can hold without rounding it.",
        "auth: {extra: {NEW_FIELD: 99999999999999999999}}";
    PRIVATE_ADDRESS = "E0335", "an address that only the platform can reach",
        "The platform connects to this address from within its own network. Loopback, private and link-local addresses, services that tell a machine who it is, and names such as `localhost` or `db.internal` lead there to what nobody outside should reach, in whatever form they are written. Give an address that everybody can reach.",
        "sso_providers:\n  okta: {metadata_url: \"https://169.254.169.254/metadata\"}";
    LOGIN_IN_ADDRESS = "E0336", "a user or a password in an address",
        "What stands before the `@` of an address is a way to sign in. A manifest, a plan and every browser show it to everybody, and no field needs it.",
        "auth: {site_url: \"https://admin@example.com\"}";
    SCRIPT_ADDRESS = "E0337", "an address that a browser runs instead of opening",
        "People are sent to this address after signing in, with their tokens. An address such as `javascript:` or `data:` is run by the browser instead of being opened, so that its text could take the tokens. Write an https address, or one of your app's own scheme.",
        "auth: {uri_allow_list: [\"javascript:alert(1)\"]}";
    HOOK_ADDRESS = "E0350", "an address that the auth service does not call",
        "A hook is called at an `https://` address, or is a function of the database, written `pg-functions://postgres/SCHEMA/FUNCTION`. Plain `http://` is not called, because a hook sees people's data and decides who comes in.",
        "auth:\n  hook_send_email_uri: http://hooks.example.com/mail";
    HOOK_SECRETS_UNUSED = "E0351", "a secret for a hook that is not signed",
        "Calls to an https hook are signed with its secrets. A function of the database is called directly, without a signature, and the platform refuses secrets beside it. Remove them, or write null to clear what is live.",
        "auth:\n  hook_send_sms_uri: pg-functions://postgres/public/send_sms\n  hook_send_sms_secrets: {secret: HOOK_SECRET}";
    INSECURE_ORIGIN = "E0352", "a plain http origin for passkeys",
        "Browsers offer passkeys on https pages only, and the API refuses other origins. Only localhost may use plain http, for development.",
        "auth:\n  webauthn_rp_origins: [http://example.com]";
    FOLDED_FIELD = "E0353", "a field that the API moves elsewhere",
        "The API moves additional client ids into the field of the first id and then shows this field as null, so the value written here would always differ from live. Write all ids as one list in the first field; it is compared as a set.",
        "auth:\n  external_apple_additional_client_ids: com.example.app";
    TEST_NUMBER = "E0354", "a test number that is no phone number",
        "The keys of `sms_test_otp` are phone numbers of 1 to 15 digits, with the country's code first and without `+`. In YAML they stand in quotes, because keys are texts.",
        "auth:\n  sms_test_otp: {\"+1 555 123 4567\": \"123456\"}";
    HALF_A_RELAY = "E0355", "a mail relay that is both set and cleared",
        "A mail relay is its host, port, user, password and sending address: all of them or none. Clearing one of them clears the rest, so a manifest that clears one and sets another contradicts itself.",
        "auth:\n  smtp_host: mail.example.com\n  smtp_pass: null";
    NO_SCHEMAS = "E0360", "an enabled Data API without schemas",
        "The Data API is switched off where it exposes no schema. Write `enabled: false`, without schemas, to switch it off; an empty list never does, so that no accident can.",
        "data_api: {db_schema: []}";
    BAD_NETWORK = "E0361", "a network that cannot be allowed",
        "Networks are written as an address and a length, IPv4 in one list and IPv6 in the other. Private networks never reach the database, and the platform refuses them.",
        "network_restrictions: {ipv4: [10.0.0.0/8], ipv6: []}";
    NETWORK_MODE = "E0362", "it is not clear who may connect",
        "Both lists are always written together, so both must be given, and an empty list means nobody of that family. Everybody and nobody have keywords of their own, so that neither is written by accident.",
        "network_restrictions: {ipv4: [203.0.113.0/24]}";
    ORIGIN_OUTSIDE = "E0365", "an origin that is not of the passkeys' domain",
        "Browsers use a passkey on pages of its domain and of what lies below it, and nowhere else. Each origin of `webauthn_rp_origins` must be of the domain that `webauthn_rp_id` names.",
        "auth:\n  webauthn_rp_id: example.com\n  webauthn_rp_origins: [https://example.org]";
    BAD_TEMPLATE = "E0366", "a template that would be sent other than written",
        "The auth service fills mails and SMS in by Go's templates. Where it cannot read a template, it sends its own text instead; where it does not know a variable, it inserts nothing, such as no link in a mail whose purpose is the link. It reports neither, so both are refused here. `supaform explain auth.FIELD` lists the variables of a field.",
        "auth:\n  mailer_subjects_invite: \"Come to {{ .SiteUrl }}\"";
    SWITCHED_ON_WITHOUT = "E0367", "switched on without what it needs",
        "The feature that is switched on does not work without some other fields, and here one of them is cleared, empty or off. Switch the feature off, or set that field.",
        "auth: {external_github_enabled: true, external_github_client_id: \"\"}";
    NAMED_BY_ID = "E0370", "a name where the API knows only an id",
        "The names of these items are yours, and the API does not know them: the live item is found by the values that the manifest gives it. An item without values, because it is to be absent or unmanaged, is named by its id; no other item has a name of that form.",
        "sso_providers: {okta: null}";
    ONE_SOURCE = "E0371", "not exactly one of several sources",
        "The API accepts one of these fields and refuses or drops the other. Give exactly one.",
        "sso_providers:\n  okta: {metadata_url: \"https://acme.okta.com/metadata\", metadata_xml: \"<EntityDescriptor entityID='urn:a'/>\"}";
    SAID_TWICE = "E0372", "two items that claim the same value",
        "Only one item can have this value: a domain leads to one SSO provider, and one address is one issuer of tokens.",
        "sso_providers:\n  okta: {domains: [acme.com]}\n  entra: {domains: [acme.com]}";
    NOT_EMPTIED = "E0373", "a mapping that the API does not empty",
        "Where the new mapping is empty, the API keeps the old one. Remove the line to leave the mapping as it is, or create the provider anew.",
        "sso_providers:\n  okta: {attribute_mapping: {keys: {}}}";
    NEVER_RESOLVES = "E0374", "keys that are never used",
        "The API stores `custom_jwks` and never resolves them, so that no token would be trusted. Publish the keys at an https address and give that address.",
        "third_party_auth:\n  mine: {custom_jwks: {keys: []}}";
    NOT_BOTH = "E0375", "two sections of which a project can have one",
        "Both sections are in the effective manifest of the project, which can have one of the two. Remove one of them, or clear its field with `null`: what is cleared goes first.",
        "custom_hostname: {custom_hostname: api.example.com}\nvanity_subdomain: {vanity_subdomain: myapp}";
    ONE_OF_A_KIND = "E0376", "two items that are to be what only one can be",
        "A project has one signing key in standby, and one that is in use. The one that another key replaces is `previously_used`.",
        "signing_keys:\n  0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d: {status: standby}\n  1a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d: {status: standby}";
    KEY_TEMPLATE = "E0380", "a token template for a publishable key",
        "Only a secret key is exchanged for a token of its own, whose claims the template gives. The API keeps no template for a publishable key.",
        "api_keys: {mobile: {type: publishable, secret_jwt_template: {role: anon}}}";
    NO_SOURCES = "E0390", "sources that are not there",
        "The manifest names a file, a folder or a pattern of sources, and the workspace has none like that; or it leads out of the workspace. Paths begin at the file that has the manifest, other names at the folder of the sources.",
        "functions: {hello: {path: nowhere}}";
    IMPORT_MAP = "E0391", "an import map that may not be the one that is meant",
        "The import map of a function is the one that the manifest names, or else a `deno.json` or `deno.jsonc` beside the file where it begins. Another tool may use another one, so that it is said which is used.",
        "";
    STATIC_FILES = "E0392", "static files that a deployment does not keep",
        "The platform accepts static files with an upload and drops them when it bundles: the function does not find them when it runs. Only a bundle that is made locally has them.",
        "";
    MISSING_IMPORT = "E0393", "an import of a file that is not there",
        "A source imports a file of the workspace that does not exist. Imports are found as texts, so that one in a comment counts, too; a real one makes the deployment fail.",
        "";
    NO_FOLDER = "E0395", "a section needs the folder of its files",
        "The section is about the files of a folder. It names none, or one that has no files that can be read.",
        "migrations: {through: query}";
    NO_VERSION = "E0396", "a file without a version",
        "Migrations are applied in the order of their versions: the digits with which the name of a file begins, before `_`. A file of SQL without them is passed over, as the Supabase CLI does.",
        "";
    SAME_VERSION = "E0397", "two files have the same version",
        "A version names one migration in the history. Of two files with the same version, only one could be recorded.",
        "";
    BAD_SQL = "E0398", "a file that cannot be sent as one transaction",
        "Each file is one transaction, together with its row of the history: both are there afterwards, or neither. So it must end what it begins, must not begin or end a transaction itself, and a statement that runs outside of a transaction only stands in a file of its own.",
        "";
}
