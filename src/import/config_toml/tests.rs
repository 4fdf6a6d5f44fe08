//! Files of real shapes, and what nothing in them may do.

use std::collections::BTreeMap;

use super::*;
use crate::import::files;
use crate::kinds::KINDS;
use crate::manifest::{Options as Manifests, build};

const INIT: &str = include_str!("samples/init.toml");
const SHOP: &str = include_str!("samples/shop.toml");
const REMOTES: &str = include_str!("samples/remotes.toml");
const EVERY: &str = include_str!("samples/every.toml");
const JSON: &str = include_str!("samples/config.json");

fn mails() -> BTreeMap<String, String> {
    let files = [
        ("supabase/templates/invite.html", "<h2>Come in</h2>\r\n<a href=\"{{ .ConfirmationURL }}\">${ok}</a>\r\n"),
        ("supabase/templates/password_changed.html", "<p>Changed for {{ .Email }}</p>\n"),
        ("supabase/functions/checkout/deno.json", "{}"),
        ("supabase/functions/checkout/index.ts", "1"),
        ("supabase/functions/a/index.ts", "1"),
        ("supabase/functions/d/index.ts", "1"),
        ("supabase/functions/no slug/index.ts", "1"),
        ("supabase/functions/b/main.ts", "1"),
    ];
    files.map(|(path, text)| (path.to_owned(), text.to_owned())).into()
}

fn environment() -> BTreeMap<String, String> {
    let set = [
        ("SITE_URL", "https://shop.example.com"),
        ("SMTP_PASS", "canary-smtp"),
        ("STRIPE_KEY", "canary-stripe"),
        ("QA_REF", "qaqaqaqaqaqaqaqaqaqa"),
        ("ON", "true"),
        ("GITHUB_TOKEN", "canary-token"),
        ("EMPTY", ""),
    ];
    set.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn drafted(path: &str, text: &str, reference: Option<&str>) -> Result<Draft, (Diagnostics, Sources)> {
    let (environment, texts) = (environment(), mails());
    let reference = reference.map(|text| ProjectRef::parse(text).expect("a ref"));
    let folder = Some("supabase".to_owned());
    let options = Options { path, folder, reference, environment: &environment, texts: &texts, registry: KINDS };
    draft(text, &options)
}

fn shop(text: &str) -> Result<Draft, (Diagnostics, Sources)> {
    drafted("supabase/config.toml", text, Some("shopshopshopshopshop"))
}

/// All that a draft says: files, and what was left.
fn told(draft: &Draft) -> String {
    let mut told = String::new();
    for (path, text) in files(draft) {
        told.push_str(&format!("# {path}\n{text}\n"));
    }
    for left in &draft.left {
        told.push_str(&format!("- {}: {}\n", left.at, left.why));
    }
    told
}

/// Errors of the manifests of a draft.
fn errors(draft: &Draft) -> Vec<String> {
    let (manifests, texts): (Vec<_>, Vec<_>) =
        files(draft).into_iter().partition(|(path, _)| !path.starts_with("templates/"));
    let there = mails().into_iter().chain(texts).collect::<BTreeMap<_, _>>();
    let built = build(manifests, &there, KINDS, &Manifests::default());
    let errors = built.diagnostics.sorted().into_iter().filter(|it| it.severity == crate::diag::Severity::Error);
    errors.map(|found| found.message.clone()).collect()
}

/// The one value of a small file.
fn value_of(text: &str, kind: &str, field: &str) -> Option<Value> {
    let draft = shop(text).unwrap_or_else(|(found, _)| panic!("{text}: {found:?}"));
    draft.projects[0].sections.get(kind)?.get(field).cloned()
}

#[test]
fn files_of_real_shapes_become_manifests() {
    for (name, path, text, reference) in [
        ("init", "supabase/config.toml", INIT, Some("acmeacmeacmeacmeacme")),
        ("shop", "supabase/config.toml", SHOP, None),
        ("remotes", "supabase/config.toml", REMOTES, Some("mainmainmainmainmain")),
        ("every", "supabase/config.toml", EVERY, None),
        ("json", "supabase/config.json", JSON, None),
        ("old", "supabase/config.toml", OLD, Some("acmeacmeacmeacmeacme")),
    ] {
        let draft = drafted(path, text, reference).unwrap_or_else(|(found, _)| panic!("{name}: {found:?}"));
        let told = told(&draft);
        assert!(!told.contains("canary") && !told.contains("Y2FuYXJ5"), "{name} tells a secret");
        assert_eq!(errors(&draft), Vec::<String>::new(), "{name}");
        insta::assert_snapshot!(name, told);
    }
}

#[test]
fn only_what_is_written_is_taken_over() {
    let draft = shop("[auth]\n[auth.email]\n[storage]\n[db.pooler]\ndefault_pool_size = 20\n").unwrap();
    assert!(draft.projects[0].sections.is_empty(), "{}", told(&draft));
}

#[test]
fn a_remote_is_asked_for_once() {
    let draft = drafted("config.toml", REMOTES, Some("prodprodprodprodprod")).unwrap();
    let names: Vec<_> = draft.projects.iter().map(|project| project.document.as_str()).collect();
    assert_eq!(names, ["production", "preview-qa"]);
}

/// It names the local stack, and nothing of it is sent.
#[test]
fn the_name_of_the_local_stack_need_not_be_known() {
    let named = |id: &str| {
        let remote = format!("[remotes.a]\nproject_id = \"{}\"\n", "a".repeat(20));
        let draft = shop(&format!("project_id = \"{id}\"\n{remote}[auth]\njwt_expiry = 60\n"));
        draft.unwrap().profiles.keys().next().cloned()
    };
    assert_eq!(named("env(NOWHERE)").as_deref(), Some("supabase"));
    assert_eq!(named("env(GITHUB_TOKEN)").as_deref(), Some("supabase"), "a token is no name");
    assert_eq!(named("My Shop").as_deref(), Some("my-shop"));
}

#[test]
fn values_keep_their_meaning() {
    let cases = [
        ("[auth]\nenable_signup = true", "auth", "disable_signup", json!(false)),
        ("[auth.email]\nenable_confirmations = true", "auth", "mailer_autoconfirm", json!(false)),
        ("[auth.email]\nenable_signup = false", "auth", "external_email_enabled", json!(false)),
        ("[auth.sms]\nenable_confirmations = false", "auth", "sms_autoconfirm", json!(true)),
        ("[auth.sessions]\ntimebox = \"24h\"", "auth", "sessions_timebox", json!("1d")),
        ("[auth.sessions]\ntimebox = \"90m\"", "auth", "sessions_timebox", json!(1.5)),
        ("[auth.sessions]\ntimebox = \"100m\"", "auth", "sessions_timebox", json!(100.0 / 60.0)),
        ("[auth.email]\nenabled = false", "auth", "external_email_enabled", json!(false)),
        ("[auth.sms]\nenabled = true", "auth", "external_phone_enabled", json!(true)),
        ("[storage.vector]\nmax_buckets = 3", "storage", "features", json!({"vectorBuckets": {"maxBuckets": 3}})),
        (
            "[storage.vector]\nenabled = false\nmax_buckets = 3",
            "storage",
            "features",
            json!({"vectorBuckets": {"enabled": false}}),
        ),
        ("[auth.email]\nmax_frequency = \"1500ms\"", "auth", "smtp_max_frequency", json!("1s")),
        ("[auth.mfa.phone]\nmax_frequency = \"0s\"", "auth", "mfa_phone_max_frequency", json!(0)),
        ("[auth]\npassword_requirements = \"\"", "auth", "password_required_characters", json!(null)),
        ("[auth]\nadditional_redirect_urls = []", "auth", "uri_allow_list", json!([])),
        ("[auth]\nadditional_redirect_urls = [\"a://${b}\"]", "auth", "uri_allow_list", json!(["a://$${b}"])),
        ("[storage]\nfile_size_limit = 1048576", "storage", "fileSizeLimit", json!("1MiB")),
        ("[api]\nenabled = false\nmax_rows = 5", "data_api", "enabled", json!(false)),
        ("[api]\nenabled = true\nschemas = []", "data_api", "enabled", json!(false)),
        ("[api]\nschemas = [\"api\"]\nenabled = true", "data_api", "db_schema", json!(["api"])),
        ("[db.network_restrictions]\nenabled = true", "network_restrictions", "mode", json!("open")),
        ("[auth.email.smtp]\nenabled = false\nhost = \"a.dev\"", "auth", "smtp_host", json!(null)),
        ("[auth.sms.textlocal]\nenabled = true", "auth", "sms_provider", json!("textlocal")),
        (
            "[auth.external.apple]\nenabled = true\nclient_id = \"a,b\"",
            "auth",
            "external_apple_client_id",
            json!(["a", "b"]),
        ),
        ("[auth.external.apple]\nenabled = true\nclient_id = \"a\"", "auth", "external_apple_client_id", json!("a")),
        ("[auth.external.zoom]\nenabled = false\nclient_id = \"a\"", "auth", "external_zoom_enabled", json!(false)),
        ("[db.settings]\nmax_connections = \"120\"", "postgres", "max_connections", json!(120)),
        ("[auth]\nenable_signup = \"env(ON)\"", "auth", "disable_signup", json!(false)),
    ];
    for (text, kind, field, wanted) in cases {
        assert_eq!(value_of(text, kind, field), Some(wanted), "{text}");
    }
    for (text, kind, field) in [
        ("[api]\nenabled = false\nmax_rows = 5", "data_api", "max_rows"),
        ("[auth.external.zoom]\nenabled = false\nclient_id = \"a\"", "auth", "external_zoom_client_id"),
        ("[auth.external.zoom]\nclient_id = \"a\"", "auth", "external_zoom_client_id"),
        ("[auth.email.smtp]\nenabled = false\nport = 25", "auth", "smtp_port"),
        ("[auth.sms.vonage]\nenabled = true\n[auth.sms.twilio]\nenabled = true", "auth", "sms_provider"),
        ("[auth.captcha]\nenabled = true\nsecret = \"\"", "auth", "security_captcha_secret"),
        ("[auth]\nsite_url = \"\"", "auth", "site_url"),
        ("[auth]\njwt_expiry = 9999999", "auth", "jwt_exp"),
        ("[auth]\njwt_expiry = [1]", "auth", "jwt_exp"),
        ("[auth.email.smtp]\nhost = \"a.dev\"", "auth", "smtp_host"),
        ("[auth.rate_limit]\nemail_sent = 9\n[auth.email.smtp]\nhost = \"a.dev\"", "auth", "rate_limit_email_sent"),
        (
            "[auth.oauth_server]\nenabled = false\nallow_dynamic_registration = true",
            "auth",
            "oauth_server_allow_dynamic_registration",
        ),
        ("[storage.analytics]\nmax_tables = 3", "storage", "features"),
        ("[db.ssl_enforcement]", "ssl_enforcement", "database"),
        ("[experimental.webhooks]\nenabled = false", "database_webhooks", "enabled"),
        ("[db.network_restrictions]\nallowed_cidrs = []", "network_restrictions", "mode"),
    ] {
        assert_eq!(value_of(text, kind, field), None, "{text}");
    }
}

#[test]
fn what_cannot_be_imported_is_refused_with_its_place() {
    let refused = |text: &str| {
        let (found, sources) = drafted("supabase/config.toml", text, None).expect_err("it is refused");
        let found = found.sorted().into_iter().cloned().collect::<Vec<_>>();
        assert!(found.iter().all(|found| found.private), "a line may hold a secret");
        let place = |found: &Diagnostic| sources.locate(found.labels[0].span);
        found.iter().map(|found| format!("{} {} {}", found.code.id(), place(found), found.message)).collect::<Vec<_>>()
    };
    assert_eq!(
        refused("project_id = \"acme\""),
        ["E0803 supabase/config.toml:1:1 the file does not say which live project it is for"]
    );
    let unset =
        "project_id = \"env(REF)\"\n[auth]\nsite_url = \"env(NOWHERE)\"\nadditional_redirect_urls = [\"env(EMPTY)\"]\n";
    assert_eq!(
        refused(&format!("{unset}[remotes.a]\nproject_id = \"aaaaaaaaaaaaaaaaaaaa\"\n")),
        [
            "E0802 supabase/config.toml:3:12 the variable `NOWHERE` is not set, or is empty",
            "E0802 supabase/config.toml:4:29 the variable `EMPTY` is not set, or is empty",
        ]
    );
    let forbidden = "project_id = \"aaaaaaaaaaaaaaaaaaaa\"\n[auth]\nsite_url = \"env(GITHUB_TOKEN)\"\n";
    assert_eq!(
        refused(forbidden),
        ["E0404 supabase/config.toml:3:12 the variable `GITHUB_TOKEN` is a credential, and no manifest may hold it"]
    );
    assert!(refused("[auth\npass = 'canary'")[0].starts_with("E0801 supabase/config.toml:1:"));
}

/// A file that has grown over the years: numbers and switches as texts, lists with commas, ports of variables, providers and
/// tables that are no longer there.
const OLD: &str = "\u{feff}# edited by hand\r\nproject_id = \"env(WORKTREE)\"\r\n[project]\r\nid = \"acme\"\r\n\
[api]\r\nport = \"env(API_PORT)\"\r\nschemas = [\"public\", \"graphql_public\"]\r\nmax_rows = \"1_000\"\r\n\
[auth]\r\nsite_url = \"http://localhost:3000\"\r\nadditional_redirect_urls = \"https://acme.dev, acme://callback\"\r\n\
jwt_expiry = \"3600\"\r\nenable_signup = \"true\"\r\nminimum_password_length = 8\r\n\
[auth.email]\r\nmax_frequency = \"1m0s\"\r\notp_expiry = 86_400\r\n\
[auth.email.template.confirmation]\r\nsubject = \"Confirm {{ .Email }}\"\r\ncontent = \"<h1>Hi</h1>\"\r\n\
[auth.external.linkedin]\r\nenabled = true\r\nclient_id = \"x\"\r\nsecret = \"canary\"\r\n\
[auth.external.intranet]\r\nenabled = true\r\nclient_id = \"x\"\r\n\
[auth.web3.solana]\r\nenabled = true\r\n[auth.sms]\r\nenable_signup = \"false\"\r\ntemplate = \"Code: {{ .Code }}\"\r\n\
[db]\r\nmajor_version = \"15\"\r\n[db.settings]\r\nstatement_timeout = \"30s\"\r\nmax_connections = 100\r\n\
[storage]\r\nfile_size_limit = \"50MB\"\r\n[inbucket]\r\nsmtp_port = 54325\r\n[functions]\r\n\
[functions.old]\r\nverify_jwt = false\r\n[analytics]\r\nvector_port = 54328\r\n";

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]
    #[test]
    fn no_text_makes_it_panic(cut in 0..SHOP.len(), length in 0_usize..40, put in "[\\[\\]{}\"'=.,#a-z0-9\n ]{0,8}") {
        let (cut, end) = (SHOP.floor_char_boundary(cut), SHOP.ceil_char_boundary((cut + length).min(SHOP.len())));
        drop(shop(&[SHOP.get(..cut).unwrap(), &put, SHOP.get(end..).unwrap()].concat()));
    }
}

/// The name of a setting in the specification: the kind, and the field in one spelling.
fn ours(api: &str) -> (&str, String) {
    let (section, field) = api.split_once('.').expect("a field of a section");
    match (section, field.split_once('.')) {
        ("database", Some(("postgres_settings", field))) => ("postgres", field.to_owned()),
        ("database", Some(("network_restrictions", _))) => ("network_restrictions", "ipv4".to_owned()),
        ("database", _) if field == "ssl_enforced" => ("ssl_enforcement", "database".to_owned()),
        ("api", _) => ("data_api", field.to_owned()),
        _ => (section, field.to_owned()),
    }
}

#[test]
#[ignore = "needs the map of the settings (../shared/api)"]
fn every_setting_that_is_sent_has_its_field() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/api/config-toml-map.json");
    let rows: Vec<Value> = serde_json::from_slice(&std::fs::read(path).expect("the map is there")).expect("JSON");
    let spelled = |name: &str| name.replace(['_', '.'], "").to_lowercase();
    let (mut missing, mut drafts) = (vec![], BTreeMap::new());
    for row in &rows {
        let (config, api) = (row["config"].as_str().unwrap(), row["api"].as_str().unwrap());
        let mut text = EVERY.to_owned();
        if let Some(sender) = config.strip_prefix("auth.sms.").and_then(|rest| rest.split_once('.')) {
            text = text.replace("[auth.sms.twilio]\nenabled = true", "[auth.sms.twilio]\nenabled = false");
            let off = format!("[auth.sms.{}]\nenabled = false", sender.0);
            text = text.replace(&off, &off.replace("false", "true"));
        }
        let draft = drafts.entry(text).or_insert_with_key(|text| shop(text).expect("a draft"));
        let (kind, field) = ours(api);
        let sections = &draft.projects[0].sections;
        let fields = sections.get(kind).into_iter().flatten();
        let mut names: Vec<String> = fields.clone().map(|(name, _)| spelled(name)).collect();
        for (name, value) in fields.filter(|(_, value)| kind == "storage" && value.is_object()) {
            let features = value.as_object().into_iter().flatten();
            names.extend(features.flat_map(|(feature, members)| {
                members.as_object().unwrap().keys().map(move |member| spelled(&format!("{name}{feature}{member}")))
            }));
        }
        let sent = !config.starts_with("db.pooler.") && config != "db.major_version";
        if names.contains(&spelled(&field)) != sent {
            missing.push(format!("{config} → {api}"));
        }
        let also = row["also"].as_array().into_iter().flatten().filter_map(Value::as_str);
        // Further ids are in the list of ids, and each sender has all its fields.
        let also =
            also.filter(|also| !also.ends_with("additional_client_ids")).map(|also| spelled(ours(also).1.as_str()));
        missing.extend(also.filter(|also| !names.contains(also)).map(|also| format!("{config} → {also}")));
        let secret = row["secret"] == json!(true);
        let value = sections.get(kind).and_then(|fields| fields.get(&field));
        if secret != value.is_some_and(|value| value.get("env").is_some()) {
            missing.push(format!("{config} is a secret: {secret}"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn functions_are_taken_over_with_what_is_written_of_them() {
    let text = r#"
[functions.a]
[functions.b]
entrypoint = "./functions/b/main.ts"
import_map = "./functions/checkout/deno.json"
static_files = ["./functions/b/assets/*.html", "shared/*.txt"]
[functions.c]
entrypoint = "./functions/missing.ts"
[functions.d]
verify_jwt = "env(ON)"
env = { A = "b" }
colour = "red"
[functions.e]
entrypoint = "../../elsewhere.ts"
[functions."no slug"]
verify_jwt = false
"#;
    let draft = shop(text).expect("a draft");
    let functions = &draft.projects[0].sections["functions"];
    let expected = json!({
        "a": {},
        "b": {
            "entrypoint": "main.ts",
            "import_map": "../checkout/deno.json",
            "static_files": ["assets/*.html", "../../shared/*.txt"],
        },
        "d": {"verify_jwt": true},
    });
    assert_eq!(Value::from(functions.clone()), expected);
    let left: Vec<String> = draft.left.iter().map(|left| format!("{}: {}", left.at, left.why)).collect();
    let left = left.join("\n");
    for told in [
        "functions.c (supabase/config.toml:7): its `entrypoint` is not read: ",
        "functions.d.env (supabase/config.toml:11): variables are of all functions",
        "functions.d.colour (supabase/config.toml:12): no setting of this name is known",
        "functions.e (supabase/config.toml:13): its `entrypoint` is not read: ",
        "functions.no slug (supabase/config.toml:15): the slug of a function is",
    ] {
        assert!(left.contains(told), "{told}\n{left}");
    }
}
