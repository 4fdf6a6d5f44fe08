//! Values, and fields that contradict each other.

use super::harness::{Mutant, breaks, file};

const BASE: &str = "profiles/base.yaml";
const ACME: &str = "projects/acme.yaml";
const AUTH: &str = "projects/prod-auth.yaml";

pub(crate) fn mutants() -> Vec<Mutant> {
    [auth(), networks(), amounts(), collections(), branches(), functions(), migrations()].concat()
}

fn auth() -> Vec<Mutant> {
    const HOOK: &str = "https://hooks.example.com/sms";
    vec![
        breaks("a hook by plain http", "E0350", BASE, HOOK, "«http://hooks.example.com/sms»"),
        breaks("a hook of files", "E0306", BASE, HOOK, "«file:///etc/passwd»"),
        breaks("a hook without a scheme", "E0306", BASE, HOOK, "«hooks.example.com»"),
        breaks("a hook of nothing", "E0306", BASE, HOOK, "«\"\"»"),
        breaks("a hook like localhost", "E0350", BASE, HOOK, "«http://localhost.evil.example/»"),
        breaks("a secret for a database function", "E0351", BASE, HOOK, "pg-functions://postgres/public/f").and(BASE, "[{secret: NEW}, {file: ../secrets/old.txt}]", "«[{secret: NEW}, {file: ../secrets/old.txt}]»"),
        breaks("an origin by plain http", "E0352", BASE, "jwt_exp: 1h", "webauthn_rp_origins: [«http://example.com»]"),
        breaks("one of many origins", "E0352", BASE, "jwt_exp: 1h", "webauthn_rp_origins: [https://example.com, «http://example.com»]"),
        breaks("an origin of another domain", "E0365", BASE, "jwt_exp: 1h", "webauthn_rp_id: example.com\n  webauthn_rp_origins: [https://a.example.com, «https://example.org»]"),
        breaks("a domain of passkeys with a scheme", "E0306", BASE, "jwt_exp: 1h", "webauthn_rp_id: «https://example.com»"),
        breaks("a variable that a mail does not have", "E0366", BASE, "jwt_exp: 1h", "mailer_subjects_invite: «\"Come to {{ .SiteUrl }}\"»").hint("`{{ .SiteURL }}`"),
        breaks("braces that are not closed", "E0366", BASE, "jwt_exp: 1h", "sms_template: «\"{{ .Code\"»"),
        breaks("a provider without its client id", "E0367", BASE, "jwt_exp: 1h", "external_github_enabled: true\n  external_github_client_id: «\"\"»"),
        breaks("a provider whose address is cleared", "E0367", BASE, "jwt_exp: 1h", "external_keycloak_enabled: true\n  external_keycloak_url: «null»"),
        breaks("a folded field", "E0353", BASE, "jwt_exp: 1h", "external_google_additional_client_ids: «com.example.app»"),
        breaks("a test number with a plus", "E0354", BASE, "\"15551234567\"", "«\"+15551234567\"»"),
        breaks("a test number of 16 digits", "E0354", BASE, "\"15551234567\"", "«\"1555123456789012\"»"),
        breaks("a test code of letters", "E0306", BASE, "\"123456\"", "«\"12345x\"»"),
        breaks("an empty test code", "E0309", BASE, "\"123456\"", "«\"\"»"),
        breaks("an equals sign in a test number", "E0309", BASE, "\"15551234567\"", "«\"1=5\"»"),
        breaks("a test code of a number", "E0303", BASE, "\"123456\"", "«123456»"),
        breaks("half a relay", "E0355", BASE, "smtp_user: postmaster@example.com", "smtp_user: «null»"),
        breaks("half a relay by a project", "E0355", ACME, "smtp_sender_name: {unmanaged: true}", "smtp_host: «null»"),
        breaks("a relay on the machine itself", "E0335", BASE, "mail.example.com", "«localhost»"),
        breaks("a hook on the machine itself", "E0335", BASE, HOOK, "«https://127.0.0.1/sms»"),
        breaks("a user in an address", "E0336", BASE, "https://${var.domain}\n", "«https://admin@example.com»\n"),
        breaks("an address that is run", "E0337", BASE, "http://localhost:3000\n", "«javascript:alert(1)»\n").and("profiles/strict.yaml", "{append: [\"https://status.example.com\"], remove: [\"http://localhost:3000\"]}", "[]").and(AUTH, "{remove: [\"https://status.example.com\"]}", "[]"),
        breaks("a mail address", "E0306", BASE, "no-reply@example.com", "«nobody»"),
        breaks("a mail address to get lost in", "E0306", BASE, "no-reply@example.com", &format!("«{}!»", "a.".repeat(2000))),
        breaks("a header within", "E0310", BASE, "postmaster@example.com", "«\"a\\nBcc: b@evil.example\"»"),
        breaks("a moment without a zone", "E0306", BASE, "jwt_exp: 1h", "sms_test_otp_valid_until: «2027-01-31T12:00:00»"),
        breaks("a moment that is none", "E0306", BASE, "jwt_exp: 1h", "sms_test_otp_valid_until: «2027-02-30T12:00:00Z»"),
        breaks("a word with a typo", "E0305", BASE, "sms_provider: twilio", "sms_provider: «twillio»").hint("`twilio`"),
        breaks("a word in capitals", "E0305", BASE, "sms_provider: twilio", "sms_provider: «Twilio»"),
        breaks("a word of ours with a typo", "E0305", BASE, "letters_digits", "«letter_digits»").hint("`letters_digits`"),
        breaks("a list as text", "E0303", BASE, "uri_allow_list:\n    - https://${var.domain}/callback\n    - ${var.redirects}\n    - http://localhost:3000\n", "uri_allow_list: «a,b»\n").and(BASE, "redirects: [], ", "").hint("[\"a\", \"b\"]").and("profiles/strict.yaml", "{append: [\"https://status.example.com\"], remove: [\"http://localhost:3000\"]}", "[]").and(AUTH, "{remove: [\"https://status.example.com\"]}", "[]"),
    ]
}

fn branches() -> Vec<Mutant> {
    const NEW: &str = "projects/branch.yaml";
    const PATTERN: &str = "project: parent\norganization: acme-inc\nregion: eu-central-1\nbranches: {\"*\": «true»}\n";
    const BRANCH: &str = "project: preview\nbranch_of: «{project: nowhere, branch: staging}»\n";
    vec![file("a branch of nothing", "E0270", NEW, BRANCH), file("a pattern of nothing", "E0271", NEW, PATTERN)]
}

fn functions() -> Vec<Mutant> {
    const NEW: &str = "projects/functions.yaml";
    const INDEX: &str = "supabase/functions/hello/index.ts";
    const MAP: &str = "supabase/functions/import_map.json";
    let of = |rule: &str, code: &'static str, function: &str, source: &str| {
        let document = format!("project: sources\norganization: acme-inc\nregion: eu-central-1\n{function}\n");
        file(rule, code, NEW, &document).and(INDEX, "", source)
    };
    let hello = "functions: {hello: «{verify_jwt: true}»}";
    vec![
        of("sources that are nowhere", "E0390", "functions: {hello: {path: «nowhere»}}", ""),
        of("an import map for all", "E0391", hello, "").and(MAP, "", "{}").warns(),
        of("static files", "E0392", "functions: {hello: {static_files: «[index.ts]»}}", "").warns(),
        of("an import of nothing", "E0393", hello, "import \"./nowhere.ts\";\n").warns(),
    ]
}

fn migrations() -> Vec<Mutant> {
    const NEW: &str = "projects/migrations.yaml";
    let of = |rule: &str, code: &'static str, section: &str| {
        let document =
            format!("project: history\norganization: acme-inc\nregion: eu-central-1\nmigrations: {section}\n");
        file(rule, code, NEW, &document).and("projects/m/1_a.sql", "", "select 1;\n")
    };
    vec![
        of("a folder that is nowhere", "E0395", "{path: «nowhere»}"),
        of("a file without a version", "E0396", "{path: «m»}").and("projects/m/a.sql", "", "select 1;\n").warns(),
        of("a version twice", "E0397", "{path: «m»}").and("projects/m/1_b.sql", "", "select 1;\n"),
        of("a text that does not end", "E0398", "{path: «m»}").and("projects/m/2_b.sql", "", "select 'a;\n"),
    ]
}

fn networks() -> Vec<Mutant> {
    const V4: &str = "203.0.113.0/24";
    const V6: &str = "\"2001:db8::/32\"";
    vec![
        breaks("a length of 33", "E0361", AUTH, V4, "«203.0.113.0/33»"),
        breaks("no length", "E0361", AUTH, V4, "«203.0.113.7»"),
        breaks("no network", "E0361", AUTH, V4, "«office»"),
        breaks("IPv6 among IPv4", "E0361", AUTH, V4, "203.0.113.0/24, «\"2001:db8::/32\"»"),
        breaks("IPv4 among IPv6", "E0361", AUTH, V6, "«203.0.113.0/24»"),
        breaks("IPv4 in IPv6", "E0361", AUTH, V6, "«\"::ffff:0:0/96\"»"),
        breaks("a private network", "E0361", AUTH, V4, "«10.0.0.0/8»"),
        breaks("a private IPv6 network", "E0361", AUTH, V6, "«\"fd00::/8\"»"),
        breaks("one list", "E0362", AUTH, "  ipv6: [\"2001:db8::/32\"]\n", "").and(
            AUTH,
            "network_restrictions:",
            "«network_restrictions»:",
        ),
        breaks(
            "two empty lists",
            "E0362",
            AUTH,
            "network_restrictions:\n  ipv4: [203.0.113.0/24]\n  ipv6: [\"2001:db8::/32\"]\n",
            "«network_restrictions»:\n  ipv4: []\n  ipv6: []\n",
        ),
        breaks("open and a list", "E0362", AUTH, "network_restrictions:\n", "«network_restrictions»:\n  mode: open\n"),
        breaks(
            "closed and a list",
            "E0362",
            AUTH,
            "network_restrictions:\n",
            "«network_restrictions»:\n  mode: closed\n",
        ),
        breaks(
            "a list that is not there",
            "E0362",
            AUTH,
            "network_restrictions:\n  ipv4: [203.0.113.0/24]\n  ipv6: [\"2001:db8::/32\"]\n",
            "«network_restrictions»: {mode: list}\n",
        ),
        breaks(
            "nothing",
            "E0362",
            AUTH,
            "network_restrictions:\n  ipv4: [203.0.113.0/24]\n  ipv6: [\"2001:db8::/32\"]\n",
            "«network_restrictions»: {}\n",
        ),
        breaks("no schemas", "E0360", AUTH, "db_schema: [public, graphql_public]", "db_schema: «[]»"),
        breaks(
            "schemas and switched off",
            "E0360",
            AUTH,
            "db_schema: [public, graphql_public]",
            "enabled: false\n  db_schema: «[public]»",
        ),
    ]
}

fn amounts() -> Vec<Mutant> {
    let mut mutants = vec![];
    for (rule, code, value) in [
        ("a word as unit", "E0308", "1 hour"),
        ("an unknown unit", "E0308", "1y"),
        ("a fraction of a second", "E0308", "1500ms"),
        ("a negative duration", "E0308", "-1h"),
        ("a unit alone", "E0308", "h"),
        ("an empty text", "E0308", "\"\""),
        ("blanks within", "E0308", "1h 30m"),
        ("a size", "E0308", "50MiB"),
        ("too long", "E0304", "8d"),
        ("longer than any number", "E0308", "999999999999999999999999999999999999999w"),
        ("2⁶⁴", "E0304", "18446744073709551616"),
        ("−2⁶³−1", "E0304", "-9223372036854775809"),
        ("10³⁰", "E0304", "1000000000000000000000000000000"),
        ("a fraction", "E0303", "3600.5"),
        ("a date", "E0308", "2024-01-01"),
    ] {
        mutants.push(breaks(rule, code, BASE, "jwt_exp: 1h", &format!("jwt_exp: «{value}»")));
    }
    for (rule, code, value) in [
        ("Postgres without a unit of its own", "E0306", "8 parsecs"),
        ("Postgres in our grammar", "E0306", "1h30m"),
        ("Postgres as a number", "E0303", "8000"),
        ("Postgres in capitals", "E0306", "8S"),
        ("Postgres, endless", "E0306", "inf"),
    ] {
        mutants.push(breaks(rule, code, BASE, "statement_timeout: 8s", &format!("statement_timeout: «{value}»")));
    }
    for (rule, code, value) in [
        ("memory in our grammar", "E0306", "64MiB"),
        ("memory in small letters", "E0306", "64mb"),
        ("memory without a number", "E0306", "MB"),
        ("memory that is none", "E0306", "NaN"),
        ("endless memory", "E0306", "infinity"),
    ] {
        mutants.push(breaks(rule, code, BASE, "statement_timeout: 8s", &format!("work_mem: «{value}»")));
    }
    mutants.push(breaks("ten minutes of hours", "E0308", BASE, "sessions_timebox: 30d", "sessions_timebox: «10m»"));
    mutants.push(breaks("more than a year", "E0304", BASE, "sessions_timebox: 30d", "sessions_timebox: «8760.5»"));
    mutants
}

/// Rules of items, each in a project of its own.
fn collections() -> Vec<Mutant> {
    const ID: &str = "8a1c2e34-5b6d-4f70-8a9b-0c1d2e3f4a5b";
    const OKTA: &str = "metadata_url: \"https://okta.example.com/m\"";
    let rules = [
        ("a name that the API does not know", "E0370", "sso_providers: {okta: «null»}".to_owned()),
        ("an unmanaged name", "E0370", "sso_providers: {okta: «{unmanaged: true}»}".to_owned()),
        ("a name like an id", "E0370", format!("sso_providers:\n  {ID}: «{{{OKTA}}}»")),
        (
            "two sources of metadata",
            "E0371",
            format!("sso_providers:\n  okta: {{{OKTA}, metadata_xml: «\"<EntityDescriptor entityID='urn:a'/>\"»}}"),
        ),
        ("no address of an issuer", "E0371", "third_party_auth:\n  mine: «{}»".to_owned()),
        (
            "two addresses of an issuer",
            "E0371",
            "third_party_auth:\n  mine: «{oidc_issuer_url: \"https://a.example\", jwks_url: \"https://a.example/k\"}»".to_owned(),
        ),
        (
            "a domain of two providers",
            "E0372",
            format!("sso_providers:\n  okta: {{{OKTA}, domains: [a.com]}}\n  two: {{metadata_url: \"https://b.example/m\", domains: [«a.com»]}}"),
        ),
        (
            "an issuer twice",
            "E0372",
            "third_party_auth:\n  one: {jwks_url: \"https://a.example/k\"}\n  two: {jwks_url: «\"https://a.example/k\"»}".to_owned(),
        ),
        ("an empty mapping", "E0373", format!("sso_providers:\n  okta: {{{OKTA}, attribute_mapping: «{{keys: {{}}}}»}}")),
        ("keys that never count", "E0374", "third_party_auth:\n  mine: {custom_jwks: «{keys: []}»}".to_owned()),
        (
            "a template of a publishable key",
            "E0380",
            "api_keys:\n  mobile: {type: publishable, secret_jwt_template: «{role: anon}»}".to_owned(),
        ),
        (
            "a vanity subdomain beside a host",
            "E0375",
            "custom_hostname: {custom_hostname: api.example.com}\nvanity_subdomain: {vanity_subdomain: «myapp»}".to_owned(),
        ),
        (
            "two keys in standby",
            "E0376",
            "signing_keys:\n  0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d: {status: standby}\n  1a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d: {status: «standby»}".to_owned(),
        ),
        ("a key that is named otherwise", "E0245", "signing_keys: {«current»: {algorithm: ES256}}".to_owned()),
        ("a whole host for a label", "E0306", "vanity_subdomain: {vanity_subdomain: «myapp.supabase.co»}".to_owned()),
        ("a key of a bad name", "E0245", "api_keys: {«No»: {type: secret}}".to_owned()),
        ("a part that storage does not have", "E0311", "storage: {features: {«teleport»: {enabled: true}}}".to_owned()),
    ];
    let head = "project: x\nref: xxxxxxxxxxxxxxxxxxxx\n";
    rules
        .into_iter()
        .map(|(rule, code, text)| file(rule, code, "projects/zzz.yaml", &format!("{head}{text}\n")))
        .collect()
}
