//! What is tested for every kind, and for every field of it, without writing a test: the conformance suite.
//!
//! For each field: setting it alone (with what its row needs live already) gives a plan of one step whose body has that
//! field and no other; changed by somebody else meanwhile, the plan no longer holds; what is live can be accepted; applied to
//! the sandbox and planned again, nothing is left to do; clearing it works where its row says so; and no output has the text or
//! the digest of a secret.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;

use crate::support::{Output, Workbench};
use serde_json::{Value, json};
use supaform::kind::infos;
use supaform::kinds::KINDS;
use supaform::schema::members::members;
use supaform::schema::{Digest, Field, FieldPath, KindInfo, Lit, Shape, Type, Wire, Writes};

const REF: &str = "quickstartquickstart";
const CANARY: &str = "canary-Ü\"quoted\"-7f3a9c51";

/// The same where a secret has a form.
const SIGNING: &str = "v1,whsec_Y2FuYXJ5LTdmM2E5YzUxLWNhbmFyeS03ZjNhOWM1MQ==";

/// What is in a file that an example names: it is a mail and metadata alike.
const FILE: &str = "<EntityDescriptor entityID=\"urn:x\"><p>{{ .Email }}</p></EntityDescriptor>\n";

/// A value that is not the default, as YAML, and what the request must carry; nothing for a secret.
fn sample(field: &Field) -> (String, Option<Value>) {
    if field.is_secret() {
        let name = if matches!(field.ty, Type::Text(rule) if rule.form.is_some()) { "SIGNING" } else { "CANARY" };
        return (format!("{{env: {name}}}"), None);
    }
    let written = matches!(
        field.ty,
        Type::Text(_) | Type::List(..) | Type::Map(_) | Type::Object(_) | Type::Any | Type::Choice(_)
    );
    if let Some(example) = field.example.filter(|_| written) {
        return (example.to_owned(), None);
    }
    match &field.ty {
        Type::Bool => {
            let on = field.default != Some(Lit::Bool(true));
            (on.to_string(), Some(on.into()))
        }
        Type::Int { min, max } => {
            let wanted = [*min, *min + 1, *max].into_iter().find(|it| field.default != Some(Lit::Int(*it))).unwrap();
            let wire = if field.wire == Wire::NumberAsText { wanted.to_string().into() } else { wanted.into() };
            (wanted.to_string(), Some(wire))
        }
        Type::Number { min, .. } => ((min + 1.5).to_string(), Some((min + 1.5).into())),
        Type::Choice(words) => {
            let word = words.iter().find(|word| field.default != Some(Lit::Text(word)) && !word.is_empty()).unwrap();
            (Value::from(*word).to_string(), Some((*word).into()))
        }
        Type::Text(_) => {
            ("\"https://conformance.example.com\"".to_owned(), Some("https://conformance.example.com".into()))
        }
        Type::List(..) | Type::Map(_) | Type::Object(_) | Type::Any => panic!("{}: give an example", field.name),
    }
}

/// Another value than the sample, where the type alone tells one.
fn another(field: &Field, first: &str) -> Option<String> {
    if field.is_secret() || !field.words.is_empty() {
        return None;
    }
    let other = |known: String| (known != first).then_some(known);
    match &field.ty {
        Type::Bool => other("true".to_owned()).or_else(|| other("false".to_owned())),
        Type::Int { min, max } => (*min..=*max).take(4).map(|it| it.to_string()).find(|it| it != first),
        Type::Number { min, max } => other((min + 2.5).min(*max).to_string()),
        Type::Choice(words) => words
            .iter()
            .filter(|word| !word.is_empty())
            .map(|word| Value::from(*word).to_string())
            .find(|it| it != first && it.trim_matches('"') != first),
        Type::Text(rule) if rule.form.is_none() => other("another".to_owned()),
        Type::Text(_) | Type::List(..) | Type::Map(_) | Type::Object(_) | Type::Any => None,
    }
}

/// A bench on which everything that any field needs is live already, and the field itself untouched.
fn bench(info: &KindInfo, field: &Field) -> Workbench {
    let mut bench = Workbench::new();
    bench.set("CANARY", CANARY);
    bench.set("SIGNING", SIGNING);
    bench.write("supaform.yaml", "version: 1\n");
    bench.write(
        "p.yaml",
        "project: p\norganization: acme-inc\nname: Acme Quickstart\nssl_enforcement: {database: false}\n",
    );
    let first = run(&bench, &["plan"]);
    assert_eq!(first.code, Some(0), "{first}");
    let mut state: Value = serde_json::from_str(&bench.read("live/state.json")).unwrap();
    let mut live = serde_json::Map::new();
    for needed in needs_of(info, field) {
        live.insert(needed.name.to_owned(), live_value(needed));
    }
    // Enrolling stays on by itself and needs this one.
    if field.name == "mfa_totp_verify_enabled" {
        live.insert("mfa_totp_enroll_enabled".to_owned(), false.into());
    }
    match info.name {
        "auth" => state["projects"][REF]["auth"] = live.into(),
        "sso_providers" => state["projects"][REF]["auth"] = json!({"saml_enabled": true}),
        _ => {}
    }
    bench.write("live/state.json", &state.to_string());
    bench
}

/// The fields that must be live for a field, and what those need in turn; hooks also want their address and secret, and codes
/// by SMS somebody who sends them.
fn needs_of<'a>(info: &'a KindInfo, field: &Field) -> Vec<&'a Field> {
    let mut names: Vec<&str> = field.needs.iter().flat_map(|needs| needs.fields).copied().collect();
    let hook = field
        .name
        .strip_prefix("hook_")
        .and_then(|rest| rest.strip_suffix("_enabled").or_else(|| rest.strip_suffix("_uri")));
    let more: Vec<String> =
        hook.map(|hook| vec![format!("hook_{hook}_uri"), format!("hook_{hook}_secrets")]).unwrap_or_default();
    names.extend(more.iter().map(String::as_str));
    if matches!(field.name, "external_phone_enabled" | "mfa_phone_verify_enabled") {
        names.extend(["sms_twilio_account_sid", "sms_twilio_message_service_sid", "sms_twilio_auth_token"]);
    }
    let mut found: Vec<&Field> = vec![];
    while let Some(name) = names.pop() {
        let needed = info.field(name).expect("a need is a field");
        if needed.name != field.name && !found.iter().any(|known| known.name == needed.name) {
            names.extend(needed.needs.iter().flat_map(|needs| needs.fields).copied());
            found.push(needed);
        }
    }
    found
}

fn live_value(field: &Field) -> Value {
    match (&field.ty, field.secret) {
        (_, Some(digest)) => digest.of("what is live", REF).into(),
        (Type::Bool, _) => true.into(),
        (Type::Int { min, .. }, _) if field.wire == Wire::NumberAsText => min.to_string().into(),
        (Type::Int { min, .. }, _) => (*min).into(),
        (Type::Choice(words), _) => words[0].into(),
        _ => "https://live.example.com".into(),
    }
}

fn run(bench: &Workbench, arguments: &[&str]) -> Output {
    let all: Vec<&str> = arguments.iter().copied().chain(["--sandbox", "live"]).collect();
    let output = bench.run(&all);
    no_canary(&output);
    output
}

/// Neither the text of the secret, in any of the forms in which it could be printed, nor a digest of it.
fn no_canary(output: &Output) {
    let forms = [
        CANARY.to_owned(),
        Value::from(CANARY).to_string(),
        "7f3a9c51".to_owned(),
        Digest::HmacOfRef.of(CANARY, REF).unwrap(),
        Digest::Sha256.of(CANARY, REF).unwrap(),
        SIGNING.to_owned(),
        Digest::HmacOfRef.of(SIGNING, REF).unwrap(),
    ];
    for form in forms {
        assert!(!output.stdout.contains(&form) && !output.stderr.contains(&form), "a secret is shown: {output}");
    }
}

/// A value at the end of a name with dots, as YAML.
fn nested(name: &str, within: &str, value: &str) -> String {
    let Some(inner) = name.strip_suffix(within) else { panic!("{name} does not end in {within}") };
    let outer: Vec<&str> = inner.split('.').filter(|it| !it.is_empty()).collect();
    let open: String = outer.iter().skip(1).map(|name| format!("{{{name}: ")).collect();
    match outer.first() {
        None => format!("{name}: {value}"),
        Some(first) => format!("{first}: {open}{{{within}: {value}}}{}", "}".repeat(outer.len() - 1)),
    }
}

fn manifest(info: &KindInfo, (name, field): (&str, &Field), value: &str) -> String {
    let mut text = "project: p\norganization: acme-inc\nname: Acme Quickstart\n".to_owned();
    match info.shape {
        Shape::Settings { .. } => {
            // The two lists of networks are always given together.
            let other = match field.name {
                "ipv4" => "  ipv6: [\"::/0\"]\n",
                "ipv6" => "  ipv4: [0.0.0.0/0]\n",
                _ => "",
            };
            let value = value.replace('\n', "\n    ");
            write!(text, "{}:\n  {}\n{other}", info.name, nested(name, field.name, &value)).unwrap();
        }
        Shape::Collection { scalar: Some(_), .. } => write!(text, "{}:\n  ITEM: {value}\n", info.name).unwrap(),
        Shape::Collection { scalar: None, .. } => {
            write!(text, "{}:\n  item:\n    {}: {value}\n{}", info.name, field.name, beside(info, field)).unwrap();
        }
    }
    text
}

/// What an item must say beside a field to be one; nothing where it is made by that field.
fn beside(info: &KindInfo, field: &Field) -> &'static str {
    match (info.name, field.name) {
        ("api_keys", name) if name != "type" => "    type: secret\n",
        ("sso_providers", name) if !name.starts_with("metadata_") => {
            "    metadata_url: https://idp.example.com/metadata\n"
        }
        _ => "",
    }
}

/// An item of several fields has to exist before one of them can be set alone; nothing where it is made by that field.
fn base_item(info: &KindInfo, name: &str, field: &Field) -> Option<String> {
    let whole = manifest(info, (name, field), "");
    let rest = whole.replace(&format!("    {}: \n", field.name), "");
    (!beside(info, field).is_empty()).then_some(rest)
}

/// Whether somebody could change the field in between.
fn conforms(info: &'static KindInfo, name: &str, field: &'static Field) -> bool {
    let at = format!("{}.{name}", info.name);
    let bench = bench(info, field);
    let (value, wire) = sample(field);
    if let Some(path) = value.split("file: ").nth(1).and_then(|rest| rest.split(['}', ',']).next()) {
        bench.write(path.trim(), FILE);
    }
    if let Some(base) = base_item(info, name, field) {
        bench.write("p.yaml", &base);
        let made = run(&bench, &["apply", "--yes"]);
        assert_eq!(made.code, Some(0), "{at}: {made}");
    }
    bench.write("p.yaml", &manifest(info, (name, field), &value));
    let planned = run(&bench, &["plan", "--format", "json"]);
    let plan: Value = serde_json::from_str(&planned.stdout).unwrap();
    let asks = plan["projects"][0]["refusals"].as_array().is_some_and(|refusals| !refusals.is_empty());
    assert_eq!(planned.code, Some(if asks { 4 } else { 0 }), "{at}: {planned}");
    assert_eq!(plan["steps"].as_array().map(Vec::len), Some(1), "{at}: one field is one step: {planned}");
    let step = &plan["steps"][0];
    let sent = sent(step);
    if let Shape::Collection { scalar: None, .. } = info.shape {
        let made_with: &[&str] = if step["method"] == "POST" { &["name", "type"] } else { &[] };
        let keys: Vec<&str> = sent.as_object().expect("an object").keys().map(String::as_str).collect();
        assert!(keys.contains(&field.name), "{at}: sends {keys:?}");
        assert!(keys.iter().all(|key| *key == field.name || made_with.contains(key)), "{at}: sends {keys:?}");
    }
    if let Shape::Settings { write: Writes::PutQuery, .. } = info.shape {
        let query = format!("?{}={}", field.name, wire.as_ref().expect("a value"));
        assert!(sent.is_null() && step["path"].as_str().unwrap().ends_with(&query), "{at}: sends {step}");
    } else if let Shape::Settings { sent_at, .. } = info.shape {
        let body = sent_at.map_or(&sent, |key| &sent[key]);
        // A name of ours stands for one of the API's, and what a kind sends by itself is no setting.
        let sent = field.stands_for.unwrap_or(name);
        let own = |key: &&String| !info.own_members.contains(&key.as_str());
        let body = body.as_object().expect("an object");
        let keys: Vec<String> = body.iter().filter(|(key, _)| own(key)).flat_map(names_of(info)).collect();
        let companions: Vec<&str> = step["also_sends"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let companions: Vec<&str> = companions.into_iter().chain(["dbAllowedCidrs", "dbAllowedCidrsV6"]).collect();
        let extra: Vec<_> = keys.iter().filter(|key| *key != sent && !companions.contains(&key.as_str())).collect();
        assert!(keys.iter().any(|key| key == sent) && extra.is_empty(), "{at}: sends {keys:?}");
        if let Some(wire) = wire.filter(|_| field.stands_for.is_none()) {
            assert_eq!(info.find(name).unwrap().get(body), Some(&wire), "{at}");
        }
    }
    let whole = run(&bench, &["accept", &format!("p/{}", info.name)]);
    if whole.code == Some(0) {
        let again = run(&bench, &["plan", "--exit-code"]);
        assert_eq!(again.code, Some(0), "{at}: what is live was accepted, and something is left: {again}");
    } else {
        // What is live is nothing, and a manifest has no word for that.
        assert!(whole.code == Some(4) && !field.nullable(), "{at}: {whole}");
    }
    bench.write("p.yaml", &manifest(info, (name, field), &value));
    let allow = allowed(info, name, field);
    let allow: Vec<&str> = allow.iter().map(String::as_str).collect();
    let moved = moves(&bench, info, (name, field), &value);
    let applied = run(&bench, &[&["apply", "--yes", "-vvv"], allow.as_slice()].concat());
    assert_eq!(applied.code, Some(0), "{at}: {applied}");
    let again = run(&bench, &["plan", "--exit-code"]);
    assert_eq!(again.code, Some(0), "{at}: planned again, something is left: {again}");
    if field.nullable() {
        bench.write("p.yaml", &manifest(info, (name, field), "null"));
        let cleared = run(&bench, &[&["apply", "--yes"], allow.as_slice()].concat());
        assert_eq!(cleared.code, Some(0), "{at}: null: {cleared}");
        assert_eq!(run(&bench, &["plan", "--exit-code"]).code, Some(0), "{at}: null is settled");
    }
    moved
}

/// What allows a change of a field, and of what goes along with it.
fn allowed(info: &KindInfo, name: &str, field: &Field) -> Vec<String> {
    let along = field.takes_along.iter().flat_map(|along| along.fields).filter(|name| !name.ends_with('*'));
    let names = std::iter::once(name).chain(along.copied());
    names.flat_map(|name| ["--allow".to_owned(), format!("p/{}/{name}", info.name)]).collect()
}

/// A field that somebody else changes between a plan that was approved and its apply stops that write. Whether there is another
/// value that can be set alone and is not live anyway.
fn moves(bench: &Workbench, info: &KindInfo, (name, field): (&str, &Field), value: &str) -> bool {
    let Some(other) = another(field, value) else { return false };
    let at = format!("{}.{name}", info.name);
    let allow = ["--allow", &format!("p/{}/{name}", info.name)];
    let before = bench.read("live/state.json");
    assert!(matches!(run(bench, &["plan", "--out", "plan.json"]).code, Some(0 | 4)), "{at}");
    bench.write("p.yaml", &manifest(info, (name, field), &other));
    let differs = matches!(run(bench, &["plan", "--exit-code"]).code, Some(2 | 4));
    let moved = differs && run(bench, &[&["apply", "--yes"][..], &allow].concat()).code == Some(0);
    bench.write("p.yaml", &manifest(info, (name, field), value));
    if moved {
        let stopped = run(bench, &[&["apply", "--plan", "plan.json"][..], &allow].concat());
        assert_eq!(stopped.code, Some(5), "{at}: {other} was set since the plan of {value}: {stopped}");
    }
    bench.write("live/state.json", &before);
    moved
}

/// The fields whose one-field manifest is refused by a rule of its kind, each with the reason.
fn is_exempt(field: &Field) -> bool {
    // A deprecated row is refused in favour of another one; one is never sent; and of one word there is no other value.
    field.deprecated.is_some() || field.identity || matches!(field.ty, Type::Choice([_]))
}

/// What a step sends, with a word where a secret goes.
fn sent(step: &Value) -> Value {
    let mut body = step["request"]["body"].clone();
    for pointer in step["request"]["secrets"].as_object().expect("places").keys() {
        let mut place = &mut body;
        for name in pointer.split('/').skip(1) {
            place = match place {
                Value::Array(items) => &mut items[name.parse::<usize>().expect("an index")],
                object => &mut object[name],
            };
        }
        *place = "(secret)".into();
    }
    body
}

/// The settings that a member of a body holds, by their names with dots.
fn names_of(info: &'static KindInfo) -> impl Fn((&String, &Value)) -> Vec<String> {
    move |(key, value)| match (info.field(key).and_then(members), value) {
        (Some(_), Value::Object(inner)) => {
            let document = serde_json::Map::from_iter([(key.clone(), Value::Object(inner.clone()))]);
            let named = FieldPath::leaves(info.field(key).unwrap());
            named.iter().filter(|path| path.get(&document).is_some()).map(|path| path.name().to_owned()).collect()
        }
        _ => vec![key.clone()],
    }
}

fn suite(part: usize, of: usize) {
    let all = infos(KINDS).flat_map(|info| info.leaves().map(move |path| (info, path.name().to_owned(), path.row())));
    let mine = all.enumerate().filter(|(index, (.., field))| index % of == part && !is_exempt(field));
    let moved = mine.filter(|(_, (info, name, field))| conforms(info, name, field)).count();
    assert!(moved >= 50, "only {moved} fields could be changed between a plan and its apply");
}

#[test]
fn every_field_conforms_a() {
    suite(0, 2);
}

#[test]
fn every_field_conforms_b() {
    suite(1, 2);
}

#[test]
fn every_example_is_a_manifest() {
    for info in infos(KINDS) {
        let bench = Workbench::new();
        bench.write("supaform.yaml", "version: 1\n");
        bench.write("templates/confirmation.html", FILE);
        bench.write("p.yaml", &format!("project: p\nref: {REF}\n{}\n", info.example));
        let valid = bench.run(&["validate"]);
        assert_eq!(valid.code, Some(0), "{}: {valid}", info.name);
    }
}

/// The same wishes, written in another order, in other files and in other documents (R30).
#[test]
fn permuted_manifests_give_the_same_plan_but_for_positions() {
    let sections = [
        "auth:\n  jwt_exp: 10m\n  site_url: https://acme.com\n  uri_allow_list: [https://a.example, https://b.example]\n",
        "secrets:\n  B: {plain: b}\n  A: {plain: a}\n",
        "ssl_enforcement: {database: true}\n",
    ];
    let head = "organization: acme-inc\nname: Acme Quickstart\n";
    let layouts: [Vec<(&str, String)>; 4] = [
        vec![("p.yaml", format!("project: p\n{head}{}", sections.concat()))],
        vec![("p.yaml", format!("{}{}{}project: p\n{head}", sections[2], sections[1], sections[0]))],
        vec![
            ("z.yaml", format!("project: p\n{}", sections[0])),
            ("a.yaml", format!("project: p\n{head}{}", sections[2])),
            ("m/m.yaml", format!("project: p\n{}", sections[1])),
        ],
        vec![
            (
                "p.yaml",
                format!(
                    "projects:\n  p:\n    {}    extends: [base]\n",
                    head.replace('\n', "\n    ").trim_end_matches(' ')
                ),
            ),
            ("base.yaml", format!("profile: base\n{}", sections.concat())),
        ],
    ];
    let plans: Vec<Value> = layouts
        .iter()
        .map(|files| {
            let bench = Workbench::new();
            bench.write("supaform.yaml", "version: 1\n");
            for (name, text) in files {
                bench.write(name, text);
            }
            let planned = run(&bench, &["plan", "--format", "json"]);
            assert_eq!(planned.code, Some(0), "{planned}");
            let mut plan = serde_json::from_str(&planned.stdout).unwrap();
            drop_positions(&mut plan);
            plan
        })
        .collect();
    for other in &plans[1..] {
        assert_eq!(&plans[0], other);
    }
}

fn drop_positions(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("at");
            members.values_mut().for_each(drop_positions);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_positions),
        _ => {}
    }
}

/// What nobody manages is as it was before, to the byte (I13).
#[test]
fn what_is_not_managed_stays_as_it_is() {
    let bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    bench.write("p.yaml", "project: p\norganization: acme-inc\nname: Acme Quickstart\nauth: {jwt_exp: 1h}\n");
    let planned = run(&bench, &["plan"]);
    assert_eq!(planned.code, Some(0), "{planned}");
    let mut state: Value = serde_json::from_str(&bench.read("live/state.json")).unwrap();
    let theirs = json!({"sms_otp_length": 9, "site_url": "https://theirs.example", "external_zoom_client_id": "z"});
    state["projects"][REF]["auth"] = theirs.clone();
    state["projects"][REF]["secrets"] = json!({"THEIRS": {"digest": "0".repeat(64), "updated_ms": 5}});
    bench.write("live/state.json", &state.to_string());
    bench.write("p.yaml", "project: p\norganization: acme-inc\nname: Acme Quickstart\nauth: {jwt_exp: 10m}\nsecrets: {OURS: {plain: x}}\nssl_enforcement: {database: true}\n");
    let applied = run(&bench, &["apply", "--yes"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    let after: Value = serde_json::from_str(&bench.read("live/state.json")).unwrap();
    let mut auth = after["projects"][REF]["auth"].clone();
    assert_eq!(auth.as_object_mut().unwrap().remove("jwt_exp"), Some(json!(600)));
    assert_eq!(auth, theirs);
    assert_eq!(after["projects"][REF]["secrets"]["THEIRS"], state["projects"][REF]["secrets"]["THEIRS"]);
}

/// A project on a sandbox of its own, whose live auth is this, and a manifest that says that.
fn planned(live: &[(&str, Value)], auth: &str, variables: &[(&str, &str)]) -> Output {
    let mut bench = Workbench::new();
    for (name, value) in variables {
        bench.set(name, value);
    }
    let manifest = |auth: &str| format!("project: p\norganization: acme-inc\nname: Acme Quickstart\n{auth}");
    bench.write("supaform.yaml", "version: 1\n");
    bench.write("p.yaml", &manifest("ssl_enforcement: {database: false}\n"));
    assert_eq!(run(&bench, &["plan"]).code, Some(0));
    for (name, value) in live {
        bench.edit_json("live/state.json", &format!("/projects/{REF}/auth/{name}"), &value.to_string());
    }
    bench.write("p.yaml", &manifest(auth));
    run(&bench, &["plan"])
}

#[test]
fn a_hook_is_signed_by_secrets_of_their_form_only_and_no_message_shows_one() {
    let auth =
        "auth: {hook_send_sms_uri: \"https://example.com/sms\", hook_send_sms_secrets: [{env: NEW}, {env: OLD}]}\n";
    let fine = planned(&[], auth, &[("NEW", SIGNING), ("OLD", SIGNING)]);
    assert_eq!(fine.code, Some(0), "{fine}");
    for wrong in ["hunter2-hunter2", "v1,whsec_c2hvcnQ=", &SIGNING.replace("v1,", "")] {
        let refused = planned(&[], auth, &[("NEW", SIGNING), ("OLD", wrong)]);
        assert_eq!(refused.code, Some(3), "{refused}");
        assert!(refused.stderr.contains("error[E0465]: p/auth.hook_send_sms_secrets: the value is not `v1,whsec_`"));
        assert!(!refused.stderr.contains(wrong), "{refused}");
    }
    // Whoever keeps them joined in one variable may.
    let both = planned(
        &[],
        &auth.replace("[{env: NEW}, {env: OLD}]", "{env: NEW}"),
        &[("NEW", &format!("{SIGNING}|{SIGNING}"))],
    );
    assert_eq!(both.code, Some(0), "{both}");
}

#[test]
fn what_is_live_and_on_keeps_what_it_needs() {
    let live = [
        ("external_github_enabled", Value::from(true)),
        ("external_github_client_id", "id".into()),
        ("external_github_secret", "0".repeat(64).into()),
    ];
    for (auth, needed) in [
        ("auth: {external_github_client_id: null}\n", "external_github_client_id"),
        ("auth: {external_github_client_id: \"\"}\n", "external_github_client_id"),
        ("auth: {external_github_secret: null}\n", "external_github_secret"),
    ] {
        let said = planned(&live, auth, &[]);
        // Lines end where the terminal does, and a place stands at the end of the first.
        let told = said.stdout.replace("p.yaml:4", "").split_whitespace().collect::<Vec<_>>().join(" ");
        let wanted = format!("`external_github_enabled` is on, and does not work without `{needed}`");
        assert!(told.contains("E0502") && told.contains(&wanted), "{auth}: {said}");
    }
    let off = planned(&live, "auth: {external_github_enabled: false, external_github_client_id: null}\n", &[]);
    assert!(!off.stdout.contains("Refused"), "{off}");
    let keycloak = "auth: {external_keycloak_enabled: true, external_keycloak_client_id: a, external_keycloak_secret: {env: CANARY}}\n";
    let said = planned(&[], keycloak, &[("CANARY", CANARY)]);
    assert!(said.stdout.contains("`external_keycloak_enabled` needs `external_keycloak_url`"), "{said}");
}

#[test]
fn a_template_from_another_system_is_no_difference() {
    let bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    bench.write("p.yaml", "project: p\norganization: acme-inc\nname: Acme Quickstart\nauth: {mailer_templates_invite_content: {file: a.html}}\n");
    bench.write("a.html", "<p>Come in</p>\n<p>{{ .ConfirmationURL }}</p>\n");
    assert_eq!(run(&bench, &["apply", "--yes"]).code, Some(0));
    bench.write("a.html", "\u{feff}<p>Come in</p>\r\n<p>{{ .ConfirmationURL }}</p>\r\n");
    let again = run(&bench, &["plan", "--exit-code"]);
    assert_eq!(again.code, Some(0), "{again}");
    // Nor is what the dashboard stored with such line breaks.
    bench.edit_json(
        "live/state.json",
        &format!("/projects/{REF}/auth/mailer_templates_invite_content"),
        "\"<p>Come in</p>\\r\\n<p>{{ .ConfirmationURL }}</p>\\r\\n\"",
    );
    assert_eq!(run(&bench, &["plan", "--exit-code"]).code, Some(0));
}
