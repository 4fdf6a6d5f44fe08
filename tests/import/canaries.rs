//! Values of secrets, put wherever a source can have one: in no file and in no output of an import.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Map, Value, json};
use supaform::kind::infos;
use supaform::kinds::KINDS;
use supaform::schema::{Digest, Field};

use crate::support::canary::{CANARY, SIGNING, assert_unseen};
use crate::support::scene::REF;
use crate::support::{Output, Workbench};

/// The secret fields of `auth`.
fn secrets() -> impl Iterator<Item = &'static Field> {
    let auth = infos(KINDS).find(|info| info.name == "auth").unwrap();
    auth.all_fields().filter(|row| row.is_secret())
}

/// A value that the field takes.
fn value_of(row: &Field) -> &'static str {
    if row.name.starts_with("hook_") { SIGNING } else { CANARY }
}

/// Every file below a folder but the sources.
fn written(folder: &Path, sources: &[&str], text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if sources.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            written(&path, sources, text);
        } else {
            writeln!(text, "{name}\n{}", String::from_utf8_lossy(&std::fs::read(&path).unwrap())).unwrap();
        }
    }
}

/// Imports in every way in which something is shown, and looks at what was shown and written. How many references were made.
#[track_caller]
fn assert_kept(bench: &Workbench, arguments: &[&str], sources: &[&str]) -> usize {
    let ways: [&[&str]; 4] = [&["--dry-run"], &["--dry-run", "--format", "json"], &["-v"], &[]];
    for way in ways {
        let Output { stdout, stderr, code } = bench.run(&[&["import"], arguments, way].concat());
        assert_unseen(&stdout);
        assert_unseen(&stderr);
        assert!(way.is_empty() || code == Some(0) || code == Some(2), "{stdout}{stderr}");
    }
    let mut text = String::new();
    written(&bench.path(), sources, &mut text);
    assert_unseen(&text);
    text.matches("{secret: ").count() + text.matches("{env: ").count()
}

/// What `supabase_settings` has: every secret.
fn all_secrets() -> Value {
    let mut auth: Map<String, Value> = secrets().map(|row| (row.name.to_owned(), value_of(row).into())).collect();
    let plain = json!({"site_url": "https://acme.dev", "smtp_host": "smtp.acme.dev", "smtp_port": "587", "smtp_user": "acme",
        "smtp_admin_email": "a@acme.dev"});
    auth.extend(plain.as_object().unwrap().clone());
    auth.into()
}

/// The resources that can hold a secret, each with its attributes.
fn resources() -> Vec<(&'static str, Value)> {
    let reference = "abcdefghijklmnopqrst";
    vec![
        (
            "supabase_project",
            json!({"id": reference, "name": "Shop", "organization_id": "acme", "region": "eu-west-1",
            "database_password": CANARY}),
        ),
        ("supabase_settings", json!({"id": reference, "project_ref": reference, "auth": all_secrets().to_string()})),
        (
            "supabase_branch",
            json!({"id": "8a1c2e34-5b6d-4f70-8a9b-000000000000", "git_branch": "develop",
            "parent_project_ref": reference, "database": {"password": CANARY, "jwt_secret": CANARY, "user": "postgres"}}),
        ),
        (
            "supabase_apikey",
            json!({"id": "8a1c2e34-5b6d-4f70-8a9b-000000000001", "project_ref": reference, "name": "ci",
            "type": "secret", "api_key": CANARY}),
        ),
        (
            "supabase_edge_function_secrets",
            json!({"id": reference, "project_ref": reference,
            "secrets": [{"name": "STRIPE_KEY", "value": CANARY}], "secret_digests": {"STRIPE_KEY": CANARY}}),
        ),
    ]
}

#[test]
fn of_a_state_of_terraform() {
    let provider = "provider[\"registry.terraform.io/supabase/supabase\"]";
    let state = resources().into_iter().map(|(kind, attributes)| {
        json!({"mode": "managed", "type": kind, "name": "one", "provider": provider,
            "instances": [{"schema_version": 0, "attributes": attributes, "private": CANARY, "sensitive_attributes": []}]})
    });
    let state = json!({"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x",
        "outputs": {"password": {"value": CANARY, "type": "string", "sensitive": true}}, "resources": state.collect::<Vec<_>>()});
    let shown = resources().into_iter().map(|(kind, values)| {
        json!({"address": format!("{kind}.one"), "mode": "managed", "type": kind, "name": "one",
            "provider_name": "registry.terraform.io/supabase/supabase", "values": values, "sensitive_values": {}})
    });
    let shown = json!({"format_version": "1.0", "terraform_version": "1.9.0", "values": {
        "outputs": {"password": {"value": CANARY, "sensitive": true}}, "root_module": {"resources": shown.collect::<Vec<_>>()}}});
    for text in [state, shown] {
        let bench = Workbench::new();
        bench.write("state.json", &text.to_string());
        let references = assert_kept(&bench, &["--from-terraform", "state.json"], &["state.json"]);
        assert!(references >= secrets().count(), "{references} references");
    }
}

#[test]
fn of_files_of_terraform() {
    let mut auth = String::new();
    for row in secrets() {
        writeln!(auth, "    {} = {}", row.name, Value::from(value_of(row))).unwrap();
    }
    let canary = Value::from(CANARY);
    let text = format!(
        r#"
variable "password" {{
  default = {canary}
}}
locals {{
  stripe = {canary}
}}
resource "supabase_project" "shop" {{
  name = "Shop"
  organization_id = "acme"
  region = "eu-west-1"
  database_password = var.password
}}
resource "supabase_settings" "shop" {{
  project_ref = "abcdefghijklmnopqrst"
  auth = jsonencode({{
    site_url = "https://acme.dev"
    smtp_host = "smtp.acme.dev"
    smtp_port = "587"
    smtp_user = "acme"
    smtp_admin_email = "a@acme.dev"
{auth}  }})
}}
resource "supabase_edge_function_secrets" "shop" {{
  project_ref = "abcdefghijklmnopqrst"
  secrets = [
    {{ name = "STRIPE_KEY", value = local.stripe }},
    {{ name = "OTHER", value = "${{local.stripe}}" }},
    {{ name = "THIRD", value = {canary} }},
  ]
}}
"#
    );
    let bench = Workbench::new();
    bench.write("infra/main.tf", &text);
    bench.write("infra/terraform.tfvars", &format!("password = {canary}\n"));
    let references = assert_kept(&bench, &["--from-terraform", "infra"], &["infra"]);
    assert!(references >= secrets().count() + 3, "{references} references");
}

#[test]
fn of_config_toml_and_of_what_lies_beside_it() {
    let canary = Value::from(CANARY);
    let mut text = format!(
        "project_id = \"shop\"\n[auth]\nsite_url = \"https://acme.dev\"\njwt_secret = {canary}\nanon_key = {canary}\n\
         service_role_key = {canary}\nsecret_key = {canary}\n[db]\npassword = {canary}\nroot_key = {canary}\n[db.vault]\nkey = {canary}\n\
         [studio]\nopenai_api_key = {canary}\n[experimental]\ns3_secret_key = {canary}\n[edge_runtime.secrets]\nSTRIPE_KEY = {canary}\n\
         FROM_FILE = \"env(STRIPE)\"\n[auth.captcha]\nenabled = true\nprovider = \"hcaptcha\"\nsecret = {canary}\n\
         [auth.email.smtp]\nenabled = true\nhost = \"smtp.acme.dev\"\nport = 587\nuser = \"acme\"\npass = {canary}\n\
         admin_email = \"a@acme.dev\"\n[auth.sms.twilio]\nenabled = true\naccount_sid = \"AC1\"\nmessage_service_sid = \"MG1\"\n\
         auth_token = {canary}\n[functions.hello.env]\nKEY = {canary}\n"
    );
    for name in [
        "apple",
        "azure",
        "bitbucket",
        "discord",
        "facebook",
        "figma",
        "github",
        "gitlab",
        "google",
        "kakao",
        "keycloak",
        "linkedin_oidc",
        "notion",
        "slack_oidc",
        "spotify",
        "twitch",
        "twitter",
        "workos",
        "x",
        "zoom",
    ] {
        writeln!(text, "[auth.external.{name}]\nenabled = true\nclient_id = \"id\"\nsecret = {canary}").unwrap();
    }
    for name in [
        "send_email",
        "send_sms",
        "custom_access_token",
        "mfa_verification_attempt",
        "password_verification_attempt",
        "before_user_created",
    ] {
        let uri = "https://hooks.acme.dev";
        writeln!(text, "[auth.hook.{name}]\nenabled = true\nuri = \"{uri}\"\nsecrets = \"{SIGNING}\"").unwrap();
    }
    writeln!(
        text,
        "[remotes.prod]\nproject_id = \"abcdefghijklmnopqrst\"\n[remotes.prod.edge_runtime.secrets]\nOWN = {canary}"
    )
    .unwrap();
    writeln!(text, "[remotes.prod.auth.email.smtp]\npass = \"encrypted:7f3a9c51\"").unwrap();
    let mut bench = Workbench::new();
    bench.write("supabase/config.toml", &text);
    bench.write("supabase/.env", &format!("STRIPE={canary}\nUNUSED={canary}\n"));
    bench.write("supabase/functions/.env", &format!("STRIPE={canary}\n"));
    bench.write(".env.local", &format!("STRIPE={canary}\n"));
    bench.set("STRIPE", CANARY);
    let arguments = ["--from-config", "supabase/config.toml"];
    let references = assert_kept(&bench, &arguments, &["supabase", ".env.local"]);
    assert!(references >= 25, "{references} references");
}

/// Live shows digests. Values that are at hand are held against them, and told by whether they are the same.
#[test]
fn of_the_environment() {
    let mut auth: Map<String, Value> =
        secrets().map(|row| (row.name.to_owned(), Digest::HmacOfRef.of(value_of(row), REF).unwrap().into())).collect();
    auth.extend([("smtp_host".to_owned(), json!("smtp.acme.dev")), ("smtp_port".to_owned(), json!("587"))]);
    let digest = Digest::Sha256.of(CANARY, REF).unwrap();
    let world = json!({"format": "supaform.sandbox", "version": 1,
        "organizations": {"acme-inc": {"name": "Acme", "plan": "team"}},
        "projects": {REF: {"name": "Acme Quickstart", "organization": "acme-inc", "region": "eu-central-1",
            "status": "ACTIVE_HEALTHY", "auth": auth, "secrets": {"STRIPE_KEY": {"digest": digest}, "OTHER": {"digest": digest}}}}});
    let mut bench = Workbench::new();
    bench.write("world.json", &world.to_string());
    for row in secrets() {
        bench.set(&format!("ACME_QUICKSTART__{}", row.name.to_uppercase()), value_of(row));
    }
    bench.set("ACME_QUICKSTART__STRIPE_KEY", CANARY);
    // Another value than the live one.
    bench.set("ACME_QUICKSTART__OTHER", &format!("{CANARY}x"));
    let arguments = ["--sandbox", "sandbox", "--world", "world.json"];
    let references = assert_kept(&bench, &arguments, &["world.json", "sandbox"]);
    assert!(references >= secrets().count() + 2, "{references} references");
}
